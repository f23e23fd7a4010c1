"""Organisations that look alike: the keys that find them, and what was decided of a pair.

Invariants: a pair is stored once, the smaller id first; it names its survivor from the proposal on.
Two searches bring pairs: one compares names (likeness), one weighs all that is known (probability).
What neither finds any more and nobody has decided goes. `OrganisationKey` holds nothing that does
not follow from the names, and can be made anew.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models.ground import Organisation

PAIR_STATE_LABELS = {
    rules.PairState.FOUND: _("Looks alike"),
    rules.PairState.PROPOSED: _("Merge proposed"),
    rules.PairState.MERGED: _("Merged"),
    rules.PairState.KEPT_APART: _("Kept apart"),
    rules.PairState.UNDONE: _("Merge undone"),
}
LIKENESS_LABELS = {
    rules.LikenessReason.SAME_NAME: _("the same name"),
    rules.LikenessReason.SAME_BUT_FORM: _("the same name but for legal form or short forms"),
    rules.LikenessReason.OTHER_ORDER: _("the same words in another order"),
    rules.LikenessReason.SPELLING: _("nearly the same spelling"),
    rules.LikenessReason.MORE_WORDS: _("the same words and more"),
    rules.LikenessReason.SHORT_FORM: _("the initials of the other"),
    rules.LikenessReason.SAME_CITY: _("the same town"),
    rules.LikenessReason.SAME_WEBSITE: _("the same website"),
}
LIKELIHOOD_LABELS = {
    rules.Likelihood.LIKELY: _("From 90%: likely one"),
    rules.Likelihood.IN_DOUBT: _("25% to 90%: in doubt"),
    rules.Likelihood.UNLIKELY: _("Under 25%: unlikely, or not weighed"),
}
LINK_RULE_LABELS = {
    rules.LinkRule.MUST_LINK: _("One organisation"),
    rules.LinkRule.CANNOT_LINK: _("Two organisations"),
}
REASONS_LENGTH_MAX = 100


class OrganisationKey(models.Model):
    """That an organisation is found under a key of its names, see `rules.lookalike_keys`."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        related_name="lookalike_keys",
        db_index=False,  # network_organisation_key_once begins with it
    )
    key = models.BigIntegerField(_("key"), db_index=True)

    class Meta:
        verbose_name = _("key of an organisation's name")
        verbose_name_plural = _("keys of organisations' names")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "key"], name="network_organisation_key_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.key}"


class OrganisationPair(models.Model):
    """Two organisations that may be one, why, and what was decided of them by whom.

    `score_bp` says how alike their names are, `probability_bp` how likely they are one by all that
    is known (0 where they were not weighed), both in basis points. `weight_centibits` is that in
    hundredths of a bit: the sum of `evidence`, rows of comparison, level and its weight, and of
    what a pair weighs of which nothing is known. `cluster` is the same number for all pairs within
    a group that the search puts together.
    """

    first = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("one record")
    )
    second = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("the other record")
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(PAIR_STATE_LABELS.items()),
        default=rules.PairState.FOUND.value,
    )
    score_bp = models.PositiveSmallIntegerField(_("likeness"), default=0)
    reasons = models.CharField(
        _("why they look alike"), max_length=REASONS_LENGTH_MAX, blank=True, default=""
    )
    probability_bp = models.PositiveSmallIntegerField(_("probability"), default=0)
    weight_centibits = models.IntegerField(_("weight"), null=True, blank=True)
    evidence: "models.JSONField[list[list[Any]], list[list[Any]]]" = models.JSONField(
        _("what speaks for and against it"), default=list, blank=True
    )
    weighed_names: "models.JSONField[list[str], list[str]]" = models.JSONField(
        _("names that were weighed"), default=list, blank=True
    )
    cluster = models.BigIntegerField(_("group"), null=True, blank=True)
    weighed_at = models.DateTimeField(_("weighed at"), null=True, blank=True)
    survivor = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("record that stays"),
    )
    why = models.CharField(_("reason"), max_length=rules.REASON_LENGTH_MAX, blank=True, default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    found_at = models.DateTimeField(_("found at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("pair of organisations that look alike")
        verbose_name_plural = _("pairs of organisations that look alike")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["state", "-probability_bp", "-score_bp", "id"], name="network_pair_state"
            ),
            models.Index(
                fields=["cluster"],
                condition=Q(cluster__isnull=False),
                name="network_pair_cluster",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first", "second"], name="network_pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="network_pair_in_order"
            ),
            models.CheckConstraint(
                condition=Q(survivor__isnull=True)
                | Q(survivor=F("first"))
                | Q(survivor=F("second")),
                name="network_pair_survivor_is_one",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[rules.PairState.PROPOSED, rules.PairState.MERGED])
                | Q(survivor__isnull=False),
                name="network_pair_names_survivor",
            ),
            models.CheckConstraint(
                condition=Q(probability_bp__lt=rules.WHOLE_BP), name="network_pair_never_sure"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.state}"

    @property
    def reason_list(self) -> tuple[rules.LikenessReason, ...]:
        """Why they look alike, in the order of weight."""
        return tuple(rules.LikenessReason(one) for one in self.reasons.split() if one)

    @property
    def merged(self) -> Organisation:
        """The record that goes, or would go: the one registered later where none was chosen."""
        return self.first if self.survivor_id == self.second_id else self.second
