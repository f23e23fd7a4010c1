"""What the workspace of an application shows: its parts as far as they are open, how it stands
under the rules, what it lacks, what was handed in, and what can be done by whom.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import (
    SOURCE_LABELS,
    STAGE_RESULT_LABELS,
    Application,
    Stage,
    UnwantedReviewer,
)
from lineshaft.apps.competitions.queries import Seat
from lineshaft.apps.competitions.views.conflict_words import unwanted_table
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.refusals import Citation
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.navigation import application_tabs
from lineshaft.web.pages import Action, Crumb, Item, Tab, Tag, Tone
from lineshaft.web.tables import Cell, Column, Row, Table

APPLICATION_TONES: Final[dict[str, Tone]] = {
    rules.WRITING: "due",
    rules.SUBMITTED: "ok",
    rules.APPLICATION_WITHDRAWN: "quiet",
}


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A rule as it stands for the application, in a sentence."""

    text: str
    citation: Citation
    is_met: bool
    keeps_back: bool


@dataclass(frozen=True, slots=True)
class Lacking:
    """Something that is missing, and where it is written."""

    text: str
    url: str


def workspace_context(actor: Actor, application: Application, *, now: datetime) -> dict[str, Any]:
    """What the template of the workspace takes."""
    seat = queries.seat_of(actor, application)
    unwanted = list(queries.unwanted_of(application)) if seat.leads else []
    gate = gate_shut_to(application)
    is_open = _is_open(application, now=now) and gate is None
    tag = Tag(str(application.get_state_display()), APPLICATION_TONES[application.state])
    return {
        "application": application,
        "title": formats.local_name(application),
        "tag": tag,
        "lede": stands(application, now=now, gate=gate),
        "outcomes": _outcomes_table(application, seat),
        "crumbs": (Crumb(_("My applications"), reverse("competitions:list_workspaces")),),
        "tabs": _tabs(application, seat),
        "actions": _actions(application, seat, is_open=is_open, now=now),
        "items": _items(application),
        "abstract": formats.local_of(application, "abstract"),
        "missing": lacking(application, now=now) if seat.leads and is_open else (),
        "checks": checks_of(application, now=now, parts=seat.parts),
        "sections": _sections_table(application, seat),
        "budget": _budget_table(application, seat) if rules.BUDGET in seat.parts else None,
        "letters": _letters_table(application) if rules.COMMITMENTS in seat.parts else None,
        "revenue": _revenue_table(application) if rules.REVENUE in seat.parts else None,
        "documents": _documents_table(application) if rules.DOCUMENTS in seat.parts else None,
        "partners": _partners_table(application, seat, is_open=is_open),
        "team": _team_table(application) if rules.TEAM in seat.parts else None,
        "submissions": _submissions_table(application),
        "writes": {part: is_open and seat.may_write(part) for part in rules.PARTS},
        "leads": is_open and seat.leads,
        "unwanted": unwanted_table(unwanted) if seat.leads else None,
        "removable": _removable(application, seat, unwanted, is_open=is_open),
    }


def gate_shut_to(application: Application) -> Stage | None:
    """The stage that did not let the application on to the call that is open; None where it goes
    on, and where no call is open.
    """
    stage = queries.call_stage(application.competition)
    return queries.gate_shut_to(application, stage) if stage else None


def stands(application: Application, *, now: datetime, gate: Stage | None = None) -> str:
    """Until when the application can be handed in, whether it was, or what did not let it on."""
    competition = application.competition
    stage = queries.call_to_show(competition)
    if application.state == rules.APPLICATION_WITHDRAWN:
        return _("Withdrawn: %(why)s") % {"why": application.why_withdrawn}
    if gate is not None:
        return _(
            "Only who was invited after “%(stage)s” goes on, and this application was not."
        ) % {"stage": formats.local_name(gate)}
    if stage is None or stage.ends_at is None:
        return competition.code
    said = {
        "stage": formats.local_name(stage),
        "moment": services.moment_in(competition.zone, stage.ends_at),
    }
    if now >= stage.ends_at:
        return _("“%(stage)s” was open until %(moment)s.") % said
    return _("“%(stage)s” is open until %(moment)s. The server's clock decides.") % said


def checks_of(
    application: Application, *, now: datetime, parts: Collection[str] = rules.PARTS
) -> tuple[CheckShown, ...]:
    """How those parts of the application stand under the rules in force, what keeps it back
    first.
    """
    stage = queries.call_to_show(application.competition)
    profile = formats.profile()
    plan = queries.plan_of(application, stage, on=now.date())
    shown = [
        CheckShown(_check_text(check), check.citation, check.is_met, check.keeps_back)
        for check in rules.checks_of_plan(plan, profile, now.date())
        if check.part in parts
    ]
    return tuple(sorted(shown, key=lambda one: (not one.keeps_back, one.is_met)))


def lacking(application: Application, *, now: datetime) -> tuple[Lacking, ...]:
    """What is missing, each with where it is written."""
    stage = queries.call_to_show(application.competition)
    plan = queries.plan_of(application, stage, on=now.date())
    return tuple(
        Lacking(_missing_text(one.refusal), edit_url(application, one.part))
        for one in rules.missing_in(plan)
    )


def edit_url(application: Application, part: str) -> str:
    """Where a part is written."""
    pk = application.pk
    match part:
        case rules.TERMS:
            return reverse("competitions:edit_application", args=[pk])
        case rules.BUDGET:
            return reverse("competitions:set_budget", args=[pk, rules.Source.FEDERAL.value])
        case rules.REVENUE:
            return reverse("competitions:set_revenue", args=[pk])
        case rules.COMMITMENTS:
            return reverse("competitions:add_commitment", args=[pk])
        case rules.DOCUMENTS:
            return reverse("competitions:attach_document", args=[pk])
        case _:
            return reverse("competitions:write_section", args=[pk, part])


# ---------------------------------------------------------------------------------------- leaves


def _is_open(application: Application, *, now: datetime) -> bool:
    """Whether the application can be changed now."""
    stage = queries.call_stage(application.competition)
    if stage is None or application.state == rules.APPLICATION_WITHDRAWN:
        return False
    return not _is_too_late(application, now=now)


def _is_too_late(application: Application, *, now: datetime) -> bool:
    competition = application.competition
    stage = queries.call_stage(competition)
    if stage is None or stage.ends_at is None:
        return stage is None
    policy = rules.LatePolicy(competition.late_policy)
    grace = competition.grace_minutes
    return rules.refuse_late(stage.ends_at, policy, grace, now=now) is not None


def _check_text(check: rules.PlanCheck) -> str:
    text = check.as_text(formats.spoken)
    if not check.waiver:
        return text
    ground = formats.local_name(formats.profile().waiver_ground(check.waiver))
    return _("%(text)s A waiver is asked for: %(ground)s.") % {"text": text, "ground": ground}


def _missing_text(refusal: Refusal) -> str:
    """What is missing; a kind of document goes by its name in the reader's language."""
    if "kind" not in refusal.params:
        return refusal.as_text(formats.spoken)
    kind = formats.profile().competing.document(refusal.params["kind"])
    return _("Attach “%(kind)s”.") % {"kind": formats.local_name(kind)}


def _tabs(application: Application, seat: Seat) -> tuple[Tab, ...]:
    """What beside the workspace is for the people of the lead; none for those of a partner."""
    stages = application.competition.stages.all()
    is_visited = any(one.stage_kind is StageKind.VISIT for one in stages)
    if not is_visited or not seat.is_of_lead:
        return ()
    return application_tabs(application.pk, "competitions:show_workspace")


def _actions(
    application: Application, seat: Seat, *, is_open: bool, now: datetime
) -> tuple[Action, ...]:
    pk = application.pk
    found = []
    if is_open and seat.leads:
        url = reverse("competitions:submit_application", args=[pk])
        found.append(Action(_("Check and hand in"), url, is_primary=True))
    found.append(Action(_("Topic overlap"), reverse("competitions:show_own_overlaps", args=[pk])))
    found.append(Action(_("Versions"), reverse("competitions:list_versions", args=[pk])))
    found.append(Action(_("The competition"), application.competition.get_absolute_url()))
    if application.competition.state in rules.OVER and seat.parts.issuperset(rules.PARTS):
        url = reverse("awarding:show_decision", args=[pk])
        found.append(Action(_("Decision"), url, is_primary=True))
    if _is_replied_to(application) and seat.parts >= frozenset(rules.PARTS):
        url = reverse("reviewing:show_remarks", args=[pk])
        found.append(Action(_("Remarks of reviewers"), url))
    is_withdrawn = application.state == rules.APPLICATION_WITHDRAWN
    if seat.leads and is_withdrawn and not _is_too_late(application, now=now):
        url = reverse("competitions:resume_application", args=[pk])
        found.insert(0, Action(_("Take it up again"), url, is_post=True, is_primary=True))
    is_over = rules.refuse_withdrawing(application.competition.state) is not None
    if seat.leads and not is_withdrawn and not is_over:
        url = reverse("competitions:withdraw_from_competition", args=[pk])
        found.append(Action(_("Withdraw"), url))
    return tuple(found)


def _is_replied_to(application: Application) -> bool:
    """Whether the competition has come to a stage in which applicants reply to their reviewers."""
    return any(
        stage.stage_kind is StageKind.REPLY and stage.began_at is not None
        for stage in application.competition.stages.all()
    )


def _items(application: Application) -> tuple[Item, ...]:
    competition = application.competition
    areas = [formats.local_name(one) for one in application.technology_areas.all()]
    number = queries.number_told_of(application)
    numbered = () if number is None else (Item(_("Application"), formats.number(number)),)
    return (
        Item(_("Competition"), competition.code, competition.get_absolute_url()),
        *numbered,
        Item(_("Lead organisation"), formats.local_name(application.lead)),
        Item(_("Technology areas"), formats.joined(areas) or formats.MISSING),
        Item(_("Term in months"), formats.number(application.term_months)),
        Item(_("TRL"), _levels(application.trl_from, application.trl_to)),
        Item(_("MRL"), _levels(application.mrl_from, application.mrl_to)),
        Item(_("Kind of work"), str(application.get_work_display())),
    )


def _levels(start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return formats.MISSING
    return _("%(start)s to %(end)s") % {"start": start, "end": end}


def _sections_table(application: Application, seat: Seat) -> Table | None:
    """The sections that are open to the reader, those that the call asks for and those written."""
    stage = queries.call_to_show(application.competition)
    call = queries.call_of(application.competition, stage)
    asked = {one.key.value for one in rules.sections_asked(call.kind, is_last_call=call.is_last)}
    written = {one.key: one for one in application.sections.all() if one.text}
    rows = []
    for section in rules.SECTIONS:
        key = section.key.value
        if key not in seat.parts or (key not in asked and key not in written):
            continue
        one = written.get(key)
        count = len(one.text) if one else 0
        rows.append(
            Row(
                (
                    Cell(services.part_label(key), edit_url(application, key)),
                    Cell(
                        ngettext("%(count)s character", "%(count)s characters", count)
                        % {"count": formats.number(count)}
                    ),
                    Cell(formats.date_local(one.changed_at) if one else formats.MISSING),
                    Cell(one.changed_by if one else formats.MISSING),
                )
            )
        )
    if not rows:
        return None
    return Table(
        _("Sections"),
        (
            Column("section", _("Section")),
            Column("length", _("Length"), is_number=True),
            Column("changed", _("Last changed"), is_short=True),
            Column("by", _("By")),
        ),
        tuple(rows),
        is_stacked=True,
    )


def _budget_table(application: Application, seat: Seat) -> Table:
    """The money by source and year, with the share of others."""
    years = rules.years_of(application.term_months)
    currency = application.competition.currency
    sums: defaultdict[tuple[str, int], int] = defaultdict(int)
    for line in application.budget.all():
        sums[line.source, min(line.year, years)] += line.amount_minor
    span = range(1, years + 1)
    rows = tuple(
        _amount_row(
            str(label),
            [sums[source, year] for year in span],
            currency,
            reverse("competitions:set_budget", args=[application.pk, source.value])
            if seat.may_write(rules.BUDGET)
            else None,
        )
        for source, label in SOURCE_LABELS.items()
    )
    by_year = [sum(sums[source, year] for source in SOURCE_LABELS) for year in span]
    foot = _amount_row(_("Total"), by_year, currency, None)
    return _amounts_table(_("Budget by source and year"), _("Source"), years, rows, foot)


def _revenue_table(application: Application) -> Table:
    years = rules.years_of(application.term_months) + rules.YEARS_AFTER
    currency = application.competition.currency
    sums: defaultdict[tuple[str, int], int] = defaultdict(int)
    for line in application.revenue.all():
        sums[line.stream, min(line.year, years)] += line.amount_minor
    span = range(1, years + 1)
    names = {one.key: formats.local_name(one) for one in formats.profile().income_streams}
    streams = [key for key in names if any(sums.get((key, year)) for year in span)]
    rows = tuple(
        _amount_row(names[key], [sums[key, year] for year in span], currency, None)
        for key in streams
    )
    by_year = [sum(sums[key, year] for key in streams) for year in span]
    foot = _amount_row(_("Total"), by_year, currency, None)
    caption = _("Revenue by stream and year, two years beyond the term")
    return _amounts_table(caption, _("Stream"), years, rows, foot)


def _amounts_table(caption: str, head: str, years: int, rows: tuple[Row, ...], foot: Row) -> Table:
    return Table(
        caption,
        (
            Column("what", head),
            *(
                Column(f"year{year}", _("Year %(year)s") % {"year": year}, is_number=True)
                for year in range(1, years + 1)
            ),
            Column("total", _("Total"), is_number=True),
        ),
        rows,
        foot=foot.cells if rows else (),
    )


def _amount_row(label: str, amounts: list[int], currency: str, url: str | None) -> Row:
    cells = [Cell(formats.money(one, currency) if one else formats.MISSING) for one in amounts]
    return Row((Cell(label, url), *cells, Cell(formats.money(sum(amounts), currency))))


def _letters_table(application: Application) -> Table:
    currency = application.competition.currency
    kinds = {one.key: formats.local_name(one) for one in formats.profile().cost_share_kinds}
    return Table(
        _("Letters of commitment"),
        (
            Column("giver", _("Giver")),
            Column("kind", _("Kind")),
            Column("signed", _("Signed")),
            Column("origin", _("Origin")),
            Column("amount", _("Amount"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(one.giver_name, note=one.conditions),
                    Cell(kinds.get(one.kind, one.kind)),
                    Cell(f"{one.signatory}, {formats.date_local(one.signed_on)}"),
                    Cell(_("Federal") if one.is_federal else _("Not federal")),
                    Cell(
                        formats.money(
                            sum(each.amount_minor for each in one.amounts.all()), currency
                        )
                    ),
                )
            )
            for one in application.commitments.all()
        ),
        empty=_("No letter is entered yet."),
        is_stacked=True,
    )


def _documents_table(application: Application) -> Table:
    kinds = {one.key: formats.local_name(one) for one in formats.profile().competing.documents}
    return Table(
        _("Documents"),
        (
            Column("name", _("Document")),
            Column("kind", _("Kind")),
            Column("pages", _("Pages"), is_number=True),
            Column("size", _("Size"), is_number=True),
            Column("sha", "SHA-256", is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(
                        one.file.name,
                        reverse("competitions:download_document", args=[application.pk, one.pk]),
                    ),
                    Cell(kinds.get(one.kind, one.kind)),
                    Cell(formats.number(one.pages)),
                    Cell(formats.size(one.file.size_bytes)),
                    Cell(one.file.sha256[:16]),
                )
            )
            for one in application.documents.all()
            if one.removed_at is None
        ),
        empty=_("No document is attached yet."),
        is_stacked=True,
    )


def _partners_table(application: Application, seat: Seat, *, is_open: bool) -> Table:
    shows_shares = seat.leads
    columns = (
        Column("name", _("Partner")),
        Column("part", _("What it brings")),
        *((Column("shares", _("What its people see")),) if shows_shares else ()),
    )
    rows = []
    for one in application.partners.all():
        url = reverse("competitions:share_with_partner", args=[application.pk, one.pk])
        cells = [
            Cell(formats.local_name(one.organisation), url if is_open and seat.leads else None),
            Cell(one.part or formats.MISSING),
        ]
        if shows_shares:
            shared = [services.part_label(part) for part in one.shares]
            cells.append(Cell(formats.joined(shared) or _("Title and summary alone")))
        rows.append(Row(tuple(cells)))
    empty = _("No partner is named yet.")
    return Table(_("Partners"), columns, tuple(rows), empty=empty, is_stacked=True)


def _team_table(application: Application) -> Table:
    return Table(
        _("Team"),
        (
            Column("name", _("Name")),
            Column("organisation", _("Organisation")),
            Column("duty", _("Part in the work")),
            Column("role", _("May")),
            Column("joined", _("Joined"), is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(formats.actor_name(one.name)),
                    Cell(formats.local_name(one.organisation) or formats.MISSING),
                    Cell(one.duty or formats.MISSING),
                    Cell(str(one.get_role_display())),
                    Cell(
                        formats.date_local(one.joined_at)
                        if one.joined_at
                        else (_("Invited") if one.email else formats.MISSING)
                    ),
                )
            )
            for one in application.team.all()
        ),
        is_stacked=True,
    )


def _outcomes_table(application: Application, seat: Seat) -> Table | None:
    """What came of the stages that judged it; the advice is for those who see all of it."""
    is_whole = seat.parts >= frozenset(rules.PARTS)
    rows = tuple(
        Row(
            (
                Cell(formats.local_name(one.stage)),
                Cell(
                    str(STAGE_RESULT_LABELS[rules.StageResult(one.outcome)]),
                    tag="quiet" if one.outcome in rules.AGAINST else "ok",
                ),
                Cell(services.moment_in(application.competition.zone, one.told_at)),
                Cell((formats.local_of(one, "advice") if is_whole else "") or formats.MISSING),
            )
        )
        for one in queries.outcomes_told(application)
    )
    if not rows:
        return None
    return Table(
        _("What came of the stages that judged it"),
        (
            Column("stage", _("Stage")),
            Column("outcome", _("Outcome")),
            Column("told", _("Told"), is_short=True),
            Column("advice", _("Advice")),
        ),
        rows,
        is_stacked=True,
    )


def _submissions_table(application: Application) -> Table | None:
    rows = tuple(
        Row(
            (
                Cell(f"{formats.local_name(one.stage)}, {one.number}"),
                Cell(services.moment_in(application.competition.zone, one.submitted_at)),
                Cell(one.submitted_by),
                Cell(_submission_state(one.is_late, is_withdrawn=one.withdrawn_at is not None)),
                Cell(one.digest[:16]),
            )
        )
        for one in queries.submissions_of(application)
    )
    if not rows:
        return None
    return Table(
        _("Handed in, the latest first; the first that was not withdrawn counts"),
        (
            Column("version", _("Stage and version")),
            Column("moment", _("At")),
            Column("by", _("By")),
            Column("state", _("State")),
            Column("sha", "SHA-256", is_short=True),
        ),
        rows,
        is_stacked=True,
    )


def _submission_state(is_late: bool, *, is_withdrawn: bool) -> str:  # noqa: FBT001 -- a column's value
    if is_withdrawn:
        return _("Withdrawn")
    return _("Late") if is_late else _("In time")


def _removable(
    application: Application, seat: Seat, unwanted: list[UnwantedReviewer], *, is_open: bool
) -> dict[str, list[tuple[str, str]]]:
    """What the reader can take off, by part: its name, and the address that does it."""
    pk = application.pk
    found: dict[str, list[tuple[str, str]]] = {}
    if is_open and seat.may_write(rules.COMMITMENTS):
        found[rules.COMMITMENTS] = [
            (one.giver_name, reverse("competitions:remove_commitment", args=[pk, one.pk]))
            for one in application.commitments.all()
        ]
    if is_open and seat.may_write(rules.DOCUMENTS):
        found[rules.DOCUMENTS] = [
            (one.file.name, reverse("competitions:remove_document", args=[pk, one.pk]))
            for one in application.documents.all()
            if one.removed_at is None
        ]
    if is_open and seat.leads:
        found[rules.PARTNERS] = [
            (
                formats.local_name(one.organisation),
                reverse("competitions:remove_partner", args=[pk, one.pk]),
            )
            for one in application.partners.all()
        ]
        found[rules.TEAM] = [
            (
                formats.actor_name(one.name),
                reverse("competitions:remove_from_team", args=[pk, one.pk]),
            )
            for one in application.team.all()
        ]
        found["unwanted"] = [
            (one.name, reverse("competitions:remove_unwanted_reviewer", args=[pk, one.pk]))
            for one in unwanted
        ]
    return found
