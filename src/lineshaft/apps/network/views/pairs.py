"""One pair of records reviewed: side by side, why they may be one, what else is near them, and its
verbs.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import AcceptPairForm, MergeForm, ReasonForm, SureForm
from lineshaft.apps.network.models import Organisation, OrganisationPair
from lineshaft.apps.network.queries import RecordHeld
from lineshaft.apps.network.views import wording
from lineshaft.apps.network.views.queue import (
    Queue,
    organisations_crumb,
    pair_tag,
    pair_url,
    reasons_text,
)
from lineshaft.apps.network.views.weighing import (
    probability,
    weighed_names,
    weights_figure,
    weights_table,
)
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_MISSING: Final = {"", formats.MISSING}


@require_GET
def show_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Two records side by side, what speaks for one and for two, and what would forbid a merge."""
    actor, queue = actor_of(request), Queue.of(request)
    pair = queries.pair_by_id(actor, pk)
    first, second = queries.records_held(actor, (pair.first_id, pair.second_id))
    survivor, refusal = _survivor_and_refusal(pair)
    return render_page(
        request,
        "network/show_pair.html",
        {
            "pair": pair,
            "first": pair.first,
            "second": pair.second,
            "tag": pair_tag(pair),
            "crumbs": _pair_crumbs(),
            "actions": _actions(actor, pair, queue),
            "items": _items(pair),
            "table": _comparison(first, second, pair),
            "figure": weights_figure(pair),
            "weights": weights_table(pair),
            "neighbours": _neighbours(actor, pair),
            "refusal": refusal,
            "decided": _decided(actor, queue),
            **_forms(actor, pair, queue, survivor=None if refusal else survivor),
        },
    )


@require_GET
def next_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass a pair over: the one behind it in the queue, else the list."""
    actor = actor_of(request)
    pair = queries.pair_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    return redirect(Queue.of(request).url_after(pair, is_decided=False))


@require_http_methods(["GET", "POST"])
def propose_merge_of_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that the two records of a pair are one, and which one stays."""
    actor = actor_of(request)
    pair = _pair_for(actor, "propose_merge", pk)
    records = (pair.first, pair.second)
    form = AcceptPairForm(
        request.POST or None, records=records, initial={"survivor": pair.first_id}
    )

    def perform() -> OrganisationPair:
        survivor = next(one for one in records if one.pk == form.cleaned_data["survivor"])
        merged = next(one for one in records if one.pk != survivor.pk)
        why = form.cleaned_data["why"]
        return services.propose_merge(actor, merged, survivor, why=why, now=clock.now())

    return form_page(
        request,
        "network/propose_merge_of_pair.html",
        form,
        _context(request, pair),
        perform=perform,
        told=lambda _pair: _("The merge is proposed. Somebody else looks at it and decides."),
        seen_at=lambda done: _seen_next(request, done),
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
            "crumbs": (*organisations_crumb(), Crumb(formats.local_name(organisation), shown)),
            "cancel_url": shown,
        },
        perform=perform,
        told=lambda _pair: _("The merge is proposed. Somebody else looks at it and decides."),
        seen_at=lambda done: pair_url(done) if done else "",
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
        _context(request, pair),
        perform=lambda: services.merge_organisations(actor, pair, now=clock.now()),
        told=lambda _pair: _("The two records are one organisation now."),
        seen_at=lambda done: _seen_next(request, done),
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
        _context(request, pair),
        perform=lambda: services.keep_apart(
            actor, pair.first, pair.second, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _pair: _("They stay two organisations."),
        seen_at=lambda done: _seen_next(request, done),
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
        _context(request, pair),
        perform=lambda: services.undo_merge(
            actor, pair, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _pair: _("The merge is undone: both records stand for themselves again."),
        seen_at=lambda done: _seen_next(request, done),
    )


@require_http_methods(["GET", "POST"])
def reopen_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proposal or a decision back that merged nothing, and say why."""
    actor = actor_of(request)
    pair = _pair_for(actor, "reopen_pair", pk)
    form = ReasonForm(request.POST or None)
    return form_page(
        request,
        "network/reopen_pair.html",
        form,
        _context(request, pair),
        perform=lambda: services.reopen_pair(
            actor, pair, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _pair: _("The pair waits for a decision again."),
        seen_at=lambda done: pair_url(done, _queue_of(request)),
    )


# --------------------------------------------------------------------------------------- leaves


def _pair_for(actor: Actor, verb: str, pk: int) -> OrganisationPair:
    pair = queries.pair_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS[verb])
    return pair


def _survivor(pair: OrganisationPair) -> Organisation:
    """Which would stay: as proposed, else the one that was registered first."""
    return pair.survivor or pair.first


def _survivor_and_refusal(pair: OrganisationPair) -> tuple[Organisation, Refusal | None]:
    """Which of two that wait would stay, and why they can't be one; where nothing is proposed and
    the one can't go, perhaps the other can.
    """
    survivor = _survivor(pair)
    if pair.state not in queries.WAITING_STATES:
        return survivor, None
    refusal = services.refusal_to_merge(pair.merged, survivor)
    if refusal is not None and pair.survivor is None:
        turned = services.refusal_to_merge(survivor, pair.merged)
        if turned is None:
            return pair.merged, None
    return survivor, refusal


def _queue_of(request: HttpRequest) -> Queue | None:
    """The queue that the reviewer works through; None for who looks at one pair alone."""
    queue = Queue.of(request)
    return queue if queue.is_worked else None


def _seen_next(request: HttpRequest, pair: OrganisationPair) -> str:
    """After a decision: the next pair of the queue, else the pair itself."""
    queue = _queue_of(request)
    return queue.url_after(pair, is_decided=True) if queue else pair_url(pair)


def _pair_crumbs() -> tuple[Crumb, ...]:
    return (*organisations_crumb(), Crumb(_("Look-alikes"), reverse("network:list_pairs")))


def _context(request: HttpRequest, pair: OrganisationPair) -> dict[str, Any]:
    return {
        "pair": pair,
        "first": pair.first,
        "second": pair.second,
        "merged": pair.merged,
        "survivor": _survivor(pair),
        "crumbs": _pair_crumbs(),
        "cancel_url": pair_url(pair, _queue_of(request)),
    }


def _forms(
    actor: Actor, pair: OrganisationPair, queue: Queue, *, survivor: Organisation | None
) -> dict[str, Any]:
    """The forms that decide on a pair that waits: which of them the actor may send, and whereto.

    `survivor` is which of the two would stay, None where they can't be one.
    """
    if pair.state not in queries.WAITING_STATES:
        return {}
    behind = queue.address() if queue.is_worked else ""

    def url(verb: str) -> str:
        return reverse(f"network:{verb}", args=[pair.pk]) + behind

    found: dict[str, Any] = {}
    is_found = pair.state == rules.PairState.FOUND
    if may(actor, rules.PERMISSIONS["keep_apart"]):
        found |= {"split_form": ReasonForm(auto_id="split_%s"), "split_url": url("keep_apart")}
    if survivor is None:
        return found
    if is_found and may(actor, rules.PERMISSIONS["propose_merge"]):
        found |= {
            "accept_form": AcceptPairForm(
                records=(pair.first, pair.second),
                initial={"survivor": survivor.pk},
                auto_id="accept_%s",
            ),
            "accept_url": url("propose_merge_of_pair"),
        }
    is_own = actor.user_id is not None and pair.proposed_by_id == actor.user_id
    if not is_found and not is_own and may(actor, rules.PERMISSIONS["merge_organisations"]):
        found |= {"merge_form": SureForm(), "merge_url": url("merge_organisations")}
    return found


def _actions(actor: Actor, pair: OrganisationPair, queue: Queue) -> tuple[Action, ...]:
    """What can be done beside the forms on the page."""
    in_queue = queue if queue.is_worked else None
    behind = queue.address() if queue.is_worked else ""
    offered = []
    if in_queue and may(actor, rules.PERMISSIONS["find_lookalikes"]):
        following = reverse("network:next_pair", args=[pair.pk]) + behind
        offered.append(Action(_("Next pair"), following))
    labels = {
        "propose_merge_of_pair": (_("Propose a merge"), "propose_merge"),
        "keep_apart": (_("Keep apart"), "keep_apart"),
        "undo_merge": (_("Undo the merge"), "undo_merge"),
        "reopen_pair": (_("Take up again"), "reopen_pair"),
    }
    possible = rules.PAIR_WORKFLOW.verbs_from(pair.state)
    in_forms = {"propose_merge_of_pair", "keep_apart"}
    for view, (label, verb) in labels.items():
        is_in_form = pair.state in queries.WAITING_STATES and view in in_forms
        if verb in possible and not is_in_form and may(actor, rules.PERMISSIONS[verb]):
            offered.append(Action(label, reverse(f"network:{view}", args=[pair.pk]) + behind))
    return tuple(offered)


def _decided(actor: Actor, queue: Queue) -> Item | None:
    """The pair that the reviewer decided just before, to look at it again."""
    if not queue.decided.isdecimal():
        return None
    try:
        pair = queries.pair_by_id(actor, int(queue.decided[:18]))
    except NotFound:
        return None
    both = {"one": formats.local_name(pair.first), "other": formats.local_name(pair.second)}
    return Item(
        _("Decided last"),
        _("%(one)s and %(other)s") % both,
        url=pair_url(pair, queue),
        tag=pair_tag(pair),
    )


def _items(pair: OrganisationPair) -> tuple[Item, ...]:
    items = [Item(_("Probability that they are one"), probability(pair))]
    if pair.weighed_at and pair.weight_centibits is None:
        items = [
            Item(_("Probability that they are one"), _("low: nothing but a name speaks for it"))
        ]
    if names := weighed_names(pair):
        items.append(Item(_("Weighed by the names"), names))
    items.append(Item(_("Why they look alike"), reasons_text(pair.reason_list)))
    if pair.survivor:
        items.append(Item(_("Record that stays"), formats.local_name(pair.survivor)))
    if pair.why:
        items.append(Item(_("Reason"), pair.why))
    if pair.decided_at:
        items.append(Item(_("Decided on"), formats.date_local(pair.decided_at)))
    return tuple(items)


def _neighbours(actor: Actor, pair: OrganisationPair) -> Table:
    """The other records that either may belong with, pair by pair."""
    found = queries.neighbours_of(actor, pair)
    return Table(
        caption=_("Other pairs with these records, or in one group with them"),
        columns=(
            Column("first", _("One record")),
            Column("second", _("The other record")),
            Column("probability", _("Probability"), is_number=True),
            Column("state", _("State")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.first),
                        url=pair_url(one),
                        note=wording.organisation_place(one.first),
                    ),
                    Cell(
                        formats.local_name(one.second),
                        note=wording.organisation_place(one.second),
                    ),
                    Cell(probability(one)),
                    Cell(pair_tag(one).text, tag=pair_tag(one).tone),
                )
            )
            for one in found
        ),
        empty=_("No other record is near these two."),
        is_stacked=True,
    )


def _comparison(first: RecordHeld, second: RecordHeld, pair: OrganisationPair) -> Table:
    """Both records, line by line; what neither has is left out."""
    one, other = first.organisation, second.organisation
    said = (
        (_("Name"), one.name, other.name),
        (_("Chinese name"), one.name_zh, other.name_zh),
        (_("Address"), one.address, other.address),
        (_("City"), one.city, other.city),
        (_("Region"), formats.region(one.region), formats.region(other.region)),
        (_("Postal code"), one.postal_code, other.postal_code),
        (_("Country"), formats.country(one.country), formats.country(other.country)),
        (_("Website"), one.website, other.website),
        (_("Identifiers"), *(formats.joined(list(each.identifiers)) for each in (first, second))),
        (_("Also known as"), *(formats.joined(list(each.aliases)) for each in (first, second))),
    )
    rows = [
        Row((Cell(what), *_compared(own, others)))
        for what, own, others in said
        if {own, others} - _MISSING
    ]
    days = (formats.date_local(each.registered_at) for each in (one, other))
    rows.append(Row((Cell(_("Registered at")), *map(Cell, days), Cell(""))))
    for label, own_rows in first.named_by.items():
        other_rows = second.named_by[label]
        if own_rows or other_rows:
            counts = (formats.number(own_rows), formats.number(other_rows))
            rows.append(Row((Cell(capfirst(str(label))), *map(Cell, counts), Cell(""))))
    return Table(
        caption=_("What each record has"),
        columns=(
            Column("what", _("What")),
            *(
                Column(key, _record_head(number, each.pk == pair.survivor_id))
                for number, (key, each) in enumerate((("first", one), ("second", other)), start=1)
            ),
            Column("compared", _("Compared")),
        ),
        rows=tuple(rows),
        is_stacked=True,
    )


def _record_head(number: int, is_survivor: bool) -> str:  # noqa: FBT001 -- a leaf of one table
    name = _("Record %(number)s") % {"number": number}
    return _("%(name)s, which stays") % {"name": name} if is_survivor else name


def _compared(one: str, other: str) -> tuple[Cell, Cell, Cell]:
    """Two texts, and whether they say the same."""
    if one in _MISSING or other in _MISSING:
        said = Cell(_("in one only"), tag="quiet")
    elif one.casefold() == other.casefold():
        said = Cell(_("the same"), tag="ok")
    else:
        said = Cell(_("differs"), tag="due")
    return Cell(one or formats.MISSING), Cell(other or formats.MISSING), said
