"""Reads of jobs."""

from django.db.models import QuerySet

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.models import Job


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """Every job for network staff, for the rest what they asked for; newest first."""
    jobs = Job.objects.order_by("-requested_at", "-id")
    if actor.is_network_staff:
        return jobs
    if actor.user_id is None:
        return jobs.none()
    return jobs.filter(requested_by_id=actor.user_id)
