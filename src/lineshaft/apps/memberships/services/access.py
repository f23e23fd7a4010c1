"""Who belongs to an organisation here: inviting, accepting, domains of e-mail, taking off.

Whoever belongs sees what the organisation sees; whoever acts for it holds the role of a member over
it besides. Secrets are mailed and kept as digests alone.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import Invitation, MailDomain, OrganisationPerson
from lineshaft.apps.memberships.services.letters import send_code, send_invitation
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import group_q
from lineshaft.kernel.errors import Invalid, NotFound, Refused
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.queries import verified_addresses_of
from lineshaft.plumbing.access.services import grant_role, revoke_role
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.reference.mail_domains import load_public_mail_domains

GRANTER: Final = Actor.system("people of organisations")
"""Grants and ends the role by which somebody acts for an organisation."""

_WRONG_ADDRESS: Final = gettext_noop("“%(value)s” is no e-mail address, such as ada@example.org.")
_NO_INVITATION: Final = gettext_noop("There is no such invitation, or none for you.")
_NO_DOMAIN: Final = gettext_noop("There is no such domain, or none that you may see.")


def invite_person(
    actor: Actor,
    organisation: Organisation,
    *,
    email: str,
    origin: str,
    now: datetime,
    may_act: bool = False,
    is_demonstration: bool = False,
) -> Invitation:
    """Invite somebody by e-mail to belong to the organisation; `may_act` lets act for it too.

    A link is mailed that its owner alone can use; `origin` is the platform's public address. An
    earlier invitation to the address is over. Raises Refused for somebody who belongs already.
    """
    permit(actor, rules.PERMISSIONS["invite_person"], organisation=str(organisation.pk))
    address = email.strip().lower()
    _refuse_address(address, "email")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        people = queries.people_of(organisation, on=now.date())
        refuse_if(rules.refuse_member_invited(is_one=people.filter(email=address).exists()))
        queries.invitations_of(organisation, now=now).filter(email=address).update(expires_at=now)
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=address,
            may_act=may_act,
            secret_digest=queries.digest_of(secret),
            invited_by_id=actor.user_id,
            invited_at=now,
            expires_at=now + timedelta(days=rules.INVITATION_DAYS),
            is_demonstration=is_demonstration,
        )
        _audit(actor, "invite_person", organisation, now=now, invitation=invitation.pk)
        if not is_demonstration:  # an invented address has no reader
            path = reverse("memberships:accept_invitation", args=[secret])
            link = origin.rstrip("/") + path
            send_invitation(invitation, link, language=actor.language, now=now)
    return invitation


def accept_invitation(actor: Actor, invitation: Invitation, *, now: datetime) -> OrganisationPerson:
    """Belong to the organisation that invited one of the actor's verified addresses.

    Raises Refused for another address, and for an invitation that is over or used.
    """
    permit(actor, rules.PERMISSIONS["accept_invitation"])
    with transaction.atomic():
        row = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("organisation__merged_into")
            .filter(pk=invitation.pk)
            .first()
        )
        if row is None:
            raise NotFound(_NO_INVITATION, code="no_invitation")
        refuse_if(
            rules.refuse_invitation(
                email=row.email,
                addresses=verified_addresses_of(actor.own_id),
                expires_at=row.expires_at,
                is_used=row.accepted_at is not None,
                now=now,
            )
        )
        user = User.objects.get(pk=actor.own_id)
        row.accepted_at, row.accepted_by = now, user
        row.save(update_fields=["accepted_at", "accepted_by"])
        organisation = row.organisation.standing
        person = add_person(organisation, user, rules.Way.INVITATION, now=now)
        if row.may_act:
            let_act(organisation, user, now=now)
        _audit(actor, "accept_invitation", organisation, now=now, invitation=row.pk)
    return person


def verify_domain(
    actor: Actor, organisation: Organisation, *, address: str, now: datetime
) -> MailDomain:
    """Ask for a domain of e-mail to be verified: a code is mailed to that address at it.

    Asking again makes the code before void. Raises Refused for a public mail service, and for a
    domain that another organisation has.
    """
    permit(actor, rules.PERMISSIONS["verify_domain"], organisation=str(organisation.pk))
    address = address.strip().lower()
    _refuse_address(address, "address")
    domain = rules.domain_of(address)
    refuse_if(
        rules.refuse_domain(
            address, load_public_mail_domains(), is_taken=queries.is_taken(domain, organisation)
        )
    )
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    with transaction.atomic():
        held = queries.domains_of(organisation).select_for_update().filter(domain=domain)
        row = held.order_by(F("verified_at").asc(nulls_last=True), "pk").first()
        if row is None:
            row, _is_new = MailDomain.objects.get_or_create(
                organisation=organisation,
                domain=domain,
                defaults={"address": address, "asked_at": now},
            )
        row.address, row.asked_at, row.attempts = address, now, 0
        row.code_digest = _code_digest(row, code)
        row.save(update_fields=["address", "asked_at", "attempts", "code_digest"])
        _audit(actor, "verify_domain", organisation, now=now, domain=domain)
        send_code(row, code, language=actor.language, now=now)
    return row


def confirm_domain(
    actor: Actor, organisation: Organisation, domain: MailDomain, *, code: str, now: datetime
) -> MailDomain:
    """Take the code that was mailed: from now on verified addresses at the domain may join.

    A wrong entry is counted and refused; after a few the code is void. A verified domain stays so.
    """
    permit(actor, rules.PERMISSIONS["confirm_domain"], organisation=str(organisation.pk))
    with transaction.atomic():
        refused = _confirm(actor, organisation, domain, code, now=now)
    if isinstance(refused, Refused):
        raise refused
    return refused


def join_organisation(
    actor: Actor, organisation: Organisation, *, now: datetime
) -> OrganisationPerson:
    """Belong to the organisation by a verified address at a verified domain of it."""
    permit(actor, rules.PERMISSIONS["join_organisation"])
    with transaction.atomic():
        offered = queries.organisations_to_join(actor).filter(pk=organisation.pk)
        refuse_if(rules.refuse_joiner(is_at_domain=offered.exists()))
        user = User.objects.get(pk=actor.own_id)
        person = add_person(organisation, user, rules.Way.DOMAIN, now=now)
        _audit(actor, "join_organisation", organisation, now=now, user=user.pk)
    return person


def remove_person(
    actor: Actor, organisation: Organisation, user: User, *, now: datetime, why: str = ""
) -> None:
    """Take somebody off the organisation, every record of it: it opens nothing to them from now
    on, invitations that wait for them are over, and an invitation alone brings them back.

    Raises Refused for oneself, and for whom the programme office has entered.
    """
    permit(actor, rules.PERMISSIONS["remove_person"], organisation=str(organisation.pk))
    today = now.date()
    with transaction.atomic():
        refuse_if(
            rules.refuse_removal(
                is_oneself=user.pk == actor.user_id,
                is_registered=queries.is_registered_for(organisation, user.pk),
            )
        )
        queries.person_of(organisation, user.pk, on=today)
        group = group_q(organisation.standing.pk)
        rows = OrganisationPerson.objects.filter(group, user=user)
        if not rows.exists():  # by a role alone; kept, so that an invitation alone brings them back
            way = rules.Way.INVITATION
            rows.create(organisation=organisation, user=user, way=way, joined_at=now)
        rows.filter(removed_at__isnull=True).update(removed_at=now)
        for address in {user.email.lower(), *verified_addresses_of(user.pk)}:
            waiting = Invitation.objects.filter(group, email__iexact=address)
            waiting.filter(accepted_at__isnull=True, expires_at__gt=now).update(expires_at=now)
        for grant in queries.grants_over(organisation, on=today).filter(user=user):
            revoke_role(GRANTER, grant.pk, ends_on=today, now=now, why=why)
        _audit(actor, "remove_person", organisation, now=now, why=why, user=user.pk)


# --------------------------------------------------------------- shared with the verbs beside it


def add_person(
    organisation: Organisation, user: User, way: rules.Way, *, now: datetime
) -> OrganisationPerson:
    """Let the user belong to the organisation; who belongs to it already stays as it is."""
    person, _is_new = OrganisationPerson.objects.get_or_create(
        organisation=organisation,
        user=user,
        removed_at=None,
        defaults={"way": way, "joined_at": now},
    )
    return person


def let_act(organisation: Organisation, user: User, *, now: datetime) -> None:
    """Let the user act for the organisation: hold the role of a member over it."""
    if queries.acting_grants(organisation, user.pk, on=now.date()).exists():
        return
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    grant_role(GRANTER, user, grant, starts_on=now.date(), now=now, why="organisation's person")


# -------------------------------------------------------------------------------------- leaves


def _confirm(
    actor: Actor, organisation: Organisation, domain: MailDomain, code: str, *, now: datetime
) -> MailDomain | Refused:
    """The domain, verified; or what is refused, which counts the wrong entry all the same."""
    # Whoever else wants the domain waits, so that it is verified for one.
    locked = MailDomain.objects.select_for_update().filter(domain=domain.domain).order_by("pk")
    own_ids = set(queries.domains_of(organisation).values_list("pk", flat=True))
    own = [one for one in locked if one.pk in own_ids]
    row = next((one for one in own if one.pk == domain.pk), None)
    if row is None:
        raise NotFound(_NO_DOMAIN, code="no_domain")
    # Records that were merged may have asked for it each; verified is one of them.
    verified = next((one for one in own if one.verified_at is not None), None)
    if verified is not None:
        return verified
    refuse_if(
        rules.refuse_domain(
            row.address,
            load_public_mail_domains(),
            is_taken=queries.is_taken(row.domain, organisation),
        )
    )
    is_right = hmac.compare_digest(row.code_digest, _code_digest(row, code.strip()))
    refusal = rules.refuse_code(
        is_right=is_right, attempts=row.attempts, asked_at=row.asked_at, now=now
    )
    if refusal is not None:
        row.attempts = min(row.attempts + 1, rules.CODE_ATTEMPTS_MAX)
        row.save(update_fields=["attempts"])
        return Refused(refusal)
    row.verified_at = now
    row.save(update_fields=["verified_at"])
    _audit(actor, "confirm_domain", organisation, now=now, domain=row.domain)
    return row


def _code_digest(row: MailDomain, code: str) -> str:
    """A digest that holds for this row and asking alone."""
    return queries.digest_of(f"{row.pk}:{row.asked_at.isoformat()}:{code}")


def _refuse_address(address: str, field: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid.in_field(field, _WRONG_ADDRESS, value=address[: rules.ADDRESS_MAX]) from error
    if refusal := rules.refuse_text(address, rules.ADDRESS_MAX):
        raise Invalid.in_field(field, refusal.message, **refusal.params)


def _audit(
    actor: Actor,
    verb: str,
    organisation: Organisation,
    *,
    now: datetime,
    why: str = "",
    **changes: object,
) -> None:
    """An event about the organisation; people are named by number, so that none stands in it."""
    record_event(actor, verb, organisation, now=now, why=why, changes=changes)
