"""The pages and the API of awards that several agencies pay."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.awarding import queries
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.tests.selecting import Selecting, published
from lineshaft.apps.awarding.tests.test_selection_pages import client_of, counted, text_of
from lineshaft.apps.awarding.tests.test_shared_awards import AGENCIES, activated
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR
from lineshaft.apps.funding.models import Agreement, Transfer
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True  # roles sign in without a second factor
    settings.FILES_DIR = tmp_path


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Selecting:
    made = published((5,), agencies=AGENCIES)
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


def officer_of(agency: str) -> Client:
    return client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, agency)


def address(world: Selecting, rest: str = "") -> str:
    return f"/competitions/{world.competition.key}/awards/{rest}"


def api(world: Selecting, rest: str = "") -> str:
    return f"/api/v1/competitions/{world.competition.key}/awards{rest}"


def filled(world: Selecting, **parts: str) -> dict[str, str]:
    """What is sent of the form, with these parts."""
    today = world.now.date().isoformat()
    return {
        "number": "A-1",
        "signed_on": today,
        "starts_on": today,
        "key": "anvils",
        "name": "Anvils",
        **{f"co_sponsors-{key}": text for key, text in parts.items()},
    }


def sent(client: Client, path: str, body: Mapping[str, object]) -> Any:
    return client.post(path, data=json.dumps(body), content_type="application/json")


def told(client: Client, world: Selecting) -> dict[str, Any]:
    (found,) = client.get(api(world)).json()
    assert isinstance(found, dict)
    return found


# ----------------------------------------------------------------------------------------- pages


def test_form_asks_for_the_part_of_each_agency_beside_the_lead(world: Selecting) -> None:
    path = address(world, f"{world.applications[0].pk}/")
    page = text_of(officer_of("DOC").get(path))
    for key in ("DOD", "DOE"):
        assert f"Part of Department {key} in USD" in page
        assert f'name="co_sponsors-{key}"' in page
    assert "co_sponsors-DOC" not in page


def test_form_and_page_are_read_in_chinese(world: Selecting) -> None:
    doc, headers = officer_of("DOC"), {"accept-language": "zh-hans"}
    path = address(world, f"{world.applications[0].pk}/")
    assert "承担的金额（USD）" in text_of(doc.get(path, headers=headers))
    wrong = doc.post(path, filled(world, DOE="-1"), headers=headers)
    assert "DOE 承担的金额为负数。" in text_of(wrong)
    activated(world)
    page = text_of(doc.get(address(world), headers=headers))
    assert "承诺 Department DOE 第 1 年的拨款" in page
    assert "Obligate" not in page


def test_award_is_opened_with_its_parts_on_its_page(world: Selecting) -> None:
    doc = officer_of("DOC")
    path = address(world, f"{world.applications[0].pk}/")
    assert doc.post(path, filled(world, DOD="", DOE="10,000,000.05")).status_code == 302
    assert queries.co_sponsors_of(Award.objects.get()) == {"DOE": 1_000_000_005}
    page = text_of(doc.get(address(world)))
    assert "Department DOE" in page
    assert "Department DOD" not in page
    assert "$2,000,000.01" in page
    assert told(doc, world)["co_sponsors"] == {"DOE": 1_000_000_005}


def test_form_of_a_call_asks_for_no_part(world: Selecting) -> None:
    Competition.objects.update(kind=CompetitionKind.REGIONAL_CHALLENGE)
    path = address(world, f"{world.applications[0].pk}/")
    officer = client_of(Role.PROGRAMME_OFFICER)
    assert "co_sponsors" not in text_of(officer.get(path))
    assert officer.post(path, {"conditions": ""}).status_code == 302


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        pytest.param("-5", 422, "The part of DOE is less than nothing.", id="negative"),
        pytest.param("some", 422, "“some” is not an amount.", id="no amount"),
        pytest.param("5.001", 422, "has more decimals than USD has", id="decimals"),
        pytest.param("70000000", 409, "leave the leading agency a part", id="all"),
    ],
)
def test_part_that_cannot_be_given_is_told_and_kept_as_typed(
    world: Selecting, text: str, status: int, said: str
) -> None:
    path = address(world, f"{world.applications[0].pk}/")
    response = officer_of("DOC").post(path, filled(world, DOD="1", DOE=text))
    page = text_of(response)
    assert response.status_code == status
    assert said in page
    assert f'value="{text}"' in page
    tables = (Award, PlannedObligation, Agreement, Institute)
    assert [one.objects.count() for one in tables] == [0, 0, 0, 0]


def test_each_agency_is_offered_its_own_obligations_alone(world: Selecting) -> None:
    activated(world)
    offers = {
        "DOC": ["DOC", "DOD", "DOE"],  # it leads
        "DOD": ["DOD"],
        "DOE": ["DOE"],
    }
    for key, expected in offers.items():
        page = text_of(officer_of(key).get(address(world)))
        found = [one for one in AGENCIES if f"Obligate year 1 of Department {one}" in page]
        assert found == expected
    assert "Obligate year" not in text_of(client_of(Role.PROGRAMME_OFFICER).get(address(world)))


def test_next_year_is_offered_agency_by_agency(world: Selecting) -> None:
    activated(world)
    pk = world.applications[0].pk
    doc = officer_of("DOC")
    path = address(world, f"{pk}/obligate/1/DOD/")
    assert path in text_of(doc.get(address(world)))
    assert "The money is obligated." in text_of(doc.post(path, follow=True))
    page = text_of(doc.get(address(world)))
    assert "Obligate year 1 of Department DOD" not in page
    assert "Obligate year 2 of Department DOD" in page
    assert "Obligate year 1 of Department DOE" in page
    (booked,) = Transfer.objects.filter(code="obligate").select_related("debit_account__agency")
    assert booked.debit_account.agency is not None
    assert booked.debit_account.agency.key == "DOD"


def test_address_that_names_the_year_alone_wants_the_agency(world: Selecting) -> None:
    activated(world)
    pk = world.applications[0].pk
    response = officer_of("DOC").post(address(world, f"{pk}/obligate/1/"))
    assert response.status_code == 422
    assert "Several agencies give money in that year" in text_of(response)
    energy = officer_of("DOE")
    assert energy.post(address(world, f"{pk}/obligate/1/NSF/")).status_code == 404
    assert energy.post(address(world, f"{pk}/obligate/1/DOD/")).status_code == 403
    assert not Transfer.objects.filter(code="obligate").exists()


def test_address_that_names_the_year_alone_is_enough_where_one_agency_pays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = published((5,), agencies=AGENCIES)
    monkeypatch.setattr(clock, "now", lambda: world.now)
    activated(world, {})
    doc = officer_of("DOC")
    assert "Obligate year 1<" in text_of(doc.get(address(world)))
    path = address(world, f"{world.applications[0].pk}/obligate/1/")
    assert "A second person signs the obligation." in text_of(doc.post(path, follow=True))


def test_awards_take_as_many_queries_for_three_co_sponsors_as_for_one() -> None:
    counts = []
    others = ("DOD", "DOE", "NASA")
    for beside in (others[:1], others):
        world = published((5,), agencies=("DOC", *beside))
        activated(world, dict.fromkeys(beside, MILLION_MINOR))
        doc, office = officer_of("DOC"), client_of(Role.PROGRAMME_OFFICER)
        for client, path in ((doc, address(world)), (office, address(world)), (doc, api(world))):
            client.get(path)
            with counted() as found:
                assert client.get(path).status_code == 200
            counts += found
    assert counts[:3] == counts[3:]


# ------------------------------------------------------------------------------------------- api


def test_award_is_opened_over_the_api(world: Selecting) -> None:
    doc, pk = officer_of("DOC"), world.applications[0].pk
    body = {"key": "anvils", "name": "Anvils", "co_sponsors": {"DOE": 500, "DOD": 0}}
    first = sent(doc, api(world, f"/{pk}"), body)
    assert first.status_code == 200
    assert first.json() == told(doc, world)
    assert first.json()["co_sponsors"] == {"DOE": 500}
    rows = [(one["year"], one["agency"]) for one in first.json()["obligations"]]
    assert rows == [(year, key) for year in range(1, 6) for key in ("DOC", "DOE")]
    assert {one["state"] for one in first.json()["obligations"]} == {"foreseen"}
    again = sent(doc, api(world, f"/{pk}"), {**body, "co_sponsors": {"DOE": 1}})
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize(
    ("parts", "status", "said"),
    [
        pytest.param({"DOE": -1}, 422, "co_sponsors-DOE", id="negative"),
        pytest.param({"DOC": 1}, 422, "co_sponsors-DOC", id="the lead"),
        pytest.param({"NSF": 0}, 422, "co_sponsors-NSF", id="no sponsor"),
        pytest.param({"DOE": 2**64}, 422, "co_sponsors", id="no column holds it"),
        pytest.param({"DOE": 0.5}, 422, "co_sponsors", id="half a cent"),
        pytest.param({"": 1}, 422, "co_sponsors", id="nobody"),
        pytest.param({"DOE": 2**63 - 1}, 409, "sponsor_parts", id="more than there is"),
    ],
)
def test_part_that_cannot_be_given_is_no_award_over_the_api(
    world: Selecting, parts: dict[str, object], status: int, said: str
) -> None:
    doc = officer_of("DOC")
    body = {"key": "anvils", "name": "Anvils", "co_sponsors": parts}
    answer = sent(doc, api(world, f"/{world.applications[0].pk}"), body)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not told(doc, world)["is_opened"]
    assert Institute.objects.count() == Agreement.objects.count() == 0


def test_obligation_is_booked_over_the_api(world: Selecting) -> None:
    activated(world)
    base = f"/{world.applications[0].pk}/obligations"
    energy, commerce = officer_of("DOE"), officer_of("DOC")
    waiting = energy.post(api(world, f"{base}/1/DOE"))
    assert (waiting.status_code, waiting.json()["state"]) == (202, "proposed")
    booked = commerce.post(api(world, f"{base}/1/DOD"))
    assert (booked.status_code, booked.json()["state"]) == (200, "obligated")
    assert commerce.post(api(world, f"{base}/1/DOD")).json() == booked.json()
    rows = told(commerce, world)["obligations"]
    assert [one["state"] for one in rows[:4]] == ["foreseen", "obligated", "proposed", "foreseen"]
    assert booked.json() == rows[1]
    assert energy.post(api(world, f"{base}/1/DOD")).status_code == 403
    assert energy.post(api(world, f"{base}/9/DOE")).status_code == 404
    assert energy.post(api(world, f"{base}/1/NSF")).status_code == 404
    assert energy.post(api(world, f"{base}/0/DOE")).status_code == 422


def test_others_open_and_obligate_nothing_over_the_api(world: Selecting) -> None:
    pk = world.applications[0].pk
    for client, status in ((officer_of("DOE"), 403), (officer_of("NSF"), 404), (Client(), 401)):
        answer = sent(client, api(world, f"/{pk}"), {"key": "anvils", "name": "Anvils"})
        assert answer.status_code == status
        answer = client.post(api(world, f"/{pk}/obligations/1/DOE"))
        assert answer.status_code == (404 if status == 403 else status)  # none is foreseen yet
    assert not Award.objects.exists()
