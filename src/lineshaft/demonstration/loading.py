"""What one load of the demonstration needs at every step, and what the steps before have given."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

Report = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what is being done (English message id)."""

WHY: Final = "demonstration"
ROWS_AT_A_TIME: Final = 20_000
STEPS: Final = 16


@dataclass(slots=True)
class Loading:
    """One load: who loads what and when, and the ids that the steps before have given."""

    actor: Actor
    profile: JurisdictionProfile
    scale: int
    now: datetime
    report: Report
    done: int = 0
    users: dict[str, User] = field(default_factory=dict)
    organisation_ids: list[int] = field(default_factory=list)
    agreement_ids: dict[str, int] = field(default_factory=dict)

    def step(self, note: str) -> None:
        """Say what comes next."""
        self.report(self.done, STEPS, note)
        self.done += 1


def id_of(kind: str, *parts: object) -> UUID:
    """The id of a record of the demonstration, the same at every load."""
    return derived_id("demonstration", kind, *(str(part) for part in parts))


@contextmanager
def few_collections() -> Iterator[None]:
    """Within the block Python seldom looks for circles among objects.

    A plan is millions of records that hold no circle and stay until the end: looking at all of them
    again and again takes a quarter of a load.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
