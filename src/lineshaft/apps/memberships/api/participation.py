"""The API of participation: reviews with how they stand, screening, and the sponsor's decisions."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import ParticipationReview
from lineshaft.apps.network.queries import institute_by_key, organisation_by_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["memberships"])


class ConditionsIO(Schema):
    """The limits of a decision; null for `projects` and `institutes` where none need be named."""

    files_up_to: Literal["", "public", "network", "institute"] = ""
    may_search: bool = True
    may_export: bool = True
    barred_bookings: list[str] = []
    projects: list[str] | None = None
    institutes: list[str] | None = None


class ReviewOut(Schema):
    """A review as it stands today; `decision` and what follows are null while there is none."""

    id: int
    reference: str
    organisation_id: int
    institute: str
    state: str
    standing: str
    sheet_id: int
    findings: list[str]
    countries: list[str]
    waits_since: date | None
    recheck_on: date | None
    decision: str | None
    starts_on: date | None
    ends_on: date | None
    citations: list[str]
    conditions: ConditionsIO | None
    is_demonstration: bool


class OwnerIn(Schema):
    """An owner; `holds_in` is the place in the list of the owner held, 0 for the organisation."""

    name: str
    country: str
    share_bp: int = Field(ge=0, le=10_000)
    has_control: bool = False
    holds_in: int = Field(0, ge=0, le=1_000)


class ScreeningIn(Schema):
    """The answers of a screening, by the key of the profile's question."""

    answers: dict[str, str]
    owners: list[OwnerIn] = []
    why: str = ""


class ScreeningOut(Schema):
    """What a screening found; `review_id` is null where no review is open."""

    sheet_id: int
    is_review_needed: bool
    findings: list[str]
    review_id: int | None


class ParticipationCommitmentIn(Schema):
    """What the member commits to; `kind` is a key of the profile."""

    kind: str
    text: str
    due_on: date


class DecisionIn(Schema):
    """A decision of the sponsor on the screening `sheet_id`; an approval has an end."""

    sheet_id: RowId
    decision: Literal["approve", "approve_with_conditions", "deny"]
    why: str
    ends_on: date | None = None
    grounds: list[str] = []
    commitments: list[ParticipationCommitmentIn] = []
    conditions: ConditionsIO | None = None


@router.get(
    "/participation",
    response=PageOf[ReviewOut],
    operation_id="list_participation_reviews",
    summary="Reviews of foreign participation",
)
def list_participation_reviews(
    request: HttpRequest,
    *,
    institute: str = "",
    state: str = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The reviews that the caller may read."""
    rows = queries.reviews_visible_to(actor_of(request))
    if institute:
        rows = rows.filter(institute__key=institute)
    if state:
        rows = rows.filter(state=state)
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [_review_out(one) for one in page["items"]]}


@router.get(
    "/participation/{review_id}",
    response=ReviewOut,
    operation_id="show_participation_review",
    summary="One review of foreign participation",
)
def show_participation_review(request: HttpRequest, review_id: RowId) -> ReviewOut:
    """The review as it stands today."""
    return _review_out(queries.review_by_id(actor_of(request), review_id))


@router.post(
    "/organisations/{pk}/screenings/{institute}",
    response=ScreeningOut,
    operation_id="screen_organisation",
    summary="Screen an organisation for an institute",
)
def screen_organisation(
    request: HttpRequest, pk: RowId, institute: str, payload: ScreeningIn
) -> HttpResponse:
    """What was found; a review waits for the sponsor where a rule calls for one."""
    actor = actor_of(request)

    def perform() -> ScreeningOut:
        sheet = services.screen_organisation(
            actor,
            organisation_by_id(actor, pk),
            institute_by_key(actor, institute),
            _row(payload),
            now=clock.now(),
        )
        review = queries.review_of(sheet.organisation_id, sheet.institute_id)
        return ScreeningOut(
            sheet_id=sheet.pk,
            is_review_needed=sheet.is_review_needed,
            findings=[one["code"] for one in sheet.findings],
            review_id=review.pk if review else None,
        )

    return idempotent(request, "screen_organisation", perform)


@router.post(
    "/participation/{review_id}/ownership",
    response=ReviewOut,
    operation_id="report_ownership_change",
    summary="Report that an organisation's owners changed",
)
def report_ownership_change(
    request: HttpRequest, review_id: RowId, payload: ScreeningIn
) -> HttpResponse:
    """The review, open again."""
    actor = actor_of(request)

    def perform() -> ReviewOut:
        review = queries.review_by_id(actor, review_id)
        services.report_ownership_change(actor, review, _row(payload), now=clock.now())
        return _review_out(queries.review_by_id(actor, review_id))

    return idempotent(request, "report_ownership_change", perform)


@router.post(
    "/participation/{review_id}/decisions",
    response=ReviewOut,
    operation_id="decide_participation",
    summary="Decide on an organisation's participation",
)
def decide_participation(
    request: HttpRequest, review_id: RowId, payload: DecisionIn
) -> HttpResponse:
    """The review with its decision, which holds from today."""
    actor = actor_of(request)

    def perform() -> ReviewOut:
        review, now = queries.review_by_id(actor, review_id), clock.now()
        if payload.decision == "deny":
            services.deny_participation(
                actor, review, seen_sheet=payload.sheet_id, why=payload.why, now=now
            )
        elif payload.decision == "approve":
            services.approve_participation(actor, review, _approval(payload), now=now)
        else:
            services.approve_participation_with_conditions(
                actor, review, _approval(payload), _conditions(payload.conditions), now=now
            )
        return _review_out(queries.review_by_id(actor, review_id))

    return idempotent(request, "decide_participation", perform)


def _row(payload: ScreeningIn) -> services.ScreeningRow:
    owners = tuple(
        rules.OwnerRow(number, **one.model_dump()) for number, one in enumerate(payload.owners, 1)
    )
    return services.ScreeningRow(payload.answers, owners, payload.why)


def _approval(payload: DecisionIn) -> services.Approval:
    return services.Approval(
        seen_sheet=payload.sheet_id,
        # Without an end it ends today, which the rules refuse with the sentence that says so.
        ends_on=payload.ends_on or clock.today(),
        why=payload.why,
        grounds=tuple(payload.grounds),
        commitments=tuple(services.Commitment(**one.model_dump()) for one in payload.commitments),
    )


def _conditions(given: ConditionsIO | None) -> rules.Conditions:
    if given is None:
        return rules.NO_CONDITIONS
    return rules.Conditions(
        files_up_to=given.files_up_to,
        may_search=given.may_search,
        may_export=given.may_export,
        barred_bookings=tuple(given.barred_bookings),
        projects=None if given.projects is None else tuple(given.projects),
        institutes=None if given.institutes is None else tuple(given.institutes),
    )


def _review_out(review: ParticipationReview) -> ReviewOut:
    one = queries.standing_of(review, on=clock.today())
    decision = one.decision
    conditions = decision.conditions if decision else rules.NO_CONDITIONS
    return ReviewOut(
        id=review.pk,
        reference=review.reference,
        organisation_id=review.organisation_id,
        institute=review.institute.key,
        state=review.state,
        standing=one.standing,
        sheet_id=review.sheet_id,
        findings=[found["code"] for found in review.sheet.findings],
        countries=review.sheet.countries,
        waits_since=review.waits_since,
        recheck_on=review.recheck_on,
        decision=decision.reference if decision else None,
        starts_on=decision.starts_on if decision else None,
        ends_on=decision.ends_on if decision else None,
        citations=decision.citations if decision else [],
        conditions=ConditionsIO(
            files_up_to=conditions.files_up_to,  # type: ignore[arg-type] # one of the levels
            may_search=conditions.may_search,
            may_export=conditions.may_export,
            barred_bookings=list(conditions.barred_bookings),
            projects=None if conditions.projects is None else list(conditions.projects),
            institutes=None if conditions.institutes is None else list(conditions.institutes),
        )
        if conditions != rules.NO_CONDITIONS
        else None,
        is_demonstration=review.is_demonstration,
    )
