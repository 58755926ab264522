"""Services in the frameworks of the field: their own tests pass, and a mail that they ask for is sent by a real worker."""

import json
import re
from pathlib import Path
from shutil import copy

import pytest

from simulators.mail.server import MailSimulator
from tests.acceptance.producers.conftest import SERVICES, Run

ROOT = Path(__file__).resolve().parents[3]
FRAMEWORKS = ["fastapi", "flask", "django"]
TYPED = ["fastapi", "flask"]
"""Django has no types of its own."""
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs" / "producers.md").read_text()
BLOCKS = BLOCK.findall(PAGE)
PASTED = {
    "FastAPI": ["app.py", "test_app.py"],
    "Flask": ["app.py", "test_app.py"],
    "Django": ["fleet.py", "views.py", "leeward_errors.py", "test_views.py"],
    "Tests without a server": ["reminders.py", *["test_reminders.py"] * 4],
}
"""Section of the page -> the file that each of its blocks goes into."""
OF_EVERY_DJANGO_PROJECT = ("settings.py", "urls.py", "conftest.py")
PYTEST = (
    "-m",
    "pytest",
    "-q",
    "-W",
    "error",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:valkey",
    "-c",
    "/dev/null",
    "--rootdir=.",
)


@pytest.mark.parametrize("service", [*(f"{framework}_club" for framework in FRAMEWORKS), "script"])
def test_its_own_tests_pass(service: str, run: Run) -> None:
    said = run(service, *PYTEST, ".")

    assert re.search(r"\b([5-9]|\d\d) passed", said), said


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_sign_up_is_followed_until_the_mail_is_sent(
    framework: str, run: Run, fleet_url: str, mail: MailSimulator
) -> None:
    address = f"{framework}@example.org"

    seen = json.loads(run(f"{framework}_club", SERVICES / "visit.py", framework, address, LEEWARD_URL=fleet_url))

    assert seen["ended"]["state"] == "done"
    assert seen["ended"]["result"]["recipient"] == address
    assert seen["again"] == seen["first"]
    assert seen["cancelled"] == {"outcome": "ended"}
    assert seen["unknown"] == ["job_not_found", 404]
    accepted = [recipient for entry in mail.record.entries("mail_accepted") for recipient in entry["recipients"]]
    assert accepted.count(address) == 1


def test_the_first_job_of_the_document(run: Run, fleet_url: str) -> None:
    said = run("script", "first_job.py", LEEWARD_URL=fleet_url)

    assert "'recipient': 'alice@example.org'" in said


@pytest.mark.parametrize("framework", TYPED)
def test_types_are_right_under_a_strict_checker(framework: str, run: Run) -> None:
    cache = ROOT / ".mypy_cache" / "services"

    run(
        f"{framework}_club",
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        SERVICES / "mypy.ini",
        "--cache-dir",
        cache,
        "app.py",
    )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:40])
def test_every_block_of_the_document_is_part_of_a_service(block: str) -> None:
    wanted = [line for line in block.splitlines() if line]

    assert any(_is_in_order(wanted, file.read_text().splitlines()) for file in SERVICES.rglob("*.py"))


@pytest.mark.parametrize("section", PASTED)
def test_a_section_of_the_document_runs_as_it_stands_there(section: str, run: Run, tmp_path: Path) -> None:
    for name, block in zip(PASTED[section], _blocks(section), strict=True):
        with (tmp_path / name).open("a") as file:
            file.write(f"{block}\n\n")
            if "http_status(" in block:
                file.write(_blocks("Errors")[0])
    if section == "Django":
        for name in OF_EVERY_DJANGO_PROJECT:
            copy(SERVICES / "django_club" / name, tmp_path)

    said = run(str(tmp_path), *PYTEST, ".")

    assert re.search(r"\d passed", said), said


def _blocks(section: str) -> list[str]:
    return BLOCK.findall(PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0])


def _is_in_order(wanted: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(line in rest for line in wanted)
