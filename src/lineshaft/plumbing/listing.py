"""A page of a list for the pages that plumbing has itself (jobs, imports, outbox).

It carries what `components/pagination.html` draws; the apps' own lists use `web.tables`, a floor
above.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.http import HttpRequest

PER_PAGE: Final = 50
PAGE_DIGITS_MAX: Final = 9


@dataclass(frozen=True, slots=True)
class ListPage[T]:
    """One page of a list; `first` and `last` count from 1 over all `total`, both 0 when empty."""

    items: tuple[T, ...]
    number: int
    pages: int
    total: int
    per_page: int = PER_PAGE

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
    def numbers(self) -> tuple[int, ...]:
        """The pages around this one."""
        return tuple(range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1))


def list_page[M: Model](
    request: HttpRequest, queryset: QuerySet[M, Any], *, per_page: int = PER_PAGE
) -> ListPage[Any]:
    """The page that `?page=` asks for, or the nearest; two queries, whatever the length."""
    total = queryset.count()
    pages = max(1, -(-total // per_page))
    wanted = request.GET.get("page", "1")
    is_number = wanted.isdecimal() and len(wanted) <= PAGE_DIGITS_MAX
    number = min(max(1, int(wanted) if is_number else 1), pages)
    items = tuple(queryset[(number - 1) * per_page : number * per_page]) if total else ()
    return ListPage(items, number, pages, total, per_page)
