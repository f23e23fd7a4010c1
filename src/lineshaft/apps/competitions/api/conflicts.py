"""The API of conflicts of interest: what was found, deciding and declaring, one's own.

Whoever runs a competition reads them with the applications that are open to them; of one's own the
application is never told.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Conflict
from lineshaft.apps.network.queries import person_by_id
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["competitions"])


class ConflictOut(Schema):
    """What ties a person to an application; `evidence` are the values that its kind is told with.

    `cleared_at` is the moment from which a check no longer found it.
    """

    id: int
    application: int
    number: int
    person: int
    person_name: str
    kind: str
    origin: str
    evidence: dict[str, str]
    found_at: datetime
    cleared_at: datetime | None
    outcome: str
    measure: str
    reason: str
    decided_at: datetime | None


class ConflictsCheckedOut(Schema):
    """How many conflicts stand that the caller reads, and how many of them wait for a decision."""

    found: int
    open: int


class OwnConflictOut(Schema):
    """A conflict of the caller's own, without the application; `evidence` is what they declared."""

    id: int
    opportunity_id: str
    kind: str
    origin: str
    evidence: str
    found_at: datetime
    outcome: str


class ConflictDecisionIn(Schema):
    """What follows from a conflict; `seen` is how many decisions the caller knows of, or null."""

    outcome: rules.ConflictOutcome
    reason: str
    measure: str = ""
    seen: int | None = None


class ConflictDeclarationIn(Schema):
    """A conflict to declare: the number of the application, and the id of somebody else or null."""

    number: int
    kind: rules.ConflictKind
    evidence: str
    person: RowId | None = None


@router.get(
    "/opportunities/{key}/conflicts",
    response=PageOf[ConflictOut],
    operation_id="list_conflicts",
    summary="Conflicts of interest",
)
def list_conflicts(
    request: HttpRequest,
    key: str,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
    outcome: str = "",
) -> dict[str, Any]:
    """The conflicts with applications that are open to the caller, who runs the competition."""
    actor = actor_of(request)
    found = queries.opportunity_by_key(actor, key)
    if not queries.may_read_submissions(actor, found):
        raise NotFound(queries.NO_CONFLICTS, code="no_conflicts")
    search = queries.ConflictSearch(outcome=outcome)
    rows = queries.conflicts_found(actor, found, search)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_conflict(one) for one in page["items"]]}


@router.post(
    "/opportunities/{key}/conflicts/check",
    response=ConflictsCheckedOut,
    operation_id="check_conflicts",
    summary="Check for conflicts of interest",
)
def check_conflicts(request: HttpRequest, key: str) -> HttpResponse:
    """Compares everybody who is checked with every application now."""
    actor = actor_of(request)

    def perform() -> ConflictsCheckedOut:
        found = queries.opportunity_by_key(actor, key)
        services.check_conflicts(actor, found, now=clock.now())
        counts = queries.conflicts_counted(queries.conflicts_visible_to(actor, found))
        return ConflictsCheckedOut(found=counts.found, open=counts.open)

    return idempotent(request, "check_conflicts", perform)


@router.post(
    "/opportunities/{key}/conflicts",
    response=OwnConflictOut,
    operation_id="declare_conflict",
    summary="Declare a conflict of interest",
)
def declare_conflict(
    request: HttpRequest, key: str, payload: ConflictDeclarationIn
) -> HttpResponse:
    """The conflict as it is declared; it closes the application to whom it concerns."""
    actor = actor_of(request)

    def perform() -> OwnConflictOut:
        found = queries.competition_to_declare(actor, key)
        application = queries.application_to_declare(actor, found, payload.number)
        person = None if payload.person is None else person_by_id(actor, payload.person)
        made = services.declare_conflict(
            actor,
            application,
            kind=payload.kind,
            evidence=payload.evidence,
            person=person,
            now=clock.now(),
        )
        return _own(made)

    return idempotent(request, "declare_conflict", perform)


@router.post(
    "/opportunities/{key}/conflicts/{conflict_id}/decide",
    response=ConflictOut,
    operation_id="decide_conflict",
    summary="Decide a conflict of interest",
)
def decide_conflict(
    request: HttpRequest, key: str, conflict_id: RowId, payload: ConflictDecisionIn
) -> HttpResponse:
    """The conflict with what was decided of it."""
    actor = actor_of(request)

    def perform() -> ConflictOut:
        found = queries.opportunity_by_key(actor, key)
        conflict = queries.conflict_by_id(actor, found, conflict_id)
        done = services.decide_conflict(
            actor,
            conflict,
            payload.outcome,
            reason=payload.reason,
            measure=payload.measure,
            seen=payload.seen,
            now=clock.now(),
        )
        return _conflict(done)

    return idempotent(request, "decide_conflict", perform)


@router.get(
    "/conflicts/own",
    response=PageOf[OwnConflictOut],
    operation_id="list_own_conflicts",
    summary="One's own conflicts of interest",
)
def list_own_conflicts(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The caller's own conflicts, without the applications that they close."""
    actor = actor_of(request)
    rows = queries.own_conflicts(actor)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_own(one) for one in page["items"]]}


def _conflict(one: Conflict) -> ConflictOut:
    return ConflictOut(
        id=one.pk,
        application=one.application_id,
        number=one.application.number,
        person=one.person_id,
        person_name=one.person.name,
        kind=one.kind,
        origin=one.origin,
        evidence=one.evidence,
        found_at=one.found_at,
        cleared_at=one.cleared_at,
        outcome=one.outcome,
        measure=one.measure,
        reason=one.reason,
        decided_at=one.decided_at,
    )


def _own(one: Conflict) -> OwnConflictOut:
    return OwnConflictOut(
        id=one.pk,
        opportunity_id=one.application.competition.key,
        kind=one.kind,
        origin=one.origin,
        evidence=queries.words_of_own(one),
        found_at=one.found_at,
        outcome=one.outcome,
    )
