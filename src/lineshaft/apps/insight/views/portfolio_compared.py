"""What a page of records says when a number sets two things against each other.

A plan less what became of it opens to the records of both; money per head opens to the records of
the money, with the number that divides it and its source.
"""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.models import DENOMINATOR_LABELS
from lineshaft.apps.insight.queries import (
    INCURRED_CELLS,
    OBLIGATED_CELLS,
    PLANNED_CELLS,
    PLANNED_SHARE_CELLS,
    RATIO_CELLS,
    Basis,
    Selection,
)
from lineshaft.apps.insight.rules import DenominatorMeasure
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.views.portfolio_drawing import per_label, per_text
from lineshaft.engines.analytics.figures import FigureDefinition
from lineshaft.web import formats

LESS: Final = {PLANNED_CELLS: INCURRED_CELLS, PLANNED_SHARE_CELLS: RATIO_CELLS}
"""What is taken from which plan; of the match ratio the cost share accepted, above its line."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the number is called, how it is reckoned, and the kinds of records it counts.

    `asked` is what the address says beyond the figure.
    """

    title: str
    reckoned: str
    kinds: tuple[str, ...]
    asked: dict[str, str]


def compared(
    request: HttpRequest,
    basis: Basis,
    selection: Selection,
    definition: FigureDefinition,
    part: str,
) -> Compared:
    """What the address asks to see the records of; raises Http404 for what no page links to."""
    less, per = request.GET.get("less", ""), request.GET.get("per", "")
    if less and LESS.get(definition.id) == less:
        return _difference(basis, selection, definition, less, part)
    if per in {one.value for one in DenominatorMeasure} and definition.id == OBLIGATED_CELLS:
        return _rate(basis, selection, definition, DenominatorMeasure(per))
    if less or per:
        raise Http404
    return Compared(wording.title_text(definition), "", definition.records, {})


def _difference(
    basis: Basis, selection: Selection, definition: FigureDefinition, less: str, part: str
) -> Compared:
    other = basis.figure(less)
    cells = queries.cells_of(basis, selection)
    found = queries.totals(basis, cells.filter(part=part) if part else cells)
    planned, actual = found[definition.id].numerator, found[less].numerator
    names = {
        "one": wording.title_text(definition),
        "other": _("Cost share accepted") if less == RATIO_CELLS else wording.title_text(other),
    }
    amounts = {
        "planned": formats.money(planned),
        "actual": formats.money(actual),
        "difference": formats.money(planned - actual),
    }
    return Compared(
        _("%(one)s less %(other)s") % names,
        _("%(one)s, %(planned)s, less %(other)s, %(actual)s: %(difference)s.") % (names | amounts),
        (*definition.records, other.records[0]),
        {"less": less},
    )


def _rate(
    basis: Basis, selection: Selection, definition: FigureDefinition, measure: DenominatorMeasure
) -> Compared:
    held = queries.denominators(max(selection.years(basis), default=0))[measure]
    one = held.get(selection.state)
    if one is None:
        raise Http404
    money = queries.totals(basis, queries.cells_of(basis, selection))[definition.id].numerator
    reckoned = _(
        "%(figure)s, %(money)s, divided by %(measure)s of %(year)s, %(number)s: %(rate)s."
    ) % {
        "figure": wording.title_text(definition),
        "money": formats.money(money),
        "measure": str(DENOMINATOR_LABELS[measure]),
        "year": str(one.year),
        "number": formats.number(one.number),
        "rate": per_text(money, one),
    }
    return Compared(
        per_label(measure),
        f"{reckoned} {one.source}",
        definition.records,
        {"per": measure.value},
    )
