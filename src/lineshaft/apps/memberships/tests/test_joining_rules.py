from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.rules import BilledLine, EndReason, LineKind, Side
from lineshaft.kernel.datafile import parse_table
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.money import Money
from lineshaft.kernel.spans import Span
from lineshaft.reference.mail_domains import (
    load_public_mail_domains,
    parse_public_mail_domains,
)

NOW = datetime(2022, 11, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
PUBLIC = load_public_mail_domains()


def code_of(refusal: Refusal | None) -> str:
    return refusal.code if refusal else ""


# ------------------------------------------------------------------------------- applications


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (rules.refuse_offer(is_offered=True, institute="MxD", on=TODAY), ""),
        (rules.refuse_offer(is_offered=False, institute="MxD", on=TODAY), "tier_not_offered"),
        (rules.refuse_second_application(has_open=False, organisation="", institute=""), ""),
        (
            rules.refuse_second_application(has_open=True, organisation="", institute=""),
            "applied_already",
        ),
        (rules.refuse_stranger(has_people=False, is_one=False, organisation=""), ""),
        (rules.refuse_stranger(has_people=True, is_one=True, organisation=""), ""),
        (rules.refuse_stranger(has_people=True, is_one=False, organisation=""), "has_people"),
        (rules.refuse_reason(" "), "reason_missing"),
        (rules.refuse_reason("no board seat left"), ""),
        (rules.refuse_reason("x" * 1_001), "too_long"),
        (rules.refuse_start(TODAY, today=TODAY), ""),
        (rules.refuse_start(TODAY + timedelta(days=366), today=TODAY), ""),
        (rules.refuse_start(TODAY + timedelta(days=367), today=TODAY), "start_out_of_range"),
        (rules.refuse_start(TODAY - timedelta(days=367), today=TODAY), "start_out_of_range"),
        (rules.refuse_document("a", "a", "a"), ""),
        (rules.refuse_document("old", "new", "new"), "other_document"),
        (rules.refuse_document("a", "a", "altered"), "other_document"),
        (rules.refuse_second_signature(Side.INSTITUTE, ["organisation"]), ""),
        (rules.refuse_second_signature(Side.INSTITUTE, ["institute"]), "signed_already"),
        (rules.refuse_signatory("Ada", "Director"), ""),
        (rules.refuse_signatory("Ada", " "), "signatory_missing"),
        (rules.refuse_signatory("", "Director"), "signatory_missing"),
        (rules.refuse_signatory("x" * 201, "Director"), "too_long"),
    ],
)
def test_refusals_on_the_way_to_membership(refusal: Refusal | None, code: str) -> None:
    assert code_of(refusal) == code


def test_what_a_signature_lacks_is_named_in_words_that_are_translated() -> None:
    for refusal, said in (
        (rules.refuse_signatory("", "Director"), "The name is missing"),
        (rules.refuse_signatory("Ada", " "), "The title is missing"),
    ):
        assert refusal is not None
        assert (refusal.message.startswith(said), dict(refusal.params)) == (True, {})


def test_open_membership_is_cited() -> None:
    refusal = rules.refuse_offer(is_offered=False, institute="MxD", on=TODAY)
    assert refusal is not None
    assert refusal.citation == rules.OPEN_MEMBERSHIP


def test_the_stations_are_a_way_through_the_workflow() -> None:
    workflow = rules.TRANSITIONS["MembershipApplication"]
    verbs = ("approve_application", "sign_agreement", "admit_applicant")
    state: str = workflow.initial
    passed = [state]
    for verb in verbs:
        state = workflow.target(state, verb)
        passed.append(state)
    assert tuple(passed) == rules.STATIONS
    assert workflow.final == set(workflow.states) - set(rules.OPEN_STATES)


# ----------------------------------------------------------------------------------- invoices


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2022, 1, 15), 1, date(2022, 2, 15)),
        (date(2022, 1, 31), 1, date(2022, 3, 1)),
        (date(2022, 12, 1), 1, date(2023, 1, 1)),
        (date(2022, 11, 1), 36, date(2025, 11, 1)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
    ],
)
def test_month_after(day: date, months: int, expected: date) -> None:
    assert rules.month_after(day, months) == expected


def test_dues_are_billed_a_year_at_a_time_and_cut_at_the_end() -> None:
    start = date(2022, 1, 1)
    assert rules.billed_year(start, date(2025, 1, 1)) == Span(start, date(2023, 1, 1))
    assert rules.billed_year(start, date(2022, 7, 1)) == Span(start, date(2022, 7, 1))
    assert rules.dues_for(365_00, Span(start, date(2023, 1, 1))) == 365_00
    assert rules.dues_for(365_00, Span(start, date(2022, 1, 11))) == 10_00


@given(
    starts_on=st.dates(date(2020, 1, 1), date(2032, 12, 31)),
    years=st.integers(1, 9),
    dues=st.integers(0, 10**9),
)
@example(starts_on=date(2024, 2, 29), years=4, dues=365_00)
def test_a_term_of_whole_years_is_billed_as_many_years(
    starts_on: date, years: int, dues: int
) -> None:
    day, ends_on, billed_minor = starts_on, rules.month_after(starts_on, 12 * years), 0
    while day < ends_on:
        span = rules.billed_year(day, ends_on)
        assert span.ends_on is not None
        day, billed_minor = span.ends_on, billed_minor + rules.dues_for(dues, span)
    assert billed_minor == years * dues


def test_change_of_tier_credits_and_charges_by_days() -> None:
    year = Span(date(2022, 1, 1), date(2023, 1, 1))
    lines = rules.lines_of_change(
        paid=year,
        paid_minor=365_00,
        on=date(2022, 12, 2),
        old_tier="sme",
        new_tier="industry",
        new_dues_minor=3_650_00,
    )
    rest = Span(date(2022, 12, 2), date(2023, 1, 1))
    assert lines == (
        BilledLine(LineKind.CREDIT, "sme", rest, -30_00),
        BilledLine(LineKind.CHARGE, "industry", rest, 300_00),
    )


@given(
    dues=st.integers(0, 10**9),
    used=st.integers(1, 364),
)
def test_change_to_equal_dues_comes_to_nothing(dues: int, used: int) -> None:
    year = Span(date(2022, 1, 1), date(2023, 1, 1))
    lines = rules.lines_of_change(
        paid=year,
        paid_minor=dues,
        on=year.starts_on + timedelta(days=used),
        old_tier="a",
        new_tier="b",
        new_dues_minor=dues,
    )
    assert sum(line.amount_minor for line in lines) == 0
    assert 0 <= lines[1].amount_minor <= dues


@given(
    starts_on=st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    dues=st.integers(0, 10**9),
    passed=st.lists(st.integers(1, 364), min_size=2, max_size=5, unique=True).map(sorted),
)
def test_each_further_change_to_equal_dues_comes_to_nothing(
    starts_on: date, dues: int, passed: list[int]
) -> None:
    paid, paid_minor = rules.billed_year(starts_on, date(2040, 1, 1)), dues
    behind: list[Span] = []
    for days in passed:
        credit, charge = rules.lines_of_change(
            paid=paid,
            paid_minor=paid_minor,
            on=starts_on + timedelta(days=days),
            old_tier="a",
            new_tier="b",
            new_dues_minor=dues,
            behind=behind,
        )
        assert credit.amount_minor + charge.amount_minor == 0
        behind.append(paid)
        paid, paid_minor = charge.span, charge.amount_minor


NEXT_YEAR = TODAY + timedelta(days=365)
LEFT = Money(500, "USD")


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (rules.refuse_unpaid(is_settled=True), ""),
        (rules.refuse_unpaid(is_settled=False), "unpaid"),
        (rules.refuse_nothing_owed(1), ""),
        (rules.refuse_nothing_owed(0), "nothing_owed"),
        (rules.refuse_second_invoice(""), ""),
        (rules.refuse_second_invoice("MXD-1"), "invoice_open"),
        (rules.refuse_payment(0, LEFT), "not_positive"),
        (rules.refuse_payment(500, LEFT), ""),
        (rules.refuse_payment(501, LEFT), "overpaid"),
        (rules.refuse_other_payment(is_same=True), ""),
        (rules.refuse_other_payment(is_same=False), "other_payment"),
        (rules.refuse_cancel(Money(0, "USD"), has_credit=False), ""),
        (rules.refuse_cancel(Money(0, "USD"), has_credit=True), "holds_credit"),
        (rules.refuse_cancel(LEFT, has_credit=False), "partly_paid"),
        (rules.refuse_closing("MXD-1", ""), ""),
        (rules.refuse_closing("MXD-1", "MXD-2"), "credit_taken"),
        (rules.refuse_other_refund(is_same=True), ""),
        (rules.refuse_other_refund(is_same=False), "other_refund"),
        (rules.refuse_refund(1), ""),
        (rules.refuse_refund(0), "refunded"),
        (rules.refuse_open_invoice(""), ""),
        (rules.refuse_open_invoice("MXD-1"), "invoice_open"),
        (rules.refuse_billed(TODAY, None, today=TODAY), "no_end"),
        (rules.refuse_billed(TODAY, TODAY, today=TODAY), "billed_to_end"),
        (rules.refuse_billed(TODAY, NEXT_YEAR, today=TODAY - timedelta(days=120)), ""),
        (rules.refuse_billed(TODAY, NEXT_YEAR, today=TODAY - timedelta(days=121)), "billed_early"),
    ],
)
def test_refusals_of_invoices(refusal: Refusal | None, code: str) -> None:
    assert code_of(refusal) == code


def test_when_an_invoice_is_due_and_a_membership_lapses() -> None:
    due = rules.due_on(TODAY, TODAY + timedelta(days=10), days=30)
    assert due == TODAY + timedelta(days=40)
    assert rules.due_on(TODAY, date(2020, 1, 1), days=30) == TODAY + timedelta(days=30)
    for taken_back_on, begins in (
        (None, due),
        (due - timedelta(days=1), due),
        (due + timedelta(days=9), due + timedelta(days=9)),
    ):
        lapses_on = rules.lapses_on(due, taken_back_on=taken_back_on, grace_days=60)
        assert lapses_on == begins + timedelta(days=60)


@pytest.mark.parametrize(
    ("paid_minor", "is_settled", "verb"),
    [
        (1, False, "owe_refund"),
        (1, True, "owe_refund"),
        (0, True, "free_credits"),
        (0, False, "cancel_invoice"),
    ],
)
def test_what_becomes_of_the_invoice_of_a_closed_application(
    paid_minor: int, is_settled: bool, verb: str
) -> None:
    assert rules.closing_verb(paid_minor, is_settled=is_settled) == verb
    assert rules.invoice_number("mxd", 2022, 7) == "MXD-2022-0007"


# ------------------------------------------------------------------------------------ changes


def renewal(**changes: object) -> str:
    said = {
        "ends_on": TODAY,
        "ended_reason": "",
        "renewed_from": None,
        "grace_days": 60,
        "today": TODAY,
    }
    return code_of(rules.refuse_renewal(**(said | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"ended_reason": "term_ended"}, ""),
        ({"ends_on": None}, "no_end"),
        ({"ended_reason": "breach"}, "ended_otherwise"),
        ({"renewed_from": TODAY}, "renewed"),
        ({"ends_on": TODAY + timedelta(days=120)}, ""),
        ({"ends_on": TODAY + timedelta(days=121)}, "too_early"),
        ({"ends_on": TODAY - timedelta(days=60)}, ""),
        ({"ends_on": TODAY - timedelta(days=61)}, "grace_over"),
    ],
)
def test_refusals_of_a_renewal(changes: dict[str, object], code: str) -> None:
    assert renewal(**changes) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"new_tier": "sme"}, "same_tier"),
        ({"on": TODAY - timedelta(days=1)}, "change_in_past"),
        ({"held": Span(TODAY, None)}, "not_in_force"),
        ({"held": Span(date(2022, 1, 1), TODAY)}, "not_in_force"),
        ({"held": Span(date(2022, 1, 1), TODAY + timedelta(days=1))}, ""),
        ({"held": Span(date(2022, 1, 1), NEXT_YEAR), "ended_reason": "left"}, "end_settled"),
        ({"followed_from": NEXT_YEAR}, "followed"),
    ],
)
def test_refusals_of_a_change(changes: dict[str, object], code: str) -> None:
    said = {
        "old_tier": "sme",
        "new_tier": "industry",
        "on": TODAY,
        "held": Span(date(2022, 1, 1), None),
        "ended_reason": "",
        "followed_from": None,
        "today": TODAY,
    }
    assert code_of(rules.refuse_change(**(said | changes))) == code  # type: ignore[arg-type]


def test_refusals_of_an_end() -> None:
    later = TODAY + timedelta(days=1)
    assert code_of(rules.refuse_past_end(TODAY, today=TODAY)) == ""
    assert code_of(rules.refuse_past_end(TODAY, today=later)) == "end_in_past"
    assert code_of(rules.refuse_next_term(None, TODAY)) == ""
    assert code_of(rules.refuse_next_term(TODAY, later)) == ""
    assert code_of(rules.refuse_next_term(later, TODAY)) == "next_term"
    assert code_of(rules.refuse_end_reason(EndReason.LEFT, later)) == ""
    assert code_of(rules.refuse_end_reason(EndReason.TERM_ENDED, None)) == ""
    assert code_of(rules.refuse_end_reason(EndReason.TERM_ENDED, later)) == "term_runs"
    assert code_of(rules.refuse_end_reason(EndReason.TIER_CHANGED, None)) == "tier_changes"


# ------------------------------------------------------------------------------------- access


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@anvil.example", "anvil.example"),
        (" Ada@Anvil.Example ", "anvil.example"),
        ("ada", ""),
        ("@anvil.example", ""),
        ("ada@localhost", ""),
        ("ada@-anvil.example", ""),
        ("ada@anvil.example.", ""),
        (f"ada@{'a' * 64}.example", ""),
        ("ada@192.168.0.1", ""),
    ],
)
def test_domain_of(address: str, domain: str) -> None:
    assert rules.domain_of(address) == domain


@pytest.mark.parametrize(
    ("address", "is_taken", "code"),
    [
        ("ada@anvil.example", False, ""),
        ("ada@anvil.example", True, "domain_taken"),
        ("ada@gmail.com", False, "public_domain"),
        ("ada@vip.qq.com", False, "public_domain"),
        ("ada@mail.gmail.com", False, "public_domain"),
        ("ada@notgmail.com", False, ""),
        ("ada", False, "no_domain"),
    ],
)
def test_refusals_of_a_domain(address: str, is_taken: bool, code: str) -> None:
    assert code_of(rules.refuse_domain(address, PUBLIC, is_taken=is_taken)) == code


@pytest.mark.parametrize(
    ("addresses", "is_used", "hours", "code"),
    [
        ({"Ada@anvil.example"}, False, 1, ""),
        ({"bob@anvil.example"}, False, 1, "other_address"),
        (set(), False, 1, "other_address"),
        ({"ada@anvil.example"}, True, 1, "invitation_used"),
        ({"ada@anvil.example"}, False, 0, "invitation_over"),
    ],
)
def test_refusals_of_an_invitation(
    addresses: set[str],
    is_used: bool,
    hours: int,
    code: str,
) -> None:
    refusal = rules.refuse_invitation(
        email="ada@anvil.example",
        addresses=addresses,
        expires_at=NOW + timedelta(hours=hours),
        is_used=is_used,
        now=NOW,
    )
    assert code_of(refusal) == code


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (rules.refuse_code(is_right=True, attempts=4, asked_at=NOW, now=NOW), ""),
        (rules.refuse_code(is_right=False, attempts=4, asked_at=NOW, now=NOW), "code_wrong"),
        (rules.refuse_code(is_right=True, attempts=5, asked_at=NOW, now=NOW), "code_over"),
        (
            rules.refuse_code(
                is_right=True, attempts=0, asked_at=NOW, now=NOW + timedelta(hours=24)
            ),
            "code_over",
        ),
        (rules.refuse_joiner(is_at_domain=True), ""),
        (rules.refuse_joiner(is_at_domain=False), "not_at_domain"),
        (rules.refuse_member_invited(is_one=False), ""),
        (rules.refuse_member_invited(is_one=True), "is_one"),
        (rules.refuse_removal(is_oneself=False, is_registered=False), ""),
        (rules.refuse_removal(is_oneself=True, is_registered=False), "oneself"),
        (rules.refuse_removal(is_oneself=False, is_registered=True), "registered"),
    ],
)
def test_refusals_of_access(refusal: Refusal | None, code: str) -> None:
    assert code_of(refusal) == code


def test_public_mail_domains_are_read_and_a_slip_is_refused() -> None:
    assert {"gmail.com", "qq.com", "163.com", "outlook.com"} <= PUBLIC
    slip = '[[services]]\nsource = "x"\nconfidence = "low"\ndomains = ["Gmail.com"]\n'
    with pytest.raises(Invalid, match="domains"):
        parse_public_mail_domains(parse_table(slip, "slip.toml"))
