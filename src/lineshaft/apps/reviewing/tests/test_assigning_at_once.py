"""Two officers who adopt at once: one proposal stands, the other is stale; on either database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.reviewing import rules, services
from lineshaft.apps.reviewing.models import Assignment, AssignmentRun
from lineshaft.apps.reviewing.tests.assigning import computed, later
from lineshaft.apps.reviewing.tests.panels import make_judged, make_panel
from lineshaft.kernel.errors import Stale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_two_officers_adopt_at_once_and_one_proposal_stands() -> None:
    stage = make_judged(2)
    make_panel(stage, 4)
    runs = [computed(stage), computed(stage)]
    start = threading.Barrier(len(runs))

    def adopt(run: AssignmentRun) -> str:
        start.wait()
        try:
            services.adopt_assignment(SYSTEM, run, now=later(stage))
        except Stale:
            return "stale"
        finally:
            connection.close()
        return "adopted"

    with ThreadPoolExecutor(max_workers=len(runs)) as pool:
        assert sorted(pool.map(adopt, runs)) == ["adopted", "stale"]
    assert AssignmentRun.objects.filter(state=rules.ADOPTED).count() == 1
    assert Assignment.objects.filter(removed_at__isnull=True).count() == 4
