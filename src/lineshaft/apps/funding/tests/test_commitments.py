"""Promises of cost share, what is left of them, and their release."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Agreement, Commitment
from lineshaft.apps.funding.rules import CommitmentStanding
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent

KEY = "america-makes"
PROMISED_ON, DUE_ON = date(2021, 11, 1), date(2022, 12, 31)


def promise(under: Agreement, name: str = "one", **given: Any) -> services.Promise:
    stated: dict[str, Any] = {
        "id": factories.transfer_id("promise", under.pk, name),
        "agreement_id": under.pk,
        "organisation_id": factories.organisation().pk,
        "is_cash": True,
        "amount_minor": 1_000,
        "currency": "USD",
        "promised_on": PROMISED_ON,
        "due_on": DUE_ON,
        "reference": f"Letter {name}",
    }
    return services.Promise(**stated | given)


def recorded(under: Agreement, name: str = "one", **given: Any) -> Commitment:
    return services.record_commitment(SYSTEM, promise(under, name, **given), now=NOW)


def left(*commitments: Commitment) -> list[int]:
    found = queries.left_minor_of(Commitment.objects.filter(pk__in=[one.pk for one in commitments]))
    return [found[one.pk] for one in commitments]


@pytest.mark.parametrize(
    ("promised", "brought", "expected"),
    [
        ((), 5, ()),
        ((10,), 0, (10,)),
        ((10, 20), 15, (0, 15)),
        ((10, 20), 30, (0, 0)),
        ((10, 20), 99, (0, 0)),
    ],
)
def test_left_of(promised: tuple[int, ...], brought: int, expected: tuple[int, ...]) -> None:
    assert rules.left_of(promised, brought) == expected


@given(promised=st.lists(st.integers(1, 10**15)), brought=st.integers(0, 10**16))
def test_what_is_left_and_what_was_kept_sum_to_what_was_promised(
    promised: list[int], brought: int
) -> None:
    found = rules.left_of(promised, brought)
    assert sum(found) == max(0, sum(promised) - brought)
    assert all(0 <= rest <= amount for rest, amount in zip(found, promised, strict=True))


@pytest.mark.parametrize(
    ("left_minor", "released_minor", "today", "standing"),
    [
        (1, 0, DUE_ON, CommitmentStanding.OPEN),
        (1, 0, date(2023, 1, 1), CommitmentStanding.OVERDUE),
        (0, 0, date(2023, 1, 1), CommitmentStanding.KEPT),
        (0, 1, DUE_ON, CommitmentStanding.RELEASED),
    ],
)
def test_standing(
    left_minor: int, released_minor: int, today: date, standing: CommitmentStanding
) -> None:
    assert rules.commitment_standing(left_minor, released_minor, DUE_ON, today) is standing


@pytest.mark.django_db
@pytest.mark.database
def test_what_was_accepted_keeps_the_earliest_promise_of_the_same_form_first() -> None:
    agreement = factories.agreement()
    first = recorded(agreement)
    second = recorded(agreement, "two", due_on=date(2023, 12, 31), amount_minor=500)
    in_kind = recorded(agreement, "three", is_cash=False)
    assert left(first, second, in_kind) == [1_000, 500, 1_000]
    factories.contribution(agreement, amount_minor=1_200, is_accepted=True)
    factories.contribution(agreement, name="waiting", amount_minor=9_999)
    assert left(first, second, in_kind) == [0, 300, 1_000]
    totals = queries.commitment_totals(Commitment.objects.all())
    assert (totals.expected_minor, totals.brought_minor, totals.left_minor) == (2_500, 1_200, 1_300)


@pytest.mark.django_db
@pytest.mark.database
def test_promise_sent_twice_is_stored_once_and_other_content_is_refused() -> None:
    agreement = factories.agreement()
    finance = factories.finance()
    for _ in range(2):
        services.record_commitment(finance, promise(agreement), now=NOW)
    assert AuditEvent.objects.filter(verb="record_commitment").count() == 1
    with pytest.raises(Refused) as error:
        services.record_commitment(finance, promise(agreement, amount_minor=2_000), now=NOW)
    assert refusal_code(error) == "transfer_id_reused"
    with pytest.raises(NotPermitted):
        services.record_commitment(factories.manager(), promise(agreement, "two"), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_minor": 0}, "amount_not_positive"),
        ({"currency": "CNY"}, "currency_differs"),
        ({"reference": " "}, "letter_missing"),
        ({"due_on": date(2021, 10, 31)}, "commitment_dates"),
        ({"due_on": date(2026, 10, 1)}, "commitment_dates"),
        ({"promised_on": date(1022, 1, 1)}, "before_records"),
    ],
)
def test_promise_that_a_rule_forbids_is_named_and_none_is_recorded(
    change: dict[str, Any], code: str
) -> None:
    agreement = factories.agreement()
    promises = [promise(agreement), promise(agreement, "two", **change)]
    with pytest.raises(services.RefusedRow) as error:
        services.record_commitments(SYSTEM, promises, now=NOW, why="file")
    assert (error.value.position, refusal_code(error)) == (1, code)
    assert Commitment.objects.count() == 0


@pytest.mark.django_db
def test_promises_in_bulk_are_recorded_once() -> None:
    agreement = factories.agreement()
    promises = [promise(agreement), promise(agreement, "two"), promise(agreement)]
    first = services.record_commitments(SYSTEM, promises, now=NOW, why="file")
    again = services.record_commitments(SYSTEM, promises, now=NOW, why="file")
    assert (first.recorded, first.unchanged) == (2, 1)
    assert (again.recorded, again.unchanged) == (0, 3)
    nothing = services.record_commitments(SYSTEM, [], now=NOW, why="file")
    assert (nothing.recorded, nothing.unchanged) == (0, 0)
    with pytest.raises(NotFound):
        services.record_commitment(SYSTEM, replace(promises[0], agreement_id=0), now=NOW)


@pytest.mark.django_db
@pytest.mark.database
def test_rest_of_a_promise_is_released_once_with_a_reason() -> None:
    agreement = factories.agreement()
    commitment = recorded(agreement)
    factories.contribution(agreement, amount_minor=400, is_accepted=True)

    def release(reason: str) -> Commitment:
        return services.release_commitment(
            factories.finance(), commitment.pk, reason=reason, today=TODAY, now=NOW
        )

    with pytest.raises(Refused) as error:
        release(" ")
    assert refusal_code(error) == "reason_missing"
    for _ in range(2):
        assert release("The firm was sold").released_minor == 600
    assert left(commitment) == [0]
    with pytest.raises(Refused) as error:
        release("Once more")
    assert refusal_code(error) == "nothing_left"
    with pytest.raises(NotFound):
        services.release_commitment(SYSTEM, new_id(), reason="x", today=TODAY, now=NOW)


# ------------------------------------------------------------------------------ pages and the API


@pytest.fixture
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


class TestPages:
    pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_without_second_factor")]

    def test_promise_is_recorded_and_released_by_forms(self, client: Client) -> None:
        agreement = factories.agreement()
        factories.organisation()
        signed_in(client, factories.finance())
        listed = reverse("funding:list_commitments", args=[KEY])
        assert client.get(listed).context["title"] == "Nothing is promised to America-Makes"
        sent = {
            "id": str(new_id()),
            "agreement": agreement.pk,
            "contributor": "Brass and Bolt Works",
            "form": "in_kind",
            "amount_minor": "50",
            "promised_on": "2021-11-01",
            "due_on": "2022-12-31",
            "reference": "Letter of 1 November 2021",
        }
        url = reverse("funding:record_commitment", args=[KEY])
        assert client.get(url).status_code == 200
        assert client.post(url, sent | {"due_on": "2020-01-01"}).status_code == 409
        assert client.post(url, sent)["Location"] == listed
        shown = client.get(listed)
        assert shown.context["title"] == "$0 of $50 promised to America-Makes is brought"
        release = reverse("funding:release_commitment", args=[sent["id"]])
        assert release in shown.content.decode()
        assert "$50 is left of $50" in client.get(release).content.decode()
        assert client.post(release, {"reason": "The firm was sold"})["Location"] == listed
        assert "The firm was sold" in client.get(listed).content.decode()
        assert client.post(release, {"reason": "Again"}).status_code == 409

    def test_other_institutes_and_the_public_find_no_promise(self, client: Client) -> None:
        factories.organisation("The stranger's own")
        commitment = recorded(factories.agreement())
        factories.institute("iacmi")
        addresses = (
            reverse("funding:list_commitments", args=[KEY]),
            reverse("funding:release_commitment", args=[commitment.pk]),
            f"/api/v1/commitments/{commitment.pk}",
        )
        for actor in (None, factories.manager("iacmi"), factories.member(KEY)):
            if actor:
                signed_in(client, actor)
            assert [client.get(address).status_code for address in addresses] == [404] * 3
            assert client.get("/api/v1/commitments").json()["items"] == []
        giver = factories.member(KEY, factories.organisation())
        assert list(queries.commitments_visible_to(giver)) == [commitment]

    @pytest.mark.parametrize("count", [1, 3])
    def test_list_takes_the_same_queries_at_any_length(self, client: Client, count: int) -> None:
        agreement = factories.agreement()
        for place in range(count):
            recorded(agreement, str(place))
        signed_in(client, factories.officer())
        url = reverse("funding:list_commitments", args=[KEY])
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        assert len(answer.context["table"].rows) == count
        assert len(captured) == 12

    def test_promise_is_recorded_and_released_over_the_api(self, client: Client) -> None:
        agreement = factories.agreement()
        contributor = factories.organisation()
        signed_in(client, factories.finance())
        body = {
            "id": str(new_id()),
            "agreement_id": agreement.pk,
            "organisation_id": contributor.pk,
            "is_cash": True,
            "amount_minor": 1_000,
            "currency": "USD",
            "promised_on": "2021-11-01",
            "due_on": "2022-12-31",
            "reference": "Letter 4",
        }
        answer = client.post("/api/v1/commitments", body, content_type="application/json")
        assert answer.json()["left_minor"] == 1_000
        url = f"/api/v1/commitments/{body['id']}"
        client.post(f"{url}/release", {"reason": "Sold"}, content_type="application/json")
        shown = client.get(url).json()
        assert (shown["left_minor"], shown["released_minor"]) == (0, 1_000)
        listed = client.get(f"/api/v1/commitments?institute={KEY}").json()["items"]
        assert [one["id"] for one in listed] == [body["id"]]
