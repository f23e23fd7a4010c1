"""What the rules of the federal financial report decide: its lines and when it is due."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.rules import (
    AccountKind,
    AccountSum,
    LineAccounts,
    ReportBasis,
    ReportLine,
)
from lineshaft.apps.funding.tests.books import assert_identities
from lineshaft.kernel.jurisdiction import IncomeMethodKey
from lineshaft.kernel.periods import FiscalYear
from lineshaft.kernel.profile import load_profile

US = load_profile("us")
SPAN = rules.AwardSpan(date(2021, 10, 1), date(2023, 10, 1), FiscalYear(10))
MINOR = st.integers(min_value=0, max_value=10**15)


@given(
    sums=st.dictionaries(st.sampled_from(AccountKind), st.builds(AccountSum, MINOR, MINOR)),
    basis=st.sampled_from(ReportBasis),
    method=st.sampled_from(IncomeMethodKey),
    required=MINOR,
)
def test_identities_of_the_form_hold_whatever_stands_in_the_accounts(
    sums: dict[AccountKind, AccountSum], basis: ReportBasis, method: str, required: int
) -> None:
    found = rules.lines_from(sums, basis=basis, method=method, required_minor=required).as_dict()
    assert_identities(found, method)


@pytest.mark.parametrize("line", ReportLine)
def test_line_counts_transfers_or_follows_from_others(line: ReportLine) -> None:
    over = {
        rules.accounts_of_line(line, basis, method)
        for basis in ReportBasis
        for method in IncomeMethodKey
    }
    assert (over != {LineAccounts()}) is (line in rules.COUNTED_LINES)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param(date(2021, 12, 30), [], id="before the first end"),
        pytest.param(
            date(2022, 3, 31),
            [
                ("quarterly", date(2021, 12, 31), date(2022, 1, 30)),
                ("quarterly", date(2022, 3, 31), date(2022, 4, 30)),
            ],
            id="two quarters",
        ),
        pytest.param(
            date(2030, 1, 1), [("final", date(2023, 9, 30), date(2024, 1, 28))], id="the last"
        ),
    ],
)
def test_reports_are_due_when_their_periods_end(
    until: date, expected: list[tuple[str, date, date]]
) -> None:
    quarterly, final = US.report_term("quarterly"), US.report_term("final")
    found = [
        (one.term, one.period_end, one.due_on)
        for one in rules.reports_due(SPAN, quarterly, final, until=until)
    ]
    assert found[-len(expected) :] == expected if expected else found == []
    assert len(found) <= 8


@pytest.mark.parametrize(
    ("term", "period_end", "is_refused"),
    [
        pytest.param("quarterly", date(2022, 3, 31), False, id="a quarter"),
        pytest.param("quarterly", date(2022, 3, 30), True, id="a day before"),
        pytest.param("semi_annual", date(2022, 3, 31), False, id="a half"),
        pytest.param("semi_annual", date(2021, 12, 31), True, id="a quarter is no half"),
        pytest.param("annual", date(2022, 9, 30), False, id="a year"),
        pytest.param("annual", date(2021, 9, 30), True, id="before the term"),
        pytest.param("final", date(2023, 9, 30), False, id="the end"),
        pytest.param("final", date(2022, 9, 30), True, id="not the end"),
    ],
)
def test_report_ends_where_its_period_does(term: str, period_end: date, is_refused: bool) -> None:
    refusal = rules.period_ends(period_end, US.report_term(term), SPAN)
    assert (refusal is not None) is is_refused


def test_agreement_reported_on_once_owes_its_final_report_alone() -> None:
    final = US.report_term("final")
    assert rules.reports_due(SPAN, final, final, until=date(2023, 9, 29)) == []
    assert rules.reports_due(SPAN, final, final, until=date(2030, 1, 1)) == [
        rules.ReportDue("final", date(2023, 9, 30), date(2024, 1, 28))
    ]
