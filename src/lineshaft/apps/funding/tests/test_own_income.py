"""An institute's own income: recorded, imported, reversed; by stream with programme income."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import exchange, queries, rules, services
from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM, TODAY
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.money import Money
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.spec import ImportContext, Row, Value

KEY = "america-makes"
database = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def row(name: str = "one", **given: object) -> services.OwnIncomeRow:
    content: dict[str, object] = {
        "id": factories.transfer_id("own", name),
        "institute_id": factories.institute().pk,
        "stream": "dues",
        "amount_minor": 1_000,
        "currency": "USD",
        "received_on": IN_TERM,
        "payer": "Brass Works",
    }
    return services.OwnIncomeRow(**content | given)  # type: ignore[arg-type]  # by name


def entry(name: str = "one", *, actor: Actor = SYSTEM, **given: object) -> OwnIncome:
    return services.record_own_income(actor, row(name, **given), now=NOW)


def reversal(
    of: OwnIncome, amount_minor: int, *, name: str = "back", reason: str = "twice"
) -> None:
    services.reverse_own_income(
        SYSTEM,
        of,
        id=factories.transfer_id("own", name),
        amount_minor=amount_minor,
        received_on=IN_TERM,
        reason=reason,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        pytest.param(rules.within_entry(5, 6, "USD"), "reversal_exceeded", id="more"),
        pytest.param(rules.within_entry(5, 5, "USD"), None, id="all"),
        pytest.param(rules.is_no_reversal(is_reversal=True), "reversal_of_reversal", id="back"),
        pytest.param(rules.reversal_reason_given(" "), "reason_missing", id="silent"),
        pytest.param(rules.in_own_currency("EUR", "USD"), "currency_differs", id="currency"),
    ],
)
def test_rule_on_own_income_refuses_what_it_says(refusal: object, code: str | None) -> None:
    assert getattr(refusal, "code", None) == code


@database
@pytest.mark.database
def test_income_by_stream_counts_entries_less_reversals_and_programme_income_once() -> None:
    dues = entry()
    reversal(dues, 300)
    reversal(dues, 300)
    later = row("next year", received_on=date(2022, 12, 1), amount_minor=50)
    services.record_own_income(SYSTEM, later, now=NOW.replace(year=2023))
    entry("fees", stream="services", amount_minor=200)
    under = factories.agreement()
    income = factories.income(under, 500)
    services.correct_transfer(
        SYSTEM,
        income.transfer,
        id=new_id(),
        amount_minor=100,
        occurred_on=IN_TERM,
        reason="wrong",
        now=NOW,
    )
    found = queries.income_by_stream(KEY)
    assert found.years == [2022, 2023]
    assert (found.of(2022, "dues"), found.of(2022, "services"), found.of(2023, "dues")) == (
        700,
        600,
        50,
    )
    assert (found.of_year(2022), found.of(2023, "prizes")) == (1_300, 0)
    verbs = AuditEvent.objects.filter(subject_type="funding.ownincome")
    assert sorted(verbs.values_list("verb", flat=True)) == [
        "record_own_income",
        "record_own_income",
        "record_own_income",
        "reverse_own_income",
    ]


@database
@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"stream": "boats"}, "stream_unknown", id="stream"),
        pytest.param({"amount_minor": 0}, "amount_not_positive", id="amount"),
        pytest.param({"currency": "EUR"}, "currency_differs", id="currency"),
        pytest.param({"received_on": date.min}, "before_records", id="another age"),
        pytest.param({"received_on": date.max}, "in_the_future", id="to come"),
        pytest.param({"amount_minor": 2**63 - 1}, "amount_too_large", id="beyond all sums"),
    ],
)
def test_entry_that_cannot_be_is_refused_at_its_place(given: dict[str, object], code: str) -> None:
    rows = [row(), row("bad", **given)]
    with pytest.raises(services.RefusedRow) as refused:
        services.record_own_incomes(SYSTEM, rows, now=NOW, why="journal")
    assert (refused.value.code, refused.value.position) == (code, 1)
    assert OwnIncome.objects.count() == 0


@database
def test_batch_sent_again_changes_nothing_and_other_content_is_refused() -> None:
    rows = [row(), row("two")]
    first = services.record_own_incomes(SYSTEM, rows, now=NOW, why="journal")
    again = services.record_own_incomes(SYSTEM, rows, now=NOW, why="journal")
    assert (first.recorded, again.recorded, again.unchanged) == (2, 0, 2)
    assert services.record_own_incomes(SYSTEM, [], now=NOW, why="").recorded == 0
    with pytest.raises(Refused) as refused:
        entry(amount_minor=999)
    assert refused.value.code == "transfer_id_reused"
    with pytest.raises(NotFound):
        entry("none", institute_id=0)


@database
def test_entry_sent_again_is_recorded_and_audited_once() -> None:
    assert entry() == entry()
    assert OwnIncome.objects.count() == 1
    assert AuditEvent.objects.filter(verb="record_own_income").count() == 1


@database
def test_reversal_stops_at_what_is_left_and_says_why() -> None:
    dues = entry()
    reversal(dues, 600)
    for given, code in (
        ({"amount_minor": 401, "name": "more"}, "reversal_exceeded"),
        ({"amount_minor": 100, "name": "silent", "reason": ""}, "reason_missing"),
        ({"amount_minor": 0, "name": "nothing"}, "amount_not_positive"),
        ({"amount_minor": 1}, "transfer_id_reused"),
    ):
        with pytest.raises(Refused) as refused:
            reversal(dues, **given)
        assert refused.value.code == code
    back = OwnIncome.objects.get(reverses=dues)
    with pytest.raises(Refused) as twice:
        reversal(back, 1, name="again")
    assert twice.value.code == "reversal_of_reversal"
    assert queries.left_to_reverse_minor(dues) == 400


def close(through: date = IN_TERM) -> None:
    services.close_books(SYSTEM, factories.institute(), through=through, today=TODAY, now=NOW)


@database
def test_closed_books_take_no_entry() -> None:
    close()
    for refused_verb in (
        entry,
        lambda: services.record_own_incomes(SYSTEM, [row("batch")], now=NOW, why=""),
    ):
        with pytest.raises(Refused) as refused:
            refused_verb()
        assert refused.value.code == "books_closed"
    assert entry("later", received_on=date(2022, 4, 1)).amount_minor == 1_000


@database
def test_reversal_sent_again_after_the_books_closed_stands_as_it_was() -> None:
    dues = entry()
    reversal(dues, 600)
    close()
    reversal(dues, 600)
    with pytest.raises(Refused) as refused:
        reversal(dues, 1, name="more")
    assert refused.value.code == "books_closed"
    assert OwnIncome.objects.filter(reverses=dues).count() == 1


@database
def test_later_of_both_closings_holds_and_other_institutes_stay_open() -> None:
    close(date(2022, 3, 31))
    services.close_network_books(SYSTEM, through=date(2022, 2, 1), today=TODAY, now=NOW)
    with pytest.raises(Refused) as refused:
        entry(received_on=date(2022, 3, 31))
    assert refused.value.code == "books_closed"
    elsewhere = factories.institute("lift").pk
    assert entry("lift", institute_id=elsewhere, received_on=IN_TERM).amount_minor == 1_000
    assert entry("next", received_on=date(2022, 4, 1)).amount_minor == 1_000


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_one_id_sent_at_once_with_two_contents_is_recorded_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    start = threading.Barrier(2)
    rows = [row(payer="Brass"), row(payer="Bolts")]

    def client(sent: services.OwnIncomeRow) -> str:
        start.wait()
        try:
            services.record_own_income(SYSTEM, sent, now=NOW)
        except Refused as error:
            return error.refusal.code
        finally:
            connection.close()
        return "stored"

    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = sorted(pool.map(client, rows))
    assert answers == ["stored", "transfer_id_reused"]
    assert OwnIncome.objects.count() == 1


@database
@pytest.mark.database
def test_reversal_locks_the_institute_before_the_entry() -> None:
    old = OwnIncome.objects.select_related("institute").get(pk=entry().pk)
    with CaptureQueriesContext(connection) as queried:
        services.reverse_own_income(
            SYSTEM,
            old,
            id=new_id(),
            amount_minor=1,
            received_on=old.received_on,
            reason="bounced",
            now=NOW,
        )
    read = [one["sql"] for one in queried if one["sql"].startswith("SELECT")]
    assert 'FROM "network_institute"' in read[0]
    assert 'FROM "funding_ownincome"' in read[1]
    if connection.vendor == "postgresql":
        assert all("FOR NO KEY UPDATE" in one for one in read[:2])


@database
@pytest.mark.database
def test_entry_is_never_changed() -> None:
    entry()
    with pytest.raises(DatabaseError), transaction.atomic():
        OwnIncome.objects.update(amount_minor=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        OwnIncome.objects.all().delete()


@database
def test_only_finance_records_and_outsiders_see_nothing() -> None:
    dues = entry(actor=factories.finance())
    factories.sponsorship()
    for actor in (factories.manager(), factories.sponsor(), factories.finance("lift")):
        with pytest.raises(NotPermitted):
            entry("no", actor=actor)
    for actor in (Actor.public(), factories.finance("lift"), factories.member(KEY)):
        assert list(queries.own_income_visible_to(actor)) == []
        with pytest.raises(NotFound):
            queries.own_income_by_id(actor, dues.pk)
    assert queries.own_income_by_id(factories.sponsor(), dues.pk) == dues


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


@database
@pytest.mark.parametrize("count", [1, 3])
def test_page_of_own_income_takes_the_same_queries_at_any_length(
    client: Client, count: int
) -> None:
    for place in range(count):
        entry(str(place))
    signed_in(client, factories.finance())
    url = reverse("funding:list_own_income", args=[KEY])
    client.get(url)
    with CaptureQueriesContext(connection) as queried:
        answer = client.get(url)
    assert len(answer.context["table"].rows) == count
    assert len(queried) == 11
    assert answer.context["title"] == f"In FY2022, America-Makes earned ${10 * count} of its own"
    assert client.get(url, {"stream": "prizes"}).context["table"].rows == ()
    export = client.get(reverse("funding:export_own_income", args=[KEY, "csv"]))
    assert b"".join(export).count(b"Brass Works") == count


@database
def test_finance_records_and_reverses_on_the_pages(client: Client) -> None:
    factories.institute()
    signed_in(client, factories.finance())
    url = reverse("funding:list_own_income", args=[KEY])
    assert "No income of its own" in client.get(url).context["title"]
    body = {
        "id": str(new_id()),
        "stream": "prizes",
        "amount_minor": "100",
        "received_on": IN_TERM.isoformat(),
    }
    client.post(reverse("funding:record_own_income", args=[KEY]), body)
    prize = OwnIncome.objects.get()
    back = {
        "id": str(new_id()),
        "amount_minor": "40",
        "received_on": IN_TERM.isoformat(),
        "reason": "paid twice",
    }
    reverse_url = reverse("funding:reverse_own_income", args=[prize.pk])
    assert client.get(reverse_url).status_code == 200
    client.post(reverse_url, back)
    assert (
        client.post(reverse_url, back | {"id": str(new_id()), "amount_minor": "61"}).status_code
        == 409
    )
    shown = client.get(prize.get_absolute_url())
    assert len(shown.context["table"].rows) == 1
    reversed_entry = OwnIncome.objects.get(reverses=prize)
    assert "paid twice" in client.get(reversed_entry.get_absolute_url()).content.decode()
    assert Client().get(url).status_code == 404


@database
def test_own_income_over_the_api() -> None:
    factories.institute()
    client = signed_in(Client(), factories.finance())
    body = {
        "id": str(new_id()),
        "stream": "dues",
        "amount_minor": 100,
        "currency": "USD",
        "received_on": IN_TERM.isoformat(),
    }
    kind = "application/json"
    path = f"/api/v1/institutes/{KEY}/own-income"
    recorded = client.post(path, body, content_type=kind).json()
    assert (recorded["institute"], recorded["amount_minor"]) == (KEY, 100)
    batch = {"entries": [body | {"id": str(new_id())}, body]}
    assert client.post(f"{path}/batch", batch, content_type=kind).json() == {
        "recorded": 1,
        "unchanged": 1,
    }
    back = {
        "id": str(new_id()),
        "amount_minor": 30,
        "occurred_on": IN_TERM.isoformat(),
        "reason": "twice",
    }
    reversed_entry = client.post(
        f"/api/v1/own-income/{recorded['id']}/reversals", back, content_type=kind
    ).json()
    assert reversed_entry["reverses_id"] == recorded["id"]
    assert len(client.get(f"/api/v1/own-income?institute={KEY}").json()["items"]) == 3
    assert Client().get("/api/v1/own-income").json()["items"] == []


@database
def test_journal_imported_twice_is_recorded_once() -> None:
    factories.institute()
    rows = [_import_row(2, "R-1"), _import_row(3, "R-2", stream="services")]
    context = ImportContext(NOW, False, "USD", "journal.csv", "0" * 64, "", lambda *_: None)  # noqa: FBT003 -- as declared
    spec = exchange.IMPORTS["own_income"]
    first, again = (spec.apply(SYSTEM, rows, context) for _ in range(2))
    assert (first.created, again.created, again.unchanged) == (2, 0, 2)
    for bad, column in (
        (_import_row(5, "R-3", institute="none"), "institute"),
        (_import_row(5, "R-3", stream="boats"), ""),
    ):
        errors = spec.apply(SYSTEM, [bad], context).errors
        assert [(error.row, error.column) for error in errors] == [(5, column)]
    assert list(shipped_mappings(spec)) != []


def _import_row(number: int, own: str, **given: Value) -> Row:
    values: dict[str, Value] = {
        "number": own,
        "institute": KEY,
        "stream": "dues",
        "amount": Money(100, "USD"),
        "date": IN_TERM,
        "payer": "Brass Works",
        "description": "",
    }
    return Row(number, {**values, **given})
