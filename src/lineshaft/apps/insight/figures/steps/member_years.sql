-- step: member_years
-- row: the members of one kind and state in one institute, or in the network where institute is empty, in one
--   fiscal year that an agreement of theirs overlaps
-- needs: member_spans, organisations, organisation_kinds, periods
SELECT
    g.institute,
    p.fiscal_year,
    g.kind,
    g.state,
    coalesce(k.is_industry, FALSE) AS is_industry,
    coalesce(k.is_industry AND k.is_sme, FALSE) AS is_sme,
    CAST(sum(g.organisations) AS BIGINT) AS organisations
FROM (
    SELECT
        m.institute,
        o.kind,
        o.state,
        m.years,
        count(*) AS organisations
    FROM member_spans AS m
    INNER JOIN organisations AS o ON m.organisation = o.organisation
    GROUP BY m.institute, o.kind, o.state, m.years
) AS g
INNER JOIN (
    SELECT
        fiscal_year,
        CAST(row_number() OVER (ORDER BY fiscal_year) - 1 AS INTEGER) AS place
    FROM periods
) AS p ON (g.years >> p.place) & CAST(1 AS BIGINT) = 1
LEFT JOIN organisation_kinds AS k ON g.kind = k.kind
GROUP BY g.institute, p.fiscal_year, g.kind, g.state, k.is_industry, k.is_sme
