"""`lineshaft verify`: whether what is stored is still what was written."""

from typing import Any

from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.platform import check_migrated
from lineshaft.config.verification import PARTS, find_problems


class Command(ConsoleCommand):
    """Lists each problem on a line of its own; status 1 where there is any."""

    help = (
        "Re-derive balances, audit chain, files and published reports, and compare.\n"
        "Writes nothing; the platform may go on running."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        check_migrated()
        found = 0
        with progress("verify") as report:
            for problem in find_problems(report):
                self.answer(str(problem))
                found += 1
        if found:
            self.say(f"{found} {'problem' if found == 1 else 'problems'} found.")
            raise SystemExit(1)
        self.say(f"No problem found in {', '.join(part.name for part in PARTS)}.")
