"""The four cases of foreign participation, each as its page would show it."""

from datetime import UTC, datetime

import pytest

from lineshaft.apps.memberships import queries
from lineshaft.apps.memberships.models import ParticipationCommitment
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.participation import review_participation
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing.access.queries import grants_in_force
from lineshaft.plumbing.actor import Actor

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_four_cases_stand_as_they_are_told(system: Actor, profile: JurisdictionProfile) -> None:
    make_institute(OWN_INSTITUTE)
    loading = Loading(system, profile, 1, NOW, lambda _done, _all, _note: None)
    review_participation(loading)
    today = NOW.date()
    found = [
        queries.standing_of(one, on=today)
        for one in queries.reviews_visible_to(system).order_by("pk")
    ]
    assert [one.standing for one in found] == ["approved", "conditional", "denied", "reopened"]
    assert all(one.review.is_demonstration for one in found)
    assert ParticipationCommitment.objects.filter(met_on__isnull=False).count() == 1
    (grant,) = grants_in_force(loading.users["conditional_member"].pk, today)
    found_of = queries.participation_of({int(grant.scope_id)}, on=today)
    assert found_of.institute_keys == {OWN_INSTITUTE}
    limits = [(one.may_export, one.files_up_to) for one in found_of.limits]
    assert limits == [(False, "network")]
