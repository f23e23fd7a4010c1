from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import services
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.services import MemberRow
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).parents[1] / "templates"
LONGEST_TEMPLATE = 120
LIST = "memberships:list_members"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


@pytest.fixture
def mxd() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def manager(client: Client, mxd: Institute) -> Client:
    user = make_user()
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, mxd.key)
    client.force_login(user)
    return client


@pytest.mark.parametrize("number", [1, 3])
def test_list_members_takes_three_queries_and_leaks_nothing(
    client: Client, mxd: Institute, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        make_agreement(make_organisation(f"Gears {place}"), mxd)
    make_agreement(make_organisation("Hidden", level=SharingLevel.RESTRICTED), mxd)
    make_agreement(make_organisation("Gone"), mxd, ends_on=date(2022, 2, 1))
    url = reverse(LIST, args=["mxd"])
    with django_assert_num_queries(5):
        text = client.get(url).content.decode()
    noun = "organisation belongs" if number == 1 else "organisations belong"
    assert f"{number} {noun} to MxD" in text
    assert "Hidden" not in text
    assert "Gone" not in text
    assert "Small or medium enterprise member" not in text


def test_list_members_shows_tiers_to_the_institutes_staff(manager: Client, mxd: Institute) -> None:
    make_agreement(make_organisation("Hidden", level=SharingLevel.RESTRICTED), mxd)
    text = manager.get(reverse(LIST, args=["mxd"])).content.decode()
    assert "Hidden" in text
    assert "Small or medium enterprise member" in text
    assert "Admit a member" in text


def test_list_members_filters_by_day_kind_and_name(client: Client, mxd: Institute) -> None:
    make_agreement(make_organisation("Gears"), mxd, ends_on=date(2022, 7, 1))
    make_agreement(make_organisation("College", kind="university"), mxd, tier="academic")
    url = reverse(LIST, args=["mxd"])
    text = client.get(url, {"on": "2022-06-30"}).content.decode()
    assert "2 organisations belong to MxD" in text
    text = client.get(url, {"on": "2022-06-30", "q": "gears"}).content.decode()
    assert "1 member fits the search" in text
    text = client.get(url, {"kind": "university", "sort": "-from"}).content.decode()
    assert "College" in text
    assert client.get(reverse(LIST, args=["none"])).status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_export_members_leaks_nothing(client: Client, mxd: Institute, form: str) -> None:
    make_agreement(make_organisation("Gears"), mxd)
    make_agreement(make_organisation("Hidden", level=SharingLevel.RESTRICTED), mxd)
    answer = client.get(reverse("memberships:export_members", args=["mxd", form]))
    assert (b"Hidden" in answer.getvalue()) is False
    assert answer["Content-Disposition"] == f'attachment; filename="mxd-members.{form}"'


@pytest.mark.parametrize("number", [1, 3])
def test_list_memberships_takes_four_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    gears = make_organisation("Gears")
    for place in range(number):
        make_agreement(gears, make_institute(f"institute-{place}"))
    make_agreement(gears, make_institute("old"), ends_on=date(2022, 2, 1))
    make_agreement(gears, make_institute("later"), starts_on=date(2200, 1, 1))
    make_agreement(gears, make_institute("secret"), level=SharingLevel.RESTRICTED)
    with django_assert_num_queries(4):
        text = client.get(reverse("memberships:list_memberships", args=[gears.pk])).content.decode()
    noun = "institute" if number == 1 else "institutes"
    assert f"Gears belongs to {number} {noun}" in text
    assert "Ended" in text
    assert "Begins later" in text
    assert "Secret" not in text


def test_list_memberships_of_a_hidden_organisation_is_not_found(client: Client) -> None:
    hidden = make_organisation(level=SharingLevel.NETWORK)
    url = reverse("memberships:list_memberships", args=[hidden.pk])
    assert client.get(url).status_code == 404


def test_show_member_says_terms_and_evidence_to_those_who_may_know(
    manager: Client, mxd: Institute, programme_officer: Actor
) -> None:
    row = MemberRow(
        make_organisation("Gears").pk,
        mxd.key,
        "sme",
        date(2022, 1, 1),
        date(2022, 7, 1),
        ended_reason="left",
        waiver_reference="W-7",
    )
    agreement = services.admit_member(programme_officer, row, now=NOW, why="letter 7")
    url = reverse("memberships:show_member", args=[agreement.pk])
    text = manager.get(url).content.decode()
    for part in ("Small or medium enterprise member", "$5,000", "letter 7", "W-7", "left"):
        assert part in text
    services_text = Client().get(url).content.decode()
    for part in ("Small or medium enterprise member", "$5,000", "letter 7", "W-7"):
        assert part not in services_text


def test_show_member_without_an_event_or_a_known_tier(manager: Client, mxd: Institute) -> None:
    agreement = make_agreement(institute=mxd, tier="former_tier")
    text = manager.get(reverse("memberships:show_member", args=[agreement.pk])).content.decode()
    assert "former_tier" in text
    assert "Who entered it" not in text


def test_admit_member_from_its_page(manager: Client, mxd: Institute) -> None:
    url = reverse("memberships:admit_member", args=["mxd"])
    gears = make_organisation("Gears")
    given = {"organisation": "gears", "tier": "sme", "starts_on": "2022-01-01"}
    assert manager.get(url).status_code == 200
    answer = manager.post(url, given)
    assert (answer.status_code, answer["Location"]) == (302, "/institutes/mxd/members/")
    assert MemberAgreement.objects.get().organisation == gears
    answer = manager.post(url, given | {"starts_on": "2022-03-01"})
    assert answer.status_code == 422
    assert "is a member of MxD from Jan 1, 2022" in answer.content.decode()
    assert manager.post(url, given | {"starts_on": "soon"}).status_code == 422


def test_admit_member_that_is_unknown_ambiguous_or_barred(manager: Client, mxd: Institute) -> None:
    url = reverse("memberships:admit_member", args=["mxd"])
    given = {"tier": "sme", "starts_on": "2022-10-01"}
    answer = manager.post(url, given | {"organisation": "nobody"})
    assert answer.status_code == 422
    assert "Register it first." in answer.content.decode()
    make_organisation("Gears", city="Akron")
    make_organisation("Gears", city="Dayton")
    answer = manager.post(url, given | {"organisation": "gears"})
    assert "Write the number of one" in answer.content.decode()
    make_organisation("Abroad", ownership_country="CN")
    answer = manager.post(url, given | {"organisation": "abroad"})
    assert answer.status_code == 409
    assert "42 U.S.C. 18972" in answer.content.decode()


def test_admit_member_is_for_the_institutes_manager(client: Client, mxd: Institute) -> None:
    url = reverse("memberships:admit_member", args=["mxd"])
    assert client.get(url).status_code == 403
    assert client.post(url, {}).status_code == 403


def test_end_membership_from_its_page(
    manager: Client, mxd: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    agreement = make_agreement(institute=mxd, starts_on=date(2022, 11, 9))
    url = reverse("memberships:end_membership", args=[agreement.pk])
    assert Client().get(url).status_code == 403
    assert "is told by mail" in manager.get(url).content.decode()
    given = {"ends_on": "2022-11-09", "reason": "left", "why": "letter"}
    answer = manager.post(url, given)
    assert answer.status_code == 409
    assert "it cannot end on Nov 9, 2022" in answer.content.decode()
    assert manager.post(url, given | {"ends_on": "2022-12-01"}).status_code == 302
    agreement.refresh_from_db()
    assert (agreement.ends_on, agreement.ended_reason) == (date(2022, 12, 1), "left")


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.glob("**/*.html")), ids=lambda path: path.stem
)
def test_template_opens_with_its_variables_and_is_short(template: Path) -> None:
    lines = template.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("{# ")
    assert len(lines) < LONGEST_TEMPLATE


def test_list_members_is_not_sorted_by_tier_for_whoever_may_not_read_tiers(
    client: Client, mxd: Institute
) -> None:
    for name, tier in (("Anvil", "sme"), ("Bellows", "academic"), ("Crane", "sme")):
        make_agreement(make_organisation(name), mxd, tier=tier)

    def order(sort: str) -> list[str]:
        answer = client.get(reverse(LIST, args=["mxd"]), {"sort": sort})
        return [row.cells[0].text for row in answer.context["table"].rows]

    assert [order("tier"), order("-tier")] == [["Anvil", "Bellows", "Crane"]] * 2
    user = make_user()
    make_grant(user, Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, mxd.key)
    client.force_login(user)
    assert [order("tier")[0], order("-tier")[-1]] == ["Bellows", "Bellows"]


def test_member_whose_record_is_not_shared_is_named_to_staff_and_leads_nowhere(
    client: Client, mxd: Institute, manager: Client
) -> None:
    hidden = make_agreement(make_organisation("Hidden", level=SharingLevel.RESTRICTED), mxd)
    record = reverse("network:show_organisation", args=[hidden.organisation_id])
    assert manager.get(record).status_code == 404
    for url in (
        reverse(LIST, args=["mxd"]),
        reverse("memberships:show_member", args=[hidden.pk]),
    ):
        text = manager.get(url).content.decode()
        assert ("Hidden" in text, record in text) == (True, False)
