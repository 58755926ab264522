from pathlib import Path

import pytest

from actors.email import TEMPLATES
from leeward.extension.errors import Permanent
from providers.smtp.mail.templates import Templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greet.txt.j2").write_text("Hello {{ user.name }}")
    (tmp_path / "greet.html.j2").write_text("<p>Hello {{ user.name }}</p>")
    (tmp_path / "plain.txt.j2").write_text("Hello {{ name }}")
    return tmp_path


def test_a_template_gives_text_and_html(folder: Path) -> None:
    body = Templates(folder).render("greet", {"user": {"name": "Zoë"}}, provider="smtp")

    assert (body.text, body.html) == ("Hello Zoë", "<p>Hello Zoë</p>")


def test_a_template_may_have_text_only(folder: Path) -> None:
    body = Templates(folder).render("plain", {"name": "Zoë"}, provider="smtp")

    assert (body.text, body.html) == ("Hello Zoë", None)


def test_values_are_escaped_in_html_and_not_in_text(folder: Path) -> None:
    body = Templates(folder).render("greet", {"user": {"name": "<b>&"}}, provider="smtp")

    assert (body.text, body.html) == ("Hello <b>&", "<p>Hello &lt;b&gt;&amp;</p>")


@pytest.mark.parametrize(
    ("template", "values", "missing"), [("plain", {}, "'name'"), ("greet", {"user": {}}, "'name'")]
)
def test_a_missing_value_is_permanent_and_named(
    folder: Path, template: str, values: dict[str, object], missing: str
) -> None:
    with pytest.raises(Permanent, match=missing):
        Templates(folder).render(template, values, provider="smtp")


def test_a_missing_template_is_permanent_and_says_where_to_add_it(folder: Path) -> None:
    with pytest.raises(Permanent, match=rf"add other\.txt\.j2 or other\.html\.j2 to {folder}"):
        Templates(folder).render("other", {}, provider="smtp")


@pytest.mark.parametrize("source", ["{{ 1 / 0 }}", "{% if %}", "{{ x.append(1) }}", "{% include 'none' %}"])
def test_a_template_that_fails_is_permanent(tmp_path: Path, source: str) -> None:
    (tmp_path / "bad.txt.j2").write_text(source)

    with pytest.raises(Permanent):
        Templates(tmp_path).render("bad", {"x": []}, provider="smtp")


def test_a_template_cannot_leave_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / "bad.txt.j2").write_text("{{ ''.__class__.__mro__[1].__subclasses__() }}")

    with pytest.raises(Permanent):
        Templates(tmp_path).render("bad", {}, provider="smtp")


def test_a_value_is_no_template(folder: Path) -> None:
    body = Templates(folder).render("plain", {"name": "{{ 7 * 7 }}"}, provider="smtp")

    assert body.text == "Hello {{ 7 * 7 }}"


def test_the_first_folder_that_has_a_name_gives_it(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.mktemp("own")
    (own / "plain.txt.j2").write_text("Ours")
    templates = Templates(own, folder)

    assert templates.render("plain", {}, provider="smtp").text == "Ours"
    assert templates.render("greet", {"user": {"name": "Zoë"}}, provider="smtp").text == "Hello Zoë"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("notice", {"title": "Soon", "text": "We move.", "link": "https://example.org/"}),
        ("notice", {"title": "Soon", "text": "We move."}),
        ("welcome", {"name": "Zoë", "user": "zoe", "link": "https://example.org/"}),
    ],
)
def test_the_templates_that_come_with_the_fleet_render(name: str, values: dict[str, str]) -> None:
    body = Templates(TEMPLATES).render(name, values, provider="smtp")

    assert body.text is not None
    assert body.html is not None
    assert all(value in body.text and value in body.html for value in values.values())
