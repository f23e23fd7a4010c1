-- id: portfolio.cost_share_in_kind
-- version: 1
-- position: 4
-- kind: sum
-- title: Cost share in kind
-- title_zh: 实物成本分担
-- unit: money
-- unit_zh: 金额
-- grain: agency, institute, technology areas, state, fiscal year, kind of cost share
-- dimension: cost_share_kind
-- definition: Accepted amounts of non-federal contributions in kind dated in the fiscal year. Where an agreement has
--   several sponsors, each record is divided between them in proportion to their parts of the agreement, to the cent.
-- definition_zh: 日期在该财年内的非联邦实物出资中已被认可的金额。协议有多家资助机构时，每笔记录按各机构在协议中的份额分摊
--   ，精确到分。
-- authority: 2 CFR 200.306(b)
-- authority_url: https://www.ecfr.gov/current/title-2/section-200.306
-- needs: agency_amounts, institute_traits
-- records: contributions_in_kind
SELECT
    m.agency_key AS agency,
    m.institute_key AS institute,
    i.technology_areas,
    i.state,
    m.fiscal_year,
    m.part,
    CAST(sum(m.amount) AS BIGINT) AS numerator,
    NULL AS denominator
FROM agency_amounts AS m
INNER JOIN institute_traits AS i ON m.institute_key = i.institute
WHERE m.measure = 'in_kind'
GROUP BY m.agency_key, m.institute_key, i.technology_areas, i.state, m.fiscal_year, m.part
