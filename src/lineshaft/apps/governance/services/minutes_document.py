"""The minutes of a meeting as a PDF, set by Typst from one template and the packaged Chinese font.

Pure rendering: the same record, approved at the same moment, gives the same bytes.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import AgendaItem, Meeting, Motion
from lineshaft.apps.governance.queries import MeetingRecord
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "governance" / "minutes.typ"


def render_minutes(
    record: MeetingRecord, language: str, *, approved_at: datetime, by: str
) -> bytes:
    """The minutes for print, dated when they were approved."""
    return print_document(
        TEMPLATE, "minutes", _content(record, language, approved_at, by), dated=approved_at
    )


def moment_text(meeting: Meeting, moment: datetime) -> str:
    """A moment of a meeting in the meeting's own time zone, which is named."""
    with timezone.override(meeting.zone):
        return f"{formats.date_local(moment)} ({meeting.zone})"


def _content(
    record: MeetingRecord, language: str, approved_at: datetime, by: str
) -> dict[str, Any]:
    """Everything that the template prints, as text in the language of the minutes."""
    meeting, is_chinese = record.meeting, language.startswith("zh")
    name = formats.local_name(meeting.body)
    number = {"number": meeting.number, "body": name}
    return {
        "language": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "kicker": _("Minutes"),
        "title": _("Meeting %(number)s of %(body)s") % number,
        "marks": [_("Demonstration: the records are generated.")]
        if meeting.is_demonstration
        else [],
        "facts": _facts(record),
        "attendance_title": _("Who was there"),
        "attendance": [
            [
                formats.local_name(one.person),
                formats.local_name(one.person.organisation) or formats.MISSING,
                one.get_way_display(),
            ]
            for one in record.attendance
        ],
        "items": [_item(item) for item in record.items],
        "actions_title": _("Actions"),
        "actions": [
            [
                str(one.number),
                one.text,
                formats.local_name(one.owner),
                formats.date_local(one.due_on),
            ]
            for one in record.actions
        ],
        "approved": _("Approved: %(who)s, %(when)s UTC")
        % {"who": formats.actor_name(by), "when": formats.date_local(approved_at)},
        "footer": _("Meeting %(number)s of %(body)s") % number,
    }


def _facts(record: MeetingRecord) -> list[list[str]]:
    meeting = record.meeting
    moments = (
        (_("Begins"), meeting.starts_at),
        (_("Opened"), meeting.opened_at),
        (pgettext("meeting", "Closed"), meeting.closed_at),
    )
    facts = [[_("Form"), str(meeting.get_form_display())]]
    facts += [[label, moment_text(meeting, moment)] for label, moment in moments if moment]
    facts += [[_("Place"), place] for place in (meeting.place,) if place]
    facts += [[_("Last day"), formats.date_local(day)] for day in (meeting.closes_on,) if day]
    there = ngettext("%(count)s of %(all)s", "%(count)s of %(all)s", record.there)
    counted = {"count": record.there, "all": len(record.attendance)}
    facts.append([_("There"), there % counted])
    return facts


def _item(item: AgendaItem) -> dict[str, Any]:
    lines = [item.note] if item.note else []
    for one in item.disclosures.all():
        said = {"person": formats.local_name(one.person), "nature": one.nature}
        if one.is_recused:
            lines.append(_("%(person)s disclosed a conflict and recused: %(nature)s") % said)
        else:
            lines.append(_("%(person)s disclosed a conflict: %(nature)s") % said)
    papers = [paper.file.name for paper in item.papers.all()]
    if papers:
        lines.append(_("Papers: %(papers)s") % {"papers": formats.joined(papers)})
    return {
        "title": f"{item.number}. {formats.local_name(item)}",
        "lines": lines,
        "motions": [_motion(motion) for motion in item.motions.all()],
    }


def _motion(motion: Motion) -> dict[str, Any]:
    lines = []
    if motion.moved_by:
        lines.append(_("Moved by %(person)s") % {"person": formats.local_name(motion.moved_by)})
    if motion.seconded_by:
        said = {"person": formats.local_name(motion.seconded_by)}
        lines.append(_("Seconded by %(person)s") % said)
    lines += [outcome_text(motion), *candidate_texts(motion)]
    if motion.refused_message:
        lines.append(_("Not carried out: %(why)s") % {"why": motion.refused_text(_)})
    return {
        "head": _("Motion %(number)s") % {"number": motion.number},
        "text": formats.local_name(motion),
        "lines": lines,
    }


def outcome_text(motion: Motion) -> str:
    """How the vote on a motion ended, with its counts, in one line."""
    if motion.state != rules.DECIDED:
        return str(motion.get_state_display())
    counts = {
        "outcome": motion.get_outcome_display(),
        "for": formats.number(motion.votes_for),
        "against": formats.number(motion.votes_against),
        "abstained": formats.number(motion.votes_abstained),
        "counted": motion.present_count,
        "quorum": motion.quorum_count,
    }
    if motion.votes_against is None:
        text = _(
            "%(outcome)s: %(counted)s of the %(quorum)s it takes; the ballots were not counted"
        )
    elif motion.is_election:
        text = _(
            "%(outcome)s: %(against)s against all, %(abstained)s abstained; %(counted)s "
            "counted to a quorum of %(quorum)s"
        )
    else:
        text = _(
            "%(outcome)s: %(for)s for, %(against)s against, %(abstained)s abstained; "
            "%(counted)s counted to a quorum of %(quorum)s"
        )
    return text % counts


def candidate_texts(motion: Motion) -> list[str]:
    """The candidates of an election with their votes, and who is elected."""
    texts = []
    for one in motion.candidates.all():
        said = {"person": formats.local_name(one.person), "votes": formats.number(one.votes)}
        text = _("%(person)s: %(votes)s, elected") if one.is_elected else _("%(person)s: %(votes)s")
        texts.append(text % said)
    return texts
