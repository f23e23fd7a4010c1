"""What the verbs of awarding share: locking the competition, asking permission, the trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import Model

from lineshaft.apps.awarding import rules
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
    """The competition behind its lock, if the actor may do that in it; raises NotPermitted."""
    row = locked_competition(actor, competition)
    permit_to_award(actor, verb, row)
    return row


def permit_to_award(actor: Actor, verb: str, competition: Competition) -> None:
    """Return if the actor may do that in the competition; raises NotPermitted."""
    institute, agencies = runner_keys_of(competition)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)


def audit_award(
    actor: Actor,
    verb: str,
    subject: Model,
    *,
    now: datetime,
    count: int = 1,
) -> None:
    """Write the event of a verb, in the caller's transaction: who did what to which, and no content
    of it. It is filed under no institute, whose staff would read it before anything is published.
    """
    record_event(actor, verb, subject, now=now, count=count)


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
