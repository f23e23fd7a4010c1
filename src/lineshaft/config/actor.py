"""Assembling the actor of a request from what the apps know.

One place, so that every decision in the program takes the same value: the user's grants in force
today, their organisations, the institutes those have joined, and the institutes their agencies
sponsor.
"""

from datetime import date

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.network import queries as network
from lineshaft.config.scopes import NUMBER
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.queries import grants_in_force
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import INSTITUTE_STAFF, SECOND_FACTOR_ROLES, Role, ScopeKind


def actor_of_user(
    user: User, *, today: date, language: str, token_scopes: frozenset[str] | None = None
) -> Actor:
    """The actor that a signed-in user is on that day; at most five queries.

    Whoever holds a role that needs a second factor and has set up none is an actor without any
    role or organisation, at a page, over the API and in a job alike. A demonstration asks for no
    second factor, and there the personas' passwords are printed anyway.
    """
    grants = grants_in_force(user.pk, today)
    if _lacks_second_factor(user, grants):
        return Actor(
            user_id=user.pk,
            label=user.name or user.email,
            token_scopes=token_scopes,
            language=language,
            lacks_second_factor=True,
        )
    organisation_ids = network.organisation_ids_of_user(user.pk) | frozenset(
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
    joined = (
        memberships.institute_keys_joined_by(organisation_ids, on=today)
        if organisation_ids
        else frozenset()
    )
    return Actor(
        user_id=user.pk,
        label=user.name or user.email,
        grants=grants,
        organisation_ids=organisation_ids,
        institute_keys=staffed | joined,
        overseen_institute_keys=network.institute_keys_sponsored_by(agencies)
        if agencies
        else frozenset(),
        token_scopes=token_scopes,
        language=language,
    )


def actor_of_request(request: HttpRequest, *, today: date) -> Actor:
    """The actor of a browser's request; the public where nobody has signed in."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    user = request.user
    if isinstance(user, User):
        return actor_of_user(user, today=today, language=language)
    return Actor.public(language)


def _lacks_second_factor(user: User, grants: frozenset[RoleGrant]) -> bool:
    needs_one = any(grant.role in SECOND_FACTOR_ROLES for grant in grants)
    return needs_one and not settings.IS_DEMONSTRATION and not is_mfa_enabled(user)
