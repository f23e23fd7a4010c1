"""Pages and API of who goes on: what each reader sees of it, and what it costs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.models import Competition, StageOutcome
from lineshaft.apps.competitions.rules import StageResult, TeamRole
from lineshaft.apps.competitions.services import OutcomeTerms, PartnerRow, TeamRow
from lineshaft.apps.competitions.tests.applicants import Applicant, make_applicant
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
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
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

SECRET = "Zylinderkopf"
ADVICE = "Bring a foundry in."


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
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
    return make_open(agencies=("DOC",))


def judging(call: Competition, clock: Clock) -> None:
    clock.now = after_deadline(call)
    services.begin_review(SYSTEM, call, now=clock.now)


def at(call: Competition, name: str = "decide_stage_outcomes", *more: object) -> str:
    return reverse(f"competitions:{name}", args=[call.key, *(more or (2,))])


def api(call: Competition, rest: str = "") -> str:
    return f"/api/v1/opportunities/{call.key}/stages/2/outcomes{rest}"


def queries_of(client: Client, addresses: Iterable[str]) -> dict[str, int]:
    """How many queries each of these pages costs the second time."""
    found = {}
    for address in addresses:
        body_of(client.get(address))
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
            body_of(response)
        assert response.status_code == 200
        found[address] = len(captured)
    return found


def post_json(client: Client, address: str, sent: dict[str, Any], key: str) -> Any:
    return client.post(
        address, json.dumps(sent), "application/json", headers={"Idempotency-Key": key}
    )


def test_officer_decides_for_several_and_tells_them(call: Competition, server_clock: Clock) -> None:
    submissions = make_several(call, 2)
    officer = client_in(Role.PROGRAMME_OFFICER)
    assert "Nothing is judged yet" in body_of(officer.get(at(call)))
    judging(call, server_clock)
    listed = body_of(officer.get(reverse("competitions:list_stage_outcomes", args=[call.key])))
    assert "2 applications wait to hear whether they go on" in listed
    page = body_of(officer.get(at(call)))
    assert "2 of 2 applications have no outcome yet" in page
    assert "Castings 1" in page
    sent = {
        "applications": [one.application_id for one in submissions],
        "outcome": "goes_on",
        "advice": ADVICE,
        "seen": server_clock.now.isoformat(),
    }
    assert officer.post(at(call), sent).status_code == 302
    assert StageOutcome.objects.filter(outcome="goes_on").count() == 2
    page = body_of(officer.get(at(call)))
    assert "All 2 outcomes are decided, and 2 are still to be told" in page
    assert at(call, "tell_stage_outcomes") in page
    tell = at(call, "tell_stage_outcomes")
    assert "Tell 2 applicants what came of" in body_of(officer.get(tell))
    assert officer.post(tell).status_code == 302
    page = body_of(officer.get(at(call)))
    assert "All 2 outcomes are told" in page
    assert "Decide for those that are ticked" not in page
    listed = body_of(officer.get(reverse("competitions:list_stage_outcomes", args=[call.key])))
    assert "Nobody waits to hear whether they go on" in listed


def test_what_was_typed_and_ticked_is_kept_beside_what_is_wrong(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    made = make_submitted(call, ada)
    judging(call, server_clock)
    officer = client_in(Role.PROGRAMME_OFFICER)
    sent = {"applications": [made.application_id], "outcome": "ends_here", "advice": ADVICE}
    refused = officer.post(at(call), {**sent, "seen": "yesterday"})
    assert refused.status_code == 422
    page = body_of(refused)
    assert ADVICE in page
    assert " checked" in page
    assert StageOutcome.objects.count() == 0
    services.decide_stage_outcomes(
        SYSTEM,
        stage_of(call, 2),
        [made.application_id],
        OutcomeTerms("goes_on"),
        now=after_deadline(call, 2),
    )
    stale = officer.post(
        at(call), {**sent, "reason": "Narrow", "seen": server_clock.now.isoformat()}
    )
    assert stale.status_code == 409
    assert StageOutcome.objects.get().outcome == "goes_on"


def test_begin_of_the_next_stage_says_what_is_open(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    make_submitted(call, ada)
    judging(call, server_clock)
    server_clock.now = after_deadline(call, 2)
    officer = client_in(Role.PROGRAMME_OFFICER)
    response = officer.post(reverse("competitions:call_applications", args=[call.key]), follow=True)
    assert "has no outcome yet. Decide on it first." in body_of(response)
    call.refresh_from_db()
    assert call.stage_number == 2


def test_competition_without_gates_says_so() -> None:
    call = make_open(agencies=("DOC",))
    call.stages.update(gate="open")
    officer = client_in(Role.PROGRAMME_OFFICER)
    page = body_of(officer.get(reverse("competitions:list_stage_outcomes", args=[call.key])))
    assert "Everybody goes on after every stage" in page
    assert officer.get(at(call)).status_code == 404


def test_applicant_reads_the_outcome_in_the_workspace_once_it_is_told(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    made = make_submitted(call, ada).application
    bea = make_applicant("Bea", "Brass Works")
    partner = PartnerRow(organisation_id=bea.organisation.pk)
    services.add_partner(ada.actor, made, partner, now=NOW)
    row = TeamRow("Bea", TeamRole.READER, bea.user.email, bea.organisation.pk)
    member = services.invite_to_team(ada.actor, made, row, now=NOW)
    services.join_team(bea.actor, member, now=NOW)
    judging(call, server_clock)
    stage, client, beside = stage_of(call, 2), client_of(ada), client_of(bea)
    terms = OutcomeTerms("ends_here", f"Weaker than {SECRET}", ADVICE)
    now = after_deadline(call, 2)
    services.decide_stage_outcomes(SYSTEM, stage, [made.pk], terms, now=now)
    address = made.get_absolute_url()
    page = body_of(client.get(address))
    assert "Does not go on" not in page
    services.tell_stage_outcomes(SYSTEM, stage, now=now)
    page = body_of(client.get(address))
    assert "Does not go on" in page
    assert ADVICE in page
    assert SECRET not in page
    seen_beside = body_of(beside.get(address))
    assert "Does not go on" in seen_beside
    assert ADVICE not in seen_beside
    services.call_applications(SYSTEM, call, now=now)
    server_clock.now = now
    page = body_of(client.get(address))
    assert "Only who was invited after" in page
    assert "Check and hand in" not in page
    submit = reverse("competitions:submit_application", args=[made.pk])
    assert "Nothing keeps the application back" not in body_of(client.get(submit))
    refused = client.post(submit)
    assert refused.status_code == 409
    assert "What was decided on it stands in its workspace." in body_of(refused)


@pytest.mark.parametrize(
    "address", ["list_stage_outcomes", "decide_stage_outcomes", "tell_stage_outcomes", "export"]
)
def test_outcomes_are_closed_to_everybody_but_who_runs_the_competition(
    address: str, ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    made = make_submitted(call, ada, title=SECRET)
    judging(call, server_clock)
    terms = OutcomeTerms("ends_here", SECRET)
    services.decide_stage_outcomes(SYSTEM, stage_of(call, 2), [made.application_id], terms, now=NOW)
    url = {
        "list_stage_outcomes": reverse("competitions:list_stage_outcomes", args=[call.key]),
        "export": at(call, "export_stage_outcomes", 2, "csv"),
    }.get(address) or at(call, address)
    strangers = [
        client_of(ada),
        client_of(make_applicant("Rival", "Rust Works")),
        client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
        client_in(Role.REVIEWER),
        client_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"),
    ]
    for client in strangers:
        response = client.get(url)
        assert response.status_code == 404
        assert SECRET not in body_of(response)
    assert Client().get(url).status_code == 302
    page = client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC").get(url)
    assert page.status_code == 200


def test_outcomes_leave_as_a_table(ada: Applicant, call: Competition, server_clock: Clock) -> None:
    make_submitted(call, ada)
    make_submitted(call, make_applicant("Bea", "Brass Works"), title="=1+1")
    judging(call, server_clock)
    stage = stage_of(call, 2)
    first = call.applications.get(number=1)
    terms = OutcomeTerms("ends_here", "Too narrow", ADVICE)
    services.decide_stage_outcomes(SYSTEM, stage, [first.pk], terms, now=NOW)
    officer = client_in(Role.PROGRAMME_OFFICER)
    file = body_of(officer.get(at(call, "export_stage_outcomes", 2, "csv")))
    lines = [line for line in file.splitlines() if not line.lstrip("\ufeff").startswith('"#')]
    assert any("Does not go on" in line and "Too narrow" in line for line in lines)
    assert any("'=1+1" in line for line in lines)
    found = json.loads(body_of(officer.get(at(call, "export_stage_outcomes", 2, "json"))))
    assert [row["outcome"] for row in found["rows"]] == ["Does not go on", ""]
    assert officer.get(at(call, "export_stage_outcomes", 2, "odt")).status_code == 404


def test_api_decides_tells_and_lists(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    made = make_submitted(call, ada).application
    judging(call, server_clock)
    officer = client_in(Role.PROGRAMME_OFFICER)
    sent = {"applications": [made.pk], "outcome": "ends_here", "reason": "Narrow"}
    done = post_json(officer, api(call), sent, "a")
    assert done.status_code == 200
    assert [one["outcome"] for one in done.json()["outcomes"]] == ["ends_here"]
    (listed,) = officer.get(api(call)).json()["items"]
    assert (listed["number"], listed["reason"], listed["told_at"]) == (1, "Narrow", None)
    for _again in range(2):
        assert post_json(officer, api(call, "/tell"), {}, "b").json() == {"told": 1}
    (listed,) = officer.get(api(call)).json()["items"]
    assert listed["told_at"] is not None
    naive = post_json(officer, api(call), {**sent, "seen": "2026-01-01T00:00:00"}, "n")
    assert naive.status_code == 422
    refused = post_json(officer, api(call), {**sent, "outcome": "goes_on"}, "c")
    assert refused.status_code == 409
    for client in (client_of(ada), client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")):
        assert client.get(api(call)).status_code == 404
        assert post_json(client, api(call), sent, "d").status_code == 404
        assert post_json(client, api(call, "/tell"), {}, "e").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_pages_of_outcomes_cost_the_same_for_any_number_of_applications(
    number: int,
    call: Competition,
    server_clock: Clock,
) -> None:
    make_several(call, number)
    judging(call, server_clock)
    let_on(call, result=StageResult.GOES_ON)
    officer = client_in(Role.PROGRAMME_OFFICER)
    costs = {
        reverse("competitions:list_stage_outcomes", args=[call.key]): 9,
        at(call): 12,
        at(call, "export_stage_outcomes", 2, "csv"): 9,
    }
    assert queries_of(officer, costs) == costs
