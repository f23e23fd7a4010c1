"""Figures: one SQL file, one figure; its header says what the number means.

A header is the comment lines that open the file, `-- key: value`, where a line indented by two or
more spaces goes on with the value above. A figure's query gives one row per institute and fiscal
year, one more per fiscal year with an empty institute (the network's own total, which for a count
of distinct things is not the sum), and for a figure with a dimension one more per value of it:

    institute, fiscal_year, dimension, numerator, denominator

A count or sum leaves the denominator empty and is its numerator. Numerators and denominators are
whole numbers, so every engine gives the same; a ratio or share is divided and rounded once, here.

A step is a named query that several figures share (header `-- step:`); it runs once, as a
table. Steps and figures name what they read in `needs`, and so are put in order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from lineshaft.engines.analytics.engine import FigureEngine, OpenSnapshot, QueryFailed
from lineshaft.engines.analytics.on_duckdb import DuckDBEngine
from lineshaft.engines.analytics.snapshot import SnapshotManifest, read_manifest

_HEADER: Final = re.compile(r"--\s?(?P<key>[a-z_]+):\s*(?P<value>.*)")
_MORE: Final = re.compile(r"--\s{2,}(?P<value>\S.*)")
_FIGURE_ID: Final = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")
_STEP_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED: Final = frozenset(
    {
        "id", "version", "kind", "title", "title_zh", "unit", "unit_zh", "grain",
        "definition", "definition_zh", "authority", "needs",
    }
)  # fmt: skip
_OPTIONAL: Final = frozenset(
    {"position", "decimals", "dimension", "records", "published", "authority_url", "audience"}
)
_FIRST_CJK: Final = "\u2e80"
ON_ONE_MACHINE: Final = DuckDBEngine()
_RESULT_COLUMNS: Final = ("institute", "fiscal_year", "dimension", "numerator", "denominator")


class FigureError(ValueError):
    """A figure's file is not written as it should be, or cannot be computed."""


class FigureKind(StrEnum):
    """What the numerator is, and whether it is divided."""

    COUNT = "count"
    SUM = "sum"  # of money, in minor units
    RATIO = "ratio"  # numerator over denominator
    SHARE = "share"  # numerator over denominator, in per cent

    @property
    def is_quotient(self) -> bool:
        return self in {FigureKind.RATIO, FigureKind.SHARE}


class FigureAudience(StrEnum):
    """Whom a figure is for: everybody, in the annual report, or those alone who plan with it."""

    REPORT = "report"
    PLANNING = "planning"


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    """What a figure's header says, and its query."""

    id: str
    version: int
    position: int
    kind: FigureKind
    title: str
    title_zh: str
    unit: str
    unit_zh: str
    grain: str
    definition: str
    definition_zh: str
    authority: str
    authority_url: str
    decimals: int
    dimension: str
    records: tuple[str, ...]
    published: tuple[str, ...]
    needs: tuple[str, ...]
    audience: FigureAudience
    sql: str

    def title_in(self, language: str) -> str:
        return self.title_zh if _is_chinese(language) else self.title

    def unit_in(self, language: str) -> str:
        return self.unit_zh if _is_chinese(language) else self.unit

    def definition_in(self, language: str) -> str:
        return self.definition_zh if _is_chinese(language) else self.definition

    def value_of(self, numerator: int | None, denominator: int | None) -> Decimal | None:
        """The figure's value, exact for counts and sums; a quotient is rounded half up, once.

        None where there is nothing to divide by.
        """
        if not self.kind.is_quotient:
            return Decimal(numerator or 0)
        if not denominator or numerator is None:
            return None
        scaled = Decimal(numerator) * (100 if self.kind is FigureKind.SHARE else 1)
        return (scaled / Decimal(denominator)).quantize(
            Decimal(1).scaleb(-self.decimals), rounding=ROUND_HALF_UP
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A query that several figures share; `row` says what one row of it is."""

    name: str
    row: str
    needs: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class FigureLibrary:
    """All figures in order of their position, and the steps that they share."""

    figures: tuple[FigureDefinition, ...]
    steps: tuple[Step, ...]

    def figure(self, figure_id: str) -> FigureDefinition | None:
        return next((figure for figure in self.figures if figure.id == figure_id), None)

    @property
    def reported(self) -> tuple[FigureDefinition, ...]:
        """The figures of the annual report, in their order."""
        return tuple(one for one in self.figures if one.audience is FigureAudience.REPORT)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One value: of an institute, or of the network where `institute` is None."""

    institute: str | None
    fiscal_year: int
    dimension: str | None
    numerator: int | None
    denominator: int | None
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class FigureResults:
    """What the figures of a library are in one snapshot, in a fixed order."""

    snapshot: str
    snapshot_hash: str
    fiscal_years: tuple[int, ...]
    rows: Mapping[str, tuple[FigureRow, ...]]  # by the figure's id


def load_library(folder: Path) -> FigureLibrary:
    """Every figure in `folder`, every step in `folder/steps`; raises FigureError."""
    figures = tuple(
        sorted(
            (load_figure(path) for path in folder.glob("*.sql")),
            key=lambda figure: (figure.position, figure.id),
        )
    )
    steps = tuple(load_step(path) for path in sorted((folder / "steps").glob("*.sql")))
    for names in ([figure.id for figure in figures], [step.name for step in steps]):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise FigureError(f"{folder.name}: defined twice: {', '.join(twice)}")
    return FigureLibrary(figures, steps)


def load_figure(path: Path) -> FigureDefinition:
    """The figure that a file defines; raises FigureError that names the file and what is wrong."""
    header, sql = _parse(path)
    _check_keys(path, header, _REQUIRED, _OPTIONAL)
    if not _FIGURE_ID.fullmatch(header["id"]):
        raise FigureError(f"{path.name}: id must read app.figure, not {header['id']!r}")
    if not header["version"].isdecimal() or int(header["version"]) < 1:
        raise FigureError(f"{path.name}: version must be 1 or more, not {header['version']!r}")
    kind = _one_of(path, "kind", FigureKind, header["kind"])
    audience = _one_of(
        path, "audience", FigureAudience, header.get("audience", FigureAudience.REPORT)
    )
    for key in ("position", "decimals"):
        if not header.get(key, "0").isdecimal():
            raise FigureError(f"{path.name}: {key} must be a whole number, not {header[key]!r}")
    if kind.is_quotient and "decimals" not in header:
        raise FigureError(f"{path.name}: a {kind} says in decimals how it is rounded")
    return FigureDefinition(
        id=header["id"],
        version=int(header["version"]),
        position=int(header.get("position", "0")),
        kind=kind,
        title=header["title"],
        title_zh=header["title_zh"],
        unit=header["unit"],
        unit_zh=header["unit_zh"],
        grain=header["grain"],
        definition=header["definition"],
        definition_zh=header["definition_zh"],
        authority=header["authority"],
        authority_url=header.get("authority_url", ""),
        decimals=int(header.get("decimals", "0")),
        dimension=header.get("dimension", ""),
        records=_words(header.get("records", "")),
        published=_words(header.get("published", "")),
        needs=_words(header["needs"]),
        audience=audience,
        sql=sql,
    )


def load_step(path: Path) -> Step:
    """The step that a file defines; raises FigureError."""
    header, sql = _parse(path)
    _check_keys(path, header, frozenset({"step", "row", "needs"}), frozenset())
    if not _STEP_NAME.fullmatch(header["step"]):
        raise FigureError(f"{path.name}: step must be lower snake case, not {header['step']!r}")
    return Step(header["step"], header["row"], _words(header["needs"]), sql)


def compute(
    library: FigureLibrary,
    snapshot_folder: Path,
    *,
    figures: Iterable[FigureDefinition] | None = None,
    engine: FigureEngine = ON_ONE_MACHINE,
) -> FigureResults:
    """The figures (all of the library by default) over one snapshot.

    Each Parquet file is a table, each needed step one that is made once. Raises FigureError when a
    figure needs what is not there, when its query fails, or when it gives other columns or
    anything but whole numbers.
    """
    wanted = library.figures if figures is None else tuple(figures)
    with opened_snapshot(library, snapshot_folder, wanted, engine) as (snapshot, manifest):
        rows = {figure.id: _rows(snapshot, figure) for figure in wanted}
        years = snapshot.ask("SELECT fiscal_year FROM periods").rows
    in_order = tuple(sorted(int(year) for (year,) in years))
    return FigureResults(manifest.name, manifest.hash, in_order, rows)


@contextmanager
def opened_snapshot(
    library: FigureLibrary,
    snapshot_folder: Path,
    wanted: Sequence[FigureDefinition],
    engine: FigureEngine,
) -> Iterator[tuple[OpenSnapshot, SnapshotManifest]]:
    """A snapshot on which the wanted figures can run: its files, and their steps.

    Raises FigureError when a figure needs what is not there, or when a step fails.
    """
    manifest = read_manifest(snapshot_folder)
    files = {table.name: table.file_name for table in manifest.tables}
    with engine.opened(snapshot_folder, files) as snapshot:
        for step in _in_order(library.steps, wanted, set(files)):
            try:
                snapshot.keep(step.name, step.sql)
            except QueryFailed as error:
                raise FigureError(f"step {step.name}: {error}") from error
        yield snapshot, manifest


def rows_of(
    snapshot: OpenSnapshot, figure: FigureDefinition, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """What a figure's query gives, the last two columns whole numbers or empty.

    Raises FigureError when the query fails, or gives other columns or another number.
    """
    try:
        found = snapshot.ask(figure.sql)
    except QueryFailed as error:
        raise FigureError(f"figure {figure.id}: {error}") from error
    if found.columns != tuple(columns):
        given = ", ".join(found.columns)
        raise FigureError(f"figure {figure.id}: gives {given}, not {', '.join(columns)}")
    for *_names, numerator, denominator in found.rows:
        for number in (numerator, denominator):
            if number is not None and not isinstance(number, int):
                raise FigureError(
                    f"figure {figure.id}: {number!r} is not a whole number; round nothing in SQL"
                )
    return found.rows


def _parse(path: Path) -> tuple[dict[str, str], str]:
    header: dict[str, str] = {}
    key = ""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            break
        if found := _HEADER.fullmatch(line):
            key = found["key"]
            if key in header:
                raise FigureError(f"{path.name}, line {number + 1}: {key} is given twice")
            header[key] = found["value"].strip()
        elif (found := _MORE.fullmatch(line)) and key:
            header[key] = _joined(header[key], found["value"].strip())
        else:
            raise FigureError(f"{path.name}, line {number + 1}: not `-- key: value`: {line!r}")
    else:
        number = len(lines)
    sql = "\n".join(lines[number:]).strip()
    if not sql:
        raise FigureError(f"{path.name}: no query follows the header")
    return header, sql


def _joined(start: str, more: str) -> str:
    """Two lines as one; Chinese text runs on without a space."""
    is_spaced = bool(start) and start[-1] < _FIRST_CJK
    return f"{start} {more}" if is_spaced else start + more


def _check_keys(
    path: Path, header: Mapping[str, str], required: frozenset[str], optional: frozenset[str]
) -> None:
    missing = sorted(key for key in required if not header.get(key))
    if missing:
        raise FigureError(f"{path.name}: the header lacks {', '.join(missing)}")
    unknown = sorted(set(header) - required - optional)
    if unknown:
        raise FigureError(f"{path.name}: the header does not know {', '.join(unknown)}")


def _one_of[E: StrEnum](path: Path, key: str, known: type[E], word: str) -> E:
    try:
        return known(word)
    except ValueError:
        words = ", ".join(known)
        raise FigureError(f"{path.name}: {key} must be one of {words}, not {word!r}") from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def _is_chinese(language: str) -> bool:
    return language.lower().startswith("zh")


def _in_order(
    steps: Iterable[Step], figures: Iterable[FigureDefinition], tables: set[str]
) -> Iterator[Step]:
    """The steps that the figures need, each after what it needs itself."""
    by_name = {step.name: step for step in steps}
    done = set(tables)
    waiting: list[str] = []

    def visit(name: str, asker: str) -> Iterator[Step]:
        if name in done:
            return
        if name not in by_name:
            raise FigureError(f"{asker} needs {name}, which is neither a table nor a step")
        if name in waiting:
            raise FigureError(f"steps need each other: {' > '.join([*waiting, name])}")
        waiting.append(name)
        for need in by_name[name].needs:
            yield from visit(need, f"step {name}")
        waiting.pop()
        done.add(name)
        yield by_name[name]

    for figure in figures:
        for need in figure.needs:
            yield from visit(need, f"figure {figure.id}")


def _rows(snapshot: OpenSnapshot, figure: FigureDefinition) -> tuple[FigureRow, ...]:
    rows = [
        FigureRow(
            institute=institute,
            fiscal_year=fiscal_year,
            dimension=dimension,
            numerator=numerator,
            denominator=denominator,
            value=figure.value_of(numerator, denominator),
        )
        for institute, fiscal_year, dimension, numerator, denominator in rows_of(
            snapshot, figure, _RESULT_COLUMNS
        )
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.fiscal_year, row.institute or "", row.dimension or ""))
    )
