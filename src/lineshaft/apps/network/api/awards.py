"""The API of awards of other agencies."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from lineshaft.apps.network import queries, rules
from lineshaft.apps.network.models import OutsideAward
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, paged

router = Router(tags=["network"])


class OutsideAwardOut(Schema):
    """An award of another agency, as its register says; `agency` is a key of the network's agencies
    where it is known. Amounts are in minor units, below zero where more was taken back than given.
    """

    id: int
    source: str
    number: str
    title: str
    agency: str | None
    agency_name: str
    office_name: str
    programme: str
    instrument: str
    phase: str
    investigator: str
    other_investigators: str
    recipient: str
    recipient_uei: str
    organisation_id: int | None
    city: str
    region: str
    postal_code: str
    country: str
    starts_on: date | None
    ends_on: date | None
    year: int | None
    amount_minor: int | None
    currency: str
    level: str
    is_demonstration: bool

    @staticmethod
    def resolve_agency(row: OutsideAward) -> str | None:
        return row.agency.key if row.agency else None

    @staticmethod
    def resolve_organisation_id(row: OutsideAward) -> int | None:
        seen: int | None = row.seen_organisation_id  # type: ignore[attr-defined] # annotated
        return seen


class OutsideAwardDetailOut(OutsideAwardOut):
    """The award with its text, and the file that it was read from."""

    abstract: str
    source_name: str
    source_sha256: str
    source_row: int | None


@router.get(
    "/outside-awards",
    response=PageOf[OutsideAwardOut],
    operation_id="list_outside_awards",
    summary="Awards of other agencies",
)
def list_outside_awards(
    request: HttpRequest,
    *,
    q: Annotated[str, Field(max_length=100)] = "",
    agency: str = "",
    year: Annotated[int | None, Field(ge=rules.YEAR_FIRST, le=rules.YEAR_LAST)] = None,
    organisation: RowId | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Awards in order of id, without their texts, narrowed by words, agency (as its register writes
    it), year and recipient.
    """
    actor = actor_of(request)
    rows = queries.outside_awards_filtered(
        actor,
        queries.outside_awards_visible_to(actor),
        q=q,
        agency=agency,
        year=year,
        organisation=organisation,
    )
    seen = queries.with_recipient_seen_by(actor, rows).select_related("agency").defer("abstract")
    return paged(seen, cursor=cursor, limit=limit)


@router.get(
    "/outside-awards/{pk}",
    response=OutsideAwardDetailOut,
    operation_id="show_outside_award",
    summary="One award of another agency with its text",
)
def show_outside_award(request: HttpRequest, pk: RowId) -> OutsideAward:
    """The award with its abstract as plain text."""
    return queries.outside_award_by_id(actor_of(request), pk)
