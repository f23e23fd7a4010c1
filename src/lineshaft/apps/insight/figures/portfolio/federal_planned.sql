-- id: portfolio.federal_planned
-- version: 1
-- position: 6
-- audience: planning
-- kind: sum
-- title: Federal money planned
-- title_zh: 联邦资金预算额
-- unit: money
-- unit_zh: 金额
-- grain: agency, institute, technology areas, state, fiscal year, category of cost
-- dimension: cost_category
-- definition: Federal part of the budgets as they stand, by category. A budget period that reaches over several
--   fiscal years counts in each for its days. Years after the snapshot are not counted. Where an agreement has
--   several sponsors, each record is divided between them in proportion to their parts of the agreement, to the cent.
-- definition_zh: 现行预算中的联邦部分，按类别。跨多个财年的预算期按天数计入各财年，快照之后的财年不计。协议有多家资助机构
--   时，每笔记录按各机构在协议中的份额分摊，精确到分。
-- authority: 2 CFR 200.308, revision of budget and program plans
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.308
-- needs: agency_amounts, institute_traits
-- records: budget_federal
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
WHERE m.measure = 'planned_federal'
GROUP BY m.agency_key, m.institute_key, i.technology_areas, i.state, m.fiscal_year, m.part
