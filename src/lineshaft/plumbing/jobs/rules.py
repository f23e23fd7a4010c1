"""The states of a job, who may stop or repeat one, and how long things may take.

A job is claimed under a lease: a worker that still lives renews it, and what a killed worker held
is taken back once the lease has run out. So every handler may run twice and must be written for it.
"""

from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

QUEUED: Final = "queued"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
STOPPED: Final = "stopped"

OPEN_STATES: Final = (QUEUED, RUNNING)

LEASE_S: Final = 60
"""Seconds. A killed worker's job waits this long; a living worker renews many times in it."""

HEARTBEAT_S: Final = 5
"""Seconds between renewals of the lease, and the longest that shown progress lags behind."""

REPORT_S: Final = 0.5
"""Seconds. Progress is written at most this often, so that reporting every row costs nothing."""

SEAL_S: Final = 30.0
"""Seconds after which an idle worker seals the audit trail again: the window without a seal."""

POLL_S: Final = 1.0
"""Seconds that an idle worker waits before it looks again; one indexed read each time."""

ATTEMPTS_MAX: Final = 4
"""Attempts of one job, lost workers counted, before a person must look at it."""

BACK_OFF_S: Final = (10, 60, 300)
"""Seconds before the second, third and fourth attempt."""

TRANSITIONS: Final = {
    "Job": Workflow(
        name="job",
        initial=QUEUED,
        transitions=(
            Transition("start_job", frozenset({QUEUED}), RUNNING),
            Transition("finish_job", frozenset({RUNNING}), DONE),
            Transition("postpone_job", frozenset({RUNNING}), QUEUED),
            Transition("fail_job", frozenset({RUNNING}), FAILED),
            Transition("stop_job", frozenset({QUEUED, RUNNING}), STOPPED),
            Transition("retry_job", frozenset({FAILED, STOPPED}), QUEUED),
        ),
        final=frozenset({DONE}),
    )
}

PERMISSIONS: Final = permissions(
    Permission(
        "stop_job",
        gettext_noop("Only the programme office, or whoever asked for a job, may stop it."),
        roles=frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR}),
    ),
    Permission(
        "retry_job",
        gettext_noop("Only the programme office, or whoever asked for a job, may repeat it."),
        roles=frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR}),
    ),
)


def back_off_s(attempts: int) -> int:
    """Seconds to wait after that many attempts have failed."""
    return BACK_OFF_S[min(max(attempts, 1), len(BACK_OFF_S)) - 1]
