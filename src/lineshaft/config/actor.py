"""Assembling the actor of a request from what the apps know.

One place, so that every decision in the program takes the same value: the user's grants in force
today, their organisations, the institutes those have joined and within which limits, the
institutes their agencies sponsor, what was delegated to them, and whether they review.
"""

from datetime import date

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from lineshaft.apps.governance import queries as governance
from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.network import queries as network
from lineshaft.apps.reviewing import queries as reviewing
from lineshaft.config.scopes import NUMBER
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor, DelegatedPower, RoleGrant
from lineshaft.plumbing.roles import INSTITUTE_STAFF, SECOND_FACTOR_ROLES, Role, ScopeKind


def actor_of_user(
    user: User, *, today: date, language: str, token_scopes: frozenset[str] | None = None
) -> Actor:
    """The actor that a signed-in user is on that day; at most seven queries.

    Whoever holds a role that needs a second factor and has set up none is an actor without any
    role or organisation, at a page, over the API and in a job alike; and what somebody in such a
    role delegated is withheld from whoever has set up none. A demonstration asks for no second
    factor, and there the personas' passwords are printed anyway.
    """
    grants, delegations, is_reviewer = governance.grants_and_powers(
        user.pk, on=today, marked=reviewing.reviewers_of_user
    )
    if _lacks_second_factor(user, grants):
        return Actor(
            user_id=user.pk,
            label=user.name or user.email,
            token_scopes=token_scopes,
            language=language,
            lacks_second_factor=True,
            is_reviewer=is_reviewer,
        )
    groups = memberships.organisation_groups_of_user(user.pk)
    grants |= _grants_of_records(grants, groups)
    organisation_ids = frozenset().union(*groups) | frozenset(
        int(grant.scope_id)
        for grant in grants
        if grant.scope_kind is ScopeKind.ORGANISATION and NUMBER.fullmatch(grant.scope_id)
    )
    staffed = frozenset(
        grant.scope_id
        for grant in grants
        if grant.role in INSTITUTE_STAFF and grant.scope_kind is ScopeKind.INSTITUTE
    )
    agencies = frozenset(
        grant.scope_id
        for grant in grants
        if grant.role is Role.AGENCY_SPONSOR and grant.scope_kind is ScopeKind.AGENCY
    )
    taking_part = (
        memberships.participation_of(organisation_ids, on=today)
        if organisation_ids
        else memberships.Participation(frozenset(), ())
    )
    return Actor(
        user_id=user.pk,
        label=user.name or user.email,
        grants=grants,
        organisation_ids=organisation_ids,
        institute_keys=staffed | taking_part.institute_keys,
        overseen_institute_keys=network.institute_keys_sponsored_by(agencies)
        if agencies
        else frozenset(),
        limits=taking_part.limits,
        token_scopes=token_scopes,
        language=language,
        delegations=_usable(user, delegations),
        is_reviewer=is_reviewer,
    )


def actor_of_request(request: HttpRequest, *, today: date) -> Actor:
    """The actor of a browser's request; the public where nobody has signed in."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    user = request.user
    if isinstance(user, User):
        return actor_of_user(user, today=today, language=language)
    return Actor.public(language)


def _grants_of_records(
    grants: frozenset[RoleGrant], groups: tuple[frozenset[int], ...]
) -> frozenset[RoleGrant]:
    """A role held over a record of an organisation is held over its other records too."""
    return frozenset(
        RoleGrant(grant.role, grant.scope_kind, str(pk))
        for grant in grants
        if grant.scope_kind is ScopeKind.ORGANISATION
        for group in groups
        if NUMBER.fullmatch(grant.scope_id) and int(grant.scope_id) in group
        for pk in group
    )


def _lacks_second_factor(user: User, grants: frozenset[RoleGrant]) -> bool:
    needs_one = any(grant.role in SECOND_FACTOR_ROLES for grant in grants)
    return needs_one and not _has_second_factor(user)


def _usable(user: User, delegations: frozenset[DelegatedPower]) -> frozenset[DelegatedPower]:
    """What was delegated, without what its giver could do only with a second factor where the user
    has none; what the program itself delegated wants one too.
    """
    guarded = {one for one in delegations if not one.role or one.role in SECOND_FACTOR_ROLES}
    if not guarded or _has_second_factor(user):
        return delegations
    return delegations - guarded


def _has_second_factor(user: User) -> bool:
    return settings.IS_DEMONSTRATION or is_mfa_enabled(user)
