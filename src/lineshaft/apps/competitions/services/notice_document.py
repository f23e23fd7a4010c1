"""What the notice of a competition says, as a document for print.

Pure rendering: the same competition, printed at the same moment, gives the same bytes. Moments are
told in the competition's own time zone, which is named.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.competitions.models import (
    GATE_LABELS,
    KIND_LABELS,
    LATE_LABELS,
    Competition,
    CompetitionSponsor,
    Criterion,
    Stage,
)
from lineshaft.apps.competitions.rules import LatePolicy
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.competitions import CompetitionKind, StageGate
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "competitions" / "notice.typ"


def render_notice(competition: Competition, number: int, *, printed_at: datetime) -> bytes:
    """The notice with that amendment as PDF, in the language that is chosen."""
    return print_document(
        TEMPLATE, "notice", _content(competition, number, printed_at), dated=printed_at
    )


def hour_in(zone: str, moment: datetime | None) -> str:
    """A moment as the clocks of that time zone show it; a dash for None."""
    with timezone.override(zone):
        return formats.date_local(moment)


def day_in(zone: str, moment: datetime) -> str:
    """The day of a moment as the calendars of that time zone show it."""
    return formats.date_local(moment.astimezone(ZoneInfo(zone)).date())


def moment_in(zone: str, moment: datetime | None) -> str:
    """The same with the zone behind it."""
    return f"{hour_in(zone, moment)} ({zone})" if moment else formats.MISSING


def amount_range(competition: Competition) -> str:
    """What one award is, from the least to the largest amount."""
    floor, ceiling = competition.floor_minor, competition.ceiling_minor
    if ceiling is None:
        return formats.MISSING
    most = formats.money(ceiling, competition.currency)
    if not floor or floor == ceiling:
        return _("up to %(most)s") % {"most": most} if not floor else most
    least = formats.money(floor, competition.currency)
    return _("%(least)s to %(most)s") % {"least": least, "most": most}


def term_range(competition: Competition) -> str:
    """How long an award runs, in months."""
    least, most = competition.term_months_least, competition.term_months_most
    if most is None:
        return formats.MISSING
    if least is None or least == most:
        return ngettext("%(most)s month", "%(most)s months", most) % {"most": most}
    return _("%(least)s to %(most)s months") % {"least": least, "most": most}


def award_range(competition: Competition) -> str:
    """How many awards are expected."""
    least, most = competition.awards_least, competition.awards_most
    if least == most:
        return formats.number(most)
    return _("%(least)s to %(most)s") % {"least": least, "most": most}


def late_text(competition: Competition) -> str:
    """What becomes of what arrives late, in a sentence."""
    policy = LatePolicy(competition.late_policy)
    if policy is not LatePolicy.GRACE:
        return str(LATE_LABELS[policy])
    return ngettext(
        "Taken up to %(count)s minute after the deadline, marked late",
        "Taken up to %(count)s minutes after the deadline, marked late",
        competition.grace_minutes,
    ) % {"count": competition.grace_minutes}


def _content(competition: Competition, number: int, printed_at: datetime) -> dict[str, Any]:
    """Everything that the template prints, as text in the language of the notice."""
    is_chinese = formats.is_chinese()
    stages = list(competition.stages.prefetch_related("criteria", "documents").order_by("number"))
    mark = _("Demonstration: the records are generated.")
    return {
        "language": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "kicker": _kicker(competition, number, printed_at),
        "title": formats.local_name(competition),
        "marks": [mark] if competition.is_demonstration else [],
        "summary": formats.local_of(competition, "summary"),
        "facts": list(_facts(competition)),
        "sections": list(_sections(competition, number)),
        "tables": list(_tables(competition, stages)),
        "closing": _(
            "The terms of the stages and their dates bind as printed in the latest notice."
        ),
        "footer": _("%(code)s, notice %(number)s") % {"code": competition.code, "number": number},
    }


def _kicker(competition: Competition, number: int, printed_at: datetime) -> str:
    said = {
        "code": competition.code,
        "number": number,
        "when": day_in(competition.zone, printed_at),
    }
    if number:
        return _("%(code)s, as of amendment %(number)s, %(when)s") % said
    return _("%(code)s, notice of %(when)s") % said


def _facts(competition: Competition) -> Iterator[tuple[str, str]]:
    zone = competition.zone
    yield _("Kind"), str(KIND_LABELS[CompetitionKind(competition.kind)])
    if competition.institute:
        yield _("Institute"), formats.local_name(competition.institute)
    agencies = [formats.local_name(one.agency) for one in _sponsors(competition)]
    if agencies:
        yield _("Sponsor agencies"), formats.joined(agencies)
    if competition.listing_number:
        yield _("Assistance listing"), competition.listing_number
    yield _("Opens"), moment_in(zone, competition.opens_at)
    yield _("One award"), amount_range(competition)
    if competition.total_minor is not None:
        yield _("All awards"), formats.money(competition.total_minor, competition.currency)
    yield _("Number of awards"), award_range(competition)
    yield _("Term"), term_range(competition)
    if competition.match_share_bp:
        yield _("Share of other money, at least"), formats.percent_bp(competition.match_share_bp)
    if competition.information_at:
        told = [
            moment_in(zone, competition.information_at),
            competition.information_place,
            competition.information_link,
        ]
        yield _("Information day"), formats.joined([text for text in told if text])
    if competition.questions_until:
        yield _("Questions until"), moment_in(zone, competition.questions_until)
    yield _("What arrives late"), late_text(competition)
    contact = [competition.contact, competition.contact_email]
    if any(contact):
        yield _("Contact"), formats.joined([text for text in contact if text])


def _sponsors(competition: Competition) -> Sequence[CompetitionSponsor]:
    rows = competition.sponsors.select_related("agency").order_by("-is_lead", "agency__key")
    return list(rows)


def _tables(competition: Competition, stages: Sequence[Stage]) -> Iterator[dict[str, Any]]:
    yield {
        "title": _("Stages"),
        "head": [_("Stage"), _("Until"), _("Who goes on")],
        "widths": [3, 3, 3],
        "rows": [
            [
                formats.local_name(stage),
                moment_in(competition.zone, stage.ends_at),
                str(GATE_LABELS[StageGate(stage.gate)]),
            ]
            for stage in stages
        ],
    }
    names = {one.key: formats.local_name(one) for one in profile_in_use().competing.documents}
    asked = [(stage, documents) for stage in stages if (documents := stage.documents.all())]
    if asked:
        yield {
            "title": _("Documents"),
            "head": [_("Stage"), _("Documents"), _("Pages at most")],
            "widths": [2, 5, 1],
            "rows": [
                [
                    formats.local_name(stage),
                    formats.joined([names.get(one.kind, one.kind) for one in documents]),
                    formats.number(stage.page_limit),
                ]
                for stage, documents in asked
            ],
        }
    for stage in stages:
        if stage.criteria.all():
            yield {
                "title": _("Criteria of “%(stage)s”") % {"stage": formats.local_name(stage)},
                "head": [_("Criterion"), _("What it asks"), _("Weight")],
                "widths": [2, 5, 1],
                "rows": [_criterion_row(one) for one in stage.criteria.all()],
            }


def _criterion_row(criterion: Criterion) -> list[str]:
    weight = formats.percent_bp(criterion.weight_bp)
    return [formats.local_name(criterion), formats.local_of(criterion, "text"), weight]


def _sections(competition: Competition, number: int) -> Iterator[dict[str, Any]]:
    for title, name in ((_("What is asked for"), "text"), (_("Who may apply"), "eligibility")):
        text = formats.local_of(competition, name)
        if text:
            yield {"title": title, "paragraphs": [part for part in text.split("\n") if part]}
    amendments = competition.amendments.filter(number__lte=number).order_by("number")
    said = [
        _("%(number)s, %(day)s: %(summary)s")
        % {
            "number": one.number,
            "day": day_in(competition.zone, one.made_at),
            "summary": formats.local_of(one, "summary"),
        }
        for one in amendments
    ]
    if said:
        yield {"title": _("Amendments"), "paragraphs": said}
