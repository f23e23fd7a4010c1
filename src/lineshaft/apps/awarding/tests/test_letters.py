import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from pytest_django import Settings

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.models import LetterSending, SelectionLetter
from lineshaft.apps.awarding.rules import LetterKind
from lineshaft.apps.awarding.tasks import JOBS
from lineshaft.apps.awarding.tests.selecting import (
    Selecting,
    decided,
    make_selecting,
    published,
    run_to_selection,
    with_letters,
)
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import StageOutcome
from lineshaft.apps.competitions.rules import Outcome, TeamRole
from lineshaft.apps.competitions.services import PartnerRow, TeamRow
from lineshaft.apps.competitions.tests.applicants import fill, make_applicant, make_application
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    NOW,
    SYSTEM,
    after_deadline,
    make_open,
)
from lineshaft.kernel.competitions import StageGate
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.files.services import open_file
from lineshaft.plumbing.jobs.context import JobContext, Progress
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import formats

pytestmark = pytest.mark.django_db

SELECTED, WAITING, OUT = Outcome.SELECTED, Outcome.WAITLISTED, Outcome.NOT_SELECTED
DECISION, DEBRIEF = LetterKind.DECISION, LetterKind.DEBRIEF


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


def refused(code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda error: error.code == code)


def text_of(stored: StoredFile) -> str:
    """The text of a PDF, in one line."""
    with open_file(stored) as content:
        reader = PdfReader(io.BytesIO(content.read()))
    pages = [page.extract_text() for page in reader.pages]
    return " ".join(" ".join(pages).split())


def letter(world: Selecting, place: int, kind: LetterKind, language: str = "en") -> str:
    found = SelectionLetter.objects.get(
        application=world.applications[place], kind=kind, language=language
    )
    return text_of(found.file)


def test_letters_are_printed_once_in_each_language() -> None:
    world = published((5, 4))
    made = services.print_missing_letters(SYSTEM, world.competition, now=world.now)
    assert made == 8  # two applications, two kinds, two languages
    before = list(SelectionLetter.objects.order_by("pk").values_list("sha256", flat=True))
    assert services.print_missing_letters(SYSTEM, world.competition, now=world.now) == 0
    assert list(SelectionLetter.objects.order_by("pk").values_list("sha256", flat=True)) == before
    sealed = StoredFile.objects.filter(purpose="selection_letter")
    assert {one.is_sealed for one in sealed} == {True}
    assert not files_visible_to(SYSTEM).filter(purpose="selection_letter").exists()


def test_decision_letter_says_how_its_own_application_came_out() -> None:
    world = with_letters(published((5, 4, 3), SELECTED, WAITING, OUT))
    first, second, third = (letter(world, place, DECISION) for place in range(3))
    assert "is selected for an award of $70,000,000" in first
    assert "Selection is not yet an award" in first
    assert "Told to 1." in first
    assert "on the waiting list" in second
    assert "is not selected" in third
    assert "Works 1" not in third
    assert "Works 3" not in first
    chinese = letter(world, 0, DECISION, "zh-hans")
    assert "Told to 1." in chinese  # nothing else was written
    assert "is selected" not in chinese


def test_letter_to_who_went_out_earlier_says_whom_to_ask_and_explains_nothing() -> None:
    world = make_selecting((5, 4), contact="Cora Clerk", contact_email="cora@doc.example")
    call, out = world.competition, world.applications[1]
    stage = call.stages.get(number=2)
    call.stages.filter(pk=stage.pk).update(gate=StageGate.INVITED)
    for one, outcome in ((world.applications[0], "goes_on"), (out, "ends_here")):
        StageOutcome.objects.create(
            application=one,
            stage=stage,
            outcome=outcome,
            decided_by="test",
            decided_at=world.now,
            told_at=world.now,
        )
    first = world.applications[0]
    terms = services.ChoiceTerms(SELECTED, 70 * MILLION_MINOR, explanation="Told.")
    services.record_selection_choice(SYSTEM, call, first, terms, now=world.now)
    records = services.decide_selection(SYSTEM, call, "The first.", now=world.now)
    assert [(one.application, one.outcome) for one in records] == [(first, SELECTED), (out, OUT)]
    competitions.publish_results(SYSTEM, call, now=world.now)
    with_letters(world)
    told = letter(world, 1, DECISION)
    assert "is not selected" in told
    assert "Questions on this letter go to Cora Clerk" in told
    assert "Told." not in told


def test_debrief_holds_remarks_and_ranges_and_nobody() -> None:
    world = with_letters(published((5, 2)))
    debrief = letter(world, 1, DEBRIEF)
    assert "Strong on 2." in debrief
    assert "Weak on 2." in debrief
    assert "2.00" in debrief
    assert "2 to 2" in debrief
    for word in ("Quirin", "Kept from the team", "Works 1", "Strong on 1."):
        assert word not in debrief
    assert "Strong on" not in letter(world, 1, DECISION)


def test_debrief_of_what_nobody_reviewed_has_no_scores() -> None:
    world = with_letters(published((0,)))
    assert "Criterion" not in letter(world, 0, DEBRIEF)


def test_letters_wait_for_the_decision_and_debriefs_for_publication() -> None:
    world = make_selecting((5,))
    call = world.competition
    with refused("not_decided"):
        services.print_letters(SYSTEM, call, now=world.now)
    records = decided(world, SELECTED)
    with refused("not_printed"):
        services.send_letters(SYSTEM, call, DECISION, now=world.now)
    services.make_selection_letters(SYSTEM, call, records[0], now=world.now)
    with refused("not_published"):
        services.send_letters(SYSTEM, call, DEBRIEF, now=world.now)
    assert services.send_letters(SYSTEM, call, DECISION, now=world.now) == 1
    with refused("all_sent"):
        services.send_letters(SYSTEM, call, DECISION, now=world.now)
    competitions.publish_results(SYSTEM, call, now=world.now)
    assert services.send_letters(SYSTEM, call, DEBRIEF, now=world.now) == 1


def test_message_tells_who_leads_the_team_and_not_the_outcome() -> None:
    world = with_letters(published((5, 4)), DECISION, DEBRIEF)
    messages = OutboxMessage.objects.filter(recipient=world.applicants[1].user.email)
    told = [one for one in messages if "decision" in one.subject or "judged" in one.subject]
    assert len(told) == 2
    for one in told:
        assert f"/opportunities/applications/{world.applications[1].pk}/decision/" in one.body
        assert "selected" not in one.body
        assert one.is_sealed
    assert LetterSending.objects.count() == 4


def test_demonstration_sends_no_message() -> None:
    world = published((5,))
    world.applications[0].is_demonstration = True
    world.applications[0].save()
    before = OutboxMessage.objects.count()
    with_letters(world, DECISION)
    assert OutboxMessage.objects.count() == before


def test_others_print_and_send_nothing(agency_sponsor: Actor) -> None:
    world = published((5,))
    call = world.competition
    with pytest.raises(NotPermitted):
        services.print_letters(agency_sponsor, call, now=world.now)
    with pytest.raises(NotPermitted):
        services.send_letters(agency_sponsor, call, DECISION, now=world.now)
    with pytest.raises(NotFound):
        services.print_missing_letters(agency_sponsor, call, now=world.now)
    other = published((4,))
    (record,) = queries.records_of(other.competition)
    with pytest.raises(NotFound):
        services.make_selection_letters(SYSTEM, call, record, now=world.now)


def test_letters_and_pages_say_the_day_in_the_zone_of_the_competition() -> None:
    world = make_selecting((5,))
    world = replace(world, now=(world.now + timedelta(days=1)).replace(hour=2))
    decided(world, SELECTED)
    with_letters(world, DECISION)
    assert world.competition.zone == "America/New_York"
    day = formats.date_local(world.now.date() - timedelta(days=1))
    text = letter(world, 0, DECISION)
    assert f"Decided on {day}" in text
    assert f"{world.competition.code}, {day}" in text
    address = f"/opportunities/applications/{world.applications[0].pk}/decision/"
    page = make_client(world.applicants[0].user).get(address).content.decode()
    assert f"Decided on {day};" in page
    officer = make_user("Olga Officer")
    make_grant(officer, Role.PROGRAMME_OFFICER, ScopeKind.NETWORK)
    listed = make_client(officer).get(f"/competitions/{world.competition.key}/letters/")
    assert f"Decision letter, {day}" in listed.content.decode()


def test_letters_of_an_application_are_made_from_what_is_its_own() -> None:
    world = published((5, 4))
    first, second = queries.records_of(world.competition)
    services.make_selection_letters(SYSTEM, world.competition, first, now=world.now)
    with CaptureQueriesContext(connection) as captured:
        services.make_selection_letters(SYSTEM, world.competition, second, now=world.now)
    read = [one["sql"] for one in captured if 'FROM "awarding_selectionletter"' in one["sql"]]
    assert len(read) == 1
    assert f"IN ({second.application_id})" in read[0]


def test_everybody_who_has_letters_printed_gets_a_job_of_their_own() -> None:
    world = published((5,))
    scope = (Role.PROGRAMME_OFFICER, ScopeKind.NETWORK, "")
    first, second = (make_actor(*scope, user_id=make_user(name).pk) for name in ("A", "B"))
    jobs = [
        services.print_letters(actor, world.competition, now=world.now)
        for actor in (first, second, first)
    ]
    assert [one.requested_by_id for one in jobs] == [first.user_id, second.user_id, first.user_id]
    assert jobs[0] == jobs[2]


def test_job_prints_without_telling_how_many_and_prints_none_twice() -> None:
    world = published((5, 4))
    job = services.print_letters(SYSTEM, world.competition, now=world.now)
    assert services.print_letters(SYSTEM, world.competition, now=world.now) == job
    assert set(JOBS) == {services.PRINT_JOB}
    progress = Progress()
    context = JobContext(job, SYSTEM, progress, lambda: None)
    JOBS[services.PRINT_JOB](context)
    assert SelectionLetter.objects.count() == 8
    assert (progress.done, progress.total, progress.note_params) == (1, 1, {})
    assert progress.note == "The letters that were missing are printed."
    JOBS[services.PRINT_JOB](context)
    assert SelectionLetter.objects.count() == 8


# ----------------------------------------------------------------------------- who reads a decision


def test_team_reads_its_decision_once_it_was_sent() -> None:
    world = with_letters(published((5, 4)))
    ada, bea = world.applicants
    application, addressed = queries.letters_to(ada.actor, world.applications[0].pk)
    assert (application, addressed) == (world.applications[0], None)
    services.send_letters(SYSTEM, world.competition, DECISION, now=world.now)
    _application, addressed = queries.letters_to(ada.actor, world.applications[0].pk)
    assert addressed is not None
    assert {kind for kind, _language in addressed.letters} == {DECISION}  # no debrief yet
    with pytest.raises(NotFound):
        queries.letters_to(bea.actor, world.applications[0].pk)


def test_team_of_what_was_not_decided_reads_nothing() -> None:
    world = make_selecting((5,))
    pk = world.applications[0].pk
    assert queries.letters_to(world.applicants[0].actor, pk)[1] is None


def test_partner_without_shares_reads_no_decision() -> None:
    world = _with_partner()
    address = f"/opportunities/applications/{world.applications[0].pk}/decision/"
    partner = make_client(world.applicants[1].user)
    lead = make_client(world.applicants[0].user)
    for path in (address, f"{address}decision/en/", f"{address}debrief/en/"):
        answer: Any = lead.get(path)
        assert answer.status_code == 200
        for _chunk in answer.streaming_content if answer.streaming else ():
            pass
        assert partner.get(path).status_code == 404
    api = f"/api/v1/competition-applications/{world.applications[0].pk}/decision"
    assert lead.get(api).json()["outcome"] == "selected"
    assert partner.get(api).status_code == 404
    assert "/decision/" in lead.get(world.applications[0].get_absolute_url()).content.decode()
    workspace = partner.get(world.applications[0].get_absolute_url())
    assert workspace.status_code == 200
    assert "/decision/" not in workspace.content.decode()


def make_client(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type] # a user
    return client


def _with_partner() -> Selecting:
    """One application selected, with somebody of a partner that is shown nothing on its team."""
    call = make_open(template="four_stage", agencies=("DOC",), total_minor=140 * MILLION_MINOR)
    ada, bea = make_applicant("Ada", "Anvil Works"), make_applicant("Bea", "Brass Works")
    one = fill(ada.actor, make_application(call, ada))
    row = PartnerRow(organisation_id=bea.organisation.pk, part="Castings", shares=())
    competitions.add_partner(ada.actor, one, row, now=NOW)
    invited = TeamRow("Bea", TeamRole.EDITOR, bea.user.email, bea.organisation.pk)
    member = competitions.invite_to_team(ada.actor, one, invited, now=NOW)
    competitions.join_team(bea.actor, member, now=NOW)
    competitions.submit_application(ada.actor, one, now=NOW)
    judged = run_to_selection(call, [one], [5])
    call.refresh_from_db()
    world = Selecting(call, (ada, bea), (one,), judged, after_deadline(call, 4))
    decided(world, SELECTED)
    competitions.publish_results(SYSTEM, call, now=world.now)
    return with_letters(world, *rules.LetterKind)
