"""Who joins what and when: the membership grown year by year to the published totals.

Members of a year are met exactly: those who stay, plus as many new ones as the year's total wants.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from lineshaft.demonstration import calibration
from lineshaft.demonstration.awards import in_force
from lineshaft.demonstration.calibration import KIND_SHARES, TOTALS, TOTALS_OF
from lineshaft.demonstration.cases import INVENTED, INVENTED_MEMBERS
from lineshaft.demonstration.names import organisation_names, place_name
from lineshaft.demonstration.values import InstitutePlan, MembershipPlan, OrganisationPlan
from lineshaft.kernel.profile import JurisdictionProfile


class Members:
    """Grows the membership year by year to the published totals."""

    def __init__(
        self,
        random: Random,
        profile: JurisdictionProfile,
        institutes: Sequence[InstitutePlan],
        regions: Sequence[str],
        scale: int,
    ) -> None:
        self.random = random
        self.profile = profile
        self.institutes = institutes
        self.regions = regions
        self.scale = scale
        self.organisations: list[OrganisationPlan] = []
        self.memberships: list[MembershipPlan] = []
        taken: set[str] = set()
        self._names = {kind: organisation_names(random, kind, taken) for kind in KIND_SHARES}
        self._kinds = list(KIND_SHARES)
        self._kind_counts = dict.fromkeys(KIND_SHARES, 0)

    def grow(self) -> None:
        """Fill both lists."""
        standing: list[int] = []
        kind_of: dict[int, str] = {}
        leaving_on: dict[int, date] = {}
        joined: dict[int, list[tuple[str, date]]] = {}
        for totals in TOTALS:
            wanted = totals.members * self.scale
            for _new in range(max(0, wanted - len(standing))):
                organisation = self._register()
                kind_of[organisation.number] = organisation.kind
                standing.append(organisation.number)
                joined[organisation.number] = self._institutes_of(totals.year)
            is_last = totals is TOTALS[-1]
            leavers = 0 if is_last else self._leavers(totals.year, len(standing))
            self.random.shuffle(standing)
            for number in standing[:leavers]:
                leaving_on[number] = self._day_of(totals.year, not_before=joined[number][-1][1])
                self._kind_counts[kind_of[number]] -= 1
            standing = standing[leavers:]
        self._agree(kind_of, joined, leaving_on)
        self._visit()

    def _leavers(self, year: int, standing: int) -> int:
        """Churn, and as many more as the next year's total is smaller."""
        churn = standing * calibration.CHURN_BP // 10_000
        shrinks_by = standing - TOTALS_OF[year + 1].members * self.scale
        return max(churn, shrinks_by)

    def _register(self) -> OrganisationPlan:
        shares = KIND_SHARES
        kind = min(self._kinds, key=lambda name: self._kind_counts[name] / shares[name])
        self._kind_counts[kind] += 1
        organisation = OrganisationPlan(
            number=len(self.organisations),
            name=next(self._names[kind]),
            kind=kind,
            place=place_name(self.random),
            region=self.random.choice(self.regions),
        )
        self.organisations.append(organisation)
        return organisation

    def _institutes_of(self, year: int) -> list[tuple[str, date]]:
        real = [one for one in self.institutes if one.key != INVENTED.key]
        open_then = in_force(self.profile, real, year)
        weights = [_size(institute) for institute in open_then]
        count = 2 if self.random.randrange(10_000) < calibration.SECOND_MEMBERSHIP_BP else 1
        chosen: dict[str, date] = {}
        for institute in self.random.choices(open_then, weights, k=count):
            chosen[institute.key] = self._day_of(year, not_before=institute.established_on)
        return sorted(chosen.items(), key=lambda pair: pair[1])

    def _day_of(self, year: int, *, not_before: date) -> date:
        period = self.profile.fiscal_year(year)
        first = max(period.starts_on, not_before) + timedelta(days=1)
        # The year's last day is left free, so that who joins late can still leave in the year.
        last = period.ends_on - timedelta(days=2)
        return first + timedelta(days=self.random.randrange(max(1, (last - first).days + 1)))

    def _agree(
        self,
        kind_of: dict[int, str],
        joined: dict[int, list[tuple[str, date]]],
        leaving_on: dict[int, date],
    ) -> None:
        for number, chosen in joined.items():
            for institute, starts_on in chosen:
                self.memberships.append(
                    MembershipPlan(
                        number,
                        institute,
                        calibration.TIER_OF_KIND[kind_of[number]],
                        starts_on,
                        leaving_on.get(number),
                    )
                )

    def _visit(self) -> None:
        """Members of real institutes that join the invented one too, for the time it lasts."""
        if all(one.key != INVENTED.key for one in self.institutes):
            return
        lasting = [
            one
            for one in self.memberships
            if one.starts_on < INVENTED.established_on and one.ends_on is None
        ]
        for one in self.random.sample(lasting, INVENTED_MEMBERS):
            self.memberships.append(
                replace(
                    one,
                    institute=INVENTED.key,
                    starts_on=INVENTED.established_on + timedelta(days=1),
                    ends_on=INVENTED.ended_on,
                )
            )


def _size(institute: InstitutePlan) -> int:
    return institute.federal_minor + institute.nonfederal_minor
