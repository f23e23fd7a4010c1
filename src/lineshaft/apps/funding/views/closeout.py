"""The page of an agreement's close-out, and the forms that complete and reopen an item."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import CloseoutForm, ReasonForm, posted
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.queries import CloseoutLine
from lineshaft.apps.funding.views.pages import agreement_tabs, change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import may_under
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import date_local, local_name
from lineshaft.web.pages import Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def show_closeout(request: HttpRequest, pk: int) -> HttpResponse:
    """What is done to close the agreement out, what is not, and by when it is due."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    lines = queries.closeout_lines(agreement)
    has_begun = rules.closeout_begun(agreement.state) is None
    context = {
        "title": _title(agreement, lines, has_begun=has_begun),
        "lede": ""
        if has_begun
        else _("The agreement still runs; the days follow from the end of its term."),
        "crumbs": under_crumbs(agreement),
        "tabs": agreement_tabs(agreement, "funding:show_closeout"),
        "table": _table(actor, agreement, lines, has_begun=has_begun),
        "citation": lines[0].item.authority.citation if lines else None,
    }
    return render_page(request, "funding/show_closeout.html", context)


@require_http_methods(["GET", "POST"])
def complete_closeout_item(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """The form that records an item of the close-out as done."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        services.complete_closeout_item(
            actor, pk, item=item, today=clock.today(), now=clock.now(), **data
        )
        return _("Done and recorded.")

    form = CloseoutForm(posted(request), initial={"done_on": clock.today()})
    return _item_page(request, agreement, item, "complete_closeout_item", form=form, change=change)


@require_http_methods(["GET", "POST"])
def reopen_closeout_item(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """The form that opens a done item again, with the reason."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        services.reopen_closeout_item(actor, pk, item=item, reason=data["reason"], now=clock.now())
        return _("Opened again.")

    form = ReasonForm(posted(request))
    return _item_page(request, agreement, item, "reopen_closeout_item", form=form, change=change)


def _item_page(
    request: HttpRequest, agreement: Agreement, item: str, verb: str, *, form: Any, change: Any
) -> HttpResponse:
    found = next(
        (line for line in queries.closeout_lines(agreement) if line.item.key == item), None
    )
    if found is None:
        raise NotFound(
            code="closeout_item", message=gettext_noop("This is no item of the close-out.")
        )
    url = reverse("funding:show_closeout", args=[agreement.pk])
    verbs = {"complete_closeout_item": _("Complete"), "reopen_closeout_item": _("Open again")}
    return change_page(
        request,
        agreement,
        verb,
        form,
        change,
        title=_("%(verb)s: %(item)s") % {"verb": verbs[verb], "item": local_name(found.item)},
        lede=_("Due on %(day)s.") % {"day": date_local(found.due_on)},
        next_url=url,
        crumbs=(Crumb(_("Close-out"), url),),
        citation=found.item.authority.citation,
        submit_label=verbs[verb],
    )


def _title(agreement: Agreement, lines: Sequence[CloseoutLine], *, has_begun: bool) -> str:
    today = clock.today()
    said = {
        "number": agreement.number,
        "done": sum(line.step is not None for line in lines),
        "all": len(lines),
        "late": sum(line.is_late(today) for line in lines),
    }
    if not has_begun:
        first = min((line.due_on for line in lines), default=agreement.ends_on)
        return _("The close-out of %(number)s is due by %(day)s") % {
            "number": agreement.number,
            "day": date_local(first),
        }
    if said["late"]:
        return _("%(late)s of %(all)s items to close %(number)s out are late") % said
    if said["done"] == said["all"]:
        return _("%(number)s is closed out") % said
    return _("%(done)s of %(all)s items to close %(number)s out are done") % said


def _table(
    actor: Actor, agreement: Agreement, lines: Sequence[CloseoutLine], *, has_begun: bool
) -> Table:
    may_complete = has_begun and may_under(actor, "complete_closeout_item", agreement)
    may_reopen = has_begun and may_under(actor, "reopen_closeout_item", agreement)
    reads_records = queries.may_read_contributors(actor, agreement.institute.key)
    rows = []
    for line in lines:
        verb = Cell("")
        args = [agreement.pk, line.item.key]
        if line.step is None and may_complete:
            verb = Cell(_("Complete"), url=reverse("funding:complete_closeout_item", args=args))
        elif line.step is not None and may_reopen:
            verb = Cell(_("Open again"), url=reverse("funding:reopen_closeout_item", args=args))
        rows.append(
            Row(
                (
                    Cell(local_name(line.item)),
                    Cell(date_local(line.due_on)),
                    _state_cell(line),
                    Cell(line.step.record if line.step and reads_records else ""),
                    verb,
                )
            )
        )
    return Table(
        caption=_("What closes the agreement out"),
        columns=(
            Column("item", _("Item")),
            Column("due", _("Due on"), is_short=True),
            Column("state", _("State")),
            Column("record", _("Record")),
            Column("verb", _("Action")),
        ),
        rows=tuple(rows),
        empty=_("No rule in force asks for a close-out."),
        is_stacked=True,
    )


def _state_cell(line: CloseoutLine) -> Cell:
    if line.step is not None:
        return Cell(_("Done"), tag="ok", note=date_local(line.step.done_on))
    if line.is_late(clock.today()):
        return Cell(_("Late"), tag="bad")
    return Cell(_("Open"), tag="quiet")
