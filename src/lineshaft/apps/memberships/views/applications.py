"""Pages of applications: applying, an institute's list of them, and one with all that it has."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.joining import (
    ApplicationFilters,
    ApplyForm,
    NewOrganisationForm,
    OrganisationSearch,
)
from lineshaft.apps.memberships.models import (
    APPLICATION_STATE_LABELS,
    SIDE_LABELS,
    MembershipApplication,
)
from lineshaft.apps.memberships.queries import StepTime, TierOffer
from lineshaft.apps.memberships.rules import ApplicationState, Side
from lineshaft.apps.memberships.views.invoices import invoices_table
from lineshaft.apps.memberships.views.pages import (
    application_tag,
    applications_crumb,
    institute_crumbs,
    kind_name,
    organisation_url,
    tier_name,
    verb_page,
)
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.queries import verified_addresses_of
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Item, Step, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_TIER_KEY: Final = re.compile(r"[a-z_]{1,32}")
DAY_S: Final = 86_400


@require_http_methods(["GET", "POST"])
def apply_for_membership(request: HttpRequest, key: str) -> HttpResponse:
    """Find the organisation or enter it, then apply for it in a tier that is offered to it."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["apply_for_membership"])
    number = request.GET.get("organisation", "")
    if number.isdecimal() and len(number) < 18:  # noqa: PLR2004 -- what a key can have
        organisation = network.organisation_by_id(actor, int(number))
        return _apply_for(request, institute, organisation)
    if "new" in request.GET:
        return _apply_for_new(request, institute)
    return _choose_organisation(request, institute)


@require_GET
def list_applications(request: HttpRequest, key: str) -> HttpResponse:
    """The applications to the institute that the actor may see, and how long the steps took."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    reads_all = actor.is_network_staff or key in actor.staff_institute_keys
    rows = queries.applications_visible_to(actor).filter(institute=institute)
    form = ApplicationFilters(request.GET)
    shown = rows.filter(**form.chosen())
    page = paginate(request, shown.order_by("-submitted_at", "-pk"))
    waiting = rows.filter(state__in=rules.OPEN_STATES).count()
    table = Table(
        caption=_("Applications to %(institute)s, newest first")
        % {"institute": formats.local_name(institute)},
        columns=(
            Column("organisation", _("Organisation")),
            Column("state", _("State")),
            Column("tier", _("Membership tier")),
            Column("submitted", _("Submitted"), is_short=True),
            Column("since", _("In this state since"), is_short=True),
        ),
        rows=tuple(_row(one) for one in page),
        page=page,
        empty=_("No application fits. Whoever wants to join applies from the list of tiers."),
        is_stacked=True,
    )
    context = {
        "title": ngettext(
            "%(number)s application waits for a step",
            "%(number)s applications wait for a step",
            waiting,
        )
        % {"number": formats.number(waiting)},
        "lede": _("From the application to the admission; each step keeps its moment."),
        "crumbs": institute_crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "actions": (
            Action(
                _("Apply for membership"),
                reverse("memberships:apply_for_membership", args=[key]),
                is_primary=not reads_all,
            ),
        ),
        "form": form,
        "table": table,
        "times": _times_table(queries.step_times(rows)) if reads_all else None,
    }
    return render_page(request, "memberships/list_applications.html", context)


@require_GET
def show_application(request: HttpRequest, pk: int) -> HttpResponse:
    """One application: where it stands, its agreement, who signed, what was invoiced."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    signatures = queries.signatures_of(application)
    is_signed = application.state == ApplicationState.SIGNED
    is_settled = is_signed and queries.is_settled(application)
    refusal = services.admission_refusal(application, now=clock.now()) if is_signed else None
    invoices = queries.invoices_visible_to(actor).filter(application=application)
    names = {
        "organisation": formats.local_name(application.organisation),
        "institute": formats.local_name(application.institute),
    }
    context = {
        "application": application,
        "title": _title(application, is_held=refusal is not None, is_settled=is_settled) % names,
        "tag": application_tag(application),
        "crumbs": (
            *institute_crumbs(application.institute),
            applications_crumb(application.institute),
        ),
        "actions": _actions(
            actor, application, {one.side for one in signatures}, is_settled=is_settled
        ),
        "steps": _steps(application),
        "items": _items(actor, application),
        "agreement_items": _agreement_items(application),
        "signatures": _signature_table(application),
        "invoices": invoices_table(
            list(invoices.order_by("-sequence")), _("Invoices"), is_of_one=True
        ),
        "refusal": refusal,
        "is_closed_to_contact": _is_closed_to_contact(application),
        "is_settled": is_settled,
        "way_out": _participation_action(actor, application) if refusal else None,
    }
    return render_page(request, "memberships/show_application.html", context)


def _is_closed_to_contact(one: MembershipApplication) -> bool:
    """Whether the admission opens nothing to whoever applied, so that the page says who does."""
    is_over = one.state in {ApplicationState.DECLINED, ApplicationState.WITHDRAWN}
    return not is_over and not queries.opens_access(one, on=clock.today())


def _participation_action(actor: Actor, one: MembershipApplication) -> Action | None:
    """The next step where ownership holds an admission: the review, or the screening."""
    review = queries.review_of(one.organisation_id, one.institute_id)
    if review is not None:
        shown = reverse("memberships:show_participation_review", args=[review.pk])
        is_open = queries.reviews_visible_to(actor).filter(pk=review.pk).exists()
        return Action(_("See the review of its participation"), shown) if is_open else None
    if not rules.is_review_needed(
        network.profile_in_use(), queries.countries_bound(one.organisation), clock.today()
    ):
        return None
    if not services.may_screen(actor, one.organisation_id, one.institute):
        return None
    screens = reverse(
        "memberships:screen_organisation", args=[one.institute.key, one.organisation_id]
    )
    return Action(_("Answer the screening"), screens, is_primary=True)


# ------------------------------------------------------------------------------------ applying


def _choose_organisation(request: HttpRequest, institute: Institute) -> HttpResponse:
    actor = actor_of(request)
    form = OrganisationSearch(request.GET)
    text = form.text()
    own = network.organisations_visible_to(actor).filter(pk__in=sorted(actor.organisation_ids))
    found = queries.look_alikes(actor, text) if text else tuple(own.order_by("name", "pk")[:10])
    here = reverse("memberships:apply_for_membership", args=[institute.key])
    wanted = request.GET.get("tier", "")
    tier = f"&tier={wanted}" if _TIER_KEY.fullmatch(wanted) else ""
    caption = _("Organisations that look like it") if text else _("Your organisations")
    context = {
        "title": _("Which organisation joins %(institute)s?")
        % {"institute": formats.local_name(institute)},
        "lede": _(
            "Membership is open to firms of every size, start-ups, universities, colleges, "
            "laboratories and others. Look for the organisation by its name or identifier first."
        ),
        "crumbs": institute_crumbs(institute),
        "form": form,
        "table": _organisations_table(found, caption, here=here, tier=tier)
        if text or found
        else None,
        "new_url": f"{here}?new=1{tier}" if text else "",
    }
    return render_page(request, "memberships/choose_organisation.html", context)


def _organisations_table(
    found: tuple[Organisation, ...], caption: str, *, here: str, tier: str
) -> Table:
    return Table(
        caption=caption,
        columns=(
            Column("organisation", _("Organisation")),
            Column("kind", _("Kind")),
            Column("place", _("Place")),
            Column("apply", _("Action")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(formats.local_name(one)),
                    Cell(kind_name(one.kind)),
                    Cell(formats.town(one.city, one.region) or formats.MISSING),
                    Cell(_("Apply for it"), url=f"{here}?organisation={one.pk}{tier}"),
                )
            )
            for one in found
        ),
        empty=_("No registered organisation looks like it."),
        is_stacked=True,
    )


def _apply_for(
    request: HttpRequest, institute: Institute, organisation: Organisation
) -> HttpResponse:
    actor = actor_of(request)
    offers = queries.offers_to(actor, institute, kind=organisation.kind, on=clock.today())
    form = ApplyForm(
        request.POST or None,
        tiers=_tier_choices(offers),
        initial={"tier": request.GET.get("tier", "")},
    )
    lede = _("For %(organisation)s.") % {"organisation": formats.local_name(organisation)}
    if not offers:
        lede = _("%(institute)s offers no tier to this kind of organisation today.") % {
            "institute": formats.local_name(institute)
        }
    return _apply_page(
        request,
        institute,
        form,
        lambda: services.ApplicationRow(
            institute.key,
            form.cleaned_data["tier"],
            organisation_id=organisation.pk,
            purpose=form.cleaned_data["purpose"],
        ),
        lede=lede,
    )


def _apply_for_new(request: HttpRequest, institute: Institute) -> HttpResponse:
    actor = actor_of(request)
    profile = network.profile_in_use()
    offers = {
        one.tier.key: one
        for one in queries.tier_offers(actor, on=clock.today(), institute=institute.key)
    }
    form = NewOrganisationForm(
        request.POST or None,
        tiers=_tier_choices(offers),
        kinds=[(one.key, formats.local_name(one)) for one in profile.organisation_kinds],
        regions=[(code, formats.region(code)) for code, _name, _zh in profile.place_codes.codes],
        initial={
            "country": profile.country_code,
            "tier": request.GET.get("tier", ""),
        },
    )
    return _apply_page(
        request,
        institute,
        form,
        lambda: services.ApplicationRow(
            institute.key,
            form.cleaned_data["tier"],
            new_organisation=form.row(),
            is_none_of_these=form.cleaned_data["is_none_of_these"],
            purpose=form.cleaned_data["purpose"],
        ),
        lede=_(
            "The organisation is entered with the application and is open to all once it is "
            "approved. You gain no access to anything by applying."
        ),
    )


def _apply_page(
    request: HttpRequest, institute: Institute, form: ApplyForm, row: Any, *, lede: str
) -> HttpResponse:
    actor = actor_of(request)
    return verb_page(
        request,
        "apply_for_membership",
        form,
        title=_("Apply to %(institute)s") % {"institute": formats.local_name(institute)},
        lede=lede,
        submit_label=_("Submit the application"),
        crumbs=institute_crumbs(institute),
        back=reverse("memberships:apply_for_membership", args=[institute.key]),
        perform=lambda: services.apply_for_membership(actor, institute, row(), now=clock.now()),
        told=lambda _made: _("The application is submitted."),
        seen_at=lambda made: made.get_absolute_url(),
    )


def _tier_choices(offers: dict[str, TierOffer]) -> list[tuple[str, str]]:
    currency = network.profile_in_use().currency
    return [
        (
            key,
            _("%(tier)s: %(dues)s a year")
            % {
                "tier": formats.local_name(one.tier),
                "dues": formats.money(one.dues_minor, currency),
            },
        )
        for key, one in offers.items()
    ]


# ------------------------------------------------------------------------------------- leaves


def _row(one: MembershipApplication) -> Row:
    tag = application_tag(one)
    return Row(
        (
            Cell(formats.local_name(one.organisation), url=one.get_absolute_url()),
            Cell(tag.text, tag=tag.tone),
            Cell(tier_name(one.tier)),
            Cell(formats.date_local(one.submitted_at.date())),
            Cell(formats.date_local(_since(one).date())),
        )
    )


def _since(one: MembershipApplication) -> datetime:
    """Since when it stands where it stands."""
    moments = (one.closed_at, one.admitted_at, one.signed_at, one.approved_at)
    return next((moment for moment in moments if moment is not None), one.submitted_at)


def _times_table(times: tuple[StepTime, ...]) -> Table:
    return Table(
        caption=_("Days from step to step"),
        columns=(
            Column("step", _("Step")),
            Column("median", _("Median of days"), is_number=True),
            Column("cases", _("Cases"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(f"{_label(one.source)} → {_label(one.target)}"),
                    Cell(_days(one.median_s)),
                    Cell(formats.number(one.cases)),
                )
            )
            for one in times
        ),
    )


def _label(state: ApplicationState) -> str:
    return str(APPLICATION_STATE_LABELS[state])


def _days(seconds: int | None) -> str:
    return formats.number(None if seconds is None else Decimal(seconds) / DAY_S, 1)


def _title(one: MembershipApplication, *, is_held: bool, is_settled: bool) -> str:
    if is_held and not is_settled:
        return _("%(organisation)s has signed and can't be admitted to %(institute)s yet")
    if is_held:
        return _("%(organisation)s has paid and can't be admitted to %(institute)s yet")
    titles = {
        ApplicationState.SUBMITTED: _("%(organisation)s asks to join %(institute)s"),
        ApplicationState.APPROVED: _("%(organisation)s may join %(institute)s: both sides sign"),
        ApplicationState.SIGNED: _("%(organisation)s has signed with %(institute)s: dues are next"),
        ApplicationState.ADMITTED: _("%(organisation)s has joined %(institute)s"),
        ApplicationState.DECLINED: _("%(institute)s has declined %(organisation)s"),
        ApplicationState.WITHDRAWN: _("%(organisation)s no longer asks to join %(institute)s"),
    }
    return titles[ApplicationState(one.state)]


def _steps(one: MembershipApplication) -> tuple[Step, ...]:
    """The line of stations; a closed application ends where it was closed."""
    moments = [one.submitted_at, one.approved_at, one.signed_at, one.admitted_at]
    steps = [
        Step(_label(state), "done", formats.date_local(moment.date()))
        for state, moment in zip(rules.STATIONS, moments, strict=True)
        if moment is not None
    ]
    if one.closed_at is not None:
        closed = Step(one.get_state_display(), "now", formats.date_local(one.closed_at.date()))
        return (*steps, closed)
    ahead = [Step(_label(state), "next") for state in rules.STATIONS[len(steps) :]]
    if ahead:
        ahead[0] = Step(ahead[0].label, "now")
    return (*steps, *ahead)


def _items(actor: Actor, one: MembershipApplication) -> tuple[Item, ...]:
    organisation = one.organisation
    found = [
        Item(
            _("Organisation"),
            formats.local_name(organisation),
            organisation_url(actor, organisation),
            tag=Tag(_("entered with the application")) if one.is_new_organisation else None,
        ),
        Item(_("Kind"), kind_name(organisation.kind)),
        Item(_("Membership tier"), tier_name(one.tier)),
        Item(_("Applied by"), formats.actor_name(one.contact.name)),
    ]
    if actor.is_network_staff or one.institute.key in actor.staff_institute_keys:
        is_proved = one.contact.email.lower() in verified_addresses_of(one.contact_id)
        tag = Tag(_("verified"), "ok") if is_proved else Tag(_("not verified"), "due")
        found.append(Item(_("E-mail address"), one.contact.email, tag=tag))
    if one.purpose:
        found.append(Item(_("What for"), one.purpose))
    if one.closed_reason:
        found.append(Item(_("Reason"), one.closed_reason))
    if one.agreement_id:
        shown = reverse("memberships:show_member", args=[one.agreement_id])
        found.append(Item(_("Membership agreement"), _("in force once it begins"), shown))
    return tuple(found)


def _agreement_items(one: MembershipApplication) -> tuple[Item, ...]:
    if one.document_id is None:
        return ()
    currency = network.profile_in_use().currency
    return (
        Item(
            _("Document"),
            _("Open the agreement (PDF)"),
            reverse("memberships:download_agreement", args=[one.pk]),
        ),
        Item(_("SHA-256 of the document"), one.document_sha256),
        Item(_("Membership from"), formats.date_local(one.starts_on)),
        Item(_("Months of a term"), formats.number(one.term_months)),
        Item(_("Dues a year"), formats.money(one.dues_minor, currency)),
        Item(_("In kind a year"), formats.money(one.in_kind_minor, currency)),
    )


def _signature_table(one: MembershipApplication) -> Table:
    """Every signature; those on a document before this one say so."""
    rows = one.signatures.order_by("signed_at", "pk")
    return Table(
        caption=_("Who has signed"),
        columns=(
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("side", _("Side")),
            Column("on", _("Signed on"), is_short=True),
            Column("document", _("Document")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(signed.name),
                    Cell(signed.title),
                    Cell(str(SIDE_LABELS[Side(signed.side)])),
                    Cell(formats.date_local(signed.signed_on)),
                    Cell(_("This one"), tag="ok")
                    if signed.sha256 == one.document_sha256
                    else Cell(_("An earlier one"), tag="quiet"),
                )
            )
            for signed in rows
        ),
        empty=_("Nobody has signed yet."),
        is_stacked=True,
    )


def _actions(
    actor: Actor, one: MembershipApplication, sides: set[str], *, is_settled: bool
) -> tuple[Action, ...]:
    """What the actor can do next, the likeliest first and marked."""

    def decides(verb: str) -> bool:
        return may(actor, rules.PERMISSIONS[verb], institute=one.institute.key)

    def speaks(verb: str) -> bool:
        return services.may_as_applicant(actor, verb, one, on=clock.today())

    state = one.state
    is_open_to_sign = state == ApplicationState.APPROVED
    offered = (
        ("approve_application", _("Approve"), state == ApplicationState.SUBMITTED, decides),
        (
            "sign_agreement",
            _("Sign for the organisation"),
            is_open_to_sign and Side.ORGANISATION not in sides,
            speaks,
        ),
        (
            "countersign_agreement",
            _("Sign for the institute"),
            is_open_to_sign and Side.INSTITUTE not in sides,
            decides,
        ),
        (
            "issue_invoice",
            _("Issue the invoice"),
            state == ApplicationState.SIGNED
            and not is_settled
            and queries.open_invoice_of(one) is None,
            decides,
        ),
        (
            "admit_applicant",
            _("Admit"),
            state == ApplicationState.SIGNED and is_settled,
            decides,
        ),
        ("revise_agreement", _("Revise the agreement"), is_open_to_sign, decides),
        ("decline_application", _("Decline"), state in rules.OPEN_STATES, decides),
        ("withdraw_application", _("Withdraw"), state in rules.OPEN_STATES, speaks),
    )
    found = [(verb, label) for verb, label, is_due, allows in offered if is_due and allows(verb)]
    return tuple(
        Action(
            label,
            reverse(f"memberships:{verb}", args=[one.pk]),
            is_primary=place == 0 and verb not in _NEVER_FIRST,
        )
        for place, (verb, label) in enumerate(found)
    )


_NEVER_FIRST: Final = frozenset({"withdraw_application", "decline_application"})
