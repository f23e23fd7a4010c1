-- step: shared_amounts
-- row: what one record that belongs to all sponsors of its agreement adds to one measure in one fiscal year, in
--   minor units
-- needs: contributions, cost_movements, plan_years, jurisdiction, periods
SELECT
    CASE WHEN c.is_cash THEN 'cash' ELSE 'in_kind' END AS measure,
    c.contribution_id AS record,
    c.agreement_id,
    c.institute_key,
    c.kind AS part,
    p.fiscal_year,
    c.accepted_minor AS amount
FROM contributions AS c
INNER JOIN jurisdiction AS j ON c.currency = j.currency
INNER JOIN periods AS p ON c.occurred_on >= p.starts_on AND c.occurred_on < p.ends_on
WHERE c.state = 'accepted'
UNION ALL
SELECT
    'incurred' AS measure,
    m.transfer_id AS record,
    m.agreement_id,
    m.institute_key,
    m.category AS part,
    p.fiscal_year,
    m.incurred_minor AS amount
FROM cost_movements AS m
INNER JOIN jurisdiction AS j ON m.currency = j.currency
INNER JOIN periods AS p ON m.occurred_on >= p.starts_on AND m.occurred_on < p.ends_on
UNION ALL
SELECT
    'planned_federal' AS measure,
    CAST(line_id AS VARCHAR) AS record,
    agreement_id,
    institute_key,
    category AS part,
    fiscal_year,
    federal AS amount
FROM plan_years
UNION ALL
SELECT
    'planned_nonfederal' AS measure,
    CAST(line_id AS VARCHAR) AS record,
    agreement_id,
    institute_key,
    category AS part,
    fiscal_year,
    nonfederal AS amount
FROM plan_years
