"""The ledger re-derived from its transfers and compared with what is stored. Writes nothing.

Each account's sums and each sum of a day are compared with their records, each hold with its
pending transfer and what settled it, each contribution and each cost with the transfers that moved
it, each approved proposal with its transfer, closed spans and certified reports with what stood in
them, and the accounts with the limits that the database is trusted to hold.

Whatever the number of rows there are a few statements, each of which sees one state of the ledger:
the platform may go on posting between them. What is compared with many transfers shares one reading
of them: they are grouped first, and only the groups are joined.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from lineshaft.apps.funding.services import verification_sql as sql
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.audit.services import Problem

PROBLEMS_MAX: Final = 1_000
"""Rows reported for each comparison; a ledger with more is restored, not read."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A query that returns one row, (where, stored, derived), for each disagreement."""

    subject: str
    message: str
    sql: str


@dataclass(frozen=True, slots=True)
class _Statement:
    """Comparisons that are one statement, as they read the same groups (`sql`, named `name`)."""

    comparisons: tuple[_Comparison, ...]
    name: str = ""
    sql: str = ""


def verify_ledger() -> list[Problem]:
    """Every disagreement between the ledger's transfers and what is kept beside them."""
    if connection.vendor != "postgresql":
        # No transaction: SQLite's would keep all others from writing until the last comparison.
        return list(_problems())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ROOM)
        return list(_problems())


_ROOM: Final = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"
"""Room to group and sort in: in PostgreSQL's default of 4 MB it goes by way of files; in 64 MB it
sorts ten million transfers, as it expects more groups of them than there are. What is compiled for
each statement costs more than it saves."""


def _problems() -> Iterator[Problem]:
    for statement in _STATEMENTS:
        with connection.cursor() as cursor:
            cursor.execute(_sql_of(statement))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        for number, where, stored, derived in rows:
            comparison = statement.comparisons[number]
            yield Problem(
                f"{comparison.subject} {where}",
                comparison.message,
                {"stored": str(stored), "derived": str(derived)},
            )


def _sql_of(statement: _Statement) -> str:
    """One SELECT of (number of the comparison, where, stored, derived), PROBLEMS_MAX of each."""
    # Materialized, or PostgreSQL plans for the first rows of what has none: one look-up for each
    # transfer, and a dozen times as long.
    tables = [f"{statement.name} AS MATERIALIZED ({statement.sql})"] if statement.name else []
    answers = []
    for number, comparison in enumerate(statement.comparisons):
        found, some = f"found_{number}", f"some_{number}"
        tables.append(f"{found} (subject, stored, derived) AS MATERIALIZED ({comparison.sql})")
        texts = ", ".join(f"CAST({one} AS TEXT)" for one in ("subject", "stored", "derived"))
        answers.append(
            f"SELECT {number}, {texts} FROM (SELECT * FROM {found} LIMIT {PROBLEMS_MAX}) AS {some}"  # noqa: S608 -- its own text
        )
    return f"WITH {', '.join(tables)} {' UNION ALL '.join(answers)}"


_OF_WAYS: Final = (
    _Comparison(
        "account",
        gettext_noop("Its sums are %(stored)s; its transfers give %(derived)s."),
        sql.ACCOUNT_SUMS,
    ),
    _Comparison(
        "day",
        gettext_noop("Its sum is %(stored)s; its transfers give %(derived)s."),
        sql.DAY_SUMS,
    ),
    _Comparison(
        "closing",
        gettext_noop(
            "Transfers in the closed span: %(stored)s when it was closed, %(derived)s now."
        ),
        sql.CLOSED_SPANS,
    ),
)

_OF_PROMISES: Final = (
    _Comparison(
        "pending transfer",
        gettext_noop("Its hold says %(stored)s; its transfers give %(derived)s."),
        sql.HOLDS,
    ),
    _Comparison(
        "hold",
        gettext_noop("It holds %(stored)s; there is %(derived)s."),
        sql.STRAY_HOLDS,
    ),
    _Comparison(
        "transfer",
        gettext_noop("It joins accounts %(stored)s; what it settles joins %(derived)s."),
        sql.SETTLEMENTS,
    ),
)

_ALONE: Final = (
    _Comparison(
        "day of contributions",
        gettext_noop("Its sum is %(stored)s; its contributions give %(derived)s."),
        sql.CONTRIBUTION_SUMS,
    ),
    _Comparison(
        "contributor",
        gettext_noop("Its sum is %(stored)s; its contributions give %(derived)s."),
        sql.CONTRIBUTOR_SUMS,
    ),
    _Comparison(
        "day of costs",
        gettext_noop("Its sum is %(stored)s; its transfers give %(derived)s."),
        sql.COST_SUMS,
    ),
    _Comparison(
        "financial report",
        gettext_noop("It was certified on %(stored)s; its days hold no more than %(derived)s."),
        sql.CERTIFIED_SUMS,
    ),
    _Comparison(
        "account",
        gettext_noop("Its limit is broken: %(stored)s, %(derived)s."),
        sql.ACCOUNT_LIMITS,
    ),
    _Comparison(
        "contribution",
        gettext_noop("It says %(stored)s; its transfers give %(derived)s."),
        sql.CONTRIBUTIONS,
    ),
    _Comparison(
        "account",
        gettext_noop("It holds %(stored)s of cost share; its contributions sum to %(derived)s."),
        sql.COST_SHARE_ACCOUNTS,
    ),
    _Comparison(
        "cost",
        gettext_noop("It says %(stored)s; its transfers give %(derived)s."),
        sql.COSTS,
    ),
    _Comparison(
        "account",
        gettext_noop("It holds %(stored)s of costs; its costs sum to %(derived)s."),
        sql.COST_ACCOUNTS,
    ),
    _Comparison(
        "proposal",
        gettext_noop("It says %(stored)s; its transfer says %(derived)s."),
        sql.PROPOSALS,
    ),
    _Comparison(
        "account",
        gettext_noop("Its books say closed through %(stored)s; their closings say %(derived)s."),
        sql.CLOSED_ACCOUNTS,
    ),
)

_STATEMENTS: Final = (
    _Statement(_OF_WAYS, "way", sql.WAYS),
    _Statement(_OF_PROMISES, "promise", sql.PROMISES),
    *(_Statement((comparison,)) for comparison in _ALONE),
)
