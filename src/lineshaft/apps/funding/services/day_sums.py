"""The sums of days kept beside transfers, contributions and costs, in the transaction that writes.

Added to under the lock of the accounts between which the money moved. Every record of a sum moves
between accounts of the same two kinds in the same agreement, of which each writer has locked all
but contributors' own; so no writer waits for another's row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched, chain
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import F, Model

from lineshaft.apps.funding.models import (
    Contribution,
    ContributionSum,
    ContributorSum,
    Cost,
    CostSum,
    DaySum,
)
from lineshaft.apps.funding.services.book import UPDATE_ROWS, Book, Line


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table of sums: by which columns, and the columns that are added to."""

    model: type[Model]
    by: tuple[str, ...]
    added: tuple[str, ...]

    def add(self, sums: Mapping[tuple[Any, ...], Sequence[int]]) -> None:
        """Add to the sums of these keys, in their order; a key without a row gets one."""
        table = self.model._meta.db_table
        columns = (*self.by, *self.added)
        row = f"({', '.join(['%s'] * len(columns))})"
        adding = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in self.added)
        with connection.cursor() as cursor:
            for part in batched(sorted(sums), UPDATE_ROWS):
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 -- its own names
                    f" VALUES {', '.join([row] * len(part))}"
                    f" ON CONFLICT ({', '.join(self.by)}) DO UPDATE SET {adding}",
                    list(chain.from_iterable((*key, *sums[key]) for key in part)),
                )

    def take(self, key: tuple[Any, ...], taken: Sequence[int]) -> None:
        """Take from the sum of the key, which was added to before."""
        found = self.model._default_manager.filter(**dict(zip(self.by, key, strict=True)))
        less = zip(self.added, taken, strict=True)
        if found.update(**{name: F(name) - amount for name, amount in less}) != 1:
            raise RuntimeError(f"{self.model._meta.db_table} has no sum of {key}")


_DAYS: Final = _Kept(
    DaySum,
    ("agreement_id", "occurred_on", "code", "corrects_code", "debit_kind", "credit_kind"),
    ("transfers", "amount_minor"),
)
_CONTRIBUTIONS: Final = _Kept(
    ContributionSum,
    ("agreement_id", "occurred_on", "is_cash", "is_other"),
    ("contributions", "amount_minor"),
)
_CONTRIBUTORS: Final = _Kept(
    ContributorSum, ("agreement_id", "organisation_id", "is_cash"), ("amount_minor",)
)
_COSTS: Final = _Kept(
    CostSum,
    ("agreement_id", "occurred_on", "category", "code", "corrects_code"),
    ("movements", "amount_minor"),
)


def add_to_days(lines: Iterable[Line], book: Book) -> None:
    """Count the lines, just written, in the sums of their days."""
    kinds = {pk: account.kind for pk, account in book.accounts.items()}
    sums: dict[tuple[Any, ...], list[int]] = {}
    for line in lines:
        key = (
            line.agreement_id,
            line.occurred_on,
            line.code,
            book.lines[line.corrects_id].code if line.corrects_id is not None else "",
            kinds[line.debit_account_id],
            kinds[line.credit_account_id],
        )
        counted = sums.setdefault(key, [0, 0])
        counted[0] += 1
        counted[1] += line.amount_minor
    _DAYS.add(sums)


type Counted = tuple[int, date, bool, int]
"""Agreement, day, whether cash, and the amount of a contribution."""


def count_other(recorded: Iterable[Counted]) -> None:
    """Count contributions of federal origin, just recorded, in the sums of their days."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for agreement_id, day, is_cash, claimed_minor in recorded:
        counted = sums.setdefault((agreement_id, day, is_cash, True), [0, 0])
        counted[0] += 1
        counted[1] += claimed_minor
    _CONTRIBUTIONS.add(sums)


def take_back_other(withdrawn: Contribution) -> None:
    """Count no more a contribution of federal origin that was withdrawn."""
    _CONTRIBUTIONS.take(
        (withdrawn.agreement_id, withdrawn.occurred_on, withdrawn.is_cash, True),
        (1, withdrawn.claimed_minor),
    )


def count_accepted(accepted: Iterable[tuple[Contribution, int]]) -> None:
    """Count what was just accepted of contributions, in minor units, by day and by contributor."""
    days: dict[tuple[Any, ...], list[int]] = {}
    givers: dict[tuple[Any, ...], list[int]] = {}
    for one, accepted_minor in accepted:
        of_day = days.setdefault((one.agreement_id, one.occurred_on, one.is_cash, False), [0, 0])
        of_day[0] += 1
        of_day[1] += accepted_minor
        giver = (one.agreement_id, one.organisation_id, one.is_cash)
        givers.setdefault(giver, [0])[0] += accepted_minor
    _CONTRIBUTIONS.add(days)
    _CONTRIBUTORS.add(givers)


def take_back_accepted(corrected: Contribution, amount_minor: int) -> None:
    """Count so much less of a contribution, whose acceptance was corrected."""
    one = corrected
    day = (one.agreement_id, one.occurred_on, one.is_cash, False)
    _CONTRIBUTIONS.take(day, (0, amount_minor))
    _CONTRIBUTORS.take((one.agreement_id, one.organisation_id, one.is_cash), (amount_minor,))


def add_to_costs(lines: Iterable[Line], costs: Mapping[UUID, Cost], book: Book) -> None:
    """Count the lines, just written, in the sums of costs; `costs` has the cost of each by id."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for line in lines:
        key = (
            line.agreement_id,
            line.occurred_on,
            costs[line.id].category,
            line.code,
            book.lines[line.corrects_id].code if line.corrects_id is not None else "",
        )
        counted = sums.setdefault(key, [0, 0])
        counted[0] += 1
        counted[1] += line.amount_minor
    _COSTS.add(sums)
