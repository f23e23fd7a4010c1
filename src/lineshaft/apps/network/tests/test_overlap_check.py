"""A text checked against the awards of other agencies: what is told, to whom, and what it costs."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.network import services
from lineshaft.apps.network.models import AwardOverlap
from lineshaft.apps.network.services import WorkDescribed, comparing
from lineshaft.apps.network.tests.factories import NOW, make_agency
from lineshaft.apps.network.tests.works import GEARS, RETOLD, SYSTEM, YARN, store
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

PUBLIC = Actor.public()


@pytest.mark.database
def test_overlaps_are_ranked_with_the_passages_in_both_texts() -> None:
    half = f"{YARN} {GEARS[:200]}"
    store("1", half)
    store("2", RETOLD, ends_on=date(2022, 10, 31))
    store("3", YARN)
    events = AuditEvent.objects.count()
    found = services.overlaps_with(PUBLIC, WorkDescribed(text=GEARS, agency="DOE"), NOW)
    assert [one.award.number for one in found] == ["2", "1"]
    assert found[0].score_bp > found[1].score_bp
    assert (found[0].is_over, found[1].is_over) == (True, False)
    assert (found[0].kind, found[0].facts) == ("same_work", ())
    assert found[0].share_of_work_bp > 8000
    for a, b, c, d in found[0].passages:
        assert GEARS[a:b].split() == RETOLD[c:d].split()
    assert (AwardOverlap.objects.exists(), AuditEvent.objects.count()) == (False, events)


@pytest.mark.parametrize(
    ("level", "actor", "is_told"),
    [
        pytest.param(SharingLevel.PUBLIC, PUBLIC, True, id="public"),
        pytest.param(SharingLevel.NETWORK, PUBLIC, False, id="network for the public"),
        pytest.param(
            SharingLevel.NETWORK,
            make_actor(institute_keys=frozenset({"lift"})),
            True,
            id="network for a member",
        ),
        pytest.param(
            SharingLevel.RESTRICTED,
            make_actor(institute_keys=frozenset({"lift"})),
            False,
            id="restricted for a member",
        ),
        pytest.param(
            SharingLevel.RESTRICTED, make_actor(Role.AUDITOR), True, id="restricted for staff"
        ),
    ],
)
def test_only_awards_that_the_actor_may_see_are_told(
    level: SharingLevel, actor: Actor, *, is_told: bool
) -> None:
    store("1", GEARS, level=level)
    found = services.overlaps_with(actor, WorkDescribed(text=GEARS), NOW)
    assert bool(found) is is_told


def test_hidden_awards_take_no_place_of_those_that_are_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparing, "COMPARED_MAX", 1)
    store("1", GEARS, level=SharingLevel.RESTRICTED)
    store("2", RETOLD)
    found = services.overlaps_with(PUBLIC, WorkDescribed(text=GEARS), NOW)
    assert [one.award.number for one in found] == ["2"]


def test_title_counts_where_a_party_agrees() -> None:
    make_agency("DOE", parent=None)
    store("1", YARN, title="Repair of gear teeth", investigator="Example, Ada", agency_name="DOE")
    store("2", YARN, title="Repair of gear teeth", investigator="Bo Else")
    work = WorkDescribed(title="Repair of Gear Teeth", lead="Ada B. Example", agency="NSF")
    (found,) = services.overlaps_with(PUBLIC, work, NOW)
    assert (found.award.number, found.score_bp) == ("1", 6000)
    assert found.facts == ("other_agency", "same_title", "same_party")
    assert services.overlaps_with(PUBLIC, work, NOW, least_bp=6001) == ()


def test_stored_award_is_compared_with_all_but_itself() -> None:
    first, second = store("1", GEARS, source="sbir", phase="Phase II"), store("2", RETOLD)
    work = services.work_of_award(first)
    assert (work.is_small_firm, work.phase, work.text) == (True, 2, GEARS)
    found = services.overlaps_with(PUBLIC, work, NOW, without=(first.pk,))
    assert [one.award for one in found] == [second]


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (WorkDescribed(title=" ", text="\n"), "nothing_to_check"),
        (WorkDescribed(text="x" * 20_001), "long_text"),
    ],
)
def test_nothing_and_too_much_are_refused(work: WorkDescribed, code: str) -> None:
    with pytest.raises(Refused) as refused:
        services.overlaps_with(SYSTEM, work, NOW)
    assert refused.value.code == code


@pytest.mark.parametrize("number", [1, 3])
def test_check_takes_as_many_queries_for_many(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        store(str(place), f"{GEARS} Once more, number {place}.", investigator="A. Example")
    work = WorkDescribed(title="Work 1 of gear teeth", text=GEARS, lead="A. Example")
    with django_assert_num_queries(6):
        assert len(services.overlaps_with(PUBLIC, work, NOW)) == number
