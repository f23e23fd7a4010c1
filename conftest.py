"""What every test may ask for: the profile, an actor for each persona, a clean database.

Which database is used stands in the environment (LINESHAFT_TEST_DATABASE, read by the settings);
scripts/run_tests.py runs the suite once for each.
"""

import gc
import sys
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from lineshaft.engines.on_spark import Cluster, connected
from lineshaft.kernel.profile import JurisdictionProfile, load_profile
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from scripts.run_tests import DECIDES_ON_POSTGRESQL, trouble_with_spark
from tests import replaying
from tests.emptying import TEARDOWN, Emptying
from tests.tables import drop_template, is_worker, migrated_template

INSTITUTE = "america-makes"
"""At which the institute's actors work."""

AGENCY = "DOD"
"""Of the agency sponsor; it sponsors the institute."""

UNMEASURED = ("/tests/access/", "/tests/architecture/", "/tests/journeys/")
"""What counts nothing that other tests don't; on PostgreSQL hardly anything else does."""

# Tests leave little behind in circles: to look for it less often saves a tenth of the time.
gc.set_threshold(50_000, 20, 20)

# A busy machine makes a slow example, not a wrong one. What fails is printed, to be run again.
# `make test-all` asks for `thorough`.
# The quick ones are the same in every run, as is what they cover.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=32, derandomize=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=200, print_blob=True)
hypothesis.settings.load_profile("quick")


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def _watched() -> Iterator[None]:
    """From here on it is known what a test has written."""
    with replaying.watched():
        yield


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> Iterator[None]:
    """A request leaves its language behind in the thread; the next test starts without it."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Several workers on PostgreSQL copy one database, so that the migrations run once for all."""
    del django_db_modify_db_settings_parallel_suffix
    if connection.vendor == "postgresql" and is_worker():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template(tmp_path_factory)


def pytest_unconfigure(config: pytest.Config) -> None:
    del config
    if connection.vendor == "postgresql" and not is_worker():
        drop_template()


@pytest.fixture(scope="session")
def _emptying() -> Iterator[Emptying]:
    with pytest.MonkeyPatch.context() as patch:
        emptying = Emptying(getattr(TransactionTestCase, TEARDOWN))

        def teardown(case: TransactionTestCase) -> None:
            emptying.after(case)

        patch.setattr(TransactionTestCase, TEARDOWN, teardown)
        yield emptying


@pytest.fixture(autouse=True)
def _emptied_quickly(request: pytest.FixtureRequest, _emptying: Emptying) -> None:
    """Before the first transactional test, note what an untouched database is like."""
    if _is_transactional(request):
        request.getfixturevalue("transactional_db")
        _emptying.remember()


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction", False):
        return True
    return bool({"transactional_db", "live_server"} & set(request.fixturenames))


@pytest.fixture(scope="session")
def profile() -> JurisdictionProfile:
    """The jurisdiction profile that the tests run under."""
    return load_profile(settings.PROFILE)


@pytest.fixture
def spark() -> Iterator[Cluster]:
    """Spark in a process beside this one, on two cores."""
    yield from _connected("local[2]")


@pytest.fixture
def spark_of_two_workers() -> Iterator[Cluster]:
    """A cluster on this machine whose two workers are processes of their own."""
    yield from _connected("local-cluster[2,1,1024]")


def _connected(master: str) -> Iterator[Cluster]:
    if trouble := trouble_with_spark():
        pytest.skip(trouble)
    cluster = Cluster(master)
    with connected(cluster):
        yield cluster
    gc.collect()  # py4j leaves its sockets to the collector, which warns of each


@pytest.fixture
def public() -> Actor:
    """Anybody."""
    return Actor.public()


@pytest.fixture
def system() -> Actor:
    """The program itself, permitted everything."""
    return Actor.system("test")


@pytest.fixture
def programme_officer() -> Actor:
    """Holds the role over the network."""
    return _actor(1001, Role.PROGRAMME_OFFICER)


@pytest.fixture
def agency_sponsor() -> Actor:
    """Of the agency that sponsors the institute."""
    return _actor(1002, Role.AGENCY_SPONSOR, ScopeKind.AGENCY, AGENCY)


@pytest.fixture
def institute_manager() -> Actor:
    """Of the institute."""
    return _actor(1003, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, INSTITUTE)


@pytest.fixture
def institute_finance() -> Actor:
    """Of the institute."""
    return _actor(1004, Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, INSTITUTE)


@pytest.fixture
def reviewer() -> Actor:
    """Reads what the network shares."""
    return _actor(1005, Role.REVIEWER, ScopeKind.COMPETITION, "1")


@pytest.fixture
def learner() -> Actor:
    """Signed in, and no more than the public otherwise."""
    return _actor(1006, Role.LEARNER)


def _actor(
    user_id: int, role: Role, scope_kind: ScopeKind = ScopeKind.NETWORK, scope_id: str = ""
) -> Actor:
    """Somebody who holds one role; nothing is stored."""
    keys = frozenset({INSTITUTE})
    return Actor(
        user_id=user_id,
        label=role,
        grants=frozenset({RoleGrant(role, scope_kind, scope_id)}),
        institute_keys=keys if scope_kind is ScopeKind.INSTITUTE else frozenset(),
        overseen_institute_keys=keys if scope_kind is ScopeKind.AGENCY else frozenset(),
    )


def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """A worker that is interrupted says where, since nobody at its terminal would read it."""
    if is_worker():
        print(excinfo.getrepr(style="native"), file=sys.__stderr__, flush=True)


def pytest_collection_finish() -> None:
    """What is loaded by now stays, so the collector need not look at it."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a minute begin early, so that no worker ends long after the other.

    Each worker is first given a stretch of the list. The journeys stand at its beginning, as they
    share a demonstration, first of all what reads it before others move its money; what else is
    long stands in the middle, that of one folder together, as it shares what it has prepared.
    """
    for item in items:
        if not _is_measured(item.path.as_posix()):
            item.add_marker(pytest.mark.no_cover)
        if item.get_closest_marker("spark") is not None:
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
    journeys = [item for item in items if "/tests/journeys/" in item.path.as_posix()]
    journeys.sort(key=lambda item: item.path.name != "test_demonstration.py")
    others = [item for item in items if item not in journeys]
    long = [item for item in others if item.get_closest_marker("long") is not None]
    long.sort(key=lambda item: item.path.parent)
    short = [item for item in others if item.get_closest_marker("long") is None]
    middle = max(0, len(items) // 2 - len(journeys))
    items[:] = [*journeys, *short[:middle], *long, *short[middle:]]


def _is_measured(path: str) -> bool:
    if connection.vendor == "postgresql":
        return any(part in path for part in DECIDES_ON_POSTGRESQL)
    return not any(part in path for part in UNMEASURED)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tables under review (who may see what) are written anew on request only."""
    parser.addoption(
        "--write-tables", action="store_true", help="write the reviewed tables of answers anew"
    )
