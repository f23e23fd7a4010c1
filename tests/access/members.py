"""Of the world of the access table: joining, the registry and directory, participation."""

from datetime import UTC, date, datetime
from typing import Any

from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import Invoice, ParticipationReview
from lineshaft.apps.memberships.rules import Conditions, DocumentKind, NeedKind
from lineshaft.apps.memberships.services.decision_letters import make_decision_letters
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.kernel.ids import derived_id
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM = Actor.system("access table")
YEAR = 2022
STARTS_ON = date(2020, 10, 1)
MILLION_MINOR = 100_000_000


def joining(organisations: list[Organisation], users: dict[str, User]) -> dict[str, object]:
    """The small manufacturer's application, approved; an invoice; the member company's people."""
    institute = Institute.objects.get(key=OWN_INSTITUTE)
    outside, own = organisations[2], organisations[0]
    applicant = users["small_manufacturer"]
    applies = Actor(applicant.pk, "test", organisation_ids=frozenset({outside.pk}))
    row = memberships.ApplicationRow(OWN_INSTITUTE, "sme", organisation_id=outside.pk)
    application = memberships.apply_for_membership(applies, institute, row, now=NOW)
    memberships.approve_application(SYSTEM, application, starts_on=NOW.date(), now=NOW)
    other = next(one for one in Institute.objects.order_by("key") if one.status == "active")
    ends_on = date(NOW.year + 1, 1, 1)
    member = memberships.MemberRow(outside.pk, other.key, "sme", date(NOW.year, 1, 1), ends_on)
    agreement = memberships.admit_member(SYSTEM, member, now=NOW)
    renewed = memberships.renew_membership(SYSTEM, agreement, now=NOW.replace(month=10))
    invoice = Invoice.objects.get(agreement=renewed)
    paid: dict[str, Any] = {"id": derived_id("access", "payment"), "amount_minor": 100}
    payment = memberships.record_payment(SYSTEM, invoice, **paid, received_on=NOW.date(), now=NOW)
    domain = memberships.verify_domain(SYSTEM, own, address="a@anvil.example", now=NOW)
    of_application = (
        "show_application",
        "approve_application",
        "decline_application",
        "withdraw_application",
        "revise_agreement",
        "download_agreement",
        "sign_agreement",
        "countersign_agreement",
        "issue_invoice",
        "admit_applicant",
    )
    of_invoice = (
        "show_invoice",
        "download_invoice",
        "record_payment",
        "refund_payment",
        "cancel_invoice",
        "write_off_invoice",
    )
    of_organisation = (
        "list_organisation_people",
        "invite_person",
        "remove_person",
        "verify_domain",
        "confirm_domain",
        "join_organisation",
    )
    return {
        **{f"memberships:{verb}:pk": application.pk for verb in of_application},
        **{f"memberships:{verb}:pk": invoice.pk for verb in of_invoice},
        **{f"memberships:{verb}:pk": own.pk for verb in of_organisation},
        "memberships:remove_person:number": users["member_company"].pk,
        "memberships:refund_payment:payment": payment.pk,
        "memberships:confirm_domain:number": domain.pk,
        "memberships:accept_invitation:secret": "unknown",
        "network:user_id": users["member_company"].pk,
        "applications:pk": application.pk,
        "invoices:pk": invoice.pk,
        "invoices:payment": payment.pk,
    }


def registered(organisations: list[Organisation]) -> dict[str, object]:
    """A proposed merge, an entry of the directory, and a need that is open to the network."""
    member, academic, outsider = organisations
    pair = network.propose_merge(SYSTEM, outsider, academic, why="one address", now=NOW)
    entry = memberships.DirectoryRow("Anvils of all kinds.", contact_email="a@example.org")
    memberships.list_in_directory(SYSTEM, member, entry, now=NOW)
    wanted = memberships.NeedRow(NeedKind.WANTED, "A hammer", "To forge.", date(2023, 8, 1))
    need = memberships.post_need(SYSTEM, academic, wanted, now=NOW)
    plan = memberships.DocumentRow(DocumentKind.WORK_PLAN, "Work plan")
    institute = Institute.objects.get(key=OWN_INSTITUTE)
    document = memberships.share_document(
        SYSTEM, institute, plan, b"one line\n", name="plan.txt", now=NOW
    )
    of_pair = (
        *("show_pair", "next_pair", "propose_merge_of_pair", "merge_organisations"),
        *("keep_apart", "undo_merge", "reopen_pair"),
    )
    of_entry = ("show_directory_entry", "list_in_directory", "leave_directory")
    of_need = ("show_need", "answer_need", "close_need")
    return {
        **{f"network:{name}:pk": pair.pk for name in of_pair},
        "network:export_decisions:form": "csv",
        "network:export_records:form": "csv",
        **{f"memberships:{name}:pk": member.pk for name in of_entry},
        **{f"memberships:{name}:pk": need.pk for name in of_need},
        "memberships:withdraw_document:pk": document.pk,
        "pairs:pk": pair.pk,
        "directory:pk": member.pk,
        "needs:pk": need.pk,
    }


def reviewed() -> dict[str, object]:
    """A foreign organisation that takes part under conditions, with a commitment."""
    row = network.OrganisationRow(
        name="Bellows AG", kind="industry_large", region="OH", ownership_country="DE"
    )
    firm = network.register_organisation(SYSTEM, row, now=NOW)
    answers = {"incorporated_in": "DE", "works_in": "US"} | dict.fromkeys(
        ("foreign_control", "concern_ties"), "no"
    )
    sheet = memberships.screen_organisation(
        SYSTEM,
        firm,
        Institute.objects.get(key=OWN_INSTITUTE),
        memberships.ScreeningRow(answers),
        now=NOW,
    )
    review = ParticipationReview.objects.get(sheet=sheet)
    jobs = memberships.Commitment("jobs_at_home", "Ten jobs", date(YEAR + 1, 9, 1))
    decision = memberships.approve_participation_with_conditions(
        SYSTEM,
        review,
        memberships.Approval(sheet.pk, date(YEAR + 2, 9, 1), "letter 1", commitments=(jobs,)),
        Conditions(may_export=False),
        now=NOW,
    )
    make_decision_letters(SYSTEM, decision, now=NOW)
    pages = (
        "show_participation_review",
        "approve_participation",
        "approve_participation_with_conditions",
        "deny_participation",
        "close_participation_review",
        "recheck_participation",
        "report_ownership_change",
    )
    addressed: dict[str, object] = {f"memberships:{name}:pk": review.pk for name in pages}
    return addressed | {
        "memberships:screen_organisation:pk": firm.pk,
        "memberships:fulfil_commitment:pk": decision.commitments.get().pk,
        "memberships:download_decision_letter:pk": decision.pk,
        "memberships:make_decision_letters:pk": decision.pk,
        "review_id": review.pk,
    }
