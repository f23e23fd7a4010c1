"""A call with an application that is closed, at the moments that matter: while it is sealed, judged
and called for again, and once the results are published.

Each moment begins from the one before it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.queries import Search
from lineshaft.apps.competitions.rules import (
    ConflictOutcome,
    Outcome,
    OverlapOf,
    SectionKey,
    StageResult,
    TeamRole,
    TopicJudgementKind,
)
from lineshaft.apps.competitions.tests.applicants import (
    TERMS,
    Applicant,
    fill,
    letter_of,
    make_applicant,
    make_application,
    pdf_of,
)
from lineshaft.apps.competitions.tests.conflicting import (
    Judge,
    close_call,
    make_handed_in,
    make_judge,
)
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_draft,
    make_open,
    make_topic,
    stage_of,
)
from lineshaft.apps.competitions.tests.judging import attach_all
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.apps.reviewing.tests.closed import close
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel
from tests.leaks.readers import make_partner
from tests.replaying import replayed

REVIEW: Final = 2
"""The first stage that judges; its gate lets on who is invited."""

LATER_CALL: Final = 3
LATER_REVIEW: Final = 4
SELECTION: Final = 5
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

NAMES: Final = ("Zylinderkopf", "Zylinderwerke", "Zacharias")
"""Title, lead and leader of the application that is closed."""

IN_CHINESE: Final = ("锌缸盖", "锌建议")
"""Its title and the advice that its applicants get, as Chinese pages tell them."""

TERMED: Final = ("Zinnabriss", "Pia Works")
"""Its summary and its partner."""

IN_PARTS: Final = (
    *("Zinnbedarf", "Zinngeber", "Zinnzeichner", "Zinnbudget", "Zinngast"),
    *("12,345,678", "1234567800"),
)
"""A section, who commits what and signs it, a document, somebody of the team; and how much is
committed, as pages and the API tell it.
"""

UNWANTED_SAID: Final = ("Ulf Ungern", "Zinngroll", "Zinnwunsch")
"""Whom its team would rather not have, and why."""

CONFLICTED: Final = ("Zinnbeleg", "Zinnspruch", "Zinnvorkehrung", "Zinnanteil")
"""The evidence of a conflict with it, what was decided and under which measure, and what somebody
else declared of the officer to whom it is closed.
"""

COMPARED: Final = ("Zinnurteil", "Zinnvergleich")
"""Why it is judged to overlap with the other, and the other with it."""

GATED: Final = ("Zinnauskunft", "Zinnrat")
"""Why it goes on, and the advice that its applicants get."""

RENAMED: Final = "Zylinderblock"
"""What it is called since the later call is open."""

REWRITTEN: Final = "Zinnneufassung"
"""What its section says since then."""

ASKED: Final = ("Zinnfrage", "Zinnantwort")
"""A question of its leader and the answer to them alone; who runs the competition reads both."""

SEARCHED: Final = ("Zinnsuche",)
"""A search that its leader keeps."""

TOPIC: Final = "Zinnthema"
"""A topic that is shared with the network alone."""

ENDORSED: Final = ("Zinkhaus", "Zinnzuspruch")
"""Who endorses it with which remark; the registry shows them to the network's staff alone."""

DRAFT: Final = "Zinnentwurf"
"""A competition that is being written, which took up a topic that everybody reads."""


@dataclass(slots=True)
class World:
    """Two applications of which the first is closed, and everybody who asks.

    `told` are the words that those who are `free` are told between them, `sealed` those that no
    officer is, and `now` is the server's time.
    """

    call: Competition
    hidden: Application
    other: Application
    leader: Applicant
    rival: Applicant
    partner: User
    officer: Judge
    unwanted: Judge
    colleague: Judge
    now: datetime
    told: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()

    @property
    def free(self) -> list[User]:
        """Those to whom all of it is told."""
        return [self.leader.user, self.colleague.user]


# ------------------------------------------------------------------------------------ the moments


@replayed
def sealed() -> World:
    """The call is open; both were handed in, and the first is written on."""
    officer = make_judge("Olga Officer", organisation=make_organisation("Olga Works"))
    unwanted = make_judge("Ulla Unwanted")
    colleague = make_judge("Cora Colleague")
    call = make_open(agencies=("DOC",))
    leader, rival = make_applicant("Zacharias", "Zylinderwerke"), make_applicant("Rolf Rival", "R")
    for who in (leader, rival):  # reads what is public, and speaks for the firm
        make_grant(
            who.user, Role.SMALL_MANUFACTURER, ScopeKind.ORGANISATION, str(who.organisation.pk)
        )
    hidden = make_application(call, leader, title="Zylinderkopf")
    partner = make_partner(hidden)
    _write(leader, hidden)
    other = make_application(call, rival, title="Brasswork")
    other = fill(rival.actor, other, title="Brasswork", abstract="An open line, of brass.")
    for who, one in ((leader, hidden), (rival, other)):
        services.submit_application(who.actor, one, now=NOW)
    services.set_revenue(leader.actor, hidden, {("dues", 6): 2 * MILLION_MINOR}, now=NOW)
    close(hidden, officer.person)
    _around(call, leader)
    words = (*NAMES, IN_CHINESE[0], *TERMED, *IN_PARTS, *UNWANTED_SAID)
    people = (leader, rival, partner, officer, unwanted, colleague)
    told = (*words, *ASKED, *SEARCHED, TOPIC, *ENDORSED, DRAFT)
    return World(call, hidden, other, *people, now=NOW + 2 * DAY, told=told, sealed=words)


@replayed
def judged() -> World:
    """The call is over: conflicts, overlaps and the gate are decided, and nobody is told."""
    world = sealed()
    call, now = close_call(world.call), after_deadline(world.call)
    jude = make_judge("Jude Judge", None)
    services.watch_people(SYSTEM, call, [jude.person], now=now)
    declared = {}
    for judge, evidence in ((jude, "Zinnbeleg"), (world.officer, "Zinnanteil")):
        declared[evidence] = services.declare_conflict(
            world.colleague.actor,
            world.hidden,
            kind="other",
            evidence=evidence,
            person=judge.person,
            now=now,
        )
    services.decide_conflict(
        world.colleague.actor,
        declared["Zinnbeleg"],
        ConflictOutcome.MITIGATION,
        reason="Zinnspruch",
        measure="Zinnvorkehrung",
        now=now,
    )
    pairs = (
        (world.hidden, world.other, "Zinnurteil"),
        (world.other, world.hidden, "Zinnvergleich"),
    )
    for one, other, reason in pairs:
        terms = services.JudgementTerms(
            OverlapOf.APPLICATION, other.pk, TopicJudgementKind.DISTINCT, reason
        )
        handed_in = one.submissions.latest("pk")
        services.judge_topic_overlap(world.colleague.actor, handed_in, terms, now=now)
    stage = stage_of(call, REVIEW)
    for one, *said in (
        (world.hidden, "Zinnauskunft", "Zinnrat", "锌建议"),
        (world.other, "It is needed.", "Go on.", ""),
    ):
        outcome = services.OutcomeTerms(StageResult.GOES_ON, *said)
        services.decide_stage_outcomes(SYSTEM, stage, [one.pk], outcome, now=now)
    told = (*world.told, *CONFLICTED, *COMPARED, *GATED, IN_CHINESE[1])
    return replace(world, call=call, now=now + HOUR, told=told, sealed=())


@replayed
def called_again() -> World:
    """The gate is told and the later call is open, at which both have handed in anew."""
    world = judged()
    now = after_deadline(world.call, REVIEW)
    services.tell_stage_outcomes(SYSTEM, stage_of(world.call, REVIEW), now=now)
    call = services.call_applications(SYSTEM, world.call, now=now)
    for who, one in ((world.leader, world.hidden), (world.rival, world.other)):
        one.refresh_from_db()
        attach_all(who, one, LATER_CALL, now)
    terms = replace(TERMS, title=RENAMED, abstract="Zinnabriss, anew")
    services.edit_application(world.leader.actor, world.hidden, terms, now=now)
    need = SectionKey.NEED
    services.write_section(world.leader.actor, world.hidden, need, REWRITTEN, now=now)
    for who, one in ((world.leader, world.hidden), (world.rival, world.other)):
        services.submit_application(who.actor, one, now=now)
    words = (RENAMED, REWRITTEN)
    return replace(world, call=call, now=now + HOUR, told=(*world.told, *words), sealed=words)


@replayed
def published() -> World:
    """Neither is selected, and everybody can read so."""
    world = called_again()
    call = services.begin_review(SYSTEM, world.call, now=after_deadline(world.call, LATER_CALL))
    now = after_deadline(call, LATER_REVIEW)
    call = services.begin_selection(SYSTEM, call, now=now)
    for one in (world.hidden, world.other):
        terms = awarding.ChoiceTerms(Outcome.NOT_SELECTED, reason="Low.", explanation="Low.")
        awarding.record_selection_choice(SYSTEM, call, one, terms, now=now)
    awarding.decide_selection(SYSTEM, call, "Nobody is good enough.", now=now)
    call = services.publish_results(SYSTEM, call, now=now)
    return replace(world, call=call, now=now + HOUR, sealed=())


def crowd(world: World) -> None:
    """Two more rivals, a day after: one is handed in and led by whom the officer works for, the
    other is being written and would rather not have the colleague.
    """
    now = NOW + DAY
    employer = world.officer.person.organisation
    assert employer is not None
    user = make_user("Ada Applicant")
    ids = frozenset({employer.pk})
    who = Applicant(user, employer, Actor(user_id=user.pk, label=user.name, organisation_ids=ids))
    make_handed_in(world.call, who, title="Zinkbarren", now=now)
    late = make_applicant("Bea Brass", "Brass Works")
    begun = make_application(world.call, late, title="Zinkblech", now=now)
    unwanted = services.UnwantedRow(world.colleague.person.name, "A rival.")
    services.name_unwanted_reviewer(late.actor, begun, unwanted, now=now)


def kept_back() -> tuple[str, ...]:
    """The keys of competitions that few may know of: one that is being written, the call of an
    institute for its members, and what is shared with the network.
    """
    shared = make_open(agencies=("DOC",), level=SharingLevel.NETWORK)
    return (Competition.objects.get(title=DRAFT).key, make_call(title=DRAFT).key, shared.key)


# ----------------------------------------------------------------------------------------- leaves


def _write(leader: Applicant, application: Application) -> None:
    """All that a call asks for, with a word of its own in each part."""
    actor = leader.actor
    texts = ("Zylinderkopf", "锌缸盖", "An open line, a Zinnabriss.")
    fill(actor, application, title=texts[0], title_zh=texts[1], abstract=texts[2])
    services.write_section(actor, application, SectionKey.NEED, "Zinnbedarf", now=NOW)
    row = letter_of(1_234_567_800, giver_name="Zinngeber", signatory="Zinnzeichner")
    services.add_commitment(actor, application, row, now=NOW)
    kind, name = "budget_justification", "Zinnbudget.pdf"
    services.attach_document(actor, application, kind, pdf_of(1), name=name, now=NOW)
    guest = services.TeamRow("Zinngast", TeamRole.READER, "zinngast@example.org")
    services.invite_to_team(actor, application, guest, now=NOW)
    for named, why in (("Ulf Ungern", "Zinngroll"), ("Ulla Unwanted", "Zinnwunsch")):
        row_unwanted = services.UnwantedRow(named, why)
        services.name_unwanted_reviewer(actor, application, row_unwanted, now=NOW)


def _around(call: Competition, leader: Applicant) -> None:
    """A question, a kept search, topics and a draft."""
    question = services.ask_question(leader.actor, call, "Zinnfrage", now=NOW)
    services.answer_question(SYSTEM, question, "Zinnantwort", is_public=False, now=NOW)
    search = services.SearchTerms("Zinnsuche", Search(words="tin"))
    services.save_search(leader.actor, search, now=NOW)
    narrow = make_topic("Zinnthema")
    wide = make_topic("Bonding", level=SharingLevel.PUBLIC)
    endorser = make_organisation("Zinkhaus", level=SharingLevel.RESTRICTED)
    services.endorse_topic(SYSTEM, narrow, endorser, remark="Zinnzuspruch", now=NOW)
    services.endorse_topic(SYSTEM, wide, endorser, now=NOW)
    draft = make_draft(title=DRAFT)
    services.take_up_topic(SYSTEM, wide, draft, now=NOW)
