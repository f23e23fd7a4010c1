"""The colours of states, beside the words."""

from typing import Final

from lineshaft.apps.funding.rules import ContributionState
from lineshaft.web.pages import Tone

CONTRIBUTION_TONES: Final[dict[str, Tone]] = {
    ContributionState.RECORDED: "due",
    ContributionState.ACCEPTED: "ok",
    ContributionState.REFUSED: "bad",
    ContributionState.WITHDRAWN: "quiet",
}
