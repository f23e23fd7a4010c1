"""Writing mail into the outbox and delivering it from there.

Without a mail server (setting MAIL_URL empty, as in a demonstration) messages stay in the outbox,
where they can be read, and no delivery is tried. A message that opens an account (a link to set a
password) is secret: its text leaves the outbox with its delivery, or with the last attempt at one,
and without a mail server it is never stored.
"""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.db import models, transaction

from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.mail import rules
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.mail.queries import messages_visible_to
from lineshaft.plumbing.permit import permit

logger = logging.getLogger(__name__)

JOB_KIND: Final = "mail.deliver_messages"
DELIVERER: Final = Actor.system("mail delivery")
SCHEMES: Final = ("smtp", "smtp+tls", "smtps")


def send_mail_later(
    recipient: str,
    subject: str,
    body: str,
    *,
    now: datetime,
    about: models.Model | tuple[str, str] | None = None,
    is_sealed: bool = False,
) -> OutboxMessage:
    """Put a message into the outbox, in the caller's transaction; it goes out after the commit.

    `about` is the record that the message is about, or its (type, id); one that `is_sealed` is
    shown to nobody who reads the outbox. Raises Invalid for what is no address or a subject of
    more than one line.
    """
    message = _message(recipient, subject, now=now, about=about)
    message.body, message.is_sealed = body, is_sealed
    with transaction.atomic():
        message.save(force_insert=True)
        _want_delivery(now)
    return message


def send_secret_later(
    recipient: str,
    subject: str,
    body: str,
    *,
    now: datetime,
    about: models.Model | tuple[str, str] | None = None,
) -> OutboxMessage:
    """As `send_mail_later`, for a text by which its reader gets into an account.

    Without a mail server the text is stored nowhere and the message is dropped at once; only a
    demonstration then writes it to the server's terminal, so that its operator can follow it.
    """
    message = _message(recipient, subject, now=now, about=about)
    message.is_secret = True
    if is_mail_sent():
        message.body = body
    else:
        message.state = rules.DROPPED
        message.error = "No mail server is set."
    with transaction.atomic():
        message.save(force_insert=True)
        _want_delivery(now)
    if settings.IS_DEMONSTRATION and not is_mail_sent():
        logger.warning("No mail leaves a demonstration. To %s: %s\n%s", recipient, subject, body)
    return message


def retry_message(actor: Actor, message_id: UUID, *, now: datetime) -> OutboxMessage:
    """Queue a message that was given up. Raises Refused for any other."""
    permit(actor, rules.PERMISSIONS["retry_message"])
    with transaction.atomic():
        message = messages_visible_to(actor).select_for_update().filter(pk=message_id).first()
        if message is None:
            raise NotFound(code="message")
        refuse_if(rules.TRANSITIONS["OutboxMessage"].check(message.state, "retry_message"))
        message.state, message.attempts, message.not_before = rules.QUEUED, 0, now
        message.save(update_fields=["state", "attempts", "not_before"])
        record_event(actor, "retry_message", message, now=now)
        _want_delivery(now)
    return message


def is_mail_sent() -> bool:
    """Whether this installation has a mail server at all."""
    return bool(settings.MAIL_URL)


def deliver_message(message_id: UUID, backend: EmailBackend, *, now: datetime) -> bool:
    """Send one due message and note it; False where it was not due any more or sending failed.

    The row is locked meanwhile, so that two deliveries at once send it once.
    """
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(pk=message_id, state=rules.QUEUED, not_before__lte=now)
            .first()
        )
        if message is None:
            return False
        message.attempts += 1
        try:
            backend.send_messages([_email(message)])
        except (smtplib.SMTPException, OSError) as error:
            logger.warning("Message %s was not taken: %s", message.pk, error)
            message.error = f"{type(error).__name__}: {error}"[:1000]
            if message.attempts >= rules.ATTEMPTS_MAX:
                message.state = rules.DROPPED if message.is_secret else rules.FAILED
            message.not_before = now + timedelta(seconds=rules.back_off_s(message.attempts))
        else:
            message.state, message.sent_at, message.error = rules.SENT, now, ""
        if message.is_secret and message.state != rules.QUEUED:
            message.body = ""
        message.save(update_fields=["state", "body", "sent_at", "error", "attempts", "not_before"])
    return message.state == rules.SENT


def due_message_ids(*, now: datetime) -> list[UUID]:
    """The next messages to deliver, oldest first."""
    due = OutboxMessage.objects.filter(state=rules.QUEUED, not_before__lte=now)
    return list(due.order_by("created_at").values_list("pk", flat=True)[: rules.BATCH_MESSAGES])


def want_next_delivery(*, now: datetime) -> None:
    """Queue a delivery for when the next message that was not taken may be tried again."""
    waiting = OutboxMessage.objects.filter(state=rules.QUEUED)
    not_before = waiting.aggregate(first=models.Min("not_before"))["first"]
    if not_before is not None:
        payload = {"not_before": not_before}  # its own job, beside one that is due at once
        enqueue(DELIVERER, JOB_KIND, payload, now=now, unique=True, not_before=not_before)


def mail_backend() -> EmailBackend:
    """The mail server of the setting MAIL_URL: smtp://, smtp+tls:// or smtps://user:password@host.

    smtp+tls begins in the clear and turns to TLS, smtps is TLS from the start.
    """
    address = urlsplit(settings.MAIL_URL)
    if address.scheme not in SCHEMES or not address.hostname:
        message = f"MAIL_URL must begin with one of {', '.join(SCHEMES)} and name a host."
        raise ImproperlyConfigured(message)
    return EmailBackend(
        alias="outbox",
        host=address.hostname,
        port=address.port,
        username=unquote(address.username or ""),
        password=unquote(address.password or ""),
        use_tls=address.scheme == "smtp+tls",
        use_ssl=address.scheme == "smtps",
        timeout=rules.SMTP_TIMEOUT_S,
    )


def _want_delivery(now: datetime) -> None:
    if is_mail_sent():
        enqueue(DELIVERER, JOB_KIND, {}, now=now, unique=True)


def _message(
    recipient: str,
    subject: str,
    *,
    now: datetime,
    about: models.Model | tuple[str, str] | None,
) -> OutboxMessage:
    """A message without its text, not stored yet; raises Invalid for a wrong head."""
    try:
        validate_email(recipient)
    except ValidationError as error:
        raise Invalid.in_field(
            "recipient",
            gettext_noop("“%(address)s” is no e-mail address."),
            address=recipient[:100],
        ) from error
    if len(subject.splitlines()) != 1:
        raise Invalid.in_field("subject", gettext_noop("A subject is one line of text."))
    about_type, about_id = _about(about)
    return OutboxMessage(
        recipient=recipient,
        subject=subject[:200],
        about_type=about_type,
        about_id=about_id,
        created_at=now,
        not_before=now,
    )


def _email(message: OutboxMessage) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers={"Message-ID": f"<{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )


def _about(about: models.Model | tuple[str, str] | None) -> tuple[str, str]:
    if about is None:
        return "", ""
    return about if isinstance(about, tuple) else (about._meta.label_lower, str(about.pk))
