from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count, Sum

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Competition, Stage, Submission
from lineshaft.apps.competitions.rules import StageResult
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, make_open, stage_of
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import (
    ApplicationAffinity,
    Assignment,
    AssignmentRun,
    PanelSeat,
    Review,
    ReviewerText,
)
from lineshaft.apps.reviewing.tasks import TAKE_BACK_JOB
from lineshaft.apps.reviewing.tests.assigning import (
    TERMS,
    adopted,
    applications,
    assign,
    computed,
    later,
    officer,
    refused,
    standing,
)
from lineshaft.apps.reviewing.tests.closed import close, close_to
from lineshaft.apps.reviewing.tests.panels import (
    field,
    make_judged,
    make_panel,
    make_seat,
)
from lineshaft.engines.optimise.assignment import Remedy
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Invalid, NotFound, Stale
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db


# -------------------------------------------------------------------------------------- proposals


def test_demonstration_of_24_applications_and_60_reviewers_is_proposed_and_adopted() -> None:
    stage = make_judged(24)
    make_panel(stage, 60, load_most=3)
    run = computed(stage, replace(TERMS, demand=3, sector_least=1))
    assert (run.state, run.certainty) == (rules.PROPOSED, rules.Certainty.OPTIMAL)
    assert run.total == run.pairs.aggregate(sum=Sum("affinity"))["sum"]
    assert run.gap == 0
    assert run.took_ms is not None
    services.adopt_assignment(SYSTEM, run, now=later(stage))
    rows = queries.assignments_standing(stage)
    assert rows.count() == 72
    of_each = rows.order_by().values("application").annotate(found=Count("pk"))
    assert {one["found"] for one in of_each} == {3}
    loads = rows.order_by().values("seat").annotate(found=Count("pk"))
    assert max(one["found"] for one in loads) <= 3
    assert services.faults_standing(SYSTEM, stage) == ()
    assert queries.cover_of(SYSTEM, stage, 3).lacking == 0


def test_who_wrote_of_it_reviews_it() -> None:
    stage = make_judged(6)
    make_panel(stage, 6, load_most=1)
    adopted(stage, replace(TERMS, demand=1))
    pairs = queries.assignments_standing(stage)
    assert {one.application.number % 6 for one in pairs} == {0, 1, 2, 3, 4, 5}
    assert all(one.affinity is not None and one.affinity > Decimal("0.3") for one in pairs)
    assert all(
        field(one.application.number) == one.seat.reviewer.texts.get().title for one in pairs
    )


def test_affinities_are_counted_once_and_again_when_a_text_changes() -> None:
    stage = make_judged(2)
    seats = make_panel(stage, 3)
    first = services.count_affinities(stage, now=later(stage))
    kept = ApplicationAffinity.objects.filter(stage=stage)
    before = set(kept.values_list("pk", flat=True))
    assert services.count_affinities(stage, now=later(stage)) == first
    assert set(kept.values_list("pk", flat=True)) == before
    ReviewerText.objects.create(
        reviewer=seats[0].reviewer, title=field(1), text=field(1), added_at=NOW
    )
    again = services.count_affinities(stage, now=later(stage))
    one = applications(stage)[0].pk
    assert again[one][seats[0].pk] > first[one][seats[0].pk]
    assert before.isdisjoint(kept.values_list("pk", flat=True))


def test_pairs_that_must_or_may_not_be_are_held() -> None:
    stage = make_judged(2)
    seats = make_panel(stage, 4)
    one, two = applications(stage)
    terms = replace(
        TERMS, forced=((one.pk, seats[0].pk),), forbidden=((two.pk, seats[2].pk),), demand=2
    )
    run = computed(stage, terms)
    pairs = set(run.pairs.values_list("application", "seat"))
    assert (one.pk, seats[0].pk) in pairs
    assert (two.pk, seats[2].pk) not in pairs
    assert run.terms == terms


def test_pair_of_somebody_who_left_before_it_was_computed_is_let_be() -> None:
    stage = make_judged(1)
    gone, *stay = make_panel(stage, 3)
    terms = replace(TERMS, forbidden=((applications(stage)[0].pk, gone.pk),))
    run = services.propose_assignment(SYSTEM, stage, terms, now=later(stage))
    PanelSeat.objects.filter(pk=gone.pk).update(state=rules.LEFT)
    run_until_idle()
    assert set(run.pairs.values_list("seat", flat=True)) == {seat.pk for seat in stay}


def test_at_most_one_of_an_employer_and_one_of_each_half_review_an_application() -> None:
    stage = make_judged(2)
    firm = make_organisation("Anvil Works")
    for place in range(3):
        make_seat(stage, f"A{place}", employer=firm, text=field(1))
    make_seat(stage, "G", sector=rules.Sector.GOVERNMENT)
    make_seat(stage, "I")
    run = computed(stage, replace(TERMS, sector_least=1, employer_most=1))
    names = {
        frozenset(
            run.pairs.filter(application=one).values_list("seat__reviewer__person__name", flat=True)
        )
        for one in applications(stage)
    }
    assert all("G" in panel for panel in names)
    assert all(len([one for one in panel if one.startswith("A")]) <= 1 for panel in names)


def test_one_of_the_sector_of_the_lead_reviews_it() -> None:
    stage = make_judged(1)
    make_seat(stage, "G", sector=rules.Sector.GOVERNMENT, text=field(1))
    make_seat(stage, "U", sector=rules.Sector.ACADEMIA, text=field(1))
    make_seat(stage, "I", sector=rules.Sector.INDUSTRY)
    run = computed(stage, replace(TERMS, lead_sector_least=1))
    names = run.pairs.values_list("seat__reviewer__person__name", flat=True)
    assert "I" in set(names)


def test_out_of_time_the_best_found_is_kept_with_its_gap() -> None:
    stage = make_judged(24)
    make_panel(stage, 60, load_most=2)
    run = computed(stage, replace(TERMS, demand=3, time_limit_s=0))
    assert run.state == rules.PROPOSED
    assert run.pairs.count() == 72
    assert run.gap is not None
    assert run.gap >= 0
    assert run.worst_bound is not None
    assert run.worst is not None
    assert run.worst_bound >= run.worst


def test_proposal_that_does_not_hold_is_not_adopted() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    run = computed(stage)
    one = run.pairs.first()
    assert one is not None
    one.delete()
    with refused("does_not_hold"):
        services.adopt_assignment(SYSTEM, run, now=later(stage))


def test_infeasible_is_explained_and_freed_by_a_reviewer_more() -> None:
    stage = make_judged(2)
    seat = make_seat(stage, load_most=1)
    run = computed(stage, replace(TERMS, demand=1))
    assert run.state == rules.INFEASIBLE
    ids = [one.pk for one in applications(stage)]
    assert sorted(run.explanation["applications"]) == ids
    assert run.explanation["missing"] == 1
    remedies = {way["remedy"]: way for way in run.explanation["freeing"]}
    assert remedies[Remedy.MORE_LOAD]["seats"] == [seat.pk]
    assert remedies[Remedy.MORE_LOAD]["by"] == 1
    assert Remedy.LESS_DEMAND in remedies
    with refused("wrong_state"):
        services.adopt_assignment(SYSTEM, run, now=later(stage))
    PanelSeat.objects.filter(pk=seat.pk).update(load_most=2)
    assert computed(stage, replace(TERMS, demand=1)).state == rules.PROPOSED


def test_rule_that_cannot_hold_is_named_with_its_application() -> None:
    stage = make_judged(1)
    make_seat(stage, "I")
    make_seat(stage, "J")
    run = computed(stage, replace(TERMS, sector_least=1))
    assert run.state == rules.INFEASIBLE
    one = applications(stage)[0]
    assert run.explanation["rules"] == [["public", one.pk]]


def test_pair_that_must_be_and_is_closed_is_named() -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    make_seat(stage, "Other")
    make_seat(stage, "Third")
    one = applications(stage)[0]
    close(one, seat.reviewer.person)
    run = computed(stage, replace(TERMS, forced=((one.pk, seat.pk),)))
    assert run.state == rules.INFEASIBLE
    assert run.explanation["forced"] == [[one.pk, seat.pk]]


def test_stopped_on_its_page_it_leaves_nothing() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = services.propose_assignment(SYSTEM, stage, TERMS, now=later(stage))
    services.stop_proposal(SYSTEM, run, now=later(stage))
    run_until_idle()
    run.refresh_from_db()
    assert (run.state, run.pairs.count()) == (rules.STOPPED, 0)
    job = run.job
    assert job is not None
    job.refresh_from_db()
    assert job.state == "done"
    with refused("wrong_state"):
        services.stop_proposal(SYSTEM, run, now=later(stage))
    services.discard_proposal(SYSTEM, run, now=later(stage))
    run.refresh_from_db()
    assert run.state == rules.DISCARDED


def stopping(stage: Stage, act: Callable[[AssignmentRun], object]) -> AssignmentRun:
    """A run during whose computing something happens, once affinities are counted."""
    run = services.propose_assignment(SYSTEM, stage, TERMS, now=later(stage))
    calls = []

    def check_stop() -> None:
        calls.append(1)
        if len(calls) == 1:
            act(run)

    services.compute_assignment(
        run.pk, now=later(stage), report=lambda *_said: None, check_stop=check_stop
    )
    run.refresh_from_db()
    return run


def test_discarded_in_the_middle_it_keeps_nothing() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = stopping(stage, lambda one: services.discard_proposal(SYSTEM, one, now=later(stage)))
    assert (run.state, run.pairs.count()) == (rules.DISCARDED, 0)


def test_job_that_is_stopped_stops_the_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    actor = officer()
    run = services.propose_assignment(SYSTEM, stage, TERMS, now=later(stage))
    job = run.job
    assert job is not None
    count = services.solving.count_affinities

    def stop_meanwhile(*args: Any, **kwargs: Any) -> Any:
        Job.objects.filter(pk=job.pk).update(stop_requested_at=later(stage))
        return count(*args, **kwargs)

    monkeypatch.setattr(services.solving, "count_affinities", stop_meanwhile)
    monkeypatch.setattr("lineshaft.plumbing.jobs.rules.REPORT_S", 0)
    run_until_idle()
    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.state, job.state) == (rules.STOPPED, "stopped")
    assert actor.user_id


def test_computed_twice_it_is_kept_once() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = computed(stage)
    before = list(run.pairs.values_list("pk", flat=True))
    again = services.compute_assignment(
        run.pk, now=later(stage), report=lambda *_said: None, check_stop=lambda: None
    )
    assert again is None
    assert list(run.pairs.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        pytest.param(lambda: make_judged(1), "no_panel", id="no panel"),
        pytest.param(
            lambda: stage_of(make_open(template="four_stage", agencies=("DOC",)), 2),
            "nothing_to_judge",
            id="sealed",
        ),
        pytest.param(
            lambda: stage_of(make_open(template="four_stage", agencies=("DOC",)), 1),
            "not_judged",
            id="handing in",
        ),
    ],
)
def test_nothing_is_proposed_without_applications_and_panel(
    prepare: Callable[[], Stage], code: str
) -> None:
    with refused(code):
        services.propose_assignment(SYSTEM, prepare(), TERMS, now=NOW)


def test_nothing_is_assigned_in_a_stage_that_is_over() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    over = later(stage, 60 * 24 * 100)
    judged = [one.pk for one in applications(stage)]
    terms = competitions.OutcomeTerms(StageResult.GOES_ON)
    competitions.decide_stage_outcomes(SYSTEM, stage, judged, terms, now=over)
    competitions.tell_stage_outcomes(SYSTEM, stage, now=over)
    competitions.begin_review(SYSTEM, stage.competition, now=over)
    with refused("stage_over"):
        services.propose_assignment(SYSTEM, stage, TERMS, now=NOW)


def test_terms_that_cannot_be_are_invalid_and_strange_pairs_unknown() -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    with pytest.raises(Invalid):
        services.propose_assignment(SYSTEM, stage, replace(TERMS, demand=0), now=NOW)
    one = applications(stage)[0]
    for pair in ((one.pk, seat.pk + 1), (one.pk + 1, seat.pk)):
        with pytest.raises(NotFound):
            services.propose_assignment(SYSTEM, stage, replace(TERMS, forced=(pair,)), now=NOW)


@pytest.mark.parametrize("is_forced", [True, False])
def test_pair_of_somebody_who_left_is_invalid_and_named(*, is_forced: bool) -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    make_seat(stage, "Other")
    PanelSeat.objects.filter(pk=seat.pk).update(state=rules.LEFT)
    one = applications(stage)[0]
    pairs = ((one.pk, seat.pk),)
    terms = replace(TERMS, forced=pairs) if is_forced else replace(TERMS, forbidden=pairs)
    with pytest.raises(Invalid) as caught:
        services.propose_assignment(SYSTEM, stage, terms, now=NOW)
    assert [fault.field for fault in caught.value.errors] == [
        "forced" if is_forced else "forbidden"
    ]
    assert "Rita Reviewer does not sit on the panel any more" in caught.value.as_text()
    assert "application 1." in caught.value.as_text()
    with pytest.raises(NotFound):
        services.propose_assignment(
            SYSTEM, stage, replace(TERMS, forced=((one.pk + 1, seat.pk),)), now=NOW
        )


# --------------------------------------------------------------------------------------- adopting


def test_two_officers_adopt_at_once_and_one_is_late() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    first, second = computed(stage), computed(stage, replace(TERMS, objective="sum"))
    services.adopt_assignment(SYSTEM, first, now=later(stage))
    for run in (first, second):
        with pytest.raises(Stale):
            services.adopt_assignment(SYSTEM, run, now=later(stage))
    assert Assignment.objects.count() == 4


def test_adopting_changes_only_what_is_new_and_tells_whom_it_changes() -> None:
    stage = make_judged(1)
    for name, sector in (("Ann", rules.Sector.GOVERNMENT), ("Bob", rules.Sector.INDUSTRY)):
        make_seat(stage, name, text=field(1), email=f"{name}@firm.example", sector=sector)
    adopted(stage)
    kept = Assignment.objects.get(seat__reviewer__person__name="Ann")
    make_seat(stage, "Cid", text=field(1), user=make_user("Cid"))
    bob = PanelSeat.objects.get(reviewer__person__name="Bob")
    OutboxMessage.objects.all().delete()
    one = applications(stage)[0]
    adopted(stage, replace(TERMS, forbidden=((one.pk, bob.pk),)))
    assert standing(stage) == {(1, "Ann"), (1, "Cid")}
    kept.refresh_from_db()
    assert kept.removed_at is None
    gone = Assignment.objects.get(seat=bob)
    assert gone.why_removed == services.REPLACED
    cid = PanelSeat.objects.get(reviewer__person__name="Cid").reviewer.person.user
    assert cid is not None
    told = set(OutboxMessage.objects.values_list("recipient", flat=True))
    assert told == {"Bob@firm.example", cid.email}
    assert all(message.is_sealed for message in OutboxMessage.objects.all())


def test_reviewers_are_told_the_deadline_by_the_clocks_of_the_competition() -> None:
    stage = make_judged(1)
    Competition.objects.update(zone="America/New_York")
    assign(stage, applications(stage)[0], make_seat(stage, email="rita@firm.example"))
    stage.refresh_from_db()
    until = competitions.moment_in("America/New_York", stage.ends_at)
    assert "(America/New_York)" in until
    assert f"lasts until {until}." in OutboxMessage.objects.get().body


def test_review_that_was_begun_keeps_its_reviewer() -> None:
    stage = make_judged(1)
    made = assign(stage, applications(stage)[0], make_seat(stage, "Poor"))
    Review.objects.create(assignment=made, changed_at=NOW)
    make_seat(stage, "Good", text=field(1))
    run = computed(stage, replace(TERMS, demand=1))
    assert [one.seat.reviewer.person.name for one in run.pairs.all()] == ["Poor"]


def test_review_begun_since_the_proposal_keeps_it_from_standing() -> None:
    stage = make_judged(1)
    one = applications(stage)[0]
    made = assign(stage, one, make_seat(stage, "Poor", sector=rules.Sector.GOVERNMENT))
    make_seat(stage, "Good", text=field(1))
    run = computed(stage, replace(TERMS, demand=1))
    assert [pair.seat.reviewer.person.name for pair in run.pairs.all()] == ["Good"]
    Review.objects.create(assignment=made, changed_at=NOW)
    with refused("begun_since") as caught:
        services.adopt_assignment(SYSTEM, run, now=later(stage))
    assert "Propose again." in caught.value.as_text()
    terms = replace(TERMS, demand=1, forbidden=((one.pk, made.seat_id),))
    services.adopt_assignment(SYSTEM, computed(stage, terms), now=later(stage))
    assert standing(stage) == {(1, "Good")}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda stage: make_seat(stage, "New"), id="panel"),
        pytest.param(lambda stage: PanelSeat.objects.update(load_most=1), id="load"),
        pytest.param(
            lambda stage: Submission.objects.filter(application__number=1).update(
                withdrawn_at=later(stage)
            ),
            id="withdrawn",
        ),
        pytest.param(lambda stage: ReviewerText.objects.update(text="Something else"), id="text"),
        pytest.param(
            lambda stage: services.assign_reviewer(
                SYSTEM,
                stage,
                application_id=applications(stage)[0].pk,
                seat_id=PanelSeat.objects.earliest("pk").pk,
                now=later(stage),
            ),
            id="by hand",
        ),
    ],
)
def test_proposal_whose_ground_changed_is_stale(change: Callable[[Stage], object]) -> None:
    stage = make_judged(2)
    make_panel(stage, 3)
    run = computed(stage)
    change(stage)
    with pytest.raises(Stale, match="Propose again"):
        services.adopt_assignment(SYSTEM, run, now=later(stage))


def test_pair_that_a_conflict_closed_since_keeps_the_proposal_from_standing() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = computed(stage)
    pair = run.pairs.first()
    assert pair is not None
    close(pair.application, pair.seat.reviewer.person)
    with refused("found_since"):
        services.adopt_assignment(SYSTEM, run, now=later(stage))
    assert not Assignment.objects.exists()


def test_panel_that_the_law_forbids_keeps_the_proposal_from_standing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = computed(stage)
    fault = Refusal("political_appointee", "One.", rules.BOTH_SECTORS)
    monkeypatch.setattr(services.proposals, "panel_faults", lambda _stage: (fault,))
    with refused("political_appointee"):
        services.adopt_assignment(SYSTEM, run, now=later(stage))


def test_officer_with_a_closed_door_proposes_and_does_not_adopt() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    actor = officer()
    close_to(actor, applications(stage)[0])
    run = computed(stage, actor=actor)
    assert run.pairs.count() == 4
    seen = queries.pairs_shown(actor, run)
    assert {one.application.number for one in seen} == {2}
    with refused("closed_to_you"):
        services.adopt_assignment(actor, run, now=later(stage))
    services.adopt_assignment(SYSTEM, run, now=later(stage))
    assert queries.assignments_shown(actor, stage).count() == 2


def test_trail_of_single_assignments_is_filed_under_no_institute() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    Competition.objects.update(kind="project_call", institute=make_institute("lift"))
    adopted(stage)
    one = queries.assignments_standing(stage)[0]
    services.unassign_reviewer(SYSTEM, one, why="Ill", now=later(stage))
    filed = AuditEvent.objects.filter(verb__in=["adopt_assignment", "unassign_reviewer"])
    assert list(filed.order_by("pk").values_list("verb", "institute")) == [
        ("adopt_assignment", "lift"),
        ("unassign_reviewer", ""),
    ]


def test_daily_job_tells_no_number_of_what_it_takes_back() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    adopted(stage)
    one = queries.assignments_standing(stage)[0]
    close(one.application, one.seat.reviewer.person)
    job = enqueue(SYSTEM, TAKE_BACK_JOB, {}, now=later(stage))
    run_until_idle()
    ended = Job.objects.get(pk=job.pk)
    assert (ended.error, ended.note_params, ended.progress_total) == ("", {}, 1)
    one.refresh_from_db()
    assert one.removed_at is not None


def test_trail_names_no_application() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    adopted(stage)
    one = queries.assignments_standing(stage)[0]
    services.unassign_reviewer(SYSTEM, one, why="Ill", now=later(stage))
    events = AuditEvent.objects.filter(subject_type__startswith="reviewing.")
    assert {event.verb for event in events} == {
        "propose_assignment",
        "adopt_assignment",
        "unassign_reviewer",
    }
    assert all(event.changes == {"stage": 2} and not event.why for event in events)
