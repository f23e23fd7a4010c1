"""What the database holds: nothing, a network in use, or the demonstration.

The loading of the demonstration leaves one audit event before its first record and one after its
last, so that an interrupted one is told from a finished one, and neither from a network in use.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from lineshaft.config.console import Report
from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.plumbing.audit.services import record_event

BEGIN_VERB: Final = "begin_demonstration"
END_VERB: Final = "load_demonstration"

TELLING_TABLES: Final = frozenset({"audit_auditevent", "access_user"})
"""Nothing is written without an event, and a user is the first thing that a network has."""


class Holds(StrEnum):
    """What is in the database."""

    NOTHING = "nothing"
    NETWORK = "network"
    DEMONSTRATION = "demonstration"
    PART_OF_DEMONSTRATION = "part of the demonstration"


@dataclass(frozen=True, slots=True)
class Contents:
    """What the database holds, and the scale where it is the demonstration."""

    holds: Holds
    scale: int = 0


def contents_of(actor: Actor) -> Contents:
    """Return what the database holds now."""
    events = events_visible_to(actor)
    ended = _demonstration_event(actor, END_VERB)
    if ended is not None:
        return Contents(Holds.DEMONSTRATION, int(ended.changes["scale"]))
    if _demonstration_event(actor, BEGIN_VERB) is not None:
        return Contents(Holds.PART_OF_DEMONSTRATION)
    if events.exists() or get_user_model().objects.exists():
        return Contents(Holds.NETWORK)
    return Contents(Holds.NOTHING)


def holds_anything() -> bool:
    """Whether there are records of any kind, asked so that tables of any version will do."""
    with connection.cursor() as cursor:
        for table in TELLING_TABLES & set(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 -- our own names
            if cursor.fetchone():
                return True
    return False


def load_into_empty(actor: Actor, *, scale: int, report: Report) -> None:
    """Load the reference network and the demonstration year at `scale`.

    Raises Unavailable where the database holds anything already.
    """
    match contents_of(actor):
        case Contents(holds=Holds.NETWORK):
            raise Unavailable(
                "This database holds a network in use: no demonstration is loaded into it. Name"
                " another folder with LINESHAFT_VAR, or another database with DATABASE_URL."
            )
        case Contents(holds=Holds.DEMONSTRATION, scale=loaded):
            raise Unavailable(
                "The demonstration is loaded already, at scale %(loaded)s. For another, name"
                " another folder with LINESHAFT_VAR, or another database with DATABASE_URL.",
                params={"loaded": loaded},
            )
        case Contents(holds=Holds.PART_OF_DEMONSTRATION):
            raise Unavailable(
                "The loading of the demonstration was interrupted. Remove the database"
                " %(database)s, which holds nothing else, then run this again.",
                params={"database": connection.settings_dict["NAME"]},
            )
        case _:
            # This import costs as much as all others together, and a second start needs none of it.
            from lineshaft.demonstration.calibration import PROFILE  # noqa: PLC0415
            from lineshaft.demonstration.load import load_demonstration  # noqa: PLC0415

            if settings.PROFILE != PROFILE:
                raise Unavailable(
                    "The demonstration year is written for the profile “%(written_for)s”; this"
                    " network has “%(profile)s”. Load its agencies and figures alone with"
                    " lineshaft load --reference.",
                    params={"written_for": PROFILE, "profile": settings.PROFILE},
                )
            _note(actor, BEGIN_VERB, scale)
            load_demonstration(actor, scale=scale, now=clock.now(), progress=report)
            _note(actor, END_VERB, scale)


def _note(actor: Actor, verb: str, scale: int) -> None:
    changes = {"scale": scale}
    with transaction.atomic():
        record_event(actor, verb, ("demonstration", "year"), changes=changes, now=clock.now())


def _demonstration_event(actor: Actor, verb: str) -> AuditEvent | None:
    return events_visible_to(actor).filter(verb=verb, subject_type="demonstration").first()
