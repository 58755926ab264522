"""What stops when something is away, and circles."""

import pytest

from workers.dependencies.graph import Graph, Node


def graph(**needs: str) -> Graph:
    return Graph(Node(name=name, depends_on=frozenset(text.split())) for name, text in needs.items())


def test_what_needs_a_node_stops_with_it_by_the_shortest_way() -> None:
    found = graph(media="sso disk", sso="ldap", requests="media sso", ldap="", other="").affected_by("ldap")

    assert found == {
        "sso": ("ldap", "sso"),
        "media": ("ldap", "sso", "media"),
        "requests": ("ldap", "sso", "requests"),
    }


def test_what_is_only_named_is_a_node_too() -> None:
    assert graph(media="dns").affected_by("dns") == {"media": ("dns", "media")}
    assert graph(media="dns").affected_by("media") == {}


def test_a_circle_does_not_keep_a_search_from_its_end() -> None:
    assert set(graph(a="b", b="c", c="a").affected_by("a")) == {"b", "c"}


@pytest.mark.parametrize(
    ("needs", "circle"),
    [
        ({"a": "b", "b": "c", "c": "b"}, ("b", "c", "b")),
        ({"a": "a"}, ("a", "a")),
        ({"a": "b c", "b": "d", "c": "d"}, ()),
    ],
)
def test_the_first_circle_is_found(needs: dict[str, str], circle: tuple[str, ...]) -> None:
    assert graph(**needs).circle() == circle
