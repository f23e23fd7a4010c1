from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import (
    PolicyAttestation,
    PolicyComment,
    PolicyPosition,
    PolicyVersion,
)
from lineshaft.apps.governance.rules import PolicyArea, PositionKind
from lineshaft.apps.governance.services import PolicyProposal, Wording
from lineshaft.apps.governance.tests.factories import (
    BEGINNING,
    NOW,
    SYSTEM,
    TODAY,
    adopt,
    make_adopted,
    make_draft,
    revise,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import make_agency, make_institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AFTER = NOW + timedelta(days=60)


@pytest.fixture
def institute() -> Institute:
    return make_institute()


def state_of(version: PolicyVersion) -> str:
    return PolicyVersion.objects.values_list("state", flat=True).get(pk=version.pk)


def test_draft_policy_stores_policy_draft_and_event(programme_officer: Actor) -> None:
    proposal = PolicyProposal(
        PolicyArea.FINANCE, " One chart of accounts ", Wording("Costs \r\nare kept alike.\n")
    )
    version = services.draft_policy(programme_officer, proposal, now=NOW)
    assert (version.policy.key, version.policy.title) == (
        "one-chart-of-accounts",
        "One chart of accounts",
    )
    assert (version.number, version.state, version.text) == (1, "draft", "Costs\nare kept alike.")
    event = AuditEvent.objects.get()
    assert (event.verb, event.changes["area"]) == ("draft_policy", "finance")


def test_draft_policy_refuses_every_fault_at_once(programme_officer: Actor) -> None:
    proposal = PolicyProposal(
        "weather", " ", Wording(" ", changed="x" * 501), title_zh="甲" * 201, level="restricted"
    )
    with pytest.raises(Invalid) as caught:
        services.draft_policy(programme_officer, proposal, now=NOW)
    assert {fault.field for fault in caught.value.errors} == {
        "area",
        "level",
        "title",
        "title_zh",
        "text",
        "changed",
    }
    assert not AuditEvent.objects.exists()


def test_draft_policy_with_a_title_that_is_taken_changes_nothing(programme_officer: Actor) -> None:
    make_draft("Fees")
    proposal = PolicyProposal(PolicyArea.FINANCE, "fees", Wording("x"))
    with pytest.raises(Invalid, match="the title “fees” already"):
        services.draft_policy(programme_officer, proposal, now=NOW)
    assert PolicyVersion.objects.count() == 1


def test_revise_policy_replaces_the_open_draft_and_keeps_its_words() -> None:
    first = make_draft()
    second = revise(first)
    assert (state_of(first), second.number, state_of(second)) == ("replaced", 2, "draft")
    third = revise(adopt(second), "Other words.")
    assert (state_of(second), third.number, state_of(third)) == ("adopted", 3, "draft")


def test_revise_policy_without_new_words_or_without_any_is_refused() -> None:
    first = make_draft()
    wording = Wording(first.text + "\n ", first.text_zh)
    with pytest.raises(Refused, match="the same as that of version 1"):
        services.revise_policy(SYSTEM, first.policy, wording, now=NOW)
    with pytest.raises(Invalid, match="Write the text"):
        services.revise_policy(SYSTEM, first.policy, Wording(""), now=NOW)


def test_withdraw_draft_ends_it() -> None:
    draft = make_draft()
    assert services.withdraw_draft(SYSTEM, draft, now=NOW).state == "withdrawn"
    with pytest.raises(Refused, match="not possible while this is “Withdrawn”"):
        services.withdraw_draft(SYSTEM, draft, now=NOW)


def test_adopt_policy_puts_it_in_force_and_names_the_decision() -> None:
    version = adopt(make_draft())
    assert (version.state, version.in_force_on, version.decision) == (
        "adopted",
        BEGINNING,
        "Council, vote 3",
    )
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.why) == ("adopt_policy", "Council, vote 3")
    with pytest.raises(Refused, match="not possible while this is “Adopted”"):
        adopt(version)


@pytest.mark.parametrize("decision", [" ", "x" * 201])
def test_adopt_policy_wants_a_decision(decision: str) -> None:
    draft = make_draft()
    with pytest.raises(Invalid):
        services.adopt_policy(
            SYSTEM, draft, decision=decision, adopted_on=TODAY, in_force_on=TODAY, now=NOW
        )
    assert state_of(draft) == "draft"


def test_adopt_policy_on_a_day_that_can_only_be_a_slip_is_refused() -> None:
    draft = make_draft()
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(Invalid):
            services.adopt_policy(
                SYSTEM, draft, decision="Vote", adopted_on=TODAY, in_force_on=day, now=NOW
            )
    assert state_of(draft) == "draft"


def test_policies_whose_titles_give_one_key_have_keys_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = [make_draft(title).policy.key for title in ("Fees!", "Fees?", "Draft")]
    assert keys == ["fees", "fees-2", "draft-2"]
    monkeypatch.setattr("lineshaft.apps.governance.services.policies.free_key", lambda *_: "fees")
    with pytest.raises(Stale):
        make_draft("Other fees")


def test_adopt_policy_before_the_version_in_force_is_refused() -> None:
    second = revise(make_adopted())
    with pytest.raises(Refused, match="The next one begins later than that"):
        adopt(second, BEGINNING)
    assert state_of(second) == "draft"


def test_comment_on_policy_for_institute_agency_and_network(
    institute: Institute,
    institute_manager: Actor,
    agency_sponsor: Actor,
    programme_officer: Actor,
) -> None:
    make_agency("DOD")
    draft = make_draft()
    for actor, key in (
        (institute_manager, institute.key),
        (agency_sponsor, ""),
        (programme_officer, ""),
    ):
        services.comment_on_policy(actor, draft, " Rates? ", institute=key, now=NOW)
    said = PolicyComment.objects.order_by("pk").values_list("institute__key", "agency__key", "text")
    assert list(said) == [
        (institute.key, None, "Rates?"),
        (None, "DOD", "Rates?"),
        (None, None, "Rates?"),
    ]
    with pytest.raises(NotPermitted):
        services.comment_on_policy(institute_manager, draft, "x", institute="lift", now=NOW)
    with pytest.raises(NotPermitted):
        services.comment_on_policy(institute_manager, draft, "x", now=NOW)


@pytest.mark.parametrize("text", ["  ", "x" * 2001])
def test_comment_that_is_empty_or_too_long_is_refused(text: str) -> None:
    draft = make_draft()
    with pytest.raises(Invalid):
        services.comment_on_policy(SYSTEM, draft, text, now=NOW)


def test_comment_on_what_was_adopted_is_refused() -> None:
    version = make_adopted()
    with pytest.raises(Refused, match="Only a draft is open"):
        services.comment_on_policy(SYSTEM, version, "Rates?", now=NOW)


def test_state_position_once_and_again_changes_nothing(
    institute: Institute, institute_manager: Actor
) -> None:
    version = make_adopted()

    def state(kind: PositionKind, reason: str = "") -> PolicyPosition:
        return services.state_position(
            institute_manager, version, institute=institute.key, kind=kind, reason=reason, now=NOW
        )

    first = state(PositionKind.ADOPTS)
    assert state(PositionKind.ADOPTS) == first
    other = state(PositionKind.DEVIATES, "The test bed is rented.")
    assert (other.kind, other.reason) == ("deviates", "The test bed is rented.")
    assert PolicyPosition.objects.count() == 2
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.institute, event.why) == (
        "state_position",
        institute.key,
        "The test bed is rented.",
    )


def test_state_position_is_refused_where_a_rule_says_no(institute: Institute) -> None:
    first = make_adopted()
    draft = revise(first)

    def state(version: PolicyVersion, key: str, reason: str = "") -> None:
        services.state_position(
            SYSTEM,
            version,
            institute=key,
            kind=PositionKind.DEVIATES if reason else PositionKind.ADOPTS,
            reason=reason,
            now=NOW,
        )

    with pytest.raises(Refused, match="Version 2 is “Draft”"):
        state(draft, institute.key)
    adopt(draft, date(2022, 3, 1))
    with pytest.raises(Refused, match="overtaken by version 2"):
        state(first, institute.key)
    with pytest.raises(Invalid, match="longer than 2000"):
        state(draft, institute.key, "x" * 2001)
    with pytest.raises(NotFound, match="no institute “nowhere”"):
        state(draft, "nowhere")
    make_institute("gone", status="terminated")
    with pytest.raises(Refused, match="Only an institute at work"):
        state(draft, "gone")
    assert not PolicyPosition.objects.exists()


def test_state_position_before_any_is_in_force_is_taken(institute: Institute) -> None:
    version = services.adopt_policy(
        SYSTEM,
        make_draft(),
        decision="Council",
        adopted_on=TODAY,
        in_force_on=TODAY + timedelta(days=30),
        now=NOW,
    )
    services.state_position(
        SYSTEM, version, institute=institute.key, kind=PositionKind.ADOPTS, now=NOW
    )
    assert PolicyPosition.objects.get().version == version


def attest(institute: Institute, version: PolicyVersion, **given: object) -> PolicyAttestation:
    values = {"fiscal_year": 2022, "is_kept": True, "now": AFTER} | given
    return services.attest_policy(
        SYSTEM,
        version.policy,
        institute=institute.key,
        **values,  # type: ignore[arg-type] # of the keys above
    )


def test_attest_policy_once_a_year_for_the_version_of_its_end(institute: Institute) -> None:
    first = make_adopted()
    adopt(revise(first), date(2022, 7, 1))
    with pytest.raises(Refused, match="there is nothing that it kept to"):
        attest(institute, first)
    second = PolicyVersion.objects.get(number=2)
    services.state_position(
        SYSTEM, second, institute=institute.key, kind=PositionKind.ADOPTS, now=NOW
    )
    made = attest(institute, first)
    assert (made.version.number, made.is_kept) == (2, True)
    with pytest.raises(Refused, match="attested already"):
        attest(institute, first)
    with pytest.raises(Refused, match="No version of this policy was in force"):
        attest(institute, first, fiscal_year=2020)
    with pytest.raises(Refused, match="Attest it once it is over"):
        attest(institute, first, fiscal_year=2023)
    with pytest.raises(Refused, match="Say in what"):
        attest(institute, first, fiscal_year=2021, is_kept=False)
    for year in (0, 10**12):
        with pytest.raises(Invalid, match="four digits"):
            attest(institute, first, fiscal_year=year)
    assert PolicyAttestation.objects.count() == 1


def test_verbs_are_for_those_of_the_table(
    institute: Institute, institute_manager: Actor, programme_officer: Actor
) -> None:
    version = make_adopted()
    with pytest.raises(NotPermitted):
        services.revise_policy(institute_manager, version.policy, Wording("x"), now=NOW)
    with pytest.raises(NotPermitted):
        services.state_position(
            programme_officer,
            version,
            institute=institute.key,
            kind=PositionKind.ADOPTS,
            now=NOW,
        )


def test_the_database_keeps_the_text_of_a_version() -> None:
    version = make_draft()
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(text="Other words.")
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(state="adopted")
    assert (version.policy.name, str(version.policy)) == ("Sharing test beds",) * 2
