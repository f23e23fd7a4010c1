"""Pages of an agreement at any length: the same queries, in every language."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import (
    Agreement,
)
from lineshaft.apps.funding.rules import Rating
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import (
    IN_TERM,
    MILLION,
    NOW,
    STARTS_ON,
    SYSTEM,
    TODAY,
)
from lineshaft.apps.funding.tests.test_views_agreement_pages import (
    PAGES,
    address,
    energy,
    of_energy,
    planned,
    proposed,
    requested,
)
from lineshaft.plumbing import clock

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _today(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW)


def _periods(under: Agreement, count: int) -> None:
    for place in range(count):
        planned(under, place)


def _amendments(under: Agreement, count: int) -> None:
    for place in range(count):
        proposed(under, f"Scope {place}")


def _waivers(under: Agreement, count: int) -> None:
    for _place in range(count):
        waiver = requested(under)
        services.grant_waiver(SYSTEM, waiver.pk, reason="yes", now=NOW)


def _releases(under: Agreement, count: int) -> None:
    factories.authorised(under, 10 * MILLION)
    movement = {"amount_minor": MILLION, "currency": "USD", "occurred_on": IN_TERM, "now": NOW}
    assessed = services.Assessment(STARTS_ON, IN_TERM, Rating.MEETS, "met")
    for place in range(count):
        ids = [factories.transfer_id(word, under.pk, place) for word in ("hold", "release")]
        services.withhold_reserve(SYSTEM, under, id=ids[0], **movement)  # type: ignore[arg-type]
        services.release_reserve(SYSTEM, under, assessed=assessed, id=ids[1], **movement)  # type: ignore[arg-type]


def _steps(under: Agreement, count: int) -> None:
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    items = ("property_report", "invention_report", "unspent_returned")
    for item in items[:count]:
        services.complete_closeout_item(
            SYSTEM, under.pk, item=item, done_on=TODAY, record="x", today=TODAY, now=NOW
        )


def _money(under: Agreement, count: int) -> None:
    for place in range(count):
        factories.obligation(under, MILLION, name=str(place))
        factories.contribution(
            under,
            name=str(place),
            amount_minor=MILLION + under.pk,
            evidence=(f"receipt {under.number} {place}",),
            is_accepted=True,
        )


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "fill", "expected"),
    [
        ("show_rules", _money, 13),
        ("show_budget", _periods, 11),
        ("list_amendments", _amendments, 9),
        ("list_waivers", _waivers, 15),
        ("show_reserve", _releases, 10),
        ("show_closeout", _steps, 8),
    ],
)
def test_page_takes_the_same_queries_at_any_length(
    page: str, fill: Callable[[Agreement, int], None], expected: int, count: int
) -> None:
    under = of_energy()
    fill(under, count)
    client = energy()
    client.get(address(page, under.pk))
    with CaptureQueriesContext(connection) as queries:
        client.get(address(page, under.pk))
    assert len(queries) == expected


@pytest.mark.parametrize("count", [1, 3])
def test_imagined_network_takes_the_same_queries_for_any_agreements(count: int) -> None:
    for place in range(count):
        _money(factories.agreement(f"DE-{place}", agency_key="DOE"), count)
    url = address("imagine_rule")
    with CaptureQueriesContext(connection) as queries:
        Client().get(url, {"rule": "matching:L-040", "share": "60"})
    assert len(queries) == 8


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_and_form_answers_in_both_languages(language: str) -> None:
    under = of_energy()
    period, amendment, waiver = planned(under), proposed(under), requested(under)
    renewal = services.open_renewal_review(SYSTEM, under.pk, on=IN_TERM, today=TODAY, now=NOW)
    client = energy()
    forms = [
        address("plan_budget_period", under.pk),
        address("revise_budget_period", period.pk),
        address("propose_amendment", under.pk),
        address("execute_amendment", amendment.pk),
        address("withdraw_amendment", amendment.pk),
        address("request_waiver", under.pk),
        address("grant_waiver", waiver.pk),
        address("deny_waiver", waiver.pk),
        address("revoke_waiver", waiver.pk),
        address("withhold_reserve", under.pk),
        address("release_reserve", under.pk),
        address("open_renewal_review", under.pk),
        address("notify_deficiencies", renewal.pk),
        address("grant_renewal", renewal.pk),
        address("find_ineligible", renewal.pk),
        address("complete_closeout_item", under.pk, "property_report"),
        address("reopen_closeout_item", under.pk, "property_report"),
    ]
    for url in (*(address(page, under.pk) for page in PAGES), address("imagine_rule"), *forms):
        answer = client.get(url, headers={"accept-language": language})
        assert (answer.status_code, answer["Content-Language"]) == (200, language)
    for url in forms:
        assert client.post(url, {}, headers={"accept-language": language}).status_code == 422
