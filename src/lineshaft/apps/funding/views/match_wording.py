"""The words and tables of match tests, shared by the pages on which they stand."""

from collections.abc import Sequence
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.forms import MATCH_STATUS_LABELS, MATCH_TEST_LABELS
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.queries import AgreementTest
from lineshaft.apps.funding.rules import MatchPoint, MatchStatus, MatchTest, RuleTest
from lineshaft.kernel.jurisdiction import MatchingBasis, MatchingRule
from lineshaft.web.formats import (
    MISSING,
    date_local,
    fiscal_year,
    local_name,
    money,
    number,
    percent_bp,
)
from lineshaft.web.pages import Tag, Tone
from lineshaft.web.tables import Cell, Column, Row, Table

STATUS_TONES: Final[dict[MatchStatus, Tone]] = {
    MatchStatus.AT_RISK: "due",
    MatchStatus.BELOW: "bad",
    MatchStatus.HOLDS: "ok",
    MatchStatus.OPEN: "quiet",
}


def status_tag(status: MatchStatus) -> Tag:
    """How an agreement stands under a rule, in a word."""
    return Tag(str(MATCH_STATUS_LABELS[status]), STATUS_TONES[status])


def shown_status(one: RuleTest, *, is_foreseen: bool) -> MatchStatus:
    """The status; without what is foreseen for who may not read that."""
    return one.status if is_foreseen else one.so_far


def asked(rule: MatchingRule) -> str:
    """What a rule asks, in words."""
    share = percent_bp(rule.share_bp)
    if rule.basis is MatchingBasis.YEAR:
        return _("%(share)s in each fiscal year") % {"share": share}
    return _("%(share)s of the whole") % {"share": share}


def share_text(point: MatchPoint) -> str:
    """The share of a point; a dash where there is no money."""
    return MISSING if point.is_empty else percent_bp(point.share_bp)


def since_text(one: RuleTest) -> str:
    """Since or until when a test fails, for its cell."""
    if one.failing is not None and one.failing.year is not None:
        return fiscal_year(one.failing.year)
    if one.failing is not None:
        return _("today")
    return date_local(one.breach.on) if one.breach else ""


def finding(agreement: Agreement, tests: Sequence[RuleTest], *, is_foreseen: bool) -> str:
    """The one thing to know of an agreement's tests."""
    shown = [(shown_status(one, is_foreseen=is_foreseen), one) for one in tests if one.is_pressing]
    said = {"number": agreement.number}
    below = [one for status, one in shown if status is MatchStatus.BELOW]
    if below:
        said |= {"rules": ", ".join(dict.fromkeys(one.rule.id for one in below))}
        return _("%(number)s is below %(rules)s today") % said
    risky = [one for status, one in shown if status is MatchStatus.AT_RISK]
    if risky:
        first = min(risky, key=rules.match_urgency)
        assert first.breach is not None  # noqa: S101 -- what is at risk has a breach
        said |= {
            "rule": first.rule.id,
            "day": date_local(first.breach.on),
            "amount": money(first.breach.lacking_minor, agreement.currency),
        }
        return _("%(number)s would fall short of %(rule)s on %(day)s, by %(amount)s") % said
    if all(status is MatchStatus.OPEN for status, _one in shown):
        return _("No money is there yet to test under %(number)s") % said
    return _("%(number)s holds its match") % said


def tests_table(found: Sequence[AgreementTest], foreseen: frozenset[int], caption: str) -> Table:
    """Agreements under the rules of the three tests; what is foreseen only where it may be read."""
    return Table(
        caption=caption,
        columns=(
            Column("agreement", _("Agreement")),
            Column("test", _("Test")),
            Column("asks", _("What it asks")),
            Column("to_date", _("To date"), is_number=True),
            Column("at_end", _("At the end"), is_number=True),
            Column("fails", _("Fails on"), is_short=True),
            Column("lacking", _("Lacking"), is_number=True),
            Column("act_by", _("Promise by"), is_short=True),
            Column("status", _("Standing")),
        ),
        rows=tuple(
            _test_row(one, is_foreseen=one.agreement.pk in foreseen)
            for one in found
            if one.agreement.pk in foreseen or one.result.read.test is not MatchTest.LEVERAGE
        ),
        empty=_("No rule of the three tests concerns an agreement here."),
        is_stacked=True,
    )


def _test_row(one: AgreementTest, *, is_foreseen: bool) -> Row:
    agreement, result = one.agreement, one.result
    status = shown_status(result, is_foreseen=is_foreseen)
    breach = result.breach if is_foreseen else None
    lacks = result.lacking_minor if status in {MatchStatus.BELOW, MatchStatus.AT_RISK} else 0
    return Row(
        (
            Cell(
                agreement.number,
                url=reverse("funding:show_match_tests", args=[agreement.pk]),
                note=local_name(agreement.institute),
            ),
            Cell(str(MATCH_TEST_LABELS[result.read.test]), note=_bound(result)),
            Cell(asked(result.rule), note=result.rule.id),
            Cell(share_text(result.to_date)),
            Cell(
                share_text(result.at_end) if is_foreseen and result.at_end is not None else MISSING
            ),
            Cell(since_text(result) if status in {MatchStatus.BELOW, MatchStatus.AT_RISK} else ""),
            Cell(money(lacks, agreement.currency) if lacks else ""),
            Cell(date_local(breach.act_by) if breach and lacks else ""),
            Cell(str(MATCH_STATUS_LABELS[status]), tag=STATUS_TONES[status]),
        )
    )


def _bound(one: RuleTest) -> str:
    return _("binds by law") if one.read.binds else _("does not bind by law")


def years_table(agreement: Agreement, one: RuleTest, *, is_foreseen: bool) -> Table:
    """The money of each fiscal year by itself, each number opening to what it counts."""
    points = [point for point in one.years if is_foreseen or not point.is_forecast]
    last = (one.at_end,) if is_foreseen and one.at_end is not None else ()
    caption = _("%(rule)s by fiscal year and to date")
    if is_foreseen:
        caption = _("%(rule)s by fiscal year, to date and as forecast")
    return Table(
        caption=caption % {"rule": one.rule.id},
        columns=(
            Column("year", _("Fiscal year")),
            Column("federal", _("Federal"), is_number=True),
            Column("matching", _matching_label(one), is_number=True),
            Column("share", _("Share"), is_number=True),
            Column("asked", _("Asked for"), is_number=True),
            Column("lacking", _("Lacking"), is_number=True),
            Column("standing", _("Standing")),
        ),
        rows=tuple(
            _point_row(agreement, one, point, _label(point))
            for point in (*points, one.to_date, *last)
        ),
        is_stacked=True,
    )


def _matching_label(one: RuleTest) -> str:
    return _("All other money") if one.read.test is MatchTest.LEVERAGE else _("Non-federal")


def _label(point: MatchPoint) -> str:
    if point.year is not None:
        return fiscal_year(point.year)
    if point.is_forecast:
        return _("All, through %(day)s") % {"day": date_local(point.on)}
    return _("All to date")


def _point_row(agreement: Agreement, one: RuleTest, point: MatchPoint, label: str) -> Row:
    def counted(amount_minor: int, kind: str) -> Cell:
        text = money(amount_minor, agreement.currency)
        if point.is_forecast:
            return Cell(text)
        url = reverse("funding:list_match_records", args=[agreement.pk, kind])
        query = f"?fiscal_year={point.year}" if point.year is not None else ""
        return Cell(text, url=f"{url}{query}")

    status = MatchStatus.OPEN
    if not point.is_empty:
        status = MatchStatus.BELOW if point.fails else MatchStatus.HOLDS
    return Row(
        (
            Cell(label, note=_("forecast") if point.is_forecast else ""),
            counted(point.federal_minor, "federal"),
            counted(point.matching_minor, one.read.matching),
            Cell(share_text(point)),
            Cell(percent_bp(point.lifted.share_bp), note=_left_out(agreement, point)),
            Cell(money(point.lacking_minor, agreement.currency) if point.fails else ""),
            Cell(str(MATCH_STATUS_LABELS[status]), tag=STATUS_TONES[status]),
        )
    )


def _left_out(agreement: Agreement, point: MatchPoint) -> str:
    if not point.lifted.excluded_minor:
        return ""
    return _("%(amount)s left out by waiver") % {
        "amount": money(point.lifted.excluded_minor, agreement.currency)
    }


def method_texts() -> tuple[str, ...]:
    """How what is foreseen is foreseen, in sentences."""
    return (
        _(
            "Federal money: what each budget period plans and has not obligated yet comes evenly "
            "over the days left of it; the rest of the federal total comes evenly over the days "
            "that no period covers."
        ),
        _(
            "Money of others: on each day what is promised by then, or what the pace of the last "
            "year brings by then, whichever is more. A promise that is overdue is not counted on."
        ),
        _(
            "A rule on the whole is tested on all money so far at the end of each month, a yearly "
            "rule at the close of the fiscal year. The first day that fails is the day of the "
            "breach."
        ),
        _(
            "What is lacking has to be promised %(days)s days before, so that it is brought, "
            "recorded and accepted in time."
        )
        % {"days": number(rules.LEAD_DAYS)},
    )
