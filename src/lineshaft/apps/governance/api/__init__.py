"""The API of governance, by noun: policies, bodies, meetings with their votes, delegations."""

from ninja import Router

from lineshaft.apps.governance.api import bodies, delegations, meetings, policies

router = Router(tags=["governance"])
for part in (policies, bodies, meetings, delegations):
    router.add_router("", part.router)

__all__ = ["router"]
