from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import DirectoryEntry
from lineshaft.apps.memberships.services import DirectoryRow
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_institute,
    make_organisation,
    make_person,
    make_technology_area,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

ROW = DirectoryRow(
    "Forgings for turbines.",
    capabilities="open die forging, heat treatment",
    areas=("robotics",),
    contact_email="sales@gears.example",
    level=SharingLevel.PUBLIC,
)
LIST = reverse("memberships:list_directory")


@pytest.fixture
def mxd() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def gears(mxd: Institute) -> Organisation:
    organisation = make_organisation("Gears")
    make_agreement(organisation, mxd)
    return organisation


def member(client: Client, organisation: Organisation) -> Client:
    user = make_user()
    make_grant(user, Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    make_person(user=user, organisation=organisation)
    client.force_login(user)
    return client


def test_list_in_directory_changes_leaves_and_comes_back(
    system: Actor, institute_manager: Actor, gears: Organisation
) -> None:
    entry = services.list_in_directory(system, gears, ROW, now=NOW)
    assert [area.key for area in entry.technology_areas.all()] == ["robotics"]
    entry = services.list_in_directory(system, gears, replace(ROW, areas=()), now=NOW)
    assert not entry.technology_areas.exists()
    assert not services.leave_directory(system, gears, now=NOW).is_listed
    with pytest.raises(NotFound):
        services.leave_directory(system, gears, now=NOW)
    assert services.list_in_directory(system, gears, ROW, now=NOW).is_listed
    assert DirectoryEntry.objects.count() == 1
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "list_in_directory",
        "list_in_directory",
        "leave_directory",
        "list_in_directory",
    ]
    with pytest.raises(NotPermitted):
        services.list_in_directory(institute_manager, gears, ROW, now=NOW)
    with pytest.raises(NotPermitted):
        services.leave_directory(institute_manager, gears, now=NOW)


def test_list_in_directory_says_every_fault_and_is_for_members(
    system: Actor, gears: Organisation
) -> None:
    for place in range(11):
        make_technology_area(f"area-{place}")
    wrong = DirectoryRow(
        " ",
        capabilities="x" * 501,
        areas=("nowhere", *(f"area-{place}" for place in range(11))),
        contact_email="nobody",
        level=SharingLevel.RESTRICTED,
    )
    with pytest.raises(Invalid) as invalid:
        services.list_in_directory(system, gears, wrong, now=NOW)
    faults = [fault.field for fault in invalid.value.errors]
    assert faults == ["capabilities", "description", "contact_email", "level", "areas", "areas"]
    with pytest.raises(Refused) as refused:
        services.list_in_directory(system, make_organisation("Outside"), ROW, now=NOW)
    assert refused.value.code == "not_a_member"


def test_directory_shows_members_of_today_that_may_be_seen(
    system: Actor, public: Actor, mxd: Institute, gears: Organisation
) -> None:
    hidden, left, inside = (make_organisation(name) for name in ("Hidden", "Left", "Inside"))
    make_agreement(left, mxd, ends_on=NOW.date() + timedelta(days=1))
    for one in (hidden, inside):
        make_agreement(one, mxd)
    services.list_in_directory(system, inside, replace(ROW, level=SharingLevel.NETWORK), now=NOW)
    for one in (gears, hidden, left):
        services.list_in_directory(system, one, ROW, now=NOW)
    Organisation.objects.filter(pk=hidden.pk).update(level=SharingLevel.RESTRICTED)
    day = NOW.date() + timedelta(days=1)
    seen = queries.directory_visible_to(public, on=day)
    assert [entry.organisation for entry in seen] == [gears]
    assert queries.directory_visible_to(system, on=day).count() == 3
    in_network = Actor(user_id=1, label="x", institute_keys=frozenset({"mxd"}))
    names = {one.organisation.name for one in queries.directory_visible_to(in_network, on=day)}
    assert names == {"Gears", "Inside"}
    with pytest.raises(NotFound):
        queries.directory_entry_of(public, inside.pk, on=day)
    for narrowed, number in (
        ({"q": "turbines forging"}, 1),
        ({"q": "castings"}, 0),
        ({"area": "robotics"}, 1),
        ({"area": "nowhere"}, 0),
        ({"kind": gears.kind}, 1),
        ({"region": "ZZ"}, 0),
        ({"institute": "mxd"}, 1),
        ({"institute": "lift"}, 0),
    ):
        found = queries.directory_filtered(public, seen, on=day, **narrowed)
        assert found.count() == number, narrowed


def test_directory_by_institute_tells_no_membership_that_may_not_be_read(
    system: Actor, public: Actor, gears: Organisation
) -> None:
    lift, day = make_institute("lift"), NOW.date()
    record = make_organisation("Gears LLC")
    agreement = make_agreement(record, lift)
    Organisation.objects.filter(pk=record.pk).update(merged_into=gears)
    services.list_in_directory(system, gears, ROW, now=NOW)

    def found(actor: Actor) -> list[Organisation]:
        rows = queries.directory_visible_to(actor, on=day)
        narrowed = queries.directory_filtered(actor, rows, institute="lift", on=day)
        return [one.organisation for one in narrowed]

    assert found(public) == [gears]
    type(agreement).objects.filter(pk=agreement.pk).update(level=SharingLevel.RESTRICTED)
    assert found(public) == []
    staff = Actor(
        user_id=1,
        label="x",
        grants=frozenset({RoleGrant(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")}),
        institute_keys=frozenset({"lift"}),
    )
    assert found(staff) == [gears]


@pytest.mark.parametrize("number", [1, 3])
def test_directory_pages(
    client: Client,
    system: Actor,
    mxd: Institute,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for place in range(number):
        organisation = make_organisation(f"Gears {place}")
        make_agreement(organisation, mxd)
        services.list_in_directory(system, organisation, ROW, now=clock.now())
    with django_assert_num_queries(5):
        text = client.get(LIST).content.decode()
    noun = "member says" if number == 1 else "members say"
    assert f"{number} {noun} what" in text
    assert "open die forging, heat treatment" in text
    shown = reverse("memberships:show_directory_entry", args=[organisation.pk])
    with django_assert_num_queries(4):
        text = client.get(shown).content.decode()
    assert "sales@gears.example" in text
    assert "MxD" in text
    answer = client.get(reverse("memberships:export_directory", args=["csv"]), {"q": "turbines"})
    assert b"".join(answer.streaming_content).count(b"sales@gears.example") == number  # type: ignore[attr-defined]
    items = client.get("/api/v1/directory", {"q": "forging"}).json()["items"]
    assert [one["areas"] for one in items] == [["robotics"]] * number
    assert client.get(LIST, {"q": "no such thing"}).content.decode().count("Gears") == 0


def test_member_stands_in_the_directory_by_itself(
    client: Client, settings: Settings, gears: Organisation
) -> None:
    settings.IS_DEMONSTRATION = True
    make_technology_area()
    member(client, gears)
    url = reverse("memberships:list_in_directory", args=[gears.pk])
    assert url in client.get(LIST).content.decode()
    entered = {"description": "Gears of all kinds", "areas": ["robotics"], "level": "network"}
    assert client.post(url, entered).status_code == 302
    assert "Gears of all kinds" in client.get(url).content.decode()
    leave = reverse("memberships:leave_directory", args=[gears.pk])
    assert "Take Gears out" in client.get(leave).content.decode()
    assert client.post(leave).headers["Location"] == LIST
    api = f"/api/v1/directory/{gears.pk}"
    answer = client.post(api, {"description": "Gears"}, content_type="application/json")
    assert (answer.status_code, answer.json()["level"]) == (200, "network")
    other = make_organisation("Other")
    for name in ("list_in_directory", "leave_directory"):
        url = reverse(f"memberships:{name}", args=[other.pk])
        assert client.get(url).status_code == 403
