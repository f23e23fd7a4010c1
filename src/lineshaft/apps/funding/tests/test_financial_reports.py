"""SF-425 from the ledger: its lines over random books, its transfers, certification, due dates."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    CostMovement,
    DaySum,
    FinancialReport,
    FinancialReportSum,
    IndirectRate,
    ReportingTerms,
    Transfer,
)
from lineshaft.apps.funding.queries import ReportScope
from lineshaft.apps.funding.rules import (
    AccountKind,
    AccountSum,
    Moved,
    RateType,
    ReportBasis,
    TransferCode,
)
from lineshaft.apps.funding.services.ledger import write_transfers
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.books import ENTRIES, Book, Entry, assert_identities
from lineshaft.apps.funding.tests.factories import ENDS_ON, IN_TERM, NOW, STARTS_ON, SYSTEM
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.jurisdiction import IncomeMethodKey
from lineshaft.plumbing import triggers
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.services import open_file

KEY = "america-makes"
QUARTER_END = date(2022, 3, 31)
TODAY = date(2022, 6, 1)

database = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


AFTER = ENDS_ON + timedelta(days=200)
EARLIER = date(2024, 10, 1)
"""The first day without a waiver that does not run to the end of the term."""


def scope(
    under: Agreement,
    period_end: date = QUARTER_END,
    basis: ReportBasis = ReportBasis.ACCRUAL,
    term: str = "quarterly",
) -> ReportScope:
    return ReportScope(under, term, basis, period_end)


def lines(under: Agreement, period_end: date, basis: ReportBasis) -> dict[str, int]:
    return queries.computed_report(scope(under, period_end, basis)).lines.as_dict()


BOOKS = st.lists(
    st.tuples(
        st.sampled_from(sorted(ENTRIES)),
        st.integers(min_value=1, max_value=60),
        st.integers(min_value=0, max_value=120),
    ),
    max_size=25,
)


def _reserve(under: Agreement, code: TransferCode, amount_minor: int, on: date) -> None:
    row = services.TransferRow(
        new_id(), under.pk, code, amount_minor, "USD", on, reason="performance"
    )
    write_transfers(SYSTEM, [row], now=NOW)


def _sums_by_transfers(under: Agreement, through: date) -> dict[AccountKind, AccountSum]:
    """What stands in the accounts at the end of that day, from every transfer since the first."""
    moved = Transfer.objects.filter(agreement=under, occurred_on__lte=through).select_related(
        "debit_account", "credit_account"
    )
    return rules.account_sums(
        Moved(one.kind, one.debit_account.kind, one.credit_account.kind, one.amount_minor)
        for one in moved
    )


def _base_by_movements(under: Agreement, through: date, basis: ReportBasis) -> int:
    """What line 11 takes for its base, from every movement of a cost since the first."""
    codes = ["pay"] if basis is ReportBasis.CASH else rules.INCURRING_CODES
    moved = CostMovement.objects.filter(
        cost__agreement=under, cost__category="supplies", transfer__occurred_on__lte=through
    ).select_related("transfer__corrects")
    return sum(
        one.transfer.amount_minor
        if one.transfer.code in codes
        else -one.transfer.amount_minor
        if one.transfer.corrects is not None and one.transfer.corrects.code in codes
        else 0
        for one in moved
    )


@database
@pytest.mark.database
@settings(
    max_examples=settings().max_examples // 8,  # each writes a book of its own
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=BOOKS, method=st.sampled_from(IncomeMethodKey))
def test_every_line_of_a_random_book_is_the_sum_of_its_transfers(
    entries: list[Entry], method: str
) -> None:
    with transaction.atomic():
        book = Book(method)
        terms = services.RateTerms(RateType.FINAL, 1_000, STARTS_ON, ENDS_ON, "NICRA")
        services.record_indirect_rate(SYSTEM, book.under, terms, now=NOW)
        for entry in entries:
            book.post(entry)
        for day in sorted(book.days):
            by_transfers = _sums_by_transfers(book.under, day)
            assert by_transfers == queries.sums_by_accounts(book.under, day)
            assert by_transfers == queries.sums_by_days(book.under, day)
            for basis in ReportBasis:
                of_day = scope(book.under, day, basis)
                report = queries.report_from(of_day, by_transfers)
                assert [one.base_minor for one in report.indirect] == [
                    _base_by_movements(book.under, day, basis)
                ]
                found = report.lines
                assert_identities(found.as_dict(), method)
                for line in rules.COUNTED_LINES:
                    counted = queries.counted_by_line(of_day, line)
                    amounts = [vars(one)["counted_minor"] for one in counted]
                    assert sum(amounts) == found.amount(line)
                    by_day = Counter(one.occurred_on for one in counted)
                    assert queries.days_counted_by_line(of_day, line) == sorted(
                        by_day.items(), reverse=True
                    )
        totals = queries.cost_totals(book.under)
        last = queries.report_from(
            scope(book.under, max(book.days)), queries.sums_by_accounts(book.under, max(book.days))
        ).lines
        assert (last.b, last.e, last.f) == (
            totals.paid_minor,
            totals.incurred_minor,
            totals.encumbered_minor,
        )
        assert services.verify_ledger() == []
        transaction.set_rollback(rollback=True)


def a_year() -> Agreement:
    """A readable book: every kind of movement, each on a day of its own, in cents."""
    under = factories.agreement(agency_key="DOE", federal_total_minor=10_000)
    day = _days()
    _federal(under, TransferCode.AUTHORISE, 5_000, next(day))
    _federal(under, TransferCode.OBLIGATE, 3_000, next(day), name="obligation")
    obligation = Transfer.objects.get(code="obligate")
    services.draw_funds(
        SYSTEM,
        obligation,
        id=factories.transfer_id("draw"),
        amount_minor=2_000,
        currency="USD",
        occurred_on=next(day),
        now=NOW,
    )
    _federal(under, TransferCode.RETURN, 100, next(day))
    order = factories.encumbrance(under, 900, occurred_on=next(day))
    services.liquidate_encumbrance(
        SYSTEM,
        order,
        id=factories.transfer_id("came"),
        amount_minor=500,
        occurred_on=next(day),
        now=NOW,
    )
    staff = factories.cost(under, 1_200, category="personnel", occurred_on=next(day))
    factories.cost(under, 300, name="overhead", category="indirect", occurred_on=next(day))
    factories.payment(staff, 1_000, occurred_on=next(day))
    factories.payment(order, 400, occurred_on=next(day))
    claim = factories.claim(under, amount_minor=700, occurred_on=next(day))
    services.record_contribution(SYSTEM, claim, now=NOW)
    services.accept_contribution(
        SYSTEM, claim.id, accepted_minor=600, reason="part", today=next(day), now=NOW
    )
    factories.income(under, 250, occurred_on=next(day))
    factories.income_use(under, 80, occurred_on=next(day))
    return under


def _days() -> Iterator[date]:
    return (STARTS_ON + timedelta(days=10 * place) for place in range(100))


def _federal(
    under: Agreement, code: TransferCode, amount_minor: int, on: date, *, name: str = ""
) -> None:
    row = services.TransferRow(
        factories.transfer_id("year", code, name), under.pk, code, amount_minor, "USD", on
    )
    services.post_transfers(SYSTEM, [row], now=NOW, why="year")


@database
@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        pytest.param(
            ReportBasis.ACCRUAL,
            # 10i: DOE, 50 % of the whole, so as much again as the 5,000 authorised
            "a=1900 b=1400 c=500 d=5000 e=2000 f=400 g=2400 h=2600 i=5000 j=600 k=4400 "
            "l=250 m=0 n=80 o=170",
            id="accrual",
        ),
        pytest.param(
            ReportBasis.CASH,
            # paid 1,400; 600 incurred and not paid, and 400 encumbered
            "a=1900 b=1400 c=500 d=5000 e=1400 f=1000 g=2400 h=2600 i=5000 j=600 k=4400 "
            "l=250 m=0 n=80 o=170",
            id="cash",
        ),
    ],
)
def test_a_years_book_gives_the_lines_expected_of_it(basis: ReportBasis, expected: str) -> None:
    under = a_year()
    found = lines(under, QUARTER_END, basis)
    assert " ".join(f"{letter}={amount}" for letter, amount in found.items()) == expected


@database
def test_lines_through_an_earlier_day_leave_later_transfers_out() -> None:
    under = a_year()
    after_return = STARTS_ON + timedelta(days=30)
    found = lines(under, after_return, ReportBasis.ACCRUAL)
    assert {letter: amount for letter, amount in found.items() if amount} == {
        "a": 1_900,
        "c": 1_900,
        "d": 5_000,
        "h": 5_000,
        "i": 5_000,
        "k": 5_000,
    }


@database
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        pytest.param("deduction", {"j": 0, "l": 100, "m": 60, "n": 0, "o": 40}, id="deduction"),
        pytest.param("addition", {"j": 0, "l": 100, "m": 0, "n": 60, "o": 40}, id="addition"),
        pytest.param("cost_sharing", {"j": 60, "l": 0, "m": 0, "n": 0, "o": 0}, id="cost sharing"),
    ],
)
def test_income_stands_on_the_lines_of_its_method(method: str, expected: dict[str, int]) -> None:
    under = factories.agreement()
    ReportingTerms.objects.create(
        agreement=under, report_term="quarterly", basis="accrual", income_method=method
    )
    factories.income(under, 100)
    factories.income_use(under, 60)
    found = lines(under, QUARTER_END, ReportBasis.ACCRUAL)
    assert {letter: found[letter] for letter in expected} == expected


@database
def test_reserve_counts_as_authorised_only_once_it_is_released() -> None:
    under = factories.agreement(federal_total_minor=500)
    factories.authorised(under, 300)
    _reserve(under, TransferCode.WITHHOLD, 100, IN_TERM)
    assert lines(under, QUARTER_END, ReportBasis.CASH)["d"] == 200
    _reserve(under, TransferCode.RELEASE_RESERVE, 40, IN_TERM)
    assert lines(under, QUARTER_END, ReportBasis.CASH)["d"] == 240


@database
def test_share_that_the_agreement_names_goes_before_the_rule() -> None:
    under = factories.agreement(agency_key="DOE")
    Agreement.objects.filter(pk=under.pk).update(cost_share_required_minor=77)
    under.refresh_from_db()
    report = queries.computed_report(scope(under))
    assert (report.lines.i, report.header.required_by) == (77, "W911-1")


@database
@pytest.mark.parametrize(
    ("ends_on", "lifted", "period_end", "required_minor"),
    [
        pytest.param(ENDS_ON, {"share_bp": 2_000}, QUARTER_END, 1_250, id="in its days"),
        pytest.param(ENDS_ON, {"share_bp": 2_000}, ENDS_ON, 1_250, id="the day after the term"),
        pytest.param(ENDS_ON, {"share_bp": 2_000}, AFTER, 1_250, id="long after the term"),
        pytest.param(ENDS_ON, {"excluded_minor": 3_000}, AFTER, 2_000, id="an amount left out"),
        pytest.param(EARLIER, {"share_bp": 2_000}, AFTER, 5_000, id="not to the term's end"),
        pytest.param(EARLIER, {"share_bp": 2_000}, EARLIER, 5_000, id="the day it ends"),
    ],
)
def test_line_i_is_lifted_for_good_by_a_waiver_to_the_end_of_the_term(
    ends_on: date, lifted: dict[str, int], period_end: date, required_minor: int
) -> None:
    under = a_year()
    terms = services.WaiverTerms(
        "L-040",
        "equipment",
        STARTS_ON,
        ends_on,
        "Costly machines",
        lifted.get("share_bp"),
        lifted.get("excluded_minor"),
    )
    asked = services.request_waiver(SYSTEM, under.pk, terms=terms, now=NOW)
    services.grant_waiver(factories.sponsor("DOE"), asked.pk, reason="granted", now=NOW)
    report = queries.computed_report(scope(under, period_end))
    ground = profile_in_use().waiver_ground("equipment").authority.citation.text
    assert (report.lines.i, report.lines.k) == (required_minor, required_minor - report.lines.j)
    assert (ground in report.header.required_by) is (required_minor != 5_000)


@database
def test_indirect_expense_is_base_times_rate_beside_what_is_recorded() -> None:
    under = a_year()
    terms = services.RateTerms(
        RateType.PROVISIONAL, 2_500, STARTS_ON, date(2022, 10, 1), "rate agreement 1"
    )
    services.record_indirect_rate(factories.finance(), under, terms, now=NOW)
    found = queries.computed_report(scope(under)).indirect
    # personnel 1,200 is in the base, equipment is not; 300 of indirect costs are recorded
    assert [(one.base_minor, one.charged_minor, one.recorded_minor) for one in found] == [
        (1_200, 300, 300)
    ]
    cash = queries.computed_report(scope(under, basis=ReportBasis.CASH)).indirect
    assert [(one.base_minor, one.charged_minor, one.recorded_minor) for one in cash] == [
        (1_000, 250, 0)
    ]
    for wrong in (
        services.RateTerms(RateType.PROVISIONAL, 1, date(2022, 1, 1), date(2022, 2, 1), "again"),
        services.RateTerms(RateType.FINAL, 0, date(2022, 1, 1), date(2022, 2, 1), "nothing"),
        services.RateTerms(RateType.FINAL, 1, date(2022, 2, 1), date(2022, 2, 1), "no day"),
    ):
        with pytest.raises(Refused) as refused:
            services.record_indirect_rate(SYSTEM, under, wrong, now=NOW)
        assert refused.value.code == "rate_impossible"
    assert IndirectRate.objects.count() == 1


def certify(
    under: Agreement,
    *,
    actor: Actor | None = None,
    digest: str | None = None,
    reason: str = "",
    period_end: date = QUARTER_END,
    now: datetime = NOW,
) -> FinancialReport:
    of_quarter = scope(under, period_end)
    seen = queries.computed_report(of_quarter).digest if digest is None else digest
    return services.certify_report(
        actor or factories.finance(),
        of_quarter,
        seen_digest=seen,
        today=TODAY,
        now=now,
        remarks="as usual",
        reason=reason,
    )


@database
def test_certified_report_keeps_its_lines_and_documents_and_is_replaced_with_a_reason() -> None:
    under = a_year()
    first = certify(under)
    assert (first.edition, first.content["lines"]["h"], first.due_on) == (
        1,
        2_600,
        date(2022, 4, 30),
    )
    assert first.is_on_time is False
    documents = queries.documents_of(first)
    assert [(one.kind, one.language) for one in documents] == [
        ("json", ""),
        ("pdf", "en"),
        ("xlsx", "en"),
        ("pdf", "zh-hans"),
        ("xlsx", "zh-hans"),
    ]
    with open_file(documents[0].file) as file:
        data = json.load(file)
    assert (data["lines"]["h"], data["certified_by"], data["digest"]) == (
        2_600,
        factories.finance().label,
        first.digest,
    )
    with open_file(documents[1].file) as file:
        assert file.read(5) == b"%PDF-"
    with open_file(documents[2].file) as file:
        sheet = CalamineWorkbook.from_filelike(BytesIO(file.read())).get_sheet_by_index(0)
    cells = {row[0]: row[2] for row in sheet.to_python()}
    assert (cells["10h"], cells["10c"]) == (26, 5)
    for reason, code in (("", "nothing_changed"), ("because", "nothing_changed")):
        with pytest.raises(Refused) as same:
            certify(under, reason=reason)
        assert same.value.code == code
    factories.cost(under, 10, name="late", occurred_on=STARTS_ON)
    with pytest.raises(Refused) as silent:
        certify(under)
    assert silent.value.code == "reason_missing"
    second = certify(under, reason="an invoice came late")
    assert (second.edition, second.supersedes, second.content["lines"]["h"]) == (2, first, 2_590)
    assert FinancialReport.objects.get(pk=first.pk).content["lines"]["h"] == 2_600
    assert AuditEvent.objects.filter(verb="certify_report").count() == 2


@database
def test_only_a_person_of_the_institutes_finance_certifies_what_was_shown() -> None:
    under = a_year()
    finance = factories.finance()
    for actor in (factories.manager(), factories.sponsor("DOE"), factories.finance("lift")):
        with pytest.raises(NotPermitted):
            certify(under, actor=actor)
    token = Actor(
        user_id=finance.user_id,
        label=finance.label,
        grants=finance.grants,
        token_scopes=frozenset({"read", "write"}),
    )
    for actor in (SYSTEM, token):
        with pytest.raises(Refused) as program:
            certify(under, actor=actor)
        assert program.value.code == "person_wanted"
    seen = queries.computed_report(scope(under)).digest
    factories.cost(under, 10, name="since", occurred_on=STARTS_ON)
    for wrong, code in (
        ({"digest": seen}, "figures_changed"),
        ({"period_end": date(2022, 3, 30)}, "period_end_wrong"),
        ({"period_end": date(2022, 6, 30)}, "period_running"),
    ):
        with pytest.raises(Refused) as refused:
            certify(under, **wrong)
        assert refused.value.code == code
    assert FinancialReport.objects.count() == 0


@database
@pytest.mark.database
def test_certified_report_is_proved_by_the_sums_that_it_froze() -> None:
    under = a_year()
    report = certify(under)
    frozen = FinancialReportSum.objects.filter(report=report)
    moved = [
        Moved(
            rules.CODES[TransferCode(one.code)].kind,
            one.debit_kind,
            one.credit_kind,
            one.amount_minor,
        )
        for one in frozen
    ]
    proved = queries.report_from(scope(under), rules.account_sums(moved))
    assert proved.lines.as_dict() == report.content["lines"]
    assert (
        sum(one.transfers for one in frozen)
        == Transfer.objects.filter(agreement=under, occurred_on__lte=QUARTER_END).count()
    )
    factories.cost(under, 10, name="since", occurred_on=STARTS_ON)
    assert services.verify_ledger() == []
    first = frozen[0]
    assert str(first) == f"{report.pk} {first.code}: {first.amount_minor}"
    with triggers.lifted():
        DaySum.objects.filter(code=first.code).update(amount_minor=F("amount_minor") - 1)
    wheres = [problem.where for problem in services.verify_ledger()]
    assert any(where.startswith(f"financial report {report.pk} {first.code}") for where in wheres)


@database
def test_ledger_that_disagrees_with_itself_is_not_certified() -> None:
    under = a_year()
    Account.objects.filter(agreement=under, kind=AccountKind.PAID).update(
        credits_posted=F("credits_posted") + 1
    )
    with pytest.raises(Refused) as refused:
        certify(under)
    assert refused.value.code == "ledger_disagrees"
    assert FinancialReport.objects.count() == 0


@database
@pytest.mark.database
def test_certified_report_is_never_changed() -> None:
    report = certify(a_year())
    changes: tuple[Callable[[], object], ...] = (
        lambda: FinancialReport.objects.update(remarks="other"),
        lambda: report.documents.update(kind="doc"),
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@database
def test_reports_are_seen_by_those_who_oversee_the_agreement() -> None:
    under = a_year()
    report = certify(under)
    factories.sponsorship(agency_key="DOE")
    for actor in (factories.finance(), factories.manager(), factories.sponsor("DOE")):
        assert queries.financial_report_by_id(actor, report.pk) == report
    for actor in (Actor.public(), factories.finance("lift"), factories.member(KEY)):
        with pytest.raises(NotFound):
            queries.financial_report_by_id(actor, report.pk)
