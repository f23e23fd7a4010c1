"""Phases of a stage, reminders, the discussion of an application, the panel's consensus."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import (
    Assignment,
    Consensus,
    DiscussionRemark,
    PanelSeat,
    Review,
    Reviewer,
    ReviewReminder,
    StagePhase,
)
from lineshaft.apps.reviewing.services import ConsensusEntry
from lineshaft.apps.reviewing.tasks import DAILY_JOBS, JOBS, REMINDERS_JOB
from lineshaft.apps.reviewing.tests.judged import (
    Judged,
    discussed,
    make_judged,
    make_officer,
    make_sitting,
    submitted,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db


def entry_of(
    judged: Judged, *places: int, score: int = 4, text: str = "We agree."
) -> ConsensusEntry:
    """A consensus to which the panel's members at these places agreed."""
    numbers = [one.number for one in judged.stage.criteria.all()]
    agreed = [judged.panel[place].seat.pk for place in places]
    return ConsensusEntry(text, dict.fromkeys(numbers, score), agreed)


def fresh(judged: Judged) -> Stage:
    return Stage.objects.select_related("competition").get(pk=judged.stage.pk)


# ------------------------------------------------------------------------------------------ phases


def test_discussion_is_refused_while_reviews_are_missing_and_no_reason_is_given() -> None:
    judged = make_judged(reviewers=2)
    _user, officer = make_officer()
    submitted(judged)
    with pytest.raises(Refused) as refused:
        services.open_discussion(officer, judged.stage, now=judged.now)
    assert refused.value.code == "reviews_missing"
    assert str(refused.value).startswith("1 of the reviews of ")
    phase = services.open_discussion(officer, judged.stage, why="She left.", now=judged.now)
    assert (phase.phase, phase.discussed_at) == (rules.Phase.DISCUSSION, judged.now)
    assert phase.why_discussed == "She left."
    assert AuditEvent.objects.filter(verb="open_discussion").get().why == "She left."


def test_stage_goes_from_alone_to_the_discussion_to_closed_and_not_back() -> None:
    judged = make_judged(reviewers=1)
    _user, officer = make_officer()
    submitted(judged)
    services.open_discussion(officer, judged.stage, now=judged.now)
    with pytest.raises(Refused) as refused:
        services.open_discussion(officer, judged.stage, now=judged.now)
    assert refused.value.code == "wrong_state"
    services.close_reviewing(officer, judged.stage, now=judged.now)
    assert queries.judging_of(fresh(judged)) == queries.Judging(rules.Phase.CLOSED, True)  # noqa: FBT003
    with pytest.raises(Refused) as refused:
        services.close_reviewing(officer, judged.stage, now=judged.now)
    assert refused.value.code == "reviewing_closed"


def test_reviewing_may_be_closed_without_a_discussion() -> None:
    judged = make_judged(reviewers=1)
    with pytest.raises(Invalid):
        services.close_reviewing(SYSTEM, judged.stage, why="x" * 1_001, now=judged.now)
    phase = services.close_reviewing(SYSTEM, judged.stage, why="No time", now=judged.now)
    assert (phase.closed_at, phase.discussed_at) == (judged.now, None)
    assert queries.judging_of(fresh(judged)).was_discussed is False


def test_phases_are_moved_by_whoever_runs_the_competition() -> None:
    judged = make_judged()
    for verb in (services.open_discussion, services.close_reviewing):
        with pytest.raises(NotPermitted):
            verb(make_actor(Role.AUDITOR), judged.stage, why="So", now=judged.now)
        with pytest.raises(NotFound):
            verb(judged.panel[0].actor, judged.stage, why="So", now=judged.now)
    assert not StagePhase.objects.exists()


def test_closed_reviewing_takes_no_more_reviews() -> None:
    judged = make_judged(reviewers=1)
    services.close_reviewing(SYSTEM, judged.stage, why="Over", now=judged.now)
    with pytest.raises(Refused) as refused:
        submitted(judged)
    assert refused.value.code == "reviewing_closed"


# --------------------------------------------------------------------------------------- reminders


def test_reviewers_are_reminded_of_what_is_missing_once_a_day() -> None:
    judged = make_judged(applications=2, reviewers=3)
    submitted(judged, 0, 0)
    submitted(judged, 1, 0)
    submitted(judged, 0, 1)
    _user, officer = make_officer()
    assert services.remind_reviewers(officer, judged.stage, now=judged.now) == 2
    told = {one.recipient: one for one in OutboxMessage.objects.all()}
    assert set(told) == {one.user.email for one in judged.panel[1:]}
    assert "1 review is still" in told[judged.panel[1].user.email].subject
    assert "2 reviews are still" in told[judged.panel[2].user.email].subject
    assert all("Casting" not in one.body + one.subject for one in told.values())
    assert services.remind_reviewers(officer, judged.stage, now=judged.now) == 0
    later = judged.now + timedelta(days=1)
    assert services.remind_reviewers(officer, judged.stage, now=later) == 2
    assert ReviewReminder.objects.count() == 4


def test_nobody_is_reminded_who_has_no_user_or_is_a_demonstration_record() -> None:
    judged = make_judged(reviewers=3)
    judged.panel[0].seat.reviewer.person.user = None
    judged.panel[0].seat.reviewer.person.save()
    Reviewer.objects.filter(pk=judged.panel[1].seat.reviewer_id).update(is_demonstration=True)
    PanelSeat.objects.filter(pk=judged.panel[2].seat.pk).update(state=rules.LEFT)
    assert services.remind_reviewers(SYSTEM, judged.stage, now=judged.now) == 0


def test_reminding_is_for_whoever_runs_the_competition_while_it_is_open() -> None:
    judged = make_judged()
    with pytest.raises(NotFound):
        services.remind_reviewers(judged.panel[0].actor, judged.stage, now=judged.now)
    services.close_reviewing(SYSTEM, judged.stage, why="Over", now=judged.now)
    with pytest.raises(Refused):
        services.remind_reviewers(SYSTEM, judged.stage, now=judged.now)


def test_stages_are_reminded_of_some_days_before_their_deadline_by_their_own_clocks() -> None:
    judged = make_judged()
    ends_at = judged.stage.ends_at
    assert ends_at is not None
    days = [
        day for day in range(10) if queries.stages_to_remind_of(now=ends_at - timedelta(days=day))
    ]
    assert days == [1, 3, 7]
    before = ends_at - timedelta(days=3)
    services.close_reviewing(SYSTEM, judged.stage, why="Over", now=before)
    assert queries.stages_to_remind_of(now=before) == []


def test_stage_of_a_cancelled_competition_is_reminded_of_no_more() -> None:
    judged = make_judged()
    assert judged.stage.ends_at is not None
    Competition.objects.update(state="cancelled", why_cancelled="No money")
    assert queries.stages_to_remind_of(now=judged.stage.ends_at - timedelta(days=3)) == []


def test_daily_job_reminds_and_run_twice_writes_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged = make_judged(reviewers=2)
    assert judged.stage.ends_at is not None
    now = judged.stage.ends_at - timedelta(days=3)
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: now)
    assert REMINDERS_JOB in DAILY_JOBS
    assert REMINDERS_JOB in JOBS
    for _time in range(2):
        job = enqueue(SYSTEM, REMINDERS_JOB, {}, now=now)
        run_until_idle()
        ended = Job.objects.get(pk=job.pk)
        assert (ended.error, ended.note_params) == ("", {})
    assert OutboxMessage.objects.count() == 2
    events = AuditEvent.objects.filter(verb="remind_reviewers")
    assert [(one.count, one.changes) for one in events] == [(1, {"stage": 2})] * len(events)
    assert events


# -------------------------------------------------------------------------------------- discussion


def test_panel_discusses_an_application_once_its_own_reviews_are_submitted() -> None:
    judged = make_judged(reviewers=2)
    submitted(judged)
    ada, bob = judged.panel[0].actor, judged.panel[1].actor
    stage, application = judged.stage, judged.applications[0]
    with pytest.raises(NotFound):
        services.post_remark(ada, stage, application, "Too early", now=judged.now)
    discussed(judged)
    remark = services.post_remark(ada, stage, application, " I doubt it. ", now=judged.now)
    assert (remark.text, remark.seat, remark.author) == (
        "I doubt it.",
        judged.panel[0].seat,
        ada.label,
    )
    with pytest.raises(NotFound):
        services.post_remark(bob, stage, application, "So do I", now=judged.now)
    submitted(judged, reviewer=1)
    services.post_remark(bob, stage, application, "So do I", now=judged.now)
    _user, officer = make_officer()
    services.post_remark(officer, stage, application, "Please decide.", now=judged.now)
    place = queries.place_in(bob, stage.pk, application.pk)
    said = list(queries.remarks_said(place))
    assert [one.text for one in said] == ["I doubt it.", "So do I", "Please decide."]
    assert said[2].seat is None


def test_whoever_reads_alone_says_nothing_in_a_discussion() -> None:
    judged = make_judged(reviewers=1)
    submitted(judged)
    discussed(judged)
    auditor = make_actor(Role.AUDITOR, user_id=make_user("Aud Auditor").pk)
    stage, application = judged.stage, judged.applications[0]
    remark = services.post_remark(SYSTEM, stage, application, "Hm.", now=judged.now)
    place = queries.place_in(auditor, stage.pk, application.pk)
    assert queries.remarks_said(place).get() == remark
    with pytest.raises(NotPermitted):
        services.post_remark(auditor, stage, application, "So", now=judged.now)
    with pytest.raises(NotPermitted):
        services.withdraw_remark(auditor, remark, now=judged.now)
    with pytest.raises(NotPermitted):
        services.record_consensus(auditor, stage, application, entry_of(judged), now=judged.now)
    assert DiscussionRemark.objects.count() == 1


def test_remark_is_checked_before_it_is_posted() -> None:
    judged = discussed(make_judged(reviewers=1))
    _user, officer = make_officer()
    for text in (" ", "x" * (rules.POST_MAX + 1)):
        with pytest.raises(Invalid):
            services.post_remark(
                officer, judged.stage, judged.applications[0], text, now=judged.now
            )


def test_officer_who_also_reviews_submits_first() -> None:
    judged = make_judged(reviewers=1)
    discussed(judged)
    _user, officer = make_officer()
    judged.panel[0].seat.reviewer.person.user_id = officer.user_id
    judged.panel[0].seat.reviewer.person.save()
    with pytest.raises(Refused) as refused:
        services.post_remark(officer, judged.stage, judged.applications[0], "So", now=judged.now)
    assert refused.value.code == "own_review_first"


def test_remark_is_taken_back_by_its_author_alone_and_once() -> None:
    judged = make_judged(reviewers=2)
    submitted(judged)
    submitted(judged, reviewer=1)
    discussed(judged)
    ada, bob = judged.panel[0].actor, judged.panel[1].actor
    remark = services.post_remark(ada, judged.stage, judged.applications[0], "Hm.", now=judged.now)
    with pytest.raises(NotFound):
        services.withdraw_remark(bob, remark, now=judged.now)
    assert services.withdraw_remark(ada, remark, now=judged.now).withdrawn_at == judged.now
    with pytest.raises(Refused) as refused:
        services.withdraw_remark(ada, remark, now=judged.now)
    assert refused.value.code == "remark_withdrawn"
    assert DiscussionRemark.objects.get().text == "Hm."


def test_remarks_never_change() -> None:
    judged = discussed(make_judged(reviewers=1))
    remark = services.post_remark(
        SYSTEM, judged.stage, judged.applications[0], "Hm.", now=judged.now
    )
    remark.text = "Never said."
    with pytest.raises(IntegrityError), transaction.atomic():
        remark.save(update_fields=["text"])


def test_discussion_is_read_and_no_more_written_once_the_reviewing_is_closed() -> None:
    judged = make_judged(reviewers=1)
    submitted(judged)
    discussed(judged)
    ada = judged.panel[0].actor
    services.close_reviewing(SYSTEM, judged.stage, now=judged.now)
    place = queries.place_in(ada, judged.stage.pk, judged.applications[0].pk)
    assert queries.reviews_read_in(place).count() == 1
    with pytest.raises(Refused) as refused:
        services.post_remark(ada, judged.stage, judged.applications[0], "Late", now=judged.now)
    assert refused.value.code == "discussion_not_open"


def test_who_takes_part_in_a_discussion() -> None:
    judged = make_judged(applications=2, reviewers=3, chair=2)
    submitted(judged)
    Assignment.objects.filter(
        seat=judged.panel[1].seat, application=judged.applications[0]
    ).delete()
    Assignment.objects.filter(seat=judged.panel[2].seat).delete()
    discussed(judged)
    where = (judged.stage.pk, judged.applications[0].pk)
    assert queries.place_in(judged.panel[0].actor, *where).assignment == judged.assignment()
    chair = queries.place_in(judged.panel[2].actor, *where)
    assert (chair.chairs, chair.assignment, chair.owes_review) == (True, None, False)
    strangers = (
        judged.panel[1].actor,
        judged.applicants[0].actor,
        judged.applicants[1].actor,
        make_sitting(judged.stage).actor,
        Actor.public(),
    )
    for stranger in strangers:
        with pytest.raises(NotFound):
            queries.place_in(stranger, *where)
    with pytest.raises(NotFound):
        queries.place_in(judged.panel[0].actor, judged.stage.pk, 0)


def test_reviews_of_others_are_those_that_stand_submitted() -> None:
    judged = make_judged(reviewers=3)
    for reviewer in range(3):
        submitted(judged, reviewer=reviewer)
    discussed(judged)
    services.reopen_review(judged.panel[1].actor, judged.assignment(0, 1), now=judged.now)
    where = (judged.stage.pk, judged.applications[0].pk)
    fellow = queries.place_in(judged.panel[0].actor, *where)
    assert queries.reviews_read_in(fellow).count() == 2
    _user, officer = make_officer()
    assert queries.reviews_read_in(queries.place_in(officer, *where)).count() == 3
    reopened = queries.place_in(judged.panel[1].actor, *where)
    assert queries.reviews_read_in(reopened).count() == 2


# --------------------------------------------------------------------------------------- consensus


def test_chair_records_the_consensus_and_earlier_ones_stay() -> None:
    judged = make_judged(reviewers=2, chair=1)
    submitted(judged)
    submitted(judged, reviewer=1)
    discussed(judged)
    chair, stage, application = judged.panel[1].actor, judged.stage, judged.applications[0]
    first = services.record_consensus(
        chair, stage, application, entry_of(judged, 0, 1), seen=0, now=judged.now
    )
    with pytest.raises(Stale):
        services.record_consensus(
            chair, stage, application, entry_of(judged, 0), seen=0, now=judged.now
        )
    second = services.record_consensus(
        chair, stage, application, entry_of(judged, 0, score=2), seen=1, now=judged.now
    )
    assert (first.number, second.number) == (1, 2)
    assert {one.pk for one in first.agreed.all()} == {one.seat.pk for one in judged.panel}
    found = queries.consensus_of(stage)
    assert found == {application.pk: second}
    assert getattr(found[application.pk], "weighted_bp", None) == 20_000
    third = services.record_consensus(
        chair, stage, application, entry_of(judged, 0, score=3), now=judged.now
    )
    assert queries.consensus_of(stage)[application.pk] == third
    first.text = "Never."
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(update_fields=["text"])


def test_consensus_is_the_chairs_alone() -> None:
    judged = make_judged(reviewers=2, chair=1)
    submitted(judged)
    submitted(judged, reviewer=1)
    discussed(judged)
    _user, officer = make_officer()
    for actor in (judged.panel[0].actor, officer):
        with pytest.raises(NotPermitted):
            services.record_consensus(
                actor, judged.stage, judged.applications[0], entry_of(judged, 0), now=judged.now
            )
    with pytest.raises(NotFound):
        services.record_consensus(
            judged.applicants[0].actor,
            judged.stage,
            judged.applications[0],
            entry_of(judged, 0),
            now=judged.now,
        )
    assert not Consensus.objects.exists()


def test_consensus_scores_every_criterion_and_names_who_agreed() -> None:
    judged = make_judged(reviewers=2, chair=0)
    submitted(judged)
    discussed(judged)
    chair, stage, application = judged.panel[0].actor, judged.stage, judged.applications[0]
    lacking = ConsensusEntry("", {1: 9}, [judged.panel[0].seat.pk])
    with pytest.raises(Invalid) as raised:
        services.record_consensus(chair, stage, application, lacking, now=judged.now)
    fields = [one.field for one in raised.value.errors]
    assert fields[:2] == ["text", "score-1"]
    assert len(fields) == 1 + stage.criteria.count()
    for places, code in (((), "nobody_agreed"), ((1,), "strangers_agreed")):
        with pytest.raises(Refused) as refused:
            services.record_consensus(
                chair, stage, application, entry_of(judged, *places), now=judged.now
            )
        assert refused.value.code == code


def test_panel_of_a_chair_is_listed_in_as_many_queries_for_any_number() -> None:
    counts = []
    for applications in (1, 3):
        judged = make_judged(applications=applications, reviewers=2, chair=0)
        chair = judged.panel[0].actor
        assert not queries.panels_led(chair).exists()
        submitted(judged)
        discussed(judged)
        services.record_consensus(
            chair, judged.stage, judged.applications[0], entry_of(judged, 0), now=judged.now
        )
        services.post_remark(chair, judged.stage, judged.applications[0], "Hm", now=judged.now)
        seat = queries.panel_led(chair, judged.stage.pk)
        with CaptureQueriesContext(connection) as made:
            rows = list(queries.applications_of_panel(chair, seat.stage))
            found = queries.panel_counts(seat.stage, [one.pk for one in rows])
        assert found[rows[0].pk] == queries.PanelCounts(1, 1, 1)
        assert set(list(found.values())[1:]) <= {queries.PanelCounts(0, 0, 0)}
        counts.append((len(rows), len(made)))
    assert counts == [(1, 4), (3, 4)]
    with pytest.raises(NotFound):
        queries.panel_led(judged.panel[1].actor, judged.stage.pk)


def test_reviews_of_a_stage_are_counted_by_how_far_they_are() -> None:
    judged = make_judged(applications=2, reviewers=2)
    submitted(judged, 0, 0)
    submitted(judged, 0, 1)
    services.write_review(
        judged.panel[0].actor, judged.assignment(1, 0), services.ReviewEntry(), now=judged.now
    )
    services.return_review(SYSTEM, judged.assignment(0, 1), why="Thin", now=judged.now)
    _user, officer = make_officer()
    counts = queries.counts_of(officer, judged.stage, now=judged.now)
    assert (counts.assigned, counts.submitted, counts.draft, counts.returned) == (4, 1, 1, 1)
    assert (counts.not_begun, counts.missing, counts.late) == (1, 3, 0)
    assert judged.stage.ends_at is not None
    assert queries.counts_of(officer, judged.stage, now=judged.stage.ends_at).late == 3
    Review.objects.filter(state=rules.SUBMITTED).update(submitted_at=judged.stage.ends_at)
    assert queries.counts_of(officer, judged.stage, now=judged.now).late == 1
    Stage.objects.filter(pk=judged.stage.pk).update(ends_at=None, starts_at=None)
    assert queries.counts_of(officer, fresh(judged), now=judged.now).late == 0
    assert queries.counts_of(judged.panel[0].actor, judged.stage, now=judged.now).assigned == 0
