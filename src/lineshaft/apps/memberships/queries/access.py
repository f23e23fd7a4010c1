"""Reads of access: who belongs to an organisation here, and whom it has invited.

An organisation's people see one another; so do network staff. Whoever is invited sees the
invitation by the verified address that it went to.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.db.models import CharField, Prefetch, Q, QuerySet
from django.db.models.functions import Cast

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    Invitation,
    MailDomain,
    MemberAgreement,
    MembershipApplication,
    OrganisationPerson,
)
from lineshaft.apps.memberships.queries.agreements import in_force_q
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.network.queries import (
    RECORDS_OF_ORGANISATION,
    group_q,
    organisations_visible_to,
    record_groups,
    standing_id,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.access.queries import verified_addresses_of
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
"""Secrets are longer than any number of a row."""

_NO_ORGANISATION: Final = gettext_noop("There is no such organisation, or none that you may see.")
_NO_INVITATION: Final = gettext_noop("There is no such invitation, or none for you.")
_NO_DOMAIN: Final = gettext_noop("There is no such domain, or none that you may see.")
_NO_PERSON: Final = gettext_noop("Nobody of that number belongs to the organisation.")


def digest_of(secret: str) -> str:
    """What is kept of a secret in its place."""
    return hashlib.sha256(secret.encode()).hexdigest()


def organisation_ids_of_user(user_id: int) -> frozenset[int]:
    """Ids of the organisations to which a user belongs, every record of each; one query."""
    return frozenset().union(*organisation_groups_of_user(user_id))


def organisation_groups_of_user(user_id: int) -> tuple[frozenset[int], ...]:
    """The organisations that a user's person works for, or that the user belongs to here.

    Each with every record of it. One query.
    """
    works_for = Person.objects.filter(user_id=user_id, organisation__isnull=False)
    belongs_to = OrganisationPerson.objects.filter(user_id=user_id, removed_at__isnull=True)
    return record_groups(
        works_for.order_by()
        .values_list(*RECORDS_OF_ORGANISATION)
        .union(belongs_to.order_by().values_list(*RECORDS_OF_ORGANISATION))
    )


def organisation_with_people(actor: Actor, pk: int) -> Organisation:
    """The organisation whose people the actor may see; raises NotFound."""
    found = organisations_visible_to(actor).filter(pk=pk).first()
    if found is None or not may_see_people(actor, pk):
        raise NotFound(_NO_ORGANISATION, code="no_organisation")
    return found


def may_see_people(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor may see who belongs to the organisation."""
    return actor.is_network_staff or organisation_id in actor.organisation_ids


def people_of(organisation: Organisation, *, on: date) -> QuerySet[User]:
    """The users who belong to the organisation here, by any record of it, with how each came to it.

    `own_ways` holds what this app keeps, `own_grants` roles over the organisation in force.
    """
    grants = grants_over(organisation, on=on)
    group = group_q(organisation.standing.pk)
    own = OrganisationPerson.objects.filter(group, removed_at__isnull=True)
    registered = Person.objects.filter(group, user__isnull=False)
    return (
        User.objects.filter(
            Q(pk__in=own.values("user_id"))
            | Q(pk__in=grants.values("user_id"))
            | Q(pk__in=registered.values("user_id"))
        )
        .prefetch_related(
            Prefetch("belongs_to", queryset=own, to_attr="own_ways"),
            Prefetch("grants", queryset=grants, to_attr="own_grants"),
        )
        .order_by("name", "pk")
    )


def has_people(organisation: Organisation, *, on: date) -> bool:
    """Whether anybody belongs to the organisation here."""
    return people_of(organisation, on=on).exists()


def is_registered_for(organisation: Organisation, user_id: int) -> bool:
    """Whether the programme office has entered the user as one of the organisation's people."""
    return Person.objects.filter(group_q(organisation.standing.pk), user_id=user_id).exists()


def has_actors(organisation: Organisation, *, on: date) -> bool:
    """Whether anybody acts for the organisation: holds the role of a member over it."""
    return grants_over(organisation, on=on).filter(role=Role.MEMBER).exists()


def is_taken_off(organisation: Organisation, user_id: int) -> bool:
    """Whether the user was taken off the organisation and has not come back to it since."""
    rows = OrganisationPerson.objects.filter(group_q(organisation.standing.pk), user_id=user_id)
    return rows.exists() and not rows.filter(removed_at__isnull=True).exists()


def opens_access(application: MembershipApplication, *, on: date) -> bool:
    """Whether admission lets whoever applied belong to the organisation.

    Where it has people of its own, one of them invites whoever is none of them; where it is a
    member by another agreement already, an application does not show who speaks for it.
    """
    people = people_of(application.organisation, on=on)
    if people.filter(pk=application.contact_id).exists():
        return True
    group = group_q(application.organisation.standing.pk)
    others = MemberAgreement.objects.filter(in_force_q(on), group)
    return not (people.exists() or others.exclude(pk=application.agreement_id or 0).exists())


def is_still_contact(application: MembershipApplication, user_id: int, *, on: date) -> bool:
    """Whether the user goes on with the application as the one who made it: while nobody acts for
    the organisation, and unless it has taken the user off.
    """
    organisation = application.organisation
    return (
        application.contact_id == user_id
        and not has_actors(organisation, on=on)
        and not is_taken_off(organisation, user_id)
    )


def person_of(organisation: Organisation, user_id: int, *, on: date) -> User:
    """The one of the organisation's people; raises NotFound."""
    found = people_of(organisation, on=on).filter(pk=user_id).first()
    if found is None:
        raise NotFound(_NO_PERSON, code="no_person")
    return found


def acting_grants(organisation: Organisation, user_id: int, *, on: date) -> QuerySet[Grant]:
    """The grants in force by which the user acts for the organisation."""
    return grants_over(organisation, on=on).filter(user_id=user_id, role=Role.MEMBER)


def invitations_of(organisation: Organisation, *, now: datetime) -> QuerySet[Invitation]:
    """The organisation's invitations that wait to be accepted, by any record of it, the newest
    first.
    """
    rows = Invitation.objects.filter(
        group_q(organisation.standing.pk), accepted_at__isnull=True, expires_at__gt=now
    )
    return rows.order_by("-invited_at", "-pk")


def invitations_to(actor: Actor, *, now: datetime) -> QuerySet[Invitation]:
    """The invitations that wait for the actor, by the actor's verified addresses."""
    rows = Invitation.objects.filter(accepted_at__isnull=True, expires_at__gt=now)
    wanted = Q(pk__in=[])
    for address in verified_addresses_of(actor.own_id):
        wanted |= Q(email__iexact=address)
    return rows.filter(wanted).select_related("organisation").order_by("-invited_at", "-pk")


def invitation_named(actor: Actor, text: str, *, now: datetime) -> Invitation:
    """The invitation by the secret of its link, or by number one that waits for the actor.

    Raises NotFound.
    """
    if NUMBER.fullmatch(text):
        found = invitations_to(actor, now=now).filter(pk=int(text)).first()
    else:
        rows = Invitation.objects.select_related("organisation")
        found = rows.filter(secret_digest=digest_of(text)).first()
    if found is None:
        raise NotFound(_NO_INVITATION, code="no_invitation")
    return found


def domains_of(organisation: Organisation) -> QuerySet[MailDomain]:
    """The organisation's domains, verified or asked for, by any record of it."""
    group = group_q(organisation.standing.pk)
    return MailDomain.objects.filter(group).order_by("domain", "pk")


def domain_by_id(organisation: Organisation, pk: int) -> MailDomain:
    """The organisation's domain of that id; raises NotFound."""
    found = domains_of(organisation).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_DOMAIN, code="no_domain")
    return found


def is_taken(domain: str, organisation: Organisation) -> bool:
    """Whether another organisation has the domain verified; records of one are not others."""
    rows = MailDomain.objects.filter(domain=domain, verified_at__isnull=False)
    return rows.exclude(group_q(organisation.standing.pk)).exists()


def organisations_to_join(actor: Actor) -> QuerySet[Organisation]:
    """The organisations at whose verified domains the actor has a verified address, not yet own.

    A domain of a merged record lets join the one that stands. Whoever was taken off one comes back
    to it by an invitation alone.
    """
    domains = domains_of_addresses(verified_addresses_of(actor.own_id))
    verified = MailDomain.objects.filter(domain__in=sorted(domains), verified_at__isnull=False)
    standing = verified.annotate(record=standing_id()).values("record")
    rows = Organisation.objects.filter(pk__in=standing)
    left = OrganisationPerson.objects.filter(user_id=actor.own_id, removed_at__isnull=False)
    return (
        rows.exclude(pk__in=sorted(actor.organisation_ids))
        .exclude(pk__in=left.annotate(record=standing_id()).values("record"))
        .order_by("name", "pk")
    )


def domains_of_addresses(addresses: Iterable[str]) -> frozenset[str]:
    """The domains of the addresses."""
    return frozenset(rules.domain_of(one) for one in addresses) - {""}


def grants_over(organisation: Organisation, *, on: date) -> QuerySet[Grant]:
    """The grants in force over the organisation, by any record of it, of whatever role."""
    standing = organisation.standing.pk
    merged = Organisation.objects.filter(merged_into_id=standing)
    scopes = merged.values_list(Cast("pk", CharField()), flat=True)
    rows = Grant.objects.filter(
        Q(scope_id=str(standing)) | Q(scope_id__in=scopes),
        scope_kind=ScopeKind.ORGANISATION,
        starts_on__lte=on,
        is_waiting=False,
    )
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
