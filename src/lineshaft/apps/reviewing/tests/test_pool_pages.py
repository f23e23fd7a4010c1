import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.services import submit_application
from lineshaft.apps.competitions.tests.applicants import fill, make_applicant, make_application
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.tests.factories import make_organisation, make_technology_area
from lineshaft.apps.reviewing import queries, services
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.apps.reviewing.rules import Sector, TextRow
from lineshaft.apps.reviewing.tests.factories import (
    actor_of_reviewer,
    make_invitation,
    make_panel_stage,
    make_reviewer,
    make_reviewing_user,
    make_seat,
)
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

NAME = "Zylinda Kopf"
"""Stands in the pool alone."""


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)
    make_technology_area("robotics")


def client_for(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def client_of(role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(f"{role} {key}")
    make_grant(user, role, kind, key)
    return client_for(user)


@pytest.fixture
def officer() -> Client:
    return client_of(Role.PROGRAMME_OFFICER)


def text_of(response: Any) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode()
    return str(response.content.decode())


def panel_url(stage: Stage, rest: str = "") -> str:
    return f"/competitions/{stage.competition.key}/panel/{stage.number}/{rest}"


# ---------------------------------------------------------------------------------------- pool


def test_pool_is_listed_narrowed_and_downloaded(officer: Client) -> None:
    make_reviewer("Alma", sector=Sector.ACADEMIA, organisation=make_organisation("Anvil Works"))
    make_reviewer("Bert")
    page = text_of(officer.get("/reviewers/"))
    assert "2 reviewers fit" in page
    assert "Add a reviewer" in page
    page = text_of(officer.get("/reviewers/?sector=academia&employer=anvil"))
    assert "Alma" in page
    assert "Bert" not in page
    assert "2 reviewers fit" in text_of(officer.get("/reviewers/?sector=circus&load=many"))
    table = text_of(officer.get("/reviewers/export.csv?sector=academia"))
    assert "Anvil Works" in table
    assert "Bert" not in table
    page = text_of(client_of(Role.AUDITOR).get("/reviewers/"))
    assert "Alma" in page
    assert "Add a reviewer" not in page


def test_reviewer_is_added_on_a_page(officer: Client) -> None:
    make_organisation("Anvil Works")
    for region in ("OH", "MI"):
        make_organisation("Twin Works", region=region)
    sent = {
        "email": "alma@x.example",
        "name": "Alma",
        "organisation": "Nowhere",
        "sector": "academia",
        "areas": ["robotics"],
        "load_most": "3",
    }
    refused = officer.post("/reviewers/add/", sent)
    assert refused.status_code == 422
    assert "No organisation that you may see has this name" in text_of(refused)
    refused = officer.post("/reviewers/add/", sent | {"organisation": "Twin Works"})
    assert "Several organisations bear this name" in text_of(refused)
    done = officer.post("/reviewers/add/", sent | {"organisation": "Anvil Works"})
    made = Reviewer.objects.get()
    assert done["Location"] == made.get_absolute_url()
    assert made.person.organisation is not None
    again = officer.post("/reviewers/add/", sent | {"organisation": ""})
    assert again.status_code == 409
    assert "Alma is in the pool already" in text_of(again)


def test_record_is_edited_retired_restored_and_let_in(officer: Client) -> None:
    reviewer = make_reviewer(NAME)
    url = reviewer.get_absolute_url()
    page = text_of(officer.get(url))
    assert f"{NAME} takes on up to 6 applications in a stage" in page
    assert "Not declared" in page
    assert "Let them sign in" in page
    sent = {"sector": "laboratory", "load_most": "2", "statement": "Grippers.", "seen": "0"}
    assert officer.get(f"{url}edit/").status_code == 200
    assert officer.post(f"{url}edit/", sent)["Location"] == url
    assert "Grippers." in text_of(officer.get(url))
    assert officer.post(f"{url}edit/", sent).status_code == 409  # somebody saved meanwhile
    officer.post(f"{url}retire/", {"why": "Moved."})
    page = text_of(officer.get(url))
    assert f"{NAME} does not review any more" in page
    assert NAME not in text_of(officer.get("/reviewers/"))
    assert "Retired" in text_of(officer.get("/reviewers/?activity=retired"))
    officer.post(f"{url}restore/")
    officer.post(f"{url}access/")
    assert Person.objects.get(pk=reviewer.person_id).user is not None
    assert "Let them sign in" not in text_of(officer.get(url))


def test_reviewer_keeps_the_own_profile_and_texts() -> None:
    reviewer = make_reviewing_user(NAME)
    client = client_for(reviewer.person.user)
    url = reviewer.get_absolute_url()
    page = text_of(client.get(url))
    assert "Edit your profile" in page
    assert f"{url}edit/" not in page
    assert client.get("/reviews/profile/edit/").status_code == 200
    sent = {"areas": ["robotics"], "load_most": "4", "statement": "Grippers.", "seen": "0"}
    done = client.post("/reviews/profile/edit/", sent | {"is_political_appointee": "no"})
    assert done["Location"] == url
    assert "No political appointee" in text_of(client.get(url))
    refused = client.post(f"{url}texts/add/", {"text": "An abstract alone."})
    assert refused.status_code == 422
    client.post(
        f"{url}texts/add/", {"title": "Welds", "year": "2019", "pasted": "Presses\nOld.\n1998"}
    )
    page = text_of(client.get(url))
    assert "Welds" in page
    assert "Presses" in page
    client.post(f"/reviewers/texts/{reviewer.texts.get(title='Welds').pk}/remove/")
    assert [one.title for one in reviewer.texts.all()] == ["Presses"]


@pytest.mark.parametrize(
    "role",
    [Role.REVIEWER, Role.LEARNER, Role.INSTITUTE_FINANCE, Role.MEMBER, Role.SMALL_MANUFACTURER],
)
def test_nobody_else_hears_of_a_reviewer(role: Role) -> None:
    reviewer = make_reviewing_user(NAME)
    services.add_reviewer_texts(SYSTEM, reviewer, [TextRow("Presses")], now=NOW)
    seat = make_seat(reviewer=reviewer)
    kind = ScopeKind.INSTITUTE if role is Role.INSTITUTE_FINANCE else ScopeKind.NETWORK
    client = client_of(role, kind, "lift" if role is Role.INSTITUTE_FINANCE else "")
    url, key = reviewer.get_absolute_url(), seat.stage.competition.key
    for address in (
        *("/reviewers/", "/reviewers/?q=Zylinda", "/reviewers/export.csv", url, f"{url}edit/"),
        *(f"{url}retire/", f"{url}texts/add/", "/reviews/profile/edit/"),
        *(f"/competitions/{key}/panel/", panel_url(seat.stage), panel_url(seat.stage, "seats.csv")),
        *(panel_url(seat.stage, "candidates/"), panel_url(seat.stage, "invite/")),
        panel_url(seat.stage, f"seats/{seat.pk}/remove/"),
        *(f"/reviews/invitations/{seat.pk}/{verb}/" for verb in ("accept", "decline", "leave")),
        f"/api/v1/reviewers/{reviewer.pk}",
        f"/api/v1/reviewers/{reviewer.pk}/texts",
        f"/api/v1/panels/{key}/2",
        f"/api/v1/panels/{key}/2/seats",
    ):
        assert client.get(address).status_code == 404, address
    for address in (
        *(f"{url}restore/", f"{url}access/"),
        f"/reviewers/texts/{reviewer.texts.get().pk}/remove/",
        panel_url(seat.stage, f"seats/{seat.pk}/chair/"),
    ):
        assert client.post(address).status_code == 404, address
    assert client.get("/reviewers/add/").status_code == 403
    assert client.get("/api/v1/reviewers").json()["items"] == []
    assert NAME not in text_of(client.get("/reviews/invitations/"))
    assert NAME not in text_of(client.get("/search/?q=Zylinda"))
    for address in ("/reviewers/", url, f"/competitions/{key}/panel/"):
        assert Client().get(address).status_code == 302


def test_reviewers_do_not_read_each_other() -> None:
    reviewer, other = make_reviewing_user(NAME), make_reviewing_user("Olga Other")
    stage = make_panel_stage()
    make_seat(stage, reviewer)
    make_seat(stage, other)
    client = client_for(other.person.user)
    assert client.get(reviewer.get_absolute_url()).status_code == 404
    assert client.get(panel_url(stage)).status_code == 404
    assert client.get("/reviewers/").status_code == 404
    for address in ("/reviews/invitations/", other.get_absolute_url()):
        page = text_of(client.get(address))
        assert stage.competition.code in page
        assert NAME not in page
    (own,) = client.get("/api/v1/reviewers").json()["items"]
    assert own["name"] == "Olga Other"


def test_runner_of_another_competition_does_not_read_who_sits() -> None:
    seat = make_seat(reviewer=make_reviewing_user(NAME))
    client = client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    assert client.get(panel_url(seat.stage)).status_code == 404
    page = text_of(client.get(seat.reviewer.get_absolute_url()))
    assert NAME in page
    assert seat.stage.competition.code not in page


# --------------------------------------------------------------------------------------- panels


def test_panel_is_put_together_from_the_pool() -> None:
    stage = make_panel_stage()
    client = client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE")
    alma, bert = make_reviewer("Alma"), make_reviewer("Bert")
    page = text_of(client.get(panel_url(stage)))
    assert "may not judge yet" in page
    assert "Nobody sits on the panel" in page
    page = text_of(client.get(panel_url(stage, "candidates/")))
    assert "2 reviewers could be invited" in page
    assert f'value="{alma.pk}"' in page
    form = panel_url(stage, "invite/")
    page = text_of(client.get(f"{form}?reviewer={alma.pk}&reviewer={bert.pk}&which=ticked"))
    assert "Alma, –" in page
    for asked in ("", "?reviewer=x", f"?reviewer={'9' * 30}"):
        assert client.get(f"{form}{asked}")["Location"] == panel_url(stage, "candidates/")
    assert client.get(f"{form}?reviewer=999999").status_code == 404
    refused = client.post(form, {"reviewers": [str(alma.pk)], "load_most": "0"})
    assert refused.status_code == 422
    done = client.post(form, {"reviewers": [str(alma.pk), str(bert.pk)], "load_most": "3"})
    assert done["Location"] == panel_url(stage)
    assert set(queries.seats_on(stage).values_list("load_most", "state")) == {(3, "invited")}
    again = client.post(form, {"reviewers": [str(alma.pk)]})
    assert again.status_code == 409
    assert "Alma was invited to this panel already" in text_of(again)


def test_panel_shows_who_sits_and_what_the_law_says_of_it(officer: Client) -> None:
    stage = make_panel_stage()
    gwen = make_seat(stage, make_reviewing_user("Gwen", sector=Sector.GOVERNMENT), load_most=4)
    make_seat(stage, make_reviewing_user("Ines"), load_most=3)
    page = text_of(officer.get(panel_url(stage)))
    assert "2 reviewers judge in" in page
    assert "1 : 1" in page
    assert ">7<" in page
    actor = actor_of_reviewer(gwen.reviewer)
    said = services.OwnTerms(is_political_appointee=True)
    services.edit_own_reviewing(actor, gwen.reviewer, said, now=NOW)
    page = text_of(officer.get(panel_url(stage)))
    assert "Gwen declared to be political appointees" in page
    assert "15 U.S.C. 278s(e)(4)(B)(i); 38 U.S.C. 714(h)" in page
    assert "Faulty" in text_of(officer.get(f"/competitions/{stage.competition.key}/panel/"))


def test_seats_are_found_by_state_and_name_in_as_many_queries(officer: Client) -> None:
    stage, counts = make_panel_stage(), []
    url = panel_url(stage)
    for place, sector in enumerate((Sector.GOVERNMENT, Sector.INDUSTRY, Sector.INDUSTRY)):
        make_seat(stage, make_reviewing_user(f"Ines {place}", sector=sector))
        make_invitation(stage, make_reviewing_user(f"Otto {place}"))
        officer.get(url)
        with CaptureQueriesContext(connection) as captured:
            page = text_of(officer.get(url, {"state": "invited"}))
        counts.append(len(captured))
    assert counts[0] == counts[2]
    assert "Otto 0" in page
    assert "Ines 0" not in page
    assert "3 reviewers judge in" in page  # who sits is counted whatever is shown
    page = text_of(officer.get(url))
    assert f'<a href="{url}#seats" aria-current="page">All (6)</a>' in page
    assert f'<a href="{url}?state=invited#seats">Invited (3)</a>' in page
    assert "Declined (" not in page
    page = text_of(officer.get(url, {"q": "OTTO 0", "state": "accepted"}))
    assert "No seat fits what you look for." in page
    assert f'<a href="{url}?q=OTTO+0&amp;state=invited#seats">Invited (1)</a>' in page
    assert "Nobody is invited yet." in text_of(officer.get(panel_url(make_panel_stage())))


def test_file_of_a_panel_holds_the_seats_that_are_listed(officer: Client) -> None:
    stage = make_panel_stage()
    for name in ("Ines", "Otto"):
        make_seat(stage, make_reviewing_user(f"{name} sits"))
        make_invitation(stage, make_reviewing_user(f"{name} is asked"))
    query = "?q=otto&state=invited"
    assert f"{panel_url(stage, 'seats.json')}{query}".replace("&", "&amp;") in text_of(
        officer.get(panel_url(stage, query))
    )
    for asked, names, filters in (
        (query, ["Otto is asked"], {"q": "otto", "state": "invited"}),
        ("?q=OTTO&state=bogus", ["Otto is asked", "Otto sits"], {"q": "OTTO"}),
        ("", ["Ines is asked", "Ines sits", "Otto is asked", "Otto sits"], {}),
    ):
        found = json.loads(text_of(officer.get(panel_url(stage, f"seats.json{asked}"))))
        assert sorted(row["name"] for row in found["rows"]) == names
        assert found["provenance"]["filters"] == filters
    assert f'"{panel_url(stage, "seats.json")}"' in text_of(officer.get(panel_url(stage)))


def test_state_that_no_seat_can_have_narrows_nothing(officer: Client) -> None:
    stage = make_panel_stage()
    make_seat(stage, make_reviewing_user("Ines"))
    make_invitation(stage, make_reviewing_user("Otto"))
    url = panel_url(stage)
    page = text_of(officer.get(url, {"state": "bogus"}))
    assert f'<a href="{url}#seats" aria-current="page">All (2)</a>' in page
    assert all(name in page for name in ("Ines", "Otto"))
    page = text_of(officer.get(url, {"state": "bogus", "q": "otto"}))
    assert f'<a href="{url}?q=otto#seats" aria-current="page">All (1)</a>' in page
    assert "Ines" not in page


def test_need_is_counted_of_what_the_reader_may_open(officer: Client) -> None:
    stage = make_panel_stage()
    ada = make_applicant()
    application = fill(ada.actor, make_application(stage.competition, ada))
    submit_application(ada.actor, application, now=NOW)
    page = text_of(officer.get(panel_url(stage)))
    assert "Reviews that are needed" in page
    assert "less than" not in page  # it is sealed as long as its stage runs
    first = stage.competition.stages.get(number=1)
    first.ended_at = NOW
    first.save()
    page = text_of(officer.get(panel_url(stage)))
    assert f'<span class="tile-value">{stage.reviewers_least}</span>' in page
    assert f"They take on {stage.reviewers_least} reviews less than are needed" in page


def test_seat_is_removed_and_the_chair_named(officer: Client) -> None:
    seat = make_seat(reviewer=make_reviewing_user(NAME))
    stage = seat.stage
    page = text_of(officer.get(panel_url(stage)))
    assert f"{NAME} chairs" in page
    officer.post(panel_url(stage, f"seats/{seat.pk}/chair/"))
    assert PanelSeat.objects.get().is_chair
    assert f"{NAME} chairs" not in text_of(officer.get(panel_url(stage)))
    assert NAME in text_of(officer.get(panel_url(stage, f"seats/{seat.pk}/remove/")))
    officer.post(panel_url(stage, f"seats/{seat.pk}/remove/"), {"why": "Too many."})
    page = text_of(officer.get(panel_url(stage)))
    assert "Too many." in page
    assert "Too many." in text_of(officer.get(panel_url(stage, "seats.csv")))


def test_panel_of_a_stage_that_is_over_offers_nothing(officer: Client) -> None:
    seat = make_seat()
    Stage.objects.filter(pk=seat.stage_id).update(began_at=NOW, ended_at=NOW)
    page = text_of(officer.get(panel_url(seat.stage)))
    assert "Invite reviewers" not in page
    assert "Remove" not in page
    page = text_of(client_for(seat.reviewer.person.user).get("/reviews/invitations/"))
    assert "Leave the panel" not in page


def test_auditor_reads_a_panel_and_changes_nothing() -> None:
    seat = make_seat()
    client = client_of(Role.AUDITOR)
    page = text_of(client.get(panel_url(seat.stage)))
    assert "Rita Reviewer" in page
    assert "Invite reviewers" not in page
    for rest in ("candidates/", "invite/", f"seats/{seat.pk}/remove/"):
        assert client.get(panel_url(seat.stage, rest)).status_code == 403
    url = seat.reviewer.get_absolute_url()
    page = text_of(client.get(url))
    assert "Rita Reviewer" in page
    assert "Add texts" not in page
    for rest in ("edit/", "retire/", "texts/add/"):
        assert client.get(f"{url}{rest}").status_code == 403


# ---------------------------------------------------------------------------------- invitations


def test_reviewer_accepts_declines_and_leaves() -> None:
    seat = make_invitation()
    client = client_for(seat.reviewer.person.user)
    url = f"/reviews/invitations/{seat.pk}/"
    page = text_of(client.get("/reviews/invitations/"))
    assert "1 invitation waits for your answer" in page
    assert "Are you a political appointee?" in text_of(client.get(f"{url}accept/"))
    refused = client.post(f"{url}accept/", {"load_most": "2", "is_political_appointee": "yes"})
    assert refused.status_code == 409
    assert "15 U.S.C. 278s(e)(4)(B)(i)" in text_of(refused)
    client.post(f"{url}accept/", {"load_most": "2", "is_political_appointee": "no"})
    assert PanelSeat.objects.get().state == "accepted"
    page = text_of(client.get("/reviews/invitations/"))
    assert "No invitation waits for your answer" in page
    assert "Leave the panel" in page
    assert "Are you a political appointee?" not in text_of(client.get(f"{url}accept/"))
    assert client.get(f"{url}leave/").status_code == 200
    client.post(f"{url}leave/", {"why": "Ill."})
    assert PanelSeat.objects.get().state == "left"
    other = make_invitation(reviewer=seat.reviewer)
    assert client.get(f"/reviews/invitations/{other.pk}/decline/").status_code == 200
    client.post(f"/reviews/invitations/{other.pk}/decline/", {"why": "Busy."})
    assert PanelSeat.objects.get(pk=other.pk).why == "Busy."


def test_stranger_has_no_invitations_and_no_profile() -> None:
    client = client_for(make_user())
    page = text_of(client.get("/reviews/invitations/"))
    assert "No invitation waits for your answer" in page
    assert "Your profile as a reviewer" not in page
    assert client.get("/reviews/profile/edit/").status_code == 404


# ------------------------------------------------------------------------------------------ API


def test_pool_and_panel_are_kept_by_the_api(officer: Client) -> None:
    firm = make_organisation("Anvil Works")
    sent = {
        "email": "alma@x.example",
        "name": "Alma",
        "sector": "academia",
        "technology_areas": ["robotics"],
        "organisation_id": firm.pk,
        "load_most": 3,
    }
    made = officer.post("/api/v1/reviewers", sent, content_type="application/json").json()
    assert (made["name"], made["organisation_id"], made["technology_areas"]) == (
        "Alma",
        firm.pk,
        ["robotics"],
    )
    second = officer.post(
        "/api/v1/reviewers",
        {"email": "bert@x.example", "name": "Bert", "sector": "government"},
        content_type="application/json",
    ).json()
    address = f"/api/v1/reviewers/{made['id']}"
    texts = {"texts": [{"title": "Welds", "abstract": "We weld.", "year": 2019}]}
    done = officer.post(f"{address}/texts", texts, content_type="application/json").json()
    assert done == {"created": 1, "updated": 0, "unchanged": 0}
    assert officer.get(f"{address}/texts").json()["items"][0]["abstract"] == "We weld."
    assert officer.get(address).json()["texts"] == 1
    found = officer.get("/api/v1/reviewers?sector=academia").json()["items"]
    assert [one["name"] for one in found] == ["Alma"]
    stage = make_panel_stage()
    panel = f"/api/v1/panels/{stage.competition.key}/2"
    shown = officer.get(panel).json()
    assert (shown["accepted"], shown["load"]) == (0, 0)
    assert shown["faults"] == [
        {
            "code": "panel_empty",
            "message": f"Nobody sits on the panel of “{stage.name}” yet. Invite reviewers.",
            "citation": "",
        }
    ]
    ids = {"reviewers": [made["id"], second["id"]]}
    seats = officer.post(f"{panel}/seats", ids, content_type="application/json").json()
    assert [(one["name"], one["load_most"], one["state"]) for one in seats] == [
        ("Alma", 3, "invited"),
        ("Bert", 6, "invited"),
    ]
    assert len(officer.get(f"{panel}/seats").json()["items"]) == 2
    missing = officer.post(
        f"{panel}/seats", {"reviewers": [999_999]}, content_type="application/json"
    )
    assert missing.status_code == 404


def test_reviewer_answers_by_the_api() -> None:
    seat = make_invitation()
    client = client_for(seat.reviewer.person.user)
    (waiting,) = client.get("/api/v1/panel-invitations").json()["items"]
    assert (waiting["id"], waiting["code"]) == (seat.pk, seat.stage.competition.code)
    url = f"/api/v1/panel-invitations/{seat.pk}"
    refused = client.post(f"{url}/accept", {"load_most": 2}, content_type="application/json")
    assert refused.status_code == 422
    sent = {"load_most": 2, "is_political_appointee": False}
    taken = client.post(f"{url}/accept", sent, content_type="application/json").json()
    assert (taken["state"], taken["load_most"]) == ("accepted", 2)
    other = make_invitation(reviewer=seat.reviewer)
    declined = client.post(
        f"/api/v1/panel-invitations/{other.pk}/decline",
        {"why": "Busy."},
        content_type="application/json",
    ).json()
    assert declined["state"] == "declined"
    assert client.get("/api/v1/panel-invitations").json()["items"] == []


# --------------------------------------------------------------------------------------- costs


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_any_number_of_records(
    number: int, officer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stage = make_panel_stage()
    own = make_reviewing_user("Olga Own", organisation=make_organisation("Own"))
    for place in range(number):
        firm = make_organisation(f"Firm {place}")
        free = make_reviewer(f"Free {place}", organisation=firm, areas=("robotics",))
        services.add_reviewer_texts(SYSTEM, free, [TextRow("Welds"), TextRow("Bonds")], now=NOW)
        make_seat(stage, make_reviewing_user(f"Sits {place}", organisation=firm))
        make_invitation(make_panel_stage(), own)
    client = client_for(own.person.user)
    for who, address, count in (
        (officer, "/reviewers/", 8),
        (officer, free.get_absolute_url(), 9),
        (officer, f"/competitions/{stage.competition.key}/panel/", 8),
        (officer, panel_url(stage), 9),
        (officer, panel_url(stage, "candidates/"), 11),
        (client, "/reviews/invitations/", 10),
        (officer, "/api/v1/reviewers", 6),
        (officer, f"/api/v1/panels/{stage.competition.key}/2/seats", 8),
        (client, "/api/v1/panel-invitations", 7),
    ):
        who.get(address)  # what a process keeps is read before
        with django_assert_num_queries(count):
            assert who.get(address).status_code == 200
