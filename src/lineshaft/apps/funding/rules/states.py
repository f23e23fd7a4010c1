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


class AccountKind(StrEnum):
    """What an account holds; a credit is money that arrived in it."""

    APPROPRIATION = "appropriation"
    AWARD = "award"
    DRAWN = "drawn"
    SOURCE = "source"
    CASH = "cash"
    IN_KIND = "in_kind"


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
    CONTRIBUTE_CASH = "contribute_cash"
    CONTRIBUTE_IN_KIND = "contribute_in_kind"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CORRECT = "correct"


TRANSITIONS: Final[dict[str, Workflow]] = {
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
