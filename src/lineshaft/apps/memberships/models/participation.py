"""Records of participation: screenings, reviews, decisions, commitments, looks taken again.

Invariants: an organisation has one review at an institute; screenings, owners, decisions and
re-checks are appended and never changed; a decision under conditions has at least one, another
none; a commitment is met once, with evidence.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.plumbing.files.models import SHA256_LENGTH, StoredFile
from lineshaft.plumbing.triggers import append_only, filled_once

REVIEW_STATE_LABELS = {
    rules.REQUESTED: _("Waits for the sponsor"),
    rules.REOPENED: _("Re-opened"),
    rules.APPROVED: _("Approved"),
    rules.CONDITIONAL: _("Approved with conditions"),
    rules.DENIED: _("Denied"),
    rules.CLOSED: _("Closed: nothing to decide"),
}
STANDING_LABELS = {
    rules.Standing.REQUESTED: REVIEW_STATE_LABELS[rules.REQUESTED],
    rules.Standing.REOPENED: REVIEW_STATE_LABELS[rules.REOPENED],
    rules.Standing.APPROVED: REVIEW_STATE_LABELS[rules.APPROVED],
    rules.Standing.CONDITIONAL: REVIEW_STATE_LABELS[rules.CONDITIONAL],
    rules.Standing.DENIED: REVIEW_STATE_LABELS[rules.DENIED],
    rules.Standing.CLOSED: REVIEW_STATE_LABELS[rules.CLOSED],
    rules.Standing.EXPIRED: _("Approval expired"),
    rules.Standing.OWNERSHIP_CHANGED: _("Owner changed since the decision"),
    rules.Standing.NOT_SCREENED: _("Not screened"),
}
DECISION_LABELS = {
    key: REVIEW_STATE_LABELS[key]
    for key in (rules.APPROVED, rules.CONDITIONAL, rules.DENIED, rules.CLOSED)
}


class ScreeningSheet(models.Model):
    """What was answered in a screening, and what was found in it; never changed.

    `answers` are by the key of the question; `findings` say why a review is called for; `countries`
    are those in which it is incorporated or owned, the own one left out.
    """

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="screenings",
        verbose_name=_("organisation"),
    )
    institute = models.ForeignKey(
        Institute, on_delete=models.PROTECT, related_name="screenings", verbose_name=_("institute")
    )
    answers = models.JSONField(_("answers"))
    findings = models.JSONField(_("findings"))
    countries = models.JSONField(_("countries of ownership"))
    registered_in = models.CharField(_("country of ownership"), max_length=2, blank=True)
    is_review_needed = models.BooleanField(_("needs a review"))
    why = models.CharField(_("reason"), max_length=rules.STATEMENT_MAX, blank=True, default="")
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)
    screened_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")

    def __str__(self) -> str:
        return f"{self.organisation_id} at {self.institute_id}, {self.screened_at:%Y-%m-%d}"


class OwnerLink(models.Model):
    """One owner in the chain of a screening; never changed."""

    sheet = models.ForeignKey(ScreeningSheet, on_delete=models.PROTECT, related_name="owners")
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=rules.OWNER_NAME_MAX)
    country = models.CharField(_("country"), max_length=2)
    share_bp = models.PositiveSmallIntegerField(_("share"))
    has_control = models.BooleanField(_("controls"))
    holds_in = models.PositiveSmallIntegerField(_("holds in"))

    class Meta:
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sheet", "number"], name="memberships_owner_number"),
            models.CheckConstraint(
                condition=Q(share_bp__gte=1, share_bp__lte=BASIS_POINTS),
                name="memberships_owner_share",
            ),
            models.CheckConstraint(
                condition=Q(holds_in__lt=F("number")), name="memberships_owner_below_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"


class ParticipationReview(models.Model):
    """The review of an organisation's participation at an institute, moved by verbs alone."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="participation_reviews",
        verbose_name=_("organisation"),
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="participation_reviews",
        verbose_name=_("institute"),
    )
    state = models.CharField(_("state"), max_length=16, choices=list(REVIEW_STATE_LABELS.items()))
    sheet = models.ForeignKey(
        ScreeningSheet, on_delete=models.PROTECT, related_name="+", verbose_name=_("screening")
    )
    decision = models.ForeignKey(
        "ParticipationDecision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("last decision"),
    )
    opened_at = models.DateTimeField(_("opened at"))
    waits_since = models.DateField(_("waits since"), null=True, blank=True)
    recheck_on = models.DateField(_("to be checked again by"), null=True, blank=True)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("review of participation")
        verbose_name_plural = _("reviews of participation")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "institute"], name="memberships_review_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[rules.REQUESTED, rules.REOPENED], waits_since__isnull=False)
                | (~Q(state__in=[rules.REQUESTED, rules.REOPENED]) & Q(waits_since__isnull=True)),
                name="memberships_review_waits_undecided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[rules.REQUESTED, rules.REOPENED])
                | Q(decision__isnull=False),
                name="memberships_review_decided_by_one",
            ),
            models.CheckConstraint(
                condition=Q(recheck_on__isnull=True)
                | Q(state__in=[rules.APPROVED, rules.CONDITIONAL]),
                name="memberships_review_recheck_of_approval",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The review's page."""
        return reverse("memberships:show_participation_review", args=[self.pk])

    @property
    def reference(self) -> str:
        """How people name the review."""
        return f"FP-{self.pk}"

    @property
    def ownership_country(self) -> str:
        """Where the registry says now that it is owned: by the record that stands for it."""
        return self.organisation.standing.ownership_country or self.organisation.ownership_country


class ParticipationDecision(models.Model):
    """What the sponsor decided, on which ownership, for which days; never changed.

    `starts_on` is the day it was made, `ends_on` the first day without it. `projects` and
    `institutes` are null where none need be named.
    """

    review = models.ForeignKey(
        ParticipationReview, on_delete=models.PROTECT, related_name="decisions"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("decision"), max_length=16, choices=list(DECISION_LABELS.items()))
    sheet = models.ForeignKey(ScreeningSheet, on_delete=models.PROTECT, related_name="+")
    ownership_country = models.CharField(_("country of ownership"), max_length=2, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"), null=True, blank=True)
    grounds = models.JSONField(_("grounds of waiver"), default=list, blank=True)
    citations = models.JSONField(_("rules"), default=list, blank=True)
    files_up_to = models.CharField(_("files up to"), max_length=16, blank=True, default="")
    may_search = models.BooleanField(_("may search"), default=True)
    may_export = models.BooleanField(_("may export"), default=True)
    barred_bookings = models.JSONField(_("not to be booked"), default=list, blank=True)
    projects = models.JSONField(_("projects"), null=True, blank=True)
    institutes = models.JSONField(_("institutes"), null=True, blank=True)
    why = models.CharField(_("reason"), max_length=rules.STATEMENT_MAX)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision on participation")
        verbose_name_plural = _("decisions on participation")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["review", "number"], name="memberships_decision_number"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="memberships_decision_span_has_days",
            ),
            models.CheckConstraint(
                condition=Q(kind=rules.CONDITIONAL)
                | Q(files_up_to="", may_search=True, may_export=True),
                name="memberships_decision_limits_are_conditions",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[rules.APPROVED, rules.CONDITIONAL])
                | Q(ends_on__isnull=False),
                name="memberships_decision_approval_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people name the decision."""
        return f"FP-{self.review_id}.{self.number}"

    @property
    def conditions(self) -> rules.Conditions:
        """The limits that it sets."""
        return rules.Conditions(
            files_up_to=self.files_up_to,
            may_search=self.may_search,
            may_export=self.may_export,
            barred_bookings=tuple(self.barred_bookings),
            projects=None if self.projects is None else tuple(self.projects),
            institutes=None if self.institutes is None else tuple(self.institutes),
        )

    @property
    def decided(self) -> rules.Decided:
        """The decision as the rules take it."""
        return rules.Decided(
            self.kind, self.starts_on, self.ends_on, self.ownership_country, self.conditions
        )


class DecisionLetter(models.Model):
    """The letter of a decision in one language: made once, stored, and never made again."""

    decision = models.ForeignKey(
        ParticipationDecision, on_delete=models.PROTECT, related_name="letters"
    )
    language = models.CharField(_("language"), max_length=16)
    document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("document")
    )
    sha256 = models.CharField(_("SHA-256 of the document"), max_length=SHA256_LENGTH)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("letter of a decision")
        verbose_name_plural = _("letters of decisions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["decision", "language"], name="memberships_letter_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} in {self.language}"


class ParticipationCommitment(models.Model):
    """What a member owned abroad commits to, by a day; met once, with evidence."""

    decision = models.ForeignKey(
        ParticipationDecision, on_delete=models.PROTECT, related_name="commitments"
    )
    kind = models.CharField(_("kind"), max_length=32)
    text = models.CharField(_("commitment"), max_length=rules.STATEMENT_MAX)
    due_on = models.DateField(_("due on"))
    met_on = models.DateField(_("met on"), null=True, blank=True)
    evidence = models.CharField(
        _("evidence"), max_length=rules.STATEMENT_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(met_on__isnull=True, evidence="")
                | (Q(met_on__isnull=False) & ~Q(evidence="")),
                name="memberships_commitment_met_with_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.due_on}"


class ParticipationRecheck(models.Model):
    """That the sponsor looked at an approval again and lets it stand; never changed."""

    decision = models.ForeignKey(
        ParticipationDecision, on_delete=models.PROTECT, related_name="rechecks"
    )
    checked_on = models.DateField(_("checked on"))
    next_on = models.DateField(_("to be checked again by"))
    why = models.CharField(_("reason"), max_length=rules.STATEMENT_MAX)

    class Meta:
        verbose_name = _("re-check")
        verbose_name_plural = _("re-checks")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(next_on__gt=F("checked_on")), name="memberships_recheck_is_ahead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} on {self.checked_on}"


PARTICIPATION_TRIGGERS = (
    *append_only("memberships_screeningsheet"),
    *append_only("memberships_ownerlink"),
    *append_only("memberships_participationdecision"),
    *append_only("memberships_decisionletter"),
    *append_only("memberships_participationrecheck"),
    *append_only("memberships_participationcommitment", updatable_columns=("met_on", "evidence")),
    filled_once(
        "memberships_participationcommitment",
        numbers=("met_on",),
        texts=("evidence",),
        while_true="OLD.met_on IS NULL",
    ),
)
