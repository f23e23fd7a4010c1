"""Pages of the desk: home, about, find help, opportunities, search, my desk, the audit trail."""

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from lineshaft.apps.desk import queries
from lineshaft.apps.desk.forms import AuditFilter, NeedForm
from lineshaft.apps.desk.queries import Front
from lineshaft.apps.insight.queries import KeyFigure
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute
from lineshaft.engines.analytics.figures import FigureKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search as search_index
from lineshaft.web import charts, formats
from lineshaft.web.field_names import field_name
from lineshaft.web.forms import status_of
from lineshaft.web.maps import map_source
from lineshaft.web.pages import Action, Crumb, Figure, Item, Tile, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table
from lineshaft.web.verbs import VERB_NAMES, verb_name

MATCH_RATIO: Final = "funding.match_ratio"
SEARCH_PER_PAGE: Final = 20
WHOLE_UNIT: Final = 100  # minor units; a currency without cents is shown all the same by its code

_UUID_LENGTH: Final = 36

_WORDS_FOR_MANY: Final = frozenset({"all", "many"})
"""What bulk verbs write where others write the id of the record."""

_SUBJECT_PAGES: Final = {
    "network.organisation": "network:show_organisation",
    "funding.agreement": "funding:show_agreement",
    "funding.contribution": "funding:show_contribution",
    "funding.transfer": "funding:show_transfer",
    "funding.transferproposal": "funding:show_proposal",
    "jobs.job": "jobs:show_job",
    "exchange.importbatch": "exchange:show_import",
}
"""Where the subject of an audit event is shown, for those whose address is their id."""


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
def list_opportunities(request: HttpRequest) -> HttpResponse:
    """Open competitions and calls; this release runs none yet and says so."""
    context = {"crumbs": (Crumb(_("Home"), "/"),)}
    return render_page(request, "desk/list_opportunities.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything that the reader may see and that holds every word of the query."""
    text = request.GET.get("q", "").strip()
    kind = request.GET.get("kind", "")
    number = request.GET.get("page", "1")
    wanted = int(number) if number.isdecimal() and len(number) < 6 else 1  # noqa: PLR2004
    found = search_index(
        actor_of(request),
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
        "hits": [(hit, capfirst(_kind_name(hit.kind))) for hit in found.hits],
        "kinds": [(key, _kind_name_plural(key), count) for key, count in found.by_kind],
        "title": _search_title(text, found.total),
    }
    return render_page(request, "desk/search.html", context)


# ---------------------------------------------------------------------------------- signed in


@require_safe
@login_required
def show_desk(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, then what is theirs."""
    actor = actor_of(request)
    waiting = queries.waiting_for(actor, today=clock.today())
    institutes = queries.own_institutes(actor)
    context = {
        "waiting": waiting,
        "title": _desk_title(waiting),
        "actions": _payment_actions(actor, institutes),
        "institutes": institutes,
        "memberships": _membership_table(actor),
        "contributions": _contribution_table(waiting),
        "need_form": NeedForm(),
    }
    return render_page(request, "desk/show_desk.html", context)


@require_safe
@login_required
def list_audit_events(request: HttpRequest) -> HttpResponse:
    """Who did what, when and why: all for network staff, else one's institutes' and one's own."""
    actor = actor_of(request)
    names = {
        one.key: formats.local_name(one)
        for one in _institutes_to_filter(actor, asked=request.GET.get("institute", ""))
    }
    asked = {request.GET.get("verb", "")} & VERB_NAMES.keys()
    form = AuditFilter(
        request.GET,
        verbs=asked.union(queries.audit_verbs(actor)),
        institutes=sorted(names.items(), key=lambda pair: pair[1].casefold()),
    )
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    page = paginate(request, queries.audit_events(actor, **chosen))
    context = {
        "form": form,
        "table": _audit_table(page, names),
        "crumbs": (Crumb(_("My desk"), reverse("desk:show_desk")),),
    }
    return render_page(request, "desk/list_audit_events.html", context, status=status_of(form))


@require_safe
@login_required
def show_audit_event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event whole: what changed, why, and the digest that the chain holds of it."""
    event = events_visible_to(actor_of(request)).filter(pk=pk).first()
    if event is None:
        raise NotFound(gettext_noop("There is no such event, or none that you may see."))
    crumbs = (
        Crumb(_("My desk"), reverse("desk:show_desk")),
        Crumb(_("Audit trail"), reverse("desk:list_audit_events")),
    )
    context = {
        "event": event,
        "crumbs": crumbs,
        "items": _event_items(event),
        "changes": _changes_table(event),
    }
    return render_page(request, "desk/show_audit_event.html", context)


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


def _kind_name(kind: str) -> str:
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


def _membership_table(actor: Actor) -> Table:
    tiers = {tier.key: tier for tier in formats.profile().tiers}
    rows = tuple(
        Row(
            (
                Cell(
                    formats.local_name(one.institute),
                    reverse("network:show_institute", args=[one.institute.key]),
                ),
                Cell(formats.local_name(one.organisation)),
                Cell(formats.local_name(tiers.get(one.tier))),
                Cell(formats.date_local(one.starts_on)),
                Cell(formats.date_local(one.ends_on)),
            )
        )
        for one in queries.own_memberships(actor, today=clock.today())
    )
    columns = (
        Column("institute", _("Institute")),
        Column("organisation", _("Organisation")),
        Column("tier", _("Membership tier")),
        Column("from", _("From"), is_short=True),
        Column("until", _("Until"), is_short=True),
    )
    return Table(_("Memberships in force"), columns, rows, is_stacked=True)


def _contribution_table(waiting: queries.Waiting) -> Table:
    kinds = {kind.key: kind for kind in formats.profile().cost_share_kinds}
    rows = tuple(
        Row(
            (
                Cell(formats.local_name(one.organisation), one.get_absolute_url()),
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


def _institutes_to_filter(actor: Actor, *, asked: str) -> list[Any]:
    """One's own institutes, and the one that the address asks for: a link may lead to it."""
    institutes = network.institutes_visible_to(actor).prefetch_related(None).order_by("name")
    if not actor.is_network_staff:
        institutes = institutes.filter(key__in=sorted({*actor.staff_institute_keys, asked}))
    return list(institutes)


def _audit_table(page: Page[AuditEvent], names: dict[str, str]) -> Table:
    columns = (
        Column("at", _("When"), is_short=True),
        Column("who", _("Who")),
        Column("verb", _("Verb")),
        Column("subject", _("Record")),
        Column("institute", _("Institute")),
        Column("count", _("Records"), is_number=True),
        Column("why", _("Why")),
    )
    rows = tuple(
        Row(
            (
                Cell(
                    formats.date_local(event.at), reverse("desk:show_audit_event", args=[event.pk])
                ),
                Cell(formats.actor_name(event.actor_label)),
                Cell(verb_name(event.verb)),
                Cell(_subject_name(event), _subject_url(event)),
                Cell(names.get(event.institute, event.institute) or formats.MISSING),
                Cell(formats.number(event.count)),
                Cell(event.why or formats.MISSING),
            )
        )
        for event in page
    )
    return Table(
        _("Events, newest first"), columns, rows, page=page, empty=_empty_audit(), is_stacked=True
    )


def _empty_audit() -> str:
    return _(
        "No event fits this filter. You see what was done by you, and what was done for the"
        " institutes that you work with."
    )


def _subject_name(event: AuditEvent) -> str:
    """The kind of thing and its id; of a long id only its beginning, the link leads to the rest.

    The demonstration has no table, and a word that stands for many is no id.
    """
    if event.subject_type == "demonstration":
        return _("demonstration year")
    shown = "" if event.subject_id in _WORDS_FOR_MANY else event.subject_id
    if len(shown) == _UUID_LENGTH:
        shown = f"{shown[:8]}…"
    return f"{_kind_name_or_key(event.subject_type)} {shown}".strip()


def _kind_name_or_key(kind: str) -> str:
    """As `_kind_name`; an event may also be about what has no table."""
    try:
        return _kind_name(kind)
    except (LookupError, ValueError):
        return kind


def _subject_url(event: AuditEvent) -> str | None:
    name = _SUBJECT_PAGES.get(event.subject_type)
    if name is None or event.count != 1:
        return None
    try:
        return reverse(name, args=[event.subject_id])
    except NoReverseMatch:  # an event may name what its page's address can't, such as a batch
        return None


def _event_items(event: AuditEvent) -> tuple[Item, ...]:
    return (
        Item(_("When"), formats.date_local(event.at)),
        Item(
            _("Who"),
            formats.actor_name(event.actor_label) if event.actor_label else _("Erased"),
        ),
        Item(_("Verb"), f"{verb_name(event.verb)} ({event.verb})"),
        Item(_("Record"), _subject_name(event), url=_subject_url(event) or ""),
        Item(_("Institute"), event.institute or formats.MISSING),
        Item(_("Agency"), event.agency or formats.MISSING),
        Item(_("Records"), formats.number(event.count)),
        Item(_("Why"), event.why or formats.MISSING),
        Item(_("Digest"), event.digest),
    )


def _changes_table(event: AuditEvent) -> Table:
    rows = tuple(
        Row((Cell(field_name(field)), Cell(_change_text(value))))
        for field, value in event.changes.items()
    )
    columns = (Column("field", _("Field")), Column("change", _("What it says since")))
    empty = _("The event records no change of a field.")
    return Table(_("What changed"), columns, rows, empty=empty, is_stacked=True)


def _change_text(value: Any) -> str:
    if isinstance(value, list):
        return " → ".join(str(part) for part in value)
    return str(value)
