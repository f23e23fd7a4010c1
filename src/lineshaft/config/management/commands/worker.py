"""`lineshaft worker`: runs the jobs that pages, imports and the clock have asked for."""

import argparse
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.console import ConsoleCommand
from lineshaft.config.platform import check_migrated
from lineshaft.config.supervise import end_with_parent
from lineshaft.plumbing.jobs.worker import run_until_idle, run_worker


class Command(ConsoleCommand):
    """Runs until SIGINT or SIGTERM; the job in hand goes back into the queue."""

    help = (
        "Run the jobs that wait, one after the other.\n"
        "`lineshaft serve` starts one by itself; more may run beside it, on this machine or others."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="end when no job is due, instead of waiting"
        )
        parser.add_argument("--end-with-parent", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *_args: Any, **options: Any) -> None:
        check_migrated()
        if options["end_with_parent"]:
            end_with_parent()
        if options["until_idle"]:
            self.answer(f"{run_until_idle()} jobs run")
            return
        stop = threading.Event()

        def ask(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        run_worker(stop)
