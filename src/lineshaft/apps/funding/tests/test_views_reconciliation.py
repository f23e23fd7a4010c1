"""Pages, API and desk of reconciliation."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from lineshaft.apps.funding import queries, services, tasks
from lineshaft.apps.funding.models import LineMatch, OwnIncome, StatementLine, Transfer
from lineshaft.apps.funding.rules import LineSource
from lineshaft.apps.funding.rules import reconciliation as rules_of_matching
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM
from lineshaft.apps.funding.tests.test_reconciliation import bank, drawn_funds, match, own, payment
from lineshaft.apps.funding.views import reconciliation as reconciliation_views
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.context import JobContext, JobStopped, Progress
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
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
    assert counted == [15, 12, 11, 10]


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
    latest = "FY2022 is the latest year with lines."
    assert (latest in newest, latest in html) == (True, False)
    strange = page(client, "show_reconciliation", KEY, month="x", fiscal_year="1", source="y")
    assert "America-Makes" in strange
    before = page(client, "show_reconciliation", KEY, fiscal_year="2021")
    assert "Neither side has anything in these months." in before


def test_unmatched_lines_are_counted_by_counterparty_and_open_to_them() -> None:
    books(2)
    more = [bank(70 + n, f"M-{n}", counterparty="Firm 1") for n in range(2)]
    also = bank(90, "M-9", counterparty="Firm 10")
    services.record_statements(SYSTEM, [*more, also], now=NOW, why="")
    client = client_of(factories.finance())
    html = page(client, "show_reconciliation", KEY, **PERIOD)
    query = urlencode({"source": "bank", **PERIOD, "state": "unmatched", "counterparty": "Firm 1"})
    link = f"{reverse('funding:list_lines', args=[KEY])}?{query}"
    assert f'<a href="{escape(link)}">3</a>' in html
    opened = client.get(link).content.decode()
    assert ("<h1>3 lines" in opened, "Firm 10" in opened) == (True, False)
    assert "Bank statement, FY2022, Firm 1. Together $1.82." in opened


def test_page_without_lines_opens_at_the_present_year() -> None:
    factories.institute()
    html = page(client_of(factories.finance()), "show_reconciliation", KEY)
    year = profile_in_use().fiscal_year_of(clock.today()).year
    assert f"No line of America-Makes is imported for FY{year}" in html
    assert "the latest year with lines" not in html


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
    assert status(manager, "explain_lines", KEY) == 403
    assert status(stranger, "explain_lines", KEY) == 404
    explained = client_of(factories.sponsor()).get(
        reverse("funding:explain_lines", args=[KEY]), {"line": str(bank_line.pk)}
    )
    assert explained.status_code == 404
    assert status(manager, "undo_matches", KEY) == 403
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
    answer = client.post(reverse("funding:match_lines", args=[KEY]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("jobs:list_jobs")
    said = answer.content.decode()
    assert ("a job matches them" in said, "matched by the rules" in said) == (True, False)
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


def test_job_tells_how_far_it_is_and_stopped_it_has_matched_nothing() -> None:
    books()
    services.record_own_income(SYSTEM, own(40), now=NOW)
    payload = {"institute": factories.institute().pk, "source": "bank"}
    job = enqueue(SYSTEM, services.MATCH_LINES_JOB, payload, now=NOW, unique=False)
    progress = Progress(is_stop_wanted=True)
    context = JobContext(job, SYSTEM, progress, exchange=lambda: None)
    with pytest.raises(JobStopped):
        tasks.run_match_lines(context)
    assert LineMatch.objects.filter(source="bank").count() == 0
    progress.is_stop_wanted = False
    heard: list[tuple[int, int]] = []
    institute = factories.institute()
    outcome = services.match_lines(
        SYSTEM, institute, LineSource.BANK, now=NOW, heed=lambda *told: heard.append(told)
    )
    assert (outcome.lines, heard) == (1, [(0, 2), (1, 2)])
    tasks.run_match_lines(context)
    assert (progress.done, progress.total) == (1, 1)


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
    undo = f"{reverse('funding:undo_matches', args=[KEY])}?match={made.pk}"
    assert undo in page(client, "show_match", made.pk)
    assert "Undo 1 match" in client.get(undo).content.decode()
    sent_back = {"match_ids": str(made.pk), "reason": ""}
    assert "This field is required." in client.post(undo, sent_back).content.decode()
    undone = client.post(undo, sent_back | {"reason": "another"}, follow=True).content.decode()
    assert "A match that was undone" in undone
    explain = f"{reverse('funding:explain_lines', args=[KEY])}?line={fee.pk}"
    assert explain in page(client, "show_line", fee.pk)
    assert "Explain 1 line" in client.get(explain).content.decode()
    answer = {"id": str(new_id()), "lines": str(fee.pk), "reason": "fee"}
    told = client.post(explain, answer, follow=True)
    assert told.redirect_chain[-1][0] == reverse("funding:show_line", args=[fee.pk])
    assert "1 line is explained." in told.content.decode()
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


def test_lines_of_a_list_are_ticked_and_explained_in_one_act() -> None:
    _draw, lines = books(3)
    client = client_of(factories.finance())
    listed = reverse("funding:list_lines", args=[KEY])
    explain = reverse("funding:explain_lines", args=[KEY])
    asked = {**PERIOD, "source": "bank", "words": "firm"}
    html = client.get(listed, asked).content.decode()
    firms = [line for line in lines if line.counterparty]
    assert [f'name="line" value="{line.pk}"' in html for line in lines].count(True) == 3
    assert ("Together $1.23." in html, "3 on this page" in html) == (True, True)
    nothing = client.get(explain, {**asked, "which": "ticked"}, follow=True)
    assert nothing.redirect_chain[0][0] == f"{listed}?{urlencode(asked)}"
    assert "Tick the lines that you want to explain." in nothing.content.decode()
    form = client.get(
        explain, {**asked, "which": "ticked", "line": [str(one.pk) for one in firms[:2]]}
    )
    shown = form.content.decode()
    assert ("Explain 2 lines" in shown, "Of Mar 1, 2022, together $0.81." in shown) == (True, True)
    assert f"{firms[0].pk} {firms[1].pk}" in shown
    missing = client.post(explain, {"id": str(new_id()), "lines": str(firms[0].pk), "reason": ""})
    assert (missing.status_code, "Explain 1 line" in missing.content.decode()) == (422, True)
    answer = {"id": str(new_id()), "lines": f"{firms[0].pk} {firms[1].pk}", "reason": "own account"}
    for _twice in range(2):
        done = client.post(f"{explain}?{urlencode({**asked, 'which': 'ticked'})}", answer)
        assert (done.status_code, done.headers["Location"]) == (302, f"{listed}?{urlencode(asked)}")
    assert AuditEvent.objects.get(verb="explain_lines").count == 2
    taken = client.post(explain, {**answer, "id": str(new_id())})
    assert (taken.status_code, LineMatch.objects.filter(rule="explained").count()) == (409, 2)
    by_reason = client.get(listed, {**asked, "words": "own acc"}).content.decode()
    assert ("<h1>2 lines" in by_reason, 'class="ticked"' in by_reason) == (True, False)
    assert "own account" in by_reason


def test_lines_of_a_page_and_of_all_the_list_are_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    books(52)
    client = client_of(factories.finance())
    explain = reverse("funding:explain_lines", args=[KEY])
    asked = {**PERIOD, "source": "bank"}
    html = page(client, "list_lines", KEY, **asked)
    assert ("50 on this page" in html, "53 of this list" in html) == (True, True)
    last = client.get(explain, {**asked, "which": "page", "page": "2"}).content.decode()
    assert ("Explain 3 lines" in last, "Which lines these are" in last) == (True, True)
    form = client.get(explain, {**asked, "which": "list"})
    assert "The first 50 of 53 lines" in form.content.decode()
    lines = form.context["form"].initial["lines"]
    answer = {"id": str(new_id()), "lines": lines, "reason": "another account"}
    done = client.post(f"{explain}?{urlencode(asked)}", answer, follow=True)
    assert "53 lines are explained." in done.content.decode()
    assert LineMatch.objects.filter(rule="explained").count() == 53
    monkeypatch.setattr(rules_of_matching, "LINES_MAX", 0)
    many = client.get(explain, {**PERIOD, "source": "payment", "which": "list"})
    assert (many.status_code, "at most 0 are decided at once" in many.content.decode()) == (
        409,
        True,
    )


def test_explanations_of_a_list_are_undone_in_one_act() -> None:
    _draw, lines = books(3)
    firms = [line.pk for line in lines if line.counterparty]
    services.explain_lines(SYSTEM, firms, id=new_id(), reason="own account", now=NOW)
    client = client_of(factories.finance())
    asked = {**PERIOD, "source": "bank", "state": "explained", "words": "own account"}
    html = page(client, "list_lines", KEY, **asked)
    assert ("Undo the matches of lines" in html, "3 on this page" in html) == (True, True)
    undo = reverse("funding:undo_matches", args=[KEY])
    none = client.get(undo, {**asked, "which": "ticked"}, follow=True).content.decode()
    assert "Tick the lines whose matches you want to undo." in none
    form = client.get(undo, {**asked, "which": "page"})
    assert "Undo 3 matches" in form.content.decode()
    two = client.get(undo, {**asked, "which": "ticked", "line": [str(pk) for pk in firms[:2]]})
    answer = {
        "match_ids": two.context["form"].initial["match_ids"],
        "reason": "a transfer after all",
    }
    for _twice in range(2):
        done = client.post(f"{undo}?{urlencode(asked)}", answer, follow=True)
        assert "2 matches are undone." in done.content.decode()
    assert "<h1>1 line" in done.content.decode()
    event = AuditEvent.objects.get(verb="undo_matches")
    assert (event.count, event.changes["rule"], event.why) == (
        2,
        "explained",
        "a transfer after all",
    )
    assert client.get(undo, {"match": "x"}).status_code == 404


def test_officer_of_an_agency_explains_its_payments_alone() -> None:
    _draw, lines = books()
    sponsor = client_of(factories.sponsor())
    explain = reverse("funding:explain_lines", args=[KEY])
    listed = page(sponsor, "list_lines", KEY, source="payment", **PERIOD)
    left = next(line for line in lines if line.amount_minor == -7)
    assert f'name="line" value="{left.pk}"' in listed
    form = sponsor.get(explain, {**PERIOD, "which": "list"}).content.decode()
    assert ("Explain 1 line" in form, str(left.pk) in form) == (True, True)
    for wrong in ("x", str(new_id()), str(lines[0].pk)):
        assert sponsor.get(explain, {"line": wrong}).status_code == 404
    other = factories.institute("lift").key
    finance = client_of(factories.finance("lift"))
    url = reverse("funding:explain_lines", args=[other])
    assert finance.get(url, {"line": str(left.pk)}).status_code == 404
    officer = client_of(factories.officer())
    strange = officer.get(url, {"line": str(left.pk)})
    assert strange.status_code == 403
    assert 'class="ticked"' not in page(officer, "list_lines", KEY, source="payment", **PERIOD)


def test_lists_say_what_a_line_and_an_entry_are_matched_with() -> None:
    draw, lines = books()
    paid = [
        services.record_own_income(SYSTEM, own(amount, f"{amount}"), now=NOW) for amount in (30, 10)
    ]
    deposit = next(line for line in lines if line.amount_minor == 40)
    joined = services.Joined([deposit.pk], own_incomes=[one.pk for one in paid])
    services.match_by_hand(SYSTEM, joined, id=new_id(), now=NOW)
    client = client_of(factories.finance())
    assert "dues and 1 more" in page(client, "list_lines", KEY, source="bank", **PERIOD)
    assert draw.reference == ""
    assert "Drawdown ·" in page(client, "list_lines", KEY, source="payment", **PERIOD)
    entries = page(client, "list_entries", KEY, source="payment", **PERIOD)
    assert "Mar 1, 2022 P-1" in entries
    long = "a fee " * 30
    fee = next(line for line in lines if line.amount_minor == -5)
    services.explain_lines(SYSTEM, [fee.pk], id=new_id(), reason=long, now=NOW)
    shown = page(client, "list_lines", KEY, source="bank", **PERIOD)
    assert (f"{long[:79]}…" in shown, long in shown) == (True, False)


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
    path, key = "/statement-lines/explanations", str(new_id())
    explanation = {"id": key, "lines": [by_amount[-5]], "reason": "fee"}
    told = {"lines": [{"line_id": by_amount[-5], "match_id": key}]}
    assert sent(client, path, explanation) == (200, told)
    assert sent(client, path, {**explanation, "lines": []})[0] == 422
    undo = {"matches": [made["id"]], "reason": "other"}
    assert sent(client, "/line-matches/undo", undo) == (200, {"matches": [made["id"]]})
    assert sent(client_of(factories.finance("lift")), "/line-matches/undo", undo)[0] == 404
    matches = client.get("/api/v1/line-matches", {"institute": KEY}).json()["items"]
    assert sorted(one["rule"] for one in matches) == ["amount", "by_hand", "explained"]
    stranger = client_of(factories.finance("lift"))
    assert stranger.get("/api/v1/statement-lines").json()["items"] == []
    assert stranger.get("/api/v1/line-matches").json()["items"] == []
    assert sent(stranger, "/line-matches", body)[0] == 404
    assert sent(stranger, path, explanation)[0] == 404
    assert sent(stranger, "/payments/batch", again)[0] == 403


def test_desk_of_finance_counts_the_lines_that_are_unmatched() -> None:
    books()
    html = client_of(factories.finance()).get("/desk/").content.decode()
    due = '<span class="count">3</span>\n      <span><span class="what">Lines of America-Makes are'
    assert due in html
    url = reverse("funding:show_reconciliation", args=[KEY])
    assert f'{url}?fiscal_year=2022"' in html
    later = bank(8, "L-1", booked_on=date(2023, 1, 9))
    services.record_statements(SYSTEM, [later], now=NOW + timedelta(days=900), why="")
    html = client_of(factories.finance()).get("/desk/").content.decode()
    assert html.index(f"{url}?fiscal_year=2023") < html.index(f"{url}?fiscal_year=2022")
    other = client_of(factories.finance("lift")).get("/desk/").content.decode()
    assert "Nothing waits for you" in other


def test_first_line_and_waiting_lines_of_nobody_are_none() -> None:
    assert queries.days_of_lines(SYSTEM, institute=KEY) is None
    assert queries.unmatched_lines_waiting(SYSTEM) == []
    assert queries.unmatched_lines_waiting(factories.finance()) == []
    books()
    counted = queries.unmatched_lines_waiting(factories.finance())
    assert [(one.key, year, count) for one, year, count in counted] == [(KEY, 2022, 3)]
    assert queries.days_of_lines(SYSTEM, agency="DOD") == (date(2022, 3, 1), date(2022, 3, 1))
    assert OwnIncome.objects.count() == 0
