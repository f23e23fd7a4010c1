-- id: network.institutes_by_status
-- version: 1
-- position: 1
-- kind: count
-- title: Institutes by status
-- title_zh: 按状态划分的创新中心
-- unit: institutes
-- unit_zh: 家
-- grain: institute, fiscal year, status
-- dimension: institute_status
-- definition: Institutes by their status on the last day of the fiscal year, or when the snapshot was taken in
--   the year that still goes on. An institute is active from the day on which it was established or awarded
--   (announced, where neither day is known), planned from the first day that is known of it. The total counts
--   every institute of which a day up to then is known, the terminated ones too.
-- definition_zh: 按财年最后一天的状态统计创新中心；仍在进行的财年按快照时的状态。自正式成立或授予资助之日起
--   （两者均不详时自宣布之日起）为运行中，自已知的第一个日期起为计划中。合计包括截至当时已有日期记录的全部中心，
--   含已终止者。
-- authority: 15 U.S.C. 278s(d), (e)(2)
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: institute_years
-- records: institutes
-- published: institutes_active
SELECT
    institute,
    fiscal_year,
    status AS dimension,
    count(*) AS numerator,
    NULL AS denominator
FROM institute_years
WHERE status IS NOT NULL
GROUP BY GROUPING SETS (
    (institute, fiscal_year, status), (fiscal_year, status), (institute, fiscal_year), (fiscal_year)
)
