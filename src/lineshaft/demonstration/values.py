"""What a plan of the demonstration is made of: plain values, all money in minor units."""

from dataclasses import dataclass
from datetime import date
from typing import Final

SEED: Final = 20221001
MILLION_MINOR: Final = 100_000_000
"""A million of the currency in minor units."""

THOUSAND_MINOR: Final = 100_000
"""A thousand of the currency in minor units."""


@dataclass(frozen=True, slots=True)
class InstitutePlan:
    """What the plan needs to know of an institute."""

    key: str
    agency: str
    established_on: date
    ended_on: date | None
    federal_minor: int
    nonfederal_minor: int


@dataclass(frozen=True, slots=True)
class OrganisationPlan:
    """An organisation to register; `number` tells them apart within the plan."""

    number: int
    name: str
    kind: str
    place: str
    region: str


@dataclass(frozen=True, slots=True)
class MembershipPlan:
    """An agreement of an organisation with an institute over `[starts_on, ends_on)`.

    `ended_reason` is a key of the reasons for which agreements end, empty while it stands.
    """

    organisation: int
    institute: str
    tier: str
    starts_on: date
    ends_on: date | None
    ended_reason: str = ""


@dataclass(frozen=True, slots=True)
class AgreementPlan:
    """A cooperative agreement; `parts` are what agencies beside the lead give of the total.

    `renews` is the number of the agreement that it follows by a renewal, empty for a first one.
    """

    number: str
    institute: str
    agency: str
    starts_on: date
    ends_on: date
    federal_minor: int
    parts: tuple[tuple[str, int], ...] = ()
    renews: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class AuthorisationPlan:
    """Money put at an agreement's disposal; `sponsor` is empty for the leading agency."""

    agreement: str
    on: date
    amount_minor: int
    sponsor: str = ""


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """A drawdown of part of an obligation."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ObligationPlan:
    """An obligation under an agreement, with its drawdowns in order of date.

    `released_on`: what was not drawn by that day is given back; None leaves it pending.
    """

    agreement: str
    on: date
    amount_minor: int
    draws: tuple[DrawPlan, ...]
    sponsor: str = ""
    released_on: date | None = None

    @property
    def released_minor(self) -> int:
        """What is given back in the end."""
        if self.released_on is None:
            return 0
        return self.amount_minor - sum(draw.amount_minor for draw in self.draws)


@dataclass(frozen=True, slots=True)
class BudgetPeriodPlan:
    """A year of an agreement's budget: each line a category, federal and non-federal money."""

    agreement: str
    starts_on: date
    ends_on: date
    lines: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class CostPlan:
    """A cost: what is ordered is encumbered, comes, and is paid; what is not is incurred at once.

    `incurred_on` None: it is ordered and has not come; `paid_on` None: it is not paid yet.
    """

    agreement: str
    category: str
    payee: str
    amount_minor: int
    ordered_on: date | None
    incurred_on: date | None
    paid_on: date | None

    @property
    def movements(self) -> int:
        """How many transfers it comes to."""
        return sum(day is not None for day in (self.ordered_on, self.incurred_on, self.paid_on))


@dataclass(frozen=True, slots=True)
class ContributionPlan:
    """A contribution; `state` is what it has come to: recorded, accepted or refused."""

    agreement: str
    institute: str
    organisation: int
    kind: str
    on: date
    amount_minor: int
    state: str


@dataclass(frozen=True, slots=True)
class OwnIncomePlan:
    """An entry of an institute's own income in one stream."""

    institute: str
    stream: str
    on: date
    amount_minor: int
    payer: str


@dataclass(frozen=True, slots=True)
class EarningPlan:
    """Programme income of an agreement, with the costs of earning it."""

    agreement: str
    stream: str
    on: date
    gross_minor: int
    cost_of_earning_minor: int
    payer: str


@dataclass(frozen=True, slots=True)
class UsePlan:
    """What programme income was spent on."""

    agreement: str
    category: str
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole demonstration at one scale."""

    organisations: tuple[OrganisationPlan, ...]
    memberships: tuple[MembershipPlan, ...]
    agreements: tuple[AgreementPlan, ...]
    budget_periods: tuple[BudgetPeriodPlan, ...]
    authorisations: tuple[AuthorisationPlan, ...]
    obligations: tuple[ObligationPlan, ...]
    costs: tuple[CostPlan, ...]
    contributions: tuple[ContributionPlan, ...]
    own_income: tuple[OwnIncomePlan, ...]
    earnings: tuple[EarningPlan, ...]
    uses: tuple[UsePlan, ...]

    @property
    def transfers(self) -> int:
        """How many transfers of the ledger the plan comes to."""
        drawn = sum(len(one.draws) for one in self.obligations)
        spent = sum(one.movements for one in self.costs)
        given = sum(1 + (one.state != "recorded") for one in self.contributions)
        released = sum(1 for one in self.obligations if one.released_minor)
        federal = len(self.authorisations) + len(self.obligations) + drawn + released
        return federal + spent + given + len(self.earnings) + len(self.uses)
