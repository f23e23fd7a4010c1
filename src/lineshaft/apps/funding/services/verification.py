"""The ledger re-derived from its transfers and compared with what is stored. Writes nothing.

Each account's sums and each sum of a day are compared with their records, each hold with its
pending transfer and what settled it, each contribution and each cost with the transfers that moved
it, each approved proposal with its transfer, closed spans and certified reports with what stood in
them, and the accounts with the limits that the database is trusted to hold. One statement each,
whatever the number of rows: the transfers are grouped first, and only the groups are joined.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.audit.services import Problem

PROBLEMS_MAX: Final = 1_000
"""Rows reported for each comparison; a ledger with more is restored, not read."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A statement that returns one row, (where, stored, derived), for each disagreement."""

    subject: str
    message: str
    sql: str


def verify_ledger() -> list[Problem]:
    """Every disagreement between the ledger's transfers and what is kept beside them."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_ROOM)
        return [problem for comparison in _COMPARISONS for problem in _problems(comparison)]


_ROOM: Final = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"
"""Room to group and sort in: in PostgreSQL's default of 4 MB it goes by way of files. What is
compiled for each statement costs more than it saves."""


def _problems(comparison: _Comparison) -> Iterator[Problem]:
    # Materialized, or PostgreSQL plans for the first rows of what has none: one look-up for each
    # transfer, and a dozen times as long.
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED ({comparison.sql})"  # noqa: S608 -- its own text
            f" SELECT * FROM found LIMIT {PROBLEMS_MAX}"
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    for where, stored, derived in rows:
        yield Problem(
            f"{comparison.subject} {where}",
            comparison.message,
            {"stored": str(stored), "derived": str(derived)},
        )


_ACCOUNT_SUMS: Final = """
WITH way AS (
     SELECT debit_account_id, credit_account_id, kind, SUM(amount_minor) AS amount_minor
       FROM funding_transfer
      GROUP BY debit_account_id, credit_account_id, kind
), side AS (
     SELECT debit_account_id AS account_id, kind, amount_minor AS debited_minor,
            0 AS credited_minor
       FROM way
      UNION ALL
     SELECT credit_account_id, kind, 0, amount_minor
       FROM way
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

_DAY_SUMS: Final = """
WITH way AS (
     SELECT agreement_id, occurred_on, code, '' AS corrects_code, debit_account_id,
            credit_account_id, COUNT(*) AS transfers, SUM(amount_minor) AS amount_minor
       FROM funding_transfer
      WHERE corrects_id IS NULL
      GROUP BY agreement_id, occurred_on, code, debit_account_id, credit_account_id
      UNION ALL
     SELECT moved.agreement_id, moved.occurred_on, moved.code, old.code,
            moved.debit_account_id, moved.credit_account_id, COUNT(*), SUM(moved.amount_minor)
       FROM funding_transfer moved
       JOIN funding_transfer old ON old.id = moved.corrects_id
      WHERE moved.corrects_id IS NOT NULL
      GROUP BY moved.agreement_id, moved.occurred_on, moved.code, old.code,
               moved.debit_account_id, moved.credit_account_id
), both_sums AS (
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

_CONTRIBUTION_SUMS: Final = """
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

_CONTRIBUTOR_SUMS: Final = """
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

_COST_SUMS: Final = """
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

_CERTIFIED_SUMS: Final = """
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

_ACCOUNT_LIMITS: Final = """
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

_HOLDS: Final = """
SELECT pending.id, hold.remaining_minor, pending.amount_minor - COALESCE(settled.amount_minor, 0)
  FROM funding_transfer pending
  LEFT JOIN funding_hold hold ON hold.transfer_id = pending.id
  LEFT JOIN (
       SELECT pending_id, SUM(amount_minor) AS amount_minor
         FROM funding_transfer
        WHERE pending_id IS NOT NULL
        GROUP BY pending_id
       ) settled ON settled.pending_id = pending.id
 WHERE pending.kind = 'pending'
   AND (hold.remaining_minor IS NULL
        OR hold.remaining_minor < 0
        OR hold.remaining_minor <> pending.amount_minor - COALESCE(settled.amount_minor, 0))
 ORDER BY pending.id
"""

_STRAY_HOLDS: Final = """
SELECT hold.transfer_id, hold.remaining_minor, 'nothing pending'
  FROM funding_hold hold
  LEFT JOIN funding_transfer pending
         ON pending.id = hold.transfer_id AND pending.kind = 'pending'
 WHERE pending.id IS NULL
 ORDER BY hold.transfer_id
"""

_SETTLEMENTS: Final = """
SELECT settled.id, settled.debit_account_id || ' to ' || settled.credit_account_id,
       pending.debit_account_id || ' to ' || pending.credit_account_id
  FROM funding_transfer settled
  JOIN funding_transfer pending ON pending.id = settled.pending_id
 WHERE settled.debit_account_id <> pending.debit_account_id
    OR settled.credit_account_id <> pending.credit_account_id
    OR settled.agreement_id <> pending.agreement_id
    OR settled.currency <> pending.currency
    OR pending.kind <> 'pending'
 ORDER BY settled.id
"""

_CONTRIBUTIONS: Final = """
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

_COST_SHARE_ACCOUNTS: Final = """
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

_COSTS: Final = """
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

_COST_ACCOUNTS: Final = """
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

_PROPOSALS: Final = """
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

_CLOSED_SPANS: Final = """
SELECT closing.id, closing.transfer_count, COUNT(transfer.id)
  FROM funding_booksclosing closing
  LEFT JOIN funding_agreement agreement
         ON closing.institute_id IS NULL OR agreement.institute_id = closing.institute_id
  LEFT JOIN funding_transfer transfer
         ON transfer.agreement_id = agreement.id AND transfer.occurred_on <= closing.through
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
HAVING COUNT(transfer.id) <> closing.transfer_count
 ORDER BY closing.id
"""

_CLOSED_ACCOUNTS: Final = """
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

_COMPARISONS: Final = (
    _Comparison(
        "account",
        gettext_noop("Its sums are %(stored)s; its transfers give %(derived)s."),
        _ACCOUNT_SUMS,
    ),
    _Comparison(
        "day",
        gettext_noop("Its sum is %(stored)s; its transfers give %(derived)s."),
        _DAY_SUMS,
    ),
    _Comparison(
        "day of contributions",
        gettext_noop("Its sum is %(stored)s; its contributions give %(derived)s."),
        _CONTRIBUTION_SUMS,
    ),
    _Comparison(
        "contributor",
        gettext_noop("Its sum is %(stored)s; its contributions give %(derived)s."),
        _CONTRIBUTOR_SUMS,
    ),
    _Comparison(
        "day of costs",
        gettext_noop("Its sum is %(stored)s; its transfers give %(derived)s."),
        _COST_SUMS,
    ),
    _Comparison(
        "financial report",
        gettext_noop("It was certified on %(stored)s; its days hold no more than %(derived)s."),
        _CERTIFIED_SUMS,
    ),
    _Comparison(
        "account",
        gettext_noop("Its limit is broken: %(stored)s, %(derived)s."),
        _ACCOUNT_LIMITS,
    ),
    _Comparison(
        "pending transfer",
        gettext_noop("Its hold says %(stored)s; its transfers give %(derived)s."),
        _HOLDS,
    ),
    _Comparison(
        "hold",
        gettext_noop("It holds %(stored)s; there is %(derived)s."),
        _STRAY_HOLDS,
    ),
    _Comparison(
        "transfer",
        gettext_noop("It joins accounts %(stored)s; what it settles joins %(derived)s."),
        _SETTLEMENTS,
    ),
    _Comparison(
        "contribution",
        gettext_noop("It says %(stored)s; its transfers give %(derived)s."),
        _CONTRIBUTIONS,
    ),
    _Comparison(
        "account",
        gettext_noop("It holds %(stored)s of cost share; its contributions sum to %(derived)s."),
        _COST_SHARE_ACCOUNTS,
    ),
    _Comparison(
        "cost",
        gettext_noop("It says %(stored)s; its transfers give %(derived)s."),
        _COSTS,
    ),
    _Comparison(
        "account",
        gettext_noop("It holds %(stored)s of costs; its costs sum to %(derived)s."),
        _COST_ACCOUNTS,
    ),
    _Comparison(
        "proposal",
        gettext_noop("It says %(stored)s; its transfer says %(derived)s."),
        _PROPOSALS,
    ),
    _Comparison(
        "closing",
        gettext_noop(
            "Transfers in the closed span: %(stored)s when it was closed, %(derived)s now."
        ),
        _CLOSED_SPANS,
    ),
    _Comparison(
        "account",
        gettext_noop("Its books say closed through %(stored)s; their closings say %(derived)s."),
        _CLOSED_ACCOUNTS,
    ),
)
