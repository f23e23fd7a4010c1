-- step: institute_years
-- row: one institute at the end of one fiscal year, or when the snapshot was taken in the year that goes on
-- needs: institutes, institute_dates, periods
SELECT
    y.institute,
    y.fiscal_year,
    CASE
        WHEN y.fiscal_year = y.last_year THEN y.status_now
        WHEN y.terminated_on < y.ends_on THEN 'terminated'
        WHEN
            y.recognised_on < y.ends_on
            AND (y.working_on IS NULL OR y.recognised_on > y.working_on OR y.working_on >= y.ends_on)
            THEN 'recognised_unfunded'
        WHEN
            y.cure_on < y.ends_on
            AND (y.remedied_on IS NULL OR y.remedied_on < y.cure_on OR y.remedied_on >= y.ends_on)
            THEN 'cure_period'
        WHEN y.working_on < y.ends_on THEN 'active'
        WHEN y.known_on < y.ends_on THEN 'planned'
    END AS status
FROM (
    SELECT
        i.institute,
        i.status AS status_now,
        p.fiscal_year,
        p.ends_on,
        max(p.fiscal_year) OVER (PARTITION BY i.institute) AS last_year,
        d.known_on,
        CASE
            WHEN i.status IN ('proposed', 'planned') THEN NULL
            ELSE coalesce(d.established_on, d.announced_on)
        END AS working_on,
        d.recognised_on,
        d.cure_on,
        d.remedied_on,
        d.terminated_on
    FROM institutes AS i
    CROSS JOIN periods AS p
    LEFT JOIN (
        SELECT
            institute,
            min(CASE WHEN kind IN ('established', 'awarded') THEN occurred_on END)
                AS established_on,
            min(CASE WHEN kind IN ('announced', 'selected') THEN occurred_on END) AS announced_on,
            min(occurred_on) AS known_on,
            max(CASE WHEN kind = 'recognised' THEN occurred_on END) AS recognised_on,
            max(CASE WHEN kind = 'cure_period_opened' THEN occurred_on END) AS cure_on,
            max(CASE WHEN kind = 'remedied' THEN occurred_on END) AS remedied_on,
            max(CASE WHEN kind = 'terminated' THEN occurred_on END) AS terminated_on
        FROM institute_dates
        WHERE edition = 'today'
        GROUP BY institute
    ) AS d ON i.institute = d.institute
) AS y
