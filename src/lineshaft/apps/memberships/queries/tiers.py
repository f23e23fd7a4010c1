"""Reads of tiers: what each institute asks and gives on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import Invoice, MemberAgreement, TierTerms
from lineshaft.apps.memberships.queries.invoices import open_invoices_of
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institutes_visible_to, profile_in_use
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MembershipTier
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class TierOffer:
    """A tier at an institute on a day; `terms` are its own, None where the profile's template is
    all that is known.
    """

    institute: Institute
    tier: MembershipTier
    terms: TierTerms | None

    @property
    def dues_minor(self) -> int:
        """Dues a year, in minor units of the profile's currency."""
        return self.terms.dues_minor if self.terms else self.tier.dues_minor

    @property
    def in_kind_minor(self) -> int:
        """What is given in kind a year; by the template, its share of the dues."""
        if self.terms:
            return self.terms.in_kind_minor
        return self.tier.dues_minor * self.tier.in_kind_share_bp // 10_000

    @property
    def term_months(self) -> int:
        """Months of a term; a year where the institute has said nothing."""
        return self.terms.term_months if self.terms else 12

    @property
    def board_seats(self) -> int:
        """Seats on the institute's board."""
        return self.terms.board_seats if self.terms else self.tier.board_seats


def tier_offers(
    actor: Actor, *, on: date, kind: str = "", institute: str = ""
) -> tuple[TierOffer, ...]:
    """What each institute that takes members offers on that day, cheapest first; two queries.

    `kind` keeps the tiers for organisations of that kind, `institute` (a key) those of one. A tier
    that an institute has withdrawn is left out.
    """
    profile = profile_in_use()
    tiers = [tier for tier in profile.tiers if not kind or _is_meant_for(tier, kind, profile)]
    rows = institutes_visible_to(actor).filter(status__in=rules.TAKES_NEW_MEMBERS)
    if institute:
        rows = rows.filter(key=institute)
    institutes = list(rows.prefetch_related(None).order_by("name", "key"))
    held = {
        (one.institute_id, one.tier): one
        for one in TierTerms.objects.filter(institute__in=institutes, in_force_on__lte=on).order_by(
            "in_force_on", "pk"
        )
    }
    offers = [
        TierOffer(one, tier, held.get((one.pk, tier.key))) for one in institutes for tier in tiers
    ]
    offered = [one for one in offers if one.terms is None or one.terms.is_offered]
    return tuple(sorted(offered, key=lambda one: (one.dues_minor, one.institute.name)))


def _is_meant_for(tier: MembershipTier, kind: str, profile: JurisdictionProfile) -> bool:
    """Whether a tier is meant for organisations of that kind: by name, or by their group."""
    group = profile.organisation_kind(kind).group
    if tier.meant_for:
        return kind in tier.meant_for
    return not tier.groups or group in tier.groups


@dataclass(frozen=True, slots=True)
class Benefit:
    """An agreement with what its tier gives on a day; `terms` None where only the profile's
    template is known. `owed_minor` is what is open of its invoices, and `due_on` when the first of
    them is due, None where nothing is owed.
    """

    agreement: MemberAgreement
    terms: TierTerms | None
    owed_minor: int = 0
    due_on: date | None = None


def benefits_of(agreements: Iterable[MemberAgreement], *, on: date) -> tuple[Benefit, ...]:
    """Each agreement with the terms of its tier in force on that day; two queries."""
    chosen = list(agreements)
    if not chosen:
        return ()
    held = {
        (one.institute_id, one.tier): one
        for one in TierTerms.objects.filter(
            institute__in=[one.institute_id for one in chosen], in_force_on__lte=on
        ).order_by("in_force_on", "pk")
    }
    owed: dict[int, list[Invoice]] = {}
    for invoice in open_invoices_of(chosen):
        assert invoice.agreement is not None  # noqa: S101 -- asked for by agreement
        owed.setdefault(invoice.agreement.membership_id, []).append(invoice)
    return tuple(
        Benefit(
            one,
            held.get((one.institute_id, one.tier)),
            sum(invoice.left.amount_minor for invoice in owed.get(one.membership_id, ())),
            min((invoice.due_on for invoice in owed.get(one.membership_id, ())), default=None),
        )
        for one in chosen
    )


def tier_terms_on(institute: Institute, tier: str, *, on: date) -> TierTerms | None:
    """The institute's own terms of a tier on that day, or None."""
    held = institute.tier_terms.filter(tier=tier, in_force_on__lte=on)
    return held.order_by("in_force_on", "pk").last()


def tier_terms_history(institute: Institute) -> QuerySet[TierTerms]:
    """The terms of an institute's tiers as they were set, newest first."""
    return institute.tier_terms.order_by("-in_force_on", "tier", "pk")
