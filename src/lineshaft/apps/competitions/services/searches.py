"""Keeping a search for opportunities, dropping it, and telling of what is new in it.

Each message holds only what its reader may see at that moment. What was told is noted in the same
transaction as the message, so that nothing is told twice and nothing is passed over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import SavedSearch
from lineshaft.apps.competitions.queries import Search, new_in, searches_of
from lineshaft.apps.competitions.services.record import faults_of_texts
from lineshaft.apps.network.models import Agency, TechnologyArea
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats

SEARCHES_MAX: Final = 20
SETTLED: Final = timedelta(minutes=10)
"""What was opened later than that before a round waits for the next one: its transaction may not
have ended yet.
"""

SHOWN_MAX: Final = 20
"""So many are named in one message; the rest is counted."""

_NAME_TAKEN: Final = gettext_noop("You keep a search of that name already.")
_MANY: Final = gettext_noop("You keep %(most)s searches already. Delete one first.")
_UNKNOWN: Final = gettext_noop("There is nothing called “%(key)s” to look for.")
_NO_SEARCH: Final = gettext_noop("There is no such search of yours.")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """A search as somebody keeps it."""

    name: str
    search: Search
    is_told: bool = True


def save_search(actor: Actor, terms: SearchTerms, *, now: datetime) -> SavedSearch:
    """Keep a search of the actor's; they are told of what is announced or opened from now on."""
    permit(actor, rules.PERMISSIONS["save_search"])
    search, name = terms.search, terms.name.strip()
    agency = Agency.objects.filter(key=search.agency).first() if search.agency else None
    area = TechnologyArea.objects.filter(key=search.area).first() if search.area else None
    own = searches_of(actor)
    faults = faults_of_texts({"name": name}, rules.TITLE_MAX, required=True)
    faults += faults_of_texts({"words": search.words}, rules.TITLE_MAX)
    found = {
        "kind": not search.kind or search.kind in set(CompetitionKind),
        "agency": not search.agency or agency is not None,
        "area": not search.area or area is not None,
    }
    faults += [
        FieldError(field, message=_UNKNOWN, params={"key": getattr(search, field)[:64]})
        for field, is_known in found.items()
        if not is_known
    ]
    if own.filter(name=name).exists():
        faults.append(FieldError("name", message=_NAME_TAKEN))
    elif own.count() >= SEARCHES_MAX:
        faults.append(FieldError("name", message=_MANY, params={"most": SEARCHES_MAX}))
    if faults:
        raise Invalid(faults)
    try:
        with transaction.atomic():
            saved = SavedSearch.objects.create(
                user_id=actor.own_id,
                name=name,
                words=search.words.strip(),
                kind=search.kind,
                agency=agency,
                area=area,
                is_told=terms.is_told,
                saved_at=now,
                told_until=now,
            )
            record_event(actor, "save_search", saved, now=now, changes={"is_told": terms.is_told})
    except IntegrityError as error:
        raise Stale from error
    return saved


def delete_search(actor: Actor, saved: SavedSearch, *, now: datetime) -> None:
    """Drop a search of the actor's."""
    permit(actor, rules.PERMISSIONS["delete_search"])
    with transaction.atomic():
        row = SavedSearch.objects.select_for_update().filter(pk=saved.pk).first()
        if row is None or row.user_id != actor.own_id:
            raise NotFound(_NO_SEARCH, code="no_search")
        record_event(actor, "delete_search", row, now=now)
        row.delete()


def tell_of_new(actor: Actor, user: User, *, now: datetime) -> int:
    """Write one message for each search of the user's in which something is new; `actor` is that
    user. Returns how many were written.
    """
    written = 0
    for pk in list(searches_of(actor).filter(is_told=True).values_list("pk", flat=True)):
        with transaction.atomic():
            # one that was deleted meanwhile is passed over
            for row in SavedSearch.objects.select_for_update().filter(pk=pk):
                written += _tell(actor, user, row, now=now)
    return written


def _tell(actor: Actor, user: User, saved: SavedSearch, *, now: datetime) -> int:
    until = max(saved.told_until, now - SETTLED)
    found = list(new_in(actor, saved, until=until))
    saved.told_until = until
    saved.save(update_fields=["told_until"])
    if not found or not user.email:
        return 0
    with override(user.language or None):
        subject = ngettext(
            "%(count)s new opportunity for “%(name)s”",
            "%(count)s new opportunities for “%(name)s”",
            len(found),
        ) % {"count": len(found), "name": saved.name}
        lines = []
        for one in found[:SHOWN_MAX]:
            said = {
                "code": one.code,
                "state": one.get_state_display(),
                "title": formats.local_name(one),
            }
            address = f"{settings.ORIGIN}{one.get_absolute_url()}"
            lines += [_("%(code)s, %(state)s: %(title)s") % said, address, ""]
        left = len(found) - SHOWN_MAX
        if left > 0:
            more = ngettext("And %(count)s more.", "And %(count)s more.", left)
            lines.append(more % {"count": left})
        send_mail_later(user.email, subject, "\n".join(lines), now=now, about=saved)
    return 1
