-- step: agency_transfers
-- row: one agency and institute in one fiscal year, in minor units: federal money that moved from the agency's own part
-- needs: transfers, jurisdiction, periods
SELECT
    t.agency_key,
    t.institute_key,
    p.fiscal_year,
    CAST(sum(t.obligated_minor) AS BIGINT) AS obligated,
    CAST(sum(t.drawn_minor) AS BIGINT) AS drawn
FROM transfers AS t
INNER JOIN jurisdiction AS j ON t.currency = j.currency
INNER JOIN periods AS p ON t.occurred_on >= p.starts_on AND t.occurred_on < p.ends_on
WHERE t.obligated_minor <> 0 OR t.drawn_minor <> 0
GROUP BY t.agency_key, t.institute_key, p.fiscal_year
