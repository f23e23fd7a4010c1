"""The charts of an analysis: cash by year, what pays the cost, the federal share, and what the
chance depends on; each with its numbers as a table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.awarding.views.analysis_words import label_of, promise_names
from lineshaft.kernel.money import Money
from lineshaft.web import charts, formats
from lineshaft.web.pages import Figure
from lineshaft.web.tables import Cell, Column, Row, Table

type Series = tuple[str, list[int]]
"""A name, and minor units by year."""

MILLION: Final = 1_000_000
STREAMS_DRAWN: Final = 2
SWINGS_DRAWN: Final = 10
"""Of what the chance depends on, so many are drawn; the table has them all."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its numbers beneath."""

    chart: Figure
    table: Table


def drawings_of(analysis: PlanAnalysis, currency: str) -> tuple[Drawing, ...]:
    """The charts in their order."""
    return tuple(_drawings(analysis, currency))


def _drawings(analysis: PlanAnalysis, currency: str) -> Iterator[Drawing]:
    yield _cash(analysis, currency)
    yield _income(analysis, currency)
    yield _federal(analysis, currency)
    yield _swings(analysis)


def _cash(analysis: PlanAnalysis, currency: str) -> Drawing:
    """Cash in hand by year: as stated, and what the draws say."""
    result = analysis.result
    stated = {one["year"]: one["cash"] for one in result["years"]}
    drawn = tuple(
        charts.LinePoint(
            str(year),
            _in_millions(middle, currency),
            formats.millions(middle, currency),
            low=_in_millions(low, currency),
            high=_in_millions(high, currency),
        )
        for year, low, middle, high in result["fan"]
    )
    plan = tuple(
        charts.LinePoint(str(year), _in_millions(cash, currency), formats.millions(cash, currency))
        for year, cash in stated.items()
    )
    year, low, middle, high = result["fan"][-1]
    finding = _(
        "In year %(year)s cash in hand is %(middle)s in the middle; four draws in five lie between"
        " %(low)s and %(high)s."
    ) % {
        "year": year,
        "low": formats.money_in_millions(low, currency),
        "middle": formats.money_in_millions(middle, currency),
        "high": formats.money_in_millions(high, currency),
    }
    svg = charts.line_chart(
        [
            charts.Line(_("In the middle"), drawn, is_marked=analysis.lowest_minor < 0),
            charts.Line(_("As stated"), plan),
        ],
        title_alt=finding,
        x_label=_("Year of the plan"),
        unit=formats.millions_unit(currency),
        reference=charts.Reference(0, _("Nothing in hand")),
    )
    rows = tuple(
        Row(
            (
                Cell(str(year)),
                *(
                    Cell(formats.millions(one, currency))
                    for one in (stated[year], low, middle, high)
                ),
            )
        )
        for year, low, middle, high in result["fan"]
    )
    columns = (
        Column("year", _("Year")),
        Column("stated", _("As stated"), is_number=True),
        Column("low", _("One draw in ten lies below"), is_number=True),
        Column("middle", _("Half lie below"), is_number=True),
        Column("high", _("One in ten lies above"), is_number=True),
    )
    caption = _("Cash in hand at each year's end, %(unit)s") % _unit(currency)
    return Drawing(Figure(svg, finding, _source(analysis)), Table(caption, columns, rows))


def _income(analysis: PlanAnalysis, currency: str) -> Drawing:
    """What pays the cost of each year, stacked; the cost stands in the table."""
    years, streams = analysis.result["years"], _streams(analysis)
    parts = _parts(years, streams)
    bars = [
        charts.StackedBar(
            str(one["year"]),
            tuple(_in_millions(amounts[place], currency) for _label, amounts in parts),
            formats.millions(sum(amounts[place] for _label, amounts in parts), currency),
        )
        for place, one in enumerate(years)
    ]
    last = years[-1]
    finding = _("In year %(year)s own income is %(own)s against a cost of %(cost)s.") % {
        "year": last["year"],
        "own": formats.money_in_millions(last["promised"] + last["revenue"], currency),
        "cost": formats.money_in_millions(last["cost"], currency),
    }
    svg = charts.stacked_bar_chart(
        bars,
        parts=[label for label, _amounts in parts],
        title_alt=finding,
        y_label=_("Year of the plan"),
        unit=formats.millions_unit(currency),
    )
    return Drawing(
        Figure(svg, finding, _source(analysis)), _income_table(analysis, streams, currency)
    )


def _streams(analysis: PlanAnalysis) -> list[Series]:
    """The streams of revenue by name, the largest first."""
    found = [(label_of(key, {}), amounts) for key, amounts in analysis.plan["revenue"]]
    return sorted(found, key=lambda one: -sum(one[1]))


def _parts(years: list[dict[str, int]], streams: list[Series]) -> list[Series]:
    """What pays the cost in at most five parts, so that a chart can name them."""
    parts: list[Series] = [
        (_("Federal money"), [one["federal"] for one in years]),
        (_("Promised in cash"), [one["promised"] for one in years]),
        *streams[:STREAMS_DRAWN],
    ]
    rest = [amounts for _label, amounts in streams[STREAMS_DRAWN:]]
    if rest:
        parts.append((_("Other revenue"), [sum(each) for each in zip(*rest, strict=True)]))
    return [one for one in parts if any(one[1])] or parts[:1]


def _income_table(analysis: PlanAnalysis, streams: list[Series], currency: str) -> Table:
    columns = (
        Column("year", _("Year")),
        Column("cost", _("Cost"), is_number=True),
        Column("federal", _("Federal money"), is_number=True),
        Column("promised", _("Promised in cash"), is_number=True),
        *(
            Column(f"stream-{place}", label, is_number=True)
            for place, (label, _amounts) in enumerate(streams)
        ),
        Column("in_kind", _("In kind"), is_number=True),
    )
    rows = []
    for place, one in enumerate(analysis.result["years"]):
        amounts = [one["cost"], one["federal"], one["promised"]]
        amounts += [series[place] for _label, series in streams]
        amounts.append(one["in_kind"])
        cells = (Cell(formats.millions(minor, currency)) for minor in amounts)
        rows.append(Row((Cell(str(one["year"])), *cells)))
    caption = _("Cost and what pays it by year, %(unit)s") % _unit(currency)
    return Table(caption, columns, tuple(rows))


def _federal(analysis: PlanAnalysis, currency: str) -> Drawing:
    """The federal share of cost, and the share of other money, by year."""
    years = analysis.result["years"]
    points = tuple(
        charts.LinePoint(
            str(one["year"]), _percent(one["federal_bp"]), formats.percent_bp(one["federal_bp"], 0)
        )
        for one in years
        if one["federal_bp"] is not None
    )
    first, last = years[0]["federal_bp"], years[-1]["federal_bp"]
    finding = _("The federal share of cost goes from %(first)s to %(last)s.") % {
        "first": formats.percent_bp(first, 0),
        "last": formats.percent_bp(last, 0),
    }
    svg = charts.line_chart(
        [charts.Line(_("Federal share of cost"), points, is_marked=not analysis.result["glides"])],
        title_alt=finding,
        x_label=_("Year of the plan"),
        unit="%",
    )
    columns = (
        Column("year", _("Year")),
        Column("asked", _("Asked for"), is_number=True),
        Column("matched", _("Counted as match"), is_number=True),
        Column("match", _("Share of other money"), is_number=True),
        Column("federal", _("Federal share of cost"), is_number=True),
    )
    rows = tuple(
        Row(
            (
                Cell(str(one["year"])),
                Cell(formats.millions(one["asked"], currency)),
                Cell(formats.millions(one["matched"], currency)),
                Cell(formats.percent_bp(one["match_bp"])),
                Cell(formats.percent_bp(one["federal_bp"])),
            )
        )
        for one in years
    )
    caption = _("Match and federal share by year; amounts in %(unit)s") % _unit(currency)
    return Drawing(Figure(svg, finding, _source(analysis)), Table(caption, columns, rows))


def _swings(analysis: PlanAnalysis) -> Drawing:
    """What the chance depends on most: how far it moves between each thing's worst and best
    third.
    """
    names = promise_names(analysis)
    found: list[Any] = analysis.result["depends_on"]
    bars = [
        charts.Bar(
            label_of(key, names),
            _percent(abs(best - worst)),
            f"{formats.percent_bp(worst, 0)} – {formats.percent_bp(best, 0)}",
        )
        for key, worst, best in found[:SWINGS_DRAWN]
    ]
    key, worst, best = found[0]
    finding = _(
        "The chance depends most on “%(what)s”: it is %(worst)s in the worst third of its draws and"
        " %(best)s in the best."
    ) % {
        "what": label_of(key, names),
        "worst": formats.percent_bp(worst, 0),
        "best": formats.percent_bp(best, 0),
    }
    svg = charts.bar_chart(
        bars, title_alt=finding, x_label=_("How far the chance moves"), unit=_("percentage points")
    )
    columns = (
        Column("what", _("What it depends on")),
        Column("worst", _("Chance in the worst third"), is_number=True),
        Column("best", _("Chance in the best third"), is_number=True),
        Column("swing", _("Percentage points between"), is_number=True),
    )
    rows = tuple(
        Row(
            (
                Cell(label_of(key, names)),
                Cell(formats.percent_bp(worst)),
                Cell(formats.percent_bp(best)),
                Cell(formats.number(_percent(abs(best - worst)), 1)),
            )
        )
        for key, worst, best in found
    )
    caption = _("What the chance of standing alone depends on, the largest first")
    return Drawing(Figure(svg, finding, _source(analysis)), Table(caption, columns, rows))


# ----------------------------------------------------------------------------------------- leaves


def _source(analysis: PlanAnalysis) -> str:
    said = {
        "run": analysis.number,
        "draws": formats.number(analysis.result["draws"]),
        "seed": analysis.assumptions["seed"],
    }
    return _("what was handed in; run %(run)s, %(draws)s draws from seed %(seed)s") % said


def _unit(currency: str) -> dict[str, str]:
    return {"unit": formats.millions_unit(currency)}


def _in_millions(minor: int, currency: str) -> Decimal:
    return Money(minor, currency).amount / MILLION


def _percent(value_bp: int) -> Decimal:
    return Decimal(value_bp) / 100
