"""What the demonstration's institutes ask of their members and give: generated, nobody's prices."""

from datetime import date
from random import Random
from typing import Final

from lineshaft.apps.governance.queries import institutes_at_work
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.rules import RateClass
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.demonstration.values import SEED

SET_ON: Final = date(2021, 10, 1)
SOURCE: Final = "Price list of FY2022 (demonstration)"
LARGE_DUES_MINOR: Final = 5_000_000
"""From these dues on a tier has a vote of more weight, and may lead in project calls."""

RATES: Final = {"sme": RateClass.REDUCED, "start_up": RateClass.REDUCED}


def set_tiers(loading: Loading) -> None:
    """Terms of every tier at every other institute and at the own one; the rest show the network's
    template.
    """
    random = Random(SEED + 11)
    at_work = list(institutes_at_work(loading.actor))
    own = [one for one in at_work[1::2] if one.key == OWN_INSTITUTE]
    for institute in (*at_work[::2], *own):
        for tier in loading.profile.tiers:
            is_large = tier.dues_minor >= LARGE_DUES_MINOR
            dues_minor = tier.dues_minor * random.choice((50, 75, 100, 125, 150)) // 100
            row = memberships.TierOfferRow(
                tier=tier.key,
                in_force_on=SET_ON,
                dues_minor=dues_minor,
                rate_class=RATES.get(tier.key, RateClass.MEMBER),
                source=SOURCE,
                in_kind_minor=dues_minor * tier.in_kind_share_bp // 10_000,
                term_months=random.choice((12, 12, 36)),
                board_seats=tier.board_seats,
                votes=3 if is_large else 1,
                training_seats=random.choice((1, 2, 4)) * (3 if is_large else 1),
                seats_roll_over=random.random() < 0.5,
                licence_option_days=random.choice((60, 90, 180)),
                may_lead_projects=is_large or tier.key == "academic",
            )
            memberships.set_tier_terms(loading.actor, institute, row, now=loading.now)
