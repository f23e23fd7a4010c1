"""How far books are closed: of one institute, or of the network.

Held by the database: an entry is never changed; entries of one set of books are numbered; opening
says why. The last entry is the one that stands.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.rules import ClosingKind
from lineshaft.plumbing.triggers import append_only

CLOSING_KIND_LABELS = {
    ClosingKind.CLOSE: _("Closed"),
    ClosingKind.REOPEN: _("Opened again"),
}


class BooksClosing(models.Model):
    """That books are closed through a day from then on; `through` empty: all of them are open.

    Without an institute the books are the network's, which hold those of every institute.
    `transfer_count` is how many transfers stood in the closed span; while the span stays closed, as
    many stand in it.
    """

    institute = models.ForeignKey(
        "network.Institute",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="books_closings",
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[(kind.value, label) for kind, label in CLOSING_KIND_LABELS.items()],
    )
    through = models.DateField(_("books closed through"), null=True, blank=True)
    transfer_count = models.BigIntegerField(_("transfers in the closed span"))
    reason = models.TextField(_("reason"), blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("closing of books")
        verbose_name_plural = _("closings of books")
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "number"],
                condition=Q(institute__isnull=False),
                name="funding_closing_one_of_a_number",
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(institute__isnull=True),
                name="funding_closing_one_of_a_number_in_network",
            ),
            models.CheckConstraint(
                condition=Q(kind=ClosingKind.CLOSE.value, through__isnull=False)
                | (Q(kind=ClosingKind.REOPEN.value) & ~Q(reason="")),
                name="funding_closing_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institute_id} {self.number} {self.through}"


TRIGGERS = append_only("funding_booksclosing")
