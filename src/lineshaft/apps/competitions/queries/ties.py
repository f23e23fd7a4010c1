"""What the registry knows of people and of teams, as the rules on conflicts take it.

A person and an application are compared by marks, texts such as `organisation:12` that both carry:
the organisation that stands for a record and its merged ones, the names of it, the domain of a web
site or an address, a person, a user. Any number of people and applications is read by the same
queries, save that names of employers are read in batches.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from django.db.models import F, Q, QuerySet

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationPartner,
    TeamMember,
    UnwantedReviewer,
)
from lineshaft.apps.governance.models import Appointment
from lineshaft.apps.memberships.models import MailDomain
from lineshaft.apps.memberships.rules import domain_of, is_public_domain
from lineshaft.apps.network.models import (
    Institute,
    Organisation,
    OrganisationAlias,
    Person,
    PersonRole,
    PersonTie,
)
from lineshaft.apps.network.queries import spellings_of, standing_id
from lineshaft.apps.network.rules import PersonTieKind, bare_name
from lineshaft.plumbing.access.queries import grant_rows_in_force, verified_addresses
from lineshaft.plumbing.roles import ScopeKind
from lineshaft.reference.mail_domains import load_public_mail_domains

type Marks = dict[int, set[str]]

_KIND_OF_TIE: Final = {
    PersonTieKind.CO_AUTHOR: rules.ConflictKind.CO_AUTHOR,
    PersonTieKind.ADVISOR: rules.ConflictKind.ADVISOR,
    PersonTieKind.SHARED_PROJECT: rules.ConflictKind.SHARED_PROJECT,
    PersonTieKind.OTHER: rules.ConflictKind.OTHER_TIE,
}


def marks_of(applications: QuerySet[Application]) -> Marks:
    """The marks that each of the applications carries by its team; six queries."""
    marks: Marks = defaultdict(set)
    by_record: dict[int, set[int]] = defaultdict(set)
    partners = ApplicationPartner.objects.filter(application__in=applications.values("pk"))
    team = TeamMember.objects.filter(application__in=applications.values("pk"))
    leads = applications.order_by().annotate(
        application_id=F("pk"), organisation_id=F("lead_id"), standing=standing_id("lead")
    )
    _mark_organisations(marks, by_record, leads, "lead")
    _mark_organisations(marks, by_record, partners.annotate(standing=standing_id()), "organisation")
    _mark_team(marks, by_record, team)
    records = (
        Q(organisation_id__in=applications.order_by().values("lead_id"))
        | Q(organisation_id__in=partners.values("organisation_id"))
        | Q(organisation_id__in=team.filter(organisation__isnull=False).values("organisation_id"))
    )
    aliases = OrganisationAlias.objects.filter(records)
    for record, name in aliases.values_list("organisation_id", "name"):
        for pk in by_record[record]:
            marks[pk].add(f"named:{bare_name(name)}")
    domains = MailDomain.objects.filter(records, verified_at__isnull=False)
    for record, domain in domains.values_list("organisation_id", "domain"):
        for pk in by_record[record]:
            marks[pk].update(_site_marks([domain]))
    unwanted = UnwantedReviewer.objects.filter(application__in=applications.values("pk"))
    for pk, name, email in unwanted.values_list("application_id", "name", "email"):
        marks[pk].add(f"unwanted-name:{rules.name_of_person(name)}")
        marks[pk].update({f"unwanted-email:{email.lower()}"} if email else ())
    return marks


def traits_of(people: QuerySet[Person], *, on: date) -> dict[int, list[rules.Trait]]:
    """What each of the people can be conflicted by on that day; eleven queries, and two for each
    batch of employers.
    """
    found: dict[int, list[rules.Trait]] = {}
    addresses: dict[int, set[str]] = {}
    user_ids: dict[int, int] = {}
    employers: dict[int, set[int]] = defaultdict(set)
    rows = people.order_by().values_list(
        "pk", "name", "name_zh", "email", "user_id", "user__email", "organisation_id"
    )
    for pk, name, name_zh, email, user_id, user_email, organisation_id in rows:
        if user_id is not None:
            user_ids[user_id] = pk
        if organisation_id is not None:
            employers[pk].add(organisation_id)
        addresses[pk] = {one.lower() for one in (email, user_email) if one}
        found[pk] = list(_of_oneself(pk, user_id, (name, name_zh)))
    users = people.order_by().filter(user__isnull=False).values("user_id")
    for user_id, address in verified_addresses(users).values_list("user_id", "email"):
        addresses[user_ids[user_id]].add(address.lower())
    institutes = _institutes_of(people, users, user_ids, employers, on=on)
    sites: dict[int, dict[str, str]] = defaultdict(dict)
    for pk, trait in _of_employers(employers, sites):
        found[pk].append(trait)
    for pk, own in addresses.items():
        found[pk] += _of_addresses(own, sites[pk])
    for pk, trait in institutes:
        found[pk].append(trait)
    for pk, trait in _of_ties(people, year=on.year):
        found[pk].append(trait)
    return found


# ------------------------------------------------------------------------------------ of a team


def _mark_organisations(
    marks: Marks, by_record: dict[int, set[int]], rows: QuerySet[Any], path: str
) -> None:
    columns = ("name", "name_zh", "website")
    for pk, record, standing, name, name_zh, website in rows.values_list(
        "application_id", "organisation_id", "standing", *(f"{path}__{one}" for one in columns)
    ):
        if record is None:
            continue
        by_record[record].add(pk)
        marks[pk].add(f"organisation:{standing}")
        marks[pk].update(f"named:{bare_name(one)}" for one in (name, name_zh) if one)
        marks[pk].update(_site_marks([_host(website)]))


def _mark_team(marks: Marks, by_record: dict[int, set[int]], team: QuerySet[TeamMember]) -> None:
    rows = team.order_by().annotate(standing=standing_id())
    for pk, person, user, *addresses, record, standing, name, name_zh, website in rows.values_list(
        "application_id",
        "person_id",
        "user_id",
        "email",
        "user__email",
        "person__email",
        "organisation_id",
        "standing",
        "organisation__name",
        "organisation__name_zh",
        "organisation__website",
    ):
        known = {one.lower() for one in addresses if one}
        marks[pk].update({f"person:{person}"} if person else ())
        marks[pk].update({f"user:{user}"} if user else ())
        marks[pk].update(f"email:{one}" for one in known)
        marks[pk].update(_site_marks(domain_of(one) for one in known))
        if record is not None:
            by_record[record].add(pk)
            marks[pk].add(f"organisation:{standing}")
            marks[pk].update(f"named:{bare_name(one)}" for one in (name, name_zh) if one)
            marks[pk].update(_site_marks([_host(website)]))


def _site_marks(domains: Iterable[str]) -> Iterator[str]:
    """The marks of those domains at which not anybody can have an address."""
    public = load_public_mail_domains()
    for domain in domains:
        if domain and not is_public_domain(domain, public):
            site = rules.site_of(domain)
            if site not in rules.SHARED_SITES:
                yield f"site:{site}"


def _host(website: str) -> str:
    """The domain of a web site; empty where it names none."""
    text = website.strip().lower()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return domain_of(f"web@{host.removeprefix('www.')}")


# ---------------------------------------------------------------------------------- of a person


def _of_oneself(pk: int, user_id: int | None, names: Iterable[str]) -> Iterator[rules.Trait]:
    yield rules.Trait(rules.ConflictKind.ON_TEAM, f"person:{pk}", rules.TEAM_ITSELF)
    if user_id is not None:
        yield rules.Trait(rules.ConflictKind.ON_TEAM, f"user:{user_id}", rules.TEAM_ITSELF)
    for name in names:
        if name:
            mark = f"unwanted-name:{rules.name_of_person(name)}"
            yield rules.Trait(rules.ConflictKind.UNWANTED, mark, "unwanted")


def _of_addresses(addresses: Iterable[str], sites: Mapping[str, str]) -> Iterator[rules.Trait]:
    """By addresses, and by their domains; `sites` says which of these are an employer's."""
    for address in sorted(addresses):
        yield rules.Trait(rules.ConflictKind.ON_TEAM, f"email:{address}", rules.TEAM_ITSELF)
        yield rules.Trait(rules.ConflictKind.UNWANTED, f"unwanted-email:{address}", "unwanted")
        for mark in _site_marks([domain_of(address)]):
            said = {"domain": mark.removeprefix("site:")}
            about = sites.get(mark, mark)
            yield rules.Trait(rules.ConflictKind.EMAIL_DOMAIN, mark, about, said)


def _of_employers(
    employers: dict[int, set[int]], sites: dict[int, dict[str, str]]
) -> Iterator[tuple[int, rules.Trait]]:
    """By the organisation that stands for an employer, and by the names of it; notes which domains
    are those of a person's employer.
    """
    ids = {record for records in employers.values() for record in records}
    rows = Organisation.objects.filter(pk__in=sorted(ids))
    known: dict[int, tuple[int, str]] = {}
    domains: dict[int, set[str]] = defaultdict(set)
    for pk, into, name, website in rows.values_list("pk", "merged_into_id", "name", "website"):
        known[pk] = (into or pk, name)
        domains[pk].add(_host(website))
    verified = MailDomain.objects.filter(organisation__in=rows, verified_at__isnull=False)
    for pk, domain in verified.values_list("organisation_id", "domain"):
        domains[pk].add(domain)
    spelt = spellings_of(known.keys() | {standing for standing, _name in known.values()})
    for person, records in employers.items():
        for record in sorted(records & known.keys()):
            standing, name = known[record]
            about, said = f"organisation:{standing}", {"organisation": name}
            kind = rules.ConflictKind.EMPLOYER
            sites[person].update(dict.fromkeys(_site_marks(sorted(domains[record])), about))
            yield person, rules.Trait(kind, about, about, said)
            for one in sorted(spelt[record] | spelt[standing]):
                yield person, rules.Trait(kind, f"named:{bare_name(one)}", about, said)


def _institutes_of(
    people: QuerySet[Person],
    users: QuerySet[Any],
    user_ids: dict[int, int],
    employers: dict[int, set[int]],
    *,
    on: date,
) -> list[tuple[int, rules.Trait]]:
    """The institutes in which people hold a role, a seat or a grant, by who leads them; the
    organisations in which they hold one are noted as employers.
    """
    serving: set[tuple[int, int]] = set()
    in_force = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    roles = PersonRole.objects.filter(in_force, starts_on__lte=on, person__in=people.values("pk"))
    of_institutes = roles.filter(institute__isnull=False)
    serving.update(of_institutes.values_list("person_id", "institute_id"))
    of_others = roles.filter(organisation__isnull=False)
    for person, organisation in of_others.values_list("person_id", "organisation_id"):
        employers[person].add(organisation)
    seats = Appointment.objects.filter(
        in_force,
        starts_on__lte=on,
        annulled_at__isnull=True,
        seat__body__institute__isnull=False,
        person__in=people.values("pk"),
    )
    serving.update(seats.values_list("person_id", "seat__body__institute_id"))
    keys: set[tuple[int, str]] = set()
    grants = grant_rows_in_force(on).filter(user_id__in=users)
    for user_id, scope_kind, scope_id in grants.values_list("user_id", "scope_kind", "scope_id"):
        if scope_kind == ScopeKind.ORGANISATION and scope_id.isdecimal():
            employers[user_ids[user_id]].add(int(scope_id))
        elif scope_kind == ScopeKind.INSTITUTE:
            keys.add((user_ids[user_id], scope_id))
    led = Institute.objects.filter(
        Q(pk__in=sorted({pk for _person, pk in serving}))
        | Q(key__in=sorted({key for _person, key in keys})),
        lead__isnull=False,
    ).annotate(standing=standing_id("lead"))
    found = []
    for pk, key, name, lead, standing in led.values_list(
        "pk", "key", "name", "lead__name", "standing"
    ):
        said = {"institute": name, "organisation": lead}
        mark = f"organisation:{standing}"
        trait = rules.Trait(rules.ConflictKind.INSTITUTE, mark, f"institute:{pk}", said)
        of_it = {person for person, one in serving if one == pk}
        of_it |= {person for person, one in keys if one == key}
        found += [(person, trait) for person in sorted(of_it)]
    return found


def _of_ties(people: QuerySet[Person], *, year: int) -> Iterator[tuple[int, rules.Trait]]:
    """By whom somebody is tied to, in either direction, while the tie counts."""
    ids = people.order_by().values("pk")
    for own, other in (("person", "other"), ("other", "person")):
        rows = PersonTie.objects.filter(**{f"{own}__in": ids})
        for person, kind, year_from, year_to, pk, name, user_id, *addresses in rows.values_list(
            f"{own}_id",
            "kind",
            "year_from",
            "year_to",
            f"{other}_id",
            f"{other}__name",
            f"{other}__user_id",
            f"{other}__email",
            f"{other}__user__email",
        ):
            if not rules.tie_counts(year_to, year=year):
                continue
            said = {
                "person": name,
                "year_from": str(year_from),
                "year_to": str(year_to) if year_to else "",
            }
            marks = [f"person:{pk}"]
            marks += [f"user:{user_id}"] if user_id else []
            marks += [f"email:{one.lower()}" for one in addresses if one]
            found = _KIND_OF_TIE[PersonTieKind(kind)]
            for mark in marks:
                yield person, rules.Trait(found, mark, f"person:{pk}", said)
