-- id: funding.own_income
-- version: 1
-- position: 33
-- audience: planning
-- kind: sum
-- title: Own income
-- title_zh: 自有收入
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year, stream
-- dimension: income_stream
-- definition: Income beside the base money of the sponsors, by stream, received in the fiscal year: what the institute
--   recorded as its own, and programme income under its agreements, less what was taken back in that year.
-- definition_zh: 该财年内收到的、主办机构基础资金以外的收入，按来源划分：中心记录的自有收入与协议项下的项目收入，减去当年冲回的金额。
-- authority: 15 U.S.C. 278s(e)(4)(C)(ii), a sustainable business model
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: own_income, jurisdiction, periods
-- records: own_income
SELECT
    o.institute_key AS institute,
    p.fiscal_year,
    o.stream AS dimension,
    CAST(sum(o.earned_minor) AS BIGINT) AS numerator,
    NULL AS denominator
FROM own_income AS o
INNER JOIN jurisdiction AS j ON o.currency = j.currency
INNER JOIN periods AS p ON o.received_on >= p.starts_on AND o.received_on < p.ends_on
GROUP BY
    GROUPING SETS (
        (o.institute_key, p.fiscal_year, o.stream),
        (o.institute_key, p.fiscal_year),
        (p.fiscal_year, o.stream),
        (p.fiscal_year)
    )
