"""The outbox: written with its verb, delivered once, tried again, given up."""

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.mail import rules, services
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.mail.queries import messages_visible_to
from lineshaft.plumbing.mail.tests.smtp_server import Mailbox, smtp_server

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SYSTEM = Actor.system("test")


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with smtp_server() as server:
        settings.MAIL_URL = f"smtp://127.0.0.1:{server.port}"
        settings.DEFAULT_FROM_EMAIL = "Network <network@example.org>"
        settings.JOB_MODULES = ("lineshaft.plumbing.mail.tasks",)
        yield server


def written(subject: str = "您好 and welcome") -> OutboxMessage:
    return services.send_mail_later(
        "member@example.org", subject, "Line one\n第二行\n", now=clock.now(), about=("x.y", "7")
    )


def make_due() -> None:
    past = clock.now() - timedelta(seconds=1)
    OutboxMessage.objects.filter(state="queued").update(not_before=past)


def test_send_mail_later_is_delivered_by_the_worker(mailbox: Mailbox) -> None:
    message = written()
    assert run_until_idle() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.about_id) == ("sent", 1, "7")
    (content,) = mailbox.messages
    sent = email.message_from_bytes(content, policy=email.policy.default)
    assert (sent["Subject"], sent["To"], sent["From"]) == (
        "您好 and welcome",
        "member@example.org",
        "Network <network@example.org>",
    )
    assert sent["Message-ID"] == f"<{message.pk}@example.org>"
    assert sent.get_content().split() == ["Line", "one", "第二行"]


def test_send_mail_later_rolled_back_is_never_sent(mailbox: Mailbox) -> None:
    with transaction.atomic():
        written()
        transaction.set_rollback(True)
    assert (run_until_idle(), mailbox.messages) == (0, [])


def test_send_mail_later_many_messages_take_one_job(mailbox: Mailbox) -> None:
    for number in range(3):
        written(f"Number {number}")
    assert (run_until_idle(), len(mailbox.messages)) == (1, 3)


def test_send_mail_later_without_a_server_stays_in_the_outbox(settings: Any) -> None:
    settings.MAIL_URL = ""
    assert written().state == "queued"
    assert Job.objects.count() == 0


def test_deliver_messages_without_a_server_does_nothing(mailbox: Mailbox, settings: Any) -> None:
    written()
    settings.MAIL_URL = ""
    assert run_until_idle() == 1
    assert OutboxMessage.objects.get().attempts == 0


@pytest.mark.parametrize("recipient", ["", "nobody", "a@b\nBcc: c@d.org", "a b@example.org"])
def test_send_mail_later_no_address_is_invalid(recipient: str) -> None:
    with pytest.raises(Invalid):
        services.send_mail_later(recipient, "Subject", "Text", now=clock.now())


@pytest.mark.parametrize("subject", ["", "One\nBcc: c@d.org", "One\r\nTwo"])
def test_send_mail_later_subject_is_one_line(subject: str) -> None:
    with pytest.raises(Invalid):
        services.send_mail_later("a@example.org", subject, "Text", now=clock.now())


def test_send_mail_later_about_a_record_names_it() -> None:
    user = User.objects.create_user("a@example.org", name="A")
    message = services.send_mail_later("a@example.org", "S", "T", now=clock.now(), about=user)
    assert (message.about_type, message.about_id) == ("access.user", str(user.pk))
    bare = services.send_mail_later("a@example.org", "S", "T", now=clock.now())
    assert (bare.about_type, bare.about_id) == ("", "")


def test_deliver_message_not_taken_is_tried_later_and_given_up(mailbox: Mailbox) -> None:
    mailbox.is_refusing = True
    message = written()
    states = []
    for _attempt in range(rules.ATTEMPTS_MAX):
        assert run_until_idle() == 1
        message.refresh_from_db()
        states.append((message.state, message.attempts))
        make_due()
        Job.objects.filter(state="queued").delete()
        services.want_next_delivery(now=clock.now())
    assert states == [("queued", 1), ("queued", 2), ("queued", 3), ("queued", 4), ("failed", 5)]
    assert "451" in message.error
    assert mailbox.messages == []


def test_deliver_messages_asks_for_the_next_attempt(mailbox: Mailbox) -> None:
    mailbox.is_refusing = True
    message = written()
    run_until_idle()
    message.refresh_from_db()
    assert Job.objects.get(state="queued").run_after == message.not_before


def test_deliver_message_sent_is_not_sent_again(mailbox: Mailbox) -> None:
    message = written()
    backend = services.mail_backend()
    assert services.deliver_message(message.pk, backend, now=clock.now())
    assert not services.deliver_message(message.pk, backend, now=clock.now())
    assert len(mailbox.messages) == 1


def test_deliver_message_server_gone_is_noted(settings: Any) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:1"
    message = written()
    assert not services.deliver_message(message.pk, services.mail_backend(), now=clock.now())
    message.refresh_from_db()
    assert message.error.startswith("ConnectionRefusedError")


def secret() -> OutboxMessage:
    return services.send_secret_later(
        "member@example.org", "A new password", "Follow /reset/key/", now=clock.now()
    )


def test_send_secret_later_leaves_no_text_once_it_is_delivered(mailbox: Mailbox) -> None:
    message = secret()
    assert message.body == "Follow /reset/key/"
    assert run_until_idle() == 1
    message.refresh_from_db()
    assert (message.state, message.body) == ("sent", "")
    sent = email.message_from_bytes(mailbox.messages[0], policy=email.policy.default)
    assert sent.get_content().strip() == "Follow /reset/key/"


def test_send_secret_later_not_taken_is_dropped_with_its_text_and_not_retried(
    mailbox: Mailbox,
) -> None:
    mailbox.is_refusing = True
    message = secret()
    OutboxMessage.objects.update(attempts=rules.ATTEMPTS_MAX - 2)
    backend = services.mail_backend()
    standing = []
    for _attempt in range(2):
        assert not services.deliver_message(message.pk, backend, now=clock.now())
        message.refresh_from_db()
        standing.append((message.state, message.body))
        make_due()
    assert standing == [("queued", "Follow /reset/key/"), ("dropped", "")]
    with pytest.raises(Refused):
        services.retry_message(SYSTEM, message.pk, now=clock.now())


@pytest.mark.parametrize("is_demonstration", [False, True])
def test_send_secret_later_without_a_server_is_stored_nowhere_and_told_in_a_demonstration(
    settings: Any, caplog: pytest.LogCaptureFixture, *, is_demonstration: bool
) -> None:
    settings.MAIL_URL, settings.IS_DEMONSTRATION = "", is_demonstration
    secret()
    message = OutboxMessage.objects.get()
    assert (message.state, message.body, message.error) == ("dropped", "", "No mail server is set.")
    assert Job.objects.count() == 0
    assert ("Follow /reset/key/" in caplog.text) is is_demonstration


def test_retry_message_is_for_the_programme_office_and_for_failed_ones(
    mailbox: Mailbox, programme_officer: Actor, learner: Actor
) -> None:
    message = written()
    with pytest.raises(Refused):
        services.retry_message(SYSTEM, message.pk, now=clock.now())
    OutboxMessage.objects.update(state="failed", attempts=5)
    with pytest.raises(NotPermitted):
        services.retry_message(learner, message.pk, now=clock.now())
    with pytest.raises(NotFound):
        services.retry_message(SYSTEM, new_id(), now=clock.now())
    assert services.retry_message(SYSTEM, message.pk, now=clock.now()).attempts == 0
    run_until_idle()
    assert len(mailbox.messages) == 1


def test_messages_visible_to_is_the_staff_of_the_network(
    programme_officer: Actor, institute_manager: Actor, public: Actor
) -> None:
    written()
    services.send_mail_later("ada@example.org", "Receipt", "Text.", now=clock.now(), is_sealed=True)
    counts = [
        messages_visible_to(actor).count()
        for actor in (programme_officer, institute_manager, public)
    ]
    assert counts == [1, 0, 0]


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, False),
        ("smtp+tls://u%40x:p%2F@mail.example.org:2587", "mail.example.org", 2587, True, False),
        ("smtps://mail.example.org", "mail.example.org", 465, False, True),
    ],
)
def test_mail_backend_reads_the_address(
    settings: Any, url: str, host: str, port: int, *, tls: bool, ssl: bool
) -> None:
    settings.MAIL_URL = url
    backend = services.mail_backend()
    assert (backend.host, backend.port, backend.use_tls, backend.use_ssl) == (host, port, tls, ssl)


@pytest.mark.parametrize("url", ["http://x", "smtp://", "mail.example.org"])
def test_mail_backend_other_address_is_a_wrong_setting(settings: Any, url: str) -> None:
    settings.MAIL_URL = url
    with pytest.raises(ImproperlyConfigured):
        services.mail_backend()


def test_back_off_grows_and_stays() -> None:
    assert [rules.back_off_s(number) for number in (0, 1, 2, 9)] == [60, 60, 300, 7200]
