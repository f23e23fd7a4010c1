"""The API of reviewing, by noun: reviews, panels, pool, assignments, the ranked list, replies."""

from ninja import Router

from lineshaft.apps.reviewing.api import assignments, panels, pool, ranking, replies, reviews

router = Router(tags=["reviewing"])
for part in (reviews, panels, pool, assignments, ranking, replies):
    router.add_router("", part.router)

__all__ = ["router"]
