"""What the actor may see of funding; each read that a person sees starts here.

Agreements and their federal money are public once signed; a contribution is shown to the
institute's staff, its sponsor, the network's staff and the contributor, and to others only as its
own level allows.
"""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    AgreementSponsor,
    Contribution,
    Transfer,
)
from lineshaft.apps.funding.rules import (
    AgreementState,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import Permission, may, powers_of
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import visible_q

PUBLIC_ACCOUNTS = sorted(
    {*rules.SPONSOR_ACCOUNTS, rules.AccountKind.CASH, rules.AccountKind.IN_KIND}
)
"""Read as widely as their agreement; its costs and its income are the overseers' alone."""

NOT_OPEN: Final = gettext_noop(
    "This list is open to the institute's staff, its agencies and the network's staff."
)


def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    """Signed agreements by their level; drafts only to those who prepare or oversee them."""
    agreements = Agreement.objects.select_related("agency", "institute")
    if actor.is_network_staff:
        return agreements
    overseen = overseen_q(actor)
    return agreements.filter((~Q(state=AgreementState.DRAFT) & visible_q(actor)) | overseen)


def contributions_visible_to(actor: Actor) -> QuerySet[Contribution]:
    """Contributions by their level, and all of those that the actor administers or brought."""
    contributions = Contribution.objects.select_related(
        "agreement__institute", "organisation__merged_into"
    )
    condition = visible_q(
        actor, institute="agreement__institute__key", organisation="organisation_id"
    )
    if not actor.is_network_staff:
        condition |= overseen_q(actor, "agreement")
    return contributions.filter(condition)


def transfers_visible_to(actor: Actor) -> QuerySet[Transfer]:
    """Federal movements as widely as their agreement; others as widely as their contribution."""
    transfers = Transfer.objects.select_related(
        "agreement__institute", "debit_account", "credit_account"
    )
    if actor.is_network_staff:
        return transfers
    is_federal = Q(code__in=rules.PUBLIC_CODES) | Q(corrects__code__in=rules.PUBLIC_CODES)
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
        overseen_q(actor, "agreement")
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
        (Q(kind__in=PUBLIC_ACCOUNTS) & visible)
        | Q(organisation_id__in=sorted(actor.organisation_ids))
        | overseen_q(actor, "agreement")
    )


def agreement_by_id(actor: Actor, pk: int) -> Agreement:
    """The agreement of that id with its sponsors; NotFound where the actor may see none."""
    found = (
        agreements_visible_to(actor).prefetch_related(sponsors_of("sponsors")).filter(pk=pk).first()
    )
    if found is None:
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    return found


def agreements_are_visible(actor: Actor, ids: Collection[int]) -> None:
    """Return if the actor may see every agreement of these ids; raises NotFound."""
    if agreements_visible_to(actor).filter(pk__in=ids).count() != len(ids):
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))


def contribution_by_id(actor: Actor, pk: UUID) -> Contribution:
    """The contribution of that id; NotFound where there is none that the actor may see."""
    found = (
        contributions_visible_to(actor)
        .select_related(
            "agreement__agency", "recorded_by", "decided_by", "transfer__hold", "line__claim"
        )
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
        .prefetch_related(sponsors_of("agreement__sponsors"))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="transfer", message=gettext_noop("There is no such transfer."))
    return found


def is_visible(actor: Actor, agreement: Agreement) -> bool:
    """Whether the actor may see the agreement."""
    return agreements_visible_to(actor).filter(pk=agreement.pk).exists()


def sponsors_of(path: str) -> Prefetch[str]:
    """The sponsors of agreements with their agencies, to be read beside those at the path."""
    return Prefetch(path, AgreementSponsor.objects.select_related("agency"))


def may_read_contributors(actor: Actor, institute: str) -> bool:
    """Whether the actor reads who contributed to the institute, and not totals alone."""
    return actor.is_network_staff or institute in actor.staff_institute_keys


def overseen_q(actor: Actor, agreement: str = "") -> Q:
    """Where the actor reads every record: own institutes, and what the actor's agencies sponsor.

    An agency that sponsors the same institute under an agreement of its own is not among them: it
    reads what is shared with the institute's sponsors, and nobody else's drafts.

    `agreement` is the path from the record to its agreement, empty for agreements themselves.
    """
    prefix = f"{agreement}__" if agreement else ""
    overseen = Q(**{f"{prefix}institute__key__in": sorted(actor.own_institute_keys)})
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    if not agencies:
        return overseen
    sponsored = AgreementSponsor.objects.filter(agency__key__in=sorted(agencies)).order_by()
    return overseen | Q(**{f"{prefix}pk__in": sponsored.values("agreement")})


def may_q(actor: Actor, verb: str, *agencies: str, amount: str = "") -> Q:
    """The records on which the actor may perform the verb, by what its roles are held for and by
    what was delegated to it: those on which `permit` lets it.

    Each record is under an agreement; `agencies` are the paths to the keys of those agencies whose
    officers may, that of the leading agency where none is named. `amount` is the path to the amount
    in minor units that a delegation up to an amount is held against; without one it covers nothing.
    """
    permission = rules.PERMISSIONS[verb]
    if may(actor, permission):
        return ~Q(pk__in=[])
    institute_keys, agency_keys = (
        sorted({grant.scope_id for grant in actor.grants if grant.scope_kind is kind})
        for kind in (ScopeKind.INSTITUTE, ScopeKind.AGENCY)
    )
    own_agencies = [key for key in agency_keys if may(actor, permission, agency=key)]
    found = Q(
        agreement__institute__key__in=[
            key for key in institute_keys if may(actor, permission, institute=key)
        ]
    )
    paths = agencies or ("agreement__agency__key",)
    for path in paths:
        found |= Q(**{f"{path}__in": own_agencies})
    return found | _delegated_q(actor, permission, paths, amount)


def _delegated_q(actor: Actor, permission: Permission, agencies: Sequence[str], amount: str) -> Q:
    """The records on which the actor may perform the verb by what was delegated to it."""
    found = Q(pk__in=[])
    for power in powers_of(actor, permission):
        if power.body or (power.up_to_minor is not None and not amount):
            continue
        one = ~Q(pk__in=[])
        if power.institute:
            one &= Q(agreement__institute__key=power.institute)
        if power.agency:
            one &= reduce(or_, (Q(**{path: power.agency}) for path in agencies))
        if power.up_to_minor is not None:
            one &= Q(**{f"{amount}__lte": power.up_to_minor})
        found |= one
    return found
