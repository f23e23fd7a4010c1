-- id: memberships.dues_at_list
-- version: 1
-- position: 32
-- audience: planning
-- kind: sum
-- title: Membership dues, estimated
-- title_zh: 会员费（估算）
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year, tier
-- dimension: tier
-- definition: What the members would pay in the fiscal year at the dues that the jurisdiction profile names for
--   their tier, each for the days that its agreement covers. An estimate: no payment is counted, and a discount or
--   dues paid in kind are not known. Rounded down to a minor unit per institute and tier.
-- definition_zh: 按司法辖区配置所列各级别会费标准，会员在该财年应缴的金额，按协议覆盖的天数折算。此为估算：不计实际付款，
--   也不考虑折扣或以实物抵缴。按中心和级别向下取整到最小货币单位。
-- authority: 15 U.S.C. 278s(e)(4)(C)(ii), a sustainable business model
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: dues_years
-- records: memberships
SELECT
    institute,
    fiscal_year,
    tier AS dimension,
    CAST(sum(dues) AS BIGINT) AS numerator,
    NULL AS denominator
FROM dues_years
GROUP BY
    GROUPING SETS (
        (institute, fiscal_year, tier), (institute, fiscal_year), (fiscal_year, tier), (fiscal_year)
    )
