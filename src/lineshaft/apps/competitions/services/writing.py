"""What a team writes: sections of text, the budget, the plan of revenue, letters of commitment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationSection,
    BudgetLine,
    CommitmentAmount,
    CommitmentLetter,
    RevenueLine,
)
from lineshaft.apps.competitions.queries import NO_APPLICATION, content_of, section_of
from lineshaft.apps.competitions.services.applying import (
    EACH_TIME,
    audit_application,
    changed,
    content_at,
    held_application,
    keep_version,
    open_call,
    touch,
)
from lineshaft.apps.competitions.services.record import faults_of_texts, plain
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

type Amounts = Mapping[tuple[str, int], int]
"""Minor units by (class of cost or stream, year); what is 0 is left out of what is stored."""

_NO_ROW: Final = gettext_noop("There is no row “%(key)s” in this table.")
_NO_YEAR: Final = gettext_noop("Year %(year)s lies outside this table, which has %(most)s years.")
_WRONG_AMOUNT: Final = gettext_noop("An amount is 0 or more, and below %(most)s.")
_NO_KIND: Final = gettext_noop("There is no kind of contribution “%(key)s”.")
_NO_SOURCE: Final = gettext_noop("There is no source “%(key)s”.")
_NOTHING_GIVEN: Final = gettext_noop("Say in which year the letter commits how much.")
_GIVER_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter of commitment; `amounts` are (year, minor units), `kind` a key of the profile."""

    giver_name: str
    kind: str
    signatory: str
    signed_on: date
    amounts: tuple[tuple[int, int], ...]
    giver: Organisation | None = None
    is_federal: bool = False
    conditions: str = ""


def write_section(
    actor: Actor,
    application: Application,
    key: str,
    text: str,
    *,
    seen: int | None = None,
    now: datetime,
    every: timedelta = EACH_TIME,
) -> ApplicationSection:
    """Write a section; `seen` is the revision that was read, or None for no such care.

    A version of it is kept unless one of the same person is younger than `every`. Raises Stale
    where somebody else wrote in it since.
    """
    said = plain(text)
    if faults := faults_of_texts({"text": said}, rules.SECTION_MAX):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_application(actor, application, "write_section", key)
        open_call(row, now=now)
        section = section_of(row, key)
        if seen is not None and not _follows(actor, section, seen):
            raise Stale
        if section.text == said:
            return section
        if section.changed_by_user_id != actor.user_id:
            section.others_revision, section.changed_by_user_id = section.revision, actor.user_id
        section.text, section.changed_at, section.changed_by = said, now, actor.label
        section.revision += 1
        section.save()
        keep_version(actor, row, key, now=now, every=every)
        touch(row, now=now)
        audit_application(actor, "write_section", row, now=now, changes={"section": key})
    return section


def set_budget(
    actor: Actor,
    application: Application,
    source: str,
    amounts: Amounts,
    *,
    seen: int | None = None,
    now: datetime,
) -> Application:
    """Set the money of one source by class of cost and year; the totals follow."""
    if source not in set(rules.Source):
        raise Invalid.in_field("source", _NO_SOURCE, key=source)
    known = {one.key for one in profile_in_use().cost_categories}

    def put(row: Application) -> None:
        row.budget.filter(source=source).delete()
        BudgetLine.objects.bulk_create(
            BudgetLine(application=row, source=source, category=key, year=year, amount_minor=minor)
            for (key, year), minor in sorted(amounts.items())
            if minor
        )
        setattr(row, f"{source}_minor", sum(amounts.values()))
        row.save(update_fields=[f"{source}_minor"])

    table = _Table("set_budget", rules.BUDGET, known, 0, put, source)
    return _set_table(actor, application, table, amounts, seen=seen, now=now)


def set_revenue(
    actor: Actor,
    application: Application,
    amounts: Amounts,
    *,
    seen: int | None = None,
    now: datetime,
) -> Application:
    """Set what each stream of income is to bring by year, some years beyond the term as well."""
    known = {one.key for one in profile_in_use().income_streams}

    def put(row: Application) -> None:
        row.revenue.all().delete()
        RevenueLine.objects.bulk_create(
            RevenueLine(application=row, stream=key, year=year, amount_minor=minor)
            for (key, year), minor in sorted(amounts.items())
            if minor
        )

    table = _Table("set_revenue", rules.REVENUE, known, rules.YEARS_AFTER, put)
    return _set_table(actor, application, table, amounts, seen=seen, now=now)


def add_commitment(
    actor: Actor, application: Application, row: LetterRow, *, now: datetime
) -> CommitmentLetter:
    """Enter a letter of commitment."""
    if faults := _faults_of_letter(row):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_application(actor, application, "add_commitment", rules.COMMITMENTS)
        open_call(held, now=now)
        refuse_if(rules.refuse_one_more(held.commitments.count(), rules.LETTERS_MAX))
        letter = CommitmentLetter.objects.create(
            application=held,
            giver=row.giver,
            giver_name=row.giver_name.strip(),
            kind=row.kind,
            signatory=row.signatory.strip(),
            signed_on=row.signed_on,
            is_federal=row.is_federal,
            conditions=row.conditions.strip(),
        )
        CommitmentAmount.objects.bulk_create(
            CommitmentAmount(letter=letter, year=year, amount_minor=minor)
            for year, minor in row.amounts
            if minor
        )
        changed(actor, held, "add_commitment", rules.COMMITMENTS, now=now)
    return letter


def remove_commitment(
    actor: Actor, application: Application, letter: CommitmentLetter, *, now: datetime
) -> None:
    """Take a letter of commitment out again."""
    with transaction.atomic():
        held = held_application(actor, application, "remove_commitment", rules.COMMITMENTS)
        open_call(held, now=now)
        row = held.commitments.filter(pk=letter.pk).first()
        if row is None:
            raise NotFound(NO_APPLICATION, code="no_application")
        row.delete()
        changed(actor, held, "remove_commitment", rules.COMMITMENTS, now=now)


# ---------------------------------------------------------------------------------------- leaves


def _follows(actor: Actor, section: ApplicationSection, seen: int) -> bool:
    """Whether nobody but the actor has written since that revision: a text that saves itself may
    be sent before the answer to the one before has come.
    """
    if seen == section.revision:
        return True
    is_own = actor.user_id is not None and section.changed_by_user_id == actor.user_id
    return is_own and section.others_revision <= seen < section.revision


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of amounts: by which verb and as which part it is set, its rows, how many years it
    has beyond the term, and what stores it. `source` is the one of its part that it holds; empty
    where it holds all of it.
    """

    verb: str
    part: str
    known: set[str]
    years_after: int
    put: Callable[[Application], None]
    source: str = ""


def _set_table(
    actor: Actor,
    application: Application,
    table: _Table,
    amounts: Amounts,
    *,
    seen: int | None,
    now: datetime,
) -> Application:
    with transaction.atomic():
        row = held_application(actor, application, table.verb, table.part)
        open_call(row, now=now)
        _refuse_overwriting(row, table, amounts, seen)
        most = rules.years_of(row.term_months) + table.years_after
        if faults := _faults_of_amounts(amounts, table.known, most):
            raise Invalid(faults)
        table.put(row)
        changed(actor, row, table.verb, table.part, now=now)
    return row


def _refuse_overwriting(
    row: Application, table: _Table, amounts: Amounts, seen: int | None
) -> None:
    """Raise Stale where the table is another one than that which was read and than that which is
    sent; what became of the rest of its part does not matter. None asks for no such care.
    """
    if seen is None:
        return
    standing = _lines_in(content_of(row, table.part), table)
    head = [table.source] if table.source else []
    sent = [[*head, key, year, minor] for (key, year), minor in sorted(amounts.items()) if minor]
    if standing not in (_lines_in(content_at(row, table.part, seen), table), sent):
        raise Stale


def _lines_in(content: Mapping[str, Any], table: _Table) -> list[list[str | int]]:
    """The lines of that table in what its part holds."""
    lines: list[list[str | int]] = content["lines"]
    return [one for one in lines if not table.source or one[0] == table.source]


def _faults_of_amounts(amounts: Amounts, known: set[str], years: int) -> list[FieldError]:
    faults = []
    for (key, year), minor in amounts.items():
        name = cell_name(key, year)
        if key not in known:
            faults.append(FieldError(name, message=_NO_ROW, params={"key": key}))
        elif not 1 <= year <= years:
            params = {"year": year, "most": years}
            faults.append(FieldError(name, message=_NO_YEAR, params=params))
        elif not 0 <= minor < rules.AMOUNT_MINOR_MAX:
            params = {"most": rules.AMOUNT_MINOR_MAX // 100}
            faults.append(FieldError(name, message=_WRONG_AMOUNT, params=params))
    return faults


def cell_name(key: str, year: int) -> str:
    """What the field of a cell is called in a form."""
    return f"{key}-{year}"


def _faults_of_letter(row: LetterRow) -> list[FieldError]:
    faults = faults_of_texts({"giver_name": row.giver_name}, _GIVER_MAX, required=True)
    faults += faults_of_texts({"signatory": row.signatory}, rules.NAME_MAX, required=True)
    faults += faults_of_texts({"conditions": row.conditions}, rules.REASON_MAX)
    if row.kind not in {one.key for one in profile_in_use().cost_share_kinds}:
        faults.append(FieldError("kind", message=_NO_KIND, params={"key": row.kind}))
    if not any(minor for _year, minor in row.amounts):
        faults.append(FieldError("amounts", message=_NOTHING_GIVEN))
    for year, minor in row.amounts:
        if not 1 <= year <= rules.YEARS_MOST:
            params = {"year": year, "most": rules.YEARS_MOST}
            faults.append(FieldError("amounts", message=_NO_YEAR, params=params))
        elif not 0 <= minor < rules.AMOUNT_MINOR_MAX:
            params = {"most": rules.AMOUNT_MINOR_MAX // 100}
            faults.append(FieldError("amounts", message=_WRONG_AMOUNT, params=params))
    return faults
