-- id: portfolio.federal_drawn
-- version: 1
-- position: 2
-- kind: sum
-- title: Federal money drawn
-- title_zh: 联邦资金提取额
-- unit: money
-- unit_zh: 金额
-- grain: agency, institute, technology areas, state, fiscal year
-- definition: Drawdowns dated in the fiscal year, less returns dated in it, each counted for the agency whose part
--   of the agreement it moves.
-- definition_zh: 日期在该财年内的提取额，减去日期在该财年内的退回额；每笔计入其所动用份额的资助机构。
-- authority: 15 U.S.C. 278s(j)(2), accounting of programme funds
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: agency_transfers, institute_traits
-- records: drawdowns
SELECT
    m.agency_key AS agency,
    m.institute_key AS institute,
    i.technology_areas,
    i.state,
    m.fiscal_year,
    '' AS part,
    m.drawn AS numerator,
    NULL AS denominator
FROM agency_transfers AS m
INNER JOIN institute_traits AS i ON m.institute_key = i.institute
WHERE m.drawn <> 0
