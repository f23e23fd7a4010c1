"""Everything that can be derived again is derived again and compared with what is stored.

The parts stand in the order in which one trusts another: the database file, the audit trail with
its triggers, the ledger, the tallies of reviews, the stored files, the published reports that are
made of them. Nothing is written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection

from lineshaft.apps.funding.services import verify_ledger
from lineshaft.apps.insight.services import verify_reports
from lineshaft.apps.reviewing.services import verify_tallies
from lineshaft.config.console import Report
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.audit.services import Problem
from lineshaft.plumbing.audit.services import verify as verify_audit
from lineshaft.plumbing.files.services import verify_files


@dataclass(frozen=True, slots=True)
class VerifiedPart:
    """A part of what is stored, and what finds the problems in it."""

    name: str
    find: Callable[[], list[Problem]]


def verify_database() -> list[Problem]:
    """What SQLite finds wrong with its own file; PostgreSQL checks its pages as it reads them."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        found = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        found += [f"{table}, row {row}: no such {parent}" for table, row, parent, _key in cursor]
    return [
        Problem("database", gettext_noop("The database file is damaged: %(fault)s"), {"fault": one})
        for one in found
    ]


PARTS: Final = (
    VerifiedPart("database", verify_database),
    VerifiedPart("audit trail", verify_audit),
    VerifiedPart("ledger", verify_ledger),
    VerifiedPart("reviews", verify_tallies),
    VerifiedPart("files", verify_files),
    VerifiedPart("reports", verify_reports),
)


def find_problems(report: Report) -> Iterator[Problem]:
    """Every problem of every part, part by part; `report` hears which one is looked at."""
    for done, part in enumerate(PARTS):
        report(done, len(PARTS), part.name)
        yield from part.find()
    report(len(PARTS), len(PARTS), "done")
