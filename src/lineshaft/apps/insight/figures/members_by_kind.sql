-- id: memberships.members_by_kind
-- version: 1
-- position: 4
-- kind: count
-- title: Members by kind
-- title_zh: 按类别划分的成员
-- unit: organisations
-- unit_zh: 家
-- grain: institute, fiscal year, kind of organisation
-- dimension: organisation_kind
-- definition: Members of the fiscal year (see “Members”), by the kind under which the organisation
--   is registered when the snapshot is taken.
-- definition_zh: 该财年的成员（见“成员”），按快照时登记的单位类别划分。
-- authority: 15 U.S.C. 278s(d)(1)(D), who takes part
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: member_years
-- records: members
-- published: members_manufacturers, members_small_business
SELECT
    institute,
    fiscal_year,
    kind AS dimension,
    CAST(sum(organisations) AS BIGINT) AS numerator,
    NULL AS denominator
FROM member_years
GROUP BY GROUPING SETS ((institute, fiscal_year, kind), (institute, fiscal_year))
