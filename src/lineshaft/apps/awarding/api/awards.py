"""The API of awards: what was opened from which application, and how far its money is obligated.

Amounts are minor units; agencies are named by their keys.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.queries import Booking, Winner
from lineshaft.apps.awarding.rules import ObligationState
from lineshaft.apps.competitions.queries import competition_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import Accepted, RowId, actor_of, idempotent

router = Router(tags=["awarding"])

type AgencyKey = Annotated[str, StringConstraints(min_length=1, max_length=32)]
type PartMinor = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
type AwardName = Annotated[str, StringConstraints(max_length=200)]
type AwardYear = Annotated[int, Field(ge=1, le=32_767)]


class AwardObligationOut(Schema):
    """What an award foresees to obligate of an agency for a year; `transfer` is its id in the
    ledger, where it stands once it is obligated, and waits for a second person while proposed.
    """

    year: int
    agency: str
    due_on: date
    amount_minor: int
    transfer: UUID
    state: ObligationState


class CompetitionAwardOut(Schema):
    """An application that was selected, with its award once that is opened.

    `co_sponsors` says what each agency gives of it beside the one that leads, which gives the rest.
    """

    application: int
    lead: int
    currency: str
    amount_minor: int
    is_opened: bool
    match_minor: int | None
    institute: str | None
    agreement: str | None
    co_sponsors: dict[str, int]
    obligations: list[AwardObligationOut]


class AwardIn(Schema):
    """What an award says. `institute` is the key of one that stands; without it one is entered as
    planned under `key` and `name`. For anything but an institute only `conditions` counts.

    `co_sponsors` says what each agency gives beside the one that leads, which gives the rest.
    """

    number: Annotated[str, StringConstraints(max_length=64)] = ""
    signed_on: date | None = None
    starts_on: date | None = None
    institute: Annotated[str, StringConstraints(max_length=64)] = ""
    key: Annotated[str, StringConstraints(max_length=64)] = ""
    name: AwardName = ""
    name_zh: AwardName = ""
    conditions: str = ""
    co_sponsors: Annotated[dict[AgencyKey, PartMinor], Field(max_length=50)] = {}


@router.get(
    "/competitions/{key}/awards",
    response=list[CompetitionAwardOut],
    operation_id="list_awards",
    summary="The awards of a competition",
)
def list_awards(request: HttpRequest, key: str) -> list[CompetitionAwardOut]:
    """The applications that were selected, as far as they are open to whoever runs it."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    winners = queries.winners_of(actor, shown)
    bookings = queries.bookings_of(winners)
    return [_award(one, shown.currency, bookings) for one in winners]


@router.post(
    "/competitions/{key}/awards/{application_id}",
    response=CompetitionAwardOut,
    operation_id="open_agreement",
    summary="Open the award of an application that was selected",
)
def open_agreement(
    request: HttpRequest, key: str, application_id: RowId, payload: AwardIn
) -> HttpResponse:
    """The award with what it foresees; the one that stands, where it was opened before."""
    actor = actor_of(request)

    def perform() -> CompetitionAwardOut:
        shown = competition_by_key(actor, key)
        winner = queries.winner_by_application(actor, shown, application_id)
        terms = services.AwardTerms(**payload.dict())
        services.open_agreement(actor, shown, winner.application, terms, now=clock.now())
        opened = queries.winner_by_application(actor, shown, application_id)
        return _award(opened, shown.currency, queries.bookings_of([opened]))

    return idempotent(request, "open_agreement", perform)


@router.post(
    "/competitions/{key}/awards/{application_id}/obligations/{year}/{agency}",
    response={200: AwardObligationOut, 202: AwardObligationOut},
    operation_id="obligate_award",
    summary="Obligate what an award foresees of an agency for a year",
)
def obligate_award(
    request: HttpRequest, key: str, application_id: RowId, year: AwardYear, agency: str
) -> HttpResponse:
    """The obligation as it stands then; 202 where it waits for a second person."""
    actor = actor_of(request)

    def perform() -> AwardObligationOut | Accepted:
        shown = competition_by_key(actor, key)
        winner = queries.winner_by_application(actor, shown, application_id)
        services.obligate_award(
            actor,
            shown,
            winner.application,
            year,
            agency,
            today=clock.today(),
            now=clock.now(),
        )
        planned = queries.obligation_of(winner.award, year, agency)
        done = _obligation(planned, queries.bookings_of([winner]))
        return Accepted(done) if done.state == ObligationState.PROPOSED else done

    return idempotent(request, "obligate_award", perform)


def _award(one: Winner, currency: str, bookings: Mapping[int, Booking]) -> CompetitionAwardOut:
    award = one.award
    return CompetitionAwardOut(
        application=one.application.pk,
        lead=one.application.lead_id,
        currency=currency,
        amount_minor=one.record.amount_minor or 0,
        is_opened=award is not None,
        match_minor=award.match_minor if award else None,
        institute=award.institute.key if award and award.institute else None,
        agreement=award.agreement.number if award and award.agreement else None,
        co_sponsors=queries.co_sponsors_of(award) if award else {},
        obligations=_obligations(award, bookings),
    )


def _obligations(award: Award | None, bookings: Mapping[int, Booking]) -> list[AwardObligationOut]:
    return [_obligation(one, bookings) for one in (award.obligations.all() if award else ())]


def _obligation(planned: PlannedObligation, bookings: Mapping[int, Booking]) -> AwardObligationOut:
    booking = bookings[planned.pk]
    return AwardObligationOut(
        year=planned.year,
        agency=planned.agency.key,
        due_on=planned.due_on,
        amount_minor=planned.amount_minor,
        transfer=booking.id,
        state=booking.state,
    )
