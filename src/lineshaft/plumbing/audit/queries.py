"""Reads of the audit trail."""

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent


def events_visible_to(actor: Actor) -> QuerySet[AuditEvent]:
    """All events for network staff; those of its institutes for staff and sponsor; else one's own.

    Newest first. Without those on what is sealed, or closed to the actor by a conflict of interest:
    the settings name the condition.
    """
    events = AuditEvent.objects.order_by("-pk")
    if actor.is_anonymous:
        return events.none()
    if not actor.is_system:
        events = events.exclude(import_string(settings.EVENTS_WITHHELD)(actor))
    if actor.is_network_staff:
        return events
    return events.filter(
        Q(actor_user_id=actor.user_id) | Q(institute__in=sorted(actor.staff_institute_keys))
    )


def events_of(actor: Actor, subject: models.Model) -> QuerySet[AuditEvent]:
    """The visible events of one row, newest first."""
    return events_visible_to(actor).filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    )
