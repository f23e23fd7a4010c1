-- id: funding.federal_undrawn
-- version: 1
-- position: 30
-- audience: planning
-- kind: sum
-- title: Federal money still to draw
-- title_zh: 尚可支取的联邦资金
-- unit: money
-- unit_zh: 金额
-- grain: institute, fiscal year
-- definition: For the agreements that are active when the snapshot is taken: the federal money that each allows in
--   all, less what was drawn of it by the end of the fiscal year; never below zero.
-- definition_zh: 就生成快照时有效的协议而言：每份协议允许的联邦资金总额减去截至该财年末已支取的金额；不低于零。
-- authority: 15 U.S.C. 278s(e)(4)(C)(ii), a sustainable business model
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: award_years
-- records: drawdowns
SELECT
    institute_key AS institute,
    fiscal_year,
    NULL AS dimension,
    CAST(sum(undrawn) AS BIGINT) AS numerator,
    NULL AS denominator
FROM award_years
GROUP BY GROUPING SETS ((institute_key, fiscal_year), (fiscal_year))
