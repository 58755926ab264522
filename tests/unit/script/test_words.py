"""The word list finds words where people read them, and says what to write instead."""

import pytest

from script.words import WordList, prose

LIST = r"""
[prose]
folders = ["docs", "broker", "README.md"]
leave_out = ["broker/old"]
[prose.words]
"gizmo" = "device"
"is no number" = "is not a number"
[names]
folders = ["broker"]
[names.words]
"gizmo" = "device"
"""


@pytest.fixture
def words() -> WordList:
    return WordList.read(LIST)


def found(words: WordList, name: str, text: str) -> list[str]:
    return list(words.problems(name, text))


def test_a_word_is_reported_with_its_line_and_what_to_write_instead(words: WordList) -> None:
    assert found(words, "docs/a.md", "One.\nA Gizmo.\n") == ["docs/a.md:2: 'Gizmo': device"]


def test_only_the_listed_folders_and_files_are_checked(words: WordList) -> None:
    assert found(words, "README.md", "gizmo")
    assert not found(words, "README.md.orig", "gizmo")
    assert not found(words, "storage/a.md", "gizmo")
    assert not found(words, "broker/old/a.md", "gizmo")


def test_a_phrase_is_found_across_the_end_of_a_line(words: WordList) -> None:
    assert found(words, "docs/a.md", "This is\n  no number.") == ["docs/a.md:1: 'is no number': is not a number"]


@pytest.mark.parametrize("text", ["gizmos", "a gizmo-maker", "gizmo@example.org", "gizmo_count"])
def test_other_words_that_contain_it_are_left_alone(words: WordList, text: str) -> None:
    assert not found(words, "docs/a.md", text)


@pytest.mark.parametrize(
    "text",
    [
        '"""A gizmo."""\n',
        "x = 1  # a gizmo\n",
        "x = 'a gizmo'\n",
        'x = f"{y} gizmo"\n',
        'x = (\n    "is no "\n    "number."\n)\n',
        "def test_a_gizmo_works() -> None: ...\n",
    ],
)
def test_docstrings_comments_strings_and_names_of_tests_are_prose(words: WordList, text: str) -> None:
    assert len(list(words.problems("docs/a.py", text))) == 1


@pytest.mark.parametrize(
    "text", ["gizmo = 1\n", "x = {'gizmo': 1}\n", "# see `gizmo`\n", 'x = f"{gizmo}"\n', 'x = ["is no", number]\n']
)
def test_code_is_no_prose(words: WordList, text: str) -> None:
    assert not found(words, "docs/a.py", text)


def test_of_two_words_that_overlap_the_longer_one_is_reported() -> None:
    words = WordList.read(LIST.replace('"gizmo" =', '"a gizmo" = "a device"\n"gizmo" =', 1))
    assert found(words, "docs/a.md", "Once a gizmo, twice one gizmo.") == [
        "docs/a.md:1: 'a gizmo': a device",
        "docs/a.md:1: 'gizmo': device",
    ]


def test_comments_and_strings_of_lua_are_prose(words: WordList) -> None:
    text = "-- a gizmo\nlocal x = 'a gizmo' --[[ a\ngizmo ]]\nreturn gizmo_\n"
    assert [line.split(":")[1] for line in found(words, "docs/a.lua", text)] == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["broker/a.py", "broker/a.lua"])
@pytest.mark.parametrize("identifier", ["gizmo", "new_gizmo", "_gizmo_of_it", "NewGizmo", "GIZMO_COUNT"])
def test_a_part_of_an_identifier_is_reported_where_names_are_checked(
    words: WordList, name: str, identifier: str
) -> None:
    [line] = found(words, name, f"\n{identifier} = 1\n")

    assert line.startswith(f"{name}:2: ")
    assert line.endswith(f"in the name {identifier!r}: device")


def test_identifiers_that_only_contain_it_are_left_alone(words: WordList) -> None:
    assert not found(words, "broker/a.py", "gizmos = gizmology = 1\n")


def test_positions_in_a_text_of_prose_are_those_of_the_file() -> None:
    text = 'x = 1  # one\ny = "and two"\n'

    kept = prose("a.py", text)

    assert len(kept) == len(text)
    assert kept.index("one") == text.index("one")
    assert kept.index("two") == text.index("two")
