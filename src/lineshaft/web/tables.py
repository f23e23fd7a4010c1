"""Tables as values: columns, rows and cells of text, and the order of a list.

A view turns records into `Row`s of formatted text; `components/table.html` draws them. Order and
page live in the address, so that a list can be sent to somebody and works without a script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Literal

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lineshaft.plumbing.listing import Page
from lineshaft.web.pages import Tone

SORT_PARAMETER: Final = "sort"


type Place = Literal["", "start", "end", "line", "foot", "state"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head. `sort` is the word that orders by it in the address, None where nothing
    does; `is_short` keeps its cells on one line (dates, codes).

    `place` is where its cells stand in the card that a row becomes on a phone: at the start or the
    end of the first line, on a line of their own, or in the last lines, two to a line. There a
    number bears its label, and so does what `is_named`.
    """

    key: str
    label: str
    is_number: bool = False
    sort: str | None = None
    is_short: bool = False
    place: Place = ""
    is_named: bool = False

    @property
    def css_class(self) -> str:
        kind = "n" if self.is_number else "s" if self.is_short else ""
        placed = f"at-{self.place}" if self.place else ""
        named = "named" if self.place and self.is_named else ""
        return " ".join(part for part in (kind, placed, named) if part)


@dataclass(frozen=True, slots=True)
class Cell:
    """Formatted text; `tag` draws it as a state, `lang` marks text in another language."""

    text: str
    url: str | None = None
    tag: Tone | None = None
    lang: str | None = None
    note: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing."""
        return self.text in {"", "–"} and not self.note

    @property
    def drawn(self) -> SafeString:
        """The cell as HTML; what has no text shows a dash. A table has hundreds of cells, and a
        template for each would take as long as all queries of its page.
        """
        text = _escaped(self.text)
        lang = f' lang="{_escaped(self.lang)}"' if self.lang else ""
        if self.tag:
            drawn = f'<span class="tag {_escaped(self.tag)}">{text}</span>'
        elif self.lang and not self.url:
            drawn = f"<span{lang}>{text}</span>"
        else:
            drawn = text or "–"
        if self.url:
            drawn = f'<a href="{_escaped(self.url)}"{lang}>{drawn}</a>'
        if self.note:
            drawn = f'{drawn}<span class="cell-note">{_escaped(self.note)}</span>'
        return mark_safe(drawn)  # noqa: S308 -- each part is escaped


@dataclass(frozen=True, slots=True)
class Tick:
    """A box that chooses the row: what it sends, and what it is called by who does not see it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; the first one names the row."""

    cells: tuple[Cell, ...]
    tick: Tick | None = None


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
    otherwise the table scrolls with its first column held. `tick_form` is the id of the form that
    the rows' ticks belong to, and `tick_name` their name in it; empty where there are none.
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
    tick_form: str = ""
    tick_name: str = ""

    @property
    def has_cards(self) -> bool:
        """Whether rows become cards on a phone: their columns know their places in one."""
        return any(column.place for column in self.columns)

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads in order, each knowing where its link leads."""
        return tuple(self._head(column) for column in self.columns)

    @property
    def lines(self) -> tuple[tuple[Tick | None, SafeString], ...]:
        """Every row's tick, and its cells as HTML, the first of them the row's head. A row of
        another width is a programmer's mistake.
        """
        tags = [
            *(_head_tags(column) for column in self.columns[:1]),
            *(_data_tags(column) for column in self.columns[1:]),
        ]
        return tuple((row.tick, _line(row.cells, tags)) for row in self.rows)

    @property
    def foot_line(self) -> SafeString:
        """The cells of the closing total as HTML."""
        return _line(self.foot, [_data_tags(column) for column in self.columns if self.foot])

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


def _line(cells: Sequence[Cell], tags: Sequence[tuple[str, str, str]]) -> SafeString:
    """The cells, each between its tags: the one before it, the one before it where it says nothing,
    and the one behind it.
    """
    drawn = [
        f"{blank if cell.is_blank else said}{cell.drawn}{end}"
        for (said, blank, end), cell in zip(tags, cells, strict=True)
    ]
    return mark_safe("\n".join(drawn))  # noqa: S308 -- each part is escaped


def _head_tags(column: Column) -> tuple[str, str, str]:
    """Of the head of a row; the label of what is named there, as a number always is, is for the
    card that the row becomes.
    """
    is_named = column.place and (column.is_number or column.is_named)
    label = f' data-label="{_escaped(column.label)}"' if is_named else ""
    said = f'<th scope="row"{_class(column.css_class)}{label}>'
    return said, said, "</th>"


def _data_tags(column: Column) -> tuple[str, str, str]:
    """Of a cell under that column, whose label a phone shows beside it."""
    name, label = column.css_class, _escaped(column.label)
    names = (name, f"{name} blank" if column.place else name)
    said, blank = (f'<td{_class(one)} data-label="{label}">' for one in names)
    return said, blank, "</td>"


def _class(name: str) -> str:
    return f' class="{_escaped(name)}"' if name else ""


def _escaped(value: object) -> str:
    """A text as HTML; what is marked as HTML stays as it is. Django's `conditional_escape` also
    knows other things than texts, and takes three times as long.
    """
    if isinstance(value, SafeString):
        return value
    return escape(str(value))


@dataclass(frozen=True, slots=True)
class Ticked:
    """What can be done with ticked rows: a form that goes to `url` with them.

    `fields` go along unseen; `choices` are its buttons, as (value of `which`, label).
    """

    form: str
    label: str
    url: str
    fields: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]


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
