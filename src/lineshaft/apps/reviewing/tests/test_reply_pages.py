"""Pages and API of remarks and replies, asked for by whom they are for and by whom they are not."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import ApplicationPartner, Competition, Stage
from lineshaft.apps.competitions.rules import TeamRole
from lineshaft.apps.competitions.tests.applicants import pdf_of
from lineshaft.apps.competitions.tests.factories import SYSTEM, make_open
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.apps.reviewing import rules, services
from lineshaft.apps.reviewing.models import (
    PanelSeat,
    RemarkRelease,
    Reply,
    ReplySubmission,
    StagePhase,
)
from lineshaft.apps.reviewing.tests.reviewed import (
    CONFIDENTIAL,
    REPLY,
    REVIEW,
    Clock,
    begin_replies,
    client_for,
    client_in,
    end_replies,
    join,
    make_in_review,
    make_proposal,
    make_review,
    make_seat,
    page,
    text_of,
)
from lineshaft.apps.reviewing.views.reading_sections import sections_of
from lineshaft.kernel.competitions import Blindness
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

WORD = "Zylinderkopf"
"""Stands in an application and what is said of it alone."""

NAME = "Rita Reviewer Zahnrad"
"""Of the reviewer."""


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    settings.CACHE_DIR = tmp_path / "cache"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def officer() -> Client:
    return client_in(Role.PROGRAMME_OFFICER)


@pytest.fixture
def call() -> Competition:
    return make_in_review()


class Replied:
    """A competition in its stage of reply; Ada leads the team of its application."""

    def __init__(self, clock: Clock) -> None:
        self.call = make_in_review()
        self.seat: PanelSeat = make_seat(self.call.stages.get(number=REVIEW), NAME)
        self.user = make_user("Ada")
        self.made = make_proposal(self.call, WORD, leader=self.user)
        self.ada = client_for(self.user)
        make_review(self.seat, self.made, weaknesses=f"{WORD} is thin.")
        self.clock = clock
        clock.now = begin_replies(self.call)

    def release(self) -> None:
        services.release_remarks(SYSTEM, self.call, now=self.clock.now)

    def address(self, name: str) -> str:
        return reverse(f"reviewing:{name}", args=[self.made.pk])

    def hand_in(self) -> ReplySubmission:
        self.ada.post(self.address("write_reply"), {"seen": 0, "text-0": f"{WORD} is thick."})
        content = SimpleUploadedFile(f"{WORD}.pdf", pdf_of(1).read())
        self.ada.post(self.address("attach_reply_document"), {"file": content})
        self.ada.post(self.address("submit_reply"))
        return ReplySubmission.objects.get()

    def over(self) -> None:
        self.clock.now = end_replies(self.call)

    @property
    def reviewer(self) -> Client:
        user = self.seat.reviewer.person.user
        assert user is not None
        return client_for(user)


@pytest.fixture
def one(server_clock: Clock) -> Replied:
    return Replied(server_clock)


def test_officer_releases_from_the_page_and_sees_to_whom(one: Replied, officer: Client) -> None:
    assert "Remarks are released to 0 of 1 applications" in page(
        officer, "list_replies", one.call.key
    )
    done = officer.post(reverse("reviewing:release_remarks", args=[one.call.key]), follow=True)
    shown = done.content.decode()
    assert "The remarks on 1 application are released" in shown
    assert "Remarks are released to 1 of 1 applications" in shown
    assert "Sealed" in shown
    again = officer.post(reverse("reviewing:release_remarks", args=[one.call.key]))
    assert again.status_code == 409


def test_before_and_without_a_stage_of_reply_the_page_says_so(
    officer: Client, call: Competition
) -> None:
    assert "No stage of reply has begun" in page(officer, "list_replies", call.key)
    other = make_open(template="four_stage", agencies=("DOC",))
    assert "asks applicants for a reply" in page(officer, "list_replies", other.key)


def test_team_reads_remarks_without_names_or_notes(one: Replied) -> None:
    empty = one.ada.get(one.address("show_remarks")).content.decode()
    assert "No remarks were released" in empty
    assert f"{WORD} is thin." not in empty
    one.release()
    shown = one.ada.get(one.address("show_remarks")).content.decode()
    assert f"{WORD} is thin." in shown
    assert "Check and hand in" in shown
    for hidden in (CONFIDENTIAL, NAME, "Zahnrad"):
        assert hidden not in shown
        assert hidden not in one.ada.get(one.address("write_reply")).content.decode()
        api = one.ada.get(f"/api/v1/competition-applications/{one.made.pk}/remarks")
        assert hidden not in api.content.decode()
    assert one.address("show_remarks") in one.ada.get(one.made.get_absolute_url()).content.decode()


def test_reply_is_written_saves_itself_and_is_handed_in(one: Replied) -> None:
    one.release()
    address = one.address("write_reply")
    typed = {"seen": 0, "text-0": "Thank you.", "text-1": "It is thick."}
    saved = one.ada.post(address, typed, headers={"HX-Request": "true"})
    assert "Saved at" in saved.content.decode()
    assert "The reply has 5 words" in saved.content.decode()
    assert 'value="1"' in saved.content.decode()
    long = one.ada.post(
        address, {"seen": 1, "text-0": "x" * 20_001}, headers={"HX-Request": "true"}
    )
    assert "Not saved." in long.content.decode()
    assert long.status_code == 422
    done = one.ada.post(address, {**typed, "seen": 1, "text-1": "Thicker."}, follow=True)
    assert "Hand it in before the deadline." in done.content.decode()
    assert Reply.objects.get().texts == {"0": "Thank you.", "1": "Thicker."}
    checked = one.ada.get(one.address("submit_reply")).content.decode()
    assert "of at most 3 pages" in checked
    handed = one.ada.post(one.address("submit_reply"), follow=True).content.decode()
    assert "The reply is handed in as version 1." in handed
    assert "Replies handed in, the latest first" in handed


def test_stale_writing_in_another_hand_is_kept_and_said(one: Replied) -> None:
    one.release()
    bob = make_user("Bob")
    actor = join(one.made, bob, TeamRole.EDITOR)
    services.write_reply(actor, one.made, {0: "Mine"}, now=one.clock.now)
    response = one.ada.post(one.address("write_reply"), {"seen": 0, "text-0": "Ada's"})
    assert response.status_code == 409
    assert "Ada&#x27;s" in response.content.decode()


def test_who_only_reads_writes_nothing_and_before_the_release_nobody_does(one: Replied) -> None:
    assert one.ada.get(one.address("write_reply")).status_code == 404
    one.release()
    reader = make_user("Rex")
    join(one.made, reader, TeamRole.READER)
    client = client_for(reader)
    assert "Write the reply" not in client.get(one.address("show_remarks")).content.decode()
    assert client.get(one.address("write_reply")).status_code == 403
    assert client.get(one.address("submit_reply")).status_code == 403


def test_a_reply_without_a_limit_says_so(one: Replied) -> None:
    one.release()
    one.call.stages.filter(number=REPLY).update(page_limit=None)
    form = one.ada.get(one.address("write_reply")).content.decode()
    assert "The length of a reply is not limited." in form
    shown = one.ada.get(one.address("show_remarks")).content.decode()
    assert "The reply has 0 words and takes 0 pages." in shown


def test_document_is_attached_opened_and_taken_off(one: Replied) -> None:
    one.release()
    assert "at most 3 pages" in one.ada.get(one.address("attach_reply_document")).content.decode()
    assert one.ada.get(one.address("download_reply_document")).status_code == 404
    long = SimpleUploadedFile("long.pdf", pdf_of(4).read())
    refused = one.ada.post(one.address("attach_reply_document"), {"file": long})
    assert refused.status_code == 409
    content = SimpleUploadedFile("reply.pdf", pdf_of(1).read())
    one.ada.post(one.address("attach_reply_document"), {"file": content})
    assert "reply.pdf" in one.ada.get(one.address("show_remarks")).content.decode()
    opened = one.ada.get(one.address("download_reply_document"))
    assert text_of(opened).startswith("%PDF")
    one.ada.post(one.address("remove_reply_document"))
    assert one.ada.get(one.address("download_reply_document")).status_code == 404


def test_late_reply_is_refused_on_the_page_with_the_deadline(one: Replied) -> None:
    one.release()
    one.ada.post(one.address("write_reply"), {"seen": 0, "text-0": "Thank you."})
    ends_at = one.call.stages.get(number=REPLY).ends_at
    assert ends_at is not None
    one.clock.now = ends_at
    response = one.ada.post(one.address("submit_reply"))
    assert response.status_code == 409
    assert f"{ends_at:%Y-%m-%d %H:%M} UTC" in response.content.decode()
    assert "was open until" in one.ada.get(one.address("show_remarks")).content.decode()


def test_double_blind_reviewer_reads_a_reply_without_names_and_without_its_document(
    one: Replied,
) -> None:
    Stage.objects.filter(pk=one.seat.stage_id).update(blindness=Blindness.DOUBLE)
    one.release()
    firm = one.made.lead.name
    one.ada.post(one.address("write_reply"), {"seen": 0, "text-0": f"{firm} has made it thick."})
    content = SimpleUploadedFile("reply.pdf", pdf_of(1).read())
    one.ada.post(one.address("attach_reply_document"), {"file": content})
    one.ada.post(one.address("submit_reply"))
    made = ReplySubmission.objects.get()
    one.over()
    assignment = one.made.assignments.get()
    read = one.reviewer.get(reverse("reviewing:read_reply", args=[assignment.pk]))
    told = read.content.decode()
    assert "has made it thick." in told
    assert "which is withheld" in told
    assert firm not in told
    own = reverse("reviewing:download_reply_read", args=[assignment.pk, made.pk])
    assert own not in told
    assert one.reviewer.get(own).status_code == 404
    (section,) = sections_of(assignment)
    assert "which is withheld" in section.lines[-1]


def test_after_a_withdrawal_nothing_is_offered(one: Replied) -> None:
    one.release()
    competitions.withdraw_from_competition(SYSTEM, one.made, why="Enough", now=one.clock.now)
    shown = one.ada.get(one.address("show_remarks")).content.decode()
    assert "nothing is said for it" in shown
    assert "Check and hand in" not in shown


def test_reply_is_read_once_it_is_over_by_officer_and_reviewer(
    one: Replied, officer: Client
) -> None:
    one.release()
    made = one.hand_in()
    assignment = one.made.assignments.get()
    read = reverse("reviewing:read_reply", args=[assignment.pk])
    shown = reverse("reviewing:show_reply", args=[one.call.key, made.pk])
    document = reverse("reviewing:download_reply", args=[one.call.key, made.pk])
    own = reverse("reviewing:download_reply_read", args=[assignment.pk, made.pk])
    assert officer.get(shown).status_code == officer.get(document).status_code == 404
    assert one.reviewer.get(own).status_code == 404
    assert f"{WORD} is thick." not in one.reviewer.get(read).content.decode()
    assert f"{WORD} is thick." not in page(officer, "list_replies", one.call.key)
    one.over()
    assert shown in page(officer, "list_replies", one.call.key)
    assert f"{WORD} is thick." in officer.get(shown).content.decode()
    assert text_of(officer.get(document)).startswith("%PDF")
    told = one.reviewer.get(read).content.decode()
    assert f"{WORD} is thick." in told
    assert "Ada" not in told
    opened = one.reviewer.get(own)
    assert opened["Content-Disposition"] == 'attachment; filename="reply.pdf"'
    assert text_of(opened).startswith("%PDF")
    listed = officer.get(f"/api/v1/opportunities/{one.call.key}/replies").json()
    assert [row["texts"] for row in listed["items"]] == [
        [{"number": 0, "text": f"{WORD} is thick."}]
    ]


def test_reply_stands_among_what_a_reviewer_reads_once_it_is_over(one: Replied) -> None:
    one.release()
    one.ada.post(one.address("write_reply"), {"seen": 0, "text-0": "Thanks.", "text-1": "Thick."})
    one.ada.post(one.address("submit_reply"))
    assignment = one.made.assignments.get()
    assert sections_of(assignment) == []
    one.over()
    (section,) = sections_of(assignment)
    assert section.lines[0] == "Thanks."
    assert section.lines[1].endswith(": Thick.")


def test_reply_by_document_alone_says_so_among_what_a_reviewer_reads(one: Replied) -> None:
    one.release()
    content = SimpleUploadedFile("reply.pdf", pdf_of(1).read())
    one.ada.post(one.address("attach_reply_document"), {"file": content})
    one.ada.post(one.address("submit_reply"))
    one.over()
    own = one.made.assignments.get()
    (section,) = sections_of(own)
    page = reverse("reviewing:read_application", args=[own.pk])
    assert f'href="{section.url}"' in one.reviewer.get(page).content.decode()
    reply = one.reviewer.get(section.url).content.decode()
    assert "The reply as a PDF" in reply
    assert f'href="{page}"' in reply
    assert section.lines == ("The reply has a document, which its own page opens.",)


def replied_by_two(one: Replied) -> tuple[str, str]:
    """What the first of two reviewers reads on the page of a reply, and on that of the application;
    the second has found it too loud.
    """
    loud = make_seat(one.seat.stage)
    make_review(loud, one.made, weaknesses="It is too loud.")
    one.release()
    (release,) = RemarkRelease.objects.all()
    first = {row["number"]: row["weaknesses"] == "It is too loud." for row in release.remarks}
    texts = {f"text-{number}": f"To {number}." for number, is_loud in first.items() if is_loud}
    one.ada.post(one.address("write_reply"), {"seen": 0, **texts})
    one.ada.post(one.address("submit_reply"))
    one.over()
    own = one.seat.assignments.get()
    pages = [
        one.reviewer.get(reverse(f"reviewing:{name}", args=[own.pk])).content.decode()
        for name in ("read_reply", "read_application")
    ]
    assert all(text in page for text in texts.values() for page in pages)
    return pages[0], pages[1]


def test_beside_a_reply_reviewers_read_no_review_of_others_that_was_never_discussed(
    one: Replied,
) -> None:
    reply, application = replied_by_two(one)
    assert f"{WORD} is thin." in reply
    assert "reviewer 1" not in reply + application
    assert "reviewer 2" not in reply + application
    assert "It is too loud." not in reply + application


def test_beside_a_reply_reviewers_read_what_others_said_in_the_discussion(one: Replied) -> None:
    now = one.clock.now
    StagePhase.objects.create(
        stage=one.seat.stage, phase=rules.Phase.CLOSED, discussed_at=now, closed_at=now
    )
    reply, application = replied_by_two(one)
    assert f"{WORD} is thin." in reply
    assert "It is too loud." in reply
    assert "reviewer 2" in reply
    assert ": To " in application


def test_reply_without_a_document_has_none_to_open(one: Replied, officer: Client) -> None:
    one.release()
    one.ada.post(one.address("write_reply"), {"seen": 0, "text-0": "Thank you."})
    one.ada.post(one.address("submit_reply"))
    silent = make_proposal(one.call, "Silent")
    one.over()
    made = ReplySubmission.objects.get()
    document = reverse("reviewing:download_reply", args=[one.call.key, made.pk])
    assert officer.get(document).status_code == 404
    assert "Silent" in page(officer, "list_replies", one.call.key)
    assert silent.replies.count() == 0


def test_reply_goes_over_the_api(one: Replied, officer: Client) -> None:
    released = officer.post(
        f"/api/v1/opportunities/{one.call.key}/remarks/release", content_type="application/json"
    )
    assert released.json() == {"released": 1}
    base = f"/api/v1/competition-applications/{one.made.pk}"
    written = one.ada.post(
        f"{base}/reply",
        {"texts": [{"number": 0, "text": "Thank you."}], "seen": 0},
        content_type="application/json",
    ).json()
    assert (written["revision"], written["texts"]) == (1, [{"number": 0, "text": "Thank you."}])
    handed = one.ada.post(f"{base}/reply/submit", content_type="application/json").json()
    assert (handed["version"], handed["stage"], handed["has_document"]) == (1, REPLY, False)


def test_remarks_before_a_stage_of_reply_are_none_over_the_api(call: Competition) -> None:
    user = make_user("Ada")
    made = make_proposal(call, leader=user)
    found = client_for(user).get(f"/api/v1/competition-applications/{made.pk}/remarks").json()
    assert (found["stage"], found["remarks"], found["texts"]) == (None, [], [])
    assert "has come to no stage" in page(client_for(user), "show_remarks", made.pk)


def strangers(one: Replied) -> dict[str, Client]:
    """Who is to find nothing: each could learn from it."""
    rival, partner, outside = make_user("Rob"), make_user("Bea"), make_user("Zoe")
    make_proposal(one.call, "Rival", leader=rival)
    brass = make_organisation("Brass Works")
    ApplicationPartner.objects.create(
        application=one.made, organisation=brass, shares=["need", "budget"]
    )
    join(one.made, partner, TeamRole.READER, organisation=brass)
    unassigned = make_seat(one.seat.stage).reviewer.person.user
    assert unassigned is not None
    return {
        "rival": client_for(rival),
        "partner without shares": client_for(partner),
        "unassigned reviewer": client_for(unassigned),
        "institute manager": client_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"),
        "other agency": client_in(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
        "member": client_for(outside),
    }


def test_nobody_else_gets_through_any_door(one: Replied) -> None:
    """Each address is asked when everything is there to leak."""
    one.release()
    made = one.hand_in()
    one.over()
    assignment = one.made.assignments.get()
    key, pk = one.call.key, one.made.pk
    of_competition: dict[str, list[object]] = {
        "show_ranking": [key],
        "export_ranking": [key, REVIEW, "csv"],
        "list_severities": [key, REVIEW],
        "show_ranked": [key, REVIEW, one.made.number],
        "list_replies": [key],
        "show_reply": [key, made.pk],
        "download_reply": [key, made.pk],
        "read_reply": [assignment.pk],
        "download_reply_read": [assignment.pk, made.pk],
    }
    of_team = ("show_remarks", "write_reply", "submit_reply", "attach_reply_document")
    of_competition |= {name: [pk] for name in (*of_team, "download_reply_document")}
    addresses = [reverse(f"reviewing:{name}", args=args) for name, args in of_competition.items()]
    addresses += [
        f"/api/v1/opportunities/{key}/stages/{REVIEW}/ranking",
        f"/api/v1/opportunities/{key}/replies",
        f"/api/v1/competition-applications/{pk}/remarks",
    ]
    through = {}
    for who, client in strangers(one).items():
        for address in addresses:
            response = client.get(address)
            if response.status_code != 404 or WORD in text_of(response):
                through[who, address] = response.status_code
    assert through == {}
    writes = [reverse("reviewing:release_remarks", args=[key])]
    writes += [one.address("remove_reply_document"), one.address("submit_reply")]
    for who, client in strangers(one).items():
        for address in writes:
            if client.post(address).status_code not in {403, 404}:
                through[who, address] = 0
    assert through == {}


def test_team_finds_its_own_pages_and_none_of_the_officers(one: Replied) -> None:
    one.release()
    made = one.hand_in()
    one.over()
    assert WORD in text_of(one.ada.get(one.address("show_remarks")))
    assert text_of(one.ada.get(one.address("download_reply_document"))).startswith("%PDF")
    key = one.call.key
    for address in (
        reverse("reviewing:show_ranking", args=[key]),
        reverse("reviewing:show_reply", args=[key, made.pk]),
        reverse("reviewing:read_reply", args=[one.made.assignments.get().pk]),
        f"/api/v1/opportunities/{key}/replies",
    ):
        assert one.ada.get(address).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_list_of_replies_do_not_grow(
    rows: int,
    one: Replied,
    officer: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows - 1):
        make_review(one.seat, make_proposal(one.call, f"Plan {number}"))
    one.release()
    one.hand_in()
    one.over()
    address = reverse("reviewing:list_replies", args=[one.call.key])
    officer.get(address)
    with django_assert_num_queries(13):
        officer.get(address)
