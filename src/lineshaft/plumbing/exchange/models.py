"""Import batches: every run of an import, with its file, its mapping, and what came of it.

Invariants: a batch that was applied wrote all of its rows in the transaction that says so; a batch
that was checked or refused wrote none.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.exchange import rules
from lineshaft.plumbing.files.models import StoredFile

STATE_LABELS = {
    rules.WAITING: _("Waiting"),
    rules.CHECKED: _("Checked"),
    rules.REFUSED: _("Refused"),
    rules.APPLIED: _("Imported"),
}


class ImportBatch(models.Model):
    """One run over one file: a dry run, or the import itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    mapping = models.CharField(_("mapping"), max_length=100, blank=True, default="")
    mapping_text = models.TextField(blank=True, default="")
    source = models.ForeignKey(
        StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+"
    )
    follows = models.ForeignKey(
        "self",
        verbose_name=_("dry run before it"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
    )
    is_dry_run = models.BooleanField(_("is a dry run"))
    state = models.CharField(
        _("state"), max_length=16, choices=list(STATE_LABELS.items()), default=rules.WAITING
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    actor_label = models.CharField(_("who"), max_length=200)
    requested_at = models.DateTimeField(_("requested at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    rows_read = models.PositiveIntegerField(_("rows"), default=0)
    rows_filtered = models.PositiveIntegerField(_("left out"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    errors = models.JSONField(_("errors"), default=list, blank=True)
    errors_more = models.PositiveIntegerField(_("more errors"), default=0)
    notices = models.JSONField(_("rows to look at"), default=list, blank=True)
    ignored_columns = models.JSONField(_("columns not read"), default=list, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar[list[str]] = ["-requested_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-requested_at", "-id"], name="exchange_batch_newest"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(is_dry_run=True, state=rules.APPLIED),
                name="exchange_dry_run_writes_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("exchange:show_import", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == rules.WAITING

    @property
    def is_ready_to_import(self) -> bool:
        """True for a dry run that found nothing wrong."""
        return self.state == rules.CHECKED

    @property
    def changes_nothing(self) -> bool:
        """True when every row was there already."""
        is_over = self.state in {rules.CHECKED, rules.APPLIED}
        return is_over and not self.created and not self.updated
