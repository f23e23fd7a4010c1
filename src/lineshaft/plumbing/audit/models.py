"""The audit trail: one event a verb, chained by seals.

Invariants: an event is never deleted and only its personal content can be erased, after which its
digest still stands in the chain; an event belongs to at most one seal; seals are numbered without
a gap and each holds the digest of the one before.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.triggers import append_only


class AuditEvent(models.Model):
    """Who did which verb to what, what it changed, why and when."""

    at = models.DateTimeField(_("at"))
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
    )
    actor_label = models.CharField(_("who"), max_length=200, blank=True)
    verb = models.CharField(_("verb"), max_length=64)
    subject_type = models.CharField(_("subject"), max_length=64)
    subject_id = models.CharField(_("subject id"), max_length=64)
    institute = models.CharField(_("institute"), max_length=64, blank=True, default="")
    agency = models.CharField(_("agency"), max_length=32, blank=True, default="")
    count = models.PositiveIntegerField(_("records"), default=1)
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    why = models.TextField(_("why"), blank=True, default="")
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_event_subject"),
            models.Index(fields=["institute", "id"], name="audit_event_institute"),
            models.Index(fields=["actor_user", "id"], name="audit_event_actor"),
            models.Index(fields=["verb", "id"], name="audit_event_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"

    @property
    def is_erased(self) -> bool:
        """True once the personal content was erased; the digest then can't be re-derived."""
        return self.salt == ""


class AuditSeal(models.Model):
    """A link of the chain: the digest over the one before and over the events it seals."""

    number = models.PositiveBigIntegerField(primary_key=True)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    events = models.PositiveIntegerField(_("events"))
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self) -> str:
        return f"{self.number}: {self.digest[:12]}"


class SealedEvent(models.Model):
    """That an event is sealed, and by which seal."""

    event = models.OneToOneField(AuditEvent, on_delete=models.DO_NOTHING, primary_key=True)
    seal = models.ForeignKey(AuditSeal, on_delete=models.DO_NOTHING, related_name="sealed")

    class Meta:
        verbose_name = _("sealed event")
        verbose_name_plural = _("sealed events")

    def __str__(self) -> str:
        return f"{self.event_id} in {self.seal_id}"


ERASABLE_COLUMNS = ("actor_label", "changes", "why", "salt")

TRIGGERS = (
    *append_only("audit_auditevent", updatable_columns=ERASABLE_COLUMNS),
    *append_only("audit_auditseal"),
    *append_only("audit_sealedevent"),
)
