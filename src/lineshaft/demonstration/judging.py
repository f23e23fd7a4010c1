"""Judging in the demonstration: sixty reviewers, a panel with conflicts of interest, reviews, and a
competition that came to its decision.

All of it is invented. Reviewers have users of their own, none of whom can sign in but the persona.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.awarding.rules import AgendaRow, Assumptions, LetterKind
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Conflict, Stage
from lineshaft.apps.competitions.queries import applications_judged
from lineshaft.apps.competitions.rules import ConflictOutcome, Outcome, StageResult
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Reviewer
from lineshaft.apps.reviewing.queries import assignments_standing, criteria_of
from lineshaft.apps.reviewing.rules import (
    AssignmentTerms,
    Objective,
    Pair,
    Remarks,
    Sector,
    TextRow,
)
from lineshaft.demonstration.applications import THEMES
from lineshaft.demonstration.loading import Loading
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.services import register_user
from lineshaft.plumbing.actor import Actor

DESK: Final = Actor.system(gettext_noop("Programme officer (demonstration)"))
REVIEWERS: Final = 60
ON_TEAMS: Final = 6
"""So many of them work for an organisation that leads an application."""

TEAMS_FROM: Final = 60
TEAM: Final = 3
SECTORS: Final = (
    Sector.INDUSTRY,
    Sector.ACADEMIA,
    Sector.GOVERNMENT,
    Sector.INDUSTRY,
    Sector.LABORATORY,
)
METHODS: Final = (
    ("Thermal cycling of {}", "Cycles between four and three hundred kelvin end most of them."),
    ("A pilot line for {}", "Ten firms shared one line; the first parts were sold in a year."),
)
STRENGTHS: Final = (
    "The line is described station by station.",
    "Two first customers are named, with volumes.",
    "The plan rests on work that the team has published.",
)
WEAKNESSES: Final = (
    "The cost of the second year is not broken down.",
    "No small firm is named yet.",
    "What happens when the federal money falls stays open.",
)


def fill_pool(loading: Loading) -> list[Reviewer]:
    """Sixty reviewers with two texts each, a few of whom work for applicants; and the persona."""
    rows = [_row(loading, place) for place in range(REVIEWERS)]
    outcome = reviewing.add_reviewers(DESK, rows, now=loading.now - timedelta(days=400))
    known = Reviewer.objects.select_related("person").in_bulk(outcome.reviewer_ids)
    found = [known[pk] for pk in outcome.reviewer_ids]
    for place, reviewer in enumerate(found):
        theme = THEMES[place % len(THEMES)]
        texts = [
            TextRow(title.format(theme.title.lower()), f"{theme.need} {text}", 2021 + place % 4)
            for title, text in METHODS
        ]
        reviewing.add_reviewer_texts(DESK, reviewer, texts, now=loading.now - timedelta(days=399))
    return found


def judge_concepts(
    loading: Loading, competition: Competition, pool: Sequence[Reviewer], *, at: datetime
) -> None:
    """Concept papers in review: conflicts decided, reviewers assigned, most reviews in.

    The persona has at least two to write, none of them begun.
    """
    stage = _stage(competition)
    _seat(stage, pool, now=at)
    applications = [one.application for one in applications_judged(DESK, stage)]
    _decide_conflicts(competition, applications, pool, now=at + timedelta(hours=2))
    own = loading.users["reviewer"].pk
    seat = PanelSeat.objects.get(stage=stage, reviewer__person__user_id=own)
    forced = tuple((one.pk, seat.pk) for one in applications[8:17:8])
    _assign(stage, now=at + timedelta(hours=3), demand=3, forced=forced)
    standing = list(assignments_standing(stage).select_related("seat__reviewer__person"))
    others = [one for one in standing if one.seat.reviewer.person.user_id != own]
    for place, assignment in enumerate(others):
        now = at + timedelta(days=1, minutes=13 * place)
        _review(assignment, place, is_whole=place % 5 > 0, now=min(now, loading.now))


def judge_and_decide(
    competition: Competition, pool: Sequence[Reviewer], *, begun: datetime
) -> None:
    """Three applications judged to the end: reviewed, visited, analysed, one of them selected.

    `begun` is when the initial review began.
    """
    stage = _stage(competition)
    _seat(stage, pool[:6], now=begun)
    _assign(stage, now=begun + timedelta(hours=1), demand=3)
    for place, assignment in enumerate(assignments_standing(stage)):
        _review(assignment, place, is_whole=True, now=begun + timedelta(days=5, hours=place))
    reviewing.close_reviewing(DESK, stage, now=begun + timedelta(days=30))
    first, second, third = (one.application for one in applications_judged(DESK, stage))
    for result, applications in (
        (StageResult.GOES_ON, (first, second)),
        (StageResult.ENDS_HERE, (third,)),
    ):
        competitions.decide_stage_outcomes(
            DESK,
            stage,
            [one.pk for one in applications],
            competitions.OutcomeTerms(result, "By the ranked list of the review."),
            now=begun + timedelta(days=31),
        )
    competitions.tell_stage_outcomes(DESK, stage, now=begun + timedelta(days=32))
    visited = _go_on(competition)
    for place, application in enumerate((first, second)):
        _visit(_stage(competition), application, pool[place], now=visited)
    analysed = _go_on(competition)
    for application in (first, second):
        _analyse(_stage(competition), application, now=analysed)
    competitions.begin_selection(DESK, competition, now=_end_of(competition))
    decided = _end_of(competition)
    _select(competition, first, second, now=decided)
    competitions.publish_results(DESK, competition, now=decided + timedelta(days=2))
    awarding.print_missing_letters(DESK, competition, now=decided + timedelta(days=3))
    for day, kind in enumerate(LetterKind, start=4):
        awarding.send_letters(DESK, competition, kind, now=decided + timedelta(days=day))


# ---------------------------------------------------------------------------------------- leaves


def _row(loading: Loading, place: int) -> reviewing.ReviewerRow:
    """A reviewer, whose user and person are registered with it; the first one is the persona."""
    team = TEAMS_FROM + TEAM * place
    organisation = Organisation.objects.get(
        pk=loading.organisation_ids[team if place < ON_TEAMS else place]
    )
    terms = reviewing.ReviewingTerms(
        SECTORS[place % len(SECTORS)],
        areas=("quantum_devices",) if place % 2 else ("smart_manufacturing",),
        load_most=4,
    )
    if place == 0:
        user = loading.users["reviewer"]
    else:
        email = f"reviewer.{place:02}@demo.example"
        name = f"Reviewer {place:02} (demonstration)"
        user = register_user(DESK, email=email, name=name, password=None, now=loading.now)
    network.register_person(
        DESK,
        user.name,
        email=user.email,
        organisation=organisation,
        user=user,
        is_demonstration=True,
        now=loading.now,
    )
    return reviewing.ReviewerRow(user.email, terms, is_demonstration=True)


def _seat(stage: Stage, pool: Sequence[Reviewer], *, now: datetime) -> None:
    seats = reviewing.invite_to_panel(DESK, stage, pool, now=now)
    for seat in seats:
        reviewing.accept_panel_invitation(
            DESK, seat, load_most=seat.load_most, is_political_appointee=False, now=now
        )
    reviewing.name_panel_chair(DESK, seats[-1], now=now)


def _decide_conflicts(
    competition: Competition,
    applications: Sequence[Application],
    pool: Sequence[Reviewer],
    *,
    now: datetime,
) -> None:
    """One of those found is declared, and three are decided; the rest wait for a decision."""
    competitions.declare_conflict(
        DESK,
        applications[-1],
        kind="other",
        evidence="Advised the team when it wrote its concept paper.",
        person=pool[-2].person,
        now=now,
    )
    found = Conflict.objects.filter(application__competition=competition, cleared_at__isnull=True)
    decisions = (ConflictOutcome.RECUSAL, ConflictOutcome.RECUSAL, ConflictOutcome.WAIVER)
    for conflict, outcome in zip(found.order_by("pk")[: len(decisions)], decisions, strict=False):
        competitions.decide_conflict(
            DESK, conflict, outcome, reason="Decided by the desk (demonstration).", now=now
        )


def _assign(stage: Stage, *, now: datetime, demand: int, forced: tuple[Pair, ...] = ()) -> None:
    terms = AssignmentTerms(
        objective=Objective.SUM, demand=demand, employer_most=None, forced=forced
    )
    run = reviewing.propose_assignment(DESK, stage, terms, now=now)
    reviewing.compute_assignment(
        run.pk, now=now, report=lambda *_progress: None, check_stop=lambda: None
    )
    run.refresh_from_db()
    reviewing.adopt_assignment(DESK, run, now=now)


def _review(assignment: Assignment, place: int, *, is_whole: bool, now: datetime) -> None:
    """A review, the better the lower the application's number; every eighth reviewer is severe."""
    person = assignment.seat.reviewer.person
    actor = Actor(user_id=person.user_id, label=person.name)
    severe = assignment.seat.reviewer_id % 8 == 0
    good = 5 - assignment.application.number % 4 - int(severe)
    remarks = {
        criterion.number: Remarks(
            max(1, min(5, good + (place + criterion.number) % 2)),
            STRENGTHS[(place + criterion.number) % len(STRENGTHS)],
            WEAKNESSES[(place + 2 * criterion.number) % len(WEAKNESSES)],
        )
        for criterion in criteria_of(assignment.seat.stage)
    }
    entry = reviewing.ReviewEntry(remarks, "A line that others could use.", "")
    reviewing.write_review(actor, assignment, entry, now=now)
    if is_whole:
        reviewing.submit_review(actor, assignment, now=now)


def _visit(stage: Stage, application: Application, guest: Reviewer, *, now: datetime) -> None:
    reviewing.accept_panel_invitation(
        DESK,
        reviewing.invite_to_panel(DESK, stage, [guest], now=now)[0],
        load_most=2,
        now=now,
    )
    starts_at = now + timedelta(days=10)
    terms = awarding.VisitTerms("Pilot hall, gate 2", starts_at, starts_at + timedelta(hours=6))
    visit = awarding.plan_visit(DESK, stage, application, terms, now=now)
    agenda = [
        AgendaRow(starts_at, "The line, station by station", "Director of operations"),
        AgendaRow(starts_at + timedelta(hours=3), "Small firms that use it", "Partners"),
    ]
    awarding.set_agenda(DESK, visit, agenda, now=now)
    person = Person.objects.get(reviewer=guest)
    awarding.add_visit_member(DESK, visit, person, now=now)
    awarding.hold_visit(DESK, visit, now=starts_at)
    answers = {one.number: awarding.Noted("yes") for one in visit.checklist.all()}
    awarding.answer_checklist(DESK, visit, answers, now=starts_at)
    awarding.record_finding(
        DESK, visit, "strength", "The hall stands, with power for three lines.", now=starts_at
    )
    awarding.record_finding(
        DESK, visit, "risk", "The crane is hired until next spring.", now=starts_at
    )
    awarding.report_visit(
        DESK,
        visit,
        "The site is ready but for the crane.",
        summary_zh="除起重机外，场地已就绪。",
        now=starts_at + timedelta(days=1),
    )


def _analyse(stage: Stage, application: Application, *, now: datetime) -> None:
    analysis = awarding.run_plan_analysis(DESK, stage, application, Assumptions(), now=now)
    awarding.judge_plan(
        DESK, analysis, "conditional", "Stands if two of three sponsors stay.", now=now
    )


def _select(
    competition: Competition, first: Application, second: Application, *, now: datetime
) -> None:
    for application, outcome in ((first, Outcome.SELECTED), (second, Outcome.NOT_SELECTED)):
        is_selected = outcome is Outcome.SELECTED
        awarding.record_selection_choice(
            DESK,
            competition,
            application,
            awarding.ChoiceTerms(
                outcome,
                70 * 100_000_000 if is_selected else None,
                reason="By the site visit and the plan (demonstration).",
            ),
            now=now - timedelta(days=1),
        )
    awarding.decide_selection(
        DESK,
        competition,
        "The team led by a non-profit is selected: its line stands, and its sponsors stay.",
        decision_zh="选定该非营利机构牵头的团队：产线已就绪，出资方承诺持续。",
        now=now,
    )


def _stage(competition: Competition) -> Stage:
    """The stage that runs."""
    competition.refresh_from_db()
    return Stage.objects.select_related("competition__institute").get(
        competition=competition, number=competition.stage_number
    )


def _end_of(competition: Competition) -> datetime:
    """A minute after the end of the stage that runs."""
    ends_at = _stage(competition).ends_at
    assert ends_at is not None  # noqa: S101 -- it runs
    return ends_at + timedelta(minutes=1)


def _go_on(competition: Competition) -> datetime:
    """Begin the next stage that judges; returns when that is."""
    now = _end_of(competition)
    competitions.begin_review(DESK, competition, now=now)
    return now
