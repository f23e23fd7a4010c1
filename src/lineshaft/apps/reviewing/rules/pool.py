"""What reviewing decides of the pool of reviewers and of who sits on the panel of a stage.

A panel is put together while its stage lies ahead or runs. What the law asks of it stands in the
profile: that both sectors judge, and that no political appointee does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lineshaft.kernel.competitions import PanelMeasure, PanelRule, StageKind
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import term_of

INVITED: Final = "invited"
ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
LEFT: Final = "left"

LOAD_MOST: Final = 200
LOAD_USUAL: Final = 6
TEXT_TITLE_MAX: Final = 300
TEXT_MAX: Final = 20_000
TEXTS_MAX: Final = 500
YEAR_LEAST: Final = 1900
STATEMENT_MAX: Final = 4_000
REASON_MAX: Final = 1_000

IS_APPOINTEE: Final = gettext_noop(
    "%(name)s is a political appointee, and none may sit among those who review. Choose somebody"
    " else."
)
_ALREADY: Final = gettext_noop("%(name)s is in the pool already. Edit that record.")
_RETIRED: Final = gettext_noop(
    "%(name)s does not review any more. Restore the record first, or choose somebody else."
)
_RETIRED_YOURSELF: Final = gettext_noop(
    "Your record in the pool says that you do not review any more. Ask whoever invited you to"
    " restore it."
)
_IS_RETIRED: Final = gettext_noop("%(name)s has been retired already.")
_IS_ACTIVE: Final = gettext_noop("%(name)s reviews already.")
_HAS_USER: Final = gettext_noop("%(name)s signs in as a user already.")
_NO_ADDRESS: Final = gettext_noop(
    "%(name)s has no e-mail address. Register one with the person first."
)
_JUDGES_NOTHING: Final = gettext_noop(
    "“%(stage)s” judges nothing, so it has no panel. Choose a stage of review, visit or analysis."
)
_STAGE_OVER: Final = gettext_noop("“%(stage)s” is over. Its panel stays as it was.")
_COMPETITION_OVER: Final = gettext_noop(
    "%(code)s is %(state)s. Nobody is invited to it and nobody leaves its panels."
)
_STILL_DRAFT: Final = gettext_noop(
    "%(code)s is a draft that nobody else may hear of. Announce it or open it, then invite."
)
_SEATED: Final = gettext_noop("%(name)s was invited to this panel already.")
_ASSIGNED: Final = gettext_noop(
    "%(count)s assignments of %(name)s stand. Give them to somebody else first."
)
_ASSIGNED_TO_YOU: Final = gettext_noop(
    "%(count)s assignments of yours stand. Ask whoever runs the competition to give them to"
    " somebody else first."
)
_NO_ANSWER: Final = gettext_noop(
    "Say whether you are a political appointee. Nobody who is may sit among those who review."
)
_EMPTY: Final = gettext_noop("Nobody sits on the panel of “%(stage)s” yet. Invite reviewers.")
_ONE_SECTOR: Final = gettext_noop(
    "The panel of “%(stage)s” has %(public)s from the public and %(private)s from the private"
    " sector. It has to be drawn from both: invite from the other."
)
_SOME_APPOINTEES: Final = gettext_noop(
    "%(names)s declared to be political appointees, and none may sit among those who review. Remove"
    " them from the panel of “%(stage)s”."
)
_NO_SECTOR: Final = gettext_noop("The sector is one of: %(known)s.")
_LOAD: Final = gettext_noop("A load lies between 1 and %(most)s applications.")
_YEAR: Final = gettext_noop("The year lies between %(least)s and %(most)s.")
_NO_TITLE: Final = gettext_noop("Text %(place)s has no title. Its first line is the title.")
_LONG_TITLE: Final = gettext_noop(
    "The title of text %(place)s is longer than %(most)s characters. Put the abstract on a line of"
    " its own."
)
_LONG_TEXT: Final = gettext_noop("Text %(place)s is longer than %(most)s characters. Shorten it.")
_TOO_MANY: Final = gettext_noop("A reviewer has at most %(most)s texts. Take some off.")


class Sector(StrEnum):
    """Where a reviewer works; a panel is drawn from private and public sectors (L-031)."""

    INDUSTRY = "industry"
    ACADEMIA = "academia"
    GOVERNMENT = "government"
    LABORATORY = "laboratory"
    NON_PROFIT = "non_profit"


PUBLIC_SECTORS: Final = frozenset({Sector.GOVERNMENT, Sector.LABORATORY})
"""The public half of a panel; the rest is the private one."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody who accepted a seat, as the rules see them; an appointee is None until declared."""

    name: str
    sector: str
    is_political_appointee: bool | None


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text of a reviewer's own, before it is stored."""

    title: str
    text: str = ""
    year: int | None = None


# ----------------------------------------------------------------------------------------- pool


def refuse_second_reviewer(name: str, *, is_reviewer: bool) -> Refusal | None:
    """Why a person does not become a reviewer once more, or None."""
    return Refusal("reviewer_already", _ALREADY, params={"name": name}) if is_reviewer else None


def refuse_retiring(name: str, *, is_active: bool) -> Refusal | None:
    """Why a reviewer can't be retired, or None."""
    return None if is_active else Refusal("retired_already", _IS_RETIRED, params={"name": name})


def refuse_restoring(name: str, *, is_active: bool) -> Refusal | None:
    """Why a reviewer can't be restored, or None."""
    return Refusal("active_already", _IS_ACTIVE, params={"name": name}) if is_active else None


def refuse_access(name: str, *, has_user: bool, has_address: bool) -> Refusal | None:
    """Why somebody is not let in, or None: they sign in already, or nobody knows their address."""
    if has_user:
        return Refusal("has_user", _HAS_USER, params={"name": name})
    return None if has_address else Refusal("no_address", _NO_ADDRESS, params={"name": name})


def faults_of_profile(sector: str, load_most: int) -> list[FieldError]:
    """What is wrong with the sector and the load of a reviewer."""
    faults = []
    if sector not in set(Sector):
        params = {"known": ", ".join(Sector)}
        faults.append(FieldError("sector", message=_NO_SECTOR, params=params))
    return faults + faults_of_load(load_most)


def faults_of_load(load_most: int) -> list[FieldError]:
    """Why that is no number of applications that somebody takes on; nothing where it is one."""
    if 1 <= load_most <= LOAD_MOST:
        return []
    return [FieldError("load_most", message=_LOAD, params={"most": LOAD_MOST})]


def faults_of_texts(rows: Sequence[TextRow], *, held: int, this_year: int) -> list[FieldError]:
    """What is wrong with texts that somebody adds to so many that are there; places are from 1."""
    faults = []
    for place, row in enumerate(rows, start=1):
        if not row.title:
            faults.append(FieldError("title", message=_NO_TITLE, params={"place": place}))
        if len(row.title) > TEXT_TITLE_MAX:
            params = {"place": place, "most": TEXT_TITLE_MAX}
            faults.append(FieldError("title", message=_LONG_TITLE, params=params))
        if len(row.text) > TEXT_MAX:
            params = {"place": place, "most": TEXT_MAX}
            faults.append(FieldError("text", message=_LONG_TEXT, params=params))
        if row.year is not None and not YEAR_LEAST <= row.year <= this_year + 1:
            params = {"least": YEAR_LEAST, "most": this_year + 1}
            faults.append(FieldError("year", message=_YEAR, params=params))
    if held + len(rows) > TEXTS_MAX:
        faults.append(FieldError("title", message=_TOO_MANY, params={"most": TEXTS_MAX}))
    return faults


def texts_pasted(pasted: str) -> tuple[TextRow, ...]:
    """The texts of a paste, one for each block between blank lines.

    The first line of a block is the title, the rest the abstract. A last line that is a year of
    four digits is the year.
    """
    blocks: list[list[str]] = [[]]
    for line in pasted.splitlines():
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return tuple(_text_of(lines) for lines in blocks if lines)


# --------------------------------------------------------------------------------------- panels


def refuse_panel(stage: str, kind: StageKind, judged: Iterable[StageKind]) -> Refusal | None:
    """Why a stage of that kind has no panel, or None."""
    if kind in judged:
        return None
    return Refusal("no_panel", _JUDGES_NOTHING, params={"stage": stage})


def refuse_changing_panel(
    stage: str, *, is_over: bool, code: str, state: str, is_closed: bool
) -> Refusal | None:
    """Why the panel of a stage stays as it is, or None; `is_closed` says that the competition is
    decided or cancelled.
    """
    if is_over:
        return Refusal("panel_over", _STAGE_OVER, params={"stage": stage})
    if is_closed:
        params = {"code": code, "state": term_of(state)}
        return Refusal("competition_over", _COMPETITION_OVER, params=params)
    return None


def refuse_panel_of_draft(code: str, *, is_draft: bool) -> Refusal | None:
    """Why nobody is invited to a competition yet, or None."""
    return Refusal("panel_of_draft", _STILL_DRAFT, params={"code": code}) if is_draft else None


def refuse_inviting(
    person: Sitting, rules: Iterable[PanelRule], *, is_active: bool, state: str
) -> Refusal | None:
    """Why somebody is not invited to a panel, or None; `state` is that of a seat they have there,
    empty for none.
    """
    named = {"name": person.name}
    if not is_active:
        return Refusal("reviewer_retired", _RETIRED, params=named)
    if state in {INVITED, ACCEPTED}:
        return Refusal("invited_already", _SEATED, params=named)
    return refuse_appointee(person, rules)


def refuse_accepting(
    person: Sitting, rules: Iterable[PanelRule], *, is_active: bool
) -> Refusal | None:
    """Why somebody does not take a seat, or None: what they declare counts on the day they sit."""
    if not is_active:
        return Refusal("reviewer_retired", _RETIRED_YOURSELF)
    return refuse_appointee(person, rules)


def refuse_appointee(person: Sitting, rules: Iterable[PanelRule]) -> Refusal | None:
    """Why somebody who declared to be a political appointee is not seated, or None."""
    rule = _rule(rules, PanelMeasure.NO_POLITICAL_APPOINTEE)
    if rule is None or not person.is_political_appointee:
        return None
    return Refusal(
        "political_appointee", IS_APPOINTEE, rule.authority.citation, {"name": person.name}
    )


def wants_declaration(person: Sitting, rules: Iterable[PanelRule]) -> bool:
    """Whether somebody has to declare before they sit: where a rule binds and they never did."""
    is_bound = _rule(rules, PanelMeasure.NO_POLITICAL_APPOINTEE) is not None
    return is_bound and person.is_political_appointee is None


def fault_of_declaration(person: Sitting, rules: Iterable[PanelRule]) -> FieldError | None:
    """Why a seat can't be taken without a declaration, or None."""
    if not wants_declaration(person, rules):
        return None
    return FieldError("is_political_appointee", message=_NO_ANSWER)


def refuse_leaving(*, assigned: int) -> Refusal | None:
    """Why somebody does not leave a panel while so many assignments of theirs stand, or None."""
    return (
        Refusal("seat_assigned", _ASSIGNED_TO_YOU, params={"count": assigned}) if assigned else None
    )


def refuse_removing(name: str, *, assigned: int) -> Refusal | None:
    """Why somebody is not removed from a panel while so many assignments stand, or None."""
    if not assigned:
        return None
    return Refusal("seat_assigned", _ASSIGNED, params={"name": name, "count": assigned})


def faults_of_panel(
    stage: str, kind: StageKind, sitting: Sequence[Sitting], rules: Sequence[PanelRule]
) -> tuple[Refusal, ...]:
    """What keeps those who sit from judging in a stage; nothing where they may.

    Merit review is what the rule on sectors is about, so a site visit or an analysis is held to the
    other alone.
    """
    if not sitting:
        return (Refusal("panel_empty", _EMPTY, params={"stage": stage}),)
    faults = []
    sectors = _rule(rules, PanelMeasure.BOTH_SECTORS)
    public = sum(one.sector in PUBLIC_SECTORS for one in sitting)
    counted = {"stage": stage, "public": public, "private": len(sitting) - public}
    if sectors is not None and kind is StageKind.REVIEW and not has_both_sectors(sitting):
        faults.append(Refusal("panel_one_sector", _ONE_SECTOR, sectors.authority.citation, counted))
    appointees = _rule(rules, PanelMeasure.NO_POLITICAL_APPOINTEE)
    names = tuple(one.name for one in sitting if one.is_political_appointee)
    if appointees is not None and names:
        params = {"stage": stage, "names": names}
        citation = appointees.authority.citation
        faults.append(Refusal("panel_political_appointee", _SOME_APPOINTEES, citation, params))
    return tuple(faults)


def has_both_sectors(sitting: Iterable[Sitting]) -> bool:
    """Whether the public and the private sector both sit."""
    return {one.sector in PUBLIC_SECTORS for one in sitting} == {True, False}


# --------------------------------------------------------------------------------------- leaves


def _rule(rules: Iterable[PanelRule], measure: PanelMeasure) -> PanelRule | None:
    return next((one for one in rules if one.measure is measure), None)


def _text_of(lines: Sequence[str]) -> TextRow:
    title, *rest = lines
    year = None
    if rest and len(rest[-1]) == len("2026") and rest[-1].isdecimal() and rest[-1].isascii():
        year = int(rest.pop())
    return TextRow(title, "\n".join(rest), year)
