from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

OWN = "lineshaft."


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def own_patterns() -> list[URLPattern]:
    return [
        pattern
        for pattern in patterns(get_resolver())
        if pattern.callback.__module__.startswith(OWN)
    ]


def test_there_are_addresses_of_our_own() -> None:
    assert own_patterns() != []


def test_the_name_of_an_address_is_the_name_of_its_view() -> None:
    faults = {
        str(pattern.pattern): (pattern.name, pattern.callback.__name__)
        for pattern in own_patterns()
        if pattern.name != pattern.callback.__name__
    }
    assert faults == {}
