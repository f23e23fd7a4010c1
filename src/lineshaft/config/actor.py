"""Assembling the actor of a request from what the apps know.

One place, so that every decision in the program takes the same value: the user's grants in force
today, their organisations, the institutes those have joined, and the institutes their agencies
sponsor.
"""

from datetime import date

from django.http import HttpRequest

from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.network import queries as network
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.queries import grants_in_force
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import INSTITUTE_STAFF, Role, ScopeKind


def actor_of_user(
    user: User, *, today: date, language: str, token_scopes: frozenset[str] | None = None
) -> Actor:
    """The actor that a signed-in user is on that day; at most four queries."""
    grants = grants_in_force(user.pk, today)
    organisation_ids = network.organisation_ids_of_user(user.pk) | frozenset(
        int(grant.scope_id) for grant in grants if grant.scope_kind is ScopeKind.ORGANISATION
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
