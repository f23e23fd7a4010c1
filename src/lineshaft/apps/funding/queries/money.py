"""What days brought agreements, in rows for months: few, however many records or days there were.

The rows are those of sums kept beside the records, so that what they come to is never read from the
records themselves. A month in which a test cuts is read day by day; see `rules.spells`.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Case, DateField, F, Func, QuerySet, Sum, When
from django.db.models.expressions import Combinable

from lineshaft.apps.funding.models import ContributionSum, DaySum
from lineshaft.apps.funding.queries.counted import (
    DRAWN_SUMS,
    OBLIGATED_SUMS,
    OF_DAYS,
    drawn_minor,
    obligated_minor,
)
from lineshaft.apps.funding.rules import DayMoney
from lineshaft.kernel.jurisdiction import JurisdictionProfile

type Cuts = Mapping[int, Collection[date]]
"""For each agreement the days on which a new span of its money begins, beside fiscal years."""


def money_of(cuts: Cuts, profile: JurisdictionProfile) -> dict[int, tuple[DayMoney, ...]]:
    """What the spans between an agreement's cuts brought it, in order, each under a day in it.

    No span reaches over a fiscal year. Two queries for any number of agreements.
    """
    found = {pk: _Spans(own, profile) for pk, own in cuts.items()}
    by_day = _months_cut(cuts.values())
    for agreement_id, day, obligated, drawn in _moved(list(cuts), by_day):
        found[agreement_id].add(day, federal=obligated, drawn=drawn)
    for agreement_id, day, is_cash, is_other, amount in _contributed(list(cuts), by_day):
        if is_other:
            found[agreement_id].add(day, other=amount)
        else:
            found[agreement_id].add(day, nonfederal=amount, cash=amount if is_cash else 0)
    return {pk: spans.money() for pk, spans in found.items()}


def money_by_year(
    ids: Iterable[int], profile: JurisdictionProfile
) -> dict[int, tuple[DayMoney, ...]]:
    """What fiscal years brought each of the agreements."""
    return money_of(dict.fromkeys(ids, ()), profile)


class _Spans:
    """The money of one agreement as it is gathered into spans."""

    def __init__(self, cuts: Collection[date], profile: JurisdictionProfile) -> None:
        self.cuts = sorted(cuts)
        self.profile = profile
        self.sums: dict[tuple[int, int], tuple[date, dict[str, int]]] = {}

    def add(self, on: date, **amounts: int) -> None:
        key = (self.profile.fiscal_year_of(on).year, bisect_right(self.cuts, on))
        _day, sums = self.sums.setdefault(key, (on, defaultdict(int)))
        for name, amount in amounts.items():
            sums[name] += amount

    def money(self) -> tuple[DayMoney, ...]:
        return tuple(
            DayMoney(day, **{f"{name}_minor": amount for name, amount in sums.items()})
            for _key, (day, sums) in sorted(self.sums.items(), key=lambda pair: pair[0])
        )


def _months_cut(cuts: Iterable[Collection[date]]) -> list[date]:
    """The first days of the months within which any of the days begins a new span."""
    return sorted({day.replace(day=1) for own in cuts for day in own if day.day != 1})


class _Month(Func):
    """The first day of the month, found by the database without a call back into Python."""

    output_field = DateField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SUBSTR(%(expressions)s, 1, 7) || '-01')"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "DATE_TRUNC('month', (%(expressions)s)::timestamp)::date"
        return self.as_sql(compiler, connection, template=template, **context)


def _day(by_day: Sequence[date]) -> Combinable:
    month = _Month("occurred_on")
    if not by_day:
        return month
    return Case(
        When(month__in=by_day, then=F("occurred_on")),
        default=F("month"),
        output_field=DateField(),
    )


def _moved(ids: Sequence[int], by_day: Sequence[date]) -> QuerySet[Any, Any]:
    return (
        DaySum.objects.filter(OBLIGATED_SUMS | DRAWN_SUMS, agreement__in=ids)
        .order_by()
        .alias(month=_Month("occurred_on"))
        .annotate(day=_day(by_day))
        .values_list("agreement_id", "day")
        .annotate(obligated=Sum(obligated_minor(OF_DAYS)), drawn=Sum(drawn_minor(OF_DAYS)))
    )


def _contributed(ids: Sequence[int], by_day: Sequence[date]) -> QuerySet[Any, Any]:
    return (
        ContributionSum.objects.filter(agreement__in=ids)
        .order_by()
        .alias(month=_Month("occurred_on"))
        .annotate(day=_day(by_day))
        .values_list("agreement_id", "day", "is_cash", "is_other")
        .annotate(counted=Sum("amount_minor"))
    )
