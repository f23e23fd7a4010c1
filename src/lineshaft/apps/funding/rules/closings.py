"""When books are closed and opened again, and how far."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.spans import FIRST_DAY
from lineshaft.kernel.text import Day, gettext_noop

BOOKS_DUE_DAYS: Final = 90
"""Days after a fiscal year in which its books are closed: as many as a yearly report is given.

*Source*: 2 CFR 200.328(c)(1).
"""
_CERTIFICATION: Final = Citation(
    "2 CFR 200.415", "https://www.ecfr.gov/current/title-2/section-200.415"
)


class ClosingKind(StrEnum):
    """Whether an entry closes books further or opens them again."""

    CLOSE = "close"
    REOPEN = "reopen"


class ClosedSpan(NamedTuple):
    """Days through `through`, from the day after the span before, and who closed them last.

    `closer_id` is None where the program did.
    """

    through: date
    closer_id: int | None


def closed_spans(entries: Iterable[tuple[date | None, int | None]]) -> tuple[ClosedSpan, ...]:
    """The spans that entries leave closed, in the order of their days.

    `entries` are those of one set of books in their order, each with the day through which it
    leaves the books closed and who made it. One that opens leaves earlier days to their closers.
    """
    spans: list[ClosedSpan] = []
    for through, closer_id in entries:
        if through is None:
            spans.clear()
        elif not spans or through > spans[-1].through:
            spans.append(ClosedSpan(through, closer_id))
        else:
            still = [one for one in spans if one.through <= through]
            if not still or still[-1].through < through:
                still.append(spans[len(still)]._replace(through=through))
            spans = still
    return tuple(spans)


def closes_further(through: date, standing: date | None) -> Refusal | None:
    """Refuse to close books through a day through which they are closed."""
    if standing is None or through > standing:
        return None
    return Refusal(
        "books_closed_already",
        gettext_noop("The books are closed through %(standing)s already. Choose a later day."),
        params={"standing": Day(standing)},
    )


def closing_day_possible(through: date) -> Refusal | None:
    """Refuse to close books through a day that no record can have: a mistyped year."""
    if through >= FIRST_DAY:
        return None
    return Refusal(
        "day_not_plausible",
        gettext_noop(
            "%(through)s lies before every day that a record can have. Write a day from %(first)s "
            "on."
        ),
        params={"through": Day(through), "first": Day(FIRST_DAY)},
    )


def span_over(through: date, today: date) -> Refusal | None:
    """Refuse to close books through a day that is not over."""
    if through < today:
        return None
    return Refusal(
        "span_not_over",
        gettext_noop("%(through)s is not over yet. Books are closed for days that are."),
        params={"through": Day(through)},
    )


def reopening_says_why(reason: str) -> Refusal | None:
    """Refuse to open books without saying why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the books are opened again."))


def opens_something(
    through: date | None, standing: date | None, held: date | None
) -> Refusal | None:
    """Refuse to open what is open, or what the network's own closing holds all the same.

    `through` is the day through which the books stay closed, None for none; `held` is the day
    through which the network's books are closed.
    """
    if standing is None or (through is not None and through >= standing):
        return Refusal(
            "books_open_already",
            gettext_noop(
                "Nothing would be opened: choose a day before the one through which the books are "
                "closed."
            ),
        )
    if held is not None and held >= standing:
        return Refusal(
            "network_books_closed",
            gettext_noop(
                "The network's books are closed through %(held)s, and the institute's with them. "
                "Ask the programme office to open them."
            ),
            params={"held": Day(held)},
        )
    return None


def opener_apart(*, is_closer: bool) -> Refusal | None:
    """Refuse to open the books that one has closed oneself."""
    if not is_closer:
        return None
    return Refusal(
        "second_person_wanted",
        gettext_noop("You closed these books. Another person opens them again."),
        Citation("2 CFR 200.303", "https://www.ecfr.gov/current/title-2/section-200.303"),
    )


def certified_stays(
    through: date | None, certified_through: date | None, number: str
) -> Refusal | None:
    """Refuse to open days that a certified financial report covers; what it replaced does not."""
    if certified_through is None or (through is not None and through >= certified_through):
        return None
    return Refusal(
        "period_certified",
        gettext_noop(
            "The financial report of %(number)s through %(certified)s is certified. Books stay "
            "closed through that day; date the correction after it."
        ),
        _CERTIFICATION,
        {"number": number, "certified": Day(certified_through)},
    )
