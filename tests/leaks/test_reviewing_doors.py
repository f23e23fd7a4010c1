"""Reviewing, asked at every door by those to whom an application is closed."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
)
from lineshaft.apps.competitions.tests.applicants import pdf_of
from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.network.tests.factories import make_organisation, make_person
from lineshaft.apps.reviewing import rules, services
from lineshaft.apps.reviewing.models import (
    AssignmentRun,
    DiscussionRemark,
    PanelSeat,
    ReplySubmission,
    Review,
    ReviewerText,
)
from lineshaft.apps.reviewing.tests.closed import close
from lineshaft.apps.reviewing.tests.reviewed import (
    REVIEW,
    begin_replies,
    client_for,
    end_replies,
    make_in_review,
    make_proposal,
    make_review,
    make_seat,
    reviewer_actor,
)
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.leaks.doors import FORMS, Arguments, Closed, Door, doors_of, faults_of, told
from tests.leaks.readers import make_partner

pytestmark = pytest.mark.django_db

NAMES: Final = ("Zylinderkopf", "Zylinderwerke", "Zacharias")
"""Title, lead and leader of the application that is closed; a partner may read them."""

JUDGED: Final = ("Zinnstark", "Zinnschwach", "Zinnvertraulich", "Zinnsumme")
"""Said in a review of it; the last two to whoever runs the competition alone."""

SPOKEN: Final = ("Zinnwort", "Zinnkonsens")
"""Said of it in the discussion."""

REPLIED: Final = ("Zinkantwort", "Zinkpapier")
"""The reply and its document."""

COUNTED: Final = ("Lower the least load", "less_least")
"""Said where least loads exceed what is there, counted over all, to whoever runs the call."""

SECRETS: Final = (*NAMES, *JUDGED, *SPOKEN, *REPLIED, *COUNTED)
REVIEWER: Final = "Quirin Quecksilber"
"""Who reviews both; told to no applicant."""

OFFICER: Final = "conflicted officer"
READERS: Final = {
    OFFICER: SECRETS,
    "rival applicant": (*SECRETS, REVIEWER),
    "unassigned reviewer": SECRETS,
    "partner without shares": (*JUDGED, *SPOKEN, *REPLIED, *COUNTED, REVIEWER),
}
"""Who asks, and what may reach none of them."""


@dataclass(slots=True)
class World:
    """Two applications under review, of which the first is closed; `now` is the server's time."""

    call: Competition
    hidden: Application
    readers: dict[str, User]
    free: list[User]
    arguments: Arguments

    @property
    def doors(self) -> list[Door]:
        queries = {
            "show_stage_reviews": "by=reviewer",
            "propose_assignment": f"from={AssignmentRun.objects.earliest('pk').pk}",
        }
        return doors_of("reviewing", self.arguments, queries)


class Clock:
    """The server's clock."""

    def __init__(self, call: Competition) -> None:
        began_at = call.stages.get(number=REVIEW).began_at
        assert began_at is not None
        self.now = began_at + timedelta(hours=1)


def make_officer(name: str, closed: Application | None = None) -> User:
    user = make_user(name)
    make_grant(user, Role.PROGRAMME_OFFICER)
    person = make_person(name, user=user)
    if closed is not None:
        close(closed, person)
    return user


def discussed(stage: Stage, hidden: Application, clock: Clock) -> tuple[Review, DiscussionRemark]:
    """The first application reviewed, discussed and agreed on; the second reviewed."""
    seat = make_seat(stage, REVIEWER)
    PanelSeat.objects.filter(pk=seat.pk).update(is_chair=True)
    ReviewerText.objects.create(
        reviewer=seat.reviewer, title="Metals", text="Metals.", added_at=clock.now
    )
    other = Application.objects.exclude(pk=hidden.pk).get()
    review = make_review(seat, hidden, 5, weaknesses="Zinnschwach.")
    Review.objects.filter(pk=review.pk).update(summary="Zinnsumme", confidential="Zinnvertraulich")
    review.scores.update(strengths="Zinnstark.")
    make_review(seat, other, 3, weaknesses="Dull.")
    for terms in (
        rules.AssignmentTerms(demand=9),  # cannot be, by applications
        rules.AssignmentTerms(demand=1, objective=rules.Objective.SUM),
        rules.AssignmentTerms(demand=1, load_least=3),  # cannot be, by seats alone
    ):
        run = services.propose_assignment(SYSTEM, stage, terms, now=clock.now)
        services.compute_assignment(
            run.pk, now=clock.now, report=lambda *_said: None, check_stop=lambda: None
        )
    services.open_discussion(SYSTEM, stage, why="It is time.", now=clock.now)
    actor = reviewer_actor(seat)
    remark = services.post_remark(actor, stage, hidden, "Zinnwort", now=clock.now)
    entry = services.ConsensusEntry(
        "Zinnkonsens", {one.number: 4 for one in stage.criteria.all()}, (seat.pk,)
    )
    services.record_consensus(actor, stage, hidden, entry, now=clock.now)
    return review, remark


def reply(hidden: Application, call: Competition, clock: Clock) -> ReplySubmission:
    """What the team says to the remarks, handed in; the stage of reply is over."""
    clock.now = begin_replies(call)
    services.release_remarks(SYSTEM, call, now=clock.now)
    services.write_reply(SYSTEM, hidden, {0: "Zinkantwort"}, now=clock.now)
    services.attach_reply_document(SYSTEM, hidden, pdf_of(1), name="Zinkpapier.pdf", now=clock.now)
    made = services.submit_reply(SYSTEM, hidden, now=clock.now)
    clock.now = end_replies(call)
    return made


QUICK: Final = (OFFICER, "rival applicant")
"""To whom most could be told; the others are asked in `make test-all`."""


@pytest.fixture(params=[pytest.param("discussion", marks=pytest.mark.slow), "after the replies"])
def world(
    request: pytest.FixtureRequest,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> World:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR, settings.CACHE_DIR = tmp_path / "files", tmp_path / "cache"
    call = make_in_review()
    clock = Clock(call)
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    leader, rival = make_user("Zacharias"), make_user("Rolf Rival")
    lead = make_organisation("Zylinderwerke")
    hidden = make_proposal(call, "Zylinderkopf", lead=lead, leader=leader)
    other = make_proposal(call, "Brasswork", leader=rival)
    for user, firm in ((leader, lead), (rival, other.lead)):
        make_grant(user, Role.MEMBER, ScopeKind.ORGANISATION, str(firm.pk))
    stage = Stage.objects.select_related("competition").get(competition=call, number=REVIEW)
    review, remark = discussed(stage, hidden, clock)
    idle = make_seat(stage, "Ida Idle")
    assert idle.reviewer.person.user is not None
    assert review.assignment.seat.reviewer.person.user is not None
    replied = reply(hidden, call, clock) if request.param != "discussion" else None
    readers = {
        OFFICER: make_officer("Olga Officer", hidden),
        "rival applicant": rival,
        "unassigned reviewer": idle.reviewer.person.user,
        "partner without shares": make_partner(hidden),
    }
    free = [make_officer("Cora Colleague"), leader, review.assignment.seat.reviewer.person.user]
    runs = tuple(AssignmentRun.objects.order_by("pk").values_list("pk", flat=True))
    arguments = named(hidden, review, remark, replied.pk if replied else 1, runs)
    return World(call, hidden, readers, free, arguments)


def named(
    hidden: Application,
    review: Review,
    remark: DiscussionRemark,
    reply_pk: int,
    runs: tuple[int, ...],
) -> Arguments:
    """What the arguments of each address are."""
    seat = review.assignment.seat
    application, assignment = Closed(hidden.pk), Closed(review.assignment_id)
    text = ReviewerText.objects.get()
    of_reviewer = (
        *("show_reviewer", "edit_reviewer", "retire_reviewer", "restore_reviewer"),
        *("give_reviewer_access", "add_reviewer_texts"),
    )
    of_seat = (
        *("accept_panel_invitation", "decline_panel_invitation", "leave_panel"),
        *("remove_from_panel", "name_panel_chair"),
    )
    of_run = ("show_assignment_run", "adopt_assignment", "discard_proposal", "stop_proposal")
    of_application = (
        *("show_remarks", "write_reply", "submit_reply", "download_reply_document"),
        *("attach_reply_document", "remove_reply_document"),
    )
    of_reply = ("show_reply", "download_reply", "download_reply_read")
    return {
        "key": hidden.competition.key,
        "number": (REVIEW, 2),
        "form": FORMS,
        "stage": seat.stage_id,
        "api show_ranking:stage": REVIEW,
        "application": application,
        "application_id": application,
        "show_ranked:application": Closed(hidden.number),
        "assignment": assignment,
        "assignment_id": assignment,
        "seat": seat.pk,
        "review": Closed(review.pk),
        "remark": Closed(remark.pk),
        "document": Closed(1),
        "reviewer_id": seat.reviewer_id,
        "proposal": runs,
        "remove_reviewer_text:pk": text.pk,
        **{f"{name}:pk": seat.reviewer_id for name in of_reviewer},
        **{f"{name}:pk": seat.pk for name in of_seat},
        **{f"{name}:pk": runs for name in of_run},
        **{f"{name}:pk": application for name in of_application},
        **{f"{name}:pk": Closed(reply_pk) for name in of_reply},
    }


@pytest.mark.parametrize(
    "who",
    [pytest.param(one, marks=[] if one in QUICK else [pytest.mark.slow]) for one in READERS],
)
def test_nothing_of_a_closed_application_is_told_at_any_door(world: World, who: str) -> None:
    client = client_for(world.readers[who])
    assert faults_of(client, world.doors, READERS[who]) == []


@pytest.mark.slow
def test_what_is_closed_to_them_is_told_to_others(world: World) -> None:
    expected = set(SECRETS) | {REVIEWER}
    if not ReplySubmission.objects.exists():
        expected -= set(REPLIED)
    clients = [client_for(user) for user in world.free]
    assert told(clients, world.doors, (*SECRETS, REVIEWER)) == expected
