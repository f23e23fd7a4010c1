-- step: award_years
-- row: one agreement that is active when the snapshot is taken, at the end of one fiscal year by which it had
--   begun: what may still be drawn of it, in minor units
-- needs: agreements, transfers, jurisdiction, periods
SELECT
    a.agreement_id,
    a.institute_key,
    p.fiscal_year,
    p.ends_on AS year_ends_on,
    a.ends_on,
    greatest(a.federal_total_minor - coalesce(sum(d.drawn), 0), 0) AS undrawn
FROM agreements AS a
INNER JOIN jurisdiction AS j ON a.currency = j.currency
INNER JOIN periods AS p ON a.starts_on < p.ends_on
LEFT JOIN (
    SELECT
        agreement_id,
        occurred_on,
        sum(drawn_minor) AS drawn
    FROM transfers
    WHERE drawn_minor <> 0
    GROUP BY agreement_id, occurred_on
) AS d ON a.agreement_id = d.agreement_id AND d.occurred_on < p.ends_on
WHERE a.state = 'active'
GROUP BY a.agreement_id, a.institute_key, p.fiscal_year, p.ends_on, a.ends_on, a.federal_total_minor
