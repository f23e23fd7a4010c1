"""A financial report as a document: what each format says, and what it leaves out."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from lineshaft.apps.funding.rules import ReportLine
from lineshaft.apps.funding.services.financial_documents import (
    Certification,
    formula_text,
    render_report,
)


def content(**given: object) -> dict[str, Any]:
    """A report of a hundred dollars on every line, with one indirect rate."""
    return {
        "agency": "DOE",
        "award": "DE-1",
        "recipient": "America Makes",
        "uei": "",
        "ein": "",
        "recipient_account": "",
        "report_type": "quarterly",
        "basis": "accrual",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "period_end": "2022-03-31",
        "currency": "USD",
        "lines": {line.value: 10_000 for line in ReportLine},
        "required_by": "",
        "income_method": "addition",
        "indirect": [
            {
                "type": "provisional",
                "rate_bp": 2_650,
                "starts_on": "2021-10-01",
                "ends_on": "2022-10-01",
                "base_minor": 100_000,
                "charged_minor": 26_500,
                "federal_minor": 20_050,
            }
        ],
        **given,
    }


def certified(*, is_demonstration: bool = False, reason: str = "") -> Certification:
    return Certification(
        edition=2,
        certified_by="Fay Finance",
        certified_at=datetime(2022, 4, 20, 12, 0, tzinfo=UTC),
        remarks="as usual",
        reason=reason,
        digest="0" * 64,
        is_demonstration=is_demonstration,
    )


def cells(workbook: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()


def test_report_of_a_real_network_says_its_rates_and_nothing_of_a_demonstration() -> None:
    found = {(one.kind, one.language): one for one in render_report(content(), certified())}
    assert set(found) == {
        ("json", ""),
        ("pdf", "en"),
        ("xlsx", "en"),
        ("pdf", "zh-hans"),
        ("xlsx", "zh-hans"),
    }
    document = json.loads(found["json", ""].content)
    assert (document["lines"]["h"], document["certified_by"]) == (10_000, "Fay Finance")
    assert "demonstration" not in document
    rows = cells(found["xlsx", "en"].content)
    assert rows[0][:2] == ["1. Federal agency", "DOE"]
    (place,) = (place for place, row in enumerate(rows) if row[0] == "Type")
    assert rows[place] == ["Type", "Rate", "From", "To", "Base", "Charged", "Federal share"]
    assert rows[place + 1] == [
        "Provisional",
        "26.50%",
        "Oct 1, 2021",
        "Sep 30, 2022",
        1_000,
        265,
        200.5,
    ]
    assert found["pdf", "zh-hans"].content[:5] == b"%PDF-"


def test_report_of_a_demonstration_that_replaces_another_says_both_at_its_head() -> None:
    said = certified(is_demonstration=True, reason="an invoice came late")
    found = {(one.kind, one.language): one for one in render_report(content(indirect=[]), said)}
    document = json.loads(found["json", ""].content)
    assert (document["demonstration"], document["supersedes_because"]) == (
        True,
        "an invoice came late",
    )
    rows = cells(found["xlsx", "en"].content)
    assert [row[0] for row in rows[:2]] == [
        "Demonstration: the records are generated.",
        "Edition 2 replaces the one before: an invoice came late",
    ]
    texts = [row[0] for row in rows]
    assert "Type" not in texts
    at = texts.index("11. Indirect expense")
    assert rows[at + 1][:2] == ["No indirect rate is recorded for this award.", ""]
    assert texts[texts.index("12. Remarks") + 1] == (said.remarks or "–")
    assert texts[texts.index("12. Remarks") - 1].startswith("Line i: ")


@pytest.mark.parametrize(
    ("required_by", "said"),
    [
        pytest.param("", "Line i: nothing asks for a recipient share.", id="nothing"),
        pytest.param("Act 1; Act 2", "Line i: as Act 1; Act 2 asks for it.", id="rule and waiver"),
    ],
)
def test_what_asks_for_line_i_closes_the_workbook(required_by: str, said: str) -> None:
    found = {
        (one.kind, one.language): one
        for one in render_report(content(required_by=required_by), certified())
    }
    texts = [row[0] for row in cells(found["xlsx", "en"].content)]
    assert said in texts


def test_section_without_rows_says_so_in_both_languages() -> None:
    found = {
        (one.kind, one.language): one for one in render_report(content(indirect=[]), certified())
    }
    for language, title, empty in (
        ("en", "11. Indirect expense", "No indirect rate is recorded for this award."),
        ("zh-hans", "11. 间接费用", "本资助未登记间接费率。"),
    ):
        texts = [row[0] for row in cells(found["xlsx", language].content)]
        assert texts[texts.index(title) + 1] == empty


@pytest.mark.parametrize(
    ("line", "method", "formula"),
    [
        pytest.param(ReportLine.A, "addition", "", id="counted"),
        pytest.param(ReportLine.H, "addition", "d − g", id="follows from others"),
        pytest.param(ReportLine.O, "addition", "l − n", id="added income"),
        pytest.param(ReportLine.O, "deduction", "l − m", id="deducted income"),
        pytest.param(ReportLine.O, "cost_sharing", "l − n", id="shared income"),
    ],
)
def test_formula_of_a_line_is_the_forms(line: ReportLine, method: str, formula: str) -> None:
    assert formula_text(line, method) == formula
