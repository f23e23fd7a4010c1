-- step: money_days
-- row: one institute on one day, in minor units: federal money that moved, cost share that was accepted
-- needs: transfers, contributions, jurisdiction
SELECT
    moved.institute_key,
    moved.occurred_on,
    sum(moved.obligated) AS obligated,
    sum(moved.drawn) AS drawn,
    sum(moved.cash) AS cash,
    sum(moved.in_kind) AS in_kind
FROM (
    SELECT
        institute_key,
        occurred_on,
        currency,
        sum(obligated_minor) AS obligated,
        sum(drawn_minor) AS drawn,
        0 AS cash,
        0 AS in_kind
    FROM transfers
    WHERE obligated_minor <> 0 OR drawn_minor <> 0
    GROUP BY institute_key, occurred_on, currency
    UNION ALL
    SELECT
        institute_key,
        occurred_on,
        currency,
        0 AS obligated,
        0 AS drawn,
        sum(CASE WHEN is_cash THEN accepted_minor ELSE 0 END) AS cash,
        sum(CASE WHEN is_cash THEN 0 ELSE accepted_minor END) AS in_kind
    FROM contributions
    WHERE state = 'accepted'
    GROUP BY institute_key, occurred_on, currency
) AS moved
INNER JOIN jurisdiction AS j ON moved.currency = j.currency
GROUP BY moved.institute_key, moved.occurred_on
