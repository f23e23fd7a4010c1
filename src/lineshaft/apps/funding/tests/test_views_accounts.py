"""What came into an account and what went out of it opens to the transfers that it sums."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Agreement, Transfer
from lineshaft.apps.funding.rules import AccountKind, TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM
from lineshaft.apps.funding.tests.test_sponsors import shared
from lineshaft.kernel.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def amount(cell: Any) -> Decimal:
    return Decimal(cell.text.replace("$", "").replace(",", "").replace("\N{MINUS SIGN}", "-"))


def opened(client: Client, agreement: Agreement) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """For each amount with a link: what it says, and what the transfers behind it come to."""
    table = client.get(agreement.get_absolute_url()).context["accounts_table"]
    found = {}
    for row in table.rows:
        for column, cell in zip(("into", "out_of"), row.cells[1:3], strict=True):
            if not cell.url:
                continue
            query = cell.url.removesuffix("#transfers")
            listed = client.get(agreement.get_absolute_url() + query).context["transfers_table"]
            total = sum((amount(one.cells[2]) for one in listed.rows), Decimal(0))
            found[row.cells[0].text, column] = (amount(cell), total)
            assert listed.page.total == len(listed.rows) > 0
    return found


def moved(agreement: Agreement) -> None:
    """Obligated and drawn in part, released, corrected, and matched in kind."""
    obligation = factories.obligation(agreement, 5 * MILLION)
    drawn = factories.drawdown(obligation, 2 * MILLION)
    factories.drawdown(obligation, MILLION, name="second")
    services.correct_transfer(
        SYSTEM,
        Transfer.objects.get(pk=drawn.pk),
        id=new_id(),
        amount_minor=5,
        occurred_on=IN_TERM,
        reason="Keyed twice",
        now=NOW,
    )
    factories.contribution(agreement, name="still open", amount_minor=7)
    factories.contribution(agreement, name="accepted", is_accepted=True)


def test_officer_opens_every_amount_that_moved_to_transfers_of_that_sum(client: Client) -> None:
    agreement = factories.agreement()
    moved(agreement)
    client.force_login(factories.granted(factories.officer()))
    found = opened(client, agreement)
    assert {("Drawn", "into"), ("Drawn", "out_of"), ("Award", "into")} <= found.keys()
    assert [where for where, (said, summed) in found.items() if said != summed] == []


def test_public_opens_federal_amounts_and_is_offered_no_others(client: Client) -> None:
    agreement = factories.agreement()
    moved(agreement)
    found = opened(client, agreement)
    assert {name for name, _column in found} == {"Award", "Drawn"}
    assert [where for where, (said, summed) in found.items() if said != summed] == []
    form = client.get(agreement.get_absolute_url()).context["filter_form"]
    offered = {value for value, _label in form.fields["into"].choices}
    assert AccountKind.CASH.value not in offered
    assert AccountKind.DRAWN.value in offered


def test_public_asking_for_an_account_it_is_not_offered_gets_what_it_may_see(
    client: Client,
) -> None:
    agreement = factories.agreement()
    moved(agreement)
    answer = client.get(agreement.get_absolute_url(), {"into": AccountKind.CASH.value})
    codes = {row.cells[1].text for row in answer.context["transfers_table"].rows}
    assert "Acceptance" not in codes


def test_each_sponsors_part_opens_to_its_own_transfers(client: Client) -> None:
    agreement = shared()
    rows = [
        services.TransferRow(
            new_id(),
            agreement.pk,
            TransferCode.AUTHORISE,
            part,
            "USD",
            IN_TERM,
            agency_id=factories.agency(key).pk,
        )
        for key, part in (("DOD", 3 * MILLION), ("DOE", MILLION), ("DOE", 7))
    ]
    services.post_transfers(SYSTEM, rows, now=NOW, why="file")
    client.force_login(factories.granted(factories.officer()))
    found = opened(client, agreement)
    into = {name: sums for (name, column), sums in found.items() if column == "into"}
    assert len([name for name in into if name.startswith("Award")]) == 2
    assert [where for where, (said, summed) in found.items() if said != summed] == []
