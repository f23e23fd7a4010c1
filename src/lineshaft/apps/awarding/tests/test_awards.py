from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.queries import Booking
from lineshaft.apps.awarding.services import AwardTerms
from lineshaft.apps.awarding.tests.selecting import Selecting, decided, make_selecting, published
from lineshaft.apps.competitions.models import Competition, CompetitionSponsor
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import Agreement, Transfer, TransferProposal
from lineshaft.apps.funding.tests.factories import agreement as make_agreement
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.kernel.spans import months_on
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TERMS = AwardTerms(
    number="70NANB26H001",
    key="anvil-institute",
    name="Anvil Institute",
    name_zh="铁砧创新中心",
    conditions="The board is set up first.",
)


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def world() -> Selecting:
    return published((5, 4))


@pytest.fixture
def doc() -> Actor:
    """Of the agency that leads the competition."""
    return make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC", user_id=make_user().pk)


def refused(code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda error: error.code == code)


def open_award(
    world: Selecting, actor: Actor = SYSTEM, terms: AwardTerms = TERMS, place: int = 0
) -> Award:
    return services.open_agreement(
        actor, world.competition, world.applications[place], terms, now=world.now
    )


def test_award_drafts_the_agreement_of_a_planned_institute(world: Selecting, doc: Actor) -> None:
    award = open_award(world, doc)
    institute, agreement = award.institute, award.agreement
    assert institute is not None
    assert agreement is not None
    assert (institute.key, institute.status) == ("anvil-institute", "planned")
    assert institute.name_zh == "铁砧创新中心"
    assert institute.lead == world.applicants[0].organisation
    assert [one.key for one in institute.technology_areas.all()] == ["robotics"]
    assert institute.facts.get(measure="focus").text == "An open line for light castings."
    assert (agreement.number, agreement.state) == ("70NANB26H001", "draft")
    assert (agreement.agency.key, agreement.institute) == ("DOC", institute)
    today = world.now.date()
    assert (agreement.signed_on, agreement.starts_on) == (today, today)
    assert agreement.ends_on == months_on(today, 60)
    assert agreement.federal_total_minor == 70 * MILLION_MINOR
    assert agreement.cost_share_required_minor == 70 * MILLION_MINOR
    assert (award.amount_minor, award.match_minor) == (70 * MILLION_MINOR, 70 * MILLION_MINOR)
    assert award.conditions == "The board is set up first."
    periods = agreement.budget_periods.order_by("number")
    assert [one.starts_on for one in periods] == [months_on(today, 12 * n) for n in range(5)]
    assert sum(line.federal_minor for one in periods for line in one.lines.all()) == (
        70 * MILLION_MINOR
    )
    planned = list(award.obligations.order_by("year"))
    assert [one.due_on for one in planned] == [one.starts_on for one in periods]
    assert sum(one.amount_minor for one in planned) == 70 * MILLION_MINOR
    assert not Transfer.objects.exists()


def test_two_clicks_open_one_award(world: Selecting, doc: Actor) -> None:
    first = open_award(world, doc)
    second = open_award(world, doc, replace(TERMS, number="other", key="other"))
    assert first == second
    assert Agreement.objects.count() == 1
    assert Institute.objects.filter(key__in=["anvil-institute", "other"]).count() == 1


def test_award_is_scaled_to_the_amount() -> None:
    world = make_selecting((5,), floor_minor=1)
    decided(world, Outcome.SELECTED, amounts=(35 * MILLION_MINOR,))
    Competition.objects.update(state="published")
    award = open_award(world, terms=replace(TERMS, number=""))
    assert award.agreement is not None
    assert award.agreement.number == f"{world.competition.code}-1"
    assert award.agreement.federal_total_minor == 35 * MILLION_MINOR
    assert award.match_minor == 35 * MILLION_MINOR
    assert sum(one.amount_minor for one in award.obligations.all()) == 35 * MILLION_MINOR


def test_award_takes_up_an_institute_that_the_lead_leads(world: Selecting, doc: Actor) -> None:
    standing = make_institute("anvils", status="planned", sponsors=("DOC",))
    with pytest.raises(Invalid):
        open_award(world, doc, replace(TERMS, institute="anvils"))
    standing.lead = world.applicants[0].organisation
    standing.save()
    award = open_award(world, doc, replace(TERMS, institute="anvils"))
    assert award.institute == standing
    assert not Institute.objects.filter(key="anvil-institute").exists()


def test_award_waits_for_publication() -> None:
    world = make_selecting((5,))
    decided(world, Outcome.SELECTED)
    with refused("not_published"):
        open_award(world)


def test_only_what_was_selected_is_awarded(world: Selecting) -> None:
    with pytest.raises(NotFound):
        open_award(world, place=1)


def test_agency_that_pays_drafts_the_agreement(
    world: Selecting, programme_officer: Actor, agency_sponsor: Actor
) -> None:
    with pytest.raises(NotPermitted):
        open_award(world, programme_officer)  # runs the competition, and signs for no agency
    with pytest.raises(NotPermitted):
        open_award(world, agency_sponsor)
    assert not Institute.objects.filter(key="anvil-institute").exists()
    with pytest.raises(Invalid):
        open_award(world, terms=replace(TERMS, conditions="x" * 4_001))
    with pytest.raises(Invalid):
        open_award(world, terms=replace(TERMS, key="Not A Key"))
    assert not Award.objects.exists()


def test_award_without_an_agency_is_refused(world: Selecting) -> None:
    CompetitionSponsor.objects.all().delete()
    with refused("no_agency"):
        open_award(world)


def test_award_of_a_project_call_hangs_on_the_agreement_of_its_institute(
    world: Selecting,
) -> None:
    lift = make_institute("lift")
    Competition.objects.update(kind=CompetitionKind.PROJECT_CALL, institute=lift)
    without = open_award(world)
    assert (without.institute, without.agreement) == (lift, None)
    assert list(without.obligations.all()) == []


def test_award_of_a_project_call_takes_the_one_agreement_in_force(world: Selecting) -> None:
    lift = make_institute("lift")
    agreement = make_agreement(institute_key="lift")
    assert queries.agreement_in_force(lift) == agreement
    Competition.objects.update(kind=CompetitionKind.PROJECT_CALL, institute=lift)
    assert open_award(world).agreement == agreement
    make_agreement("second", institute_key="lift")
    assert queries.agreement_in_force(lift) is None


def test_award_of_a_cluster_is_recorded_with_its_amount(world: Selecting) -> None:
    Competition.objects.update(kind=CompetitionKind.REGIONAL_CHALLENGE)
    award = open_award(world)
    assert (award.institute, award.agreement) == (None, None)
    assert award.amount_minor == 70 * MILLION_MINOR
    with pytest.raises(NotFound):
        obligate(world, SYSTEM, 1)


# ------------------------------------------------------------------------------------- its money


def obligate(world: Selecting, actor: Actor, year: int, *, days: int = 0) -> funding.Moved:
    """Book the year, so many days after the award was opened."""
    now = world.now + timedelta(days=days)
    return services.obligate_award(
        actor,
        world.competition,
        world.applications[0],
        year,
        today=now.date(),
        now=now,
    )


def activated(world: Selecting, actor: Actor) -> Award:
    """The award opened and its agreement active, with money to obligate."""
    award = open_award(world, actor)
    agreement = award.agreement
    assert agreement is not None
    funding.activate_agreement(SYSTEM, agreement.pk, today=world.now.date(), now=world.now)
    agreement.refresh_from_db()
    funding.authorise_funds(
        SYSTEM,
        agreement,
        now=world.now,
        id=PlannedObligation(award=award, year=9).transfer_id,
        amount_minor=50 * MILLION_MINOR,
        currency="USD",
        occurred_on=world.now.date(),
    )
    return award


def stand_of(world: Selecting, year: int) -> Booking:
    """How far the obligation of the year is."""
    (winner,) = queries.winners_of(SYSTEM, world.competition)
    planned = queries.obligation_of(winner.award, year)
    return queries.bookings_of([winner])[planned.pk]


def test_year_is_obligated_pending_once_the_agreement_is_active(world: Selecting) -> None:
    award = open_award(world)
    agreement, planned = award.agreement, award.obligations.get(year=1)
    assert agreement is not None
    with refused("not_active"):
        obligate(world, SYSTEM, 1)
    funding.activate_agreement(SYSTEM, agreement.pk, today=world.now.date(), now=world.now)
    agreement.refresh_from_db()
    funding.authorise_funds(
        SYSTEM,
        agreement,
        now=world.now,
        id=PlannedObligation(award=award, year=9).transfer_id,
        amount_minor=20 * MILLION_MINOR,
        currency="USD",
        occurred_on=world.now.date(),
    )
    made = obligate(world, SYSTEM, 1)
    assert isinstance(made, Transfer)
    assert (made.pk, made.amount_minor) == (planned.transfer_id, planned.amount_minor)
    assert obligate(world, SYSTEM, 1).pk == made.pk
    assert obligate(world, SYSTEM, 1, days=3).pk == made.pk
    assert stand_of(world, 1) == Booking(planned.transfer_id, is_booked=True)
    with pytest.raises(NotFound):
        obligate(world, SYSTEM, 6)


def test_large_obligation_waits_for_a_second_person(world: Selecting, doc: Actor) -> None:
    planned = activated(world, doc).obligations.get(year=1)
    made = obligate(world, doc, 1)
    assert stand_of(world, 1) == Booking(planned.transfer_id, is_waiting=True)
    assert obligate(world, doc, 1, days=2) == made
    assert TransferProposal.objects.count() == 1


def test_obligation_that_was_not_approved_is_proposed_anew(world: Selecting, doc: Actor) -> None:
    activated(world, doc)
    second = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC", user_id=make_user().pk)
    ids = [obligate(world, doc, 1).pk]
    funding.reject_transfer(second, ids[0], reason="Too early.", now=world.now)
    assert not stand_of(world, 1).is_waiting
    ids.append(obligate(world, doc, 1, days=1).pk)
    assert stand_of(world, 1) == Booking(ids[1], is_waiting=True)
    funding.withdraw_transfer(doc, ids[1], now=world.now)
    ids.append(obligate(world, doc, 1, days=1).pk)
    assert obligate(world, doc, 1, days=2).pk == ids[2]
    assert len(set(ids)) == 3
    later = world.now + timedelta(days=3)
    booked = funding.approve_transfer(second, ids[2], now=later)
    assert stand_of(world, 1) == Booking(ids[2], is_booked=True)
    assert obligate(world, doc, 1, days=4) == booked
    assert stand_of(world, 2) == Booking(queries.obligation_of(_award(world), 2).transfer_id)


def _award(world: Selecting) -> Award:
    (winner,) = queries.winners_of(SYSTEM, world.competition)
    assert winner.award is not None
    return winner.award


def test_others_obligate_nothing(world: Selecting, agency_sponsor: Actor) -> None:
    open_award(world)
    with pytest.raises(NotPermitted):
        obligate(world, agency_sponsor, 1)
    with pytest.raises(NotFound):
        queries.winners_of(agency_sponsor, world.competition)


def test_nothing_is_obligated_before_an_award_is_opened(world: Selecting) -> None:
    with pytest.raises(NotFound):
        obligate(world, SYSTEM, 1)
