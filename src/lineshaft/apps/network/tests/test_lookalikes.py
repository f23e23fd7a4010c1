from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import Organisation, OrganisationKey, OrganisationPair
from lineshaft.apps.network.rules import LikenessReason, PairState
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.roles import Role
from lineshaft.plumbing.search.queries import search
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

ROW = OrganisationRow(
    name="Brevilan Composites Inc.", kind="industry_sme", city="Akron", region="OH"
)
OTHER = replace(ROW, name="Brevilam Composites LLC")
UEI = "HJ7LJZ2K9C35"


@pytest.fixture
def two(system: Actor) -> tuple[Organisation, Organisation]:
    """Two records of one organisation; the second one is the wrong one."""
    first = services.register_organisation(system, ROW, now=NOW)
    return first, services.register_organisation(system, OTHER, is_new=True, now=NOW)


def officer_of_its_own() -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def merged(two: tuple[Organisation, Organisation]) -> OrganisationPair:
    pair = services.propose_merge(officer_of_its_own(), two[1], two[0], why="one address", now=NOW)
    return services.merge_organisations(officer_of_its_own(), pair, now=NOW)


# ---------------------------------------------------------------------------------- looking alike


def test_keys_are_made_of_aliases_too_and_anew(system: Actor) -> None:
    known = services.register_organisation(system, replace(ROW, aliases=("Tordeval",)), now=NOW)
    keys = OrganisationKey.objects.filter(organisation=known)
    before = keys.count()
    assert queries.lookalikes(system, "Tordevall", region="OH")
    OrganisationKey.objects.create(organisation=known, key=1)
    services.index_organisations([known.pk])
    assert keys.count() == before


def test_lookalikes_in_three_queries_and_only_what_may_be_seen(
    public: Actor,
    programme_officer: Actor,
    two: tuple[Organisation, Organisation],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Organisation.objects.filter(pk=two[1].pk).update(level=SharingLevel.RESTRICTED)
    with django_assert_num_queries(3):
        found = queries.lookalikes(
            programme_officer, "Brevilan Composite", region="OH", city="Akron"
        )
    assert [one.organisation.pk for one in found] == [two[0].pk, two[1].pk]
    assert found[0].reasons == (LikenessReason.SAME_BUT_FORM, LikenessReason.SAME_CITY)
    with django_assert_num_queries(3):
        seen = queries.lookalikes(public, "Brevilan Composite", region="OH", city="Akron")
    assert [one.organisation.pk for one in seen] == [two[0].pk]
    assert queries.lookalikes(public, " ") == ()
    assert queries.lookalikes(public, "Halaker Robotics", region="OH") == ()


def test_keys_follow_the_names(programme_officer: Actor) -> None:
    found = services.register_organisation(programme_officer, ROW, now=NOW)
    assert OrganisationKey.objects.filter(organisation=found).count() == 5
    services.amend_organisation(
        programme_officer, found, changes={"name": "Halaker Robotics"}, now=NOW
    )
    held = set(OrganisationKey.objects.filter(organisation=found).values_list("key", flat=True))
    names = ["Halaker Robotics", ROW.name]  # a former name stays as an alias
    assert held == rules.lookalike_keys(names, region="OH")


def test_second_record_is_refused_until_somebody_says_it_is_new(
    client: Client, settings: Settings
) -> None:
    settings.IS_DEMONSTRATION = True
    user = make_user()
    make_grant(user, Role.PROGRAMME_OFFICER)
    client.force_login(user)
    entered = {
        "name": ROW.name,
        "kind": "industry_sme",
        "city": "Akron",
        "region": "OH",
        "level": "public",
    }
    url = reverse("network:register_organisation")
    assert client.post(url, entered).status_code == 302
    answer = client.post(url, entered | {"name": OTHER.name})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "looks like what is registered already: Brevilan Composites Inc. (Akron, OH, " in text
    assert "nearly the same spelling and the same town" in text
    assert Organisation.objects.count() == 1
    assert not AuditEvent.objects.filter(changes__name=OTHER.name).exists()
    assert client.post(url, entered | {"name": OTHER.name, "is_new": "on"}).status_code == 302
    api = entered | {"name": "Brevilam Composite"}
    answer = client.post("/api/v1/organisations", api, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "looks_alike")
    asked = {"name": "Brevilam Composite", "region": "OH", "city": "Akron"}
    alike = client.get("/api/v1/organisations/look-alikes", asked).json()
    assert [(one["name"], one["reasons"][0]) for one in alike] == [
        (OTHER.name, "same_but_form"),
        (ROW.name, "spelling"),
    ]
    answer = client.post(
        "/api/v1/organisations", api | {"is_new": True}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert Organisation.objects.count() == 3


# --------------------------------------------------------------------------------------- merging


def test_find_lookalikes_keeps_decisions(two: tuple[Organisation, Organisation]) -> None:
    programme_officer = officer_of_its_own()
    assert services.find_lookalikes(programme_officer, now=NOW) == 1
    pair = OrganisationPair.objects.get()
    assert (pair.first, pair.second, pair.state) == (*two, PairState.FOUND)
    assert pair.reason_list == (LikenessReason.SPELLING, LikenessReason.SAME_CITY)
    services.keep_apart(programme_officer, *two, why="two founders", now=NOW)
    assert services.find_lookalikes(programme_officer, now=NOW) == 0
    assert OrganisationPair.objects.get().state == PairState.KEPT_APART
    with pytest.raises(Refused):
        services.keep_apart(programme_officer, *two, why="again", now=NOW)


def test_merge_is_read_everywhere_and_undone_exactly(
    two: tuple[Organisation, Organisation],
) -> None:
    programme_officer = officer_of_its_own()
    stays, goes = two
    services.add_organisation_alias(programme_officer, goes, "Bre-Comp", now=NOW)
    before = list(Organisation.objects.order_by("pk").values())
    pair = merged(two)
    assert queries.organisation_by_id(programme_officer, goes.pk) == stays
    assert queries.organisation_detail(programme_officer, goes.pk) == stays
    assert list(queries.organisations_visible_to(programme_officer)) == [stays]
    assert list(queries.records_of(stays)) == [goes]
    for name in (OTHER.name, "Bre-Comp"):
        assert queries.organisations_named(programme_officer, name) == [stays]
    assert [hit.object_id for hit in search(programme_officer, "brevilam").hits] == [str(stays.pk)]
    alike = queries.lookalikes(programme_officer, "Brevilam Composites", region="OH")
    assert [one.organisation.pk for one in alike] == [stays.pk]
    assert services.register_organisation(programme_officer, OTHER, now=NOW) == stays
    assert services.find_lookalikes(programme_officer, now=NOW) == 0
    undone = services.undo_merge(programme_officer, pair, why="two firms", now=NOW)
    assert undone.state == PairState.UNDONE
    assert list(Organisation.objects.order_by("pk").values()) == before
    assert queries.organisation_by_id(programme_officer, goes.pk) == goes
    assert [hit.object_id for hit in search(programme_officer, "brevilam").hits] == [str(goes.pk)]
    verbs = AuditEvent.objects.filter(subject_type="network.organisationpair")
    assert sorted(verbs.values_list("verb", flat=True)) == [
        "find_lookalikes",
        "merge_organisations",
        "propose_merge",
        "undo_merge",
    ]


def test_merge_wants_a_second_person_and_no_contradiction(
    system: Actor, two: tuple[Organisation, Organisation]
) -> None:
    officer = officer_of_its_own()
    stays, goes = two
    with pytest.raises(Refused) as refused:
        services.propose_merge(officer, goes, goes, why="x", now=NOW)
    assert refused.value.code == "one_record"
    pair = services.propose_merge(officer, goes, stays, why="one address", now=NOW)
    with pytest.raises(Refused) as refused:
        services.merge_organisations(officer, pair, now=NOW)
    assert refused.value.code == "second_person"
    for one, uei in ((stays, UEI), (goes, "ZQGGHJH74DW7")):
        one.identifiers.create(scheme="uei", value=uei)
    with pytest.raises(Refused) as refused:
        services.merge_organisations(officer_of_its_own(), pair, now=NOW)
    assert refused.value.code == "identifiers_differ"
    goes.identifiers.all().delete()
    pair = services.merge_organisations(officer_of_its_own(), pair, now=NOW)
    third = services.register_organisation(
        system, replace(ROW, name="Brevilan Composites Works"), is_new=True, now=NOW
    )
    codes = []
    for one, other in ((goes, third), (third, goes), (stays, third)):
        with pytest.raises(Refused) as refused:
            services.propose_merge(officer, one, other, why="x", now=NOW)
        codes.append(refused.value.code)
    assert codes == ["is_merged", "is_merged", "has_merged"]


def test_merge_asks_what_was_merged_before_for_its_identifiers(
    two: tuple[Organisation, Organisation],
) -> None:
    stays, goes = two
    third = make_organisation("Brevilan Composites Works")
    for one, uei in ((goes, UEI), (third, "ZQGGHJH74DW7")):
        one.identifiers.create(scheme="uei", value=uei)
    merged(two)
    with pytest.raises(Refused) as refused:
        services.propose_merge(officer_of_its_own(), third, stays, why="x", now=NOW)
    assert refused.value.code == "identifiers_differ"


def test_merged_records_are_shared_alike(two: tuple[Organisation, Organisation]) -> None:
    officer = officer_of_its_own()
    stays, goes = two

    def share(one: Organisation, level: SharingLevel) -> None:
        services.amend_organisation(officer, one, changes={"level": level}, now=NOW)

    for narrow, wide in (two, two[::-1]):
        share(narrow, SharingLevel.RESTRICTED)
        share(wide, SharingLevel.PUBLIC)
        with pytest.raises(Refused, match="not shared with the same people") as refused:
            services.propose_merge(officer, goes, stays, why="x", now=NOW)
        assert refused.value.code == "levels_differ"
    for one in two:
        share(one, SharingLevel.NETWORK)
    pair = services.propose_merge(officer, goes, stays, why="x", now=NOW)
    share(stays, SharingLevel.PUBLIC)
    with pytest.raises(Refused, match="not shared with the same people"):
        services.merge_organisations(officer_of_its_own(), pair, now=NOW)
    share(stays, SharingLevel.NETWORK)
    services.merge_organisations(officer_of_its_own(), pair, now=NOW)
    for one in two:
        share(one, SharingLevel.NETWORK)
        for level in (SharingLevel.PUBLIC, SharingLevel.RESTRICTED):
            with pytest.raises(Refused, match="sharing level stays"):
                share(one, level)
    services.undo_merge(officer, pair, why="two", now=NOW)
    for one in two:
        share(one, SharingLevel.RESTRICTED)


def test_merge_is_the_offices_alone(
    institute_manager: Actor, two: tuple[Organisation, Organisation]
) -> None:
    pair = services.propose_merge(officer_of_its_own(), two[1], two[0], why="x", now=NOW)
    with pytest.raises(NotPermitted):
        services.merge_organisations(institute_manager, pair, now=NOW)
    assert not queries.pairs_visible_to(institute_manager).exists()
    with pytest.raises(NotFound):
        queries.pair_by_id(institute_manager, pair.pk)
    gone = OrganisationPair(pk=pair.pk + 1)
    with pytest.raises(NotFound):
        services.undo_merge(officer_of_its_own(), gone, why="x", now=NOW)
    office = officer_of_its_own()
    with pytest.raises(NotFound):
        services.keep_apart(office, two[0], Organisation(pk=0), why="x", now=NOW)


def test_propose_merge_lost_race_is_stale(
    two: tuple[Organisation, Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(OrganisationPair.objects, "get_or_create", collide)
    with pytest.raises(Stale):
        services.propose_merge(officer_of_its_own(), two[1], two[0], why="x", now=NOW)


# ----------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.usefixtures("two")
def test_pages_of_pairs(
    client: Client,
    settings: Settings,
    system: Actor,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.IS_DEMONSTRATION = True
    for place in range(number - 1):
        make_organisation(f"Hidden {place}")
        first, second = (make_organisation(f"Pair {place} {side}") for side in "ab")
        OrganisationPair.objects.create(first=first, second=second, found_at=NOW, score_bp=8_700)
    services.find_lookalikes(system, now=NOW)
    OrganisationPair.objects.filter(score_bp=0).delete()
    user = make_user()
    make_grant(user, Role.PROGRAMME_OFFICER)
    client.force_login(user)
    listed = reverse("network:list_pairs")
    with django_assert_num_queries(6):
        text = client.get(listed).content.decode()
    assert "Brevilan Composites Inc." in text
    assert "nearly the same spelling and the same town" in text
    pair = OrganisationPair.objects.latest("score_bp")
    shown = reverse("network:show_pair", args=[pair.pk])
    propose = reverse("network:propose_merge", args=[pair.first_id])
    unknown = {"survivor": "nobody", "why": "x"}
    assert "No organisation that you may see" in client.post(propose, unknown).content.decode()
    answer = client.post(propose, {"survivor": str(pair.second_id), "why": "one address"})
    assert answer.headers["Location"] == shown
    merge = reverse("network:merge_organisations", args=[pair.pk])
    assert "Somebody else looks at it" in client.post(merge).content.decode()
    OrganisationPair.objects.filter(pk=pair.pk).update(proposed_by=make_user())
    assert "Record 2, which stays" in client.get(shown).content.decode()
    assert client.post(merge).headers["Location"] == shown
    answer = client.get(reverse("network:show_organisation", args=[pair.first_id]))
    survivor = reverse("network:show_organisation", args=[pair.second_id])
    assert answer.headers["Location"] == survivor
    assert "Records merged into this one" in client.get(survivor).content.decode()
    undo = reverse("network:undo_merge", args=[pair.pk])
    assert client.post(undo, {"why": "two"}).headers["Location"] == shown
    apart = reverse("network:keep_apart", args=[pair.pk])
    assert client.post(apart, {"why": "two"}).headers["Location"] == shown
    assert "Kept apart" in client.get(listed, {"state": "kept_apart"}).content.decode()
    client.post(reverse("network:request_resolution"))
    assert Job.objects.get().kind == services.RESOLVE_ORGANISATIONS_JOB
    api = client.get("/api/v1/organisation-pairs", {"organisation": pair.first_id}).json()
    assert [one["state"] for one in api["items"]] == ["kept_apart"]
    api = client.get("/api/v1/organisation-pairs", {"state": "merged"}).json()
    assert api["items"] == []


def test_pages_of_pairs_are_the_offices(client: Client) -> None:
    assert client.get(reverse("network:list_pairs")).status_code == 403
    assert client.get("/api/v1/organisation-pairs").status_code == 403


def test_api_proposes_merges_and_undoes_by_two_persons(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True
    first, second = officer_client("one"), officer_client("two")
    stays, goes = make_organisation("Gears"), make_organisation("Gears Inc")

    def send(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
        address = f"/api/v1/organisation-pairs{path}"
        return client.post(address, body or {}, content_type="application/json")

    proposal = {"organisation_id": goes.pk, "survivor_id": stays.pk, "why": "one address"}
    assert send(Client(), "", proposal).status_code in {401, 403}
    pair = send(first, "", proposal).json()
    assert (pair["state"], pair["survivor_id"]) == ("proposed", stays.pk)
    assert send(first, f"/{pair['id']}/merge").status_code == 409
    assert send(second, f"/{pair['id']}/merge").json()["state"] == "merged"
    goes.refresh_from_db()
    assert goes.merged_into == stays
    assert send(second, f"/{pair['id']}/undo", {"why": "two firms"}).json()["state"] == "undone"
    goes.refresh_from_db()
    assert goes.merged_into is None


def officer_client(name: str) -> Client:
    user = make_user(name)
    make_grant(user, Role.PROGRAMME_OFFICER)
    client = Client()
    client.force_login(user)
    return client
