from datetime import timedelta

import pytest
from django.db import IntegrityError

from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.services import give_person_user, register_person
from lineshaft.apps.network.tests.factories import make_organisation, make_technology_area
from lineshaft.apps.reviewing import queries, services
from lineshaft.apps.reviewing.models import Reviewer, ReviewerText
from lineshaft.apps.reviewing.queries import PoolSearch
from lineshaft.apps.reviewing.rules import Sector, TextRow
from lineshaft.apps.reviewing.services import OwnTerms, ReviewerRow, ReviewingTerms
from lineshaft.apps.reviewing.tests.factories import (
    actor_of_reviewer,
    make_reviewer,
    make_reviewing_user,
    make_seat,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TERMS = ReviewingTerms(Sector.ACADEMIA, ("robotics",), 4, "Grippers.")
KEEPERS = [
    make_actor(Role.PROGRAMME_OFFICER, user_id=9_001),
    make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE", user_id=9_002),
    make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift", user_id=9_003),
]
OTHERS = [
    make_actor(Role.AUDITOR),
    make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "lift"),
    make_actor(Role.REVIEWER),
    make_actor(Role.LEARNER),
    make_actor(Role.PROGRAMME_OFFICER, token_scopes=frozenset({"read"})),
    Actor.public(),
]


def row_of(email: str = "rita@example.org", **changes: object) -> ReviewerRow:
    given = {"name": "Rita Reviewer", "terms": TERMS} | changes
    return ReviewerRow(email, **given)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def robotics() -> None:
    make_technology_area("robotics")


@pytest.mark.parametrize("actor", KEEPERS, ids=lambda one: next(iter(one.grants)).role)
def test_whoever_runs_a_competition_adds_somebody_new(actor: Actor) -> None:
    firm = make_organisation("Anvil Works")
    made = services.add_reviewer(actor, row_of(" Rita@Example.org ", organisation=firm), now=NOW)
    stored = Reviewer.objects.get()
    person = Person.objects.get()
    assert made == stored
    assert (person.name, person.email, person.organisation) == (
        "Rita Reviewer",
        "Rita@Example.org",
        firm,
    )
    assert (stored.sector, stored.load_most, stored.statement) == ("academia", 4, "Grippers.")
    assert [area.key for area in stored.technology_areas.all()] == ["robotics"]
    assert (stored.is_political_appointee, stored.is_active) == (None, True)
    event = AuditEvent.objects.get(verb="add_reviewer")
    assert (event.changes, event.institute) == ({"person": person.pk}, "")


@pytest.mark.parametrize("actor", OTHERS)
def test_others_keep_nothing_of_the_pool(actor: Actor) -> None:
    reviewer = make_reviewer()
    with pytest.raises(NotPermitted):
        services.add_reviewer(actor, row_of(), now=NOW)
    with pytest.raises(NotPermitted):
        services.add_reviewers(actor, [row_of()], now=NOW)
    with pytest.raises(NotPermitted):
        services.edit_reviewer(actor, reviewer, TERMS, now=NOW)
    with pytest.raises(NotPermitted):
        services.retire_reviewer(actor, reviewer, why="Moved.", now=NOW)
    with pytest.raises(NotPermitted):
        services.restore_reviewer(actor, reviewer, now=NOW)
    with pytest.raises(NotPermitted):
        services.give_reviewer_access(actor, reviewer, now=NOW)
    assert Reviewer.objects.count() == 1


def test_person_of_the_registry_becomes_a_reviewer_once() -> None:
    person = register_person(SYSTEM, "Rita Registered", email="rita@example.org", now=NOW)
    made = services.add_reviewer(SYSTEM, row_of("RITA@example.org"), now=NOW)
    assert (made.person, made.person.name) == (person, "Rita Registered")
    with pytest.raises(Refused) as error:
        services.add_reviewer(SYSTEM, row_of(), now=NOW)
    assert error.value.code == "reviewer_already"
    assert (Person.objects.count(), Reviewer.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (row_of(" "), "email"),
        (row_of("no address"), "email"),
        (row_of(name=""), "name"),
        (row_of(terms=ReviewingTerms("circus")), "sector"),
        (row_of(terms=ReviewingTerms("industry", load_most=0)), "load_most"),
        (row_of(terms=ReviewingTerms("industry", ("magic",))), "areas"),
        (row_of(terms=ReviewingTerms("industry", statement="x" * 4_001)), "statement"),
    ],
)
def test_reviewer_with_a_fault_is_not_stored(row: ReviewerRow, field: str) -> None:
    with pytest.raises(Invalid) as error:
        services.add_reviewer(SYSTEM, row, now=NOW)
    assert [fault.field for fault in error.value.errors] == [field]
    assert not Person.objects.exists()


def test_list_adds_and_edits_and_changes_nothing_a_second_time() -> None:
    known = make_reviewer(email="known@example.org", sector=Sector.INDUSTRY)
    rows = [row_of(number=2), row_of("Known@example.org", number=3)]
    first = services.add_reviewers(SYSTEM, rows, now=NOW, why="list")
    assert (first.created, first.updated, first.unchanged) == (1, 1, 0)
    known.refresh_from_db()
    assert (known.sector, known.load_most, known.revision) == ("academia", 4, 1)
    second = services.add_reviewers(SYSTEM, rows, now=NOW, why="list")
    assert (second.created, second.updated, second.unchanged) == (0, 0, 2)
    event = AuditEvent.objects.get(verb="add_reviewers")
    assert (event.count, event.why) == (2, "list")


def test_list_with_faults_stores_nothing_and_names_the_rows() -> None:
    rows = [row_of(number=2), row_of("RITA@example.org", number=3), row_of("", number=4)]
    with pytest.raises(Invalid) as error:
        services.add_reviewers(SYSTEM, rows, now=NOW)
    assert [(fault.row, fault.field) for fault in error.value.errors] == [
        (3, "email"),
        (4, "email"),
    ]
    assert not Reviewer.objects.exists()


def test_record_is_edited_and_a_stale_edit_refused() -> None:
    reviewer = make_reviewer()
    services.edit_reviewer(SYSTEM, reviewer, TERMS, now=NOW, seen=0)
    reviewer.refresh_from_db()
    assert (reviewer.sector, reviewer.load_most, reviewer.revision) == ("academia", 4, 1)
    event = AuditEvent.objects.get(verb="edit_reviewer")
    assert event.changes == {
        "person": reviewer.person_id,
        "sector": "academia",
        "load_most": 4,
        "statement": "changed",
        "areas": ["robotics"],
    }
    with pytest.raises(Stale):
        services.edit_reviewer(SYSTEM, reviewer, TERMS, now=NOW, seen=0)
    services.edit_reviewer(SYSTEM, reviewer, TERMS, now=NOW, seen=1)
    assert AuditEvent.objects.filter(verb="edit_reviewer").count() == 1
    with pytest.raises(Invalid):
        services.edit_reviewer(SYSTEM, reviewer, ReviewingTerms("circus"), now=NOW)


def test_record_that_is_gone_is_not_found() -> None:
    reviewer = make_reviewer()
    Reviewer.objects.filter(pk=reviewer.pk).delete()
    with pytest.raises(NotFound):
        services.edit_reviewer(SYSTEM, reviewer, TERMS, now=NOW)


def test_reviewer_is_retired_and_restored_once_each() -> None:
    reviewer = make_reviewer()
    with pytest.raises(Invalid):
        services.retire_reviewer(SYSTEM, reviewer, why=" ", now=NOW)
    with pytest.raises(Refused) as error:
        services.restore_reviewer(SYSTEM, reviewer, now=NOW)
    assert error.value.code == "active_already"
    assert not services.retire_reviewer(SYSTEM, reviewer, why="Moved.", now=NOW).is_active
    with pytest.raises(Refused) as error:
        services.retire_reviewer(SYSTEM, reviewer, why="Moved.", now=NOW)
    assert error.value.code == "retired_already"
    assert services.restore_reviewer(SYSTEM, reviewer, now=NOW).is_active
    assert AuditEvent.objects.get(verb="retire_reviewer").why == "Moved."


def test_reviewer_edits_the_own_profile_and_declares() -> None:
    reviewer = make_reviewing_user(sector=Sector.GOVERNMENT)
    actor = actor_of_reviewer(reviewer)
    said = OwnTerms(("robotics",), 3, " Presses. ", is_political_appointee=True)
    services.edit_own_reviewing(actor, reviewer, said, now=NOW, seen=0)
    reviewer.refresh_from_db()
    assert (reviewer.sector, reviewer.load_most, reviewer.statement) == (
        "government",
        3,
        "Presses.",
    )
    assert (reviewer.is_political_appointee, reviewer.declared_at) == (True, NOW)
    later = NOW + timedelta(days=1)
    services.edit_own_reviewing(actor, reviewer, OwnTerms(("robotics",), 3, "Presses."), now=later)
    reviewer.refresh_from_db()
    assert (reviewer.is_political_appointee, reviewer.declared_at) == (True, NOW)
    assert AuditEvent.objects.filter(verb="edit_own_reviewing").count() == 1
    with pytest.raises(Invalid):
        services.edit_own_reviewing(actor, reviewer, OwnTerms(load_most=0), now=NOW)


def test_profile_of_somebody_else_stays_as_it_is() -> None:
    reviewer, other = make_reviewing_user(), make_reviewing_user("Olga Other")
    with pytest.raises(NotFound):
        services.edit_own_reviewing(actor_of_reviewer(other), reviewer, OwnTerms(), now=NOW)
    with pytest.raises(NotPermitted):
        services.edit_own_reviewing(KEEPERS[0], reviewer, OwnTerms(), now=NOW)
    with pytest.raises(NotPermitted):
        services.edit_own_reviewing(Actor.public(), reviewer, OwnTerms(), now=NOW)


def test_texts_are_added_replaced_and_taken_off() -> None:
    reviewer = make_reviewing_user()
    actor = actor_of_reviewer(reviewer)
    rows = [TextRow("  Welds  of metals ", " We weld. ", 2019), TextRow("Presses")]
    done = services.add_reviewer_texts(actor, reviewer, rows, now=NOW)
    assert (done.created, done.updated, done.unchanged) == (2, 0, 0)
    again = [TextRow("Welds of metals", "We weld.", 2019), TextRow("Presses", "", 1998)]
    done = services.add_reviewer_texts(KEEPERS[1], reviewer, again, now=NOW)
    assert (done.created, done.updated, done.unchanged) == (0, 1, 1)
    done = services.add_reviewer_texts(actor, reviewer, again, now=NOW)
    assert (done.created, done.updated, done.unchanged) == (0, 0, 2)
    texts = [(one.title, one.text, one.year) for one in queries.texts_of(reviewer)]
    assert texts == [("Welds of metals", "We weld.", 2019), ("Presses", "", 1998)]
    assert AuditEvent.objects.filter(verb="add_reviewer_texts").count() == 2
    gone = reviewer.texts.get(title="Presses")
    services.remove_reviewer_text(actor, gone, now=NOW)
    with pytest.raises(NotFound):
        services.remove_reviewer_text(actor, gone, now=NOW)
    assert [one.title for one in reviewer.texts.all()] == ["Welds of metals"]


def test_title_twice_in_a_list_is_one_text() -> None:
    reviewer = make_reviewer()
    rows = [TextRow("Presses", "Old."), TextRow("Presses", "New.")]
    assert services.add_reviewer_texts(SYSTEM, reviewer, rows, now=NOW).created == 1
    assert reviewer.texts.get().text == "New."


def test_texts_with_a_fault_are_not_stored() -> None:
    reviewer = make_reviewer()
    with pytest.raises(Invalid):
        services.add_reviewer_texts(
            SYSTEM, reviewer, [TextRow("Presses"), TextRow("x" * 301)], now=NOW
        )
    assert not ReviewerText.objects.exists()


@pytest.mark.parametrize(
    ("actor", "expected"),
    [(make_actor(Role.AUDITOR), NotPermitted), (make_actor(Role.REVIEWER), NotFound)],
)
def test_texts_of_others_are_not_written(actor: Actor, expected: type[Exception]) -> None:
    reviewer = make_reviewer()
    services.add_reviewer_texts(SYSTEM, reviewer, [TextRow("Presses")], now=NOW)
    with pytest.raises(expected):
        services.add_reviewer_texts(actor, reviewer, [TextRow("Welds")], now=NOW)
    with pytest.raises(expected):
        services.remove_reviewer_text(actor, reviewer.texts.get(), now=NOW)
    assert reviewer.texts.count() == 1


def test_reviewer_is_let_in_as_a_new_user_by_mail() -> None:
    reviewer = make_reviewer(email="rita@example.org")
    services.give_reviewer_access(KEEPERS[0], reviewer, now=NOW)
    user = User.objects.get(email="rita@example.org")
    assert Person.objects.get(pk=reviewer.person_id).user == user
    assert OutboxMessage.objects.get().recipient == "rita@example.org"
    with pytest.raises(Refused) as error:
        services.give_reviewer_access(KEEPERS[0], reviewer, now=NOW)
    assert error.value.code == "has_user"


def test_reviewer_is_let_in_as_the_user_of_the_address() -> None:
    user = make_user("Rita Reviewer")
    reviewer = make_reviewer(email=user.email)
    services.give_reviewer_access(KEEPERS[0], reviewer, now=NOW)
    assert Person.objects.get(pk=reviewer.person_id).user == user
    assert not OutboxMessage.objects.exists()


def test_invented_reviewer_gets_no_mail_and_one_without_an_address_no_user() -> None:
    row = row_of("rita@example.org", is_demonstration=True)
    services.give_reviewer_access(KEEPERS[0], services.add_reviewer(SYSTEM, row, now=NOW), now=NOW)
    assert User.objects.filter(email="rita@example.org").exists()
    assert not OutboxMessage.objects.exists()
    nobody = make_reviewer("Nora")
    Person.objects.filter(pk=nobody.person_id).update(email="")
    with pytest.raises(Refused) as error:
        services.give_reviewer_access(KEEPERS[0], nobody, now=NOW)
    assert error.value.code == "no_address"


def test_person_signs_in_as_one_user_and_a_user_is_one_person() -> None:
    first, second = make_reviewing_user(), make_reviewer("Sally Second")
    with pytest.raises(Invalid) as error:
        give_person_user(SYSTEM, first.person, make_user(), now=NOW)
    assert [fault.field for fault in error.value.errors] == ["person"]
    user = User.objects.get(person=first.person)
    with pytest.raises(Invalid) as error:
        give_person_user(SYSTEM, second.person, user, now=NOW)
    assert [fault.field for fault in error.value.errors] == ["user"]
    with pytest.raises(NotPermitted):
        give_person_user(KEEPERS[2], second.person, make_user(), now=NOW)
    with pytest.raises(NotFound):
        give_person_user(SYSTEM, Person(pk=0), make_user(), now=NOW)


def collide(*_args: object, **_kwargs: object) -> None:
    """As if somebody else had stored the same after this one was checked."""
    raise IntegrityError


def test_second_of_two_who_add_somebody_in_one_moment_is_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register_person(SYSTEM, "Rita", email="rita@example.org", now=NOW)
    monkeypatch.setattr(Reviewer.objects, "create", collide)
    with pytest.raises(Stale):
        services.add_reviewer(SYSTEM, row_of(), now=NOW)
    with pytest.raises(Stale):
        services.add_reviewers(SYSTEM, [row_of()], now=NOW)


def test_user_given_to_two_people_in_one_moment_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    reviewer = make_reviewer()
    monkeypatch.setattr(Person, "save", collide)
    with pytest.raises(Stale):
        give_person_user(SYSTEM, reviewer.person, make_user(), now=NOW)


@pytest.mark.parametrize("actor", [*KEEPERS, make_actor(Role.AUDITOR), SYSTEM])
def test_pool_is_read_by_who_runs_competitions_and_by_the_network(actor: Actor) -> None:
    reviewer = make_reviewer()
    assert list(queries.reviewers_visible_to(actor)) == [reviewer]
    assert queries.reviewer_by_id(actor, reviewer.pk) == reviewer


def test_reviewer_reads_the_own_record_alone() -> None:
    own, other = make_reviewing_user(), make_reviewing_user("Olga Other")
    unknown = make_reviewer("Una Unknown")
    services.add_reviewer_texts(SYSTEM, other, [TextRow("Presses")], now=NOW)
    actor = actor_of_reviewer(own)
    assert list(queries.reviewers_visible_to(actor)) == [own]
    assert queries.own_reviewing(actor) == own
    for hidden in (other, unknown):
        with pytest.raises(NotFound):
            queries.reviewer_by_id(actor, hidden.pk)
    with pytest.raises(NotFound):
        queries.text_by_id(actor, other.texts.get().pk)
    with pytest.raises(NotFound):
        queries.reviewers_by_ids(actor, [own.pk, other.pk])
    assert queries.reviewers_by_address(actor, [other.person.email]) == {}
    assert list(queries.reviewers_found(actor, PoolSearch(activity="all"))) == [own]
    stranger = make_actor(user_id=make_user().pk)
    assert not queries.reviewers_visible_to(stranger).exists()
    assert not queries.reviewers_visible_to(Actor.public()).exists()
    assert queries.own_reviewing(Actor.public()) is None


@pytest.mark.parametrize(
    ("search", "names"),
    [
        (PoolSearch(), ["Alma", "Bert"]),
        (PoolSearch(activity="retired"), ["Carl"]),
        (PoolSearch(activity="all"), ["Alma", "Bert", "Carl"]),
        (PoolSearch("alm"), ["Alma"]),
        (PoolSearch("bert@"), ["Bert"]),
        (PoolSearch("grippers"), ["Alma"]),
        (PoolSearch("weld"), ["Bert"]),
        (PoolSearch(area="robotics"), ["Alma"]),
        (PoolSearch(sector="industry"), ["Bert"]),
        (PoolSearch(employer="anvil"), ["Bert"]),
        (PoolSearch(load_least=5), ["Bert"]),
        (PoolSearch("alma", sector="industry"), []),
    ],
)
def test_pool_is_narrowed(search: PoolSearch, names: list[str]) -> None:
    make_reviewer(
        "Alma", sector=Sector.ACADEMIA, areas=("robotics",), load_most=4, statement="Grippers."
    )
    bert = make_reviewer(
        "Bert", email="bert@x.example", organisation=make_organisation("Anvil Works")
    )
    services.add_reviewer_texts(SYSTEM, bert, [TextRow("Bonds", "We weld.")], now=NOW)
    carl = make_reviewer("Carl", sector=Sector.NON_PROFIT, load_most=1)
    services.retire_reviewer(SYSTEM, carl, why="Moved.", now=NOW)
    found = queries.reviewers_found(SYSTEM, search).order_by("person__name")
    assert [one.person.name for one in found] == names


def test_record_counts_texts_and_panels_that_still_judge() -> None:
    reviewer = make_reviewing_user()
    services.add_reviewer_texts(SYSTEM, reviewer, [TextRow("A"), TextRow("B")], now=NOW)
    seat = make_seat(reviewer=reviewer)
    over = make_seat(reviewer=reviewer)
    over.stage.began_at = over.stage.ended_at = NOW
    over.stage.save()
    found = queries.reviewer_by_id(SYSTEM, reviewer.pk)
    assert (found.texts_held, found.panels_held) == (2, 1)  # type: ignore[attr-defined]
    assert list(queries.seats_held_by(SYSTEM, reviewer)) == [over, seat]
