"""Reads of motions: one with its roll and counts, and what the actor may still vote on.

A secret vote is read as its roll (who has voted) and, once closed, as its counts; what stands in
the urn is read by nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    Candidate,
    Disclosure,
    Meeting,
    Motion,
    PolicyVersion,
    RollEntry,
    Vote,
)
from lineshaft.apps.governance.queries.meetings import meetings_visible_to
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_MOTION: Final = gettext_noop("There is no such motion, or none that you may see.")


@dataclass(frozen=True, slots=True)
class MotionStanding:
    """A motion with its roll and candidates; `votes` are the open votes by place on the roll."""

    motion: Motion
    roll: tuple[RollEntry, ...]
    candidates: tuple[Candidate, ...]
    recused: tuple[Disclosure, ...]
    votes: Mapping[int, Vote]

    @property
    def cast(self) -> int:
        """How many have voted."""
        return sum(one.has_voted for one in self.roll)


def motion_by_number(meeting: Meeting, number: int) -> Motion:
    """That motion of a meeting that may be seen; raises NotFound."""
    rows = Motion.objects.filter(meeting=meeting, number=number).select_related(
        "item", "moved_by", "seconded_by", "seat", "version__policy"
    )
    found = rows.first()
    if found is None:
        raise NotFound(_NO_MOTION, code="no_motion")
    found.meeting = meeting
    return found


def motion_standing(motion: Motion) -> MotionStanding:
    """The motion with its roll, candidates, recusals and open votes; four queries."""
    roll = tuple(motion.roll.select_related("person", "seat").order_by("number"))
    candidates = tuple(motion.candidates.select_related("person").order_by("number"))
    recused = motion.item.disclosures.filter(is_recused=True).select_related("person")
    votes = (
        {}
        if motion.is_secret
        else {one.entry_id: one for one in Vote.objects.filter(entry__motion=motion)}
    )
    return MotionStanding(motion, roll, candidates, tuple(recused.order_by("pk")), votes)


def own_entry(actor: Actor, shown: MotionStanding) -> RollEntry | None:
    """The actor's own place on the roll, or None."""
    if actor.user_id is None:
        return None
    return next((one for one in shown.roll if one.person.user_id == actor.user_id), None)


def votes_waiting(actor: Actor, *, on: date) -> QuerySet[Motion]:
    """The open votes of visible meetings on whose roll the actor stands and has not voted."""
    if actor.user_id is None:
        return Motion.objects.none()
    return (
        Motion.objects.filter(
            state=rules.VOTING,
            roll__person__user_id=actor.user_id,
            roll__has_voted=False,
            meeting__in=meetings_visible_to(actor, on=on),
        )
        .select_related("meeting__body__institute", "item")
        .order_by("closes_on", "pk")
    )


def motions_on(actor: Actor, version: PolicyVersion, *, on: date) -> QuerySet[Motion]:
    """The motions to adopt that version, of meetings that the actor may read."""
    rows = Motion.objects.filter(version=version, meeting__in=meetings_visible_to(actor, on=on))
    return rows.select_related("meeting__body").order_by("pk")


def drafts_to_adopt() -> QuerySet[PolicyVersion]:
    """The drafts on whose adoption the council can vote."""
    rows = PolicyVersion.objects.filter(state=rules.DRAFT).select_related("policy")
    return rows.order_by("policy__title", "pk")
