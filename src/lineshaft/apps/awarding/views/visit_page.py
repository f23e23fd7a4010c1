"""What the page of a visit shows, and what can be done on it by whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.awarding import queries, rules
from lineshaft.apps.awarding.models import SiteVisit
from lineshaft.apps.awarding.views.words import (
    running_crumbs,
    tabs_for,
    visit_tag,
    visit_title,
    visits_crumb,
)
from lineshaft.apps.competitions.services import hour_in, moment_in
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.pages import Action, Item, Tag, Tone
from lineshaft.web.tables import Cell, Column, Row, Table

FINDING_TONES: dict[str, Tone] = {
    rules.FindingKind.STRENGTH: "ok",
    rules.FindingKind.WEAKNESS: "due",
    rules.FindingKind.RISK: "bad",
}
ANSWER_TONES: dict[str, Tone] = {
    rules.ChecklistAnswer.YES: "ok",
    rules.ChecklistAnswer.PARTLY: "due",
    rules.ChecklistAnswer.NO: "bad",
}


def visit_context(actor: Actor, visit: SiteVisit, *, now: datetime) -> dict[str, Any]:
    """What the template of a visit takes; nothing that was noted of a withdrawn application."""
    competition = visit.stage.competition
    is_withdrawn = queries.is_withdrawn(visit)
    runs = queries.runs_visits(actor, competition)
    is_open = visit.state not in rules.VISIT_CLOSED and not is_withdrawn
    context: dict[str, Any] = {
        "visit": visit,
        "title": visit_title(visit),
        "tag": visit_tag(visit, is_withdrawn=is_withdrawn),
        "lede": _lede(visit, is_withdrawn=is_withdrawn),
        "crumbs": running_crumbs(competition, visits_crumb(competition)),
        "tabs": tabs_for(actor, competition, "awarding:list_visits"),
        "actions": tuple(_actions(actor, visit, runs=runs, is_open=is_open, now=now)),
        "items": _items(visit),
        "is_withdrawn": is_withdrawn,
    }
    if is_withdrawn:
        return context
    notes = queries.goes_on(actor, visit) or runs
    return {
        **context,
        "team": _team(visit),
        "team_changes": _team_changes(visit) if runs and is_open else [],
        "agenda": agenda_table(visit) if visit.agenda.all() else None,
        "checklist": _checklist(visit),
        "findings": list(_findings(visit)),
        "edits": notes and visit.state == rules.VISIT_HELD,
        "questions": visit.questions.all(),
    }


def _lede(visit: SiteVisit, *, is_withdrawn: bool) -> str:
    """What was noted, in a sentence; the reason of a visit that was cancelled."""
    if is_withdrawn:
        return _("The application was withdrawn. What was noted on the visit is read no more.")
    if visit.state == rules.VISIT_CANCELLED:
        return _("Cancelled: %(why)s") % {"why": visit.why_cancelled}
    items, found = list(visit.checklist.all()), len(visit.findings.all())
    said = {
        "answered": formats.number(sum(bool(one.answer) for one in items)),
        "items": formats.number(len(items)),
        "found": formats.number(found),
    }
    return (
        ngettext(
            "%(answered)s of %(items)s items of the checklist answered, %(found)s finding.",
            "%(answered)s of %(items)s items of the checklist answered, %(found)s findings.",
            found,
        )
        % said
    )


def _items(visit: SiteVisit) -> tuple[Item, ...]:
    competition = visit.stage.competition
    calendar = reverse("awarding:feed_visit", args=[competition.key, visit.pk])
    items = [
        Item(_("Lead organisation"), formats.local_name(visit.application.lead)),
        Item(_("Stage"), formats.local_name(visit.stage)),
        Item(_("Place"), visit.place),
        Item(_("Begins"), moment_in(competition.zone, visit.starts_at)),
        Item(_("Ends"), moment_in(competition.zone, visit.ends_at)),
        Item(_("Calendar"), _("As an .ics file"), calendar),
    ]
    if visit.remark:
        items.append(Item(_("What the applicant is told"), visit.remark))
    report = getattr(visit, "report", None)
    if report is not None and not queries.is_withdrawn(visit):
        for language, label in (
            ("en", _("Report in English")),
            ("zh-hans", _("Report in Chinese")),
        ):
            url = reverse(
                "awarding:download_visit_report", args=[competition.key, visit.pk, language]
            )
            items.append(Item(label, _("PDF"), url))
        items.append(Item(_("What the visit came to"), formats.local_of(report, "summary")))
    return tuple(items)


def _actions(
    actor: Actor, visit: SiteVisit, *, runs: bool, is_open: bool, now: datetime
) -> Iterator[Action]:
    """What can be done now, the next thing first."""

    def url(name: str) -> str:
        return reverse(f"awarding:{name}", args=[visit.stage.competition.key, visit.pk])

    notes = runs or queries.goes_on(actor, visit)
    is_held = visit.state == rules.VISIT_HELD
    if is_open and notes and is_held:
        yield Action(_("Record a finding"), url("record_finding"), is_primary=True)
        yield Action(_("Fill in the checklist"), url("answer_checklist"))
    if is_open and notes and not is_held and now >= visit.starts_at:
        yield Action(_("The visit takes place"), url("hold_visit"), is_post=True, is_primary=True)
    if is_open and notes:
        yield Action(_("Ask the applicant"), url("ask_open_question"))
        yield Action(_("Add to the checklist"), url("add_checklist_item"))
    if is_open and is_held and (runs or queries.leads_visit(actor, visit)):
        yield Action(_("Report and close"), url("report_visit"))
    if is_open and runs:
        yield Action(_("Send somebody"), url("add_visit_member"))
        yield Action(_("Set the agenda"), url("set_agenda"))
        yield Action(_("Change when and where"), url("edit_visit"))
    if runs and visit.state == rules.VISIT_PLANNED:
        yield Action(_("Cancel the visit"), url("cancel_visit"))


def _team(visit: SiteVisit) -> Table:
    return Table(
        _("Who goes"),
        (
            Column("name", _("Name")),
            Column("organisation", _("Organisation")),
            Column("by", _("By what")),
            Column("lead", _("Part")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.person)),
                    Cell(formats.local_name(one.person.organisation)),
                    Cell(_("Panel of the stage") if one.seat_id else _("Staff")),
                    Cell(_("Leads the visit") if one.is_lead else ""),
                )
            )
            for one in visit.members.all()
        ),
        empty=_("Nobody is on the team yet."),
        is_stacked=True,
    )


def _team_changes(visit: SiteVisit) -> list[tuple[str, str, str]]:
    """Of each member the name, where they are made the lead (empty for who is), where they are
    taken off.
    """
    key = visit.stage.competition.key
    return [
        (
            formats.local_name(one.person),
            ""
            if one.is_lead
            else reverse("awarding:name_visit_lead", args=[key, visit.pk, one.pk]),
            reverse("awarding:remove_visit_member", args=[key, visit.pk, one.pk]),
        )
        for one in visit.members.all()
    ]


def agenda_table(visit: SiteVisit) -> Table:
    """The agenda by the clocks of the competition's time zone."""
    zone = visit.stage.competition.zone
    return Table(
        _("Agenda, by the clocks of %(zone)s") % {"zone": zone},
        (
            Column("moment", _("Begins"), is_short=True),
            Column("title", _("What is done")),
            Column("who", _("Who is wanted")),
        ),
        tuple(
            Row((Cell(hour_in(zone, one.starts_at)), Cell(one.title), Cell(one.who)))
            for one in visit.agenda.all()
        ),
        is_stacked=True,
    )


def _checklist(visit: SiteVisit) -> Table:
    return Table(
        _("Checklist: the criteria of the stage, and what the team added"),
        (
            Column("number", _("Number"), is_number=True),
            Column("name", _("What is looked at")),
            Column("answer", _("Answer")),
            Column("note", _("Note")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.number(one.number)),
                    Cell(formats.local_name(one)),
                    Cell(str(one.get_answer_display()), tag=ANSWER_TONES[one.answer])
                    if one.answer
                    else Cell(_("Not looked at yet")),
                    Cell(one.note),
                )
            )
            for one in visit.checklist.all()
        ),
        empty=_("The stage has no criteria. Add what is to be looked at."),
        is_stacked=True,
    )


def _findings(visit: SiteVisit) -> Iterator[dict[str, Any]]:
    key = visit.stage.competition.key
    for one in visit.findings.all():
        yield {
            "finding": one,
            "tag": Tag(str(one.get_kind_display()), FINDING_TONES[one.kind]),
            "by": formats.actor_name(one.recorded_by),
            "files": [
                (
                    each.file.name,
                    formats.size(each.file.size_bytes),
                    reverse("awarding:download_finding_file", args=[key, visit.pk, each.pk]),
                )
                for each in one.files.all()
            ],
            "edit_url": reverse("awarding:edit_finding", args=[key, visit.pk, one.number]),
            "attach_url": reverse("awarding:attach_to_finding", args=[key, visit.pk, one.number]),
        }
