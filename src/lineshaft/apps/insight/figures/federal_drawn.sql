-- id: funding.federal_drawn
-- version: 1
-- position: 8
-- kind: sum
-- title: Federal money drawn
-- title_zh: 联邦资金支取额
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year
-- definition: Drawdowns of federal money dated in the fiscal year, less returns dated in it. A correction
--   counts against what it corrects.
-- definition_zh: 日期在该财年内的联邦资金支取额，减去同期退回额。更正抵减其所更正的记录。
-- authority: 15 U.S.C. 278s(j)(2), accounting of programme funds
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: money_years
-- records: drawdowns
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    drawn AS numerator,
    NULL AS denominator
FROM money_years
