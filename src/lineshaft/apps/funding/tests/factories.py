"""Institutes, agreements with money in them, and the people who move it; all stored."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    Contribution,
    Cost,
    Income,
    IncomeUse,
    Transfer,
)
from lineshaft.apps.funding.rules import AccountKind
from lineshaft.apps.network.models import Agency, Institute, InstituteSponsor, Organisation
from lineshaft.kernel.ids import derived_id
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.replaying import replayed

NOW = datetime(2022, 6, 1, 12, 0, tzinfo=UTC)
TODAY = date(2022, 6, 1)
IN_TERM = date(2022, 3, 1)
STARTS_ON = date(2021, 10, 1)
ENDS_ON = date(2026, 10, 1)
MILLION = 100_000_000
"""One million dollars in cents."""

SYSTEM = Actor.system("test")


def transfer_id(*parts: str | int) -> UUID:
    """An id that the same words always give."""
    return derived_id("test", *parts)


def user(email: str) -> User:
    found = User.objects.filter(email=email.lower()).first()
    return found or User.objects.create_user(email, name=email.split("@", maxsplit=1)[0])


def institute(key: str = "america-makes") -> Institute:
    return Institute.objects.get_or_create(
        key=key, defaults={"name": key.title(), "status": "active"}
    )[0]


def agency(key: str = "DOD") -> Agency:
    return Agency.objects.get_or_create(key=key, defaults={"name": key})[0]


def organisation(name: str = "Brass and Bolt Works") -> Organisation:
    return Organisation.objects.get_or_create(
        name=name,
        defaults={"kind": "industry_small", "match_key": name.lower(), "registered_at": NOW},
    )[0]


@replayed
def staff(
    role: Role, scope_kind: ScopeKind, scope_id: str, *, email: str = "", overseen: str = ""
) -> Actor:
    """Somebody stored who holds one role; an agency's officer oversees the institute `overseen`."""
    holder = user(email or f"{role}.{scope_id or 'network'}@example.org")
    own = frozenset({scope_id}) if scope_kind is ScopeKind.INSTITUTE else frozenset()
    return Actor(
        user_id=holder.pk,
        label=holder.name,
        grants=frozenset({RoleGrant(role, scope_kind, scope_id)}),
        institute_keys=own,
        overseen_institute_keys=frozenset({overseen} if overseen else ()),
    )


def finance(key: str = "america-makes", *, email: str = "") -> Actor:
    return staff(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, key, email=email)


def manager(key: str = "america-makes") -> Actor:
    return staff(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, key)


def sponsor(key: str = "DOD", *, overseen: str = "america-makes") -> Actor:
    return staff(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, key, overseen=overseen)


def officer() -> Actor:
    return staff(Role.PROGRAMME_OFFICER, ScopeKind.NETWORK, "")


@replayed
def member(key: str, contributor: Organisation | None = None) -> Actor:
    """Of an organisation that has joined the institute, without a role there."""
    holder = user(f"member.{key}@example.org")
    own = frozenset({contributor.pk}) if contributor else frozenset()
    return Actor(
        user_id=holder.pk,
        label=holder.name,
        grants=frozenset({RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, "1")}),
        organisation_ids=own,
        institute_keys=frozenset({key}),
    )


@replayed
def agreement(
    number: str = "W911-1",
    *,
    institute_key: str = "america-makes",
    agency_key: str = "DOD",
    federal_total_minor: int = 70 * MILLION,
    is_active: bool = True,
) -> Agreement:
    signed = services.sign_agreement(
        SYSTEM,
        institute(institute_key),
        agency(agency_key),
        terms=services.AgreementTerms(
            number=number,
            currency="USD",
            signed_on=STARTS_ON,
            starts_on=STARTS_ON,
            ends_on=ENDS_ON,
            federal_total_minor=federal_total_minor,
        ),
        now=NOW,
    )
    if is_active:
        services.activate_agreement(SYSTEM, signed.pk, today=TODAY, now=NOW)
    return Agreement.objects.select_related("institute", "agency").get(pk=signed.pk)


@replayed
def authorised(under: Agreement, amount_minor: int = 10 * MILLION) -> Transfer:
    return services.authorise_funds(
        SYSTEM,
        under,
        id=transfer_id("authorise", under.pk),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


@replayed
def obligation(
    under: Agreement,
    amount_minor: int = 10 * MILLION,
    *,
    name: str = "one",
    occurred_on: date = IN_TERM,
) -> Transfer:
    """An obligation for which as much is authorised first, recorded when it happened."""
    now = max(NOW, datetime.combine(occurred_on, NOW.timetz()))
    services.authorise_funds(
        SYSTEM,
        under,
        id=transfer_id("authorise", under.pk, name),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=occurred_on,
        now=now,
    )
    moved = services.obligate_funds(
        SYSTEM,
        under,
        id=transfer_id("obligate", under.pk, name),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=occurred_on,
        now=now,
    )
    return booked(moved)


def drawdown(of: Transfer, amount_minor: int, *, name: str = "one") -> Transfer:
    moved = services.draw_funds(
        SYSTEM,
        of,
        id=transfer_id("draw", str(of.pk), name),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )
    return booked(moved)


def booked(moved: services.Moved) -> Transfer:
    """What took one person, or was booked by the program."""
    assert isinstance(moved, Transfer)
    return moved


def claim(
    under: Agreement,
    contributor: Organisation | None = None,
    *,
    name: str = "one",
    kind: str = "cash",
    amount_minor: int = 2 * MILLION,
    occurred_on: date = IN_TERM,
    is_federal_origin: bool = False,
    evidence: tuple[str, ...] = ("receipt 1",),
    **valuation: Any,
) -> services.Claim:
    """A claim whose valuation comes to its amount, unless it is given."""
    return services.Claim(
        id=transfer_id("claim", under.pk, name),
        agreement_id=under.pk,
        organisation_id=(contributor or organisation()).pk,
        kind=kind,
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=occurred_on,
        is_federal_origin=is_federal_origin,
        evidence=evidence,
        **(valuation or valued(kind, amount_minor)),
    )


def valued(kind: str, amount_minor: int) -> dict[str, Any]:
    """A valuation of the kind that comes to the amount, which is above zero."""
    stated: dict[str, Any] = {"basis_of_value": "As a price list says"}
    match kind:
        case "personnel" | "volunteer":
            return {"units": Decimal(1), "rate_minor": amount_minor}
        case "equipment_loaned":
            return stated | {"units": Decimal(1), "rate_minor": amount_minor}
        case "space":
            return stated | {
                "units": Decimal(1),
                "rate_minor": amount_minor,
                "appraisal": "Appraisal 7",
            }
        case "supplies" | "equipment_donated" | "licence":
            return stated | {"market_value_minor": amount_minor}
        case _:
            return {}


@replayed
def contribution(
    under: Agreement,
    contributor: Organisation | None = None,
    *,
    actor: Actor = SYSTEM,
    name: str = "one",
    kind: str = "cash",
    amount_minor: int = 2 * MILLION,
    is_accepted: bool = False,
    evidence: tuple[str, ...] = ("receipt 1",),
) -> Contribution:
    claimed = claim(
        under, contributor, name=name, kind=kind, amount_minor=amount_minor, evidence=evidence
    )
    recorded = services.record_contribution(actor, claimed, now=NOW)
    if is_accepted:
        return services.accept_contribution(
            SYSTEM, recorded.pk, accepted_minor=None, today=TODAY, now=NOW
        )
    return recorded


def balances(under: Agreement) -> dict[str, tuple[int, int]]:
    """For each account of the agreement (posted balance, still promised out of or into it).

    Reserve, costs and programme income stand in it only once something has moved there.
    """
    rows = Account.objects.filter(agreement=under, organisation__isnull=True)
    found = {
        AccountKind(row.kind): (row.balance_minor, row.debits_pending + row.credits_pending)
        for row in rows
    }
    always = {AccountKind.AWARD, AccountKind.DRAWN, AccountKind.CASH, AccountKind.IN_KIND}
    return {str(kind): sums for kind, sums in found.items() if kind in always or any(sums)}


def granted(actor: Actor) -> User:
    """The stored user of an actor, with the actor's grants stored as well: somebody to sign in."""
    holder = User.objects.get(pk=actor.user_id or 0)
    for held in actor.grants:
        Grant.objects.get_or_create(
            user=holder,
            role=held.role,
            scope_kind=held.scope_kind,
            scope_id=held.scope_id,
            defaults={"starts_on": date(2020, 1, 1)},
        )
    return holder


def sponsorship(institute_key: str = "america-makes", agency_key: str = "DOD") -> None:
    """That the agency sponsors the institute."""
    InstituteSponsor.objects.get_or_create(
        institute=institute(institute_key), agency=agency(agency_key)
    )


def cost(
    under: Agreement,
    amount_minor: int = 100,
    *,
    actor: Actor = SYSTEM,
    name: str = "one",
    category: str = "supplies",
    occurred_on: date = IN_TERM,
    evidence: tuple[str, ...] = ("invoice 1",),
) -> Cost:
    return services.record_cost(
        actor,
        under,
        id=transfer_id("cost", under.pk, name),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=occurred_on,
        category=category,
        payee="Brass and Bolt Works",
        evidence=evidence,
        now=NOW,
    )


def encumbrance(
    under: Agreement, amount_minor: int = 100, *, name: str = "one", occurred_on: date = IN_TERM
) -> Cost:
    return services.record_encumbrance(
        SYSTEM,
        under,
        id=transfer_id("encumber", under.pk, name),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=occurred_on,
        category="equipment",
        payee="Lathe Makers",
        reference="PO 7",
        now=NOW,
    )


def liquidation(of: Cost, amount_minor: int, *, name: str = "one") -> Cost:
    return services.liquidate_encumbrance(
        SYSTEM,
        of,
        id=transfer_id("liquidate", str(of.pk), name),
        amount_minor=amount_minor,
        occurred_on=IN_TERM,
        now=NOW,
    )


def payment(of: Cost, amount_minor: int, *, name: str = "one", occurred_on: date = IN_TERM) -> Cost:
    return services.pay_cost(
        SYSTEM,
        of,
        id=transfer_id("pay", str(of.pk), name),
        amount_minor=amount_minor,
        occurred_on=occurred_on,
        evidence=("receipt 1",),
        now=NOW,
    )


def income(
    under: Agreement,
    gross_minor: int = 100,
    *,
    actor: Actor = SYSTEM,
    name: str = "one",
    stream: str = "services",
    payer: str = "Brass and Bolt Works",
    cost_of_earning_minor: int = 0,
    occurred_on: date = IN_TERM,
) -> Income:
    earning = services.Earning(
        id=transfer_id("income", under.pk, name),
        gross_minor=gross_minor,
        currency="USD",
        occurred_on=occurred_on,
        stream=stream,
        payer=payer,
        cost_of_earning_minor=cost_of_earning_minor,
    )
    return services.record_income(actor, under, earning, now=NOW)


def income_use(
    under: Agreement, amount_minor: int, *, name: str = "one", occurred_on: date = IN_TERM
) -> IncomeUse:
    use = services.Use(
        id=transfer_id("use", under.pk, name),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=occurred_on,
        category="supplies",
        description="powder",
    )
    return services.use_income(SYSTEM, under, use, now=NOW)
