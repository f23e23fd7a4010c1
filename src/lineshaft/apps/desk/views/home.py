"""Pages of the desk: home, about, find help, search, my desk."""

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.desk import queries
from lineshaft.apps.desk.forms import NeedForm
from lineshaft.apps.desk.queries import Front
from lineshaft.apps.desk.views.member import (
    event_table,
    membership_table,
    need_table,
    result_table,
)
from lineshaft.apps.insight.queries import KeyFigure
from lineshaft.apps.network.models import Institute
from lineshaft.engines.analytics.figures import FigureKind
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.gates import pass_gate
from lineshaft.plumbing.limits import Gate
from lineshaft.plumbing.listing import Page
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search as search_index
from lineshaft.plumbing.search.rules import QUERY_LENGTH_MAX
from lineshaft.web import charts, formats
from lineshaft.web.forms import status_of
from lineshaft.web.maps import map_source
from lineshaft.web.pages import Action, Crumb, Figure, Tile, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

MATCH_RATIO: Final = "funding.match_ratio"
SEARCH_PER_PAGE: Final = 20
WHOLE_UNIT: Final = 100  # minor units; a currency without cents is shown all the same by its code

# ------------------------------------------------------------------------------------ public


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the network is, where, what it did, and where to ask for help."""
    front = queries.front_page(actor_of(request))
    context = {
        "title": _home_title(front),
        "lede": _home_lede(front),
        "map": _map_figure(front),
        "institutes": _institute_table(front),
        "tiles": tuple(_tile(one) for one in front.figures),
        "as_of": front.figures[0].snapshot.taken_at if front.figures else None,
        "need_form": NeedForm(),
        "opportunities": _opportunities_table(
            front.opportunities, _("Open or to come, what closes next first")
        ),
        "report_url": reverse("insight:list_reports"),
    }
    return render_page(request, "desk/home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the network and the program are, and how a number here can be checked."""
    return render_page(request, "desk/about.html")


@require_safe
def find_help(request: HttpRequest) -> HttpResponse:
    """A firm says what it needs; the answer are institutes, with why and how far.

    A GET with the sentence in the address, so that it can be sent on; nothing is stored.
    """
    form = NeedForm(request.GET) if "need" in request.GET else NeedForm()
    answer = None
    if form.is_bound and form.is_valid():
        answer = queries.find_help(
            actor_of(request), form.cleaned_data["need"], region=form.cleaned_data["region"]
        )
    context = {
        "form": form,
        "answer": answer,
        "need": form.cleaned_data["need"] if answer else "",
        "crumbs": (Crumb(_("Home"), "/"),),
    }
    return render_page(request, "desk/find_help.html", context, status=status_of(form))


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything that the reader may see and that holds every word of the query."""
    actor = actor_of(request)
    text = request.GET.get("q", "").strip()[:QUERY_LENGTH_MAX]
    if text:
        pass_gate(actor, Gate.SEARCH, now=clock.now())
    kind = request.GET.get("kind", "")
    number = request.GET.get("page", "1")
    wanted = int(number) if number.isdecimal() and len(number) < 6 else 1  # noqa: PLR2004
    found = search_index(
        actor,
        text,
        kinds=[kind] if kind else None,
        limit=SEARCH_PER_PAGE,
        offset=(max(1, wanted) - 1) * SEARCH_PER_PAGE,
    )
    pages = max(1, -(-found.total // SEARCH_PER_PAGE))
    page = Page(found.hits, min(max(1, wanted), pages), pages, found.total, SEARCH_PER_PAGE)
    context = {
        "text": text,
        "kind": kind,
        "page": page,
        "hits": [(hit, capfirst(kind_name(hit.kind))) for hit in found.hits],
        "kinds": [(key, _kind_name_plural(key), count) for key, count in found.by_kind],
        "title": _search_title(text, found.total),
        "narrowed_by": [one.reference for one in actor.limits if one.shuts(Gate.SEARCH)],
    }
    return render_page(request, "desk/search.html", context)


# ---------------------------------------------------------------------------------- signed in


@require_safe
@login_required
def show_desk(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, then what is theirs."""
    actor = actor_of(request)
    waiting = queries.waiting_for(actor, today=clock.today(), now=clock.now())
    institutes = queries.own_institutes(actor)
    desk = queries.member_desk(actor, today=clock.today())
    context = {
        "waiting": waiting,
        "title": _desk_title(waiting),
        "actions": _payment_actions(actor, institutes),
        "institutes": institutes,
        "memberships": membership_table(desk),
        "needs": need_table(desk),
        "results": result_table(desk),
        "events": event_table(desk, today=clock.today()),
        "calls": _opportunities_table(desk.calls, _("Open now, what closes next first")),
        "contributions": _contribution_table(waiting),
        "need_form": NeedForm(),
    }
    return render_page(request, "desk/show_desk.html", context)


# --------------------------------------------------------------------------------------- home


def _home_title(front: Front) -> str:
    """The finding: what others added to the public money; before any report, what there is."""
    found = front.figure(MATCH_RATIO)
    if found is None or found.total.value is None:
        count = len(front.institutes)
        return ngettext(
            "%(count)s institute, one network", "%(count)s institutes, one network", count
        ) % {"count": formats.number(count)}
    currency = formats.profile().currency
    unit = Money(WHOLE_UNIT, currency)
    brought = Money(int(found.total.value * WHOLE_UNIT), currency)
    said = _("For each %(unit)s of federal money, the institutes brought %(brought)s of their own")
    return said % {"unit": formats.money(unit), "brought": formats.money(brought)}


def _home_lede(front: Front) -> str:
    count = len(front.institutes)
    return ngettext(
        "%(count)s institute in which companies, universities, colleges and government share"
        " equipment, people and results, so that what is invented here is made here.",
        "%(count)s institutes in which companies, universities, colleges and government share"
        " equipment, people and results, so that what is invented here is made here.",
        count,
    ) % {"count": formats.number(count)}


def _opportunities_table(opportunities: Iterable[Competition], caption: str) -> Table | None:
    """What can be applied for; None where nothing can."""
    rows = tuple(
        Row(
            (
                Cell(formats.local_name(one), one.get_absolute_url()),
                Cell(str(one.get_kind_display())),
                Cell(str(one.get_state_display())),
                Cell(moment_in(one.zone, one.closes_at)),  # type: ignore[attr-defined] # annotated
            )
        )
        for one in opportunities
    )
    if not rows:
        return None
    columns = (
        Column("title", _("Competition"), place="start"),
        Column("kind", _("Kind"), place="line"),
        Column("state", _("State"), place="end"),
        Column("closes", _("Closes"), is_short=True, place="foot"),
    )
    return Table(caption, columns, rows, is_stacked=True)


def _map_figure(front: Front) -> Figure | None:
    """The map of institutes; None where the profile has no map that ships."""
    points = [
        charts.MapPoint(one.name, one.place.latitude, one.place.longitude)
        for one in front.institutes
        if one.place is not None
        and one.place.latitude is not None
        and one.place.longitude is not None
    ]
    key = formats.profile().map_key
    alt = ngettext(
        "Map with %(count)s institute at its place",
        "Map with %(count)s institutes at their places; the table beneath lists them",
        len(points),
    ) % {"count": formats.number(len(points))}
    svg = charts.point_map(points, title_alt=alt, base=key)
    if not svg:
        return None
    return Figure(svg, _("Institutes at work"), source=map_source(key))


def _institute_table(front: Front) -> Table:
    rows = tuple(
        Row(
            (
                Cell(formats.local_name(one), reverse("network:show_institute", args=[one.key])),
                Cell(_place_name(one)),
                Cell(one.get_status_display(), tag=_STATUS_TONES.get(one.status, "quiet")),
            )
        )
        for one in front.institutes
    )
    columns = (
        Column("institute", _("Institute")),
        Column("place", _("Place")),
        Column("status", _("Status")),
    )
    return Table(_("Institutes at work"), columns, rows, empty=_("No institute is at work yet."))


_STATUS_TONES: Final[dict[str, Any]] = {"active": "ok", "cure_period": "due"}


def _place_name(institute: Any) -> str:
    place = institute.place
    if place is None:
        return formats.MISSING
    city = (place.city_zh if formats.is_chinese() else "") or place.city
    return formats.town(city, place.region) or formats.MISSING


def _tile(found: KeyFigure) -> Tile:
    definition, total = found.definition, found.total
    language = "zh" if formats.is_chinese() else "en"
    value, unit = _spoken_value(found)
    series = [float(one.value) for one in found.trend if one.value is not None]
    return Tile(
        label=definition.title_in(language),
        value=value,
        unit=unit,
        source=_trend_word(series, is_share=definition.kind is FigureKind.SHARE),
        period=formats.fiscal_year(total.fiscal_year),
        url=reverse("insight:show_figure", args=[found.fiscal_year, definition.id]),
        spark=charts.spark(series),
    )


def _spoken_value(found: KeyFigure) -> tuple[str, str]:
    definition, total = found.definition, found.total
    match definition.kind:
        case FigureKind.SUM:
            return formats.millions(int(total.value or 0)), formats.millions_unit()
        case FigureKind.COUNT:
            return formats.number(total.value), ""
        case FigureKind.SHARE:
            return f"{formats.number(total.value, definition.decimals)}%", ""
        case FigureKind.RATIO:
            return formats.ratio(total.value, definition.decimals), ""


def _trend_word(series: list[float], *, is_share: bool) -> str:
    """How the last year stands against the one before, in words; shares differ in points."""
    if len(series) < 2 or series[-2] == 0:  # noqa: PLR2004 -- a change has two ends
        return ""
    before, now = series[-2:]
    if is_share:
        change = _("%(number)s points") % {"number": formats.number(abs(now - before), 1)}
    else:
        change = f"{formats.number(abs(now / before - 1) * 100, 1)}%"
    if now > before:
        return _("%(change)s more than the year before") % {"change": change}
    if now < before:
        return _("%(change)s less than the year before") % {"change": change}
    return _("as in the year before")


# --------------------------------------------------------------------------------- other pages


def _search_title(text: str, total: int) -> str:
    if not text:
        return _("Search the network")
    return ngettext(
        "%(count)s result for “%(text)s”", "%(count)s results for “%(text)s”", total
    ) % {"count": formats.number(total), "text": text}


def kind_name(kind: str) -> str:
    """The word for a kind of thing, as its model says it."""
    return str(apps.get_model(kind)._meta.verbose_name)


def _kind_name_plural(kind: str) -> str:
    """The word for many of a kind, at the head of a list."""
    return str(capfirst(apps.get_model(kind)._meta.verbose_name_plural))


def _desk_title(waiting: queries.Waiting) -> str:
    if waiting.is_nothing:
        return _("Nothing waits for you")
    return ngettext(
        "%(count)s thing waits for you", "%(count)s things wait for you", waiting.count
    ) % {"count": formats.number(waiting.count)}


def _payment_actions(actor: Actor, institutes: Iterable[Institute]) -> tuple[Action, ...]:
    """The payments of each agency whose money the reader moves, and the books to reconcile."""
    agencies = sorted(actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY))
    offered = [
        Action(
            _("Payments of %(agency)s") % {"agency": key},
            reverse("funding:show_agency_payments", args=[key]),
        )
        for key in agencies
    ]
    keys = actor.scope_ids(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE)
    offered += [
        Action(
            _("Reconciliation of %(institute)s") % {"institute": formats.local_name(one)},
            reverse("funding:show_reconciliation", args=[one.key]),
        )
        for one in institutes
        if one.key in keys
    ]
    return tuple(offered)


def _contribution_table(waiting: queries.Waiting) -> Table:
    kinds = {kind.key: kind for kind in formats.profile().cost_share_kinds}
    rows = tuple(
        Row(
            (
                Cell(formats.local_name(one.organisation.standing), one.get_absolute_url()),
                Cell(formats.local_name(one.agreement.institute)),
                Cell(formats.local_name(kinds.get(one.kind))),
                Cell(formats.date_local(one.occurred_on)),
                Cell(formats.money(one.claimed)),
            )
        )
        for one in waiting.contributions
    )
    columns = (
        Column("organisation", _("Contributor")),
        Column("institute", _("Institute")),
        Column("kind", _("Kind")),
        Column("date", _("Date"), is_short=True),
        Column("claimed", _("Claimed"), is_number=True),
    )
    caption = _("Contributions to accept or refuse, oldest first")
    return Table(caption, columns, rows, is_stacked=True)
