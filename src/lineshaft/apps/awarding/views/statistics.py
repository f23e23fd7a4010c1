"""Pages of the statistics of competitions, for whoever runs them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET

from lineshaft.apps.awarding import exchange, queries, rules
from lineshaft.apps.awarding.queries import CompetitionStatistics
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.queries import (
    competition_by_key,
    may_read_submissions,
    runs_any,
)
from lineshaft.apps.competitions.services import day_in
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.charts import Bar, bar_chart
from lineshaft.web.downloads import table_download
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Crumb, Figure, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

SIZE_LABELS: Final[dict[str, str | Promise]] = {
    rules.LeadSize.SMALL: gettext_lazy("Small or medium-sized firm"),
    rules.LeadSize.LARGE: gettext_lazy("Large firm"),
    rules.LeadSize.NO_FIRM: gettext_lazy("No firm"),
}
_FORMS: Final = ("xlsx", "json")


@require_GET
@login_required
def show_statistics(request: HttpRequest, key: str) -> HttpResponse:
    """How long the stages of a competition took, what was handed in, and what came of it."""
    actor, shown = _read(request, key)
    (counted,) = queries.statistics_of(actor, [shown])
    groups = queries.outcomes_by(actor, shown)
    context = {
        "title": _title(counted),
        "lede": _lede(counted),
        "rule": _("Agencies track how long their reviews take."),
        "citation": rules.TIMES_TRACKED,
        "crumbs": _crumbs(shown),
        "tabs": competition_tabs(key, "awarding:show_statistics"),
        "chart": _times_chart(counted),
        "table": _times_table(counted),
        "exports": [(form.upper(), _export_url(shown, form)) for form in _FORMS],
        "applications": _applications_table(counted),
        "loads": _loads_table(counted),
        "loads_chart": _loads_chart(counted),
        "groups": _group_tables(groups, is_decided=counted.selected is not None),
    }
    return render_page(request, "awarding/show_statistics.html", context)


@require_GET
@login_required
def export_statistics(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The stages of a competition as a file."""
    actor, shown = _read(request, key)
    (counted,) = queries.statistics_of(actor, [shown])
    return table_download(
        actor,
        form,
        name=f"{shown.key}-statistics",
        columns=exchange.times_export_columns(),
        rows=exchange.times_export_rows(counted),
        provenance=Provenance(
            title=_("Statistics of %(code)s") % {"code": shown.code},
            generated_at=clock.now(),
            is_demonstration=shown.is_demonstration,
        ),
    )


@require_GET
@login_required
def list_statistics(request: HttpRequest) -> HttpResponse:
    """The statistics over all competitions that the reader runs, the last opened first."""
    actor = _runner(request)
    page = paginate(request, queries.competitions_counted(actor))
    counted = queries.statistics_of(actor, list(page))
    context = {
        "title": _list_title(counted),
        "lede": ngettext(
            "%(count)s competition that was opened is counted, of what is open to you.",
            "%(count)s competitions that were opened are counted, of what is open to you.",
            page.total,
        )
        % {"count": formats.number(page.total)},
        "crumbs": (Crumb(_("Competitions"), reverse("competitions:list_competitions")),),
        "table": _competitions_table(counted, page),
        "chart": _competitions_chart(counted),
        "exports": [
            (form.upper(), reverse("awarding:export_all_statistics", args=[form]))
            for form in _FORMS
        ],
    }
    return render_page(request, "awarding/list_statistics.html", context)


@require_GET
@login_required
def export_all_statistics(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same as a file."""
    actor = _runner(request)
    rows = list(queries.competitions_counted(actor))
    return table_download(
        actor,
        form,
        name="competition-statistics",
        columns=exchange.statistics_export_columns(),
        rows=exchange.statistics_export_rows(queries.statistics_of(actor, rows)),
        provenance=Provenance(
            title=_("Statistics over competitions"),
            generated_at=clock.now(),
            is_demonstration=any(one.is_demonstration for one in rows),
        ),
    )


# ---------------------------------------------------------------------------------------- leaves


def _read(request: HttpRequest, key: str) -> tuple[Actor, Competition]:
    """The actor and the competition, for whoever reads what was handed in; raises NotFound."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    if not may_read_submissions(actor, shown):
        raise NotFound(code="no_statistics")
    return actor, shown


def _runner(request: HttpRequest) -> Actor:
    """The actor, if they run competitions at all; raises NotFound."""
    actor = actor_of(request)
    if not runs_any(actor):
        raise NotFound(code="no_statistics")
    return actor


def _crumbs(competition: Competition) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Competitions"), reverse("competitions:list_competitions")),
        Crumb(competition.code, competition.get_absolute_url()),
    )


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": formats.number(count)}


def _title(counted: CompetitionStatistics) -> str:
    late = rules.longest_over(counted.stages)
    if late is not None:
        over = late.over_days or 0
        return _("“%(stage)s” took %(days)s longer than planned") % {
            "stage": late.name,
            "days": _days(over),
        }
    if any(one.real_days is not None for one in counted.stages):
        return _("Every stage that is over kept to its plan")
    return _("No stage is over yet")


def _lede(counted: CompetitionStatistics) -> str:
    planned = _days(counted.planned_days)
    if counted.real_days is None:
        return _("%(planned)s are planned from the opening to the decision.") % {"planned": planned}
    return _("From the opening to the decision it took %(real)s; %(planned)s were planned.") % {
        "real": _days(counted.real_days),
        "planned": planned,
    }


def _list_title(counted: Sequence[CompetitionStatistics]) -> str:
    decided = [one for one in counted if one.real_days is not None]
    if not decided:
        return _("No competition is decided yet")
    days = round(sum(one.real_days or 0 for one in decided) / len(decided))
    return _("From the opening to the decision it took %(days)s on the average") % {
        "days": _days(days)
    }


def _export_url(competition: Competition, form: str) -> str:
    return reverse("awarding:export_statistics", args=[competition.key, form])


def _times_chart(counted: CompetitionStatistics) -> Figure | None:
    bars = [
        Bar(
            one.name,
            one.real_days,
            _("%(real)s, planned %(planned)s")
            % {"real": _days(one.real_days), "planned": formats.number(one.planned_days)},
            is_marked=(one.over_days or 0) > 0,
        )
        for one in counted.stages
        if one.real_days is not None
    ]
    if not bars:
        return None
    caption = _title(counted)
    svg = bar_chart(bars, title_alt=caption, y_label=_("Stage"), unit=pgettext("unit", "days"))
    return Figure(svg, caption, counted.competition.code)


def _times_table(counted: CompetitionStatistics) -> Table:
    return Table(
        _("Days of each stage, planned and real"),
        (
            Column("stage", _("Stage")),
            Column("planned", _("Days planned"), is_number=True),
            Column("real", _("Days it took"), is_number=True),
            Column("over", _("More than planned"), is_number=True),
            Column("began", _("Began at"), is_short=True),
            Column("ended", _("Ended at"), is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(one.name),
                    Cell(formats.number(one.planned_days)),
                    Cell(formats.number(one.real_days)),
                    Cell(formats.number(one.over_days)),
                    Cell(_day(counted.competition.zone, one.began_at)),
                    Cell(_day(counted.competition.zone, one.ended_at)),
                )
            )
            for one in counted.stages
        ),
        export_url=_export_url(counted.competition, "csv"),
        is_stacked=True,
    )


def _day(zone: str, moment: datetime | None) -> str:
    return day_in(zone, moment) if moment else formats.MISSING


def _applications_table(counted: CompetitionStatistics) -> Table:
    """What was handed in; each number opens the list of what it counts."""
    url = reverse("competitions:list_submissions", args=[counted.competition.key])
    rows = []
    if counted.calls:
        rows = [
            Row((Cell(_("Applications begun")), Cell(formats.number(counted.begun)), Cell(""))),
            *(
                Row(
                    (
                        Cell(_("Handed in: %(stage)s") % {"stage": call.name}),
                        Cell(formats.number(call.handed_in), url),
                        Cell(
                            _("%(count)s late") % {"count": formats.number(call.late)}
                            if call.late
                            else ""
                        ),
                    )
                )
                for call in counted.calls
            ),
            Row(
                (
                    Cell(_("Applications withdrawn")),
                    Cell(formats.number(counted.withdrawn)),
                    Cell(""),
                )
            ),
        ]
    if counted.selected is not None:
        rows.append(
            Row(
                (Cell(_("Applications selected")), Cell(formats.number(counted.selected)), Cell(""))
            )
        )
    return Table(
        _("Applications that are open to you, of calls that are over"),
        (
            Column("what", _("What is counted")),
            Column("number", pgettext("competition", "Applications"), is_number=True),
            Column("note", _("Note")),
        ),
        tuple(rows),
        empty=_("What is handed in stays sealed until its stage is over, and is not counted."),
    )


def _loads_table(counted: CompetitionStatistics) -> Table:
    return Table(
        _("Reviewers and their applications, by stage that has begun"),
        (
            Column("stage", _("Stage")),
            Column("reviewers", _("Reviewers"), is_number=True),
            Column("least", _("Least"), is_number=True),
            Column("mean", _("Mean"), is_number=True),
            Column("most", _("Most"), is_number=True),
            Column("submitted", _("Reviews submitted"), is_number=True),
            Column("in_time", _("In time"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(one.name),
                    Cell(formats.number(len(one.loads))),
                    Cell(formats.number(min(one.loads))),
                    Cell(formats.number(one.mean, 1)),
                    Cell(formats.number(max(one.loads))),
                    Cell(
                        _("%(submitted)s of %(assigned)s")
                        % {
                            "submitted": formats.number(one.submitted),
                            "assigned": formats.number(one.assigned),
                        }
                    ),
                    Cell(formats.number(one.in_time)),
                )
            )
            for one in counted.loads
        ),
        empty=_("Nobody has been assigned an application yet."),
        is_stacked=True,
    )


def _loads_chart(counted: CompetitionStatistics) -> Figure | None:
    """How many reviewers have how many applications, over all stages."""
    loads = counted.reviewer_loads
    if not loads:
        return None
    bars = [
        Bar(
            ngettext("%(count)s application", "%(count)s applications", load)
            % {"count": formats.number(load)},
            reviewers,
            formats.number(reviewers),
        )
        for load, reviewers in rules.spread_of(loads)
    ]
    caption = _("A reviewer has %(mean)s applications on the average, and at most %(most)s") % {
        "mean": formats.number(rules.mean_of(loads), 1),
        "most": formats.number(max(loads)),
    }
    svg = bar_chart(bars, title_alt=caption, y_label=_("Load"), unit=pgettext("unit", "reviewers"))
    return Figure(svg, caption, counted.competition.code)


def _group_tables(groups: dict[str, tuple[Any, ...]], *, is_decided: bool) -> list[Table]:
    kinds = {one.key: formats.local_name(one) for one in formats.profile().organisation_kinds}
    captions = {
        "state": (
            _("Outcome by state of the lead"),
            pgettext("part of a country", "State"),
            formats.region,
        ),
        "kind": (
            _("Outcome by kind of the lead"),
            _("Kind"),
            lambda key: kinds.get(key, key),
        ),
        "size": (
            _("Outcome by size of the lead"),
            pgettext("organisation", "Size"),
            lambda key: str(SIZE_LABELS[key]),
        ),
    }
    return [
        Table(
            caption,
            (
                Column("group", head),
                Column("handed_in", _("Applications handed in"), is_number=True),
                *(
                    (Column("selected", pgettext("application", "Selected"), is_number=True),)
                    if is_decided
                    else ()
                ),
            ),
            tuple(
                Row(
                    (
                        Cell(name_of(one.key) or formats.MISSING),
                        Cell(formats.number(one.handed_in)),
                        *((Cell(formats.number(one.selected)),) if is_decided else ()),
                    )
                )
                for one in groups[name]
            ),
        )
        for name, (caption, head, name_of) in captions.items()
        if groups[name]
    ]


def _competitions_chart(counted: Sequence[CompetitionStatistics]) -> Figure | None:
    bars = [
        Bar(
            one.competition.code,
            one.real_days,
            _("%(real)s, planned %(planned)s")
            % {"real": _days(one.real_days), "planned": formats.number(one.planned_days)},
            is_marked=one.real_days > one.planned_days,
        )
        for one in counted
        if one.real_days is not None
    ]
    if not bars:
        return None
    caption = _list_title(counted)
    svg = bar_chart(
        bars, title_alt=caption, y_label=_("Competition"), unit=pgettext("unit", "days")
    )
    return Figure(svg, caption)


def _competitions_table(counted: Sequence[CompetitionStatistics], page: Page[Competition]) -> Table:
    return Table(
        _("Competitions, the last opened first"),
        (
            Column("competition", _("Competition"), place="start"),
            Column("planned", _("Days planned"), is_number=True, place="foot"),
            Column("real", _("Days it took"), is_number=True, place="foot"),
            Column("handed_in", _("Applications handed in"), is_number=True, place="foot"),
            Column("selected", pgettext("application", "Selected"), is_number=True, place="foot"),
            Column("load", _("Mean load"), is_number=True, place="foot"),
            Column("in_time", _("Reviews in time"), is_number=True, place="foot"),
        ),
        tuple(_competition_row(one) for one in counted),
        page=page,
        export_url=reverse("awarding:export_all_statistics", args=["csv"]),
        empty=_("No competition that you run was opened yet."),
        is_stacked=True,
    )


def _competition_row(one: CompetitionStatistics) -> Row:
    competition = one.competition
    url = reverse("awarding:show_statistics", args=[competition.key])
    submissions = reverse("competitions:list_submissions", args=[competition.key])
    return Row(
        (
            Cell(competition.code, url, note=formats.local_name(competition)),
            Cell(formats.number(one.planned_days)),
            Cell(formats.number(one.real_days)),
            Cell(formats.number(one.handed_in), submissions if one.handed_in else None),
            Cell(formats.number(one.selected)),
            Cell(formats.number(rules.mean_of(one.reviewer_loads), 1)),
            Cell(
                _("%(in_time)s of %(submitted)s")
                % {
                    "in_time": formats.number(one.in_time),
                    "submitted": formats.number(one.submitted),
                }
                if one.submitted
                else formats.MISSING
            ),
        )
    )
