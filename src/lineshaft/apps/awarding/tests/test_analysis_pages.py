import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.awarding import services
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.awarding.rules import Assumptions
from lineshaft.apps.awarding.tests.factories import (
    ANALYSIS_STAGE,
    DAY,
    MOMENT,
    hand_in,
    letter,
    make_officer,
    make_seated,
    make_somebody,
    make_visited,
    plan_parts,
    submit,
)
from lineshaft.apps.awarding.tests.test_analyses import PARTS
from lineshaft.apps.awarding.tests.test_visit_pages import body_of, client_for
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.tests.factories import SYSTEM, stage_of
from lineshaft.apps.reviewing.tests.closed import close_to
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

RICH = plan_parts(
    cash=(60, 60, 60, 60, 60),
    federal=(),
    letters=(letter("State of Ohio", *(80,) * 5),),
    revenue={key: {5: 1} for key in ("dues", "services", "licences", "other")},
)
"""Stands alone however the draws fall, or nearly so."""


@pytest.fixture(autouse=True)
def _clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: MOMENT)


@pytest.fixture
def shown() -> Competition:
    return make_visited(stage=ANALYSIS_STAGE)


def of(shown: Competition, application: Application, name: str, *more: object) -> str:
    return reverse(f"awarding:{name}", args=[shown.key, ANALYSIS_STAGE, application.pk, *more])


def run(shown: Competition, application: Application, **said: Any) -> PlanAnalysis:
    stage = stage_of(shown, ANALYSIS_STAGE)
    return services.run_plan_analysis(
        SYSTEM, stage, application, Assumptions(**said), why="As told", now=MOMENT
    )


def usual() -> dict[str, Any]:
    """What the form of the assumptions is sent with where nothing is changed."""
    return {
        "honoured_bp": "90",
        "spread_bp": "35",
        "cost_spread_bp": "10",
        "years_after": "0",
        "seed": "20260101",
    }


def test_page_says_the_day_of_handing_in_as_the_competition_counts_days(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    night = (MOMENT - 90 * DAY).replace(hour=2)
    submit(application, stage_of(shown, 1), parts=PARTS, number=2, at=night)
    client, page = client_for(make_officer().user), of(shown, application, "show_analysis")
    assert shown.zone == "America/New_York"
    assert "handed it in on May 4, 2026. Its plan" in body_of(client.get(page))
    run(shown, application)
    assert "as it was handed in on May 4, 2026." in body_of(client.get(page))


def test_plan_is_analysed_and_judged_on_pages(shown: Competition) -> None:
    application = hand_in(shown, "Light castings", parts=PARTS)
    client = client_for(make_officer().user)
    listed = reverse("awarding:list_analyses", args=[shown.key])
    assert "0 of 1 business plan is analysed" in body_of(client.get(listed))
    page = of(shown, application, "show_analysis")
    assert "Its plan was not analysed yet." in body_of(client.get(page))
    assert client.get(of(shown, application, "judge_plan")).status_code == 404
    form = of(shown, application, "run_plan_analysis")
    text = body_of(client.get(form))
    assert "How far “Membership dues” may miss its plan, in per cent" in text
    assert "Share of what State promised that comes, in per cent" in text
    assert client.post(form, usual()).status_code == 302
    bold = {
        **usual(),
        "honoured_letter-1": "100",
        "spread_dues": "5",
        "reserve_minor": "20,000,000",
    }
    refused = client.post(form, bold)
    assert refused.status_code == 422
    assert "Say why these assumptions differ" in body_of(refused)
    assert client.post(form, {**bold, "reason": "The state has a law."}).status_code == 302
    assert client.post(form, {**usual(), "seed": "-1"}).status_code == 422
    made = PlanAnalysis.objects.get(number=2)
    assert made.assumptions["honoured"] == {"letter-1": 10_000}
    assert made.assumptions["reserve_minor"] == 2_000_000_000
    text = body_of(client.get(page))
    assert "The plan stands alone in" in text
    assert "15 U.S.C. 278s(e)(7)(A)" in text
    assert "The federal share of cost goes from 80% to 0%." in text
    assert "The chance depends most on" in text
    assert "drawn from a beta distribution" in text
    assert text.count("<figure") == 4
    assert "Nobody has judged the plan yet." in text
    judge = of(shown, application, "judge_plan")
    assert "Rating" in body_of(client.get(judge))
    words = {"rating": "doubtful", "judgement": "Dues are bold.", "seen": ""}
    assert client.post(judge, words).status_code == 302
    assert client.post(judge, words).status_code == 409
    assert client.post(judge, {**words, "seen": "yesterday"}).status_code == 409
    text = body_of(client.get(page))
    assert "Dues are bold." in text
    assert "Doubtful" in text
    first = body_of(client.get(of(shown, application, "show_run", 1)))
    assert "A later run stands." in first
    assert client.get(of(shown, application, "show_run", 9)).status_code == 404
    assert "1 of 1 business plan is analysed" in body_of(client.get(listed))


def test_plan_that_stands_alone_and_one_without_income_are_shown(shown: Competition) -> None:
    rich, poor = hand_in(shown, "Rich", parts=RICH), hand_in(shown, "Poor", parts=plan_parts())
    client = client_for(make_officer().user)
    for application in (rich, poor):
        run(shown, application)
    text = body_of(client.get(of(shown, rich, "show_analysis")))
    assert "its cash is lowest in year" in text
    assert "Other revenue" in text
    text = body_of(client.get(of(shown, poor, "show_analysis")))
    assert "it lacks money in year 5" in text
    assert "no year that is looked at" in text
    client.cookies["django_language"] = "zh-hans"
    assert client.get(of(shown, rich, "show_analysis")).status_code == 200


def test_rules_that_are_not_met_and_what_is_not_counted_are_said(shown: Competition) -> None:
    parts = plan_parts(federal=(40, 40, 45, 10, 0), cash=(1, 1, 1, 1, 1), revenue={"dues": {7: 3}})
    application = hand_in(shown, parts=parts)
    run(shown, application)
    text = body_of(client_for(make_officer().user).get(of(shown, application, "show_analysis")))
    assert "falls short of 50%" in text
    assert "The federal share of cost rises from one year to another." in text
    assert "is planned later than that and not counted" in text


def test_list_is_sorted_and_exported(shown: Competition) -> None:
    plans = {
        "Rich": hand_in(shown, "Rich", parts=RICH),
        "Poor": hand_in(shown, "Poor", parts=plan_parts()),
        "Idle": hand_in(shown, "Idle", parts=PARTS),
    }
    for title in ("Rich", "Poor"):
        run(shown, plans[title])
    submit(plans["Poor"], stage_of(shown, 1), title="Poor", number=2, at=MOMENT - 9 * DAY)
    client = client_for(make_officer().user)
    listed = reverse("awarding:list_plans", args=[shown.key, ANALYSIS_STAGE])
    orders = {
        "number": ["Rich", "Poor", "Idle"],
        "-chance": ["Rich", "Poor", "Idle"],
        "chance": ["Poor", "Rich", "Idle"],
        "-lowest": ["Rich", "Poor", "Idle"],
        "break_even": ["Rich", "Poor", "Idle"],
    }
    for sort, expected in orders.items():
        text = body_of(client.get(listed, {"sort": sort}))
        assert sorted(plans, key=lambda title: text.index(f">{title}<")) == expected, sort
    assert "Out of date" in text
    assert "Not analysed" in text
    file = body_of(
        client.get(reverse("awarding:export_analyses", args=[shown.key, ANALYSIS_STAGE, "csv"]))
    )
    rows = [row for row in csv.reader(io.StringIO(file)) if len(row) == 12]
    assert [row[1] for row in rows[1:]] == ["Rich", "Poor", "Idle"]
    assert rows[2][4] == "0"
    assert rows[3][3] == ""
    as_json = reverse("awarding:export_analyses", args=[shown.key, ANALYSIS_STAGE, "json"])
    assert client.get(as_json).status_code == 200


def test_panel_reads_the_plans_of_its_stage_and_no_other(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    run(shown, application)
    panel = client_for(make_seated(stage_of(shown, ANALYSIS_STAGE)).user)
    listed = reverse("awarding:list_analyses", args=[shown.key])
    text = body_of(panel.get(listed))
    assert "Light castings" in text
    assert reverse("competitions:list_submissions", args=[shown.key]) not in text
    assert panel.get(of(shown, application, "run_plan_analysis")).status_code == 200
    other = reverse("awarding:list_plans", args=[shown.key, 2])
    assert panel.get(other).status_code == 404
    officer = client_for(make_officer().user)
    assert other in body_of(officer.get(listed))
    assert officer.get(other).status_code == 200


def test_who_may_not_see_a_plan_gets_nothing_of_it(shown: Competition) -> None:
    application = hand_in(shown, "Zylinderkopf", parts=PARTS)
    run(shown, application)
    names = ("show_analysis", "run_plan_analysis", "judge_plan")
    pages = [of(shown, application, name) for name in names]
    pages.append(of(shown, application, "show_run", 1))
    listed = reverse("awarding:list_analyses", args=[shown.key])
    export = reverse("awarding:export_analyses", args=[shown.key, ANALYSIS_STAGE, "csv"])
    api = f"/api/v1/competitions/{shown.key}/stages/{ANALYSIS_STAGE}/analyses"
    stranger = client_for(make_somebody().user)
    doors = (*pages, listed, export, api, f"{api}/{application.pk}")
    assert {stranger.get(page).status_code for page in doors} == {404}
    auditor = client_for(make_somebody(role=Role.AUDITOR).user)
    assert [auditor.get(page).status_code for page in pages] == [200, 403, 403, 200]
    officer = make_officer()
    close_to(officer.actor, application)
    client = client_for(officer.user)
    assert {client.get(page).status_code for page in pages} == {404}
    for page in (listed, export):
        assert "Zylinderkopf" not in body_of(client.get(page))
    assert "No business plan can be read yet" in body_of(client.get(listed))
    assert client.get(api).json()["items"] == []
    assert client.get(f"{api}/{application.pk}").status_code == 404


def test_api_runs_shows_and_judges(shown: Competition) -> None:
    application = hand_in(shown, parts=PARTS)
    client = client_for(make_officer().user)
    api = f"/api/v1/competitions/{shown.key}/stages/{ANALYSIS_STAGE}/analyses"
    one = f"{api}/{application.pk}"
    assert client.get(one).status_code == 404
    assert client.get(api).json()["items"] == []
    made = client.post(one, {"seed": 7, "why": "Another draw"}, content_type="application/json")
    assert made.status_code == 200, made.content
    assert (made.json()["run"], made.json()["lowest_minor"]) == (1, -1_500_000_000)
    assert made.json()["assumptions"]["seed"] == 7
    wrong = client.post(one, {"seed": 8}, content_type="application/json")
    assert wrong.status_code == 422
    words = {"rating": "sound", "judgement": "Fine."}
    judged = client.post(f"{one}/judgement", words, content_type="application/json")
    assert (judged.json()["rating"], judged.json()["judgement"]) == ("sound", "Fine.")
    (listed,) = client.get(api).json()["items"]
    assert (listed["application"], listed["rating"]) == (application.pk, "sound")
    other = f"/api/v1/competitions/{shown.key}/stages/1/analyses"
    assert client.get(other).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_as_many_queries_for_any_number_of_rows(
    rows: int, shown: Competition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plans = [hand_in(shown, f"Plan {place}", parts=PARTS) for place in range(rows)]
    for application in plans:
        for _each in range(rows):
            run(shown, application)
    client: Client = client_for(make_officer().user)
    listed = reverse("awarding:list_analyses", args=[shown.key])
    client.get(listed)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(listed)
    with django_assert_num_queries(SHOW_QUERIES):
        client.get(of(shown, plans[0], "show_analysis"))


LIST_QUERIES = 11
SHOW_QUERIES = 9
