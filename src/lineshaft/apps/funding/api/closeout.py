"""Performance reserve and close-out over the API, and how an agreement stands under the rules."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.transfers import SponsoredMovementIn, TransferOut, moved
from lineshaft.apps.funding.queries import CloseoutLine
from lineshaft.apps.funding.rules import Rating
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import RowId, actor_of, idempotent

router = Router()


class ReserveReleaseIn(SponsoredMovementIn):
    """How much of the reserve to release, on which performance, assessed over which days."""

    assessed_from: date
    assessed_before: date
    rating: Rating
    assessment: str


class CloseoutLineOut(Schema):
    """One item of a close-out; `done_on` null: it is not done."""

    item: str
    due_on: date
    done_on: date | None
    citation: str

    @staticmethod
    def of(line: CloseoutLine) -> "CloseoutLineOut":
        """The line as it leaves the program."""
        return CloseoutLineOut(
            item=line.item.key,
            due_on=line.due_on,
            done_on=line.step.done_on if line.step else None,
            citation=line.item.authority.citation.text,
        )


class CloseoutItemIn(Schema):
    """On which day an item was done, and which record shows it."""

    done_on: date
    record: Annotated[str, Field(min_length=1, max_length=200)]


class ReopenIn(Schema):
    """Why an item has to be done again."""

    reason: str


@router.post(
    "/agreements/{int:agreement_id}/reserve",
    response=TransferOut,
    operation_id="withhold_reserve",
)
def withhold_reserve(
    request: HttpRequest, agreement_id: RowId, body: SponsoredMovementIn
) -> HttpResponse:
    """Hold authorised money back for performance."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return moved(request, services.withhold_reserve, agreement, body)


@router.post(
    "/agreements/{int:agreement_id}/reserve/releases",
    response=TransferOut,
    operation_id="release_reserve",
)
def release_reserve(
    request: HttpRequest, agreement_id: RowId, body: ReserveReleaseIn
) -> HttpResponse:
    """Release money held back, by a decision on assessed performance."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)

    def release() -> TransferOut:
        said = body.model_dump(exclude={"agency"})
        assessed = services.Assessment(
            said.pop("assessed_from"),
            said.pop("assessed_before"),
            said.pop("rating"),
            said.pop("assessment"),
        )
        agency_id = queries.agency_by_key(body.agency).pk if body.agency else None
        return TransferOut.from_orm(
            services.release_reserve(
                actor, agreement, assessed=assessed, agency_id=agency_id, now=clock.now(), **said
            )
        )

    return idempotent(request, "release_reserve", release)


@router.get(
    "/agreements/{int:agreement_id}/closeout",
    response=list[CloseoutLineOut],
    operation_id="show_closeout",
)
def show_closeout(request: HttpRequest, agreement_id: RowId) -> list[CloseoutLineOut]:
    """What closes an agreement out, by when, and what of it is done."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return [CloseoutLineOut.of(line) for line in queries.closeout_lines(agreement)]


@router.post(
    "/agreements/{int:agreement_id}/closeout/{item}/complete",
    response=list[CloseoutLineOut],
    operation_id="complete_closeout_item",
)
def complete_closeout_item(
    request: HttpRequest, agreement_id: RowId, item: str, body: CloseoutItemIn
) -> HttpResponse:
    """Record an item as done; the answer is the whole list."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)

    def complete() -> list[dict[str, object]]:
        services.complete_closeout_item(
            actor,
            agreement.pk,
            item=item,
            **body.model_dump(),
            today=clock.today(),
            now=clock.now(),
        )
        return [CloseoutLineOut.of(one).model_dump() for one in queries.closeout_lines(agreement)]

    return idempotent(request, "complete_closeout_item", complete)


@router.post(
    "/agreements/{int:agreement_id}/closeout/{item}/reopen",
    response=list[CloseoutLineOut],
    operation_id="reopen_closeout_item",
)
def reopen_closeout_item(
    request: HttpRequest, agreement_id: RowId, item: str, body: ReopenIn
) -> HttpResponse:
    """Open a done item again; the answer is the whole list."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)

    def reopen() -> list[dict[str, object]]:
        services.reopen_closeout_item(
            actor, agreement.pk, item=item, reason=body.reason, now=clock.now()
        )
        return [CloseoutLineOut.of(one).model_dump() for one in queries.closeout_lines(agreement)]

    return idempotent(request, "reopen_closeout_item", reopen)
