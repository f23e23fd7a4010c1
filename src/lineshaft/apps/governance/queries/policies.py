"""Reads of governance: common policies, their versions, and how the institutes stand.

An adopted policy is read as widely as its level says. Drafts, comments and the reasons of those who
deviate are for the network: its staff, its institutes and their members, its agencies.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final, Literal

from django.db.models import Exists, Max, OuterRef, Prefetch, QuerySet, prefetch_related_objects

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    CommonPolicy,
    PolicyAttestation,
    PolicyComment,
    PolicyPosition,
    PolicyVersion,
)
from lineshaft.apps.governance.rules import Standing
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import visible_q

type Change = Literal["same", "added", "removed"]

_NO_POLICY: Final = gettext_noop("There is no such policy, or none that you may see.")
_NO_VERSION: Final = gettext_noop("There is no such version, or none that you may see.")
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]\s*|[^\W\u3400-\u9fff]+\s*|[^\w\s]\s*|\s+")
"""A Chinese character, a word or a sign, each with the gap behind it: what a difference is told by.
"""

_PARAGRAPH: Final = re.compile(r"[^\n]*\n+|[^\n]+")
"""A line with the blank lines behind it."""

TOKENS_MAX: Final = 1_500
"""A changed paragraph longer than this is shown whole, before and after."""


@dataclass(frozen=True, slots=True)
class InstituteStanding:
    """How one institute stands towards a policy; `position` is the last that it stated."""

    institute: Institute
    standing: Standing
    position: PolicyPosition | None


@dataclass(frozen=True, slots=True)
class PolicyStanding:
    """A policy on a day: the version in force, the open draft, and how the institutes stand."""

    policy: CommonPolicy
    in_force: PolicyVersion | None
    draft: PolicyVersion | None
    institutes: tuple[InstituteStanding, ...]

    def number(self, *standings: Standing) -> int:
        """How many institutes stand so."""
        return sum(one.standing in standings for one in self.institutes)


@dataclass(frozen=True, slots=True)
class PolicyWaiting:
    """What an institute has still to say of a policy: its position, or that it kept to it."""

    policy: CommonPolicy
    institute: Institute
    version: PolicyVersion
    fiscal_year: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stands in both wordings, or in one alone."""

    change: Change
    text: str


def may_read_drafts(actor: Actor) -> bool:
    """Whether the actor reads drafts, comments and the reasons of those who deviate."""
    return actor.is_in_network


def policies_visible_to(actor: Actor) -> QuerySet[CommonPolicy]:
    """The policies that the actor may read; outside the network only those once adopted."""
    rows = CommonPolicy.objects.filter(visible_q(actor, institute=None))
    if may_read_drafts(actor):
        return rows
    adopted = PolicyVersion.objects.filter(policy=OuterRef("pk"), state=rules.ADOPTED)
    return rows.filter(Exists(adopted))


def versions_visible_to(actor: Actor) -> QuerySet[PolicyVersion]:
    """The versions that the actor may read, with their policy, newest first."""
    rows = PolicyVersion.objects.filter(policy__in=policies_visible_to(actor))
    if not may_read_drafts(actor):
        rows = rows.filter(state=rules.ADOPTED)
    return rows.select_related("policy").order_by("policy__key", "-number")


def policy_by_key(actor: Actor, key: str) -> CommonPolicy:
    """The policy of that key; raises NotFound, also where it may not be seen."""
    found = policies_visible_to(actor).filter(key=key).first()
    if found is None:
        raise NotFound(_NO_POLICY, code="no_policy")
    return found


def version_by_number(actor: Actor, key: str, number: int) -> PolicyVersion:
    """That version of that policy; raises NotFound, also where it may not be seen."""
    found = versions_visible_to(actor).filter(policy__key=key, number=number).first()
    if found is None:
        raise NotFound(_NO_VERSION, code="no_version")
    return found


def comments_on(actor: Actor, version: PolicyVersion) -> QuerySet[PolicyComment]:
    """The comments on a version, newest first; none outside the network."""
    if not may_read_drafts(actor):
        return PolicyComment.objects.none()
    return version.comments.select_related("institute", "agency").order_by("-written_at", "-pk")


def attestations_of(actor: Actor, policy: CommonPolicy) -> QuerySet[PolicyAttestation]:
    """What the institutes attested of a policy, newest year first; none outside the network."""
    if not may_read_drafts(actor):
        return PolicyAttestation.objects.none()
    return policy.attestations.select_related("institute", "version").order_by(
        "-fiscal_year", "institute__name", "pk"
    )


def institutes_at_work(actor: Actor) -> QuerySet[Institute]:
    """The institutes that are asked for their position, by name."""
    return (
        network.institutes_visible_to(actor)
        .filter(status__in=rules.AT_WORK)
        .prefetch_related(None)
        .order_by("name", "key")
    )


def policy_standings(actor: Actor, *, today: date, key: str = "") -> tuple[PolicyStanding, ...]:
    """Every policy that the actor may read, or the one of that key, as it stands on that day.

    Four queries, whatever there is.
    """
    rows = policies_visible_to(actor).order_by("area", "key")
    if key:
        rows = rows.filter(key=key)
    return standings_of(actor, list(rows), today=today)


def standings_of(
    actor: Actor, policies: list[CommonPolicy], *, today: date
) -> tuple[PolicyStanding, ...]:
    """How these policies stand on that day; three queries, none of which reads a text."""
    versions = versions_visible_to(actor).select_related(None).order_by("number")
    prefetch_related_objects(
        policies, Prefetch("versions", queryset=versions.defer("text", "text_zh"))
    )
    institutes = list(institutes_at_work(actor))
    last = _last_positions(policies)
    return tuple(_standing_of(policy, institutes, last, today) for policy in policies)


def policies_in_force(actor: Actor, *, on: date) -> int:
    """How many of the policies that the actor may read are in force on that day."""
    begun = PolicyVersion.objects.filter(policy=OuterRef("pk"), in_force_on__lte=on)
    return policies_visible_to(actor).filter(Exists(begun)).count()


def policy_standing(actor: Actor, key: str, *, today: date) -> PolicyStanding:
    """One policy as it stands on that day; raises NotFound, also where it may not be seen."""
    found = policy_standings(actor, today=today, key=key)
    if not found:
        raise NotFound(_NO_POLICY, code="no_policy")
    return found[0]


def policies_waiting_for(
    actor: Actor, *, today: date, year_over: FiscalPeriod
) -> tuple[PolicyWaiting, ...]:
    """What the actor, as manager of institutes, has still to state or to attest.

    `year_over` is the last fiscal year that has ended. No query for who manages no institute.
    """
    keys = actor.scope_ids(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE)
    if not keys:
        return ()
    attested = set(
        PolicyAttestation.objects.filter(
            institute__key__in=sorted(keys), fiscal_year=year_over.year
        ).values_list("policy_id", "institute__key")
    )
    spoken = set(
        PolicyPosition.objects.filter(
            institute__key__in=sorted(keys), stated_on__lte=year_over.last_day
        )
        .exclude(version__state=rules.REVOKED)
        .values_list("version__policy_id", "institute__key")
    )
    waiting: list[PolicyWaiting] = []
    for standing in policy_standings(actor, today=today):
        for one in standing.institutes:
            if one.institute.key not in keys or standing.in_force is None:
                continue
            if one.standing in {Standing.SILENT, Standing.BEHIND}:
                waiting.append(PolicyWaiting(standing.policy, one.institute, standing.in_force))
            version = rules.version_in_force(standing.policy.versions.all(), year_over.last_day)
            spoke = (standing.policy.pk, one.institute.key) in spoken
            is_due = version is not None and spoke
            if is_due and (standing.policy.pk, one.institute.key) not in attested:
                assert version is not None  # noqa: S101 -- said in the line above
                waiting.append(
                    PolicyWaiting(standing.policy, one.institute, version, year_over.year)
                )
    return tuple(waiting)


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """What became of a text, as runs that stayed, were added or were removed.

    All that stayed or was removed makes the text before, all that stayed or was added the one
    after. Paragraphs are compared first, and words only within those that changed.
    """
    old, new = _PARAGRAPH.findall(before), _PARAGRAPH.findall(after)
    return tuple(_joined(_by_paragraph(old, new)))


def _by_paragraph(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        removed, added = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if tag == "equal":
            yield Piece("same", removed)
        else:
            yield from _by_word(_TOKEN.findall(removed), _TOKEN.findall(added))


def _by_word(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > TOKENS_MAX:
        yield from _changes("".join(old), "".join(new))
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        removed, added = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if tag == "equal":
            yield Piece("same", removed)
        else:
            yield from _changes(removed, added)


def _changes(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece("removed", removed)
    if added:
        yield Piece("added", added)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces with neighbours of one kind joined."""
    for change, some in groupby(pieces, key=lambda piece: piece.change):
        yield Piece(change, "".join(piece.text for piece in some))


def _last_positions(
    policies: Iterable[CommonPolicy],
) -> dict[tuple[int, int], PolicyPosition]:
    """The last position of each institute on each policy, by the ids of both; one query.

    What was said of a version whose adoption was revoked says nothing.
    """
    stated = PolicyPosition.objects.filter(
        version__policy__in=[policy.pk for policy in policies]
    ).exclude(version__state=rules.REVOKED)
    last = stated.order_by().values("version__policy_id", "institute_id").annotate(last=Max("pk"))
    rows = (
        PolicyPosition.objects.filter(pk__in=last.values("last"))
        .select_related("version")
        .defer("version__text", "version__text_zh")
    )
    return {(row.version.policy_id, row.institute_id): row for row in rows}


def _standing_of(
    policy: CommonPolicy,
    institutes: Iterable[Institute],
    last: dict[tuple[int, int], PolicyPosition],
    today: date,
) -> PolicyStanding:
    versions = list(policy.versions.all())
    in_force = rules.version_in_force(versions, today)
    draft = next((one for one in versions if one.state == rules.DRAFT), None)
    standings = []
    for institute in institutes:
        position = last.get((policy.pk, institute.pk))
        standing = rules.standing(
            position.kind if position else None,
            position.version.number if position else None,
            in_force.number if in_force else None,
        )
        standings.append(InstituteStanding(institute, standing, position))
    return PolicyStanding(policy, in_force, draft, tuple(standings))
