"""What is paid after all of what was written off, its credit in a later tier, and its end."""

from datetime import date
from uuid import UUID

import pytest

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invoice, MemberAgreement
from lineshaft.apps.memberships.rules import InvoiceState
from lineshaft.apps.memberships.tests.conftest import YEAR
from lineshaft.apps.memberships.tests.factories import make_invoice, pay, standing, take_back
from lineshaft.apps.memberships.tests.test_joining_pages import heading, post, staff, text_of
from lineshaft.apps.memberships.tests.test_write_offs import (
    CHANGE,
    SYSTEM,
    change_tier,
    receive,
    write_off,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.roles import Role

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


# --------------------------------------------------------- what is paid after all, and bounces


def bounce(invoice: Invoice, number: int, amount_minor: int | None = None) -> Invoice:
    """The invoice as it stands once so much of that payment, else all of it, was taken back."""
    take_back(invoice.payments.get(pk=UUID(int=number)), amount_minor)
    return standing(invoice)


def how(invoice: Invoice) -> tuple[str, int, int]:
    """Its state, what is owed of it, and what is written off."""
    now = standing(invoice)
    return now.state, now.left.amount_minor, now.written_off_minor


@pytest.mark.database
def test_what_is_paid_after_all_and_bounces_is_owed_again_and_cancelled_with_its_credit(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    first = make_invoice(membership, span=YEAR)
    write_off(first)
    changed = change_tier(membership, 121_67)
    receive(first, 1, 365_00)
    assert how(first) == (InvoiceState.PAID, 0, 0)
    assert credits_of(gears, mxd) == [-30_00]
    owed = bounce(first, 1)
    assert how(owed) == (InvoiceState.ISSUED, 365_00, 0)
    assert list(queries.lapsing_invoices(on=CHANGE)) != []
    assert queries.owed_minor(queries.invoices_of(membership)) == 365_00
    services.cancel_invoice(SYSTEM, owed, reason="never paid", now=NOW)
    assert (
        queries.invoices_of(changed).filter(queries.in_state(InvoiceState.CANCELLED)).count() == 2
    )
    assert credits_of(gears, mxd) == []


def test_what_bounces_in_part_is_owed_again_for_that_part(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    write_off(given_back)
    change_tier(membership, 3_650_00)
    receive(given_back, 1, 60_00)
    assert how(given_back) == (InvoiceState.WRITTEN_OFF, 0, 5_00)
    bounce(given_back, 1, 20_00)
    assert how(given_back) == (InvoiceState.ISSUED, 20_00, 5_00)
    with pytest.raises(Refused, match=r"25\.00 USD is owed"):
        receive(given_back, 2, 26_00)
    receive(given_back, 2, 20_00)  # what is owed comes first
    assert how(given_back) == (InvoiceState.WRITTEN_OFF, 0, 5_00)
    assert credits_of(gears, mxd) == [-4_93]
    receive(given_back, 3, 5_00)
    assert how(given_back) == (InvoiceState.PAID, 0, 0)
    assert credits_of(gears, mxd) == [-5_34]


@pytest.mark.database
def test_what_bounces_and_is_written_off_again_leaves_the_credit_of_what_is_paid(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    """The upgrade is paid, so that only a write-off is left; of 65 dollars 5 stay paid."""
    write_off(given_back)
    changed = change_tier(membership, 3_650_00)
    pay(queries.invoices_of(changed).get())
    receive(given_back, 1, 60_00)
    receive(given_back, 2, 5_00)
    owed = bounce(given_back, 1)
    with pytest.raises(Refused, match="was paid on this invoice"):
        services.cancel_invoice(SYSTEM, owed, reason="x", now=NOW)
    done = write_off(owed, reason="bounced")
    assert how(done) == (InvoiceState.WRITTEN_OFF, 0, 60_00)
    assert credits_of(gears, mxd) == [-41]
    receive(given_back, 3, 60_00)
    assert credits_of(gears, mxd) == [-5_34]


def test_what_was_never_paid_and_bounces_is_written_off_with_its_credit(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    first = make_invoice(membership, span=YEAR)
    write_off(first)
    changed = change_tier(membership, 121_67)
    pay(queries.invoices_of(changed).get())
    receive(first, 1, 365_00)
    owed = bounce(first, 1)
    with pytest.raises(Refused, match="goes on from this one"):
        services.cancel_invoice(SYSTEM, owed, reason="x", now=NOW)
    assert how(write_off(owed)) == (InvoiceState.WRITTEN_OFF, 0, 365_00)
    assert credits_of(gears, mxd) == []


def test_a_credit_that_is_used_stays_where_its_payment_bounces_and_is_written_off(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    MemberAgreement.objects.filter(pk=membership.pk).update(ends_on=date(2024, 1, 1))
    membership.refresh_from_db()
    write_off(given_back)
    changed = change_tier(membership, 3_650_00)
    pay(queries.invoices_of(changed).get())
    receive(given_back, 1, 60_00)
    ahead = services.bill_next_year(SYSTEM, changed, now=NOW)
    write_off(bounce(given_back, 1))
    assert list(ahead.lines.values_list("amount_minor", flat=True)) == [3_650_00, -4_93]
    assert standing(ahead).state == InvoiceState.ISSUED
    receive(given_back, 2, 60_00)
    assert credits_of(gears, mxd) == []  # as much as is used already


def test_a_page_shows_what_was_written_off_also_when_it_is_paid(given_back: Invoice) -> None:
    write_off(given_back)
    receive(given_back, 1, 65_00)
    page = text_of(staff(Role.INSTITUTE_FINANCE).get(given_back.get_absolute_url()))
    assert heading(page) == "Gears has paid $365"
    assert ("What was written off" in page, "a hard year" in page) == (True, True)


def test_a_page_tells_finance_which_credit_came_of_a_payment_after_all(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    write_off(given_back)
    change_tier(membership, 3_650_00)
    finance, address = staff(Role.INSTITUTE_FINANCE), f"{given_back.get_absolute_url()}pay/"

    def pay_in(amount: str, number: int) -> str:
        given = {"amount": amount, "received_on": "2022-11-01", "id": str(UUID(int=number))}
        return post(finance, address, given)

    said = pay_in("60.00", 1)
    (credit,) = queries.open_credits(mxd, gears.pk)
    assert f"The tier changed since, so invoice {credit.number} is now a credit of $4.93" in said
    bounce(given_back, 1)
    said = pay_in("60.00", 2)
    assert "The payment is recorded." in said
    assert "is now a credit" not in said
