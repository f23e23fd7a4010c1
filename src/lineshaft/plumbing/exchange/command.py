"""What `lineshaft import KIND FILE` does, for the command that calls it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.mapping import ColumnMapping, load_mapping, shipped_mappings
from lineshaft.plumbing.exchange.queries import import_spec
from lineshaft.plumbing.exchange.services import Report, no_report, run_import
from lineshaft.plumbing.exchange.spec import ImportReport, ImportSpec

Say = Callable[[str], object]


def run_import_command(
    actor: Actor,
    kind: str,
    file: Path,
    *,
    mapping: str | None,
    is_dry_run: bool,
    now: datetime,
    answer: Say,
    complain: Say,
    report: Report = no_report,
) -> bool:
    """Import a file from the disk; `answer` is told what was done, `complain` what was wrong.

    `mapping` is the key of one that ships, or the path of one. Returns False for a refused file, of
    which nothing was written. Raises NotFound for an unknown kind or mapping, Invalid for a faulty
    mapping, and what `run_import` raises.
    """
    spec = import_spec(kind)
    chosen = find_mapping(spec, mapping) if mapping else None
    with file.open("rb") as content:
        outcome = run_import(
            actor,
            spec,
            content,
            name=file.name,
            mapping=chosen,
            is_dry_run=is_dry_run,
            now=now,
            report=report,
        )
    for line in error_lines(outcome):
        complain(line)
    for line in notice_lines(outcome):
        answer(line)
    answer(summary_line(outcome))
    return not outcome.is_refused


def find_mapping(spec: ImportSpec, named: str) -> ColumnMapping:
    """The mapping that ships under a key, or the one in a file. Raises NotFound and Invalid."""
    shipped = shipped_mappings(spec)
    if named in shipped:
        return shipped[named]
    path = Path(named)
    if path.is_file():
        return load_mapping(path, spec)
    if path.suffix == ".toml":
        raise Invalid.in_field(
            "mapping", gettext_noop("There is no mapping file %(path)s."), path=named
        )
    raise NotFound(
        gettext_noop("There is no mapping “%(named)s” for %(kind)s; there are: %(keys)s."),
        code="mapping",
        params={"named": named, "kind": spec.kind, "keys": ", ".join(shipped) or "-"},
    )


def error_lines(outcome: ImportReport) -> list[str]:
    """One line for each fault, and one for those that are only counted."""
    lines = []
    for error in outcome.errors:
        place = f"row {error.row}" if error.row else outcome.source_name
        column = f", {error.column}" if error.column else ""
        value = f" ({error.value})" if error.value else ""
        lines.append(f"{place}{column}{value}: {error.as_text()}")
    if outcome.errors_more:
        lines.append(f"and {outcome.errors_more} more")
    return lines


def notice_lines(outcome: ImportReport) -> list[str]:
    """One line for each row that somebody should look at."""
    return [f"row {notice.row}: {notice.as_text()}" for notice in outcome.notices]


def summary_line(outcome: ImportReport) -> str:
    """What the run came to, in one line."""
    if outcome.is_refused:
        return f"{outcome.source_name} is refused; nothing was written."
    if not outcome.rows_read:
        return f"{outcome.source_name} has headings, but no rows; nothing was written."
    counts = (
        f"{outcome.rows_read} rows read: {outcome.created} new, {outcome.updated} changed, "
        f"{outcome.unchanged} unchanged"
    )
    if outcome.rows_filtered:
        counts += f", {outcome.rows_filtered} left out by the mapping"
    if outcome.ignored_columns:
        counts += f"; columns not read: {', '.join(outcome.ignored_columns)}"
    if outcome.is_dry_run:
        return f"Dry run, nothing was written. {counts}."
    if outcome.changes_nothing:
        return f"Nothing changed: all of it was there already. {counts}."
    return f"Imported. {counts}."
