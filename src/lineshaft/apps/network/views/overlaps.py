"""Pages of awards that overlap: what waits, two of them read side by side, and what is decided."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import ANY_STATE, OverlapFilters, OverlapReasonForm
from lineshaft.apps.network.models import (
    OVERLAP_KIND_LABELS,
    OVERLAP_STATE_LABELS,
    AwardOverlap,
    OutsideAward,
)
from lineshaft.apps.network.views import wording
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, Tag, Tone, actor_of, render_page
from lineshaft.web.passages import MarkedText, marked
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

STATE_TONES: Final[dict[str, Tone]] = {
    rules.OverlapState.FOUND: "due",
    rules.OverlapState.SAME_WORK: "bad",
    rules.OverlapState.CONTINUATION: "ok",
    rules.OverlapState.COLLABORATION: "ok",
    rules.OverlapState.KEPT_APART: "ok",
}
OF_AWARD_MAX: Final = 50
SORTS: Final = {"likeness": "score_bp", "found": "found_at"}

DECISION_LABELS: Final[dict[str, str | Promise]] = {
    "confirm_same_work": gettext_lazy("The same work, paid twice"),
    "confirm_continuation": gettext_lazy("One continues the other"),
    "confirm_collaboration": gettext_lazy("Parts of one work"),
    "keep_awards_apart": gettext_lazy("Two works"),
    "reopen_overlap": gettext_lazy("Take it up again"),
}
SUGGESTED: Final = {
    rules.OverlapKind.SAME_WORK: "confirm_same_work",
    rules.OverlapKind.CONTINUATION: "confirm_continuation",
    rules.OverlapKind.COLLABORATION: "confirm_collaboration",
    rules.OverlapKind.BOILERPLATE: "keep_awards_apart",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A button of the review page."""

    label: str
    url: str
    is_primary: bool = False


@require_GET
def list_overlaps(request: HttpRequest) -> HttpResponse:
    """The overlaps that wait, or those that the address names, and how many there are of each."""
    actor = actor_of(request)
    queries.permit_reading_overlaps(actor)
    agencies = queries.agencies_of_overlaps(actor)
    form = OverlapFilters(request.GET, agencies=[(name, name) for name in agencies])
    chosen = form.chosen()
    state = chosen.get("state", rules.OverlapState.FOUND)
    asked = {**chosen, "state": "" if state == ANY_STATE else state}
    order, sort = sorting(request, SORTS, "-likeness")
    rows = queries.overlaps_filtered(actor, **asked).defer("first__abstract", "second__abstract")
    page = paginate(request, rows.order_by(order, "pk"))
    return render_page(
        request,
        "network/list_overlaps.html",
        {
            "table": Table(
                caption=_("Overlapping awards"),
                columns=(
                    Column("first", _("One award"), place="line"),
                    Column("second", _("The other award"), place="line"),
                    Column("kind", _("Seems to be"), place="start"),
                    Column("likeness", _("Likeness"), is_number=True, sort="likeness", place="end"),
                    Column("found", _("Found on"), sort="found", is_short=True, place="foot"),
                    Column("state", _("State"), place="state"),
                ),
                rows=tuple(_row(one) for one in page),
                page=page,
                sort=sort,
                empty=_("No overlap waits. Compare again after awards were imported."),
                is_stacked=True,
            ),
            "counts": _counts(actor),
            "form": form,
            "total": page.total,
            "is_narrowed": bool(chosen),
            "basis": _basis(actor),
            "actions": _actions(actor),
        },
    )


@require_POST
def request_overlaps(request: HttpRequest) -> HttpResponse:
    """Have awards compared: those that are new or changed, or all of them."""
    scope = rules.OverlapScope.CHANGED
    if request.POST.get("scope") == rules.OverlapScope.ALL:
        scope = rules.OverlapScope.ALL
    job = services.request_overlaps(actor_of(request), scope, now=clock.now())
    return redirect("jobs:show_job", pk=job.pk)


@require_GET
def show_overlap(request: HttpRequest, pk: int) -> HttpResponse:
    """Two awards side by side: what they share, what each register says, and what is decided."""
    actor = actor_of(request)
    overlap = queries.overlap_by_id(actor, pk)
    texts, number, note = _texts(overlap)
    choices = _choices(actor, overlap)
    shares = [
        formats.percent_bp(share, 0) for share in (overlap.share_first_bp, overlap.share_second_bp)
    ]
    title = _("%(one)s of the one text and %(other)s of the other stand in passages of both") % {
        "one": shares[0],
        "other": shares[1],
    }
    is_found = overlap.state == rules.OverlapState.FOUND
    return render_page(
        request,
        "network/show_overlap.html",
        {
            "title": title,
            "lede": _("%(one)s and %(other)s")
            % {"one": overlap.first.agency_name, "other": overlap.second.agency_name},
            "tag": _tag(overlap),
            "crumbs": _crumbs(),
            "items": _items(overlap),
            "note": note,
            "fields": _fields(overlap.first, overlap.second),
            "texts": texts,
            "number": number,
            "form": OverlapReasonForm() if choices else None,
            "choices": choices,
            "question": _("What is it?") if is_found else _("Take it up again?"),
        },
    )


@require_http_methods(["GET", "POST"])
def confirm_same_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that both awards pay for the same work, and why."""
    return _decide(request, pk, "confirm_same_work")


@require_http_methods(["GET", "POST"])
def confirm_continuation(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one award continues the other, and why."""
    return _decide(request, pk, "confirm_continuation")


@require_http_methods(["GET", "POST"])
def confirm_collaboration(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the awards pay for parts of one work, and why."""
    return _decide(request, pk, "confirm_collaboration")


@require_http_methods(["GET", "POST"])
def keep_awards_apart(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the works are two, and why; it is remembered."""
    return _decide(request, pk, "keep_awards_apart")


@require_http_methods(["GET", "POST"])
def reopen_overlap(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision up again, and say why."""
    return _decide(request, pk, "reopen_overlap")


def overlaps_table(actor: Actor, award: OutsideAward) -> Table | None:
    """The overlaps of an award that the actor may read, the most alike first; None for none."""
    if not queries.may_read_overlaps(actor):
        return None
    rows = queries.overlaps_filtered(actor, award=award.pk)
    shown = rows.defer("first__abstract", "second__abstract").order_by("-score_bp", "pk")
    found = list(shown[:OF_AWARD_MAX])
    if not found:
        return None
    return Table(
        caption=_("Overlaps with other awards"),
        columns=(
            Column("other", _("The other award")),
            Column("kind", _("Seems to be")),
            Column("likeness", _("Likeness"), is_number=True),
            Column("state", _("State")),
        ),
        rows=tuple(_row_beside(one, award) for one in found),
        is_stacked=True,
    )


# --------------------------------------------------------------------------------------- leaves


def _decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actor = actor_of(request)
    overlap = queries.overlap_by_id(actor, pk)
    services.permit_overlap(actor, verb, overlap)
    form = OverlapReasonForm(request.POST or None)
    decide = services.OVERLAP_VERBS[verb]
    return form_page(
        request,
        "network/decide_overlap.html",
        form,
        {
            "title": DECISION_LABELS[verb],
            "lede": _("“%(one)s” and “%(other)s”")
            % {"one": overlap.first.title, "other": overlap.second.title},
            "submit_label": DECISION_LABELS[verb],
            "crumbs": (*_crumbs(), Crumb(_("Side by side"), overlap.get_absolute_url())),
            "cancel_url": overlap.get_absolute_url(),
        },
        perform=lambda: decide(actor, overlap, why=form.cleaned_data["why"], now=clock.now()),
        told=lambda row: _("It is noted: %(state)s.") % {"state": _tag(row).text},
        seen_at=lambda row: row.get_absolute_url(),
    )


def _choices(actor: Actor, overlap: AwardOverlap) -> tuple[Decision, ...]:
    """What the actor may decide of it now; who may do one of these verbs may do all."""
    suggested = SUGGESTED[rules.OverlapKind(overlap.kind)]
    if not services.may_decide_overlap(actor, suggested, overlap):
        return ()
    return tuple(
        Decision(
            str(DECISION_LABELS[verb]),
            reverse(f"network:{verb}", args=[overlap.pk]),
            is_primary=verb in {suggested, "reopen_overlap"},
        )
        for verb in DECISION_LABELS
        if verb in rules.OVERLAP_WORKFLOW.verbs_from(overlap.state)
    )


def _crumbs() -> tuple[Crumb, ...]:
    return (
        Crumb(_("Awards of other agencies"), reverse("network:list_outside_awards")),
        Crumb(_("Overlapping awards"), reverse("network:list_overlaps")),
    )


def _actions(actor: Actor) -> tuple[Action, ...]:
    if not may(actor, rules.PERMISSIONS["find_overlaps"]):
        return ()
    url = reverse("network:request_overlaps")
    new, everything = rules.OverlapScope.CHANGED.value, rules.OverlapScope.ALL.value
    return (
        Action(_("Compare what is new"), url, is_post=True, fields={"scope": new}),
        Action(_("Compare all"), url, is_post=True, fields={"scope": everything}),
    )


def _basis(actor: Actor) -> str:
    """When all awards were compared; how many there were, only to whom may read them all."""
    basis = queries.overlap_basis()
    if basis is None:
        return _("The awards were never compared with each other.")
    day = formats.date_local(basis.compared_at)
    if not actor.is_network_staff:
        return _("All awards were last compared on %(day)s.") % {"day": day}
    return _("All awards were last compared on %(day)s; there were %(number)s.") % {
        "day": day,
        "number": formats.number(basis.awards),
    }


def _counts(actor: Actor) -> Table | None:
    """How many overlaps there are of each kind, by state; each number opens them."""
    counted = queries.overlaps_by_kind_and_state(queries.overlaps_visible_to(actor))
    if not counted:
        return None
    base = reverse("network:list_overlaps")

    def cell(kind: str, state: str) -> Cell:
        number = counted.get((kind, state), 0)
        url = f"{base}?{urlencode({'kind': kind, 'state': state})}" if number else None
        return Cell(formats.number(number), url=url)

    return Table(
        caption=_("Overlaps by what they look like and what was decided"),
        columns=(
            Column("kind", _("Seems to be")),
            *(
                Column(state.value, str(label), is_number=True)
                for state, label in OVERLAP_STATE_LABELS.items()
            ),
        ),
        rows=tuple(
            Row((Cell(str(label)), *(cell(kind, state) for state in OVERLAP_STATE_LABELS)))
            for kind, label in OVERLAP_KIND_LABELS.items()
        ),
    )


def _tag(overlap: AwardOverlap) -> Tag:
    state = rules.OverlapState(overlap.state)
    return Tag(str(OVERLAP_STATE_LABELS[state]), STATE_TONES[state])


def _kind(overlap: AwardOverlap) -> str:
    return str(OVERLAP_KIND_LABELS[rules.OverlapKind(overlap.kind)])


def _row(overlap: AwardOverlap) -> Row:
    first, second = overlap.first, overlap.second
    return Row(
        (
            Cell(
                first.title,
                url=overlap.get_absolute_url(),
                lang="en",
                note=wording.maker_and_year(first),
            ),
            Cell(second.title, lang="en", note=wording.maker_and_year(second)),
            *_last_cells(overlap),
        )
    )


def _last_cells(overlap: AwardOverlap) -> tuple[Cell, ...]:
    tag = _tag(overlap)
    return (
        Cell(_kind(overlap)),
        Cell(formats.percent_bp(overlap.score_bp, 0)),
        Cell(formats.date_local(overlap.found_at)),
        Cell(
            tag.text,
            tag=tag.tone,
            note=_("A text has changed since") if overlap.is_outdated else "",
        ),
    )


def _row_beside(overlap: AwardOverlap, award: OutsideAward) -> Row:
    other = overlap.second if overlap.first_id == award.pk else overlap.first
    kind, likeness, _found, state = _last_cells(overlap)
    opened = Cell(
        other.title,
        url=overlap.get_absolute_url(),
        lang="en",
        note=wording.maker_and_year(other),
    )
    return Row((opened, kind, likeness, state))


def _items(overlap: AwardOverlap) -> tuple[Item, ...]:
    items = [
        Item(_("Seems to be"), _kind(overlap)),
        Item(_("Likeness"), formats.percent_bp(overlap.score_bp, 0)),
        Item(_("What agrees beside the text"), wording.facts_agreeing(overlap.facts)),
        Item(_("Found on"), formats.date_local(overlap.found_at)),
    ]
    if overlap.decided_at:
        items += [
            Item(_("Reason"), overlap.why),
            Item(_("Decided by"), formats.user_name(overlap.decided_by)),
            Item(_("Decided on"), formats.date_local(overlap.decided_at)),
        ]
    return tuple(items)


def _texts(overlap: AwardOverlap) -> tuple[tuple[MarkedText, ...], int, str]:
    """Both texts as they were compared, how many passages are marked, and what to know of it."""
    awards = (overlap.first, overlap.second)
    texts: list[str | None] = [award.abstract for award in awards]
    note = ""
    if overlap.is_outdated:
        former = queries.former_texts(overlap)
        texts = [
            award.abstract if award.text_digest == digest else former.get(award.pk)
            for award, digest in zip(
                awards, (overlap.first_digest, overlap.second_digest), strict=True
            )
        ]
        note = _outdated_note(overlap, is_kept=None not in texts)
    passages: list[rules.Passage] = []
    if None not in texts:
        passages = [(one[0], one[1], one[2], one[3]) for one in overlap.passages]
    whole = [
        award.abstract if text is None else text for award, text in zip(awards, texts, strict=True)
    ]
    pieces = marked(whole[0], whole[1], passages)
    shown = tuple(
        MarkedText(
            award.title,
            parts,
            url=reverse("network:show_outside_award", args=[award.pk]),
            note=wording.maker_and_year(award),
        )
        for award, parts in zip(awards, pieces, strict=True)
    )
    return shown, len(passages), note


def _outdated_note(overlap: AwardOverlap, *, is_kept: bool) -> str:
    if not is_kept:
        return _(
            "A register has corrected a text since the two were compared, so that no passage can "
            "be marked. The next comparison finds them anew."
        )
    if overlap.state == rules.OverlapState.FOUND:
        return _(
            "A register has corrected a text since the two were compared. They are shown as they "
            "were; the next comparison looks at them anew."
        )
    return _(
        "A register has corrected a text since this was decided. The texts are shown as they were "
        "then. Take it up again to have them compared as they are now."
    )


def _fields(first: OutsideAward, second: OutsideAward) -> Table:
    """What the registers say of both, line by line, and where they agree."""
    lines = [
        (_("Title"), first.title, second.title),
        (_("Agency"), wording.maker(first), wording.maker(second)),
        (_("Programme"), first.programme, second.programme),
        (_("Phase"), first.phase, second.phase),
        (_("Recipient"), first.recipient, second.recipient),
        (_("Principal investigator"), first.investigator, second.investigator),
        (_("Other investigators"), first.other_investigators, second.other_investigators),
        (_("Starts on"), *(formats.date_local(one.starts_on) for one in (first, second))),
        (_("Ends on"), *(formats.date_local(one.ends_on) for one in (first, second))),
        (_("Amount"), formats.money(first.amount), formats.money(second.amount)),
        (_("Award number"), first.number, second.number),
    ]
    return Table(
        caption=_("The two awards, line by line"),
        columns=(
            Column("what", _("What")),
            Column("first", _("One award")),
            Column("second", _("The other award")),
            Column("agrees", _("Agrees")),
        ),
        rows=tuple(_field_row(*line) for line in lines if _is_said(line[1]) or _is_said(line[2])),
        is_stacked=True,
    )


def _field_row(what: str, one: str, other: str) -> Row:
    is_same = _is_said(one) and rules.folded_name(one) == rules.folded_name(other)
    agrees = Cell(_("yes"), tag="due") if is_same else Cell(formats.MISSING)
    cells = (Cell(text or formats.MISSING) for text in (one, other))
    return Row((Cell(what), *cells, agrees))


def _is_said(text: str) -> bool:
    return bool(text) and text != formats.MISSING
