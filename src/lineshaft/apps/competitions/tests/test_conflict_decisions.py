"""Conflicts of interest that are declared and decided, and the doors that they close."""

from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import (
    Competition,
    Conflict,
    ConflictDecision,
)
from lineshaft.apps.competitions.rules import ConflictKind
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    make_applicant,
)
from lineshaft.apps.competitions.tests.conflicting import (
    Judge,
    close_call,
    make_handed_in,
    make_judge,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_open,
)
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.apps.network.tests.factories import (
    make_person,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

WHY = "As told"
GATED = 2


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


def refused(code: str) -> AbstractContextManager[pytest.ExceptionInfo[Refused]]:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def decide(judge: Judge, conflict: Conflict, outcome: str = "waiver", **more: object) -> Conflict:
    said = {"reason": WHY, "measure": "Abstains", "now": NOW} | more
    return services.decide_conflict(judge.actor, conflict, outcome, **said)  # type: ignore[arg-type] # a test's words


# ------------------------------------------------------------------------------- what is found


def test_subject_declares_their_own_and_is_shut_out(ada: Applicant, call: Competition) -> None:
    made = make_handed_in(call, ada)
    judge = make_judge("Judge", None)
    services.watch_people(SYSTEM, call, [judge.person], now=NOW)
    said = {"kind": ConflictKind.FINANCIAL, "evidence": "Holds shares", "now": NOW}
    with pytest.raises(NotFound):
        services.declare_conflict(judge.actor, made, **said)  # type: ignore[arg-type] # before the call is over
    call = close_call(call)
    conflict = services.declare_conflict(judge.actor, made, **said)  # type: ignore[arg-type] # as above
    assert (conflict.origin, conflict.evidence) == ("declared", {"text": "Holds shares"})
    assert conflict.is_closing
    assert queries.open_to(judge.actor, queries.applications_checked(call), "pk").count() == 0
    with refused("conflict_declared"):
        services.declare_conflict(judge.actor, made, **said)  # type: ignore[arg-type] # as above
    services.check_conflicts(SYSTEM, call, now=NOW)
    assert Conflict.objects.get().cleared_at is None
    assert [one.kind for one in queries.own_conflicts(judge.actor)] == ["financial"]
    assert list(queries.competitions_checking(judge.actor)) == [call]


def test_only_who_is_checked_or_runs_it_declares(ada: Applicant, call: Competition) -> None:
    made = make_handed_in(call, ada)
    call = close_call(call)
    stranger, officer = make_judge("Stranger", None), make_judge()
    said = {"kind": "other", "evidence": WHY, "now": NOW}
    for actor in (stranger.actor, ada.actor):
        with pytest.raises(NotFound):
            services.declare_conflict(actor, made, **said)  # type: ignore[arg-type] # a test's words
    services.declare_conflict(officer.actor, made, person=stranger.person, **said)  # type: ignore[arg-type] # as above
    assert queries.is_subject(stranger.actor, call)
    with pytest.raises(NotPermitted):
        services.declare_conflict(stranger.actor, made, person=officer.person, **said)  # type: ignore[arg-type] # as above
    nobody = make_judge("No person")
    nobody.person.delete()
    with refused("no_person_of_user"):
        services.declare_conflict(nobody.actor, made, **said)  # type: ignore[arg-type] # as above
    for wrong, field in (({"kind": "unwanted"}, "kind"), ({"evidence": " "}, "evidence")):
        with pytest.raises(Invalid) as error:
            services.declare_conflict(officer.actor, made, **(said | wrong))  # type: ignore[arg-type] # as above
        assert [one.field for one in error.value.errors] == [field]
    services.cancel_competition(SYSTEM, call, why=WHY, now=after_deadline(call))
    with refused("competition_is_over"):
        services.declare_conflict(officer.actor, made, person=stranger.person, **said)  # type: ignore[arg-type] # as above


def test_words_of_a_namesake_are_told_to_nobody_and_ones_own_are(
    ada: Applicant, call: Competition
) -> None:
    made = make_handed_in(call, ada)
    call = close_call(call)
    officer, namesake = make_judge("Kim Kent"), make_judge("Kim Kent", None)
    assert officer.actor.label == namesake.actor.label
    services.watch_people(SYSTEM, call, [namesake.person], now=NOW)
    said = {"kind": "other", "now": NOW}
    services.declare_conflict(
        officer.actor,
        made,
        person=namesake.person,
        evidence="Casts for Anvils",
        **said,  # type: ignore[arg-type] # a test's words
    )
    (told,) = queries.own_conflicts(namesake.actor)
    assert queries.words_of_own(told) == ""
    services.declare_conflict(officer.actor, made, evidence="My sister", **said)  # type: ignore[arg-type] # as above
    (own,) = queries.own_conflicts(officer.actor)
    assert queries.words_of_own(own) == "My sister"


def test_upgrade_takes_for_ones_own_what_the_trail_says_they_declared(
    ada: Applicant, call: Competition
) -> None:
    made = make_handed_in(call, ada)
    call = close_call(call)
    officer, namesake = make_judge("Kim Kent"), make_judge("Kim Kent")
    for about in (namesake, officer):  # their own closes it to them
        services.declare_conflict(
            officer.actor, made, person=about.person, kind="other", evidence=WHY, now=NOW
        )
    Conflict.objects.update(is_by_themselves=False)
    name = "lineshaft.apps.competitions.migrations.0006_declared_by_themselves"
    import_module(name).mark_own(apps, None)
    own = Conflict.objects.filter(is_by_themselves=True)
    assert [one.person for one in own] == [officer.person]


# ------------------------------------------------------------------------------- deciding


def test_decision_opens_or_closes_and_each_stays_on_record(
    ada: Applicant, call: Competition
) -> None:
    made = make_handed_in(call, ada)
    judge, officer = make_judge("Judge", None, organisation=ada.organisation), make_judge()
    services.watch_people(SYSTEM, call, [judge.person], now=NOW)
    call = close_call(call)
    conflict = Conflict.objects.get()
    assert queries.conflicted_pairs(call, [judge.person.pk]) == {(made.pk, judge.person.pk)}
    for number, (outcome, is_closed) in enumerate(
        (("recusal", True), ("mitigation", False), ("waiver", False), ("recusal", True))
    ):
        decide(officer, conflict, outcome, seen=number)
        assert queries.is_closed(judge.person.pk, made.pk) is is_closed, outcome
        pairs = {(made.pk, judge.person.pk)} if is_closed else set()
        assert queries.conflicted_pairs(call, [judge.person.pk]) == pairs
    assert [one.outcome for one in ConflictDecision.objects.order_by("pk")] == [
        *("recusal", "mitigation", "waiver", "recusal")
    ]
    event = AuditEvent.objects.filter(verb="decide_conflict").latest("pk")
    assert (event.why, event.changes) == (WHY, {"conflict": conflict.pk, "outcome": "recusal"})
    with pytest.raises(Stale):
        decide(officer, conflict, "waiver", seen=3)
    with refused("no_reason_for_decision"):
        decide(officer, conflict, "waiver", reason=" ")
    with refused("no_measure"):
        decide(officer, conflict, "mitigation", measure=" ")
    for wrong, field in (
        ({"outcome": "open"}, "outcome"),
        ({"outcome": "waiver", "reason": "x" * 1_001}, "reason"),
        ({"outcome": "waiver", "measure": "x" * 1_001}, "measure"),
    ):
        with pytest.raises(Invalid) as error:
            decide(officer, conflict, **wrong)
        assert [one.field for one in error.value.errors] == [field]


def test_nobody_decides_their_own_nor_what_is_closed_or_sealed_to_them(
    ada: Applicant, call: Competition
) -> None:
    make_handed_in(call, ada)
    officer = make_judge(organisation=ada.organisation)
    judge = make_judge("Judge", None, organisation=ada.organisation)
    services.watch_people(SYSTEM, call, [judge.person, officer.person], now=NOW)
    own = Conflict.objects.get(person=officer.person)
    theirs = Conflict.objects.get(person=judge.person)
    colleague = make_judge("Colleague")
    with pytest.raises(NotFound):
        decide(colleague, theirs)  # sealed still
    call = close_call(call)
    with refused("own_conflict"):
        decide(officer, own)
    with pytest.raises(NotFound):
        decide(officer, theirs)  # of an application that is closed to the officer
    with pytest.raises(NotFound):
        decide(make_judge("Nobody", None), theirs)
    with pytest.raises(NotPermitted):
        decide(make_judge("Auditor", Role.AUDITOR), theirs)
    decide(colleague, own)
    decide(officer, theirs)
    with refused("own_conflict"):
        decide(officer, own, "recusal")
    gone = Conflict(pk=0)
    with pytest.raises(NotFound):
        decide(colleague, gone)


def test_cleared_conflict_is_not_decided(ada: Applicant, call: Competition) -> None:
    make_handed_in(call, ada)
    officer = make_judge()
    person = make_person("Judge", organisation=ada.organisation)
    services.watch_people(SYSTEM, call, [person], now=NOW)
    call = close_call(call)
    person.organisation = None
    person.save(update_fields=["organisation"])
    services.check_conflicts(SYSTEM, call, now=after_deadline(call))
    with refused("conflict_cleared"):
        decide(officer, Conflict.objects.get())


# ------------------------------------------------------------------------------- closed doors


def test_conflict_closes_the_application_and_changes_nothing_for_anybody_else(
    call: Competition,
) -> None:
    first = make_handed_in(call)
    second = make_handed_in(call, make_applicant("Bea", "Brass Works"), title="Brass")
    officer, colleague = make_judge(), make_judge("Colleague")
    call = close_call(call)

    def seen(actor: Actor) -> list[int]:
        rows = queries.submissions_visible_to(actor, call)
        return list(rows.values_list("application_id", flat=True))

    both = [first.pk, second.pk]
    assert seen(officer.actor) == seen(colleague.actor) == seen(SYSTEM) == both
    services.declare_conflict(
        officer.actor, first, kind="personal", evidence="A cousin", now=after_deadline(call)
    )
    assert seen(officer.actor) == [second.pk]
    assert seen(colleague.actor) == seen(SYSTEM) == both
    hidden = queries.submissions_opened(call).get(application=first)
    with pytest.raises(NotFound):
        queries.submission_by_id(officer.actor, call, hidden.pk)
    rows = queries.applications_checked(call)
    assert set(queries.open_to(officer.actor, rows, "pk")) == {second}
    assert set(queries.open_to(colleague.actor, rows, "pk")) == {first, second}
    assert set(queries.open_to(SYSTEM, rows, "pk")) == {first, second}
    assert set(queries.open_to(Actor.public(), rows, "pk")) == {first, second}
    assert [one.kind for one in queries.conflicts_withheld(officer.actor, call)] == ["personal"]
    assert list(queries.conflicts_withheld(colleague.actor, call)) == []
    assert list(queries.conflicts_withheld(make_judge("X", None).actor, call)) == []


def test_open_to_asks_one_query(
    call: Competition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_handed_in(call)
    officer = make_judge()
    with django_assert_num_queries(1):
        assert len(queries.open_to(officer.actor, queries.applications_checked(call), "pk")) == 1


def test_everybody_reads_how_many_there_were_once_the_results_are_published(
    ada: Applicant, call: Competition
) -> None:
    make_handed_in(call, ada)
    officer, person = make_judge(), make_person("Judge", organisation=ada.organisation)
    services.watch_people(SYSTEM, call, [person], now=NOW)
    over = after_deadline(call)
    for _stage in range(3):
        call = services.begin_review(SYSTEM, call, now=over)
        if call.stage_number == GATED:
            let_on(call, GATED, now=over)
    decide(officer, Conflict.objects.get(person=person), "recusal")
    services.begin_selection(SYSTEM, call, now=over)
    outcomes = dict.fromkeys(
        call.applications.values_list("pk", flat=True), rules.Outcome.NOT_SELECTED
    )
    services.decide_competition(SYSTEM, call, "None.", outcomes=outcomes, now=over)
    assert queries.published_conflicts(call) is None
    call = services.publish_results(SYSTEM, call, now=over)
    assert queries.published_conflicts(call) == queries.ConflictCounts(1, 0, 1, 0, 0)
    with refused("competition_is_over"):
        decide(officer, Conflict.objects.get(person=person))
