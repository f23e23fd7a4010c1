from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from pytest_django import Settings

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import (
    Agency,
    Institute,
    InstituteDate,
    InstituteFact,
    Person,
)
from lineshaft.apps.network.services import InstituteProposal
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_agency,
    make_institute,
    make_organisation,
    make_person,
    make_technology_area,
)
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search

pytestmark = pytest.mark.django_db


def faults(error: Invalid) -> list[tuple[str, int | None]]:
    return [(fault.field, fault.row) for fault in error.errors]


@pytest.mark.database
def test_load_reference_network_ships_every_institute_and_is_idempotent(system: Actor) -> None:
    first = services.load_reference_network(system, now=NOW)
    assert first.added["institutes"] == Institute.objects.count() == 20
    assert AuditEvent.objects.get().verb == "load_reference_network"
    again = services.load_reference_network(system, now=NOW)
    assert again.added == {}
    assert AuditEvent.objects.count() == 1
    makes = queries.institute_detail(system, "america-makes")
    assert next(one.agency.key for one in makes.sponsors.all()) == "DOD"
    assert Agency.objects.get(key="AMNPO").parent.key == "NIST"  # type: ignore[union-attr]
    seed = InstituteFact.objects.get(
        institute=makes, measure="initial_nonfederal", edition=rules.Edition.SEED
    )
    assert seed.number == 3_900_000_000
    assert all(fact.source and fact.confidence for fact in makes.facts.all())
    assert InstituteFact.objects.filter(edition="seed").values("institute").distinct().count() == 9
    assert [hit.title for hit in search(system, "dmdii").hits] == ["MxD"]
    assert [hit.title for hit in search(system, "增材").hits] == ["America Makes"]


def test_load_reference_network_keeps_what_a_verb_changed_and_mends_names(system: Actor) -> None:
    services.load_reference_network(system, now=NOW)
    institute = Institute.objects.get(key="mxd")
    services.recognise_institute(system, institute, on=NOW.date(), source="notice", now=NOW)
    Agency.objects.filter(key="NASA").update(name="?")
    area = make_technology_area("robotics")
    area.name = "?"
    area.save()
    services.load_reference_network(system, now=NOW)
    institute.refresh_from_db()
    area.refresh_from_db()
    assert institute.status == "recognised_unfunded"
    assert Agency.objects.get(key="NASA").name.startswith("National Aeronautics")
    assert area.name != "?"


def test_load_reference_network_under_another_profile_has_no_institutes(
    system: Actor, settings: Settings
) -> None:
    settings.PROFILE = "cn"
    outcome = services.load_reference_network(system, now=NOW)
    assert "institutes" not in outcome.added
    assert outcome.added["agencies"] > 0


def test_load_reference_network_is_for_the_office(institute_manager: Actor) -> None:
    with pytest.raises(NotPermitted):
        services.load_reference_network(institute_manager, now=NOW)


PROPOSAL = InstituteProposal(
    key="quantum",
    name="Quantum",
    sponsor_key="DOC",
    source="a bill",
    focus="Quantum components",
    technology_area_keys=("robotics",),
)


def test_propose_institute_enters_it_in_its_first_state(programme_officer: Actor) -> None:
    make_agency("DOC")
    make_technology_area("robotics")
    institute = services.propose_institute(programme_officer, PROPOSAL, now=NOW)
    found = queries.institute_detail(programme_officer, "quantum")
    assert found == institute
    assert found.status == "proposed"
    assert [fact.text for fact in found.facts.all()] == ["Quantum components"]
    assert AuditEvent.objects.get().agency == "DOC"
    bare = replace(PROPOSAL, key="bare", focus="", technology_area_keys=())
    services.propose_institute(programme_officer, bare, now=NOW)
    assert InstituteFact.objects.filter(institute__key="bare").count() == 0


def test_propose_institute_names_every_fault(programme_officer: Actor) -> None:
    make_institute("quantum")
    wrong = replace(PROPOSAL, name=" ", sponsor_key="XX", source="", technology_area_keys=("x",))
    with pytest.raises(Invalid) as raised:
        services.propose_institute(programme_officer, wrong, now=NOW)
    names = ["key", "name", "source", "sponsor_key", "technology_area_keys"]
    assert [fault.field for fault in raised.value.errors] == names
    with pytest.raises(Invalid) as raised:
        services.propose_institute(programme_officer, replace(wrong, key="No Key"), now=NOW)
    assert raised.value.errors[0].field == "key"


def test_add_institute_name_is_found_from_then_on(institute_manager: Actor) -> None:
    institute = make_institute()
    services.add_institute_name(
        institute_manager,
        institute,
        "NAMII",
        kind=rules.NameKind.FORMER,
        language="en",
        source="release",
        now=NOW,
    )
    assert queries.institute_by_name(institute_manager, "namii") == institute
    for name in ("Namii", "…"):
        with pytest.raises(Invalid):
            services.add_institute_name(
                institute_manager,
                institute,
                name,
                kind=rules.NameKind.ALIAS,
                language="en",
                source="release",
                now=NOW,
            )


def test_life_of_an_institute_from_proposal_to_termination(agency_sponsor: Actor) -> None:
    institute = make_institute(status="proposed")
    today = NOW.date()
    common = {"source": "notice", "now": NOW}
    services.plan_institute(agency_sponsor, institute, on=today, **common)  # type: ignore[arg-type]
    services.establish_institute(agency_sponsor, institute, on=today, **common)  # type: ignore[arg-type]
    row = services.open_cure_period(
        agency_sponsor,
        institute,
        on=date(2021, 3, 1),
        **common,  # type: ignore[arg-type]
    )
    assert (row.status, row.cure_ends_on) == ("cure_period", date(2022, 3, 1))
    row = services.close_cure_period(agency_sponsor, institute, on=today, **common)  # type: ignore[arg-type]
    assert (row.status, row.cure_ends_on) == ("active", None)
    services.open_cure_period(agency_sponsor, institute, on=today, **common)  # type: ignore[arg-type]
    with pytest.raises(Refused) as raised:
        services.terminate_institute(
            agency_sponsor,
            institute,
            ground=rules.TerminationGround.NOT_REMEDIED,
            on=today,
            **common,  # type: ignore[arg-type]
        )
    assert raised.value.code == "cure_year_runs"
    later = NOW + timedelta(days=365)
    row = services.terminate_institute(
        agency_sponsor,
        institute,
        ground=rules.TerminationGround.NOT_REMEDIED,
        on=later.date(),
        source="decision",
        now=later,
    )
    assert (row.status, row.status_note, row.cure_ends_on) == ("terminated", "not_remedied", None)
    kinds = InstituteDate.objects.filter(institute=institute).order_by("pk")
    assert [one.kind for one in kinds] == [
        "established",
        "cure_period_opened",
        "remedied",
        "cure_period_opened",
        "terminated",
    ]
    event = AuditEvent.objects.order_by("-pk")[0]
    assert (event.verb, event.institute, event.agency) == (
        "terminate_institute",
        "america-makes",
        "DOD",
    )
    with pytest.raises(Refused) as raised:
        services.recognise_institute(
            Actor.system("test"), institute, on=today, source="notice", now=NOW
        )
    assert raised.value.code == "wrong_state"


def test_change_of_status_is_refused_by_person_day_source_and_law(agency_sponsor: Actor) -> None:
    institute = make_institute()
    other = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE")
    with pytest.raises(NotPermitted):
        services.open_cure_period(other, institute, on=NOW.date(), source="notice", now=NOW)
    with pytest.raises(NotPermitted):
        services.recognise_institute(
            agency_sponsor, institute, on=NOW.date(), source="notice", now=NOW
        )
    tomorrow = NOW.date() + timedelta(days=1)
    with pytest.raises(Refused) as raised:
        services.open_cure_period(agency_sponsor, institute, on=tomorrow, source="notice", now=NOW)
    assert raised.value.code == "change_in_future"
    with pytest.raises(Refused) as raised:
        services.open_cure_period(
            agency_sponsor, institute, on=date(2015, 1, 1), source="notice", now=NOW
        )
    assert raised.value.code == "no_cure_period_in_force"
    assert raised.value.citation == "15 U.S.C. 278s(e)(2)(B)(iii)"
    with pytest.raises(Invalid):
        services.open_cure_period(agency_sponsor, institute, on=NOW.date(), source=" ", now=NOW)
    with pytest.raises(NotFound):
        services.open_cure_period(
            agency_sponsor, Institute(pk=999_999), on=NOW.date(), source="notice", now=NOW
        )
    assert AuditEvent.objects.count() == 0


@pytest.mark.database
def test_institute_in_cure_period_has_its_end_in_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_institute("a", status="cure_period")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_institute("b", status="active", cure_ends_on=date(2023, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        make_institute("c", status="asleep")


# ------------------------------------------------------------------------------------- people


def test_register_person_with_user_and_organisation(programme_officer: Actor) -> None:
    company, user = make_organisation(), make_user()
    person = services.register_person(
        programme_officer,
        " Ada ",
        now=NOW,
        email="ada@example.org",
        organisation=company,
        user=user,
    )
    assert person.name == "Ada"
    assert Person.objects.get(user=user).organisation == company
    assert "Ada" not in str(AuditEvent.objects.get().changes)


def test_register_person_twice_is_refused(programme_officer: Actor) -> None:
    user = make_user()
    make_person(email="ada@example.org", user=user)
    for name, kwargs in (
        ("email", {"email": "ADA@example.org"}),
        ("user", {"user": user}),
    ):
        with pytest.raises(Invalid) as raised:
            services.register_person(programme_officer, "Ada", now=NOW, **kwargs)
        assert faults(raised.value) == [(name, None)]
    with pytest.raises(Invalid):
        services.register_person(programme_officer, " ", now=NOW)
    with pytest.raises(NotPermitted):
        services.register_person(Actor.public(), "Ada", now=NOW)
    assert Person.objects.count() == 1


def test_appoint_person_at_the_managers_institute_only(institute_manager: Actor) -> None:
    person, institute = make_person(), make_institute()
    role = services.appoint_person(
        institute_manager,
        person,
        kind=rules.PersonRoleKind.DIRECTOR,
        institute=institute,
        starts_on=date(2022, 1, 1),
        now=NOW,
    )
    assert role.institute == institute
    with pytest.raises(NotPermitted):
        services.appoint_person(
            institute_manager,
            person,
            kind=rules.PersonRoleKind.DIRECTOR,
            institute=make_institute("lift"),
            starts_on=date(2022, 1, 1),
            now=NOW,
        )
    with pytest.raises(Invalid) as raised:
        services.appoint_person(
            institute_manager,
            person,
            kind=rules.PersonRoleKind.DIRECTOR,
            institute=institute,
            starts_on=date(2022, 1, 1),
            ends_on=date(2022, 1, 1),
            now=NOW,
        )
    assert isinstance(raised.value.errors[0], FieldError)


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        pytest.param({"email": " ADA@example.org "}, ["email"], id="blanks around an address"),
        pytest.param({"email": "ada at example"}, ["email"], id="no address"),
        pytest.param({"name": "A" * 201}, ["name"], id="too long a name"),
        pytest.param({"name_zh": "文" * 201}, ["name_zh"], id="too long a Chinese name"),
    ],
)
def test_register_person_of_which_something_is_wrong_is_invalid(
    programme_officer: Actor, entered: dict[str, Any], expected: list[str]
) -> None:
    make_person(email="ada@example.org")
    texts: dict[str, Any] = {"name": "Ada"} | entered
    with pytest.raises(Invalid) as raised:
        services.register_person(programme_officer, now=NOW, **texts)
    assert [fault.field for fault in raised.value.errors] == expected
    assert Person.objects.count() == 1


def test_register_person_with_a_user_is_for_the_office(institute_manager: Actor) -> None:
    with pytest.raises(NotPermitted):
        services.register_person(
            institute_manager, "Ada", now=NOW, user=make_user(), organisation=make_organisation()
        )
    services.register_person(institute_manager, "Ada", now=NOW)


def test_appoint_person_twice_on_one_day_is_refused(institute_manager: Actor) -> None:
    person, institute = make_person(), make_institute()

    def appoint(starts_on: date, ends_on: date | None = None) -> None:
        services.appoint_person(
            institute_manager,
            person,
            kind=rules.PersonRoleKind.DIRECTOR,
            institute=institute,
            starts_on=starts_on,
            ends_on=ends_on,
            now=NOW,
        )

    appoint(date(2022, 1, 1), date(2022, 6, 1))
    with pytest.raises(Refused) as raised:
        appoint(date(2022, 5, 31))
    assert str(raised.value) == (
        "Ada Example holds this role there from 2022-01-01 until 2022-06-01 already. "
        "Start this one later."
    )
    appoint(date(2022, 6, 1))
    with pytest.raises(Refused) as raised:
        appoint(date(2023, 1, 1))
    assert "until further notice already" in str(raised.value)


def test_propose_institute_with_what_cannot_be_kept_is_invalid(programme_officer: Actor) -> None:
    wrong = replace(PROPOSAL, key="propose", name="N" * 201, focus="F" * 501, source="S" * 301)
    with pytest.raises(Invalid) as raised:
        services.propose_institute(programme_officer, wrong, now=NOW)
    assert {field for field, _row in faults(raised.value)} >= {"key", "name", "focus", "source"}


def test_add_institute_name_without_source_or_too_long_is_invalid(
    institute_manager: Actor,
) -> None:
    with pytest.raises(Invalid) as raised:
        services.add_institute_name(
            institute_manager,
            make_institute(),
            "N" * 301,
            kind=rules.NameKind.ALIAS,
            language="en",
            source=" ",
            now=NOW,
        )
    assert faults(raised.value) == [("name", None), ("source", None)]


def test_lead_organisation_is_named_by_the_office_with_its_source(
    programme_officer: Actor, institute_manager: Actor
) -> None:
    institute, first, second = (
        make_institute(),
        make_organisation("UI Labs"),
        make_organisation("MxD Inc"),
    )
    for organisation in (first, second):
        services.name_lead_organisation(
            programme_officer, institute, organisation, source=" award notice ", now=NOW
        )
    institute.refresh_from_db()
    assert institute.lead == second
    fact = institute.facts.get(measure="lead")
    assert (fact.text, fact.source, fact.confidence) == ("MxD Inc", "award notice", "high")
    event = AuditEvent.objects.filter(verb="name_lead_organisation").latest("pk")
    assert event.changes == {
        "lead": [first.pk, second.pk],
        "text": [first.name, second.name],
        "confidence": ["high", "high"],
        "source": ["award notice", "award notice"],
    }
    for source, field in (("again", "organisation"), (" ", "source")):
        with pytest.raises(Invalid) as raised:
            services.name_lead_organisation(
                programme_officer, institute, second, source=source, now=NOW
            )
        assert faults(raised.value) == [(field, None)]
    with pytest.raises(NotPermitted):
        services.name_lead_organisation(institute_manager, institute, first, source="x", now=NOW)


@pytest.mark.database
def test_register_person_that_loses_a_race_is_stale(
    programme_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(email="ada@example.org")
    # As if the other one had come in after this one was checked.
    monkeypatch.setattr(QuerySet, "exists", lambda _rows: False)
    with pytest.raises(Stale):
        services.register_person(programme_officer, "Ada", now=NOW, email="Ada@example.org")


@pytest.mark.database
def test_propose_institute_that_loses_a_race_is_stale(
    programme_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agency(PROPOSAL.sponsor_key)
    make_institute(PROPOSAL.key)
    monkeypatch.setattr(QuerySet, "exists", lambda _rows: False)
    with pytest.raises(Stale):
        services.propose_institute(programme_officer, PROPOSAL, now=NOW)


def test_appoint_person_who_is_not_there_is_not_found(institute_manager: Actor) -> None:
    person = make_person()
    Person.objects.all().delete()
    with pytest.raises(NotFound):
        services.appoint_person(
            institute_manager,
            person,
            kind=rules.PersonRoleKind.STAFF,
            institute=make_institute(),
            starts_on=date(2022, 1, 1),
            now=NOW,
        )
