"""The API of delegations: which there are, so that another system knows who may decide what."""

from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from lineshaft.apps.governance import queries
from lineshaft.apps.governance.models import Delegation
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, paged

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
