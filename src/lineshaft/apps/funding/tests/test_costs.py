"""Costs: encumbered, liquidated, released, incurred, paid and corrected; who sees them."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import exchange, queries, rules, services
from lineshaft.apps.funding.models import Cost, CostEvidence, CostMovement, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.money import Money
from lineshaft.plumbing import triggers
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.spec import ImportContext, Row, Value

KEY = "america-makes"
DAY = date(2022, 1, 1)

database = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


def standing(cost: Cost) -> tuple[int, int, int]:
    """What is left encumbered, incurred, and paid of the cost, as it is stored."""
    found = queries.costs_visible_to(SYSTEM).get(pk=cost.pk)
    encumbered: int = getattr(found, "encumbered_minor")  # noqa: B009 -- an annotation
    return encumbered, found.incurred_minor, found.paid_minor


class _Refuses:
    """`pytest.raises(Refused)` that also compares the code."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.raises = pytest.raises(Refused)

    def __enter__(self) -> None:
        self.found = self.raises.__enter__()

    def __exit__(self, *error: object) -> bool:
        is_raised = self.raises.__exit__(*error)  # type: ignore[arg-type]  # as given
        assert self.found.value.code == self.code
        return bool(is_raised)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        pytest.param(rules.category_known("boats", is_known=False), "category_unknown", id="kind"),
        pytest.param(rules.payee_given(" "), "payee_missing", id="nobody"),
        pytest.param(
            rules.cost_in_term(date(2020, 1, 1), DAY, date(2023, 1, 1)),
            "cost_outside_term",
            id="before the term",
        ),
        pytest.param(
            rules.cost_in_term(date(2023, 1, 1), DAY, date(2023, 1, 1)),
            "cost_outside_term",
            id="the day after the term",
        ),
        pytest.param(rules.cost_in_term(DAY, DAY, date(2023, 1, 1)), None, id="first day"),
        pytest.param(rules.within_incurred(5, 6, "USD"), "incurred_exceeded", id="more than owed"),
        pytest.param(rules.within_incurred(5, 5, "USD"), None, id="all that is owed"),
        pytest.param(rules.correction_leaves_paid(5, 6, "USD"), "cost_paid", id="paid already"),
        pytest.param(
            rules.cost_code(TransferCode.DRAW, is_known=False), "code_not_of_costs", id="a draw"
        ),
    ],
)
def test_rule_on_costs_refuses_what_it_says(refusal: object, code: str | None) -> None:
    assert getattr(refusal, "code", None) == code


@database
@pytest.mark.database
def test_cost_is_encumbered_liquidated_in_part_released_and_paid() -> None:
    under = factories.agreement()
    factories.authorised(under, 1_000)
    order = factories.encumbrance(under, 600)
    assert standing(order) == (600, 0, 0)
    factories.liquidation(order, 400)
    assert standing(order) == (200, 400, 0)
    factories.payment(order, 250)
    assert standing(order) == (200, 400, 250)
    services.release_encumbrance(
        SYSTEM, order, id=new_id(), occurred_on=IN_TERM, reason="cheaper", now=NOW
    )
    assert standing(order) == (0, 400, 250)
    at_once = factories.cost(under, 600)
    assert standing(at_once) == (0, 600, 0)
    totals = queries.cost_totals(under)
    assert (totals.encumbered_minor, totals.incurred_minor, totals.paid_minor) == (0, 1_000, 250)
    assert totals.to_pay_minor == 750
    assert factories.balances(under) == {
        "award": (1_000, 0),
        "drawn": (0, 0),
        "cash": (0, 0),
        "in_kind": (0, 0),
        "cost_source": (-1_000, 0),
        "incurred": (750, 0),
        "paid": (250, 0),
    }
    assert services.verify_ledger() == []
    verbs = AuditEvent.objects.filter(subject_type="funding.cost").values_list("verb", flat=True)
    assert sorted(verbs) == [
        "liquidate_encumbrance",
        "pay_cost",
        "record_cost",
        "record_encumbrance",
        "release_encumbrance",
    ]


@database
def test_costs_and_encumbrances_stop_at_the_money_authorised() -> None:
    under = factories.agreement()
    factories.authorised(under, 500)
    factories.encumbrance(under, 300)
    with _Refuses("authorised_exceeded"):
        factories.cost(under, 201)
    factories.cost(under, 200)


@database
def test_no_more_is_paid_or_liquidated_than_is_there() -> None:
    under = factories.agreement()
    factories.authorised(under, 1_000)
    order = factories.encumbrance(under, 600)
    other = factories.cost(under, 400)
    factories.liquidation(order, 100)
    with _Refuses("pending_exceeded"):
        factories.liquidation(order, 501, name="more")
    with _Refuses("incurred_exceeded"):
        factories.payment(order, 101)
    assert standing(other) == (0, 400, 0)
    assert Transfer.objects.filter(code="pay").count() == 0


@database
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"category": "boats"}, "category_unknown", id="category"),
        pytest.param({"payee": ""}, "payee_missing", id="payee"),
        pytest.param({"occurred_on": date(2030, 1, 1)}, "cost_outside_term", id="date"),
        pytest.param({"currency": "EUR"}, "currency_differs", id="currency"),
        pytest.param({"amount_minor": 0}, "amount_not_positive", id="amount"),
        pytest.param({"code": TransferCode.PAY}, "code_not_of_costs", id="payment of nothing"),
        pytest.param({"code": TransferCode.DRAW}, "code_not_of_costs", id="no cost at all"),
    ],
)
def test_row_that_no_cost_can_be_is_refused_at_its_place(
    changed: dict[str, object], code: str
) -> None:
    under = factories.agreement()
    factories.authorised(under)
    good = _row(under.pk, "good")
    with pytest.raises(services.RefusedRow) as error:
        services.post_costs(
            SYSTEM,
            [good, replace(_row(under.pk, "bad"), **changed)],  # type: ignore[arg-type]  # by name
            now=NOW,
            why="test",
        )
    assert (error.value.code, error.value.position) == (code, 1)
    assert Cost.objects.count() == 0


def _row(agreement_id: int, name: str, **given: object) -> services.CostRow:
    row = services.CostRow(
        id=factories.transfer_id("batch", agreement_id, name),
        agreement_id=agreement_id,
        code=TransferCode.INCUR,
        amount_minor=100,
        currency="USD",
        occurred_on=IN_TERM,
        category="travel",
        payee="Rail",
        evidence=("ticket",),
    )
    return replace(row, **given)  # type: ignore[arg-type]  # by name


@database
@pytest.mark.database
def test_batch_moves_what_it_begins_and_sent_again_changes_nothing() -> None:
    under = factories.agreement()
    factories.authorised(under)
    order = _row(under.pk, "order", code=TransferCode.ENCUMBER)
    rows = [
        order,
        _row(under.pk, "came", code=TransferCode.LIQUIDATE, cost_id=order.id, amount_minor=60),
        _row(under.pk, "paid", code=TransferCode.PAY, cost_id=order.id, amount_minor=50),
        _row(under.pk, "other"),
    ]
    first = services.post_costs(SYSTEM, rows, now=NOW, why="a quarter")
    again = services.post_costs(SYSTEM, rows, now=NOW, why="a quarter")
    assert (first.recorded, again.recorded, again.unchanged) == (4, 0, 4)
    assert standing(Cost.objects.get(pk=order.id)) == (40, 60, 50)
    assert (CostMovement.objects.count(), CostEvidence.objects.count()) == (4, 4)
    events = AuditEvent.objects.filter(verb="post_costs")
    assert [event.count for event in events] == [4]
    assert services.post_costs(SYSTEM, [], now=NOW, why="").recorded == 0
    with _Refuses("incurred_exceeded"):
        services.post_costs(
            SYSTEM,
            [_row(under.pk, "too much", code=TransferCode.PAY, cost_id=order.id, amount_minor=11)],
            now=NOW,
            why="",
        )
    assert services.verify_ledger() == []


@database
def test_row_named_twice_in_a_batch_is_posted_once() -> None:
    under = factories.agreement()
    factories.authorised(under)
    cost = _row(under.pk, "one")
    paid = _row(under.pk, "paid", code=TransferCode.PAY, cost_id=cost.id, amount_minor=60)
    done = services.post_costs(SYSTEM, [cost, cost, paid, paid], now=NOW, why="")
    assert (done.recorded, done.unchanged) == (2, 2)
    assert standing(Cost.objects.get(pk=cost.id)) == (0, 100, 60)
    assert (CostMovement.objects.count(), CostEvidence.objects.count()) == (2, 2)
    assert services.verify_ledger() == []
    other = [_row(under.pk, "two"), _row(under.pk, "two", payee="Road")]
    with _Refuses("transfer_id_reused"):
        services.post_costs(SYSTEM, other, now=NOW, why="")
    assert Cost.objects.count() == 1


@database
def test_payment_sent_again_is_paid_and_audited_once() -> None:
    under = factories.agreement()
    factories.authorised(under)
    cost = factories.cost(under, 100)
    paid = [factories.payment(cost, 60) for _ in range(2)]
    assert [standing(one) for one in paid] == [(0, 100, 60)] * 2
    assert AuditEvent.objects.filter(verb="pay_cost").count() == 1


@database
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"payee": "Road"}, id="payee"),
        pytest.param({"category": "other"}, id="category"),
        pytest.param({"amount_minor": 99}, id="amount"),
        pytest.param({"code": TransferCode.ENCUMBER}, id="code"),
    ],
)
def test_id_of_a_cost_used_for_another_is_refused(changed: dict[str, object]) -> None:
    under = factories.agreement()
    factories.authorised(under)
    row = _row(under.pk, "one")
    services.post_costs(SYSTEM, [row], now=NOW, why="")
    with _Refuses("transfer_id_reused"):
        services.post_costs(SYSTEM, [_row(under.pk, "one", **changed)], now=NOW, why="")


@database
def test_payment_sent_again_for_another_cost_is_refused() -> None:
    under = factories.agreement()
    factories.authorised(under)
    one, other = _row(under.pk, "one"), _row(under.pk, "other")
    paid = _row(under.pk, "paid", code=TransferCode.PAY, cost_id=one.id)
    services.post_costs(SYSTEM, [one, other, paid], now=NOW, why="")
    with _Refuses("transfer_id_reused"):
        services.post_costs(SYSTEM, [replace(paid, cost_id=other.id)], now=NOW, why="")


@database
def test_cost_of_another_agreement_is_not_found() -> None:
    mine, theirs = factories.agreement(), factories.agreement("W911-2")
    factories.authorised(mine)
    factories.authorised(theirs)
    cost = factories.cost(mine, 100)
    row = _row(theirs.pk, "theft", code=TransferCode.PAY, cost_id=cost.pk)
    with pytest.raises(NotFound):
        services.post_costs(SYSTEM, [row], now=NOW, why="")
    with pytest.raises(NotFound):
        services.post_costs(SYSTEM, [replace(row, agreement_id=0)], now=NOW, why="")


@database
def test_only_finance_of_the_institute_moves_costs() -> None:
    under = factories.agreement()
    factories.authorised(under)
    assert factories.cost(under, actor=factories.finance(), name="ours").incurred_minor == 100
    for actor in (
        factories.finance("lift"),
        factories.manager(),
        factories.sponsor(),
        factories.officer(),
        Actor.public(),
    ):
        with pytest.raises(NotPermitted):
            factories.cost(under, actor=actor, name="no")


@database
@pytest.mark.database
def test_correction_takes_back_a_payment_and_then_the_cost() -> None:
    under = factories.agreement()
    factories.authorised(under)
    factories.cost(under, 500, name="unpaid")
    cost = factories.cost(under, 100)
    factories.payment(cost, 80)
    paid = Transfer.objects.select_related("debit_account").get(code="pay")
    incurred = Transfer.objects.select_related("debit_account").get(pk=cost.pk)
    with _Refuses("cost_paid"):
        _correct(incurred, 100, "first")
    _correct(paid, 80, "second")
    assert standing(cost) == (0, 100, 0)
    _correct(incurred, 100, "third")
    _correct(incurred, 100, "third")
    assert standing(cost) == (0, 0, 0)
    assert services.verify_ledger() == []


def _correct(old: Transfer, amount_minor: int, name: str) -> None:
    services.correct_transfer(
        SYSTEM,
        old,
        id=factories.transfer_id("correct", name),
        amount_minor=amount_minor,
        occurred_on=IN_TERM,
        reason="wrong",
        now=NOW,
    )


@database
@pytest.mark.database
def test_what_is_said_of_a_cost_is_never_changed() -> None:
    under = factories.agreement()
    factories.authorised(under)
    cost = factories.cost(under)
    changes: tuple[Callable[[], int], ...] = (
        lambda: Cost.objects.filter(pk=cost.pk).update(payee="Somebody else"),
        lambda: CostMovement.objects.all().update(cost_id=cost.pk),
        lambda: CostEvidence.objects.all().update(reference="none"),
        lambda: Cost.objects.filter(pk=cost.pk).update(paid_minor=101),
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@database
def test_verification_finds_a_cost_that_its_transfers_do_not_bear_out() -> None:
    under = factories.agreement()
    factories.authorised(under)
    cost = factories.cost(under, 100)
    factories.payment(cost, 60)
    with triggers.lifted():
        Cost.objects.filter(pk=cost.pk).update(paid_minor=50)
    problems = [problem.where for problem in services.verify_ledger()]
    assert [where.partition(" ")[0] for where in problems] == ["cost", "account", "account"]


@database
def test_costs_are_seen_by_those_who_oversee_and_by_nobody_else() -> None:
    under = factories.agreement()
    factories.authorised(under)
    cost = factories.cost(under)
    factories.sponsorship()
    for actor in (factories.finance(), factories.manager(), factories.sponsor()):
        assert queries.cost_by_id(actor, cost.pk) == cost
        assert queries.oversees(actor, under) is True
    for actor in (
        Actor.public(),
        factories.finance("lift"),
        factories.sponsor("DOE", overseen=""),
        factories.member(KEY),
    ):
        assert list(queries.costs_visible_to(actor)) == []
        assert list(queries.transfers_visible_to(actor).filter(code="incur")) == []
        with pytest.raises(NotFound):
            queries.cost_by_id(actor, cost.pk)
        with pytest.raises(NotFound):
            queries.overseen_agreement_by_id(actor, under.pk)


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


@database
@pytest.mark.parametrize("count", [1, 3])
def test_list_of_costs_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    under = factories.agreement()
    factories.authorised(under)
    for place in range(count):
        factories.payment(factories.cost(under, 100, name=str(place)), 60)
    signed_in(client, factories.finance())
    url = reverse("funding:list_costs", args=[under.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as queried:
        answer = client.get(url)
    assert len(answer.context["table"].rows) == count
    assert len(queried) == 10
    assert answer.context["title"] == (f"${0.40 * count:.2f} of costs wait to be paid under W911-1")


@database
@pytest.mark.parametrize("count", [1, 3])
def test_page_of_a_cost_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    under = factories.agreement()
    factories.authorised(under)
    cost = factories.cost(under, 100)
    for place in range(count):
        factories.payment(cost, 10, name=str(place))
    signed_in(client, factories.finance())
    client.get(cost.get_absolute_url())
    with CaptureQueriesContext(connection) as queried:
        answer = client.get(cost.get_absolute_url())
    assert len(answer.context["movements_table"].rows) == count + 1
    assert len(queried) == 9


@database
def test_finance_orders_receives_and_pays_with_a_receipt_on_the_pages(client: Client) -> None:
    under = factories.agreement()
    factories.authorised(under)
    signed_in(client, factories.finance())
    begun = client.post(
        reverse("funding:record_encumbrance", args=[under.pk]),
        {
            "id": str(new_id()),
            "category": "equipment",
            "payee": "Lathe Makers",
            "amount_minor": "1,000.00",
            "occurred_on": IN_TERM.isoformat(),
            "reference": "PO 7",
        },
        follow=True,
    )
    order = Cost.objects.get()
    assert begun.context["title"] == "Lathe Makers: $0 of $1,000 paid"
    client.post(
        reverse("funding:liquidate_encumbrance", args=[order.pk]),
        {"id": str(new_id()), "amount_minor": "600", "occurred_on": IN_TERM.isoformat()},
    )
    receipt = io.BytesIO(b"paid with thanks\n")
    receipt.name = "receipt.txt"
    paid = client.post(
        reverse("funding:pay_cost", args=[order.pk]),
        {
            "id": str(new_id()),
            "amount_minor": "600",
            "occurred_on": IN_TERM.isoformat(),
            "evidence": "bank line 3",
            "evidence_files": receipt,
        },
        follow=True,
    )
    text = paid.content.decode()
    assert "receipt.txt" in text
    assert "bank line 3" in text
    factories.cost(under, 500, name="unpaid")
    refusal = client.post(
        reverse("funding:pay_cost", args=[order.pk]),
        {"id": str(new_id()), "amount_minor": "1", "occurred_on": IN_TERM.isoformat()},
    )
    assert refusal.status_code == 409
    assert refusal.context["refusal"].code == "incurred_exceeded"
    client.post(
        reverse("funding:release_encumbrance", args=[order.pk]),
        {"id": str(new_id()), "occurred_on": IN_TERM.isoformat(), "reason": "cheaper"},
    )
    assert standing(order) == (0, 60_000, 60_000)
    assert client.get(order.get_absolute_url()).context["tag"].text == "paid"
    transfer = Transfer.objects.get(code="pay")
    shown = client.get(transfer.get_absolute_url()).content.decode()
    assert order.get_absolute_url() in shown


@database
def test_list_of_costs_is_filtered_and_exported(client: Client) -> None:
    under = factories.agreement()
    factories.authorised(under)
    factories.encumbrance(under)
    paid = factories.payment(factories.cost(under, 100), 100)
    factories.cost(under, 50, name="open", category="travel")
    signed_in(client, factories.finance())
    url = reverse("funding:list_costs", args=[under.pk])
    for standing_word, count in (("encumbered", 1), ("to_pay", 1), ("paid", 1), ("", 3)):
        answer = client.get(url, {"standing": standing_word})
        assert len(answer.context["table"].rows) == count
    assert len(client.get(url, {"category": "travel"}).context["table"].rows) == 1
    export = client.get(
        reverse("funding:export_costs", args=[under.pk, "csv"]), {"standing": "paid"}
    )
    assert str(paid.pk) in b"".join(export).decode()
    assert "Costs" in client.get(under.get_absolute_url()).content.decode()


@database
def test_costs_over_the_api() -> None:
    under = factories.agreement()
    factories.authorised(under, MILLION)
    client = signed_in(Client(), factories.finance())
    kind = "application/json"
    body = {
        "id": str(new_id()),
        "amount_minor": 100,
        "currency": "USD",
        "occurred_on": IN_TERM.isoformat(),
        "category": "supplies",
        "payee": "Bolts",
        "evidence": ["invoice 1"],
    }
    path = f"/api/v1/agreements/{under.pk}"
    recorded = client.post(f"{path}/costs", body, content_type=kind)
    assert (recorded.status_code, recorded.json()["incurred_minor"]) == (200, 100)
    order = body | {"id": str(new_id())}
    encumbered = client.post(f"{path}/encumbrances", order, content_type=kind).json()
    assert (encumbered["encumbered_minor"], encumbered["is_encumbrance"]) == (100, True)
    move = {"id": str(new_id()), "amount_minor": 40, "occurred_on": IN_TERM.isoformat()}
    cost = f"/api/v1/costs/{encumbered['id']}"
    came = client.post(f"{cost}/liquidations", move, content_type=kind).json()
    assert (came["encumbered_minor"], came["incurred_minor"]) == (60, 40)
    paid = client.post(f"{cost}/payments", move | {"id": str(new_id())}, content_type=kind)
    assert paid.json()["paid_minor"] == 40
    release = {"id": str(new_id()), "occurred_on": IN_TERM.isoformat(), "reason": "enough"}
    left = client.post(f"{cost}/releases", release, content_type=kind).json()
    assert (left["encumbered_minor"], left["incurred_minor"]) == (0, 40)
    batch = {"costs": [order | {"id": str(new_id()), "agreement_id": under.pk, "code": "incur"}]}
    posted = client.post("/api/v1/costs/batch", batch, content_type=kind)
    assert posted.json() == {"recorded": 1, "unchanged": 0}
    listed = client.get(f"/api/v1/costs?agreement_id={under.pk}").json()["items"]
    assert len(listed) == 3
    assert client.get(cost).json()["id"] == encumbered["id"]
    assert Client().get("/api/v1/costs").json()["items"] == []
    assert Client().get(cost).status_code == 404


@database
def test_cost_ledger_imported_twice_is_posted_once() -> None:
    under = factories.agreement()
    factories.authorised(under)
    rows = [
        _import_row(2, "encumber", "PO 1", category="equipment", payee="Lathe Makers"),
        _import_row(3, "liquidate", "IN 1", cost="PO 1"),
        _import_row(4, "pay", "PY 1", cost="PO 1", evidence="bank line"),
    ]
    context = ImportContext(NOW, False, "USD", "costs.csv", "0" * 64, "", lambda *_: None)  # noqa: FBT003 -- as declared
    first = exchange.IMPORTS["costs"].apply(SYSTEM, rows, context)
    again = exchange.IMPORTS["costs"].apply(SYSTEM, rows, context)
    assert (first.created, again.created, again.unchanged) == (3, 0, 3)
    assert standing(Cost.objects.get()) == (0, 100, 100)
    for bad, column in (
        (_import_row(5, "pay", "PY 2"), "cost"),
        (_import_row(5, "incur", "EX 1", agreement="none"), "agreement"),
        (_import_row(5, "incur", "EX 1", category="boats", payee="B"), ""),
    ):
        errors = exchange.IMPORTS["costs"].apply(SYSTEM, [bad], context).errors
        assert [(error.row, error.column) for error in errors] == [(5, column)]
    assert list(shipped_mappings(exchange.IMPORTS["costs"])) != []


def _import_row(number: int, code: str, own: str, **given: Value) -> Row:
    values: dict[str, Value] = {
        "number": own,
        "agreement": "W911-1",
        "code": code,
        "amount": Money(100, "USD"),
        "date": IN_TERM,
        "cost": "",
        "category": "",
        "payee": "",
        "description": "",
        "evidence": "",
        "reason": "",
    }
    return Row(number, {**values, **given})
