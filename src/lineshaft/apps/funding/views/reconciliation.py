"""Pages of reconciliation: the ledger beside the payment file and the bank, and their lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import ReconciliationPeriodForm
from lineshaft.apps.funding.forms.fields import chosen
from lineshaft.apps.funding.forms.reconciliation import YearsOffered, months_of
from lineshaft.apps.funding.models import (
    LINE_SOURCE_LABELS,
    LINE_STATE_LABELS,
    StatementLine,
)
from lineshaft.apps.funding.queries import (
    Counted,
    Reconciliation,
    ReconciliationScope,
    SideSums,
)
from lineshaft.apps.funding.rules import (
    PERMISSIONS,
    LineSource,
    LineState,
)
from lineshaft.apps.funding.views.transfers import funding_crumbs
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web.charts.bars import StackedBar, stacked_bar_chart
from lineshaft.web.formats import fiscal_year, local_name, money, month_local, number
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Figure, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

INLINE_LINES: Final = 2_000
"""Open lines up to which matching answers at once; more are matched by a job with progress."""

FISCAL_YEARS_BACK: Final = 8
COUNTERPARTIES: Final = 10


@dataclass(frozen=True, slots=True)
class Section:
    """One source beside the ledger, ready to draw."""

    key: str
    title: str
    table: Table
    left_table: Table | None
    months_table: Table | None
    chart: Figure | None


@require_GET
def show_reconciliation(request: HttpRequest, key: str) -> HttpResponse:
    """The institute's ledger beside each source, over a fiscal year or a month of it."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    sources = sources_of(actor, institute)
    form = ReconciliationPeriodForm(request.GET, years=years_offered(actor, institute=key))
    starts_on, ends_on, month = period_of(form)
    found = [
        queries.reconciliation(actor, ReconciliationScope(institute, source, starts_on, ends_on))
        for source in sources
    ]
    context = {
        "title": _title(institute, found, period_name(form)),
        "lede": _with_year(
            form,
            _(
                "What others say moved, beside what the ledger holds. Matching changes neither; "
                "what the rules leave is shown, and a person joins or explains it."
            ),
        ),
        "crumbs": funding_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "actions": _actions(actor, institute, sources),
        "filter_form": form,
        "sections": [_section(actor, one, form, has_months=month is None) for one in found],
    }
    return render_page(request, "funding/show_reconciliation.html", context)


@require_POST
def match_lines(request: HttpRequest, key: str) -> HttpResponse:
    """Match by the rules: at once, or by a job where there is much."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    sources = sources_of(actor, institute)
    agencies = [one.key for one in paying_for(actor, institute)]
    permit(actor, PERMISSIONS["match_lines"], institute=institute.key, agencies=agencies)
    matched, queued = 0, 0
    for source in sources:
        lines = queries.lines_visible_to(actor).filter(institute=institute, source=source)
        is_open = queries.state_q(LineState.UNMATCHED)
        if lines.filter(is_open)[: INLINE_LINES + 1].count() > INLINE_LINES:
            payload = {"institute": institute.pk, "source": str(source)}
            enqueue(actor, services.MATCH_LINES_JOB, payload, now=clock.now(), unique=True)
            queued += 1
        else:
            matched += services.match_lines(actor, institute, source, now=clock.now()).lines
    if matched or not queued:
        said = ngettext(
            "%(count)s line was matched by the rules.",
            "%(count)s lines were matched by the rules.",
            matched,
        )
        messages.success(request, said % {"count": number(matched)})
    if not queued:
        return redirect("funding:show_reconciliation", key=key)
    messages.success(
        request, _("Many lines are open: a job matches them, and says here how far it is.")
    )
    return redirect("jobs:list_jobs")


@require_GET
def show_agency_payments(request: HttpRequest, key: str) -> HttpResponse:
    """An agency's payments, institute by institute, beside what the ledger holds."""
    actor = actor_of(request)
    agency = queries.agency_by_key(key)
    if not (actor.is_network_staff or key in _own_agencies(actor)):
        raise NotFound(code="agency", message=queries.NOT_OPEN)
    form = ReconciliationPeriodForm(request.GET, years=years_offered(actor, agency=key))
    starts_on, ends_on, _month = period_of(form)
    found = queries.agency_payments(actor, key, starts_on=starts_on, ends_on=ends_on)
    ledger = sum((one.whole for _institute, one, _filed in found), Counted())
    filed = sum((one.whole for _institute, _ledger, one in found), Counted())
    difference_minor = abs(ledger.sum_minor - filed.sum_minor)
    title = (
        _("In %(period)s the ledger and the payments of %(agency)s differ by %(amount)s")
        if difference_minor
        else _("In %(period)s the ledger and the payments of %(agency)s agree")
    )
    context = {
        "title": title
        % {
            "period": period_name(form),
            "agency": local_name(agency),
            "amount": money(difference_minor, profile_in_use().currency),
        },
        "lede": _with_year(
            form, _("Drawdowns less returns in the ledger, and the lines of the payment file.")
        ),
        "crumbs": (Crumb(_("Institutes"), reverse("network:list_institutes")),),
        "filter_form": form,
        "table": _agency_table(found, ledger, filed, form, key),
    }
    return render_page(request, "funding/show_agency_payments.html", context)


def reconciliation_crumbs(institute: Institute) -> tuple[Crumb, ...]:
    """The way to the institute's reconciliation, that page included."""
    url = reverse("funding:show_reconciliation", args=[institute.key])
    return (*funding_crumbs(institute), Crumb(_("Reconciliation"), url))


def years_offered(actor: Actor, *, institute: str = "", agency: str = "") -> YearsOffered:
    """Fiscal years to choose from, newest first; chosen at first is that of the newest line."""
    profile = profile_in_use()
    now = profile.fiscal_year_of(clock.today()).year
    days = queries.days_of_lines(actor, institute=institute, agency=agency)
    found = [profile.fiscal_year_of(day).year for day in days or ()]
    years = range(max([now, *found]), min([now - FISCAL_YEARS_BACK, *found]) - 1, -1)
    return YearsOffered(tuple(years), found[-1] if found else now, has_lines=bool(found))


def sources_of(actor: Actor, institute: Institute) -> tuple[LineSource, ...]:
    """The sources that the actor reads of the institute; NotFound for none."""
    sources = queries.sources_open_to(actor, institute.key)
    if not sources:
        raise NotFound(code="lines", message=queries.NOT_OPEN)
    return sources


def may_decide_on(actor: Actor, verb: str, institute: Institute, agency: str | None) -> bool:
    """Whether the actor may explain or undo lines of the institute: an agency's, or the bank's
    (None).
    """
    return may(actor, PERMISSIONS[verb], institute=institute.key, agency=agency)


def lines_for(
    actor: Actor, verb: str, institute: Institute, lines: QuerySet[StatementLine]
) -> QuerySet[StatementLine]:
    """Those of the lines that the actor may explain (the unmatched), or undo (the others)."""
    is_open = queries.state_q(LineState.UNMATCHED)
    found = lines.filter(is_open if verb == "explain_lines" else ~is_open)
    if may_decide_on(actor, verb, institute, None):
        return found
    return found.filter(agency__key__in=sorted(_own_agencies(actor)))


def _own_agencies(actor: Actor) -> frozenset[str]:
    return actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)


def paying_for(actor: Actor, institute: Institute) -> tuple[Agency, ...]:
    """The actor's agencies that sponsor the institute."""
    own = _own_agencies(actor)
    if not own:
        return ()
    return tuple(queries.paying_agencies(institute.key).filter(key__in=sorted(own)))


def period_of(form: ReconciliationPeriodForm) -> tuple[date, date, date | None]:
    """The days `[starts_on, ends_on)` that the form asks for, and the month if it is one."""
    asked = chosen(form)
    year = profile_in_use().fiscal_year(asked["fiscal_year"])
    month: date | None = asked.get("month")
    if month is None:
        return year.starts_on, year.ends_on, None
    later = [one for one in months_of(year.year) if one > month]
    return month, (later[0] if later else year.ends_on), month


def period_name(form: ReconciliationPeriodForm) -> str:
    """The year or the month that the form asks for, in words."""
    asked = chosen(form)
    month = asked.get("month")
    return month_local(month) if month else fiscal_year(asked["fiscal_year"])


def _title(institute: Institute, found: Sequence[Reconciliation], period: str) -> str:
    unmatched = sum(one.lines.of(LineState.UNMATCHED).count for one in found)
    name = local_name(institute)
    if not any(one.lines.whole.count for one in found):
        return _("No line of %(institute)s is imported for %(period)s") % {
            "institute": name,
            "period": period,
        }
    return ngettext(
        "%(count)s line of %(institute)s is unmatched in %(period)s",
        "%(count)s lines of %(institute)s are unmatched in %(period)s",
        unmatched,
    ) % {"count": number(unmatched), "institute": name, "period": period}


def _with_year(form: ReconciliationPeriodForm, about: str) -> str:
    """The sentences, and where nobody asked for a year, why it is this one."""
    if not form.is_latest:
        return about
    return _("%(about)s %(year)s is the latest year with lines.") % {
        "about": about,
        "year": period_name(form),
    }


def _actions(
    actor: Actor, institute: Institute, sources: Sequence[LineSource]
) -> tuple[Action, ...]:
    actions = []
    agencies = paying_for(actor, institute)
    agency_keys = [one.key for one in agencies]
    permission = PERMISSIONS["match_lines"]
    if may(actor, permission, institute=institute.key, agencies=agency_keys):
        url = reverse("funding:match_lines", args=[institute.key])
        actions.append(Action(_("Match by the rules"), url, is_post=True, is_primary=True))
    offered = (
        (LineSource.PAYMENT, "record_payments", "payments", _("Import payments")),
        (LineSource.BANK, "record_statements", "statements", _("Import a bank statement")),
    )
    for source, verb, kind, label in offered:
        if source in sources and may(
            actor, PERMISSIONS[verb], institute=institute.key, agencies=agency_keys
        ):
            actions.append(Action(label, reverse("exchange:start_import", args=[kind])))
    actions += [
        Action(
            _("All payments of %(agency)s") % {"agency": local_name(agency)},
            reverse("funding:show_agency_payments", args=[agency.key]),
        )
        for agency in agencies
    ]
    return tuple(actions)


def _section(
    actor: Actor, found: Reconciliation, form: ReconciliationPeriodForm, *, has_months: bool
) -> Section:
    source = found.scope.source
    return Section(
        key=str(source),
        title=_("The ledger and the payment file")
        if source is LineSource.PAYMENT
        else _("The ledger and the bank"),
        table=_sides_table(found, form),
        left_table=_left_table(actor, found, form),
        months_table=_months_table(found) if has_months else None,
        chart=_chart(found) if has_months else None,
    )


def _opening(found: Reconciliation, view: str, **narrowed: str) -> str:
    scope = found.scope
    address = reverse(f"funding:{view}", args=[scope.institute.key])
    given = {"source": str(scope.source), **narrowed}
    return f"{address}?{urlencode({name: value for name, value in given.items() if value})}"


def _asked(form: ReconciliationPeriodForm) -> dict[str, str]:
    asked = chosen(form)
    return {name: str(asked.get(name, "")) for name in ("fiscal_year", "month")}


def _sides_table(found: Reconciliation, form: ReconciliationPeriodForm) -> Table:
    """All, matched, explained and unmatched, on both sides, with the difference to the cent."""
    asked = _asked(form)
    rows = []
    for state in LineState:
        ledger, lines = found.ledger.of(state), found.lines.of(state)
        cells = _side_cells(found, ledger, lines, asked | {"state": str(state)})
        rows.append(Row((Cell(str(LINE_STATE_LABELS[state])), *cells)))
    whole = _side_cells(found, found.ledger.whole, found.lines.whole, asked)
    return Table(
        caption=_("Both sides, in %(currency)s") % {"currency": profile_in_use().currency},
        columns=(
            Column("state", _("State")),
            *_side_columns(str(LINE_SOURCE_LABELS[found.scope.source])),
        ),
        rows=tuple(rows),
        foot=(Cell(_("All")), *whole),
        is_stacked=True,
    )


def _side_columns(source: str) -> tuple[Column, ...]:
    return (
        Column("entries", pgettext("of the ledger", "Entries"), is_number=True),
        Column("ledger", _("Ledger"), is_number=True),
        Column("lines", pgettext("of a statement", "Lines"), is_number=True),
        Column("source", source, is_number=True),
        Column("difference", _("Difference"), is_number=True),
    )


def _side_cells(
    found: Reconciliation, ledger: Counted, lines: Counted, asked: dict[str, str]
) -> tuple[Cell, ...]:
    currency = profile_in_use().currency
    return (
        Cell(number(ledger.count), url=_opening(found, "list_entries", **asked)),
        Cell(money(ledger.sum_minor, currency)),
        Cell(number(lines.count), url=_opening(found, "list_lines", **asked)),
        Cell(money(lines.sum_minor, currency)),
        Cell(money(ledger.sum_minor - lines.sum_minor, currency)),
    )


def _left_table(
    actor: Actor, found: Reconciliation, form: ReconciliationPeriodForm
) -> Table | None:
    """What is unmatched by counterparty: lines of one kind, which are explained in one act."""
    asked = _asked(form) | {"state": str(LineState.UNMATCHED)}
    currency = profile_in_use().currency
    rows = [
        Row(
            (
                Cell(who),
                Cell(
                    number(left.count),
                    url=_opening(found, "list_lines", **asked, counterparty=who),
                ),
                Cell(money(left.sum_minor, currency)),
            )
        )
        for who, left in queries.unmatched_by_counterparty(actor, found.scope, most=COUNTERPARTIES)
    ]
    if not rows:
        return None
    return Table(
        caption=_("Counterparties with the most unmatched lines"),
        columns=(
            Column("who", _("Counterparty")),
            Column("lines", _("Lines unmatched"), is_number=True),
            Column("sum", str(LINE_SOURCE_LABELS[found.scope.source]), is_number=True),
        ),
        rows=tuple(rows),
        is_stacked=True,
    )


def _months_table(found: Reconciliation) -> Table:
    rows = []
    for month in found.months:
        year = profile_in_use().fiscal_year_of(month).year
        asked = {"fiscal_year": str(year), "month": month.isoformat()}
        cells = _side_cells(found, found.ledger.of_month(month), found.lines.of_month(month), asked)
        unmatched = found.lines.of_month(month, LineState.UNMATCHED).count
        still = asked | {"state": str(LineState.UNMATCHED)}
        left = Cell(number(unmatched), url=_opening(found, "list_lines", **still))
        rows.append(Row((Cell(month_local(month)), *cells, left)))
    return Table(
        caption=_("By month"),
        columns=(
            Column("month", _("Month")),
            *_side_columns(str(LINE_SOURCE_LABELS[found.scope.source])),
            Column("unmatched", _("Lines unmatched"), is_number=True),
        ),
        rows=tuple(rows),
        empty=_("Neither side has anything in these months."),
        is_stacked=True,
    )


def _chart(found: Reconciliation) -> Figure | None:
    """How many lines of each month are matched, explained, and left."""
    if not found.lines.sums:
        return None
    rows = []
    for month in found.months:
        counts = [found.lines.of_month(month, state).count for state in LineState]
        rows.append(StackedBar(month_local(month), tuple(counts), number(sum(counts))))
    source = str(LINE_SOURCE_LABELS[found.scope.source])
    caption = _("%(source)s: lines by month and state") % {"source": source}
    svg = stacked_bar_chart(
        rows,
        parts=[str(label) for label in LINE_STATE_LABELS.values()],
        title_alt=caption,
        y_label=_("Month"),
        unit=_("lines"),
    )
    return Figure(svg=svg, caption=caption, source=_("the network's ledger and imported lines"))


def _agency_table(
    found: Sequence[tuple[Institute, SideSums, SideSums]],
    ledger: Counted,
    filed: Counted,
    form: ReconciliationPeriodForm,
    agency: str,
) -> Table:
    rows = []
    for institute, sums, lines in found:
        scope = ReconciliationScope(institute, LineSource.PAYMENT, date.min, date.max, agency)
        one = Reconciliation(scope, sums, lines)
        asked = _asked(form) | {"agency": agency}
        unmatched = lines.of(LineState.UNMATCHED).count
        still = asked | {"state": str(LineState.UNMATCHED)}
        rows.append(
            Row(
                (
                    Cell(
                        local_name(institute),
                        url=reverse("funding:show_reconciliation", args=[institute.key]),
                    ),
                    *_side_cells(one, sums.whole, lines.whole, asked),
                    Cell(number(unmatched), url=_opening(one, "list_lines", **still)),
                )
            )
        )
    currency = profile_in_use().currency
    unmatched = sum(lines.of(LineState.UNMATCHED).count for _one, _sums, lines in found)
    foot = (
        Cell(_("All")),
        Cell(number(ledger.count)),
        Cell(money(ledger.sum_minor, currency)),
        Cell(number(filed.count)),
        Cell(money(filed.sum_minor, currency)),
        Cell(money(ledger.sum_minor - filed.sum_minor, currency)),
        Cell(number(unmatched)),
    )
    return Table(
        caption=_("Payments by institute"),
        columns=(
            Column("institute", _("Institute")),
            *_side_columns(str(LINE_SOURCE_LABELS[LineSource.PAYMENT])),
            Column("unmatched", _("Lines unmatched"), is_number=True),
        ),
        rows=tuple(rows),
        foot=foot if rows else (),
        empty=_("Neither side has anything in these days."),
        is_stacked=True,
    )
