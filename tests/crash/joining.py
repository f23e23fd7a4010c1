"""The verbs of joining, in an order in which each is allowed, and what each needs before it."""

from collections.abc import Callable
from datetime import date
from typing import Final

from allauth.account.models import EmailAddress

from lineshaft.apps.memberships import queries
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import (
    AgreedTerms,
    Invitation,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    MailDomain,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.kernel.ids import derived_id
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.crash.scenarios import ACTOR, NOW, TODAY

KEY: Final = "nextflex"
"""An institute without members, beside those of the other verbs."""

ADDRESS: Final = "joiner@anvil.example"
CODE: Final = "123456"
PAID_BEFORE: Final = derived_id("crash", "paid before")
NEXT_YEAR: Final = date(TODAY.year + 1, TODAY.month, TODAY.day)
YEAR_AFTER: Final = date(TODAY.year + 2, TODAY.month, TODAY.day)
SOON: Final = date(TODAY.year, TODAY.month + 2, 1)


def _organisation(number: int) -> Organisation:
    return Organisation.objects.get(name=f"Anvil Works {number}")


def _joiner() -> Actor:
    user = User.objects.filter(email=ADDRESS).first()
    if user is None:
        user = User.objects.create_user(ADDRESS, name="Joiner")
        EmailAddress.objects.create(user=user, email=ADDRESS, verified=True)
    return Actor(user_id=user.pk, label="Joiner")


def _acting(number: int) -> Actor:
    scope_id = str(_organisation(number).pk)
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, scope_id)
    return Actor(None, "test", frozenset({grant}), is_system=True)


def _apply(number: int) -> MembershipApplication:
    row = memberships.ApplicationRow(KEY, "sme", organisation_id=_organisation(number).pk)
    institute = Institute.objects.get(key=KEY)
    return memberships.apply_for_membership(_joiner(), institute, row, now=NOW)


def _application(number: int = 36) -> MembershipApplication:
    return MembershipApplication.objects.get(organisation=_organisation(number))


def _approve() -> object:
    return memberships.approve_application(ACTOR, _application(), starts_on=TODAY, now=NOW)


def _revise() -> object:
    return memberships.revise_agreement(
        ACTOR, _application(), tier="sme", starts_on=TODAY, now=NOW, why="again"
    )


def _sign() -> object:
    sha256 = _application().document_sha256
    return memberships.sign_agreement(
        _joiner(), _application(), name="Ada", title="Owner", sha256=sha256, now=NOW
    )


def _countersign() -> object:
    sha256 = _application().document_sha256
    return memberships.countersign_agreement(
        ACTOR, _application(), name="Grace", title="Director", sha256=sha256, now=NOW
    )


def _issue() -> object:
    return memberships.issue_invoice(ACTOR, _application(), now=NOW)


def _invoice() -> Invoice:
    return Invoice.objects.latest("pk")


def _pay() -> object:
    return memberships.record_payment(
        ACTOR,
        _invoice(),
        id=derived_id("crash", "dues"),
        amount_minor=_invoice().total_minor,
        received_on=TODAY,
        now=NOW,
    )


def _sign_another() -> None:
    """An application of organisation 20 that is signed and owes nothing."""
    application = _apply(20)
    first = _application()
    MembershipApplication.objects.filter(pk=application.pk).update(
        state="signed",
        approved_at=NOW,
        signed_at=NOW,
        starts_on=TODAY,
        dues_minor=0,
        in_kind_minor=0,
        term_months=12,
        document=first.document,
        document_sha256=first.document_sha256,
    )


def _pay_and_withdraw() -> None:
    """An application of organisation 16 that was paid in part and withdrawn."""
    application = _apply(16)
    invoice = Invoice.objects.create(
        institute=application.institute,
        organisation=application.organisation,
        application=application,
        sequence=900,
        number="PAID-900",
        currency="USD",
        total_minor=200,
        issued_on=TODAY,
        due_on=TODAY,
        issued_at=NOW,
    )
    memberships.record_payment(
        ACTOR, invoice, id=PAID_BEFORE, amount_minor=100, received_on=TODAY, now=NOW
    )
    memberships.withdraw_application(_joiner(), application, now=NOW)


def _admit(number: int, ends_on: date | None, *, tier: str = "sme") -> MemberAgreement:
    """A membership with agreed terms from the first of this year on."""
    row = memberships.MemberRow(
        _organisation(number).pk, KEY, tier, date(TODAY.year, 1, 1), ends_on
    )
    agreement = memberships.admit_member(ACTOR, row, now=NOW)
    AgreedTerms.objects.create(
        agreement=agreement, dues_minor=100_000, in_kind_minor=0, term_months=24, agreed_at=NOW
    )
    return agreement


def _agreement(number: int) -> MemberAgreement:
    rows = MemberAgreement.objects.filter(institute__key=KEY, organisation=_organisation(number))
    return rows.order_by("starts_on").first() or MemberAgreement()


def _be_late(number: int = 28) -> None:
    agreement = _admit(number, None)
    invoice = Invoice.objects.create(
        institute=agreement.institute,
        organisation=agreement.organisation,
        agreement=agreement,
        sequence=900 + number,
        number=f"LATE-{number}",
        currency="USD",
        total_minor=100,
        issued_on=date(TODAY.year, 1, 1),
        due_on=date(TODAY.year, 2, 1),
        issued_at=NOW,
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        kind="dues",
        tier="sme",
        starts_on=date(TODAY.year, 1, 1),
        ends_on=NEXT_YEAR,
        amount_minor=100,
    )


def _know_code() -> None:
    domain = MailDomain.objects.get()
    digest = queries.digest_of(f"{domain.pk}:{domain.asked_at.isoformat()}:{CODE}")
    MailDomain.objects.update(code_digest=digest)


def _leave_before_joining() -> None:
    """The joiner belongs to organisation 12 by invitation; it joins 24 by domain."""
    MailDomain.objects.update(organisation=_organisation(24))


JOINING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "memberships.apply_for_membership": lambda: _apply(36),
    "memberships.approve_application": _approve,
    "memberships.revise_agreement": _revise,
    "memberships.sign_agreement": _sign,
    "memberships.countersign_agreement": _countersign,
    "memberships.issue_invoice": _issue,
    "memberships.cancel_invoice": lambda: memberships.cancel_invoice(
        ACTOR, _invoice(), reason="wrong", now=NOW
    ),
    "memberships.record_payment": _pay,
    "memberships.refund_payment": lambda: memberships.refund_payment(
        ACTOR,
        InvoicePayment.objects.get(pk=PAID_BEFORE),
        id=derived_id("crash", "refund"),
        refunded_on=TODAY,
        now=NOW,
    ),
    "memberships.write_off_invoice": lambda: memberships.write_off_invoice(
        ACTOR, Invoice.objects.get(number="LATE-4"), reason="a hard year", now=NOW
    ),
    "memberships.admit_applicant": lambda: memberships.admit_applicant(
        ACTOR, _application(20), now=NOW
    ),
    "memberships.decline_application": lambda: memberships.decline_application(
        ACTOR, _application(40), reason="no", now=NOW
    ),
    "memberships.withdraw_application": lambda: memberships.withdraw_application(
        _joiner(), _application(32), now=NOW
    ),
    "memberships.bill_next_year": lambda: memberships.bill_next_year(ACTOR, _agreement(8), now=NOW),
    "memberships.renew_membership": lambda: memberships.renew_membership(
        ACTOR, _agreement(12), now=NOW
    ),
    "memberships.change_tier": lambda: memberships.change_tier(
        ACTOR, _agreement(33), tier="leading_industry", on=TODAY, now=NOW
    ),
    "memberships.lapse_memberships": lambda: memberships.lapse_memberships(ACTOR, now=NOW),
    "memberships.expel_member": lambda: memberships.expel_member(
        ACTOR, _agreement(37), ends_on=TODAY, reason="breach", now=NOW
    ),
    "memberships.leave_membership": lambda: memberships.leave_membership(
        _acting(24), _agreement(24), ends_on=TODAY, now=NOW
    ),
    "memberships.invite_person": lambda: memberships.invite_person(
        ACTOR, _organisation(12), email=ADDRESS, origin="https://network.example", now=NOW
    ),
    "memberships.accept_invitation": lambda: memberships.accept_invitation(
        _joiner(), Invitation.objects.get(), now=NOW
    ),
    "memberships.verify_domain": lambda: memberships.verify_domain(
        ACTOR, _organisation(12), address=ADDRESS, now=NOW
    ),
    "memberships.confirm_domain": lambda: memberships.confirm_domain(
        ACTOR, _organisation(12), MailDomain.objects.get(), code=CODE, now=NOW
    ),
    "memberships.join_organisation": lambda: memberships.join_organisation(
        _joiner(), _organisation(24), now=NOW
    ),
    "memberships.remove_person": lambda: memberships.remove_person(
        ACTOR, _organisation(12), User.objects.get(email=ADDRESS), now=NOW
    ),
}

JOINING_BEFORE: Final[dict[str, Callable[[], object]]] = {
    "memberships.apply_for_membership": _joiner,
    "memberships.record_payment": _issue,
    "memberships.refund_payment": _pay_and_withdraw,
    "memberships.write_off_invoice": lambda: _be_late(4),
    "memberships.admit_applicant": _sign_another,
    "memberships.decline_application": lambda: _apply(40),
    "memberships.withdraw_application": lambda: _apply(32),
    "memberships.bill_next_year": lambda: _admit(8, YEAR_AFTER),
    "memberships.renew_membership": lambda: _admit(12, SOON),
    "memberships.change_tier": lambda: _admit(33, NEXT_YEAR, tier="industry"),
    "memberships.lapse_memberships": _be_late,
    "memberships.expel_member": lambda: _admit(37, None, tier="industry"),
    "memberships.leave_membership": lambda: _admit(24, None),
    "memberships.confirm_domain": _know_code,
    "memberships.join_organisation": _leave_before_joining,
}
