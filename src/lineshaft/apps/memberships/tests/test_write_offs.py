"""What an institute gives up of an invoice, and what becomes of a change of tier never paid for."""

from datetime import date, timedelta
from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import (
    AgreedTerms,
    Invoice,
    InvoiceWriteOff,
    MemberAgreement,
)
from lineshaft.apps.memberships.rules import EndReason, InvoiceState, RateClass
from lineshaft.apps.memberships.services import TierOfferRow
from lineshaft.apps.memberships.tests.conftest import YEAR
from lineshaft.apps.memberships.tests.factories import (
    make_agreement,
    make_application,
    make_invoice,
    pay,
    standing,
    take_back,
)
from lineshaft.apps.memberships.tests.test_joining_pages import (
    ask,
    client_of,
    heading,
    post,
    staff,
    text_of,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.kernel.errors import NotPermitted, Refused
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]

TODAY = NOW.date()  # 2022-11-01
SYSTEM = Actor.system("test")
CHANGE = date(2022, 12, 2)
IN_DECEMBER = NOW + timedelta(days=40)


def own_income() -> int:
    return sum(
        entry.amount_minor * (-1 if entry.reverses_id else 1) for entry in OwnIncome.objects.all()
    )


def write_off(invoice: Invoice, *, actor: Actor = SYSTEM, reason: str = "a hard year") -> Invoice:
    return services.write_off_invoice(actor, invoice, reason=reason, now=NOW)


def receive(invoice: Invoice, number: int, amount_minor: int) -> None:
    services.record_payment(
        SYSTEM,
        invoice,
        id=UUID(int=number),
        amount_minor=amount_minor,
        received_on=TODAY,
        now=NOW,
    )


def change_tier(
    membership: MemberAgreement, dues_minor: int, *, tier: str = "industry", on: date = CHANGE
) -> MemberAgreement:
    """The membership in another tier of these dues a year, from December 2 on."""
    organisation = membership.organisation
    organisation.kind = "industry_large"
    organisation.save(update_fields=["kind"])
    terms = TierOfferRow(tier, date(2022, 1, 1), dues_minor, RateClass.MEMBER, "vote")
    services.set_tier_terms(SYSTEM, membership.institute, terms, now=NOW)
    return services.change_tier(SYSTEM, membership, tier=tier, on=on, now=NOW)


# ------------------------------------------------------------------------------ the write-off


@pytest.mark.database
def test_the_rest_of_what_was_given_back_is_written_off(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, contact: User
) -> None:
    with pytest.raises(Refused, match=r"300\.00 USD was paid on this invoice.*write it off"):
        services.cancel_invoice(SYSTEM, given_back, reason="x", now=NOW)
    before = own_income()
    done = write_off(given_back, reason=" a hard year ")
    assert (done.state, done.left.amount_minor) == (InvoiceState.WRITTEN_OFF, 0)
    assert (done.paid_minor, done.written_off_minor) == (300_00, 65_00)
    assert own_income() == before == 300_00
    assert queries.owed_minor(queries.standing_invoices()) == 0
    assert list(queries.lapsing_invoices(on=TODAY)) == []
    assert services.lapse_memberships(SYSTEM, now=IN_DECEMBER) == ()
    assert queries.benefits_of([membership], on=TODAY)[0].owed_minor == 0
    assert queries.billed_until(membership) == YEAR[1]
    event = AuditEvent.objects.get(verb="write_off_invoice")
    assert (event.why, event.institute) == ("a hard year", "mxd")
    assert event.changes == {"amount_minor": 65_00, "currency": "USD"}
    mail = OutboxMessage.objects.get()
    assert mail.recipient == contact.email
    assert f"MxD has written off $65 of invoice {done.number}." in mail.body
    assert mail.body.endswith("a hard year")
    with pytest.raises(Refused, match="not possible while this is"):
        write_off(done)
    changed = change_tier(membership, 365_00)  # nothing is open any more
    assert changed.began_with == membership


def test_nobody_is_told_of_a_write_off_where_nobody_is_known(mxd: Institute) -> None:
    invoice = make_invoice(make_agreement(make_organisation("Cogs"), mxd))
    assert write_off(invoice).state == InvoiceState.WRITTEN_OFF
    assert not OutboxMessage.objects.exists()


def test_who_writes_off_and_what_is_not(given_back: Invoice, mxd: Institute) -> None:
    with pytest.raises(Refused, match="Say why"):
        write_off(given_back, reason=" ")
    elsewhere = RoleGrant(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    with pytest.raises(NotPermitted):
        write_off(given_back, actor=Actor(7, "x", frozenset({elsewhere})))
    with pytest.raises(Refused, match="Nobody is admitted on dues that are written off"):
        write_off(make_invoice(make_application(institute=mxd, state="signed")))
    assert not InvoiceWriteOff.objects.exists()
    finance = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "mxd")
    done = write_off(given_back, actor=Actor(make_user("Fin").pk, "Fin", frozenset({finance})))
    assert done.state == InvoiceState.WRITTEN_OFF


def test_what_is_taken_back_after_a_write_off_is_owed_again(
    given_back: Invoice, membership: MemberAgreement
) -> None:
    write_off(given_back)
    take_back(given_back.payments.get(), 100_00)
    again = standing(given_back)
    assert (again.state, again.left.amount_minor) == (InvoiceState.ISSUED, 100_00)
    assert queries.owed_minor(queries.standing_invoices()) == 100_00
    assert list(queries.lapsing_invoices(on=TODAY)) == [again]
    done = write_off(again, reason="no more")
    assert (done.state, done.written_off_minor) == (InvoiceState.WRITTEN_OFF, 165_00)
    assert [one.amount_minor for one in queries.write_offs_of(done)] == [65_00, 100_00]


def test_what_was_written_off_is_taken_where_it_is_paid_after_all(given_back: Invoice) -> None:
    write_off(given_back)
    with pytest.raises(Refused, match=r"65\.00 USD is owed"):
        receive(given_back, 1, 66_00)
    receive(given_back, 1, 60_00)
    assert standing(given_back).state == InvoiceState.WRITTEN_OFF
    receive(given_back, 2, 5_00)
    paid = standing(given_back)
    assert (paid.state, paid.left.amount_minor) == (InvoiceState.PAID, 0)
    assert own_income() == 365_00


def test_pages_write_off_and_both_sides_see_it(given_back: Invoice, contact: User) -> None:
    manager, finance = staff(Role.INSTITUTE_MANAGER), staff(Role.INSTITUTE_FINANCE)
    address = given_back.get_absolute_url()
    shown = text_of(manager.get(address))
    assert f"{address}write-off/" in shown
    assert f"{address}cancel/" not in shown
    assert "$65 is no longer owed" in text_of(manager.get(f"{address}write-off/"))
    own = client_of(contact)
    own_page = given_back.agreement
    assert own_page is not None
    assert own.get(f"{address}write-off/").status_code == 404
    said = post(manager, f"{address}write-off/", {"reason": "a hard year"})
    assert "The rest is written off" in said
    page = text_of(finance.get(address))
    assert heading(page) == f"$65 of invoice {given_back.number} is written off"
    assert "a hard year" in page
    assert f"{address}pay/" in page
    assert "$65 of invoice" in text_of(finance.get(f"{address}pay/"))
    listed = text_of(manager.get("/institutes/mxd/members/invoices/?state=written_off"))
    assert given_back.number in listed
    assert "$0 is owed on 0 open invoices" in listed


@pytest.mark.parametrize("number", [1, 3])
def test_an_invoice_asks_the_same_queries_however_often_it_was_written_off(
    given_back: Invoice, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        if place:
            take_back(given_back.payments.get(), 10_00)
        write_off(standing(given_back), reason=f"reason {place}")
    finance = staff(Role.INSTITUTE_FINANCE)
    with django_assert_num_queries(9):
        page = text_of(finance.get(given_back.get_absolute_url()))
    assert page.count("reason ") == number


def test_api_writes_off(given_back: Invoice) -> None:
    finance = staff(Role.INSTITUTE_FINANCE)
    path, body = f"/invoices/{given_back.pk}/write-off", {"reason": "a hard year"}
    found = ask(finance, "POST", path, body).json()
    assert (found["state"], found["written_off_minor"]) == ("written_off", 65_00)
    assert (found["paid_minor"], found["left_minor"]) == (300_00, 0)
    again = ask(finance, "POST", path, body)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert InvoiceWriteOff.objects.count() == 1


@pytest.mark.database
def test_what_was_written_off_is_no_credit_in_a_cheaper_tier(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    write_off(make_invoice(membership, span=YEAR))
    changed = change_tier(membership, 121_67)
    assert queries.open_credits(mxd, gears.pk) == ()
    invoice = queries.invoices_of(changed).get()
    amounts = list(invoice.lines.order_by("position").values_list("kind", "amount_minor"))
    assert amounts == [("credit", 0), ("charge", 10_00)]
    assert (invoice.state, invoice.left.amount_minor) == (InvoiceState.ISSUED, 10_00)
    pay(invoice)
    again = change_tier(changed, 60_00, tier="leading_industry", on=date(2022, 12, 12))
    (credit,) = queries.open_credits(mxd, gears.pk)
    assert (credit.agreement, credit.total_minor > -10_00) == (again, True)


def test_what_was_written_off_in_part_is_credited_for_the_part_paid(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    """Of 365 dollars 300 were paid: of the 30 of December's days 24.66 are credited, 10 charged."""
    write_off(given_back)
    changed = change_tier(membership, 121_67)
    (credit,) = queries.open_credits(mxd, gears.pk)
    assert (credit.agreement, credit.total_minor) == (changed, -14_66)


@pytest.mark.database
def test_what_is_paid_after_all_is_credited_for_the_days_of_a_later_tier(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    """Of 365 dollars 65 were given up: 30 of 365 days of them are 5.34, in two parts."""
    write_off(given_back)
    change_tier(membership, 3_650_00)
    upgrade = Invoice.objects.get(agreement__agreed__follows=membership)
    pay(upgrade)
    receive(given_back, 1, 60_00)
    receive(given_back, 1, 60_00)  # the same again is one
    (first,) = queries.open_credits(mxd, gears.pk)
    assert (first.agreement, first.total_minor) == (upgrade.agreement, -4_93)
    receive(given_back, 2, 5_00)
    (left,) = queries.open_credits(mxd, gears.pk)
    amounts = list(left.lines.order_by("position").values_list("kind", "amount_minor"))
    assert amounts == [("credit", -41), ("carried", -4_93)]
    assert queries.uncredited_of(standing(given_back)) == ()


def test_what_was_credited_before_it_was_given_up_is_not_credited_twice(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 3_650_00)
    pay(queries.invoices_of(changed).get())
    take_back(payment)
    write_off(standing(first))
    receive(first, 1, 365_00)
    assert standing(first).state == InvoiceState.PAID
    assert queries.open_credits(mxd, gears.pk) == ()


def test_what_is_owed_again_is_credited_once_the_rest_is_paid(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    write_off(given_back)
    change_tier(membership, 3_650_00)
    take_back(queries.payments_of(given_back)[0], 100_00)
    receive(given_back, 1, 99_00)
    assert standing(given_back).state == InvoiceState.ISSUED
    receive(given_back, 2, 1_00)
    assert queries.open_credits(mxd, gears.pk) == ()  # as much as at the change
    receive(given_back, 3, 65_00)
    (credit,) = queries.open_credits(mxd, gears.pk)
    assert credit.total_minor == -5_34


def test_nothing_is_credited_where_no_other_tier_followed(
    given_back: Invoice, membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    write_off(given_back)
    services.renew_membership(SYSTEM, membership, now=NOW)
    receive(given_back, 1, 65_00)
    assert queries.open_credits(mxd, gears.pk) == ()


# --------------------------------------------------- a change of tier, then the payment bounces


@pytest.mark.database
def test_a_bounced_payment_of_the_tier_before_ends_the_membership_and_its_credit(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    """Paid 365; from December 2 a cheaper tier: 30 credited, 10 charged; then the 365 bounce."""
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 121_67)
    credit = queries.invoices_of(changed).get()
    assert (credit.total_minor, credit.state) == (-20_00, InvoiceState.CREDITED)
    take_back(payment, now=NOW)

    (lapsing,) = queries.lapsing_invoices(on=TODAY)
    assert (lapsing, lapsing.lapsing_id) == (first, membership.pk)
    (lapsing,) = queries.lapsing_invoices(on=CHANGE)
    assert (lapsing, lapsing.lapsing_id) == (first, changed.pk)
    assert queries.benefits_of([changed], on=CHANGE)[0].owed_minor == 365_00
    with pytest.raises(Refused, match=f"Invoice {first.number} is open"):
        services.change_tier(
            SYSTEM, changed, tier="leading_industry", on=CHANGE + timedelta(days=3), now=NOW
        )
    with pytest.raises(Refused, match=r"credit of 20\.00 USD, and 0\.00 USD was paid"):
        write_off(standing(first))

    late = NOW + timedelta(days=61)
    assert services.lapse_memberships(SYSTEM, now=late, passes_over_taken_back=True) == ()
    following = changed.ends_on
    assert following == YEAR[1]
    assert services.lapse_memberships(SYSTEM, now=NOW + timedelta(days=59)) == ()
    ended = services.lapse_memberships(SYSTEM, now=NOW + timedelta(days=60))
    assert ended == (changed,)
    changed.refresh_from_db()
    assert changed.ended_reason == EndReason.DUES_UNPAID
    assert [standing(one).state for one in (first, credit)] == [InvoiceState.CANCELLED] * 2
    assert queries.open_credits(mxd, gears.pk) == ()
    assert AuditEvent.objects.filter(verb="cancel_invoice").count() == 2


def test_cancelling_what_was_never_paid_takes_its_credit_back(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 121_67)
    credit = queries.invoices_of(changed).get()
    take_back(payment)
    cancelled = services.cancel_invoice(SYSTEM, first, reason="agreed anew", now=NOW)
    assert (cancelled, cancelled.state) == (first, InvoiceState.CANCELLED)
    assert standing(credit).state == InvoiceState.CANCELLED
    assert queries.open_credits(mxd, gears.pk) == ()
    assert queries.billed_until(changed) == CHANGE  # the days are free to be billed
    assert list(queries.lapsing_invoices(on=CHANGE)) == []


def test_a_credit_that_later_tiers_took_on_falls_with_what_it_came_from(
    membership: MemberAgreement, mxd: Institute, gears: Organisation
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 121_67)
    again = change_tier(changed, 60_00, tier="leading_industry", on=date(2022, 12, 12))
    left = [queries.invoices_of(one).get() for one in (changed, again)]
    assert queries.open_credits(mxd, gears.pk) == (left[1],)
    assert queries.credit_left_of(standing(first)) == left[1]
    take_back(payment)
    services.cancel_invoice(SYSTEM, first, reason="never paid", now=NOW)
    assert {standing(one).state for one in (first, *left)} == {InvoiceState.CANCELLED}


def test_what_was_credited_for_good_is_written_off_and_not_cancelled(
    membership: MemberAgreement,
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 3_650_00)
    upgrade = queries.invoices_of(changed).get()
    pay(upgrade)
    take_back(payment)
    with pytest.raises(Refused, match=f"Invoice {upgrade.number} goes on from this one"):
        services.cancel_invoice(SYSTEM, first, reason="x", now=NOW)
    assert write_off(standing(first)).state == InvoiceState.WRITTEN_OFF
    assert standing(upgrade).state == InvoiceState.PAID


def test_a_credit_that_a_renewal_took_keeps_what_it_came_from(
    membership: MemberAgreement,
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 121_67)
    renewed = services.renew_membership(SYSTEM, changed, now=NOW)
    taker = queries.invoices_of(renewed).get()
    take_back(payment)
    with pytest.raises(Refused, match=f"Invoice {taker.number} goes on from this one"):
        services.cancel_invoice(SYSTEM, first, reason="x", now=NOW)
    assert write_off(standing(first)).state == InvoiceState.WRITTEN_OFF


def test_an_upgrade_that_is_not_paid_falls_with_the_dues_it_credits(
    membership: MemberAgreement,
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    changed = change_tier(membership, 3_650_00)
    upgrade = queries.invoices_of(changed).get()
    take_back(payment)
    assert services.lapse_memberships(SYSTEM, now=NOW + timedelta(days=60)) == (changed,)
    assert {standing(one).state for one in (first, upgrade)} == {InvoiceState.CANCELLED}


def test_dues_of_an_earlier_term_end_the_next_one_too(
    membership: MemberAgreement, mxd: Institute
) -> None:
    first = make_invoice(membership, span=YEAR)
    payment = pay(first)
    renewed = services.renew_membership(SYSTEM, membership, now=NOW)
    assert renewed.began_with == membership
    take_back(payment)
    ended = services.lapse_memberships(SYSTEM, now=NOW + timedelta(days=60))
    assert ended == (membership,)
    assert standing(first).state == InvoiceState.ISSUED  # the next term is agreed
    in_january = NOW + timedelta(days=63)
    assert services.lapse_memberships(SYSTEM, now=in_january, institute=mxd) == (renewed,)
    states = [standing(first).state, queries.invoices_of(renewed).get().state]
    assert states == [InvoiceState.ISSUED, InvoiceState.CANCELLED]  # the first term was used
    assert write_off(standing(first)).state == InvoiceState.WRITTEN_OFF
    assert services.lapse_memberships(SYSTEM, now=in_january) == ()


def test_another_membership_of_the_same_member_owes_nothing_of_an_old_one(
    gears: Organisation, mxd: Institute
) -> None:
    left = make_agreement(
        gears, mxd, starts_on=date(2021, 1, 1), ends_on=YEAR[0], ended_reason="left"
    )
    partly = make_invoice(left)
    pay(partly, 1_00)
    make_agreement(gears, mxd, starts_on=YEAR[0])
    assert list(queries.lapsing_invoices(on=TODAY)) == []
    assert services.lapse_memberships(SYSTEM, now=IN_DECEMBER) == ()


def test_the_migration_names_the_first_agreement_of_those_that_followed(
    gears: Organisation, mxd: Institute
) -> None:
    first, second, third = (
        make_agreement(gears, mxd, starts_on=date(year, 1, 1), ends_on=date(year + 1, 1, 1))
        for year in (2020, 2021, 2022)
    )
    alone = make_agreement(institute=mxd)
    for agreement, follows in ((first, None), (second, first), (third, second), (alone, None)):
        AgreedTerms.objects.create(
            agreement=agreement,
            dues_minor=1,
            in_kind_minor=0,
            term_months=12,
            follows=follows,
            agreed_at=NOW,
        )
    import_module("lineshaft.apps.memberships.migrations.0010_write_offs").follow_back(apps, None)
    for agreement, began_with in ((first, None), (second, first), (third, first), (alone, None)):
        agreement.refresh_from_db()
        assert agreement.began_with == began_with
