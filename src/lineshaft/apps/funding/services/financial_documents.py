"""A financial report as a document: JSON for programs, XLSX for tables, PDF for print.

Pure rendering: the same report gives the same bytes, whenever and wherever it is made. Amounts are
printed in whole and minor units of the currency; text is never taken for a formula.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from lineshaft.apps.funding.models import BASIS_LABELS, LINE_LABELS, RATE_TYPE_LABELS
from lineshaft.apps.funding.rules import FORMULAS, RateType, ReportBasis, ReportLine
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "funding" / "financial_report.typ"
LANGUAGES: Final = ("en", "zh-hans")
_XLSX_CLOSING: Final = (
    "required",
    "remarks_title",
    "remarks",
    "certification_title",
    "certification",
    "signed",
    "footer",
)
"""What stands beneath the amounts of a workbook, one cell under the other."""

_INDIRECT_AMOUNTS: Final = ("base_minor", "charged_minor", "federal_minor")


@dataclass(frozen=True, slots=True)
class Certification:
    """Who stands behind a report, when, and what was said beside it."""

    edition: int
    certified_by: str
    certified_at: datetime
    remarks: str
    reason: str
    digest: str
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A rendered report; `language` is empty where none is written."""

    kind: str
    language: str
    name: str
    content: bytes


def render_report(content: dict[str, Any], said: Certification) -> list[ReportFile]:
    """The report in every format and language."""
    name = f"sf-425-{content['award']}-{content['period_end']}-{said.edition}"
    found = [ReportFile("json", "", f"{name}.json", _json(content, said))]
    for language in LANGUAGES:
        with translation.override(language):
            printed = _printed(content, said, language)
            named = f"{name}-{language}"
            found.append(ReportFile("pdf", language, f"{named}.pdf", _pdf(printed, said)))
            found.append(ReportFile("xlsx", language, f"{named}.xlsx", _xlsx(content, printed)))
    return found


def _json(content: dict[str, Any], said: Certification) -> bytes:
    document = content | {
        "edition": said.edition,
        "certified_by": said.certified_by,
        "certified_at": said.certified_at.isoformat(),
        "remarks": said.remarks,
        "supersedes_because": said.reason,
        "digest": said.digest,
    }
    if said.is_demonstration:
        document["demonstration"] = True
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _pdf(printed: dict[str, Any], said: Certification) -> bytes:
    return print_document(TEMPLATE, "report", printed, dated=said.certified_at)


def _printed(content: dict[str, Any], said: Certification, language: str) -> dict[str, Any]:
    """Everything that the template prints, as text in the language of the report."""
    currency, is_chinese = content["currency"], language.startswith("zh")
    return {
        "language": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "title": _("Federal financial report"),
        "form": _("Standard Form 425, made by Lineshaft from the ledger"),
        "marks": list(_marks(said)),
        "header": [[label, value] for label, value in _header(content)],
        "line_head": [
            _("Line"),
            _("Cumulative"),
            _("Amount in %(currency)s") % {"currency": currency},
        ],
        "sections": [
            {"title": title, "lines": [_line(content, line) for line in lines]}
            for title, lines in _sections()
        ],
        "required": _required(content),
        "indirect_title": _("11. Indirect expense"),
        "indirect_head": [
            _("Type"),
            _("Rate"),
            _("From"),
            _("To"),
            _("Base"),
            _("Charged"),
            _("Federal share"),
        ],
        "indirect": [_indirect(one, currency) for one in content["indirect"]],
        "indirect_empty": _("No indirect rate is recorded for this award."),
        "remarks_title": _("12. Remarks"),
        "remarks": said.remarks or "–",
        "certification_title": _("13. Certification"),
        "certification": certification_text(),
        "signed": _("%(who)s, %(when)s UTC")
        % {"who": said.certified_by, "when": formats.date_local(said.certified_at)},
        "footer": _("%(award)s, through %(period_end)s, edition %(edition)s, digest %(digest)s")
        % {
            "award": content["award"],
            "period_end": content["period_end"],
            "edition": said.edition,
            "digest": said.digest[:16],
        },
    }


def certification_text() -> str:
    """What the certifier says, after the form and 2 CFR 200.415(a)."""
    return _(
        "By signing this report, I certify to the best of my knowledge and belief that the report "
        "is true, complete and accurate, and that the expenditures, disbursements and cash "
        "receipts are for the purposes and objectives set out in the terms of the award."
    )


def _marks(said: Certification) -> Iterator[str]:
    if said.is_demonstration:
        yield _("Demonstration: the records are generated.")
    if said.reason:
        yield _("Edition %(number)s replaces the one before: %(reason)s") % {
            "number": said.edition,
            "reason": said.reason,
        }


def _header(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    term = profile_in_use().report_term(content["report_type"])
    return (
        (_("1. Federal agency"), content["agency"]),
        (_("2. Award number"), content["award"]),
        (_("3. Recipient"), content["recipient"]),
        (_("4a. Unique entity identifier"), content["uei"] or "–"),
        (_("4b. Employer identification number"), content["ein"] or "–"),
        (_("5. Recipient's account number"), content["recipient_account"] or "–"),
        (_("6. Report type"), formats.local_name(term)),
        (_("7. Basis of accounting"), str(BASIS_LABELS[ReportBasis(content["basis"])])),
        (
            _("8. Grant period"),
            _("from %(starts_on)s up to %(ends_on)s")
            % {"starts_on": _day(content["starts_on"]), "ends_on": _day(content["ends_on"])},
        ),
        (_("9. Period end"), _day(content["period_end"])),
    )


def _sections() -> tuple[tuple[str, tuple[ReportLine, ...]], ...]:
    letters = ReportLine
    return (
        (_("Federal cash"), (letters.A, letters.B, letters.C)),
        (
            _("Federal expenditures and unobligated balance"),
            (letters.D, letters.E, letters.F, letters.G, letters.H),
        ),
        (_("Recipient share"), (letters.I, letters.J, letters.K)),
        (_("Programme income"), (letters.L, letters.M, letters.N, letters.O)),
    )


def formula_text(line: ReportLine, income_method: str) -> str:
    """How a line follows from others, as the form says it; empty for one that counts transfers."""
    if line is ReportLine.O:
        spent = ReportLine.M if income_method == "deduction" else ReportLine.N
        return f"{ReportLine.L} − {spent}"
    parts = FORMULAS.get(line)
    return f"{parts[0]} {parts[1]} {parts[2]}" if parts else ""


def _line(content: dict[str, Any], line: ReportLine) -> dict[str, str]:
    return {
        "letter": line.value,
        "label": str(LINE_LABELS[line]),
        "formula": formula_text(line, content["income_method"]),
        "amount": _amount(content["lines"][line.value], content["currency"]),
    }


def _required(content: dict[str, Any]) -> str:
    if not content["required_by"]:
        return _("Line i: nothing asks for a recipient share.")
    return _("Line i: as %(source)s asks for it.") % {"source": content["required_by"]}


def _indirect(one: dict[str, Any], currency: str) -> list[str]:
    return [
        str(RATE_TYPE_LABELS[RateType(one["type"])]),
        formats.percent_bp(one["rate_bp"], 2),
        _day(one["starts_on"]),
        formats.date_local(date.fromisoformat(one["ends_on"]) - timedelta(days=1)),
        *(
            _amount(one[name], currency)
            for name in ("base_minor", "charged_minor", "federal_minor")
        ),
    ]


def _xlsx(content: dict[str, Any], printed: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    currency = content["currency"]
    with xlsxwriter.Workbook(buffer, options) as book:
        made = datetime.fromisoformat(content["period_end"])
        book.set_properties({"title": printed["title"], "created": made})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        amount = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet("SF-425")
        row = 0
        texts = [*([mark] for mark in printed["marks"]), *printed["header"]]
        for row, text in enumerate([*texts, ["", ""], printed["line_head"]]):
            for place, part in enumerate(text):
                sheet.write_string(row, place, part, head if row > len(texts) else None)
        for line in ReportLine:
            row += 1
            sheet.write_string(row, 0, f"10{line.value}")
            sheet.write_string(row, 1, str(LINE_LABELS[line]))
            sheet.write_number(row, 2, _units(content["lines"][line.value], currency), amount)
        row += 2
        sheet.write_string(row, 0, printed["indirect_title"])
        row += 1
        labels = printed["indirect_head"] if printed["indirect"] else [printed["indirect_empty"]]
        for place, label in enumerate(labels):
            sheet.write_string(row, place, label, head if printed["indirect"] else None)
        for one, texts_of in zip(content["indirect"], printed["indirect"], strict=True):
            row += 1
            for place, part in enumerate(texts_of[:4]):
                sheet.write_string(row, place, part)
            for place, name in enumerate(_INDIRECT_AMOUNTS, start=4):
                sheet.write_number(row, place, _units(one[name], currency), amount)
        for name in _XLSX_CLOSING:
            row += 1
            sheet.write_string(row, 0, printed[name])
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 6, 34)
    return buffer.getvalue()


def _amount(amount_minor: int, currency: str) -> str:
    return formats.money(Money(amount_minor, currency))


def _units(amount_minor: int, currency: str) -> float:
    """Whole units for a spreadsheet's cell, which holds nothing but a float."""
    return float(Money(amount_minor, currency).amount)


def _day(text: str) -> str:
    return formats.date_local(date.fromisoformat(text))
