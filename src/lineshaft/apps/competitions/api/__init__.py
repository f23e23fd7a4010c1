"""The API of competitions, by noun: applications, opportunities, topics."""

from ninja import Router

from lineshaft.apps.competitions.api import applications, opportunities, topics

router = Router(tags=["competitions"])
for part in (applications, opportunities, topics):
    router.add_router("", part.router)

__all__ = ["router"]
