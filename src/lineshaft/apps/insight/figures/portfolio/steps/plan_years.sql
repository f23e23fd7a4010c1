-- step: plan_years
-- row: one budget line in one fiscal year, in minor units: what is planned up to the last day that both share, less
--   what is planned before the first, each for its days of the period and rounded down, so that the years add up
-- needs: budget_lines, jurisdiction, periods
SELECT
    planned.line_id,
    planned.agreement_id,
    planned.institute_key,
    planned.category,
    planned.fiscal_year,
    CAST(planned.federal * planned.days_through // planned.days
    - planned.federal * planned.days_before // planned.days AS BIGINT) AS federal,
    CAST(planned.nonfederal * planned.days_through // planned.days
    - planned.nonfederal * planned.days_before // planned.days AS BIGINT) AS nonfederal
FROM (
    SELECT
        b.line_id,
        b.agreement_id,
        b.institute_key,
        b.category,
        p.fiscal_year,
        CAST(b.federal_minor AS HUGEINT) AS federal,
        CAST(b.nonfederal_minor AS HUGEINT) AS nonfederal,
        date_diff('day', b.starts_on, b.ends_on) AS days,
        greatest(date_diff('day', b.starts_on, p.starts_on), 0) AS days_before,
        date_diff('day', b.starts_on, least(b.ends_on, p.ends_on)) AS days_through
    FROM budget_lines AS b
    INNER JOIN jurisdiction AS j ON b.currency = j.currency
    INNER JOIN periods AS p ON b.starts_on < p.ends_on AND b.ends_on > p.starts_on
) AS planned
