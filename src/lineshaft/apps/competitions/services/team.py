"""Who applies together: partners and what they see, people and their invitations.

An organisation that is not in the registry is entered there within the network. An invitation goes
to an address; whoever has it verified accepts, and nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, ApplicationPartner, TeamMember
from lineshaft.apps.competitions.queries import NO_APPLICATION
from lineshaft.apps.competitions.services.applying import (
    audit_application,
    changed,
    held_application,
    keep_version,
    open_call,
)
from lineshaft.apps.competitions.services.conflicts import check_application
from lineshaft.apps.competitions.services.record import faults_of_texts
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import (
    OrganisationReference,
    group_q,
    lookalikes,
    may_see_organisation,
    organisation_by_id,
    organisations_by_reference,
)
from lineshaft.apps.network.services import OrganisationRow, register_organisation
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.queries import verified_addresses_of
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

REGISTRAR: Final = Actor.system("partner of an application")
"""Enters an organisation that a team names as a partner."""

_BOTH: Final = gettext_noop("Choose an organisation, or enter a new one.")
_REGISTERED: Final = gettext_noop(
    "%(organisation)s is registered already. Choose it instead of entering it a second time."
)
_CONFIRM: Final = gettext_noop(
    "These look like it: %(names)s. Choose one of them, or confirm that it is none of them."
)
_NO_SHARE: Final = gettext_noop("“%(part)s” is no part that is shared.")
_NO_ROLE: Final = gettext_noop("A role is one of: %(known)s.")
_WRONG_ADDRESS: Final = gettext_noop("“%(value)s” is no e-mail address, such as ada@example.org.")
_NOT_OF_TEAM: Final = gettext_noop("This organisation is neither the lead nor a partner.")
_LEAD_ONLY: Final = gettext_noop("Only people of the lead organisation lead the team.")
_WHO_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner as it is named: from the registry or new; `part` says what it brings.

    `is_none_of_these` confirms that the new one is none of those that look like it.
    """

    organisation_id: int | None = None
    new: OrganisationRow | None = None
    is_none_of_these: bool = False
    part: str = ""
    shares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamRow:
    """Somebody to name on the team; with an address they are invited to its workspace."""

    name: str
    role: str
    email: str = ""
    organisation_id: int | None = None
    duty: str = ""


def add_partner(
    actor: Actor, application: Application, row: PartnerRow, *, now: datetime
) -> ApplicationPartner:
    """Name an organisation as a partner, and what its people see of the application.

    Raises Invalid for a new one that is registered already or looks like one that is.
    """
    if (row.organisation_id is None) == (row.new is None):
        raise Invalid.in_field("organisation", _BOTH)
    if faults := _faults_of_partner(row.part, row.shares):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_application(actor, application, "add_partner", rules.PARTNERS)
        open_call(held, now=now)
        organisation = _organisation(actor, row, now=now).standing
        group = group_q(organisation.pk)
        refuse_if(
            rules.refuse_partner(
                organisation.name,
                is_lead=held.lead.standing.pk == organisation.pk,
                is_partner=held.partners.filter(group).exists(),
            )
        )
        partner = ApplicationPartner.objects.create(
            application=held,
            organisation=organisation,
            part=row.part.strip(),
            shares=_in_order(row.shares),
        )
        check_application(held, now=now)
        changed(actor, held, "add_partner", rules.PARTNERS, now=now)
    return partner


def share_with_partner(
    actor: Actor,
    application: Application,
    partner: ApplicationPartner,
    *,
    shares: Sequence[str],
    part: str,
    now: datetime,
) -> ApplicationPartner:
    """Set what a partner's people see of the application, and what the partner brings."""
    if faults := _faults_of_partner(part, shares):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_application(actor, application, "share_with_partner", rules.PARTNERS)
        open_call(held, now=now)
        row = held.partners.filter(pk=partner.pk).first()
        if row is None:
            raise NotFound(NO_APPLICATION, code="no_application")
        row.shares, row.part = _in_order(shares), part.strip()
        row.save(update_fields=["shares", "part"])
        changed(actor, held, "share_with_partner", rules.PARTNERS, now=now)
    return row


def remove_partner(
    actor: Actor, application: Application, partner: ApplicationPartner, *, now: datetime
) -> None:
    """Take a partner off; its people have to be off the team before."""
    with transaction.atomic():
        held = held_application(actor, application, "remove_partner", rules.PARTNERS)
        open_call(held, now=now)
        row = held.partners.select_related("organisation").filter(pk=partner.pk).first()
        if row is None:
            raise NotFound(NO_APPLICATION, code="no_application")
        has_people = held.team.filter(organisation_id=row.organisation_id).exists()
        refuse_if(rules.refuse_removing_partner(row.organisation.name, has_people=has_people))
        row.delete()
        check_application(held, now=now)
        changed(actor, held, "remove_partner", rules.PARTNERS, now=now)


def invite_to_team(
    actor: Actor, application: Application, row: TeamRow, *, now: datetime
) -> TeamMember:
    """Name somebody on the team; with an address, invite them to its workspace by mail."""
    email = row.email.strip().lower()
    if faults := _faults_of_member(row, email):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_application(actor, application, "invite_to_team", rules.TEAM)
        open_call(held, now=now)
        refuse_if(rules.refuse_one_more(held.team.count(), rules.TEAM_MAX))
        organisation = _organisation_of_team(held, row)
        is_on_team = held.team.filter(Q(email=email) | Q(user__email__iexact=email)).exists()
        refuse_if(rules.refuse_invited_twice(is_on_team=bool(email) and is_on_team))
        member = TeamMember.objects.create(
            application=held,
            name=row.name.strip(),
            email=email,
            organisation=organisation,
            role=row.role,
            duty=row.duty.strip(),
            invited_at=now if email else None,
        )
        check_application(held, now=now)
        changed(actor, held, "invite_to_team", rules.TEAM, now=now, changes={"member": member.pk})
        if email and not held.is_demonstration:  # an invented address has no reader
            _send_invitation(actor, held, member, now=now)
    return member


def join_team(actor: Actor, member: TeamMember, *, now: datetime) -> TeamMember:
    """Accept an invitation to one of the actor's verified addresses."""
    permit(actor, rules.PERMISSIONS["join_team"])
    with transaction.atomic():
        rows = TeamMember.objects.select_for_update(of=("self",)).select_related("application")
        row = rows.filter(pk=member.pk).first()
        if row is None or not row.email:
            raise NotFound(NO_APPLICATION, code="no_application")
        addresses = verified_addresses_of(actor.own_id)
        has_joined = row.joined_at is not None
        refuse_if(rules.refuse_joining(row.email, addresses, has_joined=has_joined))
        user = User.objects.get(pk=actor.own_id)
        is_on_team = TeamMember.objects.filter(application=row.application, user=user).exists()
        refuse_if(rules.refuse_invited_twice(is_on_team=is_on_team))
        row.user, row.joined_at = user, now
        row.save(update_fields=["user", "joined_at"])
        check_application(row.application, now=now)
        audit_application(actor, "join_team", row.application, now=now, changes={"member": row.pk})
    return row


def remove_from_team(
    actor: Actor, application: Application, member: TeamMember, *, now: datetime
) -> None:
    """Take somebody off the team: the workspace is closed to them from now on.

    Raises Refused for the last one who leads it.
    """
    with transaction.atomic():
        held = held_application(actor, application, "remove_from_team", rules.TEAM)
        row = held.team.filter(pk=member.pk).first()
        if row is None:
            raise NotFound(NO_APPLICATION, code="no_application")
        leads = held.team.filter(role=rules.TeamRole.LEAD, joined_at__isnull=False)
        refuse_if(rules.refuse_leaderless(leads_left=leads.exclude(pk=row.pk).count()))
        changes = {"member": row.pk}
        row.delete()
        check_application(held, now=now)
        keep_version(actor, held, rules.TEAM, now=now)
        audit_application(actor, "remove_from_team", held, now=now, changes=changes)


# ---------------------------------------------------------------------------------------- leaves


def _organisation(actor: Actor, row: PartnerRow, *, now: datetime) -> Organisation:
    if row.organisation_id is not None:
        return organisation_by_id(actor, row.organisation_id)
    new = row.new
    assert new is not None  # noqa: S101 -- one of the two
    reference = OrganisationReference(name=new.name, region=new.region, city=new.city)
    (same,) = organisations_by_reference(REGISTRAR, [reference])
    if any((one.region, one.city) == (new.region, new.city.strip()) for one in same):
        raise Invalid.in_field("name", _REGISTERED, organisation=new.name)
    if not row.is_none_of_these:
        seen = {one.pk: one.name for one in same if may_see_organisation(actor, one)}
        found = lookalikes(actor, new.name, region=new.region, city=new.city)
        seen |= {one.organisation.pk: one.organisation.name for one in found}
        if seen:
            raise Invalid.in_field("is_none_of_these", _CONFIRM, names=tuple(seen.values()))
    entered = OrganisationRow(
        name=new.name,
        kind=new.kind,
        city=new.city,
        region=new.region,
        level=SharingLevel.NETWORK,
        is_demonstration=new.is_demonstration,
    )
    return register_organisation(
        REGISTRAR, entered, is_new=True, now=now, why="partner of an application"
    )


def _organisation_of_team(held: Application, row: TeamRow) -> Organisation:
    """The lead, or the partner for which somebody is on the team."""
    if row.organisation_id in {None, held.lead_id}:
        return held.lead
    partner = held.partners.select_related("organisation").filter(
        organisation_id=row.organisation_id
    )
    found = partner.first()
    if found is None:
        raise Invalid.in_field("organisation", _NOT_OF_TEAM)
    if row.role == rules.TeamRole.LEAD:
        raise Invalid.in_field("role", _LEAD_ONLY)
    return found.organisation


def _send_invitation(actor: Actor, held: Application, member: TeamMember, *, now: datetime) -> None:
    """A message to whoever is invited: it says where, and nothing of the application but by whom
    it is led.
    """
    with override(actor.language):
        said = {
            "lead": held.lead.name,
            "code": held.competition.code,
            "address": settings.ORIGIN + reverse("competitions:list_workspaces"),
        }
        send_mail_later(
            member.email,
            _("%(lead)s invites you to its team for %(code)s") % said,
            _(
                "%(lead)s names you on the team of its application to %(code)s. Sign in with this"
                " address and accept the invitation at %(address)s."
            )
            % said,
            now=now,
            about=held,
            is_sealed=True,
        )


def _in_order(shares: Sequence[str]) -> list[str]:
    return [part for part in rules.SHARED_PARTS if part in set(shares)]


def _faults_of_partner(part: str, shares: Sequence[str]) -> list[FieldError]:
    faults = faults_of_texts({"part": part}, rules.REFERENCE_MAX)
    faults += [
        FieldError("shares", message=_NO_SHARE, params={"part": one})
        for one in shares
        if one not in rules.SHARED_PARTS
    ]
    return faults


def _faults_of_member(row: TeamRow, email: str) -> list[FieldError]:
    faults = faults_of_texts({"name": row.name}, _WHO_MAX, required=True)
    faults += faults_of_texts({"duty": row.duty}, rules.REFERENCE_MAX)
    if row.role not in set(rules.TeamRole):
        params = {"known": ", ".join(rules.TeamRole)}
        faults.append(FieldError("role", message=_NO_ROLE, params=params))
    if email:
        try:
            validate_email(email)
        except ValidationError:
            faults.append(FieldError("email", message=_WRONG_ADDRESS, params={"value": email}))
    return faults
