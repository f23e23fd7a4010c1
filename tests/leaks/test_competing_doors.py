"""Competitions, asked at every door by those to whom an application is closed: while it is sealed,
judged, written on for a later call, and once the results are published.
"""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.awarding.tests.factories import hand_in, make_seated
from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.models import (
    Conflict,
    Endorsement,
    SavedSearch,
    Submission,
    Topic,
)
from lineshaft.apps.competitions.rules import OverlapOf, SectionKey
from lineshaft.apps.competitions.tests.factories import SYSTEM, stage_of
from lineshaft.apps.reviewing.tests.reviewed import client_for
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.leaks import competing
from tests.leaks.competing import LATER_REVIEW, REVIEW, World
from tests.leaks.doors import (
    FORMS,
    Arguments,
    Closed,
    Door,
    answers_to,
    doors_of,
    faults_of,
    told,
)

pytestmark = pytest.mark.django_db

OFFICER: Final = "conflicted officer"
UNWANTED: Final = "unwanted officer"
COLLEAGUE: Final = "officer before the call is over"
RIVAL: Final = "rival applicant"
REVIEWER: Final = "unassigned reviewer"
PARTNER: Final = "partner without shares"
LEADER: Final = "leader of its team"
OFFICERS: Final = (OFFICER, UNWANTED, COLLEAGUE)

OF_ALL: Final = (
    *competing.IN_PARTS,
    *competing.UNWANTED_SAID,
    *competing.CONFLICTED,
    *competing.COMPARED,
    *competing.GATED,
    competing.IN_CHINESE[1],
    competing.REWRITTEN,
    *competing.SEARCHED,
)
"""Told to none of them."""

OF_APPLICATION: Final = (
    *competing.NAMES,
    competing.IN_CHINESE[0],
    *competing.TERMED,
    competing.RENAMED,
)
"""What a partner knows of it."""

OF_CALL: Final = (*competing.ASKED, *competing.ENDORSED, competing.DRAFT)
"""What whoever runs competitions reads."""

KEPT: Final[dict[str, tuple[str, ...]]] = {
    OFFICER: (*OF_ALL, *OF_APPLICATION),
    UNWANTED: (*OF_ALL, *OF_APPLICATION),
    RIVAL: (*OF_ALL, *OF_APPLICATION, *OF_CALL, competing.TOPIC),
    REVIEWER: (*OF_ALL, *OF_APPLICATION, *OF_CALL),
    PARTNER: (*OF_ALL, *OF_CALL),
}
"""What may reach none of them, whenever they ask."""

WORLDS: Final[dict[str, Callable[[], World]]] = {
    "sealed": competing.sealed,
    "judged": competing.judged,
    "called again": competing.called_again,
    "published": competing.published,
}
QUERIES: Final = {
    "list_opportunities": "status=all",
    "list_topics": "state=taken_up",
    "list_conflicts": "outcome=open",
    "export_conflicts": "outcome=mitigation",
    "declare_conflict": "application=1",
    "api list_opportunities": "status=closed",
    "api list_conflicts": "outcome=mitigation",
    "api list_topics": "state=taken_up",
}
"""What is asked for beside what an address gives by itself."""


def reader(world: World, who: str) -> User:
    """Somebody to whom the first application is closed, or of whom no part is shared."""
    if who == REVIEWER:
        seated = make_seated(stage_of(world.call, REVIEW), "Ida Idle")
        make_grant(seated.user, Role.REVIEWER, ScopeKind.COMPETITION, world.call.key)
        services.watch_people(SYSTEM, world.call, [seated.person], now=world.now)
        return seated.user
    return {
        OFFICER: world.officer.user,
        UNWANTED: world.unwanted.user,
        COLLEAGUE: world.colleague.user,
        RIVAL: world.rival.user,
        PARTNER: world.partner,
        LEADER: world.leader.user,
    }[who]


def kept_from(world: World, who: str) -> tuple[str, ...]:
    """What may not reach them; the officer to whom nothing is closed waits for the call's end, and
    the leader of its team reads all of it.
    """
    return {**KEPT, COLLEAGUE: world.sealed, LEADER: ()}[who]


def doors_to(world: World, who: str) -> list[Door]:
    """The doors at which they ask."""
    return doors_of("competitions", named(world, who), QUERIES)


def named(world: World, who: str) -> Arguments:
    """What the arguments of each address are; closed is what they may not know that there is."""
    return {
        "key": world.call.key,
        "form": FORMS,
        "language": ("en", "zh-hans"),
        **_of_stages(),
        **_of_workspace(world, who),
        **_of_submissions(world, who),
        **_of_topics(who),
    }


def _of_stages() -> Arguments:
    """Of each address that names a stage, one that it takes; criteria have numbers too."""
    changed = ("edit_stage", "remove_stage", "set_criteria", "set_anchors", "amend_stage")
    gated = ("decide_stage_outcomes", "tell_stage_outcomes", "export_stage_outcomes")
    return {
        **{f"{name}:number": REVIEW for name in gated},
        **{f"{name}:number": LATER_REVIEW for name in changed},
        "api list_stage_outcomes:number": REVIEW,
        "extend_deadline:number": 1,
        "download_notice:number": 0,
        "criterion": 1,
    }


def _of_workspace(world: World, who: str) -> Arguments:
    """A partner knows that there is the workspace, and of no part that is not shared."""
    hidden = world.hidden
    pk = hidden.pk if who in {PARTNER, LEADER} else Closed(hidden.pk)
    names = (
        *("show_workspace", "edit_application", "submit_application", "resume_application"),
        *("withdraw_from_competition", "write_section", "set_budget", "set_revenue"),
        *("add_commitment", "remove_commitment", "attach_document", "download_document"),
        *("remove_document", "add_partner", "share_with_partner", "remove_partner"),
        *("invite_to_team", "remove_from_team", "name_unwanted_reviewer"),
        *("remove_unwanted_reviewer", "show_own_overlaps", "list_versions", "show_version"),
    )
    version = hidden.versions.filter(part=SectionKey.NEED).latest("number")
    invited = hidden.team.get(name="Zinngast")
    return {
        **{f"{name}:pk": pk for name in names},
        "application_id": pk,
        "section": Closed(SectionKey.NEED.value),
        "source": Closed("federal"),
        "letter": Closed(hidden.commitments.latest("pk").pk),
        "document": Closed(hidden.documents.latest("pk").pk),
        "partner": Closed(hidden.partners.get().pk),
        "member": Closed(invited.pk),
        "join_team:pk": Closed(invited.pk),
        "unwanted": Closed(hidden.unwanted.earliest("pk").pk),
        "show_version:number": Closed(version.number),
    }


def _of_submissions(world: World, who: str) -> Arguments:
    """What was handed in, its conflicts, and what is compared: officers read them once the call is
    over, but for those of the application that is closed to them.
    """
    is_over = stage_of(world.call, 1).ended_at is not None
    reads_other, reads_hidden = is_over and who in OFFICERS, is_over and who == COLLEAGUE
    reads = {world.other.pk: reads_other, world.hidden.pk: reads_hidden}

    def shown(pk: int, *, is_open: bool) -> int | Closed:
        return pk if is_open else Closed(pk)

    submissions = tuple(
        shown(one.pk, is_open=reads[one.application_id] and one.stage.ended_at is not None)
        for one in Submission.objects.select_related("stage").order_by("pk")
    )
    conflicts = tuple(
        shown(one.pk, is_open=reads[one.application_id]) for one in Conflict.objects.order_by("pk")
    )
    names = ("show_submission", "download_submitted", "show_topic_overlaps", "judge_topic_overlap")
    return {
        **{f"{name}:pk": submissions for name in names},
        "submission_id": submissions,
        "of": OverlapOf.APPLICATION.value,
        "other": tuple(shown(pk, is_open=is_open) for pk, is_open in reads.items()),
        "show_conflict:pk": conflicts,
        "decide_conflict:pk": conflicts,
    }


def _of_topics(who: str) -> Arguments:
    """A topic that everybody reads and one of the network; a question is read by who asked it."""
    narrow, wide = Topic.objects.get(title=competing.TOPIC), Topic.objects.get(level="public")
    topics = (wide.pk, Closed(narrow.pk) if who == RIVAL else narrow.pk)
    names = (
        *("show_topic", "endorse_topic", "withdraw_endorsement", "merge_topics"),
        *("take_up_topic", "withdraw_topic"),
    )
    return {
        **{f"{name}:pk": topics for name in names},
        "topic_id": topics,
        "endorsement": Closed(Endorsement.objects.earliest("pk").pk),
        "answer_question:number": 1 if who in OFFICERS else Closed(1),
        "delete_search:pk": Closed(SavedSearch.objects.get().pk),
    }


# -------------------------------------------------------------------------------------- the tests


QUICK: Final = (
    ("sealed", RIVAL),
    ("judged", OFFICER),
)
"""The cases of which others say the least; of the officers while it is sealed the counts do."""

CASES: Final = [
    pytest.param(*one, marks=[] if one in QUICK else [pytest.mark.slow])
    for one in (*product(WORLDS, KEPT), ("sealed", COLLEAGUE), ("called again", COLLEAGUE))
]
SEALED_CASES: Final = [
    pytest.param("sealed", who, marks=[] if who == OFFICER else [pytest.mark.slow])
    for who in (*KEPT, COLLEAGUE, LEADER)
]


def in_chinese(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


@pytest.fixture
def world(
    moment: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> World:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR, settings.CACHE_DIR = tmp_path / "files", tmp_path / "cache"
    made = WORLDS[moment]()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: made.now)
    return made


@pytest.mark.parametrize(("moment", "who"), CASES)
def test_nothing_of_a_closed_application_is_told_at_any_door(world: World, who: str) -> None:
    client = client_for(reader(world, who))
    assert faults_of(client, doors_to(world, who), kept_from(world, who)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "who"), [*product(("judged", "published"), KEPT)])
def test_nothing_of_a_closed_application_is_told_in_chinese(world: World, who: str) -> None:
    client = in_chinese(client_for(reader(world, who)))
    assert faults_of(client, doors_to(world, who), kept_from(world, who)) == []


@pytest.mark.parametrize(("moment", "who"), SEALED_CASES)
def test_how_many_rivals_there_are_is_told_to_nobody_while_it_is_sealed(
    world: World, who: str
) -> None:
    client = client_for(reader(world, who))
    addresses = [door.address for door in doors_to(world, who)]
    before = answers_to(client, addresses)
    texts = [one.text for one in before.values()]
    assert [word for word in kept_from(world, who) if any(word in one for one in texts)] == []
    competing.crowd(world)
    after = answers_to(client, addresses)
    assert [one for one in addresses if before[one] != after[one]] == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["judged"])
@pytest.mark.parametrize("who", [RIVAL, REVIEWER, PARTNER, LEADER])
def test_how_many_rivals_there_were_is_told_to_nobody_who_does_not_run_the_call(
    world: World, who: str
) -> None:
    client = client_for(reader(world, who))
    addresses = [door.address for door in doors_to(world, who)]
    before = answers_to(client, addresses)
    hand_in(world.call, "Zinkbarren")
    after = answers_to(client, addresses)
    assert [one for one in addresses if before[one] != after[one]] == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["sealed"])
@pytest.mark.parametrize("who", [RIVAL, REVIEWER, PARTNER])
def test_competitions_that_are_not_shared_are_told_to_nobody_else(world: World, who: str) -> None:
    *kept, shared = competing.kept_back()
    keys = (*kept, shared) if who == RIVAL else kept
    arguments = {**named(world, who), "key": tuple(Closed(key) for key in keys)}
    client = client_for(reader(world, who))
    doors = doors_of("competitions", arguments, QUERIES)
    assert faults_of(client, doors, (competing.DRAFT, *keys)) == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", WORLDS)
def test_what_is_closed_to_them_is_told_to_others(world: World) -> None:
    found: set[str] = set()
    for who in (LEADER, COLLEAGUE):
        clients = [client_for(reader(world, who)), in_chinese(client_for(reader(world, who)))]
        found |= told(clients, doors_to(world, who), world.told)
    assert found == set(world.told)
