"""The same contribution, or the same evidence, claimed on two awards."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Agreement, Contribution, ContributionDuplicate
from lineshaft.apps.funding.rules import Claimed, DuplicateSign
from lineshaft.apps.funding.services import duplicates
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.services import add_organisation_alias
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.actor import Actor

CLAIMED = Claimed(UUID(int=1), 1, 1, 1, "cash", "USD", 100, IN_TERM)
OTHER = replace(CLAIMED, id=UUID(int=2), agreement_id=2, institute_id=2)
THRESHOLD = 2_500_000


# ------------------------------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("change", "is_same_contributor", "expected"),
    [
        pytest.param({}, True, True, id="another award"),
        pytest.param({"agreement_id": 1}, True, False, id="the same award"),
        pytest.param({}, False, False, id="another contributor"),
        pytest.param({"claimed_minor": 101}, True, False, id="another amount"),
        pytest.param({"currency": "CNY"}, True, False, id="another currency"),
        pytest.param({"kind": "space"}, True, False, id="another kind"),
        pytest.param({"occurred_on": IN_TERM - timedelta(31)}, True, True, id="a month before"),
        pytest.param({"occurred_on": IN_TERM + timedelta(32)}, True, False, id="later than that"),
    ],
)
def test_same_content(change: dict[str, Any], *, is_same_contributor: bool, expected: bool) -> None:
    other = replace(OTHER, **change)
    found = rules.is_same_content(CLAIMED, other, is_same_contributor=is_same_contributor)
    assert found is expected


@pytest.mark.parametrize(
    ("mark", "change", "is_same_contributor", "expected"),
    [
        pytest.param("file:1", {}, False, DuplicateSign.FILE, id="one file, two givers"),
        pytest.param("file:1", {"agreement_id": 1}, True, None, id="one file, one award"),
        pytest.param("ref:1", {}, True, DuplicateSign.REFERENCE, id="reference, same giver"),
        pytest.param("ref:1", {}, False, None, id="reference of two books"),
        pytest.param("ref:1", {"institute_id": 1}, False, DuplicateSign.REFERENCE, id="one book"),
    ],
)
def test_sign_of_a_mark_in_common(
    mark: str,
    change: dict[str, Any],
    expected: DuplicateSign | None,
    *,
    is_same_contributor: bool,
) -> None:
    other = replace(OTHER, **change)
    found = rules.sign_of_mark(mark, CLAIMED, other, is_same_contributor=is_same_contributor)
    assert found is expected


@pytest.mark.parametrize(
    ("reference", "mark"),
    [
        ("Bank statement 2022-09, l. 14", "ref:bankstatement202209l14"),
        ("BANK STATEMENT 2022/09 L 14", "ref:bankstatement202209l14"),
        ("–", ""),
        ("x" * 300, f"ref:{'x' * 216}"),
    ],
)
def test_mark_of_a_reference_is_its_bare_letters(reference: str, mark: str) -> None:
    assert rules.evidence_mark(reference=reference) == mark


@pytest.mark.parametrize(
    ("count", "is_recorder", "is_second_line", "reason", "code"),
    [
        pytest.param(0, True, False, "", "", id="nothing found"),
        pytest.param(1, False, True, "Other work", "", id="second person with reason"),
        pytest.param(1, False, True, " ", "claimed_twice", id="no reason"),
        pytest.param(1, True, True, "Other work", "claimed_twice", id="recorder"),
        pytest.param(1, False, False, "Other work", "claimed_twice", id="not second line"),
    ],
)
def test_claimed_once(
    count: int, reason: str, code: str, *, is_recorder: bool, is_second_line: bool
) -> None:
    refusal = rules.claimed_once(
        count, is_recorder=is_recorder, is_second_line=is_second_line, reason=reason
    )
    assert (refusal.code if refusal else "") == code


# --------------------------------------------------------------------------------------- services


def two_awards() -> tuple[Agreement, Agreement]:
    """Of two institutes, under two agencies."""
    return factories.agreement(), factories.agreement(
        "DE-1", institute_key="iacmi", agency_key="DOE"
    )


def pair(
    mine: Agreement, other: Agreement, *, contributor: Organisation | None = None, **given: Any
) -> tuple[Contribution, Contribution]:
    """One small contribution to each, alike but for what is given for the second."""
    actor = factories.finance()
    first = factories.claim(mine, amount_minor=9_00, evidence=("receipt 1",))
    second = factories.claim(other, contributor, amount_minor=9_00, evidence=("ledger 9",))
    return (
        services.record_contribution(actor, first, now=NOW),
        services.record_contribution(
            factories.finance("iacmi"),
            replace(second, **given),
            now=NOW,
        ),
    )


def signs() -> list[str]:
    return sorted(ContributionDuplicate.objects.values_list("sign", flat=True))


@pytest.mark.django_db
@pytest.mark.database
def test_same_contribution_under_another_spelling_is_found_across_institutes() -> None:
    twin = factories.organisation("BRASS & BOLT WORKS, Inc.")
    first, second = pair(*two_awards(), contributor=twin)
    found = ContributionDuplicate.objects.get()
    assert {found.first_id, found.second_id} == {first.pk, second.pk}
    assert found.sign == "content"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "alias", "expected"),
    [
        pytest.param("Brass and Bold Works", "", ["content"], id="misspelt"),
        pytest.param("B. B. Holding", "Brass and Bolt Works", ["content"], id="alias"),
        pytest.param("Copper Pipe Company", "", [], id="somebody else"),
    ],
)
def test_contributor_is_known_by_its_names(name: str, alias: str, expected: list[str]) -> None:
    twin = factories.organisation(name)
    if alias:
        add_organisation_alias(SYSTEM, twin, alias, now=NOW)
    pair(*two_awards(), contributor=twin)
    assert signs() == expected


@pytest.mark.django_db
def test_misspelt_names_are_not_compared_among_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MISSPELT_AMONG", 1)
    pair(*two_awards(), contributor=factories.organisation("Brass and Bold Works"))
    assert signs() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"amount_minor": 8_00, "evidence": ("RECEIPT-1",)}, ["reference"], id="ref"),
        pytest.param({"evidence": ("Receipt 1",)}, ["content", "reference"], id="both"),
        pytest.param({"occurred_on": date(2022, 6, 1)}, [], id="another quarter"),
    ],
)
def test_evidence_in_common_is_found(given: dict[str, Any], expected: list[str]) -> None:
    pair(*two_awards(), **given)
    assert signs() == expected


@pytest.mark.django_db
def test_same_file_is_found_whoever_gave_it_and_when_it_is_attached_later() -> None:
    first, second = pair(
        *two_awards(), contributor=factories.organisation("Copper"), amount_minor=7_00
    )
    for contribution in (first, second):
        assert signs() == []
        services.attach_evidence(
            SYSTEM,
            contribution.pk,
            now=NOW,
            files=[services.EvidenceFile("lease.csv", BytesIO(b"month,rent\n1,2\n"))],
        )
    assert signs() == ["file"]


@pytest.mark.django_db
def test_under_one_award_nothing_is_found() -> None:
    agreement = factories.agreement()
    for name in ("one", "two"):
        factories.contribution(agreement, name=name)
    assert signs() == []


@pytest.mark.django_db
def test_of_one_careless_reference_only_some_pairs_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duplicates, "PAIRS_EACH", 2)
    mine, other = factories.agreement(), factories.agreement("W911-2")
    claims = [
        factories.claim(agreement, name=str(place), amount_minor=100 + place)
        for agreement in (mine, other)
        for place in range(5)
    ]
    services.record_contributions(SYSTEM, claims, now=NOW, why="file")
    assert 10 <= signs().count("reference") <= 20
    for claim in claims:
        with pytest.raises(Refused):
            services.accept_contribution(
                SYSTEM, claim.id, accepted_minor=None, today=TODAY, now=NOW
            )


def accept(actor: Actor, contribution: Contribution, reason: str = "") -> Contribution:
    return services.accept_contribution(
        actor, contribution.pk, accepted_minor=None, reason=reason, today=TODAY, now=NOW
    )


@pytest.mark.django_db
@pytest.mark.database
def test_contribution_claimed_twice_is_accepted_by_a_second_person_with_a_reason() -> None:
    mine, _other = pair(*two_awards())
    finance, manager = factories.finance(), factories.manager()
    for actor, reason in ((finance, "Two payments"), (manager, ""), (finance, "")):
        with pytest.raises(Refused) as error:
            accept(actor, mine, reason)
        assert (refusal_code(error), error.value.citation) == ("claimed_twice", "2 CFR 200.306(b)")
    accepted = accept(manager, mine, "Two payments")
    assert (accepted.accepted_minor, accepted.decision_reason) == (9_00, "Two payments")
    assert accept(manager, mine, "Two payments").accepted_minor == 9_00


@pytest.mark.django_db
def test_contribution_whose_double_is_refused_is_accepted_as_any_other() -> None:
    mine, other = pair(*two_awards())
    services.refuse_contribution(SYSTEM, other.pk, reason="Claimed before", today=TODAY, now=NOW)
    assert accept(factories.finance(), mine).state == "accepted"


@pytest.mark.django_db
def test_double_that_was_recorded_at_the_same_moment_is_found_before_acceptance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(
            "lineshaft.apps.funding.services.contributions.note_duplicates",
            lambda *_ids, now: None,
        )
        mine, _other = pair(*two_awards())
    assert signs() == []
    with pytest.raises(Refused) as error:
        accept(factories.finance(), mine)
    assert refusal_code(error) == "claimed_twice"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_finding_takes_the_same_queries_for_any_number(count: int) -> None:
    mine, other = two_awards()
    claims = [
        factories.claim(agreement, name=str(place), amount_minor=100 + place)
        for agreement in (mine, other)
        for place in range(count)
    ]
    services.record_contributions(SYSTEM, claims, now=NOW, why="file")
    with CaptureQueriesContext(connection) as captured:
        duplicates.note_duplicates([claim.id for claim in claims], now=NOW)
    assert len(captured) == 8


@pytest.mark.django_db
def test_contributions_to_decide_leave_what_looks_claimed_twice_to_the_second_person() -> None:
    mine, _other = pair(*two_awards())
    assert mine.claimed_minor < THRESHOLD
    assert list(queries.contributions_to_decide(factories.finance())) == []
    assert list(queries.contributions_to_decide(factories.manager())) == [mine]


# ------------------------------------------------------------------------------ pages and the API


@pytest.fixture
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


@pytest.mark.django_db
@pytest.mark.usefixtures("_without_second_factor")
def test_of_the_other_institutes_contribution_nothing_is_shown_but_that_it_exists(
    client: Client,
) -> None:
    twin = factories.organisation("Brass and Bolt Works LLC")
    mine, other = pair(*two_awards(), contributor=twin, external_id="SECRET-NUMBER")
    signed_in(client, factories.finance())
    addresses = (
        mine.get_absolute_url(),
        reverse("funding:accept_contribution", args=[mine.pk]),
        reverse("funding:list_duplicates", args=["america-makes"]),
        f"/api/v1/contributions/{mine.pk}/duplicates",
    )
    for address in addresses:
        text = client.get(address).content.decode()
        assert str(other.pk) not in text
        for secret in ("Works LLC", "iacmi", "Iacmi", "DE-1", "SECRET-NUMBER"):
            assert secret not in text
    assert "one that you may not open" in client.get(addresses[0]).content.decode()
    assert client.get(addresses[3]).json() == [
        {"signs": ["content"], "contribution_id": None, "agreement_id": None}
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("_without_second_factor")
def test_network_staff_open_both_sides(client: Client) -> None:
    mine, other = pair(*two_awards())
    signed_in(client, factories.officer())
    assert other.get_absolute_url() in client.get(mine.get_absolute_url()).content.decode()
    shown = client.get(f"/api/v1/contributions/{mine.pk}/duplicates").json()
    assert shown == [
        {
            "signs": ["content"],
            "contribution_id": str(other.pk),
            "agreement_id": other.agreement_id,
        }
    ]
    page = client.get(reverse("funding:list_duplicates", args=["iacmi"]))
    assert page.context["title"] == "1 contribution to Iacmi looks claimed on another award too"
    assert mine.get_absolute_url() in page.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("_without_second_factor")
def test_list_of_an_institute_without_any_says_so_and_strangers_do_not_find_it(
    client: Client,
) -> None:
    factories.contribution(factories.agreement(), amount_minor=MILLION)
    url = reverse("funding:list_duplicates", args=["america-makes"])
    assert client.get(url).status_code == 404
    signed_in(client, factories.manager())
    title = client.get(url).context["title"]
    assert title == "No contribution to America-Makes looks claimed on another award"


@pytest.mark.django_db
@pytest.mark.usefixtures("_without_second_factor")
@pytest.mark.parametrize("count", [1, 3])
def test_list_of_duplicates_takes_the_same_queries_at_any_length(
    client: Client, count: int
) -> None:
    mine, other = two_awards()
    for agreement in (mine, other):
        for place in range(count):
            factories.contribution(agreement, name=str(place), amount_minor=100 + place)
    signed_in(client, factories.officer())
    url = reverse("funding:list_duplicates", args=["america-makes"])
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert len(answer.context["table"].rows) == count * count
    assert len(captured) == 11
