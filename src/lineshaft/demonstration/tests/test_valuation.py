"""The demonstration's valuations come to their amounts, whatever the amount."""

from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.funding import rules
from lineshaft.demonstration.giving import IN_KIND
from lineshaft.demonstration.valuation import valuation_of
from lineshaft.kernel.profile import load_profile

PROFILE = load_profile("us")
KINDS = ["cash", *(key for key, _weight in IN_KIND)]


@given(key=st.sampled_from(KINDS), amount=st.integers(1, 10**13))
def test_valuation_is_complete_and_worth_the_amount_to_the_cent(key: str, amount: int) -> None:
    kind = PROFILE.cost_share_kind(key)
    stated = valuation_of(kind, amount)
    assert rules.valuation_positive(stated) is None
    assert rules.valuation_complete(stated, kind) is None
    assert rules.worth_minor(stated, kind.method) == (None if kind.is_cash else amount)
