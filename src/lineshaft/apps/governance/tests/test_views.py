from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import (
    CommonPolicy,
    PolicyAttestation,
    PolicyComment,
    PolicyPosition,
    PolicyVersion,
)
from lineshaft.apps.governance.rules import PositionKind
from lineshaft.apps.governance.tests.factories import (
    NOW,
    SYSTEM,
    adopt,
    make_adopted,
    make_draft,
    revise,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

AFTER = datetime(2022, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: AFTER)


@pytest.fixture
def institute() -> Institute:
    return make_institute("mxd", name="MxD")


def signed_in(role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(f"{role}@example.org")
    make_grant(user, role, kind, key)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer() -> Client:
    return signed_in(Role.PROGRAMME_OFFICER)


@pytest.fixture
def manager(institute: Institute) -> Client:
    return signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("number", [1, 3])
def test_list_policies_takes_six_queries_and_tells_what_is_in_force(
    client: Client,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for place in range(number):
        version = make_adopted(f"Policy {place}")
        institute = make_institute(f"i{place}")
        services.state_position(
            SYSTEM, version, institute=institute.key, kind=PositionKind.ADOPTS, now=NOW
        )
    make_draft("Hidden")
    with django_assert_num_queries(6):
        text = text_of(client.get("/policies/"))
    noun = "policy is" if number == 1 else "policies are"
    assert f"{number} common {noun} in force" in text
    assert "Hidden" not in text
    assert "/policies/policy-0/?standing=adopts#positions" in text


def test_list_policies_of_an_empty_network(client: Client, officer: Client) -> None:
    text = text_of(client.get("/policies/"))
    assert "No common policy is in force yet" in text
    assert "Draft a policy" not in text
    assert "Draft a policy" in text_of(officer.get("/policies/"))


def test_a_policy_goes_from_draft_to_position_and_attestation(
    officer: Client, manager: Client, institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = {
        "area": "finance",
        "title": "Fees for small firms",
        "text": "Small firms pay half.",
        "level": "public",
    }
    page = officer.post("/policies/draft/", entered, follow=True)
    assert "The draft stands open to comments." in text_of(page)
    draft = "/policies/fees-for-small-firms/versions/1/"
    page = manager.post(
        f"{draft}comment/", {"institute": institute.key, "text": "From when?"}, follow=True
    )
    assert "From when?" in text_of(page)
    assert PolicyComment.objects.get().institute == institute
    day = {"adopted_on": "2021-10-01", "in_force_on": "2021-10-01"}
    page = officer.post(f"{draft}adopt/", {"decision": "Council, vote 1"} | day, follow=True)
    assert "Fees for small firms: adopted by 0 of 1 institutes" in text_of(page)
    assert "Has not said" in text_of(page)
    position = reverse("governance:state_position", args=["fees-for-small-firms", institute.key])
    page = manager.post(position, {"kind": "deviates"}, follow=True)
    assert page.status_code == 409
    assert "Say from what the institute deviates" in text_of(page)
    said = {"kind": "deviates", "reason": "Fees are set by the state."}
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)
    page = manager.post(position, said, follow=True)
    assert "Fees are set by the state." in text_of(page)
    assert "Fees are set by the state." not in text_of(
        Client().get("/policies/fees-for-small-firms/")
    )
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: AFTER)
    attest = reverse("governance:attest_policy", args=["fees-for-small-firms", institute.key])
    page = manager.post(attest, {"fiscal_year": "2022", "is_kept": "yes"}, follow=True)
    assert "FY2022 is attested." in text_of(page)
    assert PolicyAttestation.objects.get().is_kept


def test_revised_draft_is_compared_and_withdrawn(officer: Client) -> None:
    first = make_adopted()
    page = officer.get(reverse("governance:revise_policy", args=[first.policy.key]))
    assert "It states its rates." in text_of(page)
    revised = {"text": "Each institute opens its labs.", "changed": "Laboratories"}
    page = officer.post(
        reverse("governance:revise_policy", args=[first.policy.key]), revised, follow=True
    )
    url = page.redirect_chain[-1][0]
    text = text_of(officer.get(url, {"against": "1"}))
    assert "<del>test beds.\n\nIt states its rates</del><ins>labs</ins>." in text
    assert officer.get(url, {"against": "7"}).status_code == 404
    page = officer.post(f"{url}withdraw/", follow=True)
    assert "Withdrawn" in text_of(page)
    assert PolicyVersion.objects.get(number=2).state == "withdrawn"


def test_show_policy_filters_by_standing_and_reads_chinese(
    client: Client, institute: Institute
) -> None:
    version = make_adopted()
    make_institute("lift", name="LIFT")
    services.state_position(
        SYSTEM, version, institute=institute.key, kind=PositionKind.ADOPTS, now=NOW
    )
    url = version.policy.get_absolute_url()
    text = text_of(client.get(url, {"standing": "adopts"}))
    assert ("MxD" in text, "LIFT" in text) == (True, False)
    text = text_of(client.get(url, {"standing": "nonsense"}))
    assert ("MxD" in text, "LIFT" in text) == (True, True)
    text = text_of(client.get(url, headers={"accept-language": "zh-hans"}))
    assert "各中心开放试验平台。" in text


def test_pages_offer_what_their_reader_may_do(
    client: Client, officer: Client, manager: Client, institute: Institute
) -> None:
    version = make_adopted()
    draft = revise(version)
    url = version.policy.get_absolute_url()
    assert "State the position of MxD" in text_of(manager.get(url))
    assert "Draft a new version" in text_of(officer.get(url))
    assert "State the position" not in text_of(officer.get(url))
    assert client.get(draft.get_absolute_url()).status_code == 404
    text = text_of(officer.get(draft.get_absolute_url()))
    assert ("Enter its adoption" in text, "Withdraw the draft" in text) == (True, True)
    text = text_of(manager.get(draft.get_absolute_url()))
    assert ("Enter its adoption" in text, "No comment yet." in text) == (False, True)
    assert '<option value="mxd">' in text
    sponsor = signed_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    assert sponsor.get("/policies/").status_code == 200


def test_comment_without_words_is_asked_for_again(officer: Client) -> None:
    draft = make_draft()
    page = officer.post(f"{draft.get_absolute_url()}comment/", {"institute": "", "text": ""})
    assert page.status_code == 422
    assert not PolicyComment.objects.exists()


def test_position_on_a_policy_without_adopted_version_is_not_found(manager: Client) -> None:
    policy = make_draft().policy
    assert manager.get(f"/policies/{policy.key}/positions/mxd/").status_code == 404
    assert "is not in force yet" in text_of(manager.get(policy.get_absolute_url()))
    assert CommonPolicy.objects.count() == 1


def test_who_may_not_is_refused(client: Client, manager: Client) -> None:
    version = adopt(make_draft())
    key = version.policy.key
    assert client.post(f"/policies/{key}/versions/1/withdraw/").status_code in {302, 403}
    for url in (f"/policies/{key}/revise/", "/policies/draft/"):
        assert manager.get(url).status_code == 403
    make_institute("lift")
    assert manager.get(f"/policies/{key}/positions/lift/").status_code == 403
    assert manager.get(f"/policies/{key}/attestations/lift/").status_code == 403
    assert not PolicyPosition.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_show_policy_costs_the_same_for_any_number_of_records(
    officer: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = make_adopted()
    for place in range(number):
        institute = make_institute(f"i{place}")
        services.state_position(
            SYSTEM, version, institute=institute.key, kind=PositionKind.ADOPTS, now=NOW
        )
        services.attest_policy(
            SYSTEM,
            version.policy,
            institute=institute.key,
            fiscal_year=2022,
            is_kept=True,
            now=AFTER,
        )
    draft = revise(version)
    for _place in range(number):
        services.comment_on_policy(SYSTEM, draft, "Rates?", institute="i0", now=NOW)
    with django_assert_num_queries(12):
        officer.get(version.policy.get_absolute_url())
    with django_assert_num_queries(8):
        officer.get(draft.get_absolute_url())


def test_comments_are_paged_newest_first(
    officer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    draft = revise(make_adopted())
    for place in range(45):
        later = NOW + timedelta(minutes=place)
        services.comment_on_policy(SYSTEM, draft, f"Remark {place}.", now=later)
    address = draft.get_absolute_url()
    with django_assert_num_queries(8):
        page = officer.get(address).content.decode()
    assert "1 to 20 of 45" in page
    assert "Remark 44." in page
    assert "Remark 24." not in page
    assert page.index("Remark 44.") < page.index("Remark 25.")
    assert "Remark 0." in officer.get(f"{address}?page=3").content.decode()
    assert "of 45" not in Client().get(draft.policy.get_absolute_url()).content.decode()
