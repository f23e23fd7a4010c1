"""Federal transfers that take two persons: which do, and what a proposal may become."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.apps.funding.rules.codes import CODES
from lineshaft.apps.funding.rules.states import TransferCode, TransferKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow, term_of

INTERNAL_CONTROLS: Final = Citation(
    "2 CFR 200.303", "https://www.ecfr.gov/current/title-2/section-200.303"
)


class ProposalState(StrEnum):
    """Where a proposed transfer stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


_OPEN: Final = frozenset({ProposalState.PROPOSED})
PROPOSAL_WORKFLOW: Final = Workflow(
    name="transfer_proposal",
    initial=ProposalState.PROPOSED,
    transitions=(
        Transition("approve_transfer", _OPEN, ProposalState.APPROVED),
        Transition("reject_transfer", _OPEN, ProposalState.REJECTED),
        Transition("withdraw_transfer", _OPEN, ProposalState.WITHDRAWN),
    ),
    final=frozenset({ProposalState.APPROVED, ProposalState.REJECTED, ProposalState.WITHDRAWN}),
)
TWO_PERSON_CODES: Final = frozenset(
    {TransferCode.OBLIGATE, TransferCode.DRAW, TransferCode.RELEASE, TransferCode.RETURN}
)
"""What takes two persons from the profile's threshold on, and so does what takes it back."""

type MovedKind = tuple[int, str, bool]
"""An agreement's id, a code, and whether movements of that code are taken back."""

_POSTED: Final = {
    TransferKind.DIRECT: 1,
    TransferKind.PENDING: 0,
    TransferKind.POST: 1,
    TransferKind.VOID: 0,
}
"""How often a movement of each kind counts in the posted balance of its accounts."""
_HELD: Final = {
    TransferKind.DIRECT: 0,
    TransferKind.PENDING: 1,
    TransferKind.POST: -1,
    TransferKind.VOID: -1,
}
"""How often it counts in what is pending of them."""


def takes_two(
    code: TransferCode, amount_minor: int, threshold_minor: int, *, beside_minor: int = 0
) -> bool:
    """Whether a movement of that code and amount takes two persons; of a correction, its old's.

    `beside_minor` is what the same person moved or proposed near it: see `MovedByOne`.
    """
    return code in TWO_PERSON_CODES and amount_minor + beside_minor >= threshold_minor


@dataclass(slots=True)
class MovedByOne:
    """What one person moved or proposed: for each agreement and code, by day.

    A proposal counts while it waits and once it is approved, not one rejected or withdrawn. A
    movement and those of its kind dated within fewer than `days` days of it, before or after,
    count together; what takes back counts by itself, and takes nothing off.
    """

    days: int
    sums: dict[MovedKind, Counter[date]] = field(default_factory=dict)

    def beside(self, kind: MovedKind, on: date) -> int:
        """What counts beside a movement of that kind on that day."""
        known = self.sums.get(kind)
        if known is None:
            return 0
        return sum(minor for day, minor in known.items() if abs((day - on).days) < self.days)

    def add(self, kind: MovedKind, on: date, amount_minor: int) -> None:
        """Count one more."""
        self.sums.setdefault(kind, Counter())[on] += amount_minor


def one_is_enough(
    code: TransferCode,
    amount_minor: int,
    threshold_minor: int,
    currency: str,
    *,
    beside_minor: int = 0,
    days: int = 0,
) -> Refusal | None:
    """Refuse what one person alone would book although it takes two, by itself or as a part."""
    if not takes_two(code, amount_minor, threshold_minor, beside_minor=beside_minor):
        return None
    if amount_minor < threshold_minor:
        return Refusal(
            "two_persons_wanted",
            gettext_noop(
                "With %(beside)s that you moved or proposed within %(days)s days, “%(code)s” "
                "reaches %(threshold)s under this agreement and takes two persons: enter it by "
                "itself on the agreement's page, so that a second person approves it."
            ),
            INTERNAL_CONTROLS,
            {
                "beside": Amount(Money(beside_minor, currency)),
                "days": days,
                "code": term_of(code),
                "threshold": Amount(Money(threshold_minor, currency)),
            },
        )
    return Refusal(
        "two_persons_wanted",
        gettext_noop(
            "From %(threshold)s on, “%(code)s” takes two persons: enter it by itself on the "
            "agreement's page, so that a second person approves it."
        ),
        INTERNAL_CONTROLS,
        {"code": term_of(code), "threshold": Amount(Money(threshold_minor, currency))},
    )


def decider_apart(*, is_proposer: bool, is_person: bool) -> Refusal | None:
    """Refuse to decide on what one has proposed oneself; the program is no second person."""
    if is_person and not is_proposer:
        return None
    return Refusal(
        "second_person_wanted",
        gettext_noop(
            "A second person decides on a proposed transfer: somebody of the same role who did not "
            "propose it."
        ),
        INTERNAL_CONTROLS,
    )


def own_proposal(*, is_proposer: bool) -> Refusal | None:
    """Refuse to withdraw what another has proposed."""
    if is_proposer:
        return None
    return Refusal(
        "not_own_proposal",
        gettext_noop("Only who proposed the transfer withdraws it. Others reject it."),
    )


def rejection_reason_given(reason: str) -> Refusal | None:
    """Refuse to reject without saying why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the transfer is rejected."))


def balance_after(
    code: TransferCode, amount_minor: int, balance_minor: int, pending_minor: int, *, sign: int
) -> tuple[int, int]:
    """An account's posted balance and what is pending of it, once the amount has moved.

    `sign` is -1 for the account that is debited and 1 for the one that is credited.
    """
    kind = CODES[code].kind
    return (
        balance_minor + sign * _POSTED[kind] * amount_minor,
        pending_minor + _HELD[kind] * amount_minor,
    )
