"""The states of every noun of funding, and which verb leads from which to which."""

from typing import Final

from lineshaft.apps.funding.rules.amendments import AMENDMENT_WORKFLOW
from lineshaft.apps.funding.rules.proposals import PROPOSAL_WORKFLOW
from lineshaft.apps.funding.rules.renewals import RENEWAL_WORKFLOW
from lineshaft.apps.funding.rules.states import LEDGER_TRANSITIONS
from lineshaft.apps.funding.rules.waivers import WAIVER_WORKFLOW
from lineshaft.kernel.workflow import Workflow

TRANSITIONS: Final[dict[str, Workflow]] = {
    **LEDGER_TRANSITIONS,
    "amendment": AMENDMENT_WORKFLOW,
    "waiver": WAIVER_WORKFLOW,
    "renewal": RENEWAL_WORKFLOW,
    "transfer_proposal": PROPOSAL_WORKFLOW,
}
