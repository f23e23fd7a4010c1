"""Files of payments, statements and claims, and of transfers of a second sponsor."""

from io import BytesIO

import pytest

from lineshaft.apps.funding import exchange, queries, services
from lineshaft.apps.funding.models import StatementLine, Transfer
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import NOW, SYSTEM
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import ImportReport

KEY = "america-makes"
pytestmark = [pytest.mark.django_db]


def imported(kind: str, text: str, *, actor: Actor = SYSTEM, mapping: str = "") -> ImportReport:
    spec = exchange.IMPORTS[kind]
    return run_import(
        actor,
        spec,
        BytesIO(text.encode()),
        name=f"{kind}.csv",
        is_dry_run=False,
        now=NOW,
        mapping=shipped_mappings(spec)[mapping] if mapping else None,
    )


def counts(report: ImportReport) -> tuple[int, int]:
    assert report.errors == ()
    return (report.created, report.unchanged)


@pytest.mark.parametrize(
    ("kind", "mapping", "text", "amounts"),
    [
        pytest.param(
            "payments",
            "",
            "award,agency,payment date,amount,payment reference\n"
            "W911-1,DOD,2022-03-01,5.00,P-1\nW911-1,,2022-03-02,-2.00,P-2\n",
            [-200, 500],
            id="payments",
        ),
        pytest.param(
            "payments",
            "payment_extract",
            "PMT_NBR,FAIN,AGENCY,AMT,PMT_DT,PAYEE,REMARKS,DR_CR\n"
            "P-1,W911-1,DOD,5.00,20220301,AM,draw,D\nP-2,W911-1,DOD,2.00,20220302,AM,back,C\n",
            [-200, 500],
            id="extract",
        ),
        pytest.param(
            "payments",
            "payment_register",
            "Payment Request ID,Award Number,Net Amount,Settlement Date,Comment\n"
            "P-1,W911-1,5.00,03/01/2022,\n,W911-1,-2.00,03/02/2022,back\n",
            [-200, 500],
            id="register",
        ),
        pytest.param(
            "statements",
            "",
            "institute,account,date,amount,agreement,bank reference\n"
            "america-makes,main,2022-03-01,5.00,W911-1,B-1\n"
            "america-makes,main,2022-03-02,-2.00,,\n",
            [-200, 500],
            id="statements",
        ),
        pytest.param(
            "statements",
            "bank_download",
            "Account,Posting Date,Amount,Payee,Description,Transaction ID,Institute\n"
            "main,03/01/2022,5.00,Firm,dues,B-1,america-makes\n"
            "main,03/02/2022,-2.00,,fee,,america-makes\n",
            [-200, 500],
            id="download",
        ),
        pytest.param(
            "statements",
            "bank_two_columns",
            "Account name,Booked,Value,Credits,Debits,Counterparty,Purpose,Bank ref.,Institute\n"
            "main,01.03.2022,01.03.2022,5.00,0.00,Firm,dues,B-1,america-makes\n"
            "main,02.03.2022,,,2.00,,fee,,america-makes\n",
            [-200, 500],
            id="two columns",
        ),
    ],
)
def test_files_are_taken_once_under_their_layouts(
    kind: str, mapping: str, text: str, amounts: list[int]
) -> None:
    factories.agreement()
    assert counts(imported(kind, text, mapping=mapping)) == (2, 0)
    again = imported(kind, text, mapping=mapping)
    assert (counts(again), again.changes_nothing) == ((0, 2), True)
    stored = StatementLine.objects.order_by("amount_minor").values_list("amount_minor", flat=True)
    assert list(stored) == amounts
    assert {line.origin for line in StatementLine.objects.all()} == {f"{kind}.csv"}


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        pytest.param(
            "payments",
            "agreement,agency,date,amount,direction\nW911-1,NOBODY,2022-03-01,5,\n",
            "There is no agency with this key.",
            id="agency",
        ),
        pytest.param(
            "payments",
            "agreement,date,amount,direction\nW911-9,2022-03-01,5,\n",
            "There is no agreement with this number.",
            id="agreement",
        ),
        pytest.param(
            "payments",
            "agreement,date,amount,direction\nW911-1,2022-03-01,-5,return\n",
            "The amount is negative, and the direction says the same again.",
            id="two signs",
        ),
        pytest.param(
            "payments",
            "agreement,date,amount,reference\nW911-1,2022-03-01,5,P-1\nW911-1,2022-03-01,6,P-1\n",
            "is recorded with another amount or date",
            id="changed",
        ),
        pytest.param(
            "statements",
            "institute,account,date,amount\nnowhere,main,2022-03-01,5\n",
            "There is no institute with this key.",
            id="institute",
        ),
        pytest.param(
            "statements",
            "institute,account,date,amount,agreement\namerica-makes,main,2022-03-01,5,W911-9\n",
            "There is no agreement with this number.",
            id="agreement of the bank",
        ),
        pytest.param(
            "statements",
            "institute,account,date,amount,paid_in\namerica-makes,main,2022-03-01,5,5\n",
            "A row has one amount",
            id="two amounts",
        ),
        pytest.param(
            "statements",
            "institute,account,date,amount,reference\n"
            "america-makes,main,2022-03-01,5,B\namerica-makes,main,2022-03-02,5,B\n",
            "is recorded with another amount or date",
            id="changed line",
        ),
        pytest.param(
            "transfers",
            "number,agreement,code,amount,date,agency\nT-1,W911-1,authorise,5,2022-03-01,NOBODY\n",
            "There is no agency with this key.",
            id="agency of a transfer",
        ),
        pytest.param(
            "transfers",
            "number,agreement,code,amount,date,agency\nT-1,W911-1,authorise,5,2022-03-01,DOE\n",
            "does not sponsor this agreement",
            id="no sponsor",
        ),
    ],
)
def test_files_with_faults_are_refused_in_one_sentence(kind: str, text: str, message: str) -> None:
    factories.agreement()
    factories.agency("DOE")
    report = imported(kind, text)
    assert len(report.errors) == 1
    assert message in report.errors[0].as_text()
    assert StatementLine.objects.count() == 0


def test_transfers_of_a_second_sponsor_are_imported_on_its_part() -> None:
    factories.agency("DOE")
    under = services.sign_agreement(
        SYSTEM,
        factories.institute(),
        factories.agency(),
        terms=services.AgreementTerms(
            number="W911-2",
            currency="USD",
            signed_on=factories.STARTS_ON,
            starts_on=factories.STARTS_ON,
            ends_on=factories.ENDS_ON,
            federal_total_minor=1_000,
            co_sponsors=(services.SponsorPart(factories.agency("DOE").pk, 400),),
        ),
        now=NOW,
    )
    services.activate_agreement(SYSTEM, under.pk, today=factories.TODAY, now=NOW)
    text = "number,agreement,code,amount,date,sponsor\n" + "".join(
        f"T-{agency},W911-2,authorise,{amount},2022-03-01,{agency}\n"
        for agency, amount in (("DOE", "4.00"), ("", "6.00"))
    )
    assert counts(imported("transfers", text)) == (2, 0)
    assert counts(imported("transfers", text)) == (0, 2)
    moved = Transfer.objects.values_list("credit_account__agency__key", "amount_minor")
    assert set(moved) == {("DOE", 400), ("DOD", 600)}


CLAIMS = (
    "claim,starts_on,ends_on,number,agreement,contributor,kind,amount,date,evidence\n"
    "Q1,2022-01-01,2022-04-01,C-1,W911-1,Brass and Bolt Works,cash,5.00,2022-02-01,r 1\n"
    "Q1,2022-01-01,2022-04-01,C-2,W911-1,Brass and Bolt Works,cash,6.00,2022-03-01,r 2\n"
    "Q2,2022-04-01,2022-07-01,C-3,W911-1,Brass and Bolt Works,cash,7.00,2022-05-01,r 3\n"
)


def test_claims_are_opened_with_their_lines_once() -> None:
    under = factories.agreement()
    factories.organisation()
    assert counts(imported("claims", CLAIMS)) == (3, 0)
    assert counts(imported("claims", CLAIMS)) == (0, 3)
    found = queries.claims_of(SYSTEM, KEY).filter(agreement=under)
    told = {(one.number, getattr(one, "line_count", 0), getattr(one, "claimed_minor", 0))
            for one in found}  # fmt: skip
    assert told == {("Q1", 2, 1_100), ("Q2", 1, 700)}
    assert list(shipped_mappings(exchange.IMPORTS["claims"])) == ["claim_workbook"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "Q1,2022-01-01,2022-04-01,C-2",
            "Q1,2022-01-01,2022-05-01,C-2",
            "Another row gives this claim another contributor or period",
            id="two periods",
        ),
        pytest.param("W911-1,Brass", "W911-9,Brass", "There is no agreement", id="agreement"),
        pytest.param(
            "cash,5.00,2022-02-01", "cash,5.00,2022-05-01", "period", id="line outside the claim"
        ),
        pytest.param("2022-04-01,2022-07-01", "2022-07-01,2022-04-01", "period", id="no period"),
    ],
)
def test_claims_with_faults_are_refused(old: str, new: str, message: str) -> None:
    factories.agreement()
    factories.organisation()
    report = imported("claims", CLAIMS.replace(old, new))
    assert message in report.errors[0].as_text()
    assert queries.claims_visible_to(SYSTEM).count() == 0


@pytest.mark.parametrize(
    ("percent", "message"),
    [
        pytest.param("10000", None, id="the most"),
        pytest.param("10000.01", "The number is larger than 10000.", id="beyond it"),
        pytest.param("1e400", "The number is larger than 10000.", id="beyond reckoning"),
        pytest.param("1e-400", "The number is too long.", id="next to nothing"),
        pytest.param("0.001", "The percentage has more than two decimals.", id="decimals"),
    ],
)
@pytest.mark.parametrize("column", ["fringe_percent", "approved_rate_percent"])
def test_percentage_that_can_not_be_kept_is_refused_at_its_cell(
    column: str, percent: str, message: str | None
) -> None:
    factories.agreement()
    factories.organisation()
    text = (
        f"number,agreement,contributor,kind,amount,date,evidence,{column}\n"
        f"C-1,W911-1,Brass and Bolt Works,cash,5.00,2022-02-01,r 1,{percent}\n"
    )
    report = imported("contributions", text)
    told = [(one.row, one.column, one.as_text()) for one in report.errors]
    assert [(row, at, said.startswith(message or "")) for row, at, said in told] == (
        [(2, column, True)] if message else []
    )
    assert queries.contributions_visible_to(SYSTEM).count() == (0 if message else 1)


@pytest.mark.parametrize(
    ("value_date", "message"),
    [
        pytest.param("", None, id="none"),
        pytest.param("2023-03-02", None, id="a year on"),
        pytest.param("2023-03-03", "The value date 2023-03-03 lies more than", id="beyond"),
        pytest.param("0001-01-01", "The value date 0001-01-01 lies more than", id="first"),
        pytest.param("9999-12-31", "The value date 9999-12-31 lies more than", id="last"),
    ],
)
def test_value_date_of_another_age_is_refused(value_date: str, message: str | None) -> None:
    factories.institute()
    text = (
        "institute,account,date,value_date,amount,reference\n"
        f"{KEY},main,2022-03-01,{value_date},5.00,B-1\n"
    )
    report = imported("statements", text)
    told = [(one.row, one.as_text()[: len(message or "")]) for one in report.errors]
    assert told == ([(2, message)] if message else [])
    assert StatementLine.objects.count() == (0 if message else 1)
