"""What the verbs of an application share: locking, asking permission, versions, the trail.

The trail names who did what to which application, and no content of it; it is filed under no
institute, so that a call's own staff read nothing of it either while the call is open.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, ApplicationVersion, Competition, Stage
from lineshaft.apps.competitions.queries import (
    NO_APPLICATION,
    Seat,
    applications_visible_to,
    call_stage,
    content_of,
    require_part,
    seat_of,
)
from lineshaft.kernel.errors import NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

EACH_TIME: Final = timedelta(0)
"""Keeps a version at each writing."""


def held_application(actor: Actor, application: Application, verb: str, part: str) -> Application:
    """The application behind its lock, if the actor may do that to that part of it.

    Raises NotFound for a stranger to it and for a part that is not shared with them.
    """
    permit(actor, rules.PERMISSIONS[verb])
    rows = Application.objects.select_for_update(of=("self",))
    row = rows.select_related("competition__institute", "lead").filter(pk=application.pk).first()
    if row is None or not applications_visible_to(actor).filter(pk=row.pk).exists():
        raise NotFound(NO_APPLICATION, code="no_application")
    seat = seat_of(actor, row)
    require_part(seat, part)
    if not may_by_seat(seat, verb):
        raise NotPermitted(
            rules.PERMISSIONS[verb].sentence, code="not_permitted", params={"verb": verb}
        )
    return row


def may_by_seat(seat: Seat, verb: str) -> bool:
    """Whether somebody in that seat does that verb, whatever the state."""
    return seat.leads if verb in rules.LEADING_VERBS else rules.may_write(seat.role)


def open_call(row: Application, *, now: datetime) -> Stage:
    """The stage that is open to the application now.

    Raises Refused where none is, where its deadline has passed, and for one that is withdrawn.
    """
    competition = row.competition
    stage = call_stage(competition)
    if stage is None:
        refuse_if(rules.refuse_call(competition.state, None))
    assert stage is not None  # noqa: S101 -- the rule has refused that
    refuse_late_at(competition, stage, now=now)
    refuse_if(rules.refuse_writing(row.state))
    return stage


def refuse_late_at(competition: Competition, stage: Stage, *, now: datetime) -> None:
    """Raise Refused where what arrives now for the stage is not taken any more."""
    if stage.ends_at is None:
        return
    policy = rules.LatePolicy(competition.late_policy)
    refuse_if(rules.refuse_late(stage.ends_at, policy, competition.grace_minutes, now=now))


def refuse_stale(row: Application, part: str, seen: int | None) -> None:
    """Raise Stale where the part has a later version than the one that was seen; None asks for no
    such care.
    """
    if seen is not None and last_version_of(row, part) != seen:
        raise Stale


def last_version_of(application: Application, part: str) -> int:
    """The number of the last version of the part; 0 before the first."""
    found = ApplicationVersion.objects.filter(application=application, part=part)
    number = found.order_by("-number").values_list("number", flat=True).first()
    return number or 0


def content_at(application: Application, part: str, number: int) -> dict[str, Any]:
    """What a table of amounts held in that version of its part; nothing before the first."""
    found = ApplicationVersion.objects.filter(
        application=application, part=part, number__lte=number
    )
    content: dict[str, Any] | None = (
        found.order_by("-number").values_list("content", flat=True).first()
    )
    return content or {"lines": []}


def keep_version(
    actor: Actor, row: Application, part: str, *, now: datetime, every: timedelta = EACH_TIME
) -> None:
    """Keep the part as it stands as a version, where it has changed since the last one.

    None is kept while one of the same person is younger than `every`.
    """
    content = content_of(row, part)
    last = row.versions.filter(part=part).order_by("-number").first()
    if last is not None and last.content == content:
        return
    is_own = last is not None and last.made_by_user_id == actor.user_id
    if last is not None and is_own and now - last.made_at < every:
        return
    newest = row.versions.order_by("-number").values_list("number", flat=True).first()
    ApplicationVersion.objects.create(
        application=row,
        number=(newest or 0) + 1,
        part=part,
        content=content,
        made_at=now,
        made_by=actor.label,
        made_by_user_id=actor.user_id,
    )


def changed(
    actor: Actor,
    row: Application,
    verb: str,
    part: str,
    *,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Say that the part has changed: its version, the moment, the event."""
    keep_version(actor, row, part, now=now)
    touch(row, now=now)
    audit_application(actor, verb, row, now=now, changes=changes)


def touch(row: Application, *, now: datetime) -> None:
    """Note when the application was last changed."""
    row.changed_at = now
    row.save(update_fields=["changed_at"])


def audit_application(
    actor: Actor,
    verb: str,
    row: Application,
    *,
    now: datetime,
    why: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write the event of a verb on an application, in the caller's transaction."""
    record_event(actor, verb, row, now=now, why=why, changes=changes)
