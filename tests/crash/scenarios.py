"""The work that is killed: each scenario prepares a database and then takes steps, one verb each.

A step is all or nothing, and harmless when it is taken again, so a scenario can be begun anew at
any time and ends in the same state. Every moment and every id is given, never drawn.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from lineshaft.apps.funding.models import Agreement, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.services import (
    Acceptance,
    AgreementTerms,
    Claim,
    EvidenceFile,
    TransferRow,
    accept_contributions,
    activate_agreement,
    authorise_funds,
    correct_transfer,
    draw_funds,
    obligate_funds,
    post_transfers,
    record_contribution,
    record_contributions,
    release_obligation,
    sign_agreement,
)
from lineshaft.apps.insight.models import ReportEdition, Snapshot
from lineshaft.apps.insight.queries import figures_digest
from lineshaft.apps.insight.services import (
    attest_part,
    open_report,
    publish_report,
    restate_report,
    take_snapshot,
)
from lineshaft.apps.memberships.services import MemberRow, admit_members
from lineshaft.apps.network.models import Agency, Institute, Organisation
from lineshaft.apps.network.services import (
    OrganisationRow,
    load_reference_network,
    register_organisations,
)
from lineshaft.kernel.ids import derived_id
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import seal
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import import_spec
from lineshaft.plumbing.exchange.services import enqueue_batch, run_import, store_import
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle

NOW: Final = datetime(2022, 9, 1, 12, 0, tzinfo=UTC)
TODAY: Final = NOW.date()
SIGNED_ON: Final = date(2021, 10, 1)
IN_TERM: Final = date(2022, 3, 1)
YEAR: Final = 2022
KEY: Final = "america-makes"
MILLION_MINOR: Final = 100_000_000
LARGE_BATCH_ROWS: Final = 10_000
ACTOR: Final = Actor.system("crash test")
KINDS: Final = ("industry_sme", "industry_large", "university", "community_college")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Work that is done, killed and done again on copies of a beginning, by name."""

    beginning: str
    steps: tuple[Callable[[], object], ...]


def create_network() -> None:
    """Empty tables made ready: the reference network, organisations, money."""
    load_reference_network(ACTOR, now=NOW)
    rows = [
        OrganisationRow(number=n, name=f"Anvil Works {n}", kind=KINDS[n % 4], region="OH")
        for n in range(1, 41)
    ]
    register_organisations(ACTOR, rows, now=NOW, why="first list")
    sign_agreement(
        ACTOR,
        Institute.objects.get(key=KEY),
        Agency.objects.get(key="DOD"),
        terms=AgreementTerms(
            number="W911-22-1",
            currency="USD",
            signed_on=SIGNED_ON,
            starts_on=SIGNED_ON,
            ends_on=date(2026, 10, 1),
            federal_total_minor=70 * MILLION_MINOR,
        ),
        now=NOW,
    )
    activate_agreement(ACTOR, _agreement().pk, today=TODAY, now=NOW)


# ---------------------------------------------------------------------------------------- import


def table_of(count: int, *, city: str) -> io.BytesIO:
    """A list of so many organisations, all in that city."""
    lines = [f"Anvil Works {n},{KINDS[n % 4]},OH,{city},US" for n in range(20, 20 + count)]
    return io.BytesIO("\n".join(["name,kind,region,city,country", *lines]).encode())


def _import(count: int, city: str) -> None:
    spec = import_spec("organisations")
    file = table_of(count, city=city)
    report = run_import(ACTOR, spec, file, name=f"{city}.csv", is_dry_run=False, now=NOW)
    assert report.errors == (), report.errors


# --------------------------------------------------------------------------------------- posting


def _agreement() -> Agreement:
    return Agreement.objects.get(number="W911-22-1")


def _organisation(number: int) -> Organisation:
    return Organisation.objects.get(name=f"Anvil Works {number}")


def ledger_id(*parts: str | int) -> UUID:
    """The id that the same words always give."""
    return derived_id("crash", *parts)


def _authorise() -> None:
    authorise_funds(
        ACTOR,
        _agreement(),
        id=ledger_id("authorise"),
        amount_minor=20 * MILLION_MINOR,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def _obligate() -> None:
    obligate_funds(
        ACTOR,
        _agreement(),
        id=ledger_id("obligate"),
        amount_minor=10 * MILLION_MINOR,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def _draw() -> None:
    draw_funds(
        ACTOR,
        Transfer.objects.get(pk=ledger_id("obligate")),
        id=ledger_id("draw"),
        amount_minor=3 * MILLION_MINOR,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def _draw_in_batch() -> None:
    agreement_id = _agreement().pk
    rows = [
        TransferRow(
            ledger_id("batch", n),
            agreement_id,
            TransferCode.DRAW,
            100_000 + n,
            "USD",
            IN_TERM,
            pending_id=ledger_id("obligate"),
        )
        for n in range(60)
    ]
    post_transfers(ACTOR, rows, now=NOW, why="a quarter's drawdowns")


def _post_large_batch() -> None:
    """Money authorised, obligated and drawn in turn, over ninety days."""
    agreement_id = _agreement().pk
    codes = (TransferCode.AUTHORISE, TransferCode.OBLIGATE, TransferCode.DRAW)
    rows = [
        TransferRow(
            ledger_id("large batch", n),
            agreement_id,
            codes[n % 3],
            100_000,
            "USD",
            IN_TERM + timedelta(days=n // 3 % 90),
            pending_id=ledger_id("large batch", n - 1) if n % 3 == 2 else None,
        )
        for n in range(LARGE_BATCH_ROWS)
    ]
    post_transfers(ACTOR, rows, now=NOW, why="a year's movements")


def _correct() -> None:
    correct_transfer(
        ACTOR,
        Transfer.objects.select_related("debit_account").get(pk=ledger_id("draw")),
        id=ledger_id("correct"),
        amount_minor=1_000_000,
        occurred_on=IN_TERM,
        reason="drawn twice",
        now=NOW,
    )


def _release() -> None:
    release_obligation(
        ACTOR,
        Transfer.objects.get(pk=ledger_id("obligate")),
        id=ledger_id("release"),
        occurred_on=IN_TERM,
        reason="not needed",
        now=NOW,
    )


def claim_of(number: int, kind: str) -> Claim:
    """A contribution to the agreement, by one of the organisations."""
    return Claim(
        id=ledger_id("claim", number),
        agreement_id=_agreement().pk,
        organisation_id=_organisation(1 + number % 12).pk,
        kind=kind,
        amount_minor=250_000 + number,
        currency="USD",
        occurred_on=IN_TERM,
        market_value_minor=None if kind == "cash" else 250_000 + number,
        basis_of_value="price list",
        evidence=(f"receipt {number}",),
    )


def _record_contribution() -> None:
    evidence = EvidenceFile("receipt.txt", io.BytesIO(b"received with thanks\n" * 40))
    record_contribution(ACTOR, claim_of(0, "cash"), now=NOW, files=[evidence])


def _record_contributions() -> None:
    record_contributions(ACTOR, _claims(), now=NOW, why="a quarter's cost share")


def _accept_contributions() -> None:
    acceptances = [Acceptance(claim.id) for claim in _claims()]
    accept_contributions(ACTOR, acceptances, today=TODAY, now=NOW, why="checked")


def _claims() -> list[Claim]:
    return [claim_of(n, "cash" if n % 2 else "supplies") for n in range(1, 31)]


def _seal() -> None:
    seal(now=NOW)


# ------------------------------------------------------------------------------------ publication


def _prepare_report() -> None:
    _authorise()
    _obligate()
    _draw()
    _record_contributions()
    _accept_contributions()
    members = [
        MemberRow(
            number=n,
            organisation_id=_organisation(n).pk,
            institute_key=KEY,
            tier="industry",
            starts_on=SIGNED_ON,
        )
        for n in range(1, 41)
        if KINDS[n % 4] == "industry_sme"
    ]
    admit_members(ACTOR, members, now=NOW, why="first list")
    take_snapshot(ACTOR, now=NOW)
    open_report(ACTOR, YEAR, now=NOW)


def _attest() -> None:
    edition = ReportEdition.objects.get(number=1)
    for part in edition.parts.filter(state="draft"):
        digest = figures_digest(edition.snapshot, YEAR, part.institute)
        attest_part(ACTOR, YEAR, institute=part.institute, seen_digest=digest, now=NOW)


def _publish() -> None:
    if ReportEdition.objects.filter(number=1, state="draft").exists():
        publish_report(ACTOR, YEAR, now=NOW)


def _restate() -> None:
    if not ReportEdition.objects.filter(number=2).exists():
        restate_report(ACTOR, YEAR, reason="a drawdown was missing", now=NOW)


def _take_later_snapshot() -> None:
    later = NOW + timedelta(hours=1)
    if not Snapshot.objects.filter(taken_at=later).exists():
        take_snapshot(ACTOR, now=later)


# -------------------------------------------------------------------------------------------- job


def _queue_import() -> None:
    spec = import_spec("organisations")
    batch = store_import(
        ACTOR, spec, table_of(80, city="Dayton"), name="Dayton.csv", is_dry_run=False, now=NOW
    )
    enqueue_batch(ACTOR, batch, now=NOW)


def _work() -> None:
    """What a worker does that is started after the lease of a killed one has run out."""
    Job.objects.filter(state="running").update(leased_until=NOW - timedelta(days=1))
    run_until_idle()


def nothing_is_left_over() -> list[str]:
    """What the records don't show: jobs not done, batches that wait for a job that is over."""
    left = [f"job {job.kind} is {job.state}" for job in Job.objects.exclude(state="done")]
    waiting = ImportBatch.objects.filter(job_id__isnull=False).exclude(state="applied")
    return left + [f"import {batch.source.name} is {batch.state}" for batch in waiting]


BEGINNINGS: Final[dict[str, Callable[[], None]]] = {
    "network": lambda: None,
    "report": _prepare_report,
    "queue": _queue_import,
}
"""What is done once to the network that `create_network` leaves, by name."""

SCENARIOS: Final = {
    "import": Scenario(
        beginning="network",
        steps=(lambda: _import(60, "Toledo"), lambda: _import(90, "Akron")),
    ),
    "posting": Scenario(
        beginning="network",
        steps=(
            _authorise,
            _obligate,
            _draw,
            _draw_in_batch,
            _correct,
            _record_contribution,
            _record_contributions,
            _accept_contributions,
            _release,
            _seal,
        ),
    ),
    "batch": Scenario(beginning="network", steps=(_post_large_batch,)),
    "publication": Scenario(beginning="report", steps=(_attest, _publish, _restate)),
    "snapshot": Scenario(beginning="report", steps=(_draw_in_batch, _take_later_snapshot)),
    "job": Scenario(beginning="queue", steps=(_work,)),
}
