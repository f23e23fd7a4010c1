"""What institutes share with each other: operating models, work plans, experience, results.

Invariant: how far a document is shared is said once, by the level of its file, so that the list and
the download open to the same readers. A withdrawn one is closed and stays on record.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.network.models import Institute
from lineshaft.plumbing.files.models import StoredFile

DOCUMENT_KIND_LABELS = {
    rules.DocumentKind.OPERATING_MODEL: _("Operating model"),
    rules.DocumentKind.WORK_PLAN: _("Work plan"),
    rules.DocumentKind.EXPERIENCE: _("Experience"),
    rules.DocumentKind.RESULT: _("Result"),
}


class SharedDocument(models.Model):
    """A document of an institute, for whomever its file's level opens it to."""

    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="shared_documents",
        verbose_name=_("institute"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=list(DOCUMENT_KIND_LABELS.items()))
    title = models.CharField(_("title"), max_length=rules.DOCUMENT_TITLE_MAX)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    shared_at = models.DateTimeField(_("shared at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("shared document")
        verbose_name_plural = _("shared documents")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-shared_at", "id"], name="memberships_document_newest"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(title=""), name="memberships_document_is_titled"),
        ]

    def __str__(self) -> str:
        return self.title
