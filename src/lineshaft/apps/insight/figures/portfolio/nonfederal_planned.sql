-- id: portfolio.nonfederal_planned
-- version: 1
-- position: 8
-- audience: planning
-- kind: sum
-- title: Cost share planned
-- title_zh: 成本分担预算额
-- unit: money
-- unit_zh: 金额
-- grain: agency, institute, technology areas, state, fiscal year, category of cost
-- dimension: cost_category
-- definition: Non-federal part of the budgets as they stand, by category, spread over fiscal years by days as the
--   federal part is. Where an agreement has several sponsors, each record is divided between them in proportion to
--   their parts of the agreement, to the cent.
-- definition_zh: 现行预算中的非联邦部分，按类别，与联邦部分一样按天数分摊到各财年。协议有多家资助机构时，每笔记录按各机构
--   在协议中的份额分摊，精确到分。
-- authority: 2 CFR 200.308, revision of budget and program plans
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.308
-- needs: agency_amounts, institute_traits
-- records: budget_nonfederal
SELECT
    m.agency_key AS agency,
    m.institute_key AS institute,
    i.technology_areas,
    i.state,
    m.fiscal_year,
    m.part,
    CAST(sum(m.amount) AS BIGINT) AS numerator,
    NULL AS denominator
FROM agency_amounts AS m
INNER JOIN institute_traits AS i ON m.institute_key = i.institute
WHERE m.measure = 'planned_nonfederal'
GROUP BY m.agency_key, m.institute_key, i.technology_areas, i.state, m.fiscal_year, m.part
