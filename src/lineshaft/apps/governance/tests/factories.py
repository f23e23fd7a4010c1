"""Common policies and bodies for tests of this and of every app above."""

from datetime import UTC, date, datetime

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import Appointment, Body, PolicyVersion
from lineshaft.apps.governance.rules import AppointmentWay, PolicyArea
from lineshaft.apps.governance.services import PolicyProposal, Wording
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import SharingLevel

NOW = datetime(2022, 9, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
SYSTEM = Actor.system("test")
BEGINNING = date(2021, 10, 1)


def make_draft(
    title: str = "Sharing test beds",
    *,
    text: str = "Each institute opens its test beds.\n\nIt states its rates.",
    level: str = SharingLevel.PUBLIC,
) -> PolicyVersion:
    """The first draft of a new policy."""
    proposal = PolicyProposal(
        PolicyArea.SHARED_SERVICES, title, Wording(text, "各中心开放试验平台。"), level=level
    )
    return services.draft_policy(SYSTEM, proposal, now=NOW)


def adopt(version: PolicyVersion, on: date = BEGINNING) -> PolicyVersion:
    """The version, adopted and in force on that day."""
    return services.adopt_policy(
        SYSTEM, version, decision="Council, vote 3", adopted_on=on, in_force_on=on, now=NOW
    )


def make_adopted(title: str = "Sharing test beds", on: date = BEGINNING) -> PolicyVersion:
    """A policy whose first version is in force from that day on."""
    return adopt(make_draft(title), on)


def revise(version: PolicyVersion, text: str = "Each institute opens its labs.") -> PolicyVersion:
    """The next draft of the same policy."""
    wording = Wording(text, changed="Laboratories too")
    return services.revise_policy(SYSTEM, version.policy, wording, now=NOW)


def make_person(name: str = "Ada Example", kind: str = "industry_sme") -> Person:
    """Somebody of a new organisation of that kind."""
    return Person.objects.create(
        name=name, organisation=make_organisation(f"Works of {name}", kind=kind)
    )


def make_board(institute: Institute | None = None, *, members: int = 2) -> Body:
    """The board of an institute: a chair, and so many seats for members."""
    of = institute or make_institute()
    terms = services.BodyTerms(
        BodyKind.INSTITUTE_BOARD,
        f"Board of {of.name}",
        BEGINNING,
        name_zh=f"{of.name}理事会",
        charter="By-laws",
        seats=(
            services.SeatTerms(SeatKind.CHAIR),
            services.SeatTerms(SeatKind.MEMBER, members),
        ),
    )
    return services.establish_body(SYSTEM, terms, institute=of, now=NOW)


def make_advisory(seats: int = 3) -> Body:
    """The advisory board beside the network, on which the profile has rules of term."""
    terms = services.BodyTerms(
        BodyKind.ADVISORY_BOARD,
        "Advisory board",
        BEGINNING,
        seats=(services.SeatTerms(SeatKind.SMALL_MANUFACTURER, seats),),
    )
    return services.establish_body(SYSTEM, terms, now=NOW)


def seat(
    body: Body,
    number: int,
    person: Person,
    starts_on: date = BEGINNING,
    ends_on: date | None = None,
) -> Appointment:
    """Somebody in a seat of a body."""
    filling = services.Filling(number, person, AppointmentWay.ELECTED, starts_on, ends_on)
    (made,) = services.fill_seats(SYSTEM, body, [filling], now=NOW)
    return made
