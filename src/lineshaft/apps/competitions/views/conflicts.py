"""Pages of conflicts of interest: what was found, who is checked, decisions, one's own."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    Choices,
    ConflictFilters,
    DecideConflictForm,
    DeclareConflictForm,
)
from lineshaft.apps.competitions.models import (
    CONFLICT_OUTCOME_LABELS,
    Competition,
    Conflict,
    ConflictSubject,
)
from lineshaft.apps.competitions.queries import ConflictCounts
from lineshaft.apps.competitions.views.competitions import competition_to
from lineshaft.apps.competitions.views.conflict_words import (
    OUTCOME_TONES,
    decided_text,
    evidence_of,
    outcome_cell,
    unwanted_table,
    withheld_kind,
)
from lineshaft.apps.competitions.views.words import running_crumbs
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn, Provenance
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, Item, Tag, Tile, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

TAB: Final = "competitions:list_conflicts"
EXPORT_CHUNK: Final = 2000


@require_GET
@login_required
def list_conflicts(request: HttpRequest, key: str) -> HttpResponse:
    """The conflicts with applications that the reader sees, and what is withheld of their own."""
    actor, shown = _read_by(request, key)
    form = ConflictFilters(request.GET)
    page = paginate(request, queries.conflicts_found(actor, shown, form.search()))
    counts = queries.conflicts_counted(queries.conflicts_visible_to(actor, shown))
    exported = reverse("competitions:export_conflicts", args=[key, "csv"])
    context = {
        "title": _title(counts),
        "lede": _(
            "Who reviews in a competition, or runs it, is compared with every team. What is not"
            " decided, and a recusal, closes the application to the person."
        ),
        "crumbs": running_crumbs(shown),
        "tabs": competition_tabs(key, TAB),
        "actions": _list_actions(actor, shown),
        "tiles": _tiles(key, counts),
        "form": form,
        "table": _table(key, page, f"{exported}?{urlencode(form.chosen())}"),
        "withheld": _withheld_table(list(queries.conflicts_withheld(actor, shown))),
        "unchecked": _unchecked(shown),
        "citation": rules.DISCLOSURE,
    }
    return render_page(request, "competitions/list_conflicts.html", context)


@require_GET
@login_required
def export_conflicts(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The conflicts of the list as a file."""
    actor, shown = _read_by(request, key)
    filters = ConflictFilters(request.GET)
    columns = (
        ExportColumn("application", _("Application")),
        ExportColumn("person", _("Person")),
        ExportColumn("kind", _("Kind")),
        ExportColumn("origin", _("Origin")),
        ExportColumn("evidence", _("Evidence")),
        ExportColumn("found_at", _("Found on")),
        ExportColumn("outcome", _("Outcome")),
        ExportColumn("measure", pgettext("conflict", "Measure")),
        ExportColumn("reason", _("Reason")),
        ExportColumn("decided_by", _("Decided by")),
        ExportColumn("decided_at", _("Decided on")),
    )
    return table_download(
        actor,
        form,
        name=f"{shown.key}-conflicts",
        columns=columns,
        rows=_export_rows(queries.conflicts_found(actor, shown, filters.search())),
        provenance=Provenance(
            title=_("Conflicts of interest, %(code)s") % {"code": shown.code},
            generated_at=clock.now(),
            is_demonstration=shown.is_demonstration,
            filters=filters.chosen(),
            source=rules.DISCLOSURE.text,
        ),
        institute=shown.institute.key if shown.institute else "",
    )


@require_GET
@login_required
def list_conflict_subjects(request: HttpRequest, key: str) -> HttpResponse:
    """Who is checked in the competition, and when last."""
    actor, shown = _read_by(request, key)
    page = paginate(request, queries.subjects_of(shown))
    title = ngettext(
        "%(count)s person is checked for conflicts",
        "%(count)s people are checked for conflicts",
        page.total,
    ) % {"count": formats.number(page.total)}
    context = {
        "title": title,
        "lede": _(
            "Who runs the competition or reads in it by a role, and whoever was asked to review."
        ),
        "crumbs": (*running_crumbs(shown), _crumb(shown)),
        "tabs": competition_tabs(key, TAB),
        "table": _subjects_table(actor, shown, page),
        "unchecked": _unchecked(shown),
    }
    return render_page(request, "competitions/list_conflict_subjects.html", context)


@require_GET
@login_required
def show_conflict(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """One conflict: what it rests on, and every decision of it."""
    actor, shown = _read_by(request, key)
    conflict = queries.conflict_by_id(actor, shown, pk)
    decide = reverse("competitions:decide_conflict", args=[key, pk])
    may_decide = conflict.cleared_at is None and queries.may_run(actor, "decide_conflict", shown)
    is_own = conflict.person.user_id is not None and conflict.person.user_id == actor.user_id
    actions: tuple[Action, ...] = ()
    if may_decide and not is_own and not _is_over(shown):
        actions = (Action(_("Decide"), decide, is_primary=True),)
    context = {**_about(actor, shown, conflict), "actions": actions}
    return render_page(request, "competitions/show_conflict.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def decide_conflict(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that says what follows from a conflict."""
    actor, shown = competition_to(request, key, "decide_conflict")
    conflict = queries.conflict_by_id(actor, shown, pk)
    initial = {
        "outcome": "" if conflict.decided_at is None else conflict.outcome,
        "measure": conflict.measure,
        "seen": len(conflict.decisions.all()),
    }
    form = DecideConflictForm(request.POST or None, initial=initial)
    seen_at = reverse("competitions:show_conflict", args=[key, pk])
    return form_page(
        request,
        "competitions/decide_conflict.html",
        form,
        {**_about(actor, shown, conflict), "submit_label": _("Decide"), "cancel_url": seen_at},
        perform=lambda: services.decide_conflict(
            actor,
            conflict,
            form.cleaned_data["outcome"],
            reason=form.cleaned_data["reason"],
            measure=form.cleaned_data["measure"],
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda done: _("Decided: %(outcome)s.") % {"outcome": done.get_outcome_display()},
        seen_at=lambda _done: seen_at,
    )


@require_http_methods(["GET", "POST"])
@login_required
def declare_conflict(request: HttpRequest, key: str) -> HttpResponse:
    """The form by which somebody who is checked declares a conflict, or somebody for them."""
    actor = actor_of(request)
    shown = queries.competition_to_declare(actor, key)
    reads = queries.may_read_submissions(actor, shown)
    subjects = {}
    if queries.may_run(actor, "check_conflicts", shown):
        subjects = {str(one.person_id): one.person for one in queries.subjects_of(shown)}
    people: Choices = [(pk, formats.local_name(one)) for pk, one in subjects.items()]
    initial = {"application": request.GET.get("application", "")}
    form = DeclareConflictForm(request.POST or None, people=people, initial=initial)
    seen_at = reverse(TAB, args=[key]) if reads else reverse("competitions:list_own_conflicts")
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Declare a conflict of interest"),
            "lede": _(
                "From then on the application is closed to whom it concerns, until whoever runs"
                " the competition has decided."
            ),
            "submit_label": _("Declare"),
            "crumbs": running_crumbs(shown) if reads else _own_crumbs(),
            "cancel_url": seen_at,
        },
        perform=lambda: services.declare_conflict(
            actor,
            queries.application_to_declare(actor, shown, form.cleaned_data["application"]),
            kind=form.cleaned_data["kind"],
            evidence=form.cleaned_data["evidence"],
            person=subjects.get(form.cleaned_data.get("person", "")),
            now=clock.now(),
        ),
        told=lambda _made: _("Declared. The application is closed until it is decided."),
        seen_at=lambda _made: seen_at,
    )


@require_POST
@login_required
def check_conflicts(request: HttpRequest, key: str) -> HttpResponse:
    """Compare everybody who is checked with every application now."""
    actor, shown = competition_to(request, key, "check_conflicts")
    services.check_conflicts(actor, shown, now=clock.now())
    messages.success(request, _("Everybody was compared with every application."))
    return redirect(TAB, key=key)


@require_GET
@login_required
def list_own_conflicts(request: HttpRequest) -> HttpResponse:
    """The reader's own conflicts, and where they can declare one."""
    actor = actor_of(request)
    page = paginate(request, queries.own_conflicts(actor))
    title = ngettext(
        "%(count)s conflict of yours stands", "%(count)s conflicts of yours stand", page.total
    ) % {"count": formats.number(page.total)}
    context = {
        "title": title if page.total else _("No conflict of yours stands"),
        "lede": _(
            "What ties you to an application closes it to you. Which one it is, and what it says,"
            " is not shown."
        ),
        "table": _own_table(page),
        "declaring": [
            (one, reverse("competitions:declare_conflict", args=[one.key]))
            for one in queries.competitions_checking(actor)
        ],
    }
    return render_page(request, "competitions/list_own_conflicts.html", context)


# ---------------------------------------------------------------------------------------- leaves


def _read_by(request: HttpRequest, key: str) -> tuple[Actor, Competition]:
    """The actor and the competition, for whoever reads what was handed in; else NotFound."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    if not queries.may_read_submissions(actor, shown):
        raise NotFound(queries.NO_CONFLICTS, code="no_conflicts")
    return actor, shown


def _crumb(shown: Competition) -> Crumb:
    return Crumb(pgettext("of interest", "Conflicts"), reverse(TAB, args=[shown.key]))


def _own_crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("My conflicts"), reverse("competitions:list_own_conflicts")),)


def _is_over(shown: Competition) -> bool:
    return shown.state in rules.TRANSITIONS["Competition"].final


def _title(counts: ConflictCounts) -> str:
    if counts.open:
        return ngettext(
            "%(count)s conflict of interest waits for a decision",
            "%(count)s conflicts of interest wait for a decision",
            counts.open,
        ) % {"count": formats.number(counts.open)}
    if counts.found:
        return ngettext(
            "%(count)s conflict of interest is decided",
            "%(count)s conflicts of interest are decided",
            counts.found,
        ) % {"count": formats.number(counts.found)}
    return _("No conflict of interest can be read")


def _tiles(key: str, counts: ConflictCounts) -> tuple[Tile, ...]:
    numbers = {
        rules.ConflictOutcome.OPEN: counts.open,
        rules.ConflictOutcome.RECUSAL: counts.recusals,
        rules.ConflictOutcome.MITIGATION: counts.mitigations,
        rules.ConflictOutcome.WAIVER: counts.waivers,
    }
    address = reverse(TAB, args=[key])
    return tuple(
        Tile(
            str(CONFLICT_OUTCOME_LABELS[outcome]),
            formats.number(number),
            f"{address}?{urlencode({'outcome': outcome.value})}",
        )
        for outcome, number in numbers.items()
    )


def _list_actions(actor: Actor, shown: Competition) -> tuple[Action, ...]:
    key = shown.key
    listed = Action(_("Who is checked"), reverse("competitions:list_conflict_subjects", args=[key]))
    if _is_over(shown) or not queries.may_run(actor, "check_conflicts", shown):
        return (listed,)
    check = reverse("competitions:check_conflicts", args=[key])
    declare = reverse("competitions:declare_conflict", args=[key])
    return (
        Action(_("Check now"), check, is_post=True),
        Action(_("Declare a conflict"), declare),
        listed,
    )


def _unchecked(shown: Competition) -> list[str]:
    """The names of who runs the competition without a record by which they could be checked."""
    rows = queries.runners_without_person(shown, on=clock.today())
    return [formats.user_name(user) for user in rows]


def _table(key: str, page: Page[Conflict], export_url: str) -> Table:
    return Table(
        _("Conflicts by application"),
        (
            Column("person", _("Person"), place="start"),
            Column("application", _("Application"), place="line"),
            Column("kind", _("Kind"), place="line"),
            Column("evidence", _("Evidence"), place="line"),
            Column("found", _("Found on"), is_short=True, place="foot"),
            Column("outcome", _("Outcome"), place="state"),
            Column("decided", _("Decided by"), place="foot"),
        ),
        tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.person),
                        url=reverse("competitions:show_conflict", args=[key, one.pk]),
                    ),
                    Cell(_application_name(one)),
                    Cell(str(one.get_kind_display()), note=str(one.get_origin_display())),
                    Cell(evidence_of(one)),
                    Cell(formats.date_local(one.found_at)),
                    outcome_cell(one),
                    Cell(decided_text(one)),
                )
            )
            for one in page
        ),
        page=page,
        export_url=export_url,
        empty=_("No conflict stands with an application that you may read."),
        is_stacked=True,
    )


def _withheld_table(rows: list[Conflict]) -> Table | None:
    """The reader's own conflicts, with nothing of the application."""
    if not rows:
        return None
    return Table(
        _("Your own conflicts; the application is withheld from you"),
        (
            Column("kind", _("Kind"), place="start"),
            Column("found", _("Found on"), is_short=True, place="line"),
            Column("outcome", _("Outcome"), place="state"),
        ),
        tuple(
            Row(
                (
                    Cell(withheld_kind(one)),
                    Cell(formats.date_local(one.found_at)),
                    outcome_cell(one),
                )
            )
            for one in rows
        ),
    )


def _subjects_table(actor: Actor, shown: Competition, page: Page[ConflictSubject]) -> Table:
    people = [one.person_id for one in page]
    found = queries.conflicts_by_person(actor, shown, people)
    address = reverse(TAB, args=[shown.key])
    return Table(
        _("People who are checked, by name"),
        (
            Column("person", _("Person"), place="start"),
            Column("employer", _("Employer"), place="line"),
            Column("found", _("Conflicts that stand"), is_number=True, place="end"),
            Column("checked", _("Last checked"), is_short=True, place="foot"),
            Column("added", _("Added by"), place="foot"),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.person)),
                    Cell(formats.local_name(one.person.organisation)),
                    Cell(
                        formats.number(found.get(one.person_id, 0)),
                        url=f"{address}?{urlencode({'q': one.person.name})}",
                    ),
                    Cell(formats.date_local(one.checked_at)),
                    Cell(formats.actor_name(one.added_by)),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("Nobody is checked yet."),
        is_stacked=True,
    )


def _own_table(page: Page[Conflict]) -> Table:
    return Table(
        _("Your conflicts of interest, the latest first"),
        (
            Column("competition", _("Competition"), place="start"),
            Column("kind", _("Kind"), place="line"),
            Column("evidence", _("What you declared"), place="line"),
            Column("found", _("Found on"), is_short=True, place="foot"),
            Column("outcome", _("Outcome"), place="state"),
        ),
        tuple(
            Row(
                (
                    Cell(one.application.competition.code),
                    Cell(str(one.get_kind_display()), note=str(one.get_origin_display())),
                    Cell(queries.words_of_own(one) or formats.MISSING),
                    Cell(formats.date_local(one.found_at)),
                    outcome_cell(one),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("Nothing ties you to an application, as far as is known here."),
        is_stacked=True,
    )


def _about(actor: Actor, shown: Competition, conflict: Conflict) -> dict[str, object]:
    """What stands on both pages of a conflict."""
    said = {"person": formats.local_name(conflict.person), "number": conflict.application.number}
    items = [
        Item(_("Person"), formats.local_name(conflict.person)),
        Item(_("Employer"), formats.local_name(conflict.person.organisation)),
        Item(_("Application"), _application_name(conflict)),
        Item(_("Kind"), str(conflict.get_kind_display())),
        Item(_("Evidence"), evidence_of(conflict)),
        Item(_("Origin"), str(conflict.get_origin_display())),
        Item(_("Found on"), formats.date_local(conflict.found_at)),
    ]
    if conflict.declared_by:
        items.append(Item(_("Declared by"), formats.actor_name(conflict.declared_by)))
    unwanted = None
    if conflict.kind == rules.ConflictKind.UNWANTED:
        rows = queries.unwanted_until(actor, conflict.application, conflict.found_at)
        unwanted = unwanted_table(rows)
    cell = outcome_cell(conflict)
    return {
        "title": _("%(person)s and application %(number)s") % said,
        "lede": evidence_of(conflict),
        "tag": Tag(cell.text, cell.tag or "quiet"),
        "crumbs": (*running_crumbs(shown), _crumb(shown)),
        "items": tuple(items),
        "decisions": _decisions_table(conflict),
        "unwanted": unwanted,
        "citation": rules.DISCLOSURE,
    }


def _decisions_table(conflict: Conflict) -> Table | None:
    rows = sorted(conflict.decisions.all(), key=lambda one: -one.pk)
    if not rows:
        return None
    return Table(
        _("Decisions, the latest first"),
        (
            Column("day", _("Decided on"), is_short=True, place="start"),
            Column("outcome", _("Outcome"), place="state"),
            Column("measure", pgettext("conflict", "Measure"), place="line"),
            Column("reason", _("Reason"), place="line"),
            Column("who", _("Decided by"), place="foot"),
        ),
        tuple(
            Row(
                (
                    Cell(formats.date_local(one.decided_at)),
                    Cell(str(one.get_outcome_display()), tag=OUTCOME_TONES[one.outcome]),
                    Cell(one.measure or formats.MISSING),
                    Cell(one.reason),
                    Cell(formats.actor_name(one.decided_by)),
                )
            )
            for one in rows
        ),
        is_stacked=True,
    )


def _application_name(conflict: Conflict) -> str:
    """The number and who leads: a title may have changed in a call that is still sealed."""
    one = conflict.application
    return _("%(number)s: %(lead)s") % {"number": one.number, "lead": formats.local_name(one.lead)}


def _export_rows(rows: QuerySet[Conflict]) -> Iterator[tuple[ExportCell, ...]]:
    for one in rows.iterator(chunk_size=EXPORT_CHUNK):
        yield (
            one.application.number,
            one.person.name,
            str(one.get_kind_display()),
            str(one.get_origin_display()),
            evidence_of(one),
            one.found_at,
            outcome_cell(one).text,
            one.measure,
            one.reason,
            one.decided_by,
            one.decided_at,
        )
