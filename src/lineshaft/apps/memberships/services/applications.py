"""Applying for membership, and deciding on it.

Applying gives no access to anything: whoever applies sees the application alone until the
organisation is admitted. Each verb locks the application, moves it by the workflow and keeps the
moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import Invoice, MembershipApplication
from lineshaft.apps.memberships.queries import TierOffer
from lineshaft.apps.memberships.rules import ApplicationState
from lineshaft.apps.memberships.services.agreements import lock_institute
from lineshaft.apps.memberships.services.letters import tell_approved, tell_declined
from lineshaft.apps.memberships.services.papers import keep_agreement_document
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import (
    OrganisationReference,
    lookalikes,
    may_see_organisation,
    organisation_by_id,
    organisations_by_reference,
    profile_in_use,
)
from lineshaft.apps.network.services import (
    OrganisationRow,
    amend_organisation,
    register_organisation,
)
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import Refusal, refuse_if
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.sharing import SharingLevel

REGISTRAR: Final = Actor.system("application for membership")
"""Enters an organisation that somebody applies for, and opens it once that is approved."""

_NO_APPLICATION: Final = gettext_noop("There is no such application.")
_REGISTERED: Final = gettext_noop(
    "%(organisation)s is registered already. Choose it instead of entering it a second time."
)
_REGISTERED_UNSEEN: Final = gettext_noop(
    "%(organisation)s is registered already and is not shared with you. Ask the programme office."
)
_CONFIRM: Final = gettext_noop(
    "These look like it: %(names)s. Choose one of them, or confirm that it is none of them."
)
_BOTH: Final = gettext_noop("Choose an organisation, or enter a new one.")
_SIGN_IN: Final = gettext_noop("Sign in first: an application has somebody who made it.")


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application as somebody enters it: for a registered organisation, or for a new one.

    `is_none_of_these` confirms that the new one is none of those that look like it.
    """

    institute_key: str
    tier: str
    organisation_id: int | None = None
    new_organisation: OrganisationRow | None = None
    is_none_of_these: bool = False
    purpose: str = ""
    is_demonstration: bool = False


def apply_for_membership(
    actor: Actor, institute: Institute, row: ApplicationRow, *, now: datetime
) -> MembershipApplication:
    """Apply for an organisation at the institute; it waits for a decision.

    A new organisation is entered within the network and is open to all once approved. Raises
    Invalid for one that is registered already or looks like one that is, and Refused for a tier
    that is not offered to it, for one that is a member already, for a second open application, and
    for whoever does not belong to an organisation that has people of its own.
    """
    permit(actor, rules.PERMISSIONS["apply_for_membership"])
    if actor.user_id is None:
        raise Invalid(message=_SIGN_IN, code="no_contact")
    if refusal := rules.refuse_text(row.purpose):
        raise Invalid.in_field("purpose", refusal.message, **refusal.params)
    with transaction.atomic():
        lock_institute(institute.pk)
        organisation = _organisation(actor, row, now=now)
        _refuse_application(actor, institute, organisation, row, now=now)
        application = MembershipApplication.objects.create(
            institute=institute,
            organisation=organisation,
            is_new_organisation=row.new_organisation is not None,
            tier=row.tier,
            contact_id=actor.user_id,
            purpose=row.purpose.strip(),
            language=actor.language,
            submitted_at=now,
            is_demonstration=row.is_demonstration,
        )
        _audit(
            actor,
            "apply_for_membership",
            application,
            now=now,
            organisation=organisation.pk,
            tier=row.tier,
        )
    return application


def approve_application(
    actor: Actor, application: MembershipApplication, *, starts_on: date, now: datetime
) -> MembershipApplication:
    """Approve the application: the agreement document of the terms in force on `starts_on` is made.

    The applicant is told by mail. Raises Refused where the tier is not offered on that day, and
    where the organisation is a member on a day of the term.
    """
    with transaction.atomic():
        row = locked_application(application.pk)
        permit(actor, rules.PERMISSIONS["approve_application"], institute=row.institute.key)
        move(row, "approve_application")
        row.approved_at = now
        _agree_on(actor, row, starts_on=starts_on, now=now)
        if row.is_new_organisation:
            changes = {"level": SharingLevel.PUBLIC}
            amend_organisation(REGISTRAR, row.organisation, changes=changes, now=now)
        row.save(update_fields=["state", "approved_at", *_AGREED])
        _audit(
            actor,
            "approve_application",
            row,
            now=now,
            starts_on=starts_on,
            dues_minor=row.dues_minor,
            sha256=row.document_sha256,
        )
        tell_approved(row, now=now)
    return row


def revise_agreement(
    actor: Actor,
    application: MembershipApplication,
    *,
    tier: str,
    starts_on: date,
    now: datetime,
    why: str,
) -> MembershipApplication:
    """Make the agreement document anew for another tier or first day, before both have signed.

    Who signed the document before signs again: a signature holds for one hash.
    """
    with transaction.atomic():
        row = locked_application(application.pk)
        permit(actor, rules.PERMISSIONS["revise_agreement"], institute=row.institute.key)
        refuse_if(rules.TRANSITIONS["MembershipApplication"].check(row.state, "sign_agreement"))
        refuse_if(rules.refuse_reason(why))
        before = {"tier": row.tier, "starts_on": row.starts_on, "sha256": row.document_sha256}
        row.tier = tier
        _agree_on(actor, row, starts_on=starts_on, now=now)
        row.save(update_fields=["tier", *_AGREED])
        after = {"tier": tier, "starts_on": starts_on, "sha256": row.document_sha256}
        changes = {name: [before[name], after[name]] for name in after}
        _audit(actor, "revise_agreement", row, now=now, why=why, **changes)
    return row


def decline_application(
    actor: Actor, application: MembershipApplication, *, reason: str, now: datetime
) -> MembershipApplication:
    """Decline the application; the applicant is told the reason by mail.

    Invoices are cancelled with it; what was paid on them is to be refunded, and credits that they
    took are free. Raises Refused where another invoice took a credit that one left over.
    """
    with transaction.atomic():
        row = locked_application(application.pk)
        permit(actor, rules.PERMISSIONS["decline_application"], institute=row.institute.key)
        refuse_if(rules.refuse_reason(reason))
        due = _close_invoices(actor, row, reason=reason, now=now)
        _close(actor, row, "decline_application", reason=reason, now=now, due=due)
        tell_declined(row, due, now=now)
    return row


def withdraw_application(
    actor: Actor, application: MembershipApplication, *, now: datetime, reason: str = ""
) -> MembershipApplication:
    """Withdraw the application; its invoices are closed as `decline_application` does."""
    with transaction.atomic():
        row = locked_application(application.pk)
        permit_applicant(actor, "withdraw_application", row, on=now.date())
        refuse_if(rules.refuse_text(reason))
        due = _close_invoices(actor, row, reason=reason, now=now)
        _close(actor, row, "withdraw_application", reason=reason, now=now, due=due)
    return row


# --------------------------------------------------------------- shared with the verbs beside it


def locked_application(pk: int) -> MembershipApplication:
    """The application, locked after its institute; raises NotFound."""
    found = MembershipApplication.objects.filter(pk=pk).values_list("institute_id", flat=True)
    institute_id = found.first()
    if institute_id is None:
        raise NotFound(_NO_APPLICATION, code="no_application")
    lock_institute(institute_id)
    return (
        MembershipApplication.objects.select_for_update(of=("self",))
        .select_related("institute", "organisation", "contact", "document")
        .get(pk=pk)
    )


def move(row: MembershipApplication, verb: str) -> None:
    """Take the application to where the verb leads; raises Refused from a state that it doesn't."""
    workflow = rules.TRANSITIONS["MembershipApplication"]
    refuse_if(workflow.check(row.state, verb))
    row.state = ApplicationState(workflow.target(row.state, verb))


def permit_applicant(actor: Actor, verb: str, row: MembershipApplication, *, on: date) -> None:
    """Let whoever acts for the organisation go on, and whoever applied while nobody acts for it.

    Raises NotPermitted, for whoever was taken off the organisation too.
    """
    if not may_as_applicant(actor, verb, row, on=on):
        permit(actor, rules.PERMISSIONS[verb], organisation=str(row.organisation_id))


def may_as_applicant(actor: Actor, verb: str, row: MembershipApplication, *, on: date) -> bool:
    """Whether `permit_applicant` would let the actor go on."""
    if may(actor, rules.PERMISSIONS[verb], organisation=str(row.organisation_id)):
        return True
    return may(actor, rules.PERMISSIONS["apply_for_membership"]) and queries.is_still_contact(
        row, actor.own_id, on=on
    )


def offer_to(institute: Institute, organisation: Organisation, tier: str, *, on: date) -> TierOffer:
    """The tier as it is offered to the organisation on that day; raises Refused where it is not."""
    offers = queries.offers_to(REGISTRAR, institute, kind=organisation.kind, on=on)
    refuse_if(rules.refuse_offer(is_offered=tier in offers, institute=institute.name, on=on))
    return offers[tier]


def close_invoice(invoice: Invoice, verb: str, *, now: datetime, reason: str = "") -> None:
    """Take the invoice to the end where the verb leads; raises Refused from another state."""
    workflow = rules.TRANSITIONS["Invoice"]
    refuse_if(workflow.check(invoice.state, verb))
    invoice.state = workflow.target(invoice.state, verb)
    invoice.closing = rules.Closing(invoice.state)
    invoice.closed_at, invoice.closed_reason = now, reason.strip()
    invoice.save(update_fields=["closing", "closed_at", "closed_reason"])


def cancel_and_tell(
    actor: Actor,
    invoice: Invoice,
    verb: str = "cancel_invoice",
    *,
    institute: str,
    now: datetime,
    reason: str,
) -> None:
    """Cancel the locked invoice with an event of its own, whatever verb it is cancelled by."""
    close_invoice(invoice, verb, now=now, reason=reason)
    record_event(actor, "cancel_invoice", invoice, now=now, why=reason, institute=institute)


# -------------------------------------------------------------------------------------- leaves

_AGREED: Final = (
    "starts_on",
    "dues_minor",
    "in_kind_minor",
    "term_months",
    "document",
    "document_sha256",
)


def _organisation(actor: Actor, row: ApplicationRow, *, now: datetime) -> Organisation:
    if (row.organisation_id is None) == (row.new_organisation is None):
        raise Invalid.in_field("organisation", _BOTH)
    if row.organisation_id is not None:
        return organisation_by_id(actor, row.organisation_id)
    new = row.new_organisation
    assert new is not None  # noqa: S101 -- one of the two
    _refuse_second_record(actor, new, is_none_of_these=row.is_none_of_these)
    entered = OrganisationRow(
        name=new.name,
        kind=new.kind,
        city=new.city,
        region=new.region,
        country=new.country,
        ownership_country=new.ownership_country,
        website=new.website,
        identifiers=new.identifiers,
        level=SharingLevel.NETWORK,
        is_demonstration=row.is_demonstration,
    )
    return register_organisation(
        REGISTRAR, entered, is_new=True, now=now, why="application for membership"
    )


def _refuse_second_record(actor: Actor, new: OrganisationRow, *, is_none_of_these: bool) -> None:
    """Raise Invalid for one that is registered; or resembles one, unless that was confirmed."""
    reference = OrganisationReference(
        name=new.name, identifiers=new.identifiers, region=new.region, city=new.city
    )
    (same,) = organisations_by_reference(REGISTRAR, [reference])
    names: Sequence[Organisation] = same
    if names and any(_is_surely(one, new) for one in names):
        is_seen = any(may_see_organisation(actor, one) for one in names)
        message = _REGISTERED if is_seen else _REGISTERED_UNSEEN
        shown = names[0].name if is_seen else new.name
        raise Invalid.in_field("name", message, organisation=shown)
    if is_none_of_these:
        return
    alike = {one.pk: one.name for one in names if may_see_organisation(actor, one)}
    alike |= {
        one.organisation.pk: one.organisation.name
        for one in lookalikes(
            actor, new.name, region=new.region, city=new.city, website=new.website
        )
    }
    if alike:
        raise Invalid.in_field("is_none_of_these", _CONFIRM, names=tuple(alike.values()))


def _is_surely(one: Organisation, new: OrganisationRow) -> bool:
    """Whether it is the same by identifier, or by name at the same place."""
    identifiers = OrganisationReference(identifiers=new.identifiers).normal_identifiers()
    held = set(one.identifiers.values_list("scheme", "value"))
    is_same_place = (one.region, one.city.lower()) == (new.region, new.city.strip().lower())
    return bool(identifiers & held) or is_same_place


def _refuse_application(
    actor: Actor,
    institute: Institute,
    organisation: Organisation,
    row: ApplicationRow,
    *,
    now: datetime,
) -> None:
    today = now.date()
    refusal: Refusal | None = rules.refuse_tier(profile_in_use(), row.tier, organisation.kind)
    if refusal is not None:
        fault = FieldError("tier", message=refusal.message, params=refusal.params)
        raise Invalid([fault])
    offer_to(institute, organisation, row.tier, on=today)
    _refuse_member(institute, organisation, Span(today, today + timedelta(days=1)))
    refuse_if(
        rules.refuse_second_application(
            has_open=queries.has_open_application(institute, organisation),
            organisation=organisation.name,
            institute=institute.name,
        )
    )
    refuse_if(
        rules.refuse_stranger(
            has_people=queries.has_people(organisation, on=today),
            is_one=organisation.pk in actor.organisation_ids,
            organisation=organisation.name,
        )
    )
    acts = may(actor, rules.PERMISSIONS["sign_agreement"], organisation=str(organisation.pk))
    refuse_if(
        rules.refuse_bystander(
            has_actors=queries.has_actors(organisation, on=today),
            acts=acts,
            organisation=organisation.name,
        )
    )


def _refuse_member(institute: Institute, organisation: Organisation, wanted: Span) -> None:
    """Raise Refused where the organisation is a member there already on one of those days."""
    held = queries.spans_held(institute, organisation)
    names = {"organisation": organisation.name, "institute": institute.name}
    refuse_if(rules.refuse_overlap(wanted, held, **names))


def _agree_on(actor: Actor, row: MembershipApplication, *, starts_on: date, now: datetime) -> None:
    """Put the terms in force on the first day onto the application, and their document."""
    refuse_if(rules.refuse_start(starts_on, today=now.date()))
    offer = offer_to(row.institute, row.organisation, row.tier, on=starts_on)
    row.starts_on = starts_on
    row.dues_minor, row.in_kind_minor = offer.dues_minor, offer.in_kind_minor
    row.term_months = offer.term_months
    ends_on = rules.month_after(starts_on, row.term_months)
    _refuse_member(row.institute, row.organisation.standing, Span(starts_on, ends_on))
    row.document = keep_agreement_document(actor, row, offer, ends_on=ends_on, now=now)
    row.document_sha256 = row.document.sha256


def _close_invoices(
    actor: Actor, row: MembershipApplication, *, reason: str, now: datetime
) -> tuple[Money, ...]:
    """Close what was billed for the application; returns what is to be refunded of it."""
    due = []
    rows = queries.invoices_of(row).exclude(closing__in=rules.VOID).order_by("pk")
    for invoice in rows.select_for_update(of=("self",)):
        refuse_if(rules.refuse_closing(invoice.number, queries.credit_taker_of(invoice)))
        is_settled = invoice.state != rules.InvoiceState.ISSUED
        verb = rules.closing_verb(invoice.paid_minor, is_settled=is_settled)
        if invoice.paid:
            due.append(invoice.paid)
            close_invoice(invoice, verb, now=now, reason=reason)
        else:
            cancel_and_tell(
                actor, invoice, verb, institute=row.institute.key, now=now, reason=reason
            )
    return tuple(due)


def _close(
    actor: Actor,
    row: MembershipApplication,
    verb: str,
    *,
    reason: str,
    now: datetime,
    due: Sequence[Money],
) -> None:
    move(row, verb)
    row.closed_at, row.closed_reason = now, reason.strip()
    row.save(update_fields=["state", "closed_at", "closed_reason"])
    to_refund = {"to_refund": [str(one) for one in due]} if due else {}
    _audit(actor, verb, row, now=now, why=reason, **to_refund)


def _audit(
    actor: Actor,
    verb: str,
    row: MembershipApplication,
    *,
    now: datetime,
    why: str = "",
    **changes: Any,
) -> None:
    record_event(actor, verb, row, now=now, why=why, institute=row.institute.key, changes=changes)
