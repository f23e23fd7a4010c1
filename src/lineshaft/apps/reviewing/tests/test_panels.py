import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage
from lineshaft.apps.competitions.tests.applicants import make_application
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    make_call,
    make_draft,
    make_open,
    stage_of,
)
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Reviewer
from lineshaft.apps.reviewing.rules import Origin, Sector
from lineshaft.apps.reviewing.services import OwnTerms
from lineshaft.apps.reviewing.tests.factories import (
    actor_of_reviewer,
    make_invitation,
    make_panel_stage,
    make_reviewer,
    make_reviewing_user,
    make_seat,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

DOE = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE", user_id=9_001)
DOD = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD", user_id=9_002)
WAIT_S = 0.5
"""Within it whoever begins meanwhile has come to their first lock."""


def end(stage: Stage) -> None:
    Stage.objects.filter(pk=stage.pk).update(began_at=NOW, ended_at=NOW)


def assign(seat: PanelSeat) -> Assignment:
    return Assignment.objects.create(
        seat=seat,
        application=make_application(seat.stage.competition),
        origin=Origin.HAND,
        made_at=NOW,
        made_by="test",
    )


def states_of(stage: Stage) -> dict[str, str]:
    return {seat.reviewer.person.name: seat.state for seat in queries.seats_on(stage)}


def code_of(perform: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as error:
        perform()
    return error.value.code


# ------------------------------------------------------------------------------------ inviting


def test_sponsor_invites_several_who_get_a_message_each() -> None:
    stage = make_panel_stage()
    first, second = make_reviewing_user("Alma"), make_reviewer("Bert", load_most=2)
    seats = services.invite_to_panel(DOE, stage, [second, first], now=NOW)
    assert [(seat.reviewer, seat.state, seat.load_most) for seat in seats] == [
        (first, "invited", 6),
        (second, "invited", 2),
    ]
    mails = {one.recipient: one for one in OutboxMessage.objects.all()}
    assert set(mails) == {first.person.email, second.person.email}
    mail = mails[first.person.email]
    code = stage.competition.code
    assert mail.subject == f"You are invited to review in {code}"
    assert "/reviews/invitations/" in mail.body
    assert "up to 6 applications" in mail.body
    event = AuditEvent.objects.get(verb="invite_to_panel")
    assert event.changes == {"stage": 2, "reviewers": [first.pk, second.pk]}


def test_message_is_in_the_language_of_the_reviewer() -> None:
    user = make_user("Rita")
    user.language = "zh-hans"
    user.save()
    make_invitation(reviewer=make_reviewer(user=user))
    assert OutboxMessage.objects.get().subject.endswith("邀请您参加评审")


def test_invented_and_unreachable_reviewers_are_invited_without_a_message() -> None:
    invented, silent = make_reviewer("Inez"), make_reviewer("Silas")
    Reviewer.objects.filter(pk=invented.pk).update(is_demonstration=True)
    silent.person.email = ""
    silent.person.save()
    services.invite_to_panel(SYSTEM, make_panel_stage(), [invented, silent], now=NOW)
    assert not OutboxMessage.objects.exists()


def test_load_of_all_is_said_once() -> None:
    assert make_invitation(load_most=3).load_most == 3
    stage, reviewer = make_panel_stage(), make_reviewer("Lola")
    for load_most in (0, 201):
        with pytest.raises(Invalid):
            services.invite_to_panel(SYSTEM, stage, [reviewer], load_most=load_most, now=NOW)
    with pytest.raises(Invalid) as error:
        services.invite_to_panel(SYSTEM, stage, [], now=NOW)
    assert [fault.field for fault in error.value.errors] == ["reviewers"]


def test_others_invite_nobody() -> None:
    stage, reviewer = make_panel_stage(), make_reviewing_user()
    for actor in (DOD, make_actor(Role.AUDITOR), actor_of_reviewer(reviewer), Actor.public()):
        with pytest.raises(NotPermitted):
            services.invite_to_panel(actor, stage, [reviewer], now=NOW)
    assert not PanelSeat.objects.exists()


def test_manager_invites_to_the_own_call_alone() -> None:
    lift = make_institute("lift")
    stage = make_panel_stage(make_call(lift))
    reviewer = make_reviewer()
    own = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    stranger = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "rime")
    with pytest.raises(NotFound):
        services.invite_to_panel(stranger, stage, [reviewer], now=NOW)
    services.invite_to_panel(own, stage, [reviewer], now=NOW)
    assert AuditEvent.objects.get(verb="invite_to_panel").institute == "lift"


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        pytest.param(lambda: make_panel_stage(number=1), "no_panel", id="nothing is judged"),
        pytest.param(lambda: make_panel_stage(make_draft()), "panel_of_draft", id="a draft"),
    ],
)
def test_stage_that_has_no_panel_invites_nobody(prepare: Callable[[], Stage], code: str) -> None:
    stage, reviewer = prepare(), make_reviewer()
    assert code_of(lambda: services.invite_to_panel(SYSTEM, stage, [reviewer], now=NOW)) == code


def test_panel_of_a_stage_that_is_over_stays_as_it_was() -> None:
    stage = make_panel_stage()
    waiting, sits = make_invitation(stage), make_seat(stage, make_reviewing_user("Sam"))
    end(stage)
    reviewer = make_reviewer("Late")
    for perform in (
        lambda: services.invite_to_panel(SYSTEM, stage, [reviewer], now=NOW),
        lambda: services.accept_panel_invitation(SYSTEM, waiting, load_most=1, now=NOW),
        lambda: services.decline_panel_invitation(SYSTEM, waiting, why="No.", now=NOW),
        lambda: services.leave_panel(SYSTEM, sits, why="No.", now=NOW),
        lambda: services.remove_from_panel(SYSTEM, sits, why="No.", now=NOW),
        lambda: services.name_panel_chair(SYSTEM, sits, now=NOW),
    ):
        assert code_of(perform) == "panel_over"
    assert states_of(stage) == {"Rita Reviewer": "invited", "Sam": "accepted"}


def test_panel_of_a_cancelled_competition_invites_nobody() -> None:
    stage, reviewer = make_panel_stage(), make_reviewer()
    waiting = make_invitation(stage)
    competitions.cancel_competition(SYSTEM, stage.competition, why="No money.", now=NOW)
    assert (
        code_of(lambda: services.invite_to_panel(SYSTEM, stage, [reviewer], now=NOW))
        == "competition_over"
    )
    assert not queries.panel_invitations_to(actor_of_reviewer(waiting.reviewer)).exists()


def test_retired_reviewer_is_not_invited_and_takes_no_seat() -> None:
    stage, reviewer = make_panel_stage(), make_reviewing_user()
    waiting = make_invitation(stage, reviewer)
    services.retire_reviewer(SYSTEM, reviewer, why="Moved.", now=NOW)
    other = make_panel_stage()
    assert (
        code_of(lambda: services.invite_to_panel(SYSTEM, other, [reviewer], now=NOW))
        == "reviewer_retired"
    )
    assert (
        code_of(
            lambda: services.accept_panel_invitation(
                SYSTEM, waiting, load_most=1, is_political_appointee=False, now=NOW
            )
        )
        == "reviewer_retired"
    )
    reviewer.refresh_from_db()
    assert reviewer.is_political_appointee is None


def test_somebody_on_the_panel_is_not_invited_twice_and_nobody_else_with_them() -> None:
    stage = make_panel_stage()
    seat, other = make_invitation(stage), make_reviewer("Alma")
    both = [other, seat.reviewer]
    assert (
        code_of(lambda: services.invite_to_panel(SYSTEM, stage, both, now=NOW)) == "invited_already"
    )
    assert states_of(stage) == {"Rita Reviewer": "invited"}


def test_reviewer_that_the_actor_may_not_see_is_not_found() -> None:
    gone = make_reviewer()
    Reviewer.objects.filter(pk=gone.pk).delete()
    with pytest.raises(NotFound):
        services.invite_to_panel(SYSTEM, make_panel_stage(), [gone], now=NOW)
    stage = make_panel_stage()
    Stage.objects.filter(pk=stage.pk).delete()
    with pytest.raises(NotFound):
        services.invite_to_panel(SYSTEM, stage, [make_reviewer("Alma")], now=NOW)


def test_who_declined_is_asked_again_in_the_same_seat() -> None:
    seat = make_invitation()
    services.decline_panel_invitation(SYSTEM, seat, why="Busy.", now=NOW)
    again = make_invitation(seat.stage, seat.reviewer, load_most=1)
    assert (again.pk, again.state, again.why, again.answered_at, again.load_most) == (
        seat.pk,
        "invited",
        "",
        None,
        1,
    )


def test_political_appointee_is_not_invited_to_judge_an_institute() -> None:
    reviewer = make_reviewing_user(sector=Sector.GOVERNMENT)
    said = OwnTerms(is_political_appointee=True)
    services.edit_own_reviewing(actor_of_reviewer(reviewer), reviewer, said, now=NOW)
    stage = make_panel_stage()
    with pytest.raises(Refused) as error:
        services.invite_to_panel(SYSTEM, stage, [reviewer], now=NOW)
    refusal = error.value.refusal
    assert refusal.code == "political_appointee"
    assert refusal.citation is not None
    assert refusal.citation.text == "15 U.S.C. 278s(e)(4)(B)(i); 38 U.S.C. 714(h)"
    call = make_panel_stage(make_call(make_institute("lift")))
    assert make_invitation(call, reviewer).state == "invited"  # the law is about institutes


# ----------------------------------------------------------------------------------- answering


def test_reviewer_accepts_with_a_load_and_declares() -> None:
    seat = make_invitation()
    actor = actor_of_reviewer(seat.reviewer)
    with pytest.raises(Invalid) as error:
        services.accept_panel_invitation(actor, seat, load_most=3, now=NOW)
    assert [fault.field for fault in error.value.errors] == ["is_political_appointee"]
    with pytest.raises(Invalid):
        services.accept_panel_invitation(
            actor, seat, load_most=0, is_political_appointee=False, now=NOW
        )
    services.accept_panel_invitation(
        actor, seat, load_most=3, is_political_appointee=False, now=NOW
    )
    seat.refresh_from_db()
    reviewer = seat.reviewer
    reviewer.refresh_from_db()
    assert (seat.state, seat.load_most, seat.answered_at) == ("accepted", 3, NOW)
    assert (reviewer.is_political_appointee, reviewer.declared_at) == (False, NOW)
    assert queries.seat_of(actor, seat.stage) == seat
    event = AuditEvent.objects.get(verb="accept_panel_invitation")
    assert (event.institute, event.changes) == ("", {"is_political_appointee": False})
    second = make_invitation(reviewer=reviewer)
    services.accept_panel_invitation(actor, second, load_most=3, now=NOW)  # declared before


def test_political_appointee_takes_no_seat() -> None:
    seat = make_invitation()
    actor = actor_of_reviewer(seat.reviewer)
    assert (
        code_of(
            lambda: services.accept_panel_invitation(
                actor, seat, load_most=3, is_political_appointee=True, now=NOW
            )
        )
        == "political_appointee"
    )
    seat.refresh_from_db()
    assert seat.state == "invited"


def test_declaring_later_makes_the_panel_faulty() -> None:
    stage = make_panel_stage()
    assert [fault.code for fault in queries.panel_faults(stage)] == ["panel_empty"]
    seat = make_seat(stage, make_reviewing_user("Gwen", sector=Sector.GOVERNMENT))
    assert [fault.code for fault in queries.panel_faults(stage)] == ["panel_one_sector"]
    make_seat(stage, make_reviewing_user("Ines", sector=Sector.INDUSTRY))
    assert queries.panel_faults(stage) == ()
    actor = actor_of_reviewer(seat.reviewer)
    said = OwnTerms(is_political_appointee=True)
    services.edit_own_reviewing(actor, seat.reviewer, said, now=NOW)
    (fault,) = queries.panel_faults(stage)
    assert (fault.code, fault.params["names"]) == ("panel_political_appointee", ("Gwen",))
    services.remove_from_panel(SYSTEM, seat, why="The law.", now=NOW)
    assert [fault.code for fault in queries.panel_faults(stage)] == ["panel_one_sector"]


def test_rules_of_the_day_bind_a_panel() -> None:
    stage = make_panel_stage()
    make_seat(stage)
    competition = stage.competition
    competition.opened_at = NOW.replace(year=2018)
    assert queries.panel_faults(stage) == ()
    competition.opened_at = None
    competition.announced_at = NOW.replace(year=2018)
    assert queries.panel_faults(stage) == ()
    competition.announced_at = None
    assert [fault.code for fault in queries.panel_faults(stage)] == ["panel_one_sector"]


def test_nobody_answers_for_somebody_else() -> None:
    seat = make_invitation()
    other = make_reviewing_user("Olga Other")
    for actor in (actor_of_reviewer(other), make_actor(Role.PROGRAMME_OFFICER, user_id=0)):
        with pytest.raises(NotFound):
            services.accept_panel_invitation(
                actor, seat, load_most=1, is_political_appointee=False, now=NOW
            )
        with pytest.raises(NotFound):
            services.decline_panel_invitation(actor, seat, why="No.", now=NOW)
        with pytest.raises(NotFound):
            services.leave_panel(actor, seat, why="No.", now=NOW)
        with pytest.raises(NotFound):
            queries.own_seat_by_id(actor, seat.pk)
        assert not queries.panel_invitations_to(actor).exists()
    with pytest.raises(NotPermitted):
        services.leave_panel(Actor.public(), seat, why="No.", now=NOW)
    seat.refresh_from_db()
    assert seat.state == "invited"


def test_seat_that_is_gone_is_not_found() -> None:
    seat = make_invitation()
    stage = seat.stage
    actor = actor_of_reviewer(seat.reviewer)
    PanelSeat.objects.filter(pk=seat.pk).delete()
    with pytest.raises(NotFound):
        services.decline_panel_invitation(actor, seat, why="No.", now=NOW)
    seat.stage = stage
    with pytest.raises(NotFound):
        services.remove_from_panel(SYSTEM, seat, why="No.", now=NOW)


def test_reviewer_without_a_user_is_invited_and_answers_once_let_in() -> None:
    reviewer = make_reviewer("Nora", email="nora@example.org")
    seat = make_invitation(reviewer=reviewer)
    stranger = make_actor(user_id=make_user().pk)
    with pytest.raises(NotFound):
        services.decline_panel_invitation(stranger, seat, why="No.", now=NOW)
    assert queries.seat_of(Actor.public(), seat.stage) is None
    services.give_reviewer_access(SYSTEM, reviewer, now=NOW)
    reviewer.person.refresh_from_db()
    actor = actor_of_reviewer(reviewer)
    assert list(queries.panel_invitations_to(actor)) == [seat]
    services.decline_panel_invitation(actor, seat, why="Busy.", now=NOW)
    assert not queries.panel_invitations_to(actor).exists()


def test_declining_and_leaving_want_a_reason() -> None:
    waiting = make_invitation()
    for perform in (services.decline_panel_invitation, services.leave_panel):
        with pytest.raises(Invalid):
            perform(SYSTEM, waiting, why=" ", now=NOW)
    services.decline_panel_invitation(SYSTEM, waiting, why=" Busy. ", now=NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why, waiting.answered_at) == ("declined", "Busy.", NOW)
    assert code_of(
        lambda: services.accept_panel_invitation(SYSTEM, waiting, load_most=1, now=NOW)
    ) == ("wrong_state")


def test_seat_is_not_given_up_while_assignments_stand() -> None:
    seat = make_seat()
    assignment = assign(seat)
    with pytest.raises(Refused) as error:
        services.leave_panel(SYSTEM, seat, why="Ill.", now=NOW)
    assert (error.value.code, error.value.refusal.params["count"]) == ("seat_assigned", 1)
    with pytest.raises(Refused) as error:
        services.remove_from_panel(SYSTEM, seat, why="Ill.", now=NOW)
    assert error.value.refusal.params == {"name": "Rita Reviewer", "count": 1}
    assignment.removed_at = NOW
    assignment.save()
    services.leave_panel(SYSTEM, seat, why="Ill.", now=NOW)
    seat.refresh_from_db()
    assert (seat.state, seat.why) == ("left", "Ill.")
    assert queries.seat_of(actor_of_reviewer(seat.reviewer), seat.stage) is None


@pytest.mark.parametrize("give_up", [services.leave_panel, services.remove_from_panel])
def test_seat_is_given_up_where_all_that_was_assigned_is_withdrawn(
    give_up: Callable[..., PanelSeat],
) -> None:
    seat = make_seat()
    assignment = assign(seat)
    Application.objects.filter(pk=assignment.application_id).update(state="withdrawn")
    assert give_up(SYSTEM, seat, why="Ill.", now=NOW).state == "left"


def test_invitation_is_taken_back() -> None:
    seat = make_invitation()
    with pytest.raises(Invalid):
        services.remove_from_panel(SYSTEM, seat, why="", now=NOW)
    services.remove_from_panel(DOE, seat, why="Wrong person.", now=NOW)
    seat.refresh_from_db()
    assert (seat.state, seat.why) == ("left", "Wrong person.")
    assert AuditEvent.objects.get(verb="remove_from_panel").changes == {"stage": 2, "seat": seat.pk}
    with pytest.raises(NotPermitted):
        services.remove_from_panel(DOD, seat, why="No.", now=NOW)


def test_panel_has_one_chair_who_sits_on_it() -> None:
    stage = make_panel_stage()
    first, second = (make_seat(stage, make_reviewing_user(name)) for name in ("Alma", "Bert"))
    waiting = make_invitation(stage, make_reviewer("Carl"))
    with pytest.raises(Invalid):
        services.name_panel_chair(SYSTEM, waiting, now=NOW)
    services.name_panel_chair(DOE, first, now=NOW)
    services.name_panel_chair(DOE, second, now=NOW)
    chairs = [seat.reviewer.person.name for seat in queries.seats_on(stage) if seat.is_chair]
    assert chairs == ["Bert"]
    services.leave_panel(SYSTEM, second, why="Ill.", now=NOW)
    assert not PanelSeat.objects.filter(is_chair=True).exists()


# --------------------------------------------------------------------------------------- reads


def test_stages_that_judge_are_listed_in_their_order() -> None:
    competition = make_open(template="four_stage")
    assert [stage.number for stage in queries.stages_judged(competition)] == [2, 3, 4]


def test_panel_is_read_by_who_runs_the_competition_and_by_the_network() -> None:
    stage = make_panel_stage()
    seat = make_seat(stage)
    key = stage.competition.key
    for actor in (DOE, make_actor(Role.AUDITOR), SYSTEM):
        assert queries.panel_by_number(actor, key, 2) == stage
    for actor in (DOD, actor_of_reviewer(seat.reviewer), make_actor(Role.MEMBER), Actor.public()):
        with pytest.raises(NotFound):
            queries.panel_by_number(actor, key, 2)
    for number in (1, 99):
        with pytest.raises(NotFound):
            queries.panel_by_number(SYSTEM, key, number)
    with pytest.raises(NotFound):
        queries.seat_on(stage_of(stage.competition, 4), seat.pk)


def test_seats_of_a_reviewer_are_read_by_who_runs_the_competition() -> None:
    seat = make_seat()
    assert list(queries.seats_held_by(DOE, seat.reviewer)) == [seat]
    assert list(queries.seats_held_by(actor_of_reviewer(seat.reviewer), seat.reviewer)) == [seat]
    assert list(queries.seats_held_by(DOD, seat.reviewer)) == []


def test_those_who_sit_take_on_so_many_together() -> None:
    stage = make_panel_stage()
    assert queries.panel_load(stage) == 0
    for name, load in (("Bert", 3), ("Alma", 4)):
        make_seat(stage, make_reviewing_user(name), load_most=load)
    make_invitation(stage, make_reviewer("Carl"))
    assert queries.panel_load(stage) == 7
    assert [seat.reviewer.person.name for seat in queries.seats_accepted(stage)] == ["Alma", "Bert"]


def test_those_on_the_panel_are_no_candidates() -> None:
    stage = make_panel_stage()
    make_seat(stage)
    declined = make_invitation(stage, make_reviewer("Dora"))
    services.decline_panel_invitation(SYSTEM, declined, why="Busy.", now=NOW)
    make_reviewer("Free")
    retired = make_reviewer("Rex")
    services.retire_reviewer(SYSTEM, retired, why="Moved.", now=NOW)
    found = queries.reviewers_to_invite(SYSTEM, stage, queries.PoolSearch(activity="all"))
    assert [one.person.name for one in found.order_by("person__name")] == ["Dora", "Free"]


# ------------------------------------------------------------------------------------ at once


def both_at_once(perform: Callable[[], object]) -> list[str]:
    """What two who do the same at the same moment are told."""
    start = threading.Barrier(2)

    def told(_number: int) -> str:
        start.wait()
        try:
            perform()
        except (Refused, Stale) as error:
            return error.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        return sorted(pool.map(told, range(2)))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one_answer() -> None:
    seat = make_invitation()
    told = both_at_once(
        lambda: services.accept_panel_invitation(
            SYSTEM, seat, load_most=2, is_political_appointee=False, now=NOW
        )
    )
    assert told == ["done", "wrong_state"]
    seat.refresh_from_db()
    assert seat.state == rules.ACCEPTED
    assert AuditEvent.objects.filter(verb="accept_panel_invitation").count() == 1


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["invite", "accept"])
def test_panel_and_stages_of_a_competition_change_at_once(verb: str) -> None:
    """A verb over the whole competition locks it, and then changes its stages."""
    seat = make_invitation()
    stage, reviewer = seat.stage, make_reviewer("Alma")
    is_locked = threading.Event()

    def change_stages() -> None:
        with transaction.atomic():
            Competition.objects.select_for_update().get(pk=stage.competition_id)
            is_locked.set()
            time.sleep(WAIT_S)
            Stage.objects.filter(pk=stage.pk).update(name="Merit review")
        connection.close()

    def change_panel() -> None:
        is_locked.wait()
        if verb == "invite":
            services.invite_to_panel(SYSTEM, stage, [reviewer], now=NOW)
        else:
            services.accept_panel_invitation(
                SYSTEM, seat, load_most=2, is_political_appointee=False, now=NOW
            )
        connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        for one in [pool.submit(change_stages), pool.submit(change_panel)]:
            one.result()
    assert Stage.objects.get(pk=stage.pk).name == "Merit review"
    assert PanelSeat.objects.count() == 1 + (verb == "invite")


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_invitations_at_once_are_one_seat() -> None:
    stage, reviewer = make_panel_stage(), make_reviewing_user()
    told = both_at_once(lambda: services.invite_to_panel(SYSTEM, stage, [reviewer], now=NOW))
    assert told == ["done", "invited_already"]
    assert PanelSeat.objects.count() == 1


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_chairs_named_at_once_are_one_chair() -> None:
    stage = make_panel_stage()
    seats = iter([make_seat(stage, make_reviewing_user(name)) for name in ("Alma", "Bert")])
    told = both_at_once(lambda: services.name_panel_chair(SYSTEM, next(seats), now=NOW))
    assert told == ["done", "done"]
    assert PanelSeat.objects.filter(stage=stage, is_chair=True).count() == 1
