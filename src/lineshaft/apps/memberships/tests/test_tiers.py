"""What a membership costs and gives, through services, queries, pages and API."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import TierTerms
from lineshaft.apps.memberships.rules import RateClass
from lineshaft.apps.memberships.services import TierOfferRow
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import NOW, make_institute
from lineshaft.kernel.errors import Invalid, NotPermitted, Refused
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SYSTEM = Actor.system("test")
DAY = date(2022, 1, 1)
ROW = TierOfferRow("sme", DAY, 300_000, RateClass.REDUCED, " Board, vote 4 ", votes=1)


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


@pytest.fixture
def mxd() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def manager(mxd: Institute) -> Client:
    user = make_user()
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, mxd.key)
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_set_tier_terms_appends_and_names_its_source(institute_manager: Actor) -> None:
    institute = make_institute()
    terms = services.set_tier_terms(institute_manager, institute, ROW, now=NOW)
    assert (terms.dues_minor, terms.source, terms.rate_class) == (
        300_000,
        "Board, vote 4",
        "reduced",
    )
    event = AuditEvent.objects.get()
    assert (event.verb, event.why, event.changes["dues_minor"]) == (
        "set_tier_terms",
        "Board, vote 4",
        [None, 300_000],
    )
    with pytest.raises(Refused, match="New ones begin later"):
        services.set_tier_terms(institute_manager, institute, ROW, now=NOW)
    later = replace(ROW, in_force_on=date(2023, 1, 1), dues_minor=400_000)
    services.set_tier_terms(institute_manager, institute, later, now=NOW)
    assert queries.tier_terms_on(institute, "sme", on=date(2022, 12, 31)) == terms
    assert queries.tier_terms_on(institute, "sme", on=date(2021, 12, 31)) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        TierTerms.objects.update(dues_minor=0)


def test_set_tier_terms_refuses_every_fault(mxd: Institute, institute_manager: Actor) -> None:
    wrong = replace(
        ROW,
        tier="gold",
        dues_minor=-1,
        in_kind_minor=10**13,
        term_months=0,
        votes=1_001,
        source="",
    )
    with pytest.raises(Invalid) as caught:
        services.set_tier_terms(SYSTEM, mxd, wrong, now=NOW)
    assert {fault.field for fault in caught.value.errors} == {
        "tier",
        "dues_minor",
        "in_kind_minor",
        "term_months",
        "votes",
        "source",
    }
    with pytest.raises(Invalid, match="longer than 200"):
        services.set_tier_terms(SYSTEM, mxd, replace(ROW, source="x" * 201), now=NOW)
    with pytest.raises(NotPermitted):
        services.set_tier_terms(institute_manager, mxd, ROW, now=NOW)
    assert not TierTerms.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_tier_offers_takes_two_queries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        services.set_tier_terms(SYSTEM, make_institute(f"i{place}"), ROW, now=NOW)
    make_institute("gone", status="terminated")
    with django_assert_num_queries(2):
        found = queries.tier_offers(SYSTEM, on=DAY, kind="industry_sme")
    assert [one.tier.key for one in found if one.terms] == ["sme"] * number
    assert len(found) == number
    assert [one.dues_minor for one in found] == sorted(one.dues_minor for one in found)


def test_tier_offers_are_of_a_day_and_leave_out_what_is_withdrawn(mxd: Institute) -> None:
    services.set_tier_terms(SYSTEM, mxd, ROW, now=NOW)
    ended = replace(ROW, in_force_on=date(2022, 6, 1), is_offered=False)
    services.set_tier_terms(SYSTEM, mxd, ended, now=NOW)

    def sme(on: date) -> list[int]:
        offers = queries.tier_offers(SYSTEM, on=on, institute="mxd")
        return [one.dues_minor for one in offers if one.tier.key == "sme"]

    assert sme(date(2021, 1, 1)) == [500_000]
    assert sme(DAY) == [300_000]
    assert sme(date(2022, 6, 1)) == []


def test_a_manager_sets_terms_and_everybody_compares(
    client: Client, manager: Client, mxd: Institute
) -> None:
    page = text_of(manager.get("/institutes/mxd/members/tiers/"))
    assert "Set the terms" in page
    form = "/institutes/mxd/members/tiers/sme/set/"
    assert 'value="5000"' in text_of(manager.get(form))
    entered = {
        "in_force_on": "2022-01-01",
        "is_offered": "on",
        "dues": "3000.50",
        "in_kind": "0",
        "term_months": "12",
        "board_seats": "0",
        "votes": "1",
        "rate_class": "reduced",
        "training_seats": "2",
        "seats_roll_over": "on",
        "licence_option_days": "90",
        "source": "Board, vote 4",
    }
    page = text_of(manager.post(form, entered, follow=True))
    assert "The terms hold from Jan 1, 2022." in page
    assert "$3,000.50" in page
    assert 'value="3000.5' in text_of(manager.get(form))
    page = text_of(client.get("/memberships/compare/"))
    assert "Small or medium enterprise: a membership costs $3,000.50 a year" in page
    assert "2, rolling over" in page
    page = text_of(client.get("/memberships/compare/", {"kind": "federal_laboratory"}))
    assert "a membership costs $0 a year" in page
    page = text_of(client.get("/memberships/compare/", {"kind": "industry_large"}))
    assert "Large company: a membership costs $50,000 to $200,000 a year" in page
    assert client.get("/memberships/compare/", {"kind": "nonsense"}).status_code == 200
    agreement = make_agreement(institute=mxd)
    page = text_of(manager.get(f"/members/{agreement.pk}/"))
    assert "Dues a year, as the institute has set them" in page


def test_pages_of_tiers_for_those_who_may_not_and_for_nothing(
    client: Client, manager: Client
) -> None:
    assert client.get("/institutes/mxd/members/tiers/sme/set/").status_code == 403
    assert manager.get("/institutes/mxd/members/tiers/gold/set/").status_code == 404
    assert "Set the terms" not in text_of(client.get("/institutes/mxd/members/tiers/"))


def test_comparison_without_an_institute(client: Client) -> None:
    assert "No institute offers a membership for" in text_of(client.get("/memberships/compare/"))


def test_api_tells_and_sets_terms(client: Client, manager: Client) -> None:
    row = {
        "institute": "mxd",
        "tier": "sme",
        "in_force_on": "2022-01-01",
        "dues_minor": 300_000,
        "rate_class": "reduced",
        "source": "Board, vote 4",
    }
    answer = manager.post("/api/v1/tiers", json.dumps(row), content_type="application/json")
    assert (answer.status_code, answer.json()["is_template"]) == (200, False)
    found = client.get("/api/v1/tiers", {"kind": "industry_sme", "institute": "mxd"}).json()
    assert {one["tier"]: one["is_template"] for one in found} == {"sme": False}
    every = client.get("/api/v1/tiers", {"institute": "mxd"}).json()
    assert len(every) == 8
    assert client.get("/api/v1/tiers", {"kind": "nonsense"}).status_code == 404
