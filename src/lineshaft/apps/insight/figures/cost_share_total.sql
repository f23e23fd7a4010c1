-- id: funding.cost_share_total
-- version: 1
-- position: 11
-- kind: sum
-- title: Cost share, cash and in-kind
-- title_zh: 成本分担合计（现金与实物）
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year
-- definition: The sum of two figures: cost share in cash and cost share in kind.
-- definition_zh: 现金成本分担与实物（非现金）成本分担两项指标之和。
-- authority: 2 CFR 200.306(b)
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.306
-- needs: money_years
-- records: contributions
-- published: nonbase_musd
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    cash + in_kind AS numerator,
    NULL AS denominator
FROM money_years
