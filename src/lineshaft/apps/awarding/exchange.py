"""Tables of awarding as they leave in a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from lineshaft.apps.awarding.models import MARK_LABELS, PlanAnalysis, SiteVisit
from lineshaft.apps.awarding.queries import CompetitionStatistics, Selection
from lineshaft.apps.awarding.rules import PolicyMark, mean_of
from lineshaft.apps.competitions.models import OUTCOME_LABELS, Submission
from lineshaft.kernel.money import Money
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn
from lineshaft.web.formats import local_name


def statistics_export_columns() -> list[ExportColumn]:
    """The columns of the statistics over competitions; what is not over yet is blank."""
    return [
        ExportColumn("competition", _("Competition")),
        ExportColumn("title", _("Title")),
        ExportColumn("planned_days", _("Days planned")),
        ExportColumn("real_days", _("Days from the opening to the decision")),
        ExportColumn("begun", _("Applications begun")),
        ExportColumn("handed_in", _("Applications handed in")),
        ExportColumn("withdrawn", _("Applications withdrawn")),
        ExportColumn("selected", _("Applications selected")),
        ExportColumn("reviewers", _("Seats on panels with applications")),
        ExportColumn("load_least", _("Applications of a reviewer, least")),
        ExportColumn("load_mean", _("Applications of a reviewer, mean")),
        ExportColumn("load_most", _("Applications of a reviewer, most")),
        ExportColumn("submitted", _("Reviews submitted")),
        ExportColumn("in_time", _("Reviews submitted in time")),
    ]


def statistics_export_rows(rows: Iterable[CompetitionStatistics]) -> Iterator[list[ExportCell]]:
    """A line for each competition."""
    for one in rows:
        loads = one.reviewer_loads
        yield [
            one.competition.code,
            local_name(one.competition),
            one.planned_days,
            one.real_days,
            one.begun,
            one.handed_in,
            one.withdrawn,
            one.selected,
            len(loads),
            min(loads, default=None),
            mean_of(loads),
            max(loads, default=None),
            one.submitted,
            one.in_time,
        ]


def times_export_columns() -> list[ExportColumn]:
    """The columns of the stages of one competition; what has not come yet is blank."""
    return [
        ExportColumn("stage", _("Stage")),
        ExportColumn("name", _("Name")),
        ExportColumn("planned_days", _("Days planned")),
        ExportColumn("real_days", _("Days it took")),
        ExportColumn("began_at", _("Began at")),
        ExportColumn("ended_at", _("Ended at")),
        ExportColumn("handed_in", _("Applications handed in")),
        ExportColumn("late", _("Applications that came late")),
        ExportColumn("reviewers", _("Seats on panels with applications")),
        ExportColumn("assigned", _("Reviews assigned")),
        ExportColumn("submitted", _("Reviews submitted")),
        ExportColumn("in_time", _("Reviews submitted in time")),
    ]


def times_export_rows(one: CompetitionStatistics) -> Iterator[list[ExportCell]]:
    """A line for each stage."""
    calls = {call.number: call for call in one.calls}
    loads = {load.number: load for load in one.loads}
    for stage in one.stages:
        call, load = calls.get(stage.number), loads.get(stage.number)
        yield [
            stage.number,
            stage.name,
            stage.planned_days,
            stage.real_days,
            stage.began_at,
            stage.ended_at,
            call.handed_in if call else None,
            call.late if call else None,
            len(load.loads) if load else None,
            load.assigned if load else None,
            load.submitted if load else None,
            load.in_time if load else None,
        ]


def analysis_columns(currency: str) -> tuple[ExportColumn, ...]:
    """The columns of an export of business plans."""
    unit = {"currency": currency}
    return (
        ExportColumn("number", _("Number")),
        ExportColumn("title", _("Application")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("run", _("Run")),
        ExportColumn("chance_bp", _("Chance of standing alone, basis points")),
        ExportColumn("break_even", _("Pays for itself from year")),
        ExportColumn("lowest", _("Least cash in hand, %(currency)s") % unit),
        ExportColumn("lowest_year", _("Year of the least cash")),
        ExportColumn("match_bp", _("Share of other money, basis points")),
        ExportColumn("glides", _("Federal share never rises")),
        ExportColumn("rating", _("Rating")),
        ExportColumn("is_out_of_date", _("Out of date")),
    )


def analysis_rows(
    plans: Iterable[Submission], analyses: Mapping[int, PlanAnalysis]
) -> Iterator[Sequence[ExportCell]]:
    """The rows of the same: what was not analysed has its name alone."""
    for plan in plans:
        head = (
            plan.application.number,
            plan.content["terms"]["title"],
            plan.application.lead.name,
        )
        run = analyses.get(plan.application_id)
        if run is None:
            yield (*head, *(None,) * 9)
            continue
        currency = run.stage.competition.currency
        yield (
            *head,
            run.number,
            run.chance_bp,
            run.break_even,
            Money(run.lowest_minor, currency).amount,
            run.lowest_year,
            run.result["match_bp"],
            run.result["glides"],
            run.rating,
            run.submission_id != plan.pk,
        )


def selection_columns(currency: str) -> tuple[ExportColumn, ...]:
    """The columns of an export of the selection, its list in the order of the page."""
    unit = {"currency": currency}
    return (
        ExportColumn("rank", _("Place")),
        ExportColumn("number", _("Number")),
        ExportColumn("title", _("Application")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("region", _("Region")),
        ExportColumn("marks", _("Special consideration")),
        ExportColumn("estimate", _("Estimate")),
        ExportColumn("low", _("Interval from")),
        ExportColumn("high", _("Interval to")),
        ExportColumn("mean", _("Mean")),
        ExportColumn("asked", _("Asked for, %(currency)s") % unit),
        ExportColumn("sum", _("Sum so far, %(currency)s") % unit),
        ExportColumn("chance_bp", _("Chance of standing alone, basis points")),
        ExportColumn("rating", _("Rating")),
        ExportColumn("visit", _("Site visit")),
        ExportColumn("choice", _("Choice")),
        ExportColumn("amount", _("Amount, %(currency)s") % unit),
        ExportColumn("reason", _("Reason")),
    )


def selection_rows(
    selection: Selection,
    analyses: Mapping[int, PlanAnalysis],
    visits: Mapping[int, SiteVisit],
) -> Iterator[Sequence[ExportCell]]:
    """A line for each application that is open to the reader, with the sum down to it."""
    currency = selection.competition.currency
    total = 0
    for one in selection.candidates:
        total += one.asked_minor
        ranked, lead = one.ranked, one.application.lead
        analysis = analyses.get(one.application.pk)
        visit = visits.get(one.application.pk)
        yield (
            ranked.rank if ranked else None,
            one.application.number,
            one.name,
            lead.name,
            lead.region,
            "; ".join(str(MARK_LABELS[PolicyMark(each.mark)]) for each in one.marks),
            ranked.estimate if ranked else None,
            ranked.low if ranked else None,
            ranked.high if ranked else None,
            ranked.mean if ranked else None,
            Money(one.asked_minor, currency).amount,
            Money(total, currency).amount,
            analysis.chance_bp if analysis else None,
            str(analysis.get_rating_display()) if analysis else "",
            str(visit.get_state_display()) if visit else "",
            str(OUTCOME_LABELS[one.outcome]) if one.outcome else "",
            Money(one.amount_minor, currency).amount if one.has_amount else None,
            one.reason,
        )
