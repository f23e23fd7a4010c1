"""The forms of an agreement's own verbs and of a correction, as a browser asks for them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Agreement, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db]

KEY = "america-makes"
STATE_VERBS = ("activate_agreement", "end_agreement", "terminate_agreement")


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


def address(verb: str, subject: object) -> str:
    return reverse(f"funding:{verb}", args=[subject])


def terms(**given: str) -> dict[str, str]:
    return {
        "number": "W911-9",
        "title": "Additive manufacturing",
        "agency": "DOD",
        "signed_on": "2021-09-20",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "federal_total_minor": "55,000,000",
        "cost_share_required_minor": "",
    } | given


def correction(amount: str, **given: str) -> dict[str, str]:
    return {
        "id": str(new_id()),
        "amount_minor": amount,
        "occurred_on": IN_TERM.isoformat(),
        "reason": "Keyed twice",
    } | given


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def test_agreement_is_signed_by_its_form(client: Client) -> None:
    signed_in(client, factories.sponsor())
    url = address("sign_agreement", KEY)
    assert client.get(url).status_code == 200
    answer = client.post(url, terms(cost_share_required_minor="40,000,000.50"))
    agreement = Agreement.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, agreement.get_absolute_url())
    assert (agreement.number, agreement.state, agreement.currency) == ("W911-9", "draft", "USD")
    assert (agreement.institute.key, agreement.agency.key) == (KEY, "DOD")
    assert agreement.federal_total_minor == 55 * MILLION
    assert agreement.cost_share_required_minor == 4_000_000_050


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        pytest.param({"number": ""}, 422, "number", id="no number"),
        pytest.param({"agency": "DOE"}, 422, "agency", id="another agency"),
        pytest.param({"federal_total_minor": "much"}, 422, "federal_total_minor", id="no amount"),
        pytest.param({"ends_on": "2021-10-01"}, 422, "ends_on", id="empty term"),
        pytest.param({"federal_total_minor": "0"}, 409, "__all__", id="no money"),
        pytest.param({"cost_share_required_minor": "-1"}, 409, "__all__", id="below zero"),
        pytest.param({"number": "W911-1"}, 409, "__all__", id="number taken"),
    ],
)
def test_agreement_with_a_fault_is_not_signed_and_keeps_what_was_typed(
    client: Client, given: dict[str, str], status: int, field: str
) -> None:
    factories.agreement()
    factories.sponsorship(agency_key="DOE")
    signed_in(client, factories.sponsor())
    answer = client.post(address("sign_agreement", KEY), terms(**given))
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, [field])
    assert "Additive manufacturing" in answer.content.decode()
    assert Agreement.objects.count() == 1


def test_sponsor_signs_for_its_own_agency_alone(client: Client) -> None:
    factories.sponsorship(agency_key="DOE")
    signed_in(client, factories.sponsor())
    choices = client.get(address("sign_agreement", KEY)).context["form"].fields["agency"].choices
    assert choices == [("DOD", "DOD")]


def test_sponsor_over_the_network_signs_for_every_sponsor_and_its_department(
    client: Client,
) -> None:
    factories.sponsorship(agency_key="DOE")
    department = factories.agency("TREASURY")
    factories.agency("ELSEWHERE")
    office = factories.agency("MINT")
    office.parent = department
    office.save()
    factories.sponsorship(agency_key="MINT")
    signed_in(client, factories.staff(Role.AGENCY_SPONSOR, ScopeKind.NETWORK, ""))
    choices = client.get(address("sign_agreement", KEY)).context["form"].fields["agency"].choices
    assert [key for key, _label in choices] == ["DOD", "DOE", "MINT", "TREASURY"]


@pytest.mark.parametrize("who", ["finance", "manager", "officer", "stranger", "public"])
def test_form_that_signs_is_forbidden_and_not_offered_to_others(client: Client, who: str) -> None:
    factories.sponsorship()
    if who == "stranger":
        factories.agency("DOE")
        signed_in(client, factories.sponsor("DOE", overseen=""))
    elif who != "public":
        signed_in(client, getattr(factories, who)())
    url = address("sign_agreement", KEY)
    assert (client.get(url).status_code, client.post(url, terms()).status_code) == (403, 403)
    assert url not in client.get(address("show_funding", KEY)).content.decode()
    assert Agreement.objects.count() == 0


def test_funding_tab_offers_to_sign_to_the_sponsor(client: Client) -> None:
    signed_in(client, factories.sponsor())
    page = client.get(address("show_funding", KEY))
    assert f'href="{address("sign_agreement", KEY)}"' in page.content.decode()


def test_form_that_signs_with_an_unknown_institute_is_not_found(client: Client) -> None:
    signed_in(client, factories.sponsor())
    assert client.get(address("sign_agreement", "none")).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_form_that_signs_takes_the_same_queries_for_any_agencies(
    client: Client, count: int
) -> None:
    for place in range(count - 1):
        factories.sponsorship(agency_key=f"AGENCY-{place}")
    signed_in(client, factories.staff(Role.AGENCY_SPONSOR, ScopeKind.NETWORK, ""))
    assert queries_of(client, address("sign_agreement", KEY)) == 9


def test_agreement_is_activated_and_ended_by_its_forms(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: factories.ENDS_ON)
    draft = factories.agreement(is_active=False)
    signed_in(client, factories.sponsor())
    for verb, state in (("activate_agreement", "active"), ("end_agreement", "ended")):
        url = address(verb, draft.pk)
        assert f'href="{url}"' in client.get(draft.get_absolute_url()).content.decode()
        assert client.get(url).status_code == 200
        assert client.post(url, {}).status_code == 422
        answer = client.post(url, {"is_confirmed": "on"})
        assert (answer.status_code, answer["Location"]) == (302, draft.get_absolute_url())
        draft.refresh_from_db()
        assert draft.state == state


def test_agreement_is_terminated_by_its_form_with_its_reason(client: Client) -> None:
    agreement = factories.agreement()
    signed_in(client, factories.sponsor())
    url = address("terminate_agreement", agreement.pk)
    assert client.post(url, {"is_confirmed": "on", "reason": " "}).status_code == 422
    assert client.post(url, {"reason": "Funds withdrawn"}).status_code == 422
    sent = {"is_confirmed": "on", "reason": "Funds withdrawn"}
    assert client.post(url, sent).status_code == 302
    agreement.refresh_from_db()
    assert (agreement.state, agreement.close_reason) == ("terminated", "Funds withdrawn")
    page = agreement.get_absolute_url()
    assert "Funds withdrawn" in client.get(page).content.decode()
    public = Client().get(page).content.decode()
    assert ("Closed on" in public, "Funds withdrawn" in public) == (True, False)
    refused = client.post(url, sent)
    assert (refused.status_code, refused.context["refusal"].code) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("draft", ["activate_agreement"]),
        (
            "active",
            [
                "authorise_funds",
                "obligate_funds",
                "end_agreement",
                "terminate_agreement",
            ],
        ),
        ("ended", []),
    ],
)
def test_agreement_offers_its_sponsor_what_its_state_allows(
    client: Client, monkeypatch: pytest.MonkeyPatch, state: str, offered: list[str]
) -> None:
    monkeypatch.setattr(clock, "today", lambda: factories.ENDS_ON)
    agreement = factories.agreement(is_active=state != "draft")
    if state == "ended":
        services.end_agreement(SYSTEM, agreement.pk, today=factories.ENDS_ON, now=NOW)
    signed_in(client, factories.sponsor())
    page = client.get(agreement.get_absolute_url())
    pages = [] if state == "draft" else ["list_costs", "list_income", "show_financial_report"]
    proposals = [f"{reverse('funding:list_proposals')}?agreement={agreement.pk}"]
    assert [action.url for action in page.context["actions"]] == [
        *(address(name, agreement.pk) for name in [*offered, *pages]),
        *(proposals if pages else []),
    ]


@pytest.mark.parametrize("verb", STATE_VERBS)
@pytest.mark.parametrize("who", ["finance", "manager", "officer", "public"])
def test_state_of_an_agreement_is_changed_by_its_sponsor_alone(
    client: Client, verb: str, who: str
) -> None:
    agreement = factories.agreement()
    if who != "public":
        signed_in(client, getattr(factories, who)())
    url = address(verb, agreement.pk)
    sent = {"is_confirmed": "on", "reason": "Because"}
    assert (client.get(url).status_code, client.post(url, sent).status_code) == (403, 403)
    agreement.refresh_from_db()
    assert agreement.state == "active"
    page = client.get(agreement.get_absolute_url()).content.decode()
    assert address("end_agreement", agreement.pk) not in page


def test_agreement_is_not_ended_before_its_term(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    agreement = factories.agreement()
    signed_in(client, factories.sponsor())
    url = address("end_agreement", agreement.pk)
    assert url not in client.get(agreement.get_absolute_url()).content.decode()
    answer = client.post(url, {"is_confirmed": "on"})
    assert answer.status_code == 409
    assert "To close it before, terminate it with the reason." in answer.content.decode()
    agreement.refresh_from_db()
    assert agreement.state == "active"


@pytest.mark.parametrize("verb", STATE_VERBS)
def test_draft_is_unknown_to_the_public_at_each_verb(client: Client, verb: str) -> None:
    draft = factories.agreement(is_active=False)
    assert client.get(address(verb, draft.pk)).status_code == 404
    assert client.post(address(verb, draft.pk)).status_code == 404
    assert client.get(address(verb, 999_999)).status_code == 404


def test_transfer_is_corrected_by_its_form_and_a_second_click_is_harmless(client: Client) -> None:
    agreement = factories.agreement()
    drawn = factories.drawdown(factories.obligation(agreement, 1000_00), 500_00)
    signed_in(client, factories.finance())
    url = address("correct_transfer", drawn.pk)
    assert f'href="{url}"' in client.get(drawn.get_absolute_url()).content.decode()
    page = client.get(url)
    assert "$500 of it is left to correct." in page.context["lede"]
    assert "reference" not in page.context["form"].fields
    sent = correction("500")
    for _ in range(2):
        assert client.post(url, sent).status_code == 302
    corrected = Transfer.objects.get(code=TransferCode.CORRECT)
    assert (str(corrected.pk), corrected.corrects_id) == (sent["id"], drawn.pk)
    assert (corrected.amount_minor, corrected.reason) == (500_00, "Keyed twice")
    assert url not in client.get(drawn.get_absolute_url()).content.decode()


def test_acceptance_is_corrected_and_the_contribution_counts_less(client: Client) -> None:
    contribution = factories.contribution(
        factories.agreement(), amount_minor=100_00, is_accepted=True
    )
    accepted = Transfer.objects.get(code=TransferCode.ACCEPT)
    signed_in(client, factories.manager())
    answer = client.post(address("correct_transfer", accepted.pk), correction("40"))
    assert answer.status_code == 302
    contribution.refresh_from_db()
    assert contribution.accepted_minor == 60_00


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        pytest.param({"amount_minor": "600"}, 409, "__all__", id="more than it moved"),
        pytest.param({"amount_minor": "-1"}, 409, "__all__", id="below zero"),
        pytest.param({"amount_minor": ""}, 422, "amount_minor", id="no amount"),
        pytest.param({"reason": ""}, 422, "reason", id="no reason"),
    ],
)
def test_correction_with_a_fault_is_refused_and_keeps_what_was_typed(
    client: Client, given: dict[str, str], status: int, field: str
) -> None:
    drawn = factories.drawdown(factories.obligation(factories.agreement(), 1000_00), 500_00)
    signed_in(client, factories.finance())
    sent = correction("500") | given
    answer = client.post(address("correct_transfer", drawn.pk), sent)
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, [field])
    assert sent["id"] in answer.content.decode()
    assert Transfer.objects.filter(code=TransferCode.CORRECT).count() == 0


def test_obligation_is_released_and_not_corrected(client: Client) -> None:
    obligation = factories.obligation(factories.agreement())
    signed_in(client, factories.sponsor())
    url = address("correct_transfer", obligation.pk)
    assert url not in client.get(obligation.get_absolute_url()).content.decode()
    refused = client.post(url, correction("5"))
    assert (refused.status_code, refused.context["refusal"].code) == (409, "not_correctable")


@pytest.mark.parametrize("who", ["sponsor", "manager", "officer", "public"])
def test_drawdown_is_corrected_by_the_finance_officer_alone(client: Client, who: str) -> None:
    drawn = factories.drawdown(factories.obligation(factories.agreement()), MILLION)
    if who != "public":
        signed_in(client, getattr(factories, who)())
    url = address("correct_transfer", drawn.pk)
    assert (client.get(url).status_code, client.post(url, correction("5")).status_code) == (
        403,
        403,
    )
    assert url not in client.get(drawn.get_absolute_url()).content.decode()
    assert Transfer.objects.filter(code=TransferCode.CORRECT).count() == 0


def test_acceptance_is_unknown_to_the_public_and_to_another_institute(client: Client) -> None:
    factories.contribution(factories.agreement(), is_accepted=True)
    accepted = Transfer.objects.get(code=TransferCode.ACCEPT)
    factories.institute("iacmi")
    url = address("correct_transfer", accepted.pk)
    assert client.get(url).status_code == 404
    signed_in(client, factories.finance("iacmi"))
    assert client.get(url).status_code == 404
    assert client.get(address("correct_transfer", new_id())).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_correction_form_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    drawn = factories.drawdown(factories.obligation(factories.agreement()), MILLION)
    for _ in range(count):
        services.correct_transfer(
            SYSTEM,
            Transfer.objects.get(pk=drawn.pk),
            id=new_id(),
            amount_minor=5,
            occurred_on=IN_TERM,
            reason="Wrong",
            now=NOW,
        )
    signed_in(client, factories.finance())
    assert queries_of(client, address("correct_transfer", drawn.pk)) == 7


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_forms_draw_in_both_languages(client: Client, language: str) -> None:
    agreement = factories.agreement()
    authorised = factories.authorised(agreement)
    signed_in(client, factories.sponsor())
    addresses = [
        address("sign_agreement", KEY),
        *(address(verb, agreement.pk) for verb in STATE_VERBS),
        address("correct_transfer", authorised.pk),
        authorised.get_absolute_url(),
        agreement.get_absolute_url(),
    ]
    for one in addresses:
        answer = client.get(one, headers={"accept-language": language})
        assert (answer.status_code, answer["Content-Language"]) == (200, language)
        assert client.post(one, {}, headers={"accept-language": language}).status_code in {405, 422}
