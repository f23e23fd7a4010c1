"""Tables as values: columns, rows and cells of text, a page of a longer list, and its order.

A view turns records into `Row`s of formatted text; `components/table.html` draws them. Order and
page live in the address, so that a list can be sent to somebody and works without a script.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lineshaft.web.pages import Tone

PER_PAGE: Final = 50
PAGE_PARAMETER: Final = "page"
SORT_PARAMETER: Final = "sort"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head. `sort` is the word that orders by it in the address, None where nothing
    does; `is_short` keeps its cells on one line (dates, codes).
    """

    key: str
    label: str
    is_number: bool = False
    sort: str | None = None
    is_short: bool = False

    @property
    def css_class(self) -> str:
        return "n" if self.is_number else "s" if self.is_short else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Formatted text; `tag` draws it as a state, `lang` marks text in another language."""

    text: str
    url: str | None = None
    tag: Tone | None = None
    lang: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; the first one names the row."""

    cells: tuple[Cell, ...]


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


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head as drawn: what a click orders by, and how the list is ordered now."""

    column: Column
    next_sort: str = ""
    direction: str = "none"


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to draw; `caption` carries what is counted, its unit and its date.

    `sort` is the current order as in the address (`name` or `-name`), `page` the page that the rows
    come from, `foot` the cells of a closing total. `is_stacked` turns rows into blocks on a phone;
    otherwise the table scrolls with its first column held.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    page: Page[Any] | None = None
    sort: str | None = None
    export_url: str | None = None
    empty: str = ""
    is_stacked: bool = False
    foot: tuple[Cell, ...] = ()

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads in order, each knowing where its link leads."""
        return tuple(self._head(column) for column in self.columns)

    @property
    def lines(self) -> tuple[tuple[tuple[Column, Cell], ...], ...]:
        """Every row as pairs of column and cell. A row of another width is a programmer's
        mistake.
        """
        return tuple(tuple(zip(self.columns, row.cells, strict=True)) for row in self.rows)

    @property
    def foot_line(self) -> tuple[tuple[Column, Cell], ...]:
        return tuple(zip(self.columns, self.foot, strict=True)) if self.foot else ()

    @property
    def empty_text(self) -> str:
        return self.empty or _("Nothing here yet.")

    def _head(self, column: Column) -> Head:
        if column.sort is None:
            return Head(column)
        if self.sort == column.sort:
            return Head(column, f"-{column.sort}", "ascending")
        if self.sort == f"-{column.sort}":
            return Head(column, column.sort, "descending")
        return Head(column, f"-{column.sort}" if column.is_number else column.sort)


def paginate[M: Model](
    request: HttpRequest, queryset: QuerySet[M, Any], per_page: int = PER_PAGE
) -> Page[Any]:
    """The page that the address asks for; two queries, whatever the length.

    A number outside the list gives the nearest page. An ordered list gets the primary key as its
    last criterion, so that no row stands on two pages.
    """
    ordered = queryset
    order = tuple(queryset.query.order_by) or tuple(queryset.model._meta.ordering or ())
    if not {"pk", "-pk", "id", "-id"} & {name for name in order if isinstance(name, str)}:
        ordered = queryset.order_by(*order, "pk")
    total = queryset.count()
    pages = max(1, -(-total // per_page))
    number = min(max(1, _whole(request.GET.get(PAGE_PARAMETER, "1"))), pages)
    start = (number - 1) * per_page
    items = tuple(ordered[start : start + per_page]) if total else ()
    return Page(items, number, pages, total, per_page)


def sorting(request: HttpRequest, allowed: dict[str, str], default: str) -> tuple[str, str]:
    """What to order by, as (argument of `order_by`, word in the address).

    `allowed` maps the word in the address to a field; `default` is such a word, with a minus for
    descending. A word that is not allowed counts as the default.
    """
    current = request.GET.get(SORT_PARAMETER, default)
    if current.removeprefix("-") not in allowed:
        current = default
    field = allowed[current.removeprefix("-")]
    return (f"-{field}" if current.startswith("-") else field), current


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 1  # noqa: PLR2004 -- nine digits
