"""Limits as values: how far somebody reads, and what each gate says."""

from dataclasses import replace

import pytest

from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.gates import limits_at, pass_gate, refuse_gate
from lineshaft.plumbing.limits import Gate, Limits, Reach
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import level_is_visible, visible_q
from lineshaft.plumbing.tests.test_audit import NOW

LIFT = Limits("lift", 7, ("memberships.participationreview", "1"), "FP-1", "conditional")
SHUT = replace(LIFT, is_shut=True, standing="denied")
NAMED = replace(LIFT, institutes=frozenset({"mxd"}))
QUIET = replace(LIFT, may_search=False)


def member(*limits: Limits, joined: str = "lift", overseen: str = "") -> Actor:
    return make_actor(
        limits=limits,
        institute_keys=frozenset(joined.split()),
        overseen_institute_keys=frozenset(overseen.split()),
    )


SHUT_LIFT = frozenset({"lift"})
NONE = frozenset[str]()
OPEN = Reach(has_network=True)
NOTHING = Reach(has_network=False, shut=SHUT_LIFT, named=NONE)
REACHES = {
    "no limits": (member(), None, OPEN),
    "outsider": (make_actor(), None, Reach(has_network=False)),
    "conditions": (member(LIFT), None, OPEN),
    "named": (member(NAMED), None, replace(OPEN, named=frozenset({"lift", "mxd"}))),
    "named, and free elsewhere": (member(NAMED, joined="lift rime"), None, OPEN),
    "shut": (member(SHUT, joined=""), None, NOTHING),
    "shut in one": (member(SHUT, joined="rime"), None, replace(OPEN, shut=SHUT_LIFT)),
    "search closed, plain read": (member(QUIET), None, OPEN),
    "search closed": (member(QUIET), Gate.SEARCH, NOTHING),
    "sponsor of it": (member(SHUT, overseen="lift"), None, OPEN),
}


@pytest.mark.parametrize(("actor", "gate", "reach"), REACHES.values(), ids=REACHES)
def test_reach_by_limits_and_gate(actor: Actor, gate: Gate | None, reach: Reach) -> None:
    assert actor.reach(gate) == reach


@pytest.mark.parametrize(
    ("actor", "institute", "level", "is_seen"),
    [
        pytest.param(member(SHUT), "lift", "public", True, id="shut, public"),
        pytest.param(member(SHUT, joined="lift rime"), "lift", "network", False, id="shut"),
        pytest.param(member(SHUT, joined="lift rime"), "lift", "institute", False, id="narrower"),
        pytest.param(member(SHUT, joined="lift rime"), "rime", "institute", True, id="elsewhere"),
        pytest.param(member(NAMED), "rime", "network", False, id="not named"),
        pytest.param(member(NAMED), "mxd", "network", True, id="named"),
        pytest.param(member(NAMED), "mxd", "institute", False, id="named is no member"),
        pytest.param(member(NAMED), "", "network", True, id="of no institute"),
    ],
)
def test_level_is_visible_within_limits(
    actor: Actor, institute: str, level: str, is_seen: bool
) -> None:
    assert level_is_visible(actor, level=level, institute=institute) is is_seen


def test_visible_q_without_institute_asks_the_network_alone() -> None:
    assert "network" in str(visible_q(member(NAMED), institute=None))
    assert "network" not in str(visible_q(member(SHUT, joined=""), institute=None))


@pytest.mark.parametrize(
    ("limits", "gate", "asked", "code"),
    [
        pytest.param(LIFT, Gate.EXPORT, {}, None, id="no limit"),
        pytest.param(SHUT, Gate.PROJECT, {}, "participation_shut", id="shut"),
        pytest.param(NAMED, Gate.MEMBERSHIP, {"institute": "mxd"}, None, id="named institute"),
        pytest.param(
            NAMED, Gate.MEMBERSHIP, {"institute": "rime"}, "institute_not_named", id="other"
        ),
        pytest.param(replace(LIFT, may_export=False), Gate.EXPORT, {}, "no_export", id="export"),
        pytest.param(
            replace(LIFT, files_up_to="network"),
            Gate.FILE_DOWNLOAD,
            {"level": "institute"},
            "file_above_level",
            id="file above",
        ),
        pytest.param(
            replace(LIFT, files_up_to="network"),
            Gate.FILE_DOWNLOAD,
            {"level": "network"},
            None,
            id="file at the level",
        ),
        pytest.param(
            replace(LIFT, barred_bookings=frozenset({"laser"})),
            Gate.BOOKING,
            {"kind": "laser"},
            "booking_barred",
            id="barred kind",
        ),
        pytest.param(
            replace(LIFT, barred_bookings=frozenset({"laser"})),
            Gate.BOOKING,
            {"kind": "oven"},
            None,
            id="other kind",
        ),
        pytest.param(
            replace(LIFT, projects=frozenset({"p1"})),
            Gate.PROJECT,
            {"name": "p2"},
            "project_not_named",
            id="other project",
        ),
        pytest.param(
            replace(LIFT, projects=frozenset({"p1"})),
            Gate.PROJECT,
            {"name": "p1"},
            None,
            id="named project",
        ),
    ],
)
def test_refuse_gate_by_limit(
    limits: Limits, gate: Gate, asked: dict[str, str], code: str | None
) -> None:
    refusal = refuse_gate(limits, gate, **{"institute": "lift", **asked})
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("actor", "institute", "references"),
    [
        pytest.param(member(LIFT), "lift", ["FP-1"], id="own"),
        pytest.param(member(LIFT), "rime", ["FP-1"], id="comes by it alone"),
        pytest.param(member(LIFT), "", ["FP-1"], id="of several"),
        pytest.param(member(LIFT, joined="lift rime"), "rime", [], id="member there"),
        pytest.param(member(LIFT, joined="lift rime"), "mxd", [], id="free elsewhere"),
        pytest.param(member(LIFT, joined="lift rime"), "", ["FP-1"], id="of several, free too"),
        pytest.param(
            make_actor(
                Role.INSTITUTE_MANAGER,
                ScopeKind.INSTITUTE,
                "lift",
                limits=(LIFT,),
                institute_keys=frozenset({"lift"}),
            ),
            "lift",
            [],
            id="staff",
        ),
        pytest.param(make_actor(Role.AUDITOR, limits=(LIFT,)), "lift", [], id="network staff"),
    ],
)
def test_limits_bind_where_they_were_decided(
    actor: Actor, institute: str, references: list[str]
) -> None:
    assert [one.reference for one in limits_at(actor, institute)] == references


@pytest.mark.django_db
def test_pass_gate_logs_who_acts_under_a_decision_and_nobody_else() -> None:
    closed = replace(LIFT, may_export=False)
    pass_gate(member(), Gate.EXPORT, now=NOW, institute="lift")
    pass_gate(member(SHUT), Gate.EXPORT, now=NOW, institute="lift")
    assert AuditEvent.objects.count() == 0
    pass_gate(member(closed), Gate.SEARCH, now=NOW)
    with pytest.raises(Refused) as caught:
        pass_gate(member(closed), Gate.EXPORT, now=NOW, institute="lift", name="members.csv")
    assert caught.value.params["reference"] == "FP-1"
    events = AuditEvent.objects.order_by("pk").values_list(
        "verb", "subject_id", "institute", "changes"
    )
    assert list(events) == [
        ("pass_gate", "1", "lift", {"gate": "search"}),
        (
            "refuse_gate",
            "1",
            "lift",
            {"gate": "export", "of": "lift", "name": "members.csv", "code": "no_export"},
        ),
    ]
