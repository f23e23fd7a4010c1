-- id: portfolio.federal_obligated
-- version: 1
-- position: 1
-- kind: sum
-- title: Federal money obligated
-- title_zh: 联邦资金承诺额
-- unit: money
-- unit_zh: 金额
-- grain: agency, institute, technology areas, state, fiscal year
-- definition: Obligations dated in the fiscal year, less releases and returns dated in it, each counted for the
--   agency whose part of the agreement it moves. The state is that of the institute's headquarters when the snapshot
--   is taken.
-- definition_zh: 日期在该财年内的承诺额，减去日期在该财年内的解除额和退回额；每笔计入其所动用份额的资助机构。州为快照时中
--   心总部所在州。
-- authority: 15 U.S.C. 278s(j)(2), accounting of programme funds
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: agency_transfers, institute_traits
-- records: obligations
SELECT
    m.agency_key AS agency,
    m.institute_key AS institute,
    i.technology_areas,
    i.state,
    m.fiscal_year,
    '' AS part,
    m.obligated AS numerator,
    NULL AS denominator
FROM agency_transfers AS m
INNER JOIN institute_traits AS i ON m.institute_key = i.institute
WHERE m.obligated <> 0
