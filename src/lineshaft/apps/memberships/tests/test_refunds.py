"""What the books take back of a payment, and what is refunded of a closed application."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invoice, InvoiceLine, InvoicePayment
from lineshaft.apps.memberships.rules import InvoiceState
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
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]

TODAY = NOW.date()
SYSTEM = Actor.system("test")
FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def invoice(mxd: Institute, contact: User) -> Invoice:
    """The first invoice of a signed application, on which nothing was paid."""
    return make_invoice(make_application(institute=mxd, contact=contact, state="signed"))


def finance_of(institute: Institute) -> Actor:
    grant = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, institute.key)
    return Actor(make_user("Finance").pk, "Finance", grants=frozenset({grant}))


def decline(invoice: Invoice) -> None:
    assert invoice.application is not None
    services.decline_application(SYSTEM, invoice.application, reason="denied", now=NOW)


def carry(credit: Invoice, into: Invoice) -> None:
    """Let the invoice take the credit that the other one left over."""
    InvoiceLine.objects.create(
        invoice=into,
        position=2,
        kind="carried",
        tier="sme",
        starts_on=TODAY,
        ends_on=date(2023, 1, 1),
        amount_minor=credit.total_minor,
        carries=credit,
    )


# ------------------------------------------------------------------------------- the books


@pytest.mark.database
def test_a_reversal_in_the_books_opens_the_invoice_again(mxd: Institute) -> None:
    agreement = make_agreement(make_organisation(), mxd)
    invoice = make_invoice(agreement, due_on=TODAY - timedelta(days=100))
    payment = pay(invoice)
    assert standing(invoice).state == InvoiceState.PAID
    funding.reverse_own_income(
        finance_of(mxd),
        payment.income,
        id=FIRST,
        amount_minor=65_00,
        received_on=TODAY,
        reason="the bank took it back",
        now=NOW,
    )
    found = standing(invoice)
    assert (found.state, found.paid_minor, found.left.amount_minor) == ("issued", 300_00, 65_00)
    assert queries.owed_minor(queries.invoices_of(agreement)) == 65_00
    assert list(queries.lapsing_invoices(on=TODAY)) == [invoice]
    with pytest.raises(Refused, match=r"65\.00 USD is owed"):
        services.record_payment(
            SYSTEM, found, id=SECOND, amount_minor=66_00, received_on=TODAY, now=NOW
        )
    services.record_payment(
        SYSTEM, found, id=SECOND, amount_minor=65_00, received_on=TODAY, now=NOW
    )
    assert standing(invoice).state == InvoiceState.PAID


def test_the_days_of_grace_begin_anew_when_a_payment_is_taken_back(mxd: Institute) -> None:
    agreement = make_agreement(make_organisation(), mxd)
    take_back(pay(make_invoice(agreement, due_on=TODAY - timedelta(days=100))))
    assert services.lapse_memberships(SYSTEM, now=NOW + timedelta(days=59)) == ()
    assert services.lapse_memberships(SYSTEM, now=NOW + timedelta(days=60)) == (agreement,)


def test_an_application_whose_payment_bounced_is_not_admitted(invoice: Invoice) -> None:
    application = invoice.application
    assert application is not None
    take_back(pay(invoice))
    with pytest.raises(Refused, match="first invoice is not paid"):
        services.admit_applicant(SYSTEM, application, now=NOW)
    pay(invoice)
    services.admit_applicant(SYSTEM, application, now=NOW)
    application.refresh_from_db()
    assert application.state == "admitted"


def test_what_a_membership_owes_stands_beside_what_it_gives(mxd: Institute) -> None:
    agreement, other = make_agreement(make_organisation(), mxd), make_agreement()
    pay(make_invoice(agreement, due_on=date(2022, 11, 1)), 65_00)
    make_invoice(agreement, due_on=date(2022, 12, 1))
    make_invoice(other, state=InvoiceState.PAID)
    found = queries.benefits_of((agreement, other), on=TODAY)
    assert [(one.owed_minor, one.due_on) for one in found] == [
        (665_00, date(2022, 11, 1)),
        (0, None),
    ]


# ------------------------------------------------------------------------------- the refund


@pytest.mark.database
def test_what_was_paid_for_a_declined_application_is_refunded_by_new_entries(
    invoice: Invoice, mxd: Institute, contact: User
) -> None:
    first, second = pay(invoice, 100_00), pay(invoice, 265_00)
    take_back(second, 65_00)
    with pytest.raises(Refused, match="not possible while this is"):
        services.refund_payment(SYSTEM, first, id=FIRST, refunded_on=TODAY, now=NOW)
    decline(invoice)
    found = standing(invoice)
    assert (found.state, found.paid_minor) == (InvoiceState.REFUND_DUE, 300_00)
    event = AuditEvent.objects.get(verb="decline_application")
    assert event.changes == {"to_refund": ["300.00 USD"]}
    assert "$300 that was paid is refunded." in OutboxMessage.objects.get().body
    finance = finance_of(mxd)
    assert list(queries.refunds_waiting_for(finance)) == [invoice]
    assert list(queries.refunds_waiting_for(finance_of(make_institute("lift")))) == []
    manager = RoleGrant(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    with pytest.raises(NotPermitted, match="finance officer"):
        services.refund_payment(
            Actor(7, "x", frozenset({manager})), first, id=FIRST, refunded_on=TODAY, now=NOW
        )
    with pytest.raises(Refused, match="not possible"):
        services.record_payment(
            finance, found, id=SECOND, amount_minor=1, received_on=TODAY, now=NOW
        )
    made = services.refund_payment(finance, second, id=SECOND, refunded_on=TODAY, now=NOW)
    assert (made.stream, made.amount_minor, made.reverses_id) == ("dues", 200_00, second.pk)
    assert (made.reason, made.why) == (
        "application_closed",
        "Refund: the application for membership was closed",
    )
    with translation.override("zh-hans"):
        assert made.why == "退款：会员申请已关闭"
    event = AuditEvent.objects.filter(verb="reverse_own_income").latest("pk")
    assert event.why == "Refund: the application for membership was closed"
    assert standing(invoice).state == InvoiceState.REFUND_DUE
    again = services.refund_payment(finance, second, id=SECOND, refunded_on=TODAY, now=NOW)
    assert again == made
    with pytest.raises(Refused, match="Another entry is recorded under this id"):
        services.refund_payment(finance, first, id=SECOND, refunded_on=TODAY, now=NOW)
    with pytest.raises(Refused, match="refunded already"):
        services.refund_payment(finance, second, id=FIRST, refunded_on=TODAY, now=NOW)
    services.refund_payment(finance, first, id=FIRST, refunded_on=TODAY, now=NOW)
    assert (standing(invoice).state, standing(invoice).paid_minor) == (InvoiceState.REFUNDED, 0)
    assert list(queries.refunds_waiting_for(finance)) == []
    assert OwnIncome.objects.filter(reverses__isnull=False).count() == 3
    assert AuditEvent.objects.filter(verb="refund_payment", subject_id=invoice.pk).count() == 2
    assert OutboxMessage.objects.filter(recipient=contact.email).count() == 3
    with pytest.raises(NotFound):
        queries.payment_by_id(make_invoice(make_agreement()), first.pk)


def test_closing_gives_back_the_credits_that_settled_the_invoice(mxd: Institute) -> None:
    gears = make_organisation("Gears")
    before = make_agreement(gears, mxd, ends_on=date(2022, 6, 1))
    credit = make_invoice(before, total_minor=-900_00, state=InvoiceState.CREDITED)
    application = make_application(gears, mxd, state="signed")
    first = make_invoice(application, total_minor=-400_00, state=InvoiceState.CREDITED)
    carry(credit, first)
    assert queries.open_credits(mxd, gears.pk) == (first,)
    other = make_invoice(make_application(institute=mxd, state="signed"))
    carry(first, other)
    with pytest.raises(Refused, match=f"taken by invoice {other.number}"):
        decline(first)
    decline(other)
    decline(first)
    assert standing(first).state == InvoiceState.CANCELLED
    assert queries.open_credits(mxd, gears.pk) == (credit,)


# ------------------------------------------------------------------------------- pages, API


def test_the_finance_officer_refunds_by_the_page_and_both_sides_see_it(
    invoice: Invoice, contact: User
) -> None:
    payment = pay(invoice)
    decline(invoice)
    finance, manager = staff(Role.INSTITUTE_FINANCE), staff(Role.INSTITUTE_MANAGER)
    desk = text_of(finance.get("/desk/"))
    assert "Refund $365 to" in desk
    assert invoice.get_absolute_url() in desk
    assert "Refund $365 to" not in text_of(manager.get("/desk/"))
    refund = f"{invoice.get_absolute_url()}payments/{payment.pk}/refund/"
    shown = text_of(finance.get(invoice.get_absolute_url()))
    assert heading(shown) == f"$365 is to be refunded to {invoice.organisation.name}"
    assert refund in shown
    assert refund not in text_of(manager.get(invoice.get_absolute_url()))
    assert manager.get(refund).status_code == 403
    assert "$365 goes back" in text_of(finance.get(refund))
    said = post(finance, refund, {"id": str(FIRST), "refunded_on": "2022-11-01"})
    assert "The refund is recorded" in said
    own = client_of(contact)
    page = text_of(own.get(invoice.get_absolute_url()))
    assert heading(page) == f"What was paid on invoice {invoice.number} is refunded"
    for seen in (page, text_of(finance.get(invoice.get_absolute_url()))):
        assert "Refunded" in seen
        assert "Taken back" not in seen
    assert invoice.application is not None
    assert "Refunded" in text_of(own.get(invoice.application.get_absolute_url()))


def test_why_the_books_took_a_payment_back_is_told_to_those_who_read_them(
    invoice: Invoice, contact: User
) -> None:
    take_back(pay(invoice), 50)
    address = invoice.get_absolute_url()
    assert "Taken back: bounced" in text_of(staff(Role.INSTITUTE_FINANCE).get(address))
    own = text_of(client_of(contact).get(address))
    assert "Taken back" in own
    assert "bounced" not in own


@pytest.mark.parametrize("number", [1, 3])
def test_an_invoice_asks_the_same_queries_however_much_was_paid_and_taken_back(
    invoice: Invoice, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _place in range(number):
        take_back(pay(invoice, 100), 50)
    finance = staff(Role.INSTITUTE_FINANCE)
    with django_assert_num_queries(9):
        page = text_of(finance.get(invoice.get_absolute_url()))
    assert page.count("Taken back: bounced") == number


def test_api_lists_payments_and_refunds_them(invoice: Invoice) -> None:
    payment = pay(invoice)
    path = f"/invoices/{invoice.pk}/payments"
    decline(invoice)
    finance = staff(Role.INSTITUTE_FINANCE)
    (found,) = ask(finance, "GET", path).json()
    assert (found["id"], found["left_minor"]) == (str(payment.pk), 365_00)
    body = {"id": str(FIRST), "refunded_on": "2022-11-01"}
    for _again in range(2):
        refunded = ask(finance, "POST", f"{path}/{payment.pk}/refund", body).json()
        assert (refunded["state"], refunded["paid_minor"]) == ("refunded", 0)
    assert ask(finance, "GET", path).json()[0]["left_minor"] == 0
    assert InvoicePayment.objects.count() == 1
    listed = ask(finance, "GET", "/invoices", {"state": "refunded"}).json()
    assert [one["id"] for one in listed["items"]] == [invoice.pk]
