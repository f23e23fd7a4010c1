"""Stored files: a record for each upload, the content once for each hash.

Invariants: a record is written after its content is safely on disk, so a record without content is
a fault that `verify_files` reports, and content without a record (a transaction that rolled back)
is harmless; neither the record nor the content ever changes. A sealed file has no address of its
own: the page of what it belongs to decides who opens it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel

SHA256_LENGTH = 64


class StoredFile(models.Model):
    """One upload: whose, when, what for, and the hash under which its content lies."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=SHA256_LENGTH, db_index=True)
    size_bytes = models.BigIntegerField(_("size in bytes"))
    name = models.CharField(_("name"), max_length=150)
    media_type = models.CharField(_("media type"), max_length=100)
    purpose = models.CharField(_("purpose"), max_length=64)
    level = models.CharField(
        _("shared with"),
        max_length=16,
        choices=LEVEL_CHOICES,
        default=SharingLevel.RESTRICTED.value,
    )
    institute = models.CharField(_("institute"), max_length=64, blank=True, default="")
    is_sealed = models.BooleanField(_("is opened by its own page alone"), default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        ordering: ClassVar[list[str]] = ["-uploaded_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(size_bytes__gt=0), name="files_file_has_content"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The address of the download; it answers only whoever may see the file."""
        return reverse("files:download_file", args=[self.pk, self.name])
