-- step: member_spans
-- row: one organisation in one institute, or in the network where institute is empty; `years` has one bit for each
--   fiscal year that an agreement overlaps, the first year in the lowest bit
-- needs: member_agreements, agreement_days, periods
SELECT
    a.institute,
    a.organisation,
    bit_or(
        CASE
            WHEN coalesce(e.years_begun, n.years) > s.years_ended
                THEN
                    (CAST(1 AS BIGINT) << CAST(coalesce(e.years_begun, n.years) AS INTEGER))
                    - (CAST(1 AS BIGINT) << CAST(s.years_ended AS INTEGER))
            ELSE CAST(0 AS BIGINT)
        END
    ) AS years
FROM member_agreements AS a
INNER JOIN agreement_days AS s ON a.starts_on = s.on_day
LEFT JOIN agreement_days AS e ON a.ends_on = e.on_day
CROSS JOIN (SELECT count(*) AS years FROM periods) AS n
GROUP BY GROUPING SETS ((a.institute, a.organisation), (a.organisation))
