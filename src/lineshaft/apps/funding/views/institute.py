"""The funding tab of an institute: does the money of others match the federal money."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.funding import queries
from lineshaft.apps.funding.models import AGREEMENT_STATE_LABELS, Agreement
from lineshaft.apps.funding.queries import MatchPosition
from lineshaft.apps.funding.rules import PERMISSIONS, AgreementState, MatchStanding
from lineshaft.apps.funding.views.counted import records_url
from lineshaft.apps.funding.views.match_wording import tests_table
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.web.charts import StackedBar, stacked_bar_chart
from lineshaft.web.formats import (
    MILLION,
    date_local,
    local_name,
    millions,
    millions_unit,
    money,
    percent_bp,
    ratio,
)
from lineshaft.web.formats import fiscal_year as year_label
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Figure, Tag, Tile, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

AGREEMENT_TONES: dict[str, Tone] = {
    AgreementState.DRAFT: "quiet",
    AgreementState.ACTIVE: "ok",
    AgreementState.ENDED: "quiet",
    AgreementState.TERMINATED: "bad",
}


@require_GET
def show_funding(request: HttpRequest, key: str) -> HttpResponse:
    """What the agencies gave the institute, what others brought, and how that stands."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    today = clock.today()
    agreements = list(queries.agreements_of(actor, institute.key))
    signed = [one for one in agreements if one.state != AgreementState.DRAFT]
    match = queries.institute_match(institute, signed, today=today)
    whole, years = match.whole, match.years
    years_table = _years_table(institute.key, years, whole)
    context = {
        "institute": institute,
        "title": _title(institute, whole),
        "lede": _(
            "Non-federal contributions accepted, cash and in-kind, over federal money obligated, "
            "since the first agreement."
        ),
        "crumbs": (
            Crumb(_("Institutes"), reverse("network:list_institutes")),
            Crumb(local_name(institute), reverse("network:show_institute", args=[key])),
        ),
        "actions": _actions(actor, institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "tiles": _tiles(institute, whole),
        "rule": whole.rule,
        "is_waived": whole.is_waived,
        "standing": standing_tag(whole),
        "missing": Money(whole.missing_minor, whole.currency) if whole.missing_minor else None,
        "years_table": years_table,
        "chart": _chart(institute, years),
        "tests_table": tests_table(
            match.tests,
            queries.foreseen_ids(actor, institute.key),
            _("The three tests of match, by agreement"),
        ),
        "agreements_table": _agreements_table(agreements),
    }
    return render_page(request, "funding/show_funding.html", context)


def standing_tag(position: MatchPosition) -> Tag:
    """How a position stands, in a word."""
    match position.standing:
        case MatchStanding.PASSES:
            return Tag(_("passes"), "ok")
        case MatchStanding.BELOW:
            return Tag(_("below the rule"), "bad")
        case MatchStanding.NOT_BOUND:
            return Tag(_("no rule binds"), "quiet")
        case MatchStanding.NO_MONEY:
            return Tag(_("no money yet"), "quiet")


def _title(institute: Institute, position: MatchPosition) -> str:
    found = position.ratio
    if found is None:
        return _("No federal money is obligated to %(institute)s yet") % {
            "institute": local_name(institute)
        }
    one = Money(100, position.currency)
    brought = Money(int(found * 100), position.currency)
    return _("For each %(one)s of federal money, %(institute)s brought %(brought)s of its own") % {
        "one": money(one),
        "institute": local_name(institute),
        "brought": money(brought),
    }


def _actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    actions: list[Action] = []
    if may(actor, PERMISSIONS["record_contribution"], institute=institute.key):
        url = reverse("funding:record_contribution", args=[institute.key])
        actions.append(Action(_("Record a contribution"), url, is_primary=True))
    if queries.may_read_contributors(actor, institute.key):
        url = reverse("funding:list_contributions", args=[institute.key])
        actions.append(Action(_("Contributions"), url))
        url = reverse("funding:list_own_income", args=[institute.key])
        actions.append(Action(_("Own income"), url))
        url = reverse("funding:show_books", args=[institute.key])
        actions.append(Action(_("Books"), url))
    if queries.sources_open_to(actor, institute.key):
        url = reverse("funding:show_reconciliation", args=[institute.key])
        actions.append(Action(_("Reconciliation"), url))
    if queries.agencies_to_sign_for(actor, institute):
        url = reverse("funding:sign_agreement", args=[institute.key])
        actions.append(Action(_("Sign an agreement"), url))
    return tuple(actions)


def _tiles(institute: Institute, whole: MatchPosition) -> tuple[Tile, ...]:
    unit = millions_unit(whole.currency)
    period = _("all years")
    amounts = (
        ("obligated", _("Federal money obligated"), whole.obligated_minor),
        ("drawn", _("Federal money drawn"), whole.drawn_minor),
        ("cash", _("Cash contribution"), whole.cash_minor),
        ("in-kind", _("In-kind contribution"), whole.in_kind_minor),
    )
    sources = {"obligated": _("obligations less releases"), "drawn": _("drawdowns less returns")}
    tiles = [
        Tile(
            label,
            millions(amount_minor, whole.currency),
            url=records_url(institute.key, counted, None),
            unit=unit,
            source=sources.get(counted, _("accepted")),
            period=period,
        )
        for counted, label, amount_minor in amounts
    ]
    share = percent_bp(whole.share_bp)
    tiles.append(
        Tile(
            _("Match ratio"),
            ratio(whole.ratio),
            source=_("%(share)s non-federal") % {"share": share},
            period=period,
        )
    )
    return tuple(tiles)


def _years_table(key: str, years: Sequence[MatchPosition], whole: MatchPosition) -> Table:
    return Table(
        caption=_("By fiscal year, %(unit)s") % {"unit": millions_unit(whole.currency)},
        columns=(
            Column("year", _("Fiscal year")),
            Column("obligated", _("Obligated"), is_number=True),
            Column("drawn", _("Drawn"), is_number=True),
            Column("cash", _("Cash"), is_number=True),
            Column("in_kind", _("In-kind"), is_number=True),
            Column("ratio", _("Match ratio"), is_number=True),
        ),
        rows=tuple(Row(_year_cells(key, _year_label(position), position)) for position in years),
        empty=_("No money has moved yet."),
        foot=_year_cells(key, _("All years"), whole) if years else (),
    )


def _year_label(position: MatchPosition) -> str:
    return year_label(position.period.year if position.period else None)


def _year_cells(key: str, label: str, position: MatchPosition) -> tuple[Cell, ...]:
    amounts = (
        ("obligated", position.obligated_minor),
        ("drawn", position.drawn_minor),
        ("cash", position.cash_minor),
        ("in-kind", position.in_kind_minor),
    )
    return (
        Cell(label),
        *(
            Cell(
                millions(amount_minor, position.currency),
                url=records_url(key, counted, position.period),
            )
            for counted, amount_minor in amounts
        ),
        Cell(ratio(position.ratio)),
    )


def _chart(institute: Institute, years: Sequence[MatchPosition]) -> Figure | None:
    """Federal money beside that of others, year by year; a year that gave back is left at zero."""
    if not years:
        return None
    rows = [
        StackedBar(
            _year_label(position),
            tuple(
                Money(max(0, amount_minor), position.currency).amount / MILLION
                for amount_minor in (
                    position.obligated_minor,
                    position.cash_minor,
                    position.in_kind_minor,
                )
            ),
            millions(position.obligated_minor + position.nonfederal_minor, position.currency),
        )
        for position in years
    ]
    svg = stacked_bar_chart(
        rows,
        parts=(_("Federal"), _("Cash"), _("In-kind")),
        title_alt=_("Federal money and contributions of %(institute)s by fiscal year")
        % {"institute": local_name(institute)},
        y_label=_("Fiscal year"),
        unit=millions_unit(years[0].currency),
    )
    return Figure(
        svg=svg,
        caption=_("Federal money obligated, and contributions accepted, by fiscal year"),
        source=_("the network's ledger"),
    )


def _agreements_table(agreements: Iterable[Agreement]) -> Table:
    return Table(
        caption=_("Cooperative agreements"),
        columns=(
            Column("number", _("Number")),
            Column("agency", _("Agency")),
            Column("term", _("Term")),
            Column("total", _("Federal total"), is_number=True),
            Column("drawn", _("Drawn"), is_number=True),
            Column("to_draw", _("Still to draw"), is_number=True),
            Column("state", _("State")),
        ),
        rows=tuple(_agreement_row(agreement) for agreement in agreements),
        empty=_("No agreement is recorded for this institute."),
        is_stacked=True,
    )


def _agreement_row(agreement: Agreement) -> Row:
    drawn_minor: int = getattr(agreement, "drawn_balance_minor", 0)
    to_draw_minor: int = getattr(agreement, "to_draw_minor", 0)
    return Row(
        (
            Cell(agreement.number, url=agreement.get_absolute_url()),
            Cell(local_name(agreement.agency)),
            Cell(f"{date_local(agreement.starts_on)} – {date_local(agreement.ends_on)}"),
            Cell(money(agreement.federal_total)),
            Cell(money(drawn_minor, agreement.currency)),
            Cell(money(to_draw_minor, agreement.currency)),
            Cell(
                str(AGREEMENT_STATE_LABELS[AgreementState(agreement.state)]),
                tag=AGREEMENT_TONES[agreement.state],
            ),
        )
    )
