"""The planned course of an agreement's federal money beside what was drawn, as its page has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.rules import MatchBooks, ProfileYear, Shape, Standing
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.web.charts import Line, LinePoint, line_chart
from lineshaft.web.formats import MILLION, fiscal_year, millions, millions_unit, number, percent_bp
from lineshaft.web.pages import Figure, Tone
from lineshaft.web.tables import Cell, Column, Row, Table

_TONES: dict[Standing, Tone] = {
    Standing.MET: "ok",
    Standing.NOT_MET: "bad",
    Standing.OPEN: "quiet",
}


@dataclass(frozen=True, slots=True)
class ProfileSection:
    """Chart, years and shapes; `source` says what the plan is."""

    chart: Figure | None
    years: Table
    shapes: Table
    source: str


def profile_section(agreement: Agreement, books: MatchBooks, today: date) -> ProfileSection:
    """What is planned and what was drawn, by fiscal year; the plan is public as the budget is."""
    profile = profile_in_use()
    years = rules.profile_years(profile, books, today)
    source = (
        _("The plan is that of the budget periods, by days.")
        if books.plan
        else _(
            "No budget is planned: what is obligated counts as planned, and the rest of the "
            "federal total evenly over the days left."
        )
    )
    return ProfileSection(
        chart=_chart(agreement, years),
        years=_years_table(agreement, years),
        shapes=_shapes_table(rules.shapes_of(profile, books, years)),
        source=source,
    )


def _chart(agreement: Agreement, years: Sequence[ProfileYear]) -> Figure | None:
    if len(years) < 2:  # noqa: PLR2004 -- a line has two ends
        return None
    currency = agreement.currency

    def points(amounts: Sequence[tuple[ProfileYear, int]]) -> tuple[LinePoint, ...]:
        return tuple(
            LinePoint(
                fiscal_year(year.period.year),
                Money(amount, currency).amount / MILLION,
                millions(amount, currency),
            )
            for year, amount in amounts
        )

    drawn = [(year, year.drawn_minor) for year in years if year.is_over]
    lines = [Line(_("As planned"), points([(year, year.planned_federal_minor) for year in years]))]
    if drawn:
        lines.append(Line(_("As drawn"), points(drawn), is_marked=True))
    svg = line_chart(
        lines,
        title_alt=_("Planned and drawn federal money under %(number)s by fiscal year")
        % {"number": agreement.number},
        x_label=_("Fiscal year"),
        unit=millions_unit(currency),
    )
    return Figure(
        svg=svg,
        caption=_("Federal money planned, and drawn in the years that are over"),
        source=_("the network's ledger"),
    )


def _years_table(agreement: Agreement, years: Sequence[ProfileYear]) -> Table:
    currency = agreement.currency
    records = reverse("funding:list_match_records", args=[agreement.pk, "drawn"])
    return Table(
        caption=_("By fiscal year, %(unit)s") % {"unit": millions_unit(currency)},
        columns=(
            Column("year", _("Fiscal year")),
            Column("planned", _("As planned"), is_number=True),
            Column("planned_share", _("Federal share planned"), is_number=True),
            Column("drawn", _("As drawn"), is_number=True),
            Column("actual_share", _("Federal share so far"), is_number=True),
            Column("difference", _("Drawn less planned"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(fiscal_year(year.period.year), note="" if year.is_over else _("not over")),
                    Cell(millions(year.planned_federal_minor, currency)),
                    Cell(percent_bp(year.planned_share_bp)),
                    Cell(
                        millions(year.drawn_minor, currency),
                        url=f"{records}?fiscal_year={year.period.year}" if year.drawn_minor else "",
                    ),
                    Cell(percent_bp(year.actual_share_bp)),
                    Cell(
                        millions(year.drawn_minor - year.planned_federal_minor, currency)
                        if year.is_over
                        else ""
                    ),
                )
            )
            for year in years
        ),
        is_stacked=True,
    )


def _shapes_table(shapes: Sequence[Shape]) -> Table:
    return Table(
        caption=_("Whether the federal money falls"),
        columns=(
            Column("rule", _("Rule")),
            Column("asks", _("What it asks")),
            Column("planned", _("As planned")),
            Column("drawn", _("As drawn")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(one.entry.id, note=one.entry.authority.citation.text),
                    Cell(
                        _("Falls after year %(falls)s, nothing after year %(free)s")
                        % {
                            "falls": number(one.entry.falls_after_years),
                            "free": number(one.entry.free_after_years),
                        }
                    ),
                    _shape_cell(one.planned, one.planned_year),
                    _shape_cell(one.drawn, one.drawn_year),
                )
            )
            for one in shapes
        ),
        empty=_("No falling profile was in force when the agreement was signed."),
        is_stacked=True,
    )


def _shape_cell(standing: Standing, year: int | None) -> Cell:
    words = {
        Standing.MET: _("met"),
        Standing.NOT_MET: _("not met"),
        Standing.OPEN: _("nothing to test yet"),
    }
    note = fiscal_year(year) if year is not None and standing is Standing.NOT_MET else ""
    return Cell(words[standing], tag=_TONES[standing], note=note)
