"""The plan of the demonstration: who joins what, what money moves, as plain values, not stored yet.

Everything follows from the seed and the scale, so the same values give the same plan.
"""

from collections.abc import Sequence
from random import Random

from lineshaft.demonstration.awards import Awards
from lineshaft.demonstration.changes import with_changes
from lineshaft.demonstration.earning import earnings, own_income
from lineshaft.demonstration.giving import Giving
from lineshaft.demonstration.members import Members
from lineshaft.demonstration.spending import budget_periods, costs
from lineshaft.demonstration.values import SEED, InstitutePlan, Plan
from lineshaft.kernel.profile import JurisdictionProfile


def make_plan(
    profile: JurisdictionProfile,
    institutes: Sequence[InstitutePlan],
    regions: Sequence[str],
    *,
    scale: int,
) -> Plan:
    """The plan for these institutes at that scale; the same values give the same plan."""
    random = Random(SEED)
    members = Members(random, profile, institutes, regions, scale)
    members.grow()
    awards = Awards(random, profile, institutes, scale)
    awards.spread()
    giving = Giving(random, awards, members.memberships)
    giving.spread()
    earned = tuple(earnings(random, awards))
    return Plan(
        organisations=tuple(members.organisations),
        memberships=tuple(with_changes(members.memberships)),
        agreements=tuple(awards.agreements),
        budget_periods=tuple(budget_periods(awards)),
        authorisations=tuple(awards.authorisations),
        obligations=tuple(awards.obligations),
        costs=tuple(costs(awards)),
        contributions=tuple(giving.contributions),
        own_income=tuple(own_income(random, awards)),
        earnings=tuple(one for one, _use in earned),
        uses=tuple(use for _one, use in earned),
    )
