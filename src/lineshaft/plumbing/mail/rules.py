"""The states of a message in the outbox, and how often delivery is tried."""

from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

QUEUED: Final = "queued"
SENT: Final = "sent"
FAILED: Final = "failed"
DROPPED: Final = "dropped"
"""Ended unsent, its text with it: a secret is not kept for later."""

ATTEMPTS_MAX: Final = 5
"""Attempts of one message before a person must look at it."""

BACK_OFF_S: Final = (60, 300, 1800, 7200)
"""Seconds before the second to the fifth attempt; a mail server's rest takes minutes to hours."""

SMTP_TIMEOUT_S: Final = 30
"""Seconds to wait for a mail server's answer."""

BATCH_MESSAGES: Final = 100
"""Messages that one delivery takes on before it looks whether it should stop."""

TRANSITIONS: Final = {
    "OutboxMessage": Workflow(
        name="outbox message",
        initial=QUEUED,
        transitions=(
            Transition("deliver_message", frozenset({QUEUED}), SENT),
            Transition("give_up_message", frozenset({QUEUED}), FAILED),
            Transition("drop_message", frozenset({QUEUED}), DROPPED),
            Transition("retry_message", frozenset({FAILED}), QUEUED),
        ),
        final=frozenset({SENT, DROPPED}),
    )
}

PERMISSIONS: Final = permissions(
    Permission(
        "retry_message",
        gettext_noop("Only the programme office may send a message again."),
        roles=frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR}),
    ),
)


def back_off_s(attempts: int) -> int:
    """Seconds to wait after that many attempts have failed."""
    return BACK_OFF_S[min(max(attempts, 1), len(BACK_OFF_S)) - 1]
