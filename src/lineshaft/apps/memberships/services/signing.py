"""Signing a membership agreement, each side for itself, and admitting who has signed and paid.

A signature is under the hash of the document as it stands and lies on the disk. Admission goes
through `admit_member`, so that every rule of it holds: where it refuses, the application stays
signed, and `admission_refusal` says why.
"""

import hashlib
from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import (
    AgreedTerms,
    AgreementSignature,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.memberships.rules import ApplicationState, Side
from lineshaft.apps.memberships.services.access import add_person, let_act
from lineshaft.apps.memberships.services.agreements import (
    MemberRow,
    admit_member,
    check_admission,
)
from lineshaft.apps.memberships.services.applications import (
    locked_application,
    move,
    permit_applicant,
)
from lineshaft.apps.memberships.services.letters import tell_welcome
from lineshaft.kernel.errors import Invalid, Refused
from lineshaft.kernel.refusals import Refusal, refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.services import open_file
from lineshaft.plumbing.permit import permit

ADMISSION: Final = Actor.system("admission of members")
"""Admits whoever is approved, has signed and has paid."""


def sign_agreement(
    actor: Actor,
    application: MembershipApplication,
    *,
    name: str,
    title: str,
    sha256: str,
    now: datetime,
) -> MembershipApplication:
    """Sign the agreement for the organisation, under the hash of what was read.

    The second of both signatures makes it signed, and where no dues are owed it admits the member
    at once. Raises Refused for another document than the one that stands.
    """
    with transaction.atomic():
        row = locked_application(application.pk)
        permit_applicant(actor, "sign_agreement", row, on=now.date())
        _sign(actor, row, "sign_agreement", (name, title, sha256), now=now)
    return row


def countersign_agreement(
    actor: Actor,
    application: MembershipApplication,
    *,
    name: str,
    title: str,
    sha256: str,
    now: datetime,
) -> MembershipApplication:
    """Sign the agreement for the institute; otherwise as `sign_agreement`."""
    with transaction.atomic():
        row = locked_application(application.pk)
        permit(actor, rules.PERMISSIONS["countersign_agreement"], institute=row.institute.key)
        _sign(actor, row, "countersign_agreement", (name, title, sha256), now=now)
    return row


def admit_applicant(
    actor: Actor,
    application: MembershipApplication,
    *,
    now: datetime,
) -> MembershipApplication:
    """Admit who has signed and owes nothing, where the program could not do it by itself.

    Raises Refused with the rule that holds it, as `admit_member` does.
    """
    with transaction.atomic():
        row = locked_application(application.pk)
        permit(actor, rules.PERMISSIONS["admit_applicant"], institute=row.institute.key)
        refuse_if(rules.TRANSITIONS["MembershipApplication"].check(row.state, "admit_applicant"))
        refuse_if(rules.refuse_unpaid(is_settled=queries.is_settled(row)))
        _admit(actor, row, now=now)
    return row


def admit_if_settled(row: MembershipApplication, *, now: datetime) -> bool:
    """Admit the locked application if it is signed and paid; False where that can't be yet."""
    if row.state != ApplicationState.SIGNED or not queries.is_settled(row):
        return False
    try:
        with transaction.atomic():
            _admit(ADMISSION, row, now=now)
    except (Refused, Invalid):
        row.refresh_from_db()
        return False
    return True


def admission_refusal(row: MembershipApplication, *, now: datetime) -> Refusal | None:
    """What `admit_member` would say to the signed application today; nothing is written."""
    return check_admission(ADMISSION, _member_row(row), now=now)


def _sign(
    actor: Actor,
    row: MembershipApplication,
    verb: str,
    signed: tuple[str, str, str],
    *,
    now: datetime,
) -> None:
    name, title, sha256 = (part.strip() for part in signed)
    side = Side.INSTITUTE if verb == "countersign_agreement" else Side.ORGANISATION
    refuse_if(rules.TRANSITIONS["MembershipApplication"].check(row.state, verb))
    refuse_if(rules.refuse_signatory(name, title))
    refuse_if(rules.refuse_document(sha256, row.document_sha256, _found_sha256(row)))
    sides = [one.side for one in queries.signatures_of(row)]
    refuse_if(rules.refuse_second_signature(side, sides))
    AgreementSignature.objects.create(
        application=row,
        side=side,
        name=name,
        title=title,
        signed_on=now.date(),
        sha256=sha256,
        signed_by_id=actor.user_id,
        signed_at=now,
    )
    changes = {"side": side, "sha256": sha256}
    record_event(actor, verb, row, now=now, institute=row.institute.key, changes=changes)
    if sides:
        move(row, verb)
        row.signed_at = now
        row.save(update_fields=["state", "signed_at"])
        admit_if_settled(row, now=now)


def _found_sha256(row: MembershipApplication) -> str:
    """The hash of the document as it lies on the disk."""
    assert row.document is not None  # noqa: S101 -- an approved application has one
    with open_file(row.document) as content:
        return hashlib.sha256(content.read()).hexdigest()


def _member_row(row: MembershipApplication) -> MemberRow:
    assert row.starts_on is not None and row.term_months is not None  # noqa: S101, PT018 -- agreed
    return MemberRow(
        organisation_id=row.organisation.standing.pk,
        institute_key=row.institute.key,
        tier=row.tier,
        starts_on=row.starts_on,
        ends_on=rules.month_after(row.starts_on, row.term_months),
        signed_on=_signed_on(row),
        is_new=True,
        is_demonstration=row.is_demonstration,
    )


def _signed_on(row: MembershipApplication) -> date | None:
    return row.signed_at.date() if row.signed_at else None


def _admit(actor: Actor, row: MembershipApplication, *, now: datetime) -> None:
    why = f"membership application {row.pk}"
    agreement = admit_member(actor, _member_row(row), now=now, why=why)
    keep_terms(
        agreement,
        terms=(row.dues_minor or 0, row.in_kind_minor or 0, row.term_months or 12),
        follows=None,
        now=now,
    )
    move(row, "admit_applicant")
    row.admitted_at, row.agreement = now, agreement
    row.save(update_fields=["state", "admitted_at", "agreement"])
    row.invoices.update(agreement=agreement)
    changes = {"agreement": agreement.pk}
    record_event(
        actor, "admit_applicant", row, now=now, institute=row.institute.key, changes=changes
    )
    _open_access(row, now=now)
    tell_welcome(row, now=now)


def keep_terms(
    agreement: MemberAgreement,
    *,
    terms: tuple[int, int, int],
    follows: MemberAgreement | None,
    now: datetime,
) -> None:
    """Keep what was agreed: dues and in kind a year in minor units, and the months of a term.

    One that follows another goes on with its membership.
    """
    if follows is not None:
        agreement.began_with_id = follows.membership_id
        agreement.save(update_fields=["began_with"])
    dues_minor, in_kind_minor, term_months = terms
    AgreedTerms.objects.create(
        agreement=agreement,
        dues_minor=dues_minor,
        in_kind_minor=in_kind_minor,
        term_months=term_months,
        follows=follows,
        agreed_at=now,
    )


def _open_access(row: MembershipApplication, *, now: datetime) -> None:
    """Let whoever applied belong to the organisation where the admission opens that, and act for it
    where nobody does yet.
    """
    today = now.date()
    organisation = row.organisation.standing
    if not queries.opens_access(row, on=today):
        return
    has_actors = queries.has_actors(organisation, on=today)
    add_person(organisation, row.contact, rules.Way.CONTACT, now=now)
    if not has_actors:
        let_act(organisation, row.contact, now=now)
