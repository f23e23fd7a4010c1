"""What competitions decide of conflicts of interest: who may not judge what, found and decided.

Facts go in, findings come out: what ties a person to an application is a mark that both carry, so
that any number of people and applications are compared in one pass. An open finding closes the
application to the person, as a recusal does; a mitigation and a waiver open it again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.apps.network.rules import STATUTE_URL, folded_name
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import gettext_noop

MEASURE_MAX: Final = 1_000
EVIDENCE_MAX: Final = 2_000
UNWANTED_MAX: Final = 10
TIE_YEARS: Final = 3
"""For how many years a shared paper, project or a thesis binds two people: an own choice. The
National Science Foundation asks for 48 months; a profile may say otherwise.
"""

DISCLOSURE: Final = Citation(
    "15 U.S.C. 278s(e)(4)(B)(ii): transparency and accountability of the process, and full"
    " disclosure of real or potential conflicts of interest",
    STATUTE_URL,
    date(2019, 12, 20),
)


class ConflictKind(StrEnum):
    """What ties a person to an application."""

    ON_TEAM = "on_team"
    EMPLOYER = "employer"
    EMAIL_DOMAIN = "email_domain"
    INSTITUTE = "institute"
    CO_AUTHOR = "co_author"
    ADVISOR = "advisor"
    SHARED_PROJECT = "shared_project"
    OTHER_TIE = "other_tie"
    UNWANTED = "unwanted"
    FINANCIAL = "financial"
    PERSONAL = "personal"
    OTHER = "other"


class ConflictOrigin(StrEnum):
    """Whether it was computed from the registry or declared by somebody."""

    COMPUTED = "computed"
    DECLARED = "declared"


class ConflictOutcome(StrEnum):
    """What was decided of it; `open` until then."""

    OPEN = "open"
    RECUSAL = "recusal"
    MITIGATION = "mitigation"
    WAIVER = "waiver"


CLOSING: Final = frozenset({ConflictOutcome.OPEN, ConflictOutcome.RECUSAL})
"""With these an application is closed to the person."""

DECISIONS: Final = (ConflictOutcome.RECUSAL, ConflictOutcome.MITIGATION, ConflictOutcome.WAIVER)

WITH_REGISTRY: Final = frozenset(
    {
        ConflictKind.ON_TEAM,
        ConflictKind.EMPLOYER,
        ConflictKind.EMAIL_DOMAIN,
        ConflictKind.INSTITUTE,
        ConflictKind.CO_AUTHOR,
        ConflictKind.ADVISOR,
        ConflictKind.SHARED_PROJECT,
        ConflictKind.OTHER_TIE,
        ConflictKind.UNWANTED,
    }
)
"""The kinds that are computed; whoever declares may name any but that of an unwanted reviewer."""

TEAM_ITSELF: Final = "team"
"""What being on the team is about."""

DECLARABLE: Final = tuple(kind for kind in ConflictKind if kind is not ConflictKind.UNWANTED)

COVERED_BY_TEAM: Final = frozenset(
    {ConflictKind.EMPLOYER, ConflictKind.EMAIL_DOMAIN, ConflictKind.INSTITUTE}
)
"""What goes without saying of somebody on the team, and so is not found beside it."""

SECOND_LEVELS: Final = frozenset(
    {"ac", "co", "com", "edu", "gob", "go", "gov", "mil", "ne", "net", "or", "org"}
)
"""Labels under which a country's registry gives names out, as in `ac.uk` and `edu.cn`; as generally
known, not complete: under one that lacks, two sites may be taken for one.
"""

SHARED_SITES: Final = frozenset({"demo.example", "example.com", "example.net", "example.org"})
"""Domains of documentation (RFC 2606) and of a demonstration's personas: they prove no employer."""

_TITLES: Final = frozenset({"dr", "mr", "mrs", "ms", "prof", "professor"})
_COUNTRY_LETTERS: Final = 2
_NOT_OWN: Final = gettext_noop(
    "This conflict is one of your own. Somebody else who runs the competition decides it."
)
_NO_REASON: Final = gettext_noop("Say why, since the decision stands on record.")
_NO_MEASURE: Final = gettext_noop("Say by which measure the conflict is mitigated.")
_CLEARED: Final = gettext_noop("The last check no longer found this conflict. Nothing is open.")
_DECLARED: Final = gettext_noop("This kind of conflict with this application is declared already.")
_OVER: Final = gettext_noop(
    "The competition is %(state)s. Conflicts are checked and decided until then."
)
_NOBODY: Final = gettext_noop(
    "No record of a person belongs to your user. Ask the programme office to enter one."
)
_ENOUGH: Final = gettext_noop("At most %(most)s unwanted reviewers can be named. Remove one first.")
_NAMED: Final = gettext_noop("%(name)s is named already.")


@dataclass(frozen=True, slots=True)
class Trait:
    """What makes a person conflicted with every application that carries the mark.

    `about` names the tie, so that two marks of one tie are one finding.
    """

    kind: ConflictKind
    mark: str
    about: str
    evidence: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """That an application and a person are tied, by what, and the values of the sentence on it."""

    application_id: int
    person_id: int
    kind: ConflictKind
    about: str
    evidence: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> tuple[int, int, str, str]:
        """By what the same finding is known again."""
        return self.application_id, self.person_id, self.kind, self.about


def findings(
    traits: Mapping[int, Iterable[Trait]], marks: Mapping[int, Iterable[str]]
) -> tuple[Finding, ...]:
    """What ties these people to these applications, once each, ordered by application and person.

    `traits` are those of each person, `marks` those of each application. The work grows with what
    is found, not with people times applications.
    """
    carriers: dict[str, list[int]] = {}
    for application_id, carried in marks.items():
        for mark in set(carried):
            carriers.setdefault(mark, []).append(application_id)
    found: dict[tuple[int, int, str, str], Finding] = {}
    for person_id, own in traits.items():
        for trait in own:
            for application_id in carriers.get(trait.mark, ()):
                one = Finding(application_id, person_id, trait.kind, trait.about, trait.evidence)
                found.setdefault(one.key, one)
    return tuple(one for _key, one in sorted(found.items()) if not _is_covered(one, found))


def _is_covered(one: Finding, found: Collection[tuple[int, int, str, str]]) -> bool:
    """Whether a stronger finding says it: being on the team, or the employer whose domain it is."""
    pair = (one.application_id, one.person_id)
    if one.kind in COVERED_BY_TEAM and (*pair, ConflictKind.ON_TEAM, TEAM_ITSELF) in found:
        return True
    is_domain = one.kind is ConflictKind.EMAIL_DOMAIN
    return is_domain and (*pair, ConflictKind.EMPLOYER, one.about) in found


def site_of(domain: str) -> str:
    """The domain under which somebody registered it: `cs.example.edu` is of `example.edu`."""
    labels = domain.strip(".").lower().split(".")
    kept = 2
    if len(labels) > kept and len(labels[-1]) == _COUNTRY_LETTERS and labels[-2] in SECOND_LEVELS:
        kept = 3
    return ".".join(labels[-kept:])


def name_of_person(name: str) -> str:
    """The words of a person's name in one order, without titles: by what two are compared."""
    words = folded_name(name).split()
    return " ".join(sorted(word for word in words if word not in _TITLES))


def tie_counts(year_to: int | None, *, year: int, years: int = TIE_YEARS) -> bool:
    """Whether a tie that lasted up to that year, None while it lasts, still binds in `year`."""
    return year_to is None or year_to >= year - years


def refuse_conflict_check(state: str, *, state_name: str, final: Collection[str]) -> Refusal | None:
    """Why conflicts are neither checked nor decided in a competition of that state, or None."""
    if state not in final:
        return None
    return Refusal("competition_is_over", _OVER, DISCLOSURE, {"state": state_name})


def refuse_declaring(*, has_person: bool, is_declared: bool) -> Refusal | None:
    """Why a conflict can't be declared, or None."""
    if not has_person:
        return Refusal("no_person_of_user", _NOBODY)
    if is_declared:
        return Refusal("conflict_declared", _DECLARED, DISCLOSURE)
    return None


def refuse_conflict_decision(
    outcome: ConflictOutcome, *, reason: str, measure: str, is_own: bool, is_cleared: bool
) -> Refusal | None:
    """Why a conflict can't be decided so, or None."""
    if is_own:
        return Refusal("own_conflict", _NOT_OWN, DISCLOSURE)
    if is_cleared:
        return Refusal("conflict_cleared", _CLEARED)
    if not reason:
        return Refusal("no_reason_for_decision", _NO_REASON, DISCLOSURE)
    if outcome is ConflictOutcome.MITIGATION and not measure:
        return Refusal("no_measure", _NO_MEASURE, DISCLOSURE)
    return None


def refuse_naming_unwanted(name: str, *, count: int, is_named: bool) -> Refusal | None:
    """Why nobody more can be named as unwanted, or None."""
    if is_named:
        return Refusal("unwanted_named", _NAMED, params={"name": name})
    if count >= UNWANTED_MAX:
        return Refusal("unwanted_enough", _ENOUGH, params={"most": UNWANTED_MAX})
    return None
