"""Who entered a record, and on what evidence: the lines that a record's page ends with."""

from django.utils.translation import gettext as _

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.web import formats
from lineshaft.web.pages import Item


def entry_items(actor: Actor, event_id: int | None, *, term: str) -> tuple[Item, ...]:
    """The event by which a record came in, where the actor may read it; `term` names its moment."""
    event = events_visible_to(actor).filter(pk=event_id).first() if event_id is not None else None
    if event is None:
        return ()
    items = [
        Item(term, formats.date_local(event.at)),
        Item(_("By"), formats.actor_name(event.actor_label)),
    ]
    if event.why:
        items.append(Item(_("Evidence"), event.why))
    return tuple(items)
