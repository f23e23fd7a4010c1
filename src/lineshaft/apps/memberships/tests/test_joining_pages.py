"""The pages and the API of joining: what each reader is shown, offered and told."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships.models import (
    Invitation,
    Invoice,
    MailDomain,
    MemberAgreement,
    MembershipApplication,
    OrganisationPerson,
)
from lineshaft.apps.memberships.rules import Closing, InvoiceState
from lineshaft.apps.memberships.tests.factories import (
    make_agreed,
    make_agreement,
    make_application,
    make_invoice,
    make_review,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.services import OrganisationRow, register_organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

HERE = "/institutes/mxd/members"


@pytest.fixture(autouse=True)
def _house(settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path
    settings.MAIL_URL = "smtp://mail.example"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def mxd() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def gears() -> Organisation:
    return make_organisation("Gears")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def staff(role: Role, scope_id: str = "mxd", kind: ScopeKind = ScopeKind.INSTITUTE) -> Client:
    user = make_user(role.value)
    make_grant(user, role, kind, scope_id)
    return client_of(user)


@pytest.fixture
def manager(mxd: Institute) -> Client:
    return staff(Role.INSTITUTE_MANAGER, mxd.key)


@pytest.fixture
def finance(mxd: Institute) -> Client:
    return staff(Role.INSTITUTE_FINANCE, mxd.key)


@pytest.fixture
def somebody() -> User:
    return make_user("Ada Owner", password="good-enough")


def text_of(response: Any) -> str:
    assert response.status_code < 400, response.content.decode()[:3000]
    return str(response.content.decode())


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)(?:<span|</h1>)", page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", found[1].replace("&#x27;", "'").replace("\xa0", " ")).strip()


def post(client: Client, path: str, data: dict[str, Any] | None = None) -> str:
    return text_of(client.post(path, data or {}, follow=True))


def test_a_firm_joins_by_the_pages_from_the_search_to_the_colleague(
    mxd: Institute, manager: Client, finance: Client, somebody: User, client: Client
) -> None:
    assert "Apply for membership" in text_of(client.get("/memberships/compare/"))
    assert client.get(f"{HERE}/apply/").status_code == 403
    own = client_of(somebody)
    gears = OrganisationRow("Gears, Inc.", "industry_sme", city="Toledo", region="OH")
    register_organisation(Actor.system("test"), gears, now=NOW)
    page = text_of(own.get(f"{HERE}/apply/", {"q": "Gears", "tier": "sme"}))
    assert heading(page) == "Which organisation joins MxD?"
    assert "Gears, Inc." in page
    assert "?new=1&amp;tier=sme" in page
    entered = {
        "name": "Gears",
        "kind": "industry_sme",
        "city": "Dayton",
        "region": "OH",
        "country": "us",
        "ownership_country": "us",
        "identifier": "no identifier",
        "tier": "sme",
        "purpose": "Additive gears",
    }
    form = own.get(f"{HERE}/apply/?new=1").context["form"]
    assert (form["country"].value(), form["ownership_country"].value()) == ("US", None)
    answer = own.post(f"{HERE}/apply/?new=1", entered)
    assert (answer.status_code, "none of the identifiers" in answer.content.decode()) == (422, True)
    answer = own.post(f"{HERE}/apply/?new=1", entered | {"identifier": ""})
    assert (answer.status_code, "it: Gears, Inc." in answer.content.decode()) == (422, True)
    sure = {"identifier": "02mhbdp94", "is_none_of_these": "on"}
    page = post(own, f"{HERE}/apply/?new=1", entered | sure)
    assert heading(page) == "Gears asks to join MxD"
    assert "not verified" not in page
    assert "Additive gears" in page
    application = MembershipApplication.objects.get()
    address = application.get_absolute_url()
    assert client.get(address).status_code == 404
    page = text_of(manager.get(address))
    assert somebody.email in page
    assert "Decline" in page
    page = post(manager, f"{address}approve/", {"starts_on": "2022-11-01"})
    assert heading(page) == "Gears may join MxD: both sides sign"
    assert heading(text_of(own.get("/memberships/mine/"))) == "You have 1 agreement to sign"
    _sign_and_pay(application, own, manager, finance)
    page = text_of(own.get("/memberships/mine/"))
    assert heading(page) == "Nothing of your memberships waits for you"
    _invite(application, own)


def _invite(application: MembershipApplication, own: Client) -> None:
    """The first of the member's people invites a colleague, who accepts."""
    people = f"/organisations/{application.organisation_id}/people/"
    page = post(own, f"{people}invite/", {"email": "bob@gears.example"})
    assert "The invitation is on its way." in page
    assert "bob@gears.example" in page
    bob = User.objects.create_user("bob@gears.example", "good-enough", name="Bob")
    colleague = client_of(bob)
    page = text_of(colleague.get("/memberships/mine/"))
    found = re.search(r"/invitations/\d+/accept/", page)
    assert found is not None
    assert "Gears invites you" in text_of(colleague.get(found[0]))
    page = post(colleague, found[0])
    assert "You belong to Gears now." in page
    assert "MxD" in page
    page = text_of(own.get(people))
    assert heading(page) == "2 people belong to Gears here"


def _sign_and_pay(
    application: MembershipApplication, own: Client, manager: Client, finance: Client
) -> None:
    address = application.get_absolute_url()
    application.refresh_from_db()
    signing = {"sha256": application.document_sha256, "title": "Owner", "has_read": "on"}
    assert application.document_sha256 in text_of(own.get(f"{address}sign/"))
    assert own.get(f"{address}countersign/").status_code == 403
    assert manager.get(f"{address}sign/").status_code == 403
    answer: Any = own.get(f"{address}agreement.pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    other = own.post(f"{address}sign/", signing | {"name": "Ada", "sha256": "0" * 64})
    assert (other.status_code, "made anew, or altered" in other.content.decode()) == (409, True)
    page = post(own, f"{address}sign/", signing | {"name": "Ada"})
    assert "For the organisation" in page
    page = post(manager, f"{address}countersign/", signing | {"name": "Grace"})
    assert heading(page) == "Gears has signed with MxD: dues are next"
    page = post(finance, f"{address}invoice/")
    assert "MXD-2022-0001" in page
    invoice = Invoice.objects.get()
    assert (
        heading(text_of(own.get(invoice.get_absolute_url()))) == "Gears owes $5,000 by Dec 1, 2022"
    )
    assert heading(text_of(own.get("/memberships/mine/"))) == "You have 1 invoice to pay"
    answer = own.get(f"{invoice.get_absolute_url()}invoice.pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    pays = f"{invoice.get_absolute_url()}pay/"
    assert own.get(pays).status_code == 403
    form = text_of(finance.get(pays))
    found = re.search(r'name="id" value="([0-9a-f-]{36})"', form)
    assert found is not None
    assert 'value="5000"' in form
    payment = {"id": found[1], "amount": "5000", "received_on": "2022-11-01", "reference": "W7"}
    page = post(finance, pays, payment)
    assert heading(page) == "Gears has paid $5,000"
    assert "W7" in page
    page = text_of(manager.get(address))
    assert heading(page) == "Gears has joined MxD"
    agreement = MemberAgreement.objects.get()
    page = text_of(own.get(f"/members/{agreement.pk}/"))
    assert "Dues a year, as agreed" in page
    assert "MXD-2022-0001" in page
    assert "Leave the institute" in page
    assert "Expel the member" not in page


def test_apply_for_a_registered_organisation_and_withdraw(
    mxd: Institute, gears: Organisation, somebody: User
) -> None:
    own = client_of(somebody)
    form = f"{HERE}/apply/?organisation={gears.pk}&tier=sme"
    page = text_of(own.get(form))
    assert "For Gears." in page
    assert "Small or medium enterprise member: $5,000 a year" in page
    assert "Leading industry member" not in page
    page = post(own, form, {"tier": "sme"})
    address = MembershipApplication.objects.get().get_absolute_url()
    assert "Withdraw" in page
    assert own.get(f"{address}approve/").status_code == 403
    assert own.get(f"{address}agreement.pdf").status_code == 404
    page = post(own, f"{address}withdraw/", {"reason": "too dear"})
    assert heading(page) == "Gears no longer asks to join MxD"
    assert "too dear" in page
    Institute.objects.update(status="terminated")
    assert "MxD offers no tier to this kind of organisation today." in text_of(own.get(form))


def test_declining_and_revising(mxd: Institute, manager: Client, somebody: User) -> None:
    first = make_application(institute=mxd, contact=somebody)
    address = first.get_absolute_url()
    assert manager.post(f"{address}decline/", {"reason": ""}).status_code == 422
    page = post(manager, f"{address}decline/", {"reason": "no seat left"})
    assert heading(page) == f"MxD has declined {first.organisation.name}"
    second = make_application(institute=mxd, contact=somebody, state="approved")
    address = second.get_absolute_url()
    revised = {"tier": "sme", "starts_on": "2022-12-01", "why": "later"}
    page = post(manager, f"{address}revise/", revised)
    assert "Dec 1, 2022" in page
    second.refresh_from_db()
    assert second.document_sha256 != "0" * 64


def test_what_holds_an_admission_is_said_with_its_citation_and_its_way_out(
    mxd: Institute, manager: Client, finance: Client, somebody: User
) -> None:
    barred = make_organisation("Foreign Gears", ownership_country="CN")
    application = make_application(barred, mxd, contact=somebody, state="signed")
    address = application.get_absolute_url()
    screens = reverse("memberships:screen_organisation", args=[mxd.key, barred.pk])
    page = text_of(manager.get(address))
    assert heading(page) == "Foreign Gears has signed and can't be admitted to MxD yet"
    assert "42 U.S.C. 18972" in page
    assert "Nothing is billed" in page
    assert screens in page
    applicant = client_of(somebody)
    assert screens in text_of(applicant.get(address))
    assert screens not in text_of(finance.get(address))
    assert applicant.get(screens).status_code == 200
    assert finance.get(screens).status_code == 403

    make_invoice(application, state=InvoiceState.PAID)
    review = make_review(barred, mxd)
    page = text_of(manager.get(address))
    assert heading(page) == "Foreign Gears has paid and can't be admitted to MxD yet"
    assert "The payment stands" in page
    assert reverse("memberships:show_participation_review", args=[review.pk]) in page
    assert manager.post(f"{address}admit/").status_code == 409


@pytest.mark.parametrize("number", [1, 3])
def test_lists_ask_the_same_number_of_queries(
    mxd: Institute,
    manager: Client,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _place in range(number):
        make_application(institute=mxd)
        agreement = make_agreement(make_organisation(), mxd, ends_on=date(2023, 1, 1))
        make_invoice(agreement, due_on=date(2022, 8, 1))
    with django_assert_num_queries(11):
        page = text_of(manager.get(f"{HERE}/applications/"))
    assert "wait" in heading(page)
    assert "How long the steps take" in page
    with django_assert_num_queries(11):
        page = text_of(manager.get(f"{HERE}/invoices/"))
    assert "$365" in page
    with django_assert_num_queries(9):
        page = text_of(manager.get(f"{HERE}/lapses/"))
    assert page.count("Grace is over") == number
    with django_assert_num_queries(9):
        page = text_of(manager.get(f"{HERE}/ending/"))
    assert page.count("Renew<") == number


def test_lists_show_others_their_own_alone(mxd: Institute, client: Client, somebody: User) -> None:
    make_application(make_organisation("Secret"), mxd)
    mine = make_application(make_organisation("Mine"), mxd, contact=somebody)
    make_invoice(mine)
    own = client_of(somebody)
    page = text_of(own.get(f"{HERE}/applications/", {"state": "submitted"}))
    assert "Mine" in page
    assert "Secret" not in page
    assert "How long the steps take" not in page
    assert heading(text_of(client.get(f"{HERE}/invoices/"))) == "$0 is owed on 0 open invoices"
    assert own.get(f"{HERE}/lapses/").status_code == 404
    assert own.get(f"{HERE}/lapses/end/").status_code == 403


def test_invoices_are_cancelled_billed_and_lapse_by_the_pages(
    mxd: Institute, manager: Client, gears: Organisation
) -> None:
    agreement = make_agreement(gears, mxd, starts_on=date(2022, 1, 1), ends_on=date(2024, 1, 1))
    make_agreed(agreement, term_months=24)
    first = make_invoice(agreement)
    page = post(manager, f"{first.get_absolute_url()}cancel/", {"reason": "wrong amount"})
    assert heading(page) == f"Invoice {first.number} is cancelled"
    assert manager.get(f"{first.get_absolute_url()}invoice.pdf").status_code == 404
    page = text_of(manager.get(f"/members/{agreement.pk}/bill/"))
    assert "is billed until Jan 1, 2022" in page
    page = post(manager, f"/members/{agreement.pk}/bill/")
    assert heading(page) == "Gears owes $365 by Dec 1, 2022"
    Invoice.objects.exclude(pk=first.pk).update(due_on=date(2022, 8, 1))
    page = post(manager, f"{HERE}/lapses/end/")
    assert "1 membership has ended." in page
    agreement.refresh_from_db()
    assert agreement.ended_reason == "dues_unpaid"
    for due_on, said in ((date(2022, 10, 1), "Overdue"), (date(2022, 12, 1), "Not due yet")):
        other = make_agreement(make_organisation(), mxd)
        make_invoice(other, due_on=due_on)
        assert said in text_of(manager.get(f"{HERE}/lapses/"))
    assert "the membership agreement" in text_of(
        manager.get(Invoice.objects.latest("pk").get_absolute_url())
    )
    credited = make_invoice(agreement, total_minor=-100, state=InvoiceState.CREDITED)
    page = text_of(manager.get(credited.get_absolute_url()))
    assert heading(page) == "Gears has a credit of $1"
    cancelled = Invoice.objects.exclude(pk=first.pk).get(closing=Closing.CANCELLED)
    page = text_of(manager.get(cancelled.get_absolute_url()))
    assert "The dues were not paid within the days of grace." in page


def test_memberships_are_renewed_changed_and_ended_by_the_pages(
    mxd: Institute, manager: Client
) -> None:
    large = make_organisation("Large", kind="industry_large")
    agreement = make_agreement(large, mxd, tier="industry", ends_on=date(2023, 1, 1))
    shown = f"/members/{agreement.pk}/"
    assert "Leading industry member: $200,000 a year" in text_of(manager.get(f"{shown}tier/"))
    page = post(manager, f"{shown}tier/", {"tier": "leading_industry", "on": "2022-12-01"})
    assert "The new tier holds from that day on." in page
    changed = MemberAgreement.objects.get(tier="leading_industry")
    page = text_of(manager.get(shown))
    assert "the agreement from Dec 1, 2022" in page
    page = post(manager, f"/members/{changed.pk}/renew/")
    assert "The next term is agreed." in page
    other = make_agreement(make_organisation("Other"), mxd)
    gone = {"ends_on": "2022-11-01", "reason": "sold the results"}
    page = post(manager, f"/members/{other.pk}/expel/", gone)
    assert "Breach of the agreement" in page
    assert "Expel the member" not in page
    left = make_agreement(make_organisation("Leaving"), mxd)
    assert manager.get(f"/members/{left.pk}/leave/").status_code == 403
    acting = staff(Role.MEMBER, str(left.organisation_id), ScopeKind.ORGANISATION)
    page = post(acting, f"/members/{left.pk}/leave/", {"ends_on": "2022-12-01", "reason": ""})
    assert "The membership ends on that day." in page


def test_people_and_domains_by_the_pages(gears: Organisation, somebody: User) -> None:
    acting = staff(Role.MEMBER, str(gears.pk), ScopeKind.ORGANISATION)
    people = f"/organisations/{gears.pk}/people/"
    other = client_of(somebody)
    assert other.get(people).status_code == 404
    page = post(acting, f"/organisations/{gears.pk}/domains/verify/", {"address": "a@example.org"})
    assert "Enter the code" in page
    code = re.search(r"\b\d{6}\b", OutboxMessage.objects.get().body)
    assert code is not None
    confirms = f"/organisations/{gears.pk}/domains/{MailDomain.objects.get().pk}/confirm/"
    page = post(acting, confirms, {"code": code[0]})
    assert "Verified" in page
    page = text_of(other.get("/memberships/mine/"))
    assert f"/organisations/{gears.pk}/join/" in page
    page = post(other, f"/organisations/{gears.pk}/join/")
    assert "You belong to Gears now." in page
    page = text_of(other.get(people))
    assert "Waits for its code" not in page
    assert "Invite a person" not in page
    assert "Take off" not in page
    removes = f"{people}{somebody.pk}/remove/"
    page = post(acting, removes, {"reason": "left"})
    assert "The person is taken off." in page
    assert not OrganisationPerson.objects.filter(removed_at__isnull=True).exists()
    assert acting.get(removes).status_code == 404
    MailDomain.objects.update(verified_at=None)
    reads = make_user("reads")
    OrganisationPerson.objects.create(
        organisation=gears, user=reads, way="invitation", joined_at=NOW
    )
    assert "Waits for its code" in text_of(client_of(reads).get(people))


def test_a_link_of_an_invitation_asks_a_stranger_to_sign_in(
    client: Client, gears: Organisation
) -> None:
    Invitation.objects.create(
        organisation=gears,
        email="bob@gears.example",
        secret_digest="0" * 64,
        invited_at=NOW,
        expires_at=NOW,
    )
    answer = client.get("/invitations/secret/accept/")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/accounts/login/?next=/invitations/secret/accept/",
    )


# ---------------------------------------------------------------------------------------- API


def ask(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    address = f"/api/v1{path}"
    if method == "GET":
        return client.get(address, body)
    return client.post(address, json.dumps(body or {}), content_type="application/json")


def test_api_applies_decides_bills_and_takes_payment(
    mxd: Institute, gears: Organisation, manager: Client, finance: Client, somebody: User
) -> None:
    own = client_of(somebody)
    row = {"institute": "mxd", "tier": "sme", "organisation_id": gears.pk, "purpose": "gears"}
    made = ask(own, "POST", "/applications", row).json()
    assert (made["state"], made["organisation"], made["dues_minor"]) == ("submitted", "Gears", None)
    path = f"/applications/{made['id']}"
    assert ask(own, "POST", f"{path}/approve", {"starts_on": "2022-11-01"}).status_code == 403
    approved = ask(manager, "POST", f"{path}/approve", {"starts_on": "2022-11-01"}).json()
    assert (approved["state"], approved["dues_minor"]) == ("approved", 500_000)
    assert len(approved["document_sha256"]) == 64
    listed = ask(manager, "GET", "/applications", {"institute": "mxd", "state": "approved"}).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert ask(own, "GET", path).json()["tier"] == "sme"
    MembershipApplication.objects.update(state="signed", signed_at=NOW)
    invoice = ask(finance, "POST", f"{path}/invoice").json()
    assert (invoice["number"], invoice["left_minor"]) == ("MXD-2022-0001", 500_000)
    pays = f"/invoices/{invoice['id']}/payments"
    payment = {
        "id": "00000000-0000-4000-8000-000000000001",
        "amount_minor": 200_000,
        "received_on": "2022-11-01",
    }
    for _again in range(2):
        paid = ask(finance, "POST", pays, payment).json()
        assert (paid["state"], paid["left_minor"]) == ("issued", 300_000)
    refused = ask(finance, "POST", f"/invoices/{invoice['id']}/cancel", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "partly_paid")
    rest = payment | {"id": "00000000-0000-4000-8000-000000000002", "amount_minor": 300_000}
    assert ask(finance, "POST", pays, rest).json()["state"] == "paid"
    assert ask(own, "GET", path).json()["state"] == "admitted"
    assert ask(own, "GET", f"/invoices/{invoice['id']}").json()["paid_minor"] == 500_000
    found = ask(finance, "GET", "/invoices", {"institute": "mxd", "state": "paid"}).json()
    assert len(found["items"]) == 1


def test_api_declines_renews_and_changes(mxd: Institute, manager: Client) -> None:
    application = make_application(institute=mxd)
    path = f"/applications/{application.pk}"
    declined = ask(manager, "POST", f"{path}/decline", {"reason": "no"}).json()
    assert (declined["state"], declined["closed_reason"]) == ("declined", "no")
    large = make_organisation("Large", kind="industry_large")
    agreement = make_agreement(large, mxd, tier="industry", ends_on=date(2023, 1, 1))
    path = f"/members/{agreement.pk}"
    changed = ask(
        manager, "POST", f"{path}/tier", {"tier": "leading_industry", "on": "2022-12-01"}
    ).json()
    assert (changed["tier"], changed["starts_on"]) == ("leading_industry", "2022-12-01")
    renewed = ask(manager, "POST", f"/members/{changed['id']}/renew").json()
    assert renewed["starts_on"] == "2023-01-01"
    billed = ask(manager, "POST", f"/members/{renewed['id']}/bill")
    assert (billed.status_code, billed.json()["code"]) == (409, "invoice_open")
    lapsed = ask(manager, "POST", "/lapses", {"institute": "mxd"}).json()
    assert lapsed == {"ended": []}


def test_api_signs_withdraws_expels_leaves_invites_and_takes_off(
    mxd: Institute, gears: Organisation, manager: Client, somebody: User
) -> None:
    own = client_of(somebody)
    row = {"institute": "mxd", "tier": "sme", "organisation_id": gears.pk}
    path = f"/applications/{ask(own, 'POST', '/applications', row).json()['id']}"
    approved = ask(manager, "POST", f"{path}/approve", {"starts_on": "2022-11-01"}).json()
    signed = {"name": "Ada", "title": "Owner", "sha256": approved["document_sha256"]}
    assert ask(manager, "POST", f"{path}/sign", signed).status_code == 403
    other = ask(own, "POST", f"{path}/sign", signed | {"sha256": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "other_document")
    assert ask(own, "POST", f"{path}/sign", signed).json()["state"] == "approved"
    assert ask(manager, "POST", f"{path}/countersign", signed).json()["state"] == "signed"
    withdrawn = ask(own, "POST", f"{path}/withdraw", {"reason": "moved"}).json()
    assert (withdrawn["state"], withdrawn["closed_reason"]) == ("withdrawn", "moved")

    member = make_agreement(gears, mxd)
    make_grant(somebody, Role.MEMBER, ScopeKind.ORGANISATION, str(gears.pk))
    OrganisationPerson.objects.create(
        organisation=gears, user=somebody, way="contact", joined_at=NOW
    )
    people = f"/organisations/{gears.pk}"
    assert ask(manager, "GET", f"{people}/people").status_code == 404
    invited = {"email": "new@gears.example"}
    made = ask(own, "POST", f"{people}/invitations", invited).json()
    assert (made["email"], made["may_act"]) == ("new@gears.example", False)
    colleague = make_user("Colleague")
    OrganisationPerson.objects.create(
        organisation=gears, user=colleague, way="invitation", joined_at=NOW
    )
    named = [one["name"] for one in ask(own, "GET", f"{people}/people").json()["people"]]
    assert named == ["Ada Owner", "Colleague"]
    left = ask(own, "POST", f"{people}/people/{colleague.pk}/remove", {"why": "gone"}).json()
    assert [(one["name"], one["may_act"]) for one in left["people"]] == [("Ada Owner", True)]
    leaving = {"ends_on": "2022-12-01"}
    path = f"/members/{member.pk}"
    assert ask(manager, "POST", f"{path}/leave", leaving).status_code == 403
    assert ask(own, "POST", f"{path}/leave", leaving).json()["ends_on"] == "2022-12-01"
    other_member = make_agreement(make_organisation("Cogs"), mxd)
    path = f"/members/{other_member.pk}/expel"
    assert ask(own, "POST", path, leaving | {"reason": "breach"}).status_code == 403
    expelled = ask(manager, "POST", path, leaving | {"reason": "breach"}).json()
    assert expelled["ends_on"] == "2022-12-01"


def test_page_says_where_admission_lets_nobody_in(mxd: Institute, somebody: User) -> None:
    gears = make_organisation("Gears")
    application = make_application(gears, mxd, contact=somebody)
    own, said = client_of(somebody), "Admission by itself lets nobody act"
    assert said not in text_of(own.get(application.get_absolute_url()))
    make_agreement(gears, make_institute("lift"))
    assert said in text_of(own.get(application.get_absolute_url()))
