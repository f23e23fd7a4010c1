"""Pages of one large competition, for whoever runs it: how long they take and how many queries.

A competition is filled in bulk with applications, reviewers and submitted reviews; then its pages
are asked for as the programme officer, from the production server, one connection for each request,
one after the other. A page's number of queries must be the same at both sizes. Beside the smaller
size stand the figures of pretalx 2026.2.1 with as many rows, measured on 23 November 2026 on a
machine of the same kind: SQLite, one request after the other.

    python bench/competitions.py --fill APPLICATIONS REVIEWERS REVIEWS
                                        fill the instance of the environment, and say as JSON what
                                        to ask for; run by the benchmark
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from random import Random
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.pages import server, time_page
from bench.program import FOLDER, Home, make_ready, on_core, run
from bench.report import AtMost, Exactly, Report, Row, Section

SEED: Final = 11
REQUESTS: Final = 20
BATCH: Final = 1_000
SECTION_CHARACTERS: Final = 1_200


@dataclass(frozen=True, slots=True)
class Size:
    """How much one competition holds."""

    applications: int
    reviewers: int
    reviews: int

    def __str__(self) -> str:
        return f"{self.applications}"


SIZES: Final = (Size(2_000, 300, 6_000), Size(20_000, 3_000, 60_000))
QUICK_SIZES: Final = (Size(200, 30, 600), Size(400, 60, 1_200))

PAGES: Final = {
    "list": "organiser's list of applications",
    "dashboard": "review dashboard",
    "application": "one application",
    "ranking": "ranked list",
    "ranked": "a row of the ranked list",
    "replies": "replies",
}
PEER_MS: Final = {"list": 357.0, "dashboard": 1_619.1, "application": 76.6}
"""Medians of pretalx 2026.2.1 at the smaller size."""

AT_MOST_OF_PEER: Final = {"list": 0.1, "dashboard": 0.1}
"""What the issue asks for beside them."""


def section(sizes: Sequence[Size] = SIZES) -> Section:
    """The rows for these sizes, the first of which the peer was measured at."""
    first, *larger = sizes
    rows = []
    for key, title in PAGES.items():
        share = AT_MOST_OF_PEER.get(key)
        rows.append(
            Row(
                f"{title}, {first} applications: median, beside pretalx",
                f"competitions.{first}.{key}.median",
                f"competitions.peer.{key}.median" if key in PEER_MS else "",
                bound=AtMost(share) if share else None,
            )
        )
        for size in larger:
            rows += [
                Row(
                    f"{title}, {size} applications: median, beside that at {first}",
                    f"competitions.{size}.{key}.median",
                    f"competitions.{first}.{key}.median",
                ),
                Row(
                    f"{title}: queries at {size} applications, beside those at {first}",
                    f"competitions.{size}.{key}.queries",
                    f"competitions.{first}.{key}.queries",
                    bound=Exactly(1),
                ),
            ]
    rows += [
        Row(f"ranked list, {size} applications: asked for first", f"competitions.{size}.first")
        for size in sizes
    ]
    return Section(
        "Competitions",
        "One competition with so many applications, three reviews of each. SQLite, the production"
        " server, one request after the other (c1), server and client on a core each, the median of"
        f" {REQUESTS} requests. The baseline of the smaller size is pretalx 2026.2.1 with as many"
        " rows, measured apart on a machine of the same kind. What is asked for first is worked out"
        " then; later it is kept.",
        rows,
    )


def measure(report: Report, *, sizes: Sequence[Size] = SIZES, requests: int = REQUESTS) -> None:
    """Fill an instance of each size, kept for the next run, and ask for its pages."""
    for key, value in PEER_MS.items():
        report(f"competitions.peer.{key}.median", value, "ms", "pretalx 2026.2.1, not this run")
    for size in sizes:
        home = Home(FOLDER / f"competition-{size}")
        make_ready(home)
        numbers = [str(part) for part in (size.applications, size.reviewers, size.reviews)]
        asked = run(home.command(sys.executable, __file__, "--fill", *numbers))
        found = json.loads(asked.splitlines()[-1])
        note = f"{found['filled_s']:.0f} s to fill" if found["filled_s"] else "filled before"
        report(f"competitions.{size}.first", found["first_ms"] / 1000, "s", note)
        with server(home) as port, on_core(0):
            for key in PAGES:
                _page(report, size, key, port=port, found=found, requests=requests)


def _page(
    report: Report, size: Size, key: str, *, port: int, found: dict[str, Any], requests: int
) -> None:
    name = f"competitions.{size}.{key}"
    path = found["paths"].get(key, "")
    if not path:
        report(f"{name}.median", float("nan"), "ms", "there is no such page")
        return
    timed = time_page(port, path, found["cookie"], requests)
    note = f"p95 {timed.p95_ms:.0f} ms, {timed.size_bytes / 1000:.0f} kB, n {requests}"
    report(f"{name}.median", statistics.median(timed.durations_ms), "ms", note)
    report(f"{name}.queries", found["queries"][key], "queries", "")


# ------------------------------------------------------- in the process that has the program loaded


def main(arguments: list[str]) -> int:
    """Fill the instance unless it is, and print what to ask for as one line of JSON."""
    import django  # noqa: PLC0415 -- only this process loads the program

    django.setup()
    from lineshaft.apps.competitions.models import Competition  # noqa: PLC0415 -- after setup

    size = Size(*(int(part) for part in arguments[-3:]))
    filled_s = 0.0
    if not Competition.objects.filter(code=CODE).exists():
        started_s = time.perf_counter()
        _fill(size)
        filled_s = time.perf_counter() - started_s
    print(json.dumps({"filled_s": filled_s, **_asked()}))
    return 0


CODE: Final = "BENCH-1"


def _fill(size: Size) -> None:
    from django.db import connection, transaction  # noqa: PLC0415 -- after django.setup

    from lineshaft.apps.competitions.models import Competition  # noqa: PLC0415 -- as above

    random = Random(SEED)
    with transaction.atomic():
        competition: Competition = _competition()
        applications = _applications(competition, size)
        seats = _seats(competition, size)
        _reviews(competition, applications, seats, size, random)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _competition() -> Any:
    """Proposals under review, by the verbs."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 -- as above

    from lineshaft.apps.competitions import services  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.services import load_reference_network  # noqa: PLC0415
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    actor, now = Actor.system("bench"), datetime(2026, 3, 2, 14, tzinfo=UTC)
    load_reference_network(actor, now=now)
    terms = services.CompetitionTerms(
        title="One institute (demonstration)",
        summary="One.",
        eligibility="Non-profits.",
        agencies=("DOE",),
        ceiling_minor=7_000_000_000,
        match_share_bp=5_000,
        term_months_least=60,
        term_months_most=84,
        opens_at=now,
    )
    made: Any = services.draft_competition(
        actor,
        services.CompetitionProposal(CODE, "institute", "concept_and_replies", terms),
        now=now,
    )
    services.open_competition(actor, made, now=now)
    for number, verb in enumerate(
        (services.begin_review, services.call_applications, services.begin_review), 1
    ):
        ends_at = made.stages.get(number=number).ends_at
        verb(actor, made, now=ends_at + timedelta(minutes=1))
    made.refresh_from_db()
    return made


def _applications(competition: Any, size: Size) -> list[Any]:
    """Applications of as many organisations, each with a proposal handed in."""
    from lineshaft.apps.competitions.models import Application, Submission  # noqa: PLC0415
    from lineshaft.apps.network.models import Organisation  # noqa: PLC0415 -- as above

    now = competition.opened_at
    organisations = Organisation.objects.bulk_create(
        (
            Organisation(
                name=f"Instrument works {number} (demonstration)",
                kind="industry_sme",
                region="OH",
                is_demonstration=True,
                registered_at=now,
            )
            for number in range(size.applications)
        ),
        BATCH,
    )
    made = Application.objects.bulk_create(
        (
            Application(
                competition=competition,
                number=number,
                title=f"Instrument {number} (demonstration)",
                abstract="An open line for instruments.",
                lead=organisation,
                state="submitted",
                begun_at=now,
                changed_at=now,
                is_demonstration=True,
            )
            for number, organisation in enumerate(organisations, 1)
        ),
        BATCH,
    )
    stage = competition.stages.get(number=3)
    for some in batched(made, BATCH, strict=False):
        Submission.objects.bulk_create(
            Submission(
                application=one,
                stage=stage,
                number=1,
                content=_content(one),
                digest="0" * 64,
                submitted_at=now,
                submitted_by="bench",
            )
            for one in some
        )
    return made


def _content(application: Any) -> dict[str, Any]:
    """A proposal of ten kilobytes, as one is handed in."""
    from lineshaft.apps.competitions.queries import contents_of  # noqa: PLC0415 -- as above
    from lineshaft.apps.competitions.rules import SectionKey  # noqa: PLC0415 -- as above

    global _whole  # noqa: PLW0603 -- worked out once for all
    if _whole is None:
        _whole = contents_of(application)
    content = {**_whole, "terms": {**_whole["terms"], "title": application.title}}
    text = "Instruments are made one by one. " * (SECTION_CHARACTERS // 33)
    return {**content, **{key.value: {"text": text} for key in SectionKey}}


_whole: dict[str, Any] | None = None


def _seats(competition: Any, size: Size) -> list[Any]:
    from lineshaft.apps.network.models import Person  # noqa: PLC0415 -- as above
    from lineshaft.apps.reviewing.models import PanelSeat, Reviewer  # noqa: PLC0415 -- as above

    now, stage = competition.opened_at, competition.stages.get(number=4)
    people = Person.objects.bulk_create(
        (Person(name=f"Reviewer {number} (demonstration)") for number in range(size.reviewers)),
        BATCH,
    )
    reviewers = Reviewer.objects.bulk_create(
        (
            Reviewer(person=person, sector="industry", added_at=now, added_by="bench", load_most=50)
            for person in people
        ),
        BATCH,
    )
    return PanelSeat.objects.bulk_create(
        (
            PanelSeat(stage=stage, reviewer=one, state="accepted", load_most=50, invited_at=now)
            for one in reviewers
        ),
        BATCH,
    )


def _reviews(
    competition: Any, applications: list[Any], seats: list[Any], size: Size, random: Random
) -> None:
    """As many reviews of each application, by reviewers of different severity."""
    from datetime import timedelta  # noqa: PLC0415 -- as above

    from lineshaft.apps.reviewing.models import Assignment, Review, ReviewScore  # noqa: PLC0415

    now, criteria = competition.opened_at, list(competition.stages.get(number=4).criteria.all())
    severity = [random.gauss(0, 0.6) for _seat in seats]
    each = size.reviews // size.applications
    pairs = [
        (application, place)
        for application in applications
        for place in random.sample(range(len(seats)), each)
    ]
    for some in batched(pairs, BATCH, strict=False):
        assignments = Assignment.objects.bulk_create(
            Assignment(
                seat=seats[place],
                application=application,
                origin="solver",
                made_at=now,
                made_by="bench",
            )
            for application, place in some
        )
        reviews = Review.objects.bulk_create(
            Review(
                assignment=one,
                state="submitted",
                summary="Worth a look.",
                changed_at=now,
                submitted_at=now + timedelta(seconds=one.pk),  # no two at once, as it is
            )
            for one in assignments
        )
        ReviewScore.objects.bulk_create(
            score
            for review, (application, place) in zip(reviews, some, strict=True)
            for score in _scores(review, criteria, application.number, severity[place], random)
        )


def _scores(
    review: Any, criteria: list[Any], number: int, severity: float, random: Random
) -> Iterator[Any]:
    from lineshaft.apps.reviewing.models import ReviewScore  # noqa: PLC0415 -- as above

    good = 3 + Random(number).gauss(0, 0.7) + severity
    for criterion in criteria:
        score = min(5, max(1, round(good + random.gauss(0, 0.6))))
        yield ReviewScore(
            review=review,
            criterion=criterion,
            score=score,
            strengths="A line that others can use.",
            weaknesses="The plan of revenue is thin.",
        )


def _asked() -> dict[str, Any]:
    """Addresses with the queries that each makes once it was asked for, and a cookie."""
    from django.conf import settings  # noqa: PLC0415 -- after django.setup
    from django.db import connection  # noqa: PLC0415 -- as above
    from django.test import Client  # noqa: PLC0415 -- as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(_officer())
    paths = _paths()
    started_s = time.perf_counter()
    client.get(paths["ranking"])
    first_ms = (time.perf_counter() - started_s) * 1000
    queries = {}
    for key, path in paths.items():
        if path:
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            queries[key] = len(captured)
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}"
    return {"paths": paths, "queries": queries, "cookie": cookie, "first_ms": first_ms}


def _officer() -> Any:
    from datetime import date  # noqa: PLC0415 -- as above

    from lineshaft.plumbing import clock  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.access.models import User  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.access.services import grant_role, register_user  # noqa: PLC0415
    from lineshaft.plumbing.actor import Actor, RoleGrant  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.roles import Role, ScopeKind  # noqa: PLC0415 -- as above

    address, actor = "officer@bench.example", Actor.system("bench")
    found = User.objects.filter(email=address).first()
    if found is None:
        found = register_user(
            actor, email=address, name="Officer (demonstration)", password=None, now=clock.now()
        )
        grant = RoleGrant(Role.PROGRAMME_OFFICER, ScopeKind.NETWORK)
        grant_role(actor, found, grant, starts_on=date(2020, 1, 1), now=clock.now())
    return found


def _paths() -> dict[str, str]:
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415 -- as above

    from lineshaft.apps.competitions.models import Competition, Submission  # noqa: PLC0415

    key = Competition.objects.get(code=CODE).key
    middle = Submission.objects.order_by("pk")[Submission.objects.count() // 2]
    named: dict[str, tuple[str, list[Any]]] = {
        "list": ("competitions:list_submissions", [key]),
        "dashboard": ("reviewing:show_stage_reviews", [key, 4]),
        "application": ("competitions:show_submission", [key, middle.pk]),
        "ranking": ("reviewing:show_ranking", [key, 4]),
        "ranked": ("reviewing:show_ranked", [key, 4, middle.application.number]),
        "replies": ("reviewing:list_replies", [key]),
    }
    paths = {}
    for page, (name, args) in named.items():
        try:
            paths[page] = reverse(name, args=args)
        except NoReverseMatch:
            paths[page] = ""
    return paths


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
