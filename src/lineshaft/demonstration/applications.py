"""Applications of the demonstration: who applies to its competitions, with whom and for what.

All of it is invented. What is handed in is whole by the rules of its call; people are named by
their part and have no address.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pypdf import PdfWriter

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import SectionKey, Source, TeamRole
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.demonstration.loading import Loading
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

MILLION_MINOR: Final = 100_000_000
YEARS: Final = 5
APPLICANT: Final = Actor.system(gettext_noop("Applicant (demonstration)"))
PEOPLE: Final = (
    ("Principal investigator (demonstration)", "Leads the technical work"),
    ("Director of operations (demonstration)", "Runs the institute"),
    ("Director of workforce (demonstration)", "Runs training"),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """What an application is about; eight of them, in three readings each."""

    title: str
    title_zh: str
    need: str


THEMES: Final = (
    Theme("Cold packaging line", "低温封装产线", "Devices work below four kelvin; packages crack."),
    Theme("Photonic couplers", "光子耦合器", "Each fibre is aligned by hand for an hour."),
    Theme("Superconducting bonds", "超导键合", "Bonds fail in one of nine thermal cycles."),
    Theme("Trap foundry", "离子阱代工", "Traps are made in laboratories, eight in a month."),
    Theme("Shielded modules", "屏蔽模块", "Stray fields end the coherence of a packaged device."),
    Theme("Test at temperature", "低温测试", "A device is cooled for a day to be measured once."),
    Theme("Wafer-level assembly", "晶圆级组装", "Singulated parts are assembled one by one."),
    Theme("Reference packages", "标准封装", "No two laboratories use the same package."),
)
DRAFTS: Final = (
    "Small forges burn gas.\nNo electric furnace fits their batches.",
    "Small forges burn gas, at a third of the heat.\nNo electric furnace fits small batches.",
)
READINGS: Final = ("", ": Great Lakes", ": Mountain West")


def apply_to(
    loading: Loading,
    competition: Competition,
    *,
    count: int,
    at: datetime,
    is_full: bool = False,
    first: int = 60,
) -> None:
    """So many teams of three hand in at the call that is open, an hour after each other.

    `is_full` writes what a full proposal says beyond a concept paper; `first` is the place of the
    first of their organisations.
    """
    ids = loading.organisation_ids[first : first + 3 * count]
    known = Organisation.objects.in_bulk(ids)
    for place in range(count):
        own = [known[pk] for pk in ids[3 * place : 3 * place + 3]]
        now = at + timedelta(hours=place)
        made = _write(competition, own, place, now=now)
        if is_full:
            _complete(competition, made, place, now=now)
        competitions.submit_application(APPLICANT, made, now=now + timedelta(minutes=30))


def begin_own(loading: Loading, competition: Competition, *, at: datetime) -> None:
    """The member persona leads an application that is half written, with a partner who sees some
    of it.
    """
    user = loading.users["member_company"]
    own = Person.objects.select_related("organisation").get(user=user).organisation
    other = Person.objects.select_related("organisation").get(
        user=loading.users["university_researcher"]
    )
    if own is None or other.organisation is None:
        return
    actor = Actor(user_id=user.pk, label=user.name, organisation_ids=frozenset({own.pk}))
    made = competitions.start_application(
        actor, competition, own, title="Small electric forges", now=at, is_demonstration=True
    )
    terms = competitions.ApplicationTerms(
        title="Small electric forges",
        title_zh="小型电锻炉",
        abstract="Furnaces for batches of one to a hundred, shown in three forges.",
        abstract_zh="适用于一至一百件批量的加热炉，在三家锻造厂展示。",
        areas=("electrified_process_heat",),
        term_months=12 * YEARS,
        trl_from=4,
        trl_to=7,
        work="demonstration",
    )
    competitions.edit_application(actor, made, terms, now=at)
    for day, text in enumerate(DRAFTS, start=1):
        now = at + timedelta(days=day)
        competitions.write_section(actor, made, SectionKey.NEED, text, now=now)
    _fund(actor, made, 70 * MILLION_MINOR, 52 * MILLION_MINOR, now=at + timedelta(days=3))
    row = competitions.PartnerRow(
        organisation_id=other.organisation_id, part="Furnace models", shares=("need", "budget")
    )
    competitions.add_partner(actor, made, row, now=at + timedelta(days=3))
    invited = competitions.TeamRow(
        other.name,
        TeamRole.EDITOR,
        loading.users["university_researcher"].email,
        other.organisation_id,
        "Furnace models",
    )
    competitions.invite_to_team(actor, made, invited, now=at + timedelta(days=4))


# ---------------------------------------------------------------------------------------- leaves


def _write(
    competition: Competition, own: list[Organisation], place: int, *, now: datetime
) -> Application:
    theme, reading = THEMES[place % len(THEMES)], READINGS[place // len(THEMES) % len(READINGS)]
    lead, *partners = own
    title = f"{theme.title}{reading} (demonstration)"
    made = competitions.start_application(
        APPLICANT, competition, lead, title=title, now=now, is_demonstration=True
    )
    terms = competitions.ApplicationTerms(
        title=title,
        title_zh=f"{theme.title_zh}（演示）",
        abstract=f"{theme.need} {lead.name} and partners open a line that others can use.",
        areas=tuple(competition.technology_areas.values_list("key", flat=True)),
        term_months=12 * YEARS,
        trl_from=3 + place % 2,
        trl_to=6 + place % 2,
        mrl_from=3,
        mrl_to=7,
    )
    competitions.edit_application(APPLICANT, made, terms, now=now)
    texts = {
        SectionKey.NEED: f"{theme.need}\n\nNo institute of the network covers it.",
        SectionKey.APPROACH: "Three loops: design rules, a pilot line, a user programme.",
        SectionKey.BENEFIT: "Parts that are bought abroad today are made at home.",
    }
    for key, text in texts.items():
        competitions.write_section(APPLICANT, made, key, text, now=now)
    federal = (70 + place % 6) * MILLION_MINOR
    _fund(APPLICANT, made, federal, federal + (place % 9) * 2 * MILLION_MINOR, now=now)
    letter = competitions.LetterRow(
        giver_name=partners[0].name,
        giver=partners[0],
        kind="cash",
        signatory="Chief financial officer (demonstration)",
        signed_on=date(now.year, now.month, 1),
        amounts=tuple((year, 3 * MILLION_MINOR) for year in range(1, YEARS + 1)),
    )
    competitions.add_commitment(APPLICANT, made, letter, now=now)
    for partner in partners:
        row = competitions.PartnerRow(organisation_id=partner.pk, part="Pilot runs")
        competitions.add_partner(APPLICANT, made, row, now=now)
    for (name, duty), organisation in zip(PEOPLE, own, strict=True):
        member = competitions.TeamRow(
            name, TeamRole.READER, organisation_id=organisation.pk, duty=duty
        )
        competitions.invite_to_team(APPLICANT, made, member, now=now)
    competitions.attach_document(
        APPLICANT, made, "narrative", _pages(8 + place % 12), name="narrative.pdf", now=now
    )
    return made


def _complete(competition: Competition, made: Application, place: int, *, now: datetime) -> None:
    """What a full proposal adds: the other sections, the plan of revenue, the other documents."""
    texts = {
        SectionKey.BUSINESS: "Dues, use of the line and contract research replace federal money.",
        SectionKey.SMALL_FIRMS: "A tier of its own for small firms, with forty days of the line.",
        SectionKey.WORKFORCE: "Two colleges teach operators, sixty a year.",
        SectionKey.MANAGEMENT: "A board of members; a director with a plan for each year.",
        SectionKey.REGION: "Foundries, two universities and a port within fifty miles.",
    }
    for key, text in texts.items():
        competitions.write_section(APPLICANT, made, key, text, now=now)
    revenue = {
        (stream, year): share * (year + place) * MILLION_MINOR
        for stream, share in (("dues", 2), ("services", 1))
        for year in range(1, YEARS + 1)
    }
    competitions.set_revenue(APPLICANT, made, revenue, now=now)
    stage = competition.stages.get(number=1)
    for one in stage.documents.exclude(kind="narrative"):
        competitions.attach_document(
            APPLICANT, made, one.kind, _pages(4), name=f"{one.kind}.pdf", now=now
        )


def _fund(actor: Actor, made: Application, federal: int, others: int, *, now: datetime) -> None:
    """Federal money that falls from year to year, and that of others, most of it in cash."""
    shares = {Source.FEDERAL: federal, Source.CASH: others * 7 // 10}
    shares[Source.IN_KIND] = others - shares[Source.CASH]
    for source, total in shares.items():
        weights = range(YEARS, 0, -1) if source is Source.FEDERAL else [1] * YEARS
        parts = [total * weight // sum(weights) for weight in weights]
        parts[0] += total - sum(parts)
        amounts = {("other", year): minor for year, minor in enumerate(parts, start=1)}
        competitions.set_budget(actor, made, source, amounts, now=now)


def _pages(count: int) -> io.BytesIO:
    """A document of so many empty pages."""
    writer, content = PdfWriter(), io.BytesIO()
    for _page in range(count):
        writer.add_blank_page(width=595, height=842)
    writer.write(content)
    return content
