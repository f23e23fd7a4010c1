"""What is paid after all of what was written off, its credit in a later tier, and its end."""

from datetime import date

import pytest

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invoice, MemberAgreement
from lineshaft.apps.memberships.rules import InvoiceState
from lineshaft.apps.memberships.tests.factories import pay, standing, take_back
from lineshaft.apps.memberships.tests.test_write_offs import (
    SYSTEM,
    change_tier,
    receive,
    write_off,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def credits_of(organisation: Organisation, institute: Institute) -> list[int]:
    return [one.total_minor for one in queries.open_credits(institute, organisation.pk)]


def expel(membership: MemberAgreement) -> None:
    services.expel_member(SYSTEM, membership, ends_on=date(2022, 12, 12), reason="x", now=NOW)


@pytest.mark.parametrize("before", [(), (60_00,), (40_00, 20_00)], ids=["none", "one", "two"])
@pytest.mark.database
def test_nothing_is_credited_to_who_is_out_of_the_later_tier(
    before: tuple[int, ...],
    given_back: Invoice,
    membership: MemberAgreement,
    mxd: Institute,
    gears: Organisation,
) -> None:
    write_off(given_back)
    changed = change_tier(membership, 3_650_00)
    upgrade = queries.invoices_of(changed).get()
    for number, amount_minor in enumerate(before, 1):
        receive(given_back, number, amount_minor)
    assert credits_of(gears, mxd) == ([-4_93] if before else [])
    expel(changed)
    assert standing(upgrade).state == InvoiceState.CANCELLED
    assert credits_of(gears, mxd) == []
    receive(given_back, 9, 65_00 - sum(before))
    assert standing(given_back).state == InvoiceState.PAID
    assert credits_of(gears, mxd) == []


def test_nothing_is_credited_beside_a_change_that_stands_no_more(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    write_off(given_back)
    changed = change_tier(membership, 3_650_00)
    upgrade = queries.invoices_of(changed).get()
    receive(given_back, 1, 60_00)
    Invoice.objects.filter(pk=upgrade.pk).update(closing=InvoiceState.CANCELLED, closed_at=NOW)
    receive(given_back, 2, 5_00)
    assert credits_of(gears, mxd) == [-4_93]


def test_a_credit_that_the_next_year_took_falls_with_both(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    """The next year took the credit and is not paid; the upgrade was, and its payment bounces."""
    MemberAgreement.objects.filter(pk=membership.pk).update(ends_on=date(2024, 1, 1))
    membership.refresh_from_db()
    write_off(given_back)
    changed = change_tier(membership, 3_650_00)
    upgrade = queries.invoices_of(changed).get()
    payment = pay(upgrade)
    receive(given_back, 1, 60_00)
    ahead = services.bill_next_year(SYSTEM, changed, now=NOW)
    assert credits_of(gears, mxd) == []
    take_back(payment)
    expel(changed)
    assert {standing(one).state for one in (upgrade, ahead)} == {InvoiceState.CANCELLED}
    assert credits_of(gears, mxd) == []
