"""Programme income under an agreement, and the terms on which the agreement is reported."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    Income,
    IncomeUse,
    ReportingTerms,
)
from lineshaft.apps.funding.queries.visible import overseen_q
from lineshaft.apps.funding.rules import AccountKind, ReportBasis
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import IncomeMethod
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class IncomePosition:
    """What was earned and spent under an agreement, from the ledger, in minor units."""

    earned_minor: int
    used_minor: int

    @property
    def unspent_minor(self) -> int:
        """What is left to spend."""
        return self.earned_minor - self.used_minor


def income_visible_to(actor: Actor) -> QuerySet[Income]:
    """Programme income of the agreements that the actor oversees."""
    income = Income.objects.select_related("agreement__institute", "transfer")
    return income if actor.is_network_staff else income.filter(overseen_q(actor, "agreement"))


def income_uses_visible_to(actor: Actor) -> QuerySet[IncomeUse]:
    """What programme income was spent on, of the agreements that the actor oversees."""
    uses = IncomeUse.objects.select_related("agreement__institute", "transfer")
    return uses if actor.is_network_staff else uses.filter(overseen_q(actor, "agreement"))


def income_position(agreement: Agreement) -> IncomePosition:
    """What was earned and spent under the agreement so far."""
    sums = Account.objects.filter(agreement=agreement).aggregate(
        earned=Sum("credits_posted", filter=Q(kind=AccountKind.INCOME)),
        taken_back=Sum("credits_posted", filter=Q(kind=AccountKind.INCOME_SOURCE)),
        used=Sum("credits_posted", filter=Q(kind=AccountKind.INCOME_USED)),
        unused=Sum("debits_posted", filter=Q(kind=AccountKind.INCOME_USED)),
    )
    used = (sums["used"] or 0) - (sums["unused"] or 0)
    earned = (sums["earned"] or 0) - (sums["unused"] or 0) - (sums["taken_back"] or 0)
    return IncomePosition(earned, used)


def reporting_terms_of(agreement: Agreement) -> ReportingTerms:
    """The terms as the sponsor set them, or the profile's defaults, not stored."""
    found = ReportingTerms.objects.filter(agreement=agreement).first()
    if found is not None:
        return found
    profile = profile_in_use()
    return ReportingTerms(
        agreement=agreement,
        report_term=profile.report_terms[0].key,
        basis=ReportBasis.ACCRUAL.value,
        income_method=profile.income_method("").key,
    )


def income_method_of(agreement: Agreement) -> IncomeMethod:
    """How programme income under the agreement is used."""
    return profile_in_use().income_method(reporting_terms_of(agreement).income_method)
