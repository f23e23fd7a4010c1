"""What the report of a visit says, as a document for print.

Pure rendering: the same visit with the same words gives the same bytes. Moments are told in the
competition's own time zone, which is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from lineshaft.apps.awarding.models import (
    CHECKLIST_ANSWER_LABELS,
    FINDING_KIND_LABELS,
    SiteVisit,
    VisitFinding,
)
from lineshaft.apps.awarding.rules import ChecklistAnswer, FindingKind
from lineshaft.apps.competitions.services import hour_in, moment_in
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "awarding" / "visit_report.typ"


@dataclass(frozen=True, slots=True)
class ReportWords:
    """What the reporter says of the visit in words of their own, who that is, and when."""

    summary: str
    summary_zh: str
    reported_by: str
    reported_at: datetime


def render_report(visit: SiteVisit, words: ReportWords) -> bytes:
    """The report as PDF, in the language that is chosen."""
    return print_document(TEMPLATE, "report", _content(visit, words), dated=words.reported_at)


def _content(visit: SiteVisit, words: ReportWords) -> dict[str, Any]:
    """Everything that the template prints, as text in the language of the report."""
    is_chinese = formats.is_chinese()
    competition, application = visit.stage.competition, visit.application
    said = {"code": competition.code, "number": application.number}
    mark = _("Demonstration: the records are generated.")
    return {
        "language": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "kicker": _("%(code)s, application %(number)s: report of the site visit") % said,
        "title": formats.local_of(visit, "title"),
        "marks": [mark] if competition.is_demonstration else [],
        "summary": formats.local_of(words, "summary").split("\n"),
        "facts": list(_facts(visit, words)),
        "tables": list(_tables(visit)),
        "footer": _("%(code)s, application %(number)s. For those who judge it alone.") % said,
    }


def _facts(visit: SiteVisit, words: ReportWords) -> Iterator[tuple[str, str]]:
    zone = visit.stage.competition.zone
    yield _("Lead organisation"), formats.local_name(visit.application.lead)
    yield _("Stage"), formats.local_name(visit.stage)
    yield _("Place"), visit.place
    yield _("Begins"), moment_in(zone, visit.starts_at)
    yield _("Ends"), moment_in(zone, visit.ends_at)
    yield _("Team"), formats.joined([_member(one) for one in visit.members.all()])
    yield _("Reported by"), formats.actor_name(words.reported_by)
    yield _("Reported on"), moment_in(zone, words.reported_at)


def _member(member: Any) -> str:
    name = formats.local_name(member.person)
    return _("%(name)s (leads)") % {"name": name} if member.is_lead else name


def _tables(visit: SiteVisit) -> Iterator[dict[str, Any]]:
    zone = visit.stage.competition.zone
    for kind in FindingKind:
        found = [one for one in visit.findings.all() if one.kind == kind]
        if found:
            yield {
                "title": str(FINDING_KIND_LABELS[kind]),
                "head": ["", _("What was found"), _("Files")],
                "widths": [1, 8, 4],
                "rows": [_finding_row(one) for one in found],
            }
    yield {
        "title": _("Checklist"),
        "head": [_("What was looked at"), _("Answer"), _("Note")],
        "widths": [4, 1, 5],
        "rows": [
            [
                formats.local_name(one),
                str(CHECKLIST_ANSWER_LABELS[ChecklistAnswer(one.answer)]),
                one.note,
            ]
            for one in visit.checklist.all()
        ],
    }
    if visit.agenda.all():
        yield {
            "title": _("Agenda"),
            "head": [_("Begins"), _("What is done"), _("Who is wanted")],
            "widths": [3, 5, 3],
            "rows": [
                [hour_in(zone, one.starts_at), one.title, one.who] for one in visit.agenda.all()
            ],
        }
    if visit.questions.all():
        yield {
            "title": _("Open questions"),
            "head": ["", _("Question"), _("Answer"), _("Answered on")],
            "widths": [1, 5, 5, 2],
            "rows": [
                [
                    formats.number(one.number),
                    one.text,
                    one.answer or _("Not answered."),
                    hour_in(zone, one.answered_at),
                ]
                for one in visit.questions.all()
            ],
        }


def _finding_row(finding: VisitFinding) -> list[str]:
    named = [f"{one.file.name} (SHA-256 {one.file.sha256[:12]})" for one in finding.files.all()]
    return [formats.number(finding.number), finding.text, formats.joined(named)]
