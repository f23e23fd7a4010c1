"""Pages, API and desk of reconciliation."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries, services, tasks
from lineshaft.apps.funding.models import LineMatch, OwnIncome, StatementLine, Transfer
from lineshaft.apps.funding.rules import LineSource
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM
from lineshaft.apps.funding.tests.test_reconciliation import bank, drawn_funds, match, own, payment
from lineshaft.apps.funding.views import reconciliation as reconciliation_views
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle

KEY = "america-makes"
PERIOD = {"fiscal_year": "2022"}
pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(factories.granted(actor))
    return client


def page(client: Client, name: str, *args: object, **asked: str) -> str:
    response = client.get(reverse(f"funding:{name}", args=args), asked)
    assert response.status_code == 200
    return response.content.decode()


def status(client: Client, name: str, *args: object) -> int:
    return client.get(reverse(f"funding:{name}", args=args)).status_code


def books(lines: int = 1) -> tuple[Transfer, list[StatementLine]]:
    """A drawdown with its payment; of the bank a fee, and lines that nothing explains."""
    factories.sponsorship()
    draw = drawn_funds(500)
    under = draw.agreement_id
    file = [payment(500, "P-1", agreement_id=under), payment(-7, "P-2", agreement_id=under)]
    services.record_payments(SYSTEM, file, now=NOW, why="file")
    statement = [
        bank(-5, "B-0", text="monthly fee", origin="march.csv", value_on=IN_TERM),
        *(bank(40 + n, f"B-{n + 1}", counterparty=f"Firm {n}") for n in range(lines)),
    ]
    services.record_statements(SYSTEM, statement, now=NOW, why="statement")
    match()
    return draw, list(StatementLine.objects.order_by("source", "amount_minor"))


@pytest.mark.parametrize("lines", [1, 3])
def test_pages_show_both_sides_with_constant_queries(lines: int) -> None:
    books(lines)
    for place in range(lines):
        services.record_own_income(SYSTEM, own(900 + place, f"{place}"), now=NOW)
    client = client_of(factories.finance())
    client.get(reverse("funding:show_reconciliation", args=[KEY]))
    counted = []
    for name in ("show_reconciliation", "list_lines", "list_entries", "export_lines"):
        args = (KEY, "csv") if name == "export_lines" else (KEY,)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(
                reverse(f"funding:{name}", args=args), {**PERIOD, "source": "bank"}
            )
            b"".join(response) if response.streaming else response.content
        assert response.status_code == 200
        counted.append(len(captured))
    assert counted == [13, 11, 11, 10]


def test_page_sums_both_sides_to_the_cent_and_opens_to_what_it_counts() -> None:
    draw, _lines = books()
    client = client_of(factories.finance())
    html = page(client, "show_reconciliation", KEY, **PERIOD)
    assert "3 lines of America-Makes are unmatched in FY2022" in html
    assert "Match by the rules" in html
    assert "Import a bank statement" in html
    assert html.count("<svg") >= 2
    opened = page(client, "list_lines", KEY, source="payment", state="unmatched", **PERIOD)
    assert ("1 line" in opened, "P-2" in opened, "P-1" in opened) == (True, True, False)
    matched = page(client, "list_entries", KEY, source="payment", state="matched", **PERIOD)
    assert ("1 entry of the ledger" in matched, str(draw.pk) in matched) == (True, True)
    left = page(client, "list_entries", KEY, source="bank", state="unmatched", **PERIOD)
    assert str(draw.pk) in left
    month = page(client, "show_reconciliation", KEY, month="2022-03-01", **PERIOD)
    assert "are unmatched in Mar 2022" in month
    other = page(client, "show_reconciliation", KEY, month="2021-10-01", **PERIOD)
    assert "No line of America-Makes is imported for Oct 2021" in other
    newest = page(client, "show_reconciliation", KEY)
    assert "are unmatched in FY2022" in newest
    strange = page(client, "show_reconciliation", KEY, month="x", fiscal_year="1", source="y")
    assert "America-Makes" in strange
    before = page(client, "show_reconciliation", KEY, fiscal_year="2021")
    assert "Neither side has anything in these months." in before


def test_lists_are_filtered_by_words_and_agency_and_exported() -> None:
    books()
    client = client_of(factories.finance())
    found = page(client, "list_lines", KEY, source="bank", words="firm", **PERIOD)
    assert ("B-1" in found, "B-0" in found) == (True, False)
    none = page(client, "list_lines", KEY, source="payment", agency="DOD", words="zzz", **PERIOD)
    assert "No line answers to this filter." in none
    income = services.record_own_income(SYSTEM, own(40), now=NOW)
    match(LineSource.BANK)
    for name, expected in (
        ("export_lines", "B-0"),
        ("export_entries", str(income.pk)),
    ):
        response = client.get(
            reverse(f"funding:{name}", args=[KEY, "csv"]), {**PERIOD, "source": "bank"}
        )
        assert expected in b"".join(response).decode()
    entries = page(client, "list_entries", KEY, source="payment", agency="DOD", **PERIOD)
    assert "Drawdown" in entries
    income_page = page(client, "list_entries", KEY, source="bank", state="matched", **PERIOD)
    assert reverse("funding:show_own_income", args=[income.pk]) in income_page


def test_who_reads_what() -> None:
    _draw, lines = books()
    bank_line = lines[0]
    paid_line = next(line for line in lines if line.source == "payment")
    sponsor, stranger = client_of(factories.sponsor()), client_of(factories.finance("lift"))
    html = page(sponsor, "show_reconciliation", KEY, **PERIOD)
    assert ("The ledger and the payment file" in html, "The ledger and the bank" in html) == (
        True,
        False,
    )
    assert "monthly fee" not in page(sponsor, "list_lines", KEY, source="bank", **PERIOD)
    assert status(sponsor, "show_line", paid_line.pk) == 200
    assert status(sponsor, "show_line", bank_line.pk) == 404
    made = LineMatch.objects.get()
    assert status(sponsor, "show_match", made.pk) == 200
    assert status(stranger, "show_match", made.pk) == 404
    for name in ("show_reconciliation", "list_lines", "list_entries"):
        assert status(stranger, name, KEY) == 404
    assert status(client_of(factories.officer()), "show_reconciliation", KEY) == 200
    manager = client_of(factories.manager())
    assert status(manager, "match_by_hand", bank_line.pk) == 403
    assert status(manager, "explain_line", bank_line.pk) == 403
    assert status(manager, "undo_match", made.pk) == 403
    assert "Match by the rules" not in page(manager, "show_reconciliation", KEY)
    assert manager.post(reverse("funding:match_lines", args=[KEY])).status_code == 403
    assert "Undo" in page(sponsor, "show_match", made.pk)
    funding = page(client_of(factories.finance()), "show_funding", KEY)
    assert reverse("funding:show_reconciliation", args=[KEY]) in funding


def test_agency_sees_its_payments_by_institute() -> None:
    books()
    sponsor = client_of(factories.sponsor())
    html = page(sponsor, "show_agency_payments", "DOD", **PERIOD)
    assert "In FY2022 the ledger and the payments of DOD differ by $0.07" in html
    assert "America-Makes" in html
    after = {"fiscal_year": "2022", "month": "2022-09-01"}
    agreed = "the ledger and the payments of DOD agree"
    assert agreed in page(sponsor, "show_agency_payments", "DOD", **after)
    assert status(sponsor, "show_agency_payments", "DOE") == 404
    assert status(client_of(factories.finance()), "show_agency_payments", "DOD") == 404
    factories.agency("DOE")
    empty = page(client_of(factories.officer()), "show_agency_payments", "DOE")
    assert "Neither side has anything in these days." in empty
    assert "All payments of DOD" in page(sponsor, "show_reconciliation", KEY)


def test_matching_runs_at_once_or_as_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    books()
    services.record_own_income(SYSTEM, own(40), now=NOW)
    Job.objects.all().delete()
    client = client_of(factories.finance())
    answer = client.post(reverse("funding:match_lines", args=[KEY]), follow=True)
    assert "1 line was matched by the rules." in answer.content.decode()
    assert Job.objects.count() == 0
    monkeypatch.setattr(reconciliation_views, "INLINE_LINES", 0)
    answer = client.post(reverse("funding:match_lines", args=[KEY]))
    assert answer.headers["Location"] == reverse("jobs:list_jobs")
    assert sorted(job.payload["source"] for job in Job.objects.all()) == ["bank", "payment"]


def test_job_matches_what_an_import_brought() -> None:
    draw = drawn_funds(500)
    services.record_payments(
        SYSTEM, [payment(500, agreement_id=draw.agreement_id)], now=NOW, why="file"
    )
    assert list(tasks.JOBS) == [services.MATCH_LINES_JOB]
    assert run_until_idle() == 1
    assert [job.state for job in Job.objects.all()] == ["done"]
    assert LineMatch.objects.get().rule == "amount"


def test_line_offers_to_record_what_the_ledger_lacks_filled_in() -> None:
    draw, lines = books()
    client = client_of(factories.finance())
    deposit = next(line for line in lines if line.amount_minor == 40)
    html = page(client, "show_line", deposit.pk)
    assert "$0.40 on Mar 1, 2022: Unmatched" in html
    url = reverse("funding:record_own_income", args=[KEY])
    assert f"{url}?amount_minor=0.40&amp;received_on=2022-03-01&amp;payer=Firm+0" in html
    form = client.get(
        url, {"amount_minor": "0.40", "payer": "Firm 0", "id": "no-such-id"}
    ).content.decode()
    assert ('value="0.40"' in form, 'value="Firm 0"' in form, 'value="no-such-id"' in form) == (
        True,
        True,
        False,
    )
    under = draw.agreement
    back = next(line for line in lines if line.amount_minor == -7)
    assert reverse("funding:return_funds", args=[under.pk]) in page(client, "show_line", back.pk)
    services.record_statements(
        SYSTEM,
        [
            bank(900, "B-9", agreement_id=under.pk, booked_on=IN_TERM + timedelta(days=1)),
            bank(-90, "B-10", agreement_id=under.pk, counterparty="Lathe Makers"),
        ],
        now=NOW,
        why="",
    )
    more = StatementLine.objects.get(amount_minor=900)
    obligation = queries.open_obligations(under)[0]
    assert reverse("funding:draw_funds", args=[obligation.pk]) in page(client, "show_line", more.pk)
    factories.obligation(under, 5, name="second")
    assert under.get_absolute_url() in page(client, "show_line", more.pk)
    spent = page(client, "show_line", StatementLine.objects.get(amount_minor=-90).pk)
    assert reverse("funding:record_cost", args=[under.pk]) in spent
    cost = client.get(reverse("funding:record_cost", args=[under.pk]), {"payee": "Lathe Makers"})
    assert 'value="Lathe Makers"' in cost.content.decode()
    plain = page(client_of(factories.sponsor()), "show_line", back.pk)
    assert "If the ledger lacks it" not in plain


def test_line_without_an_open_obligation_offers_no_drawdown() -> None:
    under = factories.agreement()
    services.record_payments(SYSTEM, [payment(5, agreement_id=under.pk)], now=NOW, why="")
    line = StatementLine.objects.get()
    html = page(client_of(factories.finance()), "show_line", line.pk)
    assert "If the ledger lacks it" not in html


def test_person_matches_by_hand_explains_and_undoes() -> None:
    draw, lines = books()
    income = services.record_own_income(SYSTEM, own(45, payer="Firm 0"), now=NOW)
    client = client_of(factories.finance())
    deposit = next(line for line in lines if line.amount_minor == 40)
    fee = next(line for line in lines if line.amount_minor == -5)
    url = reverse("funding:match_by_hand", args=[deposit.pk])
    form = client.get(url).content.decode()
    assert f"own_income:{income.pk}" in form
    assert f"transfer:{draw.pk}" in form
    assert str(fee.pk) in form
    data = {"id": str(new_id()), "entries": [f"own_income:{income.pk}"], "reason": ""}
    refused = client.post(url, data)
    assert refused.status_code == 409
    assert "The two sides do not sum to the same." in refused.content.decode()
    done = client.post(
        url, data | {"lines": [str(fee.pk)], "reason": "a fee kept back"}, follow=True
    )
    html = done.content.decode()
    assert "A match with a difference" in html
    assert ("a fee kept back" in html, "-$0.10" in html) == (True, True)
    assert "Open the match" in page(client, "show_line", fee.pk)
    made = LineMatch.objects.get(rule="by_hand")
    undo = reverse("funding:undo_match", args=[made.pk])
    assert client.get(undo).status_code == 200
    assert "This field is required." in client.post(undo, {"reason": ""}).content.decode()
    undone = client.post(undo, {"reason": "another"}, follow=True).content.decode()
    assert "A match that was undone" in undone
    explain = reverse("funding:explain_line", args=[fee.pk])
    assert client.get(explain).status_code == 200
    told = client.post(explain, {"id": str(new_id()), "reason": "fee"}, follow=True)
    assert "Explained" in told.content.decode()
    explained = LineMatch.objects.get(rule="explained")
    assert "An explained line" in page(client, "show_match", explained.pk)
    for name, count in (("list_lines", "1 line"), ("list_entries", "0 entries")):
        listed = page(client, name, KEY, source="bank", state="explained", **PERIOD)
        assert f"<h1>{count}" in listed
    assert status(client_of(factories.officer()), "show_match", explained.pk) == 200
    payment_line = next(line for line in lines if line.amount_minor == -7)
    offered = page(client, "match_by_hand", payment_line.pk)
    assert ("own_income:" in offered, "Further lines" in offered) == (False, False)
    sure = client.post(
        reverse("funding:match_by_hand", args=[deposit.pk]),
        {"id": str(new_id()), "entries": [f"transfer:{draw.pk}"], "reason": "x"},
        follow=True,
    )
    assert sure.status_code == 200


def test_match_pages_say_what_they_join() -> None:
    books()
    client = client_of(factories.finance())
    made = LineMatch.objects.get()
    assert "A match without a difference" in page(client, "show_match", made.pk)
    entry = services.record_own_income(SYSTEM, own(70), now=NOW)
    services.reverse_own_income(
        SYSTEM, entry, id=new_id(), amount_minor=70, received_on=IN_TERM, reason="x", now=NOW
    )
    match(LineSource.BANK)
    back = LineMatch.objects.get(rule="corrected")
    assert "Entries that took each other back" in page(client, "show_match", back.pk)
    assert status(client_of(factories.sponsor()), "show_match", back.pk) == 404


# ------------------------------------------------------------------------------------------ API


def sent(client: Client, path: str, body: dict[str, Any]) -> Any:
    response = client.post(f"/api/v1{path}", body, content_type="application/json")
    return response.status_code, response.json()


def test_api_records_matches_joins_and_undoes() -> None:
    factories.sponsorship()
    draw = drawn_funds(500)
    income = services.record_own_income(SYSTEM, own(45), now=NOW)
    client = client_of(factories.finance())
    line = {"booked_on": "2022-03-01", "currency": "USD"}
    paid = line | {"agreement_id": draw.agreement_id, "amount_minor": 500, "agency": "DOD"}
    again = {"payments": [paid], "why": "file"}
    assert sent(client, "/payments/batch", again) == (200, {"recorded": 1, "unchanged": 0})
    assert sent(client, "/payments/batch", again) == (200, {"recorded": 0, "unchanged": 1})
    booked = line | {"account": "main", "amount_minor": 40, "agreement_id": draw.agreement_id}
    fee = line | {"account": "main", "amount_minor": -5}
    answer = sent(client, f"/institutes/{KEY}/statements/batch", {"lines": [booked, fee]})
    assert answer == (200, {"recorded": 2, "unchanged": 0})
    answer = sent(client, f"/institutes/{KEY}/match-lines", {"source": "payment"})
    assert answer == (200, {"matches_by_rule": {"amount": 1}, "lines": 1})
    listed = client.get("/api/v1/statement-lines", {"state": "unmatched"}).json()["items"]
    assert [one["amount_minor"] for one in listed] in ([40, -5], [-5, 40])
    by_amount = {one["amount_minor"]: one["id"] for one in listed}
    paid_out = client.get("/api/v1/statement-lines", {"source": "payment"}).json()["items"][0]
    assert (paid_out["rule"], paid_out["agency"], bool(paid_out["match_id"])) == (
        "amount",
        "DOD",
        True,
    )
    body = {"id": str(new_id()), "lines": [by_amount[40]], "own_incomes": [str(income.pk)]}
    assert sent(client, "/line-matches", body)[0] == 409
    code, made = sent(client, "/line-matches", body | {"reason": "a fee"})
    assert (code, made["rule"], len(made["parts"])) == (200, "by_hand", 2)
    path = f"/statement-lines/{by_amount[-5]}/explanation"
    code, explained = sent(client, path, {"id": str(new_id()), "reason": "fee"})
    assert (code, explained["rule"]) == (200, "explained")
    code, undone = sent(client, f"/line-matches/{made['id']}/undo", {"reason": "other"})
    assert (code, undone["is_undone"], undone["undo_reason"]) == (200, True, "other")
    matches = client.get("/api/v1/line-matches", {"institute": KEY}).json()["items"]
    assert sorted(one["rule"] for one in matches) == ["amount", "by_hand", "explained"]
    stranger = client_of(factories.finance("lift"))
    assert stranger.get("/api/v1/statement-lines").json()["items"] == []
    assert stranger.get("/api/v1/line-matches").json()["items"] == []
    assert sent(stranger, "/line-matches", body)[0] == 404
    assert sent(stranger, path, {"id": str(new_id()), "reason": "x"})[0] == 404
    assert sent(stranger, "/payments/batch", again)[0] == 403


def test_desk_of_finance_counts_the_lines_that_are_unmatched() -> None:
    books()
    html = client_of(factories.finance()).get("/desk/").content.decode()
    due = '<span class="count">3</span>\n      <span><span class="what">Lines of America-Makes are'
    assert due in html
    assert reverse("funding:show_reconciliation", args=[KEY]) in html
    other = client_of(factories.finance("lift")).get("/desk/").content.decode()
    assert "Nothing waits for you" in other


def test_first_line_and_waiting_lines_of_nobody_are_none() -> None:
    assert queries.days_of_lines(SYSTEM, institute=KEY) is None
    assert queries.unmatched_lines_waiting(SYSTEM) == []
    assert queries.unmatched_lines_waiting(factories.finance()) == []
    books()
    counted = queries.unmatched_lines_waiting(factories.finance())
    assert [(one.key, count) for one, count in counted] == [(KEY, 3)]
    assert queries.days_of_lines(SYSTEM, agency="DOD") == (date(2022, 3, 1), date(2022, 3, 1))
    assert OwnIncome.objects.count() == 0
