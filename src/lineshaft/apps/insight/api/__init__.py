"""Insight over the API: one router of what the rooms `reports` and `portfolio` answer."""

from ninja import Router

from lineshaft.apps.insight.api import portfolio, reports

router = Router(tags=["insight"])
router.add_router("", reports.router)
router.add_router("", portfolio.router)

__all__ = ["router"]
