"""All the work that is killed and done again, by name: that of `scenarios`, and handing in an
application.
"""

from collections.abc import Callable
from typing import Final

from tests.crash import scenarios
from tests.crash.applying import attach_once, prepare_application, submit_once
from tests.crash.scenarios import Scenario

BEGINNINGS: Final[dict[str, Callable[[], None]]] = {
    **scenarios.BEGINNINGS,
    "application": prepare_application,
}
SCENARIOS: Final = {
    **scenarios.SCENARIOS,
    "submission": Scenario(beginning="application", steps=(attach_once, submit_once)),
}
