"""The clerical review: the queue, one pair side by side with its weights, and the next one."""

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network import services
from lineshaft.apps.network.models import Organisation, OrganisationPair
from lineshaft.apps.network.rules import PairState
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.apps.network.views.weighing import COMPARISON_LABELS, LEVEL_LABELS
from lineshaft.engines.match.resolution.comparisons import COMPARISONS
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.roles import Role
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

EVIDENCE = [["name", "misspelt", 525], ["city", "same", 271], ["placed", "more", 0]]
API = "/api/v1/organisation-pairs"


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True  # spares the second factor


@pytest.fixture
def officer() -> Client:
    return signed_in(Role.PROGRAMME_OFFICER)


def signed_in(role: Role) -> Client:
    user = make_user()
    make_grant(user, role)
    client = Client()
    client.force_login(user)
    return client


def make_pair(number: int, **columns: Any) -> OrganisationPair:
    first = make_organisation(f"Orrery {number} Works", city="Akron", region="OH")
    second = make_organisation(f"Orery {number} Works", city="AKRON", region="OH")
    weighed = {
        "probability_bp": 9_000 - number,
        "weight_centibits": 532,
        "evidence": EVIDENCE,
        "weighed_names": [first.name, second.name],
        "weighed_at": NOW,
    }
    return OrganisationPair.objects.create(
        first=first, second=second, found_at=NOW, **(weighed | columns)
    )


def shown(client: Client, pair: OrganisationPair, query: str = "") -> str:
    answer = client.get(reverse("network:show_pair", args=[pair.pk]) + query)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


# ----------------------------------------------------------------------------------- the queue


@pytest.mark.parametrize("number", [1, 3])
def test_queue_and_review_take_the_same_queries_whatever_their_length(
    officer: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = [make_pair(place) for place in range(number)]
    for one in made[1:]:
        one.cluster = made[0].cluster = 7
        one.save()
    made[0].save()
    officer.get(reverse("desk:about"))
    with django_assert_num_queries(6):
        officer.get(reverse("network:list_pairs"))
    with django_assert_num_queries(14):
        officer.get(reverse("network:show_pair", args=[made[0].pk]))


def test_queue_shows_the_likeliest_first_and_narrows(officer: Client) -> None:
    for number in range(3):
        make_pair(number, probability_bp=(500, 9_995, 5_000)[number])
    unweighed = make_pair(3, probability_bp=0, weight_centibits=None, score_bp=9_000)
    url = reverse("network:list_pairs")

    text = unescape(officer.get(url).content.decode())
    order = [int(found) for found in re.findall(r">Orrery (\d) Works</a>", text)]
    assert order == [1, 2, 0, 3]
    assert "over 99.9%" in text
    assert "4 pairs of organisations may be one" in text
    assert "Review the first" in text
    narrowed = officer.get(url, {"likelihood": "in_doubt"}).content.decode()
    assert "1 pair of organisations fits these filters" in narrowed
    assert "Orrery 2 Works" in narrowed
    kept = officer.get(url, {"state": "kept_apart"}).content.decode()
    assert "Review the first" not in kept
    assert "low: nothing but a name speaks for it" in shown(
        officer, OrganisationPair.objects.get(pk=unweighed.pk)
    )


# ---------------------------------------------------------------------------------- the review


def test_review_shows_both_records_and_why(officer: Client) -> None:
    pair = make_pair(1)
    Organisation.objects.filter(pk=pair.first_id).update(website="https://orrery.example")

    text = shown(officer, pair)

    assert "The weights add up to +5.32 bits: the two are one with a probability of 90.0%" in text
    assert text.count("<svg") >= 2
    for label in ("a letter differs", "+5.25", "the same town", "+2.71", "Beforehand", "−2.64"):
        assert label in text
    compared = re.findall(r'data-label="Compared"> ?(?:<span class="tag (\w+)">([^<]+))?', text)
    said = [said for _tone, said in compared[:5]]
    assert said == ["differs", "the same", "the same", "the same", "in one only"]
    assert "Postal code" not in text
    assert "Weighed by the names" not in text
    assert "No other record is near these two." in text
    OrganisationPair.objects.update(weighed_names=["An Alias", pair.second.name])
    assert "An Alias and Orery 1 Works" in shown(officer, pair)


def test_review_shows_what_else_is_near(officer: Client) -> None:
    pair, other = make_pair(1, cluster=7), make_pair(2, cluster=7)
    text = shown(officer, pair)
    assert f'href="{reverse("network:show_pair", args=[other.pk])}"' in text
    assert "Orery 2 Works" in text


def test_a_decision_brings_the_next_pair_and_the_way_back(officer: Client) -> None:
    first, second, third = (make_pair(number) for number in (1, 2, 3))
    queue = "?queue=on&likelihood=in_doubt"
    text = shown(officer, first, queue)
    apart = re.search(r'action="([^"]+keep-apart/[^"]*)"', text)
    accept = re.search(r'action="([^"]+propose/[^"]*)"', text)
    assert apart is not None
    assert accept is not None

    answer = officer.post(apart[1], {"why": "two founders"})
    assert answer.headers["Location"].startswith(
        reverse("network:show_pair", args=[second.pk]) + queue
    )
    text = unescape(officer.get(answer.headers["Location"]).content.decode())
    assert "Decided last" in text
    assert "Orrery 1 Works and Orery 1 Works" in text
    accept_url = accept[1].replace(f"/{first.pk}/", f"/{second.pk}/")
    answer = officer.post(accept_url, {"survivor": str(second.second_id), "why": "one address"})
    assert answer.headers["Location"].startswith(reverse("network:show_pair", args=[third.pk]))
    second.refresh_from_db()
    assert (second.state, second.survivor_id) == (PairState.PROPOSED, second.second_id)
    passed = reverse("network:next_pair", args=[third.pk]) + queue
    listed = reverse("network:list_pairs") + "?likelihood=in_doubt"
    assert officer.get(passed).headers["Location"] == listed
    first.refresh_from_db()
    assert (first.state, first.why) == (PairState.KEPT_APART, "two founders")
    kept = "?queue=on&state=kept_apart"
    text = shown(officer, first, kept)
    assert "Kept apart" in text
    assert "two founders" in text
    assert 'id="split_why"' not in text
    passed = reverse("network:next_pair", args=[first.pk]) + kept
    assert officer.get(passed).headers["Location"].endswith("?state=kept_apart")
    reopen = reverse("network:reopen_pair", args=[first.pk])
    assert "looked at again" in officer.get(reopen).content.decode()
    answer = officer.post(reopen, {"why": "one founder"})
    assert answer.headers["Location"] == reverse("network:show_pair", args=[first.pk])
    first.refresh_from_db()
    assert first.state == PairState.FOUND


def test_an_address_with_a_strange_pair_before_shows_none(officer: Client) -> None:
    pair = make_pair(1)
    for strange in ("x", str(pair.pk + 1), "9" * 30):
        assert "Decided last" not in shown(officer, pair, f"?queue=on&decided={strange}")


def test_a_form_with_faults_is_shown_again(officer: Client) -> None:
    pair = make_pair(1)
    for verb in ("keep_apart", "propose_merge_of_pair", "reopen_pair"):
        url = reverse(f"network:{verb}", args=[pair.pk])
        assert officer.get(url).status_code == 200
        assert officer.post(url, {"survivor": "0", "why": ""}).status_code == 422
    pair.refresh_from_db()
    assert pair.state == PairState.FOUND


def test_only_a_second_person_gets_the_button_to_merge(officer: Client) -> None:
    pair = make_pair(1)
    url = reverse("network:propose_merge_of_pair", args=[pair.pk])
    officer.post(url, {"survivor": str(pair.first_id), "why": "one address"})
    merge = reverse("network:merge_organisations", args=[pair.pk])
    assert f'action="{merge}"' not in shown(officer, pair)
    second = signed_in(Role.PROGRAMME_OFFICER)
    text = shown(second, pair, "?queue=on")
    assert f'action="{merge}?queue=on"' in text
    assert "Somebody proposed that Orrery 1 Works stays: one address" in text
    answer = second.post(f"{merge}?queue=on")
    assert answer.headers["Location"] == reverse("network:list_pairs")
    pair.second.refresh_from_db()
    assert pair.second.merged_into_id == pair.first_id


def test_review_of_a_pair_that_cannot_be_one_offers_to_keep_it_apart(officer: Client) -> None:
    pair = make_pair(1)
    Organisation.objects.filter(pk=pair.first_id).update(level=SharingLevel.RESTRICTED)
    text = shown(officer, pair)
    assert "not shared with the same people" in text
    assert 'id="split_why"' in text
    assert 'id="accept_why"' not in text


def test_a_record_that_stands_for_others_is_the_one_that_stays(officer: Client) -> None:
    pair = make_pair(1)
    shop = make_organisation("Orrery Shop")
    Organisation.objects.filter(pk=shop.pk).update(merged_into=pair.second)
    text = shown(officer, pair)
    checked = re.search(r'value="(\d+)"[^>]*checked', text)
    assert checked is not None
    assert checked[1] == str(pair.second_id)


def test_every_level_of_the_search_has_words() -> None:
    assert COMPARISON_LABELS.keys() == {one.key for one in COMPARISONS}
    assert {key: list(levels) for key, levels in LEVEL_LABELS.items()} == {
        one.key: [level.key for level in one.levels] for one in COMPARISONS
    }


# ------------------------------------------------------------------------------- files and API


def file_rows(client: Client, view: str) -> list[dict[str, str]]:
    answer: Any = client.get(reverse(f"network:{view}", args=["csv"]))
    assert answer.status_code == 200
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    return list(csv.DictReader(StringIO("\n".join(one for one in lines if one[:1] != "#"))))


def test_decisions_and_records_leave_as_files(officer: Client) -> None:
    pair, apart = make_pair(1), make_pair(2)
    actor = make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)
    services.propose_merge(actor, pair.second, pair.first, why="one address", now=NOW)
    services.merge_organisations(
        make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk), pair, now=NOW
    )
    services.keep_apart(actor, apart.first, apart.second, why="=two", now=NOW)

    decisions = file_rows(officer, "export_decisions")
    assert [(row["one"], row["other"], row["rule"], row["why"]) for row in decisions] == [
        (str(pair.first_id), str(pair.second_id), "must_link", "one address"),
        (str(apart.first_id), str(apart.second_id), "cannot_link", "'=two"),
    ]
    records = {row["id"]: row for row in file_rows(officer, "export_records")}
    assert records[str(pair.second_id)]["merged_into"] == str(pair.first_id)
    assert records[str(apart.first_id)]["city"] == "Akron"
    listed = officer.get("/api/v1/organisation-decisions").json()["items"]
    assert [(one["pair_id"], one["one"], one["rule"]) for one in listed] == [
        (pair.pk, pair.first_id, "must_link"),
        (apart.pk, apart.first_id, "cannot_link"),
    ]


def test_api_reads_the_weights_and_decides(officer: Client) -> None:
    pair = make_pair(1)
    make_pair(2, probability_bp=100)

    def send(path: str, body: dict[str, Any]) -> Any:
        return officer.post(f"{API}{path}", body, content_type="application/json")

    (read,) = officer.get(API, {"likelihood": "in_doubt"}).json()["items"]
    assert (read["probability_bp"], read["weight_centibits"]) == (8_999, 532)
    assert read["evidence"][0] == {
        "comparison": "name",
        "level": "misspelt",
        "weight_centibits": 525,
    }
    both = {"organisation_id": pair.first_id, "other_id": pair.second_id}
    assert send("/apart", {**both, "why": "two founders"}).json()["state"] == "kept_apart"
    assert send("/apart", {**both, "why": "again"}).status_code == 409
    assert send(f"/{pair.pk}/reopen", {"why": "one founder"}).json()["state"] == "found"
    answer = send("/search", {})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.json()["id"] == str(Job.objects.get().pk)


READS: list[Callable[[OrganisationPair], str]] = [
    lambda _pair: reverse("network:list_pairs"),
    lambda pair: reverse("network:show_pair", args=[pair.pk]),
    lambda pair: reverse("network:next_pair", args=[pair.pk]),
    lambda _pair: reverse("network:export_decisions", args=["csv"]),
    lambda _pair: reverse("network:export_records", args=["json"]),
    lambda _pair: API,
    lambda _pair: "/api/v1/organisation-decisions",
    lambda _pair: reverse("desk:show_desk"),
]


@pytest.mark.parametrize("role", [Role.INSTITUTE_MANAGER, Role.AGENCY_SPONSOR, Role.MEMBER, None])
def test_nothing_of_a_pair_leaves_to_others(role: Role | None) -> None:
    pair = make_pair(1)
    Organisation.objects.update(level=SharingLevel.RESTRICTED)
    client = signed_in(role) if role else Client()
    for address in READS:
        answer: Any = client.get(address(pair))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"Orrery" not in content, address(pair)
        assert b"may be one organisation" not in content, address(pair)
    for verb in ("keep_apart", "propose_merge_of_pair", "reopen_pair"):
        url = reverse(f"network:{verb}", args=[pair.pk])
        assert client.post(url, {"survivor": str(pair.first_id), "why": "x"}).status_code == 404
    pair.refresh_from_db()
    assert pair.state == PairState.FOUND


def test_desk_says_how_many_pairs_wait(officer: Client) -> None:
    make_pair(1)
    proposed = make_pair(2)
    actor = make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)
    services.propose_merge(actor, proposed.second, proposed.first, why="one address", now=NOW)
    text = unescape(officer.get(reverse("desk:show_desk")).content.decode())
    assert "2 things wait for you" in text
    assert "Merge of two organisations to decide" in text
    assert "Pair of records that may be one organisation" in text
