"""Jobs: work that outlives a request, with its progress and its lease.

The row in django-tasks-db is the queue (what runs next, when); this row is the job itself (what it
is for, how far it is, who holds it until when). Invariants: a running job has a lease and a token,
no other job has; of jobs with the same `unique_key` at most one is queued (starting a job clears
its key, so that a wish uttered while one runs is met by a run of its own).
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.jobs import rules

STATE_LABELS = {
    rules.QUEUED: _("Queued"),
    rules.RUNNING: _("Running"),
    rules.DONE: _("Done"),
    rules.FAILED: _("Failed"),
    rules.STOPPED: _("Stopped"),
}


class Job(models.Model):
    """One piece of background work."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    payload = models.JSONField(_("payload"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=16, choices=list(STATE_LABELS.items()), default=rules.QUEUED
    )
    progress_done = models.PositiveIntegerField(_("done"), default=0)
    progress_total = models.PositiveIntegerField(_("of"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    note_params = models.JSONField(default=dict, blank=True)
    error = models.TextField(_("error"), blank=True, default="")
    error_params = models.JSONField(default=dict, blank=True)
    trace = models.TextField(_("trace"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    attempts_max = models.PositiveSmallIntegerField(default=rules.ATTEMPTS_MAX)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    actor_label = models.CharField(_("who"), max_length=200)
    requested_at = models.DateTimeField(_("requested at"))
    run_after = models.DateTimeField(_("not before"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    stop_requested_at = models.DateTimeField(_("stop requested at"), null=True, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=64, blank=True, default="")
    task_id = models.UUIDField(null=True, blank=True)
    unique_key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering: ClassVar[list[str]] = ["-requested_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "leased_until"], name="jobs_job_lease"),
            models.Index(fields=["-requested_at", "-id"], name="jobs_job_newest"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state=rules.RUNNING, leased_until__isnull=False)
                | (~models.Q(state=rules.RUNNING) & models.Q(leased_until__isnull=True)),
                name="jobs_job_lease_while_running",
            ),
            models.UniqueConstraint(
                fields=["unique_key"],
                condition=models.Q(state=rules.QUEUED) & ~models.Q(unique_key=""),
                name="jobs_job_queued_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("jobs:show_job", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in rules.OPEN_STATES

    @property
    def is_stopping(self) -> bool:
        """True between the wish to stop and the moment when the handler obeys it."""
        return self.state == rules.RUNNING and self.stop_requested_at is not None

    @property
    def progress_percent(self) -> int | None:
        """Whole per cent, rounded down; None while the total is not known."""
        if not self.progress_total:
            return None
        return min(100, self.progress_done * 100 // self.progress_total)
