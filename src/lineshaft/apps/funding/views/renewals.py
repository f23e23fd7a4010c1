"""The page of an agreement's renewal, and the forms of its steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import (
    DeficienciesForm,
    IneligibleForm,
    RenewForm,
    StepForm,
    posted,
)
from lineshaft.apps.funding.models import RENEWAL_STATE_LABELS, Agreement, Renewal
from lineshaft.apps.funding.rules import RenewalState
from lineshaft.apps.funding.views.pages import agreement_tabs, change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import may_under
from lineshaft.kernel.decisions import Citation
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import date_local
from lineshaft.web.pages import Action, Crumb, Item, Step, Tag, Tone, actor_of, render_page

_TONES: dict[str, Tone] = {
    RenewalState.UNDER_REVIEW: "due",
    RenewalState.CURE_PERIOD: "due",
    RenewalState.RENEWED: "ok",
    RenewalState.INELIGIBLE: "bad",
}


@require_GET
def show_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the agreement's renewal stands, and until when deficiencies can be remedied."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    renewal = queries.renewals_visible_to(actor).filter(agreement=agreement).first()
    first = queries.first_term(agreement)
    context = {
        "title": _title(agreement, renewal),
        "lede": _(
            "A renewal is no longer than the first term, from %(starts_on)s up to %(ends_on)s."
        )
        % {
            "starts_on": date_local(first.starts_on),
            "ends_on": date_local(first.ends_on),
        },
        "tag": _tag(renewal),
        "crumbs": under_crumbs(agreement),
        "actions": _actions(actor, agreement, renewal),
        "tabs": agreement_tabs(agreement, "funding:show_renewal"),
        "steps": _steps(renewal),
        "items": _items(actor, agreement, renewal),
        "citation": rules.RENEWAL_LENGTH,
    }
    return render_page(request, "funding/show_renewal.html", context)


def institute_notices(actor: Actor, key: str) -> tuple[Action, ...]:
    """The agreements of the institute whose deficiencies are in their time to cure.

    The institute's own status is another matter: whoever sponsors it decides on that.
    """
    in_cure = (
        queries.renewals_visible_to(actor)
        .filter(agreement__institute__key=key, state=RenewalState.CURE_PERIOD)
        .order_by("cure_ends_on", "pk")
    )
    return tuple(
        Action(
            _("%(number)s is not renewed yet: its deficiencies can be remedied until %(day)s.")
            % {"number": one.agreement.number, "day": date_local(one.cure_ends_on)},
            reverse("funding:show_renewal", args=[one.agreement_id]),
        )
        for one in in_cure
    )


@require_http_methods(["GET", "POST"])
def open_renewal_review(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that begins the merit review."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        services.open_renewal_review(actor, pk, on=data["on"], today=clock.today(), now=clock.now())
        return _("The review is open.")

    return _page(
        request,
        agreement,
        "open_renewal_review",
        StepForm(posted(request), initial={"on": clock.today()}),
        change,
        title=_("Open the review"),
        citation=rules.RENEWAL_REVIEW,
    )


@require_http_methods(["GET", "POST"])
def notify_deficiencies(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that notifies deficiencies and opens the time to remedy them."""
    actor = actor_of(request)
    renewal = queries.renewal_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        notified = services.notify_deficiencies(
            actor, pk, today=clock.today(), now=clock.now(), **data
        )
        return _("The deficiencies can be remedied until %(day)s.") % {
            "day": date_local(notified.cure_ends_on)
        }

    return _page(
        request,
        renewal.agreement,
        "notify_deficiencies",
        DeficienciesForm(posted(request), initial={"on": clock.today()}),
        change,
        title=_("Notify deficiencies"),
        citation=rules.CURE_PERIOD,
    )


@require_http_methods(["GET", "POST"])
def grant_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that renews: it signs the agreement that follows, as a draft."""
    actor = actor_of(request)
    renewal = queries.renewal_by_id(actor, pk)
    agreement = renewal.agreement
    others = queries.agencies_to_sponsor_with((agreement.agency,))
    form = RenewForm(
        posted(request),
        agencies=(agreement.agency,),
        others=others,
        currency=agreement.currency,
        initial={
            "on": clock.today(),
            "signed_on": clock.today(),
            "starts_on": agreement.ends_on,
            "title": agreement.title,
        },
    )

    def change(data: dict[str, Any]) -> str:
        on, progress = data.pop("on"), data.pop("progress")
        data.pop("agency")
        parts = tuple(services.SponsorPart(one.pk, part) for one, part in data.pop("co_sponsors"))
        terms = services.AgreementTerms(currency=agreement.currency, co_sponsors=parts, **data)
        following = services.grant_renewal(
            actor,
            pk,
            terms=terms,
            progress=progress,
            on=on,
            today=clock.today(),
            now=clock.now(),
        )
        return _("Renewed by %(number)s, a draft.") % {"number": following.number}

    return _page(
        request,
        agreement,
        "grant_renewal",
        form,
        change,
        title=_("Renew the agreement"),
        citation=rules.RENEWAL_LENGTH,
    )


@require_http_methods(["GET", "POST"])
def find_ineligible(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that ends a renewal because the deficiencies were not remedied in time."""
    actor = actor_of(request)
    renewal = queries.renewal_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        services.find_ineligible(
            actor,
            pk,
            progress=data["progress"],
            on=data["on"],
            today=clock.today(),
            now=clock.now(),
        )
        return _("The agreement is not eligible for renewal.")

    return _page(
        request,
        renewal.agreement,
        "find_ineligible",
        IneligibleForm(posted(request), initial={"on": clock.today()}),
        change,
        title=_("Find not eligible"),
        citation=rules.INELIGIBLE,
    )


def _page(
    request: HttpRequest,
    agreement: Agreement,
    verb: str,
    form: Any,
    change: Any,
    *,
    title: str,
    citation: Citation,
) -> HttpResponse:
    url = reverse("funding:show_renewal", args=[agreement.pk])
    return change_page(
        request,
        agreement,
        verb,
        form,
        change,
        title=title,
        next_url=url,
        crumbs=(Crumb(_("Renewal"), url),),
        citation=citation,
    )


def _title(agreement: Agreement, renewal: Renewal | None) -> str:
    said = {"number": agreement.number}
    if renewal is None:
        return _("%(number)s is not under review for renewal") % said
    match RenewalState(renewal.state):
        case RenewalState.UNDER_REVIEW:
            return _("%(number)s is under review for renewal") % said
        case RenewalState.CURE_PERIOD:
            return _("%(number)s has deficiencies to remedy by %(day)s") % {
                **said,
                "day": date_local(renewal.cure_ends_on),
            }
        case RenewalState.RENEWED:
            return _("%(number)s is renewed") % said
        case RenewalState.INELIGIBLE:
            return _("%(number)s is not eligible for renewal") % said


def _tag(renewal: Renewal | None) -> Tag | None:
    if renewal is None:
        return None
    state = RenewalState(renewal.state)
    return Tag(str(RENEWAL_STATE_LABELS[state]), _TONES[state])


def _actions(actor: Actor, agreement: Agreement, renewal: Renewal | None) -> tuple[Action, ...]:
    if renewal is None:
        is_possible = rules.renewal_possible(agreement.state, open_renewals=0) is None
        if not is_possible or not may_under(actor, "open_renewal_review", agreement):
            return ()
        url = reverse("funding:open_renewal_review", args=[agreement.pk])
        return (Action(_("Open the review"), url, is_primary=True),)
    labels = {
        "grant_renewal": _("Renew the agreement"),
        "notify_deficiencies": _("Notify deficiencies"),
        "find_ineligible": _("Find not eligible"),
    }
    verbs = rules.TRANSITIONS["renewal"].verbs_from(renewal.state)
    return tuple(
        Action(labels[verb], reverse(f"funding:{verb}", args=[renewal.pk]))
        for verb in verbs
        if may_under(actor, verb, agreement)
    )


def _steps(renewal: Renewal | None) -> tuple[Step, ...]:
    """The way of a renewal: the time to cure stands in it only where there was one."""
    if renewal is None:
        return ()
    state = RenewalState(renewal.state)
    is_decided = state in {RenewalState.RENEWED, RenewalState.INELIGIBLE}
    steps = [
        Step(
            _("Review"),
            "now" if state is RenewalState.UNDER_REVIEW else "done",
            date_local(renewal.opened_on),
        )
    ]
    if renewal.notified_on is not None:
        note = _("until %(day)s") % {"day": date_local(renewal.cure_ends_on)}
        steps.append(Step(_("Time to cure"), "done" if is_decided else "now", note))
    outcome = str(RENEWAL_STATE_LABELS[state]) if is_decided else _("Decision")
    note = date_local(renewal.decided_on) if renewal.decided_on else ""
    steps.append(Step(outcome, "done" if is_decided else "next", note))
    return tuple(steps)


def _items(actor: Actor, agreement: Agreement, renewal: Renewal | None) -> tuple[Item, ...]:
    """What the review found, to whoever oversees the institute; the agreement that follows."""
    if renewal is None:
        return ()
    items = []
    if queries.may_read_contributors(actor, agreement.institute.key):
        if renewal.deficiencies:
            items.append(Item(_("Deficiencies"), renewal.deficiencies))
        if renewal.progress:
            items.append(Item(_("Progress on the performance standards"), renewal.progress))
    following = renewal.renewed_by
    if following is not None and queries.is_visible(actor, following):
        items.append(Item(_("Renewed by"), following.number, url=following.get_absolute_url()))
    return tuple(items)
