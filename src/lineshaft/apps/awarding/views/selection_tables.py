"""What the pages of the selection draw: the list, its sum against the budget, scenarios."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.awarding import queries, rules
from lineshaft.apps.awarding.models import (
    BASIS_LABELS,
    MARK_LABELS,
    OverlapPair,
    PlanAnalysis,
    SelectionScenario,
    SiteVisit,
)
from lineshaft.apps.awarding.queries import Candidate, Selection
from lineshaft.apps.awarding.views.words import (
    by_id,
    enumerated,
    factor_name,
    factor_text,
    numbered,
    outcome_cell,
)
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.rules import NOTICE
from lineshaft.kernel.money import Money
from lineshaft.plumbing.listing import Page
from lineshaft.web import formats
from lineshaft.web.charts import Bar, Reference, bar_chart
from lineshaft.web.pages import Figure
from lineshaft.web.tables import Cell, Column, Row, Table

DRAWN_MOST = 40
"""Bars of a drawing; a longer list is drawn up to there, and stands whole in the table."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What somebody may open from a selection: what was handed in, analysed and visited, and the
    choices. The rest stands there as plain text.
    """

    can_read: bool
    can_choose: bool


@dataclass(frozen=True, slots=True)
class PairShown:
    """Two applications noted as overlapping, with where that is taken back; empty where not."""

    text: str
    reason: str
    url: str


def selection_table(selection: Selection, page: Page[Candidate] | None, reader: Reader) -> Table:
    """The candidates in their order, with the sum of what is asked for down to each."""
    shown = selection.competition
    sums = _sums(selection)
    rows = list(page) if page is not None else list(selection.candidates)
    ids = [one.application.pk for one in rows]
    analyses, visits = queries.analysis_of(ids), queries.visits_of(ids)
    return Table(
        _("Applications in the order of the ranked list, amounts in %(currency)s")
        % {"currency": shown.currency},
        (
            Column("rank", _("Place"), is_number=True),
            Column("title", _("Application")),
            Column("lead", _("Lead organisation")),
            Column("score", _("Estimate"), is_number=True),
            Column("mean", _("Mean"), is_number=True),
            Column("asked", _("Asked for"), is_number=True),
            Column("sum", _("Sum so far"), is_number=True),
            Column("plan", _("Business plan")),
            Column("visit", _("Site visit")),
            Column("choice", _("Choice")),
            Column("amount", _("Amount"), is_number=True),
        ),
        tuple(
            _row(selection, one, sums[one.application.pk], analyses, visits, reader=reader)
            for one in rows
        ),
        page=page,
        export_url=export_url(shown, "csv") if page is not None else None,
        empty=_("What was handed in and is still in stands here once the selection begins."),
        is_stacked=True,
    )


def export_url(competition: Competition, form: str) -> str:
    """Where the whole list is downloaded in that form."""
    return reverse("awarding:export_selection", args=[competition.key, form])


def selection_figure(selection: Selection) -> Figure | None:
    """The sum of what is asked for down the list, with the budget as a line; None without one."""
    shown = selection.competition
    if shown.total_minor is None or not selection.candidates:
        return None
    sums = _sums(selection)
    within = sum(total <= shown.total_minor for total in sums.values())
    unit = formats.millions_unit(shown.currency)
    drawn = selection.candidates[:DRAWN_MOST]
    finding = ngettext(
        "The budget reaches down to %(count)s application of the list",
        "The budget reaches down to %(count)s applications of the list",
        within,
    ) % {"count": formats.number(within)}
    svg = bar_chart(
        [
            Bar(
                formats.number(one.application.number),
                _millions(sums[one.application.pk], shown.currency),
                formats.millions(sums[one.application.pk], shown.currency),
                is_marked=sums[one.application.pk] > shown.total_minor,
            )
            for one in drawn
        ],
        title_alt=finding,
        x_label=_("Sum of what is asked for"),
        y_label=_("Application"),
        unit=unit,
        reference=Reference(_millions(shown.total_minor, shown.currency), _("Budget")),
    )
    return Figure(svg, finding, _("What was handed in, in the order of the ranked list"))


def departures_table(selection: Selection, reader: Reader) -> Table | None:
    """What is selected below one that is passed over, each with its reason; None without any."""
    left = [one for one in selection.candidates if one.application.pk in selection.departures]
    if not left:
        return None
    return Table(
        _("Selected below one that is passed over"),
        (Column("title", _("Application")), Column("reason", _("Reason"))),
        tuple(
            Row(
                (
                    Cell(numbered(one), _choice_url(selection, one, reader)),
                    Cell(one.reason) if one.reason else Cell(_("The reason is missing"), tag="bad"),
                )
            )
            for one in left
        ),
        is_stacked=True,
    )


def pairs_table(selection: Selection, reader: Reader) -> list[PairShown]:
    """The pairs noted as overlapping, with where each is taken back."""
    return [
        PairShown(
            _("%(first)s and %(second)s")
            % {"first": one.first.number, "second": one.second.number},
            one.reason,
            _pair_url(selection, one) if reader.can_choose else "",
        )
        for one in selection.pairs
    ]


def scenarios_figures(selection: Selection, scenarios: Sequence[SelectionScenario]) -> list[Table]:
    """The scenarios side by side: what each funds, what it is worth; then application by
    application.
    """
    if not scenarios:
        return []
    return [_scenarios_table(selection, scenarios), _matrix(selection, scenarios)]


def prices_table(selection: Selection, scenario: SelectionScenario) -> Table:
    """What each factor of a scenario costs: the value given up, who comes in, who goes out."""
    candidates = selection.candidates
    return Table(
        _("What each factor costs"),
        (
            Column("factor", _("Policy factor")),
            Column("value", _("Value given up"), is_number=True),
            Column("lost", _("Comes in by it")),
            Column("gained", _("Goes out by it")),
            Column("rests", _("Rests on")),
        ),
        tuple(
            Row(
                (
                    Cell(factor_name(price["factor"])),
                    Cell(
                        formats.number(price["value"], 2),
                        note="" if price["is_exact"] else _("not exact: time ran out"),
                    ),
                    Cell(enumerated(by_id(candidates, price["lost"]))),
                    Cell(enumerated(by_id(candidates, price["gained"]))),
                    Cell(_citation(price["factor"])),
                )
            )
            for price in scenario.result["prices"]
        ),
        is_stacked=True,
    )


def funded_table(selection: Selection, scenario: SelectionScenario) -> Table:
    """What a scenario funds, beside what going down the list alone would."""
    funded, by_rank = set(scenario.result["funded"]), set(scenario.result["by_rank"])
    rows = by_id(selection.candidates, funded | by_rank)
    currency = selection.competition.currency
    return Table(
        _("What is funded, beside what going down the list would fund"),
        (
            Column("title", _("Application")),
            Column("asked", _("Asked for"), is_number=True),
            Column("value", _("Value"), is_number=True),
            Column("funded", _("In the scenario")),
            Column("rank", _("Down the list")),
        ),
        tuple(
            Row(
                (
                    Cell(numbered(one)),
                    Cell(formats.money(one.asked_minor, currency)),
                    Cell(_value(one, scenario)),
                    _yes(one.application.pk in funded),
                    _yes(one.application.pk in by_rank),
                )
            )
            for one in rows
        ),
        is_stacked=True,
    )


def factor_lines(scenario: SelectionScenario) -> list[tuple[str, Any]]:
    """The factors of a scenario, each with its citation."""
    factors = [rules.factor_from(one) for one in scenario.factors]
    return [(factor_text(one), rules.CITATIONS[one.kind]) for one in factors]


def impossible_lines(scenario: SelectionScenario) -> list[str]:
    """The bounds that cannot all hold, in words; empty where they can."""
    found = []
    for bound in scenario.result.get("impossible", ()):
        name = factor_name(bound["factor"])
        said = {"name": name, "group": bound["group"]}
        found.append(_("%(name)s (%(group)s)") % said if bound["group"] else name)
    return found


# ---------------------------------------------------------------------------------------- leaves


def _row(
    selection: Selection,
    one: Candidate,
    total: int,
    analyses: dict[int, PlanAnalysis],
    visits: dict[int, SiteVisit],
    *,
    reader: Reader,
) -> Row:
    shown, application, ranked = selection.competition, one.application, one.ranked
    pk = application.pk
    read = reverse("competitions:show_submission", args=[shown.key, one.submission.pk])
    marks = formats.joined([str(MARK_LABELS[rules.PolicyMark(each.mark)]) for each in one.marks])
    is_beyond = shown.total_minor is not None and total > shown.total_minor
    interval = ""
    if ranked is not None:
        interval = _("%(low)s to %(high)s") % {
            "low": formats.number(ranked.low, 2),
            "high": formats.number(ranked.high, 2),
        }
    return Row(
        (
            Cell(formats.number(ranked.rank) if ranked else formats.MISSING),
            Cell(numbered(one), read if reader.can_read else None, note=marks),
            Cell(
                formats.local_name(application.lead), note=formats.region(application.lead.region)
            ),
            Cell(formats.number(ranked.estimate if ranked else None, 2), note=interval),
            Cell(formats.number(ranked.mean if ranked else None, 2)),
            Cell(formats.money(one.asked_minor, shown.currency)),
            Cell(
                formats.money(total, shown.currency),
                note=_("beyond the budget") if is_beyond else "",
            ),
            _analysis_cell(analyses.get(pk), reader),
            _visit_cell(visits.get(pk), reader),
            outcome_cell(one.outcome, _choice_url(selection, one, reader)),
            Cell(formats.money(one.amount_minor, shown.currency) if one.has_amount else ""),
        )
    )


def _analysis_cell(analysis: PlanAnalysis | None, reader: Reader) -> Cell:
    if analysis is None:
        return Cell("")
    text = _("%(chance)s to stand alone") % {"chance": formats.percent_bp(analysis.chance_bp, 0)}
    url = analysis.get_absolute_url() if reader.can_read else None
    return Cell(text, url, note=str(analysis.get_rating_display()))


def _visit_cell(visit: SiteVisit | None, reader: Reader) -> Cell:
    if visit is None:
        return Cell("")
    strengths: int = visit.strengths  # type: ignore[attr-defined] # annotated
    weaknesses: int = visit.weaknesses  # type: ignore[attr-defined] # annotated
    risks: int = visit.risks  # type: ignore[attr-defined] # annotated
    counts = (
        (strengths, ngettext("%(count)s strength", "%(count)s strengths", strengths)),
        (weaknesses, ngettext("%(count)s weakness", "%(count)s weaknesses", weaknesses)),
        (risks, ngettext("%(count)s risk", "%(count)s risks", risks)),
    )
    told = [text % {"count": formats.number(count)} for count, text in counts if count]
    found = formats.joined(told) if told else _("No findings")
    url = visit.get_absolute_url() if reader.can_read else None
    return Cell(str(visit.get_state_display()), url, note=found)


def _sums(selection: Selection) -> dict[int, int]:
    """The sum of what is asked for down to each application, by id."""
    totals = accumulate(one.asked_minor for one in selection.candidates)
    ids = [one.application.pk for one in selection.candidates]
    return dict(zip(ids, totals, strict=True))


def _scenarios_table(selection: Selection, scenarios: Sequence[SelectionScenario]) -> Table:
    currency = selection.competition.currency
    names = _names(scenarios)
    return Table(
        _("Scenarios side by side, amounts in %(currency)s") % {"currency": currency},
        (
            Column("name", _("Scenario")),
            Column("basis", _("Value of an application")),
            Column("factors", _("Policy factors")),
            Column("budget", _("Budget"), is_number=True),
            Column("count", _("Funded"), is_number=True),
            Column("cost", _("Cost"), is_number=True),
            Column("value", _("Value"), is_number=True),
            Column("price", _("Value that factors cost"), is_number=True),
        ),
        tuple(_scenario_row(selection, one, names[one.pk]) for one in scenarios),
        is_stacked=True,
    )


def _scenario_row(selection: Selection, one: SelectionScenario, name: str) -> Row:
    shown, result = selection.competition, one.result
    url = reverse("awarding:show_scenario", args=[shown.key, one.pk])
    factors = formats.joined([text for text, _citation in factor_lines(one)]) or formats.MISSING
    head = (
        Cell(name, url),
        Cell(str(BASIS_LABELS[rules.Basis(one.basis)])),
        Cell(factors),
        Cell(formats.money(one.budget_minor, shown.currency)),
    )
    if "impossible" in result:
        none = Cell("")
        return Row((*head, Cell(_("Cannot all hold"), tag="bad"), none, none, none))
    return Row(
        (
            *head,
            Cell(formats.number(len(result["funded"]))),
            Cell(formats.money(result["cost_minor"], shown.currency)),
            Cell(formats.number(result["value"], 2)),
            Cell(formats.number(result["price_of_all"], 2)),
        )
    )


def _matrix(selection: Selection, scenarios: Sequence[SelectionScenario]) -> Table:
    """Which application each scenario funds; those that none does are left out."""
    names = _names(scenarios)
    funded = [set(one.result.get("funded", ())) for one in scenarios]
    rows = by_id(selection.candidates, set().union(*funded))
    return Table(
        _("What each scenario funds"),
        (
            Column("title", _("Application")),
            *(Column(f"scenario{one.pk}", names[one.pk]) for one in scenarios),
        ),
        tuple(
            Row(
                (
                    Cell(numbered(one)),
                    *(_yes(one.application.pk in ids) for ids in funded),
                )
            )
            for one in rows
        ),
    )


def _names(scenarios: Sequence[SelectionScenario]) -> dict[int, str]:
    """The name of each by id, with who made it where another bears the same; where they made both,
    as makers of one name do and those of an earlier release can, numbered as they were made.
    """
    known = {one.pk: (one.name, formats.actor_name(one.made_by)) for one in scenarios}
    borne, made = Counter(one.name for one in scenarios), Counter(known.values())
    numbers: Counter[tuple[str, str]] = Counter()
    names = {}
    for pk, (name, who) in known.items():
        numbers[name, who] += 1
        said = {"name": name, "who": who, "number": formats.number(numbers[name, who])}
        if borne[name] == 1:
            names[pk] = name
        elif made[name, who] == 1:
            names[pk] = _("%(name)s (%(who)s)") % said
        else:
            names[pk] = _("%(name)s (%(who)s, number %(number)s)") % said
    return names


def _yes(is_so: bool) -> Cell:  # noqa: FBT001 -- a cell says yes or nothing
    return Cell(_("Funded"), tag="ok") if is_so else Cell("")


def _value(one: Candidate, scenario: SelectionScenario) -> str:
    return formats.number(rules.value_of(one.score(rules.Basis(scenario.basis))), 2)


def _citation(key: str) -> str:
    kind = key.partition(":")[0]
    known = {str(one): citation.text for one, citation in rules.CITATIONS.items()}
    return known.get(kind, NOTICE.text)


def _choice_url(selection: Selection, one: Candidate, reader: Reader) -> str | None:
    if not reader.can_choose:
        return None
    return reverse(
        "awarding:record_selection_choice", args=[selection.competition.key, one.application.pk]
    )


def _pair_url(selection: Selection, pair: OverlapPair) -> str:
    return reverse("awarding:remove_overlap", args=[selection.competition.key, pair.pk])


def _millions(minor: int, currency: str) -> float:
    return float(Money(minor, currency).amount / 1_000_000)
