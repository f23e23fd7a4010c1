"""Who goes on after a judged stage: decided, told, and enforced from then on."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from pytest_django import Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
    StageOutcome,
    Submission,
)
from lineshaft.apps.competitions.rules import StageResult
from lineshaft.apps.competitions.services import OutcomeTerms
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_open,
    stage_of,
)
from lineshaft.apps.competitions.tests.judging import (
    attach_all,
    let_on,
    make_submitted,
)
from lineshaft.kernel.competitions import StageGate, StageKind
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

GOES_ON = OutcomeTerms(
    StageResult.GOES_ON, advice="Bring a foundry in.", advice_zh="请引入铸造厂。"
)
ENDS = OutcomeTerms(StageResult.ENDS_HERE, "Too narrow")


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def call() -> Competition:
    """Of two steps, with a gate `invited` after the first review."""
    return make_open(agencies=("DOC",))


def judging(call: Competition) -> Stage:
    """The stage with the gate, once its review has begun."""
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    return stage_of(call, 2)


def refusal_of(caught: pytest.ExceptionInfo[Refused]) -> str:
    return str(caught.value.code)


# --------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("kind", "gate", "results"),
    [
        (StageKind.REVIEW, StageGate.OPEN, ()),
        (StageKind.REVIEW, StageGate.INVITED, (StageResult.GOES_ON, StageResult.ENDS_HERE)),
        (
            StageKind.VISIT,
            StageGate.ENCOURAGED,
            (StageResult.ENCOURAGED, StageResult.DISCOURAGED),
        ),
        (StageKind.SUBMISSION, StageGate.INVITED, ()),
    ],
)
def test_outcomes_follow_from_the_gate_of_a_judged_stage(
    kind: StageKind, gate: StageGate, results: tuple[StageResult, ...]
) -> None:
    assert rules.results_of(kind, gate) == results


@pytest.mark.parametrize(
    ("undecided", "untold", "is_settled", "code", "words"),
    [
        (0, 0, True, None, ""),
        (1, 0, False, "outcomes_undecided", "One application of “Review” has no outcome"),
        (3, 2, False, "outcomes_undecided", "3 applications of “Review” have no outcome"),
        (0, 1, False, "outcomes_untold", "One application of “Review” was not told"),
        (0, 2, False, "outcomes_untold", "2 applications of “Review” were not told"),
        (0, 0, False, "gate_closed", "closed to you by a conflict of interest"),
    ],
)
def test_stage_behind_a_gate_waits_until_everything_is_told(
    undecided: int, untold: int, *, is_settled: bool, code: str | None, words: str
) -> None:
    found = rules.refuse_going_on(
        "Review", undecided=undecided, untold=untold, is_settled=is_settled
    )
    assert (found.code if found else None) == code
    if found:
        assert words in found.as_text(str)


# ----------------------------------------------------------------------------- what a stage judges


def test_stage_judges_what_was_handed_in_before_it_once_that_is_opened(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    first = make_submitted(call, ada)
    gone = make_submitted(call, make_applicant("Bea", "Brass Works"))
    stage = stage_of(call, 2)
    assert list(queries.applications_judged(programme_officer, stage)) == []
    assert list(queries.applications_judged(None, stage)) == []
    judging(call)
    services.withdraw_from_competition(
        SYSTEM, gone.application, why="A partner left", now=after_deadline(call)
    )
    assert list(queries.applications_judged(programme_officer, stage)) == [first]
    assert list(queries.applications_judged(None, stage)) == [first]
    for actor in (
        ada.actor,
        Actor.public(),
        make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
    ):
        assert list(queries.applications_judged(actor, stage)) == []


def test_last_version_is_judged(ada: Applicant, call: Competition) -> None:
    first = make_submitted(call, ada)
    services.write_section(ada.actor, first.application, "need", "Anew.", now=NOW)
    second = services.submit_application(ada.actor, first.application, now=NOW)
    assert list(queries.applications_judged(None, judging(call))) == [second]


@pytest.mark.database
def test_later_stage_judges_who_was_told_that_they_go_on_and_handed_in_again(
    call: Competition,
) -> None:
    people = [make_applicant(f"Person {place}", f"Works {place}") for place in range(3)]
    on, idle, out = (make_submitted(call, one).application for one in people)
    judging(call)
    now = let_on(call, but=[out])
    services.call_applications(SYSTEM, call, now=now)
    attach_all(people[0], on, 3, now)
    again = services.submit_application(people[0].actor, on, now=now)
    services.begin_review(SYSTEM, call, now=after_deadline(call, 3))
    assert list(queries.applications_judged(None, stage_of(call, 4))) == [again]
    assert idle.submissions.count() == 1


def test_draft_opens_no_gate(ada: Applicant) -> None:
    call = make_open(template="four_stage", agencies=("DOC",))
    made = make_submitted(call, ada)
    stage, visit = judging(call), stage_of(call, 3)
    services.decide_stage_outcomes(SYSTEM, stage, [made.application_id], GOES_ON, now=NOW)
    assert list(queries.applications_judged(None, visit)) == []
    services.tell_stage_outcomes(SYSTEM, stage, now=NOW)
    assert list(queries.applications_judged(None, visit)) == [made]


# ------------------------------------------------------------------------------ deciding, telling


@pytest.mark.database
def test_outcome_is_a_draft_until_it_is_told_and_stands_from_then_on(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    made = make_submitted(call, ada).application
    stage = judging(call)
    now = after_deadline(call, 2)
    (outcome,) = services.decide_stage_outcomes(programme_officer, stage, [made.pk], ENDS, now=now)
    assert (outcome.outcome, outcome.reason, outcome.told_at) == ("ends_here", "Too narrow", None)
    assert list(queries.outcomes_told(made)) == []
    services.decide_stage_outcomes(programme_officer, stage, [made.pk], GOES_ON, now=now)
    outcome.refresh_from_db()
    assert (outcome.outcome, outcome.revision) == ("goes_on", 2)
    OutboxMessage.objects.all().delete()
    assert services.tell_stage_outcomes(programme_officer, stage, now=now) == 1
    (told,) = queries.outcomes_told(made)
    assert (told.advice, told.told_at) == ("Bring a foundry in.", now)
    (message,) = OutboxMessage.objects.all()
    assert message.recipient == ada.user.email
    assert "Outcome: Goes on" in message.body
    assert "Bring a foundry in." in message.body
    assert "Too narrow" not in message.body
    with pytest.raises(Refused) as caught:
        services.decide_stage_outcomes(programme_officer, stage, [made.pk], ENDS, now=now)
    assert refusal_of(caught) == "outcome_told"
    for change in (
        lambda: StageOutcome.objects.update(outcome="ends_here"),
        lambda: StageOutcome.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    events = AuditEvent.objects.filter(verb__contains="stage_outcomes").order_by("pk")
    assert [(one.verb, one.changes) for one in events] == [
        ("decide_stage_outcomes", {"stage": 2}),
        ("decide_stage_outcomes", {"stage": 2}),
        ("tell_stage_outcomes", {"stage": 2}),
    ]


def test_message_of_an_outcome_comes_in_the_language_of_its_reader(
    ada: Applicant, call: Competition
) -> None:
    ada.user.language = "zh-hans"
    ada.user.save()
    make_submitted(call, ada)
    judging(call)
    stage = stage_of(call, 2)
    ids = list(queries.applications_judged(None, stage).values_list("application", flat=True))
    services.decide_stage_outcomes(SYSTEM, stage, ids, GOES_ON, now=NOW)
    OutboxMessage.objects.all().delete()
    services.tell_stage_outcomes(SYSTEM, stage, now=NOW)
    assert "请引入铸造厂。" in OutboxMessage.objects.get().body


def test_nobody_without_an_address_and_no_demonstration_gets_a_message(
    ada: Applicant, call: Competition
) -> None:
    first = make_submitted(call, ada).application
    bea = make_applicant("Bea", "Brass Works")
    make_submitted(call, bea)
    Application.objects.filter(pk=first.pk).update(is_demonstration=True)
    bea.user.email = ""
    bea.user.save()
    judging(call)
    OutboxMessage.objects.all().delete()
    let_on(call)
    assert OutboxMessage.objects.count() == 0
    assert StageOutcome.objects.filter(told_at__isnull=False).count() == 2


def test_same_outcome_again_changes_nothing(ada: Applicant, call: Competition) -> None:
    made = make_submitted(call, ada).application
    stage = judging(call)
    services.decide_stage_outcomes(SYSTEM, stage, [made.pk], ENDS, now=NOW)
    later = NOW + timedelta(hours=1)
    (same,) = services.decide_stage_outcomes(SYSTEM, stage, [made.pk], ENDS, now=later)
    assert (same.revision, same.decided_at) == (1, NOW)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (OutcomeTerms("encouraged"), "outcome"),
        (OutcomeTerms("ends_here"), "reason"),
        (OutcomeTerms("goes_on", "x" * (rules.ADVICE_MAX + 1)), "reason"),
        (OutcomeTerms("goes_on", advice="x" * (rules.ADVICE_MAX + 1)), "advice"),
        (OutcomeTerms("goes_on", advice_zh="x" * (rules.ADVICE_MAX + 1)), "advice_zh"),
    ],
)
def test_what_can_not_be_decided_is_named_by_its_field(
    ada: Applicant, call: Competition, terms: OutcomeTerms, field: str
) -> None:
    made = make_submitted(call, ada).application
    stage = judging(call)
    with pytest.raises(Invalid) as caught:
        services.decide_stage_outcomes(SYSTEM, stage, [made.pk], terms, now=NOW)
    assert [fault.field for fault in caught.value.errors] == [field]
    assert StageOutcome.objects.count() == 0


def test_deciding_on_nobody_is_refused(call: Competition) -> None:
    with pytest.raises(Invalid) as caught:
        services.decide_stage_outcomes(SYSTEM, judging(call), [], GOES_ON, now=NOW)
    assert [fault.field for fault in caught.value.errors] == ["applications"]


def test_outcome_decided_meanwhile_is_not_overwritten(ada: Applicant, call: Competition) -> None:
    made = make_submitted(call, ada).application
    stage, read_at = judging(call), after_deadline(call, 2)
    later = read_at + timedelta(minutes=1)
    services.decide_stage_outcomes(SYSTEM, stage, [made.pk], ENDS, seen=read_at, now=later)
    with pytest.raises(Stale):
        services.decide_stage_outcomes(SYSTEM, stage, [made.pk], GOES_ON, seen=read_at, now=later)
    services.decide_stage_outcomes(SYSTEM, stage, [made.pk], GOES_ON, seen=later, now=later)
    assert StageOutcome.objects.get().outcome == "goes_on"


def test_two_officers_who_decide_at_once_leave_one_outcome(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    made = make_submitted(call, ada).application
    stage, read_at = judging(call), after_deadline(call, 2)
    second = make_actor(Role.PROGRAMME_OFFICER, user_id=900)
    later = read_at + timedelta(seconds=1)
    services.decide_stage_outcomes(
        programme_officer, stage, [made.pk], ENDS, seen=read_at, now=later
    )
    with pytest.raises(Stale):
        services.decide_stage_outcomes(second, stage, [made.pk], GOES_ON, seen=read_at, now=later)
    assert StageOutcome.objects.get().outcome == "ends_here"


def test_application_that_is_not_judged_there_has_no_outcome(
    ada: Applicant, call: Competition
) -> None:
    elsewhere = make_submitted(make_open(agencies=("DOC",)), ada).application
    stage = judging(call)
    with pytest.raises(NotFound):
        services.decide_stage_outcomes(SYSTEM, stage, [elsewhere.pk], GOES_ON, now=NOW)


def test_only_who_runs_the_competition_decides_and_tells(ada: Applicant, call: Competition) -> None:
    made = make_submitted(call, ada).application
    stage = judging(call)
    for actor in (ada.actor, make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")):
        with pytest.raises(NotPermitted):
            services.decide_stage_outcomes(actor, stage, [made.pk], GOES_ON, now=NOW)
        with pytest.raises(NotPermitted):
            services.tell_stage_outcomes(actor, stage, now=NOW)
    sponsor = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC", user_id=900)
    assert services.decide_stage_outcomes(sponsor, stage, [made.pk], GOES_ON, now=NOW)


def test_stage_without_a_gate_has_no_outcomes(ada: Applicant, call: Competition) -> None:
    make_submitted(call, ada)
    judging(call)
    with pytest.raises(Refused) as caught:
        services.tell_stage_outcomes(SYSTEM, stage_of(call, 4), now=NOW)
    assert refusal_of(caught) == "no_gate"
    with pytest.raises(NotFound):
        queries.gated_stage(call, 4)


def test_outcomes_wait_for_the_stage_and_end_with_the_selection(ada: Applicant) -> None:
    call = make_open(template="four_stage", agencies=("DOC",))
    made = make_submitted(call, ada).application
    stage = stage_of(call, 2)
    with pytest.raises(Refused) as caught:
        services.decide_stage_outcomes(SYSTEM, stage, [made.pk], GOES_ON, now=NOW)
    assert refusal_of(caught) == "stage_not_begun"
    judging(call)
    with pytest.raises(Refused) as caught:
        services.tell_stage_outcomes(SYSTEM, stage, now=NOW)
    assert refusal_of(caught) == "outcomes_undecided"
    let_on(call)
    with pytest.raises(Refused) as caught:
        services.tell_stage_outcomes(SYSTEM, stage, now=NOW)
    assert refusal_of(caught) == "nothing_to_tell"
    for number in (2, 3):
        services.begin_review(SYSTEM, call, now=after_deadline(call, number))
    services.begin_selection(SYSTEM, call, now=after_deadline(call, 4))
    with pytest.raises(Refused) as caught:
        services.tell_stage_outcomes(SYSTEM, stage, now=NOW)
    assert refusal_of(caught) == "outcomes_over"


# --------------------------------------------------------------------------------- what follows


def test_next_stage_waits_for_what_is_decided_and_told(ada: Applicant, call: Competition) -> None:
    first = make_submitted(call, ada).application
    second = make_submitted(call, make_applicant("Bea", "Brass Works")).application
    stage, now = judging(call), after_deadline(call, 2)
    for ids, code, words in (
        ([], "outcomes_undecided", "2 applications"),
        ([first.pk], "outcomes_undecided", "One application"),
        ([second.pk], "outcomes_untold", "2 applications"),
    ):
        if ids:
            services.decide_stage_outcomes(SYSTEM, stage, ids, GOES_ON, now=now)
        with pytest.raises(Refused) as caught:
            services.call_applications(SYSTEM, call, now=now)
        assert refusal_of(caught) == code
        assert words in str(caught.value)
    services.tell_stage_outcomes(SYSTEM, stage, now=now)
    assert services.call_applications(SYSTEM, call, now=now).state == rules.OPEN


@pytest.mark.database
def test_only_who_was_invited_hands_in_at_the_next_call(call: Competition) -> None:
    people = [make_applicant(f"Person {place}", f"Works {place}") for place in range(2)]
    on, out = (make_submitted(call, one).application for one in people)
    judging(call)
    now = let_on(call, but=[out])
    services.call_applications(SYSTEM, call, now=now)
    assert list(queries.applications_due(people[0].actor, now=now)) == [on]
    assert list(queries.applications_due(people[1].actor, now=now)) == []
    for who, made in zip(people, (on, out), strict=True):
        attach_all(who, made, 3, now)
    assert services.submit_application(people[0].actor, on, now=now).stage.number == 3
    with pytest.raises(Refused) as caught:
        services.submit_application(people[1].actor, out, now=now)
    assert refusal_of(caught) == "not_invited"
    assert "Review of concept papers" in str(caught.value)
    assert Submission.objects.filter(application=out).count() == 1
    carl = make_applicant("Carl", "Copper Works")
    with pytest.raises(Refused) as caught:
        services.start_application(carl.actor, call, carl.organisation, title="Late", now=now)
    assert refusal_of(caught) == "left_out_stage"


def test_discouraged_applicant_may_hand_in_all_the_same(ada: Applicant) -> None:
    call = make_open(template="concept_and_replies", agencies=("DOC",))
    made = make_submitted(call, ada).application
    judging(call)
    now = let_on(call, result=StageResult.ENCOURAGED, but=[made])
    services.call_applications(SYSTEM, call, now=now)
    attach_all(ada, made, 3, now)
    assert services.submit_application(ada.actor, made, now=now).stage.number == 3
    assert [one.outcome for one in queries.outcomes_told(made)] == ["discouraged"]


def test_withdrawn_application_needs_no_outcome(ada: Applicant, call: Competition) -> None:
    made = make_submitted(call, ada).application
    judging(call)
    now: datetime = after_deadline(call, 2)
    services.withdraw_from_competition(ada.actor, made, why="A partner left", now=now)
    assert services.call_applications(SYSTEM, call, now=now).stage_number == 3


def test_who_comes_back_after_the_gate_is_decided_on_then(
    ada: Applicant, call: Competition
) -> None:
    made = make_submitted(call, ada).application
    stage, now = judging(call), after_deadline(call, 2)
    services.withdraw_from_competition(ada.actor, made, why="A partner left", now=now)
    services.call_applications(SYSTEM, call, now=now)
    services.resume_application(ada.actor, made, now=now)
    attach_all(ada, made, 3, now)
    with pytest.raises(Refused) as caught:
        services.submit_application(ada.actor, made, now=now)
    assert refusal_of(caught) == "not_invited"
    services.decide_stage_outcomes(SYSTEM, stage, [made.pk], GOES_ON, now=now)
    services.tell_stage_outcomes(SYSTEM, stage, now=now)
    assert services.submit_application(ada.actor, made, now=now).stage.number == 3


def test_telling_costs_the_same_reads_for_any_number_of_applications(call: Competition) -> None:
    counts = []
    for number in (1, 3):
        held = make_open(agencies=("DOC",)) if number > 1 else call
        for place in range(number):
            name = f"{number} {place}"
            make_submitted(held, make_applicant(f"Person {name}", f"Works {name}"))
        stage = judging(held)
        ids = list(queries.applications_judged(None, stage).values_list("application", flat=True))
        services.decide_stage_outcomes(SYSTEM, stage, ids, GOES_ON, now=NOW)
        with CaptureQueriesContext(connection) as captured:
            services.tell_stage_outcomes(SYSTEM, stage, now=NOW)
        counts.append(len([one for one in captured if one["sql"].startswith("SELECT")]))
    assert counts[0] == counts[1]


@pytest.mark.database
def test_title_is_read_in_the_language_in_which_it_was_written(
    ada: Applicant, call: Competition
) -> None:
    bea = make_applicant("Bea", "Brass Works")
    for who, title_zh in ((ada, "轻型铸件"), (bea, "")):
        made = make_application(call, who, title="Light castings")
        Application.objects.filter(pk=made.pk).update(title_zh=title_zh)
        whole = queries.contents_of(queries.whole_application(made))
        Submission.objects.create(
            application=made,
            stage=stage_of(call, 1),
            number=1,
            content=whole,
            digest="",
            submitted_at=NOW,
            submitted_by="test",
        )
    rows = Submission.objects.order_by("pk")
    for language, expected in (
        ("en", ["Light castings", "Light castings"]),
        ("zh-hans", ["轻型铸件", "Light castings"]),
    ):
        with override(language):
            assert [one.title for one in queries.titles_of(rows)] == expected  # type: ignore[attr-defined] # annotated
            assert [services.title_in(one.content) for one in rows.all()] == expected
            written = rows.annotate(said=queries.title_handed_in(is_local=False))
            assert set(written.values_list("said", flat=True)) == {"Light castings"}
