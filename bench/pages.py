"""Pages of the production server: how long they take and how many queries they make, at two scales.

Each request has a connection of its own, one after the other, and every answer is checked. Server
and client keep to a core each where there are two. Queries are counted in a process that has the
program loaded, on the same database, once with empty and once with filled caches; a page's number
must be the same at both scales. The baseline is the page `about`: the same layout, no records.

    python bench/pages.py --inspect     what to ask for and how many queries it makes, as JSON;
                                        run by the benchmark with an instance's environment
"""

import contextlib
import http.client
import json
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bench.program import Failed, Home, demonstration, free_port, on_core, run, running
from bench.report import Exactly, Report, Row, Section

WARM_UP: Final = 5
BASELINE: Final = "about"
PAGES: Final = {
    BASELINE: "about, no records",
    "home": "home",
    "institutes": "institute list",
    "institute": "institute detail",
    "members": "members of an institute",
    "directory": "directory of members, searched",
    "needs": "needs and offers",
    "council": "council with three years of meetings",
    "meetings": "meetings of the council",
    "meeting": "a meeting of the council",
    "funding": "institute, funding tab",
    "report": "annual report",
    "overlaps": "overlapping awards, the queue",
    "overlap": "two awards side by side",
    "desk": "desk of the programme officer",
    "pairs": "records that may be one organisation",
    "pair": "two records, with the weights drawn",
}
SIGNED_IN: Final = (
    *("members", "directory", "needs"),
    *("council", "meetings", "meeting"),
    *("funding", "report", "overlaps", "overlap", "desk"),
    *("pairs", "pair"),
)
"""Asked for as the programme officer, who sees most; the others as anybody."""

CACHES: Final = ("empty", "filled")


def section(scales: tuple[int, ...]) -> Section:
    """The rows for these scales, the first of which the others are compared with."""
    first, *larger = scales
    rows = []
    for key, title in PAGES.items():
        rows += [
            Row(
                f"{title}, scale {scale}: median",
                f"pages.{scale}.{key}.median",
                f"pages.{scale}.{BASELINE}.median" if key != BASELINE else "",
            )
            for scale in scales
        ]
        rows += [
            Row(
                f"{title}: queries at scale {scale}, beside those at {first}; caches {caches}",
                f"pages.{scale}.{key}.queries_{caches}",
                f"pages.{first}.{key}.queries_{caches}",
                bound=Exactly(1),
            )
            for scale in larger
            for caches in CACHES
        ]
    return Section(
        "Pages",
        "SQLite, the production server, one connection for each request, one request after the"
        " other (c1), two server processes on one core and the client on another. A page's ratio is"
        f" to `about` at the same scale. Signed in: {', '.join(SIGNED_IN)}.",
        rows,
    )


@dataclass(frozen=True, slots=True)
class Inspected:
    """What to ask for in one instance, and how many queries a page makes by state of the caches."""

    paths: dict[str, str]
    cookie: str
    queries: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Timed:
    """How long a page took, over and over; in milliseconds."""

    durations_ms: tuple[float, ...]
    size_bytes: int

    @property
    def median_ms(self) -> float:
        return statistics.median(self.durations_ms)

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.durations_ms, n=20, method="inclusive")[-1]


def measure(report: Report, *, scales: tuple[int, ...], requests: int) -> None:
    """Measure every page at every scale."""
    for scale in scales:
        home = demonstration(scale)
        inspected = inspect(home)
        with server(home) as port, on_core(0):
            for key in PAGES:
                cookie = inspected.cookie if key in SIGNED_IN else ""
                timed = time_page(port, inspected.paths[key], cookie, requests)
                _report(report, scale, key, timed, inspected)


def inspect(home: Home) -> Inspected:
    """What there is in the instance, found out in a process of its own."""
    found = json.loads(run(home.command(sys.executable, __file__, "--inspect")).splitlines()[-1])
    return Inspected(**found)


@contextlib.contextmanager
def server(home: Home) -> Iterator[int]:
    """The instance served by two processes on the last core; yields the port."""
    port = free_port()
    command = home.lineshaft("serve", "--port", str(port), "--without-worker")
    command[1:1] = ["LINESHAFT_WORKERS=2"]
    if shutil.which("taskset"):
        command = ["taskset", "-c", "1", *command]
    with running(command, port):
        yield port


def time_page(port: int, path: str, cookie: str, requests: int) -> Timed:
    """Ask for the page `requests` times, as anybody where the cookie is empty.

    Raises Failed for any answer but the page.
    """
    headers = {"Host": "localhost", "Accept-Language": "en"}
    if cookie:
        headers["Cookie"] = cookie
    durations, size_bytes = [], 0
    for n in range(WARM_UP + requests):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        started_s = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started_s
        connection.close()
        if response.status != 200 or b"</html>" not in body:
            raise Failed(f"{path} answered {response.status}")
        if n >= WARM_UP:
            durations.append(seconds * 1000)
            size_bytes = len(body)
    return Timed(tuple(durations), size_bytes)


def _report(report: Report, scale: int, key: str, timed: Timed, inspected: Inspected) -> None:
    note = (
        f"p95 {timed.p95_ms:.1f} ms, {timed.size_bytes / 1000:.0f} kB, n {len(timed.durations_ms)}"
    )
    report(f"pages.{scale}.{key}.median", timed.median_ms, "ms", note)
    for caches in CACHES:
        count = inspected.queries[caches][key]
        report(f"pages.{scale}.{key}.queries_{caches}", count, "queries", "")


# ------------------------------------------------------- in the process that has the program loaded


def main() -> int:
    """Print what `Inspected` holds, as one line of JSON."""
    import django  # noqa: PLC0415 -- only this process loads the program

    django.setup()
    paths, cookie, client = _sign_in()
    queries: dict[str, dict[str, int]] = {caches: {} for caches in CACHES}
    for key, path in paths.items():
        chosen = client if key in SIGNED_IN else _client()
        _empty_caches()
        chosen.get(paths[BASELINE])  # what every first page looks up is not this page's own
        for caches in CACHES:
            queries[caches][key] = _queries(chosen, path)
    print(json.dumps({"paths": paths, "cookie": cookie, "queries": queries}))
    return 0


def _sign_in() -> tuple[dict[str, str], str, Any]:
    from django.conf import settings  # noqa: PLC0415 -- after django.setup
    from django.contrib.auth import get_user_model  # noqa: PLC0415 -- as above
    from django.urls import reverse  # noqa: PLC0415 -- as above

    from lineshaft.apps.governance.models import Body  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.models import AwardOverlap, OrganisationPair  # noqa: PLC0415
    from lineshaft.demonstration.calibration import DEMONSTRATION_YEAR  # noqa: PLC0415 -- as above
    from lineshaft.demonstration.personas import OWN_INSTITUTE, PERSONAS  # noqa: PLC0415 -- as above
    from lineshaft.kernel.jurisdiction import BodyKind  # noqa: PLC0415 -- as above

    client = _client()
    officer = next(persona for persona in PERSONAS if persona.key == "programme_officer")
    client.force_login(get_user_model().objects.get(email=officer.email))
    name = settings.SESSION_COOKIE_NAME
    council = Body.objects.get(kind=BodyKind.LEADERSHIP_COUNCIL)
    pair = OrganisationPair.objects.filter(state="found").order_by("-probability_bp", "pk")[0]
    paths = {
        "about": reverse("desk:about"),
        "home": reverse("desk:home"),
        "institutes": reverse("network:list_institutes"),
        "institute": reverse("network:show_institute", args=[OWN_INSTITUTE]),
        "members": reverse("memberships:list_members", args=[OWN_INSTITUTE]),
        "directory": reverse("memberships:list_directory") + "?q=milling",
        "needs": reverse("memberships:list_needs"),
        "council": council.get_absolute_url(),
        "meetings": reverse("governance:list_meetings") + f"?body={council.key}",
        "meeting": council.meetings.order_by("number")[2].get_absolute_url(),
        "funding": reverse("funding:show_funding", args=[OWN_INSTITUTE]),
        "report": reverse("insight:show_report", args=[DEMONSTRATION_YEAR]),
        "overlaps": reverse("network:list_overlaps") + "?state=any",
        "overlap": AwardOverlap.objects.order_by("-score_bp", "pk")[0].get_absolute_url(),
        "desk": reverse("desk:show_desk"),
        "pairs": reverse("network:list_pairs"),
        "pair": reverse("network:show_pair", args=[pair.pk]),
    }
    return paths, f"{name}={client.cookies[name].value}", client


def _client() -> Any:
    from django.test import Client  # noqa: PLC0415 -- after django.setup

    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")


def _empty_caches() -> None:
    from django.core.cache import caches  # noqa: PLC0415 -- after django.setup

    for cache in caches.all():
        cache.clear()


def _queries(client: Any, path: str) -> int:
    from django.db import connection  # noqa: PLC0415 -- after django.setup
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    if response.status_code != 200:
        raise Failed(f"{path} answered {response.status_code}")
    return len(captured)


if __name__ == "__main__":
    sys.exit(main())
