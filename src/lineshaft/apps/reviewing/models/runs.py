"""Proposals of who reviews what: under which terms, what came out, what was found to be impossible.

Invariants: a run that was adopted or discarded never changes again; what it proposed is kept.
"""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models.pool import PanelSeat
from lineshaft.plumbing.jobs.models import Job

OBJECTIVE_LABELS = {
    rules.Objective.FAIR: _("The best for the application that fares worst, then the largest sum"),
    rules.Objective.SUM: _("The largest sum of affinities"),
}
RUN_STATE_LABELS = {
    rules.COMPUTING: pgettext_lazy("assignment", "Being computed"),
    rules.PROPOSED: pgettext_lazy("assignment", "Proposed"),
    rules.INFEASIBLE: pgettext_lazy("assignment", "Impossible"),
    rules.STOPPED: pgettext_lazy("assignment", "Stopped"),
    rules.ADOPTED: pgettext_lazy("assignment", "Adopted"),
    rules.DISCARDED: pgettext_lazy("assignment", "Discarded"),
}
CERTAINTY_LABELS = {
    rules.Certainty.OPTIMAL: _("The best there is, proven"),
    rules.Certainty.FEASIBLE: _("The best that was found in the time given"),
    rules.Certainty.INCOMPLETE: _("Time ran out before everything held"),
}


class AssignmentRun(models.Model):
    """One proposal for a stage; affinities are in units from 0 to 1, None where nothing came out.

    `forced` and `forbidden` are pairs of an application's and a seat's id. `digest` names what it
    was computed from, and `explanation` what cannot all hold and what would free it.
    """

    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="assignment_runs", verbose_name=_("stage")
    )
    state = models.CharField(
        _("state"), max_length=16, choices=list(RUN_STATE_LABELS.items()), default=rules.COMPUTING
    )
    objective = models.CharField(
        _("what is wanted"), max_length=8, choices=list(OBJECTIVE_LABELS.items())
    )
    demand = models.PositiveSmallIntegerField(_("reviewers of an application"))
    load_least = models.PositiveSmallIntegerField(_("applications at the least"), default=0)
    load_most = models.PositiveSmallIntegerField(_("applications at most"), null=True, blank=True)
    sector_least = models.PositiveSmallIntegerField(_("of each half of the panel"), default=0)
    lead_sector_least = models.PositiveSmallIntegerField(_("of the lead's sector"), default=0)
    employer_most = models.PositiveSmallIntegerField(_("of one employer"), null=True, blank=True)
    time_limit_s = models.PositiveSmallIntegerField(_("seconds at most"))
    forced = models.JSONField(_("pairs that must be"), default=list, blank=True)
    forbidden = models.JSONField(_("pairs that may not be"), default=list, blank=True)
    digest = models.CharField(_("SHA-256 of what it was computed from"), max_length=64, blank=True)
    certainty = models.CharField(
        _("how sure"),
        max_length=16,
        choices=list(CERTAINTY_LABELS.items()),
        blank=True,
        default="",
    )
    total = models.DecimalField(
        _("sum of affinities"), max_digits=16, decimal_places=6, null=True, blank=True
    )
    worst = models.DecimalField(
        _("worst application"), max_digits=16, decimal_places=6, null=True, blank=True
    )
    total_bound = models.DecimalField(
        _("no sum exceeds"), max_digits=16, decimal_places=6, null=True, blank=True
    )
    worst_bound = models.DecimalField(
        _("no worst application exceeds"), max_digits=16, decimal_places=6, null=True, blank=True
    )
    took_ms = models.PositiveIntegerField(_("took"), null=True, blank=True)
    explanation = models.JSONField(_("what cannot be"), default=dict, blank=True)
    job = models.ForeignKey(
        Job,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("job"),
    )
    made_at = models.DateTimeField(_("asked for at"))
    made_by = models.CharField(_("asked for by"), max_length=200)
    ended_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    ended_by = models.CharField(_("decided by"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("proposal of an assignment")
        verbose_name_plural = _("proposals of assignments")
        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.state}"

    @property
    def gap(self) -> Decimal | None:
        """By how much what is wanted first might still be better; None where nothing came out."""
        reached, bound = self.worst, self.worst_bound
        if self.objective == rules.Objective.SUM:
            reached, bound = self.total, self.total_bound
        return None if reached is None or bound is None else bound - reached

    @property
    def terms(self) -> rules.AssignmentTerms:
        """The terms under which it is computed."""
        return rules.AssignmentTerms(
            objective=self.objective,
            demand=self.demand,
            load_least=self.load_least,
            load_most=self.load_most,
            sector_least=self.sector_least,
            lead_sector_least=self.lead_sector_least,
            employer_most=self.employer_most,
            time_limit_s=self.time_limit_s,
            forced=tuple((first, second) for first, second in self.forced),
            forbidden=tuple((first, second) for first, second in self.forbidden),
        )


class ProposedPair(models.Model):
    """That a run proposes somebody for an application."""

    run = models.ForeignKey(
        AssignmentRun, on_delete=models.CASCADE, related_name="pairs", verbose_name=_("proposal")
    )
    seat = models.ForeignKey(
        PanelSeat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat")
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="+", verbose_name=_("application")
    )
    affinity = models.DecimalField(_("affinity"), max_digits=7, decimal_places=6)

    class Meta:
        verbose_name = _("proposed pair")
        verbose_name_plural = _("proposed pairs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "application", "seat"], name="reviewing_proposed_pair_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.application_id}"


class ApplicationAffinity(models.Model):
    """How well everybody on a panel fits an application: millionths by the id of the seat.

    `digest` names the texts from which all affinities of the stage were counted together.
    """

    stage = models.ForeignKey(
        Stage, on_delete=models.CASCADE, related_name="affinities", verbose_name=_("stage")
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="+", verbose_name=_("application")
    )
    of_seats = models.JSONField(_("affinity by seat"), default=dict)
    digest = models.CharField(_("SHA-256 of the texts"), max_length=64)
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("affinity of an application")
        verbose_name_plural = _("affinities of applications")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["stage", "application"], name="reviewing_affinity_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.application_id}"
