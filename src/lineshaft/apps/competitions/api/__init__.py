"""The API of competitions, by noun: applications, conflicts, opportunities, topics."""

from ninja import (
    Router,
)

from lineshaft.apps.competitions.api import (
    applications,
    conflicts,
    opportunities,
    outcomes,
    topics,
)

router = Router(tags=["competitions"])
for part in (applications, conflicts, opportunities, topics):
    router.add_router("", part.router)
for part in (applications, opportunities, outcomes, topics):
    router.add_router("", part.router)

__all__ = ["router"]
