"""The API of awarding, by noun."""

from ninja import Router

from lineshaft.apps.awarding.api import awards, selection, statistics
from lineshaft.apps.awarding.api.analyses import router as analyses
from lineshaft.apps.awarding.api.visits import router as visits

router = Router(tags=["awarding"])
router.add_router("", visits)
router.add_router("", analyses)
for part in (statistics, selection, awards):
    router.add_router("", part.router)

__all__ = ["router"]
