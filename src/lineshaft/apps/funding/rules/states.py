"""States of agreements and contributions, and the kinds of account and transfer."""

from enum import StrEnum
from typing import Final

from lineshaft.kernel.workflow import Transition, Workflow


class AgreementState(StrEnum):
    """Where a cooperative agreement stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"
    TERMINATED = "terminated"


class ContributionState(StrEnum):
    """Where a claim of cost share stands."""

    RECORDED = "recorded"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN_CONTRIBUTIONS: Final = (ContributionState.RECORDED, ContributionState.ACCEPTED)
"""States of a contribution that still claims, or counts."""


class AccountKind(StrEnum):
    """What an account holds; a credit is money that arrived in it.

    Award, reserve and drawn are kept for each sponsor of an agreement; cost source, incurred and
    paid hold the federal share of its costs, and the three of income its programme income.
    """

    APPROPRIATION = "appropriation"
    AWARD = "award"
    RESERVE = "reserve"
    DRAWN = "drawn"
    SOURCE = "source"
    CASH = "cash"
    IN_KIND = "in_kind"
    COST_SOURCE = "cost_source"
    INCURRED = "incurred"
    PAID = "paid"
    INCOME_SOURCE = "income_source"
    INCOME = "income"
    INCOME_USED = "income_used"


class TransferKind(StrEnum):
    """Whether a transfer moves money, reserves it, or settles a reservation."""

    DIRECT = "direct"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


class TransferCode(StrEnum):
    """Why money moved."""

    AUTHORISE = "authorise"
    OBLIGATE = "obligate"
    DRAW = "draw"
    RELEASE = "release"
    RETURN = "return"
    WITHHOLD = "withhold"
    RELEASE_RESERVE = "release_reserve"
    ENCUMBER = "encumber"
    LIQUIDATE = "liquidate"
    RELEASE_ENCUMBRANCE = "release_encumbrance"
    INCUR = "incur"
    PAY = "pay"
    EARN_INCOME = "earn_income"
    USE_INCOME = "use_income"
    CONTRIBUTE_CASH = "contribute_cash"
    CONTRIBUTE_IN_KIND = "contribute_in_kind"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CORRECT = "correct"


LEDGER_TRANSITIONS: Final[dict[str, Workflow]] = {
    "agreement": Workflow(
        name="agreement",
        initial=AgreementState.DRAFT,
        transitions=(
            Transition(
                "activate_agreement", frozenset({AgreementState.DRAFT}), AgreementState.ACTIVE
            ),
            Transition("end_agreement", frozenset({AgreementState.ACTIVE}), AgreementState.ENDED),
            Transition(
                "terminate_agreement",
                frozenset({AgreementState.ACTIVE}),
                AgreementState.TERMINATED,
            ),
        ),
        final=frozenset({AgreementState.ENDED, AgreementState.TERMINATED}),
    ),
    "contribution": Workflow(
        name="contribution",
        initial=ContributionState.RECORDED,
        transitions=(
            Transition(
                "accept_contribution",
                frozenset({ContributionState.RECORDED}),
                ContributionState.ACCEPTED,
            ),
            Transition(
                "value_contribution",
                frozenset({ContributionState.RECORDED}),
                ContributionState.RECORDED,
            ),
            Transition(
                "refuse_contribution",
                frozenset({ContributionState.RECORDED}),
                ContributionState.REFUSED,
            ),
            Transition(
                "withdraw_contribution",
                frozenset({ContributionState.RECORDED}),
                ContributionState.WITHDRAWN,
            ),
        ),
        final=frozenset(
            {
                ContributionState.ACCEPTED,
                ContributionState.REFUSED,
                ContributionState.WITHDRAWN,
            }
        ),
    ),
}
