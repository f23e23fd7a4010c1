"""Pages of institutes: the list, and one institute."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.network import exchange, queries, rules
from lineshaft.apps.network.forms import InstituteFilters
from lineshaft.apps.network.models import (
    DATE_KIND_LABELS,
    EDITION_LABELS,
    NAME_KIND_LABELS,
    SPONSOR_ROLE_LABELS,
    Institute,
    InstituteFact,
)
from lineshaft.apps.network.views import wording
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.notices import institute_notices
from lineshaft.web.pages import Action, Crumb, Item, Step, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {
    "name": "name_folded",
    "status": "status",
    "announced": "announced_on",
    "established": "established_on",
    "place": "place__region",
}
LINE = (
    rules.DateKind.SOLICITATION_OPENED,
    rules.DateKind.ANNOUNCED,
    rules.DateKind.ESTABLISHED,
)
"""Stations that every institute passes; others stand on its line once they have a date."""


@require_GET
def list_institutes(request: HttpRequest) -> HttpResponse:
    """The institutes, narrowed and sorted as the address says."""
    actor = actor_of(request)
    form = _filters(request)
    chosen = form.chosen()
    order, sort = sorting(request, SORTS, "name")
    rows = queries.institutes_filtered(queries.institutes_visible_to(actor), **chosen)
    page = paginate(request, queries.with_dates(rows).order_by(order, "pk"))
    table = Table(
        caption=_("Institutes as of %(day)s") % {"day": formats.date_local(clock.today())},
        columns=(
            Column("name", _("Institute"), sort="name"),
            Column("status", _("Status"), sort="status"),
            Column("areas", _("Technology areas")),
            Column("sponsors", _("Sponsor agencies")),
            Column("place", _("Place"), sort="place"),
            Column("announced", _("Announced"), sort="announced", is_short=True),
            Column("established", _("Established"), sort="established", is_short=True),
        ),
        rows=tuple(_institute_row(institute) for institute in page),
        page=page,
        sort=sort,
        export_url=_export_url(request, "network:export_institutes"),
        empty=_("No institute fits these filters. Clear them to see all."),
        is_stacked=True,
    )
    by_status = queries.institutes_by_status(actor)
    return render_page(
        request,
        "network/list_institutes.html",
        {
            "table": table,
            "form": form,
            "is_narrowed": any(chosen.values()),
            "active": by_status.get(rules.InstituteStatus.ACTIVE, 0),
            "total": sum(by_status.values()),
            "actions": _list_actions(actor),
            "exports": _exports(request, "network:export_institutes"),
        },
    )


@require_GET
def export_institutes(request: HttpRequest, form: str) -> HttpResponseBase:
    """The institutes of the list as a file."""
    chosen = _filters(request).chosen()
    rows = queries.institutes_filtered(queries.institutes_visible_to(actor_of(request)), **chosen)
    return table_download(
        actor_of(request),
        form,
        name="institutes",
        columns=exchange.institute_export_columns(),
        rows=exchange.institute_export_rows(rows.order_by("key")),
        provenance=Provenance(
            title=_("Institutes"),
            generated_at=clock.now(),
            is_demonstration=False,
            filters=chosen,
        ),
    )


@require_GET
def show_institute(request: HttpRequest, key: str) -> HttpResponse:
    """One institute: its line of dates, its facts with their sources, then and now."""
    actor = actor_of(request)
    institute = queries.institute_detail(actor, key)
    focus = _fact(institute, "focus")
    lead = _fact(institute, "lead")
    return render_page(
        request,
        "network/show_institute.html",
        {
            "institute": institute,
            "title": finding(institute),
            "lede": wording.fact_value(focus) if focus else "",
            "lede_lang": wording.fact_language(focus),
            "tag": status_tag(institute),
            "crumbs": (Crumb(_("Institutes"), reverse("network:list_institutes")),),
            "tabs": institute_tabs(institute.key, "network:show_institute", actor),
            "actions": _actions(actor, institute),
            "steps": _steps(institute),
            "notices": institute_notices(actor, institute.key),
            "overview": _overview(institute, lead),
            "cure_rule": _(rules.VERB_RULES["open_cure_period"]),
            "cure_citation": rules.VERB_CITATIONS["open_cure_period"],
            "sponsors": _sponsors_table(institute),
            "facts": _facts_table(institute),
            "seed": _seed_table(institute),
            "names": _names_table(institute),
            "dates": _dates_table(institute),
            "people": queries.people_serving(actor, institute, on=clock.today()),
        },
    )


def status_verbs(actor: Actor, institute: Institute) -> tuple[str, ...]:
    """The changes of status that the institute's state and the actor's roles allow."""
    sponsors = [sponsor.agency.key for sponsor in institute.sponsors.all()]
    return tuple(
        verb
        for verb in rules.INSTITUTE_WORKFLOW.verbs_from(institute.status)
        if may(actor, rules.PERMISSIONS[verb], institute=institute.key, agencies=sponsors)
    )


def finding(institute: Institute) -> str:
    """What there is to say of the institute today, as a title."""
    name = formats.local_name(institute)
    established = wording.date_of(institute, rules.DateKind.ESTABLISHED)
    terminated = wording.date_of(institute, rules.DateKind.TERMINATED)
    year = wording.dated(established.on, rules.Precision.YEAR) if established else ""
    match institute.status:
        case rules.InstituteStatus.ACTIVE if year:
            return _("%(name)s has been at work since %(year)s") % {"name": name, "year": year}
        case rules.InstituteStatus.ACTIVE:
            return _("%(name)s is at work") % {"name": name}
        case rules.InstituteStatus.CURE_PERIOD:
            day = formats.date_local(institute.cure_ends_on, "long")
            return _("%(name)s has until %(day)s to remedy its deficiencies") % {
                "name": name,
                "day": day,
            }
        case rules.InstituteStatus.TERMINATED if terminated:
            day = wording.dated(terminated.on, terminated.precision)
            return _("%(name)s was terminated in the network on %(day)s") % {
                "name": name,
                "day": day,
            }
        case rules.InstituteStatus.TERMINATED:
            return _("%(name)s was terminated") % {"name": name}
        case rules.InstituteStatus.RECOGNISED_UNFUNDED:
            return _("%(name)s takes part without the programme's money") % {"name": name}
        case rules.InstituteStatus.PLANNED:
            return _("%(name)s is planned and has no award yet") % {"name": name}
        case _:
            return _("%(name)s is only proposed") % {"name": name}


# ------------------------------------------------------------------------------------- the list


def _filters(request: HttpRequest) -> InstituteFilters:
    return InstituteFilters(
        request.GET,
        sponsors=sponsor_choices(),
        areas=area_choices(),
    )


def sponsor_choices() -> list[tuple[str, str]]:
    """The agencies that sponsor institutes, to choose from."""
    found = queries.agencies().filter(is_sponsor=True).order_by("key")
    return [(agency.key, formats.local_name(agency)) for agency in found]


def area_choices() -> list[tuple[str, str]]:
    """The technology areas, to choose from."""
    found = queries.technology_areas().order_by("name")
    return [(area.key, formats.local_name(area)) for area in found]


def _institute_row(institute: Institute) -> Row:
    dates = {
        kind: wording.dated(
            getattr(institute, f"{kind}_on"), getattr(institute, f"{kind}_precision") or ""
        )
        for kind in ("announced", "established")
    }
    return Row(
        (
            Cell(
                formats.local_name(institute),
                url=reverse("network:show_institute", args=[institute.key]),
            ),
            Cell(
                institute.get_status_display(),
                tag=wording.STATUS_TONES.get(institute.status, "quiet"),
            ),
            Cell(
                formats.joined(
                    [formats.local_name(area) for area in institute.technology_areas.all()]
                )
            ),
            Cell(", ".join(sponsor.agency.key for sponsor in institute.sponsors.all())),
            Cell(wording.place_of(institute.place)),
            Cell(dates["announced"]),
            Cell(dates["established"]),
        )
    )


def _export_url(request: HttpRequest, name: str, form: str = "csv") -> str:
    query = request.GET.urlencode()
    url = reverse(name, args=[form])
    return f"{url}?{query}" if query else url


def _exports(request: HttpRequest, name: str) -> list[tuple[str, str]]:
    return [(form.upper(), _export_url(request, name, form)) for form in ("xlsx", "json")]


# -------------------------------------------------------------------------------- one institute


def _fact(
    institute: Institute, measure: str, edition: rules.Edition = rules.Edition.TODAY
) -> InstituteFact | None:
    return next(
        (
            fact
            for fact in institute.facts.all()
            if fact.measure == measure and fact.edition == edition
        ),
        None,
    )


def status_tag(institute: Institute) -> Tag:
    """The institute's status, as a word."""
    return Tag(
        str(institute.get_status_display()), wording.STATUS_TONES.get(institute.status, "quiet")
    )


def institute_crumbs(institute: Institute) -> tuple[Crumb, ...]:
    """The way to the institute's page, that page included."""
    return (
        Crumb(_("Institutes"), reverse("network:list_institutes")),
        Crumb(
            formats.local_name(institute), reverse("network:show_institute", args=[institute.key])
        ),
    )


def _actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    offered = [("change_institute_status", _("Change the status"))]
    if not status_verbs(actor, institute):
        offered = []
    offered += [
        (verb, label)
        for verb, label in (
            ("add_institute_name", _("Add a name")),
            ("name_lead_organisation", _("Name the lead organisation")),
            ("appoint_person", _("Appoint a person")),
        )
        if may(actor, rules.PERMISSIONS[verb], institute=institute.key)
    ]
    return tuple(
        Action(label, reverse(f"network:{verb}", args=[institute.key])) for verb, label in offered
    )


def _list_actions(actor: Actor) -> tuple[Action, ...]:
    centres = Action(_("Extension centres"), reverse("network:list_extension_centres"))
    if not may(actor, rules.PERMISSIONS["propose_institute"]):
        return (centres,)
    return (Action(_("Propose an institute"), reverse("network:propose_institute")), centres)


def _steps(institute: Institute) -> tuple[Step, ...]:
    """The line of dates. What is still to come is `now` where the institute waits for it."""
    found = {kind: wording.date_of(institute, kind) for kind in rules.DateKind}
    is_waiting = institute.status in (
        rules.InstituteStatus.PROPOSED,
        rules.InstituteStatus.PLANNED,
    )
    steps: list[Step] = []
    for kind, one in found.items():
        label = str(DATE_KIND_LABELS[kind])
        if one is not None:
            is_curing = (
                kind is rules.DateKind.CURE_PERIOD_OPENED
                and institute.status == rules.InstituteStatus.CURE_PERIOD
            )
            note = wording.dated(one.on, one.precision)
            steps.append(Step(label, "now" if is_curing else "done", note))
        elif kind in LINE and is_waiting:
            is_next = all(step.state == "done" for step in steps)
            steps.append(Step(label, "now" if is_next else "next", _("no date yet")))
        elif kind in LINE:
            steps.append(Step(label, "done", _("date not known")))
    return tuple(steps)


def _kind_label(kind: rules.DateKind) -> str:
    return str(DATE_KIND_LABELS[kind])


def _overview(institute: Institute, lead: InstituteFact | None) -> tuple[Item, ...]:
    as_of = wording.dated(institute.status_as_of, institute.status_precision)
    items = [
        Item(
            _("Status"),
            _("%(status)s, as of %(day)s")
            % {"status": institute.get_status_display(), "day": as_of},
        ),
        Item(
            _("Technology areas"),
            formats.joined([formats.local_name(area) for area in institute.technology_areas.all()]),
        ),
        Item(_("Place"), wording.place_of(institute.place)),
    ]
    return (*items, *_lead_items(institute, lead))


def _lead_items(institute: Institute, lead: InstituteFact | None) -> tuple[Item, ...]:
    """Who leads the institute, how sure that is, and who says so."""
    organisation, term = institute.lead, _("Lead organisation")
    if organisation is None and lead is None:
        return ()
    # A lead named by an earlier version left the reference's own words behind it.
    said = lead if lead and (organisation is None or lead.text == organisation.name) else None
    tag = _confidence_tag(said.confidence) if said else None
    if organisation is not None:
        url = reverse("network:show_organisation", args=[organisation.pk])
        items = [Item(term, formats.local_name(organisation), url, tag)]
    else:
        items = [Item(term, wording.fact_value(lead), "", tag, wording.fact_language(lead) or "")]
    if said and said.source:
        items.append(Item(_("Source of the lead"), said.source, lang="en"))
    return tuple(items)


def _sponsors_table(institute: Institute) -> Table:
    return Table(
        caption=_("Sponsor agencies, and through which of their offices"),
        columns=(
            Column("agency", _("Agency")),
            Column("role", _("Role")),
            Column("offices", _("Offices")),
            Column("source", _("Source")),
            Column("confidence", _("Confidence")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(formats.local_name(sponsor.agency)),
                    Cell(str(SPONSOR_ROLE_LABELS[rules.SponsorRole(sponsor.role)])),
                    Cell(
                        formats.joined(
                            [formats.local_name(office) for office in sponsor.offices.all()]
                        )
                        or formats.MISSING
                    ),
                    Cell(sponsor.source, lang="en"),
                    _confidence_cell(sponsor.confidence),
                )
            )
            for sponsor in institute.sponsors.all()
        ),
        is_stacked=True,
    )


def _facts_table(institute: Institute) -> Table:
    today = [fact for fact in institute.facts.all() if fact.edition == rules.Edition.TODAY]
    return Table(
        caption=_("What is known today, where it is said, and how sure it is"),
        columns=(
            Column("measure", _("Fact")),
            Column("value", _("Value")),
            Column("source", _("Source")),
            Column("confidence", _("Confidence")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(wording.measure(fact.measure)),
                    Cell(
                        wording.fact_value(fact), lang=wording.fact_language(fact), note=fact.note
                    ),
                    Cell(fact.source, lang="en"),
                    _confidence_cell(fact.confidence),
                )
            )
            for fact in _in_order(today)
        ),
        is_stacked=True,
    )


def _seed_table(institute: Institute) -> Table | None:
    """The founding paper's figures beside today's; None where the paper has none."""
    seed = [fact for fact in institute.facts.all() if fact.edition == rules.Edition.SEED]
    rows = []
    for fact in _in_order(seed):
        today = _fact(institute, fact.measure)
        rows.append(
            Row(
                (
                    Cell(wording.measure(fact.measure)),
                    Cell(
                        wording.fact_value(fact), lang=wording.fact_language(fact), note=fact.note
                    ),
                    Cell(wording.fact_value(today), lang=wording.fact_language(today)),
                )
            )
        )
    for kind in rules.DateKind:
        then = wording.date_of(institute, kind, rules.Edition.SEED)
        if then is not None:
            now = wording.date_of(institute, kind)
            rows.append(
                Row(
                    (
                        Cell(_kind_label(kind)),
                        Cell(wording.dated(then.on, then.precision), note=then.note),
                        Cell(wording.dated(now.on, now.precision) if now else formats.MISSING),
                    )
                )
            )
    if not rows:
        return None
    return Table(
        caption=_("The founding paper of 2015 beside what is known today"),
        columns=(
            Column("measure", _("Fact")),
            Column("seed", str(EDITION_LABELS[rules.Edition.SEED])),
            Column("today", str(EDITION_LABELS[rules.Edition.TODAY])),
        ),
        rows=tuple(rows),
        is_stacked=True,
    )


def _names_table(institute: Institute) -> Table:
    return Table(
        caption=_("Names under which it is found"),
        columns=(
            Column("name", _("Name")),
            Column("kind", _("Kind")),
            Column("source", _("Source")),
            Column("confidence", _("Confidence")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(name.name, lang=name.language, note=name.note),
                    Cell(str(NAME_KIND_LABELS[rules.NameKind(name.kind)])),
                    Cell(name.source, lang="en"),
                    _confidence_cell(name.confidence),
                )
            )
            for name in sorted(institute.names.all(), key=lambda one: (one.kind, one.name))
        ),
        empty=_("It has no other name."),
        is_stacked=True,
    )


def _dates_table(institute: Institute) -> Table:
    dates = sorted(institute.dates.all(), key=lambda one: (one.on, one.edition))
    return Table(
        caption=_("Dates, as exactly as their sources give them"),
        columns=(
            Column("kind", _("Event")),
            Column("on", _("Date"), is_short=True),
            Column("edition", _("Edition")),
            Column("source", _("Source")),
            Column("confidence", _("Confidence")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(_kind_label(rules.DateKind(one.kind))),
                    Cell(wording.dated(one.on, one.precision), note=one.note),
                    Cell(str(EDITION_LABELS[rules.Edition(one.edition)])),
                    Cell(one.source, lang="en"),
                    _confidence_cell(one.confidence),
                )
            )
            for one in dates
        ),
        empty=_("No date is known yet."),
        is_stacked=True,
    )


def _in_order(facts: Sequence[InstituteFact]) -> list[InstituteFact]:
    order = {name: place for place, name in enumerate(wording.MEASURE_LABELS)}
    return sorted(facts, key=lambda fact: (order.get(fact.measure, len(order)), fact.measure))


def _confidence_tag(value: str) -> Tag:
    return Tag(wording.confidence(value), wording.CONFIDENCE_TONES.get(value, "quiet"))


def _confidence_cell(value: str) -> Cell:
    return Cell(wording.confidence(value), tag=wording.CONFIDENCE_TONES.get(value, "quiet"))
