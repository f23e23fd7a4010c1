"""The API of panels: who sits, inviting, and answering one's own invitations."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.reviewing import queries, services
from lineshaft.apps.reviewing.models import PanelSeat
from lineshaft.kernel.decisions import Refusal
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged
from lineshaft.web.formats import spoken

router = Router(tags=["reviewing"])

type StageNumber = Annotated[int, Field(ge=1, le=1_000)]
"""The place of a stage in its competition."""


class PanelFaultOut(Schema):
    """What keeps a panel from judging, with its authority."""

    code: str
    message: str
    citation: str


class PanelOut(Schema):
    """The panel of a stage; `load` is what those who sit take on together."""

    opportunity_id: str
    stage: int
    kind: str
    accepted: int
    load: int
    faults: list[PanelFaultOut]


class PanelSeatOut(Schema):
    """A seat; `state` is invited, accepted, declined or left."""

    id: int
    reviewer: int
    name: str
    sector: str
    state: str
    load_most: int
    is_chair: bool
    invited_at: datetime
    answered_at: datetime | None
    why: str


class PanelInvitationOut(Schema):
    """An invitation of the caller's that waits for an answer."""

    id: int
    opportunity_id: str
    code: str
    title: str
    stage: int
    state: str
    load_most: int
    invited_at: datetime
    ends_at: datetime | None


class InviteToPanelIn(Schema):
    """Whom to invite, by id, for how many applications each; null for as many as usual."""

    reviewers: list[RowId]
    load_most: int | None = None


class AcceptPanelIn(Schema):
    """A seat to take; the declaration is asked of who has made none."""

    load_most: int
    is_political_appointee: bool | None = None


class DeclinePanelIn(Schema):
    """Why an invitation is declined."""

    why: str


@router.get(
    "/panels/{key}/{number}", response=PanelOut, operation_id="show_panel", summary="One panel"
)
def show_panel(request: HttpRequest, key: str, number: StageNumber) -> PanelOut:
    """The panel of a stage, for whoever runs the competition."""
    stage = queries.panel_by_number(actor_of(request), key, number)
    return PanelOut(
        opportunity_id=stage.competition.key,
        stage=stage.number,
        kind=stage.kind,
        accepted=queries.seats_accepted(stage).count(),
        load=queries.panel_load(stage),
        faults=[_fault(one) for one in queries.panel_faults(stage)],
    )


@router.get(
    "/panels/{key}/{number}/seats",
    response=PageOf[PanelSeatOut],
    operation_id="list_seats",
    summary="Seats of a panel",
)
def list_seats(
    request: HttpRequest,
    key: str,
    number: StageNumber,
    *,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Everybody who was asked, for whoever runs the competition."""
    stage = queries.panel_by_number(actor_of(request), key, number)
    page = paged(queries.seats_on(stage), cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_seat(one) for one in page["items"]]}


@router.post(
    "/panels/{key}/{number}/seats",
    response=list[PanelSeatOut],
    operation_id="invite_to_panel",
    summary="Invite to a panel",
)
def invite_to_panel(
    request: HttpRequest, key: str, number: StageNumber, payload: InviteToPanelIn
) -> HttpResponse:
    """The seats of those who are invited, all or none."""
    actor = actor_of(request)

    def perform() -> list[dict[str, Any]]:
        stage = queries.panel_by_number(actor, key, number)
        chosen = queries.reviewers_by_ids(actor, payload.reviewers)
        seats = services.invite_to_panel(
            actor, stage, chosen, load_most=payload.load_most, now=clock.now()
        )
        return [_seat(one).model_dump(mode="json") for one in seats]

    return idempotent(request, "invite_to_panel", perform)


@router.get(
    "/panel-invitations",
    response=PageOf[PanelInvitationOut],
    operation_id="list_panel_invitations",
    summary="One's own invitations to panels",
)
def list_panel_invitations(
    request: HttpRequest, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The invitations that wait for the caller's answer."""
    rows = queries.panel_invitations_to(actor_of(request))
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_invitation(one) for one in page["items"]]}


@router.post(
    "/panel-invitations/{seat_id}/accept",
    response=PanelInvitationOut,
    operation_id="accept_panel_invitation",
    summary="Take a seat on a panel",
)
def accept_panel_invitation(
    request: HttpRequest, seat_id: RowId, payload: AcceptPanelIn
) -> HttpResponse:
    """The seat as it is taken."""
    actor = actor_of(request)

    def perform() -> PanelInvitationOut:
        seat = services.accept_panel_invitation(
            actor,
            queries.own_seat_by_id(actor, seat_id),
            load_most=payload.load_most,
            is_political_appointee=payload.is_political_appointee,
            now=clock.now(),
        )
        return _invitation(seat)

    return idempotent(request, "accept_panel_invitation", perform)


@router.post(
    "/panel-invitations/{seat_id}/decline",
    response=PanelInvitationOut,
    operation_id="decline_panel_invitation",
    summary="Decline a seat on a panel",
)
def decline_panel_invitation(
    request: HttpRequest, seat_id: RowId, payload: DeclinePanelIn
) -> HttpResponse:
    """The seat as it is declined."""
    actor = actor_of(request)

    def perform() -> PanelInvitationOut:
        seat = queries.own_seat_by_id(actor, seat_id)
        done = services.decline_panel_invitation(actor, seat, why=payload.why, now=clock.now())
        return _invitation(done)

    return idempotent(request, "decline_panel_invitation", perform)


def _fault(refusal: Refusal) -> PanelFaultOut:
    citation = refusal.citation
    return PanelFaultOut(
        code=refusal.code,
        message=refusal.as_text(spoken),
        citation=citation.text if citation else "",
    )


def _seat(one: PanelSeat) -> PanelSeatOut:
    return PanelSeatOut(
        id=one.pk,
        reviewer=one.reviewer_id,
        name=one.reviewer.person.name,
        sector=one.reviewer.sector,
        state=one.state,
        load_most=one.load_most,
        is_chair=one.is_chair,
        invited_at=one.invited_at,
        answered_at=one.answered_at,
        why=one.why,
    )


def _invitation(one: PanelSeat) -> PanelInvitationOut:
    stage = one.stage
    return PanelInvitationOut(
        id=one.pk,
        opportunity_id=stage.competition.key,
        code=stage.competition.code,
        title=stage.competition.title,
        stage=stage.number,
        state=one.state,
        load_most=one.load_most,
        invited_at=one.invited_at,
        ends_at=stage.ends_at,
    )
