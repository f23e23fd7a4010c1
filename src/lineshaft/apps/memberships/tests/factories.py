"""Member agreements for tests of this and of every app above."""

from datetime import date

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.plumbing.sharing import SharingLevel


def make_agreement(
    organisation: Organisation | None = None,
    institute: Institute | None = None,
    *,
    tier: str = "sme",
    starts_on: date = date(2022, 1, 1),
    ends_on: date | None = None,
    ended_reason: str = rules.EndReason.NOT_ENDED,
    level: str = SharingLevel.PUBLIC,
) -> MemberAgreement:
    """An agreement in force since 2022, of a new organisation and institute unless given."""
    return MemberAgreement.objects.create(
        organisation=organisation or make_organisation(),
        institute=institute or make_institute(),
        tier=tier,
        starts_on=starts_on,
        ends_on=ends_on,
        ended_reason=ended_reason,
        level=level,
        admitted_at=NOW,
    )
