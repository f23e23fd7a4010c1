"""The API of one proposal: why there is no assignment, what would free it, and who is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.tests.judging import retitle
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import AssignmentRun
from lineshaft.apps.reviewing.tests.assigning import TERMS, applications, computed
from lineshaft.apps.reviewing.tests.closed import close_to
from lineshaft.apps.reviewing.tests.panels import make_judged, make_panel, make_seat
from lineshaft.apps.reviewing.tests.test_assignment_pages import (
    body_of,
    client_for,
    client_in,
    officer_with_user,
)
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

CHINESE = "轻合金铸造"


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"


def at(stage: Stage, pk: int) -> str:
    key = stage.competition.key
    return f"/api/v1/competitions/{key}/stages/{stage.number}/assignment-proposals/{pk}"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_infeasible_is_explained_by_ids_with_their_names_and_ways_out(language: str) -> None:
    stage = make_judged(2)
    seat = make_seat(stage, load_most=1)
    one, two = applications(stage)
    for each in (one, two):
        retitle(each, CHINESE)
    run = computed(stage, replace(TERMS, demand=1, load_most=1))
    client = client_in(Role.PROGRAMME_OFFICER)
    found = client.get(at(stage, run.pk), headers={"Accept-Language": language}).json()
    assert (found["state"], found["demand"], found["load_most"]) == ("infeasible", 1, 1)
    explanation = found["explanation"]
    ways = {way.pop("remedy"): way for way in explanation.pop("ways_out")}
    assert explanation == {
        "missing": 1,
        "demanding": [one.pk, two.pk],
        "idle": [],
        "unmet_rules": [],
        "forced": [],
        "applications": [
            {"application": one.pk, "number": 1, "title": "Application 1"},
            {"application": two.pk, "number": 2, "title": "Application 2"},
        ],
        "seats": [{"seat": seat.pk, "reviewer": "Rita Reviewer"}],
    }
    assert ways["more_load"] == {"by": 1, "applications": [], "seats": [seat.pk], "group": ""}
    assert ways["less_demand"]["by"] == 1
    assert set(ways["less_demand"]["applications"]) <= {one.pk, two.pk}


@pytest.mark.parametrize(
    ("terms", "key", "remedy"),
    [
        ({"sector_least": 1}, "unmet_rules", "drop_rule"),
        ({"load_least": 2}, "idle", "less_least"),
        ({"demand": 1, "is_forced": True}, "forced", "drop_forced"),
    ],
)
def test_each_fault_is_told_with_its_way_out(terms: dict[str, Any], key: str, remedy: str) -> None:
    stage = make_judged(1)
    firm = make_organisation("Anvil Works")
    seats = [make_seat(stage, name, employer=firm) for name in ("Ann", "Bob", "Cid")]
    (one,) = applications(stage)
    if terms.pop("is_forced", False):
        terms["forced"] = tuple((one.pk, seat.pk) for seat in seats)
    run = computed(stage, replace(TERMS, **terms))
    found = client_in(Role.ADMINISTRATOR).get(at(stage, run.pk)).json()["explanation"]
    assert found[key]
    assert remedy in {way["remedy"] for way in found["ways_out"]}
    if key == "unmet_rules":
        assert found[key] == [{"group": rules.PUBLIC_HALF, "application": one.pk}]
    if key == "forced":
        assert set(map(tuple, found[key])) <= {(one.pk, seat.pk) for seat in seats}


def test_proposal_that_came_out_has_no_explanation() -> None:
    stage = make_judged(1)
    make_panel(stage, 2)
    run = computed(stage)
    found = client_in(Role.PROGRAMME_OFFICER).get(at(stage, run.pk)).json()
    assert (found["state"], found["explanation"], found["is_withheld"]) == ("proposed", None, False)
    assert found["total"] is not None


def test_explanation_of_a_closed_application_is_withheld() -> None:
    stage = make_judged(2)
    make_seat(stage, load_most=1)
    run = computed(stage, replace(TERMS, demand=1))
    client, actor = officer_with_user()
    one = applications(stage)[0]
    close_to(actor, one)
    answer = client.get(at(stage, run.pk))
    found = answer.json()
    assert (found["explanation"], found["is_withheld"]) == (None, True)
    assert one.title not in body_of(answer)
    assert client_in(Role.ADMINISTRATOR).get(at(stage, run.pk)).json()["explanation"] is not None


def test_least_loads_counted_over_a_closed_application_are_withheld() -> None:
    stage = make_judged(2)
    make_panel(stage, 2)
    run = computed(stage, replace(TERMS, demand=1, load_least=2))
    assert (run.explanation["applications"], run.explanation["missing"]) == ([], 2)
    client, actor = officer_with_user()
    others = client.get(at(stage, run.pk)).json()
    assert (others["explanation"]["missing"], others["is_withheld"]) == (2, False)
    close_to(actor, applications(stage)[0])
    found = client.get(at(stage, run.pk)).json()
    assert (found["explanation"], found["is_withheld"]) == (None, True)


def test_explanation_of_open_applications_alone_is_told_beside_a_closed_one() -> None:
    stage = make_judged(3)
    make_seat(stage, load_most=1)
    one, two, closed = applications(stage)
    run = computed(stage, replace(TERMS, demand=1))
    assert run.explanation["applications"] == [one.pk, two.pk]
    client, actor = officer_with_user()
    close_to(actor, closed)
    found = client.get(at(stage, run.pk)).json()
    assert (found["explanation"]["demanding"], found["is_withheld"]) == ([one.pk, two.pk], True)
    assert found["explanation"]["missing"] == 1


@pytest.mark.parametrize("who", ["public", "member", "reviewer", "sponsor of another"])
def test_nobody_else_reads_a_proposal(who: str) -> None:
    stage = make_judged(2)
    rita = make_user("Rita")
    make_seat(stage, "Rita", load_most=1, user=rita)
    run = computed(stage, replace(TERMS, demand=1))
    clients: dict[str, Callable[[], Client]] = {
        "public": Client,
        "member": lambda: client_in(Role.MEMBER),
        "reviewer": lambda: client_for(rita),
        "sponsor of another": lambda: client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "NASA"),
    }
    client = clients[who]()
    answers = [client.get(at(stage, pk)) for pk in (run.pk, run.pk + 1000)]
    assert [one.status_code for one in answers] == [404, 404]
    assert body_of(answers[0]) == body_of(answers[1])


def test_proposal_of_another_stage_is_not_found() -> None:
    stage, other = make_judged(1), make_judged(1)
    make_panel(stage, 2)
    run = computed(stage)
    client = client_in(Role.PROGRAMME_OFFICER)
    answer = client.get(at(other, run.pk))
    assert (answer.status_code, answer.json()["code"]) == (404, "no_run")


@pytest.mark.parametrize("number", [1, 3])
def test_explanation_costs_the_same_for_any_number_of_applications(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stage = make_judged(number + 1)
    make_seat(stage, load_most=number)
    run = computed(stage, replace(TERMS, demand=1))
    assert AssignmentRun.objects.get(pk=run.pk).state == rules.INFEASIBLE
    client = client_in(Role.PROGRAMME_OFFICER)
    client.get(at(stage, run.pk))
    with django_assert_num_queries(12):
        client.get(at(stage, run.pk))
