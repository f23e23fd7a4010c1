-- id: memberships.memberships
-- version: 1
-- position: 3
-- kind: count
-- title: Memberships
-- title_zh: 会员资格
-- unit: memberships
-- unit_zh: 个
-- grain: institute, fiscal year
-- definition: Pairs of an organisation and an institute with a membership agreement that overlaps the fiscal year
--   by at least one day. One organisation in two institutes has two memberships; one that left and joined the
--   same institute again has one. The institutes add up to the network.
-- definition_zh: 会员协议与该财年至少重叠一天的单位与创新中心的配对数。一家单位加入两个创新中心计两个会员资格；
--   退出后又加入同一中心的计一个。各中心之和等于全网络。
-- authority: 15 U.S.C. 278s(j)(1), yearly report on performance
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: member_years
-- records: memberships
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    CAST(sum(organisations) AS BIGINT) AS numerator,
    NULL AS denominator
FROM member_years
WHERE institute IS NOT NULL
GROUP BY GROUPING SETS ((institute, fiscal_year), (fiscal_year))
