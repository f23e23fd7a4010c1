"""Releasing remarks and replying: who is told what; what is late, too long, sealed; versions."""

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationPartner,
    Competition,
)
from lineshaft.apps.competitions.rules import PARTS, TeamRole
from lineshaft.apps.competitions.tests.applicants import pdf_of
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, after_deadline, make_draft
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import PanelSeat, RemarkRelease, Reply, ReplySubmission
from lineshaft.apps.reviewing.tests.reviewed import (
    CONCEPT_REVIEW,
    CONFIDENTIAL,
    REPLY,
    REVIEW,
    begin_replies,
    end_replies,
    join,
    make_in_review,
    make_proposal,
    make_review,
    make_seat,
    reviewer_actor,
)
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


class Replying:
    """A competition in its stage of reply, with one application, reviewed by one."""

    def __init__(self) -> None:
        self.call: Competition = make_in_review()
        self.seat: PanelSeat = make_seat(self.call.stages.get(number=REVIEW))
        self.made: Application = make_proposal(self.call)
        self.ada: Actor = join(self.made, make_user("Ada"))
        make_review(self.seat, self.made)
        self.now: datetime = begin_replies(self.call)

    def release(self) -> int:
        return services.release_remarks(SYSTEM, self.call, now=self.now)

    def write(self, text: str, number: int = rules.WHOLE, actor: Actor | None = None) -> Reply:
        return services.write_reply(actor or self.ada, self.made, {number: text}, now=self.now)

    def submit(self, *, now: datetime | None = None) -> ReplySubmission:
        return services.submit_reply(self.ada, self.made, now=now or self.now)

    def refused(self, code: str) -> None:
        """Handing in is refused so."""
        with pytest.raises(Refused) as caught:
            self.submit()
        assert caught.value.code == code


@pytest.fixture
def one() -> Replying:
    return Replying()


@pytest.fixture
def told(one: Replying) -> Replying:
    one.release()
    return one


# ------------------------------------------------------------------------------------- releasing


def test_remarks_are_released_numbered_without_name_or_confidential_note(one: Replying) -> None:
    other = make_seat(one.seat.stage, "Ruth Reader")
    make_review(other, one.made, weaknesses="")
    assert one.release() == 1
    (release,) = RemarkRelease.objects.all()
    stage = one.seat.stage
    assert (release.application, release.stage.number) == (one.made, REPLY)
    assert [row["number"] for row in release.remarks] == list(range(1, len(release.remarks) + 1))
    assert len(release.remarks) == 2 * stage.criteria.count()
    assert {row["reviewer"] for row in release.remarks} == {1, 2}
    assert set(release.remarks[0]) == {
        *("number", "reviewer", "criterion", "criterion_zh", "strengths", "weaknesses")
    }
    whole = str(release.remarks)
    assert CONFIDENTIAL not in whole
    for seat in (one.seat, other):
        assert seat.reviewer.person.name not in whole


def test_each_team_is_told_once_and_no_mail_holds_what_was_said(one: Replying) -> None:
    reader = make_user("Rex")
    join(one.made, reader, TeamRole.READER)
    silent = join(one.made, make_user("Bea"), TeamRole.READER, organisation=make_organisation())
    assert silent.user_id is not None
    one.release()
    messages = OutboxMessage.objects.filter(about_id=str(one.made.pk))
    assert {one.recipient for one in messages} == {
        member.email for member in one.made.team.all() if member.organisation == one.made.lead
    }
    assert all(message.is_sealed for message in messages)
    assert "It is thin." not in "".join(f"{one.subject}{one.body}" for one in messages)
    assert f"/opportunities/applications/{one.made.pk}/remarks/" in messages[0].body
    with pytest.raises(Refused) as caught:
        one.release()
    assert caught.value.code == "nothing_to_release"
    assert OutboxMessage.objects.filter(about_id=str(one.made.pk)).count() == 2


def test_what_is_reviewed_later_is_released_later(told: Replying) -> None:
    second = make_proposal(told.call, "Second")
    make_review(told.seat, second)
    assert told.release() == 1
    assert set(RemarkRelease.objects.values_list("application", flat=True)) == {
        *(told.made.pk, second.pk)
    }


def test_without_a_word_or_once_withdrawn_nothing_is_released(one: Replying) -> None:
    unread, gone = make_proposal(one.call, "Unread"), make_proposal(one.call, "Gone")
    make_review(one.seat, gone)
    competitions.withdraw_from_competition(SYSTEM, gone, why="Enough", now=one.now)
    assert one.release() == 1
    assert not RemarkRelease.objects.filter(application__in=[unread, gone]).exists()


def test_demonstration_sends_no_mail_and_nobody_without_address_gets_one(one: Replying) -> None:
    Application.objects.filter(pk=one.made.pk).update(is_demonstration=True)
    one.release()
    assert not OutboxMessage.objects.filter(about_id=str(one.made.pk)).exists()


def test_before_and_after_the_stage_nothing_is_released(programme_officer: Actor) -> None:
    call = make_in_review()
    with pytest.raises(Refused) as caught:
        services.release_remarks(programme_officer, call, now=after_deadline(call, REVIEW))
    assert caught.value.code == "no_reply_open"
    begin_replies(call)
    with pytest.raises(Refused) as caught:
        services.release_remarks(programme_officer, call, now=after_deadline(call, REPLY))
    assert caught.value.code == "too_late"


@pytest.mark.parametrize(
    ("who", "error"), [("institute_manager", NotPermitted), ("learner", NotPermitted)]
)
def test_only_who_runs_the_competition_releases(
    who: str, error: type[Exception], one: Replying, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(error):
        services.release_remarks(request.getfixturevalue(who), one.call, now=one.now)


def test_a_competition_that_one_may_not_see_is_not_found(public: Actor) -> None:
    with pytest.raises(NotFound):
        services.release_remarks(public, make_draft(), now=NOW)


@pytest.mark.database
def test_what_was_released_never_changes(told: Replying) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        RemarkRelease.objects.update(remarks=[])


@pytest.mark.parametrize("rows", [1, 3])
def test_remarks_are_released_in_as_many_queries_for_any_number(
    rows: int, one: Replying, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows - 1):
        make_review(one.seat, make_proposal(one.call, f"Plan {number}"))
    with django_assert_num_queries(18):
        assert one.release() == rows


# --------------------------------------------------------------------------------------- writing


def test_texts_are_written_by_number_and_others_stay(told: Replying) -> None:
    told.write("We  \nthank you. ")
    row = told.write("It is thick.", 2)
    assert row.texts == {"0": "We\nthank you.", "2": "It is thick."}
    assert (row.revision, row.changed_by) == (2, "Ada")
    assert told.write("It is thick.", 2).revision == 2
    assert told.write("", 0).texts == {"2": "It is thick."}


def test_own_window_may_be_behind_and_somebody_elses_writing_is_stale(told: Replying) -> None:
    bob = join(told.made, make_user("Bob"), TeamRole.EDITOR)
    told.write("One")
    seen = told.write("Two").revision - 1
    services.write_reply(told.ada, told.made, {0: "Three"}, seen=seen, now=told.now)
    told.write("Four", actor=bob)
    for behind in (3, 1):
        with pytest.raises(Stale):
            services.write_reply(told.ada, told.made, {0: "Five"}, seen=behind, now=told.now)
    done = services.write_reply(told.ada, told.made, {0: "Five"}, seen=4, now=told.now)
    assert done.texts == {"0": "Five"}


@pytest.mark.parametrize(
    ("number", "text", "field"),
    [
        pytest.param(99, "What?", "text-99", id="no such remark"),
        pytest.param(0, "x" * (rules.REPLY_MAX + 1), "text-0", id="too long to store"),
    ],
)
def test_faults_of_texts_name_their_field(
    number: int, text: str, field: str, told: Replying
) -> None:
    with pytest.raises(Invalid) as caught:
        told.write(text, number)
    assert [fault.field for fault in caught.value.errors] == [field]


def test_who_reads_or_sees_parts_writes_nothing(told: Replying) -> None:
    reader = join(told.made, make_user("Rex"), TeamRole.READER)
    with pytest.raises(NotPermitted):
        told.write("No", actor=reader)
    partner = make_organisation("Brass Works")
    ApplicationPartner.objects.create(application=told.made, organisation=partner, shares=["need"])
    bea = join(told.made, make_user("Bea"), TeamRole.EDITOR, organisation=partner)
    with pytest.raises(NotFound):
        told.write("No", actor=bea)
    ApplicationPartner.objects.update(shares=list(PARTS))
    assert told.write("Yes", actor=bea).texts == {"0": "Yes"}


def test_a_stranger_and_a_rival_find_nothing(told: Replying) -> None:
    rival = join(make_proposal(told.call, "Rival"), make_user("Rob"))
    for actor in (rival, reviewer_actor(told.seat)):
        with pytest.raises(NotFound):
            told.write("No", actor=actor)
        with pytest.raises(NotFound):
            services.submit_reply(actor, told.made, now=told.now)


def test_nothing_is_replied_where_nothing_was_released(one: Replying) -> None:
    with pytest.raises(Refused) as caught:
        one.write("Early")
    assert caught.value.code == "no_remarks"


def test_a_withdrawn_application_replies_nothing(told: Replying) -> None:
    competitions.withdraw_from_competition(SYSTEM, told.made, why="Enough", now=told.now)
    with pytest.raises(Refused) as caught:
        told.write("Still here")
    assert caught.value.code == "application_withdrawn"


# ---------------------------------------------------------------------------------- the document


def attach(told: Replying, pages: int, name: str = "reply.pdf") -> Reply:
    return services.attach_reply_document(
        told.ada, told.made, pdf_of(pages), name=name, now=told.now
    )


def test_a_document_is_sealed_counted_replaced_and_taken_off(told: Replying) -> None:
    attach(told, 2)
    row = attach(told, 3, "again.pdf")
    assert (row.pages, row.file.name if row.file else "") == (3, "again.pdf")
    assert all(stored.is_sealed for stored in StoredFile.objects.filter(purpose="reply_document"))
    gone = services.remove_reply_document(told.ada, told.made, now=told.now)
    assert (gone.file, gone.pages) == (None, None)
    with pytest.raises(NotFound):
        services.remove_reply_document(told.ada, told.made, now=told.now)


def test_a_document_of_too_many_pages_leaves_nothing_behind(told: Replying) -> None:
    with pytest.raises(Refused) as caught:
        attach(told, 4)
    assert caught.value.code == "too_many_pages"
    assert not StoredFile.objects.filter(purpose="reply_document").exists()
    with pytest.raises(Refused) as caught:
        services.attach_reply_document(
            told.ada, told.made, io.BytesIO(b"Thank you."), name="reply.txt", now=told.now
        )
    assert caught.value.code == "not_counted"


# ------------------------------------------------------------------------------------ handing in


@pytest.mark.database
def test_a_reply_in_time_is_handed_in_as_it_stands_in_versions(told: Replying) -> None:
    told.write("Thank you.")
    first = told.submit()
    assert (first.number, first.is_late, first.content["texts"]) == (1, False, {"0": "Thank you."})
    told.refused("reply_unchanged")
    told.write("Thank you all.")
    attach(told, 1)
    second = told.submit()
    assert (second.number, second.content["document"]["pages"]) == (2, 1)
    assert second.file is not None
    assert ReplySubmission.objects.get(number=1).content["texts"] == {"0": "Thank you."}
    with pytest.raises(DatabaseError), transaction.atomic():
        ReplySubmission.objects.update(content={})


def test_an_empty_reply_is_refused_and_a_document_alone_is_taken(told: Replying) -> None:
    told.refused("reply_empty")
    attach(told, 1)
    assert told.submit().content["texts"] == {}


def test_words_and_pages_count_together(told: Replying) -> None:
    """The stage allows three pages."""
    attach(told, 2)
    told.write("word " * (rules.WORDS_A_PAGE + 1))
    with pytest.raises(Refused) as caught:
        told.submit()
    assert caught.value.code == "reply_too_long"
    assert "4 pages" in caught.value.as_text()
    told.write("word " * rules.WORDS_A_PAGE)
    assert told.submit().number == 1


def test_at_the_deadline_a_reply_is_late_and_is_told_the_deadline(told: Replying) -> None:
    told.write("Thank you.")
    ends_at = told.call.stages.get(number=REPLY).ends_at
    assert ends_at is not None
    with pytest.raises(Refused) as caught:
        told.submit(now=ends_at)
    assert caught.value.code == "too_late"
    assert f"{ends_at:%Y-%m-%d %H:%M} UTC" in caught.value.as_text()
    assert told.submit(now=ends_at - timedelta(seconds=1)).is_late is False


def test_minutes_of_grace_and_late_marks_follow_the_competition(told: Replying) -> None:
    told.write("Thank you.")
    ends_at = told.call.stages.get(number=REPLY).ends_at
    assert ends_at is not None
    Competition.objects.update(late_policy="grace", grace_minutes=10)
    with pytest.raises(Refused) as caught:
        told.submit(now=ends_at + timedelta(minutes=10))
    assert caught.value.code == "grace_over"
    assert told.submit(now=ends_at + timedelta(minutes=9)).is_late is True


def test_the_team_lead_alone_hands_in(told: Replying) -> None:
    bob = join(told.made, make_user("Bob"), TeamRole.EDITOR)
    told.write("Thank you.", actor=bob)
    with pytest.raises(NotPermitted):
        services.submit_reply(bob, told.made, now=told.now)


def test_outside_a_stage_of_reply_nothing_is_handed_in(told: Replying) -> None:
    told.write("Thank you.")
    end_replies(told.call)
    told.refused("no_reply_open")


def test_the_trail_names_who_and_no_content(told: Replying) -> None:
    told.write("Thank you.")
    made = told.submit()
    events = AuditEvent.objects.filter(subject_id=str(told.made.pk), verb__contains="reply")
    assert [(one.verb, one.actor_label) for one in events.order_by("pk")] == [
        ("write_reply", "Ada"),
        ("submit_reply", "Ada"),
    ]
    assert "Thank you." not in str([one.changes for one in events])
    assert made.digest in str([one.changes for one in events])


# ------------------------------------------------------------------------------------- who reads


def test_a_reply_is_sealed_until_its_stage_is_over(
    told: Replying, programme_officer: Actor
) -> None:
    told.write("Thank you.")
    made = told.submit()
    assert queries.replies_visible_to(programme_officer, told.call).count() == 0
    assert queries.reply_of(told.made, told.seat.stage) is None
    assignment = told.made.assignments.get()
    reviewer = reviewer_actor(told.seat)
    assert queries.reply_to_reviewer(reviewer, assignment.pk) == (assignment, None)
    end_replies(told.call)
    assert list(queries.replies_visible_to(programme_officer, told.call)) == [made]
    assert queries.reply_of(told.made, told.seat.stage) == made
    assert queries.reply_to_reviewer(reviewer, assignment.pk) == (assignment, made)


def test_reviewers_read_the_reply_to_the_remarks_of_their_own_stage_alone(told: Replying) -> None:
    """Who judged the concept papers is not told what is replied to those who judged proposals."""
    concept = make_seat(told.call.stages.get(number=CONCEPT_REVIEW))
    make_review(concept, told.made)
    told.write("Thank you.")
    made = told.submit()
    end_replies(told.call)
    own = concept.assignments.get()
    assert queries.reply_to_reviewer(reviewer_actor(concept), own.pk) == (own, None)
    for number in (CONCEPT_REVIEW, REPLY):
        assert queries.reply_of(told.made, told.call.stages.get(number=number)) is None
    assert queries.reply_of(told.made, told.seat.stage) == made


def test_nobody_else_reads_a_reply(told: Replying, institute_manager: Actor) -> None:
    told.write("Thank you.")
    made = told.submit()
    rival = make_proposal(told.call, "Rival")
    rob = join(rival, make_user("Rob"))
    unassigned = make_seat(told.seat.stage)
    end_replies(told.call)
    for actor in (rob, told.ada, institute_manager, reviewer_actor(unassigned)):
        assert queries.replies_visible_to(actor, told.call).count() == 0
        with pytest.raises(NotFound):
            queries.reply_by_id(actor, told.call, made.pk)
        with pytest.raises(NotFound):
            queries.reply_to_reviewer(actor, told.made.assignments.get().pk)


def test_withdrawn_and_cut_short_stay_unread(told: Replying, programme_officer: Actor) -> None:
    told.write("Thank you.")
    told.submit()
    competitions.cancel_competition(SYSTEM, told.call, why="No money.", now=told.now)
    assert queries.replies_visible_to(programme_officer, told.call).count() == 0
    ends_at = told.call.stages.get(number=REPLY).ends_at
    told.call.stages.filter(number=REPLY).update(ended_at=ends_at)
    assert queries.replies_visible_to(programme_officer, told.call).count() == 1
    Application.objects.update(state="withdrawn")
    assert queries.replies_visible_to(programme_officer, told.call).count() == 0


def test_a_reply_is_due_for_who_leads_until_it_is_handed_in(told: Replying, public: Actor) -> None:
    bob = join(told.made, make_user("Bob"), TeamRole.EDITOR)
    due = queries.replies_due(told.ada, now=told.now)
    assert [one.application for one in due] == [told.made]
    assert list(queries.replies_due(bob, now=told.now)) == []
    assert list(queries.replies_due(public, now=told.now)) == []
    assert list(queries.replies_due(told.ada, now=after_deadline(told.call, REPLY))) == []
    told.write("Thank you.")
    told.submit()
    assert list(queries.replies_due(told.ada, now=told.now)) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_replies_do_not_grow(
    rows: int,
    one: Replying,
    programme_officer: Actor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    others = [make_proposal(one.call, f"Plan {number}") for number in range(rows - 1)]
    leads = {one.made: one.ada}
    for application in others:
        make_review(one.seat, application)
        leads[application] = join(application, make_user("Lee"))
    one.release()
    for application, actor in leads.items():
        services.write_reply(actor, application, {0: "Thank you."}, now=one.now)
        services.submit_reply(actor, application, now=one.now)
    end_replies(one.call)
    with django_assert_num_queries(2):
        found = list(queries.replies_visible_to(programme_officer, one.call))
        assert [reply.reply.application.lead.name for reply in found]
        assert len(queries.releases_of(found)) == rows


# ----------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        pytest.param({("Need", "Clear.", ""), ("Team", "", "Thin.")}, {1, 3}, id="first"),
        pytest.param({("Need", "Clear.", "")}, {2}, id="second, who says less"),
        pytest.param({("Team", "", "Thin.")}, set(), id="a part of what one said"),
        pytest.param(set(), set(), id="nothing"),
    ],
)
def test_own_remarks_are_known_by_all_that_one_said(
    said: set[tuple[str, str, str]], numbers: set[int]
) -> None:
    rows = [(1, 1, "Need", "Clear.", ""), (2, 2, "Need", "Clear.", ""), (3, 1, "Team", "", "Thin.")]
    names = ("number", "reviewer", "criterion", "strengths", "weaknesses")
    released = [dict(zip(names, row, strict=True)) for row in rows]
    assert rules.own_remarks(released, said) == numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("We don't know 3.5 things, state-of-the-art.", 6, id="English"),
        pytest.param("我们会改。", 4, id="Chinese"),
        pytest.param("用CNC机床", 4, id="mixed"),
        pytest.param(" – … ", 0, id="signs"),
    ],
)
def test_words_are_counted(text: str, words: int) -> None:
    assert rules.words_of(text) == words


@pytest.mark.parametrize(
    ("words", "pdf", "most", "code"),
    [
        pytest.param(501, 0, None, None, id="no limit"),
        pytest.param(500, 0, 1, None, id="a page of words"),
        pytest.param(501, 0, 1, "reply_too_long", id="a word more"),
        pytest.param(1, 3, 3, "reply_too_long", id="a word beside a full document"),
        pytest.param(0, 3, 3, None, id="a full document"),
    ],
)
def test_length_of_a_reply(words: int, pdf: int, most: int | None, code: str | None) -> None:
    refusal = rules.refuse_long_reply(words, pdf, most)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("state", "kind", "is_open"),
    [
        ("in_review", StageKind.REPLY, True),
        ("in_review", StageKind.REVIEW, False),
        ("open", StageKind.REPLY, False),
        ("in_review", None, False),
    ],
)
def test_when_replies_are_taken(state: str, kind: StageKind | None, *, is_open: bool) -> None:
    assert (rules.refuse_reply_call(state, kind) is None) is is_open
