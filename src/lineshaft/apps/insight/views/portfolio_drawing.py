"""From cells of the portfolio to what its page draws: tiles, tables, bars and the flow of money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.models import DENOMINATOR_LABELS
from lineshaft.apps.insight.queries import (
    CASH_CELLS,
    DRAWN_CELLS,
    IN_KIND_CELLS,
    INCURRED_CELLS,
    NOT_STATED,
    OBLIGATED_CELLS,
    PLANNED_CELLS,
    PLANNED_SHARE_CELLS,
    RATIO_CELLS,
    Basis,
    CrossTable,
    Denominator,
    Dimension,
    Selection,
    Summed,
)
from lineshaft.apps.insight.rules import DenominatorMeasure, Flow, Place
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.views import portfolio_words as words
from lineshaft.apps.insight.views.drawing import Drawing
from lineshaft.apps.insight.views.portfolio_words import Names
from lineshaft.web import charts, formats
from lineshaft.web.pages import Tile
from lineshaft.web.tables import Cell, Column, Row, Table

PARAMETERS: Final = {
    Dimension.AGENCY: "agency",
    Dimension.INSTITUTE: "institute",
    Dimension.TECHNOLOGY: "areas",
    Dimension.STATE: "state",
}
"""How an address selects one key of a dimension; years have two parameters."""

_COLUMN_OF: Final = {"agency": 0, "kind": 0, "institute": 1, "category": 2}
_COLUMN_OF_PLACE: Final = {
    Place.AHEAD.value: 0,
    Place.TAKEN_BACK.value: 0,
    Place.RETURNED.value: 2,
    Place.NO_COST.value: 2,
    Place.BROUGHT.value: 2,
}
_SERIES_OF: Final = {"agency": 1, "kind": 5, "institute": 2, "category": 3}
_SERIES_OF_PLACE: Final = 4
_FIGURE_OF_PLACE: Final = {
    Place.RETURNED.value: DRAWN_CELLS,
    Place.NO_COST.value: DRAWN_CELLS,
    Place.TAKEN_BACK.value: INCURRED_CELLS,
    Place.AHEAD.value: INCURRED_CELLS,
    Place.BROUGHT.value: RATIO_CELLS,
}

_BY_STATE: Final = (OBLIGATED_CELLS, CASH_CELLS, IN_KIND_CELLS)

type ByKey = Mapping[tuple[str, ...], Mapping[str, Summed]]


@dataclass(frozen=True, slots=True)
class Links:
    """Where the parts of what a reader looks at open."""

    basis: Basis
    selection: Selection

    def records(self, figure: str, **chosen: str) -> str:
        """The records behind a figure, of the selection narrowed further."""
        return f"{reverse('insight:list_portfolio_records')}?{self.query(figure=figure, **chosen)}"

    def by(self, figure: str, *keys: tuple[Dimension, str], **more: str) -> str:
        """The records behind a figure under these keys."""
        chosen = dict(more)
        for dimension, key in keys:
            if dimension is Dimension.YEAR:
                chosen |= {"first_year": key, "last_year": key}
            else:
                chosen[PARAMETERS[dimension]] = key or NOT_STATED
        return self.records(figure, **chosen)

    def query(self, **chosen: str) -> str:
        """The selection as an address writes it, with what is chosen beyond it."""
        held = {
            "basis": self.basis.kind.value,
            "agency": self.selection.agency,
            "institute": self.selection.institute,
            "area": self.selection.area,
            "areas": self.selection.areas,
            "state": self.selection.state,
            "first_year": str(self.selection.first_year or ""),
            "last_year": str(self.selection.last_year or ""),
        }
        return urlencode({name: text for name, text in (held | chosen).items() if text})


def tiles(links: Links, found: Mapping[str, Summed], period: str) -> tuple[Tile, ...]:
    """The first numbers of the selection, each opening to its records."""
    return tuple(
        Tile(
            wording.title_text(summed.definition),
            words.short_text(summed),
            unit=words.short_unit(summed),
            url=links.records(name),
            period=period,
        )
        for name, summed in found.items()
        if name in {OBLIGATED_CELLS, DRAWN_CELLS, CASH_CELLS, IN_KIND_CELLS, RATIO_CELLS}
    )


def cross_drawn(
    links: Links, table: CrossTable, rows: Dimension, columns: Dimension, known: Names
) -> Table:
    """A figure by two dimensions; each value and each total opens to its records."""
    figure = table.definition.id
    language_rows = sorted(table.row_keys, key=lambda key: _order(rows, key, known))
    across = sorted(table.column_keys, key=lambda key: _order(columns, key, known))

    def row(key: str) -> Row:
        cells = [Cell(known.of(rows, key))]
        for other in across:
            part = table.cells.get((key, other))
            cells.append(
                Cell(formats.MISSING)
                if part is None
                else Cell(words.value_text(part), links.by(figure, (rows, key), (columns, other)))
            )
        cells.append(Cell(words.value_text(table.by_row[key]), links.by(figure, (rows, key))))
        return Row(tuple(cells))

    return Table(
        caption=_("%(figure)s by %(rows)s and %(columns)s")
        % {
            "figure": wording.title_text(table.definition),
            "rows": str(words.DIMENSION_LABELS[rows]).lower(),
            "columns": str(words.DIMENSION_LABELS[columns]).lower(),
        },
        columns=(
            Column("row", str(words.DIMENSION_LABELS[rows])),
            *(
                Column(f"column{place}", known.of(columns, key), is_number=True)
                for place, key in enumerate(across)
            ),
            Column("together", _("Together"), is_number=True),
        ),
        rows=tuple(row(key) for key in language_rows),
        foot=(
            Cell(_("Together")),
            *(
                Cell(words.value_text(table.by_column[key]), links.by(figure, (columns, key)))
                for key in across
            ),
            Cell(words.value_text(table.total), links.records(figure)),
        ),
        empty=_("No money is counted in this selection."),
    )


def planned_by_year(links: Links, by_year: ByKey) -> Table:
    """What was planned for each fiscal year and what happened, federal and cost share."""
    rows = []
    for (year,), found in by_year.items():
        figures = (PLANNED_CELLS, OBLIGATED_CELLS, DRAWN_CELLS, INCURRED_CELLS, PLANNED_SHARE_CELLS)
        cells = {
            name: Cell(words.value_text(found[name]), links.by(name, (Dimension.YEAR, year)))
            for name in figures
        }
        accepted = found[RATIO_CELLS].numerator
        rows.append(
            Row(
                (
                    Cell(formats.fiscal_year(int(year))),
                    cells[PLANNED_CELLS],
                    cells[OBLIGATED_CELLS],
                    cells[DRAWN_CELLS],
                    cells[INCURRED_CELLS],
                    Cell(
                        _left(found[PLANNED_CELLS].numerator, found[INCURRED_CELLS].numerator),
                        links.by(PLANNED_CELLS, (Dimension.YEAR, year), less=INCURRED_CELLS),
                    ),
                    cells[PLANNED_SHARE_CELLS],
                    Cell(formats.money(accepted), links.by(RATIO_CELLS, (Dimension.YEAR, year))),
                    Cell(
                        _left(found[PLANNED_SHARE_CELLS].numerator, accepted),
                        links.by(PLANNED_SHARE_CELLS, (Dimension.YEAR, year), less=RATIO_CELLS),
                    ),
                )
            )
        )
    return Table(
        caption=_("Planned and actual by fiscal year"),
        columns=(
            Column("year", _("Fiscal year")),
            Column("planned", _("Federal money planned"), is_number=True),
            Column("obligated", _("Obligated"), is_number=True),
            Column("drawn", _("Drawn"), is_number=True),
            Column("incurred", _("Costs incurred"), is_number=True),
            Column("left", _("Planned less incurred"), is_number=True),
            Column("planned_share", _("Cost share planned"), is_number=True),
            Column("accepted", _("Accepted"), is_number=True),
            Column("left_share", _("Planned less accepted"), is_number=True),
        ),
        rows=tuple(rows),
        empty=_("No money is counted in this selection."),
    )


def planned_by_category(links: Links, by_part: ByKey) -> Table:
    """What was planned and incurred in each category of cost."""
    rows = []
    for (category,), found in by_part.items():
        planned, incurred = found[PLANNED_CELLS], found[INCURRED_CELLS]
        if not planned.numerator and not incurred.numerator:
            continue
        rows.append(
            Row(
                (
                    Cell(words.category_text(category)),
                    Cell(words.value_text(planned), links.records(PLANNED_CELLS, part=category)),
                    Cell(words.value_text(incurred), links.records(INCURRED_CELLS, part=category)),
                    Cell(
                        _left(planned.numerator, incurred.numerator),
                        links.records(PLANNED_CELLS, part=category, less=INCURRED_CELLS),
                    ),
                )
            )
        )
    return Table(
        caption=_("Federal money planned and incurred by category of cost"),
        columns=(
            Column("category", _("Category")),
            Column("planned", _("Planned amount"), is_number=True),
            Column("incurred", _("Incurred"), is_number=True),
            Column("left", _("Planned less incurred"), is_number=True),
        ),
        rows=tuple(rows),
        empty=_("No budget and no cost is recorded in this selection."),
        is_stacked=True,
    )


def flow_drawn(links: Links, flows: Sequence[Flow], known: Names) -> Drawing | None:
    """The flow of money as a drawing of links with the table beneath; None where none flows."""
    if not flows:
        return None
    keys = dict.fromkeys(key for flow in flows for key in (flow.source, flow.target))
    places = [
        charts.FlowPlace(key, known.place(key), _column(key), _series(key))
        for key in sorted(keys, key=lambda key: (_column(key), _series(key), known.place(key)))
    ]
    bands = [
        charts.FlowBand(
            flow.source,
            flow.target,
            flow.amount_minor,
            formats.money_in_millions(flow.amount_minor),
            _flow_url(links, flow),
        )
        for flow in flows
    ]
    into = [flow for flow in flows if flow.target.startswith("institute/")]
    caption = _("%(money)s came to the institutes shown.") % {
        "money": formats.money_in_millions(sum(flow.amount_minor for flow in into)),
    }
    rows = tuple(
        Row(
            (
                Cell(known.place(flow.source)),
                Cell(known.place(flow.target)),
                Cell(formats.money(flow.amount_minor), _flow_url(links, flow)),
            )
        )
        for flow in sorted(
            flows,
            key=lambda one: (
                _column(one.source), known.place(one.source), known.place(one.target)
            ),
        )
    )  # fmt: skip
    return Drawing(
        charts.sankey(places, bands, title_alt=caption, narrow=_narrow()),
        caption,
        _source(links.basis),
        Table(
            caption=_("Every flow; each amount opens to its records"),
            columns=(
                Column("source", _("From")),
                Column("target", _("To")),
                Column("amount", _("Amount"), is_number=True),
            ),
            rows=rows,
        ),
    )


def _narrow() -> charts.Narrow:
    """How the flow is told where there is room for one stage at a time."""
    return charts.Narrow(
        titles={0: _("Where it came from"), 1: _("What it was used for")},
        others=lambda number: _("%(number)s others") % {"number": formats.number(number)},
        amount=formats.money_in_millions,
        url="#flow-numbers",
    )


def by_state_drawn(
    links: Links,
    by_state: ByKey,
    known: Names,
    held: Mapping[DenominatorMeasure, Mapping[str, Denominator]],
) -> Drawing | None:
    """Federal money by the state of the institutes, per head and per job where these are loaded."""
    money = {
        key: found
        for (key,), found in by_state.items()
        if any(found[name].numerator for name in _BY_STATE)
    }
    if not money:
        return None
    order = sorted(money, key=lambda key: (-money[key][OBLIGATED_CELLS].numerator, key))
    bars = [
        charts.Bar(
            known.of(Dimension.STATE, key),
            Decimal(money[key][OBLIGATED_CELLS].numerator),
            formats.millions(money[key][OBLIGATED_CELLS].numerator),
        )
        for key in order
    ]
    caption = _("%(state)s has the institutes with the most federal money: %(money)s.") % {
        "state": bars[0].label,
        "money": formats.money_in_millions(money[order[0]][OBLIGATED_CELLS].numerator),
    }
    return Drawing(
        charts.bar_chart(
            bars,
            title_alt=caption,
            y_label=str(words.DIMENSION_LABELS[Dimension.STATE]),
            unit=formats.millions_unit(),
        ),
        caption,
        _source(links.basis),
        _by_state_table(links, {key: money[key] for key in order}, known, held),
    )


def _by_state_table(
    links: Links,
    money: Mapping[str, Mapping[str, Summed]],
    known: Names,
    held: Mapping[DenominatorMeasure, Mapping[str, Denominator]],
) -> Table:
    shown = [measure for measure in DenominatorMeasure if held[measure]]
    rows = tuple(
        Row(
            (
                Cell(known.of(Dimension.STATE, key)),
                *(
                    Cell(words.value_text(found[name]), links.by(name, (Dimension.STATE, key)))
                    for name in _BY_STATE
                ),
                *(
                    Cell(
                        per_text(found[OBLIGATED_CELLS].numerator, held[measure].get(key)),
                        links.by(OBLIGATED_CELLS, (Dimension.STATE, key), per=measure.value)
                        if key in held[measure]
                        else None,
                    )
                    for measure in shown
                ),
            )
        )
        for key, found in money.items()
    )
    return Table(
        caption=_("Money by state of the institutes’ headquarters"),
        columns=(
            Column("state", str(words.DIMENSION_LABELS[Dimension.STATE])),
            Column("obligated", _("Federal money obligated"), is_number=True),
            Column("cash", _("Cost share in cash"), is_number=True),
            Column("in_kind", _("Cost share in kind"), is_number=True),
            *(Column(measure.value, per_label(measure), is_number=True) for measure in shown),
        ),
        rows=rows,
        is_stacked=True,
    )


def missing_texts(
    held: Mapping[DenominatorMeasure, Mapping[str, Denominator]], until: int
) -> tuple[str, ...]:
    """Which denominators nobody has loaded for a year or one before it, a sentence each."""
    return tuple(
        _("“%(measure)s” by state is not loaded for %(year)s or before; nothing is divided by it.")
        % {"measure": DENOMINATOR_LABELS[measure], "year": str(until)}
        for measure in DenominatorMeasure
        if not held[measure]
    )


def source_texts(
    held: Mapping[DenominatorMeasure, Mapping[str, Denominator]],
) -> tuple[str, ...]:
    """Where the denominators come from: each measure, source and year once."""
    found = {
        (str(DENOMINATOR_LABELS[measure]), str(one.year), one.source)
        for measure, by_state in held.items()
        for one in by_state.values()
    }
    return tuple(
        _("%(measure)s, %(year)s: %(source)s")
        % {"measure": measure, "year": year, "source": source}
        for measure, year, source in sorted(found)
    )


def per_label(measure: DenominatorMeasure) -> str:
    """What federal money is called when it is divided by a measure."""
    if measure is DenominatorMeasure.POPULATION:
        return _("Federal money per head")
    return _("Federal money per job in manufacturing")


def per_text(amount_minor: int, one: Denominator | None) -> str:
    """Money by a denominator, rounded half up to the minor unit; a dash where there is none."""
    if one is None:
        return formats.MISSING
    divided = (Decimal(amount_minor) / one.number).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return formats.money(int(divided))


def period_text(basis: Basis, selection: Selection) -> str:
    """The fiscal years of the selection, as one word."""
    years = selection.years(basis)
    if not years:
        return ""
    first, last = formats.fiscal_year(years[0]), formats.fiscal_year(years[-1])
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _left(planned_minor: int, actual_minor: int) -> str:
    return formats.money(planned_minor - actual_minor)


def _order(dimension: Dimension, key: str, known: Names) -> tuple[bool, str]:
    """By name, years by number, what is not stated last."""
    return not key, key if dimension is Dimension.YEAR else known.of(dimension, key).casefold()


def _column(key: str) -> int:
    return _COLUMN_OF_PLACE[key] if key in _COLUMN_OF_PLACE else _COLUMN_OF[key.partition("/")[0]]


def _series(key: str) -> int:
    return _SERIES_OF_PLACE if key in _COLUMN_OF_PLACE else _SERIES_OF[key.partition("/")[0]]


def _flow_url(links: Links, flow: Flow) -> str:
    """The records behind a flow: of its institute, and of the agency, kind or category."""
    is_into = flow.target.startswith("institute/")
    institute = (flow.target if is_into else flow.source).removeprefix("institute/")
    other = flow.source if is_into else flow.target
    kind, _slash, key = other.partition("/")
    match kind:
        case "agency":
            return links.records(DRAWN_CELLS, institute=institute, agency=key)
        case "category":
            return links.records(INCURRED_CELLS, institute=institute, part=key)
        case "kind":
            return links.records(_kind_figure(key), institute=institute, part=_part(links, key))
        case _:
            return links.records(_FIGURE_OF_PLACE[other], institute=institute)


def _kind_figure(kind: str) -> str:
    cash = {one.key for one in queries.profile_in_use().cost_share_kinds if one.is_cash} | {"cash"}
    return CASH_CELLS if kind in cash else IN_KIND_CELLS


def _part(links: Links, kind: str) -> str:
    """On the published basis all kinds in cash, and all in kind, stand together."""
    return kind if links.basis.is_newest else ""


def _source(basis: Basis) -> str:
    snapshot = basis.newest_snapshot
    return _("snapshot %(hash)s") % {"hash": snapshot.short_hash} if snapshot else ""
