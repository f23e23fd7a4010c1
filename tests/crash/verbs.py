"""Every verb that writes, in an order in which each is allowed, on what `scenarios` prepares.

The names are those of the services, by app; a test compares them with the services that there are.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.queries import ReportScope, computed_report
from lineshaft.apps.funding.rules import ReportBasis
from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.models import Appointment, Body, PolicyVersion
from lineshaft.apps.governance.rules import AppointmentWay, PolicyArea, PositionKind
from lineshaft.apps.insight import services as insight
from lineshaft.apps.insight.models import ReportEdition
from lineshaft.apps.insight.queries import figures_digest
from lineshaft.apps.insight.rules import DenominatorMeasure
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import (
    MemberAgreement,
    Need,
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationReview,
    SharedDocument,
)
from lineshaft.apps.memberships.rules import (
    CloseReason,
    Conditions,
    DocumentKind,
    EndReason,
    NeedKind,
    OwnerRow,
    RateClass,
)
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Agency, Institute, Organisation, OrganisationPair, Person
from lineshaft.apps.network.rules import NameKind, PersonRoleKind, TerminationGround
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.access import services as access
from lineshaft.plumbing.access.models import ApiToken, Grant, User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit import services as audit
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange import services as exchange
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import import_spec
from lineshaft.plumbing.files import services as files
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.jobs import services as jobs
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.mail import services as mail
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel
from tests.crash.applying import APPLYING_VERBS, BEFORE_APPLYING
from tests.crash.awards import AWARD_VERBS, BEFORE_AWARDS
from tests.crash.competing import BEFORE_COMPETING, COMPETING_VERBS
from tests.crash.governing import BEFORE_GOVERNING, GOVERNING_VERBS
from tests.crash.joining import JOINING_BEFORE, JOINING_VERBS
from tests.crash.judged import BEFORE_JUDGED, JUDGED_VERBS
from tests.crash.money import (
    FUNDING_VERBS,
    agreement,
    notify,
    on,
    prepare_unvalued,
    propose,
    propose_large,
    request,
    review,
)
from tests.crash.scenarios import (
    ACTOR,
    KEY,
    MILLION_MINOR,
    NOW,
    SIGNED_ON,
    TODAY,
    YEAR,
    table_of,
)

NEW: Final = "new-institute"
SOURCE: Final = "a notice"

MODULES: Final = {
    "network": network,
    "governance": governance,
    "memberships": memberships,
    "competitions": competitions,
    "reviewing": reviewing,
    "awarding": awarding,
    "funding": funding,
    "insight": insight,
    "access": access,
    "audit": audit,
    "files": files,
    "jobs": jobs,
    "exchange": exchange,
    "mail": mail,
}


def _institute() -> Institute:
    return Institute.objects.get(key=NEW)


def _organisation(number: int) -> Organisation:
    return Organisation.objects.get(name=f"Anvil Works {number}")


def _member(number: int) -> memberships.MemberRow:
    """From the year before on, so that there is something to report of it."""
    return memberships.MemberRow(
        organisation_id=_organisation(number).pk,
        institute_key="lift",
        tier="industry",
        starts_on=SIGNED_ON - timedelta(days=100),
    )


def _pair() -> OrganisationPair:
    return OrganisationPair.objects.exclude(survivor=None).get()


def _need() -> Need:
    return Need.objects.get()


def _screening() -> memberships.ScreeningRow:
    """Of a firm incorporated in Germany."""
    answers = {"incorporated_in": "DE", "works_in": "US"} | dict.fromkeys(
        ("foreign_control", "concern_ties"), "no"
    )
    owner = OwnerRow(1, "Parent", "DE", 10_000)
    return memberships.ScreeningRow(answers, (owner,), why=SOURCE)


def _review() -> ParticipationReview:
    return ParticipationReview.objects.get()


def _approval() -> memberships.Approval:
    jobs = memberships.Commitment("jobs_at_home", "Ten jobs", on(300))
    return memberships.Approval(_review().sheet_id, on(300), SOURCE, commitments=(jobs,))


def _make_harmless() -> None:
    """Open the review again over a screening in which there is nothing to decide."""
    home = {"incorporated_in": "US", "works_in": "US"} | dict.fromkeys(
        ("foreign_control", "concern_ties"), "no"
    )
    row = memberships.ScreeningRow(home, why=SOURCE)
    memberships.report_ownership_change(ACTOR, _review(), row, now=NOW)


def _council() -> Body:
    return Body.objects.get()


def _policy_version() -> PolicyVersion:
    return PolicyVersion.objects.latest("number")


def _user() -> User:
    return User.objects.get(name="Ada")


def _prepare_waiting_grant() -> None:
    """A grant that an officer of a network in use has given, and a second has not confirmed."""
    Grant.objects.filter(pk=Grant.objects.latest("pk").pk).update(is_waiting=True)


def _waiting_grant() -> Grant:
    return Grant.objects.latest("pk")


def _somebody() -> Actor:
    return Actor(user_id=_user().pk, label="Ada")


def _certify() -> object:
    """A person certifies, and nobody else may."""
    grant = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, KEY)
    actor = Actor(user_id=_user().pk, label="Ada", grants=frozenset({grant}))
    scope = ReportScope(agreement("V-1"), "quarterly", ReportBasis.CASH, date(YEAR, 6, 30))
    digest = computed_report(scope).digest
    return funding.certify_report(actor, scope, seen_digest=digest, today=TODAY, now=NOW)


def _attest() -> None:
    edition = ReportEdition.objects.latest("number")
    digest = figures_digest(edition.snapshot, YEAR, KEY)
    insight.attest_part(ACTOR, YEAR, institute=KEY, seen_digest=digest, now=NOW)


def _seat_another() -> None:
    other, _is_new = Person.objects.get_or_create(name="Bo Other")
    filling = governance.Filling(2, other, AppointmentWay.APPOINTED, TODAY)
    governance.fill_seats(ACTOR, _council(), [filling], now=NOW)


def _adopt_later() -> None:
    """The next version is adopted, and comes into force in a month."""
    draft = governance.revise_policy(
        ACTOR, _policy_version().policy, governance.Wording("Small firms: a half."), now=NOW
    )
    governance.adopt_policy(
        ACTOR, draft, decision="Council, vote 2", adopted_on=TODAY, in_force_on=on(30), now=NOW
    )


def _batch(*, is_dry_run: bool) -> ImportBatch:
    return ImportBatch.objects.filter(is_dry_run=is_dry_run).latest("requested_at")


def _stopped_job() -> Job:
    return Job.objects.get(kind="take_snapshot")


def _failed_message() -> OutboxMessage:
    return OutboxMessage.objects.get(state="failed")


def _prepare_failed_message() -> None:
    mail.send_mail_later("ada@example.org", "Hello", "Good day.", now=NOW)
    OutboxMessage.objects.filter(is_secret=False).update(state="failed")


def _live(verb: Callable[..., Any], days: int) -> Callable[[], Any]:
    """A verb of an institute's life, so many days from today."""
    return lambda: verb(ACTOR, _institute(), on=on(days), source=SOURCE, now=NOW)


def _sign_shared(number: str) -> None:
    """An active agreement of Defense and Energy, which has a rule that can be waived."""
    terms = funding.AgreementTerms(
        number=number,
        currency="USD",
        signed_on=SIGNED_ON,
        starts_on=SIGNED_ON,
        ends_on=date(2026, 10, 1),
        federal_total_minor=70 * MILLION_MINOR,
        co_sponsors=(funding.SponsorPart(Agency.objects.get(key="DOE").pk, 20 * MILLION_MINOR),),
    )
    agency = Agency.objects.get(key="DOD")
    signed = funding.sign_agreement(
        ACTOR, Institute.objects.get(key=KEY), agency, terms=terms, now=NOW
    )
    funding.activate_agreement(ACTOR, signed.pk, today=TODAY, now=NOW)


VERBS: Final[dict[str, Callable[[], object]]] = {
    "network.propose_institute": lambda: network.propose_institute(
        ACTOR,
        network.InstituteProposal(NEW, "New Institute", "DOD", SOURCE, focus="everything"),
        now=NOW,
    ),
    **FUNDING_VERBS,
    "network.register_extension_centre": lambda: network.register_extension_centre(
        ACTOR,
        network.InstituteProposal("new-centre", "New Centre", "DOC", SOURCE),
        now=NOW,
    ),
    "network.add_institute_name": lambda: network.add_institute_name(
        ACTOR, _institute(), "NI", kind=NameKind.ALIAS, language="en", source=SOURCE, now=NOW
    ),
    "network.name_lead_organisation": lambda: network.name_lead_organisation(
        ACTOR, _institute(), Organisation.objects.earliest("pk"), source=SOURCE, now=NOW
    ),
    "network.plan_institute": _live(network.plan_institute, -60),
    "network.establish_institute": _live(network.establish_institute, -50),
    "network.open_cure_period": _live(network.open_cure_period, -40),
    "network.close_cure_period": _live(network.close_cure_period, -30),
    "network.recognise_institute": _live(network.recognise_institute, -20),
    "network.terminate_institute": lambda: network.terminate_institute(
        ACTOR,
        _institute(),
        ground=TerminationGround.CONVENIENCE,
        on=on(-10),
        source=SOURCE,
        now=NOW,
    ),
    "network.register_organisation": lambda: network.register_organisation(
        ACTOR, network.OrganisationRow(name="Bolt & Co", kind="industry_sme"), now=NOW
    ),
    "network.register_organisations": lambda: network.register_organisations(
        ACTOR,
        [network.OrganisationRow(name=f"Cam {n}", kind="industry_sme") for n in range(5)],
        now=NOW,
    ),
    **AWARD_VERBS,
    "network.amend_organisation": lambda: network.amend_organisation(
        ACTOR,
        _organisation(1),
        changes={"city": "Dayton"},
        identifiers=[("ror", "https://ror.org/03yrm5c26")],
        now=NOW,
    ),
    "network.add_organisation_alias": lambda: network.add_organisation_alias(
        ACTOR, _organisation(1), "AW1", now=NOW
    ),
    "network.request_resolution": lambda: network.request_resolution(ACTOR, now=NOW),
    "network.find_lookalikes": lambda: network.find_lookalikes(ACTOR, now=NOW),
    "network.resolve_organisations": lambda: network.resolve_organisations(ACTOR, now=NOW),
    "network.propose_merge": lambda: network.propose_merge(
        ACTOR, _organisation(40), _organisation(39), why=SOURCE, now=NOW
    ),
    "network.merge_organisations": lambda: network.merge_organisations(ACTOR, _pair(), now=NOW),
    "network.undo_merge": lambda: network.undo_merge(ACTOR, _pair(), why=SOURCE, now=NOW),
    "network.keep_apart": lambda: network.keep_apart(
        ACTOR, _organisation(40), _organisation(39), why=SOURCE, now=NOW
    ),
    "network.reopen_pair": lambda: network.reopen_pair(ACTOR, _pair(), why=SOURCE, now=NOW),
    "network.register_person": lambda: network.register_person(
        ACTOR, "Ada Example", organisation=_organisation(1), now=NOW
    ),
    "network.appoint_person": lambda: network.appoint_person(
        ACTOR,
        Person.objects.get(name="Ada Example"),
        kind=PersonRoleKind.STAFF,
        institute=Institute.objects.get(key=KEY),
        starts_on=TODAY,
        now=NOW,
    ),
    "governance.draft_policy": lambda: governance.draft_policy(
        ACTOR,
        governance.PolicyProposal(
            PolicyArea.FINANCE, "Fees", governance.Wording("Small firms: half.")
        ),
        now=NOW,
    ),
    "governance.comment_on_policy": lambda: governance.comment_on_policy(
        ACTOR, _policy_version(), "From when?", institute="lift", now=NOW
    ),
    "governance.adopt_policy": lambda: governance.adopt_policy(
        ACTOR,
        _policy_version(),
        decision="Council, vote 1",
        adopted_on=date(YEAR - 1, 1, 1),
        in_force_on=date(YEAR - 1, 1, 1),
        now=NOW,
    ),
    "governance.state_position": lambda: governance.state_position(
        ACTOR,
        _policy_version(),
        institute="lift",
        kind=PositionKind.ADOPTS,
        now=NOW - timedelta(days=400),
    ),
    "governance.attest_policy": lambda: governance.attest_policy(
        ACTOR,
        _policy_version().policy,
        institute="lift",
        fiscal_year=YEAR - 1,
        is_kept=True,
        now=NOW,
    ),
    "governance.revoke_adoption": lambda: governance.revoke_adoption(
        ACTOR, _policy_version(), why="Voted on without a quorum", now=NOW
    ),
    "governance.revise_policy": lambda: governance.revise_policy(
        ACTOR, _policy_version().policy, governance.Wording("Small firms: a third."), now=NOW
    ),
    "governance.withdraw_draft": lambda: governance.withdraw_draft(
        ACTOR, _policy_version(), now=NOW
    ),
    "governance.establish_body": lambda: governance.establish_body(
        ACTOR,
        governance.BodyTerms(
            BodyKind.LEADERSHIP_COUNCIL,
            "Council",
            SIGNED_ON,
            seats=(governance.SeatTerms(SeatKind.INSTITUTE_HEAD, 3),),
        ),
        now=NOW,
    ),
    "governance.add_seat": lambda: governance.add_seat(
        ACTOR, _council(), SeatKind.OTHER, opened_on=SIGNED_ON, now=NOW
    ),
    "governance.fill_seats": lambda: governance.fill_seats(
        ACTOR,
        _council(),
        [
            governance.Filling(
                1, Person.objects.get(name="Ada Example"), AppointmentWay.ELECTED, TODAY
            )
        ],
        now=NOW,
    ),
    "governance.end_appointment": lambda: governance.end_appointment(
        ACTOR, Appointment.objects.get(), ends_on=on(30), now=NOW
    ),
    "governance.annul_appointment": lambda: governance.annul_appointment(
        ACTOR, Appointment.objects.get(seat__number=2), why="Another Bo", now=NOW
    ),
    "governance.close_seat": lambda: governance.close_seat(
        ACTOR, _council().seats.get(number=2), closed_on=on(30), now=NOW
    ),
    **GOVERNING_VERBS,
    "memberships.set_tier_terms": lambda: memberships.set_tier_terms(
        ACTOR,
        Institute.objects.get(key=KEY),
        memberships.TierOfferRow("sme", TODAY, 100_000, RateClass.MEMBER, SOURCE),
        now=NOW,
    ),
    "memberships.admit_member": lambda: memberships.admit_member(ACTOR, _member(4), now=NOW),
    "memberships.admit_members": lambda: memberships.admit_members(
        ACTOR, [_member(8), _member(12)], now=NOW, why="list"
    ),
    "memberships.list_in_directory": lambda: memberships.list_in_directory(
        ACTOR, _organisation(4), memberships.DirectoryRow("Anvils.", areas=("robotics",)), now=NOW
    ),
    "memberships.leave_directory": lambda: memberships.leave_directory(
        ACTOR, _organisation(4), now=NOW
    ),
    "memberships.post_need": lambda: memberships.post_need(
        ACTOR,
        _organisation(4),
        memberships.NeedRow(NeedKind.WANTED, "A hammer", "To forge.", on(30)),
        now=NOW,
    ),
    "memberships.answer_need": lambda: memberships.answer_need(
        ACTOR, _need(), _organisation(8), text="Here.", contact_email="ada@example.org", now=NOW
    ),
    "memberships.share_document": lambda: memberships.share_document(
        ACTOR,
        Institute.objects.get(key=KEY),
        memberships.DocumentRow(DocumentKind.WORK_PLAN, "Plan"),
        b"one line\n",
        name="plan.txt",
        now=NOW,
    ),
    "memberships.withdraw_document": lambda: memberships.withdraw_document(
        ACTOR, SharedDocument.objects.get(), why=SOURCE, now=NOW
    ),
    "memberships.close_need": lambda: memberships.close_need(
        ACTOR, _need(), reason=CloseReason.FOUND_HERE, now=NOW
    ),
    "memberships.end_membership": lambda: memberships.end_membership(
        ACTOR,
        MemberAgreement.objects.latest("pk"),
        ends_on=on(30),
        reason=EndReason.LEFT,
        now=NOW,
    ),
    "memberships.screen_organisation": lambda: memberships.screen_organisation(
        ACTOR, _organisation(16), Institute.objects.get(key=KEY), _screening(), now=NOW
    ),
    "memberships.approve_participation": lambda: memberships.approve_participation(
        ACTOR, _review(), _approval(), now=NOW
    ),
    "memberships.fulfil_commitment": lambda: memberships.fulfil_commitment(
        ACTOR, ParticipationCommitment.objects.get(), met_on=TODAY, evidence=SOURCE, now=NOW
    ),
    "memberships.make_decision_letters": lambda: memberships.make_decision_letters(
        ACTOR, ParticipationDecision.objects.get(), now=NOW
    ),
    "memberships.recheck_participation": lambda: memberships.recheck_participation(
        ACTOR, _review(), why=SOURCE, now=NOW
    ),
    "memberships.report_ownership_change": lambda: memberships.report_ownership_change(
        ACTOR, _review(), _screening(), now=NOW
    ),
    "memberships.approve_participation_with_conditions": lambda: (
        memberships.approve_participation_with_conditions(
            ACTOR, _review(), _approval(), Conditions(may_export=False), now=NOW
        )
    ),
    "memberships.deny_participation": lambda: memberships.deny_participation(
        ACTOR, _review(), seen_sheet=_review().sheet_id, why=SOURCE, now=NOW
    ),
    "memberships.close_participation_review": lambda: memberships.close_participation_review(
        ACTOR, _review(), seen_sheet=_review().sheet_id, why=SOURCE, now=NOW
    ),
    "insight.load_published_values": lambda: insight.load_published_values(ACTOR, now=NOW),
    "insight.record_denominators": lambda: insight.record_denominators(
        ACTOR,
        [
            insight.StateNumber(
                DenominatorMeasure.POPULATION, "OH", YEAR, 11_000_000, "a census of the test"
            )
        ],
        now=NOW,
    ),
    "insight.attest_part": _attest,
    "insight.withdraw_attestation": lambda: insight.withdraw_attestation(
        ACTOR, YEAR, institute=KEY, now=NOW
    ),
    "insight.publish_report": lambda: insight.publish_report(ACTOR, YEAR, now=NOW),
    "insight.restate_report": lambda: insight.restate_report(
        ACTOR, YEAR, reason="a drawdown was missing", now=NOW
    ),
    "insight.take_snapshot": lambda: insight.take_snapshot(ACTOR, now=NOW + timedelta(hours=1)),
    "insight.open_report": lambda: insight.open_report(ACTOR, YEAR - 1, now=NOW),
    "insight.request_snapshot": lambda: insight.request_snapshot(ACTOR, now=NOW),
    "access.register_user": lambda: access.register_user(
        ACTOR, email="ada@example.org", name="Ada", password=None, now=NOW
    ),
    "access.invite_user": lambda: access.invite_user(
        ACTOR, _user(), origin="https://network.example", now=NOW
    ),
    "access.issue_link": lambda: access.issue_link(
        ACTOR, _user(), origin="https://network.example", now=NOW
    ),
    "access.change_address": lambda: access.change_address(
        ACTOR, _user(), email="ada.other@example.org", now=NOW
    ),
    "access.grant_role": lambda: access.grant_role(
        ACTOR,
        _user(),
        RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, KEY),
        starts_on=TODAY,
        now=NOW,
    ),
    "funding.certify_report": _certify,
    "access.confirm_role": lambda: access.confirm_role(ACTOR, _waiting_grant().pk, now=NOW),
    "access.revoke_role": lambda: access.revoke_role(
        ACTOR, Grant.objects.latest("pk").pk, ends_on=on(9), now=NOW, why="left"
    ),
    "access.create_token": lambda: access.create_token(
        _somebody(), name="script", days=30, may_write=True, now=NOW
    ),
    "access.revoke_token": lambda: access.revoke_token(
        _somebody(), ApiToken.objects.latest("pk").pk, now=NOW
    ),
    "audit.erase_event": lambda: audit.erase_event(
        ACTOR, AuditEvent.objects.latest("pk").pk, now=NOW, why="asked for"
    ),
    "files.store_file": lambda: files.store_file(
        ACTOR,
        b"kept",
        name="kept.txt",
        level=SharingLevel.RESTRICTED,
        purpose="test",
        now=NOW,
    ),
    "files.close_file": lambda: files.close_file(
        ACTOR, StoredFile.objects.latest("uploaded_at"), now=NOW, why=SOURCE
    ),
    "jobs.enqueue": lambda: jobs.enqueue(ACTOR, "mail.deliver", {"n": 1}, now=NOW),
    "jobs.stop_job": lambda: jobs.stop_job(ACTOR, _stopped_job().pk, now=NOW),
    "jobs.retry_job": lambda: jobs.retry_job(ACTOR, _stopped_job().pk, now=NOW),
    "exchange.store_import": lambda: exchange.store_import(
        ACTOR,
        import_spec("organisations"),
        table_of(30, city="Lima"),
        name="lima.csv",
        is_dry_run=True,
        now=NOW,
    ),
    "exchange.run_batch": lambda: exchange.run_batch(ACTOR, _batch(is_dry_run=True), now=NOW),
    "exchange.confirm_import": lambda: exchange.confirm_import(
        ACTOR, _batch(is_dry_run=True), now=NOW
    ),
    "exchange.enqueue_batch": lambda: exchange.enqueue_batch(
        ACTOR, _batch(is_dry_run=False), now=NOW
    ),
    "mail.retry_message": lambda: mail.retry_message(ACTOR, _failed_message().pk, now=NOW),
    **(JOINING_VERBS | COMPETING_VERBS | APPLYING_VERBS),
    **JUDGED_VERBS,
}

BEFORE: Final[dict[str, Callable[[], object]]] = {
    "governance.annul_appointment": _seat_another,
    "governance.revoke_adoption": _adopt_later,
    **BEFORE_GOVERNING,
    "funding.approve_transfer": lambda: propose_large("approved"),
    "funding.reject_transfer": lambda: propose_large("rejected"),
    "funding.withdraw_transfer": lambda: propose_large("withdrawn"),
    "funding.withdraw_amendment": propose,
    "funding.request_waiver": lambda: _sign_shared("V-2"),
    "funding.deny_waiver": request,
    "funding.find_ineligible": lambda: (review("V-2"), notify("V-2")),
    "access.confirm_role": _prepare_waiting_grant,
    "funding.value_contribution": prepare_unvalued,
    "insight.publish_report": _attest,
    "mail.retry_message": _prepare_failed_message,
    "memberships.close_participation_review": _make_harmless,
    **(JOINING_BEFORE | BEFORE_COMPETING | BEFORE_APPLYING),
    **BEFORE_JUDGED,
    **BEFORE_AWARDS,
}
"""What has to happen before a verb is allowed, beside the verbs before it."""
