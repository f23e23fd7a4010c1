"""Pages of the board of needs and offers: the list, one of them, posting, answering, closing."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.directory import AnswerForm, CloseForm, NeedFilters, NeedForm
from lineshaft.apps.memberships.models import (
    CLOSE_REASON_LABELS,
    NEED_KIND_LABELS,
    Need,
    NeedAnswer,
)
from lineshaft.apps.memberships.views.directory import area_choices
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Organisation
from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {"until": "expires_on", "title": "title"}
DAYS_OFFERED = 90


@require_GET
def list_needs(request: HttpRequest) -> HttpResponse:
    """What members of the network look for and offer now, across institutes."""
    actor, today = actor_of(request), clock.today()
    form = NeedFilters(request.GET, areas=area_choices())
    chosen = form.chosen()
    order, sort = sorting(request, SORTS, "until")
    visible = queries.needs_visible_to(actor)
    page = paginate(
        request, queries.needs_filtered(visible, on=today, **chosen).order_by(order, "pk")
    )
    table = Table(
        caption=_("Needs and offers on %(day)s") % {"day": formats.date_local(today)},
        columns=(
            Column("kind", _("Kind"), is_short=True),
            Column("title", _("What"), sort="title"),
            Column("organisation", _("Organisation")),
            Column("area", _("Technology area")),
            Column("until", _("Until, not included"), sort="until", is_short=True),
        ),
        rows=tuple(_row(actor, one) for one in page),
        page=page,
        sort=sort,
        empty=_("Nothing is looked for or offered here now."),
        is_stacked=True,
    )
    actions: tuple[Action, ...] = ()
    if _organisations(actor, "post_need"):
        post = Action(
            _("Post a need or an offer"), reverse("memberships:post_need"), is_primary=True
        )
        actions = (post,)
    return render_page(
        request,
        "memberships/list_needs.html",
        {
            "table": table,
            "form": form,
            "total": page.total,
            "is_narrowed": bool(chosen),
            "actions": actions,
        },
    )


@require_GET
def show_need(request: HttpRequest, pk: int) -> HttpResponse:
    """One need or offer, and the answers that are the reader's to see."""
    actor, today = actor_of(request), clock.today()
    need = queries.need_by_id(actor, pk)
    answers = queries.answers_visible_to(actor).filter(need=need).order_by("answered_at", "pk")
    page = paginate(request, answers)
    return render_page(
        request,
        "memberships/show_need.html",
        {
            "need": need,
            "tag": _tag(need),
            "kind": NEED_KIND_LABELS[rules.NeedKind(need.kind)],
            "crumbs": _crumbs(),
            "actions": _actions(actor, need),
            "items": _items(actor, need),
            "answers": _answers_table(page) if page.total else None,
            "is_own": need.organisation_id in actor.organisation_ids,
            "is_open": need.is_open(today),
        },
    )


@require_http_methods(["GET", "POST"])
def post_need(request: HttpRequest) -> HttpResponse:
    """Say what one of the reader's organisations looks for or offers."""
    actor = actor_of(request)
    own = _organisations_or_refuse(actor, "post_need")
    expires_on = clock.today() + timedelta(days=DAYS_OFFERED)
    form = NeedForm(
        request.POST or None,
        organisations=own,
        areas=area_choices(),
        initial={"expires_on": expires_on.isoformat(), "kind": rules.NeedKind.WANTED},
    )
    return form_page(
        request,
        "memberships/post_need.html",
        form,
        {"crumbs": _crumbs(), "cancel_url": reverse("memberships:list_needs")},
        perform=lambda: services.post_need(actor, form.organisation(), form.row(), now=clock.now()),
        told=lambda _need: _("It stands on the board."),
        seen_at=lambda need: need.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def answer_need(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer for one of the reader's organisations; only the two sides read it."""
    actor = actor_of(request)
    need = queries.need_by_id(actor, pk)
    form = AnswerForm(
        request.POST or None, organisations=_organisations_or_refuse(actor, "answer_need")
    )
    return form_page(
        request,
        "memberships/answer_need.html",
        form,
        {"need": need, "crumbs": _crumbs(), "cancel_url": need.get_absolute_url()},
        perform=lambda: services.answer_need(
            actor,
            need,
            form.organisation(),
            text=form.cleaned_data["text"],
            contact_email=form.cleaned_data["contact_email"],
            now=clock.now(),
        ),
        told=lambda _answer: _("The answer is given. Only the two of you can read it."),
        seen_at=lambda _answer: need.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def close_need(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it, and say whether a partner was found."""
    actor = actor_of(request)
    need = queries.need_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["close_need"], organisation=str(need.organisation_id))
    form = CloseForm(request.POST or None)
    return form_page(
        request,
        "memberships/close_need.html",
        form,
        {"need": need, "crumbs": _crumbs(), "cancel_url": need.get_absolute_url()},
        perform=lambda: services.close_need(
            actor, need, reason=rules.CloseReason(form.cleaned_data["reason"]), now=clock.now()
        ),
        told=lambda _need: _("It is closed."),
        seen_at=lambda closed: closed.get_absolute_url(),
    )


# --------------------------------------------------------------------------------------- leaves


def _organisations(actor: Actor, verb: str) -> tuple[Organisation, ...]:
    """The reader's organisations for which they may do this."""
    permission = rules.PERMISSIONS[verb]
    return tuple(
        one
        for one in queries.own_organisations(actor)
        if may(actor, permission, organisation=str(one.pk))
    )


def _organisations_or_refuse(actor: Actor, verb: str) -> tuple[Organisation, ...]:
    own = _organisations(actor, verb)
    if not own:
        permission = rules.PERMISSIONS[verb]
        raise NotPermitted(permission.sentence, params={"verb": verb})
    return own


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Needs and offers"), reverse("memberships:list_needs")),)


def _tag(need: Need) -> Tag:
    if need.is_open(clock.today()):
        return Tag(_("Open for answers"), "ok")
    return Tag(_("Closed") if need.state == rules.NeedState.CLOSED else _("Expired"))


def _organisation_url(actor: Actor, organisation: Organisation) -> str:
    if not network.may_see_organisation(actor, organisation):
        return ""
    return reverse("network:show_organisation", args=[organisation.pk])


def _row(actor: Actor, need: Need) -> Row:
    organisation = need.organisation.standing
    return Row(
        (
            Cell(str(NEED_KIND_LABELS[rules.NeedKind(need.kind)])),
            Cell(need.title, url=need.get_absolute_url()),
            Cell(formats.local_name(organisation), url=_organisation_url(actor, organisation)),
            Cell(formats.local_name(need.technology_area) or formats.MISSING),
            Cell(formats.date_local(need.expires_on)),
        )
    )


def _items(actor: Actor, need: Need) -> tuple[Item, ...]:
    organisation = need.organisation.standing
    items = [
        Item(
            _("Organisation"),
            formats.local_name(organisation),
            _organisation_url(actor, organisation),
        ),
        Item(_("Technology area"), formats.local_name(need.technology_area) or formats.MISSING),
        Item(_("Posted on"), formats.date_local(need.posted_at)),
        Item(_("Until, not included"), formats.date_local(need.expires_on)),
        Item(_("Shared with"), str(need.get_level_display())),
    ]
    if need.close_reason:
        reason = CLOSE_REASON_LABELS[rules.CloseReason(need.close_reason)]
        items.append(Item(_("Why it was closed"), str(reason)))
    return tuple(items)


def _actions(actor: Actor, need: Need) -> tuple[Action, ...]:
    if not need.is_open(clock.today()):
        return ()
    if may(actor, rules.PERMISSIONS["close_need"], organisation=str(need.organisation_id)):
        return (Action(_("Close"), reverse("memberships:close_need", args=[need.pk])),)
    if not _organisations(actor, "answer_need"):
        return ()
    url = reverse("memberships:answer_need", args=[need.pk])
    return (Action(_("Answer"), url, is_primary=True),)


def _answers_table(page: Page[NeedAnswer]) -> Table:
    number = page.total
    return Table(
        caption=ngettext("%(number)s answer", "%(number)s answers", number) % {"number": number},
        columns=(
            Column("organisation", _("Organisation")),
            Column("text", _("Answer")),
            Column("contact", _("E-mail address")),
            Column("on", _("Answered on"), is_short=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(formats.local_name(one.organisation.standing)),
                    Cell(one.text),
                    Cell(one.contact_email, url=f"mailto:{one.contact_email}"),
                    Cell(formats.date_local(one.answered_at)),
                )
            )
            for one in page
        ),
        page=page,
        is_stacked=True,
    )
