"""What the verbs of awarding share: locking the competition, asking permission, the trail."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Model

from lineshaft.apps.awarding import rules
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.queries import runner_keys_of
from lineshaft.apps.competitions.services import locked_competition
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit


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
    changes: Mapping[str, int] | None = None,
) -> None:
    """Write the event of a verb, in the caller's transaction: who did what to which, and no content
    of it, nor over how many applications. It is filed under no institute, whose staff would read it
    before anything is published.
    """
    record_event(actor, verb, subject, now=now, count=count, changes=changes)
