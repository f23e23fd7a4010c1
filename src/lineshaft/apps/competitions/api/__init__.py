"""The API of competitions, by noun: applications, conflicts, opportunities, outcomes, overlaps,
topics.
"""

from ninja import Router

from lineshaft.apps.competitions.api import (
    applications,
    conflicts,
    opportunities,
    outcomes,
    overlaps,
    topics,
)

router = Router(tags=["competitions"])
for part in (applications, conflicts, opportunities, outcomes, overlaps, topics):
    router.add_router("", part.router)

__all__ = ["router"]
