"""The board of needs and offers: how long one stands, who answers, how it ends.

Invariant: whether a need is open follows from its state and its last day, so that one expires
without any job having run.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow


class NeedKind(StrEnum):
    """Whether something is looked for or offered."""

    WANTED = "wanted"
    OFFERED = "offered"


class NeedState(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a need was closed; empty while it is open."""

    NOT_CLOSED = ""
    FOUND_HERE = "found_here"
    FOUND_ELSEWHERE = "found_elsewhere"
    WITHDRAWN = "withdrawn"


NEED_WORKFLOW: Final = Workflow(
    "need",
    NeedState.OPEN,
    (
        Transition("answer_need", frozenset({NeedState.OPEN}), NeedState.OPEN),
        Transition("close_need", frozenset({NeedState.OPEN}), NeedState.CLOSED),
    ),
    final=frozenset({NeedState.CLOSED}),
)

TITLE_MAX: Final = 150
NEED_TEXT_MAX: Final = 2000
DAYS_MAX: Final = 365
"""How long a need stands at most before somebody has to say again that it is one."""

_LAST_DAY: Final = gettext_noop("A need stands at least a day and at most a year: until %(last)s.")
_EXPIRED: Final = gettext_noop("This stood until %(expires_on)s. Post it anew if it still holds.")
_OWN: Final = gettext_noop("This is your own organisation's. Others answer it.")
_ANSWERED: Final = gettext_noop("“%(name)s” has answered already. Write to the contact instead.")


def refuse_last_day(expires_on: date, today: date) -> Refusal | None:
    """Why a need can't stand until that day, or None."""
    last = today + timedelta(days=DAYS_MAX)
    if today < expires_on <= last:
        return None
    return Refusal("last_day", _LAST_DAY, params={"last": Day(last)})


def refuse_answer(
    expires_on: date, today: date, *, is_own: bool, has_answered: bool, name: str
) -> Refusal | None:
    """Why the organisation of that name can't answer, or None."""
    if expires_on <= today:
        return Refusal("expired", _EXPIRED, params={"expires_on": Day(expires_on)})
    if is_own:
        return Refusal("own_need", _OWN)
    if has_answered:
        return Refusal("answered", _ANSWERED, params={"name": name})
    return None
