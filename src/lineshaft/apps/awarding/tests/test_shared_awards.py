"""Awards that several agencies pay: the agreement of all, and what each obligates in each year."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.services import AwardTerms
from lineshaft.apps.awarding.tests.selecting import Selecting, published
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import Account, Agreement, Transfer, TransferProposal
from lineshaft.apps.funding.rules import AccountKind
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

AGENCIES = ("DOC", "DOD", "DOE")
TOTAL = 70 * MILLION_MINOR
PARTS = {"DOD": 20 * MILLION_MINOR + 1, "DOE": 30 * MILLION_MINOR}
"""What DOE gives in a year is above the threshold of a second person; of the others it is not."""
TERMS = AwardTerms(number="70NANB26H001", key="anvils", name="Anvils", co_sponsors=PARTS)


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def world() -> Selecting:
    return published((5,), agencies=AGENCIES)


def officer_of(agency: str) -> Actor:
    return make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, agency, user_id=make_user().pk)


def open_award(world: Selecting, terms: AwardTerms = TERMS, actor: Actor = SYSTEM) -> Award:
    return services.open_agreement(
        actor, world.competition, world.applications[0], terms, now=world.now
    )


def activated(world: Selecting, parts: Mapping[str, int] = PARTS) -> Agreement:
    """The agreement of the award in force, with all of each agency's part to obligate."""
    key = f"anvils-{world.competition.pk}"
    terms = replace(TERMS, number=key, key=key, name=key, co_sponsors=parts)
    agreement = open_award(world, terms).agreement
    assert agreement is not None
    today = world.now.date()
    funding.activate_agreement(SYSTEM, agreement.pk, today=today, now=world.now)
    agreement.refresh_from_db()
    for one in agreement.sponsors.all():
        funding.authorise_funds(
            SYSTEM,
            agreement,
            now=world.now,
            id=new_id(),
            amount_minor=one.federal_total_minor,
            currency="USD",
            occurred_on=today,
            agency_id=one.agency_id,
        )
    return agreement


def obligate(world: Selecting, actor: Actor, year: int, agency: str = "") -> funding.Moved:
    return services.obligate_award(
        actor,
        world.competition,
        world.applications[0],
        year,
        agency,
        today=world.now.date(),
        now=world.now,
    )


def parts_of(agreement: Agreement | None) -> dict[str, int]:
    assert agreement is not None
    return dict(agreement.sponsors.values_list("agency__key", "federal_total_minor"))


def stored() -> list[int]:
    """How many there are of all that opening an award writes."""
    tables = (Award, PlannedObligation, Agreement, Institute, Account, AuditEvent)
    return [one.objects.count() for one in tables]


# ------------------------------------------------------------------------------------- its parts


def test_agreement_is_of_all_agencies_that_give_something(world: Selecting) -> None:
    award = open_award(world)
    assert parts_of(award.agreement) == {**PARTS, "DOC": TOTAL - sum(PARTS.values())}
    assert award.agreement is not None
    assert award.agreement.agency.key == "DOC"
    assert award.agreement.federal_total_minor == TOTAL
    assert queries.co_sponsors_of(award) == PARTS


def test_agency_that_gives_nothing_is_no_sponsor_of_the_agreement(world: Selecting) -> None:
    award = open_award(world, replace(TERMS, co_sponsors={"DOD": 0, "DOE": 7}))
    assert parts_of(award.agreement) == {"DOC": TOTAL - 7, "DOE": 7}
    assert {one.agency.key for one in award.obligations.all()} == {"DOC", "DOE"}


def test_leading_agency_alone_gives_all(world: Selecting) -> None:
    award = open_award(world, replace(TERMS, co_sponsors={}))
    assert parts_of(award.agreement) == {"DOC": TOTAL}
    assert queries.co_sponsors_of(award) == {}
    assert {one.agency.key for one in award.obligations.all()} == {"DOC"}


def test_each_agency_and_each_year_are_foreseen_to_the_cent(world: Selecting) -> None:
    award = open_award(world)
    agreement = award.agreement
    assert agreement is not None
    of_agency, of_year = Counter[str](), Counter[date]()
    for one in award.obligations.all():
        of_agency[one.agency.key] += one.amount_minor
        of_year[one.due_on] += one.amount_minor
    assert of_agency == parts_of(agreement)
    periods = agreement.budget_periods.prefetch_related("lines")
    assert of_year == {
        period.starts_on: sum(line.federal_minor for line in period.lines.all())
        for period in periods
    }
    assert [(one.year, one.agency.key) for one in award.obligations.all()] == [
        (year, key) for year in range(1, 6) for key in AGENCIES
    ]


def test_year_without_a_cent_of_an_agency_is_not_foreseen_of_it(world: Selecting) -> None:
    award = open_award(world, replace(TERMS, co_sponsors={"DOE": 2}))
    assert [one.amount_minor for one in award.obligations.filter(agency__key="DOE")] == [1, 1]
    assert award.obligations.filter(agency__key="DOC").count() == 5


def test_year_is_foreseen_once_of_each_agency(world: Selecting) -> None:
    first = open_award(world).obligations.get(year=1, agency__key="DOE")
    again = {"award": first.award, "due_on": first.due_on, "year": 1, "amount_minor": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        PlannedObligation.objects.create(agency=first.agency, **again)
    other = Agency.objects.create(key="NSF", name="NSF")
    assert PlannedObligation.objects.create(agency=other, **again).pk


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        pytest.param({"DOC": 1}, "co_sponsors-DOC", id="the lead"),
        pytest.param({"NSF": 1}, "co_sponsors-NSF", id="no sponsor"),
        pytest.param({"DOE": -1}, "co_sponsors-DOE", id="negative"),
    ],
)
def test_part_that_cannot_be_given_changes_nothing(
    world: Selecting, parts: dict[str, int], field: str
) -> None:
    before = stored()
    with pytest.raises(Invalid) as raised:
        open_award(world, replace(TERMS, co_sponsors={"DOD": 5, **parts}))
    assert [one.field for one in raised.value.errors] == [field]
    assert stored() == before


@pytest.mark.parametrize("minor", [TOTAL - 5, TOTAL, 2**63])
def test_parts_that_leave_the_lead_nothing_are_refused_as_the_agreement_does(
    world: Selecting, minor: int
) -> None:
    before = stored()
    with pytest.raises(Refused) as raised:
        open_award(world, replace(TERMS, co_sponsors={"DOD": 5, "DOE": minor}))
    assert raised.value.code == "sponsor_parts"
    assert stored() == before


def test_award_that_stands_keeps_its_parts(world: Selecting) -> None:
    first = open_award(world)
    assert open_award(world, replace(TERMS, co_sponsors={"DOE": 1})) == first
    assert queries.co_sponsors_of(first) == PARTS


def test_cluster_has_no_agreement_to_share(world: Selecting) -> None:
    Competition.objects.update(kind=CompetitionKind.REGIONAL_CHALLENGE)
    before = stored()
    with pytest.raises(Invalid) as raised:
        open_award(world)
    assert [one.field for one in raised.value.errors] == ["co_sponsors-DOD", "co_sponsors-DOE"]
    assert stored() == before
    award = open_award(world, AwardTerms(co_sponsors={"DOD": 0}))
    assert queries.co_sponsors_of(award) == {}


def test_day_that_can_only_be_mistyped_changes_nothing(world: Selecting) -> None:
    before = stored()
    with pytest.raises(Invalid) as raised:
        open_award(world, replace(TERMS, starts_on=date.max, signed_on=date.min))
    assert [one.field for one in raised.value.errors] == ["signed_on", "starts_on"]
    assert stored() == before


def test_co_sponsor_drafts_no_agreement(world: Selecting) -> None:
    before = stored()
    with pytest.raises(NotPermitted):
        open_award(world, actor=officer_of("DOE"))
    assert stored() == before
    assert open_award(world, actor=officer_of("DOC")).pk


# ------------------------------------------------------------------------------------- its money


@pytest.mark.database
def test_obligation_is_booked_under_its_agency(world: Selecting) -> None:
    agreement = activated(world)
    planned = {one.agency.key: one for one in PlannedObligation.objects.filter(year=1)}
    for key in AGENCIES:
        made = obligate(world, SYSTEM, 1, key)
        assert (made.pk, made.amount_minor) == (planned[key].transfer_id, planned[key].amount_minor)
        assert obligate(world, SYSTEM, 1, key).pk == made.pk
        left = parts_of(agreement)[key] - planned[key].amount_minor
        account = Account.objects.get(agreement=agreement, kind=AccountKind.AWARD, agency__key=key)
        assert account.available_minor == left
    assert Transfer.objects.filter(code="obligate").count() == 3


@pytest.mark.database
def test_all_years_of_all_agencies_use_up_their_parts(world: Selecting) -> None:
    agreement = activated(world)
    for one in PlannedObligation.objects.select_related("agency"):
        obligate(world, SYSTEM, one.year, one.agency.key)
    (winner,) = queries.winners_of(SYSTEM, world.competition)
    assert {one.state for one in queries.bookings_of([winner]).values()} == {"obligated"}
    for key in AGENCIES:
        with pytest.raises(Refused) as raised:
            funding.obligate_funds(
                SYSTEM,
                agreement,
                now=world.now,
                id=new_id(),
                amount_minor=1,
                currency="USD",
                occurred_on=world.now.date(),
                agency_id=Agency.objects.get(key=key).pk,
            )
        assert raised.value.code == "limit_exceeded"


def test_co_sponsor_obligates_its_own_money_alone(world: Selecting) -> None:
    activated(world)
    energy = officer_of("DOE")
    for other in ("DOC", "DOD"):
        with pytest.raises(NotPermitted):
            obligate(world, energy, 1, other)
    assert not TransferProposal.objects.exists()
    for actor, key in ((energy, "DOE"), (officer_of("DOC"), "DOD"), (officer_of("DOC"), "DOC")):
        planned = PlannedObligation.objects.get(year=1, agency__key=key)
        assert obligate(world, actor, 1, key).pk == planned.transfer_id
    assert [one.debit_account.agency for one in TransferProposal.objects.all()] == [
        Agency.objects.get(key="DOE")
    ]
    booked = Transfer.objects.filter(code="obligate", debit_account__agency__key="DOD")
    assert booked.count() == 1


def test_second_person_of_the_agency_signs_its_obligation(world: Selecting) -> None:
    agreement = activated(world)
    made = obligate(world, officer_of("DOE"), 2, "DOE")
    with pytest.raises(NotPermitted):
        funding.approve_transfer(officer_of("DOD"), made.pk, now=world.now)
    transfer = funding.approve_transfer(officer_of("DOE"), made.pk, now=world.now)
    assert transfer.debit_account.agency is not None
    assert transfer.debit_account.agency.key == "DOE"
    assert transfer.agreement == agreement
    assert obligate(world, officer_of("DOE"), 2, "DOE").pk == made.pk


@pytest.mark.database
def test_year_that_several_give_wants_the_agency(world: Selecting) -> None:
    activated(world)
    with pytest.raises(Invalid) as raised:
        obligate(world, SYSTEM, 1)
    (fault,) = raised.value.errors
    assert (fault.field, fault.as_text()) == (
        "agency",
        "Several agencies give money in that year. Name one of: DOC, DOD, DOE.",
    )
    for year, agency in ((1, "NSF"), (9, "DOE"), (9, "")):
        with pytest.raises(NotFound):
            obligate(world, SYSTEM, year, agency)
    assert not Transfer.objects.filter(code="obligate").exists()


def test_year_that_one_agency_gives_names_itself(world: Selecting) -> None:
    award = open_award(world, replace(TERMS, co_sponsors={"DOE": 2}))
    alone = next(
        one.year
        for one in award.obligations.all()
        if award.obligations.filter(year=one.year).count() == 1
    )
    assert queries.obligation_of(award, alone).agency.key == "DOC"
    with pytest.raises(Refused):
        obligate(world, SYSTEM, alone)  # the agreement is a draft
