"""The ranked list: severity taken out, ties, single reviews, no review, and nothing told of what is
closed to the reader.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.queries import (
    applications_judged,
    competition_by_key,
    stage_by_number,
)
from lineshaft.apps.reviewing import queries, rules
from lineshaft.apps.reviewing.models import Consensus, ConsensusScore, PanelSeat
from lineshaft.apps.reviewing.tests.reviewed import (
    REVIEW,
    make_in_review,
    make_proposal,
    make_review,
    make_seat,
)
from lineshaft.apps.reviewing.views.ranking_tables import title_of
from lineshaft.engines.judging import calibration
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Competition:
    return make_in_review()


def stage_of(competition: Competition, actor: Actor) -> Stage:
    return stage_by_number(competition_by_key(actor, competition.key), REVIEW)


def ranked(competition: Competition, actor: Actor) -> queries.Ranking:
    return queries.ranking_of(actor, stage_of(competition, actor))


def panel(competition: Competition, size: int) -> list[PanelSeat]:
    stage = competition.stages.get(number=REVIEW)
    return [make_seat(stage) for _one in range(size)]


def fill(competition: Competition, scores: list[list[int]]) -> list[Application]:
    """Applications, each with the scores that the reviewers gave it; 0 for no review."""
    seats = panel(competition, len(scores[0]))
    made = [make_proposal(competition, f"Plan {number}") for number in range(len(scores))]
    for application, given in zip(made, scores, strict=True):
        for seat, score in zip(seats, given, strict=True):
            if score:
                make_review(seat, application, score)
    return made


@pytest.mark.database
def test_a_harsh_reviewer_is_taken_out(call: Competition, programme_officer: Actor) -> None:
    """The first two have the same mean; the harsh third reviewer read one of them alone."""
    made = fill(call, [[4, 0, 2], [3, 3, 0], [0, 4, 2], [4, 0, 2], [3, 3, 0], [0, 3, 1], [5, 5, 0]])
    found = ranked(call, programme_officer)
    rows = {row.application_id: row for row in found.rows}
    harsh, plain = rows[made[0].pk], rows[made[1].pk]
    assert harsh.mean == plain.mean == 3
    assert harsh.estimate > plain.estimate
    assert harsh.rank < plain.rank
    severest = min(found.severities, key=lambda one: one.leniency)
    third = PanelSeat.objects.order_by("pk")[2]
    assert severest.reviewer_id == third.reviewer_id
    assert severest.leniency < 0
    assert (found.reviews, found.applications, len(found.severities)) == (14, 7, 3)
    assert all(row.low < row.estimate < row.high for row in found.rows)
    assert found.application_share + found.reviewer_share + found.chance_share == pytest.approx(
        1, abs=Decimal("0.001")
    )


def test_told_apart_means_the_same_here_and_in_the_engine() -> None:
    assert round(calibration.SURE * 10_000) == rules.SURE_BP


def test_equal_estimates_share_a_rank_and_stand_by_number(
    call: Competition, programme_officer: Actor
) -> None:
    made = fill(call, [[4, 4], [5, 5], [4, 4], [1, 1]])
    rows = ranked(call, programme_officer).rows
    assert [row.rank for row in rows] == [1, 2, 2, 4]
    assert [row.application_id for row in rows] == [made[n].pk for n in (1, 0, 2, 3)]
    assert rows[1].beats_next == Decimal("0.5")
    assert rows[-1].beats_next is None


def test_one_review_has_a_wide_interval_and_no_spread(
    call: Competition, programme_officer: Actor
) -> None:
    (only,) = fill(call, [[4]])
    (row,) = ranked(call, programme_officer).rows
    assert (row.application_id, row.rank, row.group, row.reviews) == (only.pk, 1, 1, 1)
    assert (row.mean, row.spread, row.beats_next, row.consensus) == (Decimal(4), None, None, None)
    assert row.high - row.low > 1


@pytest.mark.database
def test_last_consensus_stands_beside_its_application(
    call: Competition, programme_officer: Actor
) -> None:
    made, other = fill(call, [[4, 2], [3, 3]])
    stage = stage_of(call, programme_officer)
    for number, score in ((1, 2), (2, 5)):
        agreed = Consensus.objects.create(
            stage=stage,
            application=made,
            number=number,
            text="Agreed.",
            recorded_at=made.begun_at,
            recorded_by="Chair",
        )
        ConsensusScore.objects.bulk_create(
            ConsensusScore(consensus=agreed, criterion=criterion, score=score)
            for criterion in stage.criteria.all()
        )
    rows = queries.ranking_of(programme_officer, stage).rows
    found = {row.application_id: row.consensus for row in rows}
    assert found == {made.pk: Decimal(5), other.pk: None}
    (criterion, *_others) = stage.criteria.all()
    by_one = queries.ranking_of(programme_officer, stage, criterion)
    assert {row.consensus for row in by_one.rows} == {None}


def test_a_stage_without_reviews_ranks_nothing(call: Competition, programme_officer: Actor) -> None:
    made = make_proposal(call)
    seat = make_seat(call.stages.get(number=REVIEW))
    make_review(seat, made, 5, state=rules.DRAFT)
    found = ranked(call, programme_officer)
    assert (found.rows, found.severities, found.reviews, found.joined) == ((), (), 0, ())
    assert found.unreviewed == (made.submissions.get().pk,)


def test_applications_without_a_review_stand_apart(
    call: Competition, programme_officer: Actor
) -> None:
    made = fill(call, [[4], [0], [3]])
    found = ranked(call, programme_officer)
    assert [row.application_id for row in found.rows] == [made[0].pk, made[2].pk]
    assert found.unreviewed == (made[1].submissions.get().pk,)
    assert found.applications == 3


def test_sets_that_no_reviewer_joins_are_numbered_down_the_list(
    call: Competition, programme_officer: Actor
) -> None:
    made = fill(call, [[1, 0], [0, 5], [2, 0], [0, 4]])
    found = ranked(call, programme_officer)
    sets = [{row.application_id for row in rows} for rows in found.joined]
    assert sets == [{made[1].pk, made[3].pk}, {made[0].pk, made[2].pk}]
    assert [row.joined for row in found.rows] == [1, 1, 2, 2]


@pytest.mark.database
def test_by_one_criterion_the_list_is_another(call: Competition, programme_officer: Actor) -> None:
    first, second = make_proposal(call, "First"), make_proposal(call, "Second")
    (seat,) = panel(call, 1)
    stage = stage_of(call, programme_officer)
    others = {one.number: 3 for one in stage.criteria.all()}
    make_review(seat, first, {**others, 1: 5})
    make_review(seat, second, {**others, 1: 2, 2: 5, 3: 5})
    by_first = queries.ranking_of(programme_officer, stage, stage.criteria.all()[0])
    assert [(row.application_id, row.mean) for row in by_first.rows] == [
        (first.pk, Decimal(5)),
        (second.pk, Decimal(2)),
    ]
    weights = {one.number: one.weight_bp for one in stage.criteria.all()}
    whole = queries.ranking_of(programme_officer, stage)
    means = {row.application_id: row.mean for row in whole.rows}
    assert means[first.pk] == Decimal(30_000 + 2 * weights[1]) / 10_000
    assert means[second.pk] == Decimal(30_000 - weights[1] + 2 * (weights[2] + weights[3])) / 10_000


def test_what_is_withdrawn_or_taken_back_counts_nowhere(
    call: Competition, programme_officer: Actor
) -> None:
    made = fill(call, [[4, 4], [3, 3], [2, 2]])
    Application.objects.filter(pk=made[0].pk).update(state="withdrawn")
    made[0].submissions.update(withdrawn_at=made[0].changed_at)
    taken = made[1].assignments.order_by("pk")[0]
    taken.removed_at = taken.made_at
    taken.save(update_fields=["removed_at"])
    found = ranked(call, programme_officer)
    reviews = [(row.application_id, row.reviews) for row in found.rows]
    assert reviews == [(made[1].pk, 1), (made[2].pk, 2)]


def test_what_is_closed_to_the_reader_moves_no_number(
    call: Competition, programme_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a list from which the application is absent, so that nothing follows from it."""
    made = fill(call, [[4, 2, 5], [3, 3, 0], [0, 4, 1], [5, 5, 1]])
    whole = ranked(call, programme_officer)
    closed = made[3]

    def without_closed(actor: Actor | None, stage: Stage) -> QuerySet[Submission]:
        return applications_judged(actor, stage).exclude(application=closed)

    monkeypatch.setattr(
        "lineshaft.apps.reviewing.queries.ranking.applications_judged", without_closed
    )
    shown = ranked(call, programme_officer)
    monkeypatch.undo()
    for review in closed.assignments.all():
        review.removed_at = review.made_at
        review.save(update_fields=["removed_at"])
    closed.submissions.update(withdrawn_at=closed.changed_at)
    never = ranked(call, programme_officer)
    assert shown == never
    assert [row.rank for row in shown.rows] == [1, 2, 3]
    assert len(whole.rows) == 4


@pytest.mark.parametrize("who", ["institute_manager", "reviewer", "learner"])
def test_who_does_not_run_it_sees_an_empty_list(
    who: str, call: Competition, programme_officer: Actor, request: pytest.FixtureRequest
) -> None:
    fill(call, [[4, 2], [3, 3]])
    stage = stage_of(call, programme_officer)
    found = queries.ranking_of(request.getfixturevalue(who), stage)
    assert (found.rows, found.unreviewed, found.severities) == ((), (), ())


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_list_do_not_grow(
    rows: int,
    call: Competition,
    programme_officer: Actor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    fill(call, [[4, 2, 5]] * rows)
    stage = stage_of(call, programme_officer)
    with django_assert_num_queries(4):
        found = queries.ranking_of(programme_officer, stage)
        shown = queries.submissions_shown(row.submission_id for row in found.rows)
        assert all(shown[row.submission_id].application.lead.name for row in found.rows)
    assert len(found.rows) == rows


def test_a_row_is_found_by_its_number_and_shows_its_reviews(
    call: Competition, programme_officer: Actor
) -> None:
    made = fill(call, [[4, 2], [3, 0]])
    stage = stage_of(call, programme_officer)
    found = queries.ranking_of(programme_officer, stage)
    row = queries.ranked_by_number(found, made[0].number)
    reviews: QuerySet[Any] = queries.reviews_behind(programme_officer, stage, row)
    assert sorted(reviews.values_list("weighted_bp", flat=True)) == [20_000, 40_000]
    with pytest.raises(NotFound):
        queries.ranked_by_number(found, 99)


@pytest.mark.database
def test_the_title_is_the_one_that_was_handed_in(
    call: Competition, programme_officer: Actor
) -> None:
    (made,) = fill(call, [[4]])
    Application.objects.filter(pk=made.pk).update(title="Sealed still")
    (row,) = ranked(call, programme_officer).rows
    shown = queries.submissions_shown([row.submission_id])[row.submission_id]
    assert (shown.application, title_of(shown)) == (made, "Plan 0")


@pytest.mark.parametrize(
    ("estimates", "ranks"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["3"], [1], id="one"),
        pytest.param(["3", "3", "2"], [1, 1, 3], id="a tie at the top"),
        pytest.param(["3", "2", "2", "1"], [1, 2, 2, 4], id="a tie within"),
    ],
)
def test_ranks_down_a_list(estimates: list[str], ranks: list[int]) -> None:
    assert rules.ranks_of([Decimal(one) for one in estimates]) == ranks


def test_keys_are_numbered_as_they_come() -> None:
    assert rules.numbered([7, 3, 7, 9, 3]) == [1, 2, 1, 3, 2]


def test_values_are_told_to_four_decimals() -> None:
    assert rules.told(3.14159) == Decimal("3.1416")
    assert rules.score_of(36_250) == Decimal("3.625")
