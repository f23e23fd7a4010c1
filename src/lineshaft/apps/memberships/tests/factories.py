"""Member agreements for tests of this and of every app above."""

from datetime import date, datetime

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import (
    AgreedTerms,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    MemberAgreement,
    MembershipApplication,
    ParticipationReview,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.sharing import SharingLevel
from tests.replaying import Numbers

_numbers = Numbers(__name__)


def make_agreement(
    organisation: Organisation | None = None,
    institute: Institute | None = None,
    *,
    tier: str = "sme",
    starts_on: date = date(2022, 1, 1),
    ends_on: date | None = None,
    ended_reason: str = rules.EndReason.NOT_ENDED,
    level: str = SharingLevel.PUBLIC,
) -> MemberAgreement:
    """An agreement in force since 2022, of a new organisation and institute unless given."""
    return MemberAgreement.objects.create(
        organisation=organisation or make_organisation(),
        institute=institute or make_institute(),
        tier=tier,
        starts_on=starts_on,
        ends_on=ends_on,
        ended_reason=ended_reason,
        level=level,
        admitted_at=NOW,
    )


def make_application(
    organisation: Organisation | None = None,
    institute: Institute | None = None,
    *,
    contact: User | None = None,
    state: str = rules.ApplicationState.SUBMITTED,
    tier: str = "sme",
    dues_minor: int = 500_000,
    term_months: int = 12,
) -> MembershipApplication:
    """An application in that state; its document is a record without content."""
    station = {state: place for place, state in enumerate(rules.STATIONS)}.get(
        rules.ApplicationState(state), 0
    )
    agreed: dict[str, object] = {}
    if station:
        document = StoredFile.objects.create(
            sha256="0" * 64,
            size_bytes=1,
            name="agreement.pdf",
            media_type="application/pdf",
            purpose="membership_agreement",
            uploaded_at=NOW,
        )
        agreed = {
            "starts_on": NOW.date(),
            "dues_minor": dues_minor,
            "in_kind_minor": 0,
            "term_months": term_months,
            "document": document,
            "document_sha256": document.sha256,
            "approved_at": NOW,
            "signed_at": NOW if station > 1 else None,
        }
    is_closed = state in (rules.ApplicationState.DECLINED, rules.ApplicationState.WITHDRAWN)
    return MembershipApplication.objects.create(
        organisation=organisation or make_organisation(),
        institute=institute or make_institute(),
        contact=contact or make_user(),
        state=state,
        tier=tier,
        submitted_at=NOW,
        closed_at=NOW if is_closed else None,
        **agreed,
    )


def make_agreed(
    agreement: MemberAgreement, *, dues_minor: int = 365_00, term_months: int = 12
) -> AgreedTerms:
    """What was agreed for it: dues of a dollar a day, for a year."""
    return AgreedTerms.objects.create(
        agreement=agreement,
        dues_minor=dues_minor,
        in_kind_minor=0,
        term_months=term_months,
        agreed_at=NOW,
    )


def make_invoice(
    of: MembershipApplication | MemberAgreement,
    *,
    total_minor: int = 365_00,
    state: str = rules.InvoiceState.ISSUED,
    span: tuple[date, date] = (date(2022, 1, 1), date(2023, 1, 1)),
    due_on: date = date(2022, 2, 1),
) -> Invoice:
    """An invoice over one line of dues."""
    number = next(_numbers)
    invoice = Invoice.objects.create(
        institute=of.institute,
        organisation=of.organisation,
        agreement=of if isinstance(of, MemberAgreement) else None,
        application=of if isinstance(of, MembershipApplication) else None,
        sequence=Invoice.objects.filter(institute=of.institute).count() + 1,
        number=f"TEST-{number}",
        closing="" if state in _BY_THE_BOOKS else state,
        closed_at=None if state in _BY_THE_BOOKS else NOW,
        currency="USD",
        total_minor=total_minor,
        issued_on=span[0],
        due_on=due_on,
        issued_at=NOW,
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        kind=rules.LineKind.DUES,
        tier=of.tier,
        starts_on=span[0],
        ends_on=span[1],
        amount_minor=total_minor,
    )
    if state == rules.InvoiceState.PAID:
        pay(invoice)
    return standing(invoice)


_BY_THE_BOOKS = (rules.InvoiceState.ISSUED, rules.InvoiceState.PAID)


def pay(invoice: Invoice, amount_minor: int | None = None) -> InvoicePayment:
    """A payment of that much, else of the whole, with its entry of own income."""
    entry = OwnIncome.objects.create(
        id=new_id(),
        institute=invoice.institute,
        stream=rules.DUES_STREAM,
        amount_minor=amount_minor or invoice.total_minor,
        currency=invoice.currency,
        received_on=invoice.issued_on,
        recorded_at=NOW,
    )
    return InvoicePayment.objects.create(
        income=entry,
        invoice=invoice,
        amount_minor=entry.amount_minor,
        received_on=entry.received_on,
        recorded_at=NOW,
    )


def take_back(
    payment: InvoicePayment, amount_minor: int | None = None, *, now: datetime = NOW
) -> OwnIncome:
    """A reversal in the books of that much of the payment, else of the whole."""
    return OwnIncome.objects.create(
        id=new_id(),
        institute=payment.invoice.institute,
        stream=rules.DUES_STREAM,
        amount_minor=amount_minor or payment.amount_minor,
        currency=payment.invoice.currency,
        received_on=now.date(),
        reverses=payment.income,
        reason="bounced",
        recorded_at=now,
    )


def standing(invoice: Invoice) -> Invoice:
    """The invoice as it stands now."""
    return queries.standing_invoices().get(pk=invoice.pk)


SYSTEM = Actor.system("test")
ANSWERS = {
    "incorporated_in": "DE",
    "foreign_control": "yes",
    "concern_ties": "no",
    "works_in": "US",
}


def make_review(
    organisation: Organisation | None = None,
    institute: Institute | None = None,
    *,
    now: datetime = NOW,
) -> ParticipationReview:
    """A review that waits for the sponsor, of an organisation incorporated in Germany."""
    organisation = organisation or make_organisation(ownership_country="DE")
    sheet = services.screen_organisation(
        SYSTEM,
        organisation,
        institute or make_institute(),
        services.ScreeningRow(ANSWERS, (rules.OwnerRow(1, "Parent", "DE", 10_000),)),
        now=now,
    )
    return ParticipationReview.objects.get(sheet=sheet)


def make_approval(review: ParticipationReview, **changes: object) -> services.Approval:
    """An approval of what was last screened, of two years and with one commitment."""
    commitment = services.Commitment("production_at_home", "A line in Ohio", date(2023, 11, 1))
    given = {
        "seen_sheet": review.sheet_id,
        "ends_on": date(2024, 11, 1),
        "why": "letter 1",
        "commitments": (commitment,),
    }
    return services.Approval(**(given | changes))  # type: ignore[arg-type]
