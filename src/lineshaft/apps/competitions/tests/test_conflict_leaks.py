"""Closed doors: who is conflicted, a rival, a reviewer without an assignment and a partner without
shares ask every address of competitions that names an application, and every list that counts it.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Application, Competition, Conflict, TeamMember
from lineshaft.apps.competitions.services import PartnerRow, TeamRow, UnwantedRow
from lineshaft.apps.competitions.tests.applicants import make_applicant, make_application
from lineshaft.apps.competitions.tests.conflicting import close_call, make_handed_in, make_judge
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_open,
)
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

SECRETS = ("Zylinderkopf", "Zylinderwerke", "Zacharias")
"""Title, lead and member of the application that is closed; each stands nowhere else."""

OTHER = "Brasswork"


@pytest.fixture(autouse=True)
def _server(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


class Closed:
    """A competition with two applications; the first is closed to whoever works for its lead."""

    def __init__(self, call: Competition) -> None:
        self.call = call
        lead = make_applicant("Zacharias", "Zylinderwerke")
        self.lead = lead
        self.hidden = make_application(call, lead, title="Zylinderkopf")
        services.name_unwanted_reviewer(
            lead.actor, self.hidden, UnwantedRow("Nobody Known", "x"), now=NOW
        )
        services.withdraw_from_competition(lead.actor, self.hidden, why="Anew", now=NOW)
        self.hidden = make_handed_in(call, lead, title="Zylinderkopf")
        brass = make_applicant("Bea Brass", "Brass Works")
        self.brass = brass
        self.other = make_handed_in(call, brass, title=OTHER)
        self.former_name = make_organisation("Former Name")
        self.former_name.merged_into = lead.organisation
        self.former_name.save(update_fields=["merged_into"])

    def addresses(self) -> list[str]:
        """Every address that would lead to the closed application, or list it."""
        key, pk = self.call.key, self.hidden.pk
        handed = self.hidden.submissions.latest("pk")
        document = self.hidden.documents.earliest("pk")
        conflicts = Conflict.objects.filter(application=self.hidden)
        of_competition = [
            ("list_submissions", ()),
            ("show_submission", (handed.pk,)),
            ("download_submitted", (handed.pk, document.pk)),
            ("list_conflicts", ()),
            ("list_conflict_subjects", ()),
            *(("export_conflicts", (form,)) for form in ("csv", "json")),
            *(("show_conflict", (one.pk,)) for one in conflicts),
            *(("decide_conflict", (one.pk,)) for one in conflicts),
            ("declare_conflict", ()),
            ("show_opportunity", ()),
            ("list_questions", ()),
        ]
        of_application: list[tuple[str, tuple[object, ...]]] = [
            *((name, ()) for name in ("show_workspace", "edit_application", "submit_application")),
            *((name, ()) for name in ("withdraw_from_competition", "list_versions")),
            *((name, ()) for name in ("set_revenue", "add_commitment", "attach_document")),
            *((name, ()) for name in ("add_partner", "invite_to_team", "name_unwanted_reviewer")),
            ("write_section", ("need",)),
            ("set_budget", ("federal",)),
            ("download_document", (document.pk,)),
            ("show_version", (1,)),
        ]
        lists = ("list_competitions", "list_opportunities", "list_workspaces", "list_own_conflicts")
        return [
            *(reverse(f"competitions:{name}") for name in lists),
            *(reverse(f"competitions:{name}", args=[key, *more]) for name, more in of_competition),
            *(reverse(f"competitions:{name}", args=[pk, *more]) for name, more in of_application),
            document.file.get_absolute_url(),
            *("/desk/", "/audit/", "/search/?q=Zylinderkopf", "/outbox/", "/jobs/"),
            f"/api/v1/opportunities/{key}",
            f"/api/v1/opportunities/{key}/submissions",
            f"/api/v1/opportunities/{key}/conflicts",
            f"/api/v1/competition-applications/{pk}",
            "/api/v1/competition-applications",
            "/api/v1/conflicts/own",
            "/api/v1/audit-events",
            "/api/v1/search?text=Zylinderkopf",
        ]


@pytest.fixture
def closed() -> Closed:
    return Closed(make_open(template="four_stage", agencies=("DOC",)))


def refuses(client: Client, closed: Closed, *, shown: str = "") -> None:
    """Whether no address tells a secret of the closed application; `shown` stands in the list."""
    listed = reverse("competitions:list_submissions", args=[closed.call.key])
    for address in closed.addresses():
        answer = client.get(address)
        assert answer.status_code in {200, 302, 403, 404}, address
        body = body_of(answer).replace("q=Zylinderkopf", "").replace('value="Zylinderkopf"', "")
        body = body.replace("“Zylinderkopf”", "")
        for secret in SECRETS:
            assert secret not in body, (address, secret)
        if address == listed and shown:
            assert shown in body
            assert "1 application was handed in" in body


def test_conflicted_officer_meets_closed_doors_everywhere(closed: Closed) -> None:
    officer = make_judge("Olga", organisation=closed.former_name)
    close_call(closed.call)
    client = client_for(officer.user)
    refuses(client, closed, shown=OTHER)
    key, handed = closed.call.key, closed.hidden.submissions.latest("pk")
    document = closed.hidden.documents.earliest("pk")
    for name, more in (
        ("show_submission", (handed.pk,)),
        ("download_submitted", (handed.pk, document.pk)),
    ):
        address = reverse(f"competitions:{name}", args=[key, *more])
        assert client.get(address).status_code == 404, name
    page = body_of(client.get(reverse("competitions:list_conflicts", args=[key])))
    assert "the application is withheld from you" in page
    assert "Employer on the team" in page
    items = client.get(f"/api/v1/opportunities/{key}/submissions").json()["items"]
    assert [one["title"] for one in items] == [OTHER]


def test_nothing_changes_for_a_colleague_without_a_conflict(closed: Closed) -> None:
    colleague = client_for(make_judge("Colleague").user)
    make_judge("Olga", organisation=closed.former_name)
    close_call(closed.call)
    key = closed.call.key
    listed = body_of(colleague.get(reverse("competitions:list_submissions", args=[key])))
    assert "2 applications were handed in" in listed
    assert "Zylinderkopf" in listed
    page = body_of(colleague.get(reverse("competitions:list_conflicts", args=[key])))
    assert "1 conflict of interest waits" in page
    assert "withheld from you" not in page


def test_officer_on_a_team_reads_nothing_of_it_by_their_role(closed: Closed) -> None:
    officer = make_judge("Olga")
    officer.person.delete()
    invited = TeamRow("Olga", rules.TeamRole.READER, officer.user.email)
    member = services.invite_to_team(closed.lead.actor, closed.hidden, invited, now=NOW)
    TeamMember.objects.filter(pk=member.pk).update(user=officer.user, joined_at=NOW)
    call = close_call(closed.call)
    seen = queries.submissions_visible_to(officer.actor, call)
    assert [one.application for one in seen] == [closed.other]


def test_waiver_opens_the_doors_again(closed: Closed) -> None:
    officer = make_judge("Olga", organisation=closed.former_name)
    close_call(closed.call)
    services.decide_conflict(
        make_judge("Colleague").actor,
        Conflict.objects.get(person=officer.person),
        "waiver",
        reason="A small share",
        now=NOW,
    )
    handed = closed.hidden.submissions.latest("pk")
    address = reverse("competitions:show_submission", args=[closed.call.key, handed.pk])
    assert client_for(officer.user).get(address).status_code == 200


def test_conflicted_manager_of_the_institute_meets_closed_doors(closed: Closed) -> None:
    institute = make_institute("forge")
    call = make_call(institute)
    lead = make_applicant("Zacharias II", "Zinkwerke")
    make_agreement(lead.organisation, institute)
    manager = make_judge("Max", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "forge")
    institute.lead = lead.organisation
    institute.save(update_fields=["lead"])
    member = replace(lead.actor, institute_keys=frozenset({"forge"}))
    made = services.start_application(member, call, lead.organisation, title="Zinkguss", now=NOW)
    services.check_conflicts(SYSTEM, call, now=NOW)
    assert queries.is_closed(manager.person.pk, made.pk)
    refuses(client_for(manager.user), closed)


@pytest.mark.parametrize("over", [False, True])
def test_rival_reviewer_and_plain_member_read_nothing(closed: Closed, *, over: bool) -> None:
    reviewer = make_judge("Rita Reviewer", Role.REVIEWER)
    services.watch_people(SYSTEM, closed.call, [reviewer.person], now=NOW)
    make_grant(
        closed.brass.user, Role.MEMBER, ScopeKind.ORGANISATION, str(closed.brass.organisation.pk)
    )
    if over:
        close_call(closed.call)
    for user in (reviewer.user, closed.brass.user):
        refuses(client_for(user), closed)
    refuses(Client(), closed)


def test_officer_reads_nothing_before_the_stage_is_over(closed: Closed) -> None:
    officer = make_judge("Olga")
    refuses(client_for(officer.user), closed)


def test_partner_without_shares_reads_no_conflict_and_no_wish(closed: Closed) -> None:
    partner = make_applicant("Pia Partner", "Pewter Works")
    call = make_open(template="four_stage", agencies=("DOC",))
    made = make_application(call, closed.lead, title="Another")
    row = PartnerRow(organisation_id=partner.organisation.pk)
    services.add_partner(closed.lead.actor, made, row, now=NOW)
    invited = TeamRow("Pia", rules.TeamRole.READER, partner.user.email, partner.organisation.pk)
    member = services.invite_to_team(closed.lead.actor, made, invited, now=NOW)
    services.join_team(partner.actor, member, now=NOW)
    services.name_unwanted_reviewer(
        closed.lead.actor, made, UnwantedRow("Ulla Unwanted", "x"), now=NOW
    )
    client = client_for(partner.user)
    assert "Ulla Unwanted" not in body_of(client.get(made.get_absolute_url()))
    for name in ("list_conflicts", "list_conflict_subjects", "declare_conflict"):
        address = reverse(f"competitions:{name}", args=[call.key])
        assert client.get(address).status_code == 404, name


# -------------------------------------------------------------------------------- the audit trail


def events_on(actor: Any, application: Application) -> list[str]:
    rows = events_visible_to(actor).filter(
        subject_type="competitions.application", subject_id=str(application.pk)
    )
    return list(rows.values_list("verb", flat=True))


def test_trail_tells_of_an_application_once_the_stage_is_over_and_never_to_the_conflicted(
    closed: Closed,
) -> None:
    officer = make_judge("Olga", organisation=closed.former_name)
    colleague = make_judge("Colleague")
    assert events_on(officer.actor, closed.hidden) == []
    assert events_on(colleague.actor, closed.hidden) == []
    assert "submit_application" in events_on(closed.lead.actor, closed.hidden)
    close_call(closed.call)
    assert "submit_application" in events_on(colleague.actor, closed.hidden)
    assert "submit_application" in events_on(officer.actor, closed.other)
    assert events_on(officer.actor, closed.hidden) == []
    assert "submit_application" in events_on(SYSTEM, closed.hidden)


def test_trail_of_a_later_call_is_sealed_with_it() -> None:
    call = make_open(agencies=("DOC",))  # two steps
    ada = make_applicant()
    made = make_handed_in(call, ada)
    colleague = make_judge("Colleague")
    close_call(call)
    assert "submit_application" in events_on(colleague.actor, made)
    services.call_applications(SYSTEM, call, now=let_on(call))
    assert events_on(colleague.actor, made) == []


def test_staff_on_a_team_reads_what_its_applicants_did_and_not_how_it_is_judged(
    closed: Closed,
) -> None:
    make_grant(closed.lead.user, Role.PROGRAMME_OFFICER)
    staff = make_actor(Role.PROGRAMME_OFFICER, user_id=closed.lead.user.pk)
    judge = make_judge("Judge", None)
    services.watch_people(SYSTEM, closed.call, [judge.person], now=NOW)
    call = close_call(closed.call)
    over = after_deadline(call)
    for one in (closed.hidden, closed.other):
        services.declare_conflict(
            SYSTEM, one, kind="financial", evidence="Shares", person=judge.person, now=over
        )
    colleague = make_judge("Colleague")
    assert "declare_conflict" in events_on(colleague.actor, closed.hidden)
    assert "declare_conflict" in events_on(staff, closed.other)
    told = events_on(staff, closed.hidden)
    assert "submit_application" in told
    assert "declare_conflict" not in told
    assert not Conflict.objects.filter(person__user=closed.lead.user).exists()
    for rows, path in (
        (queries.submissions_visible_to(staff, call), "application"),
        (queries.open_to(staff, queries.applications_checked(call), "pk"), "pk"),
    ):
        assert list(rows.values_list(path, flat=True)) == [closed.other.pk]


def test_trail_tells_of_no_sealed_file_but_to_who_stored_it(closed: Closed) -> None:
    colleague = make_judge("Colleague")
    close_call(closed.call)
    stored = {"verb": "store_file", "subject_type": "files.storedfile"}
    assert (
        not events_visible_to(colleague.actor)
        .filter(**stored, agency="")
        .filter(actor_user_id=closed.lead.user.pk)
    )
    assert events_visible_to(closed.lead.actor).filter(**stored).exists()
    assert AuditEvent.objects.filter(**stored).exists()


def test_own_events_stay_one_s_own_unless_the_application_is_closed(closed: Closed) -> None:
    officer = make_judge("Olga")
    close_call(closed.call)
    services.declare_conflict(officer.actor, closed.other, kind="other", evidence="x", now=NOW)
    assert events_on(officer.actor, closed.other) == []
    assert "declare_conflict" in events_on(make_judge("Colleague").actor, closed.other)
