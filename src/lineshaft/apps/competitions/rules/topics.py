"""What competitions decide of topics: when one can be endorsed, merged, taken up or withdrawn.

Topics come from below: anybody in the network proposes one, others endorse it for their
organisation, and the programme office or an agency makes a solicitation of it. A topic that was
merged keeps its endorsements, which count for the one it was merged into. When the competition that
took a topic up is cancelled, the topic stands open again; the link stays.
"""

from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import gettext_noop

PROPOSED: Final = "proposed"
MERGED: Final = "merged"
TAKEN_UP: Final = "taken_up"
WITHDRAWN: Final = "withdrawn"

TITLE_MAX: Final = 200
TEXT_MAX: Final = 20_000
REMARK_MAX: Final = 1_000

BOTTOM_UP: Final = Citation(
    "National Network for Manufacturing Innovation: A Preliminary Design, January 2013: the focus"
    " of an institute is proposed by those who would run it"
)

_NOT_OPEN: Final = gettext_noop("The topic is %(state)s. Only one that stands open is endorsed.")
_ENDORSED: Final = gettext_noop("%(organisation)s endorses this topic already.")
_INTO_ITSELF: Final = gettext_noop("A topic is not merged into itself. Choose another one.")
_INTO_CLOSED: Final = gettext_noop(
    "“%(topic)s” was merged or withdrawn. Choose a topic that stands open."
)
_COMPETITION_OVER: Final = gettext_noop(
    "%(code)s is open or over. A topic is taken up before a competition opens."
)


def refuse_endorsing(state: str, *, state_name: str) -> Refusal | None:
    """Why a topic in that state takes no endorsement, or None."""
    if state in {PROPOSED, TAKEN_UP}:
        return None
    return Refusal("topic_not_open", _NOT_OPEN, BOTTOM_UP, {"state": state_name})


def refuse_second_endorsement(organisation: str, *, is_endorsed: bool) -> Refusal | None:
    """Why an organisation can't endorse a topic once more, or None."""
    if not is_endorsed:
        return None
    return Refusal("endorsed_already", _ENDORSED, params={"organisation": organisation})


def refuse_merging(*, is_same: bool, title: str, state: str) -> Refusal | None:
    """Why a topic can't be merged into that one, or None."""
    if is_same:
        return Refusal("merge_into_itself", _INTO_ITSELF)
    if state in {MERGED, WITHDRAWN}:
        return Refusal("merge_into_closed", _INTO_CLOSED, params={"topic": title})
    return None


def refuse_taking_up(code: str, *, may_change: bool) -> Refusal | None:
    """Why a topic can't be taken up in that competition, or None."""
    if may_change:
        return None
    return Refusal("competition_over", _COMPETITION_OVER, params={"code": code})
