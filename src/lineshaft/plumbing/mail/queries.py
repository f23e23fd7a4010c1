"""Reads of the outbox."""

from django.db.models import QuerySet

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.models import OutboxMessage


def messages_visible_to(actor: Actor) -> QuerySet[OutboxMessage]:
    """The outbox without what is sealed for network staff, nothing for anybody else; newest
    first.
    """
    messages = OutboxMessage.objects.filter(is_sealed=False).order_by("-created_at", "-id")
    return messages if actor.is_network_staff else messages.none()
