"""Cost share: each year's non-federal total spread over institutes, their members and its kinds.

The agreements of two special cases have a match of their own; the others share what that leaves by
their published initial funding. Parts sum to the total of the year.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from lineshaft.demonstration import calibration, cases
from lineshaft.demonstration.awards import Awards, in_force
from lineshaft.demonstration.calibration import TOTALS, YearTotals
from lineshaft.demonstration.values import (
    MILLION_MINOR,
    AgreementPlan,
    ContributionPlan,
    MembershipPlan,
)
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.money import split_by_largest_remainder

IN_KIND: Final = (
    ("personnel", 52),
    ("equipment_loaned", 14),
    ("equipment_donated", 10),
    ("supplies", 12),
    ("space", 8),
    ("licence", 4),
)


class Giving:
    """What members bring to match the sponsors' money."""

    def __init__(
        self,
        random: Random,
        awards: Awards,
        memberships: Sequence[MembershipPlan],
    ) -> None:
        self.random = random
        self.awards = awards
        self.contributions: list[ContributionPlan] = []
        self._members_of: dict[str, list[MembershipPlan]] = {}
        for membership in memberships:
            self._members_of.setdefault(membership.institute, []).append(membership)

    def spread(self) -> None:
        """Fill the list."""
        for totals in TOTALS:
            self._give(totals)

    def _give(self, totals: YearTotals) -> None:
        awards, year = self.awards, totals.year
        open_then = in_force(awards.profile, tuple(awards.institutes.values()), year)
        federal = {one.key: awards.federal[one.key, year] for one in open_then}
        own = {
            key: amount * match_bp // BASIS_POINTS
            for key, amount in federal.items()
            if (match_bp := _match_bp(awards, awards.agreement_of(key, year), year)) is not None
        }
        weights = {
            one.key: federal[one.key] * one.nonfederal_minor // one.federal_minor
            for one in open_then
        }
        total = totals.nonfederal_musd * MILLION_MINOR * awards.scale
        shared = [0 if key in own else weight for key, weight in weights.items()]
        parts = split_by_largest_remainder(total - sum(own.values()), shared)
        amounts = {key: own.get(key, part) for key, part in zip(weights, parts, strict=True)}
        counts = split_by_largest_remainder(
            totals.contributions * awards.scale, list(amounts.values())
        )
        is_demonstrated = year == calibration.DEMONSTRATION_YEAR
        for (key, amount), count in zip(amounts.items(), counts, strict=True):
            agreement = awards.agreement_of(key, year)
            self._give_to(agreement, year, amount, max(1, count))
            if is_demonstrated:
                self._leave_open(agreement, year, amount, max(1, count))

    def _give_to(self, agreement: AgreementPlan, year: int, total: int, count: int) -> None:
        weights = [int(self.random.lognormvariate(0.0, 1.1) * 1000) + 1 for _part in range(count)]
        cash_left = total * calibration.CASH_BP // BASIS_POINTS
        givers = self._givers(agreement, year)
        for amount in split_by_largest_remainder(total, weights):
            is_cash = cash_left >= amount and self.random.randrange(BASIS_POINTS) < 5000
            cash_left -= amount if is_cash else 0
            self._add(
                agreement,
                year,
                givers=givers,
                amount=amount,
                kind="cash" if is_cash else "",
                state="accepted",
            )

    def _leave_open(self, agreement: AgreementPlan, year: int, total: int, count: int) -> None:
        """Contributions of the year that wait for acceptance, and some that were refused."""
        givers = self._givers(agreement, year)
        for share, state in (
            (calibration.PENDING_BP, "recorded"),
            (calibration.REFUSED_BP, "refused"),
        ):
            for _each in range(max(1, count * share // BASIS_POINTS)):
                amount = max(1, total // count * self.random.randrange(40, 180) // 100)
                self._add(agreement, year, givers=givers, amount=amount, kind="", state=state)

    def _add(
        self,
        agreement: AgreementPlan,
        year: int,
        *,
        givers: Sequence[MembershipPlan],
        amount: int,
        kind: str,
        state: str,
    ) -> None:
        giver = self.random.choice(givers)
        names, weights = zip(*IN_KIND, strict=True)
        self.contributions.append(
            ContributionPlan(
                agreement=agreement.number,
                institute=agreement.institute,
                organisation=giver.organisation,
                kind=kind or self.random.choices(names, weights)[0],
                on=self._day(agreement, year, giver.starts_on),
                amount_minor=amount,
                state=state,
            )
        )

    def _givers(self, agreement: AgreementPlan, year: int) -> list[MembershipPlan]:
        """Members in the year's days of the agreement, in the order in which they joined."""
        starts_on, ends_on = self.awards.days_of(agreement, year)
        return [
            membership
            for membership in self._members_of[agreement.institute]
            if membership.starts_on < ends_on
            and (membership.ends_on is None or membership.ends_on > starts_on)
        ]

    def _day(self, agreement: AgreementPlan, year: int, not_before: date) -> date:
        starts_on, ends_on = self.awards.days_of(agreement, year)
        first = max(starts_on, not_before)
        return first + timedelta(days=self.random.randrange((ends_on - first).days))


def _match_bp(awards: Awards, agreement: AgreementPlan, year: int) -> int | None:
    """The match that a special case has of its own in the year; None for the others."""
    matches = cases.MATCHES_BP.get(agreement.number)
    if matches is None:
        return None
    years = sorted(awards.planned[agreement.number])
    return matches[years.index(year)]
