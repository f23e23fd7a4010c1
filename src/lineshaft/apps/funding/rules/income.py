"""What is programme income, and how it may be used (law: C-10 to C-12)."""

from datetime import date
from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import Day, gettext_noop

PROGRAMME_INCOME: Final = Citation(
    text="2 CFR 200.307", url="https://www.ecfr.gov/current/title-2/section-200.307"
)
"""Income earned by the work under an award, in its period of performance."""


def stream_known(stream: str, *, is_known: bool) -> Refusal | None:
    """Refuse a stream of income that the profile does not list."""
    if is_known:
        return None
    return Refusal(
        "stream_unknown",
        gettext_noop("“%(stream)s” is no stream of income in this jurisdiction."),
        params={"stream": stream},
    )


def is_programme_income(*, is_earned_by_award: bool) -> Refusal | None:
    """Refuse what never is programme income: royalties, dues, donations, prizes (C-11)."""
    if is_earned_by_award:
        return None
    return Refusal(
        "not_programme_income",
        gettext_noop(
            "Income of this stream is not programme income. Record it as the institute's own."
        ),
        citation=PROGRAMME_INCOME,
    )


def income_in_term(occurred_on: date, starts_on: date, ends_on: date) -> Refusal | None:
    """Refuse programme income dated outside the period of performance `[starts_on, ends_on)`."""
    if starts_on <= occurred_on < ends_on:
        return None
    return Refusal(
        "income_outside_term",
        gettext_noop(
            "%(occurred_on)s lies outside the period of performance, from %(starts_on)s up to "
            "%(ends_on)s. What is earned outside it is the institute's own income."
        ),
        citation=PROGRAMME_INCOME,
        params={
            "occurred_on": Day(occurred_on),
            "starts_on": Day(starts_on),
            "ends_on": Day(ends_on),
        },
    )


def net_of_earning(gross_minor: int, cost_minor: int) -> Refusal | None:
    """Refuse costs of earning that are below zero, or leave nothing (C-12)."""
    if 0 <= cost_minor < gross_minor:
        return None
    return Refusal(
        "earning_cost_exceeded",
        gettext_noop(
            "The costs of earning it are zero or more and less than what came in, and only costs "
            "that the award did not bear."
        ),
        citation=PROGRAMME_INCOME,
    )


def method_open(*, is_changed: bool, has_income: bool) -> Refusal | None:
    """Refuse another method once income has been earned under the first."""
    if not (is_changed and has_income):
        return None
    return Refusal(
        "income_method_fixed",
        gettext_noop(
            "Programme income is recorded already; the way in which it is used stays what it is."
        ),
        citation=PROGRAMME_INCOME,
    )


def method_approved(*, wants_approval: bool, reason: str) -> Refusal | None:
    """Refuse cost sharing without the agency's approval in words."""
    if reason.strip() or not wants_approval:
        return None
    return Refusal(
        "approval_missing",
        gettext_noop(
            "Programme income counts as cost share only with the agency's prior approval: say in "
            "which decision it was given."
        ),
        citation=PROGRAMME_INCOME,
    )
