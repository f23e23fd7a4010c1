"""Spreadsheets of contributions and payments."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from lineshaft.apps.funding import exchange
from lineshaft.apps.funding.exchange.commitments import import_commitments
from lineshaft.apps.funding.models import Contribution, Transfer
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM
from lineshaft.apps.network.models import Organisation, OrganisationIdentifier
from lineshaft.kernel.money import Money
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import ColumnKind, ImportContext, ImportOutcome, Row, Value

pytestmark = [pytest.mark.django_db]

CONTEXT = ImportContext(
    now=NOW,
    is_dry_run=False,
    currency="USD",
    source_name="matching.csv",
    source_sha256="0" * 64,
    mapping="",
    report=lambda _done, _total, _note: None,
)
_BLANKS: Mapping[ColumnKind, Value] = {ColumnKind.TEXT: "", ColumnKind.CHOICE: ""}


def row(kind: str, number: int, given: Mapping[str, Value]) -> Row:
    columns = exchange.IMPORTS[kind].columns
    values = {column.name: _BLANKS.get(column.kind) for column in columns}
    return Row(number, {**values, **given})


def claim_row(number: int, **given: Value) -> Row:
    values: dict[str, Value] = {
        "number": f"C-{number}",
        "agreement": "W911-1",
        "contributor": "Brass and Bolt Works",
        "kind": "personnel",
        "amount": Money(12_345, "USD"),
        "date": IN_TERM,
        "evidence": f"payroll {number}",
        "units": Decimal("10.5"),
        "rate": Money(1_000, "USD"),
        "fringe_percent": Decimal("17.58"),
    }
    return row("contributions", number, values | given)


def payment_row(number: int, code: str, amount_minor: int, **given: Value) -> Row:
    values: dict[str, Value] = {
        "number": f"P-{number}",
        "agreement": "W911-1",
        "code": code,
        "amount": Money(amount_minor, "USD"),
        "date": IN_TERM,
    }
    return row("transfers", number, values | given)


def faults(outcome: ImportOutcome) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in outcome.errors]


def test_contributions_imported_twice_are_recorded_once() -> None:
    factories.agreement()
    factories.organisation()
    rows = [claim_row(2), claim_row(3, evidence="", federal_origin=True)]
    first = exchange.import_contributions(SYSTEM, rows, CONTEXT)
    again = exchange.import_contributions(SYSTEM, rows, CONTEXT)
    assert (first.created, first.unchanged, again.created, again.unchanged) == (2, 0, 0, 2)
    stored = Contribution.objects.get(external_id="C-2")
    assert (stored.claimed_minor, stored.state, stored.rate_minor) == (12_345, "recorded", 1_000)
    assert [one.reference for one in stored.evidence.all()] == ["payroll 2"]
    assert Contribution.objects.get(external_id="C-3").is_federal_origin is True


def test_contribution_changed_under_an_old_number_is_refused_at_its_row() -> None:
    factories.agreement()
    factories.organisation()
    exchange.import_contributions(SYSTEM, [claim_row(2)], CONTEXT)
    changed = [claim_row(3), claim_row(2, amount=Money(1, "USD"))]
    outcome = exchange.import_contributions(SYSTEM, changed, CONTEXT)
    assert faults(outcome) == [(2, "")]
    assert outcome.errors[0].value == "C-2"


def test_contributions_with_faults_are_named_row_by_row_and_none_is_recorded() -> None:
    factories.agreement()
    factories.organisation()
    rows = [
        claim_row(2),
        claim_row(3, agreement="W911-9"),
        claim_row(4, contributor="Nobody at all"),
        claim_row(5, kind="goodwill"),
        claim_row(6, contributor="Twin Works"),
    ]
    for region in ("oh", "mi"):
        Organisation.objects.create(
            name="Twin Works",
            kind="industry_small",
            match_key=f"twin works|{region}|",
            registered_at=NOW,
        )
    outcome = exchange.import_contributions(SYSTEM, rows, CONTEXT)
    assert faults(outcome) == [
        (3, "agreement"),
        (4, "contributor"),
        (5, "kind"),
        (6, "contributor"),
    ]
    assert all(error.as_text() for error in outcome.errors)
    assert Contribution.objects.count() == 0


def test_contribution_outside_the_term_is_refused_at_its_row() -> None:
    factories.agreement()
    factories.organisation()
    rows = [claim_row(2), claim_row(3, date=date(2020, 1, 1))]
    outcome = exchange.import_contributions(SYSTEM, rows, CONTEXT)
    assert faults(outcome) == [(3, "")]
    assert "2020-01-01" in outcome.errors[0].as_text()


def test_payment_file_imported_twice_is_posted_once() -> None:
    agreement = factories.agreement()
    rows = [
        payment_row(2, "authorise", 100),
        payment_row(3, "obligate", 80),
        payment_row(4, "draw", 50, obligation="P-3"),
        payment_row(5, "release", 30, obligation="P-3", reason="Year ends"),
        payment_row(6, "return", 10),
    ]
    first = exchange.import_transfers(SYSTEM, rows, CONTEXT)
    again = exchange.import_transfers(SYSTEM, rows, CONTEXT)
    assert (first.created, again.created, again.unchanged) == (5, 0, 5)
    assert factories.balances(agreement)["drawn"] == (40, 0)


def test_payment_file_with_faults_posts_nothing() -> None:
    factories.agreement()
    rows = [
        payment_row(2, "authorise", 100),
        payment_row(3, "draw", 5),
        payment_row(4, "obligate", 5, agreement="W911-9"),
    ]
    outcome = exchange.import_transfers(SYSTEM, rows, CONTEXT)
    assert faults(outcome) == [(3, "obligation"), (4, "agreement")]
    beyond = [payment_row(2, "authorise", 100), payment_row(3, "obligate", 101)]
    refused = exchange.import_transfers(SYSTEM, beyond, CONTEXT)
    assert faults(refused) == [(3, "")]
    assert Transfer.objects.count() == 0


def test_percentage_of_three_decimals_is_refused_and_a_blank_amount_is_the_worth() -> None:
    factories.agreement()
    factories.organisation()
    outcome = exchange.import_contributions(
        SYSTEM, [claim_row(2, fringe_percent=Decimal("17.585"))], CONTEXT
    )
    assert faults(outcome) == [(2, "fringe_percent")]
    exchange.import_contributions(SYSTEM, [claim_row(2, amount=None)], CONTEXT)
    assert Contribution.objects.get().claimed_minor == 12_346


def test_contribution_without_its_rate_is_refused_at_its_row() -> None:
    factories.agreement()
    factories.organisation()
    outcome = exchange.import_contributions(
        SYSTEM, [claim_row(2), claim_row(3, rate=None)], CONTEXT
    )
    assert faults(outcome) == [(3, "")]
    assert "Missing: rate for one unit" in outcome.errors[0].as_text()


def promise_row(number: int, **given: Value) -> Row:
    values: dict[str, Value] = {
        "number": f"P-{number}",
        "agreement": "W911-1",
        "contributor": "Brass and Bolt Works",
        "form": "in_kind",
        "amount": Money(5_000, "USD"),
        "promised_on": IN_TERM,
        "due_on": date(2022, 12, 31),
        "letter": f"Letter {number}",
    }
    return row("commitments", number, values | given)


def test_commitments_imported_twice_are_recorded_once_and_faults_are_named_by_row() -> None:
    factories.agreement()
    factories.organisation()
    rows = [promise_row(2), promise_row(3, form="cash")]
    first = import_commitments(SYSTEM, rows, CONTEXT)
    again = import_commitments(SYSTEM, rows, CONTEXT)
    assert (first.created, first.unchanged, again.created, again.unchanged) == (2, 0, 0, 2)
    wrong = [promise_row(4, agreement="W911-9"), promise_row(5, contributor="Nobody")]
    assert faults(import_commitments(SYSTEM, wrong, CONTEXT)) == [
        (4, "agreement"),
        (5, "contributor"),
    ]
    late = [promise_row(6), promise_row(7, due_on=date(2030, 1, 1))]
    assert faults(import_commitments(SYSTEM, late, CONTEXT)) == [(7, "")]


def test_export_holds_a_row_for_each_contribution() -> None:
    contribution = factories.contribution(factories.agreement(), is_accepted=True)
    (record,) = exchange.contribution_records(Contribution.objects.all())
    assert len(record) == len(exchange.export_columns())
    assert record[:3] == (str(contribution.pk), "W911-1", "Brass and Bolt Works")


HEADINGS = (
    "Match ID,Award no.,Partner,Type,Value (USD),Date contributed,Document,Partner UEI,"
    "Hours or months,Rate (USD),Fringe (%),Fair market value (USD),Book value (USD),"
    "Indirect base (USD),Approved rate (%),Charged rate (%),Valuation method,Appraisal,"
    "Agency approval"
)
WORKBOOK = f"""{HEADINGS}
M-1,W911-1,Brass and Bolt Works,Staff time,"12,000.50",03/01/2022,pay 7,,160.0067,60,25,,,,,,pay,,
M-2,W911-1,Brass and Bolt Works,Cash,500,03/02/2022,receipt 8,,,,,,,,,,,,
M-3,W911-1,Brass and Bolt Works,Materials,,03/02/2022,receipt 9,,,,,700,650.25,,,,list,,
"""

PAYMENTS = """DOC_NBR,FAIN,TXN_TYPE,AMT,EFF_DT,OBLIG_DOC_NBR,REMARKS
A1,W911-1,ALLOT,1000.00,20220301,,
O1,W911-1,OBLIG,900.00,20220302,,
D1,W911-1,DRAW,250.00,20220303,O1,
"""


@pytest.mark.parametrize(
    ("kind", "mapping", "text", "count"),
    [
        pytest.param("contributions", "match_workbook", WORKBOOK, 3, id="contributions"),
        pytest.param("transfers", "payment_file", PAYMENTS, 3, id="transfers"),
    ],
)
def test_file_under_its_shipped_mapping_goes_in_once(
    kind: str, mapping: str, text: str, count: int
) -> None:
    factories.agreement()
    factories.organisation()
    spec = exchange.IMPORTS[kind]

    def run(*, is_dry_run: bool) -> tuple[int, int, int]:
        report = run_import(
            SYSTEM,
            spec,
            BytesIO(text.encode()),
            name="file.csv",
            is_dry_run=is_dry_run,
            now=NOW,
            mapping=shipped_mappings(spec)[mapping],
        )
        assert report.errors == ()
        return report.created, report.unchanged, Transfer.objects.count()

    assert run(is_dry_run=True) == (count, 0, 0)
    assert run(is_dry_run=False) == (count, 0, count)
    assert run(is_dry_run=False) == (0, count, count)


@pytest.mark.parametrize(
    ("scheme", "stored", "written"),
    [
        pytest.param("uei", "HJ7LJZ2K9C35", "hj7ljz2k9c35", id="small letters"),
        pytest.param("ror", "02mhbdp94", "https://ror.org/02mhbdp94", id="an address"),
        pytest.param("ein", "012345678", "01-2345678", id="a hyphen"),
        pytest.param("ein", "012345678", "12345678", id="a zero that the spreadsheet dropped"),
    ],
)
def test_contributor_is_found_by_an_identifier_as_books_write_it(
    scheme: str, stored: str, written: str
) -> None:
    factories.agreement()
    organisation = factories.organisation()
    OrganisationIdentifier.objects.create(organisation=organisation, scheme=scheme, value=stored)
    rows = [claim_row(2, contributor="", **{scheme: written})]
    outcome = exchange.import_contributions(SYSTEM, rows, CONTEXT)
    assert (outcome.created, faults(outcome)) == (1, [])


@pytest.mark.parametrize(
    "units",
    [
        pytest.param("1.23456", id="more decimals than are kept"),
        pytest.param("12345678901", id="more digits than are kept"),
    ],
)
def test_units_that_cannot_be_kept_are_refused_at_their_row(units: str) -> None:
    factories.agreement()
    factories.organisation()
    rows = [claim_row(2), claim_row(3, units=Decimal(units))]
    outcome = exchange.import_contributions(SYSTEM, rows, CONTEXT)
    assert [(fault.row, fault.message) for fault in outcome.errors] == [
        (3, "Units have at most %(whole)s digits and %(decimals)s decimals.")
    ]


@pytest.mark.parametrize(
    ("code", "obligation", "refused"),
    [
        pytest.param("authorise", "P-2", [(3, "obligation")], id="authorisation"),
        pytest.param("return", "P-2", [(3, "obligation")], id="return"),
        pytest.param("obligate", "P-2", [(3, "obligation")], id="another obligation"),
        pytest.param("obligate", "P-3", [], id="the obligation itself"),
    ],
)
def test_row_that_settles_nothing_names_no_obligation(
    code: str, obligation: str, refused: list[tuple[int, str]]
) -> None:
    factories.agreement()
    rows = [payment_row(2, "authorise", 10), payment_row(3, code, 5, obligation=obligation)]
    outcome = exchange.import_transfers(SYSTEM, rows, CONTEXT)
    assert (faults(outcome), outcome.created) == (refused, 0 if refused else 2)
    assert {one.as_text() for one in outcome.errors} <= {
        (
            "Only a drawdown or release settles an obligation. Leave the cell of the obligation "
            "blank, or mend the code of the row."
        )
    }


def test_payment_of_an_unknown_obligation_is_refused_at_its_row() -> None:
    factories.agreement()
    rows = [payment_row(2, "authorise", 10), payment_row(3, "draw", 5, obligation="P-77")]
    outcome = exchange.import_transfers(SYSTEM, rows, CONTEXT)
    assert [(one.row, one.column, one.value) for one in outcome.errors] == [
        (3, "obligation", "P-77")
    ]
