"""A report as a document: JSON for programs, XLSX for tables, PDF for print.

Pure rendering: the same report gives the same bytes, whenever and wherever it is made. What is a
draft, restated or a demonstration says so in every format. Text is never taken for a formula.
"""

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, assert_never

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lineshaft.apps.insight.models import PublishedValue
from lineshaft.apps.insight.queries import Measured, PartStanding, Report, ReportFigure, in_units
from lineshaft.apps.insight.rules import DocumentFormat
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.services.printed import render_pdf
from lineshaft.engines.analytics.figures import FigureDefinition, FigureKind
from lineshaft.web import formats

MEDIA_TYPES: Final = {
    DocumentFormat.JSON: "application/json",
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHEET_NAME_LENGTH: Final = 31  # the spreadsheet format's own limit


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered report."""

    kind: DocumentFormat
    language: str
    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Printing:
    """What a document says of itself: whether it is a draft, when it was made, who attested."""

    is_draft: bool
    printed_at: datetime
    parts: tuple[PartStanding, ...] = field(default=())


def render_document(
    report: Report, kind: DocumentFormat, language: str, printing: Printing
) -> Document:
    """The report in one format and language."""
    with translation.override(language):
        match kind:
            case DocumentFormat.JSON:
                content = render_json(report, language, printing)
            case DocumentFormat.XLSX:
                content = render_xlsx(report, language, printing)
            case DocumentFormat.PDF:
                content = render_pdf(report, language, _marks(report, printing), printing.parts)
            case _:
                assert_never(kind)
    return Document(kind, language, _file_name(report, kind, language, printing), content)


def render_json(report: Report, language: str, printing: Printing) -> bytes:
    """The report for programs. A figure with a dimension is followed by one entry for each value
    of it, whose id is `figure/value`; money is in whole units of the currency.
    """
    document: dict[str, Any] = {
        "period": report.period.label,
        "as_of": report.snapshot.taken_at.isoformat(),
        "snapshot": report.snapshot.hash,
        "figures": [
            entry for figure in report.figures for entry in _json_entries(report, figure, language)
        ],
    }
    if report.snapshot.is_demonstration:
        document["demonstration"] = True
    if printing.is_draft:
        document["draft"] = True
    if report.edition is not None and report.edition.reason:
        document["restated"] = report.edition.reason
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def json_values(
    definition: FigureDefinition, values: Iterable[Measured]
) -> dict[tuple[str, str], int | float | None]:
    """(entry id, institute or empty) -> value, as the JSON document has it."""
    return {
        (entry_id(definition, one.dimension), one.institute): json_number(one.number)
        for one in values
    }


def entry_id(definition: FigureDefinition, dimension: str) -> str:
    """The id of a figure's entry, or of one value of its dimension."""
    return f"{definition.id}/{dimension}" if dimension else definition.id


def json_number(value: Decimal | None) -> int | float | None:
    """A value as a JSON number. A float writes up to 15 digits exactly as they are."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def render_xlsx(report: Report, language: str, printing: Printing) -> bytes:
    """The report as a workbook: what it is, its figures, each by institute and by dimension."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {
                "title": wording.report_finding(report),
                "subject": report.period.label_in(language),
                "created": report.snapshot.taken_at.replace(tzinfo=None),
            }
        )
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _fill(
            book.add_worksheet(_("Report")), (), _about(report, language, printing), head, wrapped
        )
        _fill(book.add_worksheet(_("Figures")), *_figures_table(report), head, wrapped)
        _fill(
            book.add_worksheet(_("By institute")),
            *_institutes_table(report, language),
            head,
            wrapped,
        )
        for figure in report.figures:
            if figure.by_dimension:
                name = wording.title_text(figure.definition)[:_SHEET_NAME_LENGTH]
                _fill(book.add_worksheet(name), *_dimension_table(figure), head, wrapped)
        _fill(
            book.add_worksheet(_("Published by others")), *_published_table(report), head, wrapped
        )
    return buffer.getvalue()


type Value = str | int | Decimal | None
type Sheet = tuple[tuple[str, ...], list[tuple[Value, ...]]]


def _json_entries(report: Report, figure: ReportFigure, language: str) -> list[dict[str, Any]]:
    definition = figure.definition
    unit = report.currency if definition.kind is FigureKind.SUM else definition.unit_in(language)
    entries = [
        {
            "id": definition.id,
            "title": definition.title_in(language),
            "unit": unit,
            "value": json_number(_or_zero(figure.total)),
            "by_institute": _by_institute(figure.by_institute),
            "published": [_json_published(value) for value in figure.published],
            "definition": definition.definition_in(language),
        }
    ]
    labels = wording.dimension_labels(definition)
    entries.extend(
        {
            "id": entry_id(definition, one.dimension),
            "title": f"{definition.title_in(language)}: {labels.get(one.dimension, one.dimension)}",
            "unit": unit,
            "value": json_number(one.number),
            "by_institute": _by_institute(
                part for part in figure.of_institute_by_dimension if part.dimension == one.dimension
            ),
            "published": [],
            "definition": definition.definition_in(language),
        }
        for one in figure.by_dimension
    )
    return entries


def _or_zero(total: Measured) -> Decimal | None:
    """A count or sum of nothing is zero; a quotient of nothing is none."""
    return in_units(total.definition, total.value)


def _by_institute(values: Iterable[Measured]) -> dict[str, int | float | None]:
    return {one.institute: json_number(one.number) for one in values}


def _json_published(value: PublishedValue) -> dict[str, Any]:
    return {
        "metric": value.metric,
        "name": formats.local_name(value),
        "period": value.period,
        "value": value.value if value.unit == "text" else json_number(Decimal(value.value)),
        "unit": value.unit,
        "qualifier": value.qualifier,
        "source": value.source,
        "confidence": value.confidence,
        "note": value.note,
    }


def _about(report: Report, language: str, printing: Printing) -> list[tuple[Value, ...]]:
    snapshot = report.snapshot
    edition = str(report.edition.number) if report.edition else ""
    return [
        *((mark,) for mark in _marks(report, printing)),
        (wording.report_finding(report),),
        (wording.report_lede(report),),
        (_("Fiscal year"), report.period.label_in(language)),
        (_("From"), report.period.starts_on.isoformat()),
        (_("To"), report.period.last_day.isoformat()),
        (_("Edition"), edition),
        (_("As of"), snapshot.taken_at.isoformat()),
        (_("Snapshot"), snapshot.hash),
        (_("Currency"), report.currency),
    ]


def _figures_table(report: Report) -> Sheet:
    columns = (_("Figure"), _("Title"), _("Unit"), _("Value"), _("Version"), _("Definition"))
    rows: list[tuple[Value, ...]] = [
        (
            figure.definition.id,
            wording.title_text(figure.definition),
            _unit(report, figure.definition),
            figure.total.number,
            figure.definition.version,
            wording.definition_text(figure.definition),
        )
        for figure in report.figures
    ]
    return columns, rows


def _institutes_table(report: Report, language: str) -> Sheet:
    keys = {one.institute for figure in report.figures for one in figure.by_institute}
    titles = [
        f"{wording.title_text(figure.definition)} ({_unit(report, figure.definition)})"
        for figure in report.figures
    ]
    rows: list[tuple[Value, ...]] = []
    for institute in (one for one in report.institutes if one.key in keys):
        found = (figure.of_institute(institute.key) for figure in report.figures)
        values = tuple(one.number if one else None for one in found)
        rows.append((institute.key, institute.name_in(language), *values))
    total = tuple(figure.total.number for figure in report.figures)
    return (_("Key"), _("Institute"), *titles), [*rows, ("", _("Network"), *total)]


def _dimension_table(figure: ReportFigure) -> Sheet:
    labels = wording.dimension_labels(figure.definition)
    keys = [one.dimension for one in figure.by_dimension]
    network = {one.dimension: one.number for one in figure.by_dimension}
    parts = {(one.institute, one.dimension): one.number for one in figure.of_institute_by_dimension}
    rows: list[tuple[Value, ...]] = [
        (one.institute, *(parts.get((one.institute, key), Decimal(0)) for key in keys))
        for one in figure.by_institute
    ]
    rows.append((_("Network"), *(network[key] for key in keys)))
    return (_("Institute"), *(labels.get(key, key) for key in keys)), rows


def _published_table(report: Report) -> Sheet:
    columns = (
        _("Figure"),
        _("Measure"),
        _("Published value"),
        _("Qualifier"),
        _("Source"),
        _("Confidence"),
        _("Note"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            figure.definition.id,
            formats.local_name(value),
            wording.published_text(value),
            value.qualifier,
            value.source,
            value.confidence,
            value.note,
        )
        for figure in report.figures
        for value in figure.published
    ]
    return columns, rows


def _fill(
    sheet: Worksheet,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Value, ...]],
    head: Format,
    wrapped: Format,
) -> None:
    for place, label in enumerate(columns):
        sheet.write_string(0, place, label, head)
    if columns:
        sheet.freeze_panes(1, 1)
    for line, row in enumerate(rows, start=1 if columns else 0):
        for place, value in enumerate(row):
            match value:
                case None:
                    sheet.write_blank(line, place, None, wrapped)
                case str():
                    sheet.write_string(line, place, value, wrapped)
                case _:
                    sheet.write_number(line, place, float(value))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, max(1, len(columns)), 24)


def _unit(report: Report, definition: FigureDefinition) -> str:
    if definition.kind is FigureKind.SUM:
        return report.currency
    return definition.unit_in(translation.get_language() or "en")


def _marks(report: Report, printing: Printing) -> tuple[str, ...]:
    marks = []
    if report.snapshot.is_demonstration:
        marks.append(
            _("Demonstration: the records are generated; published values carry their source.")
        )
    if printing.is_draft:
        marks.append(_("Draft: not attested in full and not published."))
    if report.edition is not None and report.edition.reason:
        marks.append(
            _("Edition %(number)s, restated: %(reason)s")
            % {"number": report.edition.number, "reason": report.edition.reason}
        )
    return tuple(marks)


def _file_name(report: Report, kind: DocumentFormat, language: str, printing: Printing) -> str:
    parts = ["lineshaft", str(report.period.year)]
    if report.edition is not None:
        parts.append(f"edition{report.edition.number}")
    if printing.is_draft:
        parts.append("draft")
    if report.snapshot.is_demonstration:
        parts.append("demonstration")
    return f"{'-'.join([*parts, language])}.{kind.value}"


def stored_values(document: Mapping[str, Any]) -> dict[tuple[str, str], int | float | None]:
    """(entry id, institute or empty) -> value, read back from a JSON document."""
    found: dict[tuple[str, str], int | float | None] = {}
    for entry in document["figures"]:
        found[entry["id"], ""] = entry["value"]
        for institute, value in entry["by_institute"].items():
            found[entry["id"], institute] = value
    return found
