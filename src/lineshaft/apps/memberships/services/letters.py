"""What is mailed about a membership, in the language of whoever reads it.

A letter goes into the outbox in the transaction of the verb that it tells of. It names no secret:
the page says the rest to whoever signs in.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from lineshaft.apps.memberships.models import (
    Invitation,
    Invoice,
    InvoiceWriteOff,
    MailDomain,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.memberships.rules import CODE_HOURS, INVITATION_DAYS
from lineshaft.kernel.money import Money
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.mail.services import send_mail_later, send_secret_later
from lineshaft.web import formats

type Letter = Callable[[], tuple[str, str]]
"""Gives subject and text in the language that is chosen when it is called."""


def tell_approved(application: MembershipApplication, *, now: datetime) -> None:
    """Tell the applicant that the agreement waits for a signature."""

    def letter() -> tuple[str, str]:
        names = _names(application)
        return (
            _("Your application to %(institute)s is approved") % names,
            _(
                "%(institute)s has approved the application of %(organisation)s. The membership "
                "agreement waits for your signature: sign in, read it and sign it under “My "
                "memberships”."
            )
            % names,
        )

    _send(application.contact, letter, about=application, now=now)


def tell_declined(
    application: MembershipApplication, due: Sequence[Money], *, now: datetime
) -> None:
    """Tell the applicant that the application is declined, why, and what is to be refunded."""

    def letter() -> tuple[str, str]:
        names = _names(application) | {"reason": application.closed_reason}
        said = (
            _(
                "%(institute)s has declined the application of %(organisation)s: %(reason)s\n\n"
                "You may apply again once that has changed, or to another institute."
            )
            % names
        )
        paid = [
            _("%(amount)s that was paid is refunded.") % {"amount": formats.money(one)}
            for one in due
        ]
        subject = _("Your application to %(institute)s is declined") % names
        return subject, "\n\n".join([said, *paid])

    _send(application.contact, letter, about=application, now=now)


def tell_welcome(application: MembershipApplication, *, now: datetime) -> None:
    """Welcome the applicant as a member, with what comes next."""

    def letter() -> tuple[str, str]:
        names = _names(application)
        return (
            _("Welcome to %(institute)s") % names,
            _(
                "%(organisation)s is a member of %(institute)s. Under “My memberships” you find "
                "the agreement and the invoices, and there you invite your colleagues or have your "
                "e-mail domain verified, so that they see what the membership opens to them."
            )
            % names,
        )

    _send(application.contact, letter, about=application, now=now)


def tell_invoice(invoice: Invoice, to: User, *, now: datetime) -> None:
    """Tell somebody of the organisation that an invoice waits."""

    def letter() -> tuple[str, str]:
        names = {
            "number": invoice.number,
            "institute": formats.local_name(invoice.institute),
            "total": formats.money(Money(invoice.total_minor, invoice.currency)),
            "day": formats.date_local(invoice.due_on),
        }
        return (
            _("Invoice %(number)s of %(institute)s") % names,
            _(
                "%(institute)s has issued invoice %(number)s over %(total)s, due on %(day)s. You "
                "find it under “My memberships”."
            )
            % names,
        )

    _send(to, letter, about=invoice, now=now)


def tell_refunded(invoice: Invoice, to: User, amount: Money, *, now: datetime) -> None:
    """Tell whoever applied that a payment on the invoice was refunded."""

    def letter() -> tuple[str, str]:
        names = {
            "number": invoice.number,
            "institute": formats.local_name(invoice.institute),
            "amount": formats.money(amount),
        }
        return (
            _("Refund of invoice %(number)s of %(institute)s") % names,
            _("%(institute)s has refunded %(amount)s that was paid on invoice %(number)s.") % names,
        )

    _send(to, letter, about=invoice, now=now)


def tell_written_off(given_up: InvoiceWriteOff, to: User, *, now: datetime) -> None:
    """Tell somebody of the organisation what is no longer owed on an invoice, and why."""
    invoice = given_up.invoice

    def letter() -> tuple[str, str]:
        names = {
            "number": invoice.number,
            "institute": formats.local_name(invoice.institute),
            "amount": formats.money(given_up.amount),
        }
        said = (
            _(
                "%(institute)s has written off %(amount)s of invoice %(number)s. Nothing more is "
                "owed on it."
            )
            % names
        )
        return (
            _("Invoice %(number)s of %(institute)s is written off") % names,
            f"{said}\n\n{given_up.reason}",
        )

    _send(to, letter, about=invoice, now=now)


def tell_ended(agreement: MemberAgreement, to: User, why: str, *, now: datetime) -> None:
    """Tell somebody of the organisation that the membership ends, when and why."""

    def letter() -> tuple[str, str]:
        names = {
            "institute": formats.local_name(agreement.institute),
            "organisation": formats.local_name(agreement.organisation),
            "day": formats.date_local(agreement.ends_on),
        }
        said = _("The membership of %(organisation)s in %(institute)s ends on %(day)s.") % names
        reason = formats.spoken(why) if why else ""
        return (
            _("The membership in %(institute)s ends") % names,
            f"{said}\n\n{reason}".strip(),
        )

    _send(to, letter, about=agreement, now=now)


def send_invitation(invitation: Invitation, link: str, *, language: str, now: datetime) -> None:
    """Mail the link of an invitation; without a mail server it is kept nowhere."""
    with translation.override(language):
        names = {
            "organisation": formats.local_name(invitation.organisation),
            "days": INVITATION_DAYS,
            "link": link,
        }
        send_secret_later(
            invitation.email,
            _("%(organisation)s invites you") % names,
            _(
                "%(organisation)s invites you to belong to it here. Sign in with this address and "
                "accept within %(days)s days:\n\n%(link)s"
            )
            % names,
            now=now,
            about=invitation,
        )


def send_code(domain: MailDomain, code: str, *, language: str, now: datetime) -> None:
    """Mail the code that proves a domain; without a mail server it is kept nowhere."""
    with translation.override(language):
        names = {
            "organisation": formats.local_name(domain.organisation),
            "domain": domain.domain,
            "code": code,
            "hours": CODE_HOURS,
        }
        send_secret_later(
            domain.address,
            _("Code for %(domain)s") % names,
            _(
                "%(organisation)s wants everybody with a verified address at %(domain)s to be able "
                "to join it here. If that is right, hand this code to whoever asked; it holds for "
                "%(hours)s hours:\n\n%(code)s"
            )
            % names,
            now=now,
            about=domain,
        )


def _names(application: MembershipApplication) -> dict[str, str]:
    return {
        "institute": formats.local_name(application.institute),
        "organisation": formats.local_name(application.organisation),
    }


def _send(
    to: User,
    letter: Letter,
    *,
    about: MembershipApplication | Invoice | MemberAgreement,
    now: datetime,
) -> None:
    with translation.override(to.language):
        subject, body = letter()
        send_mail_later(to.email, subject, body, now=now, about=about)
