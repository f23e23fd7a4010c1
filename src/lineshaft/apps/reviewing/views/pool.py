"""Pages of the pool: the list, one record, adding, editing, retiring, letting somebody sign in."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.reviewing import exchange, queries, rules, services
from lineshaft.apps.reviewing.forms import (
    NewReviewerForm,
    PoolFilters,
    ReviewerForm,
    SeatReasonForm,
)
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.apps.reviewing.views.words import (
    SEAT_TONES,
    area_choices,
    area_names,
    declared_tag,
    employer_name,
    own_crumbs,
    panel_url,
    pool_crumbs,
)
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS: Final = {
    "name": "person__name",
    "employer": "person__organisation__name",
    "load": "load_most",
    "panels": "panels_held",
}
EXPORTS: Final = ("xlsx", "json")


@require_GET
@login_required
def list_reviewers(request: HttpRequest) -> HttpResponse:
    """The pool, by name, narrowed by what the address says."""
    actor = _reader_of_pool(request)
    form = PoolFilters(request.GET, areas=area_choices())
    order, sort = sorting(request, SORTS, "name")
    rows = queries.with_counts(queries.reviewers_found(actor, form.chosen()))
    page = paginate(request, rows.order_by(order, "pk"))
    query = request.GET.urlencode()
    exports = {
        key: f"{reverse('reviewing:export_reviewers', args=[key])}?{query}"
        for key in ("csv", *EXPORTS)
    }
    context = {
        "title": ngettext("%(count)s reviewer fits", "%(count)s reviewers fit", page.total)
        % {"count": formats.number(page.total)},
        "lede": _(
            "The pool is shared by all competitions. Whoever runs one and the staff of the network"
            " see it; names of reviewers are told to no applicant and to no public."
        ),
        "actions": _list_actions(actor),
        "form": form,
        "table": reviewers_table(
            page, _("Reviewers with their load in one stage"), sort=sort, export_url=exports["csv"]
        ),
        "exports": [(key.upper(), exports[key]) for key in EXPORTS],
    }
    return render_page(request, "reviewing/list_reviewers.html", context)


@require_GET
@login_required
def export_reviewers(request: HttpRequest, form: str) -> HttpResponseBase:
    """The reviewers of the list as a file."""
    actor = _reader_of_pool(request)
    filters = PoolFilters(request.GET, areas=area_choices())
    rows = queries.with_counts(queries.reviewers_found(actor, filters.chosen()))
    return table_download(
        actor,
        form,
        name="reviewers",
        columns=exchange.reviewer_export_columns(),
        rows=exchange.reviewer_export_rows(rows.order_by("person__name", "pk")),
        provenance=Provenance(
            title=_("Reviewers"),
            generated_at=clock.now(),
            is_demonstration=rows.filter(is_demonstration=True).exists(),
            filters={
                key: str(value) for key, value in request.GET.items() if key in filters.fields
            },
        ),
    )


@require_GET
@login_required
def show_reviewer(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: where they work and sit, what they know, their texts."""
    actor = actor_of(request)
    shown = queries.reviewer_by_id(actor, pk)
    is_own = queries.is_own_record(actor, shown)
    writes = is_own or queries.may_keep_pool(actor, "edit_reviewer")
    texts = paginate(request, queries.texts_of(shown))
    context = {
        "title": _("%(name)s takes on up to %(count)s applications in a stage")
        % {"name": formats.local_name(shown.person), "count": shown.load_most}
        if shown.is_active
        else _("%(name)s does not review any more") % {"name": formats.local_name(shown.person)},
        "tag": Tag(_("Demonstration")) if shown.is_demonstration else None,
        "lede": _(
            "Only whoever runs a competition, the staff of the network and the reviewer see"
            " this record."
        ),
        "crumbs": pool_crumbs() if queries.may_read_pool(actor) else own_crumbs(),
        "actions": _actions(actor, shown, is_own=is_own),
        "items": _items(shown),
        "statement": shown.statement,
        "seats": _seats_table(actor, shown),
        "texts": _texts_table(texts),
        "removable": [
            (one.title, reverse("reviewing:remove_reviewer_text", args=[one.pk])) for one in texts
        ]
        if writes
        else [],
    }
    return render_page(request, "reviewing/show_reviewer.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def add_reviewer(request: HttpRequest) -> HttpResponse:
    """The form that takes a person into the pool."""
    actor = _keeper(request, "add_reviewer")
    form = NewReviewerForm(request.POST or None, areas=area_choices())

    def perform() -> Reviewer | None:
        organisation = _organisation_named(actor, form)
        if form.errors:
            return None
        data = form.cleaned_data
        row = services.ReviewerRow(
            data["email"], form.terms(), data["name"], data["name_zh"], organisation
        )
        return services.add_reviewer(actor, row, now=clock.now())

    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Add a reviewer to the pool"),
            "lede": _("Nobody is told yet: an invitation to a panel is the first they hear."),
            "submit_label": _("Add"),
            "crumbs": pool_crumbs(),
            "cancel_url": reverse("reviewing:list_reviewers"),
        },
        perform=perform,
        told=lambda made: _("%(name)s is in the pool.") % {"name": _name_of(made)},
        seen_at=_page_of,
    )


@require_http_methods(["GET", "POST"])
@login_required
def edit_reviewer(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a record, for whoever keeps the pool."""
    actor = actor_of(request)
    shown = queries.reviewer_by_id(actor, pk)
    _keeper(request, "edit_reviewer")
    form = ReviewerForm(
        request.POST or None,
        areas=area_choices(),
        initial={"sector": shown.sector} | initial_of_reviewing(shown),
    )
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Edit the record of %(name)s") % {"name": _name_of(shown)},
            "lede": _("The reviewer sees and edits it too, but for the sector."),
            "submit_label": _("Save"),
            "crumbs": pool_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.edit_reviewer(
            actor, shown, form.terms(), now=clock.now(), seen=form.cleaned_data["seen"]
        ),
        told=lambda _done: _("The record is saved."),
        seen_at=lambda _done: shown.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def retire_reviewer(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that retires a reviewer."""
    actor = actor_of(request)
    shown = queries.reviewer_by_id(actor, pk)
    _keeper(request, "retire_reviewer")
    form = SeatReasonForm(request.POST or None)
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Retire %(name)s from the pool") % {"name": _name_of(shown)},
            "lede": _("Nobody invites them any more. Seats that they accepted stay theirs."),
            "submit_label": _("Retire"),
            "crumbs": pool_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.retire_reviewer(
            actor, shown, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The reviewer is retired."),
        seen_at=lambda _done: shown.get_absolute_url(),
    )


@require_POST
@login_required
def restore_reviewer(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a retired reviewer be invited again."""
    actor = actor_of(request)
    shown = queries.reviewer_by_id(actor, pk)
    return redirect(services.restore_reviewer(actor, shown, now=clock.now()))


@require_POST
@login_required
def give_reviewer_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a reviewer sign in."""
    actor = actor_of(request)
    shown = queries.reviewer_by_id(actor, pk)
    return redirect(services.give_reviewer_access(actor, shown, now=clock.now()))


def reviewers_table(
    page: Page[Reviewer],
    caption: str,
    *,
    sort: str | None = None,
    export_url: str | None = None,
    rows: tuple[Row, ...] | None = None,
    tick_form: str = "",
) -> Table:
    """A page of reviewers; `rows` are given where they can be ticked."""
    return Table(
        caption=caption,
        columns=(
            Column("name", _("Name"), sort="name"),
            Column("employer", _("Employer"), sort="employer"),
            Column("sector", _("Sector")),
            Column("areas", _("Technology areas")),
            Column("load", _("Load"), is_number=True, sort="load"),
            Column("panels", _("Panels now"), is_number=True, sort="panels"),
            Column("texts", _("Texts"), is_number=True),
            Column("state", _("Declared")),
        ),
        rows=tuple(reviewer_row(one) for one in page) if rows is None else rows,
        page=page,
        sort=sort,
        export_url=export_url,
        empty=_("No reviewer fits. Add one, or ask for less."),
        is_stacked=True,
        tick_form=tick_form,
        tick_name="reviewer" if tick_form else "",
    )


def reviewer_row(one: Reviewer, **options: Any) -> Row:
    """A reviewer as a row of that table."""
    declared = declared_tag(one)
    return Row(
        (
            Cell(_name_of(one), one.get_absolute_url()),
            Cell(employer_name(one)),
            Cell(str(one.get_sector_display())),
            Cell(area_names(one)),
            Cell(formats.number(one.load_most)),
            Cell(formats.number(one.panels_held)),  # type: ignore[attr-defined] # annotated
            Cell(formats.number(one.texts_held)),  # type: ignore[attr-defined] # annotated
            Cell(_("Retired"), tag="quiet")
            if not one.is_active
            else Cell(declared.text, tag=declared.tone),
        ),
        **options,
    )


def initial_of_reviewing(reviewer: Reviewer) -> dict[str, Any]:
    """What the forms of a record begin with."""
    return {
        "seen": reviewer.revision,
        "areas": [area.key for area in reviewer.technology_areas.all()],
        "load_most": reviewer.load_most,
        "statement": reviewer.statement,
    }


# ---------------------------------------------------------------------------------------- leaves


def _reader_of_pool(request: HttpRequest) -> Actor:
    """The actor who reads the pool; raises NotFound for others, who are not told of it."""
    actor = actor_of(request)
    if not queries.may_read_pool(actor):
        raise NotFound(code="no_pool")
    return actor


def _keeper(request: HttpRequest, verb: str) -> Actor:
    """The actor who may do that to the pool; raises NotPermitted."""
    actor = actor_of(request)
    if not queries.may_keep_pool(actor, verb):
        raise NotPermitted(rules.PERMISSIONS[verb].sentence)
    return actor


def _name_of(reviewer: Reviewer | None) -> str:
    return formats.local_name(reviewer.person) if reviewer else ""


def _page_of(reviewer: Reviewer | None) -> str:
    return reviewer.get_absolute_url() if reviewer else reverse("reviewing:list_reviewers")


def _organisation_named(actor: Actor, form: NewReviewerForm) -> Organisation | None:
    """The one organisation that the form names; None for none, and with the fault in the form."""
    text = form.cleaned_data["organisation"].strip()
    found = network.organisations_named(actor, text) if text else []
    if text and len(found) != 1:
        form.add_error(
            "organisation",
            _("Several organisations bear this name. Write the number of one.")
            if found
            else _("No organisation that you may see has this name. Register it first."),
        )
        return None
    return found[0] if found else None


def _list_actions(actor: Actor) -> tuple[Action, ...]:
    if not queries.may_keep_pool(actor, "add_reviewer"):
        return ()
    return (Action(_("Add a reviewer"), reverse("reviewing:add_reviewer"), is_primary=True),)


def _actions(actor: Actor, shown: Reviewer, *, is_own: bool) -> tuple[Action, ...]:
    """What the reader can do with a record: with the own one first."""

    def page(verb: str) -> str:
        return reverse(f"reviewing:{verb}", args=[shown.pk])

    keeps = queries.may_keep_pool(actor, "edit_reviewer")
    found = []
    if is_own:
        url = reverse("reviewing:edit_own_reviewing")
        found.append(Action(_("Edit your profile"), url, is_primary=True))
    if keeps:
        found.append(Action(_("Edit"), page("edit_reviewer")))
    if is_own or keeps:
        found.append(Action(_("Add texts"), page("add_reviewer_texts")))
    if keeps and shown.is_active:
        found.append(Action(_("Retire"), page("retire_reviewer")))
    if keeps and not shown.is_active:
        found.append(Action(_("Restore"), page("restore_reviewer"), is_post=True))
    if shown.person.user_id is None and may(actor, rules.PERMISSIONS["give_reviewer_access"]):
        found.append(Action(_("Let them sign in"), page("give_reviewer_access"), is_post=True))
    return tuple(found)


def _items(shown: Reviewer) -> tuple[Item, ...]:
    person = shown.person
    organisation = person.organisation
    return (
        Item(
            _("Employer"),
            employer_name(shown),
            reverse("network:show_organisation", args=[organisation.pk]) if organisation else "",
        ),
        Item(_("Sector"), str(shown.get_sector_display())),
        Item(_("Technology areas"), area_names(shown) or formats.MISSING),
        Item(_("Applications at most"), formats.number(shown.load_most)),
        Item(_("E-mail address"), person.email or formats.MISSING),
        Item(
            _("Signs in"),
            _("Yes") if person.user_id else _("No: an invitation can't be answered before"),
        ),
        Item(
            _("Declaration"),
            formats.date_local(shown.declared_at),
            tag=declared_tag(shown),
        ),
        Item(_("In the pool since"), formats.date_local(shown.added_at)),
    )


def _seats_table(actor: Actor, shown: Reviewer) -> Table:
    """Where they sit; whoever keeps the pool opens the panel from it."""
    reads_pool = queries.may_read_pool(actor)
    return Table(
        _("Panels to which they were invited"),
        (
            Column("competition", _("Competition")),
            Column("stage", _("Stage")),
            Column("state", _("State")),
            Column("load", _("Load"), is_number=True),
            Column("invited", _("Invited on"), is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(seat.stage.competition.code),
                    Cell(
                        formats.local_name(seat.stage),
                        panel_url(seat.stage.competition, seat.stage) if reads_pool else None,
                    ),
                    Cell(
                        _("Chairs") if seat.is_chair else str(seat.get_state_display()),
                        tag=SEAT_TONES[seat.state],
                    ),
                    Cell(formats.number(seat.load_most)),
                    Cell(formats.date_local(seat.invited_at)),
                )
            )
            for seat in queries.seats_held_by(actor, shown)
        ),
        empty=_("They were invited to none yet."),
        is_stacked=True,
    )


def _texts_table(page: Page[Any]) -> Table:
    return Table(
        _("Own texts, from which it is counted what they know"),
        (Column("title", _("Title")), Column("year", _("Year"), is_number=True)),
        tuple(
            Row((Cell(one.title, note=one.text[:200]), Cell(str(one.year or formats.MISSING))))
            for one in page
        ),
        page=page,
        empty=_("No text yet. Without any, only areas and the statement say what they know."),
        is_stacked=True,
    )
