"""Letters to applicants: as they were printed, and when they left.

Invariants: of an application, a kind and a language there is one letter; it never changes and has
no address of its own; a kind of letter is sent to an application once.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.awarding import rules
from lineshaft.apps.competitions.models import Application
from lineshaft.plumbing.files.models import SHA256_LENGTH, StoredFile
from lineshaft.plumbing.triggers import append_only

LETTER_LABELS = {
    rules.LetterKind.DECISION: _("Decision letter"),
    rules.LetterKind.DEBRIEF: pgettext_lazy("letter", "Debrief"),
}


class SelectionLetter(models.Model):
    """A letter in a language, as it was printed."""

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="selection_letters",
        verbose_name=_("application"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=list(LETTER_LABELS.items()))
    language = models.CharField(
        _("language"), max_length=16, choices=[(key, name) for key, name in settings.LANGUAGES]
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=SHA256_LENGTH)
    printed_at = models.DateTimeField(_("printed at"))

    class Meta:
        verbose_name = _("letter of a selection")
        verbose_name_plural = _("letters of selections")
        ordering: ClassVar[list[str]] = ["kind", "language"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "kind", "language"], name="awarding_letter_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.kind}, {self.language}"


class LetterSending(models.Model):
    """That letters of a kind left for the team of an application."""

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="letter_sendings",
        verbose_name=_("application"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=list(LETTER_LABELS.items()))
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.CharField(_("sent by"), max_length=200)

    class Meta:
        verbose_name = _("sending of a letter")
        verbose_name_plural = _("sendings of letters")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "kind"], name="awarding_sending_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.kind}"


LETTER_TRIGGERS = (
    *append_only("awarding_selectionletter"),
    *append_only("awarding_lettersending"),
)
