-- id: memberships.states_covered
-- version: 1
-- position: 6
-- kind: count
-- title: States covered
-- title_zh: 覆盖的州
-- unit: states
-- unit_zh: 个
-- grain: institute, fiscal year
-- definition: Distinct states (or the jurisdiction's like areas) in which members of the fiscal year have
--   their registered place. A member without a known state covers none.
-- definition_zh: 该财年成员登记所在地所属的不同州（或本辖区的同级区域）数。所在州不详的成员不计。
-- authority: 15 U.S.C. 278s(e)(8), geographic diversity
-- authority_url: https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s
-- needs: member_years
-- records: members
SELECT
    institute,
    fiscal_year,
    NULL AS dimension,
    count(DISTINCT state) AS numerator,
    NULL AS denominator
FROM member_years
GROUP BY institute, fiscal_year
