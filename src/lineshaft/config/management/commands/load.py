"""`lineshaft load`: the reference network with its demonstration year, into an empty database."""

import argparse
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from lineshaft.apps.insight.services import load_published_values, record_shipped_denominators
from lineshaft.apps.network.services import load_reference_network
from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.contents import load_into_empty
from lineshaft.config.platform import prepare_database
from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing import clock


def scale(text: str) -> int:
    """A whole number from 1 up."""
    if not text.isdecimal() or int(text) < 1:
        message = f"{text!r} is no scale: give a whole number from 1 up"
        raise argparse.ArgumentTypeError(message)
    return int(text)


class Command(ConsoleCommand):
    """Creates the tables first, where there are none."""

    help = (
        "Load the reference network and the demonstration year into an empty database.\n"
        "Refused where it holds anything already, and where LINESHAFT_DEMONSTRATION is not set.\n"
        "With --reference the network alone: agencies,\n"
        "institutes, published values and the people and manufacturing jobs of each state,\n"
        "also into a database in use, where it adds what lacks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale", type=scale, default=1, help="multiplies the members, money and people"
        )

        parser.add_argument(
            "--reference", action="store_true", help="no demonstration: the reference data alone"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        started_s = time.monotonic()
        if not options["reference"] and not settings.IS_DEMONSTRATION:
            raise Unavailable(
                "This is no demonstration: nothing was loaded. The demonstration year opens"
                " accounts with a published password. Set LINESHAFT_DEMONSTRATION=1 to load and"
                " serve it, or load the network alone with --reference."
            )
        prepare_database()
        if options["reference"]:
            self.load_reference()
            return
        with progress("load") as report:
            load_into_empty(self.actor, scale=options["scale"], report=report)
        self.say(f"Loaded at scale {options['scale']} in {time.monotonic() - started_s:.1f} s.")

    def load_reference(self) -> None:
        """Add what lacks of the profile's agencies, institutes, published values, state numbers."""
        now = clock.now()
        outcome = load_reference_network(self.actor, now=now)
        published = load_published_values(self.actor, now=now)
        numbers = record_shipped_denominators(self.actor, now=now)
        self.say(
            f"Added {outcome.total} records; {published} published values and"
            f" {numbers.created + numbers.unchanged} numbers of states stand."
        )
