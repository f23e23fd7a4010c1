"""The API of memberships."""

from ninja import Router

from lineshaft.apps.memberships.api.agreements import router as agreements
from lineshaft.apps.memberships.api.tiers import router as tiers

router = Router(tags=["memberships"])
router.add_router("", tiers)
router.add_router("", agreements)

__all__ = ["router"]
