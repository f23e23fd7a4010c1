"""Awards of other agencies for the tests of what overlaps."""

from lineshaft.apps.network import services
from lineshaft.apps.network.models import OutsideAward
from lineshaft.apps.network.tests.factories import NOW
from lineshaft.plumbing.actor import Actor
from tests.replaying import replayed

GEARS = (
    "Large gears of wind turbines are scrapped when a single tooth has broken. This project "
    "restores the tooth in place: a wire is fed into a small melt pool, layer upon layer, while a "
    "camera watches the width of the bead and a controller keeps it. Twelve gears taken out of "
    "service are repaired and run on a test stand until they fail again."
)
RETOLD = GEARS.replace("Twelve", "Ten").replace("a single tooth", "one tooth")
"""The same work told with a few words changed."""

YARN = (
    "Yarn for turbine blades is spun from recycled fibres, whose length varies from bale to bale. "
    "Sensors at the carding machine read that length, and the spindle speed follows within a "
    "second. The yarn is woven by a partner and pulled apart at two temperatures."
)
"""Another work."""

SYSTEM = Actor.system("test")


@replayed
def store(number: str, abstract: str = GEARS, **columns: object) -> OutsideAward:
    """The award of that number, recorded or corrected."""
    row = services.AwardRow(
        **{  # type: ignore[arg-type] # each column of its own type
            "source": "demo",
            "number": number,
            "agency_name": "NSF",
            "currency": "USD",
            "title": f"Work {number}",
            "abstract": abstract,
        }
        | columns
    )
    services.register_outside_awards(SYSTEM, [row], now=NOW, is_demonstration=True)
    return OutsideAward.objects.get(source=row.source, number=number)
