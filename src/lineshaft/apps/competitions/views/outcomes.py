"""Pages on which it is decided, and told, who goes on after a judged stage."""

from collections.abc import Sequence
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.competitions import exchange, queries, rules, services
from lineshaft.apps.competitions.forms import Choices, ConfirmForm, OutcomesForm
from lineshaft.apps.competitions.models import STAGE_RESULT_LABELS, Competition, Stage
from lineshaft.apps.competitions.queries import GateCount, Judged
from lineshaft.apps.competitions.views.words import running_crumbs
from lineshaft.kernel.competitions import StageGate
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

RESULT_TONES: Final[dict[str, Tone]] = {
    rules.StageResult.GOES_ON: "ok",
    rules.StageResult.ENCOURAGED: "ok",
    rules.StageResult.ENDS_HERE: "quiet",
    rules.StageResult.DISCOURAGED: "quiet",
}
_LIST: Final = "competitions:list_stage_outcomes"
_DECIDE: Final = "competitions:decide_stage_outcomes"


@require_GET
@login_required
def list_stage_outcomes(request: HttpRequest, key: str) -> HttpResponse:
    """The stages after which it is decided who goes on, and how far that is."""
    actor, shown = _read(request, key)
    gates = queries.gated_stages(shown)
    counts = [(stage, queries.count_at_gate(actor, stage)) for stage in gates]
    context = {
        "title": _gates_title([count for _stage, count in counts]),
        "lede": _("An outcome is a draft until its applicants are told; then it stands."),
        "crumbs": running_crumbs(shown),
        "tabs": competition_tabs(key, _LIST),
        "table": _gates_table(shown, counts),
    }
    return render_page(request, "competitions/list_stage_outcomes.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def decide_stage_outcomes(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """How each application came out of the stage, and the form that decides it for those ticked."""
    actor, shown = _read(request, key)
    stage = queries.gated_stage(shown, number)
    may_decide = queries.may_run(actor, "decide_stage_outcomes", shown)
    if request.method == "POST":
        institute, agencies = queries.runner_keys_of(shown)
        verb = rules.PERMISSIONS["decide_stage_outcomes"]
        permit(actor, verb, institute=institute, agencies=agencies)
    page = paginate(request, queries.titles_of(queries.applications_judged(actor, stage)))
    listed = queries.judged_with_outcomes(stage, page)
    count = queries.count_at_gate(actor, stage)
    now = clock.now()
    form = OutcomesForm(
        request.POST or None,
        applications=_open_choices(listed),
        results=rules.results_of(stage.stage_kind, StageGate(stage.gate)),
        initial={"seen": now.isoformat()},
    )
    return form_page(
        request,
        "competitions/decide_stage_outcomes.html",
        form,
        {
            "title": _outcomes_title(count),
            "lede": _gate_lede(stage),
            "crumbs": (*running_crumbs(shown), _crumb(shown)),
            "tabs": competition_tabs(key, _LIST),
            "actions": _actions(shown, stage, count) if may_decide else (),
            "table": _outcomes_table(shown, stage, listed, page),
            "exports": [(name.upper(), _export_url(shown, stage, name)) for name in ("xlsx",)],
            "may_decide": may_decide and bool(_open_choices(listed)) and _is_open(shown, stage),
            "submit_label": _("Decide"),
        },
        perform=lambda: services.decide_stage_outcomes(
            actor,
            stage,
            form.ids(),
            form.terms(),
            seen=form.cleaned_data["seen"],
            now=now,
        ),
        told=lambda made: (
            ngettext(
                "%(count)s outcome is decided. Nobody is told yet.",
                "%(count)s outcomes are decided. Nobody is told yet.",
                len(made),
            )
            % {"count": formats.number(len(made))}
        ),
        seen_at=lambda _done: request.get_full_path(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def tell_stage_outcomes(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The page that tells the applicants what came of the stage."""
    actor, shown = _read(request, key)
    institute, agencies = queries.runner_keys_of(shown)
    verb = rules.PERMISSIONS["tell_stage_outcomes"]
    permit(actor, verb, institute=institute, agencies=agencies)
    stage = queries.gated_stage(shown, number)
    count = queries.count_at_gate(actor, stage)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    url = reverse(_DECIDE, args=[key, number])
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": ngettext(
                "Tell %(count)s applicant what came of “%(stage)s”",
                "Tell %(count)s applicants what came of “%(stage)s”",
                count.untold,
            )
            % {"count": formats.number(count.untold), "stage": formats.local_name(stage)},
            "lede": _("Each gets a message, and sees it in the workspace. It can't be taken back."),
            "submit_label": _("Tell them"),
            "crumbs": (*running_crumbs(shown), _crumb(shown)),
            "cancel_url": url,
        },
        perform=lambda: services.tell_stage_outcomes(actor, stage, now=clock.now()),
        told=lambda told: (
            ngettext("%(count)s outcome is told.", "%(count)s outcomes are told.", told)
            % {"count": formats.number(told)}
        ),
        seen_at=lambda _done: url,
    )


@require_GET
@login_required
def export_stage_outcomes(
    request: HttpRequest, key: str, number: int, form: str
) -> HttpResponseBase:
    """Who goes on, as a file."""
    actor, shown = _read(request, key)
    stage = queries.gated_stage(shown, number)
    rows = queries.titles_of(queries.applications_judged(actor, stage))
    return table_download(
        actor,
        form,
        name=f"{shown.key}-outcomes-{number}",
        columns=exchange.outcomes_export_columns(),
        rows=exchange.outcomes_export_rows(queries.judged_with_outcomes(stage, rows)),
        provenance=Provenance(
            title=_("%(code)s: what came of “%(stage)s”")
            % {"code": shown.code, "stage": formats.local_name(stage)},
            generated_at=clock.now(),
            is_demonstration=shown.is_demonstration,
        ),
    )


# ---------------------------------------------------------------------------------------- leaves


def _read(request: HttpRequest, key: str) -> tuple[Actor, Competition]:
    """The actor and the competition, for whoever reads what was handed in; raises NotFound."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    if not queries.may_read_submissions(actor, shown):
        raise NotFound(code="no_outcomes")
    return actor, shown


def _crumb(competition: Competition) -> Crumb:
    return Crumb(_("Who goes on"), reverse(_LIST, args=[competition.key]))


def _is_open(competition: Competition, stage: Stage) -> bool:
    """Whether outcomes of the stage can be decided now."""
    results = rules.results_of(stage.stage_kind, StageGate(stage.gate))
    has_begun = competition.stage_number >= stage.number
    refused = rules.refuse_outcomes("", results, state=competition.state, has_begun=has_begun)
    return refused is None


def _actions(competition: Competition, stage: Stage, count: GateCount) -> tuple[Action, ...]:
    if not count.untold or count.undecided or not _is_open(competition, stage):
        return ()
    url = reverse("competitions:tell_stage_outcomes", args=[competition.key, stage.number])
    return (Action(_("Tell the applicants"), url, is_primary=True),)


def _open_choices(listed: Sequence[Judged]) -> Choices:
    """The applications on which can still be decided."""
    return [
        (
            str(one.submission.application_id),
            f"{one.submission.application.number}: {one.title}",
        )
        for one in listed
        if one.outcome is None or one.outcome.told_at is None
    ]


def _gates_title(counts: Sequence[GateCount]) -> str:
    if not counts:
        return _("Everybody goes on after every stage")
    waiting = sum(one.undecided + one.untold for one in counts)
    if not waiting:
        return _("Nobody waits to hear whether they go on")
    return ngettext(
        "%(count)s application waits to hear whether it goes on",
        "%(count)s applications wait to hear whether they go on",
        waiting,
    ) % {"count": formats.number(waiting)}


def _outcomes_title(count: GateCount) -> str:
    if not count.judged:
        return _("Nothing is judged yet")
    if count.undecided:
        return _("%(open)s of %(judged)s applications have no outcome yet") % {
            "open": formats.number(count.undecided),
            "judged": formats.number(count.judged),
        }
    if count.untold:
        return _("All %(judged)s outcomes are decided, and %(open)s are still to be told") % {
            "judged": formats.number(count.judged),
            "open": formats.number(count.untold),
        }
    return ngettext("The one outcome is told", "All %(judged)s outcomes are told", count.judged) % {
        "judged": formats.number(count.judged)
    }


def _gate_lede(stage: Stage) -> str:
    said = {"stage": formats.local_name(stage), "gate": str(stage.get_gate_display())}
    return _(
        "“%(stage)s”: %(gate)s. Counted is what was handed in before it and is open to you."
    ) % (said)


def _export_url(competition: Competition, stage: Stage, form: str) -> str:
    args = [competition.key, stage.number, form]
    return reverse("competitions:export_stage_outcomes", args=args)


def _gates_table(competition: Competition, counts: Sequence[tuple[Stage, GateCount]]) -> Table:
    return Table(
        _("Stages after which it is decided who goes on; applications that are open to you"),
        (
            Column("stage", _("Stage")),
            Column("gate", _("Who goes on")),
            Column("judged", _("Judged"), is_number=True),
            Column("decided", pgettext("outcome", "Decided"), is_number=True),
            Column("told", _("Told"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(
                        formats.local_name(stage),
                        reverse(_DECIDE, args=[competition.key, stage.number]),
                    ),
                    Cell(str(stage.get_gate_display())),
                    Cell(formats.number(count.judged)),
                    Cell(formats.number(count.decided)),
                    Cell(formats.number(count.told)),
                )
            )
            for stage, count in counts
        ),
        empty=_("No stage of this competition has a gate."),
        is_stacked=True,
    )


def _outcomes_table(
    competition: Competition, stage: Stage, listed: Sequence[Judged], page: Page[object]
) -> Table:
    return Table(
        _("Applications by number, with what is decided of each"),
        (
            Column("number", _("Number"), is_number=True, place="foot"),
            Column("title", _("Application"), place="start"),
            Column("lead", _("Lead organisation"), place="line"),
            Column("outcome", _("Outcome"), place="end"),
            Column("reason", _("Reason"), place="line"),
            Column("told", _("Told"), is_short=True, place="state"),
        ),
        tuple(_outcome_row(competition, one) for one in listed),
        page=page,
        export_url=_export_url(competition, stage, "csv"),
        empty=_("Nothing that was handed in before this stage can be read yet."),
        is_stacked=True,
    )


def _outcome_row(competition: Competition, one: Judged) -> Row:
    submission, outcome = one.submission, one.outcome
    url = reverse("competitions:show_submission", args=[competition.key, submission.pk])
    if outcome is None:
        decided, told = Cell(pgettext("outcome", "Open"), tag="due"), Cell(formats.MISSING)
    else:
        label = str(STAGE_RESULT_LABELS[rules.StageResult(outcome.outcome)])
        decided = Cell(label, tag=RESULT_TONES[outcome.outcome])
        told = Cell(
            services.moment_in(competition.zone, outcome.told_at)
            if outcome.told_at
            else _("Not told yet")
        )
    return Row(
        (
            Cell(formats.number(submission.application.number)),
            Cell(one.title, url),
            Cell(formats.local_name(submission.application.lead)),
            decided,
            Cell((outcome.reason if outcome else "") or formats.MISSING),
            told,
        )
    )
