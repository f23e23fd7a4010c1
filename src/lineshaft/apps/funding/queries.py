"""Reads of funding: what the actor may see, and what the figures count.

A `*_visible_to` starts each read that a person sees. A `*_counted` is the list of records behind a
figure, cut to what the reader may see; `count_*` counts the same records uncut, so that a page can
say how many it withholds. Agreements and their federal money are public once signed; a contribution
is shown to the institute's staff, its sponsor, the network's staff and the contributor, and to
others only as its own level allows.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Account, Agreement, Contribution, Transfer
from lineshaft.apps.funding.rules import (
    AccountKind,
    AgreementState,
    ContributionState,
    MatchStanding,
    TransferCode,
)
from lineshaft.apps.network.models import Agency, Institute, InstituteSponsor
from lineshaft.apps.network.queries import agencies, profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MatchingRule
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import visible_q

AGREEMENT_PATHS = ("agreement__institute__key", "agreement__agency__key")


def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    """Signed agreements by their level; drafts only to those who prepare or oversee them."""
    agreements = Agreement.objects.select_related("agency", "institute")
    if actor.is_network_staff:
        return agreements
    overseen = _overseen_q(actor, "institute__key", "agency__key")
    return agreements.filter((~Q(state=AgreementState.DRAFT) & visible_q(actor)) | overseen)


def contributions_visible_to(actor: Actor) -> QuerySet[Contribution]:
    """Contributions by their level, and all of those that the actor administers or brought."""
    contributions = Contribution.objects.select_related("agreement__institute", "organisation")
    condition = visible_q(
        actor, institute="agreement__institute__key", organisation="organisation_id"
    )
    if not actor.is_network_staff:
        condition |= _overseen_q(actor, *AGREEMENT_PATHS)
    return contributions.filter(condition)


def transfers_visible_to(actor: Actor) -> QuerySet[Transfer]:
    """Federal movements as widely as their agreement; others as widely as their contribution."""
    transfers = Transfer.objects.select_related(
        "agreement__institute", "debit_account", "credit_account"
    )
    if actor.is_network_staff:
        return transfers
    is_federal = Q(code__in=rules.FEDERAL_CODES) | Q(corrects__code__in=rules.FEDERAL_CODES)
    agreement_is_visible = Exists(
        agreements_visible_to(actor).filter(pk=OuterRef("agreement_id")).order_by()
    )
    contribution_is_visible = Exists(
        contributions_visible_to(actor)
        .filter(
            pk=Coalesce(OuterRef("corrects__pending_id"), OuterRef("pending_id"), OuterRef("pk"))
        )
        .order_by()
    )
    return transfers.filter(
        _overseen_q(actor, *AGREEMENT_PATHS)
        | (is_federal & agreement_is_visible)
        | (~is_federal & contribution_is_visible)
    )


def accounts_visible_to(actor: Actor) -> QuerySet[Account]:
    """The accounts of visible agreements; a contributor's own only as its contributions are."""
    accounts = Account.objects.select_related("agreement", "organisation")
    if actor.is_network_staff:
        return accounts
    visible = Exists(agreements_visible_to(actor).filter(pk=OuterRef("agreement_id")).order_by())
    return accounts.filter(
        (Q(organisation__isnull=True, agreement__isnull=False) & visible)
        | Q(organisation_id__in=sorted(actor.organisation_ids))
        | _overseen_q(actor, *AGREEMENT_PATHS)
    )


def agreement_by_id(actor: Actor, pk: int) -> Agreement:
    """The agreement of that id; NotFound where there is none that the actor may see."""
    found = agreements_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    return found


def contribution_by_id(actor: Actor, pk: UUID) -> Contribution:
    """The contribution of that id; NotFound where there is none that the actor may see."""
    found = (
        contributions_visible_to(actor)
        .select_related("agreement__agency", "recorded_by", "decided_by", "transfer__hold")
        .prefetch_related("evidence__file", "evidence__attached_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="contribution", message=gettext_noop("There is no such contribution."))
    return found


def transfer_by_id(actor: Actor, pk: UUID) -> Transfer:
    """The transfer of that id; NotFound where there is none that the actor may see."""
    found = (
        transfers_visible_to(actor)
        .select_related("agreement__agency", "recorded_by", "hold", "pending", "corrects")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="transfer", message=gettext_noop("There is no such transfer."))
    return found


def left_to_correct_minor(transfer: Transfer) -> int:
    """What the transfer moved, less what corrections have taken back of it."""
    taken_back = Transfer.objects.filter(corrects=transfer).aggregate(sum=Sum("amount_minor"))
    return transfer.amount_minor - (taken_back["sum"] or 0)


def agency_by_key(key: str) -> Agency:
    """The agency of that key; raises NotFound."""
    found = agencies().filter(key=key).first()
    if found is None:
        raise NotFound(code="agency", message=gettext_noop("There is no such agency."))
    return found


def agencies_to_sign_for(actor: Actor, institute: Institute) -> tuple[Agency, ...]:
    """The agencies behind the institute for which the actor may sign an agreement, by key.

    Behind it stand its sponsors, their departments, and the offices through which they pay.
    """
    if actor.is_anonymous:
        return ()
    sponsors = InstituteSponsor.objects.filter(institute=institute)
    behind = agencies().filter(
        Q(pk__in=sponsors.values("agency"))
        | Q(pk__in=sponsors.values("agency__parent"))
        | Q(pk__in=sponsors.values("offices"))
    )
    permission = rules.PERMISSIONS["sign_agreement"]
    return tuple(
        agency for agency in behind.order_by("key") if may(actor, permission, agency=agency.key)
    )


def agreements_of(actor: Actor, institute: str) -> QuerySet[Agreement]:
    """The institute's visible agreements, each with what was drawn and what is still to draw."""
    return (
        agreements_visible_to(actor)
        .filter(institute__key=institute, accounts__kind=AccountKind.DRAWN)
        .annotate(
            drawn_balance_minor=F("accounts__credits_posted") - F("accounts__debits_posted"),
            to_draw_minor=F("accounts__credits_pending"),
        )
        .order_by("-starts_on", "number")
    )


def contributions_of(actor: Actor, institute: str) -> QuerySet[Contribution]:
    """The institute's contributions that the actor may see, in every state."""
    return contributions_visible_to(actor).filter(agreement__institute__key=institute)


def count_all_contributions(institute: str) -> int:
    """How many contributions to the institute are recorded, in every state, whoever asks."""
    return Contribution.objects.filter(agreement__institute__key=institute).count()


def open_obligations(agreement: Agreement) -> QuerySet[Transfer]:
    """Obligations of the agreement of which something is still pending, oldest first."""
    return (
        Transfer.objects.filter(
            agreement=agreement, code=TransferCode.OBLIGATE, hold__remaining_minor__gt=0
        )
        .select_related("hold")
        .order_by("occurred_on", "pk")
    )


def may_read_contributors(actor: Actor, institute: str) -> bool:
    """Whether the actor reads who contributed to the institute, and not totals alone."""
    return actor.is_network_staff or institute in actor.staff_institute_keys


def obligations_counted(
    actor: Actor, period: FiscalPeriod | None = None, institute: str | None = None
) -> QuerySet[Transfer]:
    """The visible transfers behind the federal money obligated, each with its `counted_minor`.

    An obligation counts up; a release and a return count down, since the money can be obligated
    again; a correction counts against what it corrects.
    """
    return _in_scope(transfers_visible_to(actor).filter(_OBLIGATED), period, institute).annotate(
        counted_minor=obligated_minor()
    )


def count_obligations(period: FiscalPeriod | None = None, institute: str | None = None) -> int:
    """How many records stand behind the federal money obligated, whoever asks."""
    return _in_scope(Transfer.objects.filter(_OBLIGATED), period, institute).count()


def drawdowns_counted(
    actor: Actor, period: FiscalPeriod | None = None, institute: str | None = None
) -> QuerySet[Transfer]:
    """The visible transfers behind the federal money drawn, each with its `counted_minor`."""
    return _in_scope(transfers_visible_to(actor).filter(_DRAWN), period, institute).annotate(
        counted_minor=drawn_minor()
    )


def count_drawdowns(period: FiscalPeriod | None = None, institute: str | None = None) -> int:
    """How many records stand behind the federal money drawn, whoever asks."""
    return _in_scope(Transfer.objects.filter(_DRAWN), period, institute).count()


def contributions_counted(
    actor: Actor,
    period: FiscalPeriod | None = None,
    institute: str | None = None,
    *,
    is_cash: bool | None = None,
) -> QuerySet[Contribution]:
    """The visible accepted contributions; `is_cash` None counts cash and in-kind together."""
    accepted = _accepted(contributions_visible_to(actor), is_cash=is_cash)
    return _in_scope(accepted, period, institute).annotate(counted_minor=F("accepted_minor"))


def count_contributions(
    period: FiscalPeriod | None = None,
    institute: str | None = None,
    *,
    is_cash: bool | None = None,
) -> int:
    """How many accepted contributions there are, whoever asks."""
    return _in_scope(
        _accepted(Contribution.objects.all(), is_cash=is_cash), period, institute
    ).count()


@dataclass(frozen=True, slots=True)
class MatchPosition:
    """What an institute has from the agencies and from others, and how that stands under the rule.

    Amounts are minor units of `currency`, of transfers and contributions dated in the period;
    `period` None is from the first day to the last. `rule` None: no matching rule binds.
    """

    period: FiscalPeriod | None
    currency: str
    obligated_minor: int
    drawn_minor: int
    cash_minor: int
    in_kind_minor: int
    rule: MatchingRule | None

    @property
    def nonfederal_minor(self) -> int:
        """Accepted cost share, cash and in-kind."""
        return self.cash_minor + self.in_kind_minor

    @property
    def ratio(self) -> Decimal | None:
        """Non-federal over federal money obligated."""
        return rules.match_ratio(self.obligated_minor, self.nonfederal_minor)

    @property
    def share_bp(self) -> int | None:
        """The non-federal part of the whole."""
        return rules.nonfederal_share_bp(self.obligated_minor, self.nonfederal_minor)

    @property
    def standing(self) -> MatchStanding:
        """How the position stands under the rule that binds it."""
        return rules.match_standing(self.obligated_minor, self.nonfederal_minor, self.rule)

    @property
    def missing_minor(self) -> int:
        """What is still wanted to meet the rule, zero where it is met or none binds."""
        if self.rule is None:
            return 0
        return max(0, self.rule.nonfederal_needed(self.obligated_minor) - self.nonfederal_minor)


def match_position(
    institute: str, period: FiscalPeriod | None = None, *, today: date
) -> MatchPosition:
    """How the institute stands now, read live from the ledger; its totals are public.

    Of several agencies' rules the strictest counts, as in force on the period's last day, or on
    `today` where the period is still running or None.
    """
    return _position(institute, period, _rule_for(institute, period, today))


def match_positions_by_year(institute: str, *, today: date) -> tuple[MatchPosition, ...]:
    """The positions of every fiscal year in which something was recorded, oldest first."""
    profile = profile_in_use()
    sums: dict[int, dict[str, int]] = {}
    for measure, days in _sums_by_day(institute, profile.currency).items():
        for day, amount_minor in days:
            year = sums.setdefault(profile.fiscal_year_of(day).year, {})
            year[measure] = year.get(measure, 0) + amount_minor
    agencies = _agency_keys(institute)
    periods = [profile.fiscal_year(year) for year in sorted(sums)]
    return tuple(
        MatchPosition(
            period=period,
            currency=profile.currency,
            obligated_minor=sums[period.year].get("obligated", 0),
            drawn_minor=sums[period.year].get("drawn", 0),
            cash_minor=sums[period.year].get("cash", 0),
            in_kind_minor=sums[period.year].get("in_kind", 0),
            rule=_strictest_rule(profile, agencies, min(period.last_day, today)),
        )
        for period in periods
    )


def obligated_minor() -> Case:
    """What a transfer adds to the federal money obligated, as an expression; may be negative."""
    return _signed(
        plus=Q(code=TransferCode.OBLIGATE) | Q(corrects__code=TransferCode.RETURN),
        minus=Q(code__in=[TransferCode.RELEASE, TransferCode.RETURN])
        | Q(corrects__code=TransferCode.DRAW),
    )


def drawn_minor() -> Case:
    """What a transfer adds to the federal money drawn, as an expression; may be negative."""
    return _signed(
        plus=Q(code=TransferCode.DRAW) | Q(corrects__code=TransferCode.RETURN),
        minus=Q(code=TransferCode.RETURN) | Q(corrects__code=TransferCode.DRAW),
    )


_CORRECTED = Q(corrects__code__in=[TransferCode.DRAW, TransferCode.RETURN])
_OBLIGATED = (
    Q(code__in=[TransferCode.OBLIGATE, TransferCode.RELEASE, TransferCode.RETURN]) | _CORRECTED
)
_DRAWN = Q(code__in=[TransferCode.DRAW, TransferCode.RETURN]) | _CORRECTED


def _overseen_q(actor: Actor, institute: str, agency: str) -> Q:
    """Where the actor reads every record: own institutes, and agreements of the actor's agency."""
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    return Q(**{f"{institute}__in": sorted(actor.staff_institute_keys)}) | Q(
        **{f"{agency}__in": sorted(agencies)}
    )


def _signed(*, plus: Q, minus: Q) -> Case:
    return Case(
        When(plus, then=F("amount_minor")),
        When(minus, then=-F("amount_minor")),
        default=0,
        output_field=BigIntegerField(),
    )


def _accepted(
    contributions: QuerySet[Contribution], *, is_cash: bool | None
) -> QuerySet[Contribution]:
    accepted = contributions.filter(state=ContributionState.ACCEPTED)
    return accepted if is_cash is None else accepted.filter(is_cash=is_cash)


def _in_scope[M: (Transfer, Contribution)](
    records: QuerySet[M], period: FiscalPeriod | None, institute: str | None
) -> QuerySet[M]:
    if period is not None:
        records = records.filter(occurred_on__gte=period.starts_on, occurred_on__lt=period.ends_on)
    if institute is not None:
        records = records.filter(agreement__institute__key=institute)
    return records


def _position(
    institute: str, period: FiscalPeriod | None, rule: MatchingRule | None
) -> MatchPosition:
    currency = profile_in_use().currency
    moved = Transfer.objects.filter(_OBLIGATED | _DRAWN, currency=currency)
    federal = _in_scope(moved, period, institute).aggregate(
        obligated=Sum(obligated_minor()), drawn=Sum(drawn_minor())
    )
    accepted = _in_scope(
        Contribution.objects.filter(currency=currency, state=ContributionState.ACCEPTED),
        period,
        institute,
    ).aggregate(
        cash=Sum("accepted_minor", filter=Q(is_cash=True)),
        in_kind=Sum("accepted_minor", filter=Q(is_cash=False)),
    )
    return MatchPosition(
        period=period,
        currency=currency,
        obligated_minor=federal["obligated"] or 0,
        drawn_minor=federal["drawn"] or 0,
        cash_minor=accepted["cash"] or 0,
        in_kind_minor=accepted["in_kind"] or 0,
        rule=rule,
    )


def _sums_by_day(institute: str, currency: str) -> dict[str, list[tuple[date, int]]]:
    """For each measure the sums by day: as many rows as days, however many records.

    Plain columns, since SQLite would call back into Python for each row to cut a date.
    """
    in_institute = {"agreement__institute__key": institute, "currency": currency}
    transfers = (
        Transfer.objects.filter(_OBLIGATED | _DRAWN, **in_institute)
        .order_by("occurred_on")
        .values("occurred_on")
        .annotate(obligated=Sum(obligated_minor()), drawn=Sum(drawn_minor()))
    )
    contributions = (
        _accepted(Contribution.objects.filter(**in_institute), is_cash=None)
        .order_by("occurred_on", "is_cash")
        .values("occurred_on", "is_cash")
        .annotate(counted=Sum("accepted_minor"))
    )
    sums: dict[str, list[tuple[date, int]]] = {
        "obligated": [],
        "drawn": [],
        "cash": [],
        "in_kind": [],
    }
    for row in transfers:
        sums["obligated"].append((row["occurred_on"], row["obligated"]))
        sums["drawn"].append((row["occurred_on"], row["drawn"]))
    for part in contributions:
        sums["cash" if part["is_cash"] else "in_kind"].append(
            (part["occurred_on"], part["counted"])
        )
    return sums


def _rule_for(institute: str, period: FiscalPeriod | None, today: date) -> MatchingRule | None:
    on = today if period is None else min(period.last_day, today)
    return _strictest_rule(profile_in_use(), _agency_keys(institute), on)


def _agency_keys(institute: str) -> list[str]:
    return list(
        Agreement.objects.filter(institute__key=institute)
        .exclude(state=AgreementState.DRAFT)
        .order_by("agency__key")
        .values_list("agency__key", flat=True)
        .distinct()
    )


def _strictest_rule(
    profile: JurisdictionProfile, agency_keys: list[str], on: date
) -> MatchingRule | None:
    return rules.strictest(
        rule for key in agency_keys for rule in profile.matching_rules_in_force(on, key)
    )
