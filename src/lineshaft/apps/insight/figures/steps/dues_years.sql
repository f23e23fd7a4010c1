-- step: dues_years
-- row: the members of one tier in one institute in one fiscal year: what they would pay at the tier's dues, in
--   minor units, each for the days of the year that its agreement covers; rounded down once
-- needs: member_agreements, tiers, periods
SELECT
    s.institute,
    p.fiscal_year,
    s.tier,
    sum(
        s.agreements * t.dues_minor * datediff(
            'day',
            greatest(s.starts_on, p.starts_on),
            least(coalesce(s.ends_on, p.ends_on), p.ends_on)
        )
    ) // datediff('day', p.starts_on, p.ends_on) AS dues
FROM (
    SELECT
        institute,
        tier,
        starts_on,
        ends_on,
        count(*) AS agreements
    FROM member_agreements
    GROUP BY institute, tier, starts_on, ends_on
) AS s
INNER JOIN tiers AS t ON s.tier = t.tier
INNER JOIN periods AS p
    ON s.starts_on < p.ends_on AND (s.ends_on IS NULL OR s.ends_on > p.starts_on)
WHERE t.dues_minor > 0
GROUP BY s.institute, p.fiscal_year, s.tier, p.starts_on, p.ends_on
