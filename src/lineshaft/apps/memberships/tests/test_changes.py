"""The next term, another tier, lapse, expulsion and leaving, through the services."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invoice, MemberAgreement
from lineshaft.apps.memberships.rules import EndReason, InvoiceState, RateClass
from lineshaft.apps.memberships.services import TierOfferRow
from lineshaft.apps.memberships.tests.factories import (
    make_agreed,
    make_agreement,
    make_application,
    make_invoice,
    make_review,
    pay,
    standing,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotPermitted, Refused
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

TODAY = NOW.date()  # 2022-11-01
SYSTEM = Actor.system("test")
YEAR = (date(2022, 1, 1), date(2023, 1, 1))


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
def membership(gears: Organisation, institute: Institute) -> MemberAgreement:
    """A year's membership at a dollar a day, paid."""
    agreement = make_agreement(gears, institute, starts_on=YEAR[0], ends_on=YEAR[1])
    make_agreed(agreement)
    make_invoice(agreement, state=InvoiceState.PAID, span=YEAR)
    return agreement


def member_of(organisation: Organisation) -> Actor:
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    return Actor(7, "Ada", frozenset({grant}), organisation_ids=frozenset({organisation.pk}))


def offer(institute: Institute, tier: str, dues_minor: int, *, term_months: int = 12) -> None:
    row = TierOfferRow(
        tier, date(2022, 1, 1), dues_minor, RateClass.MEMBER, "vote", term_months=term_months
    )
    services.set_tier_terms(SYSTEM, institute, row, now=NOW)


def test_renewal_follows_under_the_terms_then_in_force(
    membership: MemberAgreement, institute: Institute
) -> None:
    offer(institute, "sme", 400_00, term_months=24)
    renewed = services.renew_membership(SYSTEM, membership, now=NOW)
    assert (renewed.starts_on, renewed.ends_on) == (date(2023, 1, 1), date(2025, 1, 1))
    assert (renewed.agreed.dues_minor, renewed.agreed.follows) == (400_00, membership)
    invoice = renewed.invoices.get()
    assert (invoice.total_minor, invoice.due_on) == (400_00, date(2023, 1, 31))
    line = invoice.lines.get()
    assert (line.starts_on, line.ends_on) == (date(2023, 1, 1), date(2024, 1, 1))
    with pytest.raises(Refused, match="next term is agreed already"):
        services.renew_membership(SYSTEM, membership, now=NOW)
    with pytest.raises(Refused, match="is open"):
        services.bill_next_year(SYSTEM, renewed, now=NOW)
    pay(invoice)
    with pytest.raises(Refused, match="can be billed from 2023-09-03 on"):
        services.bill_next_year(SYSTEM, renewed, now=NOW)
    later = datetime(2023, 9, 3, tzinfo=UTC)
    second = services.bill_next_year(SYSTEM, renewed, now=later)
    assert second.lines.get().ends_on == date(2025, 1, 1)
    pay(second)
    with pytest.raises(Refused, match="billed until the membership ends"):
        services.bill_next_year(SYSTEM, renewed, now=later)


def test_renewal_of_a_tier_without_dues_bills_nothing(institute: Institute) -> None:
    laboratory = make_organisation("Lab", kind="federal_laboratory")
    agreement = make_agreement(laboratory, institute, tier="government", ends_on=YEAR[1])
    renewed = services.renew_membership(SYSTEM, agreement, now=NOW)
    assert (renewed.tier, renewed.ends_on) == ("government", date(2024, 1, 1))
    assert not Invoice.objects.exists()
    with pytest.raises(Refused, match="Nothing is owed"):
        services.bill_next_year(SYSTEM, renewed, now=NOW)


def test_renewal_is_refused_where_there_is_nothing_to_renew(
    institute: Institute, institute_manager: Actor
) -> None:
    other = make_institute("mxd")
    lasting = make_agreement(make_organisation(), other)
    with pytest.raises(NotPermitted):
        services.renew_membership(institute_manager, lasting, now=NOW)
    with pytest.raises(Refused, match="until further notice"):
        services.renew_membership(SYSTEM, lasting, now=NOW)
    with pytest.raises(Refused, match="neither billed nor renewed"):
        services.bill_next_year(SYSTEM, lasting, now=NOW)


def test_change_of_tier_credits_and_charges_by_days(
    membership: MemberAgreement, institute: Institute, gears: Organisation
) -> None:
    gears.kind = "industry_large"
    gears.save(update_fields=["kind"])
    offer(institute, "industry", 3_650_00)
    changed = services.change_tier(
        SYSTEM, membership, tier="industry", on=date(2022, 12, 2), now=NOW
    )
    membership.refresh_from_db()
    assert (membership.ends_on, membership.ended_reason) == (
        date(2022, 12, 2),
        EndReason.TIER_CHANGED,
    )
    assert (changed.tier, changed.starts_on, changed.ends_on) == (
        "industry",
        date(2022, 12, 2),
        YEAR[1],
    )
    invoice = queries.invoices_of(changed).get()
    assert list(invoice.lines.order_by("position").values_list("kind", "amount_minor")) == [
        ("credit", -30_00),
        ("charge", 300_00),
    ]
    assert (invoice.total_minor, invoice.state) == (270_00, InvoiceState.ISSUED)
    with pytest.raises(Refused, match="that credit would be lost"):
        services.cancel_invoice(SYSTEM, invoice, reason="wrong tier", now=NOW)
    with pytest.raises(Refused, match="before the tier changes"):
        services.change_tier(
            SYSTEM, changed, tier="leading_industry", on=date(2022, 12, 9), now=NOW
        )
    with pytest.raises(Refused, match="This is the tier"):
        services.change_tier(SYSTEM, changed, tier="industry", on=date(2022, 12, 9), now=NOW)


def test_change_of_tier_credits_and_charges_the_years_paid_ahead_too(
    institute: Institute, gears: Organisation
) -> None:
    gears.kind = "industry_large"
    gears.save(update_fields=["kind"])
    agreement = make_agreement(gears, institute, starts_on=YEAR[0], ends_on=date(2025, 1, 1))
    make_agreed(agreement, term_months=36)
    make_invoice(agreement, state=InvoiceState.PAID, span=YEAR)
    ahead = (YEAR[1], date(2024, 1, 1))
    make_invoice(agreement, state=InvoiceState.PAID, span=ahead)
    offer(institute, "industry", 3_650_00)
    changed = services.change_tier(
        SYSTEM, agreement, tier="industry", on=date(2022, 12, 2), now=NOW
    )
    lines = changed.invoices.get().lines.order_by("position")
    assert list(lines.values_list("kind", "starts_on", "amount_minor")) == [
        ("credit", date(2022, 12, 2), -30_00),
        ("charge", date(2022, 12, 2), 300_00),
        ("credit", date(2023, 1, 1), -365_00),
        ("charge", date(2023, 1, 1), 3_650_00),
    ]
    assert queries.billed_until(changed) == date(2024, 1, 1)


@pytest.mark.database
def test_a_second_change_across_a_leap_day_to_equal_dues_comes_to_nothing(
    institute: Institute, gears: Organisation
) -> None:
    gears.kind = "industry_large"
    gears.save(update_fields=["kind"])
    term = (date(2023, 6, 1), date(2024, 6, 1))
    held = make_agreement(gears, institute, starts_on=term[0], ends_on=term[1])
    make_agreed(held, dues_minor=36_600_00)
    make_invoice(held, state=InvoiceState.PAID, span=term, total_minor=36_600_00)
    billed = []
    for tier, on in (("industry", date(2024, 3, 1)), ("leading_industry", date(2024, 4, 1))):
        offer(institute, tier, 36_600_00)
        held = services.change_tier(SYSTEM, held, tier=tier, on=on, now=NOW)
        lines = queries.invoices_of(held).get().lines.order_by("position")
        billed.append(list(lines.values_list("amount_minor", flat=True)))
    assert billed == [[-9_200_00, 9_200_00], [-6_100_00, 6_100_00]]


def test_change_to_a_cheaper_tier_is_a_credit_that_the_renewal_takes(
    membership: MemberAgreement, institute: Institute
) -> None:
    costly = make_agreement(make_organisation(), institute, tier="industry", ends_on=YEAR[1])
    make_invoice(costly, state=InvoiceState.PAID, span=YEAR, total_minor=3_650_00)
    offer(institute, "sme", 365_00)
    changed = services.change_tier(SYSTEM, costly, tier="sme", on=date(2022, 12, 2), now=NOW)
    credit = queries.invoices_of(changed).get()
    assert (credit.total_minor, credit.state) == (-270_00, InvoiceState.CREDITED)
    assert changed.agreed.term_months == 12
    renewed = services.renew_membership(SYSTEM, changed, now=NOW)
    assert list(renewed.invoices.get().lines.values_list("kind", "amount_minor")) == [
        ("dues", 365_00),
        ("carried", -270_00),
    ]


def test_change_of_what_is_not_billed_bills_nothing(institute: Institute) -> None:
    agreement = make_agreement(make_organisation(kind="industry_large"), institute)
    changed = services.change_tier(SYSTEM, agreement, tier="industry", on=TODAY, now=NOW)
    assert changed.ends_on is None
    assert not Invoice.objects.exists()


def test_change_is_refused_after_a_renewal_after_a_change_and_in_the_past(
    membership: MemberAgreement, institute: Institute
) -> None:
    def change(agreement: MemberAgreement, on: date) -> MemberAgreement:
        return services.change_tier(SYSTEM, agreement, tier="industry", on=on, now=NOW)

    with pytest.raises(Refused, match="not in the past"):
        change(membership, TODAY - timedelta(days=1))
    services.renew_membership(SYSTEM, membership, now=NOW)
    with pytest.raises(Refused, match=r"agreed already, from 2023-01-01 on\. Change the tier"):
        change(membership, TODAY)
    organisation = make_organisation(kind="industry_large")
    agreement = make_agreement(organisation, institute, ends_on=YEAR[1])
    change(agreement, date(2022, 12, 2))
    with pytest.raises(Refused, match="agreed already, from 2022-12-02 on"):
        change(agreement, TODAY)
    left = make_agreement(make_organisation(), institute, ends_on=YEAR[1], ended_reason="left")
    with pytest.raises(Refused, match="ends on 2023-01-01, so its tier stays"):
        change(left, TODAY)


def merge(goes: Organisation, stays: Organisation) -> None:
    Organisation.objects.filter(pk=goes.pk).update(merged_into=stays)


def test_a_merged_record_is_renewed_and_changed_and_left_as_the_one_that_stands(
    membership: MemberAgreement, institute: Institute, gears: Organisation
) -> None:
    stays = make_organisation("Gears of Ohio", kind="industry_large")
    before = make_agreement(gears, institute, starts_on=date(2021, 1, 1), ends_on=YEAR[0])
    make_invoice(before, total_minor=-100_00, state=InvoiceState.CREDITED)
    leaving = make_agreement(gears, make_institute("mxd"))
    merge(gears, stays)
    offer(institute, "industry", 3_650_00)
    changed = services.change_tier(
        SYSTEM, membership, tier="industry", on=date(2022, 12, 2), now=NOW
    )
    assert changed.organisation == stays
    invoice = changed.invoices.get()
    assert (invoice.organisation, invoice.total_minor) == (stays, 170_00)
    pay(invoice)
    renewed = services.renew_membership(SYSTEM, changed, now=NOW)
    assert renewed.organisation == stays
    left = services.leave_membership(member_of(stays), leaving, ends_on=TODAY, now=NOW)
    assert left.ended_reason == EndReason.LEFT


def test_an_application_of_a_merged_record_admits_the_one_that_stands(
    institute: Institute, gears: Organisation
) -> None:
    application = make_application(gears, institute, state="signed")
    stays = make_organisation("Gears of Ohio")
    merge(gears, stays)
    assert queries.has_open_application(institute, stays)
    invoice = services.issue_invoice(SYSTEM, application, now=NOW)
    assert invoice.organisation == stays
    services.record_payment(
        SYSTEM, invoice, id=UUID(int=1), amount_minor=500_000, received_on=TODAY, now=NOW
    )
    application.refresh_from_db()
    assert application.agreement is not None
    assert application.agreement.organisation == stays


def test_a_denial_of_a_merged_record_keeps_out_the_one_that_stands(
    institute: Institute, gears: Organisation
) -> None:
    review = make_review(gears, institute)
    services.deny_participation(SYSTEM, review, seen_sheet=review.sheet_id, why="letter 1", now=NOW)
    stays = make_organisation("Gears of Ohio")
    merge(gears, stays)
    application = make_application(stays, institute, state="signed", dues_minor=0)
    with pytest.raises(Invalid, match="Gears of Ohio is “Denied”"):
        services.admit_applicant(SYSTEM, application, now=NOW)


def test_the_same_membership_entered_by_hand_holds_an_admission(
    institute: Institute, gears: Organisation
) -> None:
    application = make_application(gears, institute, state="signed", dues_minor=0)
    standing = make_agreement(gears, institute, starts_on=TODAY, ends_on=date(2023, 11, 1))
    make_agreed(standing)
    with pytest.raises(Invalid, match="Gears is a member of America Makes from"):
        services.admit_applicant(SYSTEM, application, now=NOW)


def test_unpaid_memberships_lapse_after_the_days_of_grace(
    membership: MemberAgreement, institute: Institute, institute_manager: Actor
) -> None:
    def late(days: int) -> MemberAgreement:
        agreement = make_agreement(make_organisation(), institute)
        make_invoice(agreement, due_on=TODAY - timedelta(days=days))
        return agreement

    lapsing, partly, waiting = late(60), late(90), late(59)
    pay(partly.invoices.get(), 1)
    application = make_application(lapsing.organisation, institute, state="declined")
    application.agreement = lapsing
    application.save(update_fields=["agreement"])
    with pytest.raises(NotPermitted):
        services.lapse_memberships(institute_manager, now=NOW)
    ended = services.lapse_memberships(institute_manager, now=NOW, institute=institute)
    assert ended == (lapsing, partly)
    states = [queries.invoices_of(one).get().state for one in (lapsing, partly, waiting)]
    assert states == [InvoiceState.CANCELLED, InvoiceState.ISSUED, InvoiceState.ISSUED]
    assert {one.ended_reason for one in MemberAgreement.objects.filter(ends_on=TODAY)} == {
        EndReason.DUES_UNPAID
    }
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.count) == ("lapse_memberships", 2)
    assert AuditEvent.objects.filter(verb="cancel_invoice").count() == 1
    assert "were not paid" in OutboxMessage.objects.get().body
    assert services.lapse_memberships(SYSTEM, now=NOW) == ()
    assert list(queries.lapsing_invoices(on=TODAY)) == [waiting.invoices.get()]


def test_dues_paid_while_the_lapse_waits_for_its_locks_keep_the_membership(
    institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = make_agreement(make_organisation(), institute)
    invoice = make_invoice(agreement, due_on=TODAY - timedelta(days=60))
    lapsing = queries.lapsing_invoices

    def read_before_it_is_paid(*, institute: str = "", on: date) -> list[Invoice]:
        found = list(lapsing(institute=institute, on=on))
        pay(invoice)
        return found

    monkeypatch.setattr(queries, "lapsing_invoices", read_before_it_is_paid)
    assert services.lapse_memberships(SYSTEM, now=NOW) == ()
    agreement.refresh_from_db()
    assert agreement.ends_on is None


def test_expulsion_and_leaving_end_with_their_reasons(
    membership: MemberAgreement,
    institute: Institute,
    institute_manager: Actor,
    gears: Organisation,
) -> None:
    own = member_of(gears)
    leaving = make_agreement(gears, make_institute("mxd"))
    unpaid = make_invoice(membership)
    with pytest.raises(NotPermitted):
        services.expel_member(own, membership, ends_on=TODAY, reason="x", now=NOW)
    with pytest.raises(Refused, match="Say why"):
        services.expel_member(SYSTEM, membership, ends_on=TODAY, reason="", now=NOW)
    past = TODAY - timedelta(days=1)
    with pytest.raises(Refused, match="today or later"):
        services.expel_member(SYSTEM, membership, ends_on=past, reason="x", now=NOW)
    expelled = services.expel_member(
        institute_manager, membership, ends_on=TODAY, reason="sold the results", now=NOW
    )
    assert (expelled.ends_on, expelled.ended_reason) == (TODAY, EndReason.BREACH)
    unpaid = standing(unpaid)
    assert (unpaid.state, unpaid.closed_reason) == (InvoiceState.CANCELLED, "sold the results")
    events = AuditEvent.objects.order_by("pk").values_list("verb", "why", "institute")
    assert list(events) == [
        ("expel_member", "sold the results", "america-makes"),
        ("cancel_invoice", "sold the results", "america-makes"),
    ]
    with pytest.raises(Refused, match="ended on"):
        services.renew_membership(SYSTEM, membership, now=NOW)
    with pytest.raises(NotPermitted):
        services.leave_membership(institute_manager, leaving, ends_on=TODAY, now=NOW)
    left = services.leave_membership(own, leaving, ends_on=TODAY, now=NOW)
    assert left.ended_reason == EndReason.LEFT


def end(
    agreement: MemberAgreement, ends_on: date, reason: EndReason = EndReason.LEFT
) -> MemberAgreement:
    return services.end_membership(
        SYSTEM, agreement, ends_on=ends_on, reason=reason, now=NOW, why="letter"
    )


def test_a_term_does_not_end_before_its_last_day(
    membership: MemberAgreement, institute: Institute
) -> None:
    """Ended on December 1 as its term's end, the year that is paid could be renewed within."""
    for reason, said in (
        (EndReason.TERM_ENDED, "The term ends on 2023-01-01"),
        (EndReason.TIER_CHANGED, "Change its tier instead"),
    ):
        with pytest.raises(Refused, match=said):
            end(membership, date(2022, 12, 1), reason)
    lasting = make_agreement(make_organisation(), institute)
    assert end(lasting, TODAY, EndReason.TERM_ENDED).ended_reason == EndReason.TERM_ENDED


def test_an_end_by_the_institute_is_neither_past_nor_before_what_follows(
    membership: MemberAgreement, institute: Institute, gears: Organisation
) -> None:
    gears.kind = "industry_large"
    gears.save(update_fields=["kind"])
    offer(institute, "industry", 3_650_00)
    day = date(2022, 12, 2)
    changed = services.change_tier(SYSTEM, membership, tier="industry", on=day, now=NOW)
    with pytest.raises(Refused, match=r"agreed from 2022-12-02 on\. End that agreement"):
        end(membership, date(2022, 11, 5))
    with pytest.raises(Refused, match="today or later"):
        end(changed, TODAY - timedelta(days=1))
    membership.refresh_from_db()
    assert (membership.ends_on, membership.ended_reason) == (day, EndReason.TIER_CHANGED)


def test_an_end_by_the_institute_cancels_what_is_unpaid_and_is_told(
    membership: MemberAgreement, institute: Institute, gears: Organisation
) -> None:
    gears.kind = "industry_large"
    gears.save(update_fields=["kind"])
    offer(institute, "industry", 3_650_00)
    changed = services.change_tier(
        SYSTEM, membership, tier="industry", on=date(2022, 12, 2), now=NOW
    )
    (upgrade,) = queries.open_invoices_of([changed])
    application = make_application(gears, institute, state="declined")
    application.agreement = changed
    application.save(update_fields=["agreement"])
    end(changed, date(2022, 12, 3))
    closed = standing(upgrade)
    assert (closed.state, closed.closed_reason) == (InvoiceState.CANCELLED, "letter")
    assert AuditEvent.objects.latest("pk").verb == "cancel_invoice"
    mail = OutboxMessage.objects.latest("pk")
    assert (mail.recipient, mail.body.splitlines()[-1]) == (application.contact.email, "letter")


def test_an_end_by_the_institute_locks_the_institute_first(membership: MemberAgreement) -> None:
    with CaptureQueriesContext(connection) as ran:
        end(membership, date(2022, 12, 1))
    read = [one["sql"] for one in ran if one["sql"].startswith("SELECT")]
    assert 'FROM "network_institute"' in read[0]


def test_an_import_still_enters_what_ended_long_ago(
    institute: Institute, gears: Organisation
) -> None:
    held = make_agreement(gears, institute, starts_on=date(2020, 1, 1))
    row = services.MemberRow(
        gears.pk,
        institute.key,
        "sme",
        date(2020, 1, 1),
        ends_on=YEAR[0],
        ended_reason=EndReason.TERM_ENDED,
    )
    services.admit_members(SYSTEM, [row], now=NOW)
    held.refresh_from_db()
    assert (held.ends_on, held.ended_reason) == (YEAR[0], EndReason.TERM_ENDED)


def test_no_end_before_a_next_term_that_is_agreed(
    membership: MemberAgreement,
) -> None:
    services.renew_membership(SYSTEM, membership, now=NOW)
    with pytest.raises(Refused, match=r"next term is agreed from"):
        services.expel_member(SYSTEM, membership, ends_on=TODAY, reason="x", now=NOW)
    assert list(queries.ending_agreements(membership.institute, on=TODAY, days=90)) == []
    assert queries.owed_minor(queries.standing_invoices()) == 500_000
