"""The agreements and contributions of an institute, and what can still be done with them."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from django.db.models import F, Q, QuerySet, Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Contribution, Transfer
from lineshaft.apps.funding.queries.duplicates import looks_claimed_twice
from lineshaft.apps.funding.queries.visible import (
    agreements_visible_to,
    contributions_visible_to,
    may_q,
    sponsors_of,
)
from lineshaft.apps.funding.rules import (
    AccountKind,
    ContributionState,
    TransferCode,
)
from lineshaft.apps.network.models import Agency, Institute, InstituteSponsor
from lineshaft.apps.network.queries import agencies, profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may, permit


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


def agency_ids(keys: Iterable[str | None]) -> dict[str | None, int]:
    """The ids of the agencies of those keys, None left out; raises NotFound for an unknown one."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    found: dict[str | None, int] = dict(agencies().filter(key__in=wanted).values_list("key", "pk"))
    if len(found) < len(wanted):
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


def institutes_to_sign_with(
    actor: Actor, agency: Agency, among: Iterable[Institute]
) -> tuple[Institute, ...]:
    """Those of the institutes with which the actor may sign an agreement for that agency: none for
    who may not sign for it, and else what it stands behind as `agencies_to_sign_for` says.
    """
    institutes = tuple(among)
    if not institutes or not may_sign_for(actor, agency.key):
        return ()
    behind = set(
        InstituteSponsor.objects.filter(
            Q(agency=agency) | Q(agency__parent=agency) | Q(offices=agency),
            institute__in=institutes,
        ).values_list("institute_id", flat=True)
    )
    return tuple(one for one in institutes if one.pk in behind)


def may_sign_for(actor: Actor, agency: str) -> bool:
    """Whether the actor may sign agreements for the agency of that key."""
    return may(actor, rules.PERMISSIONS["sign_agreement"], agency=agency)


def permit_to_sign_for(actor: Actor, agency: str) -> None:
    """Return if the actor may sign agreements for the agency of that key; raises NotPermitted."""
    permit(actor, rules.PERMISSIONS["sign_agreement"], agency=agency)


def may_act_for(actor: Actor, verb: str, agreement: Agreement, agency: str) -> bool:
    """Whether the actor may perform one of `rules.SPONSOR_VERBS` on the part that the agency of
    that key gives, as the ledger asks it: each sponsor on its own, the leading one on all.
    """
    return may(actor, rules.PERMISSIONS[verb], **_scopes_of_part(agreement, agency))


def permit_to_act_for(actor: Actor, verb: str, agreement: Agreement, agency: str) -> None:
    """Return if the actor may perform that verb on that part; raises NotPermitted."""
    permit(actor, rules.PERMISSIONS[verb], **_scopes_of_part(agreement, agency))


def agencies_to_sponsor_with(leads: Sequence[Agency]) -> tuple[Agency, ...]:
    """The agencies that can stand beside the lead: all of them, but one that alone can lead."""
    alone = leads[0].pk if len(leads) == 1 else None
    return tuple(agency for agency in agencies().order_by("key") if agency.pk != alone)


def agreements_of(actor: Actor, institute: str) -> QuerySet[Agreement]:
    """The institute's visible agreements, each with what was drawn and what is still to draw."""
    return (
        agreements_visible_to(actor)
        .filter(institute__key=institute, accounts__kind=AccountKind.DRAWN)
        .annotate(
            drawn_balance_minor=Sum(F("accounts__credits_posted") - F("accounts__debits_posted")),
            to_draw_minor=Sum("accounts__credits_pending"),
        )
        .prefetch_related(sponsors_of("sponsors"))
        .order_by("-starts_on", "number")
    )


def contributions_of(actor: Actor, institute: str) -> QuerySet[Contribution]:
    """The institute's contributions that the actor may see, in every state."""
    return contributions_visible_to(actor).filter(agreement__institute__key=institute)


def contributions_to_decide(actor: Actor) -> QuerySet[Contribution]:
    """The recorded contributions that the actor may accept whole, oldest first.

    Above the profile's threshold, and where they look claimed twice, these are the second person's
    alone, who did not record them; see `rules.second_person` and `rules.claimed_once`.
    """
    threshold_minor = profile_in_use().second_person_threshold_minor
    is_of_another = Q(recorded_by__isnull=True) | ~Q(recorded_by=actor.own_id)
    return (
        contributions_visible_to(actor)
        .filter(
            may_q(actor, "accept_contribution", amount="claimed_minor"),
            (Q(claimed_minor__lte=threshold_minor) & ~looks_claimed_twice())
            | (is_of_another & may_q(actor, "accept_large_contribution", amount="claimed_minor")),
            state=ContributionState.RECORDED,
        )
        .order_by("occurred_on", "pk")
    )


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


class _Scopes(TypedDict):
    institute: str
    agency: str
    agencies: list[str]


def _scopes_of_part(agreement: Agreement, agency: str) -> _Scopes:
    return _Scopes(
        institute=agreement.institute.key, agency=agreement.agency.key, agencies=[agency]
    )
