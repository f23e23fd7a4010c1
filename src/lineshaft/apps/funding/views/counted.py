"""Pages of the records that a number of funding counts."""

from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import TRANSFER_CODE_LABELS, Contribution, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web.formats import date_local, fiscal_year, local_name, money, number
from lineshaft.web.pages import Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

LABELS: Final = {
    "obligated": gettext_lazy("federal money obligated"),
    "drawn": gettext_lazy("federal money drawn"),
    "cash": gettext_lazy("cash contributions accepted"),
    "in-kind": gettext_lazy("in-kind contributions accepted"),
}
"""The numbers of the funding tab that open to records, as the address names them."""


@require_GET
def list_funding_records(request: HttpRequest, key: str, counted: str) -> HttpResponse:
    """What a number of an institute's funding tab counts, cut to what the reader may see."""
    if counted not in LABELS:
        raise Http404
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    period = period_asked(request)
    found, total = _counted(actor, counted, period, institute.key)
    page = paginate(request, found.order_by("-occurred_on", "-pk"))
    context = {
        "title": _title(total, counted, local_name(institute), period),
        "lede": _("As the ledger stands now."),
        "crumbs": (
            Crumb(_("Institutes"), reverse("network:list_institutes")),
            Crumb(local_name(institute), reverse("network:show_institute", args=[key])),
            Crumb(_("Funding"), reverse("funding:show_funding", args=[key])),
        ),
        "withheld": max(0, total - page.total),
        "table": counted_table(page, of_transfers=counted in {"obligated", "drawn"}),
    }
    return render_page(request, "funding/list_match_records.html", context)


def records_url(key: str, counted: str, period: FiscalPeriod | None) -> str:
    """Where a number of the funding tab opens."""
    address = reverse("funding:list_funding_records", args=[key, counted])
    return f"{address}?fiscal_year={period.year}" if period else address


def _counted(
    actor: Actor, counted: str, period: FiscalPeriod | None, key: str
) -> tuple[QuerySet[Any], int]:
    found: QuerySet[Any]
    match counted:
        case "obligated":
            found = queries.obligations_counted(actor, period, key)
            return found, queries.count_obligations(period, key)
        case "drawn":
            found = queries.drawdowns_counted(actor, period, key)
            return found, queries.count_drawdowns(period, key)
        case _:
            is_cash = counted == "cash"
            found = queries.contributions_counted(actor, period, key, is_cash=is_cash)
            total = queries.count_contributions(period, key, is_cash=is_cash)
            return found.select_related("organisation__merged_into"), total


def _title(total: int, counted: str, institute: str, period: FiscalPeriod | None) -> str:
    return ngettext(
        "%(count)s record behind the %(kind)s of %(institute)s, %(period)s",
        "%(count)s records behind the %(kind)s of %(institute)s, %(period)s",
        total,
    ) % {
        "count": number(total),
        "kind": LABELS[counted],
        "institute": institute,
        "period": fiscal_year(period.year) if period else _("all years"),
    }


def period_asked(request: HttpRequest) -> FiscalPeriod | None:
    """The fiscal year that the address asks for; what is none counts as all of them."""
    text = request.GET.get("fiscal_year", "")
    if not (text.isascii() and text.isdecimal() and len(text) == 4):  # noqa: PLR2004 -- a year
        return None
    year = int(text)
    if not rules.FIRST_FISCAL_YEAR <= year <= rules.LAST_FISCAL_YEAR:
        return None
    return profile_in_use().fiscal_year(year)


def counted_table(page: Page[Any], *, of_transfers: bool) -> Table:
    """Records with what each adds to a number; each opens to itself."""
    return Table(
        caption=_("What is counted, newest first"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("what", _("Record")),
            Column("counted", _("Counted"), is_number=True),
        ),
        rows=tuple(_transfer_row(one) if of_transfers else _contribution_row(one) for one in page),
        page=page,
        empty=_("No record that you may see is counted here."),
        is_stacked=True,
    )


def _transfer_row(one: Transfer) -> Row:
    counted_minor: int = getattr(one, "counted_minor", 0)
    return Row(
        (
            Cell(date_local(one.occurred_on), url=one.get_absolute_url()),
            Cell(str(TRANSFER_CODE_LABELS[TransferCode(one.code)]), note=one.reference),
            Cell(money(counted_minor, one.currency)),
        )
    )


def _contribution_row(one: Contribution) -> Row:
    counted_minor: int = getattr(one, "counted_minor", 0)
    return Row(
        (
            Cell(date_local(one.occurred_on), url=one.get_absolute_url()),
            Cell(
                local_name(one.organisation.standing),
                note=_("of federal origin, no cost share") if one.is_federal_origin else "",
            ),
            Cell(money(counted_minor, one.currency)),
        )
    )
