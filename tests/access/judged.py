"""What the addresses name by which applications are judged, from the pool of reviewers on.

Each noun has a competition of its own in the state that its verbs want, so what an argument means
is told by the module of the view or operation that takes it.
"""

from collections.abc import Mapping

from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing.access.models import User
from tests.access.assigning import assigning
from tests.access.conflicts import conflicting
from tests.access.gates import gated
from tests.access.judging import judging
from tests.access.pool import pooled
from tests.access.replying import replying
from tests.access.selecting import selecting
from tests.access.visits import visited

PARTS_OF_ROUTE = 3
"""Such a name means one route, by app, route and argument; a shorter one every route."""


def judged(organisations: list[Organisation], users: dict[str, User]) -> dict[str, object]:
    """The arguments of all of them."""
    own = organisations[0]
    conflicts, gates = conflicting(users), gated(organisations[2], users)
    return (
        _placed(conflicts, "competitions", ("conflicts",))
        | _placed(conflicts, "network", ("people",))
        | _placed(gates, "competitions", ("outcomes", "overlaps"))
        | _placed(gates, "awarding", ("statistics",))
        | _placed(pooled(users), "reviewing", ("pool", "texts", "panels", "invitations"))
        | _placed(assigning(own), "reviewing", ("assignments", "proposals", "changes"))
        | _placed(
            judging(organisations, users),
            "reviewing",
            ("own_reviews", "stage_reviews", "discussion", "reviews"),
        )
        | _placed(replying(own, users), "reviewing", ("ranking", "remarks", "replies"))
        | _placed(
            visited(own, users),
            "awarding",
            ("visits", "visit_page", "noting", "analyses", "feeds"),
        )
        | _placed(
            selecting(organisations, users),
            "awarding",
            ("selection", "scenarios", "letters", "awards", "results"),
        )
    )


def _placed(found: Mapping[str, object], app: str, modules: tuple[str, ...]) -> dict[str, object]:
    """The arguments under the names of these modules, and those of one route as they are."""
    placed: dict[str, object] = {}
    for name, meant in found.items():
        parts = name.split(":")
        if len(parts) == PARTS_OF_ROUTE and all(parts):
            placed[name] = meant
        else:
            placed |= {f"{app}/{module}:{parts[-1]}": meant for module in modules}
    return placed
