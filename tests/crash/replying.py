"""Of the verbs that are broken off: those of replies, on a competition of their own."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from pypdf import PdfWriter

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Submission
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.services import register_person
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Review, Reviewer, ReviewScore
from tests.crash.competing import TERMS
from tests.crash.scenarios import ACTOR, NOW

CODE: Final = "2022-5"
CALL, REVIEW, REPLY = 3, 4, 5


def _competition() -> Competition:
    return Competition.objects.get(code=CODE)


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _over(number: int) -> datetime:
    ends_at = _competition().stages.get(number=number).ends_at
    assert ends_at is not None
    return ends_at + timedelta(minutes=1)


def _now() -> datetime:
    """A moment in the stage of reply."""
    return _over(REVIEW) + timedelta(hours=1)


def _in_replies() -> None:
    """A proposal that was reviewed, and applicants who may reply."""
    proposal = competitions.CompetitionProposal(CODE, "institute", "concept_and_replies", TERMS)
    competitions.draft_competition(ACTOR, proposal, now=NOW)
    competitions.open_competition(ACTOR, _competition(), now=NOW)
    competitions.begin_review(ACTOR, _competition(), now=_over(1))
    competitions.call_applications(ACTOR, _competition(), now=_over(2))
    competitions.begin_review(ACTOR, _competition(), now=_over(CALL))
    stages = {one.number: one for one in _competition().stages.all()}
    made = Application.objects.create(
        competition=_competition(),
        number=1,
        title="Anvils",
        lead=Organisation.objects.get(name="Anvil Works 1"),
        state="submitted",
        begun_at=NOW,
        changed_at=NOW,
    )
    Submission.objects.create(
        application=made,
        stage=stages[CALL],
        number=1,
        content={"terms": {"title": "Anvils", "title_zh": ""}},
        digest="",
        submitted_at=NOW,
        submitted_by="crash",
    )
    person = register_person(ACTOR, "Rita Reviewer", now=NOW)
    reviewer = Reviewer.objects.create(
        person=person, sector="industry", added_at=NOW, added_by="crash"
    )
    seat = PanelSeat.objects.create(
        stage=stages[REVIEW], reviewer=reviewer, state="accepted", load_most=1, invited_at=NOW
    )
    assignment = Assignment.objects.create(
        seat=seat, application=made, origin="hand", made_at=NOW, made_by="crash"
    )
    review = Review.objects.create(
        assignment=assignment, state="submitted", changed_at=NOW, submitted_at=NOW
    )
    criterion = stages[REVIEW].criteria.get(number=1)
    ReviewScore.objects.create(review=review, criterion=criterion, score=3, strengths="Sound.")
    competitions.begin_review(ACTOR, _competition(), now=_over(REVIEW))


def _attach() -> object:
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(content)
    return reviewing.attach_reply_document(
        ACTOR, _application(), content, name="reply.pdf", now=_now()
    )


REPLYING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "reviewing.release_remarks": lambda: reviewing.release_remarks(
        ACTOR, _competition(), now=_now()
    ),
    "reviewing.write_reply": lambda: reviewing.write_reply(
        ACTOR, _application(), {0: "Thank you.", 1: "It is."}, now=_now()
    ),
    "reviewing.attach_reply_document": _attach,
    "reviewing.submit_reply": lambda: reviewing.submit_reply(ACTOR, _application(), now=_now()),
    "reviewing.remove_reply_document": lambda: reviewing.remove_reply_document(
        ACTOR, _application(), now=_now()
    ),
}

BEFORE_REPLYING: Final[dict[str, Callable[[], object]]] = {
    "reviewing.release_remarks": _in_replies,
}
"""What has to happen before."""
