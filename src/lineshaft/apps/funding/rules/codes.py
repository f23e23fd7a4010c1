"""The table of codes: why money moves, and all that follows from it.

A transfer's code fixes the accounts it joins, whether it is direct, pending, post or void, the verb
by which it is posted, and the states of the agreement in which it is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lineshaft.apps.funding.rules.states import (
    AccountKind,
    AgreementState,
    TransferCode,
    TransferKind,
)


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What a transfer's code fixes.

    `debit` and `credit` are None where the accounts follow from the transfer that is settled or
    corrected. `read` are accounts that the decision looks at, and that are therefore locked too.
    `settled_codes` are those of the pending transfers that the code may settle.
    """

    code: TransferCode
    kind: TransferKind
    verb: str
    states: frozenset[AgreementState]
    debit: AccountKind | None = None
    credit: AccountKind | None = None
    read: frozenset[AccountKind] = frozenset()
    settled_codes: frozenset[TransferCode] = frozenset()
    wants_reason: bool = False

    @property
    def settles(self) -> bool:
        """True for a transfer that posts or voids a pending one."""
        return self.kind in {TransferKind.POST, TransferKind.VOID}

    @property
    def locked_kinds(self) -> frozenset[AccountKind]:
        """The accounts of the agreement to lock before the code is decided on."""
        return self.read | {kind for kind in (self.debit, self.credit) if kind is not None}


_RUNNING: Final = frozenset({AgreementState.ACTIVE})
_SIGNED: Final = frozenset({AgreementState.ACTIVE, AgreementState.ENDED, AgreementState.TERMINATED})
SPONSOR_ACCOUNTS: Final = (AccountKind.AWARD, AccountKind.RESERVE, AccountKind.DRAWN)
"""The accounts that an agreement keeps for each of its sponsors."""
AGREEMENT_ACCOUNTS: Final = (
    AccountKind.CASH,
    AccountKind.IN_KIND,
    AccountKind.COST_SOURCE,
    AccountKind.INCURRED,
    AccountKind.PAID,
    AccountKind.INCOME_SOURCE,
    AccountKind.INCOME,
    AccountKind.INCOME_USED,
)
"""The accounts that an agreement keeps once, whoever sponsors it."""
UNLIMITED_ACCOUNTS: Final = frozenset({AccountKind.COST_SOURCE, AccountKind.INCOME_SOURCE})
"""What comes from outside the ledger: its accounts are owed without a limit of their own."""
_FEDERAL: Final = frozenset(SPONSOR_ACCOUNTS)
_COSTS: Final = frozenset({AccountKind.COST_SOURCE, AccountKind.INCURRED, AccountKind.PAID})
_ENCUMBERED: Final = frozenset({TransferCode.ENCUMBER})
_OBLIGATED: Final = frozenset({TransferCode.OBLIGATE})
_CONTRIBUTED: Final = frozenset({TransferCode.CONTRIBUTE_CASH, TransferCode.CONTRIBUTE_IN_KIND})
_COST_SHARE: Final = frozenset({AccountKind.SOURCE, AccountKind.CASH, AccountKind.IN_KIND})
CODES: Final[Mapping[TransferCode, CodeRule]] = {
    rule.code: rule
    for rule in (
        CodeRule(
            TransferCode.AUTHORISE,
            TransferKind.DIRECT,
            "authorise_funds",
            _RUNNING,
            AccountKind.APPROPRIATION,
            AccountKind.AWARD,
            read=_FEDERAL,
        ),
        CodeRule(
            TransferCode.OBLIGATE,
            TransferKind.PENDING,
            "obligate_funds",
            _RUNNING,
            AccountKind.AWARD,
            AccountKind.DRAWN,
        ),
        CodeRule(
            TransferCode.DRAW,
            TransferKind.POST,
            "draw_funds",
            _SIGNED,
            read=_FEDERAL,
            settled_codes=_OBLIGATED,
        ),
        CodeRule(
            TransferCode.RELEASE,
            TransferKind.VOID,
            "release_obligation",
            _SIGNED,
            read=_FEDERAL,
            settled_codes=_OBLIGATED,
            wants_reason=True,
        ),
        CodeRule(
            TransferCode.RETURN,
            TransferKind.DIRECT,
            "return_funds",
            _SIGNED,
            AccountKind.DRAWN,
            AccountKind.AWARD,
        ),
        CodeRule(
            TransferCode.WITHHOLD,
            TransferKind.DIRECT,
            "withhold_reserve",
            _RUNNING,
            AccountKind.AWARD,
            AccountKind.RESERVE,
        ),
        CodeRule(
            TransferCode.RELEASE_RESERVE,
            TransferKind.DIRECT,
            "release_reserve",
            _RUNNING,
            AccountKind.RESERVE,
            AccountKind.AWARD,
            wants_reason=True,
        ),
        CodeRule(
            TransferCode.ENCUMBER,
            TransferKind.PENDING,
            "record_encumbrance",
            _SIGNED,
            AccountKind.COST_SOURCE,
            AccountKind.INCURRED,
            read=_FEDERAL,
        ),
        CodeRule(
            TransferCode.LIQUIDATE,
            TransferKind.POST,
            "liquidate_encumbrance",
            _SIGNED,
            read=_COSTS,
            settled_codes=_ENCUMBERED,
        ),
        CodeRule(
            TransferCode.RELEASE_ENCUMBRANCE,
            TransferKind.VOID,
            "release_encumbrance",
            _SIGNED,
            read=_COSTS,
            settled_codes=_ENCUMBERED,
            wants_reason=True,
        ),
        CodeRule(
            TransferCode.INCUR,
            TransferKind.DIRECT,
            "record_cost",
            _SIGNED,
            AccountKind.COST_SOURCE,
            AccountKind.INCURRED,
            read=_FEDERAL,
        ),
        CodeRule(
            TransferCode.PAY,
            TransferKind.DIRECT,
            "pay_cost",
            _SIGNED,
            AccountKind.INCURRED,
            AccountKind.PAID,
        ),
        CodeRule(
            TransferCode.EARN_INCOME,
            TransferKind.DIRECT,
            "record_income",
            _SIGNED,
            AccountKind.INCOME_SOURCE,
            AccountKind.INCOME,
        ),
        CodeRule(
            TransferCode.USE_INCOME,
            TransferKind.DIRECT,
            "use_income",
            _SIGNED,
            AccountKind.INCOME,
            AccountKind.INCOME_USED,
        ),
        CodeRule(
            TransferCode.CONTRIBUTE_CASH,
            TransferKind.PENDING,
            "record_contribution",
            _SIGNED,
            AccountKind.SOURCE,
            AccountKind.CASH,
        ),
        CodeRule(
            TransferCode.CONTRIBUTE_IN_KIND,
            TransferKind.PENDING,
            "record_contribution",
            _SIGNED,
            AccountKind.SOURCE,
            AccountKind.IN_KIND,
        ),
        CodeRule(
            TransferCode.ACCEPT,
            TransferKind.POST,
            "accept_contribution",
            _SIGNED,
            read=_COST_SHARE,
            settled_codes=_CONTRIBUTED,
        ),
        CodeRule(
            TransferCode.REFUSE,
            TransferKind.VOID,
            "refuse_contribution",
            _SIGNED,
            read=_COST_SHARE,
            settled_codes=_CONTRIBUTED,
            wants_reason=True,
        ),
        CodeRule(
            TransferCode.WITHDRAW,
            TransferKind.VOID,
            "withdraw_contribution",
            _SIGNED,
            read=_COST_SHARE,
            settled_codes=_CONTRIBUTED,
            wants_reason=True,
        ),
        CodeRule(
            TransferCode.CORRECT,
            TransferKind.DIRECT,
            "correct_transfer",
            _SIGNED,
            read=frozenset(AccountKind),
            wants_reason=True,
        ),
    )
}
FEDERAL_CODES: Final = frozenset(
    {
        TransferCode.AUTHORISE,
        TransferCode.OBLIGATE,
        TransferCode.DRAW,
        TransferCode.RELEASE,
        TransferCode.RETURN,
    }
)
"""The codes of the open batch verb; what has a record of its own moves with it, never without."""
PUBLIC_CODES: Final = FEDERAL_CODES | {TransferCode.WITHHOLD, TransferCode.RELEASE_RESERVE}
"""What is read as widely as its agreement: every movement of federal money to the institute."""
COST_CODES: Final = frozenset({TransferCode.ENCUMBER, TransferCode.INCUR})
"""What may not take the agreement's costs beyond the money authorised for it."""
CORRECTABLE_KINDS: Final = frozenset({TransferKind.DIRECT, TransferKind.POST})
