import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationDocument,
    ApplicationVersion,
    Competition,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.services import ApplicationTerms, PartnerRow, TeamRow
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    fill,
    letter_of,
    make_applicant,
    make_application,
    pdf_of,
)
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_draft,
    make_open,
    stage_of,
)
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.search.models import SearchEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


def refused(code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda error: error.code == code)


def partner_of(ada: Applicant, application: Application, *shares: str) -> tuple[Actor, TeamMember]:
    """Somebody of a partner who writes, once the invitation is accepted."""
    bea = make_applicant("Bea Partner", "Brass Works")
    row = PartnerRow(organisation_id=bea.organisation.pk, part="Castings", shares=shares)
    services.add_partner(ada.actor, application, row, now=NOW)
    member = services.invite_to_team(
        ada.actor,
        application,
        TeamRow("Bea", rules.TeamRole.EDITOR, bea.user.email, bea.organisation.pk),
        now=NOW,
    )
    return bea.actor, services.join_team(bea.actor, member, now=NOW)


# ----------------------------------------------------------------------------- beginning


def test_application_is_begun_for_an_own_organisation(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    assert (made.number, made.lead, made.state) == (1, ada.organisation, rules.WRITING)
    member = made.team.get()
    assert (member.user, member.role) == (ada.user, rules.TeamRole.LEAD)
    assert list(queries.applications_visible_to(ada.actor)) == [made]
    other = make_applicant("Cora", "Copper Works")
    assert make_application(call, other).number == 2
    assert list(queries.applications_visible_to(ada.actor)) == [made]


def test_nobody_begins_for_others_twice_or_outside_a_call(
    ada: Applicant, call: Competition
) -> None:
    begin = services.start_application
    with refused("not_own_organisation"):
        begin(ada.actor, call, make_organisation("Tin Works"), title="x", now=NOW)
    with pytest.raises(Invalid):
        begin(ada.actor, call, ada.organisation, title=" ", now=NOW)
    with pytest.raises(NotPermitted):
        begin(Actor.public(), call, ada.organisation, title="x", now=NOW)
    with refused("too_late"):
        begin(ada.actor, call, ada.organisation, title="x", now=after_deadline(call))
    make_application(call, ada)
    with refused("leads_already"):
        make_application(call, ada)
    with pytest.raises(NotFound):
        make_application(make_draft(), ada)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    with refused("no_call_open"):
        make_application(call, make_applicant("Cora", "Copper Works"))
    assert Application.objects.count() == 1


def test_lead_of_another_kind_is_refused_at_the_beginning(ada: Applicant) -> None:
    draft = make_draft()
    services.set_eligible_leads(SYSTEM, draft, ["non_profit"], now=NOW)
    with pytest.raises(Invalid):
        services.set_eligible_leads(SYSTEM, draft, ["guild"], now=NOW)
    opened = services.open_competition(SYSTEM, draft, now=NOW)
    with refused("competition_open"):
        services.set_eligible_leads(SYSTEM, opened, [], now=NOW)
    with refused("lead_kind"):
        make_application(opened, ada)
    Organisation.objects.update(kind="non_profit")
    ada.organisation.refresh_from_db()
    assert make_application(opened, ada).pk


def test_project_call_takes_members_alone(ada: Applicant) -> None:
    institute = make_institute("lift", name="LIFT")
    call = make_call(institute)
    with pytest.raises(NotFound):
        make_application(call, ada)
    within = replace(ada, actor=replace_actor(ada.actor, institutes=("lift",)))
    with refused("lead_member"):
        make_application(call, within)
    make_agreement(ada.organisation, institute)
    assert make_application(call, within).pk


def replace_actor(actor: Actor, *, institutes: tuple[str, ...]) -> Actor:
    return replace(actor, institute_keys=frozenset(institutes))


# ----------------------------------------------------------------------------- writing


def test_terms_are_checked_and_stored(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    wrong = ApplicationTerms(
        title="", areas=("alchemy",), term_months=0, trl_from=5, trl_to=4, waiver_ground="equipment"
    )
    with pytest.raises(Invalid) as caught:
        services.edit_application(ada.actor, made, wrong, now=NOW)
    fields = {fault.field for fault in caught.value.errors}
    assert fields == {"title", "areas", "term_months", "trl_to", "waiver_reason"}
    ground = ApplicationTerms(title="x", waiver_ground="cost", waiver_reason="y")
    with pytest.raises(Invalid) as other:
        services.edit_application(ada.actor, made, ground, now=NOW)
    assert other.value.errors[0].field == "waiver_ground"
    good = ApplicationTerms(title="Anvils", areas=("robotics",), term_months=60)
    seen = services.last_version_of(made, rules.TERMS)
    services.edit_application(ada.actor, made, good, seen=seen, now=NOW)
    made.refresh_from_db()
    assert (made.title, made.term_months) == ("Anvils", 60)
    with pytest.raises(Stale):
        services.edit_application(ada.actor, made, good, seen=seen, now=NOW)


def test_section_is_written_by_one_at_a_time(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    first = services.write_section(ada.actor, made, "need", "Nobody can.", seen=0, now=NOW)
    assert first.revision == 1
    with pytest.raises(Stale):
        services.write_section(ada.actor, made, "need", "Others can.", seen=2, now=NOW)
    assert services.write_section(ada.actor, made, "need", "Nobody can.", now=NOW).revision == 1
    with pytest.raises(NotFound):
        services.write_section(ada.actor, made, "poem", "x", now=NOW)
    text = "x" * (rules.SECTION_MAX + 1)
    with pytest.raises(Invalid):
        services.write_section(ada.actor, made, "need", text, now=NOW)
    assert made.sections.get().text == "Nobody can."


def test_versions_are_kept_at_each_save_and_now_and_then_by_itself(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    every = timedelta(minutes=rules.VERSION_MINUTES)
    for minute, text in ((0, "One."), (1, "One two."), (11, "One two three."), (12, "Four.")):
        now = NOW + timedelta(minutes=minute)
        services.write_section(ada.actor, made, "need", text, now=now, every=every)
    versions = queries.versions_of(ada.actor, made).filter(part="need")
    assert [one.content["text"] for one in versions] == ["One two three.", "One."]
    services.write_section(ada.actor, made, "need", "Five.", now=NOW + timedelta(minutes=13))
    latest = versions.all().first()
    assert latest is not None
    assert latest.content["text"] == "Five."
    before = queries.version_before(latest)
    assert before is not None
    assert before.content["text"] == "One two three."
    numbers = list(made.versions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_budget_is_set_by_source_class_and_year(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    terms = ApplicationTerms(title="x", term_months=24)
    services.edit_application(ada.actor, made, terms, now=NOW)
    amounts = {("personnel", 1): 500, ("travel", 2): 100, ("other", 1): 0}
    services.set_budget(ada.actor, made, "federal", amounts, now=NOW)
    services.set_budget(ada.actor, made, "in_kind", {("equipment", 2): 40}, now=NOW)
    made.refresh_from_db()
    assert (made.federal_minor, made.cash_minor, made.in_kind_minor) == (600, 0, 40)
    assert made.budget.count() == 3
    services.set_budget(ada.actor, made, "federal", {("personnel", 2): 7}, now=NOW)
    assert made.budget.filter(source="federal").get().amount_minor == 7
    for wrong in ({("gold", 1): 1}, {("travel", 3): 1}, {("travel", 1): -1}):
        with pytest.raises(Invalid):
            services.set_budget(ada.actor, made, "federal", wrong, now=NOW)
    with pytest.raises(Invalid):
        services.set_budget(ada.actor, made, "lottery", {}, now=NOW)
    with refused("year_left"):
        services.edit_application(ada.actor, made, replace(terms, term_months=12), now=NOW)


def test_revenue_reaches_two_years_beyond_the_term(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    services.edit_application(ada.actor, made, ApplicationTerms(title="x", term_months=12), now=NOW)
    services.set_revenue(ada.actor, made, {("dues", 1): 5, ("dues", 3): 9}, now=NOW)
    assert sum(one.amount_minor for one in made.revenue.all()) == 14
    with pytest.raises(Invalid):
        services.set_revenue(ada.actor, made, {("dues", 4): 9}, now=NOW)


def test_letters_are_entered_and_taken_out(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    letter = services.add_commitment(ada.actor, made, letter_of(500, is_federal=True), now=NOW)
    assert queries.content_of(made, rules.COMMITMENTS)["letters"][0]["amounts"] == [[1, 500]]
    for wrong in (
        letter_of(0),
        letter_of(5, kind="gold"),
        letter_of(5, giver_name=""),
        letter_of(5, amounts=((11, 5),)),
        letter_of(5, amounts=((1, -5),)),
    ):
        with pytest.raises(Invalid):
            services.add_commitment(ada.actor, made, wrong, now=NOW)
    services.remove_commitment(ada.actor, made, letter, now=NOW)
    assert made.commitments.count() == 0
    with pytest.raises(NotFound):
        services.remove_commitment(ada.actor, made, letter, now=NOW)


# ----------------------------------------------------------------------------- documents


def test_document_is_counted_sealed_and_taken_off(ada: Applicant) -> None:
    made = make_application(make_open(), ada)  # a concept paper of at most 20 pages
    with refused("too_many_pages"):
        services.attach_document(ada.actor, made, "narrative", pdf_of(21), name="long.pdf", now=NOW)
    with refused("not_counted"):
        services.attach_document(
            ada.actor, made, "narrative", io.BytesIO(b"words\n"), name="a.txt", now=NOW
        )
    with refused("pages_unknown"):
        services.attach_document(
            ada.actor, made, "narrative", io.BytesIO(b"%PDF-1.7 broken"), name="a.pdf", now=NOW
        )
    with pytest.raises(Invalid):
        services.attach_document(ada.actor, made, "poem", pdf_of(1), name="a.pdf", now=NOW)
    assert StoredFile.objects.filter(purpose="application_document").count() == 0
    document = services.attach_document(
        ada.actor, made, "narrative", pdf_of(20), name="plan.pdf", now=NOW
    )
    assert (document.pages, document.file.is_sealed) == (20, True)
    for reader in (ada.actor, SYSTEM, Actor.public()):
        assert not files_visible_to(reader).filter(pk=document.file_id).exists()
    services.remove_document(ada.actor, made, document, now=NOW)
    with pytest.raises(NotFound):
        services.remove_document(ada.actor, made, document, now=NOW)
    assert ApplicationDocument.objects.get().removed_at == NOW


def test_deadline_that_passes_during_an_upload_leaves_nothing(ada: Applicant) -> None:
    call = make_open()
    made = make_application(call, ada)
    ends_at = stage_of(call, 1).ends_at
    assert ends_at is not None
    before = (ApplicationVersion.objects.count(), AuditEvent.objects.count())
    with refused("too_late"):
        services.attach_document(
            ada.actor, made, "narrative", pdf_of(3), name="plan.pdf", now=ends_at
        )
    assert ApplicationDocument.objects.count() == 0
    assert StoredFile.objects.filter(purpose="application_document").count() == 0
    assert (ApplicationVersion.objects.count(), AuditEvent.objects.count()) == before
    just = ends_at - timedelta(seconds=1)
    assert services.attach_document(
        ada.actor, made, "narrative", pdf_of(3), name="plan.pdf", now=just
    ).pk


# ----------------------------------------------------------------------------- the team


def test_partner_sees_what_the_lead_shares(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    bea, member = partner_of(ada, made, "need")
    seat = queries.seat_of(bea, queries.application_by_id(bea, made.pk))
    assert seat.parts == {*rules.OPEN_PARTS, "need"}
    services.write_section(bea, made, "need", "Castings fail.", now=NOW)
    for key in ("approach", "workforce"):
        with pytest.raises(NotFound):
            services.write_section(bea, made, key, "x", now=NOW)
    with pytest.raises(NotFound):
        services.set_budget(bea, made, "cash", {}, now=NOW)
    with pytest.raises(NotFound):
        services.attach_document(bea, made, "resumes", pdf_of(1), name="a.pdf", now=NOW)
    with pytest.raises(NotPermitted):
        services.submit_application(bea, made, now=NOW)
    with pytest.raises(NotFound):
        services.invite_to_team(bea, made, TeamRow("Dora", "reader"), now=NOW)
    parts = {one.part for one in queries.versions_of(bea, made)}
    assert parts == {"terms", "partners", "need"}
    partner = made.partners.get()
    services.share_with_partner(ada.actor, made, partner, shares=["budget"], part="", now=NOW)
    services.set_budget(bea, made, "cash", {("other", 1): 5}, now=NOW)
    with refused("partner_has_people"):
        services.remove_partner(ada.actor, made, partner, now=NOW)
    services.remove_from_team(ada.actor, made, member, now=NOW)
    with pytest.raises(NotFound):
        queries.application_by_id(bea, made.pk)
    services.remove_partner(ada.actor, made, partner, now=NOW)
    assert made.partners.count() == 0


def test_partner_is_found_in_the_registry_or_entered(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    known = make_organisation("Brass Works")
    new = OrganisationRow(name="Zinc Institute", kind="non_profit", region="OH", city="Akron")
    partner = services.add_partner(ada.actor, made, PartnerRow(new=new), now=NOW)
    assert partner.organisation.level == "network"
    again = PartnerRow(new=new)
    with pytest.raises(Invalid):
        services.add_partner(ada.actor, made, again, now=NOW)
    services.add_partner(ada.actor, made, PartnerRow(organisation_id=known.pk), now=NOW)
    with refused("is_partner"):
        services.add_partner(ada.actor, made, PartnerRow(organisation_id=known.pk), now=NOW)
    own = PartnerRow(organisation_id=ada.organisation.pk)
    with refused("is_lead"):
        services.add_partner(ada.actor, made, own, now=NOW)
    with pytest.raises(Invalid):
        services.add_partner(ada.actor, made, PartnerRow(), now=NOW)
    wrong = PartnerRow(organisation_id=known.pk, shares=("terms",))
    with pytest.raises(Invalid):
        services.add_partner(ada.actor, made, wrong, now=NOW)


def test_invitation_is_for_its_address_alone(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    cora = make_applicant("Cora", "Copper Works")
    row = TeamRow("Cora", rules.TeamRole.READER, cora.user.email.upper())
    member = services.invite_to_team(ada.actor, made, row, now=NOW)
    message = OutboxMessage.objects.get()
    assert message.recipient == cora.user.email
    assert made.title not in message.body
    with refused("on_team_already"):
        services.invite_to_team(ada.actor, made, row, now=NOW)
    stranger = make_applicant("Eve", "Echo Works")
    assert list(queries.invitations_to(stranger.actor)) == []
    with refused("other_address"):
        services.join_team(stranger.actor, member, now=NOW)
    assert list(queries.invitations_to(cora.actor)) == [member]
    services.join_team(cora.actor, member, now=NOW)
    with refused("joined_already"):
        services.join_team(cora.actor, member, now=NOW)
    with pytest.raises(NotPermitted):
        services.write_section(cora.actor, made, "need", "x", now=NOW)
    lead = made.team.get(role=rules.TeamRole.LEAD)
    with refused("last_lead"):
        services.remove_from_team(ada.actor, made, lead, now=NOW)
    for wrong in (TeamRow("", "reader"), TeamRow("D", "king"), TeamRow("D", "reader", "no")):
        with pytest.raises(Invalid):
            services.invite_to_team(ada.actor, made, wrong, now=NOW)
    elsewhere = TeamRow("D", "reader", organisation_id=stranger.organisation.pk)
    with pytest.raises(Invalid):
        services.invite_to_team(ada.actor, made, elsewhere, now=NOW)


# ----------------------------------------------------------------------------- handing in


def test_application_is_handed_in_with_a_receipt_and_again(
    ada: Applicant, call: Competition
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    first = services.submit_application(ada.actor, made, now=NOW)
    assert (first.number, first.is_late, first.submitted_at) == (1, False, NOW)
    assert re.fullmatch(r"[0-9a-f]{64}", first.digest)
    assert first.content["need"] == {"text": "About need."}
    receipt = OutboxMessage.objects.get(recipient=ada.user.email)
    assert first.digest in receipt.body
    assert receipt.is_sealed
    assert made.title not in receipt.subject + receipt.body
    with refused("unchanged"):
        services.submit_application(ada.actor, made, now=NOW)
    services.write_section(ada.actor, made, "need", "More.", now=NOW)
    assert Submission.objects.get().content["need"] == {"text": "About need."}
    second = services.submit_application(ada.actor, made, now=NOW + timedelta(minutes=1))
    assert (second.number, second.content["need"]) == (2, {"text": "More."})
    made.refresh_from_db()
    assert made.state == rules.SUBMITTED


def test_missing_match_is_refused_with_its_citation(ada: Applicant, call: Competition) -> None:
    made = fill(ada.actor, make_application(call, ada), others_minor=41 * MILLION_MINOR)
    with refused("match_low") as caught:
        services.submit_application(ada.actor, made, now=NOW)
    assert caught.value.citation
    assert Submission.objects.count() == 0
    content = {name: getattr(made, name) for name in ApplicationTerms.__slots__ if name != "areas"}
    asked = ApplicationTerms(
        **{**content, "waiver_ground": "equipment", "waiver_reason": "A press."},
        areas=("robotics",),
    )
    services.edit_application(ada.actor, made, asked, now=NOW)
    assert services.submit_application(ada.actor, made, now=NOW).pk


def test_unfinished_application_is_not_taken(ada: Applicant, call: Competition) -> None:
    made = fill(ada.actor, make_application(call, ada))
    services.write_section(ada.actor, made, "workforce", "", now=NOW)
    with refused("no_section") as caught:
        services.submit_application(ada.actor, made, now=NOW)
    assert "278s(e)(4)(C)(vi)" in str(caught.value.citation)


@pytest.mark.parametrize(
    ("policy", "minutes", "code", "is_late"),
    [
        ("refused", 0, "too_late", False),
        ("grace", 9, "", True),
        ("grace", 10, "grace_over", False),
        ("marked", 500, "", True),
    ],
)
def test_late_application_follows_the_policy(
    ada: Applicant, policy: str, minutes: int, code: str, *, is_late: bool
) -> None:
    call = make_open(template="four_stage", agencies=("DOC",), late_policy=policy, grace_minutes=10)
    made = fill(ada.actor, make_application(call, ada))
    ends_at = stage_of(call, 1).ends_at
    assert ends_at is not None
    now = ends_at + timedelta(minutes=minutes)
    if code:
        with refused(code):
            services.submit_application(ada.actor, made, now=now)
        assert Submission.objects.count() == 0
        return
    assert services.submit_application(ada.actor, made, now=now).is_late is is_late


def test_withdrawn_application_is_unread_and_can_be_taken_up_again(
    ada: Applicant, call: Competition
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    with pytest.raises(Invalid):
        services.withdraw_from_competition(ada.actor, made, why=" ", now=NOW)
    services.withdraw_from_competition(ada.actor, made, why="A partner left", now=NOW)
    assert Submission.objects.get().withdrawn_at == NOW
    with refused("application_withdrawn"):
        services.write_section(ada.actor, made, "need", "x", now=NOW)
    with refused("wrong_state"):
        services.withdraw_from_competition(ada.actor, made, why="Again", now=NOW)
    services.resume_application(ada.actor, made, now=NOW)
    again = services.submit_application(ada.actor, made, now=NOW)
    assert again.number == 2
    services.withdraw_from_competition(ada.actor, made, why="For good", now=NOW)
    other = make_application(call, ada)
    with refused("leads_already"):
        services.resume_application(ada.actor, made, now=NOW)
    services.withdraw_from_competition(ada.actor, other, why="x", now=NOW)
    with refused("too_late"):
        services.resume_application(ada.actor, other, now=after_deadline(call))


def test_what_is_handed_in_is_sealed_until_the_stage_is_over(
    ada: Applicant, call: Competition, programme_officer: Actor, public: Actor
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    rival = make_applicant("Rival", "Rust Works")
    make_application(call, rival)
    for reader in (programme_officer, rival.actor, public):
        assert queries.submissions_visible_to(reader, call).count() == 0
        assert not queries.applications_visible_to(reader).filter(pk=made.pk).exists()
        with pytest.raises(NotFound):
            queries.application_by_id(reader, made.pk)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    (opened,) = queries.submissions_visible_to(programme_officer, call)
    assert opened.content["terms"]["title"] == "Light castings"
    for reader in (rival.actor, public, ada.actor):
        assert queries.submissions_visible_to(reader, call).count() == 0
    with pytest.raises(NotFound):
        queries.application_by_id(programme_officer, made.pk)
    assert queries.submitted_document(opened, made.documents.earliest("pk").pk).pages == 2
    with pytest.raises(NotFound):
        queries.submitted_document(opened, 0)


def test_second_call_is_for_who_took_part_in_the_first(ada: Applicant) -> None:
    call = make_open(agencies=("DOC",))  # two steps
    made = fill(ada.actor, make_application(call, ada))
    late = make_application(call, make_applicant("Cora", "Copper Works"))
    first = services.submit_application(ada.actor, made, now=NOW)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    services.call_applications(SYSTEM, call, now=let_on(call))
    now = after_deadline(call, 2) + timedelta(minutes=1)
    cora = Actor(user_id=late.begun_by_id, label="Cora")
    with refused("left_out_stage"):
        services.submit_application(cora, late, now=now)
    with refused("left_out_stage"):
        make_application(call, make_applicant("Dora", "Dust Works"), now=now)
    for one in ("work_breakdown", "annual_plan", "commitment_letter", "sustainability_plan"):
        services.attach_document(ada.actor, made, one, pdf_of(1), name=f"{one}.pdf", now=now)
    for one in ("workforce_plan", "small_firms_plan", "budget_justification"):
        services.attach_document(ada.actor, made, one, pdf_of(1), name=f"{one}.pdf", now=now)
    second = services.submit_application(ada.actor, made, now=now)
    assert (first.stage.number, second.stage.number, second.number) == (1, 3, 1)


def test_search_finds_no_application_and_the_trail_tells_no_content(
    ada: Applicant, call: Competition
) -> None:
    made = fill(ada.actor, make_application(call, ada, title="Zylinderkopf"))
    services.edit_application(
        ada.actor, made, ApplicationTerms(title="Zylinderkopf", term_months=60), now=NOW
    )
    assert not SearchEntry.objects.filter(title__contains="Zylinderkopf").exists()
    events = AuditEvent.objects.filter(subject_type="competitions.application")
    assert events.count() > 10
    assert not any("Zylinderkopf" in str(one.changes) + one.why for one in events)
    assert set(events.values_list("institute", flat=True)) == {""}


def test_user_without_address_or_organisation_begins_nothing(call: Competition) -> None:
    user = make_user("Nobody")
    actor = Actor(user_id=user.pk, label="Nobody")
    assert list(queries.invitations_to(actor)) == []
    with refused("not_own_organisation"):
        services.start_application(actor, call, make_organisation(), title="x", now=NOW)


def test_damaged_and_locked_files_have_no_pages() -> None:
    assert services.count_pages(pdf_of(3)) == 3
    assert services.count_pages(io.BytesIO(b"%PDF-1.4\n1 0 obj")) is None
    assert services.count_pages(io.BytesIO(b"")) is None
