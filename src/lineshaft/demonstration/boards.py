"""The bodies of the demonstration: a board for each institute at work, the council, an advisory
board, the boards of two extension centres; their seats, and who holds them. The holders are
invented and belong to nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Final

from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.models import Body
from lineshaft.apps.governance.queries import institutes_at_work
from lineshaft.apps.governance.rules import AppointmentWay
from lineshaft.apps.memberships.queries import members_of
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Institute, Organisation, Person
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.names import person_names
from lineshaft.demonstration.personas import EVERYBODY, OWN_INSTITUTE
from lineshaft.demonstration.values import SEED
from lineshaft.kernel.jurisdiction import BodyKind, OrganisationGroup, SeatKind

TERM_YEARS: Final = 3
COUNCIL_SINCE: Final = date(2022, 8, 9)
ADVISORY_SINCE: Final = date(2017, 1, 6)
BOARD_SEATS: Final = (
    governance.SeatTerms(SeatKind.CHAIR),
    governance.SeatTerms(SeatKind.EXECUTIVE),
    governance.SeatTerms(SeatKind.INDEPENDENT),
    governance.SeatTerms(SeatKind.MEMBER, 4),
)
ADVISORY_FIRMS: Final = 5
ADVISORY_SEATS: Final = (
    governance.SeatTerms(SeatKind.SMALL_MANUFACTURER, ADVISORY_FIRMS),
    governance.SeatTerms(SeatKind.EXTENSION_CENTRE, 2),
    governance.SeatTerms(SeatKind.COMMUNITY_COLLEGE),
    governance.SeatTerms(SeatKind.OTHER, 2),
)
CENTRE_SEATS: Final = (
    governance.SeatTerms(SeatKind.CHAIR),
    governance.SeatTerms(SeatKind.SMALL_MANUFACTURER, 4),
    governance.SeatTerms(SeatKind.COMMUNITY_COLLEGE),
    governance.SeatTerms(SeatKind.OTHER, 2),
)
CENTRES: Final = (
    ("Board of the Great Lakes extension centre", "五大湖拓展中心理事会"),
    ("Board of the Gulf Coast extension centre", "墨西哥湾沿岸拓展中心理事会"),
)
"""Of centres that do not exist."""

CENTRE_FIRMS: Final = 5
"""Of the eight on a centre's board so many are from small firms, the chair among them."""

FIRMS: Final = 5
"""Of a board's seats so many are held by people from industry: the chair, and the members'."""

VACANT_AT_OWN: Final = 3
"""The number of the seat that the own institute's board has still to fill."""

EVIDENCE: Final = "Demonstration"


@dataclass(frozen=True, slots=True)
class _People:
    """Invented people, registered as they are needed."""

    loading: Loading
    names: Iterator[str]

    def of(self, organisation: Organisation | None) -> Person:
        name = next(self.names)
        return network.register_person(
            self.loading.actor,
            name,
            organisation=organisation,
            is_demonstration=True,
            now=self.loading.now,
        )

    def of_manager(self) -> Person:
        """The own institute's manager, who can sign in and vote; of no organisation, so that the
        user sees no more than before.
        """
        next(self.names)
        persona = next(one for one in EVERYBODY if one.key == "institute_manager")
        return network.register_person(
            self.loading.actor,
            persona.name,
            email=persona.email,
            user=self.loading.users[persona.key],
            is_demonstration=True,
            now=self.loading.now,
        )


def seat_bodies(loading: Loading) -> None:
    """Establish the bodies and fill their seats, each in one act."""
    people = _People(loading, person_names(Random(SEED + 7), set()))
    heads = [
        _seat_board(loading, institute, people) for institute in institutes_at_work(loading.actor)
    ]
    _seat_council(loading, heads)
    _seat_advisory_board(loading, people)
    for place, (name, name_zh) in enumerate(CENTRES):
        _seat_centre_board(loading, name, name_zh, place, people)


def _seat_board(loading: Loading, institute: Institute, people: _People) -> Person:
    """An institute's board, chaired from industry; returns its executive director."""
    since = loading.profile.fiscal_year_of(loading.now.date()).starts_on
    board = governance.establish_body(
        loading.actor,
        governance.BodyTerms(
            BodyKind.INSTITUTE_BOARD,
            f"Board of {institute.name}",
            since,
            name_zh=f"{institute.name_zh or institute.name}理事会",
            charter="By-laws (demonstration)",
            seats=BOARD_SEATS,
            is_demonstration=True,
        ),
        institute=institute,
        now=loading.now,
    )
    firms = iter(_members(loading, institute, OrganisationGroup.INDUSTRY, FIRMS))
    schools = iter(_members(loading, institute, OrganisationGroup.ACADEMIA, 1))
    holders = [next(firms, None), institute.lead, next(schools, None)]
    holders += [next(firms, None) for _place in range(FIRMS - 1)]
    is_own = institute.key == OWN_INSTITUTE
    numbered = [
        (number, people.of_manager() if is_own and number == 2 else people.of(organisation))
        for number, organisation in enumerate(holders, start=1)
        if not (is_own and number == VACANT_AT_OWN)
    ]
    _fill(loading, board, numbered, since=since)
    return numbered[1][1]


def _seat_council(loading: Loading, heads: list[Person]) -> None:
    council = governance.establish_body(
        loading.actor,
        governance.BodyTerms(
            BodyKind.LEADERSHIP_COUNCIL,
            "Network leadership council",
            COUNCIL_SINCE,
            name_zh="创新中心领导委员会",
            charter="15 U.S.C. 278s(i)(7)",
            seats=(governance.SeatTerms(SeatKind.INSTITUTE_HEAD, len(heads)),),
            is_demonstration=True,
        ),
        now=loading.now,
    )
    rows = [
        governance.Filling(number, head, AppointmentWay.EX_OFFICIO, COUNCIL_SINCE)
        for number, head in enumerate(heads, start=1)
    ]
    governance.fill_seats(loading.actor, council, rows, now=loading.now)


def _seat_advisory_board(loading: Loading, people: _People) -> None:
    board = governance.establish_body(
        loading.actor,
        governance.BodyTerms(
            BodyKind.ADVISORY_BOARD,
            "Extension partnership advisory board",
            ADVISORY_SINCE,
            name_zh="拓展伙伴计划顾问委员会",
            charter="15 U.S.C. 278k(m)",
            seats=ADVISORY_SEATS,
            is_demonstration=True,
        ),
        now=loading.now,
    )
    kinds = ["industry_sme"] * ADVISORY_FIRMS + [""] * 2 + ["community_college"] + [""] * 2
    firms = _of_kind("industry_sme", ADVISORY_FIRMS)
    colleges = _of_kind("community_college", 1)
    takes = {"industry_sme": iter(firms), "community_college": iter(colleges), "": iter(())}
    numbered = [
        (number, people.of(next(takes[kind], None))) for number, kind in enumerate(kinds, start=1)
    ]
    since = loading.profile.fiscal_year_of(loading.now.date()).starts_on
    _fill(loading, board, numbered, since=since)


def _seat_centre_board(
    loading: Loading, name: str, name_zh: str, place: int, people: _People
) -> None:
    """The board of an extension centre, more than half of it from small manufacturers, on which
    nobody sits who sits on another centre's.
    """
    since = loading.profile.fiscal_year_of(loading.now.date()).starts_on
    board = governance.establish_body(
        loading.actor,
        governance.BodyTerms(
            BodyKind.EXTENSION_CENTRE_BOARD,
            name,
            since,
            name_zh=name_zh,
            charter="15 U.S.C. 278k(k)",
            seats=CENTRE_SEATS,
            is_demonstration=True,
        ),
        now=loading.now,
    )
    before = ADVISORY_FIRMS + place * CENTRE_FIRMS
    firms = _of_kind("industry_sme", before + CENTRE_FIRMS)[before:]
    colleges = _of_kind("community_college", 2 + place)[1 + place :]
    holders: list[Organisation | None] = [*firms, next(iter(colleges), None), None, None]
    numbered = [
        (number, people.of(organisation)) for number, organisation in enumerate(holders, start=1)
    ]
    _fill(loading, board, numbered, since=since)


def _fill(loading: Loading, body: Body, numbered: list[tuple[int, Person]], *, since: date) -> None:
    """Fill the seats for a term; every third one ends a year earlier."""
    rows = [
        governance.Filling(
            number,
            person,
            AppointmentWay.ELECTED if number % 2 else AppointmentWay.APPOINTED,
            since,
            since.replace(year=since.year + TERM_YEARS - (number % 3 == 0)),
            EVIDENCE,
        )
        for number, person in numbered
    ]
    governance.fill_seats(loading.actor, body, rows, now=loading.now)


def _members(
    loading: Loading, institute: Institute, group: OrganisationGroup, number: int
) -> list[Organisation]:
    kinds = [kind.key for kind in loading.profile.organisation_kinds if kind.group is group]
    day = loading.now.date() - timedelta(days=1)
    rows = members_of(loading.actor, institute, on=day).filter(organisation__kind__in=kinds)
    return [one.organisation for one in islice(rows.order_by("pk"), number)]


def _of_kind(kind: str, number: int) -> list[Organisation]:
    rows = Organisation.objects.filter(kind=kind, is_demonstration=True).order_by("pk")
    return list(rows[:number])
