"""Books closed through a day, opened again by another person, and what the ledger then takes."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Account, Agreement, BooksClosing, Transfer
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_financial_reports import QUARTER_END, certify
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock, triggers
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

KEY = "america-makes"
BEFORE = IN_TERM - timedelta(days=1)
AFTER = IN_TERM + timedelta(days=1)

database = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


def second_finance() -> Actor:
    return factories.finance(email="second.finance@example.org")


def second_officer() -> Actor:
    return factories.staff(
        Role.PROGRAMME_OFFICER, ScopeKind.NETWORK, "", email="second.officer@example.org"
    )


def close(
    institute: Institute, through: date = IN_TERM, *, actor: Actor | None = None
) -> BooksClosing:
    closer = actor or factories.finance(institute.key)
    return services.close_books(closer, institute, through=through, today=TODAY, now=NOW)


def reopen(
    institute: Institute,
    through: date | None = None,
    *,
    actor: Actor | None = None,
    reason: str = "x",
) -> BooksClosing:
    opener = actor or second_finance()
    return services.reopen_books(opener, institute, through=through, reason=reason, now=NOW)


def close_network(through: date = IN_TERM, *, actor: Actor | None = None) -> BooksClosing:
    return services.close_network_books(
        actor or factories.officer(), through=through, today=TODAY, now=NOW
    )


def reopen_network(through: date | None = None, *, actor: Actor | None = None) -> BooksClosing:
    return services.reopen_network_books(
        actor or second_officer(), through=through, reason="x", now=NOW
    )


def days(under: Agreement) -> set[date | None]:
    accounts = Account.objects.filter(agreement=under, organisation__isnull=True)
    return set(accounts.values_list("closed_through", flat=True))


# --------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([], [], id="never closed"),
        pytest.param([(BEFORE, 1), (AFTER, 2)], [(BEFORE, 1), (AFTER, 2)], id="closed further"),
        pytest.param([(BEFORE, 1), (AFTER, 2), (None, 3)], [], id="all opened"),
        pytest.param([(BEFORE, 1), (AFTER, 2), (BEFORE, 3)], [(BEFORE, 1)], id="opened to a day"),
        pytest.param(
            [(BEFORE, 1), (AFTER, 2), (IN_TERM, 3)], [(BEFORE, 1), (IN_TERM, 2)], id="opened a part"
        ),
        pytest.param([(AFTER, 1), (BEFORE, 3)], [(BEFORE, 1)], id="opened a part of the first"),
        pytest.param(
            [(BEFORE, 1), (None, 3), (IN_TERM, None)], [(IN_TERM, None)], id="closed anew"
        ),
    ],
)
def test_closed_spans_keep_who_closed_them(
    entries: list[tuple[date | None, int | None]], expected: list[tuple[date, int | None]]
) -> None:
    assert list(rules.closed_spans(entries)) == expected


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        pytest.param(rules.closes_further(IN_TERM, None), None, id="first"),
        pytest.param(rules.closes_further(AFTER, IN_TERM), None, id="further"),
        pytest.param(rules.closes_further(IN_TERM, IN_TERM), "books_closed_already", id="again"),
        pytest.param(rules.span_over(IN_TERM, AFTER), None, id="over"),
        pytest.param(rules.span_over(IN_TERM, IN_TERM), "span_not_over", id="today"),
        pytest.param(rules.opens_something(None, IN_TERM, None), None, id="all"),
        pytest.param(rules.opens_something(BEFORE, IN_TERM, BEFORE), None, id="a part"),
        pytest.param(rules.opens_something(None, None, None), "books_open_already", id="open"),
        pytest.param(
            rules.opens_something(IN_TERM, IN_TERM, None), "books_open_already", id="same day"
        ),
        pytest.param(
            rules.opens_something(None, IN_TERM, IN_TERM), "network_books_closed", id="network"
        ),
        pytest.param(rules.opener_apart(is_closer=True), "second_person_wanted", id="closer"),
        pytest.param(rules.opener_apart(is_closer=False), None, id="another"),
        pytest.param(rules.reopening_says_why(" "), "reason_missing", id="silent"),
        pytest.param(rules.reopening_says_why("x"), None, id="said"),
        pytest.param(rules.certified_stays(None, None, "1"), None, id="not certified"),
        pytest.param(rules.certified_stays(IN_TERM, IN_TERM, "1"), None, id="certified stays"),
        pytest.param(rules.certified_stays(BEFORE, IN_TERM, "1"), "period_certified", id="cut"),
        pytest.param(rules.certified_stays(None, IN_TERM, "1"), "period_certified", id="all open"),
        pytest.param(rules.books_open(AFTER, IN_TERM, "Ada"), None, id="after"),
        pytest.param(rules.books_open(IN_TERM, None), None, id="never closed"),
        pytest.param(rules.books_open(IN_TERM, IN_TERM, "Ada"), "books_closed", id="closed"),
    ],
)
def test_rule_on_books_refuses_what_it_says(refusal: object, code: str | None) -> None:
    assert getattr(refusal, "code", None) == code


# ------------------------------------------------------------------------------------ services


class TestServices:
    pytestmark = database

    def test_closed_books_take_nothing_and_say_who_closed_them(self) -> None:
        agreement, other = (
            factories.agreement(),
            factories.agreement("W911-2", institute_key="lift"),
        )
        obligation = factories.obligation(agreement)
        close(agreement.institute)
        with pytest.raises(Refused) as error:
            factories.drawdown(obligation, MILLION)
        assert str(error.value) == (
            "The books are closed through 2022-03-01, by institute_finance.america-makes. Date the "
            "entry after that day, or have the books opened again."
        )
        factories.drawdown(factories.obligation(other), MILLION)
        later = services.draw_funds(
            factories.finance(),
            obligation,
            id=new_id(),
            amount_minor=MILLION,
            currency="USD",
            occurred_on=AFTER,
            now=NOW,
        )
        assert isinstance(later, Transfer)
        assert (days(agreement), days(other)) == ({IN_TERM}, {None})
        assert services.verify_ledger() == []

    def test_contribution_into_closed_books_is_refused(self) -> None:
        agreement = factories.agreement()
        close(agreement.institute)
        with pytest.raises(Refused) as error:
            factories.contribution(agreement)
        assert refusal_code(error) == "books_closed"

    def test_books_the_program_closed_are_said_to_be_closed_by_it(self) -> None:
        agreement = factories.agreement()
        close(agreement.institute, actor=SYSTEM)
        with pytest.raises(Refused, match="by the program"):
            factories.authorised(agreement)

    def test_books_are_closed_once_for_each_day_and_for_days_that_are_over(self) -> None:
        institute = factories.agreement().institute
        close(institute)
        for through, code in ((IN_TERM, "books_closed_already"), (TODAY, "span_not_over")):
            with pytest.raises(Refused) as error:
                close(institute, through)
            assert refusal_code(error) == code
        assert close(institute, AFTER).number == 2
        event = AuditEvent.objects.filter(verb="close_books").latest("pk")
        assert event.changes["closed_through"] == ["2022-03-01", "2022-03-02"]

    def test_finance_closes_its_own_institute_and_the_office_the_network(self) -> None:
        institute = factories.agreement().institute
        for actor in (factories.finance("lift"), factories.manager(), factories.officer()):
            with pytest.raises(NotPermitted):
                close(institute, actor=actor)
        for actor in (factories.finance(), factories.sponsor()):
            with pytest.raises(NotPermitted):
                close_network(actor=actor)
            with pytest.raises(NotPermitted):
                reopen_network(actor=actor)
        close(institute)
        with pytest.raises(NotPermitted):
            reopen(institute, actor=factories.manager())
        assert BooksClosing.objects.count() == 1

    def test_books_are_opened_by_another_person_with_the_reason(self) -> None:
        agreement = factories.agreement()
        institute = agreement.institute
        close(institute)
        with pytest.raises(Refused) as error:
            reopen(institute, actor=factories.finance())
        assert refusal_code(error) == "second_person_wanted"
        with pytest.raises(Refused) as error:
            reopen(institute, reason=" ")
        assert refusal_code(error) == "reason_missing"
        assert reopen(institute, reason="An invoice came late").through is None
        assert days(agreement) == {None}
        factories.authorised(agreement)
        with pytest.raises(Refused) as error:
            reopen(institute)
        assert refusal_code(error) == "books_open_already"
        event = AuditEvent.objects.get(verb="reopen_books")
        assert (event.why, event.changes["closed_through"]) == (
            "An invoice came late",
            ["2022-03-01", "–"],
        )
        assert services.verify_ledger() == []

    def test_office_opens_an_institutes_books_down_to_a_day(self) -> None:
        agreement = factories.agreement()
        close(agreement.institute)
        reopen(agreement.institute, BEFORE, actor=factories.officer())
        assert days(agreement) == {BEFORE}
        factories.authorised(agreement)
        with pytest.raises(Refused, match="by institute_finance"):
            services.authorise_funds(
                SYSTEM,
                agreement,
                id=new_id(),
                amount_minor=1,
                currency="USD",
                occurred_on=BEFORE,
                now=NOW,
            )
        assert services.verify_ledger() == []
        close(agreement.institute)
        assert services.verify_ledger() == []

    def test_who_closed_any_of_the_days_does_not_open_them_after_a_later_closing(self) -> None:
        agreement = factories.agreement()
        institute, third = agreement.institute, factories.officer()
        close(institute, BEFORE)
        close(institute, actor=second_finance())
        for through, actor in ((None, factories.finance()), (BEFORE, second_finance())):
            with pytest.raises(Refused) as error:
                reopen(institute, through, actor=actor)
            assert refusal_code(error) == "second_person_wanted"
        reopen(institute, BEFORE, actor=factories.finance())
        assert queries.closed_by(institute.pk, BEFORE) == str(factories.finance().label)
        assert reopen(institute, None, actor=third).through is None

    def test_own_income_of_an_institute_without_agreements_keeps_to_closed_books(self) -> None:
        institute = factories.institute()
        close(institute)
        row = services.OwnIncomeRow(new_id(), institute.pk, "dues", 100, "USD", IN_TERM)
        with pytest.raises(Refused) as error:
            services.record_own_income(SYSTEM, row, now=NOW)
        assert refusal_code(error) == "books_closed"

    def test_program_opens_what_the_program_closed(self) -> None:
        institute = factories.agreement().institute
        close(institute, actor=SYSTEM)
        assert reopen(institute, actor=SYSTEM).through is None

    def test_network_closes_every_institutes_books_and_the_later_day_holds(self) -> None:
        one, other = factories.agreement(), factories.agreement("W911-2", institute_key="lift")
        close(one.institute, AFTER)
        close(other.institute, BEFORE)
        close_network()
        assert (days(one), days(other)) == ({AFTER}, {IN_TERM})
        with pytest.raises(Refused, match="by programme_officer"):
            factories.authorised(other)
        appropriation = Account.objects.get(agreement__isnull=True)
        assert appropriation.closed_through == IN_TERM
        with pytest.raises(Refused) as error:
            reopen(other.institute, actor=factories.officer())
        assert refusal_code(error) == "network_books_closed"
        assert services.verify_ledger() == []
        with pytest.raises(Refused) as error:
            reopen_network(actor=factories.officer())
        assert refusal_code(error) == "second_person_wanted"
        reopen_network()
        assert (days(one), days(other)) == ({AFTER}, {BEFORE})
        assert Account.objects.get(agreement__isnull=True).closed_through is None
        assert services.verify_ledger() == []

    def test_network_closes_what_no_institute_has_closed(self) -> None:
        agreement = factories.agreement()
        close_network()
        assert days(agreement) == {IN_TERM}
        assert queries.closed_through_of(agreement.institute_id) == IN_TERM

    def test_account_opened_later_is_closed_as_its_books_are(self) -> None:
        close(factories.agreement().institute)
        assert days(factories.agreement("W911-2")) == {IN_TERM}
        close_network(BEFORE)
        assert days(factories.agreement("W911-3", institute_key="lift", agency_key="DOE")) == {
            BEFORE
        }
        appropriation = Account.objects.get(agreement__isnull=True, agency__key="DOE")
        assert appropriation.closed_through == BEFORE
        assert services.verify_ledger() == []

    def test_own_income_into_closed_books_is_refused(self) -> None:
        institute = factories.agreement().institute
        close(institute)
        row = services.OwnIncomeRow(new_id(), institute.pk, "dues", 100, "USD", IN_TERM)
        with pytest.raises(Refused, match="by institute_finance"):
            services.record_own_income(SYSTEM, row, now=NOW)

    def test_certified_period_stays_closed(self) -> None:
        agreement = factories.agreement()
        factories.authorised(agreement)
        certify(agreement)
        factories.cost(agreement, 100)
        certify(agreement, reason="an invoice came late")
        close(agreement.institute, date(2022, 5, 1))
        for through in (None, QUARTER_END - timedelta(days=1)):
            with pytest.raises(Refused) as error:
                reopen(agreement.institute, through)
            assert refusal_code(error) == "period_certified"
            assert "W911-1 through 2022-03-31" in str(error.value)
        assert reopen(agreement.institute, QUARTER_END).through == QUARTER_END
        close_network(date(2022, 5, 1))
        with pytest.raises(Refused) as error:
            reopen_network()
        assert refusal_code(error) == "period_certified"

    def test_network_that_stays_closed_lets_an_institute_open_beyond_a_certified_period(
        self,
    ) -> None:
        agreement = factories.agreement()
        factories.authorised(agreement)
        certify(agreement)
        close_network(QUARTER_END)
        close(agreement.institute, date(2022, 5, 1))
        reopen(agreement.institute)
        assert days(agreement) == {QUARTER_END}

    def test_large_transfer_proposed_before_closing_is_refused_at_approval(self) -> None:
        agreement = factories.agreement()
        factories.authorised(agreement)
        proposal = services.obligate_funds(
            factories.sponsor(),
            agreement,
            id=new_id(),
            amount_minor=5 * MILLION,
            currency="USD",
            occurred_on=IN_TERM,
            now=NOW,
        )
        close(agreement.institute)
        second = factories.staff(
            Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD", email="second@example.org"
        )
        with pytest.raises(Refused) as error:
            services.approve_transfer(second, proposal.pk, now=NOW)
        assert refusal_code(error) == "books_closed"

    def test_entry_is_never_changed(self) -> None:
        entry = close(factories.agreement().institute)
        with pytest.raises(DatabaseError), transaction.atomic():
            BooksClosing.objects.filter(pk=entry.pk).update(through=AFTER)
        with pytest.raises(DatabaseError), transaction.atomic():
            BooksClosing.objects.all().delete()

    @pytest.mark.parametrize("is_network", [False, True])
    def test_number_stands_once(self, is_network: bool) -> None:
        institute = factories.institute()
        stated: dict[str, Any] = {
            "institute": None if is_network else institute,
            "number": 1,
            "kind": "close",
            "through": IN_TERM,
            "transfer_count": 0,
            "recorded_at": NOW,
        }
        BooksClosing.objects.create(**stated)
        with pytest.raises(IntegrityError), transaction.atomic():
            BooksClosing.objects.create(**stated)

    def test_verification_finds_what_came_into_a_closed_span(self) -> None:
        agreement = factories.agreement()
        factories.authorised(agreement)
        close(agreement.institute)
        close_network(BEFORE)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with triggers.lifted():
            Account.objects.update(closed_through=None)
            found = {problem.where.split()[0] for problem in services.verify_ledger()}
            assert found == {"account"}
            factories.obligation(agreement, name="late", occurred_on=BEFORE - timedelta(days=1))
            problems = services.verify_ledger()
            assert {problem.where.split()[0] for problem in problems} == {"account", "closing"}
            assert len([one for one in problems if one.where.startswith("closing")]) == 2
            assert any("1 when it was closed, 3 now" in str(problem) for problem in problems)


# -------------------------------------------------------------------------------- desk and pages


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "year", "is_due"),
    [
        pytest.param(date(2022, 12, 30), 2022, True, id="91 days after the year"),
        pytest.param(
            date(2022, 12, 29),
            2021,
            False,
            id="90 days after: the year before, with no agreement yet",
        ),
    ],
)
def test_books_are_due_ninety_days_after_a_fiscal_year(
    today: date, year: int, is_due: bool
) -> None:
    institute = factories.agreement().institute
    factories.institute("lift")
    assert queries.last_year_due(today).year == year
    for actor, expected in (
        (factories.finance(), [institute]),
        (factories.finance("lift"), []),
        (factories.officer(), [None]),
        (factories.manager(), []),
        (SYSTEM, [None, institute]),
    ):
        due = queries.books_to_close(actor, today=today)
        assert [one.institute for one in due] == (expected if is_due else [])
    if is_due:
        services.close_books(SYSTEM, institute, through=date(2022, 9, 30), today=today, now=NOW)
        assert queries.books_to_close(factories.finance(), today=today) == ()
        services.close_network_books(SYSTEM, through=date(2022, 9, 30), today=today, now=NOW)
        assert queries.books_to_close(factories.officer(), today=today) == ()


def signed_in(actor: Actor) -> Client:
    factories.sponsorship()
    client = Client()
    client.force_login(factories.granted(actor))
    return client


class TestPages:
    pytestmark = [pytest.mark.django_db]

    @pytest.fixture(autouse=True)
    def _later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "today", lambda: date(2023, 2, 1))
        monkeypatch.setattr(clock, "now", lambda: NOW.replace(year=2023))

    def test_institutes_books_are_closed_and_opened_by_forms(self) -> None:
        agreement = factories.agreement()
        finance, other = signed_in(factories.finance()), signed_in(second_finance())
        books = reverse("funding:show_books", args=[KEY])
        closing = reverse("funding:close_books", args=[KEY])
        opening = reverse("funding:reopen_books", args=[KEY])
        desk = finance.get("/desk/").content.decode()
        assert ("Close the books of America-Makes" in desk, closing in desk) == (True, True)
        open_books = finance.get(books)
        assert open_books.context["title"] == "The books of America-Makes are open"
        assert [one.url for one in open_books.context["actions"]] == [closing]
        assert finance.get(closing).context["form"].initial["through"] == date(2022, 9, 30)
        shown = finance.post(closing, {"through": "2022-09-30"}, follow=True)
        assert shown.context["title"].endswith("are closed through Sep 30, 2022")
        assert [one.url for one in shown.context["actions"]] == [closing, opening]
        assert "Close the books of" not in finance.get("/desk/").content.decode()
        assert finance.post(closing, {"through": "2022-09-30"}).status_code == 409
        own = finance.get(reverse("funding:show_agreement", args=[agreement.pk])).content.decode()
        assert (books in own, "Books closed through" in own) == (True, True)
        assert finance.get(opening).status_code == 200
        assert finance.post(opening, {"reason": "x"}).status_code == 409
        html = other.post(opening, {"reason": "A late invoice"}, follow=True).content.decode()
        assert ("The books are open." in html, "A late invoice" in html) == (True, True)

    def test_networks_books_are_closed_and_opened_by_forms(self) -> None:
        factories.agreement()
        officer, other = signed_in(factories.officer()), signed_in(second_officer())
        closing = reverse("funding:close_network_books")
        assert closing in officer.get("/desk/").content.decode()
        assert officer.get(closing).status_code == 200
        shown = officer.post(closing, {"through": "2022-09-30"}, follow=True)
        assert shown.context["title"] == "The books of the network are closed through Sep 30, 2022"
        opening = reverse("funding:reopen_network_books")
        assert other.get(opening).status_code == 200
        shown = other.post(opening, {"through": "2022-01-31", "reason": "x"}, follow=True)
        assert shown.context["title"].endswith("through Jan 31, 2022")

    def test_others_find_no_books(self) -> None:
        factories.agreement()
        factories.institute("iacmi")
        for actor in (None, factories.manager("iacmi"), factories.member(KEY)):
            client = signed_in(actor) if actor else Client()
            for address in (
                reverse("funding:show_books", args=[KEY]),
                reverse("funding:show_network_books"),
                f"/api/v1/institutes/{KEY}/books",
                "/api/v1/books",
            ):
                assert client.get(address).status_code == 404
        assert signed_in(factories.manager()).post("/books/close/").status_code == 403

    @pytest.mark.parametrize("count", [1, 3])
    def test_page_takes_the_same_queries_at_any_length(self, count: int) -> None:
        institute = factories.agreement().institute
        for place in range(count):
            close(institute, IN_TERM + timedelta(days=place))
            close_network(BEFORE + timedelta(days=place))
        officer = signed_in(factories.officer())
        found = {}
        for url in (reverse("funding:show_books", args=[KEY]), "/books/", "/api/v1/books"):
            officer.get(url)
            with CaptureQueriesContext(connection) as captured:
                officer.get(url)
            found[url] = len(captured)
        assert found == {"/institutes/america-makes/books/": 10, "/books/": 7, "/api/v1/books": 5}

    def test_books_are_closed_and_opened_over_the_api(self) -> None:
        factories.agreement()
        finance, other = signed_in(factories.finance()), signed_in(second_finance())
        officer, second = signed_in(factories.officer()), signed_in(second_officer())

        def post(client: Client, path: str, body: dict[str, Any]) -> Any:
            return client.post(f"/api/v1{path}", body, content_type="application/json").json()

        own = f"/institutes/{KEY}/books"
        closed = post(finance, f"{own}/close", {"through": "2022-09-30"})
        assert (closed["number"], closed["institute"], closed["through"]) == (1, KEY, "2022-09-30")
        refused = post(finance, f"{own}/reopen", {"reason": "x"})
        assert refused["code"] == "second_person_wanted"
        opened = post(other, f"{own}/reopen", {"reason": "x", "through": "2022-06-30"})
        assert (opened["kind"], opened["through"]) == ("reopen", "2022-06-30")
        kinds = [one["kind"] for one in finance.get(f"/api/v1{own}").json()["items"]]
        assert kinds == ["reopen", "close"]
        assert post(officer, "/books/close", {"through": "2022-09-30"})["institute"] == ""
        assert post(second, "/books/reopen", {"reason": "x"})["through"] is None
        assert len(officer.get("/api/v1/books").json()["items"]) == 2


@pytest.mark.django_db
@pytest.mark.database
def test_books_are_not_closed_through_a_mistyped_year() -> None:
    with pytest.raises(Refused) as refused:
        close(factories.institute(), date(1, 12, 31))
    assert (refusal_code(refused), BooksClosing.objects.count()) == ("day_not_plausible", 0)
    assert str(refused.value) == (
        "0001-12-31 lies before every day that a record can have. Write a day from 1900-01-01 on."
    )
