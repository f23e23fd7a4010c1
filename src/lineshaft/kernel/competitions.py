"""What a jurisdiction profile says of competitions: the kinds of their stages, the templates from
which they are made, the criteria by which applications are judged.

A template is where a competition begins, never what it is: its stages are copied, and edited before
it opens. Weights are in basis points; those of a stage that has criteria sum to 10,000.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lineshaft.kernel.authority import BASIS_POINTS, Authority, Named
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop

_NO_ENTRY = gettext_noop("The profile's competitions have no %(kind)s “%(key)s”.")

SCORE_LEAST = 1
SCORE_MOST = 5
"""A criterion is scored in whole steps from the one to the other."""


class CompetitionKind(StrEnum):
    """What is competed for: an institute, a project of one, or a region's cluster that several
    agencies fund together.
    """

    INSTITUTE = "institute"
    PROJECT_CALL = "project_call"
    REGIONAL_CHALLENGE = "regional_challenge"


class StageKind(StrEnum):
    """What is done in a stage: applicants submit, reviewers judge, applicants reply to them, a team
    visits the site, analysts work through the business plan, the selecting official decides.
    """

    SUBMISSION = "submission"
    REVIEW = "review"
    REPLY = "reply"
    VISIT = "visit"
    ANALYSIS = "analysis"
    SELECTION = "selection"


class StageGate(StrEnum):
    """Who goes on after a stage: everybody, everybody with a word of advice, or who is invited."""

    OPEN = "open"
    ENCOURAGED = "encouraged"
    INVITED = "invited"


class Blindness(StrEnum):
    """Who knows whom in a stage: everybody, reviewers alone, or neither."""

    OPEN = "open"
    SINGLE = "single"
    DOUBLE = "double"


class PanelMeasure(StrEnum):
    """What a rule asks of whoever judges together: that public and private sectors both sit among
    them, or that no political appointee does.
    """

    BOTH_SECTORS = "both_sectors"
    NO_POLITICAL_APPOINTEE = "no_political_appointee"


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a score means, in words."""

    score: int
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class CriterionTemplate(Named):
    """One criterion of judgement, what it asks, and what some of its scores mean."""

    text: str
    text_zh: str
    anchors: tuple[Anchor, ...]
    authority: Authority


@dataclass(frozen=True, slots=True)
class DocumentKind(Named):
    """A document that an application can be asked for; `is_counted` has its pages limited."""

    is_counted: bool
    authority: Authority


@dataclass(frozen=True, slots=True)
class StageTemplate(Named):
    """One stage of a competition: what it is called and how many days it usually takes."""

    kind: StageKind
    days: int
    authority: Authority


@dataclass(frozen=True, slots=True)
class TemplateStage:
    """A stage as a template has it; `criteria` are keys with their weights in basis points.

    `page_limit` is None where there is none; so many reviewers at least judge an application.
    """

    stage: StageTemplate
    days: int
    page_limit: int | None
    gate: StageGate
    blindness: Blindness
    reviewers_least: int
    criteria: tuple[tuple[str, int], ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompetitionTemplate(Named):
    """An order of stages that competitions of some kinds are made from."""

    kinds: frozenset[CompetitionKind]
    text: str
    text_zh: str
    stages: tuple[TemplateStage, ...]
    authority: Authority

    @property
    def days(self) -> int:
        """How many days the stages take together."""
        return sum(one.days for one in self.stages)


@dataclass(frozen=True, slots=True)
class PanelRule(Named):
    """What the panels of competitions of some kinds have to keep to."""

    measure: PanelMeasure
    kinds: frozenset[CompetitionKind]
    authority: Authority


@dataclass(frozen=True, slots=True)
class Competing:
    """All that a profile says of competitions."""

    stages: tuple[StageTemplate, ...]
    criteria: tuple[CriterionTemplate, ...]
    documents: tuple[DocumentKind, ...]
    templates: tuple[CompetitionTemplate, ...]
    panel_rules: tuple[PanelRule, ...]

    def template(self, key: str) -> CompetitionTemplate:
        return _entry(self.templates, "template", key)

    def criterion(self, key: str) -> CriterionTemplate:
        return _entry(self.criteria, "criterion", key)

    def document(self, key: str) -> DocumentKind:
        return _entry(self.documents, "kind of document", key)

    def templates_for(self, kind: CompetitionKind) -> tuple[CompetitionTemplate, ...]:
        """The templates that are meant for competitions of that kind, in the profile's order."""
        return tuple(one for one in self.templates if kind in one.kinds)

    def panel_rules_in_force(self, on: date, kind: CompetitionKind) -> tuple[PanelRule, ...]:
        """The rules for panels of competitions of that kind on that day."""
        return tuple(
            one for one in self.panel_rules if kind in one.kinds and one.authority.is_in_force(on)
        )


def weights_sum_up(weights_bp: list[int]) -> bool:
    """Whether the weights of a stage's criteria make a whole."""
    return sum(weights_bp) == BASIS_POINTS


def _entry[T: Named](entries: tuple[T, ...], kind: str, key: str) -> T:
    for entry in entries:
        if entry.key == key:
            return entry
    raise NotFound(_NO_ENTRY, params={"kind": kind, "key": key})
