"""Standing in the directory of members, and leaving it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import OPEN_LEVELS, DirectoryEntry
from lineshaft.apps.memberships.queries import is_member_on
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

_EMPTY: Final = gettext_noop("Say in a sentence what the organisation does.")
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_NO_ADDRESS: Final = gettext_noop("“%(value)s” is no e-mail address, such as ada@example.org.")
_NO_LEVEL: Final = gettext_noop("This is shared with one of: %(known)s.")
_NO_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_MANY_AREAS: Final = gettext_noop("Choose at most %(most)s technology areas.")
_NO_ENTRY: Final = gettext_noop("The organisation does not stand in the directory.")
_LENGTHS: Final = {
    "description": rules.DESCRIPTION_MAX,
    "description_zh": rules.DESCRIPTION_MAX,
    "capabilities": rules.CAPABILITIES_MAX,
    "contact_name": rules.CONTACT_MAX,
}


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """What an organisation says of itself; `areas` are keys, `capabilities` words with commas."""

    description: str
    description_zh: str = ""
    capabilities: str = ""
    areas: tuple[str, ...] = ()
    contact_name: str = ""
    contact_email: str = ""
    level: str = SharingLevel.NETWORK
    is_demonstration: bool = False

    def texts(self) -> dict[str, str]:
        """The texts as they are stored."""
        names = (*_LENGTHS, "contact_email")
        return {name: getattr(self, name).strip() for name in names}


def list_in_directory(
    actor: Actor, organisation: Organisation, row: DirectoryRow, *, now: datetime
) -> DirectoryEntry:
    """Put the organisation into the directory, or change what it says there.

    Raises Refused for one that is no member today, Invalid with every fault.
    """
    permit(actor, rules.PERMISSIONS["list_in_directory"], organisation=str(organisation.pk))
    faults, areas = _faults(row)
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        locked = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        is_member = is_member_on(locked.pk, on=now.date())
        refuse_if(rules.refuse_non_member(locked.name, is_member=is_member))
        values = row.texts() | {
            "level": row.level,
            "is_listed": True,
            "is_demonstration": row.is_demonstration,
            "listed_at": now,
        }
        entry, is_new = DirectoryEntry.objects.update_or_create(
            organisation=locked, defaults=values
        )
        entry.technology_areas.set(areas)
        record_event(
            actor,
            "list_in_directory",
            entry,
            now=now,
            changes={
                "organisation": locked.pk,
                "is_new": is_new,
                "level": row.level,
                "areas": sorted(area.key for area in areas),
            },
        )
    return entry


def leave_directory(actor: Actor, organisation: Organisation, *, now: datetime) -> DirectoryEntry:
    """Take the organisation out of the directory; what it said is kept for when it comes back."""
    permit(actor, rules.PERMISSIONS["leave_directory"], organisation=str(organisation.pk))
    with transaction.atomic():
        entry = (
            DirectoryEntry.objects.select_for_update(of=("self",))
            .filter(organisation=organisation, is_listed=True)
            .first()
        )
        if entry is None:
            raise NotFound(_NO_ENTRY, code="no_entry")
        entry.is_listed = False
        entry.save(update_fields=["is_listed"])
        record_event(
            actor, "leave_directory", entry, now=now, changes={"organisation": organisation.pk}
        )
    return entry


def address_faults(name: str, value: str) -> list[FieldError]:
    """What is wrong with an e-mail address; nothing with none."""
    try:
        if value:
            validate_email(value)
    except ValidationError:
        return [FieldError(name, message=_NO_ADDRESS, params={"value": value})]
    return []


def level_faults(level: str) -> list[FieldError]:
    """What is wrong with a level that a member shares something with others by."""
    if level in OPEN_LEVELS:
        return []
    return [FieldError("level", message=_NO_LEVEL, params={"known": ", ".join(OPEN_LEVELS)})]


def _faults(row: DirectoryRow) -> tuple[list[FieldError], Sequence[TechnologyArea]]:
    texts = row.texts()
    faults = [
        FieldError(name, message=_TOO_LONG, params={"most": most})
        for name, most in _LENGTHS.items()
        if len(texts[name]) > most
    ]
    if not texts["description"]:
        faults.append(FieldError("description", message=_EMPTY))
    faults += address_faults("contact_email", texts["contact_email"])
    faults += level_faults(row.level)
    areas = list(TechnologyArea.objects.filter(key__in=row.areas))
    known = {area.key for area in areas}
    faults += [
        FieldError("areas", message=_NO_AREA, params={"key": key})
        for key in row.areas
        if key not in known
    ]
    if len(areas) > rules.AREAS_MAX:
        faults.append(FieldError("areas", message=_MANY_AREAS, params={"most": rules.AREAS_MAX}))
    return faults, areas
