"""Every sharing level, asked for by every kind of reader at every door: what each gets stands in
tables, and nothing else comes out.

One row of each level belongs to the institute, at each door: a member in the list, its count, the
API, an export and a drill-down; a file; an entry of the search; a page. A new door gets a line in
`DOORS`, a new kind of reader one in `READS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any, Final

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.governance.models import Body
from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.rules import Conditions
from lineshaft.apps.memberships.tests.factories import (
    SYSTEM,
    make_agreement,
    make_approval,
    make_review,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.tests.factories import make_institute, make_organisation
from lineshaft.config.actor import actor_of_user
from lineshaft.kernel.jurisdiction import BodyKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import create_token
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.documents import SearchDocument
from lineshaft.plumbing.search.services import index_entries
from lineshaft.plumbing.sharing import SharingLevel

OWN: Final = "lift"
OTHER: Final = "rime"
WORD: Final = "Zylinder"
"""Stands in the name of every row that could leak, and nowhere else."""

LEVELS: Final = tuple(SharingLevel)
SHOWN: Final = (SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.INSTITUTE)
"""The levels that a body can have."""

type Levels = frozenset[SharingLevel]
type Found = Levels | None
"""The levels whose row came out; None where the door was refused."""

PUBLIC: Final[Levels] = frozenset({SharingLevel.PUBLIC})
NETWORK: Final = PUBLIC | {SharingLevel.NETWORK}
MEMBERS: Final = NETWORK | {SharingLevel.INSTITUTE}
ALL: Final = frozenset(LEVELS)

READS: Final[dict[str, Levels]] = {
    "public": PUBLIC,
    "learner": PUBLIC,
    "small_manufacturer": PUBLIC,
    "reviewer": NETWORK,
    "member_elsewhere": NETWORK,
    "member": MEMBERS,
    "researcher": MEMBERS,
    "institute_manager": ALL,
    "institute_finance": ALL,
    "agency_sponsor": ALL,
    "programme_officer": ALL,
    "auditor": ALL,
    # Those under a decision on foreign participation.
    "conditional_member": MEMBERS,
    "narrowed_elsewhere": PUBLIC,
    "held_member": PUBLIC,
    "denied_member": PUBLIC,
    "expired_member": PUBLIC,
    "two_organisations": PUBLIC,
}
"""What each reads of the institute's rows; the exceptions of single doors stand in `BUT`."""

BUT: Final[dict[tuple[str, str], Found]] = {
    ("conditional_member", "file"): NETWORK,
    ("conditional_member", "search_page"): PUBLIC,
    ("conditional_member", "search_api"): PUBLIC,
    ("conditional_member", "export"): None,
    ("conditional_member", "token_api"): None,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks: a browser, the actor that it is, and a token of theirs."""

    client: Client
    actor: Actor
    secret: str


def named(text: str, levels: tuple[SharingLevel, ...] = LEVELS) -> Levels:
    return frozenset(level for level in levels if f"{WORD} {level}." in text)


def shown(response: Any) -> Found:
    """The levels named in an answer; None for a refusal."""
    if response.status_code == 409:
        return None
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return named(body.decode())


def of_files(reader: Reader) -> Found:
    found = set()
    for stored in StoredFile.objects.all():
        response: Any = reader.client.get(stored.get_absolute_url())
        assert response.status_code in {200, 404, 409}
        if response.streaming:
            content = b"".join(response.streaming_content)
            assert content == f"{stored.level} content".encode()
            found.add(SharingLevel(stored.level))
    return frozenset(found)


def of_pages(reader: Reader) -> Found:
    found = {
        SharingLevel(body.level)
        for body in Body.objects.all()
        if reader.client.get(body.get_absolute_url()).status_code == 200
    }
    return frozenset(found)


def of_count(reader: Reader) -> Found:
    """As many of the levels, widest first, as the list says that it has members."""
    response = reader.client.get(f"/institutes/{OWN}/members/?q={WORD}")
    return frozenset(LEVELS[: response.context["total"]])


def of_drill_down(reader: Reader) -> Found:
    period = profile_in_use().fiscal_year_of(clock.today())
    counted = queries.members_counted(reader.actor, period, institute=OWN)
    names = " ".join(counted.rows.values_list("name", flat=True))
    assert counted.total == counted.rows.count() + counted.withheld
    return named(names)


def of_token(reader: Reader) -> Found:
    if not reader.secret:
        return named(" ".join(f"{WORD} {level}." for level in PUBLIC))
    headers = {"Authorization": f"Bearer {reader.secret}"}
    return shown(Client().get(f"/api/v1/members?institute={OWN}", headers=headers))


DOORS: Final[dict[str, Callable[[Reader], Found]]] = {
    "list": lambda one: shown(one.client.get(f"/institutes/{OWN}/members/?q={WORD}")),
    "list_count": of_count,
    "list_api": lambda one: shown(one.client.get(f"/api/v1/members?institute={OWN}")),
    "token_api": of_token,
    "export": lambda one: shown(one.client.get(f"/institutes/{OWN}/members/export.csv?q={WORD}")),
    "search_page": lambda one: shown(one.client.get(f"/search/?q={WORD}")),
    "search_api": lambda one: shown(one.client.get(f"/api/v1/search?text={WORD}&limit=100")),
    "file": of_files,
    "page": of_pages,
    "bodies_api": lambda one: shown(one.client.get(f"/api/v1/bodies?institute={OWN}")),
    "drill_down": of_drill_down,
}
OF_BODIES: Final = frozenset({"page", "bodies_api"})


def make_rows(institute: Institute) -> None:
    """A row of each level for every door."""
    for level in LEVELS:
        make_agreement(make_organisation(f"{WORD} {level}."), institute, level=level)
        store_file(
            SYSTEM,
            f"{level} content".encode(),
            name=f"{level}.txt",
            now=clock.now(),
            level=level,
            purpose="leak",
            institute=institute.key,
        )
    for level in SHOWN:
        Body.objects.create(
            key=f"b-{level}",
            kind=BodyKind.TECHNICAL_COUNCIL,
            institute=institute,
            name=f"{WORD} {level}.",
            established_on=date(2022, 1, 1),
            level=level,
        )
    index_entries(
        SearchDocument(
            "governance.body", str(level), f"{WORD} {level}.", "/", level, institute=institute.key
        )
        for level in LEVELS
    )


def member_of(*organisations: Organisation) -> User:
    user = make_user(f"{'-'.join(str(one.pk) for one in organisations)}@example.org")
    for one in organisations:
        make_grant(user, Role.MEMBER, ScopeKind.ORGANISATION, str(one.pk))
    return user


def foreign_member(institute: Institute, conditions: Conditions | None) -> Organisation:
    """A foreign organisation at the institute, approved within conditions unless there are none."""
    firm = make_organisation(ownership_country="DE")
    make_agreement(firm, institute)
    review = make_review(firm, institute, now=clock.now())
    if conditions is not None:
        later = date(clock.today().year + 1, 1, 1)
        jobs = services.Commitment("jobs_at_home", "Ten", later)
        approval = make_approval(review, ends_on=later, commitments=(jobs,))
        services.approve_participation_with_conditions(
            SYSTEM, review, approval, conditions, now=clock.now()
        )
    return firm


def denied_member(institute: Institute) -> Organisation:
    firm = make_organisation(ownership_country="DE")
    make_agreement(firm, institute)
    review = make_review(firm, institute, now=clock.now())
    services.deny_participation(
        SYSTEM, review, seen_sheet=review.sheet_id, why="no", now=clock.now()
    )
    return firm


def expired_member(institute: Institute) -> Organisation:
    """Approved in 2022 for two years."""
    firm = make_organisation(ownership_country="DE")
    make_agreement(firm, institute)
    review = make_review(firm, institute)
    approval = make_approval(review)
    services.approve_participation(
        SYSTEM, review, approval, now=clock.now().replace(year=2022, month=11, day=1)
    )
    return firm


def make_readers(own: Institute, other: Institute) -> dict[str, User | None]:
    """Everybody who asks; one under a decision at an institute may be free at the other."""

    def with_role(role: Role, scope_kind: ScopeKind, scope_id: str = "") -> User:
        user = make_user(f"{role}@example.org")
        make_grant(user, role, scope_kind, scope_id)
        return user

    free, elsewhere, outside = (make_organisation(ownership_country="US") for _n in range(3))
    make_agreement(free, own)
    make_agreement(elsewhere, other)
    university = make_organisation(kind="university")
    make_agreement(university, own, tier="academic")
    limits = Conditions("network", may_search=False, may_export=False)
    only_other = Conditions(institutes=(OTHER,))
    denied = denied_member(own)
    return {
        "public": None,
        "learner": with_role(Role.LEARNER, ScopeKind.NETWORK),
        "small_manufacturer": with_role(
            Role.SMALL_MANUFACTURER, ScopeKind.ORGANISATION, str(outside.pk)
        ),
        "reviewer": with_role(Role.REVIEWER, ScopeKind.COMPETITION, "call"),
        "member_elsewhere": member_of(elsewhere),
        "member": member_of(free),
        "researcher": with_role(Role.RESEARCHER, ScopeKind.ORGANISATION, str(university.pk)),
        "institute_manager": with_role(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, OWN),
        "institute_finance": with_role(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, OWN),
        "agency_sponsor": with_role(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
        "programme_officer": with_role(Role.PROGRAMME_OFFICER, ScopeKind.NETWORK),
        "auditor": with_role(Role.AUDITOR, ScopeKind.NETWORK),
        "conditional_member": member_of(foreign_member(own, limits)),
        "narrowed_elsewhere": member_of(foreign_member(other, only_other)),
        "held_member": member_of(foreign_member(own, None)),
        "denied_member": member_of(denied),
        "expired_member": member_of(expired_member(own)),
        "two_organisations": member_of(denied, free, elsewhere),
    }


def reader_of(user: User | None) -> Reader:
    client = Client()
    if user is None:
        return Reader(client, Actor.public(), "")
    client.force_login(user)
    actor = actor_of_user(user, today=clock.today(), language="en")
    owner = Actor(user_id=user.pk, label=user.email)
    _token, secret = create_token(owner, name="leak", days=9, may_write=False, now=clock.now())
    return Reader(client, actor, secret)


def expected(who: str, door: str) -> Found:
    found = BUT.get((who, door), READS[who])
    return found & set(SHOWN) if found is not None and door in OF_BODIES else found


@pytest.mark.django_db
def test_every_level_reaches_whom_the_tables_name_and_nobody_else(
    settings: Settings, tmp_path: Any
) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    own, other = make_institute(OWN), make_institute(OTHER, sponsors=("DOE",))
    make_rows(own)
    users = make_readers(own, other)
    assert users.keys() == READS.keys()
    readers = {who: reader_of(user) for who, user in users.items()}
    before = AuditEvent.objects.filter(verb__in=("pass_gate", "refuse_gate")).count()
    wrong = {
        (who, door): (found, expected(who, door))
        for who, door in product(readers, DOORS)
        if (found := DOORS[door](readers[who])) != expected(who, door)
    }
    assert wrong == {}
    logged = AuditEvent.objects.filter(verb__in=("pass_gate", "refuse_gate"))
    acted = {users[who].pk for who in ("conditional_member", "narrowed_elsewhere")}  # type: ignore[union-attr]
    assert before == 0
    assert set(logged.values_list("actor_user_id", flat=True)) == acted
