"""The close-out of an agreement: what is to be done after its last day, by when, what proves it.

Source: 2 CFR 200.344 through the profile's close-out items. Two of them the ledger itself proves.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from lineshaft.apps.funding.rules.states import AgreementState
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.jurisdiction import CloseoutItem
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Day, gettext_noop

OBLIGATIONS_LIQUIDATED: Final = "obligations_liquidated"
COST_SHARE_SETTLED: Final = "cost_share_settled"


def term_over_on(ends_on: date, closed_on: date | None) -> date:
    """The first day after the agreement: its end, or the earlier day on which it was closed."""
    return ends_on if closed_on is None else min(ends_on, closed_on)


def due_on(item: CloseoutItem, over_on: date) -> date:
    """The day by which an item is due: so many days after the agreement's last day."""
    return over_on - timedelta(days=1) + timedelta(days=item.days)


def items_binding(items: Iterable[CloseoutItem], over_on: date) -> tuple[CloseoutItem, ...]:
    """The items in force on the day after the agreement, in the profile's order."""
    return tuple(item for item in items if item.authority.is_in_force(over_on))


def closeout_begun(state: str) -> Refusal | None:
    """Refuse to close out an agreement that still runs."""
    if state in {AgreementState.ENDED, AgreementState.TERMINATED}:
        return None
    return Refusal(
        "closeout_not_begun",
        gettext_noop("The agreement still runs. End it first; the close-out begins then."),
    )


def item_done_on(done_on: date, over_on: date, today: date, item: CloseoutItem) -> Refusal | None:
    """Refuse a day before the agreement was over, or one that has not come."""
    if over_on <= done_on <= today:
        return None
    return Refusal(
        "closeout_day",
        gettext_noop("This is done between %(over_on)s, when the agreement was over, and today."),
        item.authority.citation,
        {"over_on": Day(over_on)},
    )


def item_open(item: CloseoutItem, *, is_done: bool) -> Refusal | None:
    """Refuse to do twice what is done."""
    if not is_done:
        return None
    return Refusal(
        "closeout_item_done",
        gettext_noop("This is done already. Open it again first if it has to be done anew."),
        item.authority.citation,
    )


def ledger_proves(
    item: CloseoutItem, *, pending_minor: int, undecided_minor: int, currency: str
) -> Refusal | None:
    """Refuse to tick what the ledger says is not so."""
    if item.key == OBLIGATIONS_LIQUIDATED and pending_minor:
        return Refusal(
            "obligations_pending",
            gettext_noop(
                "%(pending)s is still pending in obligations and encumbrances. Draw, liquidate or "
                "release it first."
            ),
            item.authority.citation,
            {"pending": Amount(Money(pending_minor, currency))},
        )
    if item.key == COST_SHARE_SETTLED and undecided_minor:
        return Refusal(
            "cost_share_undecided",
            gettext_noop(
                "%(undecided)s of claimed contributions is not decided. Accept or refuse it first."
            ),
            item.authority.citation,
            {"undecided": Amount(Money(undecided_minor, currency))},
        )
    return None


def reopening_reason_given(reason: str) -> Refusal | None:
    """Refuse to open a done item again without saying why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why this has to be done again."))
