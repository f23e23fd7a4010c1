"""The pages that explain lines, and undo matches: one, those ticked in a list, or all of a list.

A page names what it decides: what was shown is what is sent, whatever came since.
"""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import ExplanationForm, UndoForm, posted
from lineshaft.apps.funding.forms.reconciliation import IdsField
from lineshaft.apps.funding.models import StatementLine
from lineshaft.apps.funding.rules import PERMISSIONS
from lineshaft.apps.funding.views.reconciliation import (
    lines_for,
    paying_for,
    reconciliation_crumbs,
    sources_of,
)
from lineshaft.apps.funding.views.statement_lists import (
    EXPLAIN,
    NEWEST_FIRST,
    OF_LIST,
    ON_PAGE,
    UNDO,
    lines_asked,
    lines_table,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import PER_PAGE, paginate
from lineshaft.plumbing.permit import permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import date_local, money, number
from lineshaft.web.pages import Crumb, actor_of

_NOT_OF_THE_FILTER = {"line", "match", "which", "page"}


@require_http_methods(["GET", "POST"])
def explain_lines(request: HttpRequest, key: str) -> HttpResponse:
    """The form that says once why lines have nothing in the ledger."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    sources_of(actor, institute)
    _permit(actor, EXPLAIN, institute)
    ids = (
        _parsed(request.POST.get("lines", ""), queries.NO_LINE)
        if request.method == "POST"
        else _lines_asked(request, actor, EXPLAIN, institute)
    )
    page = [reverse("funding:show_line", args=[pk]) for pk in ids]
    came_from = _came_from(request, institute, page)
    if not ids:
        messages.error(request, _("Tick the lines that you want to explain."))
        return redirect(came_from)
    lines = _lines(actor, institute, ids)
    count = len(lines)
    form = ExplanationForm(posted(request), initial={"lines": " ".join(map(str, ids))})
    told = ngettext("%(count)s line is explained.", "%(count)s lines are explained.", count)
    return form_page(
        request,
        "funding/explain_lines.html",
        form,
        {
            "title": ngettext("Explain %(count)s line", "Explain %(count)s lines", count)
            % {"count": number(count)},
            "lede": _lede(lines),
            "crumbs": (
                *reconciliation_crumbs(institute),
                Crumb(pgettext("of a statement", "Lines"), came_from),
            ),
            "submit_label": _("Explain"),
            "cancel_url": came_from,
            "table": lines_table(lines[:PER_PAGE], _caption(count)),
        },
        perform=lambda: services.explain_lines(
            actor,
            form.cleaned_data["lines"],
            id=form.cleaned_data["id"],
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        ),
        told=lambda _made: told % {"count": number(count)},
        seen_at=lambda _made: came_from,
    )


@require_http_methods(["GET", "POST"])
def undo_matches(request: HttpRequest, key: str) -> HttpResponse:
    """The form that takes matches and explanations apart."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    sources_of(actor, institute)
    _permit(actor, UNDO, institute)
    ids = (
        _parsed(request.POST.get("match_ids", ""), queries.NO_MATCH)
        if request.method == "POST"
        else _matches_asked(request, actor, institute)
    )
    page = [reverse("funding:show_match", args=[pk]) for pk in ids]
    came_from = _came_from(request, institute, page)
    if not ids:
        messages.error(request, _("Tick the lines whose matches you want to undo."))
        return redirect(came_from)
    queries.matches_are_visible(actor, ids)
    count = len(ids)
    found = list(queries.lines_of_matches(actor, ids).order_by(*NEWEST_FIRST))
    form = UndoForm(posted(request), initial={"match_ids": " ".join(map(str, ids))})
    told = ngettext("%(count)s match is undone.", "%(count)s matches are undone.", count)
    about = _("Their lines and entries are open again; the rules leave them so.")
    return form_page(
        request,
        "funding/undo_matches.html",
        form,
        {
            "title": ngettext("Undo %(count)s match", "Undo %(count)s matches", count)
            % {"count": number(count)},
            "lede": about,
            "crumbs": (
                *reconciliation_crumbs(institute),
                Crumb(pgettext("of a statement", "Lines"), came_from),
            ),
            "submit_label": _("Undo"),
            "cancel_url": came_from,
            "table": lines_table(found[:PER_PAGE], _caption(len(found))) if found else None,
        },
        perform=lambda: services.undo_matches(
            actor,
            form.cleaned_data["match_ids"],
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        ),
        told=lambda _undone: told % {"count": number(count)},
        seen_at=lambda _undone: came_from,
    )


def _permit(actor: Actor, verb: str, institute: Institute) -> None:
    agencies = [one.key for one in paying_for(actor, institute)]
    permit(actor, PERMISSIONS[verb], institute=institute.key, agencies=agencies)


def _lines_asked(request: HttpRequest, actor: Actor, verb: str, institute: Institute) -> list[UUID]:
    """The lines that the address asks for: those named, those of a page, or all of a list."""
    which = request.GET.get("which")
    if which not in {ON_PAGE, OF_LIST}:
        return _parsed(" ".join(request.GET.getlist("line")), queries.NO_LINE)
    listed = lines_asked(request, actor, institute)
    if which == ON_PAGE:
        listed = listed.filter(pk__in=[line.pk for line in paginate(request, listed)])
    wanted = lines_for(actor, verb, institute, listed)
    refuse_if(rules.lines_at_once(wanted.count()))
    return list(wanted.values_list("pk", flat=True))


def _matches_asked(request: HttpRequest, actor: Actor, institute: Institute) -> list[UUID]:
    """The matches that the address names, or of the lines that it asks for."""
    named = _parsed(" ".join(request.GET.getlist("match")), queries.NO_MATCH)
    if named:
        return named
    return queries.matches_of_lines(actor, _lines_asked(request, actor, UNDO, institute))


def _parsed(text: str, absent: str) -> list[UUID]:
    """The ids in the text; NotFound for what is none."""
    try:
        return list(IdsField(required=False).clean(text))
    except forms.ValidationError as error:
        raise NotFound(code="id", message=absent) from error


def _lines(actor: Actor, institute: Institute, ids: Sequence[UUID]) -> list[StatementLine]:
    queries.lines_are_visible(actor, ids)
    lines = queries.lines_visible_to(actor).filter(institute=institute)
    found = list(lines.filter(pk__in=ids).order_by(*NEWEST_FIRST))
    if len(found) < len(ids):
        raise NotFound(code="line", message=queries.NO_LINE)
    return found


def _came_from(request: HttpRequest, institute: Institute, pages: Sequence[str]) -> str:
    """The list as it was narrowed; the page of the record where one alone was asked for."""
    asked = request.GET.copy()
    for name in _NOT_OF_THE_FILTER:
        asked.pop(name, None)
    if len(pages) == 1 and not asked:
        return pages[0]
    url = reverse("funding:list_lines", args=[institute.key])
    return f"{url}?{asked.urlencode()}" if asked else url


def _lede(lines: Sequence[StatementLine]) -> str:
    days = [line.booked_on for line in lines]
    amount = money(Money(sum(line.amount_minor for line in lines), lines[0].currency))
    if min(days) == max(days):
        return _("Of %(day)s, together %(amount)s.") % {
            "day": date_local(days[0]),
            "amount": amount,
        }
    return _("From %(first)s to %(last)s, together %(amount)s.") % {
        "first": date_local(min(days)),
        "last": date_local(max(days)),
        "amount": amount,
    }


def _caption(count: int) -> str:
    if count > PER_PAGE:
        return _("The first %(shown)s of %(count)s lines") % {
            "shown": number(PER_PAGE),
            "count": number(count),
        }
    return _("Which lines these are")
