"""The API of network: institutes, organisations, agencies, technology areas."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import (
    Agency,
    Institute,
    InstituteDate,
    InstituteFact,
    InstituteName,
    Organisation,
    TechnologyArea,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, Words, actor_of, idempotent, paged
from lineshaft.plumbing.sharing import SharingLevel

router = Router(tags=["network"])

_NOT_COLUMNS = {"identifiers", "aliases", "designations", "is_new", "why"}


class AgencyOut(Schema):
    """A body of government; `parent` is the key of its department."""

    key: str
    name: str
    name_zh: str
    parent: str | None
    is_sponsor: bool

    @staticmethod
    def resolve_parent(row: Agency) -> str | None:
        return row.parent.key if row.parent else None


class TechnologyAreaOut(Schema):
    """A field of technology; `parent` is the key of the wider one."""

    key: str
    name: str
    name_zh: str
    parent: str | None

    @staticmethod
    def resolve_parent(row: TechnologyArea) -> str | None:
        return row.parent.key if row.parent else None


class PlaceOut(Schema):
    """A town; coordinates in decimal degrees (WGS 84)."""

    city: str
    city_zh: str
    region: str
    country: str
    latitude: Decimal | None
    longitude: Decimal | None


class InstituteOut(Schema):
    """An institute; `sponsors` are agency keys, the lead first."""

    key: str
    name: str
    name_zh: str
    status: str
    status_as_of: date | None
    status_precision: str
    cure_ends_on: date | None
    place: PlaceOut | None
    technology_areas: list[str]
    sponsors: list[str]
    lead_organisation_id: int | None

    @staticmethod
    def resolve_technology_areas(row: Institute) -> list[str]:
        return [area.key for area in row.technology_areas.all()]

    @staticmethod
    def resolve_lead_organisation_id(row: Institute) -> int | None:
        return row.lead.pk if row.lead else None

    @staticmethod
    def resolve_sponsors(row: Institute) -> list[str]:
        return [sponsor.agency.key for sponsor in row.sponsors.all()]


class InstituteNameOut(Schema):
    """A name that the institute has, had, or is also known by."""

    name: str
    language: str
    kind: str
    note: str
    source: str
    confidence: str


class InstituteDateOut(Schema):
    """A dated event; `precision` says what of `on` is known."""

    kind: str
    edition: str
    on: date
    precision: str
    note: str
    source: str
    confidence: str


class InstituteFactOut(Schema):
    """A stated fact; `number` is in minor units of the profile's currency where it is money."""

    measure: str
    edition: str
    kind: str
    text: str
    text_zh: str
    number: Decimal | None
    qualifier: str
    note: str
    source: str
    confidence: str


class InstituteDetailOut(InstituteOut):
    """An institute with its names, dates and facts, each with source and confidence."""

    names: list[InstituteNameOut]
    dates: list[InstituteDateOut]
    facts: list[InstituteFactOut]

    @staticmethod
    def resolve_names(row: Institute) -> list[InstituteName]:
        return list(row.names.all())

    @staticmethod
    def resolve_dates(row: Institute) -> list[InstituteDate]:
        return sorted(row.dates.all(), key=lambda one: (one.on, one.edition))

    @staticmethod
    def resolve_facts(row: Institute) -> list[InstituteFact]:
        return sorted(row.facts.all(), key=lambda one: (one.edition, one.measure))


class OrganisationOut(Schema):
    """An organisation; `kind` is a key of the profile."""

    id: int
    name: str
    name_zh: str
    kind: str
    ownership_country: str
    city: str
    region: str
    postal_code: str
    country: str
    latitude: Decimal | None
    longitude: Decimal | None
    website: str
    level: str
    is_demonstration: bool


class IdentifierOut(Schema):
    """What a register calls the organisation."""

    scheme: str
    value: str


class OrganisationDetailOut(OrganisationOut):
    """An organisation with its identifiers, other names and designations."""

    identifiers: list[IdentifierOut]
    aliases: list[str]
    designations: list[str]

    @staticmethod
    def resolve_identifiers(row: Organisation) -> list[Any]:
        return list(row.identifiers.all())

    @staticmethod
    def resolve_aliases(row: Organisation) -> list[str]:
        return sorted(alias.name for alias in row.aliases.all())

    @staticmethod
    def resolve_designations(row: Organisation) -> list[str]:
        return sorted(one.designation for one in row.designations.all())


class IdentifierIn(Schema):
    """An identifier; `scheme` is one of uei, ror, unitid, uscc, ein, duns, naics."""

    scheme: str
    value: str


class OrganisationIn(Schema):
    """An organisation to register; one that is there already is found, not entered twice.

    `is_new` says that somebody has looked at what it looks like, and it is another organisation.
    """

    name: str
    kind: str
    name_zh: str = ""
    ownership_country: str = ""
    address: str = ""
    city: str = ""
    county: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    website: str = ""
    level: str = SharingLevel.PUBLIC
    identifiers: list[IdentifierIn] = []
    aliases: list[str] = []
    designations: list[rules.Designation] = []
    is_new: bool = False
    why: str = ""


@router.get(
    "/institutes",
    response=PageOf[InstituteOut],
    operation_id="list_institutes",
    summary="The institutes",
)
def list_institutes(
    request: HttpRequest,
    *,
    status: str = "",
    sponsor: str = "",
    area: str = "",
    q: Words = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Institutes in order of key, narrowed by status, sponsoring agency, technology area, name."""
    rows = queries.institutes_filtered(
        queries.institutes_visible_to(actor_of(request)),
        q=q,
        status=status,
        sponsor=sponsor,
        area=area,
    )
    return paged(rows, cursor=cursor, limit=limit, order_by=("key",))


@router.get(
    "/institutes/{key}",
    response=InstituteDetailOut,
    operation_id="show_institute",
    summary="One institute with its sourced facts",
)
def show_institute(request: HttpRequest, key: str) -> Institute:
    """The institute with every name, date and fact, today's and the founding paper's."""
    return queries.institute_detail(actor_of(request), key)


class StatusIn(Schema):
    """The day of the change, and where it is said: a notice, a decision, an agreement."""

    on: date
    source: Annotated[str, Field(min_length=1, max_length=300)]


class TerminationIn(StatusIn):
    """Also on what ground."""

    ground: rules.TerminationGround


_STEPS: Final = (
    (
        services.plan_institute,
        "plan",
        "Note that an institute was announced",
        "A proposed institute becomes a planned one.",
    ),
    (
        services.establish_institute,
        "establish",
        "Note that an institute's award began",
        "A planned institute becomes an active one.",
    ),
    (
        services.open_cure_period,
        "open-cure-period",
        "Give an institute a year to remedy deficiencies",
        "Refused where the law in force on that day gives no such period.",
    ),
    (
        services.close_cure_period,
        "close-cure-period",
        "Note that the deficiencies were remedied",
        "The institute is active again.",
    ),
    (
        services.recognise_institute,
        "recognise",
        "Recognise an institute without the programme's money",
        "The institute takes part in the network without an award.",
    ),
)
"""What changes an institute's status on a day, by a source: the verb, its address, what it says."""


def _moves(
    change: Callable[..., Institute],
) -> Callable[[HttpRequest, str, StatusIn], HttpResponse]:
    """The operation of the verb that changes an institute's status."""

    def move(request: HttpRequest, key: str, payload: StatusIn) -> HttpResponse:
        return _moved(request, change, key, payload)

    move.__name__ = change.__name__
    return move


for _change, _address, _summary, _description in _STEPS:
    router.add_api_operation(
        f"/institutes/{{key}}/{_address}",
        ["POST"],
        _moves(_change),
        response=InstituteDetailOut,
        operation_id=_change.__name__,
        summary=_summary,
        description=_description,
    )


@router.post(
    "/institutes/{key}/terminate",
    response=InstituteDetailOut,
    operation_id="terminate_institute",
    summary="End an institute's part in the network",
)
def terminate_institute(request: HttpRequest, key: str, payload: TerminationIn) -> HttpResponse:
    """Final. Refused while the year to remedy deficiencies still runs."""
    return _moved(request, services.terminate_institute, key, payload)


def _moved(
    request: HttpRequest,
    change: Callable[..., Institute],
    key: str,
    payload: StatusIn,
) -> HttpResponse:
    """The institute after the service of that name changed its status, as the payload says."""
    actor = actor_of(request)
    found = queries.institute_by_key(actor, key)

    def perform() -> InstituteDetailOut:
        changed = change(actor, found, **payload.model_dump(), now=clock.now())
        return InstituteDetailOut.from_orm(queries.institute_detail(actor, changed.key))

    return idempotent(request, change.__name__, perform)


@router.get(
    "/organisations",
    response=PageOf[OrganisationOut],
    operation_id="list_organisations",
    summary="The organisations",
)
def list_organisations(
    request: HttpRequest,
    *,
    kind: str = "",
    region: str = "",
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Organisations that the caller may read, in order of registration."""
    rows = queries.organisations_filtered(
        queries.organisations_visible_to(actor_of(request)), q=q, kind=kind, region=region
    )
    return paged(rows, cursor=cursor, limit=limit)


@router.get(
    "/organisations/{pk}",
    response=OrganisationDetailOut,
    operation_id="show_organisation",
    summary="One organisation",
)
def show_organisation(request: HttpRequest, pk: RowId) -> Organisation:
    """The organisation with its identifiers, other names and designations."""
    return queries.organisation_detail(actor_of(request), pk)


@router.post(
    "/organisations",
    response=OrganisationDetailOut,
    operation_id="register_organisation",
    summary="Register an organisation",
)
def register_organisation(request: HttpRequest, payload: OrganisationIn) -> HttpResponse:
    """The registered organisation, also where it was there already; 409 `looks_alike` names what
    it looks like.
    """
    actor = actor_of(request)

    def perform() -> OrganisationDetailOut:
        given = payload.model_dump(
            exclude={"identifiers", "aliases", "designations", "is_new", "why"}
        )
        row = services.OrganisationRow(
            **given,
            identifiers=tuple((one.scheme, one.value) for one in payload.identifiers),
            aliases=tuple(payload.aliases),
            designations=tuple(payload.designations),
        )
        found = services.register_organisation(
            actor, row, is_new=payload.is_new, now=clock.now(), why=payload.why
        )
        detail = queries.organisation_detail(actor, found.pk)
        return OrganisationDetailOut.model_validate(detail)

    return idempotent(request, "register_organisation", perform)


class OrganisationAmendmentIn(Schema):
    """What to change; what is left out stays. `identifiers` replaces all of them."""

    name: str | None = None
    name_zh: str | None = None
    kind: str | None = None
    ownership_country: str | None = None
    address: str | None = None
    city: str | None = None
    county: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    website: str | None = None
    level: SharingLevel | None = None
    identifiers: list[IdentifierIn] | None = None
    why: str = ""


@router.post(
    "/organisations/{pk}/amendments",
    response=OrganisationDetailOut,
    operation_id="amend_organisation",
    summary="Amend an organisation",
)
def amend_organisation(
    request: HttpRequest, pk: RowId, payload: OrganisationAmendmentIn
) -> HttpResponse:
    """A former name stays as another name. A null empties only what may be empty: coordinates."""
    actor = actor_of(request)
    found = queries.organisation_by_id(actor, pk)

    def perform() -> OrganisationDetailOut:
        given = payload.model_dump(exclude={"identifiers", "why"}, exclude_unset=True)
        changes = {
            name: value
            for name, value in given.items()
            if value is not None or name in ("latitude", "longitude")
        }
        services.amend_organisation(
            actor,
            found,
            now=clock.now(),
            changes=changes,
            identifiers=None
            if payload.identifiers is None
            else [(one.scheme, one.value) for one in payload.identifiers],
            why=payload.why,
        )
        return OrganisationDetailOut.from_orm(queries.organisation_detail(actor, pk))

    return idempotent(request, "amend_organisation", perform)


@router.get(
    "/agencies",
    response=PageOf[AgencyOut],
    operation_id="list_agencies",
    summary="The agencies",
)
def list_agencies(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Agencies in order of key."""
    return paged(queries.agencies(), cursor=cursor, limit=limit, order_by=("key",))


@router.get(
    "/technology-areas",
    response=PageOf[TechnologyAreaOut],
    operation_id="list_technology_areas",
    summary="The tree of technology areas",
)
def list_technology_areas(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Technology areas in order of key; `parent` makes the tree."""
    return paged(queries.technology_areas(), cursor=cursor, limit=limit, order_by=("key",))
