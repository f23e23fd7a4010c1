-- id: portfolio.costs_incurred
-- version: 1
-- position: 7
-- audience: planning
-- kind: sum
-- title: Federal costs incurred
-- title_zh: 已发生的联邦成本
-- unit: money
-- unit_zh: 金额
-- grain: agency, institute, technology areas, state, fiscal year, category of cost
-- dimension: cost_category
-- definition: Federal share of the costs incurred in the fiscal year, less what was corrected in it, by category.
--   Not every institute records its costs here. Where an agreement has several sponsors, each record is divided
--   between them in proportion to their parts of the agreement, to the cent.
-- definition_zh: 该财年内已发生成本的联邦份额，减去该财年内的更正，按类别。并非每家中心都在此记录成本。协议有多家资助机构
--   时，每笔记录按各机构在协议中的份额分摊，精确到分。
-- authority: 2 CFR 200.302(b)(3), records of the application of funds
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.302
-- needs: agency_amounts, institute_traits
-- records: costs
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
WHERE m.measure = 'incurred'
GROUP BY m.agency_key, m.institute_key, i.technology_areas, i.state, m.fiscal_year, m.part
