"""What the benchmarks found: collected, judged by the bounds, printed, and written as a document.

A benchmark reports named figures. What of them stands in the document, beside which baseline and
under which bound, is said in the rows of a section; a figure that no row names is listed as it is.
"""

import math
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.drawing import Growth
from lineshaft.plumbing import clock

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = ROOT / "docs" / "reference" / "benchmarks.md"
IMAGES: Final = "images"
"""Folder of the drawings, beside the document's own folder."""

WRITTEN: Final = "<!-- written by `make bench`; changes are lost -->"

ABOUT: Final = (
    "Every ratio is to a baseline measured in the same run on the same machine; the seconds and"
    " rates hold for this machine only."
)

type Report = Callable[[str, float, str, str], None]
"""Called with a figure's name, value, unit and a note. NaN: not measured, the note says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One reported number."""

    name: str
    value: float
    unit: str
    note: str

    @property
    def is_measured(self) -> bool:
        return not math.isnan(self.value)

    def __str__(self) -> str:
        return f"{number(self.value)} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A bound from below."""

    limit: float

    def holds(self, value: float) -> bool:
        return value >= self.limit

    def __str__(self) -> str:
        return f"at least {number(self.limit)}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A bound from above."""

    limit: float

    def holds(self, value: float) -> bool:
        return value <= self.limit

    def __str__(self) -> str:
        return f"at most {number(self.limit)}"


@dataclass(frozen=True, slots=True)
class Exactly:
    """A bound that is the only good value."""

    limit: float

    def holds(self, value: float) -> bool:
        return value == self.limit

    def __str__(self) -> str:
        return f"exactly {number(self.limit)}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the document: figures by name. The bound is on the ratio where there is one.

    Without a `ratio` of its own the ratio to a baseline is the result divided by it.
    """

    what: str
    result: str
    baseline: str = ""
    ratio: str = ""
    bound: AtLeast | AtMost | Exactly | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one benchmark, under a title and what has to be known to read them; how time
    grows is drawn beneath.
    """

    title: str
    about: str
    rows: Sequence[Row]
    growths: Sequence[Growth] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its numbers in place; `is_kept` is None where nothing binds it."""

    cells: tuple[str, ...]
    is_kept: bool | None


@dataclass(slots=True)
class Findings:
    """The figures of one benchmark, in the order in which they were reported."""

    section: Section
    figures: dict[str, Figure] = field(default_factory=dict)
    failure: str = ""

    def report(self, name: str, value: float, unit: str, note: str) -> None:
        """Take a figure, and show it at once."""
        found = Figure(name, value, unit, note)
        self.figures[name] = found
        shown = str(found) if found.is_measured else "not measured"
        print(f"  {name:<44} {shown:>22}  {note}", flush=True)

    def judged(self) -> list[Judged]:
        """The section's rows of which anything was reported, then the other figures."""
        rows = [row for row in self.section.rows if row.result in self.figures]
        named = {name for row in rows for name in (row.result, row.baseline, row.ratio)}
        others = [figure for name, figure in self.figures.items() if name not in named]
        return [self._judge(row) for row in rows] + [
            Judged((figure.name, _result(figure), "", "", "", ""), None) for figure in others
        ]

    def drawings(self) -> list[tuple[Growth, str]]:
        """The section's drawings of which enough was measured, as SVG."""
        measured = {name: one.value for name, one in self.figures.items() if one.is_measured}
        drawn = [(growth, growth.drawn(measured)) for growth in self.section.growths]
        return [(growth, svg) for growth, svg in drawn if svg]

    def missed(self) -> list[str]:
        """What is not as it must be, in words."""
        failed = [f"{self.section.title}: {self.failure}"] if self.failure else []
        return failed + [
            f"{row.cells[0]}: {row.cells[1]}, ratio {row.cells[3] or '-'}, bound {row.cells[4]}"
            for row in self.judged()
            if row.is_kept is False
        ]

    def _judge(self, row: Row) -> Judged:
        result = self.figures[row.result]
        baseline = self.figures.get(row.baseline)
        ratio = self._ratio(row, result, baseline)
        judged = ratio if row.baseline or row.ratio else result.value
        is_kept = None
        if row.bound is not None and judged is not None and not math.isnan(judged):
            is_kept = row.bound.holds(judged)
        cells = (
            row.what,
            _result(result),
            str(baseline) if baseline else "",
            number(ratio) if ratio is not None else "",
            str(row.bound) if row.bound else "",
            {None: "", True: "yes", False: "**no**"}[is_kept],
        )
        return Judged(cells, is_kept)

    def _ratio(self, row: Row, result: Figure, baseline: Figure | None) -> float | None:
        if row.ratio:
            found = self.figures.get(row.ratio)
            return found.value if found else None
        if baseline is None or result.value == baseline.value:
            return None if baseline is None else 1.0
        return result.value / baseline.value if baseline.value else math.inf


def number(value: float) -> str:
    """Three digits that count, and separators in what is large."""
    if math.isnan(value):
        return "not measured"
    if math.isinf(value):
        return "without bound"
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def document(
    findings: Iterable[Findings], *, command: str, load: str, databases: Sequence[str]
) -> str:
    """The whole document. `load` is that of the machine before the run."""
    lines = [
        WRITTEN,
        "",
        "# Benchmarks",
        "",
        ABOUT,
        "",
        *_table(("", ""), [(name, text) for name, text in machine(command, load, databases)]),
    ]
    for found in findings:
        lines += ["", *_lines_of(found)]
    return "\n".join(lines) + "\n"


def with_sections(text: str, findings: Iterable[Findings], *, load: str) -> str:
    """The document with these sections in the place of those of the same title, or at its end.

    Each says when, at which commit and beside which load it was measured by itself.
    """
    head, *sections = re.split(r"(?m)^(?=## )", text)
    said = f"Measured by itself on {clock.now():%Y-%m-%d %H:%M} UTC at {_commit()}, when {load}."
    for found in findings:
        new = "\n".join(_lines_of(found, said))
        title = f"## {found.section.title}\n"
        places = [place for place, old in enumerate(sections) if old.startswith(title)]
        if places:
            sections[places[0]] = new
        else:
            sections.append(new)
    return "\n\n".join([head.strip(), *(section.strip() for section in sections)]) + "\n"


def load_of_machine() -> str:
    """How many processes want to run, on average over the last minute."""
    return f"{os.getloadavg()[0]:.1f} processes want to run on {os.cpu_count() or 1} cores"


def machine(command: str, load: str, databases: Sequence[str]) -> list[tuple[str, str]]:
    """What was measured, on what, when."""
    return [
        ("date", f"{clock.now():%Y-%m-%d %H:%M} UTC"),
        ("commit", _commit()),
        ("command", f"`{command}`"),
        ("processor", f"{_processor()}, {_cores()} cores"),
        ("memory", _memory()),
        ("before the run", load),
        ("system", _system()),
        ("Python", platform.python_version()),
        ("databases", ", ".join(databases)),
    ]


def _result(figure: Figure) -> str:
    if not figure.is_measured:
        return f"not measured: {figure.note}"
    return f"{figure} ({figure.note})" if figure.note else str(figure)


def _lines_of(found: Findings, said: str = "") -> list[str]:
    """The lines of a section; `said` stands under what it is about."""
    lines = [f"## {found.section.title}", "", found.section.about, ""]
    if said:
        lines += [said, ""]
    if found.failure:
        lines += [f"Not measured: {found.failure}", ""]
    head = ("what", "result", "baseline", "ratio", "bound", "holds")
    lines += _table(head, [row.cells for row in found.judged()])
    for growth, _svg in found.drawings():
        lines += ["", f"![{growth.title}](../{IMAGES}/{growth.file_name})"]
    return lines


def write(target: Path, text: str, findings: Iterable[Findings]) -> None:
    """The document, and the drawings that it shows in the folder of images beside its own."""
    images = target.parent.parent / IMAGES
    images.mkdir(parents=True, exist_ok=True)
    for found in findings:
        for growth, svg in found.drawings():
            (images / growth.file_name).write_text(svg, encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return lines + [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]


def _commit() -> str:
    if shutil.which("git") is None:
        return "unknown"

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 -- wherever git is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    changed = " with changes" if git("status", "--porcelain", "--", "src", "bench") else ""
    return (git("rev-parse", "--short=12", "HEAD") or "none yet") + changed


def _processor() -> str:
    return _proc("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _cores() -> int:
    return os.cpu_count() or 1


def _memory() -> str:
    kib = _proc("/proc/meminfo", "MemTotal").split(" ")[0]
    return f"{int(kib) / 1024 / 1024:.0f} GiB" if kib.isdecimal() else "unknown"


def _system() -> str:
    if sys.platform != "linux":
        return platform.platform()
    return platform.freedesktop_os_release().get("PRETTY_NAME", platform.platform())


def _proc(path: str, key: str) -> str:
    """The value of a line `key : value` in a file of the kernel, or nothing."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in pairs if name.strip() == key), "")
