"""From the application to the welcome, through the services."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import Settings

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import (
    AgreementSignature,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    MemberAgreement,
    MembershipApplication,
    ParticipationReview,
)
from lineshaft.apps.memberships.rules import (
    ApplicationState,
    InvoiceState,
    OwnerRow,
    RateClass,
)
from lineshaft.apps.memberships.services import ApplicationRow, TierOfferRow
from lineshaft.apps.memberships.tests.factories import (
    make_agreement,
    make_application,
    make_approval,
    make_invoice,
    standing,
)
from lineshaft.apps.network.models import Institute, Organisation, Person
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.services import path_of
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
SYSTEM = Actor.system("test")
NEW = OrganisationRow("Anvil Works", "industry_sme", city="Dayton", region="OH")


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: object) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def institute() -> Institute:
    return make_institute()


@pytest.fixture
def gears() -> Organisation:
    return make_organisation("Gears")


@pytest.fixture
def user() -> User:
    return make_user(password="good-enough")


@pytest.fixture
def applicant(user: User) -> Actor:
    return Actor(user_id=user.pk, label=user.name)


@pytest.fixture
def manager() -> Actor:
    grant = RoleGrant(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes")
    return Actor(make_user("Manager").pk, "Manager", grants=frozenset({grant}))


@pytest.fixture
def finance() -> Actor:
    grant = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "america-makes")
    return Actor(make_user("Finance").pk, "Finance", grants=frozenset({grant}))


def row_of(organisation: Organisation | None = None, *, tier: str = "sme") -> ApplicationRow:
    return ApplicationRow(
        "america-makes",
        tier,
        organisation_id=organisation.pk if organisation else None,
        new_organisation=None if organisation else NEW,
    )


def applied(applicant: Actor, institute: Institute, gears: Organisation) -> MembershipApplication:
    return services.apply_for_membership(applicant, institute, row_of(gears), now=NOW)


def approved(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation
) -> MembershipApplication:
    application = applied(applicant, institute, gears)
    return services.approve_application(manager, application, starts_on=TODAY, now=NOW)


def sign(applicant: Actor, manager: Actor, of: MembershipApplication) -> MembershipApplication:
    signed: dict[str, Any] = {
        "title": "Director",
        "sha256": of.document_sha256,
        "now": NOW + timedelta(days=2),
    }
    services.sign_agreement(applicant, of, name="Ada", **signed)
    return services.countersign_agreement(manager, of, name="Grace", **signed)


# ----------------------------------------------------------------------------------- applying


def test_apply_for_membership_gives_no_access_and_tells_the_trail(
    applicant: Actor, institute: Institute, gears: Organisation
) -> None:
    application = applied(applicant, institute, gears)
    assert (application.state, application.contact_id) == ("submitted", applicant.user_id)
    event = AuditEvent.objects.get()
    assert (event.verb, event.institute, event.changes["tier"]) == (
        "apply_for_membership",
        "america-makes",
        "sme",
    )
    assert queries.organisation_ids_of_user(applicant.own_id) == frozenset()
    assert not Grant.objects.exists()
    assert queries.application_by_id(applicant, application.pk) == application
    stranger = Actor(user_id=make_user().pk, label="x")
    with pytest.raises(NotFound):
        queries.application_by_id(stranger, application.pk)


def test_apply_for_a_new_organisation_enters_it_within_the_network(
    applicant: Actor, manager: Actor, institute: Institute
) -> None:
    application = services.apply_for_membership(applicant, institute, row_of(), now=NOW)
    organisation = application.organisation
    assert (organisation.name, organisation.level) == ("Anvil Works", SharingLevel.NETWORK)
    assert application.is_new_organisation
    services.approve_application(manager, application, starts_on=TODAY, now=NOW)
    organisation.refresh_from_db()
    assert organisation.level == SharingLevel.PUBLIC


def test_apply_for_one_that_is_registered_or_looks_like_it_is_invalid(
    applicant: Actor, institute: Institute
) -> None:
    make_organisation("Anvil Works")
    with pytest.raises(Invalid, match=r"Anvil Works is registered already\. Choose it"):
        services.apply_for_membership(applicant, institute, row_of(), now=NOW)
    Organisation.objects.update(level=SharingLevel.RESTRICTED)
    with pytest.raises(Invalid, match="not shared with you"):
        services.apply_for_membership(applicant, institute, row_of(), now=NOW)
    Organisation.objects.update(level=SharingLevel.PUBLIC)
    elsewhere = replace(row_of(), new_organisation=replace(NEW, city="Toledo"))
    with pytest.raises(Invalid, match="look like it: Anvil Works"):
        services.apply_for_membership(applicant, institute, elsewhere, now=NOW)
    sure = replace(elsewhere, is_none_of_these=True)
    made = services.apply_for_membership(applicant, institute, sure, now=NOW)
    assert Organisation.objects.count() == 2
    assert made.organisation.city == "Toledo"
    assert queries.look_alikes(applicant, " ") == ()


def test_apply_finds_the_same_identifier_under_another_name(
    applicant: Actor, institute: Institute
) -> None:
    make_organisation("Gears", identifiers=[("ror", "02mhbdp94")])
    new = replace(NEW, name="Gears of Ohio", city="Xenia", identifiers=(("ror", "02mhbdp94"),))
    with pytest.raises(Invalid, match="Gears is registered already"):
        services.apply_for_membership(
            applicant, institute, replace(row_of(), new_organisation=new), now=NOW
        )


def test_apply_is_refused_by_its_rules(
    applicant: Actor, institute: Institute, gears: Organisation
) -> None:
    with pytest.raises(NotPermitted):
        services.apply_for_membership(Actor.public(), institute, row_of(gears), now=NOW)
    with pytest.raises(Invalid, match="Sign in first"):
        services.apply_for_membership(SYSTEM, institute, row_of(gears), now=NOW)
    wrong: list[tuple[type[Exception], str, ApplicationRow]] = [
        (Invalid, "longer than", replace(row_of(gears), purpose="x" * 1_001)),
        (Invalid, "Choose an organisation", replace(row_of(gears), organisation_id=None)),
        (Invalid, "not for organisations of the kind", row_of(gears, tier="academic")),
        (Refused, "offers no such tier", row_of(gears, tier="leading_industry")),
    ]
    for error, said, row in wrong:
        with pytest.raises(error, match=said):
            services.apply_for_membership(applicant, institute, row, now=NOW)
    applied(applicant, institute, gears)
    with pytest.raises(Refused, match="has applied to America Makes already"):
        applied(applicant, institute, gears)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_application(gears, institute)


def test_only_its_own_people_apply_for_an_organisation_that_has_some(
    applicant: Actor, institute: Institute, gears: Organisation
) -> None:
    other = make_user()
    Person.objects.create(name="Grace", user=other, organisation=gears)
    with pytest.raises(Refused, match="has people of its own here"):
        applied(applicant, institute, gears)
    own = Actor(other.pk, "Grace", organisation_ids=frozenset({gears.pk}))
    assert applied(own, institute, gears).contact == other


def test_nobody_joins_twice_for_one_day(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation
) -> None:
    application = applied(applicant, institute, gears)
    make_agreement(gears, institute, starts_on=TODAY, ends_on=date(2023, 11, 1))
    with pytest.raises(Refused, match="Gears is a member of America Makes from"):
        services.approve_application(manager, application, starts_on=TODAY, now=NOW)
    services.decline_application(manager, application, reason="is in", now=NOW)
    with pytest.raises(Refused, match="Gears is a member of America Makes from"):
        applied(applicant, institute, gears)


def test_deciding_and_withdrawing(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation
) -> None:
    application = applied(applicant, institute, gears)
    with pytest.raises(NotPermitted):
        services.approve_application(applicant, application, starts_on=TODAY, now=NOW)
    with pytest.raises(Refused, match="Say why"):
        services.decline_application(manager, application, reason=" ", now=NOW)
    declined = services.decline_application(manager, application, reason="too early", now=NOW)
    assert (declined.state, declined.closed_reason) == ("declined", "too early")
    assert "too early" in OutboxMessage.objects.get().body
    again = applied(applicant, institute, gears)
    with pytest.raises(NotPermitted):
        services.withdraw_application(manager, again, now=NOW)
    assert services.withdraw_application(applicant, again, now=NOW).state == "withdrawn"
    with pytest.raises(Refused, match="not possible while this is “Withdrawn”"):
        services.approve_application(manager, again, starts_on=TODAY, now=NOW)
    again.delete()
    with pytest.raises(NotFound):
        services.withdraw_application(applicant, again, now=NOW)


def test_withdrawing_cancels_what_is_unpaid(
    applicant: Actor, institute: Institute, user: User
) -> None:
    application = make_application(institute=institute, contact=user, state="signed")
    invoice = make_invoice(application)
    services.withdraw_application(applicant, application, reason="moved", now=NOW)
    assert standing(invoice).state == InvoiceState.CANCELLED
    event = AuditEvent.objects.get(verb="cancel_invoice")
    assert (event.subject_id, event.why) == (str(invoice.pk), "moved")
    assert event.institute == "america-makes"
    acting = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, str(application.organisation_id))
    colleague = Actor(9, "x", frozenset({acting}))
    assert services.may_as_applicant(colleague, "withdraw_application", application, on=TODAY)
    assert services.may_as_applicant(applicant, "withdraw_application", application, on=TODAY)


def test_a_signed_application_is_declined_and_its_invoice_cancelled(
    manager: Actor, institute: Institute
) -> None:
    application = make_application(institute=institute, state="signed")
    invoice = make_invoice(application)
    declined = services.decline_application(manager, application, reason="denied", now=NOW)
    assert declined.state == ApplicationState.DECLINED
    found = standing(invoice)
    assert (found.state, found.closed_reason) == (InvoiceState.CANCELLED, "denied")


# ------------------------------------------------------------------------ document, signatures


def test_approval_makes_the_document_of_the_terms_in_force(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation
) -> None:
    terms = TierOfferRow(
        "sme", date(2022, 1, 1), 300_000, RateClass.REDUCED, "vote", votes=1, term_months=36
    )
    services.set_tier_terms(SYSTEM, institute, terms, now=NOW)
    application = approved(applicant, manager, institute, gears)
    assert (application.dues_minor, application.term_months) == (300_000, 36)
    document = application.document
    assert document is not None
    assert path_of(document.sha256).read_bytes().startswith(b"%PDF-")
    assert application.document_sha256 == document.sha256
    letter = OutboxMessage.objects.get()
    assert (letter.recipient, letter.subject) == (
        application.contact.email,
        "Your application to America Makes is approved",
    )
    other = make_application(make_organisation(), institute)
    with pytest.raises(Refused, match="begins from"):
        services.approve_application(manager, other, starts_on=date(2030, 1, 1), now=NOW)


def test_both_sides_sign_one_hash_and_no_other(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation
) -> None:
    application = approved(applicant, manager, institute, gears)
    first = application.document_sha256
    signed: dict[str, Any] = {"name": "Ada", "title": "Owner", "now": NOW}
    with pytest.raises(NotPermitted):
        services.sign_agreement(manager, application, sha256=first, **signed)
    with pytest.raises(NotPermitted):
        services.countersign_agreement(applicant, application, sha256=first, **signed)
    services.sign_agreement(applicant, application, sha256=first, **signed)
    with pytest.raises(Refused, match="This side has signed"):
        services.sign_agreement(applicant, application, sha256=first, **signed)
    revised = services.revise_agreement(
        manager,
        application,
        tier="sme",
        starts_on=TODAY + timedelta(days=30),
        now=NOW + timedelta(days=1),
        why="begins later",
    )
    assert revised.document_sha256 != first
    assert queries.signatures_of(revised) == ()
    with pytest.raises(Refused, match="not the document that stands"):
        services.countersign_agreement(manager, application, sha256=first, **signed)
    done = sign(applicant, manager, revised)
    assert (done.state, done.signed_at) == (ApplicationState.SIGNED, NOW + timedelta(days=2))
    assert [one.side for one in queries.signatures_of(done)] == ["organisation", "institute"]
    assert AgreementSignature.objects.count() == 3
    with pytest.raises(Refused, match="not possible"):
        services.revise_agreement(
            manager, done, tier="sme", starts_on=TODAY, now=NOW, why="too late"
        )


def test_a_document_altered_on_the_disk_is_not_signed(
    applicant: Actor, manager: Actor, institute: Institute, gears: Organisation
) -> None:
    application = approved(applicant, manager, institute, gears)
    path = path_of(application.document_sha256)
    path.chmod(0o644)
    path.write_bytes(b"%PDF-other")
    with pytest.raises(Refused, match="made anew, or altered"):
        sign(applicant, manager, application)


@pytest.mark.database
def test_signatures_lines_and_payments_are_never_changed(institute: Institute) -> None:
    application = make_application(institute=institute, state="signed")
    AgreementSignature.objects.create(
        application=application,
        side="institute",
        name="Ada",
        title="Owner",
        signed_on=TODAY,
        sha256="0" * 64,
        signed_at=NOW,
    )
    make_invoice(application)
    for changed in (
        AgreementSignature.objects.filter(name="Ada"),
        InvoiceLine.objects.filter(position=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            changed.delete()
    for condition in ({"state": "admitted"}, {"state": "declined"}, {"document_sha256": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MembershipApplication.objects.update(**condition)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(closing="cancelled")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(closing="credited", closed_at=NOW)


# ------------------------------------------------------------------------- invoice and payment


def test_paid_first_invoice_admits_welcomes_and_opens(
    applicant: Actor, manager: Actor, finance: Actor, institute: Institute, gears: Organisation
) -> None:
    application = sign(applicant, manager, approved(applicant, manager, institute, gears))
    with pytest.raises(NotPermitted):
        services.issue_invoice(applicant, application, now=NOW)
    invoice = services.issue_invoice(finance, application, now=NOW)
    assert (invoice.number, invoice.total_minor, invoice.due_on) == (
        "AMERICA-MAKES-2022-0001",
        500_000,
        date(2022, 12, 1),
    )
    with pytest.raises(Refused, match="AMERICA-MAKES-2022-0001 for this is open"):
        services.issue_invoice(manager, application, now=NOW)
    with pytest.raises(Refused, match="first invoice is not paid"):
        services.admit_applicant(manager, application, now=NOW)
    paying: dict[str, Any] = {"received_on": TODAY, "now": NOW, "reference": "wire 7"}
    with pytest.raises(NotPermitted):
        services.record_payment(manager, invoice, id=UUID(int=1), amount_minor=1, **paying)
    with pytest.raises(Refused, match=r"5000\.00 USD is owed"):
        services.record_payment(finance, invoice, id=UUID(int=1), amount_minor=500_001, **paying)
    part = services.record_payment(finance, invoice, id=UUID(int=1), amount_minor=200_000, **paying)
    again = services.record_payment(
        finance, invoice, id=UUID(int=1), amount_minor=200_000, **paying
    )
    assert again == part
    with pytest.raises(Refused, match="under this id with other content"):
        services.record_payment(finance, invoice, id=UUID(int=1), amount_minor=1, **paying)
    with pytest.raises(Refused, match=r"2000\.00 USD was paid"):
        services.cancel_invoice(manager, invoice, reason="wrong", now=NOW)
    assert not MemberAgreement.objects.exists()
    services.record_payment(finance, invoice, id=UUID(int=2), amount_minor=300_000, **paying)
    invoice = standing(invoice)
    assert (invoice.state, invoice.left.amount_minor) == (InvoiceState.PAID, 0)
    entries = OwnIncome.objects.order_by("pk").values_list(
        "stream", "amount_minor", "payer", "external_id"
    )
    assert list(entries) == [
        ("dues", 200_000, "Gears", "wire 7"),
        ("dues", 300_000, "Gears", "wire 7"),
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        InvoicePayment.objects.update(amount_minor=1)
    _assert_admitted(application, application.contact)


def _assert_admitted(application: MembershipApplication, user: User) -> None:
    application.refresh_from_db()
    agreement = application.agreement
    assert agreement is not None
    assert application.state == ApplicationState.ADMITTED
    assert (agreement.starts_on, agreement.ends_on, agreement.signed_on) == (
        TODAY,
        date(2023, 11, 1),
        date(2022, 11, 3),
    )
    assert agreement.agreed.dues_minor == 500_000
    assert agreement.invoices.count() == 1
    assert queries.organisation_ids_of_user(user.pk) == {agreement.organisation_id}
    grant = Grant.objects.get(user=user)
    assert (grant.role, grant.scope_id) == ("member", str(agreement.organisation_id))
    assert OutboxMessage.objects.latest("created_at", "pk").subject in {
        "Welcome to America Makes",
        "Invoice AMERICA-MAKES-2022-0001 of America Makes",
    }
    assert OutboxMessage.objects.filter(subject="Welcome to America Makes").count() == 1
    assert queries.billed_until(agreement) == date(2023, 11, 1)


def test_a_tier_without_dues_admits_with_the_second_signature(
    applicant: Actor, manager: Actor, institute: Institute
) -> None:
    laboratory = make_organisation("Lab", kind="federal_laboratory")
    row = row_of(laboratory, tier="government")
    application = services.apply_for_membership(applicant, institute, row, now=NOW)
    services.approve_application(manager, application, starts_on=TODAY, now=NOW)
    application.refresh_from_db()
    done = sign(applicant, manager, application)
    assert done.state == ApplicationState.ADMITTED
    assert not Invoice.objects.exists()
    with pytest.raises(Refused, match="not possible"):
        services.issue_invoice(manager, done, now=NOW)


def test_what_the_law_bars_is_neither_billed_nor_admitted_before_the_sponsor_decides(
    applicant: Actor, manager: Actor, finance: Actor, institute: Institute, user: User
) -> None:
    barred = make_organisation("Foreign Gears", ownership_country="CN")
    application = make_application(barred, institute, contact=user, state="signed")
    refusal = services.admission_refusal(application, now=NOW)
    assert refusal is not None
    assert refusal.citation is not None
    assert refusal.citation.text == "42 U.S.C. 18972"
    with pytest.raises(Refused, match="waiver"):
        services.issue_invoice(finance, application, now=NOW)
    answers = {"incorporated_in": "CN", "works_in": "US"} | dict.fromkeys(
        ("foreign_control", "concern_ties"), "no"
    )
    row = services.ScreeningRow(answers, (OwnerRow(1, "Parent", "CN", 10_000),))
    with pytest.raises(NotPermitted):
        services.screen_organisation(finance, barred, institute, row, now=NOW)
    assert not services.may_screen(finance, barred.pk, institute)
    assert services.may_screen(applicant, barred.pk, institute)
    services.screen_organisation(applicant, barred, institute, row, now=NOW)
    review = ParticipationReview.objects.get()
    approval = replace(make_approval(review), grounds=("technical_and_mission_need",))
    services.approve_participation(SYSTEM, review, approval, now=NOW)
    invoice = services.issue_invoice(finance, application, now=NOW)
    Organisation.objects.filter(pk=barred.pk).update(ownership_country="RU")
    services.record_payment(
        finance, invoice, id=UUID(int=3), amount_minor=500_000, received_on=TODAY, now=NOW
    )
    application.refresh_from_db()
    assert application.state == ApplicationState.SIGNED
    assert OwnIncome.objects.count() == 1
    with pytest.raises(Refused, match="Nothing is owed"):
        services.issue_invoice(finance, application, now=NOW)
    with pytest.raises(NotPermitted):
        services.admit_applicant(applicant, application, now=NOW)
    with pytest.raises(Refused):
        services.admit_applicant(manager, application, now=NOW)
    Organisation.objects.filter(pk=barred.pk).update(ownership_country="CN")
    assert services.admit_applicant(manager, application, now=NOW).agreement is not None


def test_whoever_applied_is_let_in_only_beside_nobody_else(
    manager: Actor, institute: Institute, gears: Organisation, user: User
) -> None:
    application = make_application(gears, institute, contact=user, state="signed", dues_minor=0)
    Person.objects.create(name="Grace", user=make_user(), organisation=gears)
    services.admit_applicant(manager, application, now=NOW)
    assert queries.organisation_ids_of_user(user.pk) == frozenset()


def test_cancelled_invoice_is_issued_anew_and_its_credit_taken_again(
    finance: Actor, institute: Institute, gears: Organisation
) -> None:
    credited = make_invoice(
        make_agreement(gears, institute, ends_on=date(2022, 6, 1)),
        total_minor=-600_000,
        state=InvoiceState.CREDITED,
    )
    application = make_application(gears, institute, state="signed")
    with pytest.raises(Refused, match="Say why"):
        services.cancel_invoice(finance, credited, reason="", now=NOW)
    with pytest.raises(Refused, match="not possible"):
        services.cancel_invoice(finance, credited, reason="x", now=NOW)
    assert queries.open_credits(institute, gears.pk) == (credited,)
    invoice = services.issue_invoice(finance, application, now=NOW)
    assert (invoice.total_minor, invoice.state) == (-100_000, InvoiceState.CREDITED)
    assert queries.open_credits(institute, gears.pk) == (invoice,)
    application.refresh_from_db()
    assert application.state == ApplicationState.ADMITTED
    other = make_application(make_organisation(), institute, state="signed")
    first = services.issue_invoice(finance, other, now=NOW)
    cancelled = services.cancel_invoice(finance, first, reason="wrong tier", now=NOW)
    assert (cancelled.state, cancelled.closed_reason) == (InvoiceState.CANCELLED, "wrong tier")
    anew = services.issue_invoice(finance, other, now=NOW)
    assert anew.sequence == first.sequence + 1
    missing = Invoice(pk=10**9)
    with pytest.raises(NotFound):
        services.cancel_invoice(finance, missing, reason="x", now=NOW)


def test_an_invoice_that_the_credit_covers_is_paid(
    finance: Actor, institute: Institute, gears: Organisation
) -> None:
    make_invoice(
        make_agreement(gears, institute, ends_on=date(2022, 6, 1)),
        total_minor=-500_000,
        state=InvoiceState.CREDITED,
    )
    application = make_application(gears, institute, state="signed")
    invoice = services.issue_invoice(finance, application, now=NOW)
    assert (invoice.total_minor, invoice.state) == (0, InvoiceState.PAID)
    with pytest.raises(Refused, match="not possible"):
        services.issue_invoice(finance, application, now=NOW)


def test_network_staff_see_every_application_and_invoice(
    institute: Institute, programme_officer: Actor
) -> None:
    application = make_application(institute=institute)
    invoice = make_invoice(application)
    assert list(queries.applications_visible_to(programme_officer)) == [application]
    assert queries.invoice_by_id(programme_officer, invoice.pk) == invoice
    stranger = Actor(user_id=make_user().pk, label="x")
    with pytest.raises(NotFound):
        queries.invoice_by_id(stranger, invoice.pk)


def test_step_times_are_medians_over_those_who_went_the_step(institute: Institute) -> None:
    for days, state in ((2, "approved"), (6, "approved"), (4, "submitted")):
        application = make_application(make_organisation(), institute, state=state)
        if state == "approved":
            later = NOW + timedelta(days=days)
            MembershipApplication.objects.filter(pk=application.pk).update(approved_at=later)
    first, second, third = queries.step_times(MembershipApplication.objects.all())
    assert (first.cases, first.median_s) == (2, 2 * 86_400)
    assert (second.source, second.cases, second.median_s) == ("approved", 0, None)
    assert third.target == rules.ApplicationState.ADMITTED
