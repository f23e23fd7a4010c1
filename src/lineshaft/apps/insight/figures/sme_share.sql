-- id: memberships.sme_share
-- version: 1
-- position: 5
-- kind: share
-- decimals: 1
-- title: Small and medium-sized share of industry members
-- title_zh: 工业界成员中中小企业所占比例
-- unit: %
-- unit_zh: %
-- grain: institute, fiscal year
-- definition: Members of the fiscal year that are small or medium-sized companies (the jurisdiction's
--   threshold of employees, start-ups among them), over members that are companies. Rounded half up to one
--   decimal, once.
-- definition_zh: 该财年成员中的中小企业（按本辖区的雇员人数标准，含初创企业）占全部企业成员的比例。
--   只在最后四舍五入一次，保留一位小数。
-- authority: 15 U.S.C. 278s(e)(4)(C)(v), engagement of small and medium-sized manufacturers
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: member_years
-- records: industry_members
-- published: members_sme_pct_of_industry
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    CAST(sum(CASE WHEN is_sme THEN organisations ELSE 0 END) AS BIGINT) AS numerator,
    CAST(sum(CASE WHEN is_industry THEN organisations ELSE 0 END) AS BIGINT) AS denominator
FROM member_years
GROUP BY institute, fiscal_year
