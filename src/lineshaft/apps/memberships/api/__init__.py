"""The API of memberships."""

from ninja import (
    Router,
)

from lineshaft.apps.memberships.api.agreements import (
    router as agreements,
)
from lineshaft.apps.memberships.api.applications import (
    router as applications,
)
from lineshaft.apps.memberships.api.changes import (
    router as changes,
)
from lineshaft.apps.memberships.api.directory import (
    router as directory,
)
from lineshaft.apps.memberships.api.documents import (
    router as documents,
)
from lineshaft.apps.memberships.api.invoices import (
    router as invoices,
)
from lineshaft.apps.memberships.api.participation import (
    router as participation,
)
from lineshaft.apps.memberships.api.people import (
    router as people,
)
from lineshaft.apps.memberships.api.tiers import (
    router as tiers,
)

router = Router(tags=["memberships"])
router.add_router("", tiers)
for part in (agreements, applications, invoices, changes, people):
    router.add_router("", part)
router.add_router("", agreements)
router.add_router("", directory)
router.add_router("", documents)
router.add_router("", participation)

__all__ = [
    "router",
]
