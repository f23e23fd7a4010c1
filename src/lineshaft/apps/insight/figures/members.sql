-- id: memberships.members
-- version: 1
-- position: 2
-- kind: count
-- title: Members
-- title_zh: 成员
-- unit: organisations
-- unit_zh: 家
-- grain: institute, fiscal year
-- definition: Organisations with a membership agreement that overlaps the fiscal year by at least one day.
--   An organisation that has joined several institutes counts once for the network, and once for each of
--   them, so the institutes add up to more than the network.
-- definition_zh: 会员协议与该财年至少重叠一天的单位数。加入多个创新中心的单位在全网络只计一次，
--   在每个创新中心各计一次，因此各中心之和大于全网络。
-- authority: 15 U.S.C. 278s(j)(1), yearly report on performance
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: member_years
-- records: members
-- published: members_total
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    CAST(sum(organisations) AS BIGINT) AS numerator,
    NULL AS denominator
FROM member_years
GROUP BY institute, fiscal_year
