"""Claims with lines, decided line by line."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Agreement, ClaimLine, Contribution, CostShareClaim
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent

KEY = "america-makes"
STARTS_ON, ENDS_ON = date(2022, 1, 1), date(2022, 4, 1)


def header(under: Agreement, **given: Any) -> services.ClaimHeader:
    stated: dict[str, Any] = {
        "id": factories.transfer_id("claim head", under.pk),
        "agreement_id": under.pk,
        "organisation_id": factories.organisation().pk,
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
        "number": "Q1",
    }
    return services.ClaimHeader(**stated | given)


def lines(under: Agreement, count: int = 3) -> list[services.Claim]:
    """Small ones, so that one person may decide on them."""
    return [
        factories.claim(
            under,
            name=str(place),
            kind="personnel" if place % 2 else "cash",
            amount_minor=100 + place,
        )
        for place in range(count)
    ]


def opened(under: Agreement, count: int = 3, *, actor: Actor = SYSTEM) -> CostShareClaim:
    return services.open_claim(actor, header(under), lines=lines(under, count), now=NOW)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "code"),
    [
        pytest.param(date(2021, 10, 1), date(2026, 10, 1), "", id="the whole term"),
        pytest.param(date(2022, 1, 1), date(2022, 1, 1), "claim_period", id="empty"),
        pytest.param(date(2021, 9, 30), date(2022, 1, 1), "claim_period", id="too early"),
        pytest.param(date(2022, 1, 1), date(2026, 10, 2), "claim_period", id="too late"),
    ],
)
def test_claim_period(starts_on: date, ends_on: date, code: str) -> None:
    refusal = rules.claim_period(
        starts_on, ends_on, term_starts_on=date(2021, 10, 1), term_ends_on=date(2026, 10, 1)
    )
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    ("occurred_on", "is_of_claim", "code"),
    [
        (STARTS_ON, True, ""),
        (date(2021, 12, 31), True, "line_outside_claim"),
        (ENDS_ON, True, "line_outside_claim"),
        (STARTS_ON, False, "line_of_other"),
    ],
)
def test_line_in_claim(occurred_on: date, code: str, *, is_of_claim: bool) -> None:
    refusal = rules.line_in_claim(occurred_on, STARTS_ON, ENDS_ON, is_of_claim=is_of_claim)
    assert (refusal.code if refusal else "") == code


@pytest.mark.django_db
@pytest.mark.database
def test_claim_is_opened_with_its_lines_once() -> None:
    agreement = factories.agreement()
    for _ in range(2):
        claim = opened(agreement, actor=factories.finance())
    assert ClaimLine.objects.filter(claim=claim).count() == 3
    assert AuditEvent.objects.filter(verb="open_claim").count() == 1
    with pytest.raises(Refused) as error:
        services.open_claim(SYSTEM, header(agreement, number="Q2"), now=NOW)
    assert refusal_code(error) == "transfer_id_reused"


@pytest.mark.django_db
def test_line_is_added_to_a_claim_and_the_same_line_outside_it_is_another() -> None:
    agreement = factories.agreement()
    claim = opened(agreement, 0)
    line = replace(lines(agreement)[0], claim_id=claim.pk)
    for _ in range(2):
        services.record_contribution(SYSTEM, line, now=NOW)
    assert ClaimLine.objects.get().claim_id == claim.pk
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, replace(line, claim_id=None), now=NOW)
    assert refusal_code(error) == "transfer_id_reused"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"occurred_on": date(2022, 4, 1)}, "line_outside_claim", id="later"),
        pytest.param({"units": None}, "valuation_incomplete", id="no hours"),
    ],
)
def test_line_that_a_rule_forbids_is_named_and_the_claim_is_not_opened(
    change: dict[str, Any], code: str
) -> None:
    agreement = factories.agreement()
    given = lines(agreement)
    given[1] = replace(given[1], **change)
    with pytest.raises(services.RefusedRow) as error:
        services.open_claim(SYSTEM, header(agreement), lines=given, now=NOW)
    assert (error.value.position, refusal_code(error)) == (1, code)
    assert (CostShareClaim.objects.count(), Contribution.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_line_of_another_contributor_or_of_no_claim_is_not_taken() -> None:
    agreement = factories.agreement()
    claim = opened(agreement, 0)
    other = factories.claim(agreement, factories.organisation("Copper"))
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, replace(other, claim_id=claim.pk), now=NOW)
    assert refusal_code(error) == "line_of_other"
    with pytest.raises(NotFound):
        services.record_contribution(SYSTEM, replace(other, claim_id=new_id()), now=NOW)
    with pytest.raises(NotFound):
        services.open_claim(SYSTEM, header(agreement, agreement_id=0), now=NOW)


def decide(
    actor: Actor, claim: CostShareClaim, *decisions: services.LineDecision
) -> services.ContributionOutcome:
    return services.decide_claim(actor, claim.pk, decisions, today=TODAY, now=NOW)


@pytest.mark.django_db
@pytest.mark.database
def test_lines_are_accepted_in_whole_in_part_and_refused_at_once_and_only_once() -> None:
    agreement = factories.agreement()
    claim = opened(agreement)
    first, second, third = (line.id for line in lines(agreement))
    decisions = (
        services.LineDecision(first),
        services.LineDecision(second, accepted_minor=60, reason="Overvalued"),
        services.LineDecision(third, is_refused=True, reason="Not allowable"),
    )
    manager = factories.manager()
    assert decide(manager, claim, *decisions) == services.ContributionOutcome(3, 0)
    assert decide(manager, claim, *decisions) == services.ContributionOutcome(0, 3)
    assert factories.balances(agreement)["cash"] == (100, 0)
    assert factories.balances(agreement)["in_kind"] == (60, 0)
    assert AuditEvent.objects.filter(verb="decide_claim").count() == 1
    sums = queries.claim_by_id(manager, claim.pk)
    assert [getattr(sums, name) for name in ("line_count", "waiting_count")] == [3, 0]
    assert [getattr(sums, name) for name in ("claimed_minor", "accepted_minor")] == [303, 160]
    assert services.verify_ledger() == []


@pytest.mark.django_db
def test_line_refused_by_a_rule_is_named_and_no_line_is_decided() -> None:
    agreement = factories.agreement()
    claim = opened(agreement)
    first, second, _third = (line.id for line in lines(agreement))
    with pytest.raises(services.RefusedRow) as error:
        decide(
            SYSTEM,
            claim,
            services.LineDecision(first),
            services.LineDecision(second, accepted_minor=60),
        )
    assert (error.value.position, refusal_code(error)) == (1, "reason_missing")
    assert set(Contribution.objects.values_list("state", flat=True)) == {"recorded"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "again",
    [
        {},
        {"accepted_minor": 60, "reason": "Overvalued"},
        {"is_refused": True, "reason": "Overvalued"},
    ],
)
def test_line_named_twice_is_refused_and_counts_nothing(again: dict[str, Any]) -> None:
    agreement = factories.agreement()
    claim = opened(agreement)
    first, second, _third = (line.id for line in lines(agreement))
    decisions = [services.LineDecision(second), services.LineDecision(first)]
    with pytest.raises(services.RefusedRow) as error:
        decide(SYSTEM, claim, *decisions, services.LineDecision(second, **again))
    assert (error.value.position, refusal_code(error)) == (2, "decision_repeated")
    assert set(Contribution.objects.values_list("state", flat=True)) == {"recorded"}
    assert services.verify_ledger() == []


@pytest.mark.django_db
def test_claim_is_decided_by_its_own_people_on_its_own_lines() -> None:
    claim = opened(factories.agreement())
    stranger = factories.contribution(factories.agreement("W911-2"), name="stranger")
    with pytest.raises(NotFound):
        decide(SYSTEM, claim, services.LineDecision(stranger.pk))
    with pytest.raises(NotPermitted):
        decide(factories.manager("iacmi"), claim, services.LineDecision(stranger.pk))
    with pytest.raises(NotFound):
        services.decide_claim(SYSTEM, new_id(), [], today=TODAY, now=NOW)
    with pytest.raises(Refused) as error:
        decide(SYSTEM, claim)
    assert refusal_code(error) == "decision_missing"


# ------------------------------------------------------------------------------ pages and the API


@pytest.fixture
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


pages = [pytest.mark.django_db, pytest.mark.usefixtures("_without_second_factor")]


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


class TestPages:
    pytestmark = pages

    def test_claim_is_opened_filled_and_decided_by_forms(self, client: Client) -> None:
        agreement = factories.agreement()
        factories.organisation()
        signed_in(client, factories.finance())
        sent = {
            "id": str(new_id()),
            "agreement": agreement.pk,
            "contributor": "Brass and Bolt Works",
            "starts_on": "2022-01-01",
            "ends_on": "2022-04-01",
            "number": "Q1",
        }
        url = reverse("funding:open_claim", args=[KEY])
        assert client.get(url).status_code == 200
        assert client.post(url, sent | {"ends_on": "2021-01-01"}).status_code == 409
        assert client.post(url, sent | {"contributor": "Nobody"}).status_code == 422
        page = client.post(url, sent)["Location"]
        record = reverse("funding:record_contribution", args=[KEY]) + f"?claim={sent['id']}"
        assert "under W911-1" in client.get(record).context["lede"]
        line = {
            "id": str(new_id()),
            "kind": "personnel",
            "occurred_on": "2022-02-01",
            "units": "10",
            "rate_minor": "60",
            "evidence": "time sheets",
        }
        refused = client.post(record, line | {"occurred_on": "2022-05-01"})
        assert "lies outside the period of the claim" in refused.content.decode()
        assert client.post(record, line)["Location"] == page
        shown = client.get(page)
        assert shown.context["title"] == "Brass and Bolt Works claims $600, and $0 of it counts"
        decide_url = reverse("funding:decide_claim", args=[sent["id"]])
        assert "10 × $60 = $600" in client.get(decide_url).content.decode()
        field = line["id"]
        refused = client.post(
            decide_url, {f"{field}-decision": "accept", f"{field}-accepted_minor": "500"}
        )
        assert refused.status_code == 409
        assert f"{field}-decision" in refused.context["form"].errors
        assert client.post(decide_url, {}).status_code == 409
        answer = client.post(
            decide_url,
            {
                f"{field}-decision": "accept",
                f"{field}-accepted_minor": "500",
                f"{field}-reason": "Ten hours at 50",
            },
        )
        assert answer["Location"] == page
        assert client.get(page).context["title"].endswith("and $500 of it counts")
        contribution = Contribution.objects.get()
        assert page in client.get(contribution.get_absolute_url()).content.decode()
        assert "No line waits" in client.get(decide_url).content.decode()

    def test_line_is_refused_on_the_page_of_its_claim(self, client: Client) -> None:
        agreement = factories.agreement()
        claim = opened(agreement, 1)
        signed_in(client, factories.manager())
        (line,) = lines(agreement, 1)
        url = reverse("funding:decide_claim", args=[claim.pk])
        client.post(url, {f"{line.id}-decision": "refuse", f"{line.id}-reason": "Not ours"})
        assert Contribution.objects.get().state == "refused"
        assert "Not ours" in client.get(claim.get_absolute_url()).content.decode()

    @pytest.mark.parametrize("key", ["nonsense", "other"])
    def test_line_of_a_claim_that_is_not_the_institutes_is_not_found(
        self, client: Client, key: str
    ) -> None:
        factories.agreement()
        other = opened(factories.agreement("DE-1", institute_key="iacmi", agency_key="DOE"), 0)
        signed_in(client, factories.finance())
        url = reverse("funding:record_contribution", args=[KEY])
        asked = key if key == "nonsense" else str(other.pk)
        assert client.get(url, {"claim": asked}).status_code == 404

    def test_network_staff_do_not_add_a_line_under_the_wrong_institute(
        self, client: Client
    ) -> None:
        claim = opened(factories.agreement("DE-1", institute_key="iacmi", agency_key="DOE"), 0)
        factories.agreement()
        finance = replace(
            factories.finance(),
            grants=factories.finance().grants | factories.finance("iacmi").grants,
        )
        signed_in(client, finance)
        url = reverse("funding:record_contribution", args=[KEY])
        assert client.get(url, {"claim": str(claim.pk)}).status_code == 404

    def test_other_institutes_and_the_public_find_no_claim(self, client: Client) -> None:
        factories.organisation("The stranger's own")
        claim = opened(factories.agreement())
        addresses = (
            claim.get_absolute_url(),
            reverse("funding:decide_claim", args=[claim.pk]),
            reverse("funding:list_claims", args=[KEY]),
            f"/api/v1/claims/{claim.pk}",
        )
        factories.institute("iacmi")
        for actor in (None, factories.manager("iacmi"), factories.member(KEY)):
            if actor:
                signed_in(client, actor)
            assert [client.get(address).status_code for address in addresses] == [404] * 4
            assert client.get("/api/v1/claims").json()["items"] == []
        giver = factories.member(KEY, factories.organisation())
        assert list(queries.claims_visible_to(giver)) == [claim]

    @pytest.mark.parametrize("count", [1, 3])
    def test_pages_take_the_same_queries_at_any_length(self, client: Client, count: int) -> None:
        agreement = factories.agreement()
        claim = opened(agreement, count)
        for place in range(count - 1):
            services.open_claim(SYSTEM, header(agreement, id=new_id()), now=NOW)
            assert place < count
        signed_in(client, factories.manager())
        found = {}
        for address in (
            claim.get_absolute_url(),
            reverse("funding:decide_claim", args=[claim.pk]),
            reverse("funding:list_claims", args=[KEY]),
        ):
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found[address.rstrip("/").rsplit("/", 1)[-1]] = len(captured)
        assert list(found.values()) == [10, 8, 10]

    def test_claim_is_opened_and_decided_over_the_api(self, client: Client) -> None:
        agreement = factories.agreement()
        contributor = factories.organisation()
        signed_in(client, factories.finance())
        line_ids = [str(new_id()), str(new_id())]
        body: dict[str, Any] = {
            "id": str(new_id()),
            "agreement_id": agreement.pk,
            "organisation_id": contributor.pk,
            "number": "Q1",
            "starts_on": "2022-01-01",
            "ends_on": "2022-04-01",
            "lines": [
                {
                    "id": pk,
                    "kind": "cash",
                    "amount_minor": 100,
                    "currency": "USD",
                    "occurred_on": "2022-02-01",
                    "evidence": ["receipt"],
                }
                for pk in line_ids
            ],
        }
        opened_claim = client.post("/api/v1/claims", body, content_type="application/json").json()
        assert (opened_claim["line_count"], opened_claim["claimed_minor"]) == (2, 200)
        decision = {
            "lines": [
                {"contribution_id": line_ids[0], "decision": "accept"},
                {"contribution_id": line_ids[1], "decision": "refuse", "reason": "Twice"},
            ]
        }
        url = f"/api/v1/claims/{body['id']}"
        client.post(f"{url}/decision", decision, content_type="application/json")
        shown = client.get(url).json()
        assert (shown["accepted_minor"], shown["waiting_count"]) == (100, 0)
        assert {line["state"] for line in shown["lines"]} == {"accepted", "refused"}
        listed = client.get(f"/api/v1/claims?institute={KEY}").json()["items"]
        assert [UUID(one["id"]) for one in listed] == [UUID(body["id"])]
        more = {
            **body["lines"][0],
            "id": str(new_id()),
            "agreement_id": agreement.pk,
            "organisation_id": contributor.pk,
        }
        for claim_id, status in ((body["id"], 200), (str(new_id()), 404)):
            answer = client.post(
                "/api/v1/contributions",
                more | {"claim_id": claim_id},
                content_type="application/json",
            )
            assert answer.status_code == status
