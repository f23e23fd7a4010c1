"""`lineshaft snapshot`: what the database holds now, as Parquet, with every figure computed."""

from typing import Any

from lineshaft.apps.insight.services import take_snapshot
from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.platform import check_migrated
from lineshaft.engines.analytics.snapshot import SnapshotProgress
from lineshaft.plumbing import clock


class Command(ConsoleCommand):
    """Pages and drafts of reports show the new figures from then on."""

    help = (
        "Take a snapshot of the records and compute every figure from it.\n"
        "The platform may go on running; its pages say as of when their figures are."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        check_migrated()
        with progress("snapshot") as report:

            def step(state: SnapshotProgress) -> None:
                report(state.tables_done, state.tables_total, state.table)

            snapshot = take_snapshot(self.actor, now=clock.now(), progress=step)
        self.answer(f"{snapshot.name}: {snapshot.rows} rows, {snapshot.size_bytes} bytes")
