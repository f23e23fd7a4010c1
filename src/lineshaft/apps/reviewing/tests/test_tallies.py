"""Tallies follow every assignment and review, and are derived again by `verify_tallies`."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, Review, ReviewTally
from lineshaft.apps.reviewing.tests.judged import Judged, make_judged, make_officer, submitted
from lineshaft.apps.reviewing.tests.reviewed import join
from lineshaft.plumbing.triggers import lifted

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tallied(judged: Judged) -> list[tuple[int, int, int, int]]:
    """Assigned, submitted, returned and begun, by application; derived again, they are the same."""
    assert services.verify_tallies() == []
    rows = ReviewTally.objects.order_by("application_id")
    assert {one.stage_id for one in rows} == {judged.stage.pk}
    return list(rows.values_list("assigned", "submitted", "returned", "draft"))


def test_tallies_follow_a_review_from_its_assignment_on() -> None:
    judged = make_judged(applications=2, reviewers=2)
    assert tallied(judged) == [(2, 0, 0, 0), (2, 0, 0, 0)]
    actor = judged.panel[0].actor
    services.write_review(actor, judged.assignment(1, 0), services.ReviewEntry(), now=judged.now)
    assert tallied(judged) == [(2, 0, 0, 0), (2, 0, 0, 1)]
    submitted(judged, 0, 0)
    submitted(judged, 0, 1)
    assert tallied(judged) == [(2, 2, 0, 0), (2, 0, 0, 1)]
    services.return_review(SYSTEM, judged.assignment(0, 1), why="Thin", now=judged.now)
    assert tallied(judged) == [(2, 1, 1, 0), (2, 0, 0, 1)]
    services.reopen_review(actor, judged.assignment(0, 0), now=judged.now)
    assert tallied(judged) == [(2, 0, 1, 1), (2, 0, 0, 1)]
    submitted(judged, 0, 0)
    assert tallied(judged) == [(2, 1, 1, 0), (2, 0, 0, 1)]


def test_assignment_that_is_taken_back_counts_no_more_with_its_review() -> None:
    judged = make_judged(applications=1, reviewers=2)
    submitted(judged, 0, 0)
    taken = judged.assignment(0, 0)
    services.unassign_reviewer(SYSTEM, taken, why="Moved", now=judged.now)
    assert tallied(judged) == [(1, 0, 0, 0)]
    Review.objects.filter(assignment=taken).update(state=rules.RETURNED)  # unread, and uncounted
    assert tallied(judged) == [(1, 0, 0, 0)]
    Assignment.objects.filter(pk=taken.pk).update(removed_at=None)
    assert tallied(judged) == [(2, 0, 1, 0)]
    Assignment.objects.update(removed_at=judged.now)
    assert tallied(judged) == [(0, 0, 0, 0)]
    _user, officer = make_officer()
    assert not queries.tallies_listed(officer, judged.stage, now=judged.now).exists()


def test_list_of_tallies_keeps_what_is_asked_for() -> None:
    judged = make_judged(applications=3, reviewers=1)
    first, second, third = (one.pk for one in judged.applications)
    submitted(judged, 0, 0)
    submitted(judged, 1, 0)
    ends_at = judged.stage.ends_at
    assert ends_at is not None
    Review.objects.filter(assignment=judged.assignment(1, 0)).update(submitted_at=ends_at)
    _user, officer = make_officer()

    def listed(state: str, *, is_over: bool = False) -> list[int]:
        now = ends_at if is_over else judged.now
        rows = queries.tallies_listed(officer, judged.stage, state=state, now=now)
        return [one.application_id for one in rows]

    assert listed("") == [first, second, third]
    assert listed(queries.MISSING) == [third]
    assert listed(queries.COMPLETE) == [first, second]
    assert listed(queries.LATE) == [second]
    assert listed(queries.LATE, is_over=True) == [second, third]
    assert queries.counts_of(officer, judged.stage, now=ends_at).late == 2
    Application.objects.filter(pk=second).update(state="withdrawn")
    assert listed("") == [first, third]
    join(judged.applications[0], _user)
    assert listed("") == [third]
    assert queries.counts_of(officer, judged.stage, now=judged.now).assigned == 1
    assert not queries.tallies_listed(judged.panel[0].actor, judged.stage, now=judged.now).exists()


def test_counting_a_stage_reads_no_more_for_more_applications() -> None:
    made = []
    for number in (1, 3):
        judged = make_judged(applications=number, reviewers=2)
        _user, officer = make_officer()
        with CaptureQueriesContext(connection) as captured:
            counts = queries.counts_of(officer, judged.stage, now=judged.now)
        made.append((counts.assigned, len(captured)))
    assert made == [(2, 2), (6, 2)]


def test_verify_tallies_finds_what_was_changed_behind_its_back() -> None:
    judged = make_judged(applications=2, reviewers=1)
    submitted(judged, 0, 0)
    with lifted():
        ReviewTally.objects.filter(application=judged.applications[1]).delete()
        ReviewTally.objects.update(submitted=F("submitted") + 1)
        problems = [str(one) for one in services.verify_tallies()]
    assert len(problems) == 2
    assert "1, 2, 0, 0 is kept" in problems[0]
    assert "0, 0, 0, 0 is kept" in problems[1]
    assert problems[1].endswith("there are 1, 0, 0, 0.")


def test_migration_tallies_what_is_there() -> None:
    judged = make_judged(applications=2, reviewers=2)
    submitted(judged, 0, 0)
    submitted(judged, 1, 1)
    services.unassign_reviewer(SYSTEM, judged.assignment(1, 1), why="Moved", now=judged.now)
    services.return_review(SYSTEM, judged.assignment(0, 0), why="Thin", now=judged.now)
    before = tallied(judged)
    ReviewTally.objects.all().delete()
    migration = import_module("lineshaft.apps.reviewing.migrations.0002_tallies")
    with connection.cursor() as cursor:
        cursor.execute(migration.TALLY)
    assert tallied(judged) == before == [(2, 0, 1, 0), (1, 0, 0, 0)]
