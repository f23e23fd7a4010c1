"""A contribution that was recorded without its valuation: valued once, then accepted."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.funding.rules import Valuation
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.errors import NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.triggers import lifted

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WORK = Valuation(units=Decimal(10), rate_minor=1_000, fringe_bp=None, basis_of_value="As said")
"""Worth 100.00."""


def unvalued(kind: str = "personnel", **stated: Any) -> Contribution:
    """A contribution of 100.00 whose record states no more than this."""
    recorded = factories.contribution(factories.agreement(), kind=kind, amount_minor=10_000)
    blank = {"units": None, "rate_minor": None, "market_value_minor": None, "basis_of_value": ""}
    with lifted():
        Contribution.objects.filter(pk=recorded.pk).update(**(blank | stated))
    return Contribution.objects.get(pk=recorded.pk)


def test_contribution_is_valued_once_and_then_accepted() -> None:
    finance = factories.finance()
    held = unvalued(basis_of_value="As said")
    for _time in range(2):
        valued = services.value_contribution(finance, held.pk, WORK, now=NOW)
        assert valued.valuation == WORK
    event = AuditEvent.objects.get(verb="value_contribution")
    assert (event.changes, event.institute) == (
        {"units": [None, "10"], "rate_minor": [None, 1_000]},
        "america-makes",
    )
    services.accept_contribution(SYSTEM, held.pk, accepted_minor=None, today=TODAY, now=NOW)
    held.refresh_from_db()
    assert (held.accepted_minor, held.valuation) == (10_000, WORK)
    assert services.verify_ledger() == []


def test_what_is_left_out_stays_as_it_is_stated() -> None:
    held = unvalued(rate_minor=1_000)
    given = Valuation(units=Decimal(10), basis_of_value="Pay")
    valued = services.value_contribution(SYSTEM, held.pk, given, now=NOW)
    assert (valued.rate_minor, valued.units, valued.basis_of_value) == (1_000, Decimal(10), "Pay")


@pytest.mark.parametrize(
    ("stated", "given", "code"),
    [
        pytest.param({}, Valuation(units=Decimal(1)), "valuation_incomplete", id="rate lacks"),
        pytest.param(
            {}, Valuation(units=Decimal(9), rate_minor=1_000), "beyond_worth", id="worth too little"
        ),
        pytest.param(
            {}, Valuation(units=Decimal(1), rate_minor=10**14), "amount_too_large", id="slip"
        ),
        pytest.param(
            {"rate_minor": 900},
            Valuation(units=Decimal(10), rate_minor=1_000),
            "valued_already",
            id="other rate",
        ),
        pytest.param(
            {"units": Decimal(10), "rate_minor": 1_000},
            Valuation(units=Decimal(10), rate_minor=1_000, basis_of_value="Pay"),
            "valued_already",
            id="valued",
        ),
    ],
)
def test_valuation_that_cannot_be_is_refused(
    stated: dict[str, Any], given: Valuation, code: str
) -> None:
    held = unvalued(**stated)
    with pytest.raises(Refused) as error:
        services.value_contribution(SYSTEM, held.pk, given, now=NOW)
    assert refusal_code(error) == code
    assert Contribution.objects.get(pk=held.pk).valuation == held.valuation


def test_decided_contribution_is_not_valued_and_others_may_not() -> None:
    held = unvalued()
    with pytest.raises(NotPermitted):
        services.value_contribution(factories.sponsor(), held.pk, WORK, now=NOW)
    services.refuse_contribution(SYSTEM, held.pk, reason="No proof", today=TODAY, now=NOW)
    with pytest.raises(Refused) as error:
        services.value_contribution(SYSTEM, held.pk, WORK, now=NOW)
    assert refusal_code(error) == "wrong_state"


@pytest.mark.parametrize(
    ("stated", "changed", "is_refused"),
    [
        pytest.param({}, {"rate_minor": 5}, False, id="filled"),
        pytest.param({"rate_minor": 4}, {"rate_minor": 5}, True, id="changed"),
        pytest.param({"rate_minor": 4}, {"rate_minor": None}, True, id="emptied"),
        pytest.param({"basis_of_value": "list"}, {"basis_of_value": ""}, True, id="text emptied"),
        pytest.param({"state": "refused"}, {"rate_minor": 5}, True, id="decided"),
        pytest.param({}, {"claimed_minor": 5}, True, id="claim"),
    ],
)
def test_database_holds_that_values_are_stated_once(
    stated: dict[str, Any], changed: dict[str, Any], *, is_refused: bool
) -> None:
    rows = Contribution.objects.filter(pk=unvalued(**stated).pk)
    if is_refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changed)
    else:
        assert rows.update(**changed) == 1


def test_page_offers_what_lacks_and_values_it(client: Client, settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True
    held = unvalued("supplies", basis_of_value="price list")
    client.force_login(factories.granted(factories.finance()))
    address = reverse("funding:value_contribution", args=[held.pk])
    shown = client.get(held.get_absolute_url()).content.decode()
    assert f'href="{address}"' in shown
    form = client.get(address).content.decode()
    assert ('name="market_value_minor"' in form, 'name="basis_of_value"' in form) == (True, False)
    refused = client.post(address, {"market_value_minor": ""})
    assert (refused.status_code, "fair market value" in refused.content.decode()) == (409, True)
    done = client.post(address, {"market_value_minor": "100.00"}, follow=True).content.decode()
    assert "The contribution is valued. It waits for acceptance." in done
    assert f'href="{address}"' not in done
    held.refresh_from_db()
    assert (held.market_value_minor, held.basis_of_value) == (10_000, "price list")


def test_api_values_it(client: Client, settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True
    held = unvalued("supplies")
    client.force_login(factories.granted(factories.finance()))
    address = f"/api/v1/contributions/{held.pk}/valuation"
    for status, body in (
        (409, {"market_value_minor": 9_999, "basis_of_value": "list"}),
        (200, {"market_value_minor": 10_000, "basis_of_value": "list"}),
    ):
        answer = client.post(
            address,
            body,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )
        assert answer.status_code == status
    assert answer.json()["market_value_minor"] == 10_000
