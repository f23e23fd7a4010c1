"""The report of a visit: it closes the visit and is printed in both languages, never made again."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import translation

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import SiteVisit, VisitReport
from lineshaft.apps.awarding.queries import visit_by_id
from lineshaft.apps.awarding.services.visit_document import ReportWords, render_report
from lineshaft.apps.awarding.services.visiting import (
    audit_visit,
    held_visit,
    next_state,
    touch_visit,
)
from lineshaft.apps.competitions.services import faults_of_texts, plain
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel

LANGUAGES: Final = ("en", "zh-hans")
REPORT_PURPOSE: Final = "visit_report"


def report_visit(
    actor: Actor, visit: SiteVisit, summary: str, *, summary_zh: str = "", now: datetime
) -> VisitReport:
    """Report on a visit in a few words of one's own; what was noted is printed with them.

    Raises Refused while an item of the checklist has no answer, nothing was found or nobody leads.
    """
    said, said_zh = plain(summary), plain(summary_zh)
    faults = faults_of_texts({"summary": said}, rules.VISIT_TEXT_MAX, required=True)
    faults += faults_of_texts({"summary_zh": said_zh}, rules.VISIT_TEXT_MAX)
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, visit, "report_visit")
        row.state = next_state(row, "report_visit")
        whole = visit_by_id(actor, row.stage.competition, row.pk)
        refuse_if(
            rules.refuse_visit_report(
                [one.name for one in whole.checklist.all() if not one.answer],
                findings=len(whole.findings.all()),
                has_lead=any(one.is_lead for one in whole.members.all()),
            )
        )
        words = ReportWords(said, said_zh, reported_by=actor.label, reported_at=now)
        files = {language: _store(actor, whole, words, language) for language in LANGUAGES}
        report = VisitReport.objects.create(
            visit=row,
            summary=said,
            summary_zh=said_zh,
            file_en=files["en"],
            file_zh=files["zh-hans"],
            reported_at=now,
            reported_by=actor.label,
        )
        touch_visit(row, "state", now=now)
        changes = {language: file.sha256 for language, file in files.items()}
        audit_visit(actor, "report_visit", row, now=now, changes=changes)
    return report


def _store(actor: Actor, visit: SiteVisit, words: ReportWords, language: str) -> StoredFile:
    with translation.override(language):
        content = render_report(visit, words)
    code, number = visit.stage.competition.key, visit.application.number
    return store_file(
        actor,
        content,
        name=f"{code}-{number}-visit-{language}.pdf",
        now=words.reported_at,
        level=SharingLevel.RESTRICTED,
        purpose=REPORT_PURPOSE,
        is_sealed=True,
    )
