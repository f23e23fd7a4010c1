"""What the verbs of competitions share: locking, asking permission, checking texts, the trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.queries import competitions_visible_to, runner_keys_of
from lineshaft.kernel.errors import FieldError, NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

EMPTY: Final = gettext_noop("This is empty. Write something.")
TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
NO_COMPETITION: Final = gettext_noop("There is no such competition, or none that you may see.")


def locked_competition(actor: Actor, competition: Competition) -> Competition:
    """The competition behind its lock; raises NotFound where the actor may not know of it."""
    rows = Competition.objects.select_for_update(of=("self",)).select_related(
        "institute", "selecting_official"
    )
    row = rows.filter(pk=competition.pk).first()
    if row is None or not competitions_visible_to(actor).filter(pk=competition.pk).exists():
        raise NotFound(NO_COMPETITION, code="no_competition")
    return row


def held_competition(actor: Actor, competition: Competition, verb: str) -> Competition:
    """The same, if the actor may do that to it; raises NotPermitted."""
    row = locked_competition(actor, competition)
    permit_to_run(actor, verb, row)
    return row


def permit_to_run(actor: Actor, verb: str, competition: Competition) -> None:
    """Return if the actor may do that to the competition; raises NotPermitted."""
    institute, agencies = runner_keys_of(competition)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)


def audit_competition(
    actor: Actor,
    verb: str,
    competition: Competition,
    *,
    now: datetime,
    why: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write the event of a verb on a competition, in the caller's transaction."""
    record_event(
        actor,
        verb,
        competition,
        now=now,
        why=why,
        institute=competition.institute.key if competition.institute else "",
        changes=changes,
    )


def plain(text: str) -> str:
    """The text as it is stored: lines end alike, without blanks around."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def faults_of_texts(
    texts: Mapping[str, str], most: int, *, required: bool = False
) -> list[FieldError]:
    """One fault for each text that is too long, or missing where it is required."""
    faults = []
    for name, text in texts.items():
        if required and not text.strip():
            faults.append(FieldError(name, message=EMPTY))
        elif len(text.strip()) > most:
            faults.append(FieldError(name, message=TOO_LONG, params={"most": most}))
    return faults
