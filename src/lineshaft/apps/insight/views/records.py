"""The records behind a figure, drawn as a page of a table: what each kind of record shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.funding import queries as funding
from lineshaft.apps.insight.services import wording
from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.network import queries as network
from lineshaft.kernel.jurisdiction import OrganisationGroup
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.tables import Cell, Column, Row, Table

VERBS: Final = {
    "institutes": "change_institute_status",
    "members": "admit_member",
    "industry_members": "admit_member",
    "memberships": "admit_member",
    "obligations": "obligate_funds",
    "drawdowns": "draw_funds",
    "contributions": "record_contribution",
    "contributions_cash": "record_contribution",
    "contributions_in_kind": "record_contribution",
}
"""The verb by which a record of each kind is entered: its name in the audit trail."""


@dataclass(frozen=True, slots=True)
class Records:
    """One page of the records; `total` counts all of them, `withheld` those not shown to the
    reader.
    """

    table: Table
    page: Page[Any]
    total: int
    withheld: int


@dataclass(frozen=True, slots=True)
class _Found:
    rows: QuerySet[Any]
    total: int | None
    """None where every row may be read, so that the page's own count is the total."""

    columns: tuple[Column, ...]
    row: Callable[[Any], Row]


def label(kind: str) -> str:
    """What records of a kind are called."""
    return {
        "institutes": _("Institutes"),
        "members": _("Members"),
        "industry_members": _("Industry members"),
        "memberships": _("Memberships"),
        "obligations": _("Obligations"),
        "drawdowns": _("Drawdowns"),
        "contributions": _("Contributions"),
        "contributions_cash": _("Cash contributions"),
        "contributions_in_kind": _("In-kind contributions"),
    }[kind]


def title(kind: str, records: Records, period: FiscalPeriod, institute: str) -> str:
    """How many records there are, as the title of their page."""
    parts = {
        "number": formats.number(records.total),
        "kind": label(kind).lower(),
        "period": formats.fiscal_year(period.year),
        "institute": institute,
    }
    if institute:
        return (
            ngettext(
                "%(number)s record behind the %(kind)s of %(institute)s in %(period)s",
                "%(number)s records behind the %(kind)s of %(institute)s in %(period)s",
                records.total,
            )
            % parts
        )
    return (
        ngettext(
            "%(number)s record behind the %(kind)s of %(period)s",
            "%(number)s records behind the %(kind)s of %(period)s",
            records.total,
        )
        % parts
    )


def records_of(
    request: HttpRequest, actor: Actor, kind: str, period: FiscalPeriod, institute: str
) -> Records:
    """A page of the records of a kind in a period, of one institute or of all (empty)."""
    key = institute or None
    match kind:
        case "members":
            found = _members(actor, period, key)
        case "industry_members":
            found = _members(actor, period, key, is_industry=True)
        case "memberships":
            found = _memberships(actor, period, key)
        case "obligations":
            found = _transfers(
                funding.obligations_counted(actor, period, key),
                funding.count_obligations(period, key),
            )
        case "drawdowns":
            found = _transfers(
                funding.drawdowns_counted(actor, period, key), funding.count_drawdowns(period, key)
            )
        case "contributions":
            found = _contributions(actor, period, key, is_cash=None)
        case "contributions_cash":
            found = _contributions(actor, period, key, is_cash=True)
        case "contributions_in_kind":
            found = _contributions(actor, period, key, is_cash=False)
        case _:
            found = _institutes(actor, key)
    page = paginate(request, found.rows)
    total = page.total if found.total is None else found.total
    return Records(
        table=Table(
            caption=_("%(kind)s of %(period)s, as they stand now")
            % {"kind": label(kind), "period": formats.fiscal_year(period.year)},
            columns=found.columns,
            rows=tuple(found.row(one) for one in page),
            page=page,
            empty=_("No record that you may see is counted here."),
            is_stacked=True,
        ),
        page=page,
        total=total,
        withheld=max(0, total - page.total),
    )


def _institutes(actor: Actor, institute: str | None) -> _Found:
    rows = network.institutes_visible_to(actor).order_by("name", "key")
    if institute:
        rows = rows.filter(key=institute)
    return _Found(
        rows=rows,
        total=None,
        columns=(
            Column("institute", _("Institute")),
            Column("status", _("Status today")),
            Column("place", _("Place")),
        ),
        row=lambda one: Row(
            (
                Cell(formats.local_name(one), reverse("network:show_institute", args=[one.key])),
                Cell(str(wording.STATUS_LABELS.get(one.status, one.status))),
                Cell(str(one.place or "")),
            )
        ),
    )


def _members(
    actor: Actor, period: FiscalPeriod, institute: str | None, *, is_industry: bool = False
) -> _Found:
    of_profile = formats.profile().organisation_kinds
    kinds = {kind.key: formats.local_name(kind) for kind in of_profile}
    industry = {kind.key for kind in of_profile if kind.group is OrganisationGroup.INDUSTRY}
    counted = memberships.members_counted(
        actor, period, institute=institute, kinds=industry if is_industry else None
    )
    return _Found(
        rows=counted.rows,
        total=counted.total,
        columns=(
            Column("organisation", _("Organisation")),
            Column("kind", _("Kind")),
            Column("region", _("Region")),
        ),
        row=lambda one: Row(
            (
                Cell(formats.local_name(one), _organisation_url(one.pk)),
                Cell(kinds.get(one.kind, one.kind)),
                Cell(one.region),
            )
        ),
    )


def _memberships(actor: Actor, period: FiscalPeriod, institute: str | None) -> _Found:
    counted = memberships.memberships_counted(actor, period, institute=institute)
    return _Found(
        rows=counted.rows,
        total=counted.total,
        columns=(
            Column("organisation", _("Organisation")),
            Column("institute", _("Institute")),
            Column("starts_on", _("From")),
            Column("ends_on", _("Until")),
            Column("entered", _("Entered")),
        ),
        row=lambda one: Row(
            (
                Cell(
                    formats.local_name(one.organisation.standing),
                    _organisation_url(one.organisation.standing.pk),
                ),
                Cell(formats.local_name(one.institute)),
                Cell(formats.date_local(one.starts_on)),
                Cell(formats.date_local(one.ends_on) if one.ends_on else ""),
                Cell(formats.date_local(one.admitted_at.date())),
            )
        ),
    )


def _transfers(rows: QuerySet[Any], total: int) -> _Found:
    return _Found(
        rows=rows.order_by("-occurred_on", "-pk"),
        total=total,
        columns=(
            Column("record", _("Record")),
            Column("institute", _("Institute")),
            Column("agreement", _("Agreement")),
            Column("date", _("Date"), is_short=True),
            Column("counted", _("Counted"), is_number=True),
            Column("entered", _("Entered")),
        ),
        row=lambda one: Row(
            (
                Cell(str(one.get_code_display()), reverse("funding:show_transfer", args=[one.pk])),
                Cell(formats.local_name(one.agreement.institute)),
                Cell(one.agreement.number),
                Cell(formats.date_local(one.occurred_on)),
                Cell(formats.money(one.counted_minor, one.currency)),
                Cell(formats.date_local(one.recorded_at.date())),
            )
        ),
    )


def _contributions(
    actor: Actor, period: FiscalPeriod, institute: str | None, *, is_cash: bool | None
) -> _Found:
    kinds = {kind.key: formats.local_name(kind) for kind in formats.profile().cost_share_kinds}
    return _Found(
        rows=funding.contributions_counted(actor, period, institute, is_cash=is_cash).order_by(
            "-occurred_on", "-pk"
        ),
        total=funding.count_contributions(period, institute, is_cash=is_cash),
        columns=(
            Column("record", _("Record")),
            Column("contributor", _("Contributor")),
            Column("institute", _("Institute")),
            Column("date", _("Date"), is_short=True),
            Column("counted", _("Accepted"), is_number=True),
            Column("entered", _("Entered")),
        ),
        row=lambda one: Row(
            (
                Cell(
                    kinds.get(one.kind, one.kind),
                    reverse("funding:show_contribution", args=[one.pk]),
                ),
                Cell(formats.local_name(one.organisation)),
                Cell(formats.local_name(one.agreement.institute)),
                Cell(formats.date_local(one.occurred_on)),
                Cell(formats.money(one.counted_minor, one.currency)),
                Cell(formats.date_local(one.recorded_at.date())),
            )
        ),
    )


def _organisation_url(pk: int) -> str:
    return reverse("network:show_organisation", args=[pk])
