from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import rules, services
from lineshaft.apps.competitions.models import Application, Competition, Submission
from lineshaft.apps.competitions.services import PartnerRow, TeamRow
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
    make_open,
    stage_of,
)
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

WORD = "Zylinderkopf"
"""Stands in an application alone."""


class Clock:
    """The server's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def client_of(applicant: Applicant) -> Client:
    make_grant(applicant.user, Role.MEMBER, ScopeKind.ORGANISATION, str(applicant.organisation.pk))
    return client_for(applicant.user)


def client_in(role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(f"{role} {key}")
    make_grant(user, role, kind, key)
    return client_for(user)


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


def of(application: Application, name: str, *more: object) -> str:
    return reverse(f"competitions:{name}", args=[application.pk, *more])


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


def test_application_is_begun_written_and_handed_in_on_pages(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    client = client_of(ada)
    assert "Apply" in body_of(client.get(call.get_absolute_url()))
    start = reverse("competitions:start_application", args=[call.key])
    assert client.get(start).status_code == 200
    sent = {"organisation": ada.organisation.pk, "title": WORD}
    assert client.post(start, sent).status_code == 302
    made = Application.objects.get()
    page = body_of(client.get(made.get_absolute_url()))
    assert "Write the summary." in page
    assert "Attach “Project narrative”." in page
    wrong = client.post(of(made, "edit_application"), {"title": "", "work": "research"})
    assert wrong.status_code == 422
    terms = {"title": WORD, "work": "research", "term_months": 60, "trl_from": 3, "trl_to": 6}
    assert client.post(of(made, "edit_application"), terms).status_code == 302
    section = of(made, "write_section", "need")
    assert client.post(section, {"text": "Heads crack.", "seen": 0}).status_code == 302
    stale = client.post(section, {"text": "Heads melt.", "seen": 2})
    assert stale.status_code == 409
    assert "Heads melt." in body_of(stale)
    budget = of(made, "set_budget", "federal")
    assert client.post(budget, {"personnel-1": "1,000.50"}).status_code == 302
    made.refresh_from_db()
    assert made.federal_minor == 100_050
    assert client.post(budget, {"personnel-1": "lots"}).status_code == 422
    assert client.get(of(made, "set_budget", "lottery")).status_code == 404
    assert client.post(of(made, "set_revenue"), {"dues-7": "5"}).status_code == 302
    fill(ada.actor, made, title=WORD)
    assert "Nothing keeps the application back" in body_of(
        client.get(of(made, "submit_application"))
    )
    assert client.post(of(made, "submit_application")).status_code == 302
    assert Submission.objects.get().submitted_at == server_clock.now
    assert "Submitted" in body_of(client.get(made.get_absolute_url()))
    again = client.post(of(made, "submit_application"))
    assert again.status_code == 409
    assert "handed in already" in body_of(again)


def test_missing_match_is_refused_on_the_page_with_its_citation(
    ada: Applicant, call: Competition
) -> None:
    Competition.objects.update(match_share_bp=None)
    made = fill(ada.actor, make_application(call, ada), others_minor=1_000_000)
    client = client_of(ada)
    page = body_of(client.get(of(made, "submit_application")))
    assert "Keeps back" in page
    response = client.post(of(made, "submit_application"))
    assert response.status_code == 409
    assert "15 U.S.C. 278s(e)(7)(A)" in body_of(response)
    assert Submission.objects.count() == 0


def test_application_is_refused_at_the_deadline_of_the_servers_clock(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    ends_at = stage_of(call, 1).ends_at
    assert ends_at is not None
    client = client_of(ada)
    server_clock.now = ends_at
    response = client.post(of(made, "submit_application"))
    assert response.status_code == 409
    assert "The deadline passed on" in body_of(response)
    upload = {"kind": "resumes", "file": SimpleUploadedFile("cv.pdf", pdf_of(1).read())}
    files = StoredFile.objects.count()
    assert client.post(of(made, "attach_document"), upload).status_code == 409
    assert StoredFile.objects.count() == files
    server_clock.now = ends_at - timedelta(seconds=1)
    assert client.post(of(made, "submit_application")).status_code == 302


def test_section_saves_itself_and_says_when_it_could_not(
    ada: Applicant, call: Competition, server_clock: Clock
) -> None:
    made = make_application(call, ada)
    client = client_of(ada)
    url = of(made, "write_section", "need")
    shown = body_of(client.get(url))
    assert "hx-post" in shown
    assert 'hx-sync="this:queue last"' in shown
    headers = {"HX-Request": "true"}
    saved = client.post(url, {"text": "One.", "seen": 0}, headers=headers)
    assert "Saved at" in body_of(saved)
    assert 'value="1"' in body_of(saved)
    assert client.post(url, {"text": "Two.", "seen": 1}, headers=headers).status_code == 200
    assert made.versions.filter(part="need").count() == 1
    own = client.post(url, {"text": "Two.", "seen": 1}, headers=headers)
    assert (own.status_code, made.sections.get().revision) == (200, 2)
    stale = client.post(url, {"text": "Three.", "seen": 3}, headers=headers)
    assert stale.status_code == 409
    assert "Not saved." in body_of(stale)
    long = {"text": "x" * (rules.SECTION_MAX + 1), "seen": 2}
    assert client.post(url, long, headers=headers).status_code == 422
    server_clock.now = after_deadline(call)
    assert client.post(url, {"text": "Late.", "seen": 2}, headers=headers).status_code == 409
    assert made.sections.get().text == "Two."


def test_documents_letters_and_partners_on_pages(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    client = client_of(ada)
    upload = {"kind": "narrative", "file": SimpleUploadedFile("plan.pdf", pdf_of(2).read())}
    assert client.post(of(made, "attach_document"), upload).status_code == 302
    document = made.documents.get()
    content = client.get(of(made, "download_document", document.pk))
    assert content["Content-Disposition"].startswith("attachment")
    assert body_of(content).startswith("%PDF-")
    assert client.get(document.file.get_absolute_url()).status_code == 404
    letter = {
        "giver_name": "Brass Works",
        "kind": "cash",
        "signatory": "Bea",
        "signed_on": "2026-01-05",
        "amount_1": "500",
    }
    assert client.post(of(made, "add_commitment"), letter).status_code == 302
    assert client.post(of(made, "add_commitment"), {**letter, "amount_1": ""}).status_code == 422
    make_organisation("Brass Works")
    partner = {"name": "Brass Works", "part": "Castings", "shares": ["need"]}
    assert client.post(of(made, "add_partner"), partner).status_code == 302
    unknown = client.post(of(made, "add_partner"), {"name": "Nowhere Works"})
    assert unknown.status_code == 422
    assert "No organisation of that name" in body_of(unknown)
    new = {"name": "Zinc Lab", "is_new": "on", "kind": "university", "region": "OH", "city": "Kent"}
    assert client.post(of(made, "add_partner"), new).status_code == 302
    first = made.partners.order_by("pk")[0]
    shares = {"part": "Castings", "shares": ["need", "budget"]}
    assert client.post(of(made, "share_with_partner", first.pk), shares).status_code == 302
    invited = {
        "name": "Bea",
        "email": "bea@brass.example",
        "organisation": first.organisation_id,
        "role": "editor",
    }
    assert client.post(of(made, "invite_to_team"), invited).status_code == 302
    page = body_of(client.get(made.get_absolute_url()))
    for text in ("plan.pdf", "Brass Works", "Zinc Lab", "Bea", "Castings"):
        assert text in page
    member = made.team.get(email="bea@brass.example")
    assert client.post(of(made, "remove_from_team", member.pk)).status_code == 302
    assert client.post(of(made, "remove_partner", first.pk)).status_code == 302
    assert client.post(of(made, "remove_document", document.pk)).status_code == 302
    given = made.commitments.get()
    assert client.post(of(made, "remove_commitment", given.pk)).status_code == 302
    assert client.get(of(made, "download_document", document.pk)).status_code == 404


def test_invited_person_accepts_on_the_page(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    bea = make_applicant("Bea Partner", "Brass Works")
    row = TeamRow("Bea", rules.TeamRole.READER, bea.user.email)
    member = services.invite_to_team(ada.actor, made, row, now=NOW)
    join = reverse("competitions:join_team", args=[member.pk])
    stranger = client_of(make_applicant("Eve", "Echo Works"))
    assert stranger.post(join).status_code == 404
    client = client_of(bea)
    listed = body_of(client.get(reverse("competitions:list_workspaces")))
    assert "Accept the invitation" in listed
    assert client.get(made.get_absolute_url()).status_code == 404
    assert client.post(join).status_code == 302
    assert client.get(made.get_absolute_url()).status_code == 200
    assert client.get(of(made, "write_section", "need")).status_code == 200
    assert client.post(of(made, "write_section", "need"), {"text": "x"}).status_code == 403


def test_withdrawn_application_is_taken_up_again_on_the_page(
    ada: Applicant, call: Competition
) -> None:
    made = make_application(call, ada)
    client = client_of(ada)
    assert client.post(of(made, "withdraw_from_competition"), {"why": ""}).status_code == 422
    gone = {"why": "A partner left"}
    assert client.post(of(made, "withdraw_from_competition"), gone).status_code == 302
    assert "Take it up again" in body_of(client.get(made.get_absolute_url()))
    assert client.post(of(made, "resume_application")).status_code == 302
    made.refresh_from_db()
    assert made.state == rules.WRITING


def test_version_shows_what_changed_word_by_word(ada: Applicant, call: Competition) -> None:
    made = make_application(call, ada)
    services.write_section(ada.actor, made, "need", "Nobody casts heads.\nTwo.", now=NOW)
    services.write_section(ada.actor, made, "need", "Nobody casts heads well.\nTwo.", now=NOW)
    services.set_budget(ada.actor, made, "federal", {("travel", 1): 500}, now=NOW)
    services.add_commitment(ada.actor, made, letter_of(500, is_federal=True), now=NOW)
    services.set_revenue(ada.actor, made, {("dues", 1): 500}, now=NOW)
    services.attach_document(ada.actor, made, "resumes", pdf_of(1), name="cv.pdf", now=NOW)
    client = client_of(ada)
    assert "7 versions" in body_of(client.get(of(made, "list_versions")))
    page = body_of(client.get(of(made, "show_version", 3)))
    assert "<ins> well</ins>" in page
    assert '<p class="wording">Two.</p>' in page
    for number, text in ((1, "Light castings"), (4, "Travel"), (5, "Brass Works"), (7, "cv.pdf")):
        assert text in body_of(client.get(of(made, "show_version", number)))
    assert client.get(of(made, "show_version", 8)).status_code == 404


def test_leads_are_chosen_before_it_opens(call: Competition) -> None:
    officer = client_in(Role.PROGRAMME_OFFICER)
    url = reverse("competitions:set_eligible_leads", args=[call.key])
    assert officer.get(url).status_code == 200
    assert officer.post(url, {"kinds": ["non_profit"]}).status_code == 409
    assert client_in(Role.LEARNER).get(url).status_code == 403


# ------------------------------------------------------------------------------- leaks and costs


@pytest.fixture
def whole(ada: Applicant, call: Competition) -> Application:
    """An application that was handed in, with a word in it that stands nowhere else."""
    made = fill(ada.actor, make_application(call, ada), title=WORD)
    services.submit_application(ada.actor, made, now=NOW)
    return made


def addresses_of(made: Application) -> list[str]:
    """Every page of an application that can be read, and what lists it."""
    document = made.documents.earliest("pk")
    submission = Submission.objects.get(application=made)
    key = made.competition.key
    return [
        made.get_absolute_url(),
        of(made, "edit_application"),
        of(made, "submit_application"),
        of(made, "withdraw_from_competition"),
        of(made, "write_section", "need"),
        of(made, "set_budget", "federal"),
        of(made, "set_revenue"),
        of(made, "add_commitment"),
        of(made, "attach_document"),
        of(made, "download_document", document.pk),
        of(made, "add_partner"),
        of(made, "invite_to_team"),
        of(made, "list_versions"),
        of(made, "show_version", 2),
        document.file.get_absolute_url(),
        f"/api/v1/competition-applications/{made.pk}",
        reverse("competitions:show_submission", args=[key, submission.pk]),
        reverse("competitions:download_submitted", args=[key, submission.pk, document.pk]),
    ]


def lists_of(made: Application) -> list[str]:
    key = made.competition.key
    return [
        reverse("competitions:list_workspaces"),
        reverse("competitions:list_submissions", args=[key]),
        made.competition.get_absolute_url(),
        "/api/v1/competition-applications",
        f"/api/v1/opportunities/{key}/submissions",
        f"/search/?q={WORD}",
        reverse("mail:list_messages"),
        reverse("desk:list_audit_events"),
    ]


@pytest.mark.parametrize("who", ["public", "rival", "officer", "sponsor", "auditor", "reviewer"])
def test_sealed_application_leaks_to_nobody(who: str, whole: Application) -> None:
    rival = make_applicant("Rival", "Rust Works")
    make_application(whole.competition, rival, title="Rust")
    clients: dict[str, Callable[[], Client]] = {
        "public": Client,
        "rival": lambda: client_of(rival),
        "officer": lambda: client_in(Role.PROGRAMME_OFFICER),
        "sponsor": lambda: client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC"),
        "auditor": lambda: client_in(Role.AUDITOR),
        "reviewer": lambda: client_in(Role.REVIEWER),
    }
    client = clients[who]()
    for address in addresses_of(whole):
        response = client.get(address)
        assert response.status_code in ({302, 401, 404} if who == "public" else {404}), address
    for message in OutboxMessage.objects.all():
        assert client.get(message.get_absolute_url()).status_code in {302, 403, 404}
    for address in lists_of(whole):
        response = client.get(address)
        assert "Receipt" not in body_of(response), address
        assert WORD not in body_of(response).replace(f"q={WORD}", "").replace(
            f'value="{WORD}"', ""
        ).replace(f"“{WORD}”", ""), address


def test_partner_without_shares_reads_title_and_summary_alone(
    ada: Applicant, whole: Application
) -> None:
    bea = make_applicant("Bea Partner", "Brass Works")
    row = PartnerRow(organisation_id=bea.organisation.pk)
    services.add_partner(ada.actor, whole, row, now=NOW)
    invited = TeamRow("Bea", rules.TeamRole.EDITOR, bea.user.email, bea.organisation.pk)
    member = services.invite_to_team(ada.actor, whole, invited, now=NOW)
    services.join_team(bea.actor, member, now=NOW)
    client = client_of(bea)
    page = body_of(client.get(whole.get_absolute_url()))
    assert WORD in page
    for hidden in ("narrative.pdf", "Brass Works, Bea Brass", "70,000,000", "Need and focus"):
        assert hidden not in page
    document = whole.documents.earliest("pk")
    for address in (
        of(whole, "write_section", "need"),
        of(whole, "set_budget", "federal"),
        of(whole, "set_revenue"),
        of(whole, "add_commitment"),
        of(whole, "attach_document"),
        of(whole, "download_document", document.pk),
        of(whole, "show_version", 3),
    ):
        assert client.get(address).status_code == 404, address
    assert client.get(of(whole, "submit_application")).status_code == 403
    shown = client.get(f"/api/v1/competition-applications/{whole.pk}").json()
    assert set(shown["parts"]) == {"terms", "partners"}


def test_partner_with_the_budget_alone_reads_no_sums_of_letters(
    ada: Applicant, call: Competition
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    federal = letter_of(3 * MILLION_MINOR, is_federal=True)
    services.add_commitment(ada.actor, made, federal, now=NOW)
    bea = make_applicant("Bea Partner", "Brass Works")
    row = PartnerRow(organisation_id=bea.organisation.pk, shares=("budget",))
    partner = services.add_partner(ada.actor, made, row, now=NOW)
    invited = TeamRow("Bea", rules.TeamRole.EDITOR, bea.user.email, bea.organisation.pk)
    member = services.invite_to_team(ada.actor, made, invited, now=NOW)
    services.join_team(bea.actor, member, now=NOW)
    client, said = client_of(bea), "of what letters commit is of federal origin"
    page = body_of(client.get(made.get_absolute_url()))
    assert said not in page
    assert "Others bring" in page
    shares = ("budget", "commitments")
    services.share_with_partner(ada.actor, made, partner, shares=shares, part="", now=NOW)
    assert said in body_of(client.get(made.get_absolute_url()))


def test_officer_reads_what_was_handed_in_once_the_stage_is_over(
    whole: Application, server_clock: Clock
) -> None:
    officer = client_in(Role.PROGRAMME_OFFICER)
    key = whole.competition.key
    listed = reverse("competitions:list_submissions", args=[key])
    assert "Nothing can be read yet" in body_of(officer.get(listed))
    server_clock.now = after_deadline(whole.competition)
    services.begin_review(SYSTEM, whole.competition, now=server_clock.now)
    assert "1 application was handed in" in body_of(officer.get(listed))
    submission = Submission.objects.get()
    page = body_of(officer.get(reverse("competitions:show_submission", args=[key, submission.pk])))
    assert WORD in page
    assert "About workforce." in page
    document = whole.documents.earliest("pk")
    download = reverse("competitions:download_submitted", args=[key, submission.pk, document.pk])
    assert body_of(officer.get(download)).startswith("%PDF-")
    assert officer.get(document.file.get_absolute_url()).status_code == 404
    found = officer.get(f"/api/v1/opportunities/{key}/submissions").json()["items"]
    assert [one["title"] for one in found] == [WORD]
    rival = client_of(make_applicant("Rival", "Rust Works"))
    assert rival.get(listed).status_code == 404
    assert rival.get(f"/api/v1/opportunities/{key}/submissions").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_pages_of_applications_cost_the_same_for_any_number_of_records(
    number: int,
    ada: Applicant,
    call: Competition,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = fill(ada.actor, make_application(call, ada))
    for place in range(number):
        services.add_commitment(ada.actor, made, letter_of(500), now=NOW)
        services.attach_document(
            ada.actor, made, "resumes", pdf_of(1), name=f"{place}.pdf", now=NOW
        )
        firm = make_organisation(f"Partner {place}")
        services.add_partner(ada.actor, made, PartnerRow(organisation_id=firm.pk), now=NOW)
        services.invite_to_team(ada.actor, made, TeamRow(f"P{place}", "reader"), now=NOW)
        services.write_section(ada.actor, made, "need", f"Text {place}", now=NOW)
        services.submit_application(ada.actor, made, now=NOW)
        other = fill(ada.actor, make_application(make_open(agencies=("DOC",)), ada))
        assert other.pk
    client = client_of(ada)
    costs = {
        made.get_absolute_url(): 25,
        of(made, "list_versions"): 23,
        reverse("competitions:list_workspaces"): 12,
    }
    for address, count in costs.items():
        client.get(address)
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200
