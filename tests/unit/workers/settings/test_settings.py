"""The fleet's own settings are read once, checked as a whole, and never show a secret."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from workers.settings.core_names import ALIASES
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings, core_variables, environment_with

SECRET = "hunter2-hunter2"


def problems_of(**variables: str) -> dict[str, str]:
    """Variable without prefix -> advice."""
    with pytest.raises(InvalidSettings) as invalid:
        Settings.load({f"LEEWARD_{name}": text for name, text in variables.items()})
    return {problem.name.removeprefix("LEEWARD_"): problem.advice for problem in invalid.value.problems}


def written(folder: Path, text: str) -> str:
    file = folder / "leeward.toml"
    file.write_text(text)
    return str(file)


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.load({})

    assert settings.valkey_url is None
    assert settings.data_dir == Path(".leeward")
    assert (settings.processes, settings.threads) == (2, 8)
    assert (settings.lease, settings.drain) == (timedelta(seconds=15), timedelta(seconds=30))
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 9191)
    assert (settings.probe_schedule, settings.expiry_schedule) == ("30s", "* * * * *")
    assert settings == Settings()


def test_every_value_is_read() -> None:
    settings = Settings.load(
        {
            "LEEWARD_VALKEY_URL": f"rediss://user:{SECRET}@valkey:6379/1",
            "LEEWARD_DATABASE_URL": f"postgresql://user:{SECRET}@postgres/leeward",
            "LEEWARD_DATA_DIR": "/var/lib/leeward",
            "LEEWARD_PROCESSES": "4",
            "LEEWARD_THREADS": "16",
            "LEEWARD_LEASE": "1m30s",
            "LEEWARD_DRAIN": "0s",
            "LEEWARD_HTTP_HOST": "0.0.0.0",
            "LEEWARD_HTTP_PORT": "0",
            "LEEWARD_LOG_FORMAT": "JSON",
            "LEEWARD_LOG_LEVEL": "debug",
            "LEEWARD_PROFILE": "Testing",
            "LEEWARD_SECRET_NAMES": "iban, x-ticket",
            "LEEWARD_PROBE_SCHEDULE": "*/2 * * * *",
            "LEEWARD_EXPIRY_SCHEDULE": "0 3 * * 6,7",
            "LEEWARD_PRUNE_SCHEDULE": "0 4 * * *",
            "LEEWARD_KEEP_FINISHED": "8w",
            "LEEWARD_KEEP_DISCARDED": "1d12h",
            "LEEWARD_KEEP_RECOVERED": "90m",
            "LEEWARD_SELF_DRAIN_CANARY": "3",
        }
    )

    assert settings.valkey_url is not None
    assert settings.valkey_url.get_secret_value() == f"rediss://user:{SECRET}@valkey:6379/1"
    assert (settings.lease, settings.drain) == (timedelta(seconds=90), timedelta(0))
    assert (settings.log_format, settings.log_level, settings.profile) == ("json", "DEBUG", "testing")
    assert settings.secret_names == ("iban", "x-ticket")
    assert settings.keep_finished == timedelta(weeks=8)
    assert (settings.keep_discarded, settings.keep_recovered) == (timedelta(hours=36), timedelta(minutes=90))
    assert settings.self_drain.canary == 3
    assert SECRET not in repr(settings)


def test_the_file_holds_the_same_settings_and_variables_override_it(tmp_path: Path) -> None:
    (tmp_path / "database").write_text(f"postgresql://user:{SECRET}@postgres/leeward\n")
    file = written(
        tmp_path,
        f"""
processes = 4
threads = 16
lease = "20s"
secret_names = ["iban"]
valkey_url_env = "VALKEY"
database_url_file = "{tmp_path / "database"}"
[self_drain]
canary = 2
""",
    )

    settings = Settings.load({"LEEWARD_CONFIG": file, "LEEWARD_THREADS": "2", "VALKEY": f"redis://:{SECRET}@valkey"})

    assert (settings.processes, settings.threads, settings.lease) == (4, 2, timedelta(seconds=20))
    assert (settings.secret_names, settings.self_drain.canary) == (("iban",), 2)
    assert settings.valkey_url is not None
    assert settings.database_url is not None
    assert SECRET in settings.valkey_url.get_secret_value()
    assert settings.database_url.get_secret_value().startswith("postgresql://")
    assert settings.config == Path(file)


def test_names_of_older_releases_keep_working() -> None:
    settings = Settings.load(
        {"LEEWARD_LEASE_SECONDS": "2.5", "LEEWARD_DRAIN_SECONDS": "0", "LEEWARD_SELF_DRAIN": "sync.user, download.file"}
    )

    assert (settings.lease, settings.drain) == (timedelta(seconds=2.5), timedelta(0))
    assert settings.self_drain.actors == ("sync.user", "download.file")
    assert set(ALIASES.values()) <= core_variables()
    assert problems_of(LEASE="20s", LEASE_SECONDS="20") == {
        "LEASE_SECONDS": "and LEEWARD_LEASE are both set; remove one of them."
    }


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
proceses = 4
lease = 15
http_port = true
[self_drain]
canari = 3
canary = 0
rest = "soon"
""",
    )

    assert problems_of(
        CONFIG=file,
        THREAD="8",
        PROCESSES="many",
        LOG_LEVEL="loud",
        DRAIN_SECONDS="-1",
        PROBE_SCHEDULE="* * * 13 sun",
        KEEP_FINISHED="a month",
        KEEP_DISCARDED="5m",
        SOMEBODYS_ELSE="1",
    ) == {
        "THREAD": "is not a setting; did you mean LEEWARD_THREADS?",
        "PROCESSES": "is 'many', which cannot be used; write a whole number from 1 to 256.",
        "LOG_LEVEL": "is 'loud', which cannot be used; write debug, info, warning, error or critical.",
        "DRAIN_SECONDS": "is '-1s', which is not a valid duration; use for example 30d.",
        "PROBE_SCHEDULE": "is '* * * 13 sun', which has an impossible month; write numbers from 1 to 12, "
        "as in */5 * * * *.",
        "KEEP_FINISHED": "is 'a month', which is not a valid duration; use for example 30d.",
        "KEEP_DISCARDED": "is '5m', which cannot be used; write a duration from 1h to 3650d, as 30d.",
        f"{file}: proceses": "is not a setting; did you mean processes?",
        f"{file}: lease": "is 15, which is not a valid duration; use for example 30d.",
        f"{file}: http_port": "is true, which cannot be used; write a port from 1 to 65535, or 0 for any free one.",
        f"{file}: self_drain.canari": "is not a setting; did you mean canary?",
        f"{file}: self_drain.canary": "is 0, which cannot be used; write a whole number above 0.",
        f"{file}: self_drain.rest": "is 'soon', which is not a valid duration; use for example 30d.",
    }


@pytest.mark.parametrize(
    ("file", "advice"),
    [("/no/such/file", "cannot be read (No such file or directory)"), ("not-toml", "is not valid TOML")],
)
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, file: str, advice: str) -> None:
    (tmp_path / "not-toml").write_text("processes = \n")

    (problem,) = problems_of(CONFIG=str(tmp_path / file)).values()

    assert advice in problem


def test_what_may_belong_to_an_extension_is_left_to_those_who_have_loaded_it(tmp_path: Path) -> None:
    file = written(tmp_path, '[providers.acme]\nurl = "x"\n[actors."sync.invoice"]\nlimt = 3\n[retry_presets.a]\n')
    table = written(tmp_path, '[providers.thread]\ntype = "acme"\n')

    assert Settings.load({"LEEWARD_CONFIG": file, "LEEWARD_ACME_API_KEY": SECRET}).processes == 2
    assert Settings.load({"LEEWARD_CONFIG": table, "LEEWARD_THREAD_S": "x"}).threads == 8


def test_an_empty_variable_counts_as_one_that_is_not_set() -> None:
    assert Settings.load({"LEEWARD_VALKEY_URL": "", "LEEWARD_THREADS": ""}) == Settings.load({})


def test_other_peoples_variables_are_left_alone() -> None:
    assert Settings.load({"PATH": "/bin", "LEEWARDS_THREADS": "x"}) == Settings.load({})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("VALKEY_URL", f"http://:{SECRET}@host"),
        ("VALKEY_URL", f"redis://:{SECRET}@host:port"),
        ("VALKEY_URL", f"redis:///{SECRET}"),
        ("DATABASE_URL", f"mysql://user:{SECRET}@host/name"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}@host"),
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(variable: str, text: str) -> None:
    problems = problems_of(**{variable: text})

    assert "; write " in problems[variable] or "percent-encode" in problems[variable]
    assert SECRET not in str(problems)


@pytest.mark.parametrize(
    ("secret", "text"),
    [("VALKEY_URL", "redis://valkey:6379/0"), ("DATABASE_URL", "postgresql://postgres/leeward")],
)
def test_a_secret_may_come_from_a_file(secret: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(text + "\n")

    found = Settings.load({f"LEEWARD_{secret}_FILE": str(file)})

    assert found == Settings.load({f"LEEWARD_{secret}": text})


def test_a_secret_and_its_file_exclude_each_other() -> None:
    problems = problems_of(VALKEY_URL="redis://valkey", VALKEY_URL_FILE="/run/secrets/valkey")

    assert problems == {"VALKEY_URL_FILE": "and LEEWARD_VALKEY_URL are both set; remove one of them."}


def test_a_secrets_file_that_cannot_be_used_is_reported_once(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.touch()
    binary.write_bytes(b"\xff\xfe\xfa")

    assert problems_of(VALKEY_URL_FILE="/no/such/file", DATABASE_URL_FILE=str(empty)) == {
        "VALKEY_URL_FILE": "names /no/such/file, which cannot be read (No such file or directory); make it readable.",
        "DATABASE_URL_FILE": f"names {empty}, which is empty; write the secret into it.",
    }
    assert problems_of(DATABASE_URL_FILE=str(binary)) == {
        "DATABASE_URL_FILE": f"names {binary}, which cannot be read (it is not text); make it readable.",
    }


def test_settings_do_not_change() -> None:
    settings = Settings.load({})

    with pytest.raises(ValidationError, match="frozen"):
        settings.threads = 1  # type: ignore[misc]


def test_our_own_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEEWARD_THREADS", "3")

    assert Settings.from_environment().threads == 3


def test_a_childs_environment_names_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING", "else")
    monkeypatch.setenv("LEEWARD_VALKEY_URL_FILE", "/run/secrets/valkey")

    environment = environment_with(LEEWARD_VALKEY_URL="redis://valkey", LEEWARD_DATABASE_URL="postgresql://")

    assert environment["SOMETHING"] == "else"
    assert "LEEWARD_VALKEY_URL_FILE" not in environment
    assert environment["LEEWARD_VALKEY_URL"] == "redis://valkey"
    assert environment["LEEWARD_DATABASE_URL"] == "postgresql://"


def test_every_field_has_a_variable_and_says_what_to_write() -> None:
    assert core_variables() >= {
        "VALKEY_URL",
        "DATABASE_URL_FILE",
        "LEASE",
        "EXPIRY_SCHEDULE",
        "SELF_DRAIN_REST",
        "CONFIG",
    }
    assert all(field.description for name, field in Settings.model_fields.items() if name != "source")
