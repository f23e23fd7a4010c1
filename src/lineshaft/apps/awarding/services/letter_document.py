"""What a decision letter and a debrief say, as documents for print.

Pure rendering: the same record, printed at the same moment, gives the same bytes. Nothing of
another application and nobody who reviewed is in it.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from lineshaft.apps.awarding.models import LETTER_LABELS, SelectionRecord
from lineshaft.apps.awarding.queries import score_ranges_of, stage_debriefed
from lineshaft.apps.awarding.rules import LetterKind
from lineshaft.apps.competitions.models import (
    OUTCOME_LABELS,
    Application,
    Competition,
    Stage,
    Submission,
)
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.services import day_in, title_in
from lineshaft.apps.reviewing.queries import review_remarks_of
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "awarding" / "letter.typ"


def render_letter(
    record: SelectionRecord,
    submission: Submission,
    kind: LetterKind,
    *,
    printed_at: datetime,
) -> bytes:
    """The letter of that kind as PDF, in the language that is chosen."""
    return print_document(
        TEMPLATE, "letter", _content(record, submission, kind, printed_at), dated=printed_at
    )


def outcome_sentence(record: SelectionRecord, currency: str) -> str:
    """How an application came out, in a sentence to its team."""
    amount = formats.money(record.amount_minor, currency)
    match Outcome(record.outcome):
        case Outcome.SELECTED:
            return _("Your application is selected for an award of %(amount)s.") % {
                "amount": amount
            }
        case Outcome.WAITLISTED:
            return _(
                "Your application is on the waiting list. Should an award not come about, it can be"
                " awarded %(amount)s."
            ) % {"amount": amount}
        case _:
            return _("Your application is not selected.")


def _content(
    record: SelectionRecord, submission: Submission, kind: LetterKind, printed_at: datetime
) -> dict[str, Any]:
    """Everything that the template prints, as text in the language of the letter."""
    is_chinese = formats.is_chinese()
    application = record.application
    competition = application.competition
    said = {"code": competition.code, "when": day_in(competition.zone, printed_at)}
    mark = _("Demonstration: the records are generated.")
    stage = stage_debriefed(application) if kind is LetterKind.DEBRIEF else None
    return {
        "language": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "kicker": _("%(code)s, %(when)s") % said,
        "title": str(LETTER_LABELS[kind]),
        "marks": [mark] if competition.is_demonstration else [],
        "facts": list(_facts(record, submission, competition)),
        "sections": list(_sections(record, competition, kind)),
        "scores_title": _("Scores, from %(least)s to %(most)s")
        % {"least": SCORE_LEAST, "most": SCORE_MOST},
        "scores_head": [_("Criterion"), _("Weight"), _("Mean"), _("From and to")],
        "scores": [
            [
                formats.local_name(one.criterion),
                formats.percent_bp(one.criterion.weight_bp),
                formats.number(one.mean, 2),
                _("%(least)s to %(most)s") % {"least": one.least, "most": one.most},
            ]
            for one in (score_ranges_of(application, stage) if stage else ())
        ],
        "remarks": list(_remarks(application, stage)) if stage else [],
        "closing": _closing(competition),
        "footer": _("%(code)s, application %(number)s")
        % {"code": competition.code, "number": application.number},
    }


def _facts(
    record: SelectionRecord, submission: Submission, competition: Competition
) -> Iterator[tuple[str, str]]:
    application = record.application
    yield _("Competition"), formats.local_name(competition)
    yield _("Application"), formats.number(application.number)
    yield _("Title"), title_in(submission.content)
    yield _("Lead organisation"), formats.local_name(application.lead)
    yield _("Outcome"), str(OUTCOME_LABELS[Outcome(record.outcome)])
    if record.amount_minor is not None:
        yield _("Amount"), formats.money(record.amount_minor, competition.currency)
    yield _("Decided on"), day_in(competition.zone, record.decided_at)


def _sections(
    record: SelectionRecord, competition: Competition, kind: LetterKind
) -> Iterator[dict[str, Any]]:
    paragraphs = [outcome_sentence(record, competition.currency)]
    explanation = formats.local_of(record, "explanation")
    if explanation:
        paragraphs += [line for line in explanation.split("\n") if line]
    if kind is LetterKind.DECISION and record.outcome == Outcome.SELECTED:
        paragraphs.append(
            _(
                "Selection is not yet an award. The agreement is negotiated with the agency, and no"
                " cost is paid before it is signed."
            )
        )
    yield {"title": _("What was decided"), "paragraphs": paragraphs}


def _remarks(application: Application, stage: Stage) -> Iterator[dict[str, Any]]:
    remarks = review_remarks_of(application, stage)
    criteria = {one.criterion.pk: one.criterion for one in remarks}
    for pk, criterion in criteria.items():
        own = [one for one in remarks if one.criterion.pk == pk]
        yield {
            "title": formats.local_name(criterion),
            "groups": [
                (_("Strengths"), [one.strengths for one in own if one.strengths]),
                (_("Weaknesses"), [one.weaknesses for one in own if one.weaknesses]),
            ],
        }


def _closing(competition: Competition) -> str:
    contact = [text for text in (competition.contact, competition.contact_email) if text]
    if not contact:
        return _("Questions on this letter go to whoever runs the competition.")
    return _("Questions on this letter go to %(contact)s.") % {"contact": formats.joined(contact)}
