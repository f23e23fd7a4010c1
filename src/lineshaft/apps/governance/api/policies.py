"""The API of common policies, with how the institutes stand."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.governance import queries, services
from lineshaft.apps.governance.models import (
    PolicyAttestation,
    PolicyPosition,
    PolicyVersion,
)
from lineshaft.apps.governance.queries import (
    InstituteStanding,
    PolicyStanding,
)
from lineshaft.apps.governance.rules import PositionKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, idempotent, paged

router = Router(tags=["governance"])


class StandingOut(Schema):
    """How an institute stands; `reason` is null where the caller may not read it."""

    institute: str
    standing: str
    version: int | None
    stated_on: date | None
    reason: str | None


class PolicyOut(Schema):
    """A policy on this day; `version` is the one in force, `draft` the open draft, if any."""

    key: str
    area: str
    title: str
    title_zh: str
    version: int | None
    in_force_on: date | None
    draft: int | None
    institutes: list[StandingOut]
    is_demonstration: bool


class VersionOut(Schema):
    """One wording of a policy."""

    policy: str
    number: int
    state: str
    text: str
    text_zh: str
    changed: str
    changed_zh: str
    drafted_at: datetime
    adopted_on: date | None
    in_force_on: date | None
    decision: str
    revoked_on: date | None
    why_revoked: str


class PositionIn(Schema):
    """What an institute says of a version; `reason` is asked for where it deviates."""

    institute: str
    version: int = Field(ge=1, le=1_000_000)
    position: PositionKind
    reason: str = ""


class PositionOut(Schema):
    """What an institute said."""

    institute: str
    version: int
    position: str
    reason: str
    stated_on: date


class AttestationIn(Schema):
    """That an institute kept to a policy in a fiscal year; `remark` says why it did not."""

    institute: str
    fiscal_year: int = Field(ge=1900, le=9998)
    is_kept: bool
    remark: str = ""


class AttestationOut(Schema):
    """What an institute attested."""

    institute: str
    fiscal_year: int
    version: int
    is_kept: bool
    remark: str


@router.get(
    "/policies",
    response=PageOf[PolicyOut],
    operation_id="list_policies",
    summary="The common policies",
)
def list_policies(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The policies that the caller may read, with how the institutes at work stand today."""
    actor = actor_of(request)
    page = paged(queries.policies_visible_to(actor), cursor=cursor, limit=limit)
    standings = queries.standings_of(actor, page["items"], today=clock.today())
    return {**page, "items": [_policy_out(actor, one) for one in standings]}


@router.get(
    "/policies/{key}", response=PolicyOut, operation_id="show_policy", summary="One common policy"
)
def show_policy(request: HttpRequest, key: str) -> PolicyOut:
    """The policy as it stands today."""
    actor = actor_of(request)
    return _policy_out(actor, queries.policy_standing(actor, key, today=clock.today()))


@router.get(
    "/policies/{key}/versions",
    response=PageOf[VersionOut],
    operation_id="list_policy_versions",
    summary="The versions of a policy",
)
def list_policy_versions(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The versions that the caller may read, newest first."""
    actor = actor_of(request)
    policy = queries.policy_by_key(actor, key)
    versions = queries.versions_visible_to(actor).filter(policy=policy)
    page = paged(versions, cursor=cursor, limit=limit, order_by=("-number", "pk"))
    return {**page, "items": [_version_out(one) for one in page["items"]]}


@router.get(
    "/policies/{key}/attestations",
    response=PageOf[AttestationOut],
    operation_id="list_policy_attestations",
    summary="What the institutes attested of a policy",
)
def list_policy_attestations(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Newest year first; empty for callers outside the network."""
    actor = actor_of(request)
    policy = queries.policy_by_key(actor, key)
    attested = queries.attestations_of(actor, policy)
    page = paged(attested, cursor=cursor, limit=limit, order_by=("-fiscal_year", "pk"))
    return {**page, "items": [_attestation_out(one) for one in page["items"]]}


@router.post(
    "/policies/{key}/positions",
    response=PositionOut,
    operation_id="state_position",
    summary="State an institute's position on a policy",
)
def state_position(request: HttpRequest, key: str, payload: PositionIn) -> HttpResponse:
    """The position, also where the institute had said so already."""
    actor = actor_of(request)

    def perform() -> PositionOut:
        version = queries.version_by_number(actor, key, payload.version)
        position = services.state_position(
            actor,
            version,
            institute=payload.institute,
            kind=payload.position,
            reason=payload.reason,
            now=clock.now(),
        )
        return _position_out(position)

    return idempotent(request, "state_position", perform)


@router.post(
    "/policies/{key}/attestations",
    response=AttestationOut,
    operation_id="attest_policy",
    summary="Attest that an institute kept to a policy",
)
def attest_policy(request: HttpRequest, key: str, payload: AttestationIn) -> HttpResponse:
    """The attestation of a fiscal year that is over."""
    actor = actor_of(request)

    def perform() -> AttestationOut:
        policy = queries.policy_by_key(actor, key)
        made = services.attest_policy(actor, policy, now=clock.now(), **payload.model_dump())
        return _attestation_out(made)

    return idempotent(request, "attest_policy", perform)


def _policy_out(actor: Actor, one: PolicyStanding) -> PolicyOut:
    may_read = queries.may_read_drafts(actor)
    return PolicyOut(
        key=one.policy.key,
        area=one.policy.area,
        title=one.policy.title,
        title_zh=one.policy.title_zh,
        version=one.in_force.number if one.in_force else None,
        in_force_on=one.in_force.in_force_on if one.in_force else None,
        draft=one.draft.number if one.draft else None,
        institutes=[_standing_out(each, may_read=may_read) for each in one.institutes],
        is_demonstration=one.policy.is_demonstration,
    )


def _standing_out(one: InstituteStanding, *, may_read: bool) -> StandingOut:
    position = one.position
    return StandingOut(
        institute=one.institute.key,
        standing=one.standing,
        version=position.version.number if position else None,
        stated_on=position.stated_on if position else None,
        reason=(position.reason if position else "") if may_read else None,
    )


def _version_out(one: PolicyVersion) -> VersionOut:
    return VersionOut(
        policy=one.policy.key,
        number=one.number,
        state=one.state,
        text=one.text,
        text_zh=one.text_zh,
        changed=one.changed,
        changed_zh=one.changed_zh,
        drafted_at=one.drafted_at,
        adopted_on=one.adopted_on,
        in_force_on=one.in_force_on,
        decision=one.decision,
        revoked_on=one.revoked_on,
        why_revoked=one.why_revoked,
    )


def _position_out(one: PolicyPosition) -> PositionOut:
    return PositionOut(
        institute=one.institute.key,
        version=one.version.number,
        position=one.kind,
        reason=one.reason,
        stated_on=one.stated_on,
    )


def _attestation_out(one: PolicyAttestation) -> AttestationOut:
    return AttestationOut(
        institute=one.institute.key,
        fiscal_year=one.fiscal_year,
        version=one.version.number,
        is_kept=one.is_kept,
        remark=one.remark,
    )
