-- id: portfolio.match_ratio
-- version: 1
-- position: 5
-- kind: ratio
-- decimals: 2
-- title: Match ratio
-- title_zh: 配套比例
-- unit: to 1
-- unit_zh: 比 1
-- grain: agency, institute, technology areas, state, fiscal year
-- definition: Accepted non-federal cost share, cash and in kind, over the federal money obligated. Both are added up
--   first, then divided and rounded half up to two decimals, once. It is empty where no federal money was obligated
--   in all.
-- definition_zh: 已认可的非联邦成本分担（现金与实物）与联邦资金承诺额之比。先各自求和，再相除，只四舍五入一次，保留两位小
--   数。合计未承诺联邦资金时为空。
-- authority: 15 U.S.C. 278s(e)(7)(A), in force since 2019-12-20
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: agency_amounts, agency_transfers, institute_traits
-- records: contributions, obligations
SELECT
    m.agency,
    m.institute,
    i.technology_areas,
    i.state,
    m.fiscal_year,
    '' AS part,
    CAST(sum(m.accepted) AS BIGINT) AS numerator,
    CAST(sum(m.obligated) AS BIGINT) AS denominator
FROM (
    SELECT
        agency_key AS agency,
        institute_key AS institute,
        fiscal_year,
        0 AS accepted,
        obligated
    FROM agency_transfers
    UNION ALL
    SELECT
        agency_key AS agency,
        institute_key AS institute,
        fiscal_year,
        amount AS accepted,
        0 AS obligated
    FROM agency_amounts
    WHERE measure IN ('cash', 'in_kind')
) AS m
INNER JOIN institute_traits AS i ON m.institute = i.institute
GROUP BY m.agency, m.institute, i.technology_areas, i.state, m.fiscal_year
