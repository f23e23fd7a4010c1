"""How the generated memberships change over the years: a start-up grows into another tier, a member
leaves, another one does not pay.

Which organisation is where, and when, stays as it was planned: so every figure does too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Final

from lineshaft.apps.memberships.rules import EndReason
from lineshaft.demonstration.values import SEED, MembershipPlan
from lineshaft.kernel.spans import years_on

GROWN_TIER: Final = {"start_up": "sme", "industry": "leading_industry"}
"""What a member of a tier goes on to."""

GROWS_BP: Final = {"start_up": 6000, "industry": 1500}
"""Basis points of the members of a tier that go on to another one."""

YEARS_BEFORE: Final = {"start_up": 3, "industry": 2}
GROWN_BY: Final = date(2025, 1, 1)
"""No tier changes after that day, so that the demonstration does not change with the calendar."""

REASONS: Final = (
    EndReason.TERM_ENDED,
    EndReason.TERM_ENDED,
    EndReason.LEFT,
    EndReason.DUES_UNPAID,
)


def with_changes(memberships: Iterable[MembershipPlan]) -> Iterator[MembershipPlan]:
    """The same memberships with why they ended, and in two agreements where the tier changed."""
    random = Random(SEED + 21)
    for one in memberships:
        reason = random.choice(REASONS) if one.ends_on else EndReason.NOT_ENDED
        grows = random.randrange(10_000) < GROWS_BP.get(one.tier, 0)
        changes_on = years_on(one.starts_on, YEARS_BEFORE.get(one.tier, 1))
        stands = replace(one, ended_reason=reason)
        last = one.ends_on or GROWN_BY
        if not grows or changes_on >= min(last, GROWN_BY):
            yield stands
            continue
        yield replace(stands, ends_on=changes_on, ended_reason=EndReason.TERM_ENDED)
        yield replace(stands, tier=GROWN_TIER[one.tier], starts_on=changes_on)
