"""One page of a longer list, as `?page=` asks for it; `components/pagination.html` draws it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.http import HttpRequest

PER_PAGE: Final = 50
PAGE_PARAMETER: Final = "page"
PAGE_DIGITS_MAX: Final = 9

type DayCount = tuple[date, int]
"""A day, and how many rows of a list are dated on it."""


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page of a list. `first` and `last` count from 1 over all `total`; both 0 when empty."""

    items: tuple[T, ...]
    number: int
    pages: int
    total: int
    per_page: int = PER_PAGE

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.items else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.per_page + len(self.items)

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """The page numbers to offer: first, last and the neighbours; None where some are left
        out.
        """
        near = {1, self.pages, self.number - 1, self.number, self.number + 1}
        shown = sorted(number for number in near if 1 <= number <= self.pages)
        offered: list[int | None] = []
        for number in shown:
            before = offered[-1] if offered else None
            if before is not None and number - before > 1:
                offered.append(None)
            offered.append(number)
        return tuple(offered)


def page_of_all[T](request: HttpRequest, rows: Sequence[T], per_page: int = PER_PAGE) -> Page[T]:
    """The page that the address asks for of rows that are all read already."""
    pages = max(1, -(-len(rows) // per_page))
    number = min(max(1, _whole(request.GET.get(PAGE_PARAMETER, "1"))), pages)
    start = (number - 1) * per_page
    return Page(tuple(rows[start : start + per_page]), number, pages, len(rows), per_page)


def paginate[M: Model](
    request: HttpRequest, queryset: QuerySet[M, Any], per_page: int = PER_PAGE
) -> Page[Any]:
    """The page that the address asks for; two queries, whatever the length.

    A number outside the list gives the nearest page. An ordered list gets the primary key as its
    last criterion, so that no row stands on two pages.
    """
    ordered = _ordered(queryset)
    total = queryset.count()
    number, pages = _number_asked(request, total, per_page)
    start = (number - 1) * per_page
    items = tuple(ordered[start : start + per_page]) if total else ()
    return Page(items, number, pages, total, per_page)


def paginate_wide[M: Model](
    request: HttpRequest, queryset: QuerySet[M, Any], per_page: int = PER_PAGE
) -> Page[Any]:
    """The same of rows that carry much, such as a whole text; two queries.

    The keys of the list are read in its order, which takes no longer than to count it, and then the
    rows of the page alone. For lists of some ten thousand rows.
    """
    ordered = _ordered(queryset)
    keys = list(ordered.values_list("pk", flat=True))
    number, pages = _number_asked(request, len(keys), per_page)
    start = (number - 1) * per_page
    shown = keys[start : start + per_page]
    items = tuple(ordered.filter(pk__in=shown)) if shown else ()
    return Page(items, number, pages, len(keys), per_page)


def paginate_parts[M: Model](
    request: HttpRequest,
    parts: Sequence[tuple[QuerySet[M, Any], int]],
    rows: QuerySet[M, Any],
    per_page: int = PER_PAGE,
) -> Page[Any]:
    """The page that the address asks for of several lists, one after the other.

    Each comes in its order with how many rows it has. The keys of the page are read of the lists
    that it reaches into, a query each, and then its `rows`; what lies outside is not read.
    """
    total = sum(count for _part, count in parts)
    number, pages = _number_asked(request, total, per_page)
    start = (number - 1) * per_page
    keys: list[Any] = []
    before = 0
    for part, count in parts:
        first = max(0, start - before)
        last = min(count, start + per_page - before)
        if first < last:
            keys += part.values_list("pk", flat=True)[first:last]
        before += count
    found = {row.pk: row for row in rows.filter(pk__in=keys)} if keys else {}
    items = tuple(found[key] for key in keys if key in found)
    return Page(items, number, pages, total, per_page)


def paginate_days[M: Model](
    request: HttpRequest,
    queryset: QuerySet[M, Any],
    days: Sequence[DayCount],
    per_page: int = PER_PAGE,
) -> Page[Any]:
    """The page that the address asks for of a list ordered by its rows' `occurred_on`; one query.

    `days` says how many rows the list has on each day, in its own order. So the rows are not
    counted, and those before the page are not read but for what the page's first day holds.
    """
    total = sum(count for _day, count in days)
    number, pages = _number_asked(request, total, per_page)
    start = (number - 1) * per_page
    shown: list[date] = []
    skipped = seen = 0
    for day, count in days:
        if seen + count <= start:
            skipped += count
        elif seen < start + per_page:
            shown.append(day)
        seen += count
    on_days = queryset.filter(occurred_on__in=shown)
    first = start - skipped
    items = tuple(on_days[first : first + per_page]) if total else ()
    return Page(items, number, pages, total, per_page)


def _ordered[M: Model](queryset: QuerySet[M, Any]) -> QuerySet[M, Any]:
    """The same with the key as its last criterion."""
    order = tuple(queryset.query.order_by) or tuple(queryset.model._meta.ordering or ())
    if {"pk", "-pk", "id", "-id"} & {name for name in order if isinstance(name, str)}:
        return queryset
    return queryset.order_by(*order, "pk")


def _number_asked(request: HttpRequest, total: int, per_page: int) -> tuple[int, int]:
    """The number of the page that the address asks for, and of how many."""
    pages = max(1, -(-total // per_page))
    return min(max(1, _whole(request.GET.get(PAGE_PARAMETER, "1"))), pages), pages


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= PAGE_DIGITS_MAX else 1
