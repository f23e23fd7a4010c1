"""Reads of the network's ground: who may see which institutes, organisations, people.

Every read of a thing that can be shared starts from its `*_visible_to(actor)`. Institutes, agencies
and technology areas are public; an organisation carries a sharing level; people are seen by network
staff, by the staff of the institute they serve, and by themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched
from typing import Final

from django.conf import settings
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Agency,
    Institute,
    InstituteDate,
    InstituteName,
    InstituteSponsor,
    Organisation,
    OrganisationAlias,
    OrganisationIdentifier,
    Person,
    PersonRole,
    TechnologyArea,
)
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.profile import JurisdictionProfile, load_profile
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import level_is_visible, visible_q

LOOKUP_BATCH = 2000
"""Values in one IN list: few queries, and far below what either database takes."""

NAMES_NARROWED = 20
"""Up to so many names the database looks for them; one pass over all is quicker beyond."""

_STANDING = Coalesce("organisation__merged_into_id", "organisation_id")
"""The record that stands for the organisation that an alias or identifier belongs to."""

_NO_INSTITUTE = gettext_noop(
    "There is no institute “%(name)s”. Write its key, or a name it has had."
)
_MANY_INSTITUTES = gettext_noop("“%(name)s” names several institutes: %(keys)s. Write the key.")
_NO_PERSON = gettext_noop("There is no such person, or none that you may see.")
_NO_ORGANISATION = gettext_noop("There is no such organisation, or none that you may see.")


def profile_in_use() -> JurisdictionProfile:
    """The jurisdiction profile that this installation runs under."""
    return load_profile(settings.PROFILE)


# ----------------------------------------------------------------------------------- institutes


def institutes_visible_to(actor: Actor) -> QuerySet[Institute]:
    """All institutes, public in every state; no extension centre."""
    return recipients_visible_to(actor).filter(kind=rules.RecipientKind.INSTITUTE)


def extension_centres_visible_to(actor: Actor) -> QuerySet[Institute]:
    """The extension centres that stand beside the institutes."""
    return recipients_visible_to(actor).filter(kind=rules.RecipientKind.EXTENSION_CENTRE)


def recipients_visible_to(actor: Actor) -> QuerySet[Institute]:
    """Institutes and centres alike, with place, areas and sponsors (the lead first).

    The organisation that leads one is None for whoever may not see that organisation.
    """
    return Institute.objects.select_related("place").prefetch_related(
        Prefetch("lead", queryset=organisations_visible_to(actor)),
        "technology_areas",
        Prefetch(
            "sponsors",
            queryset=InstituteSponsor.objects.select_related("agency").order_by(
                "-role", "agency__key"
            ),
        ),
    )


def institutes_filtered(
    rows: QuerySet[Institute], *, q: str = "", status: str = "", sponsor: str = "", area: str = ""
) -> QuerySet[Institute]:
    """The institutes that bear a name like `q`, in that status, of that sponsor, in that area.

    An area takes those below it with it; an office's department counts as sponsor.
    """
    if q.strip():
        folded = rules.folded_name(q)
        named = Q(name__icontains=q.strip()) | Q(name_zh__icontains=q.strip()) | Q(key=q.strip())
        if folded:
            aliased = InstituteName.objects.filter(folded__contains=folded)
            named |= Q(pk__in=aliased.values("institute_id"))
        rows = rows.filter(named)
    if status:
        rows = rows.filter(status=status)
    if sponsor:
        sponsored = InstituteSponsor.objects.filter(agency__key=sponsor)
        rows = rows.filter(pk__in=sponsored.values("institute_id"))
    if area:
        under = technology_area_keys_under(area)
        rows = rows.filter(
            pk__in=Institute.objects.filter(technology_areas__key__in=under).values("pk")
        )
    return rows


def with_dates(rows: QuerySet[Institute]) -> QuerySet[Institute]:
    """Annotated with the name in small letters, to sort by, and with the day and precision of
    announcement and establishment.
    """
    rows = rows.annotate(name_folded=Lower("name"))
    for kind in (rules.DateKind.ANNOUNCED, rules.DateKind.ESTABLISHED):
        dates = InstituteDate.objects.filter(
            institute=OuterRef("pk"), kind=kind, edition=rules.Edition.TODAY
        ).order_by("-on")
        rows = rows.annotate(
            **{
                f"{kind}_on": Subquery(dates.values("on")[:1]),
                f"{kind}_precision": Subquery(dates.values("precision")[:1]),
            }
        )
    return rows


def institutes_by_status(actor: Actor) -> dict[str, int]:
    """How many institutes stand in each status."""
    rows = institutes_visible_to(actor).prefetch_related(None).select_related(None)
    return dict(rows.order_by("status").values_list("status").annotate(number=Count("pk")))


def institute_detail(actor: Actor, key: str) -> Institute:
    """The institute or centre with its names, dates and facts at hand; raises NotFound."""
    return _one_institute(
        recipients_visible_to(actor).prefetch_related(
            "names", "dates", "facts", "sponsors__offices"
        ),
        key,
    )


def institute_by_key(actor: Actor, key: str) -> Institute:
    """The institute or centre of that key; raises NotFound."""
    return _one_institute(recipients_visible_to(actor), key)


def institute_by_name(actor: Actor, name: str) -> Institute:
    """The institute of that key or name, present, former or alias, letter case apart.

    Raises NotFound for none and Invalid where several bear the name.
    """
    found = institutes_by_name(actor, [name])[name]
    match found:
        case []:
            raise NotFound(_NO_INSTITUTE, code="no_institute", params={"name": name})
        case [institute]:
            return institute
        case _:
            raise Invalid(
                message=_MANY_INSTITUTES,
                code="many_institutes",
                params={"name": name, "keys": ", ".join(sorted(one.key for one in found))},
            )


def institutes_by_name(actor: Actor, names: Iterable[str]) -> Mapping[str, list[Institute]]:
    """For each name the institutes that bear it; four queries for any number of names."""
    institutes = {one.pk: one for one in recipients_visible_to(actor)}
    by_name: dict[str, set[int]] = {}
    for one in institutes.values():
        by_name.setdefault(one.key, set()).add(one.pk)
        by_name.setdefault(rules.folded_name(one.name), set()).add(one.pk)
        by_name.setdefault(rules.folded_name(one.name_zh), set()).add(one.pk)
    for institute_id, folded in InstituteName.objects.values_list("institute_id", "folded"):
        by_name.setdefault(folded, set()).add(institute_id)
    by_name.pop("", None)
    found: dict[str, list[Institute]] = {}
    for name in names:
        exact = by_name.get(name.strip().lower())
        matches = exact or by_name.get(rules.folded_name(name), set())
        found[name] = [institutes[pk] for pk in sorted(matches)]
    return found


def institute_keys_sponsored_by(agency_keys: Iterable[str]) -> frozenset[str]:
    """Keys of the institutes that these agencies, or an office of theirs, sponsor."""
    keys = sorted(agency_keys)
    return frozenset(
        InstituteSponsor.objects.filter(
            Q(agency__key__in=keys) | Q(agency__parent__key__in=keys)
        ).values_list("institute__key", flat=True)
    )


def sponsor_keys_of(institute: Institute) -> tuple[str, ...]:
    """Keys of the agencies that sponsor the institute, by key."""
    return tuple(
        InstituteSponsor.objects.filter(institute=institute)
        .order_by("agency__key")
        .values_list("agency__key", flat=True)
    )


def agencies() -> QuerySet[Agency]:
    """All agencies with their department."""
    return Agency.objects.select_related("parent")


def technology_areas() -> QuerySet[TechnologyArea]:
    """All technology areas with the one above."""
    return TechnologyArea.objects.select_related("parent")


def technology_area_keys_under(key: str) -> frozenset[str]:
    """The key and those of every area below it; empty for an unknown key."""
    children: dict[str | None, list[str]] = {}
    known = set()
    for area_key, parent_key in TechnologyArea.objects.values_list("key", "parent__key"):
        children.setdefault(parent_key, []).append(area_key)
        known.add(area_key)
    if key not in known:
        return frozenset()
    found = [key]
    for area_key in found:
        found.extend(children.get(area_key, ()))
    return frozenset(found)


# -------------------------------------------------------------------------------- organisations


def organisations_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """The organisations that the actor may read; what was merged is read as what stands for it."""
    return Organisation.objects.filter(
        visible_q(actor, institute=None, organisation="pk"), merged_into__isnull=True
    )


def may_see_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor may read the record of an organisation that stands on another's page."""
    return level_is_visible(actor, level=organisation.level, organisation_id=organisation.pk)


def organisations_filtered(
    rows: QuerySet[Organisation], *, q: str = "", kind: str = "", region: str = ""
) -> QuerySet[Organisation]:
    """The organisations that match the search, of that kind, in that region."""
    if q.strip():
        rows = rows.filter(organisations_matching(q.strip()))
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(region=region) if region else rows


def organisation_by_id(actor: Actor, pk: int) -> Organisation:
    """The organisation of that id, or what it was merged into; raises NotFound, also where it may
    not be seen.
    """
    return _one_organisation(organisations_visible_to(actor), pk)


def organisation_detail(actor: Actor, pk: int) -> Organisation:
    """The organisation with identifiers, aliases and designations at hand, or what it was merged
    into; raises NotFound.
    """
    rows = organisations_visible_to(actor).prefetch_related(
        Prefetch(
            "identifiers", queryset=OrganisationIdentifier.objects.order_by("scheme", "value")
        ),
        Prefetch("aliases", queryset=OrganisationAlias.objects.order_by("name")),
        "designations",
    )
    return _one_organisation(rows, pk)


RECORDS_OF_ORGANISATION: Final = (
    "organisation_id",
    "organisation__merged_into_id",
    "organisation__merged",
    "organisation__merged_into__merged",
)
"""Of a row that names an organisation: every record of it, as `record_groups` takes them."""


def record_groups(rows: Iterable[tuple[int | None, ...]]) -> tuple[frozenset[int], ...]:
    """Organisations, each with every record of it, from rows of `RECORDS_OF_ORGANISATION`.

    A record that was merged, the one that stands for it and the others merged into that one are
    one organisation, whichever of them a row names.
    """
    groups: dict[int | None, set[int]] = {}
    for own, survivor, *others in rows:
        known = {pk for pk in (own, survivor, *others) if pk is not None}
        groups.setdefault(survivor or own, set()).update(known)
    return tuple(frozenset(ids) for ids in groups.values())


def organisations_matching(text: str) -> Q:
    """The condition that name, alias, city or identifier of an organisation matches a search."""
    folded = rules.folded_name(text)
    condition = Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(city__iexact=text)
    if folded:
        aliased = OrganisationAlias.objects.filter(folded__contains=folded)
        condition |= Q(pk__in=aliased.values("organisation_id"))
    known = [
        Q(scheme=key, value=scheme.normalise(text))
        for key, scheme in rules.SCHEMES.items()
        if scheme.is_valid(scheme.normalise(text))
    ]
    if known:
        identified = Q()
        for one in known:
            identified |= one
        numbered = OrganisationIdentifier.objects.filter(identified)
        condition |= Q(pk__in=numbered.values("organisation_id"))
    return condition


@dataclass(frozen=True, slots=True)
class OrganisationReference:
    """How a row of a list names an organisation: by identifiers, else by name, region and city.

    Identifiers are pairs of scheme and value, as somebody wrote them.
    """

    name: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    region: str = ""
    city: str = ""

    def normal_identifiers(self) -> set[tuple[str, str]]:
        """The identifiers as they are stored."""
        return {
            (scheme, rules.normal_identifier(scheme, value)) for scheme, value in self.identifiers
        }


def organisations_by_reference(
    actor: Actor, references: Sequence[OrganisationReference]
) -> list[list[Organisation]]:
    """For each reference the visible organisations that it names, in its order.

    An identifier decides where it finds one; then name with region and city; then the bare name or
    alias anywhere, narrowed by the region or city that the reference gives. A handful of queries.
    """
    by_identifier = _by_identifier(
        {pair for one in references for pair in one.normal_identifiers()}
    )
    by_key = _ids_by(
        Organisation.objects.all(),
        "match_key",
        {rules.match_key(one.name, region=one.region, city=one.city) for one in references},
        Coalesce("merged_into_id", "pk"),
    )
    folded = {rules.folded_name(one.name) for one in references if one.name}
    by_alias = _ids_by(OrganisationAlias.objects.all(), "folded", folded, _STANDING)
    by_bare = _ids_by_prefix({rules.bare_name(one.name) for one in references if one.name})
    chosen: list[set[int]] = []
    for one in references:
        found = {pk for pair in one.normal_identifiers() for pk in by_identifier.get(pair, ())}
        if not found and one.name:
            found = by_key.get(
                rules.match_key(one.name, region=one.region, city=one.city), set()
            ) or (
                by_bare.get(rules.bare_name(one.name), set())
                | by_alias.get(rules.folded_name(one.name), set())
            )
        chosen.append(found)
    wanted = sorted({pk for found in chosen for pk in found})
    rows: dict[int, Organisation] = {}
    for part in batched(wanted, LOOKUP_BATCH):
        rows |= organisations_visible_to(actor).in_bulk(part)
    return [
        _narrowed([rows[pk] for pk in sorted(found) if pk in rows], one)
        for found, one in zip(chosen, references, strict=True)
    ]


def organisations_named(actor: Actor, text: str) -> list[Organisation]:
    """The visible organisations that a person's entry names: number, identifier, or name.

    Of the schemes that do not identify, the employer's number is understood, since books carry it.
    """
    if text.isdecimal() and (found := organisations_visible_to(actor).filter(pk=int(text)).first()):
        return [found]
    identifiers = tuple(
        (key, text)
        for key in (*rules.IDENTIFYING_SCHEMES, "ein")
        if rules.refuse_identifier(key, rules.normal_identifier(key, text)) is None
    )
    return organisations_by_reference(
        actor, [OrganisationReference(name=text, identifiers=identifiers)]
    )[0]


def spellings_of(organisation_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Every name and alias of each organisation, whoever asks; for rules, never to be shown."""
    spellings: dict[int, set[str]] = {}
    for part in batched(sorted(set(organisation_ids)), LOOKUP_BATCH):
        for pk, name, name_zh in Organisation.objects.filter(pk__in=part).values_list(
            "pk", "name", "name_zh"
        ):
            spellings[pk] = {name, name_zh} - {""}
        for pk, name in OrganisationAlias.objects.filter(organisation_id__in=part).values_list(
            "organisation_id", "name"
        ):
            spellings[pk].add(name)
    return {pk: frozenset(names) for pk, names in spellings.items()}


# --------------------------------------------------------------------------------------- people


def people_visible_to(actor: Actor) -> QuerySet[Person]:
    """People with their organisation: all for network staff, else those one works with."""
    people = Person.objects.select_related("organisation")
    if actor.is_network_staff:
        return people
    condition = Q(pk__in=[])
    if actor.user_id is not None:
        condition |= Q(user_id=actor.user_id)
    if actor.organisation_ids:
        condition |= Q(organisation_id__in=sorted(actor.organisation_ids))
    if actor.staff_institute_keys:
        serving = PersonRole.objects.filter(institute__key__in=sorted(actor.staff_institute_keys))
        condition |= Q(pk__in=serving.values("person_id"))
    return people.filter(condition)


def people_named(actor: Actor, text: str) -> list[Person]:
    """The people whom an entry names: by e-mail address anybody, by name those the actor may see.

    Whoever knows an address may name its owner, so that an institute can appoint somebody whom it
    does not see yet.
    """
    if "@" in text:
        return list(_people_of_address(text))
    named = Q(name__iexact=text.strip()) | Q(name_zh=text.strip())
    return list(people_visible_to(actor).filter(named).order_by("pk")) if text.strip() else []


def person_of_address(address: str) -> Person:
    """The person of that e-mail address; raises NotFound. For whoever may appoint: see above."""
    found = _people_of_address(address).first() if address.strip() else None
    if found is None:
        raise NotFound(_NO_PERSON, code="no_person")
    return found


def user_of_address(address: str) -> User | None:
    """The user of that e-mail address."""
    return User.objects.filter(email__iexact=address.strip()).first()


def people_serving(actor: Actor, institute: Institute, *, on: date) -> QuerySet[PersonRole]:
    """Roles at the institute in force on that day, of people whom the actor may see."""
    return (
        PersonRole.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=on),
            institute=institute,
            starts_on__lte=on,
            person__in=people_visible_to(actor),
        )
        .select_related("person")
        .order_by("kind", "person__name", "pk")
    )


def may_list_people(actor: Actor) -> bool:
    """Whether the page of people has anything for the actor beyond themselves."""
    return (
        actor.is_network_staff or bool(actor.staff_institute_keys) or bool(actor.organisation_ids)
    )


# -------------------------------------------------------------------------------------- leaves


def _people_of_address(address: str) -> QuerySet[Person]:
    return Person.objects.filter(email__iexact=address.strip())


def _one_institute(rows: QuerySet[Institute], key: str) -> Institute:
    found = rows.filter(key=key).first()
    if found is None:
        raise NotFound(_NO_INSTITUTE, code="no_institute", params={"name": key})
    return found


def _one_organisation(rows: QuerySet[Organisation], pk: int) -> Organisation:
    found = rows.filter(pk=pk).first() or rows.filter(merged=pk).first()
    if found is None:
        raise NotFound(_NO_ORGANISATION, code="no_organisation")
    return found


def _by_identifier(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    by_scheme: dict[str, set[str]] = {}
    for scheme, value in pairs:
        by_scheme.setdefault(scheme, set()).add(value)
    for scheme, values in by_scheme.items():
        rows = _ids_by(
            OrganisationIdentifier.objects.filter(scheme=scheme), "value", values, _STANDING
        )
        found |= {(scheme, value): ids for value, ids in rows.items()}
    return found


def _ids_by(
    rows: "QuerySet[Organisation] | QuerySet[OrganisationAlias] | QuerySet[OrganisationIdentifier]",
    column: str,
    values: set[str],
    id_column: Coalesce,
) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for part in batched(sorted(values), LOOKUP_BATCH):
        for value, pk in rows.filter(**{f"{column}__in": part}).values_list(column, id_column):
            found.setdefault(value, set()).add(pk)
    return found


def _ids_by_prefix(names: set[str]) -> dict[str, set[int]]:
    """Ids by bare name, whatever the place: one pass over the names, for lists of any length.

    For a few names the database narrows first: a key begins with the bare name, or, without a
    city, with the article before it.
    """
    if not names:
        return {}
    rows = Organisation.objects.all()
    if len(names) <= NAMES_NARROWED:
        narrowed = Q()
        for bare in sorted(names):
            narrowed |= Q(match_key__startswith=bare) | Q(match_key__startswith=f"the {bare}")
        rows = rows.filter(narrowed)
    found: dict[str, set[int]] = {}
    standing = Coalesce("merged_into_id", "pk")
    for pk, name in rows.values_list(standing, "name").iterator(chunk_size=5000):
        bare = rules.bare_name(name)
        if bare in names:
            found.setdefault(bare, set()).add(pk)
    return found


def _narrowed(
    candidates: list[Organisation], reference: OrganisationReference
) -> list[Organisation]:
    for attribute in ("region", "city"):
        wanted = rules.folded_name(getattr(reference, attribute))
        if len(candidates) > 1 and wanted:
            fitting = [
                one for one in candidates if rules.folded_name(getattr(one, attribute)) == wanted
            ]
            candidates = fitting or candidates
    return candidates
