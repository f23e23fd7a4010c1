"""What the keys of a portfolio are called: agencies, institutes, areas, states, years, parts."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.queries import (
    NOT_STATED,
    BasisKind,
    Dimension,
    Selection,
    Summed,
)
from lineshaft.apps.insight.rules import Place
from lineshaft.apps.insight.services import wording
from lineshaft.apps.network import queries as network
from lineshaft.engines.analytics.figures import FigureKind
from lineshaft.web import formats

DIMENSION_LABELS: Final = {
    Dimension.AGENCY: gettext_lazy("Agency"),
    Dimension.INSTITUTE: gettext_lazy("Institute"),
    Dimension.TECHNOLOGY: gettext_lazy("Technology area"),
    Dimension.STATE: pgettext_lazy("part of a country", "State"),
    Dimension.YEAR: gettext_lazy("Fiscal year"),
}
BASIS_LABELS: Final = {
    BasisKind.PUBLISHED: gettext_lazy("Published reports"),
    BasisKind.NEWEST: gettext_lazy("Newest figures, plans and costs too"),
}
PLACE_LABELS: Final = {
    Place.RETURNED: gettext_lazy("Returned to the agencies"),
    Place.TAKEN_BACK: gettext_lazy("Costs taken back"),
    Place.NO_COST: gettext_lazy("Drawn, no cost recorded"),
    Place.AHEAD: gettext_lazy("Costs ahead of drawdowns"),
    Place.BROUGHT: gettext_lazy("Used as the partners brought it"),
}
"""Places that are no agency, institute, kind or category of their own."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of today, read once for a page; three queries."""

    agencies: dict[str, str]
    institutes: dict[str, str]
    areas: dict[str, str]

    def of(self, dimension: Dimension, key: str) -> str:
        """What a key of a dimension is called; a word for what is not stated."""
        if not key.removeprefix(NOT_STATED):
            return _("Not stated")
        match dimension:
            case Dimension.AGENCY:
                return self.agencies.get(key, key)
            case Dimension.INSTITUTE:
                return self.institutes.get(key, key)
            case Dimension.TECHNOLOGY:
                return formats.joined([self.areas.get(one, one) for one in key.split()])
            case Dimension.STATE:
                return formats.region(key)
            case Dimension.YEAR:
                return formats.fiscal_year(int(key))

    def place(self, key: str) -> str:
        """What a place in the flow of money is called."""
        kind, _slash, rest = key.partition("/")
        match kind:
            case "agency":
                return self.agencies.get(rest, rest)
            case "institute":
                return self.institutes.get(rest, rest)
            case "kind":
                return kind_text(rest)
            case "category":
                return category_text(rest)
            case _:
                return str(PLACE_LABELS[Place(key)])


def names() -> Names:
    """The names that the portfolio's pages need."""
    language = get_language() or "en"
    return Names(
        agencies={one.key: one.key for one in network.agencies()},
        institutes={one.key: one.name_in(language) for one in queries.institute_names()},
        areas={one.key: formats.local_name(one) for one in network.technology_areas()},
    )


def kind_text(key: str) -> str:
    """A kind of cost share by its name; all in cash or in kind where no more is told."""
    if key == "in_kind":
        return _("In kind")
    kinds = {one.key: formats.local_name(one) for one in formats.profile().cost_share_kinds}
    return kinds.get(key, _("Cash") if key == "cash" else key)


def category_text(key: str) -> str:
    """A category of cost by its name."""
    categories = {one.key: formats.local_name(one) for one in formats.profile().cost_categories}
    return categories.get(key, key)


def value_text(summed: Summed) -> str:
    """A value for a table: money to its last digit, a quotient as it was rounded."""
    return wording.exact_text(summed.definition, summed.value)


def short_text(summed: Summed) -> str:
    """A value for a tile; money in millions, beside `short_unit`."""
    if summed.value is not None and summed.definition.kind is FigureKind.SUM:
        return formats.millions(int(summed.value))
    return wording.value_text(summed.definition, summed.value)


def short_unit(summed: Summed) -> str:
    """What stands beside the value in a tile."""
    is_money = summed.value is not None and summed.definition.kind is FigureKind.SUM
    return formats.millions_unit() if is_money else ""


def selection_texts(selection: Selection, known: Names) -> dict[str, str]:
    """What was selected, in words, by the name of the filter."""
    chosen = {
        _("Agency"): known.of(Dimension.AGENCY, selection.agency) if selection.agency else "",
        _("Institute"): known.of(Dimension.INSTITUTE, selection.institute)
        if selection.institute
        else "",
        _("Technology area"): known.of(Dimension.TECHNOLOGY, selection.area or selection.areas)
        if selection.area or selection.areas
        else "",
        str(DIMENSION_LABELS[Dimension.STATE]): known.of(Dimension.STATE, selection.state)
        if selection.state
        else "",
        _("From fiscal year"): str(selection.first_year or ""),
        _("To fiscal year"): str(selection.last_year or ""),
    }
    return {name: text for name, text in chosen.items() if text}
