-- id: funding.cost_share_in_kind
-- version: 1
-- position: 10
-- kind: sum
-- title: Cost share in kind
-- title_zh: 实物（非现金）成本分担
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year
-- definition: Accepted values of non-federal in-kind contributions dated in the fiscal year, whenever they were accepted.
--   Claims that wait, were refused or were withdrawn do not count.
-- definition_zh: 日期在该财年内的非联邦实物投入中已被认可的价值，与认可日期无关。待定、被拒绝或已撤回的申报不计。
-- authority: 2 CFR 200.306(b)
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.306
-- needs: money_years
-- records: contributions_in_kind
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    in_kind AS numerator,
    NULL AS denominator
FROM money_years
