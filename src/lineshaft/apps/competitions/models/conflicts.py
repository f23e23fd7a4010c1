"""Conflicts of interest: who is checked in a competition, what was found, what was decided of it.

Invariants: a person is checked in a competition once; what ties a person to an application stands
once by its kind, origin and what it is about; a finding that a later check no longer makes is
cleared, never deleted, and one that was decided is not cleared; each decision stays on record.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.applications import Application
from lineshaft.apps.competitions.models.competitions import Competition
from lineshaft.apps.network.models import Person
from lineshaft.plumbing.triggers import append_only

CONFLICT_KIND_LABELS = {
    rules.ConflictKind.ON_TEAM: _("On the team"),
    rules.ConflictKind.EMPLOYER: _("Employer on the team"),
    rules.ConflictKind.EMAIL_DOMAIN: _("E-mail domain of the team"),
    rules.ConflictKind.INSTITUTE: _("Role in an institute that the team leads"),
    rules.ConflictKind.CO_AUTHOR: pgettext_lazy("conflict", "Co-author"),
    rules.ConflictKind.ADVISOR: pgettext_lazy("conflict", "Advisor or advised"),
    rules.ConflictKind.SHARED_PROJECT: pgettext_lazy("conflict", "Shared project"),
    rules.ConflictKind.OTHER_TIE: pgettext_lazy("conflict", "Other tie to somebody of the team"),
    rules.ConflictKind.UNWANTED: _("Named by the applicant"),
    rules.ConflictKind.FINANCIAL: _("Financial interest"),
    rules.ConflictKind.PERSONAL: _("Family or friendship"),
    rules.ConflictKind.OTHER: pgettext_lazy("conflict", "Something else"),
}
CONFLICT_ORIGIN_LABELS = {
    rules.ConflictOrigin.COMPUTED: pgettext_lazy("conflict", "Found in the registry"),
    rules.ConflictOrigin.DECLARED: pgettext_lazy("conflict", "Declared"),
}
CONFLICT_OUTCOME_LABELS = {
    rules.ConflictOutcome.OPEN: pgettext_lazy("conflict", "Not decided"),
    rules.ConflictOutcome.RECUSAL: pgettext_lazy("conflict", "Recusal"),
    rules.ConflictOutcome.MITIGATION: pgettext_lazy("conflict", "Mitigation"),
    rules.ConflictOutcome.WAIVER: pgettext_lazy("conflict", "Waiver"),
}
_WHO_MAX = 200


class UnwantedReviewer(models.Model):
    """Somebody whom the team asks not to have as a reviewer, and why; read by who runs it alone."""

    application = models.ForeignKey(
        Application,
        on_delete=models.CASCADE,
        related_name="unwanted",
        verbose_name=_("application"),
    )
    name = models.CharField(_("name"), max_length=_WHO_MAX)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True, default="")
    organisation = models.CharField(_("organisation"), max_length=_WHO_MAX, blank=True, default="")
    why = models.CharField(_("why"), max_length=rules.MEASURE_MAX)
    named_at = models.DateTimeField(_("named at"))
    named_by = models.CharField(_("named by"), max_length=_WHO_MAX)

    class Meta:
        verbose_name = _("unwanted reviewer")
        verbose_name_plural = _("unwanted reviewers")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return self.name


class ConflictSubject(models.Model):
    """Somebody who is checked for conflicts with the applications of a competition."""

    competition = models.ForeignKey(
        Competition,
        on_delete=models.PROTECT,
        related_name="conflict_subjects",
        verbose_name=_("competition"),
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    added_at = models.DateTimeField(_("added at"))
    added_by = models.CharField(_("added by"), max_length=_WHO_MAX)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("person checked for conflicts")
        verbose_name_plural = _("people checked for conflicts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "person"], name="competitions_conflict_subject_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.competition_id}"


class Conflict(models.Model):
    """What ties a person to an application, and what was decided of it.

    `about` names what it is about, such as `organisation:12`, so that the same tie is found again;
    `evidence` are the values of the sentence that its kind says in the reader's language.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="conflicts",
        verbose_name=_("application"),
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=list(CONFLICT_KIND_LABELS.items()))
    origin = models.CharField(
        _("origin"), max_length=16, choices=list(CONFLICT_ORIGIN_LABELS.items())
    )
    about = models.CharField(_("about"), max_length=300)
    evidence = models.JSONField(_("evidence"), default=dict)
    found_at = models.DateTimeField(_("found at"))
    declared_by = models.CharField(_("declared by"), max_length=_WHO_MAX, blank=True, default="")
    is_by_themselves = models.BooleanField(_("declared by the person themselves"), default=False)
    cleared_at = models.DateTimeField(_("no longer found since"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"),
        max_length=16,
        choices=list(CONFLICT_OUTCOME_LABELS.items()),
        default=rules.ConflictOutcome.OPEN,
    )
    measure = models.CharField(
        pgettext_lazy("conflict", "measure"), max_length=rules.MEASURE_MAX, blank=True, default=""
    )
    reason = models.CharField(_("reason"), max_length=rules.REASON_MAX, blank=True, default="")
    decided_by = models.CharField(_("decided by"), max_length=_WHO_MAX, blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["person", "application"],
                condition=Q(cleared_at__isnull=True, outcome__in=["open", "recusal"]),
                name="competitions_conflict_closing",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "person", "kind", "origin", "about"],
                name="competitions_conflict_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", decided_at__isnull=True)
                | (~Q(outcome="open") & Q(decided_at__isnull=False, cleared_at__isnull=True)),
                name="competitions_conflict_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.application_id}: {self.kind}"

    @property
    def is_closing(self) -> bool:
        """Whether it closes the application to the person."""
        return self.cleared_at is None and self.outcome in rules.CLOSING


class ConflictDecision(models.Model):
    """One decision of a conflict, as it was made; a later one stands beside it."""

    conflict = models.ForeignKey(
        Conflict, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("conflict")
    )
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=list(CONFLICT_OUTCOME_LABELS.items())
    )
    measure = models.CharField(
        pgettext_lazy("conflict", "measure"), max_length=rules.MEASURE_MAX, blank=True, default=""
    )
    reason = models.CharField(_("reason"), max_length=rules.REASON_MAX)
    decided_by = models.CharField(_("decided by"), max_length=_WHO_MAX)
    decided_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user who decided"),
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision of a conflict")
        verbose_name_plural = _("decisions of conflicts")

    def __str__(self) -> str:
        return f"{self.conflict_id}: {self.outcome}"


CONFLICT_TRIGGERS = append_only("competitions_conflictdecision")
