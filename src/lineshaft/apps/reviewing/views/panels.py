"""Pages of panels, for whoever runs the competition: who sits, who is asked, what is wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.reviewing import exchange, queries, rules, services
from lineshaft.apps.reviewing.forms import (
    CandidateFilters,
    InvitePanelForm,
    SeatFilters,
    SeatReasonForm,
)
from lineshaft.apps.reviewing.models import SEAT_STATE_LABELS, SECTOR_LABELS, PanelSeat
from lineshaft.apps.reviewing.queries import SeatSearch
from lineshaft.apps.reviewing.views.pool import SORTS, reviewer_row, reviewers_table
from lineshaft.apps.reviewing.views.words import (
    SEAT_TONES,
    area_choices,
    declared_tag,
    employer_name,
    panel_crumbs,
    panel_url,
)
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import Page, page_of_all, paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Tab, Tag, Tile, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, Tick, Ticked, sorting

TAB = "reviewing:list_panels"
TICK_FORM = "ticked"
KEY_DIGITS_MAX = 18
"""A longer number is the key of no row, and would not fit its column."""


@dataclass(frozen=True, slots=True)
class FaultShown:
    """Something that is wrong with a panel, in the reader's language, with its authority."""

    text: str
    citation: Citation | None


@require_GET
@login_required
def list_panels(request: HttpRequest, key: str) -> HttpResponse:
    """The panels of a competition, one for each stage that judges."""
    actor = actor_of(request)
    shown = queries.competition_of_panels(actor, key)
    stages = queries.stages_judged(shown)
    seats = _by_stage(shown)
    faulty = [stage for stage in stages if _faults(stage, seats.get(stage.pk, ()))]
    context = {
        "title": _("Every panel may judge")
        if stages and not faulty
        else ngettext(
            "%(count)s panel may not judge yet", "%(count)s panels may not judge yet", len(faulty)
        )
        % {"count": formats.number(len(faulty))},
        "lede": _("Each stage of review, visit or analysis has a panel of its own."),
        "crumbs": panel_crumbs(shown),
        "tabs": competition_tabs(shown.key, TAB),
        "table": _panels_table(shown, stages, seats),
    }
    return render_page(request, "reviewing/list_panels.html", context)


@require_GET
@login_required
def show_panel(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Who sits on a panel and who is asked, what is wrong with it, and what it can take on."""
    actor = actor_of(request)
    stage = queries.panel_by_number(actor, key, number)
    shown = stage.competition
    seats = list(queries.seats_on(stage))
    sitting = [seat for seat in seats if seat.state == rules.ACCEPTED]
    faults = _faults(stage, seats)
    load = sum(seat.load_most for seat in sitting)
    wanted = competitions.applications_judged(actor, stage).count() * stage.reviewers_least
    may_change = stage.ended_at is None and shown.state not in queries.CLOSED_STATES
    form = SeatFilters(request.GET)
    search = form.chosen()
    found = [seat for seat in seats if search.finds_name(seat)]
    page = page_of_all(request, [one for one in found if search.finds(one)])
    context = {
        "title": _title(stage, sitting, faults),
        "tag": Tag(_("Faulty"), "bad") if faults else Tag(_("May judge"), "ok"),
        "lede": _lede(load, wanted),
        "crumbs": panel_crumbs(shown, stage)[:-1],
        "tabs": competition_tabs(shown.key, TAB),
        "actions": _actions(actor, stage) if may_change else (),
        "faults": [FaultShown(one.as_text(formats.spoken), one.citation) for one in faults],
        "tiles": _tiles(stage, sitting, load, wanted),
        "sectors": _sectors_table(sitting),
        "form": form,
        "states": _state_tabs(request, found, search),
        "seats": _seats_table(
            stage,
            page,
            search,
            is_narrowed=len(found) < len(seats) or bool(search.state),
            can_remove=may_change and _may(actor, stage, "remove_from_panel"),
        ),
        "exports": [(key.upper(), _export_url(stage, key, search)) for key in ("xlsx", "json")],
        "named": _to_name(stage, page)
        if may_change and _may(actor, stage, "name_panel_chair")
        else [],
    }
    return render_page(request, "reviewing/show_panel.html", context)


@require_GET
@login_required
def export_panel(request: HttpRequest, key: str, number: int, form: str) -> HttpResponseBase:
    """The seats of the list as a file."""
    actor = actor_of(request)
    stage = queries.panel_by_number(actor, key, number)
    competition = stage.competition
    search = SeatFilters(request.GET).chosen()
    seats = [seat for seat in queries.seats_on(stage) if search.finds(seat)]
    return table_download(
        actor,
        form,
        name=f"panel-{competition.key}-{stage.number}",
        columns=exchange.seat_export_columns(),
        rows=exchange.seat_export_rows(seats),
        provenance=Provenance(
            title=_("Panel of %(stage)s in %(code)s")
            % {"stage": formats.local_name(stage), "code": competition.code},
            generated_at=clock.now(),
            is_demonstration=any(seat.reviewer.is_demonstration for seat in seats),
            filters=_asked(search),
        ),
        institute=competition.institute.key if competition.institute else "",
    )


@require_GET
@login_required
def list_candidates(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Who could be invited to a panel, to be ticked."""
    actor, stage = _panel_to(request, key, number, "invite_to_panel")
    form = CandidateFilters(request.GET, areas=area_choices())
    order, sort = sorting(request, SORTS, "name")
    rows = queries.reviewers_to_invite(actor, stage, form.chosen())
    page = paginate(request, rows.order_by(order, "pk"))
    ticked = tuple(
        reviewer_row(one, tick=Tick(str(one.pk), formats.local_name(one.person))) for one in page
    )
    title = ngettext(
        "%(count)s reviewer could be invited", "%(count)s reviewers could be invited", page.total
    )
    context = {
        "title": title % {"count": formats.number(page.total)},
        "lede": _("Who sits on this panel, was invited to it or does not review is left out."),
        "crumbs": panel_crumbs(stage.competition, stage),
        "form": form,
        "table": reviewers_table(
            page,
            _("Reviewers with their load in one stage"),
            sort=sort,
            rows=ticked,
            tick_form=TICK_FORM,
        ),
        "ticked": Ticked(
            form=TICK_FORM,
            label=_("Invite to the panel of %(stage)s") % {"stage": formats.local_name(stage)},
            url=reverse("reviewing:invite_to_panel", args=[key, number]),
            fields=(),
            choices=(("ticked", _("Invite the ticked")),),
        )
        if page.total
        else None,
    }
    return render_page(request, "reviewing/list_candidates.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def invite_to_panel(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that invites those who were ticked."""
    actor, stage = _panel_to(request, key, number, "invite_to_panel")
    asked = request.POST.getlist("reviewers") or request.GET.getlist("reviewer")
    ids = [int(text) for text in asked if text.isdecimal() and len(text) <= KEY_DIGITS_MAX]
    chosen = {one.pk: one for one in queries.reviewers_by_ids(actor, ids)}
    if not chosen:
        return redirect("reviewing:list_candidates", key=key, number=number)
    form = InvitePanelForm(
        request.POST or None,
        reviewers=[
            (str(one.pk), f"{formats.local_name(one.person)}, {employer_name(one)}")
            for one in chosen.values()
        ],
        initial={"reviewers": list(chosen)},
    )
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Invite to the panel of %(stage)s") % {"stage": formats.local_name(stage)},
            "lede": _("Each gets a message with the way to answer; conflicts are looked for."),
            "submit_label": _("Invite"),
            "crumbs": panel_crumbs(stage.competition, stage),
            "cancel_url": panel_url(stage.competition, stage),
        },
        perform=lambda: services.invite_to_panel(
            actor,
            stage,
            [chosen[pk] for pk in form.cleaned_data["reviewers"]],
            load_most=form.cleaned_data["load_most"],
            now=clock.now(),
        ),
        told=lambda seats: (
            ngettext(
                "%(count)s reviewer is invited.", "%(count)s reviewers are invited.", len(seats)
            )
            % {"count": formats.number(len(seats))}
        ),
        seen_at=lambda _seats: panel_url(stage.competition, stage),
    )


@require_http_methods(["GET", "POST"])
@login_required
def remove_from_panel(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """The form that takes somebody off a panel."""
    actor, stage = _panel_to(request, key, number, "remove_from_panel")
    seat = queries.seat_on(stage, pk)
    form = SeatReasonForm(request.POST or None)
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Remove %(name)s from the panel of %(stage)s")
            % {
                "name": formats.local_name(seat.reviewer.person),
                "stage": formats.local_name(stage),
            },
            "lede": _("They read nothing of it from then on. The reason stays on record."),
            "submit_label": _("Remove"),
            "crumbs": panel_crumbs(stage.competition, stage),
            "cancel_url": panel_url(stage.competition, stage),
        },
        perform=lambda: services.remove_from_panel(
            actor, seat, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The seat is given up."),
        seen_at=lambda _done: panel_url(stage.competition, stage),
    )


@require_POST
@login_required
def name_panel_chair(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """Let somebody who sits chair the panel."""
    actor, stage = _panel_to(request, key, number, "name_panel_chair")
    services.name_panel_chair(actor, queries.seat_on(stage, pk), now=clock.now())
    return redirect(panel_url(stage.competition, stage))


# ---------------------------------------------------------------------------------------- leaves


def _panel_to(request: HttpRequest, key: str, number: int, verb: str) -> tuple[Actor, Stage]:
    """The actor and the stage, if the actor may do that to its panel."""
    actor = actor_of(request)
    stage = queries.panel_by_number(actor, key, number)
    institute, agencies = competitions.runner_keys_of(stage.competition)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)
    return actor, stage


def _may(actor: Actor, stage: Stage, verb: str) -> bool:
    institute, agencies = competitions.runner_keys_of(stage.competition)
    return may(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)


def _by_stage(competition: Competition) -> dict[int, list[PanelSeat]]:
    """The seats of all panels of a competition, by stage."""
    found: dict[int, list[PanelSeat]] = {}
    for seat in queries.seats_of_competition(competition):
        found.setdefault(seat.stage_id, []).append(seat)
    return found


def _faults(stage: Stage, seats: Sequence[PanelSeat]) -> tuple[Refusal, ...]:
    sitting = [seat.reviewer.sitting for seat in seats if seat.state == rules.ACCEPTED]
    return queries.faults_among(stage, sitting)


def _panels_table(
    shown: Competition, stages: Sequence[Stage], seats: dict[int, list[PanelSeat]]
) -> Table:
    return Table(
        _("Panels by stage"),
        (
            Column("stage", _("Stage")),
            Column("kind", _("What is done")),
            Column("accepted", _("Accepted"), is_number=True),
            Column("invited", _("Invited"), is_number=True),
            Column("load", _("Load"), is_number=True),
            Column("state", _("State")),
        ),
        tuple(_panel_row(shown, stage, seats.get(stage.pk, [])) for stage in stages),
        empty=_("No stage of this competition judges anything."),
        is_stacked=True,
    )


def _panel_row(shown: Competition, stage: Stage, seats: Sequence[PanelSeat]) -> Row:
    accepted = [seat for seat in seats if seat.state == rules.ACCEPTED]
    invited = sum(seat.state == rules.INVITED for seat in seats)
    faults = _faults(stage, seats)
    return Row(
        (
            Cell(formats.local_name(stage), panel_url(shown, stage)),
            Cell(str(stage.get_kind_display())),
            Cell(formats.number(len(accepted))),
            Cell(formats.number(invited)),
            Cell(formats.number(sum(seat.load_most for seat in accepted))),
            Cell(_("Faulty"), tag="bad") if faults else Cell(_("May judge"), tag="ok"),
        )
    )


def _title(stage: Stage, sitting: Sequence[PanelSeat], faults: Sequence[Refusal]) -> str:
    named = {"stage": formats.local_name(stage), "count": formats.number(len(sitting))}
    if faults:
        return _("The panel of %(stage)s may not judge yet") % named
    return (
        ngettext(
            "%(count)s reviewer judges in %(stage)s",
            "%(count)s reviewers judge in %(stage)s",
            len(sitting),
        )
        % named
    )


def _actions(actor: Actor, stage: Stage) -> tuple[Action, ...]:
    if not _may(actor, stage, "invite_to_panel"):
        return ()
    url = reverse("reviewing:list_candidates", args=[stage.competition.key, stage.number])
    return (Action(_("Invite reviewers"), url, is_primary=True),)


def _export_url(stage: Stage, form: str, search: SeatSearch) -> str:
    url = reverse("reviewing:export_panel", args=[stage.competition.key, stage.number, form])
    return f"{url}{_query(search)}"


def _asked(search: SeatSearch) -> dict[str, str]:
    """What narrows the list of seats, as the address of the page says it."""
    asked = {"q": search.words, "state": search.state}
    return {name: value for name, value in asked.items() if value}


def _query(search: SeatSearch) -> str:
    """The same as the end of an address; empty where nothing narrows."""
    asked = _asked(search)
    return f"?{urlencode(asked)}" if asked else ""


def _lede(load: int, wanted: int) -> str:
    """What is counted, and whether those who sit can take on what there is to review."""
    counted = _("Counted are those who accepted. Who declined or left stays on record.")
    if load >= wanted:
        return counted
    short = ngettext(
        "They take on %(count)s review less than is needed: invite more.",
        "They take on %(count)s reviews less than are needed: invite more.",
        wanted - load,
    ) % {"count": formats.number(wanted - load)}
    return f"{counted} {short}"


def _tiles(stage: Stage, sitting: Sequence[PanelSeat], load: int, wanted: int) -> tuple[Tile, ...]:
    """Who sits, from where, what they take on and what there is to review."""
    public = sum(seat.reviewer.sector in rules.PUBLIC_SECTORS for seat in sitting)
    return (
        Tile(_("Sit on the panel"), formats.number(len(sitting)), "#seats"),
        Tile(
            _("From public and private sectors"),
            f"{formats.number(public)} : {formats.number(len(sitting) - public)}",
            "#sectors",
        ),
        Tile(
            _("Reviews that they take on"),
            formats.number(load),
            "#seats",
            source=_("the sum of their loads"),
        ),
        Tile(
            _("Reviews that are needed"),
            formats.number(wanted),
            reverse("competitions:list_submissions", args=[stage.competition.key]),
            source=ngettext(
                "at least %(count)s reviewer for each application that you may see",
                "at least %(count)s reviewers for each application that you may see",
                stage.reviewers_least,
            )
            % {"count": formats.number(stage.reviewers_least)},
        ),
    )


def _sectors_table(sitting: Sequence[PanelSeat]) -> Table:
    """How many sit from each sector, and which half it counts to."""
    return Table(
        _("Those who sit, by sector"),
        (
            Column("sector", _("Sector")),
            Column("half", _("Counts as")),
            Column("count", _("Reviewers"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(str(label)),
                    Cell(_("public") if sector in rules.PUBLIC_SECTORS else _("private")),
                    Cell(formats.number(sum(one.reviewer.sector == sector for one in sitting))),
                )
            )
            for sector, label in SECTOR_LABELS.items()
        ),
    )


def _state_tabs(
    request: HttpRequest, found: Sequence[PanelSeat], search: SeatSearch
) -> tuple[Tab, ...]:
    """How many of the seats found stand how, each as a link to those."""
    counts = Counter(seat.state for seat in found)
    offered = [("", _("All"), len(found))]
    offered += [
        (state, str(label), counts[state])
        for state, label in SEAT_STATE_LABELS.items()
        if counts[state] or state == search.state
    ]
    return tuple(
        Tab(
            _("%(label)s (%(count)s)") % {"label": label, "count": formats.number(count)},
            f"{request.path}{_query(replace(search, state=state))}#seats",
            state == search.state,
        )
        for state, label, count in offered
    )


def _seats_table(
    stage: Stage, page: Page[PanelSeat], search: SeatSearch, *, is_narrowed: bool, can_remove: bool
) -> Table:
    return Table(
        _("Everybody who was invited, with the load that they take on"),
        (
            Column("name", _("Name"), place="start"),
            Column("employer", _("Employer"), place="line"),
            Column("sector", _("Sector"), place="foot"),
            Column("state", _("State"), place="end"),
            Column("load", _("Load"), is_number=True, place="foot"),
            Column("declared", _("Declared"), place="line"),
            Column("answered", _("Answered on"), is_short=True, place="line", is_named=True),
            Column("what", _("What you can do"), place="line"),
        ),
        tuple(_seat_row(stage, seat, can_remove=can_remove) for seat in page),
        page=page,
        export_url=_export_url(stage, "csv", search),
        empty=_("No seat fits what you look for.") if is_narrowed else _("Nobody is invited yet."),
        is_stacked=True,
    )


def _seat_row(stage: Stage, seat: PanelSeat, *, can_remove: bool) -> Row:
    declared = declared_tag(seat.reviewer)
    is_open = seat.state in {rules.INVITED, rules.ACCEPTED}
    url = reverse(
        "reviewing:remove_from_panel", args=[stage.competition.key, stage.number, seat.pk]
    )
    return Row(
        (
            Cell(formats.local_name(seat.reviewer.person), seat.reviewer.get_absolute_url()),
            Cell(employer_name(seat.reviewer)),
            Cell(str(seat.reviewer.get_sector_display())),
            Cell(
                _("Chairs") if seat.is_chair else str(seat.get_state_display()),
                tag=SEAT_TONES[seat.state],
                note=seat.why,
            ),
            Cell(formats.number(seat.load_most)),
            Cell(declared.text, tag=declared.tone),
            Cell(formats.date_local(seat.answered_at)),
            Cell(_("Remove"), url) if can_remove and is_open else Cell(""),
        )
    )


def _to_name(stage: Stage, page: Page[PanelSeat]) -> list[tuple[str, str]]:
    """Who of the page can be named to the chair, with where to."""
    key, number = stage.competition.key, stage.number
    return [
        (
            formats.local_name(seat.reviewer.person),
            reverse("reviewing:name_panel_chair", args=[key, number, seat.pk]),
        )
        for seat in page
        if seat.state == rules.ACCEPTED and not seat.is_chair
    ]
