"""The page of a person: their roles, and what ties them to others."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import EndTieForm, TieForm
from lineshaft.apps.network.models import Person, PersonRole, PersonTie
from lineshaft.apps.network.services import TieTerms
from lineshaft.apps.network.views.people import person_named
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def show_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Who somebody is here, and what ties them to others as far as the reader may know."""
    actor = actor_of(request)
    person = queries.person_by_id(actor, pk)
    page = paginate(request, queries.ties_of(actor, person))
    actions: tuple[Action, ...] = ()
    if services.may_anywhere(actor, rules.PERMISSIONS["record_person_tie"]):
        url = reverse("network:record_person_tie", args=[pk])
        actions = (Action(_("Record a tie"), url, is_primary=True),)
    context = {
        "title": formats.local_name(person),
        "lede": ngettext(
            "%(count)s tie to somebody else is recorded.",
            "%(count)s ties to others are recorded.",
            page.total,
        )
        % {"count": formats.number(page.total)},
        "crumbs": _crumbs(),
        "actions": actions,
        "items": (
            Item(_("Organisation"), formats.local_name(person.organisation)),
            Item(_("E-mail address"), person.email or formats.MISSING),
        ),
        "roles": _roles_table(list(queries.roles_of(person))),
        "table": _ties_table(actor, person, page),
    }
    return render_page(request, "network/show_person.html", context)


@require_http_methods(["GET", "POST"])
def record_person_tie(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that says what ties a person to somebody else."""
    actor = actor_of(request)
    services.permit_anywhere(actor, rules.PERMISSIONS["record_person_tie"])
    person = queries.person_by_id(actor, pk)
    form = TieForm(request.POST or None)
    url = reverse("network:show_person", args=[pk])

    def perform() -> PersonTie | None:
        entered = dict(form.cleaned_data)
        is_advised = entered.pop("is_advised")
        other = person_named(actor, form, entered.pop("other"), field="other")
        if other is None:
            return None
        one, two = (other, person) if is_advised else (person, other)
        return services.record_person_tie(actor, one, two, TieTerms(**entered), now=clock.now())

    return form_page(
        request,
        "network/tie_form.html",
        form,
        {
            "title": _("What ties %(name)s to somebody else")
            % {"name": formats.local_name(person)},
            "lede": _("It counts as a conflict of interest for some years after it has ended."),
            "submit_label": _("Record"),
            "crumbs": (*_crumbs(), Crumb(formats.local_name(person), url)),
            "cancel_url": url,
        },
        perform=perform,
        told=lambda _done: _("The tie is recorded."),
        seen_at=lambda _done: url,
    )


@require_http_methods(["GET", "POST"])
def end_person_tie(request: HttpRequest, pk: int, tie: int) -> HttpResponse:
    """The form that says in which year a tie ended."""
    actor = actor_of(request)
    services.permit_anywhere(actor, rules.PERMISSIONS["end_person_tie"])
    person = queries.person_by_id(actor, pk)
    found = queries.tie_by_id(actor, tie)
    form = EndTieForm(request.POST or None, initial={"year_to": clock.today().year})
    url = reverse("network:show_person", args=[pk])
    said = {
        "one": formats.local_name(found.person),
        "other": formats.local_name(found.other),
    }
    return form_page(
        request,
        "network/tie_form.html",
        form,
        {
            "title": _("The tie of %(one)s and %(other)s ended") % said,
            "lede": str(found.get_kind_display()),
            "submit_label": _("Save"),
            "crumbs": (*_crumbs(), Crumb(formats.local_name(person), url)),
            "cancel_url": url,
        },
        perform=lambda: services.end_person_tie(
            actor, found, year_to=form.cleaned_data["year_to"], now=clock.now()
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: url,
    )


# ---------------------------------------------------------------------------------------- leaves


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("People"), reverse("network:list_people")),)


def _roles_table(rows: list[PersonRole]) -> Table | None:
    if not rows:
        return None
    return Table(
        _("Roles"),
        (
            Column("role", _("Role")),
            Column("where", _("Where")),
            Column("from", _("From"), is_short=True),
            Column("until", _("Until, not included"), is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(str(one.get_kind_display())),
                    Cell(formats.local_name(one.institute or one.organisation)),
                    Cell(formats.date_local(one.starts_on)),
                    Cell(formats.date_local(one.ends_on)),
                )
            )
            for one in rows
        ),
        is_stacked=True,
    )


def _ties_table(actor: Actor, person: Person, page: Page[PersonTie]) -> Table:
    ends = services.may_anywhere(actor, rules.PERMISSIONS["end_person_tie"])
    return Table(
        _("Ties to others, by year"),
        (
            Column("other", _("With"), place="start"),
            Column("kind", _("Kind"), place="line"),
            Column("years", pgettext("tie", "Years"), is_short=True, place="end"),
            Column("evidence", _("Evidence"), place="line"),
            Column("source", _("Source"), place="foot"),
            *((Column("end", _("Until"), place="foot"),) if ends else ()),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.other if one.person == person else one.person)),
                    Cell(_kind_of(one, person)),
                    Cell(_years_of(one)),
                    Cell(one.evidence or formats.MISSING),
                    Cell(one.source),
                    *((_end_cell(one, person),) if ends else ()),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("No tie to anybody is recorded."),
        is_stacked=True,
    )


def _kind_of(tie: PersonTie, person: Person) -> str:
    if tie.kind == rules.PersonTieKind.ADVISOR:
        return _("Advised them") if tie.person == person else _("Was advised by them")
    return str(tie.get_kind_display())


def _years_of(tie: PersonTie) -> str:
    if tie.year_to is None:
        return _("since %(year)s") % {"year": tie.year_from}
    return f"{tie.year_from}–{tie.year_to}"


def _end_cell(tie: PersonTie, person: Person) -> Cell:
    if tie.year_to is not None:
        return Cell(str(tie.year_to))
    url = reverse("network:end_person_tie", args=[person.pk, tie.pk])
    return Cell(_("It ended"), url=url)
