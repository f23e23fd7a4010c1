"""Public pages: opportunities with their search, one of them, its notices, its questions."""

from typing import Final
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    AnswerForm,
    OpportunityFilters,
    QuestionForm,
)
from lineshaft.apps.competitions.models import Competition, Question
from lineshaft.apps.competitions.queries import Search
from lineshaft.apps.competitions.views.detail import (
    amendments_table,
    checks_shown,
    competition_actions,
    competition_items,
    criteria_tables,
    stages_table,
    topics_table,
)
from lineshaft.apps.competitions.views.words import (
    COMPETITION_TONES,
    agency_choices,
    area_choices,
    opportunity_crumbs,
    state_tag,
    stations,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Step, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

LANGUAGES: Final = {"en": "file_en", "zh-hans": "file_zh"}


@require_safe
def list_opportunities(request: HttpRequest) -> HttpResponse:
    """What can be applied for, what closes next first; other statuses where they are asked for."""
    actor = actor_of(request)
    form = OpportunityFilters(
        request.GET, agencies=agency_choices(is_short=True), areas=area_choices()
    )
    search = form.search()
    page = paginate(request, queries.opportunities_found(actor, search))
    count = queries.opportunities_visible_to(actor).filter(state=rules.OPEN).count()
    context = {
        "title": ngettext("%(count)s competition is open", "%(count)s competitions are open", count)
        % {"count": formats.number(count)}
        if count
        else _("No competition is open"),
        "lede": _(
            "When an agency asks for a new institute, or an institute calls for projects, it stands"
            " here with its terms and its closing day."
        ),
        "actions": _list_actions(actor, search),
        "form": form,
        "table": opportunities_table(page, _("Opportunities, what closes next first")),
        "is_empty": not page.total and search == Search(),
        "templates": _templates(),
    }
    return render_page(request, "competitions/list_opportunities.html", context)


@require_safe
def show_opportunity(request: HttpRequest, key: str) -> HttpResponse:
    """One competition: where it stands, its terms, its stages and criteria, what was amended."""
    actor, now = actor_of(request), clock.now()
    shown = queries.competition_by_key(actor, key, is_whole=True)
    runs = queries.may_run(actor, "edit_competition", shown)
    topics = queries.topics_of(actor, shown)
    context = {
        "competition": shown,
        "title": formats.local_name(shown),
        "tag": state_tag(shown),
        "lede": formats.local_of(shown, "summary"),
        "crumbs": opportunity_crumbs(),
        "actions": competition_actions(actor, shown, runs=runs),
        "steps": stations(shown),
        "tabs": competition_tabs(key, "competitions:show_opportunity") if runs else (),
        "items": competition_items(shown),
        "text": formats.local_of(shown, "text"),
        "eligibility": formats.local_of(shown, "eligibility"),
        "result": formats.local_of(shown, "decision") if _shows_result(shown, runs=runs) else "",
        "checks": checks_shown(shown, now=now) if runs else (),
        "stages": stages_table(shown, runs=runs),
        "criteria": criteria_tables(shown, runs=runs),
        "topics": topics_table(topics) if topics else None,
        "amendments": amendments_table(queries.amendments_of(shown), shown),
        "notices": list(queries.notices_of(shown)) if shown.opened_at else (),
        "language": _language(),
    }
    return render_page(request, "competitions/show_opportunity.html", context)


@require_safe
def download_notice(request: HttpRequest, key: str, number: int, language: str) -> FileResponse:
    """The notice as it was printed, for whoever sees the competition."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    if language not in LANGUAGES:
        raise Http404
    notice = queries.notice_by_number(shown, number)
    return attachment(actor, getattr(notice, LANGUAGES[language]))


@require_GET
def list_questions(request: HttpRequest, key: str) -> HttpResponse:
    """The questions on a competition with their answers, and the form that asks one."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    runs = queries.may_run(actor, "answer_question", shown)
    page = paginate(request, queries.questions_visible_to(actor, shown))
    answered = sum(one.answered_at is not None for one in page)
    context = {
        "title": ngettext(
            "%(count)s question on %(code)s", "%(count)s questions on %(code)s", page.total
        )
        % {"count": formats.number(page.total), "code": shown.code},
        "lede": ngettext(
            "%(answered)s is answered on this page.",
            "%(answered)s are answered on this page.",
            answered,
        )
        % {"answered": formats.number(answered)},
        "crumbs": opportunity_crumbs(shown),
        "questions": [
            (one, formats.local_of(one, "answer"), _answer_url(shown, one, runs=runs))
            for one in page
        ],
        "page": page,
        "form": QuestionForm() if _may_ask(actor, shown) else None,
        "ask_url": reverse("competitions:ask_question", args=[shown.key]),
        "is_closed": not _takes_questions(shown),
        "is_signed_in": not actor.is_anonymous,
    }
    return render_page(request, "competitions/list_questions.html", context)


@require_http_methods(["GET", "POST"])
def ask_question(request: HttpRequest, key: str) -> HttpResponse:
    """The form that asks a question."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["ask_question"])
    form = QuestionForm(request.POST or None)
    url = reverse("competitions:list_questions", args=[shown.key])
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Ask a question on %(code)s") % {"code": shown.code},
            "lede": _("Whoever runs the competition answers it, for you or for everybody."),
            "submit_label": _("Ask"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": url,
        },
        perform=lambda: services.ask_question(
            actor, shown, form.cleaned_data["text"], now=clock.now()
        ),
        told=lambda asked: _("Question %(number)s is asked.") % {"number": asked.number},
        seen_at=lambda _asked: url,
    )


@require_http_methods(["GET", "POST"])
def answer_question(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that answers a question."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    question = queries.question_by_number(actor, shown, number)
    institute, agencies = queries.runner_keys_of(shown)
    permission = rules.PERMISSIONS["answer_question"]
    permit(actor, permission, institute=institute, agencies=agencies)
    form = AnswerForm(request.POST or None)
    url = reverse("competitions:list_questions", args=[shown.key])
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Answer question %(number)s") % {"number": number},
            "lede": question.text,
            "submit_label": _("Answer"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": url,
        },
        perform=lambda: services.answer_question(
            actor, question, now=clock.now(), **form.cleaned_data
        ),
        told=lambda _done: _("The answer is given."),
        seen_at=lambda _done: url,
    )


def opportunities_table(page: Page[Competition], caption: str) -> Table:
    """Opportunities as a list, each with its deadline."""
    return Table(
        caption,
        (
            Column("title", _("Competition"), place="start"),
            Column("code", _("Number"), is_short=True, place="foot"),
            Column("kind", _("Kind"), place="foot"),
            Column("by", _("Institute or agency"), place="line"),
            Column("award", _("One award"), place="line"),
            Column("closes", _("Closes"), is_short=True, place="state"),
            Column("state", _("State"), place="end"),
        ),
        tuple(_opportunity_row(one) for one in page),
        page=page,
        empty=_("No opportunity fits this search."),
        is_stacked=True,
    )


# --------------------------------------------------------------------------------------- leaves


def _opportunity_row(one: Competition) -> Row:
    agencies = [sponsor.agency.key for sponsor in one.sponsors.all()]
    by = formats.local_name(one.institute) if one.institute else formats.joined(agencies)
    closes = services.moment_in(one.zone, one.closes_at)  # type: ignore[attr-defined] # annotated
    return Row(
        (
            Cell(formats.local_name(one), one.get_absolute_url()),
            Cell(one.code),
            Cell(str(one.get_kind_display())),
            Cell(by or formats.MISSING),
            Cell(services.amount_range(one)),
            Cell(closes),
            Cell(str(one.get_state_display()), tag=COMPETITION_TONES[one.state]),
        )
    )


def _list_actions(actor: Actor, search: Search) -> tuple[Action, ...]:
    actions = [Action(_("Calendar feed"), reverse("competitions:feed_opportunities"))]
    if actor.is_anonymous:
        return tuple(actions)
    asked = {"q": search.words, "kind": search.kind, "agency": search.agency, "area": search.area}
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("competitions:save_search")
    actions.append(Action(_("Keep this search"), f"{url}?{query}" if query else url))
    return tuple(actions)


def _templates() -> list[tuple[str, str, tuple[Step, ...]]]:
    """How competitions for an institute usually run, by template: name, text, stations."""
    found = profile_in_use().competing.templates_for(CompetitionKind.INSTITUTE)
    return [
        (
            formats.local_name(template),
            formats.local_of(template, "text"),
            tuple(
                Step(
                    formats.local_name(entry.stage),
                    "next",
                    ngettext("%(days)s day", "%(days)s days", entry.days) % {"days": entry.days},
                )
                for entry in template.stages
            ),
        )
        for template in found
    ]


def _shows_result(competition: Competition, *, runs: bool) -> bool:
    """Whether the decision is shown: to everybody once it is published, before to who runs it."""
    return competition.state == rules.PUBLISHED or (runs and competition.state == rules.DECIDED)


def _language() -> str:
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def _takes_questions(competition: Competition) -> bool:
    stages = list(competition.stages.all())
    closes_at = competition.questions_until or queries.deadline_of(stages, competition.stage_number)
    refusal = rules.refuse_question(competition.state, closes_at=closes_at, now=clock.now())
    return refusal is None


def _may_ask(actor: Actor, competition: Competition) -> bool:
    return may(actor, rules.PERMISSIONS["ask_question"]) and _takes_questions(competition)


def _answer_url(competition: Competition, one: Question, *, runs: bool) -> str:
    if not runs or one.answered_at is not None:
        return ""
    return reverse("competitions:answer_question", args=[competition.key, one.number])
