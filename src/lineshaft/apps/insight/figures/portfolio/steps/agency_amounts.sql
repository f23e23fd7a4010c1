-- step: agency_amounts
-- row: one agency's share of one record in one measure and fiscal year, in minor units: in proportion to the agencies'
--   parts of the agreement, by largest remainder, at a tie to the key that stands first
-- needs: shared_amounts, agreement_sponsors
SELECT
    ranked.measure,
    ranked.institute_key,
    ranked.agency_key,
    ranked.fiscal_year,
    ranked.part,
    CAST((ranked.whole + CASE WHEN ranked.place <= ranked.left_over THEN 1 ELSE 0 END)
    * ranked.direction AS BIGINT) AS amount
FROM (
    SELECT
        divided.*,
        divided.size - sum(divided.whole) OVER (
            PARTITION BY divided.measure, divided.record, divided.fiscal_year
        ) AS left_over,
        row_number() OVER (
            PARTITION BY divided.measure, divided.record, divided.fiscal_year
            ORDER BY divided.remainder DESC, divided.agency_key
        ) AS place
    FROM (
        SELECT
            weighed.*,
            weighed.size * weighed.weight // weighed.weights AS whole,
            weighed.size * weighed.weight % weighed.weights AS remainder
        FROM (
            SELECT
                a.measure,
                a.record,
                a.institute_key,
                a.part,
                a.fiscal_year,
                s.agency_key,
                CASE WHEN a.amount < 0 THEN -1 ELSE 1 END AS direction,
                CAST(abs(a.amount) AS HUGEINT) AS size,
                CAST(s.federal_total_minor AS HUGEINT) AS weight,
                sum(CAST(s.federal_total_minor AS HUGEINT)) OVER (
                    PARTITION BY a.measure, a.record, a.fiscal_year
                ) AS weights
            FROM shared_amounts AS a
            INNER JOIN agreement_sponsors AS s ON a.agreement_id = s.agreement_id
            WHERE a.amount <> 0
        ) AS weighed
    ) AS divided
) AS ranked
