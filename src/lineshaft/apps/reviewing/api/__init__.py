"""The API of reviewing, by noun: panels, the pool."""

from ninja import Router

from lineshaft.apps.reviewing.api import assignments, panels, pool, ranking, replies, reviews

router = Router(tags=["reviewing"])
router.add_router("", reviews.router)
for part in (panels, pool):
    router.add_router("", part.router)
for part in (assignments,):
    router.add_router("", part.router)
for part in (ranking, replies):
    router.add_router("", part.router)

__all__ = ["router"]
