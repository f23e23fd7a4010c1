"""What `verify_ledger` asks: queries of (where, stored, derived), a row for each disagreement.

`WAYS` and `PROMISES` are the groups of transfers that several of them read, as `way` and `promise`.
"""

from typing import Final

WAYS: Final = """
SELECT agreement_id, occurred_on, kind, code, '' AS corrects_code, debit_account_id,
       credit_account_id, COUNT(*) AS transfers, SUM(amount_minor) AS amount_minor
  FROM funding_transfer
 WHERE corrects_id IS NULL
 GROUP BY agreement_id, occurred_on, kind, code, debit_account_id, credit_account_id
 UNION ALL
SELECT moved.agreement_id, moved.occurred_on, moved.kind, moved.code, COALESCE(old.code, ''),
       moved.debit_account_id, moved.credit_account_id, COUNT(*), SUM(moved.amount_minor)
  FROM funding_transfer moved
  LEFT JOIN funding_transfer old ON old.id = moved.corrects_id
 WHERE moved.corrects_id IS NOT NULL
 GROUP BY moved.agreement_id, moved.occurred_on, moved.kind, moved.code,
          COALESCE(old.code, ''), moved.debit_account_id, moved.credit_account_id
"""
"""What went on one day from one account to another: every transfer is in one way."""

ACCOUNT_SUMS: Final = """
WITH pair AS (
     SELECT debit_account_id, credit_account_id, kind, SUM(amount_minor) AS amount_minor
       FROM way
      GROUP BY debit_account_id, credit_account_id, kind
), side AS (
     SELECT debit_account_id AS account_id, kind, amount_minor AS debited_minor,
            0 AS credited_minor
       FROM pair
      UNION ALL
     SELECT credit_account_id, kind, 0, amount_minor
       FROM pair
), derived AS (
     SELECT account_id,
            SUM(CASE kind WHEN 'pending' THEN debited_minor WHEN 'direct' THEN 0
                          ELSE -debited_minor END) AS debits_pending,
            SUM(CASE WHEN kind IN ('direct', 'post') THEN debited_minor ELSE 0 END)
                AS debits_posted,
            SUM(CASE kind WHEN 'pending' THEN credited_minor WHEN 'direct' THEN 0
                          ELSE -credited_minor END) AS credits_pending,
            SUM(CASE WHEN kind IN ('direct', 'post') THEN credited_minor ELSE 0 END)
                AS credits_posted
       FROM side
      GROUP BY account_id
)
SELECT account.id,
       account.debits_pending || ' ' || account.debits_posted || ' '
       || account.credits_pending || ' ' || account.credits_posted,
       COALESCE(derived.debits_pending, 0) || ' ' || COALESCE(derived.debits_posted, 0) || ' '
       || COALESCE(derived.credits_pending, 0) || ' ' || COALESCE(derived.credits_posted, 0)
  FROM funding_account account
  LEFT JOIN derived ON derived.account_id = account.id
 WHERE account.debits_pending <> COALESCE(derived.debits_pending, 0)
    OR account.debits_posted <> COALESCE(derived.debits_posted, 0)
    OR account.credits_pending <> COALESCE(derived.credits_pending, 0)
    OR account.credits_posted <> COALESCE(derived.credits_posted, 0)
 ORDER BY account.id
"""

DAY_SUMS: Final = """
WITH both_sums AS (
     SELECT way.agreement_id, way.occurred_on, way.code, way.corrects_code,
            debit.kind AS debit_kind, credit.kind AS credit_kind,
            0 AS stored_transfers, 0 AS stored_minor, way.transfers, way.amount_minor
       FROM way
       JOIN funding_account debit ON debit.id = way.debit_account_id
       JOIN funding_account credit ON credit.id = way.credit_account_id
      UNION ALL
     SELECT agreement_id, occurred_on, code, corrects_code, debit_kind, credit_kind,
            transfers, amount_minor, 0, 0
       FROM funding_daysum
)
SELECT agreement_id || ' ' || occurred_on || ' ' || code || ' ' || corrects_code,
       SUM(stored_transfers) || ' ' || SUM(stored_minor),
       SUM(transfers) || ' ' || SUM(amount_minor)
  FROM both_sums
 GROUP BY agreement_id, occurred_on, code, corrects_code, debit_kind, credit_kind
HAVING SUM(stored_transfers) <> SUM(transfers) OR SUM(stored_minor) <> SUM(amount_minor)
 ORDER BY agreement_id, occurred_on, code, corrects_code, debit_kind, credit_kind
"""

CONTRIBUTION_SUMS: Final = """
WITH both_sums AS (
     SELECT agreement_id, occurred_on, is_cash, is_federal_origin AS is_other,
            0 AS stored_contributions, 0 AS stored_minor, COUNT(*) AS contributions,
            SUM(CASE WHEN is_federal_origin THEN claimed_minor ELSE accepted_minor END)
                AS amount_minor
       FROM funding_contribution
      WHERE state = 'accepted' OR (is_federal_origin AND state IN ('recorded', 'refused'))
      GROUP BY agreement_id, occurred_on, is_cash, is_federal_origin
      UNION ALL
     SELECT agreement_id, occurred_on, is_cash, is_other, contributions, amount_minor, 0, 0
       FROM funding_contributionsum
)
SELECT agreement_id || ' ' || occurred_on || CASE WHEN is_cash THEN ' cash' ELSE ' in-kind' END
       || CASE WHEN is_other THEN ' of federal origin' ELSE '' END,
       SUM(stored_contributions) || ' ' || SUM(stored_minor),
       SUM(contributions) || ' ' || SUM(amount_minor)
  FROM both_sums
 GROUP BY agreement_id, occurred_on, is_cash, is_other
HAVING SUM(stored_contributions) <> SUM(contributions) OR SUM(stored_minor) <> SUM(amount_minor)
 ORDER BY agreement_id, occurred_on, is_cash, is_other
"""

CONTRIBUTOR_SUMS: Final = """
WITH both_sums AS (
     SELECT agreement_id, organisation_id, is_cash, 0 AS stored_minor,
            SUM(accepted_minor) AS amount_minor
       FROM funding_contribution
      WHERE state = 'accepted'
      GROUP BY agreement_id, organisation_id, is_cash
      UNION ALL
     SELECT agreement_id, organisation_id, is_cash, amount_minor, 0
       FROM funding_contributorsum
)
SELECT agreement_id || ' ' || organisation_id || CASE WHEN is_cash THEN ' cash' ELSE ' in-kind' END,
       SUM(stored_minor), SUM(amount_minor)
  FROM both_sums
 GROUP BY agreement_id, organisation_id, is_cash
HAVING SUM(stored_minor) <> SUM(amount_minor)
 ORDER BY agreement_id, organisation_id, is_cash
"""

COST_SUMS: Final = """
WITH both_sums AS (
     SELECT moved.agreement_id, moved.occurred_on, cost.category, moved.code,
            COALESCE(old.code, '') AS corrects_code, 0 AS stored_movements, 0 AS stored_minor,
            COUNT(*) AS movements, SUM(moved.amount_minor) AS amount_minor
       FROM funding_costmovement movement
       JOIN funding_cost cost ON cost.transfer_id = movement.cost_id
       JOIN funding_transfer moved ON moved.id = movement.transfer_id
       LEFT JOIN funding_transfer old ON old.id = moved.corrects_id
      GROUP BY moved.agreement_id, moved.occurred_on, cost.category, moved.code,
               COALESCE(old.code, '')
      UNION ALL
     SELECT agreement_id, occurred_on, category, code, corrects_code, movements, amount_minor, 0, 0
       FROM funding_costsum
)
SELECT agreement_id || ' ' || occurred_on || ' ' || category || ' ' || code || ' ' || corrects_code,
       SUM(stored_movements) || ' ' || SUM(stored_minor), SUM(movements) || ' ' || SUM(amount_minor)
  FROM both_sums
 GROUP BY agreement_id, occurred_on, category, code, corrects_code
HAVING SUM(stored_movements) <> SUM(movements) OR SUM(stored_minor) <> SUM(amount_minor)
 ORDER BY agreement_id, occurred_on, category, code, corrects_code
"""

CERTIFIED_SUMS: Final = """
SELECT frozen.report_id || ' ' || frozen.code || ' ' || frozen.corrects_code,
       frozen.transfers || ' ' || frozen.amount_minor,
       COALESCE(SUM(day.transfers), 0) || ' ' || COALESCE(SUM(day.amount_minor), 0)
  FROM funding_financialreportsum frozen
  JOIN funding_financialreport report ON report.id = frozen.report_id
  LEFT JOIN funding_daysum day
         ON day.agreement_id = report.agreement_id AND day.occurred_on <= report.period_end
        AND day.code = frozen.code AND day.corrects_code = frozen.corrects_code
        AND day.debit_kind = frozen.debit_kind AND day.credit_kind = frozen.credit_kind
 GROUP BY frozen.id, frozen.report_id, frozen.code, frozen.corrects_code, frozen.transfers,
          frozen.amount_minor
HAVING COALESCE(SUM(day.transfers), 0) < frozen.transfers
    OR COALESCE(SUM(day.amount_minor), 0) < frozen.amount_minor
 ORDER BY frozen.id
"""

ACCOUNT_LIMITS: Final = """
SELECT account.id,
       account.credits_posted || ' credited',
       account.debits_posted || ' debited'
  FROM funding_account account
 WHERE (account.debits_must_not_exceed_credits
        AND account.debits_pending + account.debits_posted > account.credits_posted)
    OR (account.credits_must_not_exceed_debits
        AND account.credits_pending + account.credits_posted > account.debits_posted)
 ORDER BY account.id
"""

PROMISES: Final = """
SELECT COALESCE(promised.id, hold.transfer_id) AS id, hold.transfer_id AS hold_id,
       hold.remaining_minor
  FROM (
       SELECT COALESCE(pending_id, id) AS id,
              SUM(CASE WHEN kind = 'pending' AND pending_id IS NULL THEN 1 ELSE 0 END) AS pendings,
              SUM(CASE WHEN pending_id IS NULL THEN amount_minor ELSE -amount_minor END)
                  AS left_minor
         FROM funding_transfer
        WHERE kind <> 'direct' OR pending_id IS NOT NULL
        GROUP BY COALESCE(pending_id, id), agreement_id, currency, debit_account_id,
                 credit_account_id
       ) promised
  FULL JOIN funding_hold hold ON hold.transfer_id = promised.id
 WHERE promised.id IS NULL
    OR promised.pendings <> 1
    OR hold.transfer_id IS NULL
    OR hold.remaining_minor < 0
    OR hold.remaining_minor <> promised.left_minor
"""
"""The pending transfers in which something disagrees: what is promised between two accounts of one
agreement is one pending transfer less all that settled it, and so much is held."""

HOLDS: Final = """
SELECT pending.id, hold.remaining_minor, pending.amount_minor - COALESCE(settled.amount_minor, 0)
  FROM (SELECT DISTINCT id FROM promise) found
  JOIN funding_transfer pending ON pending.id = found.id
  LEFT JOIN funding_hold hold ON hold.transfer_id = pending.id
  LEFT JOIN (
       SELECT pending_id, SUM(amount_minor) AS amount_minor
         FROM funding_transfer
        WHERE pending_id IN (SELECT id FROM promise)
        GROUP BY pending_id
       ) settled ON settled.pending_id = pending.id
 WHERE pending.kind = 'pending'
   AND (hold.remaining_minor IS NULL
        OR hold.remaining_minor < 0
        OR hold.remaining_minor <> pending.amount_minor - COALESCE(settled.amount_minor, 0))
 ORDER BY pending.id
"""

STRAY_HOLDS: Final = """
SELECT DISTINCT hold_id, remaining_minor, 'nothing pending'
  FROM promise
 WHERE hold_id IS NOT NULL
   AND NOT EXISTS (
       SELECT 1 FROM funding_transfer pending
        WHERE pending.id = promise.hold_id AND pending.kind = 'pending'
       )
 ORDER BY hold_id
"""

SETTLEMENTS: Final = """
SELECT settled.id, settled.debit_account_id || ' to ' || settled.credit_account_id,
       pending.debit_account_id || ' to ' || pending.credit_account_id
  FROM (SELECT DISTINCT id FROM promise) found
  JOIN funding_transfer settled ON settled.pending_id = found.id
  JOIN funding_transfer pending ON pending.id = found.id
 WHERE settled.debit_account_id <> pending.debit_account_id
    OR settled.credit_account_id <> pending.credit_account_id
    OR settled.agreement_id <> pending.agreement_id
    OR settled.currency <> pending.currency
    OR pending.kind <> 'pending'
 ORDER BY settled.id
"""

CONTRIBUTIONS: Final = """
SELECT contribution.transfer_id,
       contribution.state || ' ' || contribution.claimed_minor || ' '
       || contribution.accepted_minor,
       pending.amount_minor || ' ' || COALESCE(decided.accepted_minor, 0)
  FROM funding_contribution contribution
  JOIN funding_transfer pending ON pending.id = contribution.transfer_id
  JOIN funding_hold hold ON hold.transfer_id = pending.id
  LEFT JOIN (
       SELECT COALESCE(old.pending_id, moved.pending_id) AS pending_id,
              SUM(CASE WHEN moved.code = 'accept' THEN moved.amount_minor
                       WHEN moved.code = 'correct' THEN -moved.amount_minor ELSE 0 END)
                  AS accepted_minor
         FROM funding_transfer moved
         LEFT JOIN funding_transfer old ON old.id = moved.corrects_id
        WHERE moved.code = 'accept' OR old.code = 'accept'
        GROUP BY COALESCE(old.pending_id, moved.pending_id)
       ) decided ON decided.pending_id = contribution.transfer_id
 WHERE contribution.claimed_minor <> pending.amount_minor
    OR contribution.currency <> pending.currency
    OR contribution.agreement_id <> pending.agreement_id
    OR contribution.occurred_on <> pending.occurred_on
    OR contribution.accepted_minor <> COALESCE(decided.accepted_minor, 0)
    OR (contribution.state = 'recorded') <> (hold.remaining_minor > 0)
 ORDER BY contribution.transfer_id
"""

COST_SHARE_ACCOUNTS: Final = """
SELECT account.id, account.credits_posted - account.debits_posted,
       COALESCE(SUM(contribution.accepted_minor), 0)
  FROM funding_account account
  LEFT JOIN funding_contribution contribution
         ON contribution.agreement_id = account.agreement_id
        AND contribution.is_cash = (account.kind = 'cash')
 WHERE account.kind IN ('cash', 'in_kind')
 GROUP BY account.id, account.credits_posted, account.debits_posted
HAVING account.credits_posted - account.debits_posted
       <> COALESCE(SUM(contribution.accepted_minor), 0)
 ORDER BY account.id
"""

COSTS: Final = """
SELECT cost.transfer_id,
       cost.amount_minor || ' ' || cost.incurred_minor || ' ' || cost.paid_minor,
       first.amount_minor || ' ' || COALESCE(moved.incurred_minor, 0) || ' '
       || COALESCE(moved.paid_minor, 0)
  FROM funding_cost cost
  JOIN funding_transfer first ON first.id = cost.transfer_id
  LEFT JOIN (
       SELECT movement.cost_id,
              SUM(CASE WHEN transfer.code IN ('incur', 'liquidate') THEN transfer.amount_minor
                       WHEN old.code IN ('incur', 'liquidate') THEN -transfer.amount_minor
                       ELSE 0 END) AS incurred_minor,
              SUM(CASE WHEN transfer.code = 'pay' THEN transfer.amount_minor
                       WHEN old.code = 'pay' THEN -transfer.amount_minor ELSE 0 END)
                  AS paid_minor
         FROM funding_costmovement movement
         JOIN funding_transfer transfer ON transfer.id = movement.transfer_id
         LEFT JOIN funding_transfer old ON old.id = transfer.corrects_id
        GROUP BY movement.cost_id
       ) moved ON moved.cost_id = cost.transfer_id
 WHERE cost.amount_minor <> first.amount_minor
    OR cost.agreement_id <> first.agreement_id
    OR cost.currency <> first.currency
    OR cost.occurred_on <> first.occurred_on
    OR cost.incurred_minor <> COALESCE(moved.incurred_minor, 0)
    OR cost.paid_minor <> COALESCE(moved.paid_minor, 0)
 ORDER BY cost.transfer_id
"""

COST_ACCOUNTS: Final = """
SELECT account.id, account.credits_posted - account.debits_posted,
       COALESCE(SUM(CASE WHEN account.kind = 'paid' THEN cost.paid_minor
                         ELSE cost.incurred_minor - cost.paid_minor END), 0)
  FROM funding_account account
  LEFT JOIN funding_cost cost ON cost.agreement_id = account.agreement_id
 WHERE account.kind IN ('incurred', 'paid')
 GROUP BY account.id, account.credits_posted, account.debits_posted
HAVING account.credits_posted - account.debits_posted
       <> COALESCE(SUM(CASE WHEN account.kind = 'paid' THEN cost.paid_minor
                            ELSE cost.incurred_minor - cost.paid_minor END), 0)
 ORDER BY account.id
"""

PROPOSALS: Final = """
SELECT proposal.id, proposal.state || ' ' || proposal.amount_minor,
       COALESCE(transfer.code || ' ' || transfer.amount_minor, 'no transfer')
  FROM funding_transferproposal proposal
  LEFT JOIN funding_transfer transfer ON transfer.id = proposal.id
 WHERE proposal.state = 'approved'
   AND (transfer.id IS NULL
        OR transfer.amount_minor <> proposal.amount_minor
        OR transfer.code <> proposal.code
        OR transfer.occurred_on <> proposal.occurred_on
        OR transfer.debit_account_id <> proposal.debit_account_id
        OR transfer.credit_account_id <> proposal.credit_account_id)
 ORDER BY proposal.id
"""

CLOSED_SPANS: Final = """
SELECT closing.id, closing.transfer_count, COALESCE(SUM(way.transfers), 0)
  FROM funding_booksclosing closing
  LEFT JOIN funding_agreement agreement
         ON closing.institute_id IS NULL OR agreement.institute_id = closing.institute_id
  LEFT JOIN way ON way.agreement_id = agreement.id AND way.occurred_on <= closing.through
 WHERE closing.through IS NOT NULL
   AND NOT EXISTS (
       SELECT 1
         FROM funding_booksclosing opened
        WHERE opened.kind = 'reopen'
          AND opened.number > closing.number
          AND COALESCE(opened.institute_id, 0) = COALESCE(closing.institute_id, 0)
          AND (opened.through IS NULL OR opened.through < closing.through)
       )
 GROUP BY closing.id, closing.transfer_count
HAVING COALESCE(SUM(way.transfers), 0) <> closing.transfer_count
 ORDER BY closing.id
"""

CLOSED_ACCOUNTS: Final = """
WITH standing AS (
     SELECT entry.institute_id, CAST(entry.through AS TEXT) AS through
       FROM funding_booksclosing entry
      WHERE NOT EXISTS (
            SELECT 1
              FROM funding_booksclosing later
             WHERE later.number > entry.number
               AND COALESCE(later.institute_id, 0) = COALESCE(entry.institute_id, 0)
            )
     ),
     derived AS (
     SELECT account.id,
            COALESCE(CAST(account.closed_through AS TEXT), 'open') AS stored,
            COALESCE(own.through, '') AS own,
            COALESCE(network.through, '') AS network
       FROM funding_account account
       LEFT JOIN funding_agreement agreement ON agreement.id = account.agreement_id
       LEFT JOIN standing own ON own.institute_id = agreement.institute_id
       LEFT JOIN standing network ON network.institute_id IS NULL
      WHERE account.organisation_id IS NULL
     )
SELECT id, stored,
       CASE WHEN own = '' AND network = '' THEN 'open'
            WHEN own > network THEN own ELSE network END
  FROM derived
 WHERE stored <> CASE WHEN own = '' AND network = '' THEN 'open'
                      WHEN own > network THEN own ELSE network END
 ORDER BY id
"""
