"""Reads of stored files."""

from django.db.models import Q, QuerySet

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.sharing import visible_q


def files_visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """What the sharing level opens to the actor, and the actor's own uploads; nothing sealed."""
    condition = visible_q(actor, institute="institute")
    if actor.user_id is not None and condition:
        condition |= Q(uploaded_by_id=actor.user_id)
    return StoredFile.objects.filter(condition, is_sealed=False)
