"""Funding over the API, as another system asks."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.apps.funding.models import Agreement, Contribution, ContributionEvidence, Transfer
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(actor: Actor) -> Client:
    factories.sponsorship()
    client = Client()
    client.force_login(factories.granted(actor))
    return client


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def movement(amount_minor: int, **given: object) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "amount_minor": amount_minor,
        "currency": "USD",
        "occurred_on": IN_TERM.isoformat(),
    } | given


@pytest.mark.parametrize(("path", "expected"), [("/agreements", 2), ("/transfers", 1)])
@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_at_any_length(
    client: Client, path: str, expected: int, count: int
) -> None:
    for place in range(count):
        factories.authorised(factories.agreement(f"W911-{place}"))
    with CaptureQueriesContext(connection) as queries:
        items = client.get(f"/api/v1{path}").json()["items"]
    assert (len(items), len(queries)) == (count, expected)


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_contributions_takes_the_same_queries_at_any_length(count: int) -> None:
    agreement = factories.agreement()
    for place in range(count):
        factories.contribution(agreement, name=str(place))
    officer = signed_in(factories.officer())
    with CaptureQueriesContext(connection) as queries:
        items = officer.get("/api/v1/contributions").json()["items"]
    assert (len(items), len(queries)) == (count, 5)


def test_public_reads_federal_money_and_no_contribution(client: Client) -> None:
    agreement = factories.agreement()
    factories.drawdown(factories.obligation(agreement), MILLION)
    contribution = factories.contribution(agreement)
    codes = [item["code"] for item in client.get("/api/v1/transfers").json()["items"]]
    assert sorted(codes) == ["authorise", "draw", "obligate"]
    assert client.get("/api/v1/contributions").json()["items"] == []
    assert client.get(f"/api/v1/contributions/{contribution.pk}").status_code == 404
    shown = client.get(f"/api/v1/agreements/{agreement.pk}").json()
    kinds = [one["kind"] for one in shown["accounts"]]
    assert kinds == ["award", "reserve", "drawn", "cash", "in_kind"]
    assert (shown["institute"], shown["agency"]) == ("america-makes", "DOD")


def test_lists_narrow_by_their_filters(client: Client) -> None:
    agreement = factories.agreement()
    factories.obligation(agreement)
    found = client.get("/api/v1/transfers?code=obligate&institute=america-makes").json()["items"]
    assert [item["code"] for item in found] == ["obligate"]
    assert client.get("/api/v1/transfers?since=2030-01-01").json()["items"] == []
    assert client.get("/api/v1/agreements?institute=iacmi").json()["items"] == []


def test_match_of_an_institute_is_public(client: Client) -> None:
    agreement = factories.agreement(agency_key="DOE")
    factories.obligation(agreement, 10 * MILLION)
    factories.contribution(agreement, amount_minor=4 * MILLION, is_accepted=True)
    whole = client.get("/api/v1/institutes/america-makes/match").json()
    assert (whole["ratio"], whole["standing"], whole["rule"]) == ("0.40", "below", "L-040")
    year = client.get("/api/v1/institutes/america-makes/match?fiscal_year=2021").json()
    assert (year["obligated_minor"], year["standing"]) == (0, "no_money")
    assert client.get("/api/v1/institutes/none/match").status_code == 404


def test_money_moves_over_the_api_and_a_retry_is_harmless() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement, 1000)
    sponsor, finance = signed_in(factories.sponsor()), signed_in(factories.finance())
    sent = movement(900)
    for _ in range(2):
        answer = post(sponsor, f"/agreements/{agreement.pk}/obligations", sent)
        assert (answer.status_code, answer.json()["id"]) == (200, sent["id"])
    drawn = post(finance, f"/transfers/{sent['id']}/drawdowns", movement(500))
    assert drawn.json()["pending_id"] == sent["id"]
    release = {"id": str(new_id()), "occurred_on": IN_TERM.isoformat(), "reason": "Less"}
    released = post(sponsor, f"/transfers/{sent['id']}/releases", release)
    assert released.json()["amount_minor"] == 400
    post(finance, f"/agreements/{agreement.pk}/returns", movement(100))
    assert factories.balances(agreement)["drawn"] == (400, 0)
    assert sponsor.get(f"/api/v1/transfers/{sent['id']}").json()["kind"] == "pending"


def test_idempotency_key_gives_the_first_answer_again() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement, 1000)
    sponsor = signed_in(factories.sponsor())
    sent, path = movement(5), f"/agreements/{agreement.pk}/obligations"
    answers = [post(sponsor, path, sent, **{"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Transfer.objects.filter(code="obligate").count() == 1


def test_batch_is_posted_whole_or_refused_whole() -> None:
    agreement = factories.agreement()
    sponsor = signed_in(factories.sponsor())
    good = [
        movement(10, agreement_id=agreement.pk, code="authorise"),
        movement(8, agreement_id=agreement.pk, code="obligate"),
    ]
    answer = post(sponsor, "/transfers/batch", {"transfers": good, "why": "file"})
    assert answer.json() == {"recorded": 2, "unchanged": 0}
    bad = [*good, movement(3, agreement_id=agreement.pk, code="obligate")]
    refused = post(sponsor, "/transfers/batch", {"transfers": bad})
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_exceeded")
    assert Transfer.objects.count() == 2


@pytest.mark.parametrize("who", ["finance", "officer", "public"])
def test_obligation_by_the_wrong_person_is_forbidden(who: str) -> None:
    agreement = factories.agreement()
    client = Client() if who == "public" else signed_in(getattr(factories, who)())
    answer = post(client, f"/agreements/{agreement.pk}/obligations", movement(5))
    assert answer.status_code == (401 if who == "public" else 403)
    assert Transfer.objects.count() == 0


def test_contribution_is_recorded_accepted_and_refused_over_the_api() -> None:
    agreement = factories.agreement()
    contributor = factories.organisation()
    finance, manager = signed_in(factories.finance()), signed_in(factories.manager())
    sent = [
        movement(
            100,
            agreement_id=agreement.pk,
            organisation_id=contributor.pk,
            kind="cash",
            evidence=["receipt"],
        )
        for _ in range(2)
    ]
    for body in sent:
        assert post(finance, "/contributions", body).json()["state"] == "recorded"
    accepted = post(
        manager,
        f"/contributions/{sent[0]['id']}/acceptance",
        {"accepted_minor": 60, "reason": "Part"},
    )
    assert (accepted.json()["state"], accepted.json()["accepted_minor"]) == ("accepted", 60)
    refused = post(manager, f"/contributions/{sent[1]['id']}/refusal", {"reason": "Not allowable"})
    assert refused.json()["decision_reason"] == "Not allowable"
    shown = finance.get(f"/api/v1/contributions/{sent[0]['id']}").json()
    assert (shown["institute"], shown["is_cash"]) == ("america-makes", True)


def test_contribution_gets_evidence_and_is_withdrawn_over_the_api() -> None:
    agreement = factories.agreement()
    finance = signed_in(factories.finance())
    body = movement(
        100,
        agreement_id=agreement.pk,
        organisation_id=factories.organisation().pk,
        kind="cash",
        evidence=["receipt"],
    )
    post(finance, "/contributions", body)
    path = f"/contributions/{body['id']}"
    assert post(finance, f"{path}/evidence", {"references": ["GL-9"]}).status_code == 200
    assert post(finance, f"{path}/evidence", {"references": []}).status_code == 422
    assert ContributionEvidence.objects.filter(reference="GL-9").count() == 1
    assert post(Client(), f"{path}/withdrawal", {"reason": "x"}).status_code == 401
    withdrawn = post(finance, f"{path}/withdrawal", {"reason": "Entered twice"}).json()
    assert (withdrawn["state"], withdrawn["decision_reason"]) == ("withdrawn", "Entered twice")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"amount_minor": 0}, 422),
        ({"currency": "usd"}, 422),
        ({"kind": "goodwill"}, 409),
        ({"organisation_id": 999}, 404),
        ({"agreement_id": 999}, 404),
    ],
)
def test_contribution_that_can_not_be_taken_is_a_problem(
    given: dict[str, Any], status: int
) -> None:
    agreement = factories.agreement()
    body = movement(
        5, agreement_id=agreement.pk, organisation_id=factories.organisation().pk, kind="cash"
    )
    answer = post(signed_in(factories.finance()), "/contributions", body | given)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert Contribution.objects.count() == 0


def terms(**given: object) -> dict[str, Any]:
    return {
        "institute": "america-makes",
        "agency": "DOD",
        "number": "W911-9",
        "currency": "USD",
        "signed_on": "2021-09-20",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "federal_total_minor": 1000,
    } | given


def test_agreement_is_signed_activated_and_authorised_over_the_api(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "today", lambda: factories.ENDS_ON)
    sponsor = signed_in(factories.sponsor())
    signed = post(sponsor, "/agreements", terms(number=" W911-9 "))
    assert (signed.status_code, signed.json()["state"]) == (200, "draft")
    assert (signed.json()["number"], signed.json()["agency"]) == ("W911-9", "DOD")
    path = f"/agreements/{signed.json()['id']}"
    assert Client().get(f"/api/v1{path}").status_code == 404
    assert post(sponsor, f"{path}/activate", {}).json()["state"] == "active"
    again = post(sponsor, f"{path}/activate", {})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    sent = movement(600)
    for _ in range(2):
        answer = post(sponsor, f"{path}/authorisations", sent)
        assert (answer.status_code, answer.json()["id"]) == (200, sent["id"])
    beyond = post(sponsor, f"{path}/authorisations", movement(600))
    assert (beyond.status_code, beyond.json()["code"]) == (409, "agreement_total_exceeded")
    assert post(sponsor, f"{path}/end", {}).json()["state"] == "ended"


def test_agreement_signed_again_under_its_key_is_the_first_one() -> None:
    sponsor = signed_in(factories.sponsor())
    answers = [
        post(sponsor, "/agreements", terms(), **{"Idempotency-Key": "k"}).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    taken = post(sponsor, "/agreements", terms())
    assert (taken.status_code, taken.json()["code"]) == (409, "number_taken")
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"institute": "none"}, 404),
        ({"agency": "NONE"}, 404),
        ({"agency": "DOE"}, 403),
        ({"number": " "}, 422),
        ({"ends_on": "2021-10-01"}, 422),
        ({"federal_total_minor": 0}, 422),
        ({"cost_share_required_minor": -1}, 422),
    ],
)
def test_agreement_that_can_not_be_signed_is_a_problem(given: dict[str, Any], status: int) -> None:
    factories.agency("DOE")
    answer = post(signed_in(factories.sponsor()), "/agreements", terms(**given))
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert Agreement.objects.count() == 0


def test_agency_that_does_not_sponsor_the_institute_is_told_so_over_the_api() -> None:
    factories.agency("DOE")
    answer = post(signed_in(factories.sponsor("DOE")), "/agreements", terms(agency="DOE"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_sponsor")
    assert "DOE does not sponsor" in answer.json()["detail"]
    assert Agreement.objects.count() == 0


def test_agreement_is_terminated_over_the_api_with_its_reason() -> None:
    agreement = factories.agreement()
    sponsor = signed_in(factories.sponsor())
    path = f"/agreements/{agreement.pk}/terminate"
    refused = post(sponsor, path, {"reason": " "})
    assert (refused.status_code, refused.json()["code"]) == (409, "reason_missing")
    assert post(sponsor, path, {"reason": "Funds withdrawn"}).json()["state"] == "terminated"
    agreement.refresh_from_db()
    assert agreement.close_reason == "Funds withdrawn"


@pytest.mark.parametrize("who", ["finance", "officer", "public"])
@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("activate", {}),
        ("end", {}),
        ("terminate", {"reason": "Because"}),
        ("authorisations", None),
    ],
)
def test_agreement_is_changed_over_the_api_by_its_sponsor_alone(
    who: str, verb: str, body: dict[str, Any] | None
) -> None:
    agreement = factories.agreement()
    client = Client() if who == "public" else signed_in(getattr(factories, who)())
    sent = movement(5) if body is None else body
    refused, missing = (401, 401) if who == "public" else (403, 404)
    assert post(client, f"/agreements/{agreement.pk}/{verb}", sent).status_code == refused
    assert post(client, f"/agreements/999999/{verb}", sent).status_code == missing
    agreement.refresh_from_db()
    assert (agreement.state, Transfer.objects.count()) == ("active", 0)


def test_transfer_is_corrected_over_the_api_and_a_retry_is_harmless() -> None:
    agreement = factories.agreement()
    authorised = factories.authorised(agreement, 1000)
    sponsor, finance = signed_in(factories.sponsor()), signed_in(factories.finance())
    path = f"/transfers/{authorised.pk}/corrections"
    sent = {
        "id": str(new_id()),
        "amount_minor": 400,
        "occurred_on": IN_TERM.isoformat(),
        "reason": "Keyed twice",
    }
    for _ in range(2):
        answer = post(sponsor, path, sent).json()
        assert (answer["id"], answer["corrects_id"]) == (sent["id"], str(authorised.pk))
    assert factories.balances(agreement)["award"] == (600, 0)
    other = post(sponsor, path, sent | {"amount_minor": 5})
    assert (other.status_code, other.json()["code"]) == (409, "transfer_id_reused")
    beyond = post(sponsor, path, sent | {"id": str(new_id()), "amount_minor": 601})
    assert (beyond.status_code, beyond.json()["code"]) == (409, "correction_exceeded")
    assert post(finance, path, sent | {"id": str(new_id())}).status_code == 403
    assert post(finance, f"/transfers/{new_id()}/corrections", sent).status_code == 404


@pytest.mark.database
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/organisations?q=%00",
        "/api/v1/members?institute=a%00b",
        "/api/v1/institutes/%00/match",
        "/api/v1/transfers?code=%00",
    ],
)
def test_nul_in_an_address_is_invalid_and_no_failure(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "unstorable")


@pytest.mark.database
def test_nul_in_a_body_is_invalid_and_nothing_is_stored() -> None:
    agreement = factories.agreement()
    client = signed_in(factories.sponsor())
    answer = post(
        client,
        f"/agreements/{agreement.pk}/authorisations",
        movement(5, reference="a\0b"),
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "unstorable")
    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/transfers?agreement_id={10**30}",
        f"/api/v1/contributions?agreement_id={10**30}",
        f"/api/v1/members?organisation={10**30}",
        "/api/v1/institutes/america-makes/match?fiscal_year=999999999",
        "/api/v1/institutes/america-makes/match?fiscal_year=0",
    ],
)
def test_number_beyond_reason_in_an_address_is_invalid(client: Client, path: str) -> None:
    factories.institute()
    assert client.get(path).status_code == 422


def test_batch_under_a_draft_of_others_does_not_tell_that_it_is_there() -> None:
    draft = factories.agreement(is_active=False)
    row = movement(5, agreement_id=draft.pk, code="obligate")
    stranger = signed_in(factories.sponsor("DOE", overseen="iacmi"))
    answers = [
        post(stranger, "/transfers/batch", {"transfers": [{**row, "agreement_id": pk}]})
        for pk in (draft.pk, draft.pk + 1)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
