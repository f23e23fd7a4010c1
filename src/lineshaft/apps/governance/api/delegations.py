"""The API of delegations: which there are, so that another system knows who may decide what; making
and revoking one.
"""

from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import Delegation
from lineshaft.apps.network.queries import institute_by_key, person_of_address, sponsor_keys_of
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["governance"])


class DelegationOut(Schema):
    """Who may do what in another's place; for a person by id, or for a role at the institute.

    One that is not `is_upheld` is without effect: who gave it no longer holds the role for it.
    """

    id: int
    verb: str
    person_id: int | None
    role: str
    institute: str | None
    body: str | None
    up_to_minor: int | None
    currency: str
    starts_on: date
    ends_on: date | None
    is_revoked: bool
    is_upheld: bool


class DelegationIn(Schema):
    """What is delegated: to a person, by e-mail address, or to a role at the institute; over an
    institute, over a body and its institute, or over the network. `ends_on` is the first day
    without it; `up_to_minor` is in the network's currency.
    """

    verb: str
    reason: str
    starts_on: date
    ends_on: date | None = None
    person: str = ""
    role: str = ""
    institute: str = ""
    body: str = ""
    up_to_minor: int | None = Field(None, ge=0)


class RevocationIn(Schema):
    """Why a delegation is revoked."""

    why: str


@router.get(
    "/delegations",
    response=PageOf[DelegationOut],
    operation_id="list_delegations",
    summary="Delegations",
)
def list_delegations(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Those that the caller may read, newest first."""
    rows, today = queries.delegations_visible_to(actor_of(request)), clock.today()
    page = paged(rows, cursor=cursor, limit=limit, order_by=("-pk",))
    upheld = queries.delegations_upheld(page["items"], on=today)
    return {**page, "items": [_delegation_out(one, upheld) for one in page["items"]]}


@router.post(
    "/delegations", response=DelegationOut, operation_id="delegate", summary="Delegate a verb"
)
def delegate(request: HttpRequest, payload: DelegationIn) -> HttpResponse:
    """What was delegated: something that the caller may do by their own role."""
    actor = actor_of(request)

    def perform() -> DelegationOut:
        body = queries.body_by_key(actor, payload.body) if payload.body else None
        named = institute_by_key(actor, payload.institute) if payload.institute else None
        over = named or (body.institute if body else None)
        permit(
            actor,
            rules.PERMISSIONS["delegate"],
            institute=over.key if over else None,
            agencies=sponsor_keys_of(over) if over else (),
        )
        terms = services.DelegationTerms(
            payload.verb,
            payload.starts_on,
            payload.reason,
            ends_on=payload.ends_on,
            person=person_of_address(payload.person) if payload.person.strip() else None,
            role=payload.role,
            institute=named,
            body=body,
            up_to_minor=payload.up_to_minor,
        )
        made = services.delegate(actor, terms, now=clock.now())
        return _delegation_out(made, queries.delegations_upheld([made], on=clock.today()))

    return idempotent(request, "delegate", perform)


@router.post(
    "/delegations/{pk}/revoke",
    response=DelegationOut,
    operation_id="revoke_delegation",
    summary="Revoke a delegation",
)
def revoke_delegation(request: HttpRequest, pk: RowId, payload: RevocationIn) -> HttpResponse:
    """The delegation, which is without effect from then on."""
    actor = actor_of(request)

    def perform() -> DelegationOut:
        found = queries.delegation_by_id(actor, pk)
        revoked = services.revoke_delegation(actor, found, why=payload.why, now=clock.now())
        return _delegation_out(revoked, queries.delegations_upheld([revoked], on=clock.today()))

    return idempotent(request, "revoke_delegation", perform)


def _delegation_out(one: Delegation, upheld: AbstractSet[int]) -> DelegationOut:
    return DelegationOut(
        id=one.pk,
        verb=one.verb,
        person_id=one.person_id,
        role=one.role,
        institute=one.institute.key if one.institute else None,
        body=one.body.key if one.body else None,
        up_to_minor=one.up_to_minor,
        currency=one.currency,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        is_revoked=one.revoked_at is not None,
        is_upheld=one.pk in upheld,
    )
