"""Pages of organisations that look alike: pairs by evidence, one pair reviewed, and its verbs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import MergeForm, PairFilters, ReasonForm, SureForm
from lineshaft.apps.network.models import (
    LIKENESS_LABELS,
    PAIR_STATE_LABELS,
    Organisation,
    OrganisationPair,
)
from lineshaft.apps.network.queries import LookAlike, RecordHeld
from lineshaft.apps.network.views import wording
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, Tag, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

STATE_TONES: dict[str, Tone] = {
    rules.PairState.PROPOSED: "due",
    rules.PairState.MERGED: "ok",
}


@require_GET
def list_pairs(request: HttpRequest) -> HttpResponse:
    """Pairs of records that look alike: those that wait, or in the state that the address names."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    form = PairFilters(request.GET)
    state = form.chosen().get("state", "")
    rows = queries.pairs_waiting(actor)
    if state:
        rows = queries.pairs_visible_to(actor).filter(state=state).order_by("-score_bp", "pk")
    page = paginate(request, rows)
    table = Table(
        caption=_("Organisations that look alike, most alike first"),
        columns=(
            Column("first", _("One record")),
            Column("second", _("The other record")),
            Column("likeness", _("Likeness"), is_number=True),
            Column("why", _("Why")),
            Column("state", _("State")),
        ),
        rows=tuple(_pair_row(one) for one in page),
        page=page,
        empty=_("No pair waits. Look again after organisations were registered or imported."),
        is_stacked=True,
    )
    again = Action(_("Look again"), reverse("network:request_lookalikes"), is_post=True)
    return render_page(
        request,
        "network/list_pairs.html",
        {
            "table": table,
            "form": form,
            "total": page.total,
            "is_narrowed": bool(state),
            "actions": (again,),
            "crumbs": _crumbs(),
        },
    )


@require_POST
def request_lookalikes(request: HttpRequest) -> HttpResponse:
    """Have every record compared with those that its name could be confused with."""
    job = services.request_lookalikes(actor_of(request), now=clock.now())
    return redirect("jobs:show_job", pk=job.pk)


@require_GET
def show_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Two records side by side: what each has, which one stays, and what would speak against it."""
    actor = actor_of(request)
    pair = queries.pair_by_id(actor, pk)
    first, second, *_rest = _both(actor, pair)
    refusal = None
    if pair.state in (rules.PairState.FOUND, rules.PairState.PROPOSED):
        refusal = services.refusal_to_merge(pair.merged, _survivor(pair))
    return render_page(
        request,
        "network/show_pair.html",
        {
            "pair": pair,
            "first": pair.first,
            "second": pair.second,
            "tag": _tag(pair),
            "crumbs": _pair_crumbs(),
            "actions": _actions(actor, pair),
            "items": _items(pair),
            "table": _comparison(first, second, pair),
            "refusal": refusal,
        },
    )


@require_http_methods(["GET", "POST"])
def propose_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that this record and another are one organisation, and which one stays."""
    actor = actor_of(request)
    organisation = queries.organisation_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["propose_merge"])
    form = MergeForm(request.POST or None, initial={"survivor": request.GET.get("survivor", "")})
    shown = reverse("network:show_organisation", args=[pk])

    def perform() -> OrganisationPair | None:
        named = queries.organisations_named(actor, form.cleaned_data["survivor"].strip())
        if len(named) != 1:
            form.add_error("survivor", wording.not_one_organisation(named))
            return None
        why = form.cleaned_data["why"]
        return services.propose_merge(actor, organisation, named[0], why=why, now=clock.now())

    return form_page(
        request,
        "network/propose_merge.html",
        form,
        {
            "organisation": organisation,
            "crumbs": (*_crumbs(), Crumb(formats.local_name(organisation), shown)),
            "cancel_url": shown,
        },
        perform=perform,
        told=lambda _pair: _("The merge is proposed. Somebody else looks at it and decides."),
        seen_at=_pair_url,
    )


@require_http_methods(["GET", "POST"])
def merge_organisations(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge as proposed, after a second look."""
    actor = actor_of(request)
    pair = _pair_for(actor, "merge_organisations", pk)
    return form_page(
        request,
        "network/merge_organisations.html",
        SureForm(request.POST if request.method == "POST" else None),
        _context(pair),
        perform=lambda: services.merge_organisations(actor, pair, now=clock.now()),
        told=lambda _pair: _("The two records are one organisation now."),
        seen_at=_pair_url,
    )


@require_http_methods(["GET", "POST"])
def keep_apart(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the two are two organisations, and why; it is remembered."""
    actor = actor_of(request)
    pair = _pair_for(actor, "keep_apart", pk)
    form = ReasonForm(request.POST or None)
    return form_page(
        request,
        "network/keep_apart.html",
        form,
        _context(pair),
        perform=lambda: services.keep_apart(
            actor, pair.first, pair.second, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _pair: _("They stay two organisations."),
        seen_at=_pair_url,
    )


@require_http_methods(["GET", "POST"])
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back, and say why."""
    actor = actor_of(request)
    pair = _pair_for(actor, "undo_merge", pk)
    form = ReasonForm(request.POST or None)
    return form_page(
        request,
        "network/undo_merge.html",
        form,
        _context(pair),
        perform=lambda: services.undo_merge(
            actor, pair, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _pair: _("The merge is undone: both records stand for themselves again."),
        seen_at=_pair_url,
    )


def lookalikes_table(actor: Actor, found: tuple[LookAlike, ...]) -> Table:
    """What somebody is about to register looks like."""
    office = may(actor, rules.PERMISSIONS["find_lookalikes"])
    return Table(
        caption=_("Registered already, and alike"),
        columns=(
            Column("name", _("Organisation")),
            Column("place", _("Place")),
            Column("why", _("Why")),
            *((Column("likeness", _("Likeness"), is_number=True),) if office else ()),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.organisation),
                        url=reverse("network:show_organisation", args=[one.organisation.pk]),
                    ),
                    Cell(wording.organisation_place(one.organisation)),
                    Cell(_why(one.reasons)),
                    *((Cell(formats.percent_bp(one.score_bp, 0)),) if office else ()),
                )
            )
            for one in found
        ),
        is_stacked=True,
    )


# --------------------------------------------------------------------------------------- leaves


def _pair_for(actor: Actor, verb: str, pk: int) -> OrganisationPair:
    pair = queries.pair_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS[verb])
    return pair


def _survivor(pair: OrganisationPair) -> Organisation:
    """Which would stay: as proposed, else the one that was registered first."""
    return pair.survivor or (pair.second if pair.merged.pk == pair.first_id else pair.first)


def _pair_url(pair: OrganisationPair | None) -> str:
    return reverse("network:show_pair", args=[pair.pk]) if pair else ""


def _both(actor: Actor, pair: OrganisationPair) -> tuple[RecordHeld, ...]:
    return queries.records_held(actor, (pair.first_id, pair.second_id))


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Organisations"), reverse("network:list_organisations")),)


def _pair_crumbs() -> tuple[Crumb, ...]:
    return (*_crumbs(), Crumb(_("Look-alikes"), reverse("network:list_pairs")))


def _context(pair: OrganisationPair) -> dict[str, Any]:
    return {
        "pair": pair,
        "first": pair.first,
        "second": pair.second,
        "merged": pair.merged,
        "survivor": _survivor(pair),
        "crumbs": _pair_crumbs(),
        "cancel_url": _pair_url(pair),
    }


def _tag(pair: OrganisationPair) -> Tag:
    state = rules.PairState(pair.state)
    return Tag(str(PAIR_STATE_LABELS[state]), STATE_TONES.get(pair.state, "quiet"))


def _why(reasons: tuple[rules.LikenessReason, ...]) -> str:
    return formats.joined([str(LIKENESS_LABELS[one]) for one in reasons]) or formats.MISSING


def _pair_row(pair: OrganisationPair) -> Row:
    tag = _tag(pair)
    score = formats.percent_bp(pair.score_bp, 0) if pair.score_bp else formats.MISSING
    return Row(
        (
            Cell(
                formats.local_name(pair.first),
                url=_pair_url(pair),
                note=wording.organisation_place(pair.first),
            ),
            Cell(formats.local_name(pair.second), note=wording.organisation_place(pair.second)),
            Cell(score),
            Cell(_why(pair.reason_list)),
            Cell(tag.text, tag=tag.tone),
        )
    )


def _items(pair: OrganisationPair) -> tuple[Item, ...]:
    items = [Item(_("Why they look alike"), _why(pair.reason_list))]
    if pair.survivor:
        items.append(Item(_("Record that stays"), formats.local_name(pair.survivor)))
    if pair.why:
        items.append(Item(_("Reason"), pair.why))
    if pair.decided_at:
        items.append(Item(_("Decided on"), formats.date_local(pair.decided_at)))
    return tuple(items)


def _actions(actor: Actor, pair: OrganisationPair) -> tuple[Action, ...]:
    survivor = _survivor(pair)
    proposal = reverse("network:propose_merge", args=[pair.merged.pk])
    offered = {
        "merge_organisations": (_("Merge"), reverse("network:merge_organisations", args=[pair.pk])),
        "propose_merge": (_("Propose a merge"), f"{proposal}?survivor={survivor.pk}"),
        "keep_apart": (_("Keep apart"), reverse("network:keep_apart", args=[pair.pk])),
        "undo_merge": (_("Undo the merge"), reverse("network:undo_merge", args=[pair.pk])),
    }
    return tuple(
        Action(label, url, is_primary=place == 0)
        for place, (label, url) in enumerate(
            offered[verb]
            for verb in ("merge_organisations", "propose_merge", "keep_apart", "undo_merge")
            if verb in rules.PAIR_WORKFLOW.verbs_from(pair.state)
            and may(actor, rules.PERMISSIONS[verb])
        )
    )


def _comparison(first: RecordHeld, second: RecordHeld, pair: OrganisationPair) -> Table:
    lines = [
        (_("Name"), *(one.organisation.name for one in (first, second))),
        (_("Chinese name"), *(one.organisation.name_zh for one in (first, second))),
        (_("Place"), *(wording.organisation_place(one.organisation) for one in (first, second))),
        (_("Address"), *(one.organisation.address for one in (first, second))),
        (_("Website"), *(one.organisation.website for one in (first, second))),
        (_("Identifiers"), *(formats.joined(list(one.identifiers)) for one in (first, second))),
        (_("Also known as"), *(formats.joined(list(one.aliases)) for one in (first, second))),
        (
            _("Registered at"),
            *(formats.date_local(one.organisation.registered_at) for one in (first, second)),
        ),
    ]
    for label, own in first.named_by.items():
        other = second.named_by[label]
        if own or other:
            lines.append((capfirst(str(label)), formats.number(own), formats.number(other)))
    heads = []
    for place, one in enumerate((first, second), start=1):
        name = _("Record %(number)s") % {"number": place}
        is_survivor = pair.survivor_id == one.organisation.pk
        heads.append(_("%(name)s, which stays") % {"name": name} if is_survivor else name)
    return Table(
        caption=_("What each record has"),
        columns=(
            Column("what", _("What")),
            Column("first", heads[0]),
            Column("second", heads[1]),
        ),
        rows=tuple(Row(tuple(Cell(text or formats.MISSING) for text in line)) for line in lines),
        is_stacked=True,
    )
