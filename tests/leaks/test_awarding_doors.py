"""Awarding, asked at every door by those to whom an application is closed: while it is visited and
its plan analysed, while it is chosen among others, and once the results are told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from lineshaft.apps.awarding import services
from lineshaft.apps.awarding.models import FindingFile, SiteVisit
from lineshaft.apps.awarding.rules import Assumptions, LetterKind, PolicyMark
from lineshaft.apps.awarding.tests import factories as visiting
from lineshaft.apps.awarding.tests.selecting import make_selecting, with_letters
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.tests.applicants import make_applicant
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM, stage_of
from lineshaft.apps.reviewing.tests.closed import close
from lineshaft.apps.reviewing.tests.reviewed import client_for
from lineshaft.plumbing.access.models import User
from tests.leaks.doors import FORMS, Arguments, Closed, Door, doors_of, faults_of, told
from tests.leaks.readers import make_partner

pytestmark = pytest.mark.django_db

VISITED: Final = ("Zinnhalle", "Zinnfund", "Zinnfrage", "Zinnplan", "Zinnurteil", "Zinnbild")
"""The place of the visit, what was found and asked there, and what was said of the plan."""

CHOSEN: Final = ("Zinngrund", "Zinnmarke", "Zinnpaar")
"""Why it is chosen, considered and paired as it is."""

TOLD: Final = ("Told to 1.",)
"""Said to its team alone, in its letter."""

OF_APPLICATION: Final = (
    *("show_own_visit", "answer_open_question", "show_decision", "download_decision"),
    "api show_decision",
)
"""Where a team reads what was said of its application."""

OFFICER: Final = "conflicted officer"
PARTNER: Final = "partner without shares"
WHO: Final = (OFFICER, "rival applicant", "reviewer of another stage", PARTNER)


@dataclass(slots=True)
class World:
    """Two applications of which the first is closed: by what it is known, and what is said of it;
    `free` are people to whom all of it is told, `now` is the server's time.
    """

    call: Competition
    hidden: Application
    names: tuple[str, ...]
    secrets: tuple[str, ...]
    rival: User
    free: list[User]
    now: datetime
    arguments: Arguments

    @property
    def doors(self) -> list[Door]:
        return doors_of("awarding", self.arguments, {})

    def reader(self, who: str) -> User:
        """Somebody to whom the first application is closed, or of whom no part is shared."""
        if who == OFFICER:
            officer = visiting.make_officer("Olga Officer")
            close(self.hidden, officer.person)
            return officer.user
        if who == PARTNER:
            return make_partner(self.hidden)
        if who == "rival applicant":
            return self.rival
        return visiting.make_seated(stage_of(self.call, 2), "Ida Idle").user

    def doors_to(self, who: str) -> list[Door]:
        """The doors at which they ask; a partner knows that there is such an application."""
        is_known = who == PARTNER
        return [
            replace(one, absent="") if is_known and one.name in OF_APPLICATION else one
            for one in self.doors
        ]

    def kept_from(self, who: str) -> tuple[str, ...]:
        """What may not reach them; a partner knows what the application is called."""
        return self.secrets if who == PARTNER else (*self.names, *self.secrets)


def visited() -> World:
    """A visit that takes place, and an analysed plan."""
    call = visiting.make_visited()
    leader = make_applicant("Zacharias", "Zylinderwerke")
    hidden = visiting.hand_in(
        call, "Zylinderkopf", applicant=leader, parts=visiting.plan_parts(revenue={"dues": {2: 9}})
    )
    rival = make_applicant("Rolf Rival", "Brass Works")
    visiting.hand_in(call, "Brasswork", applicant=rival)
    lead = visiting.make_seated(stage_of(call, visiting.VISIT_STAGE), "Lea Lead")
    visit = visiting.make_held(call, lead, application=hidden, place="Zinnhalle")
    now = visiting.during(visit)
    photo = visiting.photo(name="Zinnbild.jpg")
    services.record_finding(SYSTEM, visit, "risk", "Zinnfund", files=[photo], now=now)
    services.ask_open_question(SYSTEM, visit, "Zinnfrage", now=now)
    call = competitions.begin_review(SYSTEM, call, now=now)
    analysis = services.run_plan_analysis(
        SYSTEM,
        stage_of(call, visiting.ANALYSIS_STAGE),
        hidden,
        Assumptions(),
        why="Zinnplan",
        now=now,
    )
    services.judge_plan(SYSTEM, analysis, "doubtful", "Zinnurteil", now=now)
    free = [visiting.make_officer("Cora Colleague").user, leader.user, lead.user]
    arguments = named(hidden, visit=visit, run=analysis.pk)
    names = ("Zylinderkopf", "Zylinderwerke", "Zacharias")
    return World(call, hidden, names, VISITED, rival.user, free, now, arguments)


def chosen() -> World:
    """A selection in which the first is chosen, and neither decided nor told."""
    world = make_selecting((5, 4))
    call, (hidden, other), now = world.competition, world.applications, world.now
    terms = services.ChoiceTerms(Outcome.NOT_SELECTED, None, reason="Zinngrund", explanation="-")
    services.record_selection_choice(SYSTEM, call, hidden, terms, now=now)
    marks = {PolicyMark.RURAL: "Zinnmarke"}
    services.set_policy_marks(SYSTEM, call, hidden, marks, now=now)
    pair = services.note_overlap(SYSTEM, call, (hidden.pk, other.pk), reason="Zinnpaar", now=now)
    scenario = services.make_scenario(
        SYSTEM, call, services.ScenarioTerms("One", 140 * MILLION_MINOR), now=now
    )
    free = [visiting.make_officer("Cora Colleague").user, world.applicants[0].user]
    arguments = named(hidden, pair=pair.pk, scenario=scenario.pk)
    names = ("Anvils of Works 1", "Lead of Works 1")
    rival = world.applicants[1].user
    return World(call, hidden, names, CHOSEN, rival, free, now, arguments)


def published() -> World:
    """The second is awarded; the first was told why it is not."""
    world = make_selecting((4, 5))
    call, (hidden, other), now = world.competition, world.applications, world.now
    for one, outcome, minor in (
        (hidden, Outcome.NOT_SELECTED, None),
        (other, Outcome.SELECTED, 70 * MILLION_MINOR),
    ):
        terms = services.ChoiceTerms(
            outcome, minor, reason="Zinngrund", explanation=f"Told to {one.number}."
        )
        services.record_selection_choice(SYSTEM, call, one, terms, now=now)
    services.decide_selection(SYSTEM, call, "The best.", now=now)
    competitions.publish_results(SYSTEM, call, now=now)
    with_letters(world, LetterKind.DECISION)
    free = [visiting.make_officer("Cora Colleague").user, world.applicants[0].user]
    names = ("Anvils of Works 1", "Lead of Works 1")
    rival = world.applicants[1].user
    return World(call, hidden, names, TOLD, rival, free, now, named(hidden))


def named(
    hidden: Application,
    *,
    visit: SiteVisit | None = None,
    run: int = 1,
    pair: int = 1,
    scenario: int = 1,
) -> Arguments:
    """What the arguments of each address are."""
    application, of_visit = Closed(hidden.pk), Closed(visit.pk if visit else 1)
    file = FindingFile.objects.first()
    of_analysis = (
        *("list_plans", "export_analyses", "show_analysis", "show_run", "run_plan_analysis"),
        *("judge_plan", "api list_analyses", "api show_analysis"),
    )
    return {
        "key": hidden.competition.key,
        "form": FORMS,
        "pk": of_visit,
        "visit": of_visit,
        "visit_id": of_visit,
        "member": visit.members.get().pk if visit else 1,
        "number": 1,
        "plan_visit:number": visiting.VISIT_STAGE,
        **{f"{name}:number": visiting.ANALYSIS_STAGE for name in of_analysis},
        "file": Closed(file.pk if file else 1),
        "language": ("en", "zh-hans"),
        "application": application,
        "application_id": application,
        **{f"{name}:pk": application for name in OF_APPLICATION},
        "run": Closed(run),
        "pair": Closed(pair),
        "show_scenario:pk": Closed(scenario),
        "kind": tuple(LetterKind),
        "year": 1,
        "agency": "DOC",
    }


WORLDS: Final[dict[str, Callable[[], World]]] = {
    "visited": visited,
    "chosen": chosen,
    "published": published,
}


QUICK: Final = (
    ("chosen", OFFICER),
    ("published", "rival applicant"),
)
"""The cases in which most could be told; the rest is asked in `make test-all`."""

CASES: Final = [
    pytest.param(*one, marks=[] if one in QUICK else [pytest.mark.slow])
    for one in product(WORLDS, WHO)
]


@pytest.fixture
def world(
    moment: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> World:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR, settings.CACHE_DIR = tmp_path / "files", tmp_path / "cache"
    made = WORLDS[moment]()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: made.now)
    return made


@pytest.mark.parametrize(("moment", "who"), CASES)
def test_nothing_of_a_closed_application_is_told_at_any_door(world: World, who: str) -> None:
    client = client_for(world.reader(who))
    assert faults_of(client, world.doors_to(who), world.kept_from(who)) == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", WORLDS)
def test_what_is_closed_to_them_is_told_to_others(world: World) -> None:
    words = (*world.names, *world.secrets)
    assert told([client_for(user) for user in world.free], world.doors, words) == set(words)
