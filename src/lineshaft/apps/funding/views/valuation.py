"""How a contribution was valued, written out as a person would reckon it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.jurisdiction import CostShareKind, ValuationMethod
from lineshaft.web.formats import local_name, money, percent_bp
from lineshaft.web.pages import Item


def valuation_items(contribution: Contribution, kind: CostShareKind | None) -> list[Item]:
    """What the record states of its worth; of a kind that the profile no longer has, the basis."""
    items: list[Item] = []
    reckoned = reckoning(contribution, kind) if kind else ""
    if reckoned:
        items.append(Item(_("Worth"), reckoned))
    for label, text in (
        (_("Independent appraisal"), contribution.appraisal),
        (_("Prior approval"), contribution.approval),
    ):
        if text:
            items.append(Item(label, text))
    items.append(Item(_("Basis of value"), contribution.basis_of_value or "–"))
    return items


def kind_of(key: str) -> CostShareKind | None:
    """The profile's cost-share kind of that key; None where it no longer has one."""
    kinds = profile_in_use().cost_share_kinds
    return next((kind for kind in kinds if kind.key == key), None)


def kind_name(key: str) -> str:
    """The kind's name in the reader's language."""
    kind = kind_of(key)
    return local_name(kind) if kind else key


def reckoning_of(contribution: Contribution) -> str:
    """The sum that gives the contribution's worth; empty for money."""
    kind = kind_of(contribution.kind)
    return reckoning(contribution, kind) if kind else ""


def reckoning(contribution: Contribution, kind: CostShareKind) -> str:
    """The sum that gives the worth, such as `286 × $60 × 125 % = $21,450`; empty for money."""
    valuation, currency = contribution.valuation, contribution.currency
    worth_minor = rules.worth_minor(valuation, kind.method)
    if worth_minor is None:
        return ""
    match kind.method:
        case ValuationMethod.RATE | ValuationMethod.RENTAL:
            factors = [_units(valuation.units), money(valuation.rate_minor, currency)]
            if valuation.fringe_bp:
                factors.append(percent_bp(BASIS_POINTS + valuation.fringe_bp, 2))
        case ValuationMethod.INDIRECT:
            difference = (valuation.approved_rate_bp or 0) - (valuation.charged_rate_bp or 0)
            factors = [money(valuation.base_minor, currency), percent_bp(max(0, difference), 2)]
        case _:
            return _market(valuation, currency)
    return f"{' × '.join(factors)} = {money(worth_minor, currency)}"


def _market(valuation: rules.Valuation, currency: str) -> str:
    market = money(valuation.market_value_minor, currency)
    if valuation.book_value_minor is None:
        return _("%(market)s, the market value") % {"market": market}
    return _("the lesser of %(market)s, the market value, and %(book)s, the book value") % {
        "market": market,
        "book": money(valuation.book_value_minor, currency),
    }


def _units(units: Decimal | None) -> str:
    return "" if units is None else f"{units.normalize():f}"
