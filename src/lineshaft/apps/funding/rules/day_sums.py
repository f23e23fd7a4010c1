"""The ways in which money moves, and what a sum over one of them adds to accounts and figures.

A way is a transfer less its amount and its day. The table of codes allows few of them, so that the
transfers of an agreement, however many, come to few sums for each day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from lineshaft.apps.funding.rules.codes import (
    AGREEMENT_ACCOUNTS,
    CODES,
    CORRECTABLE_KINDS,
    PUBLIC_CODES,
    SPONSOR_ACCOUNTS,
    CodeRule,
)
from lineshaft.apps.funding.rules.financial_reports import AccountSum, LineAccounts
from lineshaft.apps.funding.rules.states import AccountKind, TransferCode, TransferKind

POSTED_KINDS: Final = frozenset({TransferKind.DIRECT, TransferKind.POST})


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """Why money moved, what that corrected, and between which kinds of account."""

    code: TransferCode
    corrects: TransferCode | None
    debit: AccountKind
    credit: AccountKind

    @property
    def kind(self) -> TransferKind:
        """What the code makes of the transfer."""
        return CODES[self.code].kind

    @property
    def is_public(self) -> bool:
        """Whether its transfers are read as widely as their agreement."""
        return self.code in PUBLIC_CODES or self.corrects in PUBLIC_CODES


class Moved(NamedTuple):
    """An amount that moved, of a kind, between two kinds of account, as the database tells it."""

    kind: str
    debit: str
    credit: str
    amount_minor: int


def account_sums(moved: Iterable[Moved]) -> dict[AccountKind, AccountSum]:
    """What the movements leave in the accounts of an agreement that are not a contributor's."""
    posted: dict[str, int] = dict.fromkeys((*SPONSOR_ACCOUNTS, *AGREEMENT_ACCOUNTS), 0)
    pending = dict(posted)
    for kind, debit, credit, amount_minor in moved:
        if kind in POSTED_KINDS:
            posted[credit] = posted.get(credit, 0) + amount_minor
            posted[debit] = posted.get(debit, 0) - amount_minor
        if kind == TransferKind.PENDING:
            pending[credit] += amount_minor
        elif kind != TransferKind.DIRECT:
            pending[credit] -= amount_minor
    return {
        AccountKind(kind): AccountSum(posted[kind], amount_minor)
        for kind, amount_minor in pending.items()
    }


def less(
    stored: Mapping[AccountKind, AccountSum], later: Mapping[AccountKind, AccountSum]
) -> dict[AccountKind, AccountSum]:
    """What stood in the accounts before what came later."""
    return {
        kind: AccountSum(
            stored[kind].posted_minor - moved.posted_minor,
            stored[kind].pending_minor - moved.pending_minor,
        )
        for kind, moved in later.items()
    }


def line_sign(way: Way, over: LineAccounts) -> int:
    """How often, and in which direction, a line over these accounts counts a transfer of the way.

    What moves between two accounts of the line does not count.
    """
    sign = 0
    if way.kind in POSTED_KINDS:
        sign += (way.credit in over.posted) - (way.debit in over.posted)
    if way.credit in over.pending:
        sign += (way.kind is TransferKind.PENDING) - (
            way.kind in {TransferKind.POST, TransferKind.VOID}
        )
    return sign


def ways_counted(over: LineAccounts) -> tuple[Way, ...]:
    """The ways whose transfers a line over these accounts counts."""
    return tuple(way for way in WAYS if line_sign(way, over))


def _ways() -> Iterator[Way]:
    """Every way that the table of codes allows: first what moves by itself, then corrections."""
    moving = [way for rule in CODES.values() for way in _ways_of(rule)]
    yield from moving
    for way in moving:
        if way.kind in CORRECTABLE_KINDS:
            yield Way(TransferCode.CORRECT, way.code, way.credit, way.debit)


def _ways_of(rule: CodeRule) -> Iterator[Way]:
    joined = [rule] if not rule.settles else [CODES[code] for code in sorted(rule.settled_codes)]
    for one in joined:
        if one.debit is not None and one.credit is not None:
            yield Way(rule.code, None, one.debit, one.credit)


WAYS: Final = tuple(_ways())
