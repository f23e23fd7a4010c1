-- step: money_years
-- row: one institute, or the network where institute is empty, in one fiscal year, in minor units
-- needs: money_days, periods
SELECT
    d.institute_key AS institute,
    p.fiscal_year,
    CAST(sum(d.obligated) AS BIGINT) AS obligated,
    CAST(sum(d.drawn) AS BIGINT) AS drawn,
    CAST(sum(d.cash) AS BIGINT) AS cash,
    CAST(sum(d.in_kind) AS BIGINT) AS in_kind
FROM money_days AS d
INNER JOIN periods AS p ON d.occurred_on >= p.starts_on AND d.occurred_on < p.ends_on
GROUP BY GROUPING SETS ((d.institute_key, p.fiscal_year), (p.fiscal_year))
