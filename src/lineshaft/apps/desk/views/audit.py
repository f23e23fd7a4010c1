"""Pages of the audit trail: who did what, when and why."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lineshaft.apps.desk import queries
from lineshaft.apps.desk.forms import AuditFilter
from lineshaft.apps.desk.views.home import kind_name
from lineshaft.apps.network import queries as network
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.field_names import field_name
from lineshaft.web.forms import status_of
from lineshaft.web.pages import Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table
from lineshaft.web.verbs import VERB_NAMES, verb_name

_UUID_LENGTH: Final = 36

_WORDS_FOR_MANY: Final = frozenset({"all", "many"})
"""What bulk verbs write where others write the id of the record."""

_SUBJECT_PAGES: Final = {
    "network.organisation": "network:show_organisation",
    "network.outsideaward": "network:show_outside_award",
    "funding.agreement": "funding:show_agreement",
    "funding.contribution": "funding:show_contribution",
    "funding.transfer": "funding:show_transfer",
    "funding.transferproposal": "funding:show_proposal",
    "jobs.job": "jobs:show_job",
    "exchange.importbatch": "exchange:show_import",
}
"""Where the subject of an audit event is shown, for those whose address is their id."""


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
                Cell(_why(event)),
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
    """As `kind_name`; an event may also be about what has no table."""
    try:
        return kind_name(kind)
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
        Item(_("Why"), _why(event)),
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


def _why(event: AuditEvent) -> str:
    """The reason; one that the program itself gives, in the reader's language."""
    return formats.spoken(event.why) if event.why else formats.MISSING
