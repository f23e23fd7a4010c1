"""Funding's pages, as a browser asks for them."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Contribution, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db]

KEY = "america-makes"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


def test_funding_tab_states_the_ratio_and_the_rule(client: Client) -> None:
    agreement = factories.agreement(agency_key="DOE")
    factories.obligation(agreement, 10 * MILLION)
    factories.contribution(agreement, amount_minor=4 * MILLION, is_accepted=True)
    answer = client.get(reverse("funding:show_funding", args=[KEY]))
    assert answer.status_code == 200
    assert answer.context["title"] == (
        "For each $1 of federal money, America-Makes brought $0.40 of its own"
    )
    text = answer.content.decode()
    assert "15 U.S.C. 278s(e)(7)(A)" in text
    assert "below the rule" in text
    assert "$6,000,000 more of accepted contributions would meet it." in text


def test_funding_tab_without_money_says_so(client: Client) -> None:
    factories.institute()
    answer = client.get(reverse("funding:show_funding", args=[KEY]))
    assert answer.context["title"] == "No federal money is obligated to America-Makes yet"
    assert client.get(reverse("funding:show_funding", args=["none"])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_funding_tab_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    for place in range(count):
        agreement = factories.agreement(f"W911-{place}")
        factories.obligation(agreement, MILLION)
        factories.contribution(
            agreement,
            amount_minor=MILLION + place,
            evidence=(f"receipt {place}",),
            is_accepted=True,
        )
    url = reverse("funding:show_funding", args=[KEY])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert len(queries) == 15


@pytest.mark.parametrize("count", [1, 3])
def test_agreement_page_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    agreement = factories.agreement()
    for place in range(count):
        factories.obligation(agreement, MILLION, name=str(place))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(agreement.get_absolute_url())
    assert len(answer.context["transfers_table"].rows) == 2 * count
    assert len(queries) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_contributions_takes_the_same_queries_at_any_length(
    client: Client, count: int
) -> None:
    agreement = factories.agreement()
    for place in range(count):
        factories.contribution(agreement, factories.organisation(f"Works {place}"), name=str(place))
    signed_in(client, factories.officer())
    url = reverse("funding:list_contributions", args=[KEY])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert len(answer.context["table"].rows) == count
    assert len(queries) == 11


def test_agreement_page_shows_filtered_transfers_and_no_contributor_to_the_public(
    client: Client,
) -> None:
    agreement = factories.agreement()
    factories.drawdown(factories.obligation(agreement), MILLION)
    factories.contribution(agreement, factories.organisation("Quiet Partner"))
    answer = client.get(agreement.get_absolute_url())
    assert len(answer.context["transfers_table"].rows) == 3
    assert "Quiet Partner" not in answer.content.decode()
    assert answer.context["title"] == "$1,000,000 of $70,000,000 drawn under W911-1"
    drawn = client.get(agreement.get_absolute_url(), {"code": "draw", "since": "2022-01-01"})
    assert len(drawn.context["transfers_table"].rows) == 1
    none = client.get(agreement.get_absolute_url(), {"before": "2000-01-01"})
    assert len(none.context["transfers_table"].rows) == 0


def test_draft_agreement_and_its_transfers_are_unknown_to_the_public(client: Client) -> None:
    draft = factories.agreement(is_active=False)
    assert client.get(draft.get_absolute_url()).status_code == 404
    signed_in(client, factories.sponsor())
    assert client.get(draft.get_absolute_url()).status_code == 200


def test_transfer_page_shows_who_recorded_it_to_staff_alone(client: Client) -> None:
    agreement = factories.agreement()
    drawn = factories.drawdown(factories.obligation(agreement), MILLION)
    services.correct_transfer(
        SYSTEM,
        Transfer.objects.get(pk=drawn.pk),
        id=new_id(),
        amount_minor=5,
        occurred_on=IN_TERM,
        reason="Wrong",
        now=NOW,
    )
    public = client.get(reverse("funding:show_transfer", args=[drawn.pk]))
    assert public.status_code == 200
    assert "Recorded by" not in public.content.decode()
    signed_in(client, factories.finance())
    staff = client.get(reverse("funding:show_transfer", args=[drawn.pk]))
    assert "Recorded by" in staff.content.decode()
    assert staff.context["corrections_table"] is not None


@pytest.mark.parametrize(
    ("who", "withheld", "shown"), [("officer", 0, 2), ("finance", 0, 2), ("public", 2, 0)]
)
def test_list_of_contributions_says_what_it_withholds(
    client: Client, who: str, withheld: int, shown: int
) -> None:
    agreement = factories.agreement()
    factories.contribution(agreement, is_accepted=True)
    factories.contribution(agreement, name="two", kind="space")
    if who != "public":
        signed_in(client, getattr(factories, who)())
    answer = client.get(reverse("funding:list_contributions", args=[KEY]))
    assert (answer.context["withheld"], len(answer.context["table"].rows)) == (withheld, shown)


def test_a_contributor_that_was_merged_is_shown_under_the_name_that_stands(client: Client) -> None:
    contribution = factories.contribution(factories.agreement())
    goes = contribution.organisation
    goes.merged_into = factories.organisation("Standing Works")
    goes.save(update_fields=["merged_into"])
    signed_in(client, factories.finance())
    for path in (
        reverse("funding:list_contributions", args=["america-makes"]),
        contribution.get_absolute_url(),
    ):
        page = client.get(path).content.decode()
        assert "Standing Works" in page
        assert goes.name not in page


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"state": "accepted"}, 1),
        ({"kind": "space"}, 1),
        ({"fiscal_year": "2022"}, 2),
        ({"fiscal_year": "2021"}, 0),
        ({"state": "nonsense"}, 2),
    ],
)
def test_list_of_contributions_narrows_by_its_address(
    client: Client, asked: dict[str, str], shown: int
) -> None:
    agreement = factories.agreement()
    factories.contribution(agreement, is_accepted=True)
    factories.contribution(agreement, name="two", kind="space")
    signed_in(client, factories.finance())
    answer = client.get(reverse("funding:list_contributions", args=[KEY]), asked)
    assert len(answer.context["table"].rows) == shown


def test_export_holds_what_the_reader_may_see(client: Client) -> None:
    factories.contribution(factories.agreement())
    addresses = {
        form: reverse("funding:export_contributions", args=[KEY, form])
        for form in ("csv", "json", "xlsx", "pdf")
    }
    public = json.loads(client.get(addresses["json"]).getvalue())
    assert public["rows"] == []
    signed_in(client, factories.finance())
    staff = json.loads(client.get(addresses["json"]).getvalue())
    assert [record["contributor"] for record in staff["rows"]] == ["Brass and Bolt Works"]
    assert staff["provenance"]["is_demonstration"] is True
    assert "Brass and Bolt Works" in client.get(addresses["csv"]).getvalue().decode()
    assert client.get(addresses["xlsx"]).content[:2] == b"PK"
    assert client.get(addresses["pdf"]).status_code == 404
    for form in ("csv", "json", "xlsx"):
        assert client.get(addresses[form])["Cache-Control"] == "private, no-store"


def test_list_of_contributions_of_one_day_shows_each_once_over_its_pages(client: Client) -> None:
    agreement = factories.agreement()
    stored = {
        factories.contribution(agreement, name=str(place), amount_minor=1).pk for place in range(60)
    }
    signed_in(client, factories.finance())
    url = reverse("funding:list_contributions", args=[KEY])
    with CaptureQueriesContext(connection) as queries:
        pages = [client.get(url, {"page": page}) for page in (1, 2)]
    links = [row.cells[0].url for page in pages for row in page.context["table"].rows]
    assert sorted(links) == sorted(reverse("funding:show_contribution", args=[pk]) for pk in stored)
    ordered = [one["sql"] for one in queries if "ORDER BY" in one["sql"] and "LIMIT" in one["sql"]]
    listed = [sql for sql in ordered if '"funding_contribution"."occurred_on" DESC' in sql]
    assert [sql for sql in listed if '"funding_contribution"."transfer_id" ASC' not in sql] == []
    assert len(listed) == 2


def contribution_form(**given: object) -> dict[str, object]:
    agreement = factories.agreement()
    factories.organisation()
    return {
        "id": str(new_id()),
        "agreement": agreement.pk,
        "contributor": "brass and bolt works",
        "kind": "personnel",
        "amount_minor": "12,000.50",
        "occurred_on": IN_TERM.isoformat(),
        "units": "100",
        "rate_minor": "120",
        "fringe_bp": "0.05",
        "basis_of_value": "Payroll",
        "evidence": "timesheet 7",
    } | given


def test_contribution_is_recorded_with_its_files_and_a_second_click_is_harmless(
    client: Client,
) -> None:
    url = reverse("funding:record_contribution", args=[KEY])
    sent = contribution_form()
    signed_in(client, factories.finance())
    page = client.get(url)
    assert "2 CFR 200.306" in page.content.decode()
    for _ in range(2):
        files = [
            SimpleUploadedFile("pay.csv", b"hours\n1\n"),
            SimpleUploadedFile("rates.csv", b"rate,hours\n2,3\n"),
        ]
        answer = client.post(url, sent | {"evidence_files": files})
        assert answer.status_code == 302
    contribution = Contribution.objects.get()
    assert (contribution.claimed_minor, contribution.rate_minor) == (1_200_050, 12_000)
    assert contribution.evidence.count() == 3
    shown = client.get(answer["Location"])
    assert shown.status_code == 200
    assert "timesheet 7" in shown.content.decode()


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"contributor": "Nobody"}, 422, "contributor"),
        ({"amount_minor": "1.234"}, 422, "amount_minor"),
        ({"amount_minor": "-5"}, 409, "__all__"),
        ({"occurred_on": "2019-01-01"}, 409, "__all__"),
        ({"rate_minor": ""}, 409, "__all__"),
    ],
)
def test_contribution_with_a_fault_keeps_what_was_typed(
    client: Client, given: dict[str, object], status: int, field: str
) -> None:
    sent = contribution_form(**given)
    signed_in(client, factories.finance())
    answer = client.post(reverse("funding:record_contribution", args=[KEY]), sent)
    assert answer.status_code == status
    assert field in answer.context["form"].errors
    assert "Payroll" in answer.content.decode()


def test_contribution_without_a_rate_is_refused_with_the_rule_and_then_taken(
    client: Client,
) -> None:
    sent = contribution_form(amount_minor="", rate_minor="")
    signed_in(client, factories.finance())
    url = reverse("funding:record_contribution", args=[KEY])
    text = client.post(url, sent).content.decode()
    assert "Missing: rate for one unit." in text
    assert "2 CFR 200.306(f)" in text
    answer = client.post(url, sent | {"rate_minor": "64.00", "fringe_bp": "25"})
    shown = client.get(answer["Location"]).content.decode()
    assert "100 × $64 × 125% = $8,000" in shown


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("cash", ["amount_minor"]),
        ("personnel", ["amount_minor", "units", "rate_minor", "fringe_bp", "basis_of_value"]),
        (
            "land_or_building",
            [
                "amount_minor",
                "market_value_minor",
                "book_value_minor",
                "appraisal",
                "basis_of_value",
            ],
        ),
        (
            "unrecovered_indirect",
            [
                "amount_minor",
                "base_minor",
                "approved_rate_bp",
                "charged_rate_bp",
                "approval",
                "basis_of_value",
            ],
        ),
    ],
)
def test_form_asks_for_what_the_kind_is_valued_by_and_keeps_what_the_address_says(
    client: Client, kind: str, names: list[str]
) -> None:
    factories.agreement()
    signed_in(client, factories.finance())
    url = reverse("funding:record_contribution", args=[KEY])
    answer = client.get(url, {"kind": kind, "amount_minor": "77"})
    form = answer.context["form"]
    assert [field.name for field in form.valued_fields] == names
    assert 'value="77"' in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "stated", "worth"),
    [
        ("supplies", {"market_value_minor": 900}, "$9, the market value"),
        (
            "supplies",
            {"market_value_minor": 900, "book_value_minor": 700},
            "the lesser of $9, the market value, and $7, the book value",
        ),
        ("space", {"units": Decimal("1.5"), "rate_minor": 600}, "1.5 × $6 = $9"),
        (
            "unrecovered_indirect",
            {"base_minor": 1_000, "approved_rate_bp": 6_025, "charged_rate_bp": 1_000},
            "$10 × 50.25% = $5.03",
        ),
    ],
)
def test_contribution_page_reckons_the_worth(
    client: Client, kind: str, stated: dict[str, Any], worth: str
) -> None:
    papers: dict[str, Any] = {
        "basis_of_value": "list",
        "appraisal": "A. Praiser",
        "approval": "letter 4",
    }
    claim = factories.claim(factories.agreement(), kind=kind, amount_minor=500, **(papers | stated))
    contribution = services.record_contribution(SYSTEM, claim, now=NOW)
    signed_in(client, factories.finance())
    text = client.get(contribution.get_absolute_url()).content.decode()
    assert worth in text
    assert "letter 4" in text


def test_ambiguous_contributor_is_refused(client: Client) -> None:
    sent = contribution_form(contributor="Brass and Bolt Works")
    twin = factories.organisation()
    twin.pk = None
    twin.match_key = "brass and bolt works|oh|"
    twin.save()
    signed_in(client, factories.finance())
    answer = client.post(reverse("funding:record_contribution", args=[KEY]), sent)
    assert "contributor" in answer.context["form"].errors


def test_contribution_is_accepted_in_part_by_its_form(client: Client) -> None:
    contribution = factories.contribution(factories.agreement(), amount_minor=100_00)
    signed_in(client, factories.manager())
    url = reverse("funding:accept_contribution", args=[contribution.pk])
    assert 'value="100.00"' in client.get(url).content.decode()
    refused = client.post(url, {"accepted_minor": "60", "reason": ""})
    assert refused.status_code == 409
    assert client.post(url, {"accepted_minor": "60", "reason": "Part"}).status_code == 302
    contribution.refresh_from_db()
    assert (contribution.state, contribution.accepted_minor) == ("accepted", 60_00)
    page = client.get(contribution.get_absolute_url())
    assert "Decided by" in page.content.decode()


@pytest.mark.parametrize(
    ("verb", "state"),
    [("refuse_contribution", "refused"), ("withdraw_contribution", "withdrawn")],
)
def test_contribution_is_voided_by_its_form(client: Client, verb: str, state: str) -> None:
    contribution = factories.contribution(factories.agreement())
    signed_in(client, factories.finance())
    url = reverse(f"funding:{verb}", args=[contribution.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Not allowable"}).status_code == 302
    contribution.refresh_from_db()
    assert contribution.state == state


def test_evidence_is_attached_by_its_form(client: Client) -> None:
    contribution = factories.contribution(factories.agreement(), evidence=())
    signed_in(client, factories.finance())
    url = reverse("funding:attach_evidence", args=[contribution.pk])
    assert client.post(url, {}).status_code == 409
    file = SimpleUploadedFile("pay.csv", b"hours\n1\n")
    assert client.post(url, {"evidence_files": file}).status_code == 302
    assert contribution.evidence.count() == 1


def movement(amount: str, **given: str) -> dict[str, str]:
    return {
        "id": str(new_id()),
        "amount_minor": amount,
        "occurred_on": IN_TERM.isoformat(),
    } | given


def test_federal_money_moves_through_its_forms(client: Client) -> None:
    agreement = factories.agreement()
    sponsor, finance = Client(), client
    signed_in(sponsor, factories.sponsor())
    signed_in(finance, factories.finance())

    def post(who: Client, verb: str, subject: object, sent: dict[str, str]) -> None:
        url = reverse(f"funding:{verb}", args=[subject])
        assert who.get(url).status_code == 200
        assert who.post(url, sent).status_code == 302

    post(sponsor, "authorise_funds", agreement.pk, movement("1000"))
    post(sponsor, "obligate_funds", agreement.pk, movement("900", reference="PO 1"))
    obligation = Transfer.objects.get(code=TransferCode.OBLIGATE)
    post(finance, "draw_funds", obligation.pk, movement("500"))
    post(sponsor, "release_obligation", obligation.pk, movement("", reason="Less needed"))
    post(finance, "return_funds", agreement.pk, movement("100"))
    assert factories.balances(agreement)["drawn"] == (400_00, 0)
    assert factories.balances(agreement)["award"] == (600_00, 0)
    page = finance.get(reverse("funding:show_transfer", args=[obligation.pk]))
    assert page.context["settlements_table"] is not None


def test_open_obligation_offers_each_reader_its_own_verb(client: Client) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement)
    offered = {"finance": "draw_funds", "sponsor": "release_obligation"}
    for who, verb in offered.items():
        reader = signed_in(Client(), getattr(factories, who)())
        address = reverse(f"funding:{verb}", args=[obligation.pk])
        for page in (agreement.get_absolute_url(), obligation.get_absolute_url()):
            assert f'href="{address}"' in reader.get(page).content.decode()
    assert "/draw/" not in client.get(agreement.get_absolute_url()).content.decode()


def test_funding_tab_says_how_each_position_stands(client: Client) -> None:
    agreement = factories.agreement()
    url = reverse("funding:show_funding", args=[KEY])
    assert client.get(url).context["standing"].text == "no money yet"
    factories.obligation(agreement, MILLION)
    factories.contribution(agreement, amount_minor=MILLION, is_accepted=True)
    assert client.get(url).context["standing"].text == "passes"


def test_draw_beyond_the_obligation_is_refused_on_the_page(client: Client) -> None:
    obligation = factories.obligation(factories.agreement(), 100)
    signed_in(client, factories.finance())
    url = reverse("funding:draw_funds", args=[obligation.pk])
    answer = client.post(url, movement("2.00"))
    assert answer.status_code == 409
    assert "$1 is left pending; $2 was asked for." in answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        ("authorise_funds", "finance"),
        ("obligate_funds", "manager"),
        ("return_funds", "sponsor"),
        ("obligate_funds", "officer"),
    ],
)
def test_form_of_a_verb_is_forbidden_to_the_wrong_person(
    client: Client, verb: str, who: str
) -> None:
    agreement = factories.agreement()
    signed_in(client, getattr(factories, who)())
    assert client.get(reverse(f"funding:{verb}", args=[agreement.pk])).status_code == 403


def test_contribution_of_another_institute_is_unknown_to_its_finance(client: Client) -> None:
    contribution = factories.contribution(factories.agreement())
    factories.institute("iacmi")
    signed_in(client, factories.finance("iacmi"))
    for name in ("show_contribution", "accept_contribution", "refuse_contribution"):
        url = reverse(f"funding:{name}", args=[contribution.pk])
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_draw_in_both_languages(client: Client, language: str) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement)
    contribution = factories.contribution(agreement, is_accepted=True)
    signed_in(client, factories.officer())
    addresses = [
        reverse("funding:show_funding", args=[KEY]),
        reverse("funding:list_contributions", args=[KEY]),
        agreement.get_absolute_url(),
        contribution.get_absolute_url(),
        reverse("funding:show_transfer", args=[obligation.pk]),
        reverse("funding:show_transfer", args=[contribution.pk]),
    ]
    for address in addresses:
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "The amount paid."), ("zh-hans", "实付金额。")]
)
def test_how_a_kind_is_valued_is_said_in_the_readers_language(
    client: Client, language: str, expected: str
) -> None:
    factories.agreement()
    signed_in(client, factories.finance())
    client.cookies["django_language"] = language
    answer = client.get(reverse("funding:record_contribution", args=[KEY]))
    assert expected in answer.content.decode()


def test_contributor_whose_record_is_not_shared_is_named_to_staff_and_leads_nowhere(
    client: Client,
) -> None:
    contribution = factories.contribution(factories.agreement())
    contributor = contribution.organisation
    record = reverse("network:show_organisation", args=[contributor.pk])
    signed_in(client, factories.finance())
    for level, is_linked in (("public", True), ("restricted", False)):
        contributor.level = level
        contributor.save(update_fields=["level"])
        text = client.get(contribution.get_absolute_url()).content.decode()
        assert (contributor.name in text, record in text) == (True, is_linked)
