"""The doors of overlaps: queue, two awards side by side, decisions, check of a text, API."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network import services
from lineshaft.apps.network.models import AwardOverlap, FormerAwardText
from lineshaft.apps.network.rules import OverlapScope, OverlapState
from lineshaft.apps.network.tests.factories import NOW, make_agency
from lineshaft.apps.network.tests.works import GEARS, RETOLD, SYSTEM, YARN, store
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

LIST = reverse("network:list_overlaps")
CHECK = reverse("network:check_text")
API = "/api/v1/award-overlaps"
SAME, APART, REOPEN = "confirm_same_work", "keep_awards_apart", "reopen_overlap"


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def client_of(role: Role, agency: str = "") -> Client:
    user = make_user()
    scope = ScopeKind.AGENCY if agency else ScopeKind.NETWORK
    make_grant(user, role, scope, agency)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer() -> Client:
    return client_of(Role.PROGRAMME_OFFICER)


@pytest.fixture
def overlap() -> AwardOverlap:
    """One work, paid by the science foundation and by Defense."""
    for key in ("NSF", "DOD", "DOE"):
        make_agency(key)
    store("1", GEARS, title="Gear teeth", investigator="A. Example")
    store("2", RETOLD, title="Teeth of gears", agency_name="DOD", investigator="A. Example")
    services.find_overlaps(SYSTEM, OverlapScope.ALL, now=NOW)
    return AwardOverlap.objects.get()


def page(client: Client, url: str, **chosen: str) -> str:
    answer = client.get(url, chosen)
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"{API}{path}", body, content_type="application/json")


# ----------------------------------------------------------------------------------------- queue


@pytest.mark.parametrize("number", [1, 3])
def test_queue_takes_as_many_queries_for_many(
    number: int, officer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        text = " ".join(f"w{place}x{n}" for n in range(40))
        for side in "ab":
            store(f"{place}{side}", text, title=f"Work {place}{side}", agency_name=f"A{place}")
    services.find_overlaps(SYSTEM, OverlapScope.ALL, now=NOW)
    with django_assert_num_queries(10):
        text = page(officer, LIST)
    assert text.count('<td class="at-state" data-label="State">') == number


@pytest.mark.usefixtures("overlap")
def test_number_of_all_awards_is_told_to_the_office_alone(officer: Client) -> None:
    store("3", YARN, level=SharingLevel.RESTRICTED)
    services.find_overlaps(SYSTEM, OverlapScope.ALL, now=NOW)
    assert "; there were 3." in page(officer, LIST)
    text = page(client_of(Role.AGENCY_SPONSOR, "DOD"), LIST)
    assert "All awards were last compared on" in text
    assert "there were" not in text


@pytest.mark.usefixtures("overlap")
def test_queue_is_narrowed_and_counted(officer: Client) -> None:
    store("3", YARN, title="Yarn", agency_name="DOE")
    store("4", f"{YARN} {GEARS}", title="Both", agency_name="DOE")
    services.find_overlaps(SYSTEM, OverlapScope.ALL, now=NOW)
    total = AwardOverlap.objects.count()
    assert f"{total} overlaps of awards are to be looked at" in page(officer, LIST)
    both = page(officer, LIST, agency="DOD", kind="continuation")
    assert "0 overlaps fit the search" in both
    assert "Yarn" not in page(officer, LIST, agency="NSF").split("<table>")[1]
    row = AwardOverlap.objects.order_by("pk")[0]
    services.keep_awards_apart(SYSTEM, row, why="Two", now=NOW)
    text = page(officer, LIST, state="any")
    assert f"{total} overlaps fit the search" in text
    assert f'{LIST}?kind={row.kind}&amp;state=kept_apart">1</a>' in text
    assert "1 overlap fits the search" in page(officer, LIST, state="kept_apart")
    assert "0 overlaps fit" in page(officer, LIST, is_outdated="on")
    assert "All awards were last compared on" in text


def test_queue_before_any_comparison_says_so_and_asks_for_one(officer: Client) -> None:
    text = page(officer, LIST)
    assert "The awards were never compared with each other." in text
    assert "Compare all" in text
    for scope, stored in ({"scope": "all"}, "all"), ({"scope": "?"}, "changed"):
        Job.objects.all().delete()
        answer = officer.post(reverse("network:request_overlaps"), scope)
        job = Job.objects.get()
        assert answer.headers["Location"] == reverse("jobs:show_job", args=[job.pk])
        assert (job.kind, job.payload) == ("find_overlaps", {"scope": stored})


# ---------------------------------------------------------------------------------- side by side


def test_two_awards_are_read_side_by_side_and_decided(
    officer: Client, overlap: AwardOverlap, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):
        text = page(officer, overlap.get_absolute_url())
    assert "of the one text and" in text
    number = len(overlap.passages)
    assert text.count("<mark id=") == 2 * number
    assert '<mark id="pa1"><a href="#pb1">' in text
    assert '<mark id="pb1"><a href="#pa1">' in text
    assert "Same lead or firm" in text
    url = reverse(f"network:{SAME}", args=[overlap.pk])
    assert f'formaction="{url}">The same work, paid twice' in text
    answer = officer.post(url, {"why": "Word for word"})
    assert answer.headers["Location"] == overlap.get_absolute_url()
    text = page(officer, overlap.get_absolute_url())
    assert "Word for word" in text
    assert f'formaction="{reverse(f"network:{REOPEN}", args=[overlap.pk])}"' in text
    assert url not in text


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (SAME, OverlapState.SAME_WORK),
        ("confirm_continuation", OverlapState.CONTINUATION),
        ("confirm_collaboration", OverlapState.COLLABORATION),
        (APART, OverlapState.KEPT_APART),
    ],
)
def test_each_decision_has_its_page_and_its_verb(
    overlap: AwardOverlap, officer: Client, verb: str, state: OverlapState
) -> None:
    url = reverse(f"network:{verb}", args=[overlap.pk])
    assert "Gear teeth" in page(officer, url)
    answer = officer.post(url, {"why": ""})
    assert "This field is required" in answer.content.decode()
    assert AwardOverlap.objects.get().state == OverlapState.FOUND
    officer.post(url, {"why": "Read"})
    assert AwardOverlap.objects.get().state == state
    assert officer.post(url, {"why": "Again"}).status_code == 409
    path = {SAME: "same-work", APART: "keep-apart"}.get(verb, verb.removeprefix("confirm_"))
    reopened = send(officer, f"/{overlap.pk}/reopen", {"why": "Anew"}).json()
    assert reopened["state"] == "found"
    assert send(officer, f"/{overlap.pk}/{path}", {"why": "Read"}).json()["state"] == state


@pytest.mark.parametrize(
    ("keep", "is_decided", "note"),
    [
        (True, False, "They are shown as they were; the next comparison looks at them anew."),
        (True, True, "Take it up again to have them compared as they are now."),
        (False, False, "so that no passage can be marked."),
    ],
)
def test_correction_of_a_text_is_told_and_the_former_text_shown(
    overlap: AwardOverlap, officer: Client, note: str, *, keep: bool, is_decided: bool
) -> None:
    if is_decided:
        services.keep_awards_apart(SYSTEM, overlap, why="Two", now=NOW)
    store("1", YARN, title="Gear teeth", investigator="A. Example")
    if not keep:
        FormerAwardText.objects.all().delete()
    text = page(officer, overlap.get_absolute_url())
    assert note in text
    assert ("Large gears of wind" in text) is True
    assert ("<mark id=" in text) is keep
    assert ("Yarn for turbine" in text) is not keep
    listed = page(officer, LIST, is_outdated="on", state="any")
    assert "A text has changed since" in listed.split("<table>")[1]


def test_page_of_an_award_lists_its_overlaps_for_whom_they_concern(
    overlap: AwardOverlap, officer: Client
) -> None:
    url = reverse("network:show_outside_award", args=[overlap.second_id])
    assert overlap.get_absolute_url() in page(officer, url)
    assert overlap.get_absolute_url() not in page(client_of(Role.AGENCY_SPONSOR, "DOE"), url)
    assert overlap.get_absolute_url() not in page(Client(), url)
    assert "Look for awards like it" not in page(Client(), url)
    assert f"{CHECK}?award={overlap.second_id}" in page(officer, url)


# ------------------------------------------------------------------------------------------ leaks


@pytest.mark.parametrize(
    ("agency", "level", "is_seen"),
    [
        ("NSF", SharingLevel.PUBLIC, True),
        ("DOD", SharingLevel.PUBLIC, True),
        ("DOE", SharingLevel.PUBLIC, False),
        ("NSF", SharingLevel.RESTRICTED, False),
        ("DOD", SharingLevel.RESTRICTED, False),
    ],
)
def test_overlap_is_nowhere_for_whoever_may_not_see_both_awards(
    overlap: AwardOverlap, agency: str, level: SharingLevel, *, is_seen: bool
) -> None:
    store("2", RETOLD, title="Teeth of gears", agency_name="DOD", level=level)
    client = client_of(Role.AGENCY_SPONSOR, agency)
    listed, desk = page(client, LIST, state="any"), page(client, "/desk/")
    assert ("Teeth of gears" in listed, "Overlaps by what" in listed) == (is_seen, is_seen)
    assert (f'value="{agency}"' in listed) is is_seen
    assert ("Overlap of awards to look at" in desk) is is_seen
    assert len(client.get(API).json()["items"]) == int(is_seen)
    status = 200 if is_seen else 404
    assert client.get(f"{API}/{overlap.pk}").status_code == status
    assert client.get(overlap.get_absolute_url()).status_code == status
    apart = reverse(f"network:{APART}", args=[overlap.pk])
    assert client.get(apart).status_code == status
    assert client.post(apart, {"why": "Two"}).status_code == (302 if is_seen else 404)
    assert send(client, f"/{overlap.pk}/keep-apart", {"why": "x"}).status_code == (
        409 if is_seen else 404
    )


def test_overlaps_are_not_for_everybody(overlap: AwardOverlap) -> None:
    for client in (Client(), client_of(Role.INSTITUTE_MANAGER)):
        assert client.get(LIST).status_code == 403
        assert client.get(API).status_code == 403
        assert client.get(overlap.get_absolute_url()).status_code == 404
    auditor = client_of(Role.AUDITOR)
    assert "formaction" not in page(auditor, overlap.get_absolute_url())
    assert "Compare all" not in page(auditor, LIST)
    assert "Overlap of awards to look at" not in page(auditor, "/desk/")
    apart = reverse(f"network:{APART}", args=[overlap.pk])
    assert auditor.get(apart).status_code == 403
    assert auditor.post(reverse("network:request_overlaps")).status_code == 403
    assert send(auditor, "/find", {}).status_code == 403


# ------------------------------------------------------------------------------------------- check


@pytest.mark.parametrize("number", [1, 3])
def test_text_is_checked_and_read_beside_what_overlaps(
    officer: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        store(str(place), f"{RETOLD} Number {place}.", title=f"Teeth {place}")
    with django_assert_num_queries(9):
        text = officer.post(CHECK, {"text": GEARS}).content.decode()
    assert f"{number} award" in text
    assert text.count('<details class="reading"') == number
    assert text.count(" open>") == 1
    assert '<mark id="p0a1"><a href="#p0b1">' in text
    assert AwardOverlap.objects.count() == 0


def test_check_says_where_nothing_overlaps_and_what_is_wrong(officer: Client) -> None:
    text = page(officer, CHECK)
    assert "Does another agency pay for this already?" in text
    answer = officer.post(CHECK, {"title": "Yarn", "text": YARN})
    assert "No award that you may see shares enough of it." in answer.content.decode()
    answer = officer.post(CHECK, {"title": " "})
    assert (answer.status_code, "Write a title or a text" in answer.content.decode()) == (409, True)
    answer = officer.post(CHECK, {"text": "x" * 20_001})
    assert answer.status_code == 422
    assert Client().get(CHECK).status_code == 403
    assert Client().post(CHECK, {"text": GEARS}).status_code == 403


def test_check_of_an_award_leaves_it_out(officer: Client, overlap: AwardOverlap) -> None:
    text = page(officer, CHECK, award=str(overlap.first_id))
    assert "1 award overlaps with the text" in text
    assert f'id="award-{overlap.second_id}"' in text
    for asked in ("0", "x", "9" * 30):
        assert officer.get(CHECK, {"award": asked}).status_code == 404


def test_check_by_the_api_tells_only_what_the_caller_sees(officer: Client) -> None:
    seen = store("1", RETOLD, ends_on=NOW.date())
    hidden = store("2", GEARS, level=SharingLevel.RESTRICTED)
    url, body = "/api/v1/outside-awards/check", {"text": GEARS, "others": ["A. Example"]}

    def ids(client: Client, **more: Any) -> list[int]:
        answer = client.post(url, body | more, content_type="application/json")
        return [one["award_id"] for one in answer.json()]

    assert ids(officer) == [hidden.pk, seen.pk]
    assert ids(officer, without=[hidden.pk]) == [seen.pk]
    member = client_of(Role.INSTITUTE_MANAGER)
    assert ids(member) == [seen.pk]
    assert Client().post(url, body, content_type="application/json").status_code == 401
    (one,) = member.post(url, body, content_type="application/json").json()
    passage = one["passages"][0]
    shared = GEARS[passage["first_start"] : passage["first_end"]]
    assert shared == RETOLD[passage["second_start"] : passage["second_end"]]
    empty = member.post(url, {}, content_type="application/json")
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_to_check")


# --------------------------------------------------------------------------------------------- API


def test_api_narrows_and_shows_overlaps(officer: Client, overlap: AwardOverlap) -> None:
    def ids(**chosen: str | int) -> list[int]:
        return [one["id"] for one in officer.get(API, chosen).json()["items"]]

    pk = overlap.pk
    assert ids() == ids(state="found") == ids(agency="DOD") == ids(award=overlap.first_id) == [pk]
    assert ids(state="kept_apart") == ids(agency="DOE") == ids(kind="boilerplate") == []
    assert ids(outdated="true") == ids(award=overlap.second_id + 1) == []
    body = officer.get(f"{API}/{pk}").json()
    assert (body["looks_like"], body["likeness_bp"]) == (overlap.kind, overlap.score_bp)
    assert len(body["passages"]) == len(overlap.passages)
    assert "passages" not in officer.get(API).json()["items"][0]
    job = send(officer, "/find", {"scope": "all"}).json()
    assert Job.objects.get().pk.hex == job["job_id"].replace("-", "")


@pytest.mark.parametrize("number", [1, 3])
def test_api_lists_overlaps_in_as_many_queries_for_many(
    officer: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        text = " ".join(f"w{place}x{n}" for n in range(40))
        store(f"{place}a", text)
        store(f"{place}b", text)
    services.find_overlaps(SYSTEM, OverlapScope.ALL, now=NOW)
    with django_assert_num_queries(5):
        assert len(officer.get(API).json()["items"]) == number
