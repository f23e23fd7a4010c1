"""The verbs by which applications are judged, from the pool of reviewers to the award."""

from tests.crash.assigning import ASSIGNING_VERBS, BEFORE_ASSIGNING
from tests.crash.conflicts import BEFORE_CONFLICTS, CONFLICT_VERBS
from tests.crash.gates import GATE_VERBS
from tests.crash.judging import BEFORE_JUDGING, JUDGING_VERBS
from tests.crash.pool import BEFORE_POOL, POOL_VERBS
from tests.crash.replying import BEFORE_REPLYING, REPLYING_VERBS
from tests.crash.selecting import BEFORE_SELECTING, SELECTING_VERBS
from tests.crash.visits import BEFORE_VISITS, VISIT_VERBS

JUDGED_VERBS = {
    **CONFLICT_VERBS,
    **GATE_VERBS,
    **POOL_VERBS,
    **ASSIGNING_VERBS,
    **JUDGING_VERBS,
    **REPLYING_VERBS,
    **VISIT_VERBS,
    **SELECTING_VERBS,
}
BEFORE_JUDGED = {
    **BEFORE_CONFLICTS,
    **BEFORE_POOL,
    **BEFORE_ASSIGNING,
    **BEFORE_JUDGING,
    **BEFORE_REPLYING,
    **BEFORE_VISITS,
    **BEFORE_SELECTING,
}
