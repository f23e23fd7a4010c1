"""What people made of topics that overlap.

Invariant: a judgement is never changed; a later one stands beside it, and the last one counts.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.applications import Application
from lineshaft.plumbing.triggers import append_only

OVERLAP_OF_LABELS = {
    rules.OverlapOf.INSTITUTE: pgettext_lazy("overlap", "Institute"),
    rules.OverlapOf.COMPETITION: pgettext_lazy("overlap", "Competition"),
    rules.OverlapOf.AWARD: pgettext_lazy("overlap", "Award of another agency"),
    rules.OverlapOf.APPLICATION: pgettext_lazy("overlap", "Application"),
}
TOPIC_JUDGEMENT_LABELS = {
    rules.TopicJudgementKind.DUPLICATE: pgettext_lazy("overlap", "Duplicate"),
    rules.TopicJudgementKind.DISTINCT: pgettext_lazy("overlap", "Distinct"),
    rules.TopicJudgementKind.UNCLEAR: pgettext_lazy("overlap", "Unclear"),
}


class TopicJudgement(models.Model):
    """That somebody judged the topic of an application against something that there is.

    `of` and `other_id` name that thing, `other_name` is what it was called then.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="topic_judgements",
        verbose_name=_("application"),
    )
    of = models.CharField(_("kind"), max_length=16, choices=list(OVERLAP_OF_LABELS.items()))
    other_id = models.PositiveBigIntegerField(_("number"))
    other_name = models.CharField(_("name"), max_length=500)
    judgement = models.CharField(
        _("judgement"), max_length=16, choices=list(TOPIC_JUDGEMENT_LABELS.items())
    )
    reason = models.TextField(_("reason"))
    judged_by = models.CharField(_("judged by"), max_length=200)
    judged_at = models.DateTimeField(_("judged at"))

    class Meta:
        verbose_name = _("judgement of an overlap")
        verbose_name_plural = _("judgements of overlaps")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["application", "of", "other_id"], name="competitions_topic_judged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.of} {self.other_id}, {self.judgement}"


OVERLAP_TRIGGERS = append_only("competitions_topicjudgement")
