-- id: funding.award_days_left
-- version: 1
-- position: 31
-- audience: planning
-- kind: count
-- title: Days of award left
-- title_zh: 协议剩余天数
-- unit: days
-- unit_zh: 天
-- grain: institute, fiscal year
-- definition: Days from the end of the fiscal year to the end of the last agreement that is active when the snapshot
--   is taken; below zero where that one ended before. The network has no value.
-- definition_zh: 自该财年末至生成快照时仍有效的最后一份协议期满之间的天数；若已先期满则为负数。全网络不计此值。
-- authority: 15 U.S.C. 278s(e)(4)(C)(ii), a sustainable business model
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: award_years
-- records: obligations
SELECT
    institute_key AS institute,
    fiscal_year,
    NULL AS dimension,
    CAST(max(datediff('day', year_ends_on, ends_on)) AS BIGINT) AS numerator,
    NULL AS denominator
FROM award_years
GROUP BY institute_key, fiscal_year
