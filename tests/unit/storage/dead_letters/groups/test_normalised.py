import string
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.dead_letters.groups.normalised import MESSAGE_LIMIT, TEXT_LIMIT, normalised

WORDS = (
    "account",
    "answer",
    "broken",
    "closed",
    "disk",
    "folder",
    "gone",
    "library",
    "refused",
    "server",
    "stream",
    "zone",
)
HEX = "0123456789abcdef"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def text_of(alphabet: str, **size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, **size)


IDS = {
    "number": st.one_of(
        st.integers(0, 10**20).map(str),
        st.floats(0, 1e9).map(lambda number: f"{number:.3f}"),
        text_of(HEX, min_size=12, max_size=64),
        text_of(HEX, min_size=8, max_size=8).filter(lambda word: not word.isalpha()),
        st.integers(0, 2**64).map(hex),
    ),
    "uuid": st.one_of(st.uuids().map(str), st.uuids().map(lambda id_: str(id_).upper())),
    "id": text_of(CROCKFORD, min_size=20, max_size=20).map(lambda rest: f"01KABC{rest}"),
    "url": st.builds(
        "https://{}.example.org/{}?{}".format,
        text_of(string.ascii_lowercase, min_size=1, max_size=9),
        text_of(string.ascii_letters + string.digits + "/", max_size=30),
        text_of(string.ascii_letters + string.digits + "=&%", max_size=30).map(lambda query: f"n={query}x"),
    ),
    "path": st.lists(
        text_of(string.ascii_letters + string.digits + "_-", min_size=1, max_size=9), min_size=1, max_size=5
    ).map(lambda parts: "/" + "/".join(parts)),
    "mail": st.builds(
        "{}@{}.org".format,
        text_of(string.ascii_letters + string.digits + ".", min_size=1, max_size=20).map(lambda name: f"a{name}z"),
        text_of(string.ascii_lowercase, min_size=1, max_size=9),
    ),
    "ip": st.one_of(
        st.ip_addresses(v=4).map(str), st.builds("{}:{}".format, st.ip_addresses(v=4), st.integers(1, 65_535))
    ),
    "time": st.integers(946_684_800, 4_070_908_800)
    .map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
    .flatmap(
        lambda at: st.sampled_from(
            (
                at.isoformat(),
                f"{at:%Y-%m-%d %H:%M:%S}",
                f"{at:%a, %d %b %Y %H:%M:%S GMT}",
                f"{at:%a %b %d %H:%M:%S %Y}",
                f"{at:%H:%M:%S}",
            )
        )
    ),
    "token": st.binary(min_size=24, max_size=60).map(
        lambda raw: "aB3" + "".join((string.ascii_letters + string.digits)[byte % 62] for byte in raw)
    ),
}


@given(st.sampled_from(sorted(IDS)).flatmap(lambda kind: st.tuples(st.just(kind), IDS[kind], IDS[kind])))
def test_ids_of_every_kind_never_split_a_group(drawn: tuple[str, str, str]) -> None:
    kind, one, other = drawn

    for template in ("job {} is gone", "answered: '{}'", "{}", "at [{}], again", 'no "{}" (really)'):
        assert normalised(template.format(one), {}) == normalised(template.format(other), {})
        assert normalised(template.format(one), {}) == template.format(f"<{kind}>")


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    st.integers(0, 999_999),
)
def test_different_words_never_merge(one: list[str], other: list[str], number: int) -> None:
    same = normalised(f"{' '.join(one)} {number}", {}) == normalised(f"{' '.join(other)} {number}", {})

    assert same == (one == other)


PIECES = st.one_of(
    *IDS.values(),
    st.sampled_from(WORDS),
    st.sampled_from((" ", ":", "'", '"', "<", ">", "<user>", "-", "/", ".", "://", "@", "_", "=", ",")),
)


@given(
    st.lists(PIECES, max_size=20).map("".join),
    st.sampled_from(({}, {"user": "account"}, {"user": "disk", "n": 12_345})),
)
@example("x://a>/b/1", {})
def test_normalising_twice_changes_nothing(message: str, values: dict[str, Any]) -> None:
    once = normalised(message, values)

    assert normalised(once, values) == once


@given(st.text(max_size=400))
def test_any_text_is_normalised_to_one_short_line_without_long_numbers(message: str) -> None:
    found = normalised(message, {"user": message[10:20]})

    assert len(found) <= MESSAGE_LIMIT
    assert "\n" not in found
    assert not any(word.isdecimal() for word in found.split())


@pytest.mark.parametrize(
    "name", ["alice", "o'neil", 'the "boss"', "ünïcode", "a\\b", "anna  maria", "user-12", "12345", "x" * 300]
)
def test_a_value_of_the_job_is_its_field(name: str) -> None:
    for message in (f"user '{name}' not found", f"user {name!r} not found"):
        found = normalised(message, {"user": name, "state": "enabled"})

        assert found.replace('"', "'") == (
            "user '<number>' not found" if name.isdecimal() else "user '<user>' not found"
        )


def test_a_value_inside_a_word_or_too_short_stays() -> None:
    assert normalised("the adapter of ad is bad", {"user": "ad"}) == "the adapter of ad is bad"
    assert normalised("unaligned alice", {"user": "alice", "x": "lign"}) == "unaligned <user>"


def test_the_name_of_a_field_inside_another_is_no_part_of_it() -> None:
    """What is a key may be a user's name."""
    assert normalised("no carol", {"members": {"alice": {"friends": ["carol"]}}}) == "no <members>"
    assert normalised("no carol", {"user 17": "carol"}) == "no <value>"


def test_the_longest_of_those_that_begin_first_counts() -> None:
    values = {"user": "alice", "url": "https://x.org/alice"}

    assert (
        normalised("GET https://x.org/alice/7 for alice@x.org, alice-7", values)
        == "GET <url> for <mail>, <user>-<number>"
    )


def test_several_in_a_row_are_one() -> None:
    assert normalised("missing: 1, 2, 3", {}) == normalised("missing: 7", {}) == "missing: <number>"


def test_a_number_that_belongs_to_the_failure_stays() -> None:
    assert (
        normalised("answered 503 after 503.5 s and 12 tries", {}, keep=503)
        == "answered 503 after <number> s and <number> tries"
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("and/or text/html read/write", "and/or text/html read/write"),
        ("No such file: '/data/My Movie (2020).mkv'", "No such file: '<path>'"),
        (r"C:\films\a.mkv is locked", "<path> is locked"),
        ("the deadline passed 1 day, 2:03:04.5 ago", "the deadline passed <time> ago"),
        ("[::1]:8096 and fe80::1%eth0", "[<ip>]:<number> and <ip>%eth<number>"),
        ("user_4711 on host-3", "user_<number> on host-<number>"),
        ("ServiceTemporarilyUnavailableException", "ServiceTemporarilyUnavailableException"),
        ("password [redacted] refused", "password [redacted] refused"),
        ("a\n  b\t c", "a b c"),
        ("", ""),
    ],
)
def test_a_message_as_people_know_them(message: str, expected: str) -> None:
    assert normalised(message, {}) == expected


@pytest.mark.parametrize("unit", ["'/", "1:", "a.b@", "x://", "A/", "ab12 ", "aB1-", "(", "<a> "])
def test_hostile_text_is_cut_and_answered(unit: str) -> None:
    """That the work is bounded is seen by the test's end: a rule that backtracks would be at it for years."""
    message = unit * 100_000
    values = {str(number): message[number : number + 3 + number % 50] for number in range(3_000)}

    assert len(normalised(message, values)) <= MESSAGE_LIMIT
    assert normalised("word " * TEXT_LIMIT, {}) == normalised("word " * TEXT_LIMIT * 2, {})
