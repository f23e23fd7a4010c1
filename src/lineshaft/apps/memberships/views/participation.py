"""Pages of participation: the reviews with what waits first, one review, and one's own limits."""

from collections.abc import Mapping
from datetime import date

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.forms.participation import ReviewFilter
from lineshaft.apps.memberships.models import (
    DECISION_LABELS,
    MemberAgreement,
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationReview,
    ScreeningSheet,
)
from lineshaft.apps.memberships.queries import ReviewStanding
from lineshaft.apps.memberships.rules import Standing
from lineshaft.apps.memberships.services import ground_names, limit_sentences
from lineshaft.apps.memberships.views.participation_words import (
    answer_items,
    finding_items,
    institute_item,
    open_sentence,
    review_crumbs,
    standing_tag,
    steps,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.views import own_attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.pages import Action, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table
from lineshaft.web.verbs import verb_name

type Decisions = tuple[ParticipationDecision, ...]

SCREEN_SHOWN = 20
"""Members without a screening shown above a list; the rest follows as these are screened."""


@require_GET
def list_participation_reviews(request: HttpRequest) -> HttpResponse:
    """Every review that the reader may read; what waits for a decision comes first."""
    return _list_page(request, None)


@require_GET
def list_institute_participation_reviews(request: HttpRequest, key: str) -> HttpResponse:
    """The reviews of one institute that the reader may read."""
    return _list_page(request, institute_by_key(actor_of(request), key))


@require_GET
def show_participation_review(request: HttpRequest, pk: int) -> HttpResponse:
    """One review: where it stands, what was answered, what was decided, how it was used."""
    actor, today = actor_of(request), clock.today()
    one = queries.standing_of(queries.review_by_id(actor, pk), on=today)
    review = one.review
    decides = queries.may_decide(actor, review.institute)
    decisions = queries.decisions_of(review)
    institutes = queries.institutes_in([each.conditions for each in decisions], actor)
    context = {
        "review": review,
        "title": _review_title(one),
        "tag": standing_tag(one),
        "crumbs": review_crumbs(),
        "actions": _actions(actor, one, decides=decides),
        "steps": steps(one),
        "items": _items(one),
        "open_sentence": open_sentence(one),
        "limits": limit_sentences(one.decision.conditions, institutes)
        if one.decision and one.standing is Standing.CONDITIONAL
        else (),
        "findings": finding_items(review.sheet),
        "answers": answer_items(review.sheet),
        "owners": _owners_table(review.sheet),
        "decisions": _decisions_table(
            decisions,
            institutes,
            makes_letters=_may_with_sponsor(actor, "make_decision_letters", review),
        ),
        "commitments": _commitments_table(actor, review, decisions),
        "uses": _uses_table(paginate(request, queries.uses_of(review))),
    }
    return render_page(request, "memberships/show_participation_review.html", context)


@require_safe
def download_decision_letter(request: HttpRequest, pk: int) -> FileResponse:
    """The letter of a decision in the reader's language, to whoever may see its review."""
    letter = queries.letter_by_language(actor_of(request), pk, get_language() or "")
    return own_attachment(letter.document)


@require_GET
def show_own_participation(request: HttpRequest) -> HttpResponse:
    """What the reader's organisations may and may not do, in plain words."""
    actor = actor_of(request)
    if actor.is_anonymous:
        raise NotPermitted(gettext_noop("Sign in to see what your organisation may do."))
    found = queries.own_participation(actor, on=clock.today())
    conditions = [one.decision.conditions for one in found if one.decision]
    institutes = queries.institutes_in(conditions, actor)
    context = {
        "title": _own_title(found),
        "cases": [
            {
                "standing": one,
                "tag": standing_tag(one),
                "items": _items(one),
                "sentence": open_sentence(one),
                "limits": limit_sentences(one.decision.conditions, institutes)
                if one.decision and one.standing is Standing.CONDITIONAL
                else (),
            }
            for one in found
        ],
        "unscreened": any(limits.standing == Standing.NOT_SCREENED for limits in actor.limits),
    }
    return render_page(request, "memberships/show_own_participation.html", context)


# -------------------------------------------------------------------------------------- leaves


def _list_page(request: HttpRequest, institute: Institute | None) -> HttpResponse:
    """The reviews of one institute or of all, and the members who lack one."""
    actor, today = actor_of(request), clock.today()
    if actor.is_anonymous:
        raise NotPermitted(gettext_noop("Sign in to see reviews of participation."))
    key = institute.key if institute else ""
    form = ReviewFilter(request.GET)
    rows = queries.reviews_listed(actor, institute=key, state=form.chosen(), on=today)
    page = paginate(request, rows)
    to_screen = queries.members_to_screen(actor, on=today, institute=key)[:SCREEN_SHOWN]
    waiting = queries.reviews_waiting_for(actor, on=today).count()
    context = {
        "title": _list_title(waiting, page.total),
        "lede": formats.local_name(institute) if institute else "",
        "crumbs": review_crumbs() if institute else None,
        "form": form,
        "table": _reviews_table(page, today),
        "to_screen": _to_screen_table(list(to_screen)),
    }
    return render_page(request, "memberships/list_participation_reviews.html", context)


def _list_title(waiting: int, total: int) -> str:
    if waiting:
        return ngettext(
            "%(count)s review of participation waits for you",
            "%(count)s reviews of participation wait for you",
            waiting,
        ) % {"count": formats.number(waiting)}
    return ngettext(
        "%(count)s review of participation", "%(count)s reviews of participation", total
    ) % {"count": formats.number(total)}


def _review_title(one: ReviewStanding) -> str:
    named = {
        "organisation": formats.local_name(one.review.organisation),
        "institute": formats.local_name(one.review.institute),
    }
    if one.standing in rules.OPEN:
        return _("%(organisation)s takes part at %(institute)s") % named
    if one.standing is Standing.DENIED:
        return _("%(organisation)s does not take part at %(institute)s") % named
    return _("%(organisation)s at %(institute)s waits for a decision") % named


def _own_title(found: tuple[ReviewStanding, ...]) -> str:
    if not found:
        return _("No decision limits what your organisation may do")
    return _("What your organisation may and may not do")


def _actions(actor: Actor, one: ReviewStanding, *, decides: bool) -> tuple[Action, ...]:
    """The verbs that are possible now and the reader's to do; the first is the expected one."""
    review = one.review
    possible = rules.TRANSITIONS["ParticipationReview"].verbs_from(review.state)
    labels = {
        "recheck_participation": _("Check again"),
        "approve_participation_with_conditions": _("Approve with conditions"),
        "approve_participation": _("Approve without conditions"),
        "close_participation_review": _("Close the review"),
        "deny_participation": _("Deny"),
        "report_ownership_change": _("Report a change of ownership"),
    }
    closing = {"close_participation_review"}
    approving = {"approve_participation", "approve_participation_with_conditions"}
    hidden = closing if queries.is_decision_needed(review, on=one.on) else approving
    offered = [
        verb
        for verb in labels
        if verb in possible
        and verb not in hidden
        and (decides or (verb == "report_ownership_change" and _may_screen(actor, review)))
    ]
    return tuple(
        Action(
            labels[verb],
            reverse(f"memberships:{verb}", args=[review.pk]),
            is_primary=place == 0 and one.waits,
        )
        for place, verb in enumerate(offered)
    )


def _may_screen(actor: Actor, review: ParticipationReview) -> bool:
    return may(
        actor,
        rules.PERMISSIONS["report_ownership_change"],
        institute=review.institute.key,
        organisation=str(review.organisation_id),
    )


def _may_with_sponsor(actor: Actor, verb: str, review: ParticipationReview) -> bool:
    """Whether the actor may do that at the review's institute, its sponsors counted."""
    return may(
        actor,
        rules.PERMISSIONS[verb],
        institute=review.institute.key,
        agencies=queries.deciding_agencies(review.institute),
    )


def _items(one: ReviewStanding) -> tuple[Item, ...]:
    review, decision = one.review, one.decision
    url = reverse("network:show_organisation", args=[review.organisation_id])
    items = [
        Item(_("Organisation"), formats.local_name(review.organisation), url),
        institute_item(review.institute),
    ]
    if decision is not None:
        items += [
            Item(_("Decision"), f"{decision.reference}: {DECISION_LABELS[decision.kind]}"),
            Item(_("From"), formats.date_local(decision.starts_on)),
            Item(_("Until, not included"), formats.date_local(decision.ends_on)),
        ]
        if decision.grounds:
            items.append(Item(_("Grounds of waiver"), ground_names(decision.grounds)))
        if decision.citations:
            cited = "; ".join(dict.fromkeys(decision.citations))
            items.append(Item(_("Authority"), cited))
    return tuple(items)


def _reviews_table(page: Page[ParticipationReview], today: date) -> Table:
    return Table(
        _("Reviews of participation, those that wait first"),
        (
            Column("organisation", _("Organisation")),
            Column("institute", _("Institute")),
            Column("state", _("State")),
            Column("since", _("Waits since"), is_short=True),
            Column("until", _("Approved until"), is_short=True),
            Column("recheck", _("Check again by"), is_short=True),
        ),
        tuple(_review_row(queries.standing_of(one, on=today)) for one in page),
        page=page,
        empty=_("No review fits."),
        is_stacked=True,
    )


def _review_row(one: ReviewStanding) -> Row:
    review, tag = one.review, standing_tag(one)
    ends_on = one.decision.ends_on if one.decision and one.standing in rules.OPEN else None
    return Row(
        (
            Cell(formats.local_name(review.organisation), review.get_absolute_url()),
            Cell(formats.local_name(review.institute)),
            Cell(tag.text, tag=tag.tone),
            Cell(formats.date_local(review.waits_since)),
            Cell(formats.date_local(ends_on)),
            Cell(formats.date_local(review.recheck_on)),
        )
    )


def _to_screen_table(rows: list[MemberAgreement]) -> Table | None:
    if not rows:
        return None
    return Table(
        _("Members owned abroad without a decision; they take part in nothing until one is made"),
        (
            Column("organisation", _("Organisation")),
            Column("country", _("Country of ownership")),
            Column("institute", _("Institute")),
            Column("act", _("To do")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.organisation)),
                    Cell(formats.country(one.organisation.ownership_country)),
                    Cell(formats.local_name(one.institute)),
                    Cell(
                        _("Screen it"),
                        reverse(
                            "memberships:screen_organisation",
                            args=[one.institute.key, one.organisation_id],
                        ),
                    ),
                )
            )
            for one in rows
        ),
        is_stacked=True,
    )


def _owners_table(sheet: ScreeningSheet) -> Table:
    profile = profile_in_use()
    owners = queries.owners_of(sheet)
    names = {one.number: one.name for one in owners}
    holdings = rules.holdings_of(owners, profile.screening.controlling_share_bp)
    return Table(
        _("Owners, as answered on %(day)s") % {"day": formats.date_local(sheet.screened_at)},
        (
            Column("owner", _("Owner")),
            Column("country", _("Country")),
            Column("in", _("Holds in")),
            Column("share", _("Share"), is_number=True),
            Column("whole", _("Of the whole"), is_number=True),
            Column("controls", _("Controls")),
        ),
        tuple(
            Row(
                (
                    Cell(one.owner.name),
                    Cell(formats.country(one.owner.country)),
                    Cell(names.get(one.owner.holds_in) or _("The organisation itself")),
                    Cell(formats.percent_bp(one.owner.share_bp)),
                    Cell(formats.percent_bp(one.effective_bp)),
                    Cell(_("Yes") if one.controls else _("No")),
                )
            )
            for one in holdings
        ),
        empty=_("No owner was named."),
        is_stacked=True,
    )


def _decisions_table(
    decisions: Decisions, institutes: Mapping[str, Institute], *, makes_letters: bool
) -> Table:
    return Table(
        _("Decisions, newest first; none is ever changed"),
        (
            Column("decision", _("Decision"), is_short=True),
            Column("kind", _("What was decided")),
            Column("from", _("From"), is_short=True),
            Column("until", _("Until, not included"), is_short=True),
            Column("why", _("Reason")),
            Column("letter", _("Letter")),
        ),
        tuple(_decision_row(one, institutes, makes_letters=makes_letters) for one in decisions),
        empty=_("Nothing is decided yet."),
        is_stacked=True,
    )


def _decision_row(
    one: ParticipationDecision, institutes: Mapping[str, Institute], *, makes_letters: bool
) -> Row:
    return Row(
        (
            Cell(one.reference),
            Cell(
                str(DECISION_LABELS[one.kind]),
                note=" ".join(limit_sentences(one.conditions, institutes))
                if one.kind == rules.CONDITIONAL
                else "",
            ),
            Cell(formats.date_local(one.starts_on)),
            Cell(formats.date_local(one.ends_on)),
            Cell(one.why),
            _letter_cell(one, makes_letters=makes_letters),
        )
    )


def _letter_cell(one: ParticipationDecision, *, makes_letters: bool) -> Cell:
    letter = next((of for of in one.letters.all() if of.language == get_language()), None)
    if letter is None and makes_letters:
        make = reverse("memberships:make_decision_letters", args=[one.pk])
        return Cell(_("Make the letters"), url=make, note=_("None yet"))
    if letter is None:
        return Cell(_("None yet"))
    url = reverse("memberships:download_decision_letter", args=[one.pk])
    return Cell(_("Open the letter (PDF)"), url=url, note=letter.sha256)


def _commitments_table(
    actor: Actor, review: ParticipationReview, decisions: Decisions
) -> Table | None:
    """What the organisation commits to; None where it commits to nothing."""
    rows = [one for decision in decisions for one in decision.commitments.all()]
    if not rows:
        return None
    enters = _may_with_sponsor(actor, "fulfil_commitment", review)
    return Table(
        _("What the organisation commits to"),
        (
            Column("kind", _("Commitment")),
            Column("due", _("Due on"), is_short=True),
            Column("state", _("State")),
            *((Column("act", _("To do")),) if enters else ()),
        ),
        tuple(_commitment_row(one, enters=enters) for one in rows),
        is_stacked=True,
    )


def _commitment_row(one: ParticipationCommitment, *, enters: bool) -> Row:
    kind = profile_in_use().screening.commitment_kind(one.kind)
    if one.met_on:
        met = _("Met on %(day)s") % {"day": formats.date_local(one.met_on)}
        state = Cell(met, tag="ok", note=one.evidence)
    elif one.due_on < clock.today():
        state = Cell(_("Overdue"), tag="due")
    else:
        state = Cell(_("Not met yet"), tag="quiet")
    act = Cell("")
    if enters and not one.met_on:
        url = reverse("memberships:fulfil_commitment", args=[one.pk])
        act = Cell(_("Enter that it is met"), url)
    return Row(
        (
            Cell(formats.local_name(kind), note=one.text),
            Cell(formats.date_local(one.due_on)),
            state,
            *((act,) if enters else ()),
        )
    )


def _uses_table(page: Page[AuditEvent]) -> Table | None:
    """What was done under the decision's limits; nothing where nobody acted under any."""
    if not page.total:
        return None
    gates = {
        "membership": _("Membership"),
        "project": _("Project"),
        "booking": _("Booking"),
        "file_download": _("File"),
        "search": _("Search"),
        "export": _("Export"),
    }
    return Table(
        _("What was done under this decision, newest first"),
        (
            Column("at", _("When"), is_short=True),
            Column("who", _("Who")),
            Column("gate", _("Door")),
            Column("what", _("What")),
            Column("outcome", _("Outcome")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.date_local(one.at)),
                    Cell(formats.actor_name(one.actor_label)),
                    Cell(gates.get(str(one.changes.get("gate", "")), formats.MISSING)),
                    Cell(str(one.changes.get("name", "")) or formats.MISSING),
                    Cell(
                        verb_name(one.verb),
                        tag="bad" if one.verb == "refuse_gate" else "quiet",
                    ),
                )
            )
            for one in page
        ),
        page=page,
        is_stacked=True,
    )
