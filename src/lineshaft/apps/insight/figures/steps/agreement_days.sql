-- step: agreement_days
-- row: one day on which some agreement starts or ends: how many fiscal years had ended by it, and begun before it
-- needs: member_agreements, periods
SELECT
    d.on_day,
    count(CASE WHEN p.ends_on <= d.on_day THEN 1 END) AS years_ended,
    count(CASE WHEN p.starts_on < d.on_day THEN 1 END) AS years_begun
FROM (
    SELECT starts_on AS on_day FROM member_agreements
    UNION
    SELECT ends_on AS on_day FROM member_agreements WHERE ends_on IS NOT NULL
) AS d
CROSS JOIN periods AS p
GROUP BY d.on_day
