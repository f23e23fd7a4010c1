"""Pages of books: how far an institute's or the network's are closed, and the forms that do it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import CloseBooksForm, ReopenBooksForm, posted
from lineshaft.apps.funding.models import CLOSING_KIND_LABELS, BooksClosing
from lineshaft.apps.funding.rules import PERMISSIONS, ClosingKind
from lineshaft.apps.funding.views.transfers import funding_crumbs
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import date_local, local_name, user_name
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def show_books(request: HttpRequest, key: str) -> HttpResponse:
    """How far the institute's books are closed, by whom, and what was opened again and why."""
    actor = actor_of(request)
    institute = queries.institute_with_books(actor, key)
    through = queries.closed_through_of(institute.pk)
    context = {
        "title": _books_title(local_name(institute), through),
        "lede": _(
            "Nothing is dated on or before the day through which books are closed. What was "
            "wrong is put right by an entry after it."
        ),
        "crumbs": funding_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "actions": _institute_actions(actor, institute, through),
        "table": _table(paginate(request, queries.closings_of(institute))),
    }
    return render_page(request, "funding/show_books.html", context)


@require_GET
def show_network_books(request: HttpRequest) -> HttpResponse:
    """How far the books of the whole network are closed."""
    actor = actor_of(request)
    queries.network_books_are_visible(actor)
    through = queries.closed_days().get(None)
    context = {
        "title": _books_title(_("the network"), through),
        "lede": _(
            "What is closed here is closed in the books of every institute, and in what the "
            "agencies appropriate."
        ),
        "actions": _network_actions(actor, through),
        "table": _table(paginate(request, queries.closings_of(None))),
    }
    return render_page(request, "funding/show_network_books.html", context)


@require_http_methods(["GET", "POST"])
def close_books(request: HttpRequest, key: str) -> HttpResponse:
    """The form that closes the institute's books through a day."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    permit(actor, PERMISSIONS["close_books"], institute=institute.key)
    form = _close_form(request)
    return _institute_page(
        request,
        institute,
        "close_books",
        form,
        lambda data: services.close_books(
            actor, institute, today=clock.today(), now=clock.now(), **data
        ),
        title=_("Close the books of %(institute)s") % {"institute": local_name(institute)},
    )


@require_http_methods(["GET", "POST"])
def reopen_books(request: HttpRequest, key: str) -> HttpResponse:
    """The form that opens the institute's books again, with the reason."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    permit(actor, PERMISSIONS["reopen_books"], institute=institute.key)
    return _institute_page(
        request,
        institute,
        "reopen_books",
        ReopenBooksForm(posted(request)),
        lambda data: services.reopen_books(actor, institute, now=clock.now(), **data),
        title=_("Open the books of %(institute)s again") % {"institute": local_name(institute)},
    )


@require_http_methods(["GET", "POST"])
def close_network_books(request: HttpRequest) -> HttpResponse:
    """The form that closes the books of the whole network through a day."""
    actor = actor_of(request)
    permit(actor, PERMISSIONS["close_network_books"])
    return _network_page(
        request,
        "close_network_books",
        _close_form(request),
        lambda data: services.close_network_books(
            actor, today=clock.today(), now=clock.now(), **data
        ),
        title=_("Close the network's books"),
    )


@require_http_methods(["GET", "POST"])
def reopen_network_books(request: HttpRequest) -> HttpResponse:
    """The form that opens the network's books again, with the reason."""
    actor = actor_of(request)
    permit(actor, PERMISSIONS["reopen_network_books"])
    return _network_page(
        request,
        "reopen_network_books",
        ReopenBooksForm(posted(request)),
        lambda data: services.reopen_network_books(actor, now=clock.now(), **data),
        title=_("Open the network's books again"),
    )


type Change = Callable[[dict[str, Any]], BooksClosing]


def _close_form(request: HttpRequest) -> Form:
    last_day = queries.last_year_due(clock.today()).last_day
    return CloseBooksForm(posted(request), initial={"through": last_day})


def _institute_page(
    request: HttpRequest, institute: Institute, verb: str, form: Form, change: Change, *, title: str
) -> HttpResponse:
    url = reverse("funding:show_books", args=[institute.key])
    crumbs = (*funding_crumbs(institute), Crumb(_("Books"), url))
    return _page(request, verb, form, change, title=title, url=url, crumbs=crumbs)


def _network_page(
    request: HttpRequest, verb: str, form: Form, change: Change, *, title: str
) -> HttpResponse:
    url = reverse("funding:show_network_books")
    crumbs = (Crumb(_("Network's books"), url),)
    return _page(request, verb, form, change, title=title, url=url, crumbs=crumbs)


def _page(
    request: HttpRequest,
    verb: str,
    form: Form,
    change: Change,
    *,
    title: str,
    url: str,
    crumbs: tuple[Crumb, ...],
) -> HttpResponse:
    context = {
        "title": title,
        "lede": _("From then on nothing is dated on or before that day.")
        if verb.startswith("close")
        else _("Somebody else than who closed them opens books again; the reason stays on record."),
        "crumbs": crumbs,
        "submit_label": title,
        "cancel_url": url,
    }
    return form_page(
        request,
        f"funding/{verb}.html",
        form,
        context,
        perform=lambda: change(dict(form.cleaned_data)),
        told=lambda entry: (
            _("The books are closed through %(day)s.") % {"day": date_local(entry.through)}
            if entry.through
            else _("The books are open.")
        ),
        seen_at=lambda _entry: url,
    )


def _books_title(whose: str, through: Any) -> str:
    if through is None:
        return _("The books of %(whose)s are open") % {"whose": whose}
    return _("The books of %(whose)s are closed through %(day)s") % {
        "whose": whose,
        "day": date_local(through),
    }


def _institute_actions(
    actor: Actor, institute: Institute, through: date | None
) -> tuple[Action, ...]:
    return tuple(
        Action(label, reverse(f"funding:{verb}", args=[institute.key]))
        for verb, label in _offered("close_books", "reopen_books", through)
        if may(actor, PERMISSIONS[verb], institute=institute.key)
    )


def _network_actions(actor: Actor, through: date | None) -> tuple[Action, ...]:
    return tuple(
        Action(label, reverse(f"funding:{verb}"))
        for verb, label in _offered("close_network_books", "reopen_network_books", through)
        if may(actor, PERMISSIONS[verb])
    )


def _offered(close: str, reopen: str, through: date | None) -> tuple[tuple[str, str], ...]:
    """What can be done to books; only closed ones are opened again."""
    closing = (close, _("Close the books"))
    return (closing, (reopen, _("Open the books again"))) if through else (closing,)


def _table(page: Any) -> Table:
    return Table(
        caption=_("Closings, newest first"),
        columns=(
            Column("at", _("When"), is_short=True),
            Column("what", _("What")),
            Column("through", _("Closed through"), is_short=True),
            Column("who", _("Who")),
            Column("why", _("Reason")),
        ),
        rows=tuple(_row(entry) for entry in page),
        page=page,
        empty=_("The books have never been closed."),
        is_stacked=True,
    )


def _row(entry: BooksClosing) -> Row:
    return Row(
        (
            Cell(date_local(entry.recorded_at)),
            Cell(str(CLOSING_KIND_LABELS[ClosingKind(entry.kind)])),
            Cell(date_local(entry.through) if entry.through else "–"),
            Cell(user_name(entry.recorded_by)),
            Cell(entry.reason or "–"),
        )
    )
