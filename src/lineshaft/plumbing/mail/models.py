"""The outbox: mail as rows, written in the transaction of the verb that needs it.

Invariants: what a transaction that rolled back wanted to say is never sent; a sent message is never
changed; delivery may happen twice when a worker dies between sending and noting it, and both then
carry the same Message-ID; a secret message has a text only while it is queued, and nobody is shown
that text.
"""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.mail import rules

STATE_LABELS = {
    rules.QUEUED: _("Queued"),
    rules.SENT: _("Sent"),
    rules.FAILED: _("Failed"),
    rules.DROPPED: _("Dropped"),
}


class OutboxMessage(models.Model):
    """One message to one person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.EmailField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    is_secret = models.BooleanField(_("is secret"), default=False)
    is_sealed = models.BooleanField(_("is read by its recipient alone"), default=False)
    about_type = models.CharField(_("about"), max_length=64, blank=True, default="")
    about_id = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=16, choices=list(STATE_LABELS.items()), default=rules.QUEUED
    )
    created_at = models.DateTimeField(_("written at"))
    not_before = models.DateTimeField(_("not before"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True, default="")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "not_before"], name="mail_message_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state=rules.SENT, sent_at__isnull=False)
                | (~models.Q(state=rules.SENT) & models.Q(sent_at__isnull=True)),
                name="mail_message_sent_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(is_secret=False)
                | models.Q(state=rules.QUEUED)
                | models.Q(state__in=[rules.SENT, rules.DROPPED], body=""),
                name="mail_message_secret_is_dropped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("mail:show_message", args=[self.pk])
