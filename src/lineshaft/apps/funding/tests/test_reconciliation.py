"""Lines of payment files and bank statements: recorded once, matched, joined and taken apart."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import LineMatch, MatchPart, StatementLine, Transfer
from lineshaft.apps.funding.rules import LineSource, LineState
from lineshaft.apps.funding.rules import reconciliation as rules_of_matching
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM, transfer_id
from lineshaft.apps.funding.tests.test_matching import FIRST, Drawn, random_items
from lineshaft.apps.funding.tests.test_sponsors import shared
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.text import untranslated
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.models import Job

database = pytest.mark.django_db


def payment(amount_minor: int = 500, reference: str = "", **content: Any) -> services.PaymentLine:
    given: dict[str, object] = {
        "agreement_id": 0,
        "amount_minor": amount_minor,
        "currency": "USD",
        "booked_on": IN_TERM,
        "reference": reference,
    }
    return services.PaymentLine(**given | content)  # type: ignore[arg-type]  # by name


def bank(amount_minor: int = 500, reference: str = "", **content: Any) -> services.BankLine:
    given: dict[str, object] = {
        "institute_id": factories.institute().pk,
        "account": "main",
        "amount_minor": amount_minor,
        "currency": "USD",
        "booked_on": IN_TERM,
        "reference": reference,
    }
    return services.BankLine(**given | content)  # type: ignore[arg-type]  # by name


def paid(*rows: services.PaymentLine) -> list[StatementLine]:
    services.record_payments(SYSTEM, rows, now=NOW, why="file")
    return list(StatementLine.objects.order_by("booked_on", "amount_minor", "pk"))


def banked(*rows: services.BankLine) -> list[StatementLine]:
    services.record_statements(SYSTEM, rows, now=NOW, why="statement")
    return list(StatementLine.objects.filter(source="bank").order_by("amount_minor", "pk"))


def own(amount_minor: int = 500, name: str = "one", **content: Any) -> services.OwnIncomeRow:
    given: dict[str, object] = {
        "id": transfer_id("own", name),
        "institute_id": factories.institute().pk,
        "stream": "dues",
        "amount_minor": amount_minor,
        "currency": "USD",
        "received_on": IN_TERM,
    }
    return services.OwnIncomeRow(**given | content)  # type: ignore[arg-type]  # by name


def drawn_funds(amount_minor: int = 500) -> Transfer:
    return factories.drawdown(factories.obligation(factories.agreement()), amount_minor)


def match(source: LineSource = LineSource.PAYMENT) -> services.MatchOutcome:
    return services.match_lines(SYSTEM, factories.institute(), source, now=NOW)


def rules_of_lines() -> list[str | None]:
    lines = queries.lines_visible_to(SYSTEM).order_by("amount_minor", "pk")
    return [getattr(line, "match_rule", None) for line in lines]


@database
@pytest.mark.database
def test_payments_recorded_twice_change_nothing_and_the_order_does_not_matter() -> None:
    under = factories.agreement().pk
    rows = [
        payment(500, "P-1", agreement_id=under),
        payment(-500, "P-1", agreement_id=under),
        payment(7, agreement_id=under),
        payment(7, agreement_id=under),
        payment(7, agreement_id=under, text="other"),
    ]
    first = services.record_payments(SYSTEM, rows, now=NOW, why="file")
    again = services.record_payments(SYSTEM, rows[::-1], now=NOW, why="file")
    assert (first.recorded, first.unchanged, again.recorded, again.unchanged) == (5, 0, 0, 5)
    assert services.record_payments(SYSTEM, [], now=NOW, why="").recorded == 0
    event = AuditEvent.objects.get(verb="record_payments")
    assert (event.count, event.institute, event.why) == (5, "america-makes", "file")
    assert [job.payload["source"] for job in Job.objects.all()] == ["payment"]
    line = StatementLine.objects.get(amount_minor=500)
    assert (str(line), line.get_absolute_url()) == ("P-1", f"/statement-lines/{line.pk}/")
    assert str(StatementLine(pk=line.pk)) == str(line.pk)


@database
@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({"amount_minor": 0}, "amount_zero", id="zero"),
        pytest.param({"currency": "EUR"}, "currency_differs", id="currency"),
        pytest.param({"amount_minor": 400}, "line_changed", id="changed amount"),
        pytest.param({"booked_on": FIRST + timedelta(days=1)}, "line_changed", id="changed day"),
        pytest.param({"booked_on": date.min}, "before_records", id="another age"),
        pytest.param({"booked_on": date.max}, "in_the_future", id="to come"),
        pytest.param({"amount_minor": -(2**63 - 1)}, "amount_too_large", id="beyond all sums"),
    ],
)
def test_payment_that_cannot_be_is_refused_at_its_place(content: dict[str, Any], code: str) -> None:
    under = factories.agreement().pk
    changed: dict[str, Any] = {"reference": "P-1", "agreement_id": under} | content
    rows = [payment(500, "P-1", agreement_id=under), payment(**changed)]
    with pytest.raises(services.RefusedRow) as refused:
        services.record_payments(SYSTEM, rows, now=NOW, why="file")
    assert (refused.value.code, refused.value.position) == (code, 1)
    assert StatementLine.objects.count() == 0


@database
def test_payment_of_a_stranger_is_refused() -> None:
    under = factories.agreement().pk
    other = factories.agency("DOE").pk
    with pytest.raises(services.RefusedRow) as refused:
        services.record_payments(
            SYSTEM, [payment(agreement_id=under, agency_id=other)], now=NOW, why=""
        )
    assert refused.value.code == "agency_not_sponsor"
    with pytest.raises(NotFound):
        services.record_payments(
            SYSTEM, [payment(agreement_id=under, agency_id=other + 99)], now=NOW, why=""
        )
    with pytest.raises(NotFound):
        services.record_payments(SYSTEM, [payment(agreement_id=under + 99)], now=NOW, why="")


@database
@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({"amount_minor": 0}, "amount_zero", id="zero"),
        pytest.param({"currency": "EUR"}, "currency_differs", id="currency"),
        pytest.param({"account": " "}, "account_missing", id="account"),
        pytest.param({"booked_on": date.min}, "before_records", id="another age"),
        pytest.param({"booked_on": date.max}, "in_the_future", id="to come"),
        pytest.param({"amount_minor": 2**63 - 1}, "amount_too_large", id="beyond all sums"),
    ],
)
def test_bank_line_that_cannot_be_is_refused_at_its_place(
    content: dict[str, Any], code: str
) -> None:
    with pytest.raises(services.RefusedRow) as refused:
        services.record_statements(SYSTEM, [bank(), bank(**content)], now=NOW, why="")
    assert (refused.value.code, refused.value.position) == (code, 1)


@database
def test_bank_line_of_an_unknown_institute_or_agreement_is_not_found() -> None:
    other = factories.agreement("W911-2", institute_key="lift").pk
    wrong_ones: list[dict[str, Any]] = [{"institute_id": 99}, {"agreement_id": 99}]
    for wrong in (*wrong_ones, {"agreement_id": other}):
        with pytest.raises(NotFound):
            services.record_statements(SYSTEM, [bank(**wrong)], now=NOW, why="")
    assert services.record_statements(SYSTEM, [], now=NOW, why="").recorded == 0


@database
@pytest.mark.database
def test_lines_of_two_institutes_are_recorded_by_one_event_and_matched_by_two_jobs() -> None:
    factories.institute("lift")
    one = bank(5, "A")
    other = bank(6, "B", institute_id=factories.institute("lift").pk)
    services.record_statements(SYSTEM, [one, other], now=NOW, why="")
    assert AuditEvent.objects.get(verb="record_statements").institute == ""
    assert Job.objects.count() == 2


@database
@pytest.mark.database
def test_payment_is_matched_with_its_drawdown_and_again_changes_nothing() -> None:
    draw = drawn_funds()
    (line,) = paid(payment(agreement_id=draw.agreement_id))
    outcome = match()
    assert (outcome.matches_by_rule, outcome.lines, outcome.matches) == ({"amount": 1}, 1, 1)
    assert match() == services.MatchOutcome()
    stored = LineMatch.objects.get()
    assert str(stored) == f"amount {stored.pk}"
    parts = [(one.line_id, one.transfer_id, one.amount_minor) for one in stored.parts.all()]
    assert sorted(parts, key=str) == sorted([(line.pk, None, 500), (None, draw.pk, 500)], key=str)
    assert str(stored.parts.first()) == f"{stored.pk} 500"
    assert Transfer.objects.get(pk=draw.pk).amount_minor == 500
    event = AuditEvent.objects.get(verb="match_lines")
    assert event.changes == {"source": "payment", "matches": {"amount": 1}}


@database
@pytest.mark.database
def test_bank_is_matched_with_drawdown_own_income_programme_income_costs_and_returns() -> None:
    draw = drawn_funds(500)
    under = draw.agreement
    services.return_funds(
        SYSTEM,
        under,
        id=new_id(),
        amount_minor=90,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )
    services.record_own_income(SYSTEM, own(70), now=NOW)
    factories.income(under, 60)
    factories.income_use(under, 40)
    factories.payment(factories.cost(under, 30), 30)
    banked(*(bank(amount, str(amount)) for amount in (500, -90, 70, 60, -40, -30, -5)))
    assert match(LineSource.BANK).matches_by_rule == {"amount": 6}
    assert rules_of_lines() == ["amount", "amount", "amount", None, "amount", "amount", "amount"]


@database
@pytest.mark.database
def test_entry_counts_less_its_corrections_and_a_later_correction_stands_alone() -> None:
    draw = drawn_funds(500)
    correct = {"occurred_on": IN_TERM, "reason": "wrong", "now": NOW}
    services.correct_transfer(SYSTEM, draw, id=new_id(), amount_minor=100, **correct)  # type: ignore[arg-type]
    paid(payment(400, agreement_id=draw.agreement_id))
    assert match().matches_by_rule == {"amount": 1}
    assert MatchPart.objects.count() == 3
    services.correct_transfer(SYSTEM, draw, id=new_id(), amount_minor=50, **correct)  # type: ignore[arg-type]
    paid(payment(-50, agreement_id=draw.agreement_id))
    assert match().matches_by_rule == {"amount": 1}
    entry = services.record_own_income(SYSTEM, own(70), now=NOW)
    services.reverse_own_income(
        SYSTEM,
        entry,
        id=new_id(),
        amount_minor=70,
        received_on=IN_TERM,
        reason="twice",
        now=NOW,
    )
    assert match(LineSource.BANK).matches_by_rule == {"corrected": 1}


@database
@pytest.mark.database
def test_hand_match_joins_once_wants_a_reason_for_a_difference_and_is_undone_for_good() -> None:
    draw = drawn_funds(500)
    (line,) = paid(payment(490, agreement_id=draw.agreement_id))
    joined = services.Joined([line.pk], [draw.pk])
    with pytest.raises(Refused) as refused:
        services.match_by_hand(SYSTEM, joined, id=new_id(), now=NOW)
    assert refused.value.code == "difference_unexplained"
    pk = transfer_id("match")
    made = services.match_by_hand(SYSTEM, joined, id=pk, reason="fee", now=NOW)
    assert services.match_by_hand(SYSTEM, joined, id=pk, reason="fee", now=NOW) == made
    for wrong, code in (
        (services.Joined([line.pk], [draw.pk]), "matched_already"),
        (services.Joined([line.pk]), "match_empty"),
    ):
        with pytest.raises(Refused) as refused:
            services.match_by_hand(SYSTEM, wrong, id=new_id(), reason="x", now=NOW)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        services.match_by_hand(SYSTEM, services.Joined([line.pk]), id=pk, now=NOW)
    assert refused.value.code == "transfer_id_reused"
    with pytest.raises(Refused) as refused:
        services.undo_matches(SYSTEM, [pk], reason="", now=NOW)
    assert refused.value.code == "reason_missing"
    services.undo_matches(SYSTEM, [pk], reason="other", now=NOW)
    services.undo_matches(SYSTEM, [pk], reason="other", now=NOW)
    with pytest.raises(Refused) as refused:
        services.undo_matches(SYSTEM, [pk], reason="again", now=NOW)
    assert refused.value.code == "match_undone"
    assert AuditEvent.objects.filter(verb="undo_matches").count() == 1
    assert rules_of_lines() == [None]
    services.match_by_hand(SYSTEM, joined, id=new_id(), reason="fee", now=NOW)


@database
@pytest.mark.database
def test_hand_match_with_an_entry_of_another_agreement_wants_its_reason() -> None:
    draw = drawn_funds(500)
    (line,) = paid(payment(500, agreement_id=factories.agreement("W911-2").pk))
    joined = services.Joined([line.pk], [draw.pk])
    with pytest.raises(Refused) as refused:
        services.match_by_hand(SYSTEM, joined, id=new_id(), reason=" ", now=NOW)
    assert (refused.value.code, LineMatch.objects.count()) == ("agreement_unexplained", 0)
    made = services.match_by_hand(SYSTEM, joined, id=new_id(), reason="misfiled", now=NOW)
    assert made.reason == "misfiled"


@database
@pytest.mark.database
def test_match_by_rule_that_a_person_undid_is_not_made_again() -> None:
    draw = drawn_funds()
    paid(payment(agreement_id=draw.agreement_id))
    match()
    made = LineMatch.objects.get()
    services.undo_matches(SYSTEM, [made.pk], reason="not this", now=NOW)
    assert match() == services.MatchOutcome()
    assert LineMatch.objects.count() == 1


@database
def test_entries_that_took_each_other_back_can_be_undone_too() -> None:
    entry = services.record_own_income(SYSTEM, own(70), now=NOW)
    services.reverse_own_income(
        SYSTEM, entry, id=new_id(), amount_minor=70, received_on=IN_TERM, reason="x", now=NOW
    )
    match(LineSource.BANK)
    services.undo_matches(SYSTEM, [LineMatch.objects.get().pk], reason="both moved", now=NOW)
    assert match(LineSource.BANK) == services.MatchOutcome()


def explain(lines: Sequence[StatementLine], reason: str = "fee", **asked: Any) -> list[LineMatch]:
    pk, actor = asked.get("id", new_id()), asked.get("actor", SYSTEM)
    ids = [line.pk for line in lines]
    return list(services.explain_lines(actor, ids, id=pk, reason=reason, now=NOW).values())


@database
@pytest.mark.database
def test_explanation_wants_a_reason_stands_once_and_can_be_undone() -> None:
    lines = banked(bank(-5))
    with pytest.raises(Refused) as refused:
        explain(lines, reason=" ")
    assert refused.value.code == "reason_missing"
    pk = new_id()
    (made,) = explain(lines, id=pk)
    assert (made.pk, explain(lines, id=pk)) == (pk, [made])
    with pytest.raises(Refused) as refused:
        explain(lines)
    assert refused.value.code == "matched_already"
    assert rules_of_lines() == ["explained"]
    services.undo_matches(SYSTEM, [pk], reason="no fee", now=NOW)
    assert rules_of_lines() == [None]


@database
@pytest.mark.database
def test_lines_are_explained_all_or_none_by_one_event_and_each_is_undone_by_itself() -> None:
    lines = banked(*(bank(-amount, f"F-{amount}") for amount in (5, 6, 7)))
    (first,) = explain(lines[:1])
    with pytest.raises(Refused) as refused:
        explain(lines)
    assert refused.value.as_text(untranslated) == (
        "The line of 2022-03-01 over -0.07 USD is matched or explained already. Leave it out, or "
        "undo that first."
    )
    assert LineMatch.objects.count() == 1
    services.undo_matches(SYSTEM, [first.pk], reason="all at once", now=NOW)
    pk = new_id()
    made = explain(lines, "fees", id=pk)
    assert (len(made), pk in {one.pk for one in made}) == (3, True)
    parts = [[part.amount_minor for part in one.parts.all()] for one in made]
    assert sorted(parts) == [[-7], [-6], [-5]]
    event = AuditEvent.objects.filter(verb="explain_lines").latest("pk")
    assert (event.count, event.why, event.institute, event.subject_id) == (
        3,
        "fees",
        "america-makes",
        str(pk),
    )
    assert event.changes == {"source": "bank", "amount_minor": -18, "currency": "USD"}
    of_six = made[parts.index([-6])]
    services.undo_matches(SYSTEM, [of_six.pk], reason="no fee", now=NOW)
    assert rules_of_lines() == ["explained", None, "explained"]


@database
@pytest.mark.database
def test_matches_are_undone_all_or_none() -> None:
    lines = banked(*(bank(-amount, f"F-{amount}") for amount in (5, 6)))
    factories.institute("lift")
    one, two = explain(lines)
    services.undo_matches(SYSTEM, [one.pk], reason="first", now=NOW)
    with pytest.raises(Refused) as refused:
        services.undo_matches(SYSTEM, [one.pk, two.pk], reason="both", now=NOW)
    assert refused.value.code == "match_undone"
    for ids in ([], [UUID(int=0)], [two.pk, UUID(int=2**128 - 1)]):
        with pytest.raises(NotFound):
            services.undo_matches(SYSTEM, ids, reason="both", now=NOW)
    assert sorted(rules_of_lines(), key=str) == [None, "explained"]


@database
def test_key_of_an_explanation_stands_for_its_lines_alone() -> None:
    lines = banked(*(bank(-amount, f"F-{amount}") for amount in (5, 6, 7)))
    by_key = sorted(lines, key=lambda line: line.pk)
    pk = new_id()
    made = explain(by_key[1:], id=pk)
    assert explain(by_key[1:], id=pk) == made
    for others in (by_key[:1], by_key):
        with pytest.raises(Refused) as refused:
            explain(others, id=pk)
        assert refused.value.code == "transfer_id_reused"
    assert AuditEvent.objects.filter(verb="explain_lines").count() == 1


@database
def test_lines_of_two_agencies_are_explained_by_who_may_for_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = factories.agency("DOE").pk
    under = shared(services.SponsorPart(other, 4_000_000_00))
    lines = paid(
        payment(5, "P-1", agreement_id=under.pk),
        payment(6, "P-2", agreement_id=under.pk, agency_id=other),
    )
    with pytest.raises(NotPermitted):
        explain(lines, actor=factories.sponsor())
    with pytest.raises(NotFound):
        services.match_by_hand(
            SYSTEM, services.Joined([line.pk for line in lines]), id=new_id(), now=NOW
        )
    with pytest.raises(NotFound):
        explain([*lines, *banked(bank(9))], actor=factories.finance())
    with pytest.raises(NotFound):
        explain([])
    monkeypatch.setattr(rules_of_matching, "LINES_MAX", 1)
    with pytest.raises(Refused) as refused:
        explain(lines, actor=factories.finance())
    assert refused.value.code == "too_many_lines"
    monkeypatch.undo()
    explain(lines, actor=factories.finance())
    assert rules_of_lines() == ["explained", "explained", None]
    assert AuditEvent.objects.get(verb="explain_lines").agency == ""


@database
def test_what_is_not_there_or_not_together_is_not_found() -> None:
    draw = drawn_funds()
    (line,) = paid(payment(agreement_id=draw.agreement_id))
    (other,) = banked(bank(5))
    income = services.record_own_income(SYSTEM, own(5), now=NOW)
    wrong = (
        services.Joined([new_id()], [draw.pk]),
        services.Joined([line.pk, other.pk], [draw.pk]),
        services.Joined([line.pk], [new_id()]),
        services.Joined([line.pk], own_incomes=[income.pk]),
        services.Joined([]),
    )
    for joined_wrong in wrong:
        with pytest.raises(NotFound):
            services.match_by_hand(SYSTEM, joined_wrong, id=new_id(), now=NOW)
    with pytest.raises(NotFound):
        services.undo_matches(SYSTEM, [new_id()], reason="x", now=NOW)
    services.match_by_hand(
        SYSTEM, services.Joined([other.pk], own_incomes=[income.pk]), id=new_id(), now=NOW
    )


@database
def test_who_may_do_what() -> None:
    draw = drawn_funds()
    rows = [payment(agreement_id=draw.agreement_id)]
    finance, sponsor = factories.finance(), factories.sponsor()
    stranger, manager = factories.sponsor("DOE", overseen=""), factories.manager()
    institute = factories.institute()
    for actor in (stranger, manager, factories.finance("lift")):
        with pytest.raises(NotPermitted):
            services.record_payments(actor, rows, now=NOW, why="")
        with pytest.raises(NotPermitted):
            services.match_lines(actor, institute, LineSource.PAYMENT, now=NOW)
    services.record_payments(sponsor, rows, now=NOW, why="")
    line = StatementLine.objects.get()
    with pytest.raises(NotPermitted):
        explain([line], actor=manager)
    assert services.match_lines(sponsor, institute, LineSource.PAYMENT, now=NOW).lines == 1
    made = LineMatch.objects.get()
    with pytest.raises(NotPermitted):
        services.undo_matches(stranger, [made.pk], reason="x", now=NOW)
    services.undo_matches(finance, [made.pk], reason="x", now=NOW)
    with pytest.raises(NotPermitted):
        services.record_statements(sponsor, [bank()], now=NOW, why="")
    services.record_statements(finance, [bank()], now=NOW, why="")
    with pytest.raises(NotPermitted):
        services.match_lines(sponsor, institute, LineSource.BANK, now=NOW)
    assert services.match_lines(finance, institute, LineSource.BANK, now=NOW).lines == 1
    entry = services.record_own_income(SYSTEM, own(70), now=NOW)
    services.reverse_own_income(
        SYSTEM, entry, id=new_id(), amount_minor=70, received_on=IN_TERM, reason="x", now=NOW
    )
    services.match_lines(finance, institute, LineSource.BANK, now=NOW)
    back = LineMatch.objects.get(rule="corrected")
    with pytest.raises(NotPermitted):
        services.undo_matches(sponsor, [back.pk], reason="x", now=NOW)


@database
@pytest.mark.database
def test_database_holds_that_nothing_is_matched_twice_and_no_line_is_changed() -> None:
    draw = drawn_funds()
    (line,) = paid(payment(agreement_id=draw.agreement_id))
    match()
    part = MatchPart.objects.get(transfer=draw)
    for column, pk in (("line_id", line.pk), ("transfer_id", draw.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            MatchPart.objects.create(
                match=part.match, source="payment", amount_minor=1, **{column: pk}
            )
    with pytest.raises(DatabaseError), transaction.atomic():
        StatementLine.objects.update(amount_minor=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        LineMatch.objects.update(rule="by_hand")
    with pytest.raises(DatabaseError), transaction.atomic():
        MatchPart.objects.all().delete()


def test_value_date_far_from_the_booking_is_a_slip() -> None:
    booked = date(2022, 3, 1)
    days = (
        None,
        booked - timedelta(days=rules_of_matching.VALUE_DAYS),
        booked - timedelta(days=5000),
    )
    refusals = [rules_of_matching.value_day(day, booked) for day in days]
    assert [one and one.code for one in refusals] == [None, None, "value_date_far"]


@database
@pytest.mark.database
@given(lines=random_items, entries=random_items, seed=st.integers(0, 9))
@settings(max_examples=settings().max_examples // 8)
def test_matched_and_unmatched_are_all_on_each_side(
    lines: Drawn, entries: Drawn, seed: int
) -> None:
    with transaction.atomic():
        institute = factories.institute()
        for place, (amount, day, name, _agreement) in enumerate(entries):
            on = IN_TERM + timedelta(days=day)
            named = {"external_id": name, "received_on": on}
            services.record_own_income(SYSTEM, own(abs(amount), f"{place}", **named), now=NOW)
        rows = [
            bank(abs(amount), "", booked_on=IN_TERM + timedelta(days=day), text=f"{name} {place}x")
            for place, (amount, day, name, _agreement) in enumerate(lines)
        ]
        Random(seed).shuffle(rows)
        services.record_statements(SYSTEM, rows, now=NOW, why="")
        match(LineSource.BANK)
        first = parts_now()
        assert match(LineSource.BANK) == services.MatchOutcome()
        assert services.record_statements(SYSTEM, rows[::-1], now=NOW, why="").recorded == 0
        assert parts_now() == first
        scope = queries.ReconciliationScope(
            institute, LineSource.BANK, date(2021, 10, 1), date(2022, 10, 1)
        )
        found = queries.reconciliation(SYSTEM, scope)
        for side, items in ((found.lines, lines), (found.ledger, entries)):
            assert side.whole.count == len(items)
            assert side.whole.sum_minor == sum(abs(amount) for amount, *_rest in items)
            parts = [side.of(state) for state in LineState]
            assert sum(one.count for one in parts) == len(items)
        matched = [side.of(LineState.MATCHED).sum_minor for side in (found.lines, found.ledger)]
        assert matched[0] == matched[1]
        assert found.difference_minor == (
            found.ledger.of(LineState.UNMATCHED).sum_minor
            - found.lines.of(LineState.UNMATCHED).sum_minor
        )
        transaction.set_rollback(True)


def parts_now() -> set[tuple[object, ...]]:
    return set(MatchPart.objects.values_list("line", "own_income", "is_open"))
