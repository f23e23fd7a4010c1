"""Pages and the API of transfers that take two persons."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import MILLION, NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_proposals import (
    LARGE,
    first_officer,
    funded,
    obligate,
    proposed,
    second_finance,
    second_officer,
)
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor


@pytest.fixture
def _in_term(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(actor: Actor) -> Client:
    factories.sponsorship()
    client = Client()
    client.force_login(factories.granted(actor))
    return client


class TestPages:
    pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_in_term")]

    def test_obligation_is_proposed_and_approved_by_forms(self) -> None:
        agreement = funded()
        first, second = signed_in(first_officer()), signed_in(second_officer())
        sent = {
            "id": str(new_id()),
            "amount_minor": "6,000,000",
            "occurred_on": "2022-03-01",
            "reference": "Order 9",
        }
        answer = first.post(
            reverse("funding:obligate_funds", args=[agreement.pk]), sent, follow=True
        )
        url = reverse("funding:show_proposal", args=[sent["id"]])
        assert answer.redirect_chain[-1][0] == url
        html = answer.content.decode()
        assert "Obligation of $6,000,000 is proposed. A second person approves it." in html
        assert "Obligation of $6,000,000 waits for a second person" in html
        assert reverse("funding:withdraw_transfer", args=[sent["id"]]) in html
        approve = reverse("funding:approve_transfer", args=[sent["id"]])
        assert approve not in html
        shown = first.get(reverse("funding:show_agreement", args=[agreement.pk])).content.decode()
        assert "1 transfer waits for a second person" in shown
        desk = second.get("/desk/").content.decode()
        assert (url in desk, "Transfer to approve or reject" in desk) == (True, True)
        assert approve in second.get(url).content.decode()
        assert "Balance after" in second.get(approve).content.decode()
        assert first.post(approve, {"is_confirmed": "on"}).status_code == 409
        done = second.post(approve, {"is_confirmed": "on"}, follow=True).content.decode()
        assert "Obligation of $6,000,000 is recorded." in done
        transfer = first.get(reverse("funding:show_transfer", args=[sent["id"]])).content.decode()
        assert "Proposed by" in transfer
        assert Client().get(url).status_code == 404

    def test_approval_that_a_limit_refuses_says_one_sentence(self) -> None:
        agreement = funded(8 * MILLION)
        proposal = proposed(obligate(first_officer(), agreement))
        obligate(SYSTEM, agreement, 4 * MILLION, name="between")
        approve = reverse("funding:approve_transfer", args=[proposal.pk])
        answer = signed_in(second_officer()).post(approve, {"is_confirmed": "on"})
        assert answer.status_code == 409
        assert "“Award” has $4,000,000 left; $5,000,000 was asked for." in answer.content.decode()

    def test_rejected_and_withdrawn_by_forms(self) -> None:
        agreement = funded(30 * MILLION)
        first, second = signed_in(first_officer()), signed_in(second_officer())
        rejected = proposed(obligate(first_officer(), agreement, name="a"))
        withdrawn = proposed(obligate(first_officer(), agreement, name="b"))
        reject = reverse("funding:reject_transfer", args=[rejected.pk])
        withdraw = reverse("funding:withdraw_transfer", args=[withdrawn.pk])
        assert second.get(reject).status_code == 200
        html = second.post(reject, {"reason": "No order"}, follow=True).content.decode()
        assert ("No order" in html, "Rejected" in html) == (True, True)
        html = first.post(withdraw, {"reason": "Typed twice"}, follow=True).content.decode()
        assert ("Typed twice" in html, "Withdrawn" in html) == (True, True)
        listed = second.get(reverse("funding:list_proposals"))
        assert listed.context["title"] == "0 transfers wait for a second person"
        narrowed = second.get(reverse("funding:list_proposals") + "?state=rejected")
        assert len(narrowed.context["table"].rows) == 1

    def test_draw_and_correction_are_proposed_by_forms_and_shown_with_what_they_settle(
        self,
    ) -> None:
        agreement = funded(30 * MILLION)
        obligation = factories.booked(obligate(SYSTEM, agreement, 20 * MILLION))
        finance = signed_in(factories.finance())
        sent = {"id": str(new_id()), "amount_minor": "7,000,000", "occurred_on": "2022-03-01"}
        finance.post(reverse("funding:draw_funds", args=[obligation.pk]), sent)
        shown = finance.get(reverse("funding:show_proposal", args=[sent["id"]])).content.decode()
        assert ("Drawdown of $7,000,000" in shown, "Settles" in shown) == (True, True)
        approve = reverse("funding:approve_transfer", args=[sent["id"]])
        assert signed_in(second_officer()).get(approve).status_code == 403
        signed_in(second_finance()).post(approve, {"is_confirmed": "on"})
        back = {**sent, "id": str(new_id()), "reason": "Drawn twice"}
        finance.post(reverse("funding:correct_transfer", args=[sent["id"]]), back)
        shown = finance.get(reverse("funding:show_proposal", args=[back["id"]])).content.decode()
        assert ("Correction of $7,000,000" in shown, "Corrects" in shown) == (True, True)

    def test_those_who_do_not_oversee_find_no_proposal(self) -> None:
        proposal = proposed(obligate(first_officer(), funded()))
        factories.institute("iacmi")
        for actor in (factories.manager("iacmi"), factories.member("america-makes")):
            client = signed_in(actor)
            assert client.get(proposal.get_absolute_url()).status_code == 404
            assert client.get(f"/api/v1/proposals/{proposal.pk}").status_code == 404
            assert client.get("/api/v1/proposals").json()["items"] == []
            listed = client.get(reverse("funding:list_proposals"))
            assert listed.context["table"].rows == ()
        assert Client().get(reverse("funding:list_proposals")).status_code == 302

    @pytest.mark.parametrize("count", [1, 3])
    def test_list_and_desk_take_the_same_queries_at_any_length(self, count: int) -> None:
        agreement = funded(50 * MILLION)
        for place in range(count):
            obligate(first_officer(), agreement, name=str(place))
        second = signed_in(second_officer())
        found = {}
        for url in (reverse("funding:list_proposals"), "/desk/", "/api/v1/proposals"):
            second.get(url)
            with CaptureQueriesContext(connection) as captured:
                second.get(url)
            found[url] = len(captured)
        assert found == {"/transfers/proposals/": 8, "/desk/": 36, "/api/v1/proposals": 6}

    def test_proposed_and_decided_over_the_api(self) -> None:
        agreement = funded(30 * MILLION)
        first, second = signed_in(first_officer()), signed_in(second_officer())
        path = f"/api/v1/agreements/{agreement.pk}/obligations"
        body = {
            "id": str(new_id()),
            "amount_minor": LARGE,
            "currency": "USD",
            "occurred_on": "2022-03-01",
        }

        def post(client: Client, url: str, sent: dict[str, Any], **headers: str) -> Any:
            return client.post(url, sent, content_type="application/json", headers=headers)

        for replay in (None, "true"):
            answer = post(first, path, body, **{"Idempotency-Key": "one"})
            assert (answer.status_code, answer.json()["state"]) == (202, "proposed")
            assert answer.headers.get("Idempotent-Replay") == replay
        url = f"/api/v1/proposals/{body['id']}"
        assert second.get(url).json()["amount_minor"] == LARGE
        assert post(first, f"{url}/approve", {}).json()["code"] == "second_person_wanted"
        assert post(second, f"{url}/approve", {}).json()["state"] == "approved"
        assert second.get(f"/api/v1/transfers/{body['id']}").json()["code"] == "obligate"
        assert post(first, path, body).status_code == 200
        others = [{**body, "id": str(new_id())} for _ in range(2)]
        for other in others:
            assert post(first, path, other).status_code == 202
        urls = [f"/api/v1/proposals/{other['id']}" for other in others]
        rejected = post(second, f"{urls[0]}/reject", {"reason": "No order"}).json()
        assert (rejected["state"], rejected["decision_reason"]) == ("rejected", "No order")
        assert post(first, f"{urls[1]}/withdraw", {}).json()["state"] == "withdrawn"
        listed = second.get("/api/v1/proposals?state=withdrawn&institute=america-makes").json()
        assert [one["id"] for one in listed["items"]] == [others[1]["id"]]
        batch = {"transfers": [{**body, "id": str(new_id()), "agreement_id": agreement.pk}]}
        batch["transfers"][0]["code"] = "obligate"
        assert post(first, "/api/v1/transfers/batch", batch).json()["code"] == "two_persons_wanted"
