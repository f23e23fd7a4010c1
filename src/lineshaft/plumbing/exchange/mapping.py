"""Mapping files: how the columns of somebody's spreadsheet become the columns of an import.

A mapping is TOML. It is data that people write: a fault in it is told with file and field, and a
key that nothing reads is a fault too. What a mapping lists is all that is read; without one,
columns are found by their own names and aliases.
"""

import codecs
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lineshaft.kernel.datafile import DataTable, parse_table
from lineshaft.kernel.errors import Invalid, TooLarge
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.reading.table import ReadOptions
from lineshaft.plumbing.exchange.spec import ImportSpec

ANY_OTHER: Final = "*"
READ_AS_SPACE: Final = "space"


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Where the values of one column come from.

    `headings` of the file fill `template` (`{heading}`), or are joined by `separator` where it is
    empty; blank parts of a join are left out, a template with a blank part is blank. `values`
    then translates, `*` standing for any other value; a value that it does not list is refused.
    """

    headings: tuple[str, ...]
    template: str = ""
    separator: str = " "
    values: Mapping[str, str] = field(default_factory=dict)
    constant: str = ""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows are taken: the cell under `heading` is one of `keep`, and none of `drop`."""

    heading: str
    keep: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping as read. `null` are texts that stand for a blank cell; `date_format` is that of
    strptime; `has_control` reads control characters as spaces instead of refusing them; `text` is
    the file itself, kept with the batch.
    """

    key: str
    kind: str
    title: str
    sources: Mapping[str, ColumnSource]
    filters: tuple[RowFilter, ...] = ()
    ignored: frozenset[str] = frozenset()
    null: frozenset[str] = frozenset()
    date_format: str = ""
    has_control: bool = False
    options: ReadOptions = field(default_factory=ReadOptions)
    text: str = ""
    title_zh: str = ""

    def title_in(self, language: str) -> str:
        """What the mapping is for, in a language; its key where nobody has said."""
        return (self.title_zh if language.startswith("zh") else "") or self.title or self.key

    @property
    def headings(self) -> frozenset[str]:
        """Every heading that the file must have."""
        read = {heading for source in self.sources.values() for heading in source.headings}
        return frozenset(read | {row_filter.heading for row_filter in self.filters})


def load_mapping(path: Path, spec: ImportSpec) -> ColumnMapping:
    """The mapping in a file. Raises Invalid where it is faulty, TooLarge where it is no mapping."""
    if path.stat().st_size > limits.MAPPING_BYTES_MAX:
        raise TooLarge(
            gettext_noop("A mapping file has at most %(limit_kb)s kB."),
            params={"limit_kb": limits.MAPPING_BYTES_MAX // 1024},
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid.in_field(
            "mapping", gettext_noop("The mapping file is not UTF-8. Save it as UTF-8.")
        ) from error
    return parse_mapping(text, spec, key=path.stem)


def parse_mapping(text: str, spec: ImportSpec, *, key: str) -> ColumnMapping:
    """The mapping that a TOML text holds. Raises Invalid, code "data_file"."""
    root = parse_table(text, f"{key}.toml")
    root.one_of("kind", {spec.kind})
    ignored = _ignored(root)
    sources = _columns(root, spec) | _constants(root, spec)
    _refuse_missing(root, spec, sources)
    mapping = ColumnMapping(
        key=key,
        kind=spec.kind,
        title=root.optional_text("title"),
        title_zh=root.optional_text("title_zh"),
        sources=sources,
        filters=tuple(_filter(table) for table in root.optional_tables("filters")),
        ignored=ignored,
        null=frozenset(root.texts("null")),
        date_format=root.optional_text("date_format"),
        has_control=_has_control(root),
        options=ReadOptions(
            encoding=_encoding(root),
            delimiter=_delimiter(root),
            sheet=root.optional_text("sheet"),
        ),
        text=text,
    )
    root.finish()
    return mapping


def shipped_mappings(spec: ImportSpec) -> dict[str, ColumnMapping]:
    """The mappings that ship with the kind, by key."""
    if spec.mappings is None:
        return {}
    return {path.stem: load_mapping(path, spec) for path in sorted(spec.mappings.glob("*.toml"))}


def _columns(root: DataTable, spec: ImportSpec) -> dict[str, ColumnSource]:
    table = root.table("columns")
    sources = {}
    for name, value in table.values.items():
        if name not in {column.name for column in spec.columns}:
            raise table.wrong(name, "a column of this import: " + _listed(spec))
        sources[name] = (
            _text_source(table, name)
            if isinstance(value, str)
            else _table_source(table.table(name), spec, name)
        )
    table.finish()
    return sources


def _text_source(table: DataTable, name: str) -> ColumnSource:
    text = table.text(name)
    if "{" not in text:
        return ColumnSource((text,))
    return ColumnSource(_template_headings(table, name, text), template=text)


def _table_source(table: DataTable, spec: ImportSpec, name: str) -> ColumnSource:
    heading, template = table.optional_text("from"), table.optional_text("template")
    join = table.texts("join")
    if sum(map(bool, (heading, template, join))) != 1:
        raise table.wrong("from", "given: exactly one of from, template and join is wanted")
    separator = table.values.get("separator", " ")
    values = _values(table, spec, name)
    if "separator" in table.values:
        separator = table.text("separator")
    table.finish()
    if template:
        headings = _template_headings(table, "template", template)
        return ColumnSource(headings, template=template, values=values)
    return ColumnSource(join or (heading,), separator=separator, values=values)


def _values(table: DataTable, spec: ImportSpec, name: str) -> dict[str, str]:
    values = dict(table.pairs("values"))
    choices = spec.column(name).choices
    unknown = [value for value in values.values() if choices and value not in choices]
    if unknown:
        raise table.wrong("values", f"right: {unknown[0]} is none of {', '.join(choices)}")
    return values


def _constants(root: DataTable, spec: ImportSpec) -> dict[str, ColumnSource]:
    names = {column.name for column in spec.columns}
    sources = {}
    for name, value in root.pairs("constants"):
        if name not in names:
            raise root.wrong(f"constants.{name}", "a column of this import: " + _listed(spec))
        if name in root.values["columns"]:
            raise root.wrong(f"constants.{name}", "free: it stands under columns too")
        sources[name] = ColumnSource((), constant=value)
    return sources


def _filter(table: DataTable) -> RowFilter:
    row_filter = RowFilter(
        heading=table.text("column"),
        keep=frozenset(table.texts("keep")),
        drop=frozenset(table.texts("drop")),
    )
    if not (row_filter.keep or row_filter.drop):
        raise table.wrong("keep", "given: a filter needs keep or drop")
    return row_filter


def _ignored(root: DataTable) -> frozenset[str]:
    if root.values.get("ignore") == ANY_OTHER:
        root.optional_text("ignore")
        return frozenset({ANY_OTHER})
    return frozenset(root.texts("ignore"))


def _has_control(root: DataTable) -> bool:
    named = root.optional_text("control_characters")
    if named not in {"", READ_AS_SPACE}:
        raise root.wrong("control_characters", f'"{READ_AS_SPACE}", or left out to refuse them')
    return bool(named)


def _encoding(root: DataTable) -> str:
    named = root.optional_text("encoding")
    if not named:
        return ""
    try:
        info = codecs.lookup(named)
    except LookupError as error:
        raise root.wrong("encoding", "an encoding such as utf-8, cp1252 or gb18030") from error
    if not info._is_text_encoding:  # noqa: SLF001 -- Python's only mark of what decodes to text
        raise root.wrong("encoding", "an encoding such as utf-8, cp1252 or gb18030")
    return info.name


def _delimiter(root: DataTable) -> str:
    delimiter = root.optional_text("delimiter")
    if len(delimiter) > 1:
        raise root.wrong("delimiter", "one character")
    return delimiter


def _template_headings(table: DataTable, name: str, template: str) -> tuple[str, ...]:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise table.wrong(name, "a template such as {STREET}, {CITY}") from error
    headings = tuple(heading for _text, heading, _spec, _conversion in parts if heading)
    is_plain = all(not spec and not conversion for _text, _heading, spec, conversion in parts)
    if not headings or not is_plain or any(heading == "" for _t, heading, _s, _c in parts):
        raise table.wrong(name, "a template such as {STREET}, {CITY}")
    return headings


def _refuse_missing(root: DataTable, spec: ImportSpec, sources: Iterable[str]) -> None:
    missing = [
        column.name for column in spec.columns if column.is_required and column.name not in sources
    ]
    if missing:
        raise root.wrong("columns", "complete: it lacks " + ", ".join(missing))


def _listed(spec: ImportSpec) -> str:
    return ", ".join(column.name for column in spec.columns)
