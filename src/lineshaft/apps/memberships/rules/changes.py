"""Changes of a membership: the next term, another tier, the end that a side gives it."""

from datetime import date, timedelta
from typing import Final

from lineshaft.apps.memberships.rules.agreements import EndReason
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Day, gettext_noop

_NO_END: Final = gettext_noop(
    "This agreement runs until further notice, so there is no next term to renew it for."
)
_ENDED_FOR: Final = gettext_noop(
    "This membership was ended on %(day)s and not by its term. To join again, apply."
)
_RENEWED: Final = gettext_noop("The next term is agreed already, from %(day)s on.")
_TOO_EARLY: Final = gettext_noop("The next term can be agreed from %(day)s on.")
_TOO_LATE: Final = gettext_noop(
    "The term ended on %(day)s, and the days of grace after it are over. To join again, apply."
)
_SAME_TIER: Final = gettext_noop("This is the tier that the member is in. Choose another.")
_NOT_IN_FORCE: Final = gettext_noop(
    "The tier changes on a day within the membership, from %(first)s on and before it ends."
)
_END_SETTLED: Final = gettext_noop(
    "It is settled already that this membership ends on %(day)s, so its tier stays as it is."
)
_CHANGE_IN_PAST: Final = gettext_noop("The tier changes today or later, not in the past.")
_FOLLOWED: Final = gettext_noop(
    "What follows this agreement is agreed already, from %(day)s on. Change the tier of that "
    "agreement instead."
)
_NEXT_TERM: Final = gettext_noop(
    "The next term is agreed from %(day)s on. End that agreement, once it has begun."
)
_TERM_RUNS: Final = gettext_noop(
    "The term ends on %(day)s, not before. To end the membership earlier, choose another reason."
)
_TIER_CHANGES: Final = gettext_noop(
    "No membership is ended for another tier. Change its tier instead."
)
_NO_DAY_OF_PAST: Final = gettext_noop("A membership ends today or later, not in the past.")


RENEWAL_DAYS_AHEAD: Final = 120
"""A next term is agreed at most so many days before it begins, under the terms then known."""


def refuse_renewal(
    *,
    ends_on: date | None,
    ended_reason: str,
    renewed_from: date | None,
    grace_days: int,
    today: date,
) -> Refusal | None:
    """Why no next term follows this one, or None. `renewed_from` is the next term's first day."""
    if ends_on is None:
        return Refusal("no_end", _NO_END)
    if ended_reason not in (EndReason.NOT_ENDED, EndReason.TERM_ENDED):
        return Refusal("ended_otherwise", _ENDED_FOR, params={"day": Day(ends_on)})
    if renewed_from is not None:
        return Refusal("renewed", _RENEWED, params={"day": Day(renewed_from)})
    if today < ends_on - timedelta(days=RENEWAL_DAYS_AHEAD):
        first = ends_on - timedelta(days=RENEWAL_DAYS_AHEAD)
        return Refusal("too_early", _TOO_EARLY, params={"day": Day(first)})
    if today > ends_on + timedelta(days=grace_days):
        return Refusal("grace_over", _TOO_LATE, params={"day": Day(ends_on)})
    return None


def refuse_change(
    *,
    old_tier: str,
    new_tier: str,
    on: date,
    held: Span,
    ended_reason: str,
    followed_from: date | None,
    today: date,
) -> Refusal | None:
    """Why the tier can't become that one on that day, or None.

    `held` is the span of the agreement, `followed_from` the first day of what follows it.
    """
    if new_tier == old_tier:
        return Refusal("same_tier", _SAME_TIER)
    if followed_from is not None:
        return Refusal("followed", _FOLLOWED, params={"day": Day(followed_from)})
    if ended_reason and held.ends_on is not None:
        return Refusal("end_settled", _END_SETTLED, params={"day": Day(held.ends_on)})
    if on < today:
        return Refusal("change_in_past", _CHANGE_IN_PAST)
    if on > held.starts_on and (held.ends_on is None or on < held.ends_on):
        return None
    first = max(held.starts_on + timedelta(days=1), today)
    return Refusal("not_in_force", _NOT_IN_FORCE, params={"first": Day(first)})


def refuse_end_reason(reason: EndReason, term_ends_on: date | None) -> Refusal | None:
    """Refuse to end a membership as its term's end before that, and as a change of its tier.

    One whose term is over can be renewed: ended so early, days that are billed were billed twice.
    """
    if reason is EndReason.TERM_ENDED and term_ends_on is not None:
        return Refusal("term_runs", _TERM_RUNS, params={"day": Day(term_ends_on)})
    return Refusal("tier_changes", _TIER_CHANGES) if reason is EndReason.TIER_CHANGED else None


def refuse_next_term(next_starts_on: date | None, ends_on: date) -> Refusal | None:
    """Refuse an end before a next term that is agreed: that one is ended, once it has begun."""
    if next_starts_on is None or next_starts_on < ends_on:
        return None
    return Refusal("next_term", _NEXT_TERM, params={"day": Day(next_starts_on)})


def refuse_past_end(ends_on: date, *, today: date) -> Refusal | None:
    """Refuse an end in the past: what was used then was used as a member."""
    return None if ends_on >= today else Refusal("end_in_past", _NO_DAY_OF_PAST)
