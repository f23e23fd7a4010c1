"""What the verbs of judging share: locking, asking permission, the trail.

The trail names who did what to which application, without a word of what was said, and is filed
under no institute: a call's own staff read nothing of it there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.queries import may_read_submissions, runner_keys_of
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, StagePhase
from lineshaft.apps.reviewing.queries import NO_ASSIGNMENT, assignment_to_review, judging_of
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.web.formats import local_name


def held_stage(stage: Stage) -> Stage:
    """The stage behind its lock, with its competition and its phase as they stand now."""
    rows = Stage.objects.select_for_update(of=("self",)).select_related("competition__institute")
    row = rows.get(pk=stage.pk)
    phase = StagePhase.objects.filter(stage=row).first()
    if phase is not None:
        row.phase = phase
    return row


def held_own(actor: Actor, assignment: Assignment) -> Assignment:
    """An assignment of the actor's own behind its lock, with its review; raises NotFound."""
    if Assignment.objects.select_for_update().filter(pk=assignment.pk).first() is None:
        raise NotFound(NO_ASSIGNMENT, code="no_assignment")
    return assignment_to_review(actor, assignment.pk)


def permit_to_judge(actor: Actor, verb: str, stage: Stage) -> None:
    """Return if the actor may do that to the judging of the stage.

    Raises NotFound for whoever reads nothing of it, NotPermitted for whoever reads alone.
    """
    if not may_read_submissions(actor, stage.competition):
        raise NotFound(code="no_stage")
    institute, agencies = runner_keys_of(stage.competition)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)


def refuse_if_closed(stage: Stage) -> None:
    """Raise Refused where nothing of the stage is written any more."""
    refuse_if(rules.refuse_closed(judging_of(stage).phase, local_name(stage)))


def audit_review(
    actor: Actor,
    verb: str,
    application: Application,
    *,
    now: datetime,
    why: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write the event of a verb on what is said of an application, in the caller's transaction."""
    record_event(actor, verb, application, now=now, why=why, changes=changes)


def audit_stage(
    actor: Actor,
    verb: str,
    stage: Stage,
    *,
    now: datetime,
    why: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write the event of a verb on the judging of a stage, in the caller's transaction."""
    competition = stage.competition
    record_event(
        actor,
        verb,
        competition,
        now=now,
        why=why,
        institute=competition.institute.key if competition.institute else "",
        changes={"stage": stage.number, **(changes or {})},
    )
