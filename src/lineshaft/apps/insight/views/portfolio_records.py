"""The records behind a part of the portfolio, drawn as a page of a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.funding import queries as funding
from lineshaft.apps.funding import rules as funding_rules
from lineshaft.apps.funding.queries import MoneyScope
from lineshaft.apps.insight.views import portfolio_words as words
from lineshaft.apps.insight.views.records import Records
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.web import formats
from lineshaft.web.tables import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class _Kind:
    """How records of one kind are found, counted and drawn."""

    rows: QuerySet[Any]
    total: int
    order: tuple[str, ...]
    columns: tuple[Column, ...]
    row: Callable[[Any], Row]


def label(kind: str) -> str:
    """What records of a kind are called."""
    return {
        "obligations": _("Obligations"),
        "drawdowns": _("Drawdowns"),
        "contributions": _("Contributions"),
        "contributions_cash": _("Cash contributions"),
        "contributions_in_kind": _("In-kind contributions"),
        "costs": _("Costs"),
        "budget_federal": _("Budget lines, federal"),
        "budget_nonfederal": _("Budget lines, non-federal"),
    }[kind]


def records_of(request: HttpRequest, actor: Actor, kind: str, scope: MoneyScope) -> Records:
    """A page of the records of a kind in a scope, and how many are withheld from the reader."""
    found = _found(actor, kind, scope)
    page = paginate(request, found.rows.order_by(*found.order))
    return Records(
        table=Table(
            caption=_("%(kind)s, as they stand now") % {"kind": label(kind)},
            columns=found.columns,
            rows=tuple(found.row(one) for one in page),
            page=page,
            empty=_("No record that you may see is counted here."),
            is_stacked=True,
        ),
        page=page,
        total=found.total,
        withheld=max(0, found.total - page.total),
    )


def _found(actor: Actor, kind: str, scope: MoneyScope) -> _Kind:
    match kind:
        case "obligations":
            return _transfers(
                funding.obligations_in(actor, scope), funding.count_obligations_in(scope)
            )
        case "drawdowns":
            return _transfers(funding.drawdowns_in(actor, scope), funding.count_drawdowns_in(scope))
        case "costs":
            return _costs(actor, scope)
        case "budget_federal" | "budget_nonfederal":
            return _budget(actor, scope, is_federal=kind == "budget_federal")
        case _:
            is_cash = {"contributions_cash": True, "contributions_in_kind": False}.get(kind)
            return _contributions(actor, scope, is_cash=is_cash)


def _transfers(rows: QuerySet[Any], total: int) -> _Kind:
    return _Kind(
        rows=rows,
        total=total,
        order=("-occurred_on", "-pk"),
        columns=(
            Column("record", _("Record")),
            Column("institute", _("Institute")),
            Column("agreement", _("Agreement")),
            Column("date", _("Date"), is_short=True),
            Column("counted", _("Counted"), is_number=True),
        ),
        row=lambda one: Row(
            (
                Cell(str(one.get_code_display()), reverse("funding:show_transfer", args=[one.pk])),
                Cell(formats.local_name(one.agreement.institute)),
                Cell(one.agreement.number),
                Cell(formats.date_local(one.occurred_on)),
                Cell(formats.money(one.counted_minor, one.currency)),
            )
        ),
    )


def _contributions(actor: Actor, scope: MoneyScope, *, is_cash: bool | None) -> _Kind:
    return _Kind(
        rows=funding.contributions_in(actor, scope, is_cash=is_cash),
        total=funding.count_contributions_in(scope, is_cash=is_cash),
        order=("-occurred_on", "-pk"),
        columns=(
            Column("record", _("Record")),
            Column("contributor", _("Contributor")),
            Column("institute", _("Institute")),
            Column("date", _("Date"), is_short=True),
            Column("accepted", _("Accepted"), is_number=True),
            Column("counted", _("Counted"), is_number=True),
        ),
        row=lambda one: Row(
            (
                Cell(
                    words.kind_text(one.kind), reverse("funding:show_contribution", args=[one.pk])
                ),
                Cell(formats.local_name(one.organisation)),
                Cell(formats.local_name(one.agreement.institute)),
                Cell(formats.date_local(one.occurred_on)),
                Cell(formats.money(one.accepted_minor, one.currency)),
                Cell(formats.money(_share(one.accepted_minor, one.agreement, scope), one.currency)),
            )
        ),
    )


def _costs(actor: Actor, scope: MoneyScope) -> _Kind:
    def row(one: Any) -> Row:
        transfer, agreement = one.transfer, one.cost.agreement
        sign = 1 if transfer.code in funding_rules.INCURRING_CODES else -1
        amount = sign * transfer.amount_minor
        return Row(
            (
                Cell(
                    words.category_text(one.cost.category),
                    reverse("funding:show_cost", args=[one.cost_id]),
                ),
                Cell(formats.local_name(agreement.institute)),
                Cell(agreement.number),
                Cell(formats.date_local(transfer.occurred_on)),
                Cell(formats.money(amount, transfer.currency)),
                Cell(formats.money(_share(amount, agreement, scope), transfer.currency)),
            )
        )

    return _Kind(
        rows=funding.costs_in(actor, scope),
        total=funding.count_costs_in(scope),
        order=("-transfer__occurred_on", "-pk"),
        columns=(
            Column("record", _("Category")),
            Column("institute", _("Institute")),
            Column("agreement", _("Agreement")),
            Column("date", _("Date"), is_short=True),
            Column("amount", _("Incurred"), is_number=True),
            Column("counted", _("Counted"), is_number=True),
        ),
        row=row,
    )


def _budget(actor: Actor, scope: MoneyScope, *, is_federal: bool) -> _Kind:
    def row(one: Any) -> Row:
        period, agreement = one.period, one.period.agreement
        amount = one.federal_minor if is_federal else one.nonfederal_minor
        counted = sum(
            _share(
                funding_rules.planned_minor(
                    amount, planned=(period.starts_on, period.ends_on), span=span
                ),
                agreement,
                scope,
            )
            for span in scope.spans
        )
        return Row(
            (
                Cell(
                    words.category_text(one.category),
                    reverse("funding:show_budget", args=[agreement.pk]),
                ),
                Cell(formats.local_name(agreement.institute)),
                Cell(agreement.number),
                Cell(formats.date_local(period.starts_on)),
                Cell(formats.date_local(period.ends_on)),
                Cell(formats.money(amount, agreement.currency)),
                Cell(formats.money(counted, agreement.currency)),
            )
        )

    return _Kind(
        rows=funding.budget_lines_in(actor, scope, is_federal=is_federal),
        total=funding.count_budget_lines_in(scope, is_federal=is_federal),
        order=("-period__starts_on", "pk"),
        columns=(
            Column("record", _("Category")),
            Column("institute", _("Institute")),
            Column("agreement", _("Agreement")),
            Column("starts_on", _("From"), is_short=True),
            Column("ends_on", _("Until"), is_short=True),
            Column("amount", _("Planned amount"), is_number=True),
            Column("counted", _("Counted"), is_number=True),
        ),
        row=row,
    )


def _share(amount_minor: int, agreement: Any, scope: MoneyScope) -> int:
    parts: Sequence[tuple[str, int]] = _parts(agreement.sponsors.all())
    return funding_rules.agency_share_minor(amount_minor, parts, scope.agency)


def _parts(sponsors: Iterable[Any]) -> list[tuple[str, int]]:
    return [(one.agency.key, one.federal_total_minor) for one in sponsors]
