"""Common policies of the network: their versions, comments, and how each institute stands.

Invariants: the text of a version never changes; one draft stands open at a time; two versions of a
policy never come into force on one day; a version is in force only once it was adopted, and one
whose adoption was revoked before its day never is. Comments,
positions and attestations are appended, never changed.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.governance import rules
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only

AREA_LABELS = {
    rules.PolicyArea.SME_COLLABORATION: _("Collaboration with small manufacturers"),
    rules.PolicyArea.SHARED_SERVICES: _("Shared services"),
    rules.PolicyArea.INTELLECTUAL_PROPERTY: _("Intellectual property"),
    rules.PolicyArea.CONTRACT_RESEARCH: _("Contract research"),
    rules.PolicyArea.OPERATIONS: _("Operations"),
    rules.PolicyArea.FINANCE: _("Finance"),
    rules.PolicyArea.MARKET_AND_BRAND: _("Market and brand"),
}
STATE_LABELS = {
    rules.DRAFT: _("Draft"),
    rules.ADOPTED: _("Adopted"),
    rules.WITHDRAWN: _("Withdrawn"),
    rules.REPLACED: _("Replaced by a later draft"),
    rules.REVOKED: _("Adoption revoked"),
}
POSITION_LABELS = {
    rules.PositionKind.ADOPTS: _("Adopts it"),
    rules.PositionKind.DEVIATES: _("Deviates from it"),
}


class CommonPolicy(models.Model):
    """A policy that the institutes hold in common; its words stand in its versions."""

    key = models.SlugField(_("key"), max_length=64, unique=True)
    area = models.CharField(_("area"), max_length=32, choices=list(AREA_LABELS.items()))
    title = models.CharField(_("title"), max_length=rules.TITLE_MAX)
    title_zh = models.CharField(
        _("title in Chinese"), max_length=rules.TITLE_MAX, blank=True, default=""
    )
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.PUBLIC
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("common policy")
        verbose_name_plural = _("common policies")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The policy's page."""
        return reverse("governance:show_policy", args=[self.key])

    @property
    def name(self) -> str:
        """The title under the name by which pages choose a language."""
        return self.title

    @property
    def name_zh(self) -> str:
        """The Chinese title, empty where there is none."""
        return self.title_zh


class PolicyVersion(models.Model):
    """One wording of a policy. Its text is fixed; only its state and its days move."""

    policy = models.ForeignKey(
        CommonPolicy, on_delete=models.PROTECT, related_name="versions", verbose_name=_("policy")
    )
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    text_zh = models.TextField(_("text in Chinese"), blank=True, default="")
    changed = models.CharField(
        _("what changed"), max_length=rules.CHANGED_MAX, blank=True, default=""
    )
    changed_zh = models.CharField(
        _("what changed, in Chinese"), max_length=rules.CHANGED_MAX, blank=True, default=""
    )
    state = models.CharField(
        _("state"), max_length=16, choices=list(STATE_LABELS.items()), default=rules.DRAFT
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.CharField(_("drafted by"), max_length=200)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    in_force_on = models.DateField(_("in force from"), null=True, blank=True)
    decision = models.CharField(
        _("decision"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    why_revoked = models.CharField(
        _("why it was revoked"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("version of a policy")
        verbose_name_plural = _("versions of policies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["policy", "number"], name="governance_version_number_unique"
            ),
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(state=rules.DRAFT),
                name="governance_version_one_draft",
            ),
            models.UniqueConstraint(
                fields=["policy", "in_force_on"], name="governance_version_day_unique"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=rules.ADOPTED, adopted_on__isnull=False, in_force_on__isnull=False
                )
                | Q(state=rules.REVOKED, adopted_on__isnull=False, in_force_on__isnull=True)
                | (
                    ~Q(state__in=(rules.ADOPTED, rules.REVOKED))
                    & Q(adopted_on__isnull=True, in_force_on__isnull=True)
                ),
                name="governance_version_adopted_has_days",
            ),
            models.CheckConstraint(
                condition=(Q(state=rules.REVOKED, revoked_on__isnull=False) & ~Q(why_revoked=""))
                | (~Q(state=rules.REVOKED) & Q(revoked_on__isnull=True, why_revoked="")),
                name="governance_version_revoked_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(in_force_on__isnull=True) | Q(in_force_on__gte=F("adopted_on")),
                name="governance_version_adopted_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} version {self.number}"

    def get_absolute_url(self) -> str:
        """The page of this wording."""
        return reverse("governance:show_policy_version", args=[self.policy.key, self.number])


class PolicyComment(models.Model):
    """What somebody said of a draft, for an institute where they spoke for one."""

    version = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        related_name="comments",
        verbose_name=_("version"),
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("institute"),
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
    )
    author = models.CharField(_("author"), max_length=200)
    text = models.TextField(_("comment"))
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("comment on a policy")
        verbose_name_plural = _("comments on policies")

    def __str__(self) -> str:
        return f"{self.author} on {self.version_id}"


class PolicyPosition(models.Model):
    """What an institute said of an adopted version; its last one counts."""

    version = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        related_name="positions",
        verbose_name=_("version"),
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="policy_positions",
        verbose_name=_("institute"),
    )
    kind = models.CharField(
        pgettext_lazy("on a policy", "position"),
        max_length=16,
        choices=list(POSITION_LABELS.items()),
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    stated_on = models.DateField(_("stated on"))
    stated_at = models.DateTimeField(_("entered at"))
    stated_by = models.CharField(_("stated by"), max_length=200)

    class Meta:
        verbose_name = _("position on a policy")
        verbose_name_plural = _("positions on policies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind=rules.PositionKind.ADOPTS) | ~Q(reason=""),
                name="governance_position_deviation_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institute_id} {self.kind} {self.version_id}"


class PolicyAttestation(models.Model):
    """That an institute kept, in a fiscal year, to what it had said of a policy, or did not."""

    policy = models.ForeignKey(
        CommonPolicy,
        on_delete=models.PROTECT,
        related_name="attestations",
        verbose_name=_("policy"),
    )
    version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="policy_attestations",
        verbose_name=_("institute"),
    )
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    is_kept = models.BooleanField(_("kept to it"))
    remark = models.TextField(_("remark"), blank=True, default="")
    attested_at = models.DateTimeField(_("attested at"))
    attested_by = models.CharField(_("attested by"), max_length=200)

    class Meta:
        verbose_name = _("attestation of a policy")
        verbose_name_plural = _("attestations of policies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["policy", "institute", "fiscal_year"],
                name="governance_attestation_once_a_year",
            ),
            models.CheckConstraint(
                condition=Q(is_kept=True) | ~Q(remark=""),
                name="governance_attestation_breach_has_remark",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institute_id} of {self.policy_id} in {self.fiscal_year}"


POLICY_TRIGGERS = (
    *append_only(
        "governance_policyversion",
        updatable_columns=(
            *("state", "adopted_on", "in_force_on", "decision"),
            *("revoked_on", "why_revoked"),
        ),
    ),
    *append_only("governance_policycomment"),
    *append_only("governance_policyposition"),
    *append_only("governance_policyattestation"),
)
