"""Statistics of competitions: what is counted, when, and for whom."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.awarding import queries, rules
from lineshaft.apps.awarding.rules import LeadSize, StageLoad, StageTime
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage
from lineshaft.apps.competitions.queries import applications_in
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.tests.applicants import Applicant, make_applicant
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_draft,
    make_open,
    stage_of,
)
from lineshaft.apps.competitions.tests.judging import let_on, make_several, make_submitted
from lineshaft.apps.competitions.tests.test_applying_pages import (
    Clock,
    body_of,
    client_in,
    client_of,
)
from lineshaft.apps.competitions.tests.test_outcome_pages import queries_of
from lineshaft.apps.network.models import Person
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Review, Reviewer
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SELECTED, OUT = Outcome.SELECTED, Outcome.NOT_SELECTED


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True  # roles sign in without a second factor
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def call() -> Competition:
    """Of one call, one review and a selection."""
    return make_simple()


def make_simple(**options: Any) -> Competition:
    """An open competition of one call, one review without a gate, and a selection."""
    draft = make_draft(template="four_stage", agencies=("DOC",), **options)
    for _stage in ("site visit", "analysis"):
        competitions.remove_stage(SYSTEM, stage_of(draft, 3), now=NOW)
    for number, kind, days in ((1, "submission", 50), (2, "review", 30), (3, "selection", 15)):
        terms = competitions.StageTerms(kind, f"Stage {number}", days)
        competitions.edit_stage(SYSTEM, stage_of(draft, number), terms, now=NOW)
    return competitions.open_competition(SYSTEM, draft, now=NOW)


def review(call: Competition, *, days_late: int = 0) -> Stage:
    """Begin the review so many days after the deadline."""
    competitions.begin_review(SYSTEM, call, now=after_deadline(call) + days_late * DAY)
    return stage_of(call, 2)


def seat(stage: Stage, number: int) -> PanelSeat:
    person = Person.objects.create(name=f"Reviewer {number} (demonstration)")
    reviewer = Reviewer.objects.create(person=person, sector="industry", added_at=NOW)
    return PanelSeat.objects.create(
        stage=stage, reviewer=reviewer, state="accepted", load_most=9, invited_at=NOW
    )


def assign(
    held: PanelSeat, application: Application, submitted_at: datetime | None = None
) -> Assignment:
    made = Assignment.objects.create(
        seat=held, application=application, origin="hand", made_at=NOW, made_by="x"
    )
    state = "submitted" if submitted_at else "draft"
    Review.objects.create(assignment=made, state=state, changed_at=NOW, submitted_at=submitted_at)
    return made


def decide(call: Competition, chosen: Application) -> None:
    """Decide a hundred days after the opening that this one is selected, and nothing else."""
    outcomes = dict.fromkeys(applications_in(call).values_list("pk", flat=True), OUT)
    outcomes[chosen.pk] = SELECTED
    competitions.decide_competition(
        SYSTEM, call, "The first.", outcomes=outcomes, now=NOW + 100 * DAY
    )


def counted(actor: Actor, call: Competition) -> queries.CompetitionStatistics:
    call.refresh_from_db()
    (found,) = queries.statistics_of(actor, [call])
    return found


# --------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("hours", "real", "over"),
    [(None, None, None), (24 * 45, 45, 0), (24 * 45 + 11, 45, 0), (24 * 47, 47, 2), (12, 0, -45)],
)
def test_days_of_a_stage_are_whole_ones(
    hours: int | None, real: int | None, over: int | None
) -> None:
    ended = None if hours is None else NOW + timedelta(hours=hours)
    one = StageTime(1, "Review", 45, NOW, ended)
    assert (one.real_days, one.over_days) == (real, over)


def test_stage_over_its_plan_by_most_is_named() -> None:
    short = StageTime(1, "Call", 10, NOW, NOW + 12 * DAY)
    long = StageTime(2, "Review", 10, NOW, NOW + 15 * DAY)
    kept = StageTime(3, "Visit", 10, NOW, NOW + 9 * DAY)
    assert rules.longest_over([short, long, kept]) == long
    assert rules.longest_over([kept, StageTime(4, "Selection", 5)]) is None


def test_loads_have_a_mean_and_a_spread() -> None:
    load = StageLoad(2, "Review", (1, 3, 3), 4, 2)
    assert (load.assigned, load.mean) == (7, Decimal("2.3"))
    assert rules.spread_of(load.loads) == ((1, 1), (3, 2))
    assert (rules.mean_of(()), rules.spread_of(())) == (None, ())


@pytest.mark.parametrize(
    ("is_firm", "is_sme", "size"),
    [(True, True, LeadSize.SMALL), (True, False, LeadSize.LARGE), (False, False, LeadSize.NO_FIRM)],
)
def test_size_follows_from_the_kind(*, is_firm: bool, is_sme: bool, size: LeadSize) -> None:
    assert rules.size_of(is_firm=is_firm, is_sme=is_sme) is size


# ------------------------------------------------------------------------------------- counting


def test_nothing_is_counted_while_the_call_is_open(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    make_submitted(call, ada)
    found = counted(programme_officer, call)
    assert (found.begun, found.handed_in, found.withdrawn, found.selected) == (None,) * 4
    assert (found.calls, found.loads) == ((), ())
    assert queries.outcomes_by(programme_officer, call) == {"state": (), "kind": (), "size": ()}
    review(call)
    found = counted(programme_officer, call)
    assert (found.begun, found.handed_in, found.withdrawn, found.selected) == (1, 1, 0, None)


def test_who_begins_or_leaves_at_a_later_call_is_not_told(
    ada: Applicant, programme_officer: Actor
) -> None:
    call = make_open(agencies=("DOC",))  # two steps
    make_submitted(call, ada)
    competitions.begin_review(SYSTEM, call, now=after_deadline(call))
    competitions.call_applications(SYSTEM, call, now=let_on(call))
    found = counted(programme_officer, call)
    assert (found.begun, found.handed_in, found.withdrawn) == (None, 1, None)


def test_call_that_was_cut_short_stays_sealed(
    ada: Applicant, call: Competition, programme_officer: Actor
) -> None:
    make_submitted(call, ada)
    competitions.cancel_competition(SYSTEM, call, why="No money.", now=NOW + DAY)
    found = counted(programme_officer, call)
    assert (found.begun, found.calls) == (None, ())
    assert queries.outcomes_by(programme_officer, call)["state"] == ()


def test_days_and_applications_are_counted_once_stages_are_over(
    call: Competition, programme_officer: Actor
) -> None:
    first, _second, third = make_several(call, 3)
    competitions.start_application(
        SYSTEM, call, make_applicant("Idle", "Idle Works").organisation, title="Idle", now=NOW
    )
    competitions.withdraw_from_competition(SYSTEM, third.application, why="x", now=NOW)
    review(call, days_late=4)
    found = counted(programme_officer, call)
    assert (found.begun, found.handed_in, found.withdrawn) == (4, 2, 1)
    times = {one.number: (one.planned_days, one.real_days) for one in found.stages}
    assert times == {1: (50, 54), 2: (30, None), 3: (15, None)}
    assert found.planned_days == 95
    assert found.real_days is None
    competitions.begin_selection(SYSTEM, call, now=after_deadline(call, 2))
    decide(call, first.application)
    found = counted(programme_officer, call)
    assert (found.real_days, found.selected) == (100, 1)


@pytest.mark.database
def test_late_ones_and_last_versions_are_counted_once(
    ada: Applicant, programme_officer: Actor
) -> None:
    call = make_simple(late_policy="marked")
    made = make_submitted(call, ada)
    late = after_deadline(call)
    competitions.write_section(ada.actor, made.application, "need", "Anew.", now=late)
    competitions.submit_application(ada.actor, made.application, now=late)
    review(call, days_late=1)
    (one,) = counted(programme_officer, call).calls
    assert (one.handed_in, one.late) == (1, 1)


@pytest.mark.database
def test_loads_and_reviews_in_time_are_counted_by_stage(
    call: Competition, programme_officer: Actor
) -> None:
    first, second = (one.application for one in make_several(call, 2))
    stage = stage_of(call, 2)
    one, two, idle = (seat(stage, number) for number in range(3))
    assert stage.ends_at is not None
    punctual, late = stage.ends_at - DAY, stage.ends_at + DAY
    assign(one, first, punctual)
    assign(one, second, late)
    assign(two, first)
    gone = assign(two, second, punctual)
    Assignment.objects.filter(pk=gone.pk).update(removed_at=NOW)
    assert idle.assignments.count() == 0
    assert counted(programme_officer, call).loads == ()  # the review has not begun
    review(call)
    (load,) = counted(programme_officer, call).loads
    assert (load.loads, load.submitted, load.in_time) == ((1, 2), 2, 1)


@pytest.mark.database
def test_outcomes_are_grouped_by_state_kind_and_size_of_the_lead(
    call: Competition, programme_officer: Actor
) -> None:
    several = make_several(call, 3)
    kinds = (("OH", "industry_sme"), ("OH", "university"), ("", "unheard_of"))
    for one, (region, kind) in zip(several, kinds, strict=True):
        lead = one.application.lead
        lead.region, lead.kind = region, kind
        lead.save()
    chosen = Application.objects.filter(pk=several[0].application_id)
    chosen.update(outcome="selected")
    review(call)
    groups = queries.outcomes_by(programme_officer, call)
    assert [(one.key, one.handed_in, one.selected) for one in groups["state"]] == [
        ("OH", 2, 0),
        ("", 1, 0),
    ]
    competitions.begin_selection(SYSTEM, call, now=after_deadline(call, 2))
    decide(call, several[0].application)
    call.refresh_from_db()
    groups = queries.outcomes_by(programme_officer, call)
    assert [(one.key, one.handed_in, one.selected) for one in groups["state"]] == [
        ("OH", 2, 1),
        ("", 1, 0),
    ]
    assert {one.key: (one.handed_in, one.selected) for one in groups["kind"]} == {
        "industry_sme": (1, 1),
        "university": (1, 0),
        "unheard_of": (1, 0),
    }
    assert {one.key: (one.handed_in, one.selected) for one in groups["size"]} == {
        "no_firm": (2, 0),
        "small": (1, 1),
    }


def test_only_competitions_that_one_runs_and_that_were_opened_are_counted(
    call: Competition, programme_officer: Actor
) -> None:
    make_draft(agencies=("DOC",))
    elsewhere = make_open(agencies=("DOD",), now=NOW + DAY, opens_at=NOW + DAY)
    assert list(queries.competitions_counted(programme_officer)) == [elsewhere, call]
    sponsor = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC")
    assert list(queries.competitions_counted(sponsor)) == [call]
    assert list(queries.competitions_counted(Actor.public())) == []


# --------------------------------------------------------------------------------- pages and API


def judged(call: Competition) -> None:
    """Two applications, one reviewer, decided after a hundred days."""
    several = make_several(call, 2)
    stage = review(call, days_late=4)
    held = seat(stage, 1)
    for one in several:
        assign(held, one.application, NOW)
    competitions.begin_selection(SYSTEM, call, now=after_deadline(call, 2))
    decide(call, several[0].application)


def test_page_says_by_how_much_a_stage_exceeded_its_plan(call: Competition) -> None:
    officer = client_in(Role.PROGRAMME_OFFICER)
    address = reverse("awarding:show_statistics", args=[call.key])
    page = body_of(officer.get(address))
    assert "No stage is over yet" in page
    assert "95 days are planned from the opening to the decision." in page
    assert "Nobody has been assigned an application yet." in page
    judged(call)
    page = body_of(officer.get(address))
    assert "took 5 days longer than planned" in page
    assert "From the opening to the decision it took 100 days; 95 days were planned." in page
    assert "GAO-25-107369" in page
    assert "A reviewer has 2.0 applications on the average, and at most 2" in page
    assert "Outcome by size of the lead" in page
    assert reverse("competitions:list_submissions", args=[call.key]) in page


def test_stage_that_kept_to_its_plan_is_said(call: Competition) -> None:
    review(call)
    Stage.objects.filter(competition=call, number=1).update(ended_at=NOW + 50 * DAY)
    officer = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(officer.get(reverse("awarding:show_statistics", args=[call.key])))
    assert "Every stage that is over kept to its plan" in page


def test_list_over_all_competitions_opens_each(call: Competition) -> None:
    officer = client_in(Role.PROGRAMME_OFFICER)
    listed = reverse("awarding:list_statistics")
    assert "No competition is decided yet" in body_of(officer.get(listed))
    assert listed in body_of(officer.get(reverse("competitions:list_competitions")))
    judged(call)
    page = body_of(officer.get(listed))
    assert "From the opening to the decision it took 100 days on the average" in page
    assert reverse("awarding:show_statistics", args=[call.key]) in page
    assert "2 of 2" in page


def test_statistics_leave_as_tables(call: Competition) -> None:
    judged(call)
    officer = client_in(Role.PROGRAMME_OFFICER)
    one = reverse("awarding:export_statistics", args=[call.key, "json"])
    rows = json.loads(body_of(officer.get(one)))["rows"]
    assert [(row["planned_days"], row["real_days"], row["handed_in"]) for row in rows] == [
        (50, 54, 2),
        (30, rows[1]["real_days"], None),
        (15, rows[2]["real_days"], None),
    ]
    assert (rows[1]["reviewers"], rows[1]["assigned"], rows[1]["in_time"]) == (1, 2, 2)
    whole = reverse("awarding:export_all_statistics", args=["json"])
    (row,) = json.loads(body_of(officer.get(whole)))["rows"]
    assert (row["competition"], row["real_days"], row["selected"]) == (call.code, 100, 1)
    assert row["load_mean"] == "2.0"
    for form in ("csv", "xlsx"):
        for name, args in (("export_statistics", [call.key]), ("export_all_statistics", [])):
            address = reverse(f"awarding:{name}", args=[*args, form])
            assert officer.get(address).status_code == 200


def test_api_tells_the_same(call: Competition) -> None:
    judged(call)
    officer = client_in(Role.PROGRAMME_OFFICER)
    found = officer.get(f"/api/v1/opportunities/{call.key}/statistics").json()
    assert (found["planned_days"], found["real_days"], found["handed_in"]) == (95, 100, 2)
    assert found["loads"] == [
        {
            "stage": 2,
            "reviewers": 1,
            "least": 2,
            "mean": "2.0",
            "most": 2,
            "assigned": 2,
            "submitted": 2,
            "in_time": 2,
        }
    ]
    assert found["calls"] == [{"stage": 1, "handed_in": 2, "late": 0}]
    assert sum(one["selected"] for one in found["by_size"]) == 1
    (listed,) = officer.get("/api/v1/competition-statistics").json()["items"]
    assert (listed["opportunity_id"], listed["selected"]) == (call.key, 1)


def test_statistics_are_closed_to_everybody_but_who_runs_competitions(
    ada: Applicant, call: Competition
) -> None:
    make_submitted(call, ada)
    addresses = [
        reverse("awarding:show_statistics", args=[call.key]),
        reverse("awarding:export_statistics", args=[call.key, "csv"]),
        f"/api/v1/opportunities/{call.key}/statistics",
    ]
    over_all = [
        reverse("awarding:list_statistics"),
        reverse("awarding:export_all_statistics", args=["csv"]),
        "/api/v1/competition-statistics",
    ]
    sponsor = client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    for client in (client_of(ada), client_in(Role.REVIEWER), sponsor):
        for address in addresses:
            assert client.get(address).status_code == 404
    for client in (client_of(make_applicant("Bea", "Brass Works")), client_in(Role.REVIEWER)):
        for address in over_all:
            assert client.get(address).status_code == 404
    assert call.code not in body_of(sponsor.get(over_all[0]))
    assert Client().get(addresses[0]).status_code == 302
    assert (
        client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC").get(addresses[0]).status_code == 200
    )


@pytest.mark.parametrize("number", [1, 3])
def test_statistics_cost_the_same_for_any_number_of_records(number: int) -> None:
    calls = [make_simple() for _place in range(number)]
    several = make_several(calls[0], number)
    stage = review(calls[0])
    for place in range(number):
        held = seat(stage, place)
        for one in several:
            assign(held, one.application, NOW)
    officer = client_in(Role.PROGRAMME_OFFICER)
    key = calls[0].key
    costs = {
        reverse("awarding:show_statistics", args=[key]): 12,
        reverse("awarding:list_statistics"): 12,
        f"/api/v1/opportunities/{key}/statistics": 12,
        "/api/v1/competition-statistics": 11,
    }
    assert queries_of(officer, costs) == costs
