"""Pages, exports and API of the ranked list."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.tests.factories import after_deadline, make_draft, make_open
from lineshaft.apps.competitions.tests.judging import retitle
from lineshaft.apps.reviewing import queries
from lineshaft.apps.reviewing.models import Assignment, Reviewer
from lineshaft.apps.reviewing.tests.reviewed import (
    CONFIDENTIAL,
    REVIEW,
    Clock,
    client_for,
    client_in,
    make_in_review,
    make_proposal,
    make_review,
    make_seat,
    page,
    text_of,
)
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

WORD = "Zylinderkopf"
"""Stands in an application and what is said of it alone."""

NAME = "Rita Reviewer Zahnrad"
"""Of the reviewer."""


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    settings.CACHE_DIR = tmp_path / "cache"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def officer() -> Client:
    return client_in(Role.PROGRAMME_OFFICER)


@pytest.fixture
def call() -> Competition:
    return make_in_review()


def fill(competition: Competition, scores: list[list[int]]) -> list[Application]:
    """Applications, each with the scores that the reviewers gave it; 0 for no review."""
    stage = competition.stages.get(number=REVIEW)
    seats = [make_seat(stage, f"{NAME} {place}") for place in range(len(scores[0]))]
    made = [make_proposal(competition, f"{WORD} {n}") for n in range(1, len(scores) + 1)]
    for application, given in zip(made, scores, strict=True):
        for seat, score in zip(seats, given, strict=True):
            if score:
                make_review(seat, application, score, weaknesses=f"{WORD} is thin.")
    return made


# ------------------------------------------------------------------------------- the ranked list


def test_list_draws_intervals_and_says_who_cannot_be_told_apart(
    officer: Client, call: Competition
) -> None:
    fill(call, [[5, 5, 5], [4, 4, 0], [3, 4, 0], [1, 1, 1]])
    shown = page(officer, "show_ranking", call.key)
    assert "neighbours cannot be told apart" in shown
    assert 'class="chart-wide"' in shown
    assert 'class="chart-narrow"' in shown
    assert f"1. {WORD} 1" in shown
    assert "Biometrics 31 (1975)" in shown
    assert "No reviewer joins these sets" not in shown
    assert shown.count('href="/competitions/') > 4
    assert NAME not in shown
    by_number = page(officer, "show_ranking", call.key, REVIEW)
    tables = [text[text.index("<table") : text.rindex("</table>")] for text in (shown, by_number)]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        pytest.param([[3]], "One application is reviewed", id="one"),
        pytest.param([[3, 3], [3, 3]], "None of 2 applications can be told from", id="alike"),
        pytest.param(
            [[5] * 6, *[[1] * 6] * 4], "The first of 5 applications stands apart", id="one ahead"
        ),
        pytest.param(
            [[5] * 6, [5] * 6, *[[1] * 6] * 4],
            "The first 2 of 6 applications cannot be told apart",
            id="two ahead",
        ),
        pytest.param([[0]], "No review is submitted yet", id="none reviewed"),
    ],
)
def test_title_states_the_finding(
    scores: list[list[int]], said: str, officer: Client, call: Competition
) -> None:
    fill(call, scores)
    assert said in page(officer, "show_ranking", call.key)


def test_neighbours_that_can_all_be_told_apart_are_said(officer: Client, call: Competition) -> None:
    fill(call, [[5] * 8, [3] * 8, [1] * 8])
    assert "Each application can be told from the next." in page(officer, "show_ranking", call.key)


def test_sets_that_no_reviewer_joins_are_named_and_long_ones_cut(
    officer: Client, call: Competition
) -> None:
    fill(call, [[3, 0], *[[0, 4]] * 22])
    shown = page(officer, "show_ranking", call.key)
    assert "No reviewer joins these sets" in shown
    assert "2 more" in shown


def test_list_by_one_criterion_and_without_a_review(officer: Client, call: Competition) -> None:
    fill(call, [[3], [0]])
    first = call.stages.get(number=REVIEW).criteria.get(number=1)
    shown = page(officer, "show_ranking", call.key, query="?criterion=1")
    assert f"scores on “{first.name}”" in shown
    assert "Applications without a submitted review, 1 of 1" in shown
    missing = officer.get(reverse("reviewing:show_ranking", args=[call.key]) + "?criterion=99")
    assert missing.status_code == 404


def test_row_opens_to_its_reviews_with_what_is_taken_out(
    officer: Client, call: Competition
) -> None:
    fill(call, [[5, 2], [4, 3]])
    shown = page(officer, "show_ranked", call.key, REVIEW, 1)
    assert f"1. “{WORD} 1”" in shown
    assert shown.count(NAME) == 2
    assert "Gives more than others would" in shown
    assert CONFIDENTIAL not in shown


def test_severity_is_for_who_runs_it_and_an_auditor_sees_no_names(
    officer: Client, call: Competition
) -> None:
    fill(call, [[5, 2], [4, 1], [3, 1]])
    shown = page(officer, "list_severities", call.key, REVIEW)
    assert shown.index(f"{NAME} 1") < shown.index(f"{NAME} 0")
    auditor = client_in(Role.AUDITOR)
    assert NAME not in page(auditor, "show_ranking", call.key)
    assert "How severely reviewers score" not in page(auditor, "show_ranking", call.key)
    assert NAME not in page(auditor, "show_ranked", call.key, REVIEW, 1)
    address = reverse("reviewing:list_severities", args=[call.key, REVIEW])
    assert auditor.get(address).status_code == 404


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_list_is_a_file(form: str, officer: Client, call: Competition) -> None:
    fill(call, [[5, 2], [4, 3], [3, 0]])
    response = officer.get(reverse("reviewing:export_ranking", args=[call.key, REVIEW, form]))
    assert response.status_code == 200
    said = text_of(response)
    if form != "xlsx":
        assert said.count(f"{WORD} ") == 3
        assert CONFIDENTIAL not in said
        assert NAME not in said


def test_list_over_the_api_is_paged(officer: Client, call: Competition) -> None:
    fill(call, [[5], [4], [3]])
    address = f"/api/v1/opportunities/{call.key}/stages/{REVIEW}/ranking"
    first = officer.get(address, {"limit": 2}).json()
    assert [row["rank"] for row in first["items"]] == [1, 2]
    assert first["items"][0]["title"] == f"{WORD} 1"
    last = officer.get(address, {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert ([row["number"] for row in last["items"]], last["next_cursor"]) == ([3], None)
    assert officer.get(address, {"criterion": 1}).json()["items"][0]["mean"] == "5.0000"
    assert officer.get(address, {"cursor": "x"}).status_code == 422
    call_of_papers = f"/api/v1/opportunities/{call.key}/stages/1/ranking"
    assert officer.get(call_of_papers).status_code == 404
    assert officer.get(address, {"limit": 0}).status_code == 422


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_programs_get_the_title_that_was_handed_in(
    officer: Client, call: Competition, language: str
) -> None:
    (made,) = fill(call, [[5, 4]])
    retitle(made, "汽缸盖")
    reviewer = Reviewer.objects.order_by("pk")[0].person.user
    assert reviewer is not None
    own, headers = client_for(reviewer), {"Accept-Language": language}
    of_stage = f"/api/v1/opportunities/{call.key}/stages/{REVIEW}"
    assignment = Assignment.objects.earliest("pk").pk
    titles = {
        path: client.get(path, headers=headers).json()
        for client, path in (
            (officer, f"{of_stage}/ranking"),
            (officer, f"{of_stage}/reviews"),
            (officer, f"/api/v1/opportunities/{call.key}/submissions"),
            (own, "/api/v1/reviews"),
            (own, f"/api/v1/reviews/{assignment}"),
        )
    }
    found = {
        path: {one["title"] for one in told.get("items", [told])} for path, told in titles.items()
    }
    assert found == {path: {f"{WORD} 1"} for path in titles}


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_page_do_not_grow(
    rows: int,
    officer: Client,
    call: Competition,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    fill(call, [[5, 4]] * rows)
    address = reverse("reviewing:show_ranking", args=[call.key])
    officer.get(address)
    with django_assert_num_queries(14):
        officer.get(address)


def test_stage_that_judges_nothing_and_a_competition_without_one(officer: Client) -> None:
    made = make_open()
    address = reverse("reviewing:show_ranking", args=[made.key, 1])
    assert officer.get(address).status_code == 404
    draft = make_draft()
    draft.stages.exclude(kind__in=["submission", "selection"]).delete()
    assert "Nothing is judged" in page(officer, "show_ranking", draft.key)


def test_list_of_a_competition_opens_on_the_last_stage_that_is_reviewed(officer: Client) -> None:
    call = make_in_review()
    concept, review = (call.stages.get(number=number) for number in (2, REVIEW))
    make_review(make_seat(concept), make_proposal(call))
    assert queries.stage_shown_first(queries.stages_judged(call)) == review  # it runs, and waits
    call.stages.filter(number=REVIEW).update(ended_at=after_deadline(call, REVIEW))
    call = Competition.objects.get(pk=call.pk)
    assert queries.stage_shown_first(queries.stages_judged(call)) == concept
    shown = page(officer, "show_ranking", call.key)
    assert f"Ranked list of “{concept.name}”" in shown
    assert queries.stage_shown_first(queries.stages_judged(make_draft())) is not None
    assert queries.stage_shown_first([]) is None
