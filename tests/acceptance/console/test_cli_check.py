"""`leeward check`, `migrate` and the command itself."""

import re
from pathlib import Path

import trustme

from console.cli.exit_code import ExitCode
from simulators.jellyfin.server import JellyfinSimulator
from tests.acceptance.console.leeward import Command
from tests.integration.providers.jellyfin.tls import TlsListener


def verdicts(leeward: Command, expect: ExitCode = ExitCode.OK) -> dict[str, str]:
    checks = leeward("check", "--json", expect=expect).json()["checks"]
    return {check["name"]: check["verdict"] for check in checks}


def test_a_healthy_fleet_is_ready(leeward: Command) -> None:
    assert verdicts(leeward) == {
        "configuration": "ok",
        "valkey": "ok",
        "valkey memory": "ok",
        "valkey durability": "ok",
        "valkey permissions": "ok",
        "workers": "warning",
        "postgresql": "ok",
        "migrations": "ok",
        "guards": "ok",
        "extensions": "ok",
        "providers": "warning",
    }
    assert leeward.installed("check").err == "No problem found, and 2 warnings.\n"


def test_all_configuration_problems_are_told_at_once_and_no_secret(lonely: Command) -> None:
    lonely.environment |= {
        "LEEWARD_PROCESSES": "many",
        "LEEWARD_VALKEY_URL": "http://user:hunter2-hunter2@nowhere",
        "LEEWARD_JELLYFIN_URL": "https://media.example.org",
        "LEEWARD_PROCESES": "2",
    }

    answer = lonely("check", "--json", expect=ExitCode.FAILED)

    named = {check["name"] for check in answer.json()["checks"] if check["verdict"] == "problem"}
    assert named == {"LEEWARD_PROCESSES", "LEEWARD_VALKEY_URL", "LEEWARD_JELLYFIN_URL", "LEEWARD_PROCESES"}
    assert answer.json()["problems"] == 4
    assert "hunter2" not in answer.out + answer.err
    other = lonely("queues", expect=ExitCode.FAILED)
    assert len(other.err.splitlines()) == 1
    assert all(name in other.err for name in named - {"LEEWARD_JELLYFIN_URL"})


def test_servers_that_are_away_are_problems(lonely: Command) -> None:
    lonely.environment |= {
        "LEEWARD_VALKEY_URL": "redis://127.0.0.1:1/0",
        "LEEWARD_DATABASE_URL": "postgresql://ada:hunter2@127.0.0.1:1/leeward",
    }

    answer = lonely("check", expect=ExitCode.FAILED)

    assert [line.split("\t")[:2] for line in answer.out.splitlines() if "\tproblem\t" in line] == [
        ["valkey", "problem"],
        ["postgresql", "problem"],
    ]
    assert "hunter2" not in answer.out


def test_an_empty_database_is_found_migrated_and_then_well(
    lonely: Command, valkey_url: str, empty_database_url: str
) -> None:
    lonely.environment |= {"LEEWARD_VALKEY_URL": valkey_url, "LEEWARD_DATABASE_URL": empty_database_url}
    assert verdicts(lonely, ExitCode.FAILED)["migrations"] == "problem"
    assert "run `leeward migrate`" in lonely("dlq", "list", expect=ExitCode.FAILED).err

    pending = lonely("migrate", "--dry-run", "--json").json()["pending"]
    applied = lonely("migrate", "--json").json()["applied"]

    assert pending == applied != []
    assert "up to date" in lonely.installed("migrate").out
    assert verdicts(lonely)["migrations"] == "ok"


def test_the_help_names_every_exit_code(lonely: Command) -> None:
    said = lonely.installed("--help").out

    assert {int(code) for code in re.findall(r"^ +(\d+) ", said, re.MULTILINE)} == {int(code) for code in ExitCode}


def test_without_a_command_and_without_a_fleet_it_says_how_to_get_one(lonely: Command) -> None:
    assert "set LEEWARD_VALKEY_URL, or start `leeward up`" in lonely(expect=ExitCode.FAILED).err


def test_debug_shows_where_an_error_comes_from(lonely: Command) -> None:
    import subprocess

    from tests.acceptance.console.leeward import LEEWARD

    ended = subprocess.run(
        [LEEWARD, "--debug", "queues"],
        capture_output=True,
        text=True,
        env=lonely.environment,
        cwd=lonely.folder,
        check=False,
    )
    assert ended.returncode == ExitCode.FAILED
    assert "Traceback" in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("leeward: no Valkey is configured")


def test_providers_are_looked_at_as_the_fleet_does(lonely: Command, tmp_path: Path) -> None:
    with JellyfinSimulator() as jellyfin:
        lonely.environment |= {
            "LEEWARD_JELLYFIN_URL": jellyfin.url,
            "LEEWARD_JELLYFIN_TOKEN": jellyfin.settings.token,
            "LEEWARD_DOWNLOAD_ROOT": str(tmp_path),
            "ALL_PROXY": "socks5://127.0.0.1:1",
            "HTTP_PROXY": "http://127.0.0.1:1",
        }
        found = verdicts(lonely)
        assert (found["provider jellyfin"], found["provider http"]) == ("ok", "ok")

        lonely.environment |= {"LEEWARD_JELLYFIN_PROXY": "http://127.0.0.1:1"}
        assert verdicts(lonely, ExitCode.FAILED)["provider jellyfin"] == "problem"

        lonely.environment |= {"LEEWARD_JELLYFIN_PROXY": "socks5://user:hunter2@127.0.0.1:1"}
        refused = lonely("check", expect=ExitCode.FAILED)
        assert "SOCKS proxy, which is not supported" in refused.out
        assert "hunter2" not in refused.out


def test_an_authority_that_is_not_trusted_is_a_problem_until_its_file_is_named(lonely: Command, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with TlsListener(authority.issue_cert("127.0.0.1")) as listener:
        lonely.environment |= {
            "LEEWARD_JELLYFIN_URL": f"https://127.0.0.1:{listener.port}",
            "LEEWARD_JELLYFIN_TOKEN": "key",
        }
        assert "LEEWARD_JELLYFIN_CA_FILE" in lonely("check", expect=ExitCode.FAILED).out

        lonely.environment |= {"LEEWARD_JELLYFIN_CA_FILE": str(tmp_path / "ca.pem")}
        trusted = lonely("check", expect=ExitCode.FAILED)  # it hangs up after the handshake
        assert "not trusted" not in trusted.out


def test_what_would_keep_workers_from_starting_is_a_problem(lonely: Command) -> None:
    lonely.environment |= {"LEEWARD_JELLYFIN_URL": "https://media.example.org", "LEEWARD_JELLYFIN_TOKEN": "two words"}

    answer = lonely("check", expect=ExitCode.FAILED)

    assert "workers would not start" in answer.out
    assert "two words" not in answer.out
