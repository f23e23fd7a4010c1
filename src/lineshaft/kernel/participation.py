"""What a nation asks of members owned abroad: its rules, its screening questions, its terms.

Invariants: which answer of a question calls for a review stands beside the question; the countries
of concern are one list with its authority. Nothing here names a country.
"""

from dataclasses import dataclass
from enum import StrEnum

from lineshaft.kernel.authority import Authority, Named


@dataclass(frozen=True, slots=True)
class ParticipationRule(Named):
    """One rule on members owned abroad.

    `country_codes` empty means every country other than the profile's own; `needs_review` asks for
    a decision before the member is admitted, `needs_waiver` for one on a ground of waiver, and
    `needs_commitment` for something that the member commits to.
    """

    country_codes: frozenset[str]
    needs_review: bool
    needs_waiver: bool
    needs_commitment: bool
    text: str
    text_zh: str
    authority: Authority


class QuestionKind(StrEnum):
    """What a screening question asks for."""

    COUNTRY = "country"
    YES_NO = "yes_no"
    OWNERS = "owners"


class ReviewTrigger(StrEnum):
    """Which answer calls for a review: any foreign one, one of concern, a yes, or none."""

    FOREIGN = "foreign"
    CONCERN = "concern"
    YES = "yes"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ScreeningQuestion(Named):
    """A question of the screening; its name is the question itself.

    `is_for_projects` marks one that is asked only where a project asks for the status of persons.
    """

    kind: QuestionKind
    trigger: ReviewTrigger
    is_for_projects: bool
    authority: Authority


@dataclass(frozen=True, slots=True)
class CommitmentKind(Named):
    """What a member owned abroad can be held to."""

    authority: Authority


@dataclass(frozen=True, slots=True)
class Screening:
    """How members owned abroad are screened.

    `concern_codes` are the countries of concern; whoever holds `controlling_share_bp` or more
    controls; an approval is looked at again every `recheck_months` and lasts `longest_months` at
    most.
    """

    questions: tuple[ScreeningQuestion, ...]
    commitment_kinds: tuple[CommitmentKind, ...]
    concern_codes: frozenset[str]
    concern: Authority
    controlling_share_bp: int
    recheck_months: int
    longest_months: int
    authority: Authority

    def question(self, key: str) -> ScreeningQuestion | None:
        """Return the question of that key, or None."""
        return next((one for one in self.questions if one.key == key), None)

    def commitment_kind(self, key: str) -> CommitmentKind | None:
        """Return the kind of that key, or None."""
        return next((one for one in self.commitment_kinds if one.key == key), None)
