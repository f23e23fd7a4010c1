-- id: funding.cost_share_cash
-- version: 1
-- position: 9
-- kind: sum
-- title: Cost share in cash
-- title_zh: 现金成本分担
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year
-- definition: Accepted amounts of non-federal cash contributions dated in the fiscal year, whenever they were accepted.
--   Claims that wait, were refused or were withdrawn do not count.
-- definition_zh: 日期在该财年内的非联邦现金出资中已被认可的金额，与认可日期无关。待定、被拒绝或已撤回的申报不计。
-- authority: 2 CFR 200.306(b)
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.306
-- needs: money_years
-- records: contributions_cash
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    cash AS numerator,
    NULL AS denominator
FROM money_years
