"""Institutes, organisations and people for tests of this and of every app above."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Agency,
    Institute,
    InstituteDate,
    InstituteFact,
    InstituteName,
    InstituteSponsor,
    Organisation,
    OrganisationAlias,
    OrganisationIdentifier,
    Person,
    PersonRole,
    Place,
    TechnologyArea,
)
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.sharing import SharingLevel
from tests.replaying import Numbers, replayed

NOW = datetime(2022, 11, 1, 12, tzinfo=UTC)

_numbers = Numbers(__name__)


def make_agency(key: str = "DOD", *, parent: Agency | None = None) -> Agency:
    """The agency of that key, stored once."""
    defaults = {"name": f"Department {key}", "is_sponsor": parent is None, "parent": parent}
    return Agency.objects.get_or_create(key=key, defaults=defaults)[0]


def make_technology_area(
    key: str = "robotics", *, parent: TechnologyArea | None = None
) -> TechnologyArea:
    """The area of that key, stored once."""
    defaults = {"name": key.capitalize(), "name_zh": "机器人", "parent": parent}
    return TechnologyArea.objects.get_or_create(key=key, defaults=defaults)[0]


def make_place(city: str = "Youngstown", region: str = "OH") -> Place:
    """The town, stored once."""
    defaults = {"latitude": Decimal("41.0998"), "longitude": Decimal("-80.6495")}
    return Place.objects.get_or_create(country="US", region=region, city=city, defaults=defaults)[0]


@replayed
def make_institute(
    key: str = "america-makes",
    *,
    name: str = "",
    name_zh: str = "",
    status: str = rules.InstituteStatus.ACTIVE,
    sponsors: Sequence[str] = ("DOD",),
    areas: Sequence[str] = ("robotics",),
    cure_ends_on: date | None = None,
) -> Institute:
    """An institute in a town, with its sponsors (the first one leads) and technology areas."""
    institute = Institute.objects.create(
        key=key,
        name=name or key.replace("-", " ").title(),
        name_zh=name_zh,
        status=status,
        cure_ends_on=cure_ends_on,
        status_as_of=date(2022, 1, 1),
        status_precision=rules.Precision.YEAR,
        place=make_place(),
    )
    institute.technology_areas.set([make_technology_area(area) for area in areas])
    for place, sponsor in enumerate(sponsors):
        role = rules.SponsorRole.CO_FUNDING if place else rules.SponsorRole.LEAD
        InstituteSponsor.objects.create(institute=institute, agency=make_agency(sponsor), role=role)
    return institute


def make_institute_name(
    institute: Institute, name: str, *, kind: str = rules.NameKind.FORMER
) -> InstituteName:
    """Another name of the institute."""
    return InstituteName.objects.create(
        institute=institute, name=name, folded=rules.folded_name(name), kind=kind
    )


def make_institute_date(
    institute: Institute,
    kind: str = rules.DateKind.ESTABLISHED,
    on: date = date(2012, 8, 16),
    *,
    precision: str = rules.Precision.DAY,
    edition: str = rules.Edition.TODAY,
) -> InstituteDate:
    """A date in the institute's life."""
    return InstituteDate.objects.create(
        institute=institute, kind=kind, on=on, precision=precision, edition=edition
    )


def make_institute_fact(
    institute: Institute,
    measure: str = "focus",
    *,
    text: str = "",
    number: Decimal | None = None,
    kind: str = rules.FactKind.TEXT,
    edition: str = rules.Edition.TODAY,
) -> InstituteFact:
    """A stated fact about the institute."""
    return InstituteFact.objects.create(
        institute=institute,
        measure=measure,
        kind=kind,
        edition=edition,
        text=text,
        number=number,
        source="a source",
        confidence=rules.Confidence.HIGH,
    )


def make_organisation(
    name: str = "",
    *,
    kind: str = "industry_sme",
    city: str = "Dayton",
    region: str = "OH",
    level: str = SharingLevel.PUBLIC,
    ownership_country: str = "",
    identifiers: Sequence[tuple[str, str]] = (),
    aliases: Sequence[str] = (),
    is_demonstration: bool = False,
) -> Organisation:
    """An organisation with its identifiers and other names."""
    called = name or f"Gearworks {next(_numbers)}"
    organisation = Organisation.objects.create(
        name=called,
        kind=kind,
        city=city,
        region=region,
        country="US",
        ownership_country=ownership_country,
        level=level,
        is_demonstration=is_demonstration,
        match_key=rules.match_key(called, region=region, city=city),
        registered_at=NOW,
    )
    for scheme, value in identifiers:
        OrganisationIdentifier.objects.create(organisation=organisation, scheme=scheme, value=value)
    for alias in aliases:
        OrganisationAlias.objects.create(
            organisation=organisation, name=alias, folded=rules.folded_name(alias)
        )
    return organisation


def make_person(
    name: str = "Ada Example",
    *,
    organisation: Organisation | None = None,
    user: User | None = None,
    email: str = "",
) -> Person:
    """Somebody, perhaps of an organisation, perhaps with a user."""
    return Person.objects.create(name=name, organisation=organisation, user=user, email=email)


def make_person_role(
    person: Person,
    institute: Institute,
    *,
    kind: str = rules.PersonRoleKind.DIRECTOR,
    starts_on: date = date(2020, 1, 1),
    ends_on: date | None = None,
) -> PersonRole:
    """A role of the person at the institute."""
    return PersonRole.objects.create(
        person=person, institute=institute, kind=kind, starts_on=starts_on, ends_on=ends_on
    )
