"""Pages of who reviews what: a stage, one application with its candidates, the loads, the file."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.competitions.models import Competition, Stage, Submission
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import ORIGIN_LABELS, Assignment, AssignmentRun, PanelSeat
from lineshaft.apps.reviewing.queries import Candidate, Cover
from lineshaft.apps.reviewing.views.assignment_words import (
    RUN_TONES,
    WITHHELD,
    affinity,
    application_name,
    assignment_crumbs,
    conflicts_url,
    employer_of,
    faults_table,
    in_units,
    may_assign,
    pairs_counted,
    panel_url,
    sector_of,
    stage_to,
    url_of,
)
from lineshaft.kernel.text import fill
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn, Provenance
from lineshaft.plumbing.listing import Page, page_of_all, paginate
from lineshaft.web import formats
from lineshaft.web.charts import Bar, bar_chart
from lineshaft.web.downloads import table_download
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Figure, Tab, Tile, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

RUNS_SHOWN = 5
CANDIDATES_DRAWN = 12
APPLICATIONS_DRAWN = 30
_SORTS = {"number": "application__number", "assigned": "assigned", "affinity": "affinity_sum"}


@require_GET
@login_required
def show_assignment(request: HttpRequest, key: str, number: int | None = None) -> HttpResponse:
    """How a stage is covered: what lacks reviewers, who reviews what, how much everybody takes."""
    actor, shown, stage = stage_to(request, key, number)
    demand = queries.terms_in_force(stage).demand
    cover = queries.cover_of(actor, stage, demand)
    order_by, sort = sorting(request, _SORTS, "number")
    rows = queries.applications_covered(actor, stage).order_by(order_by, "pk")
    if request.GET.get("lacking"):
        rows = rows.filter(assigned__lt=demand)  # type: ignore[misc] # annotated
    page = paginate(request, rows)
    seats = list(queries.seats_loaded(actor, stage))
    conflicted = _conflicted(actor, stage)
    context = {
        "title": _title(cover),
        "lede": _lede(stage, cover, len(seats)),
        "crumbs": assignment_crumbs(stage, is_below=False),
        "tabs": competition_tabs(key, "reviewing:show_assignment"),
        "stages": _stage_tabs(shown, stage),
        "actions": _actions(actor, stage, conflicted),
        "withheld": WITHHELD if queries.is_some_closed(actor, stage) else "",
        "tiles": _tiles(stage, cover, seats),
        "faults": [
            (fill(one.message, one.params, _), one.citation) for one in queries.panel_faults(stage)
        ],
        "panel_url": panel_url(stage),
        "runs": _runs_table(stage, queries.runs_shown(actor, stage)[:RUNS_SHOWN]),
        "sums": _sums_chart(page, demand),
        "table": _applications_table(actor, stage, page, demand, sort),
        "chart": _loads_chart(seats),
        "loads": _loads_counted(seats),
        "loads_url": url_of(stage, "list_loads"),
    }
    return render_page(request, "reviewing/show_assignment.html", context)


@require_GET
@login_required
def show_candidates(request: HttpRequest, key: str, number: int, application: int) -> HttpResponse:
    """One application: who reviews it, and how well everybody else on the panel fits."""
    actor, shown, stage = stage_to(request, key, number)
    one = queries.application_covered(actor, stage, application)
    found = queries.candidates_for(actor, stage, application)
    named = {"title": one.title, "count": formats.number(one.assigned)}  # type: ignore[attr-defined] # annotated
    context = {
        "title": ngettext(
            "“%(title)s” has %(count)s reviewer",
            "“%(title)s” has %(count)s reviewers",
            one.assigned,  # type: ignore[attr-defined] # annotated
        )
        % named,
        "lede": _("%(count)s people sit on the panel. What is closed is closed by a conflict.")
        % {"count": formats.number(len(found))},
        "crumbs": assignment_crumbs(stage),
        "chart": _fits_chart(found),
        "table": _candidates_table(
            stage,
            application,
            page_of_all(request, found),
            is_open=may_assign(actor, shown) and stage.ended_at is None,
        ),
        "conflicts_url": conflicts_url(shown),
    }
    return render_page(request, "reviewing/show_candidates.html", context)


@require_GET
@login_required
def list_loads(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """How many applications everybody on the panel takes."""
    actor, _shown, stage = stage_to(request, key, number)
    seats = queries.seats_loaded(actor, stage)
    page = paginate(request, seats.order_by("-load", "pk"))  # type: ignore[misc] # annotated
    context = {
        "title": _("Loads of the panel of “%(stage)s”") % {"stage": formats.local_name(stage)},
        "lede": _("Applications that are assigned, beside what each said to take at most."),
        "crumbs": assignment_crumbs(stage),
        "withheld": WITHHELD if queries.is_some_closed(actor, stage) else "",
        "table": _seats_table(page),
        "panel_url": panel_url(stage),
    }
    return render_page(request, "reviewing/list_loads.html", context)


@require_GET
@login_required
def check_assignment(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What is wrong with the assignment that stands, counted over under the terms in force."""
    actor, _shown, stage = stage_to(request, key, number)
    faults = services.faults_standing(actor, stage)
    title = ngettext(
        "The assignment does not hold in %(count)s place",
        "The assignment does not hold in %(count)s places",
        len(faults),
    ) % {"count": formats.number(len(faults))}
    context = {
        "title": title if faults else _("The assignment holds"),
        "lede": _("Counted over: reviewers of each application, loads, conflicts, panels."),
        "crumbs": assignment_crumbs(stage),
        "withheld": WITHHELD if queries.is_some_closed(actor, stage) else "",
        "table": faults_table(
            actor, stage, faults, _("What does not hold"), _("Everything that is asked holds.")
        ),
    }
    return render_page(request, "reviewing/check_assignment.html", context)


@require_GET
@login_required
def export_assignment(request: HttpRequest, key: str, number: int, form: str) -> HttpResponseBase:
    """Who reviews what, as a file: csv, xlsx or json."""
    actor, shown, stage = stage_to(request, key, number)
    names = {
        one.application_id: one.title  # type: ignore[attr-defined] # annotated
        for one in queries.applications_covered(actor, stage)
    }
    rows = queries.assignments_shown(actor, stage).filter(application__in=list(names))
    said = {"code": shown.code, "stage": formats.local_name(stage)}
    return table_download(
        actor,
        form,
        name=f"assignment-{key}-{number}",
        columns=_columns(),
        rows=_lines(rows, names),
        provenance=Provenance(
            title=_("Who reviews what in “%(stage)s” of %(code)s") % said,
            generated_at=clock.now(),
            is_demonstration=settings.IS_DEMONSTRATION,
        ),
    )


# ------------------------------------------------------------------------------------ of a stage


def _title(cover: Cover) -> str:
    said = {
        "count": formats.number(cover.applications),
        "lacking": formats.number(cover.lacking),
    }
    if not cover.applications:
        return _("There is nothing to assign yet")
    if not cover.pairs:
        return _("Nobody reviews any of the applications yet: %(count)s wait") % said
    if cover.lacking:
        return _("Of %(count)s applications, %(lacking)s lack reviewers") % said
    return _("Every application has its reviewers: %(count)s in all") % said


def _lede(stage: Stage, cover: Cover, seats: int) -> str:
    return _(
        "“%(stage)s”: %(pairs)s, %(seats)s people on the panel, %(demand)s reviewers wanted of"
        " each application."
    ) % {
        "stage": formats.local_name(stage),
        "pairs": pairs_counted(cover.pairs),
        "seats": formats.number(seats),
        "demand": formats.number(cover.demand),
    }


def _conflicted(actor: Actor, stage: Stage) -> int:
    """How many standing assignments a conflict closes, among those that the actor sees."""
    closed = [one.pk for one in queries.conflicted_standing(stage)]
    return queries.assignments_shown(actor, stage).filter(pk__in=closed).count() if closed else 0


def _actions(actor: Actor, stage: Stage, conflicted: int) -> tuple[Action, ...]:
    check = Action(_("Check everything"), url_of(stage, "check_assignment"))
    if not may_assign(actor, stage.competition) or stage.ended_at is not None:
        return (check,)
    propose = Action(
        _("Propose an assignment"), url_of(stage, "propose_assignment"), is_primary=True
    )
    if not conflicted:
        return (propose, check)
    label = ngettext(
        "Take %(count)s assignment back that a conflict closes",
        "Take %(count)s assignments back that conflicts close",
        conflicted,
    ) % {"count": formats.number(conflicted)}
    return (
        propose,
        Action(label, url_of(stage, "take_back_conflicted"), is_post=True),
        check,
    )


def _stage_tabs(competition: Competition, stage: Stage) -> tuple[Tab, ...]:
    """The other stages that judge; nothing where there is one."""
    judged = queries.stages_judged(competition)
    if len(judged) == 1:
        return ()
    found = []
    for one in judged:
        one.competition = competition
        url = url_of(one, "show_assignment")
        found.append(Tab(formats.local_name(one), url, one.number == stage.number))
    return tuple(found)


def _tiles(stage: Stage, cover: Cover, seats: list[PanelSeat]) -> tuple[Tile, ...]:
    here, loads = url_of(stage, "show_assignment"), url_of(stage, "list_loads")
    most = sum(seat.load_most for seat in seats)
    return (
        Tile(_("Applications"), formats.number(cover.applications), f"{here}#applications"),
        Tile(
            _("Lacking reviewers"),
            formats.number(cover.lacking),
            f"{here}?lacking=1#applications",
            source=_("fewer than %(demand)s") % {"demand": formats.number(cover.demand)},
        ),
        Tile(
            _("Worst application"),
            in_units(cover.worst),
            f"{here}?sort=affinity#applications",
            source=_("least sum of affinities"),
        ),
        Tile(
            _("Panel"),
            formats.number(len(seats)),
            loads,
            source=_("take %(most)s applications at most") % {"most": formats.number(most)},
        ),
    )


def _sums_chart(page: Page[Submission], demand: int) -> Figure | None:
    """The sums of affinities of the applications on the page, marked where reviewers lack."""
    shown = list(page)[:APPLICATIONS_DRAWN]
    if not any(one.assigned for one in shown):  # type: ignore[attr-defined] # annotated
        return None
    bars = [
        Bar(
            formats.number(one.application.number),
            one.affinity_sum,  # type: ignore[attr-defined] # annotated
            affinity(one.affinity_sum),  # type: ignore[attr-defined] # annotated
            is_marked=one.assigned < demand,  # type: ignore[attr-defined] # annotated
        )
        for one in shown
    ]
    least = min(bars, key=lambda bar: bar.value)
    finding = _("Application %(number)s has the least sum of affinities here, %(sum)s.") % {
        "number": least.label,
        "sum": least.text,
    }
    drawn = bar_chart(
        bars, title_alt=finding, x_label=_("sum of affinities"), y_label=_("application")
    )
    return Figure(drawn, _("Sums of affinities by application; marked is what lacks reviewers"))


def _applications_table(
    actor: Actor, stage: Stage, page: Page[Submission], demand: int, sort: str
) -> Table:
    shown = {one.application_id for one in page}
    people: dict[int, list[str]] = defaultdict(list)
    for one in queries.assignments_shown(actor, stage).filter(application__in=shown):
        name = formats.local_name(one.seat.reviewer.person)
        people[one.application_id].append(f"{name} {affinity(one.affinity)}")
    return Table(
        _("Applications with their reviewers and affinities, from 0 to 1"),
        (
            Column("application", _("Application"), sort="number"),
            Column("reviewers", _("Reviewers")),
            Column("assigned", _("Assigned"), is_number=True, sort="assigned"),
            Column("sum", _("Sum of affinities"), is_number=True, sort="affinity"),
            Column("state", _("State")),
        ),
        tuple(_application_row(stage, one, people[one.application_id], demand) for one in page),
        page=page,
        sort=sort,
        export_url=url_of(stage, "export_assignment", "csv"),
        empty=_("What was handed in opens when the stage behind the call begins."),
        is_stacked=True,
    )


def _application_row(stage: Stage, one: Submission, people: list[str], demand: int) -> Row:
    assigned: int = one.assigned  # type: ignore[attr-defined] # annotated
    lacking = demand - assigned
    if lacking > 0:
        words = ngettext("lacks %(count)s", "lacks %(count)s", lacking)
        state = Cell(words % {"count": formats.number(lacking)}, tag="due")
    elif lacking < 0:
        state = Cell(_("more than wanted"), tag="quiet")
    else:
        state = Cell(_("covered"), tag="ok")
    name = application_name(one.application.number, one.title)  # type: ignore[attr-defined] # annotated
    return Row(
        (
            Cell(name, url_of(stage, "show_candidates", one.application_id)),
            Cell(formats.joined(people) if people else "–"),
            Cell(_("%(has)s of %(wanted)s") % {"has": assigned, "wanted": demand}),
            Cell(affinity(one.affinity_sum)),  # type: ignore[attr-defined] # annotated
            state,
        )
    )


def _runs_table(stage: Stage, runs: Iterable[AssignmentRun]) -> Table:
    rows = tuple(
        Row(
            (
                Cell(formats.date_local(one.made_at), url_of(stage, "show_assignment_run", one.pk)),
                Cell(str(one.get_objective_display())),
                Cell(formats.actor_name(one.made_by)),
                Cell(str(one.get_state_display()), tag=RUN_TONES[one.state]),
            )
        )
        for one in runs
    )
    columns = (
        Column("made", _("Asked for"), is_short=True),
        Column("objective", _("What is wanted")),
        Column("who", _("By")),
        Column("state", _("State")),
    )
    empty = _("Nothing was proposed yet. A proposal changes nothing until it is adopted.")
    return Table(_("The last proposals"), columns, rows, empty=empty, is_stacked=True)


# ------------------------------------------------------------------------------ loads, candidates


def _loads_chart(seats: list[PanelSeat]) -> Figure | None:
    """How many people have how many applications; nothing without a panel."""
    if not seats:
        return None
    counted = Counter(_load(seat) for seat in seats)
    highest = max(counted)
    bars = [
        Bar(formats.number(load), counted[load], formats.number(counted[load]))
        for load in range(highest + 1)
    ]
    said = {"most": formats.number(highest), "seats": formats.number(len(seats))}
    finding = _("Of %(seats)s people on the panel nobody has more than %(most)s applications.")
    drawn = bar_chart(
        bars, title_alt=finding % said, x_label=_("people"), y_label=_("applications of one")
    )
    return Figure(drawn, _("People on the panel by how many applications they have"))


def _loads_counted(seats: list[PanelSeat]) -> Table:
    counted = Counter(_load(seat) for seat in seats)
    rows = tuple(
        Row((Cell(formats.number(load)), Cell(formats.number(counted[load]))))
        for load in sorted(counted)
    )
    columns = (
        Column("load", _("Applications"), is_number=True),
        Column("people", _("People"), is_number=True),
    )
    return Table(_("People on the panel by how many applications they have"), columns, rows)


def _seats_table(page: Page[PanelSeat]) -> Table:
    rows = []
    for seat in page:
        load = _load(seat)
        is_over = load > seat.load_most
        state = _("more than they take") if is_over else _("full")
        is_full = load >= seat.load_most
        rows.append(
            Row(
                (
                    Cell(formats.local_name(seat.reviewer.person)),
                    Cell(employer_of(seat)),
                    Cell(sector_of(seat)),
                    Cell(formats.number(load)),
                    Cell(formats.number(seat.load_most)),
                    Cell(affinity(seat.affinity_sum)),  # type: ignore[attr-defined] # annotated
                    Cell(state, tag="bad" if is_over else "quiet")
                    if is_full
                    else Cell(_("has room"), tag="ok"),
                )
            )
        )
    columns = (
        Column("name", _("Reviewer")),
        Column("employer", _("Employer")),
        Column("sector", _("Sector")),
        Column("load", _("Applications"), is_number=True),
        Column("most", _("At most"), is_number=True),
        Column("sum", _("Sum of affinities"), is_number=True),
        Column("state", _("State")),
    )
    return Table(
        _("The panel, who has most first"),
        columns,
        tuple(rows),
        page=page,
        empty=_("Nobody has accepted a seat yet."),
        is_stacked=True,
    )


def _fits_chart(found: list[Candidate]) -> Figure | None:
    """The affinities of who reviews the application, marked, and of who fits best."""
    counted = [one for one in found if one.affinity is not None and not one.is_closed]
    if not counted:
        return None
    best = sorted(counted, key=lambda one: -(one.affinity or 0))[:CANDIDATES_DRAWN]
    bars = [
        Bar(
            formats.local_name(one.seat.reviewer.person),
            (one.affinity or 0) / rules.AFFINITY_UNITS,
            in_units(one.affinity),
            is_marked=one.assignment is not None,
        )
        for one in best
    ]
    finding = _("%(name)s fits best, with %(affinity)s.") % {
        "name": bars[0].label,
        "affinity": bars[0].text,
    }
    drawn = bar_chart(bars, title_alt=finding, x_label=_("affinity, from 0 to 1"))
    return Figure(drawn, _("Who fits best; marked is who reviews it"))


def _candidates_table(
    stage: Stage, application: int, page: Page[Candidate], *, is_open: bool
) -> Table:
    return Table(
        _("The panel for this application: who reviews it, then who fits best"),
        (
            Column("name", _("Reviewer")),
            Column("employer", _("Employer")),
            Column("sector", _("Sector")),
            Column("affinity", _("Affinity"), is_number=True),
            Column("load", _("Applications"), is_number=True),
            Column("state", _("State")),
            Column("action", _("Change")),
        ),
        tuple(_candidate_row(stage, application, one, is_open=is_open) for one in page),
        page=page,
        empty=_("Nobody has accepted a seat yet."),
        is_stacked=True,
    )


def _candidate_row(stage: Stage, application: int, one: Candidate, *, is_open: bool) -> Row:
    action = Cell("–")
    if one.is_closed:
        state = Cell(_("closed by a conflict"), tag="bad")
    elif one.assignment is not None:
        state = Cell(_("reviews it"), tag="ok")
    elif one.load >= one.seat.load_most:
        state = Cell(_("full"), tag="quiet")
    else:
        state = Cell(_("has room"), tag="quiet")
    if is_open and one.assignment is not None:
        action = Cell(_("Take back"), url_of(stage, "unassign_reviewer", one.assignment.pk))
    elif is_open and not one.is_closed:
        url = url_of(stage, "assign_reviewer", application, one.seat.pk)
        action = Cell(_("Assign"), url)
    said = {"has": formats.number(one.load), "most": formats.number(one.seat.load_most)}
    return Row(
        (
            Cell(formats.local_name(one.seat.reviewer.person)),
            Cell(employer_of(one.seat)),
            Cell(sector_of(one.seat)),
            Cell(in_units(one.affinity)),
            Cell(_("%(has)s of %(most)s") % said),
            state,
            action,
        )
    )


def _load(seat: PanelSeat) -> int:
    load: int = seat.load  # type: ignore[attr-defined] # annotated
    return load


# ---------------------------------------------------------------------------------------- the file


def _columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn("application", _("Number")),
        ExportColumn("title", _("Application")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("reviewer", _("Reviewer")),
        ExportColumn("employer", _("Employer")),
        ExportColumn("sector", _("Sector")),
        ExportColumn("affinity", _("Affinity")),
        ExportColumn("origin", _("Made by")),
        ExportColumn("made_at", _("Made at")),
    )


def _lines(rows: Iterable[Assignment], names: dict[int, str]) -> Iterator[tuple[ExportCell, ...]]:
    for one in rows:
        cells: tuple[Any, ...] = (
            one.application.number,
            names[one.application_id],
            formats.local_name(one.application.lead),
            formats.local_name(one.seat.reviewer.person),
            employer_of(one.seat),
            sector_of(one.seat),
            one.affinity,
            str(ORIGIN_LABELS[rules.Origin(one.origin)]),
            one.made_at,
        )
        yield cells
