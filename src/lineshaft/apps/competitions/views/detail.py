"""What the page of one competition shows: its terms, stages, criteria, amendments, and what can be
done with it by whom.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Amendment, Competition, Criterion, Stage, Topic
from lineshaft.apps.competitions.views.changes import change_lines
from lineshaft.apps.competitions.views.conflict_words import conflicts_text
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.refusals import Citation
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.pages import Action, Item
from lineshaft.web.tables import Cell, Column, Row, Table

STEP_VERBS: Final[dict[str, Promise]] = {
    "announce_competition": gettext_lazy("Announce it"),
    "open_competition": gettext_lazy("Open it"),
    "begin_review": gettext_lazy("Begin “%(stage)s”"),
    "call_applications": gettext_lazy("Open “%(stage)s”"),
    "begin_selection": gettext_lazy("Begin “%(stage)s”"),
    "publish_results": gettext_lazy("Publish the results"),
}
"""Steps that a button takes."""


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A rule, in a sentence, with its citation, and whether the competition keeps to it."""

    text: str
    citation: Citation
    is_met: bool
    is_binding: bool


def competition_items(competition: Competition) -> tuple[Item, ...]:
    """The terms, a line each."""
    zone = competition.zone
    items = [
        Item(_("Number"), competition.code),
        Item(_("Kind"), str(competition.get_kind_display())),
    ]
    if competition.institute is not None:
        url = reverse("network:show_institute", args=[competition.institute.key])
        items.append(Item(_("Institute"), formats.local_name(competition.institute), url))
    agencies = [formats.local_name(one.agency) for one in competition.sponsors.all()]
    if agencies:
        items.append(Item(_("Sponsor agencies"), formats.joined(agencies)))
    items += [
        Item(_("One award"), services.amount_range(competition)),
        Item(_("All awards"), formats.money(competition.total_minor, competition.currency)),
        Item(_("Number of awards"), services.award_range(competition)),
        Item(_("Term"), services.term_range(competition)),
        Item(_("Share of other money, at least"), formats.percent_bp(competition.match_share_bp)),
        Item(_("Opens"), services.moment_in(zone, competition.opened_at or competition.opens_at)),
    ]
    if competition.information_at is not None:
        told = [
            services.moment_in(zone, competition.information_at),
            competition.information_place,
        ]
        text = formats.joined([one for one in told if one])
        items.append(Item(_("Information day"), text, competition.information_link))
    if competition.questions_until is not None:
        moment = services.moment_in(zone, competition.questions_until)
        items.append(Item(_("Questions until"), moment))
    items.append(Item(_("What arrives late"), services.late_text(competition)))
    areas = [formats.local_name(area) for area in competition.technology_areas.all()]
    if areas:
        items.append(Item(_("Technology areas"), formats.joined(areas)))
    if competition.listing_number:
        items.append(Item(_("Assistance listing"), competition.listing_number))
    contact = [text for text in (competition.contact, competition.contact_email) if text]
    if contact:
        items.append(Item(_("Contact"), formats.joined(contact)))
    items.append(Item(_("Shared with"), str(competition.get_level_display())))
    counts = queries.published_conflicts(competition)
    if counts is not None:
        items.append(Item(_("Conflicts of interest"), conflicts_text(counts)))
    if competition.state == rules.CANCELLED:
        items.append(Item(_("Why cancelled"), competition.why_cancelled))
    return tuple(items)


def competition_actions(
    actor: Actor, competition: Competition, *, runs: bool
) -> tuple[Action, ...]:
    """What the reader can do from the page; the step that comes next is the primary one."""
    key = competition.key
    url = reverse("competitions:list_questions", args=[key])
    actions = [Action(_("Questions and answers"), url)]
    if queries.call_stage(competition) is not None and not actor.is_anonymous:
        apply = reverse("competitions:start_application", args=[key])
        actions.insert(0, Action(_("Apply"), apply, is_primary=not runs))
    if competition.first_shown_at is not None:
        feed = reverse("competitions:feed_opportunity", args=[key])
        actions.append(Action(_("Calendar feed"), feed))
    if competition.state == rules.PUBLISHED:
        actions.insert(0, Action(_("Results"), reverse("awarding:show_results", args=[key])))
    if runs:
        read = reverse("competitions:list_submissions", args=[key])
        actions = [*_steps(competition), *actions, *_changes(competition)]
        actions.append(Action(pgettext("competition", "Applications"), read))
    if _decides(actor, competition, runs=runs):
        decide = reverse("awarding:decide_selection", args=[key])
        actions.insert(0, Action(_("Enter the decision"), decide, is_primary=True))
    return tuple(actions)


def checks_shown(competition: Competition, *, now: datetime) -> tuple[CheckShown, ...]:
    """How the terms stand under the rules of the profile in force when it opened, today before."""
    outline, on = queries.outline_of(competition), queries.opened_on(competition, now)
    return tuple(
        CheckShown(
            check.as_text(formats.spoken),
            check.citation,
            check.is_met,
            check.is_binding,
        )
        for check in rules.checks_of(outline, profile_in_use(), on)
    )


def stages_table(competition: Competition, *, runs: bool) -> Table:
    """The stages with their dates and what they ask for."""
    stages = list(competition.stages.all())
    names = {one.key: formats.local_name(one) for one in profile_in_use().competing.documents}
    return Table(
        _("Stages, hours in %(zone)s") % {"zone": competition.zone},
        (
            Column("stage", _("Stage"), place="start"),
            Column("kind", _("What is done"), place="line"),
            Column("until", _("Until"), is_short=True, place="state"),
            Column("documents", _("Documents"), place="line"),
            Column("pages", _("Pages at most"), is_number=True, place="foot"),
            Column("gate", _("Who goes on"), place="foot"),
            *((Column("change", _("Change"), place="end"),) if runs else ()),
        ),
        tuple(_stage_row(competition, one, names, runs=runs) for one in stages),
        is_stacked=True,
    )


def criteria_tables(competition: Competition, *, runs: bool) -> list[tuple[Table, str]]:
    """The criteria of each stage that has any, with the address where they are set, if they can
    be.
    """
    can_set = runs and competition.is_changeable
    found = []
    for stage in competition.stages.all():
        criteria = list(stage.criteria.all())
        can_have = stage.stage_kind in rules.JUDGED
        if not criteria and not (can_set and can_have):
            continue
        url = reverse("competitions:set_criteria", args=[competition.key, stage.number])
        table = _criteria_table(competition, stage, criteria, can_set=can_set)
        found.append((table, url if can_set else ""))
    return found


def topics_table(topics: QuerySet[Topic]) -> Table:
    """The topics that a competition took up."""
    return Table(
        _("Topics that it took up"),
        (
            Column("title", _("Topic")),
            Column("endorsed", _("Endorsed by"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one), one.get_absolute_url()),
                    Cell(formats.number(one.endorsed)),  # type: ignore[attr-defined] # annotated
                )
            )
            for one in topics
        ),
        is_stacked=True,
    )


def amendments_table(amendments: Iterable[Amendment], competition: Competition) -> Table | None:
    """What was amended, the latest first; None where nothing was."""
    rows = tuple(
        Row(
            (
                Cell(str(one.number)),
                Cell(formats.date_local(one.made_at.date())),
                Cell(formats.local_of(one, "summary")),
                Cell(formats.local_of(one, "stage") or formats.MISSING),
                Cell("; ".join(change_lines(one, competition))),
            )
        )
        for one in amendments
    )
    if not rows:
        return None
    return Table(
        _("Amendments, the latest first"),
        (
            Column("number", _("Amendment"), is_short=True),
            Column("day", _("On"), is_short=True),
            Column("summary", _("What changes and why")),
            Column("stage", _("Stage")),
            Column("changes", _("What stood before")),
        ),
        rows,
        is_stacked=True,
    )


# --------------------------------------------------------------------------------------- leaves


def _decides(actor: Actor, competition: Competition, *, runs: bool) -> bool:
    if competition.state != rules.SELECTING:
        return False
    official = competition.selecting_official
    return runs if official is None else bool(actor.own_id) and official.user_id == actor.own_id


def _steps(competition: Competition) -> list[Action]:
    """The verbs that lead on from where the competition stands, of the one that comes next."""
    workflow = rules.TRANSITIONS["Competition"]
    stages = {one.number: one for one in competition.stages.all()}
    following = stages.get(competition.stage_number + 1)
    found = []
    for verb, label in STEP_VERBS.items():
        if workflow.check(competition.state, verb) is not None:
            continue
        kinds = rules.KINDS_BEGUN.get(verb)
        if kinds is not None and (following is None or following.stage_kind not in kinds):
            continue
        stage = {"stage": formats.local_name(following) if following else ""}
        text = str(label) % stage if kinds is not None else str(label)
        url = reverse(f"competitions:{verb}", args=[competition.key])
        found.append(Action(text, url, is_post=True, is_primary=verb != "announce_competition"))
    return found


def _changes(competition: Competition) -> list[Action]:
    """Editing while it is written, amending once it runs, and cancelling."""
    key, state = competition.key, competition.state
    offered = [
        ("edit_competition", _("Edit the terms"), competition.is_changeable),
        ("add_stage", _("Add a stage"), competition.is_changeable),
        ("set_eligible_leads", _("Say who may lead"), competition.is_changeable),
        ("amend_competition", _("Amend the terms"), state in rules.RUNNING),
        (
            "cancel_competition",
            _("Cancel it"),
            rules.TRANSITIONS["Competition"].check(state, "cancel_competition") is None,
        ),
    ]
    return [
        Action(label, reverse(f"competitions:{verb}", args=[key]))
        for verb, label, is_offered in offered
        if is_offered
    ]


def _stage_row(competition: Competition, stage: Stage, names: dict[str, str], *, runs: bool) -> Row:
    documents = [names.get(one.kind, one.kind) for one in stage.documents.all()]
    cells = [
        Cell(f"{stage.number}. {formats.local_name(stage)}"),
        Cell(str(stage.get_kind_display())),
        Cell(services.hour_in(competition.zone, stage.ends_at)),
        Cell(formats.joined(documents) or formats.MISSING),
        Cell(formats.number(stage.page_limit)),
        Cell(str(stage.get_gate_display())),
    ]
    if runs:
        cells.append(_change_cell(competition, stage))
    return Row(tuple(cells))


def _change_cell(competition: Competition, stage: Stage) -> Cell:
    """Where the stage is changed: edited, its deadline put off, or amended."""
    args = [competition.key, stage.number]
    if competition.is_changeable:
        return Cell(_("Edit"), reverse("competitions:edit_stage", args=args))
    if competition.state not in rules.RUNNING or stage.ended_at is not None:
        return Cell(formats.MISSING)
    if stage.is_handed_in:
        return Cell(_("Extend"), reverse("competitions:extend_deadline", args=args))
    if stage.began_at is None:
        return Cell(_("Amend"), reverse("competitions:amend_stage", args=args))
    return Cell(formats.MISSING)


def _criteria_table(
    competition: Competition, stage: Stage, criteria: list[Criterion], *, can_set: bool
) -> Table:
    total = sum(one.weight_bp for one in criteria)
    return Table(
        _("Criteria of “%(stage)s”") % {"stage": formats.local_name(stage)},
        (
            Column("criterion", _("Criterion")),
            Column("text", _("What it asks")),
            Column("anchors", _("What scores mean")),
            Column("weight", _("Weight"), is_number=True),
        ),
        tuple(_criterion_row(competition, stage, one, can_set=can_set) for one in criteria),
        empty=_("No criteria are set yet."),
        foot=(Cell(_("Total")), Cell(""), Cell(""), Cell(formats.percent_bp(total)))
        if criteria
        else (),
        is_stacked=True,
    )


def _criterion_row(
    competition: Competition, stage: Stage, criterion: Criterion, *, can_set: bool
) -> Row:
    anchors = [
        _("%(score)s: %(text)s") % {"score": one.score, "text": formats.local_of(one, "text")}
        for one in criterion.anchors.all()
    ]
    url = reverse(
        "competitions:set_anchors", args=[competition.key, stage.number, criterion.number]
    )
    return Row(
        (
            Cell(formats.local_name(criterion), url if can_set else None),
            Cell(formats.local_of(criterion, "text") or formats.MISSING),
            Cell(" · ".join(anchors) or formats.MISSING),
            Cell(formats.percent_bp(criterion.weight_bp)),
        )
    )
