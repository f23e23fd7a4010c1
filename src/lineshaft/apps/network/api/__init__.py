"""The API of network."""

from ninja import (
    Router,
)

from lineshaft.apps.network.api.awards import (
    router as awards,
)
from lineshaft.apps.network.api.ground import (
    router as ground,
)
from lineshaft.apps.network.api.lookalikes import (
    router as lookalikes,
)
from lineshaft.apps.network.api.overlaps import (
    router as overlaps,
)
from lineshaft.apps.network.api.people import (
    router as people,
)

router = Router(tags=["network"])

router.add_router("", lookalikes)

router.add_router("", ground)

router.add_router("", people)

router.add_router("", overlaps)

router.add_router("", awards)

__all__ = [
    "router",
]
