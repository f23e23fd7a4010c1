"""Programme income under its three methods, and the terms of reporting."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Agreement, Income, IncomeUse, ReportingTerms, Transfer
from lineshaft.apps.funding.rules import ReportBasis
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent

database = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def position(under: Agreement) -> tuple[int, int, int]:
    found = queries.income_position(under)
    return found.earned_minor, found.used_minor, found.unspent_minor


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        pytest.param(rules.stream_known("x", is_known=False), "stream_unknown", id="stream"),
        pytest.param(
            rules.is_programme_income(is_earned_by_award=False), "not_programme_income", id="dues"
        ),
        pytest.param(rules.net_of_earning(5, 5), "earning_cost_exceeded", id="nothing left"),
        pytest.param(rules.net_of_earning(5, -1), "earning_cost_exceeded", id="below zero"),
        pytest.param(rules.net_of_earning(5, 4), None, id="something left"),
        pytest.param(
            rules.method_open(is_changed=True, has_income=True), "income_method_fixed", id="fixed"
        ),
        pytest.param(rules.method_open(is_changed=False, has_income=True), None, id="same"),
        pytest.param(
            rules.method_approved(wants_approval=True, reason=" "), "approval_missing", id="silent"
        ),
    ],
)
def test_rule_on_income_refuses_what_it_says(refusal: object, code: str | None) -> None:
    assert getattr(refusal, "code", None) == code


@database
@pytest.mark.database
def test_income_is_earned_net_spent_and_corrected() -> None:
    under = factories.agreement()
    income = factories.income(under, 1_000, cost_of_earning_minor=200)
    assert position(under) == (800, 0, 800)
    factories.income_use(under, 500)
    assert position(under) == (800, 500, 300)
    with pytest.raises(Refused) as refused:
        factories.income_use(under, 301, name="more")
    assert refused.value.code == "limit_exceeded"
    for old, amount_minor in (
        (Transfer.objects.get(code="use_income"), 100),
        (income.transfer, 50),
    ):
        services.correct_transfer(
            SYSTEM,
            old,
            id=new_id(),
            amount_minor=amount_minor,
            occurred_on=IN_TERM,
            reason="wrong",
            now=NOW,
        )
    assert position(under) == (750, 400, 350)
    assert services.verify_ledger() == []


@database
@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"stream": "licences"}, "not_programme_income", id="royalties"),
        pytest.param({"stream": "boats"}, "stream_unknown", id="no stream"),
        pytest.param({"occurred_on": date(2030, 1, 1)}, "income_outside_term", id="after the term"),
        pytest.param({"cost_of_earning_minor": 1_000}, "earning_cost_exceeded", id="all costs"),
    ],
)
def test_income_that_is_not_the_programmes_is_refused(given: dict[str, object], code: str) -> None:
    under = factories.agreement()
    with pytest.raises(Refused) as refused:
        factories.income(under, 1_000, **given)  # type: ignore[arg-type]  # by name
    assert refused.value.code == code
    assert Transfer.objects.count() == 0


@database
def test_income_sent_again_is_recorded_once_and_other_content_refused() -> None:
    under = factories.agreement()
    assert factories.income(under, 1_000) == factories.income(under, 1_000)
    with pytest.raises(Refused) as refused:
        factories.income(under, 1_000, payer="Somebody else")
    assert refused.value.code == "transfer_id_reused"
    assert Income.objects.count() == 1


@database
def test_default_terms_bind_until_the_sponsor_sets_others() -> None:
    under = factories.agreement()
    terms = queries.reporting_terms_of(under)
    assert (terms.report_term, terms.basis, terms.income_method) == (
        "quarterly",
        "accrual",
        "addition",
    )
    assert ReportingTerms.objects.count() == 0
    set_terms(under, "deduction", actor=factories.sponsor())
    assert queries.income_method_of(under).key == "deduction"
    assert AuditEvent.objects.filter(verb="set_reporting_terms").count() == 1
    for actor in (factories.finance(), factories.manager(), factories.sponsor("DOE")):
        with pytest.raises(NotPermitted):
            set_terms(under, "addition", actor=actor)


@database
def test_method_stays_once_income_is_recorded_and_cost_sharing_is_approved() -> None:
    under = factories.agreement()
    with pytest.raises(Refused) as refused:
        set_terms(under, "cost_sharing")
    assert refused.value.code == "approval_missing"
    set_terms(under, "cost_sharing", reason="letter of 1 March")
    factories.income(under, 100)
    set_terms(under, "cost_sharing")
    with pytest.raises(Refused) as fixed:
        set_terms(under, "deduction")
    assert fixed.value.code == "income_method_fixed"
    with pytest.raises(NotFound):
        set_terms(under, "none")


def set_terms(
    under: Agreement, method: str, *, actor: Actor = SYSTEM, reason: str = ""
) -> ReportingTerms:
    return services.set_reporting_terms(
        actor,
        under,
        report_term="quarterly",
        basis=ReportBasis.CASH,
        income_method=method,
        reason=reason,
        now=NOW,
    )


@database
def test_only_finance_records_income_and_outsiders_see_none() -> None:
    under = factories.agreement()
    factories.income(under, 100, actor=factories.finance())
    factories.income_use(under, 50)
    for actor in (factories.sponsor(), factories.manager(), Actor.public()):
        with pytest.raises(NotPermitted):
            factories.income(under, 100, actor=actor, name="no")
    for actor in (Actor.public(), factories.finance("lift"), factories.member("america-makes")):
        assert list(queries.income_visible_to(actor)) == []
        assert list(queries.income_uses_visible_to(actor)) == []
    assert queries.income_visible_to(factories.sponsor()).count() == 1


@database
@pytest.mark.database
def test_what_is_said_of_income_is_never_changed() -> None:
    under = factories.agreement()
    factories.income(under, 100)
    factories.income_use(under, 50)
    for records in (Income.objects.all(), IncomeUse.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            records.update(description="another")


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


@database
@pytest.mark.parametrize("count", [1, 3])
def test_page_of_income_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    under = factories.agreement()
    for place in range(count):
        factories.income(under, 100, name=str(place))
        factories.income_use(under, 40, name=str(place))
    signed_in(client, factories.finance())
    url = reverse("funding:list_income", args=[under.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as queried:
        answer = client.get(url)
    assert len(answer.context["income_table"].rows) == count
    assert len(answer.context["uses_table"].rows) == count
    assert len(queried) == 11
    assert answer.context["title"] == (
        f"${0.60 * count:.2f} of programme income is unspent under W911-1"
    )


@database
def test_finance_records_and_spends_income_on_the_pages(client: Client) -> None:
    under = factories.agreement()
    signed_in(client, factories.finance())
    client.post(
        reverse("funding:record_income", args=[under.pk]),
        {
            "id": str(new_id()),
            "stream": "services",
            "payer": "Bolts",
            "amount_minor": "100",
            "cost_of_earning_minor": "10",
            "occurred_on": IN_TERM.isoformat(),
        },
    )
    client.post(
        reverse("funding:use_income", args=[under.pk]),
        {
            "id": str(new_id()),
            "category": "supplies",
            "description": "powder",
            "amount_minor": "40",
            "occurred_on": IN_TERM.isoformat(),
        },
    )
    assert position(under) == (9_000, 4_000, 5_000)
    refusal = client.post(
        reverse("funding:use_income", args=[under.pk]),
        {
            "id": str(new_id()),
            "category": "supplies",
            "description": "powder",
            "amount_minor": "51",
            "occurred_on": IN_TERM.isoformat(),
        },
    )
    assert refusal.status_code == 409
    assert client.get(reverse("funding:set_reporting_terms", args=[under.pk])).status_code == 403


@database
def test_sponsor_sets_the_terms_on_the_page(client: Client) -> None:
    under = factories.agreement()
    signed_in(client, factories.sponsor())
    url = reverse("funding:set_reporting_terms", args=[under.pk])
    assert client.get(url).context["form"].initial["income_method"] == "addition"
    body = {"report_term": "annual", "basis": "cash", "income_method": "cost_sharing"}
    assert client.post(url, body).status_code == 409
    client.post(url, body | {"reason": "letter 7"})
    page = client.get(reverse("funding:list_income", args=[under.pk])).content.decode()
    assert "10j" in page


@database
def test_income_over_the_api() -> None:
    under = factories.agreement()
    client = signed_in(Client(), factories.finance())
    body = {
        "id": str(new_id()),
        "gross_minor": 100,
        "cost_of_earning_minor": 10,
        "currency": "USD",
        "occurred_on": IN_TERM.isoformat(),
        "stream": "services",
        "payer": "Bolts",
    }
    path = f"/api/v1/agreements/{under.pk}/income"
    recorded = client.post(path, body, content_type="application/json").json()
    assert (recorded["amount_minor"], recorded["gross_minor"]) == (90, 100)
    use = {
        "id": str(new_id()),
        "amount_minor": 90,
        "currency": "USD",
        "occurred_on": IN_TERM.isoformat(),
        "category": "supplies",
        "description": "powder",
    }
    used = client.post(f"{path}/uses", use, content_type="application/json").json()
    assert used["amount_minor"] == 90
    listed = client.get(f"/api/v1/income?agreement_id={under.pk}").json()["items"]
    assert [one["id"] for one in listed] == [body["id"]]
    assert Client().get("/api/v1/income").json()["items"] == []
