"""Reads of searches that somebody keeps, and of what is new in them."""

from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from lineshaft.apps.competitions.models import Competition, SavedSearch
from lineshaft.apps.competitions.queries.competitions import (
    Search,
    narrowed,
    opportunities_visible_to,
    with_deadlines,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_SEARCH: Final = gettext_noop("There is no such search of yours.")


def searches_of(actor: Actor) -> QuerySet[SavedSearch]:
    """The actor's own searches, by name; nobody else's."""
    return (
        SavedSearch.objects.filter(user_id=actor.own_id)
        .select_related("agency", "area")
        .order_by("name", "pk")
    )


def search_by_id(actor: Actor, pk: int) -> SavedSearch:
    """That search of the actor's; raises NotFound."""
    found = searches_of(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_SEARCH, code="no_search")
    return found


def terms_of(saved: SavedSearch) -> Search:
    """What the search looks for."""
    return Search(
        words=saved.words,
        kind=saved.kind,
        agency=saved.agency.key if saved.agency else "",
        area=saved.area.key if saved.area else "",
    )


def new_in(actor: Actor, saved: SavedSearch, *, until: datetime) -> QuerySet[Competition]:
    """What the actor may see, fits the search, and was announced or opened since they were told
    last.
    """
    announced = Q(announced_at__gt=saved.told_until, announced_at__lte=until)
    opened = Q(opened_at__gt=saved.told_until, opened_at__lte=until)
    fresh = opportunities_visible_to(actor).filter(announced | opened)
    return with_deadlines(narrowed(fresh, terms_of(saved))).order_by("pk")
