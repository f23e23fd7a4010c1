"""What a transfer may do: the decisions about one movement of money."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from lineshaft.apps.funding.rules.codes import CODES, CORRECTABLE_KINDS, FEDERAL_CODES
from lineshaft.apps.funding.rules.states import TransferCode
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.money import LARGEST_AMOUNT_MINOR, Money
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Amount, Day, gettext_noop
from lineshaft.kernel.workflow import term_of

_NEW_MONEY: Final = frozenset({TransferCode.AUTHORISE, TransferCode.OBLIGATE})


def positive_amount(amount_minor: int) -> Refusal | None:
    """Refuse what is not money: the sign of a movement is its direction."""
    if amount_minor > 0:
        return None
    return Refusal(
        "amount_not_positive",
        gettext_noop("An amount must be greater than zero. Money moves back by its own transfer."),
    )


def same_currency(currency: str, agreement_currency: str) -> Refusal | None:
    """Refuse an amount in another currency than the agreement's."""
    if currency == agreement_currency:
        return None
    return Refusal(
        "currency_differs",
        gettext_noop(
            "The agreement is kept in %(agreement_currency)s; the amount is in %(currency)s."
        ),
        params={"currency": currency, "agreement_currency": agreement_currency},
    )


def state_allows(code: TransferCode, state: str) -> Refusal | None:
    """Refuse a code that the agreement's state does not allow."""
    if state in CODES[code].states:
        return None
    return Refusal(
        "agreement_state",
        gettext_noop("The agreement is “%(state)s”, which does not allow “%(code)s”."),
        params={"state": term_of(state), "code": term_of(code)},
    )


def reason_given(code: TransferCode, reason: str) -> Refusal | None:
    """Refuse a void or a correction that does not say why."""
    if reason.strip() or not CODES[code].wants_reason:
        return None
    return Refusal(
        "reason_missing",
        gettext_noop("Say why: what is released, refused or corrected carries its reason."),
        params={"code": term_of(code)},
    )


def within_total(
    authorised_minor: int, amount_minor: int, federal_total_minor: int, currency: str
) -> Refusal | None:
    """Refuse to authorise more than the agreement's federal total."""
    if authorised_minor + amount_minor <= federal_total_minor:
        return None
    return Refusal(
        "agreement_total_exceeded",
        gettext_noop(
            "The agreement's federal total leaves %(left)s to authorise; %(amount)s was asked for."
        ),
        params={
            "left": Amount(Money(federal_total_minor - authorised_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def within_balance(
    account: str, available_minor: int, amount_minor: int, currency: str
) -> Refusal | None:
    """Refuse to take more from an account, or give more back to it, than its limit allows."""
    if amount_minor <= available_minor:
        return None
    return Refusal(
        "limit_exceeded",
        gettext_noop("“%(account)s” has %(available)s left; %(amount)s was asked for."),
        params={
            "account": term_of(account),
            "available": Amount(Money(available_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def sum_kept(sum_minor: int) -> Refusal | None:
    """Refuse a movement by which a sum of an account grows beyond what can be kept."""
    if sum_minor <= LARGEST_AMOUNT_MINOR:
        return None
    return Refusal(
        "sum_too_large",
        gettext_noop("With this amount the account would hold more than can be kept. Check it."),
    )


def within_hold(remaining_minor: int, amount_minor: int, currency: str) -> Refusal | None:
    """Refuse to post or void more than is left pending, or nothing at all."""
    if 0 < amount_minor <= remaining_minor:
        return None
    return Refusal(
        "pending_exceeded",
        gettext_noop("%(remaining)s is left pending; %(amount)s was asked for."),
        params={
            "remaining": Amount(Money(remaining_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def sponsor_known(agency: str, *, is_sponsor: bool) -> Refusal | None:
    """Refuse money of an agency that does not sponsor the agreement."""
    if is_sponsor:
        return None
    return Refusal(
        "agency_not_sponsor",
        gettext_noop("%(agency)s does not sponsor this agreement. Name one of its sponsors."),
        params={"agency": agency},
    )


def books_open(
    occurred_on: date, closed_through: date | None, closed_by: str = ""
) -> Refusal | None:
    """Refuse to write into a period whose books are closed; `closed_by` names who closed them."""
    if closed_through is None or occurred_on > closed_through:
        return None
    return Refusal(
        "books_closed",
        gettext_noop(
            "The books are closed through %(closed_through)s, by %(closed_by)s. Date the entry "
            "after that day, or have the books opened again."
        ),
        params={"closed_through": Day(closed_through), "closed_by": closed_by},
    )


def within_authorised(left_minor: int, amount_minor: int, currency: str) -> Refusal | None:
    """Refuse federal costs and encumbrances beyond the federal money authorised."""
    if amount_minor <= left_minor:
        return None
    return Refusal(
        "authorised_exceeded",
        gettext_noop(
            "Costs and encumbrances may not exceed the federal money authorised: %(left)s is left; "
            "%(amount)s was asked for."
        ),
        params={
            "left": str(Money(left_minor, currency)),
            "amount": str(Money(amount_minor, currency)),
        },
    )


def number_free(number: str, *, is_taken: bool) -> Refusal | None:
    """Refuse a second agreement under one number."""
    if not is_taken:
        return None
    return Refusal(
        "number_taken",
        gettext_noop("There is an agreement with number %(number)s already."),
        params={"number": number},
    )


def cost_share_possible(required_minor: int | None) -> Refusal | None:
    """Refuse an agreement that asks for less than no cost share."""
    if required_minor is None or required_minor >= 0:
        return None
    return Refusal(
        "cost_share_negative",
        gettext_noop(
            "The cost share required can not be below zero. Leave it empty where the agreement "
            "names none."
        ),
    )


def parts_possible(
    parts_minor: Sequence[int], total_minor: int, *, are_distinct: bool
) -> Refusal | None:
    """Refuse parts of co-sponsors that leave the leading agency none, or name one agency twice."""
    if are_distinct and all(part > 0 for part in parts_minor) and sum(parts_minor) < total_minor:
        return None
    return Refusal(
        "sponsor_parts",
        gettext_noop(
            "Each sponsor is named once, with a part above zero, and the parts of the others leave "
            "the leading agency a part of the federal total."
        ),
    )


def term_over(ends_on: date, today: date) -> Refusal | None:
    """Refuse to end an agreement before its term does; that is a termination, with its reason."""
    if today >= ends_on:
        return None
    return Refusal(
        "term_not_over",
        gettext_noop(
            "The term of the agreement runs until %(ends_on)s, and it ends then. To close it "
            "before, terminate it with the reason."
        ),
        Citation("2 CFR 200.340", "https://www.ecfr.gov/current/title-2/section-200.340"),
        {"ends_on": Day(ends_on)},
    )


def closing_reason_given(reason: str) -> Refusal | None:
    """Refuse to terminate without saying why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the agreement is terminated."))


def account_open(account: str, code: TransferCode, *, is_closed: bool) -> Refusal | None:
    """Refuse new money out of a closed account; what is pending is settled all the same."""
    if not is_closed or code is TransferCode.CORRECT:
        return None
    return Refusal(
        "account_closed",
        gettext_noop("“%(account)s” is closed: its agreement is no longer active."),
        params={"account": term_of(account)},
    )


def settles_a_pending(code: TransferCode, pending_code: str) -> Refusal | None:
    """Refuse to settle what is not pending, or is pending for another purpose."""
    if pending_code in CODES[code].settled_codes:
        return None
    return Refusal(
        "pending_unknown",
        gettext_noop("“%(code)s” does not settle “%(pending_code)s”."),
        params={"code": term_of(code), "pending_code": term_of(pending_code)},
    )


def not_before_pending(occurred_on: date, pending_on: date) -> Refusal | None:
    """Refuse to settle a transfer on a day before it was made."""
    if occurred_on >= pending_on:
        return None
    return Refusal(
        "before_pending",
        gettext_noop("%(occurred_on)s is before the day of what it settles, %(pending_on)s."),
        params={"occurred_on": Day(occurred_on), "pending_on": Day(pending_on)},
    )


def day_possible(
    code: TransferCode, occurred_on: date, *, signed_on: date, span: Span, today: date
) -> Refusal | None:
    """Refuse a transfer dated before its agreement or in time to come.

    New money moves within the term; what settles, returns or corrects may come after it. Somewhere
    on earth it is tomorrow already, so one day ahead is taken.
    """
    first = min(signed_on, span.starts_on)
    if occurred_on < first:
        return Refusal(
            "before_agreement",
            gettext_noop("%(occurred_on)s is before the agreement, which begins on %(first)s."),
            params={"occurred_on": Day(occurred_on), "first": Day(first)},
        )
    if occurred_on > today + timedelta(days=1):
        return Refusal(
            "in_the_future",
            gettext_noop(
                "%(occurred_on)s is still to come. A transfer is recorded once it has happened."
            ),
            params={"occurred_on": Day(occurred_on)},
        )
    if code in _NEW_MONEY and span.ends_on is not None and occurred_on >= span.ends_on:
        return Refusal(
            "after_agreement",
            gettext_noop(
                "%(occurred_on)s is after the agreement, which runs up to %(ends_on)s. New money "
                "moves within the term only."
            ),
            params={"occurred_on": Day(occurred_on), "ends_on": Day(span.ends_on)},
        )
    return None


def within_correction(left_minor: int, amount_minor: int, currency: str) -> Refusal | None:
    """Refuse to take back more than a transfer moved and earlier corrections left."""
    if amount_minor <= left_minor:
        return None
    return Refusal(
        "correction_exceeded",
        gettext_noop("%(left)s is left to correct; %(amount)s was asked for."),
        params={
            "left": Amount(Money(left_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def same_content(*, is_same: bool, transfer_id: str) -> Refusal | None:
    """Refuse an id that already stands for something else; the same content is a harmless retry."""
    if is_same:
        return None
    return Refusal(
        "transfer_id_reused",
        gettext_noop("Transfer %(id)s is already recorded with other content. Use a new id."),
        params={"id": transfer_id},
    )


def code_in_batch(code: TransferCode) -> Refusal | None:
    """Refuse a code that moves only together with a record of its own."""
    if code in FEDERAL_CODES:
        return None
    return Refusal(
        "code_not_open",
        gettext_noop(
            "“%(code)s” is not posted by itself: record, accept or refuse the contribution, or "
            "correct the transfer."
        ),
        params={"code": term_of(code)},
    )


def correctable(kind: str, code: str) -> Refusal | None:
    """Refuse to correct what moved no money, or what is itself a correction."""
    if kind in CORRECTABLE_KINDS and code != TransferCode.CORRECT:
        return None
    return Refusal(
        "not_correctable",
        gettext_noop(
            "Only a transfer that moved money can be corrected, and a correction is not corrected: "
            "post the right transfer anew."
        ),
    )
