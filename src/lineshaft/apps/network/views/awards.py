"""Pages of awards of other agencies: the list, counted by agency, and one of them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.network import queries, services
from lineshaft.apps.network.forms import OutsideAwardFilters
from lineshaft.apps.network.models import Organisation, OutsideAward
from lineshaft.apps.network.views import wording
from lineshaft.apps.network.views.overlaps import overlaps_table
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.sharing import LEVEL_LABELS, SharingLevel
from lineshaft.web import formats
from lineshaft.web.entries import entry_items
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {
    "title": "title",
    "agency": "agency_name",
    "recipient": "recipient",
    "year": "year",
    "amount": "amount_minor",
}


@require_GET
def list_outside_awards(request: HttpRequest) -> HttpResponse:
    """The awards that the actor may read, narrowed and sorted as the address says, and how many of
    them each agency made.
    """
    actor = actor_of(request)
    form = OutsideAwardFilters(
        request.GET,
        agencies=[(name, name) for name in queries.agencies_of_outside_awards(actor)],
        years=[(str(year), str(year)) for year in queries.years_of_outside_awards(actor)],
    )
    chosen = form.chosen()
    visible = queries.outside_awards_visible_to(actor)
    rows = queries.outside_awards_filtered(actor, visible, **chosen)
    order, sort = sorting(request, SORTS, "-year")
    page = paginate(request, rows.defer("abstract").order_by(order, "title", "pk"))
    table = Table(
        caption=_("Awards"),
        columns=(
            Column("title", _("Title"), sort="title", place="line"),
            Column("agency", _("Agency"), sort="agency", place="start"),
            Column("recipient", _("Recipient"), sort="recipient", place="line"),
            Column("year", _("Year"), sort="year", is_short=True, place="end"),
            Column("amount", _("Amount"), sort="amount", is_number=True, place="foot"),
        ),
        rows=tuple(_row(one) for one in page),
        page=page,
        sort=sort,
        empty=_("No award fits these filters.") if chosen else _("No award is recorded yet."),
        is_stacked=True,
    )
    return render_page(
        request,
        "network/list_outside_awards.html",
        {
            "table": table,
            "form": form,
            "total": page.total,
            "is_narrowed": bool(chosen),
            "recipient": _recipient_chosen(actor, chosen),
            "by_agency": _by_agency(queries.outside_awards_by_agency(rows), chosen),
            "actions": _actions(actor),
        },
    )


@require_GET
def show_outside_award(request: HttpRequest, pk: int) -> HttpResponse:
    """One award as its register says it, with its text and where it was read."""
    actor = actor_of(request)
    award = queries.outside_award_by_id(actor, pk)
    return render_page(
        request,
        "network/show_outside_award.html",
        {
            "award": award,
            "lede": " · ".join(text for text in (wording.maker(award), _year(award)) if text),
            "crumbs": (
                Crumb(_("Awards of other agencies"), reverse("network:list_outside_awards")),
            ),
            "tag": Tag(_("Demonstration")) if award.is_demonstration else None,
            "actions": _actions_of(actor, award),
            "overlaps": overlaps_table(actor, award),
            "items": _items(award),
            "source": (
                *_source(award),
                *entry_items(actor, award.recorded_in_id, term=_("Recorded at")),
            ),
        },
    )


def _actions(actor: Actor) -> tuple[Action, ...]:
    actions = []
    if services.may_register_outside_awards(actor):
        url = reverse("exchange:start_import", args=["awards"])
        actions.append(Action(_("Import awards"), url))
    if not actor.is_anonymous:
        actions.append(Action(_("Check a text"), reverse("network:check_text")))
    return tuple(actions)


def _actions_of(actor: Actor, award: OutsideAward) -> tuple[Action, ...]:
    if actor.is_anonymous:
        return ()
    url = f"{reverse('network:check_text')}?{urlencode({'award': award.pk})}"
    return (Action(_("Look for awards like it"), url),)


def _recipient_chosen(actor: Actor, chosen: dict[str, Any]) -> Organisation | None:
    pk = chosen.get("organisation")
    return queries.organisations_visible_to(actor).filter(pk=pk).first() if pk else None


def _by_agency(counted: list[tuple[str, int]], chosen: dict[str, Any]) -> Table | None:
    """How many of the awards each agency made, each number opening them; None for one agency."""
    if len(counted) < 2:  # noqa: PLR2004 -- one agency's number is the list's own
        return None
    base = reverse("network:list_outside_awards")
    return Table(
        caption=_("Awards by agency"),
        columns=(
            Column("agency", _("Agency")),
            Column("number", _("Awards"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(name),
                    Cell(
                        formats.number(number),
                        url=f"{base}?{urlencode({**chosen, 'agency': name})}",
                    ),
                )
            )
            for name, number in counted
        ),
    )


def _row(one: OutsideAward) -> Row:
    return Row(
        (
            Cell(one.title, url=reverse("network:show_outside_award", args=[one.pk]), lang="en"),
            Cell(wording.maker(one)),
            Cell(one.recipient or formats.MISSING),
            Cell(_year(one) or formats.MISSING),
            Cell(formats.money(one.amount)),
        )
    )


def _year(award: OutsideAward) -> str:
    return str(award.year or "")


def _items(award: OutsideAward) -> tuple[Item, ...]:
    seen: int | None = award.seen_organisation_id  # type: ignore[attr-defined] # annotated
    url = reverse("network:show_organisation", args=[seen]) if seen else ""
    place = ", ".join(
        part for part in (award.city, f"{award.region} {award.postal_code}".strip()) if part
    )
    days = [
        formats.date_local(day) if day else formats.MISSING
        for day in (award.starts_on, award.ends_on)
    ]
    items = (
        Item(_("Agency"), wording.maker(award)),
        Item(_("Programme"), award.programme),
        Item(_("Instrument"), award.instrument),
        Item(_("Phase"), award.phase),
        Item(_("Recipient"), award.recipient, url=url),
        Item(_("Place"), place),
        Item(_("Principal investigator"), award.investigator),
        Item(_("Other investigators"), award.other_investigators),
        Item(_("Amount"), formats.money(award.amount)),
        Item(_("Starts on"), days[0]),
        Item(_("Ends on"), days[1]),
    )
    return tuple(item for item in items if item.text and item.text != formats.MISSING)


def _source(award: OutsideAward) -> tuple[Item, ...]:
    items = [
        Item(_("Register"), award.source),
        Item(_("Award number"), award.number),
    ]
    if award.source_name:
        file = _("%(name)s, row %(row)s") % {
            "name": award.source_name,
            "row": award.source_row or formats.MISSING,
        }
        items.append(Item(_("File"), file))
        items.append(Item(_("Hash of the file (SHA-256)"), award.source_sha256))
    if award.level != SharingLevel.PUBLIC:
        items.append(Item(_("Shared with"), str(LEVEL_LABELS[SharingLevel(award.level)])))
    return tuple(items)
