from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import QuerySet

from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import (
    Assignment,
    AssignmentRun,
    PanelSeat,
    ProposedPair,
)
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
    make_application,
    make_judged,
    make_panel,
    make_seat,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs import services as jobs
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db


# ----------------------------------------------------------------------------------------- by hand


def test_change_by_hand_shows_what_it_breaks_and_costs() -> None:
    stage = make_judged(1)
    ann = make_seat(stage, "Ann", text=field(1))
    make_seat(stage, "Bob", text=field(1))
    cid = make_seat(stage, "Cid", sector=rules.Sector.GOVERNMENT)
    run = adopted(stage)
    one = applications(stage)[0]
    added = services.weigh_change(SYSTEM, stage, added=[(one.pk, cid.pk)])
    assert [(fault.kind, fault.found, fault.wanted) for fault in added.brings] == [
        ("coverage", 3, 2)
    ]
    assert added.total_before == run.total
    assert added.total_after == run.total
    removed = services.weigh_change(SYSTEM, stage, removed=[(one.pk, ann.pk)])
    assert [fault.kind for fault in removed.brings] == ["coverage"]
    assert removed.total_after < removed.total_before
    assert removed.worst_after < removed.worst_before
    swapped = services.weigh_change(
        SYSTEM, stage, added=[(one.pk, cid.pk)], removed=[(one.pk, ann.pk)]
    )
    assert swapped.brings == ()
    assert swapped.worst_after < swapped.worst_before


def test_change_that_mends_says_so() -> None:
    stage = make_judged(1)
    make_seat(stage, "Ann")
    bob = make_seat(stage, "Bob", sector=rules.Sector.GOVERNMENT)
    adopted(stage)
    one = Assignment.objects.get(seat=bob)
    services.unassign_reviewer(SYSTEM, one, why="Ill", now=later(stage))
    assert [fault.kind for fault in services.faults_standing(SYSTEM, stage)] == ["coverage"]
    pair = (one.application_id, bob.pk)
    weighed = services.weigh_change(SYSTEM, stage, added=[pair])
    assert ([fault.kind for fault in weighed.mends], weighed.brings) == (["coverage"], ())


@pytest.mark.parametrize("how", ["added", "removed"])
def test_change_that_is_made_already_is_stale(how: str) -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    one = applications(stage)[0]
    if how == "added":
        assign(stage, one, seat)
    with pytest.raises(Stale):
        services.weigh_change(SYSTEM, stage, **{how: [(one.pk, seat.pk)]})


def test_reviewer_is_assigned_by_hand_with_the_affinity_that_was_counted() -> None:
    stage = make_judged(1)
    seat = make_seat(stage, text=field(1), email="rita@firm.example")
    one = applications(stage)[0]
    assert assign(stage, one, seat).affinity is None
    with refused("assigned"):
        assign(stage, one, seat)
    first = Assignment.objects.get()
    services.unassign_reviewer(SYSTEM, first, why="Counted later", now=later(stage))
    fits = services.count_affinities(stage, now=later(stage))
    made = assign(stage, one, seat)
    assert made.affinity == Decimal(fits[one.pk][seat.pk]) / 1_000_000
    assert made.origin == rules.Origin.HAND
    assert OutboxMessage.objects.count() == 3


def test_closed_pair_is_refused_with_its_citation() -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    one = applications(stage)[0]
    close(one, seat.reviewer.person)
    with pytest.raises(Refused) as refusal:
        assign(stage, one, seat)
    assert refusal.value.code == "closed_pair"
    assert "(Financial interest)" in str(refusal.value)
    assert refusal.value.citation == "15 U.S.C. 278s(e)(4)(B)(ii)"


def test_change_over_somebody_elses_is_stale() -> None:
    stage = make_judged(1)
    ann, bob = make_seat(stage, "Ann"), make_seat(stage, "Bob")
    one = applications(stage)[0]
    seen = services.weigh_change(SYSTEM, stage, added=[(one.pk, ann.pk)]).seen
    made = assign(stage, one, bob)
    with pytest.raises(Stale):
        assign(stage, one, ann, seen=seen)
    with pytest.raises(Stale):
        services.unassign_reviewer(SYSTEM, made, why="No", seen=seen, now=later(stage))
    anew = services.seen_of(queries.ground_of(SYSTEM, stage))
    assign(stage, one, ann, seen=anew)
    assert standing(stage) == {(1, "Ann"), (1, "Bob")}


@pytest.mark.parametrize("why", ["", "  ", "x" * 1001])
def test_taking_back_wants_a_reason_of_some_length(why: str) -> None:
    stage = make_judged(1)
    made = assign(stage, applications(stage)[0], make_seat(stage))
    with pytest.raises(Invalid):
        services.unassign_reviewer(SYSTEM, made, why=why, now=later(stage))


def test_taken_back_twice_it_is_not_there() -> None:
    stage = make_judged(1)
    made = assign(stage, applications(stage)[0], make_seat(stage))
    services.unassign_reviewer(SYSTEM, made, why="Ill", now=later(stage))
    with pytest.raises(NotFound):
        services.unassign_reviewer(SYSTEM, made, why="Ill", now=later(stage))
    made.refresh_from_db()
    assert made.why_removed == "Ill"


def test_what_an_actor_does_not_see_is_not_assigned() -> None:
    stage = make_judged(2)
    seat = make_seat(stage)
    left = make_seat(stage, "Left")
    PanelSeat.objects.filter(pk=left.pk).update(state=rules.LEFT)
    one, two = applications(stage)
    actor = officer()
    close_to(actor, one)
    for application, place in ((one, seat), (two, left)):
        with pytest.raises(NotFound):
            services.assign_reviewer(
                actor, stage, application_id=application.pk, seat_id=place.pk, now=later(stage)
            )
    made = assign(stage, one, seat)
    with pytest.raises(NotFound):
        services.unassign_reviewer(actor, made, why="No", now=later(stage))


def test_rest_is_arranged_anew_around_a_change() -> None:
    stage = make_judged(2)
    seats = make_panel(stage, 4, load_most=1)
    terms = replace(TERMS, demand=2, sector_least=0)
    adopted(stage, terms)
    pair = next(iter(queries.assignments_standing(stage)))
    run = services.settle_change(
        SYSTEM, stage, removed=[(pair.application_id, pair.seat_id)], now=later(stage)
    )
    run_until_idle()
    run.refresh_from_db()
    assert run.state == rules.PROPOSED
    assert run.demand == 2
    assert not run.pairs.filter(application=pair.application_id, seat=pair.seat_id).exists()
    assert run.pairs.count() == len(seats)


# ------------------------------------------------------------------------------------ who and when


@pytest.mark.parametrize("verb", sorted(rules.ASSIGNING_VERBS))
def test_only_whoever_runs_the_competition_assigns(verb: str) -> None:
    stage = make_judged(1)
    seat = make_seat(stage)
    run = computed(stage, replace(TERMS, demand=1))
    made = assign(stage, applications(stage)[0], seat)
    calls: dict[str, Callable[[Actor], object]] = {
        "propose_assignment": lambda who: services.propose_assignment(who, stage, TERMS, now=NOW),
        "settle_change": lambda who: services.settle_change(who, stage, now=NOW),
        "stop_proposal": lambda who: services.stop_proposal(who, run, now=NOW),
        "discard_proposal": lambda who: services.discard_proposal(who, run, now=NOW),
        "adopt_assignment": lambda who: services.adopt_assignment(who, run, now=NOW),
        "assign_reviewer": lambda who: services.assign_reviewer(
            who, stage, application_id=1, seat_id=1, now=NOW
        ),
        "unassign_reviewer": lambda who: services.unassign_reviewer(who, made, why="x", now=NOW),
        "take_back_conflicted": lambda who: services.take_back_conflicted(who, stage, now=NOW),
    }
    with pytest.raises(NotPermitted):
        calls[verb](Actor(user_id=make_user().pk, label="Somebody"))
    stage.competition.level = "institute"
    stage.competition.save(update_fields=["level"])
    with pytest.raises(NotFound):
        calls[verb](Actor(user_id=make_user().pk, label="Somebody"))


def test_stage_that_is_gone_is_not_found() -> None:
    stage = make_judged(1)
    stage.pk = 0
    with pytest.raises(NotFound):
        services.propose_assignment(SYSTEM, stage, TERMS, now=NOW)


def test_run_of_another_stage_is_not_found() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = computed(stage)
    other = make_judged(1)
    with pytest.raises(NotFound):
        queries.run_by_id(SYSTEM, other, run.pk)
    ProposedPair.objects.all().delete()
    AssignmentRun.objects.filter(pk=run.pk).delete()
    with pytest.raises(NotFound):
        services.discard_proposal(SYSTEM, run, now=later(stage))


# -------------------------------------------------------------------------------------- conflicts


def test_conflict_found_later_takes_the_assignment_back_daily() -> None:
    stage = make_judged(1)
    seat = make_seat(stage, email="rita@firm.example")
    other = make_seat(stage, "Other")
    one = applications(stage)[0]
    made = assign(stage, one, seat)
    assign(stage, one, other)
    OutboxMessage.objects.all().delete()
    jobs.want_daily_jobs(now=later(stage))
    close(one, seat.reviewer.person)
    run_until_idle()
    made.refresh_from_db()
    assert made.removed_at is not None
    assert made.why_removed == services.CONFLICT_FOUND
    assert standing(stage) == {(1, "Other")}
    told = OutboxMessage.objects.get(recipient="rita@firm.example")
    assert "conflict of interest" in told.body
    assert one.title not in told.body + told.subject
    assert services.take_back_conflicted(SYSTEM, stage, now=later(stage)) == 0
    assert queries.cover_of(SYSTEM, stage, 2).lacking == 1


def test_adopting_takes_conflicted_assignments_back_first() -> None:
    stage = make_judged(1)
    seat = make_seat(stage, sector=rules.Sector.GOVERNMENT)
    make_seat(stage, "Other")
    one = applications(stage)[0]
    made = assign(stage, one, seat)
    close(one, seat.reviewer.person)
    adopted(stage, replace(TERMS, demand=1))
    made.refresh_from_db()
    assert made.why_removed == services.CONFLICT_FOUND
    assert standing(stage) == {(1, "Other")}


# -------------------------------------------------------------------------------- a reviewer's own


def test_reviewer_sees_their_own_standing_assignments() -> None:
    stage = make_judged(3)
    user = make_user("Rita")
    rita = Actor(user_id=user.pk, label="Rita")
    seat = make_seat(stage, "Rita", user=user)
    other = make_seat(stage, "Other", user=make_user("Other"))
    one, two, three = applications(stage)
    first, second = assign(stage, one, seat), assign(stage, two, seat)
    strange = assign(stage, three, other)

    def own() -> QuerySet[Assignment]:
        return queries.assignments_of(rita)

    assert set(own()) == {first, second}
    assert strange not in own()
    assert not queries.assignments_of(Actor.public()).exists()
    assert not queries.assignments_shown(rita, stage).exists()
    assert not queries.runs_shown(rita, stage).exists()
    close_to(rita, one)
    assert set(own()) == {second}
    Application.objects.filter(pk=two.pk).update(state="withdrawn")
    assert not own().exists()
    Application.objects.filter(pk=two.pk).update(state="submitted")
    PanelSeat.objects.filter(pk=seat.pk).update(state=rules.LEFT)
    assert not own().exists()


def test_terms_in_force_are_those_adopted_last() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    assert queries.terms_in_force(stage) == rules.default_terms(3)
    one = applications(stage)[0]
    seat = PanelSeat.objects.earliest("pk")
    adopted(stage, replace(TERMS, forced=((one.pk, seat.pk),)))
    assert queries.terms_in_force(stage) == TERMS


def test_application_handed_in_later_lacks_reviewers() -> None:
    stage = make_judged(1)
    make_application(stage.competition, 2)
    assert queries.cover_of(SYSTEM, stage, 1).lacking == 2
