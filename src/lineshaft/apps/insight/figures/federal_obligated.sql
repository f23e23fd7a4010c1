-- id: funding.federal_obligated
-- version: 1
-- position: 7
-- kind: sum
-- title: Federal money obligated
-- title_zh: 联邦资金承诺额
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year
-- definition: Obligations under the institutes' cooperative agreements dated in the fiscal year, less releases and
--   returns dated in it, since that money can be obligated again. Each lowers the year in which it is dated, not
--   that of the obligation. A correction counts against what it corrects.
-- definition_zh: 各创新中心合作协议下日期在该财年内的承诺额，减去日期在该财年内的解除额和退回额（这些资金可再次承诺）。
--   解除和退回计入其自身日期所在的财年，而不是原承诺所在的财年。更正抵减其所更正的记录。
-- authority: 15 U.S.C. 278s(j)(2), accounting of programme funds
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: money_years
-- records: obligations
-- published: fed_base_musd
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    obligated AS numerator,
    NULL AS denominator
FROM money_years
