from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.network import services
from lineshaft.apps.network.models import (
    Organisation,
    OrganisationIdentifier,
)
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_organisation,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Stale
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

UEI = "HJ7LJZ2K9C35"
ROW = OrganisationRow(name="Gears, Inc.", kind="industry_sme", city="Akron", region="OH")


def faults(error: Invalid) -> list[tuple[str, int | None]]:
    return [(fault.field, fault.row) for fault in error.errors]


# ------------------------------------------------------------------------------- registering


def test_register_organisation_stores_everything_and_says_so_once(programme_officer: Actor) -> None:
    row = replace(
        ROW,
        name="  Gears,   Inc. ",
        country="us",
        latitude=Decimal("41.0812345678"),
        longitude=Decimal("-81.5"),
        identifiers=(("uei", "hj7ljz2k9c35"), ("naics", "3327"), ("ein", "")),
        aliases=("Old Gears", "GEARS INC"),
        designations=("minority_business",),
    )
    found = services.register_organisation(programme_officer, row, now=NOW, why="letter 7")
    assert (found.name, found.country, found.latitude) == (
        "Gears, Inc.",
        "US",
        Decimal("41.081235"),
    )
    assert sorted(found.identifiers.values_list("scheme", "value")) == [
        ("naics", "3327"),
        ("uei", UEI),
    ]
    assert [alias.name for alias in found.aliases.all()] == ["Old Gears"]
    event = AuditEvent.objects.get()
    assert (event.verb, event.count, event.why) == ("register_organisation", 1, "letter 7")
    assert found.registered_in == event
    hits = search(programme_officer, "old gears").hits
    assert [(hit.kind, hit.object_id) for hit in hits] == [("network.organisation", str(found.pk))]
    assert hits[0].summary == "Small or medium enterprise · Akron, OH"


def test_register_organisation_again_changes_nothing(programme_officer: Actor) -> None:
    row = replace(ROW, identifiers=(("uei", UEI),))
    first = services.register_organisation(programme_officer, row, now=NOW)
    again = services.register_organisations(programme_officer, [row, row], now=NOW)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert again.organisation_ids == (first.pk, first.pk)
    assert AuditEvent.objects.count() == 1


def test_register_organisation_by_identifier_fills_and_keeps_the_name(
    programme_officer: Actor,
) -> None:
    stored = make_organisation("Gears", city="", identifiers=[("uei", UEI)])
    row = replace(
        ROW, name="Gears of Ohio", identifiers=(("uei", UEI), ("duns", "197216455")), website=""
    )
    outcome = services.register_organisations(programme_officer, [row], now=NOW)
    assert (outcome.created, outcome.updated) == (0, 1)
    stored.refresh_from_db()
    assert (stored.name, stored.city) == ("Gears", "Akron")
    assert stored.match_key == "gears|oh|akron"
    assert [alias.name for alias in stored.aliases.all()] == ["Gears of Ohio"]
    assert stored.identifiers.filter(scheme="duns").get().value == "197216455"
    assert AuditEvent.objects.get().subject_id == str(stored.pk)


def test_register_organisation_by_name_and_place_finds_the_stored_one(
    programme_officer: Actor,
) -> None:
    stored = make_organisation("GEARS LLC", city="akron")
    other = make_organisation("Gears", city="Dayton")
    found = services.register_organisation(programme_officer, ROW, now=NOW)
    assert found == stored != other


def test_register_organisation_of_same_name_with_another_identifier_is_another(
    programme_officer: Actor,
) -> None:
    stored = make_organisation("Gears, Inc.", city="Akron", identifiers=[("unitid", "100654")])
    row = replace(ROW, identifiers=(("unitid", "100655"),))
    found = services.register_organisation(programme_officer, row, now=NOW)
    assert found != stored
    with pytest.raises(Invalid) as raised:
        services.register_organisation(programme_officer, ROW, now=NOW)
    assert faults(raised.value) == [("name", None)]


def test_register_organisations_first_row_of_a_list_counts(programme_officer: Actor) -> None:
    rows = [replace(ROW, postal_code="1"), replace(ROW, postal_code="2", website="gears.example")]
    first = services.register_organisations(programme_officer, rows, now=NOW)
    again = services.register_organisations(programme_officer, rows, now=NOW)
    assert (first.created, first.updated, first.unchanged) == (1, 1, 0)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    stored = Organisation.objects.get()
    assert (stored.postal_code, stored.website) == ("1", "gears.example")


def test_register_organisations_with_faults_writes_nothing(programme_officer: Actor) -> None:
    make_organisation("One", identifiers=[("uei", UEI)])
    make_organisation("Two", identifiers=[("ror", "03vek6s52")])
    before = Organisation.objects.count()
    rows = [
        replace(ROW, number=2),
        replace(ROW, name="…", number=3),
        replace(ROW, kind="factory", number=4),
        replace(ROW, country="USA", number=5),
        replace(ROW, latitude=Decimal(1), number=6),
        replace(ROW, latitude=Decimal(91), longitude=Decimal(0), number=7),
        replace(ROW, latitude=Decimal("NaN"), longitude=Decimal(0), number=8),
        replace(ROW, level=SharingLevel.INSTITUTE, number=9),
        replace(ROW, designations=("famous",), number=10),
        replace(ROW, identifiers=(("uei", "short"),), number=11),
        replace(ROW, city="x" * 121, number=12),
        replace(ROW, aliases=("x" * 301,), number=13),
        replace(ROW, longitude=Decimal(1), number=14),
    ]
    with pytest.raises(Invalid) as raised:
        services.register_organisations(programme_officer, rows, now=NOW)
    assert faults(raised.value) == [
        ("name", 3),
        ("kind", 4),
        ("country", 5),
        ("longitude", 6),
        ("latitude", 7),
        ("latitude", 8),
        ("level", 9),
        ("designations", 10),
        ("uei", 11),
        ("city", 12),
        ("aliases", 13),
        ("latitude", 14),
    ]
    both = replace(ROW, identifiers=(("uei", UEI), ("ror", "03vek6s52")), number=2)
    with pytest.raises(Invalid) as raised:
        services.register_organisations(programme_officer, [both], now=NOW)
    assert raised.value.errors[0].params["owners"] == "One, Two"
    assert Organisation.objects.count() == before
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("number", [1, 200])
def test_register_organisations_needs_no_more_queries_for_more_rows(
    programme_officer: Actor, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [
        replace(ROW, name=f"Gears {place}", identifiers=(("unitid", f"{place:06}"),))
        for place in range(number)
    ]
    with django_assert_max_num_queries(21):
        outcome = services.register_organisations(programme_officer, rows, now=NOW)
    assert outcome.created == number


@pytest.mark.database
def test_register_organisations_lost_race_is_stale(
    programme_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(OrganisationIdentifier.objects, "bulk_create", collide)
    with pytest.raises(Stale):
        services.register_organisations(programme_officer, [ROW], now=NOW)
    assert Organisation.objects.count() == 0


@pytest.mark.database
def test_amend_organisation_lost_race_is_stale(
    programme_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    stored = make_organisation("Gears")
    monkeypatch.setattr(OrganisationIdentifier.objects, "bulk_create", collide)
    with pytest.raises(Stale):
        services.amend_organisation(
            programme_officer,
            stored,
            now=NOW,
            changes={"city": "Akron"},
            identifiers=[("uei", UEI)],
        )
    stored.refresh_from_db()
    assert stored.city == "Dayton"


def test_register_organisation_adds_only_what_is_new(programme_officer: Actor) -> None:
    row = replace(ROW, aliases=("Old Gears",), designations=("minority_business",))
    services.register_organisation(programme_officer, row, now=NOW)
    more = replace(
        row,
        aliases=("OLD GEARS", "Gearworks"),
        designations=("minority_business", "rural_serving"),
    )
    found = services.register_organisation(programme_officer, more, now=NOW)
    assert sorted(alias.name for alias in found.aliases.all()) == ["Gearworks", "Old Gears"]
    assert sorted(one.designation for one in found.designations.all()) == [
        "minority_business",
        "rural_serving",
    ]


def test_amend_organisation_without_its_name_adds_no_alias(programme_officer: Actor) -> None:
    stored = make_organisation("Gears")
    services.amend_organisation(programme_officer, stored, now=NOW, changes={"city": "Akron"})
    stored.refresh_from_db()
    assert (stored.match_key, stored.aliases.count()) == ("gears|oh|akron", 0)


def test_register_organisation_is_for_managers_and_the_office() -> None:
    manager = make_actor(
        Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd", institute_keys=frozenset({"mxd"})
    )
    services.register_organisation(manager, ROW, now=NOW)
    for actor in (
        Actor.public(),
        make_actor(Role.MEMBER, ScopeKind.ORGANISATION, "1"),
        make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "mxd"),
    ):
        with pytest.raises(NotPermitted):
            services.register_organisation(actor, ROW, now=NOW)


@pytest.mark.database
def test_identifying_identifier_belongs_to_one_organisation() -> None:
    make_organisation(identifiers=[("uei", UEI)])
    make_organisation(identifiers=[("ein", "636001109")])
    make_organisation(identifiers=[("ein", "636001109")])
    with pytest.raises(IntegrityError), transaction.atomic():
        make_organisation(identifiers=[("uei", UEI)])


# ---------------------------------------------------------------------------------- amending


def test_amend_organisation_changes_columns_and_keeps_the_old_name() -> None:
    stored = make_organisation("Gears", city="Akron", identifiers=[("ein", "636001109")])
    member = make_actor(Role.MEMBER, ScopeKind.ORGANISATION, str(stored.pk))
    services.amend_organisation(
        member,
        stored,
        now=NOW,
        changes={"name": "Fine Gears", "kind": "start_up"},
        identifiers=[("uei", UEI)],
        why="renamed",
    )
    stored.refresh_from_db()
    assert (stored.name, stored.kind, stored.match_key) == (
        "Fine Gears",
        "start_up",
        "fine gears|oh|akron",
    )
    assert [alias.name for alias in stored.aliases.all()] == ["Gears"]
    assert list(stored.identifiers.values_list("scheme", "value")) == [("uei", UEI)]
    event = AuditEvent.objects.get()
    assert event.changes == {
        "name": ["Gears", "Fine Gears"],
        "kind": ["industry_sme", "start_up"],
        "identifiers": [f"uei {UEI}"],
    }


def test_amend_organisation_to_what_stands_writes_nothing(programme_officer: Actor) -> None:
    stored = make_organisation("Gears", identifiers=[("ein", "636001109")])
    services.amend_organisation(
        programme_officer,
        stored,
        now=NOW,
        changes={"name": "Gears"},
        identifiers=[("ein", "63-6001109")],
    )
    assert AuditEvent.objects.count() == 0


def test_amend_organisation_refuses_what_cannot_be(programme_officer: Actor) -> None:
    make_organisation("Owner", identifiers=[("uei", UEI)])
    stored = make_organisation("Gears")
    with pytest.raises(Invalid) as raised:
        services.amend_organisation(
            programme_officer, stored, now=NOW, changes={}, identifiers=[("uei", UEI)]
        )
    assert raised.value.errors[0].params["owner"] == "Owner"
    with pytest.raises(Invalid) as raised:
        services.amend_organisation(programme_officer, stored, now=NOW, changes={"kind": "x"})
    assert faults(raised.value) == [("kind", None)]
    with pytest.raises(KeyError):
        services.amend_organisation(programme_officer, stored, now=NOW, changes={"pk": 1})
    with pytest.raises(NotFound):
        services.amend_organisation(
            programme_officer, Organisation(pk=999_999), now=NOW, changes={}
        )
    for actor in (Actor.public(), make_actor(Role.MEMBER, ScopeKind.ORGANISATION, "999999")):
        with pytest.raises(NotPermitted):
            services.amend_organisation(actor, stored, now=NOW, changes={"name": "Mine"})


def test_add_organisation_alias_once(programme_officer: Actor) -> None:
    stored = make_organisation("Gears")
    first = services.add_organisation_alias(programme_officer, stored, "G & Co", now=NOW)
    again = services.add_organisation_alias(programme_officer, stored, "g and co", now=NOW)
    assert first == again
    assert AuditEvent.objects.count() == 1
    with pytest.raises(Invalid):
        services.add_organisation_alias(programme_officer, stored, "…", now=NOW)


# ------------------------------------------------------------ registering what is there already


def test_register_by_a_manager_fills_what_is_blank_and_changes_nothing(
    institute_manager: Actor,
) -> None:
    stored = make_organisation("Gears", city="Akron", ownership_country="CN")
    row = replace(
        ROW, name="Gears", kind="university", ownership_country="US", website="gears.example.org"
    )
    services.register_organisation(institute_manager, row, now=NOW)
    stored.refresh_from_db()
    assert (stored.kind, stored.ownership_country) == ("industry_sme", "CN")
    assert stored.website == "gears.example.org"


def test_register_by_a_manager_of_what_is_not_shared_is_refused_and_names_nothing(
    institute_manager: Actor,
) -> None:
    hidden = make_organisation(
        "Hidden Works", level=SharingLevel.RESTRICTED, identifiers=[("uei", UEI)]
    )
    make_organisation("Open Works", identifiers=[("ror", "02mhbdp94")])
    for identifiers in ((("uei", UEI),), (("uei", UEI), ("ror", "02mhbdp94"))):
        with pytest.raises(Invalid) as raised:
            services.register_organisation(
                institute_manager, replace(ROW, identifiers=identifiers, website="x"), now=NOW
            )
        assert "Hidden" not in str(raised.value)
    assert "one of which is not shared with you" in str(raised.value)
    hidden.refresh_from_db()
    assert hidden.website == ""


def test_register_by_a_manager_is_not_shared_beyond_the_managers_own_eyes(
    institute_manager: Actor, programme_officer: Actor
) -> None:
    row = replace(ROW, level=SharingLevel.RESTRICTED)
    with pytest.raises(Invalid) as raised:
        services.register_organisation(institute_manager, row, now=NOW)
    assert faults(raised.value) == [("level", None)]
    assert services.register_organisation(programme_officer, row, now=NOW).level == "restricted"


def test_amend_with_an_identifier_of_what_is_not_shared_does_not_name_it() -> None:
    own = make_organisation("Own")
    make_organisation("Hidden Works", level=SharingLevel.RESTRICTED, identifiers=[("uei", UEI)])
    member = make_actor(
        Role.MEMBER, ScopeKind.ORGANISATION, str(own.pk), organisation_ids=frozenset({own.pk})
    )
    with pytest.raises(Invalid) as raised:
        services.amend_organisation(member, own, now=NOW, changes={}, identifiers=[("uei", UEI)])
    assert "belongs to an organisation that you may not see already" in str(raised.value)


@pytest.mark.database
def test_register_with_a_name_that_grows_when_folded_is_found_again(
    programme_officer: Actor,
) -> None:
    name = "& " * 149 + "x"
    row = replace(ROW, name=name, aliases=("& " * 149 + "y",))
    first = services.register_organisation(programme_officer, row, now=NOW)
    assert services.register_organisation(programme_officer, row, now=NOW) == first


def test_add_organisation_alias_beyond_its_length_is_invalid(programme_officer: Actor) -> None:
    stored = make_organisation()
    with pytest.raises(Invalid) as raised:
        services.add_organisation_alias(programme_officer, stored, "x" * 301, now=NOW)
    assert faults(raised.value) == [("name", None)]
