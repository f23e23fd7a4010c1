-- id: funding.match_ratio
-- version: 1
-- position: 12
-- kind: ratio
-- decimals: 2
-- title: Match ratio
-- title_zh: 配套比例
-- unit: to 1
-- unit_zh: 比 1
-- grain: institute, fiscal year
-- definition: Accepted non-federal cost share of the fiscal year, cash and in-kind, over the federal money
--   obligated in it (see “Federal money obligated”). Rounded half up to two decimals, once. It is not the statutory test of 50 %, which
--   is over the whole money made available, and it is empty where no federal money was obligated.
-- definition_zh: 该财年已认可的非联邦成本分担（现金与实物）与同期联邦资金承诺额（见“联邦资金承诺额”）之比。只在最后四舍五入一次，保留两位小数。
--   这不是法定的50%检验（后者以全部可用资金为基数）；未承诺联邦资金时为空。
-- authority: 15 U.S.C. 278s(e)(7)(A), in force since 2019-12-20
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: money_years
-- records: contributions, obligations
-- published: leverage_ratio
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    cash + in_kind AS numerator,
    obligated AS denominator
FROM money_years
WHERE obligated > 0
