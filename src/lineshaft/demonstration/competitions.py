"""Topics and competitions of the demonstration: what is proposed, open, in review and decided.

All of it is invented, and lies around the day on which the demonstration is loaded, so that there
is always something to apply for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Competition, Topic
from lineshaft.apps.competitions.queries import Search
from lineshaft.apps.competitions.services import AmendmentWords, CompetitionTerms
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.demonstration.applications import apply_to, begin_own
from lineshaft.demonstration.judging import fill_pool, judge_and_decide, judge_concepts
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.personas import OWN_AGENCY, OWN_INSTITUTE
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import SharingLevel

MILLION_MINOR: Final = 100_000_000
ZONE: Final = "America/New_York"
SPEAKER: Final = Actor.system(gettext_noop("Representative of a member (demonstration)"))
DESK: Final = Actor.system(gettext_noop("Programme officer (demonstration)"))
ELIGIBILITY: Final = (
    "The lead is an independent non-profit of the United States. Companies of all sizes,"
    " universities, colleges, laboratories and bodies of states take part."
)
ELIGIBILITY_ZH: Final = (
    "牵头单位为独立的美国非营利机构。各类规模的企业、大学、社区学院、实验室和州级机构均可参与。"
)


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A topic as it is proposed, and how many members endorse it."""

    title: str
    title_zh: str
    text: str
    text_zh: str
    area: str
    endorsements: int
    days_ago: int


TOPICS: Final = (
    TopicPlan(
        "Joining unlike metals at the rate of a car line",
        "以汽车产线节拍连接异种金属",
        "Aluminium is joined to steel by hand-tuned lines that no small supplier can copy."
        "\n\nAn open line, with its data, would let fifty suppliers quote for it.",
        "铝与钢的连接依靠人工调试的产线，小供应商无法复制。\n\n建立一条开放的产线并公开数据，"
        "可让五十家供应商参与报价。",
        "lightweight_metals",
        14,
        120,
    ),
    TopicPlan(
        "Bonding light alloys in volume",
        "轻合金批量连接",
        "The same need as with steel, seen from the makers of castings.",
        "从铸件制造商的角度看，与钢的连接需求相同。",
        "lightweight_metals",
        3,
        90,
    ),
    TopicPlan(
        "Measuring while making: metrology in the line",
        "边制造边测量：在线计量",
        "Parts are measured after they are made. A plant that measures while it makes scraps less.",
        "零件在制成后才测量。边制造边测量的工厂废品更少。",
        "smart_manufacturing",
        8,
        400,
    ),
    TopicPlan(
        "Heat without flame for small forges",
        "小型锻造厂的无焰加热",
        "Small forges burn gas because no electric furnace fits their batches.",
        "小型锻造厂使用燃气，因为没有适合其批量的电炉。",
        "electrified_process_heat",
        6,
        60,
    ),
    TopicPlan(
        "Packaging for quantum devices",
        "量子器件封装",
        "Each laboratory packages its own devices. A shared line would make them parts.",
        "各实验室各自封装器件。共享产线可使其成为标准零件。",
        "quantum_devices",
        2,
        30,
    ),
)


def run_competitions(loading: Loading) -> None:
    """Five topics, and five competitions in as many states."""
    topics = _propose_topics(loading)
    pool = fill_pool(loading)
    _decide_one(loading, topics["smart_manufacturing"], pool)
    _review_one(loading, pool)
    _open_one(loading)
    _call_for_projects(loading)
    _announce_one(loading)
    _keep_a_search(loading)


def _propose_topics(loading: Loading) -> dict[str, Topic]:
    """The topics with their endorsements, by area; the second is merged into the first."""
    made: list[Topic] = []
    members = Organisation.objects.in_bulk(loading.organisation_ids[:60])
    ids = list(members)
    for plan in TOPICS:
        proposal = competitions.TopicProposal(
            title=plan.title,
            title_zh=plan.title_zh,
            text=plan.text,
            text_zh=plan.text_zh,
            areas=(plan.area,),
            level=SharingLevel.PUBLIC,
            organisation=members[ids[len(made)]],
            is_demonstration=True,
        )
        at = loading.now - timedelta(days=plan.days_ago)
        topic = competitions.propose_topic(SPEAKER, proposal, now=at)
        for place in range(plan.endorsements):
            organisation = members[ids[(len(made) * 7 + place * 3 + 1) % len(ids)]]
            remark = "We would bring a line and two people." if place % 3 == 0 else ""
            competitions.endorse_topic(
                SPEAKER, topic, organisation, remark=remark, now=at + timedelta(days=place + 1)
            )
        made.append(topic)
    competitions.merge_topics(
        DESK,
        made[1],
        made[0],
        why="Both ask for one open line.",
        now=loading.now - timedelta(days=20),
    )
    return {plan.area: topic for plan, topic in zip(TOPICS, made, strict=True)}


def _draft(
    code: str,
    template: str,
    terms: CompetitionTerms,
    *,
    kind: CompetitionKind = CompetitionKind.INSTITUTE,
    institute: Institute | None = None,
    at: datetime,
) -> Competition:
    proposal = competitions.CompetitionProposal(
        code=code,
        kind=kind,
        template=template,
        terms=terms,
        institute=institute,
        is_demonstration=True,
    )
    return competitions.draft_competition(DESK, proposal, now=at)


def _institute_terms(opens_at: datetime, agency: str, area: str, **words: Any) -> CompetitionTerms:
    """Terms of a competition for one institute of five years."""
    terms = CompetitionTerms(
        title="",
        eligibility=ELIGIBILITY,
        eligibility_zh=ELIGIBILITY_ZH,
        agencies=(agency,),
        areas=(area,),
        floor_minor=70 * MILLION_MINOR,
        ceiling_minor=75 * MILLION_MINOR,
        total_minor=75 * MILLION_MINOR,
        term_months_least=60,
        term_months_most=60,
        match_share_bp=5_000,
        opens_at=opens_at,
        zone=ZONE,
        information_at=opens_at + timedelta(days=14),
        information_place="Atlanta, Georgia",
        questions_until=opens_at + timedelta(days=30),
        contact="Competitions desk (demonstration)",
        contact_email="competitions@demo.example",
    )
    return replace(terms, **words)


def _decide_one(loading: Loading, topic: Topic, pool: Sequence[Reviewer]) -> None:
    """A competition of four stages that took a topic up, run to its published results."""
    opens_at = _morning(loading.now - timedelta(days=330))
    terms = _institute_terms(
        opens_at,
        OWN_AGENCY,
        "smart_manufacturing",
        title="Institute for metrology in the line (demonstration)",
        title_zh="在线计量创新中心（演示）",
        summary="One institute that makes measuring a part of making.",
        summary_zh="征集一家把测量融入制造过程的创新中心。",
        text="The institute runs an open line in which parts are measured while they are made."
        "\n\nIt teaches what it learns, and lends its instruments to small firms.",
        text_zh="创新中心运行一条开放产线，边制造边测量零件。\n\n传授所得经验，并把仪器借给小企业。",
    )
    draft = _draft("DEMO-2025-01", "four_stage", terms, at=opens_at - timedelta(days=40))
    competitions.take_up_topic(DESK, topic, draft, now=opens_at - timedelta(days=39))
    competitions.announce_competition(DESK, draft, now=opens_at - timedelta(days=30))
    competitions.open_competition(DESK, draft, now=opens_at)
    apply_to(loading, draft, count=3, at=opens_at + timedelta(days=60), is_full=True, first=40)
    begun = _end_of_stage(draft)
    competitions.begin_review(DESK, draft, now=begun)
    judge_and_decide(draft, pool, begun=begun)


def _review_one(loading: Loading, pool: Sequence[Reviewer]) -> None:
    """A two-step competition whose concept papers are being reviewed."""
    opens_at = _morning(loading.now - timedelta(days=52))
    terms = _institute_terms(
        opens_at,
        "DOD",
        "quantum_devices",
        title="Institute for quantum device packaging (demonstration)",
        title_zh="量子器件封装创新中心（演示）",
        summary="One institute that turns laboratory devices into parts that can be ordered.",
        summary_zh="征集一家把实验室器件变成可订购零件的创新中心。",
        text="Concept papers name the devices, the line and the first customers.",
        text_zh="项目概念书应说明器件、产线和首批客户。",
    )
    draft = _draft("DEMO-2026-01", "two_step", terms, at=opens_at - timedelta(days=20))
    competitions.open_competition(DESK, draft, now=opens_at)
    apply_to(loading, draft, count=24, at=opens_at + timedelta(days=25))
    begun = _end_of_stage(draft)
    competitions.begin_review(DESK, draft, now=begun)
    judge_concepts(loading, draft, pool, at=begun + timedelta(hours=1))


def _open_one(loading: Loading) -> None:
    """One that is open for concept papers, with a question answered and its deadline extended."""
    opens_at = _morning(loading.now - timedelta(days=20))
    terms = _institute_terms(
        opens_at,
        "DOE",
        "electrified_process_heat",
        title="Institute for heat without flame (demonstration)",
        title_zh="无焰加热创新中心（演示）",
        summary="One institute that brings electric heat to small batches.",
        summary_zh="征集一家把电加热用于小批量生产的创新中心。",
        text="The institute shows furnaces for batches of one to a hundred parts."
        "\n\nIt measures what they cost to run, and publishes it.",
        text_zh="创新中心展示适用于一至一百件批量的加热炉。\n\n测量并公布其运行成本。",
    )
    draft = _draft("DEMO-2026-02", "concept_and_replies", terms, at=opens_at - timedelta(days=60))
    competitions.announce_competition(DESK, draft, now=opens_at - timedelta(days=45))
    competitions.open_competition(DESK, draft, now=opens_at)
    user = loading.users["member_company"]
    asked = competitions.ask_question(
        Actor(user_id=user.pk, label=user.name),
        draft,
        "May a firm take part in more than one concept paper?",
        now=opens_at + timedelta(days=3),
    )
    competitions.answer_question(
        DESK,
        asked,
        "As a partner in several; as the lead in one.",
        answer_zh="可作为参与单位加入多份；作为牵头单位只能一份。",
        is_public=True,
        now=opens_at + timedelta(days=6),
    )
    first = draft.stages.get(number=1)
    assert first.ends_at is not None  # noqa: S101 -- it is open
    competitions.extend_deadline(
        DESK,
        first,
        first.ends_at + timedelta(days=7),
        AmendmentWords(
            "A week more for concept papers, since the information day was moved.",
            "由于说明会改期，概念书提交时间延长一周。",
        ),
        now=opens_at + timedelta(days=15),
    )
    begin_own(loading, draft, at=opens_at + timedelta(days=10))


def _call_for_projects(loading: Loading) -> None:
    """A project call of the personas' institute, open to its members."""
    opens_at = _morning(loading.now - timedelta(days=10))
    terms = CompetitionTerms(
        title="Project call 7: sensors that bend (demonstration)",
        title_zh="第7次项目征集：可弯曲传感器（演示）",
        summary="Projects of twelve to eighteen months that put a sensor on a curved part.",
        summary_zh="征集12至18个月、把传感器装到曲面零件上的项目。",
        text="Each project has a manufacturer, a go/no-go point and a cost share of a half.",
        text_zh="每个项目须有制造企业参与、设有继续/终止决策点，成本分担过半。",
        eligibility="Members of the institute lead; others may take part.",
        eligibility_zh="由中心成员牵头；其他单位可参与。",
        areas=("flexible_hybrid_electronics",),
        level=SharingLevel.INSTITUTE,
        floor_minor=MILLION_MINOR // 4,
        ceiling_minor=MILLION_MINOR,
        total_minor=5 * MILLION_MINOR,
        awards_least=3,
        awards_most=8,
        term_months_least=12,
        term_months_most=18,
        match_share_bp=5_000,
        opens_at=opens_at,
        zone="America/Los_Angeles",
    )
    draft = _draft(
        "DEMO-PC-7",
        "project_call",
        terms,
        kind=CompetitionKind.PROJECT_CALL,
        institute=Institute.objects.get(key=OWN_INSTITUTE),
        at=opens_at - timedelta(days=5),
    )
    competitions.open_competition(DESK, draft, now=opens_at)


def _announce_one(loading: Loading) -> None:
    """A notice of intent for a regional challenge of three agencies."""
    terms = CompetitionTerms(
        title="Regional challenge for casting clusters (demonstration)",
        title_zh="铸造产业集群区域挑战赛（演示）",
        summary="Clusters of foundries, colleges and counties, funded by three agencies together.",
        summary_zh="由三个机构共同资助的铸造厂、院校和县域产业集群。",
        eligibility=ELIGIBILITY,
        eligibility_zh=ELIGIBILITY_ZH,
        agencies=("DOC", "DOE", "DOL"),
        areas=("lightweight_metals",),
        ceiling_minor=2 * MILLION_MINOR,
        awards_least=6,
        awards_most=10,
        term_months_least=36,
        term_months_most=36,
        opens_at=_morning(loading.now + timedelta(days=30)),
        zone=ZONE,
    )
    draft = _draft(
        "DEMO-2026-03",
        "regional_challenge",
        terms,
        kind=CompetitionKind.REGIONAL_CHALLENGE,
        at=loading.now - timedelta(days=12),
    )
    competitions.announce_competition(DESK, draft, now=loading.now - timedelta(days=9))


def _keep_a_search(loading: Loading) -> None:
    user = loading.users["member_company"]
    competitions.save_search(
        Actor(user_id=user.pk, label=user.name),
        competitions.SearchTerms(
            gettext_noop("New institutes"), Search(kind=CompetitionKind.INSTITUTE)
        ),
        now=loading.now,
    )


def _morning(moment: datetime) -> datetime:
    """The same day at nine in the morning in New York, in winter."""
    return moment.replace(hour=14, minute=0, second=0, microsecond=0)


def _end_of_stage(competition: Competition) -> datetime:
    """A minute after the end of the stage that runs."""
    competition.refresh_from_db()
    ends_at = competition.stages.get(number=competition.stage_number).ends_at
    assert ends_at is not None  # noqa: S101 -- it runs
    return ends_at + timedelta(minutes=1)
