"""What a contribution is worth: by the rule of its kind, exact, and refused where it lacks."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.funding import rules, services
from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.funding.rules import Valuation
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.jurisdiction import JurisdictionProfile, ValuationMethod
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import lifted

PRICE_LIST = "price list"


def missing_of(refusal: Refusal | None) -> tuple[str, ...]:
    return () if refusal is None else tuple(str(name) for name in refusal.params["missing"])


@pytest.mark.parametrize(
    ("method", "stated", "worth"),
    [
        pytest.param("amount", Valuation(), None, id="cash is its amount"),
        pytest.param(
            "rate",
            Valuation(units=Decimal(286), rate_minor=6_000, fringe_bp=2_500),
            2_145_000,
            id="hours at rate and fringe",
        ),
        pytest.param(
            "rate", Valuation(units=Decimal("10.5"), rate_minor=1_001), 10_511, id="half up"
        ),
        pytest.param(
            "rate",
            Valuation(units=Decimal("0.3333"), rate_minor=1_000, fringe_bp=1),
            333,
            id="rounded once at the end",
        ),
        pytest.param("rate", Valuation(units=Decimal(3)), None, id="no rate"),
        pytest.param("rate", Valuation(rate_minor=3), None, id="no hours"),
        pytest.param("market", Valuation(market_value_minor=900), 900, id="market value"),
        pytest.param(
            "market",
            Valuation(market_value_minor=900, book_value_minor=700),
            700,
            id="book value is less",
        ),
        pytest.param(
            "market",
            Valuation(market_value_minor=900, book_value_minor=1_000),
            900,
            id="book value is more",
        ),
        pytest.param("market", Valuation(book_value_minor=1_000), None, id="book value alone"),
        pytest.param(
            "rental",
            Valuation(units=Decimal(8), rate_minor=8_000_000, fringe_bp=5_000),
            64_000_000,
            id="rent has no fringe",
        ),
        pytest.param(
            "indirect",
            Valuation(base_minor=100_001, approved_rate_bp=5_250, charged_rate_bp=1_000),
            42_500,
            id="difference of rates",
        ),
        pytest.param(
            "indirect",
            Valuation(base_minor=100_000, approved_rate_bp=1_000, charged_rate_bp=1_500),
            0,
            id="nothing unrecovered",
        ),
        pytest.param("indirect", Valuation(base_minor=1, approved_rate_bp=1), None, id="no charge"),
    ],
)
def test_worth_by_method(method: str, stated: Valuation, worth: int | None) -> None:
    assert rules.worth_minor(stated, ValuationMethod(method)) == worth


@given(
    units=st.decimals(0, 10**9, places=4, allow_nan=False),
    rate=st.integers(1, 10**12),
    fringe=st.integers(0, 20_000),
)
def test_worth_at_a_rate_is_within_half_a_cent_of_the_exact_product(
    units: Decimal, rate: int, fringe: int
) -> None:
    stated = Valuation(units=units, rate_minor=rate, fringe_bp=fringe)
    worth = rules.worth_minor(stated, ValuationMethod.RATE)
    assert worth is not None
    exact = int(units.scaleb(4)) * rate * (10_000 + fringe)
    assert -(10**8) < 2 * (worth * 10**8 - exact) <= 10**8


@pytest.mark.parametrize(
    ("kind", "stated", "missing"),
    [
        ("cash", Valuation(), ()),
        ("personnel", Valuation(), ("units", "rate for one unit")),
        ("personnel", Valuation(units=Decimal(8)), ("rate for one unit",)),
        ("volunteer", Valuation(units=Decimal(8), rate_minor=1), ()),
        ("supplies", Valuation(basis_of_value=" "), ("fair market value", "basis of value")),
        ("equipment_donated", Valuation(market_value_minor=1, basis_of_value=PRICE_LIST), ()),
        ("licence", Valuation(market_value_minor=1), ("basis of value",)),
        ("equipment_loaned", Valuation(units=Decimal(1), rate_minor=1), ("basis of value",)),
        (
            "space",
            Valuation(units=Decimal(1), rate_minor=1, basis_of_value=PRICE_LIST),
            ("independent appraisal",),
        ),
        (
            "land_or_building",
            Valuation(market_value_minor=1, basis_of_value=PRICE_LIST),
            ("independent appraisal",),
        ),
        (
            "unrecovered_indirect",
            Valuation(base_minor=1, approved_rate_bp=1),
            ("indirect rate charged", "prior approval"),
        ),
    ],
)
def test_valuation_names_what_its_kind_lacks(
    profile: JurisdictionProfile, kind: str, stated: Valuation, missing: tuple[str, ...]
) -> None:
    refusal = rules.valuation_complete(stated, profile.cost_share_kind(kind))
    assert missing_of(refusal) == missing
    if refusal:
        assert refusal.citation == profile.cost_share_kind(kind).authority.citation


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (Valuation(), ""),
        (Valuation(units=Decimal("0.5"), rate_minor=1, fringe_bp=0, charged_rate_bp=0), ""),
        (Valuation(units=Decimal(0)), "valuation_not_positive"),
        (Valuation(rate_minor=-1), "valuation_not_positive"),
        (Valuation(book_value_minor=0), "valuation_not_positive"),
        (Valuation(fringe_bp=-1), "valuation_not_positive"),
    ],
)
def test_valuation_takes_only_what_is_above_zero(stated: Valuation, code: str) -> None:
    refusal = rules.valuation_positive(stated)
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    ("claimed", "worth", "code"),
    [(1, None, ""), (99, 100, ""), (100, 100, ""), (101, 100, "beyond_worth")],
)
def test_claim_stays_within_the_worth(
    profile: JurisdictionProfile, claimed: int, worth: int | None, code: str
) -> None:
    refusal = rules.within_worth(
        Money(claimed, "USD"),
        None if worth is None else Money(worth, "USD"),
        profile.cost_share_kind("supplies"),
    )
    assert (refusal.code if refusal else "") == code


def personnel(**stated: Any) -> services.Claim:
    given: dict[str, Any] = {"units": Decimal(286), "rate_minor": 6_000, "fringe_bp": 2_500}
    return factories.claim(
        factories.agreement(), kind="personnel", amount_minor=2_145_000, **(given | stated)
    )


@pytest.mark.django_db
@pytest.mark.database
def test_personnel_without_a_rate_is_refused_with_the_citation_and_nothing_is_stored() -> None:
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, personnel(rate_minor=None), now=NOW)
    assert (refusal_code(error), error.value.citation) == (
        "valuation_incomplete",
        "2 CFR 200.306(f)",
    )
    assert error.value.as_text() == (
        "Work is worth its units at the regular rate of pay, with fringe benefits. "
        "Missing: rate for one unit."
    )
    assert Contribution.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.database
def test_claim_without_an_amount_claims_its_worth_to_the_cent_and_a_retry_is_harmless() -> None:
    claim = replace(personnel(), amount_minor=None)
    for _ in range(2):
        recorded = services.record_contribution(SYSTEM, claim, now=NOW)
    assert (recorded.claimed_minor, recorded.valuation.fringe_bp) == (2_145_000, 2_500)
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, replace(claim, fringe_bp=2_600), now=NOW)
    assert refusal_code(error) == "transfer_id_reused"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"amount_minor": 2_145_001}, "beyond_worth", id="a cent too much"),
        pytest.param({"kind": "cash", "amount_minor": None}, "amount_not_positive", id="no amount"),
        pytest.param(
            {"amount_minor": None, "units": Decimal(9 * 10**9), "rate_minor": 9 * 10**16},
            "amount_too_large",
            id="more than can be kept",
        ),
    ],
)
def test_claim_beyond_its_worth_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, replace(personnel(), **change), now=NOW)
    assert refusal_code(error) == code


@pytest.mark.django_db
def test_contribution_stored_without_a_valuation_is_not_accepted() -> None:
    recorded = services.record_contribution(SYSTEM, personnel(), now=NOW)
    with lifted():
        Contribution.objects.filter(pk=recorded.pk).update(rate_minor=None)
    with pytest.raises(Refused) as error:
        services.accept_contribution(SYSTEM, recorded.pk, accepted_minor=1, today=TODAY, now=NOW)
    assert refusal_code(error) == "valuation_incomplete"
