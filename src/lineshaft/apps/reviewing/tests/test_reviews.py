"""Writing, submitting, taking up and returning reviews; what others may build on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.services import withdraw_from_competition
from lineshaft.apps.competitions.tests.factories import SYSTEM, make_open, stage_of
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Review, ReviewScore
from lineshaft.apps.reviewing.rules import Remarks
from lineshaft.apps.reviewing.services import ReviewEntry, Seen
from lineshaft.apps.reviewing.tests.judged import (
    REVIEW,
    Judged,
    discussed,
    make_judged,
    make_officer,
    submitted,
    whole_entry,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged() -> Judged:
    return make_judged()


def weighted(review: Review) -> int:
    """The score with which it was read."""
    found: int = review.weighted_bp  # type: ignore[attr-defined] # annotated
    return found


def write(judged: Judged, entry: ReviewEntry, seen: Seen | None = None) -> Review:
    own = judged.assignment()
    return services.write_review(judged.panel[0].actor, own, entry, seen=seen, now=judged.now)


def test_review_is_written_piece_by_piece(judged: Judged) -> None:
    first = write(judged, ReviewEntry({1: Remarks(4, " Clear.  \n", "")}, "", "Told me so."))
    assert (first.revision, first.state, first.confidential) == (1, rules.DRAFT, "Told me so.")
    write(judged, ReviewEntry({2: Remarks(None, "", "Thin.")}, "So far."))
    review = Review.objects.get()
    said = {one.criterion.number: one for one in review.scores.select_related("criterion")}
    assert (said[1].score, said[1].strengths) == (4, "Clear.")
    assert (said[2].score, said[2].weaknesses) == (None, "Thin.")
    assert (review.revision, review.summary, review.confidential) == (2, "So far.", "Told me so.")


def test_texts_that_are_left_out_stay_and_empty_ones_are_taken_away(judged: Judged) -> None:
    write(judged, ReviewEntry(summary="So far.", confidential="Told me so."))
    again = write(judged, ReviewEntry({1: Remarks(4, "Clear.", "")}))
    assert (again.summary, again.confidential) == ("So far.", "Told me so.")
    gone = write(judged, ReviewEntry(summary="", confidential=""))
    assert (gone.summary, gone.confidential) == ("", "")


def test_writing_the_same_again_counts_no_revision(judged: Judged) -> None:
    entry = ReviewEntry({1: Remarks(4, "Clear.", "")}, "So far.")
    write(judged, entry)
    events = AuditEvent.objects.count()
    assert write(judged, entry).revision == 1
    assert AuditEvent.objects.count() == events


def test_another_window_of_the_same_person_is_stale(judged: Judged) -> None:
    write(judged, ReviewEntry(summary="One."), Seen(0, "left"))
    with pytest.raises(Stale):
        write(judged, ReviewEntry(summary="Two."), Seen(0, "right"))
    with pytest.raises(Stale):
        write(judged, ReviewEntry(summary="Two."), Seen(0))
    assert Review.objects.get().summary == "One."


def test_window_that_saves_itself_may_be_ahead_of_its_answer(judged: Judged) -> None:
    write(judged, ReviewEntry(summary="One."), Seen(0, "left"))
    assert write(judged, ReviewEntry(summary="Two."), Seen(0, "left")).revision == 2
    write(judged, ReviewEntry(summary="Three."), Seen(2, "right"))
    with pytest.raises(Stale):
        write(judged, ReviewEntry(summary="Four."), Seen(2, "left"))
    with pytest.raises(Stale):
        write(judged, ReviewEntry(summary="Four."), Seen(9, "right"))
    assert write(judged, ReviewEntry(summary="Four."), Seen(3, "left")).revision == 4


def test_faults_of_a_review_stand_beside_their_fields(judged: Judged) -> None:
    long = "x" * (rules.REMARK_MAX + 1)
    entry = ReviewEntry({1: Remarks(6, long, ""), 9: Remarks(1)}, long, long)
    with pytest.raises(Invalid) as raised:
        write(judged, entry)
    assert [one.field for one in raised.value.errors] == [
        "score-1",
        "score-9",
        "summary",
        "confidential",
        "strengths-1",
    ]
    assert not Review.objects.exists()


def test_review_is_submitted_once_it_is_whole(judged: Judged) -> None:
    actor, own = judged.panel[0].actor, judged.assignment()
    with pytest.raises(Refused) as refused:
        services.submit_review(actor, own, now=judged.now)
    assert refused.value.code == "no_score"
    review = submitted(judged)
    assert (review.state, review.submitted_at) == (rules.SUBMITTED, judged.now)
    version = review.versions.get()
    assert version.number == 1
    assert version.content["summary"] == "Sound summary"
    assert version.content["remarks"][0] == [1, 4, "Sound strength 1", ""]
    assert "secret" not in str(version.content)
    acts: tuple[Callable[[], object], ...] = (
        lambda: services.submit_review(actor, own, now=judged.now),
        lambda: services.write_review(actor, own, ReviewEntry(), now=judged.now),
    )
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "wrong_state"


def test_review_taken_up_again_counts_no_more_until_it_is_submitted_anew(judged: Judged) -> None:
    submitted(judged)
    actor, own = judged.panel[0].actor, judged.assignment()
    assert queries.reviews_counted(SYSTEM, judged.stage).count() == 1
    services.reopen_review(actor, own, now=judged.now)
    assert queries.reviews_counted(SYSTEM, judged.stage).count() == 0
    services.write_review(actor, own, whole_entry(judged, 2, "Other"), now=judged.now)
    later = judged.now + timedelta(hours=1)
    review = services.submit_review(actor, own, now=later)
    assert [one.number for one in review.versions.all()] == [1, 2]
    assert review.submitted_at == later
    counted = queries.reviews_counted(SYSTEM, judged.stage).get()
    assert weighted(counted) == 20_000


def test_reopening_what_was_not_begun_finds_nothing(judged: Judged) -> None:
    with pytest.raises(NotFound):
        services.reopen_review(judged.panel[0].actor, judged.assignment(), now=judged.now)


def test_review_is_returned_with_why_and_submitted_anew(judged: Judged) -> None:
    submitted(judged)
    _user, officer = make_officer()
    own = judged.assignment()
    with pytest.raises(Invalid):
        services.return_review(officer, own, why=" ", now=judged.now)
    review = services.return_review(officer, own, why="Say more on the need.", now=judged.now)
    assert (review.state, review.why_returned) == (rules.RETURNED, "Say more on the need.")
    message = OutboxMessage.objects.get()
    assert message.recipient == judged.panel[0].user.email
    assert message.is_sealed
    assert "Say more" not in message.body
    event = AuditEvent.objects.filter(verb="return_review").get()
    assert "Say more" not in str(event.changes) + event.why
    with pytest.raises(Refused):
        services.return_review(officer, own, why="Again", now=judged.now)
    services.write_review(
        judged.panel[0].actor, own, ReviewEntry({1: Remarks(5, "More.", "")}, "Sum"), now=judged.now
    )
    assert Review.objects.get().state == rules.RETURNED
    again = services.submit_review(judged.panel[0].actor, own, now=judged.now)
    assert (again.state, again.why_returned) == (rules.SUBMITTED, "")


def test_chair_returns_reviews_in_the_discussion_and_not_before() -> None:
    judged = make_judged(reviewers=3, chair=2)
    submitted(judged)
    submitted(judged, reviewer=1)
    chair, fellow = judged.panel[2].actor, judged.panel[1].actor
    own = judged.assignment()
    with pytest.raises(NotFound):
        services.return_review(chair, own, why="Thin", now=judged.now)
    discussed(judged)
    with pytest.raises(NotFound):
        services.return_review(fellow, own, why="Thin", now=judged.now)
    assert services.return_review(chair, own, why="Thin", now=judged.now).state == rules.RETURNED


def test_whoever_reads_alone_returns_nothing(judged: Judged) -> None:
    submitted(judged)
    auditor = make_actor(Role.AUDITOR, user_id=make_user("Aud Auditor").pk)
    with pytest.raises(NotPermitted):
        services.return_review(auditor, judged.assignment(), why="Thin", now=judged.now)


def test_returned_review_of_a_demonstration_writes_to_nobody(judged: Judged) -> None:
    submitted(judged)
    judged.panel[0].seat.reviewer.is_demonstration = True
    judged.panel[0].seat.reviewer.save()
    _user, officer = make_officer()
    services.return_review(officer, judged.assignment(), why="Thin", now=judged.now)
    assert not OutboxMessage.objects.exists()


def test_nothing_is_written_once_the_stage_is_over(judged: Judged) -> None:
    submitted(judged)
    _user, officer = make_officer()
    Stage.objects.filter(pk=judged.stage.pk).update(ended_at=judged.now)
    actor, own = judged.panel[0].actor, judged.assignment()
    acts: tuple[Callable[[], object], ...] = (
        lambda: services.write_review(actor, own, ReviewEntry(), now=judged.now),
        lambda: services.submit_review(actor, own, now=judged.now),
        lambda: services.reopen_review(actor, own, now=judged.now),
        lambda: services.return_review(officer, own, why="Thin", now=judged.now),
    )
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "reviewing_closed"


def test_assignment_of_somebody_else_is_not_found(judged: Judged) -> None:
    other = judged.panel[1].actor
    acts: tuple[Callable[[], object], ...] = (
        lambda: services.write_review(other, judged.assignment(), ReviewEntry(), now=judged.now),
        lambda: services.submit_review(other, judged.assignment(), now=judged.now),
        lambda: services.reopen_review(other, judged.assignment(), now=judged.now),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()


def test_assignment_that_is_gone_is_not_found(judged: Judged) -> None:
    gone = Assignment(pk=0, seat=judged.panel[0].seat, application=judged.applications[0])
    with pytest.raises(NotFound):
        services.write_review(judged.panel[0].actor, gone, ReviewEntry(), now=judged.now)


@pytest.mark.parametrize("how", ["taken back", "seat left", "withdrawn"])
def test_reviewer_who_lost_the_assignment_finds_nothing(judged: Judged, how: str) -> None:
    submitted(judged)
    if how == "taken back":
        Assignment.objects.update(removed_at=judged.now)
    elif how == "seat left":
        PanelSeat.objects.update(state=rules.LEFT)
    else:
        application = judged.applications[0]
        withdraw_from_competition(
            judged.applicants[0].actor, application, why="Over", now=judged.now
        )
    with pytest.raises(NotFound):
        services.reopen_review(judged.panel[0].actor, judged.assignment(), now=judged.now)
    assert list(queries.own_assignments(judged.panel[0].actor)) == []
    if how != "seat left":
        assert queries.reviews_counted(SYSTEM, judged.stage).count() == 0


def test_reviews_counted_are_for_whoever_runs_the_competition() -> None:
    judged = make_judged(applications=2, reviewers=2)
    submitted(judged, 0, 0, score=5)
    submitted(judged, 1, 1, score=2)
    services.write_review(
        judged.panel[1].actor, judged.assignment(0, 1), ReviewEntry(summary="So"), now=judged.now
    )
    _user, officer = make_officer()
    found = list(queries.reviews_counted(officer, judged.stage))
    assert [weighted(one) for one in found] == [50_000, 20_000]
    for stranger in (judged.panel[0].actor, judged.applicants[0].actor, Actor.public()):
        assert not queries.reviews_counted(stranger, judged.stage).exists()


def test_remarks_for_applicants_name_nobody_and_hold_no_note() -> None:
    judged = make_judged(applications=1, reviewers=3)
    for place, word in enumerate(("First", "Second", "Third")):
        submitted(judged, 0, place, word=word)
    services.reopen_review(judged.panel[2].actor, judged.assignment(0, 2), now=judged.now)
    ReviewScore.objects.filter(criterion__number=2).update(strengths="", weaknesses="")
    found = queries.review_remarks_of(judged.applications[0], judged.stage)
    numbers = {one.criterion.number for one in found}
    assert 2 not in numbers
    assert [(one.criterion.number, one.reviewer) for one in found] == [
        (number, reviewer) for number in sorted(numbers) for reviewer in (1, 2)
    ]
    told = " ".join(one.strengths + one.weaknesses for one in found)
    assert "First strength 1" in told
    assert "Third" not in told
    assert "secret" not in told
    assert "summary" not in told


def test_order_of_reviewers_is_another_one_for_each_application() -> None:
    judged = make_judged(applications=6, reviewers=2)
    orders = set()
    for row, application in enumerate(judged.applications):
        for place in range(2):
            submitted(judged, row, place, word=f"Reviewer{place}")
        first = queries.review_remarks_of(application, judged.stage)[0]
        orders.add(first.strengths.split()[0])
    assert orders == {"Reviewer0", "Reviewer1"}


def test_versions_of_a_review_never_change(judged: Judged) -> None:
    version = submitted(judged).versions.get()
    version.content = {}
    with pytest.raises(IntegrityError), transaction.atomic():
        version.save()


def test_trail_names_the_verb_and_no_word_of_the_review(judged: Judged) -> None:
    submitted(judged, word="Zinnober")
    events = AuditEvent.objects.filter(verb__in=["write_review", "submit_review"])
    assert {(one.subject_type, one.institute) for one in events} == {
        ("competitions.application", "")
    }
    assert all("Zinnober" not in str(one.changes) + one.why for one in events)


def test_own_reviews_list_what_closes_next_first_in_as_many_queries_for_any_number() -> None:
    one, three = make_judged(applications=1), make_judged(applications=3)
    counts = []
    for judged in (one, three):
        with CaptureQueriesContext(
            connection,
        ) as made:
            rows = list(queries.own_assignments(judged.panel[0].actor))
            assert all(queries.progress_in(row) == "not_begun" for row in rows)
            assert all(queries.judging_of(row.seat.stage).is_open for row in rows)
        counts.append((len(rows), len(made)))
    assert counts == [(1, 1), (3, 1)]
    submitted(three, 1)
    due = queries.own_due(three.panel[0].actor)
    assert [row.application.number for row in due] == [1, 3]
    services.close_reviewing(SYSTEM, three.stage, why="Over", now=three.now)
    assert queries.own_due(three.panel[0].actor).count() == 0


def test_stage_that_has_not_begun_is_read_by_no_reviewer() -> None:
    judged = make_judged()
    Stage.objects.filter(pk=judged.stage.pk).update(began_at=None)
    assert not queries.own_assignments(judged.panel[0].actor).exists()
    with pytest.raises(NotFound):
        queries.stage_by_id(judged.stage.pk)


def test_stage_is_found_by_who_reads_it_and_only_where_it_judges(judged: Judged) -> None:
    _user, officer = make_officer()
    key = judged.competition.key
    assert queries.stage_run_by(officer, key, REVIEW) == judged.stage
    for number in (1, 3, 9):
        with pytest.raises(NotFound):
            queries.stage_run_by(officer, key, number)
    with pytest.raises(NotFound):
        queries.stage_run_by(judged.panel[0].actor, key, REVIEW)


def test_what_a_reviewer_reads_is_what_was_handed_in(judged: Judged) -> None:
    own = queries.assignment_to_review(judged.panel[0].actor, judged.assignment().pk)
    Application.objects.update(title="Changed since")
    submission = queries.submission_reviewed(own)
    assert submission.content["terms"]["title"] == "Casting 0"
    (row,) = queries.own_assignments(judged.panel[0].actor)
    assert getattr(row, "title", "") == "Casting 0"
    assert queries.judging_of(stage_of(make_open(), 1)).is_open is True
