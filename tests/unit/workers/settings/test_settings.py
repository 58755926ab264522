"""The configuration is read once, checked as a whole, and never shows a secret."""

from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError

from workers.settings.problem import InvalidSettings
from workers.settings.settings import SECRETS, VARIABLES, Settings, environment_with

SECRET = "hunter2-hunter2"


def problems_of(**variables: str) -> dict[str, str]:
    """Variable without prefix -> advice."""
    with pytest.raises(InvalidSettings) as invalid:
        Settings.load({f"LEEWARD_{name}": text for name, text in variables.items()})
    return {problem.name.removeprefix("LEEWARD_"): problem.advice for problem in invalid.value.problems}


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.load({})

    assert settings.valkey_url is None
    assert settings.data_dir == Path(".leeward")
    assert (settings.processes, settings.threads) == (2, 8)
    assert (settings.lease, settings.drain) == (timedelta(seconds=15), timedelta(seconds=30))
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 9191)
    assert (settings.probe_schedule, settings.expiry_schedule) == ("* * * * *", "*/5 * * * *")
    assert settings.download_allow_private is False


def test_every_value_is_read() -> None:
    settings = Settings.load(
        {
            "LEEWARD_VALKEY_URL": f"rediss://user:{SECRET}@valkey:6379/1",
            "LEEWARD_DATABASE_URL": f"postgresql://user:{SECRET}@postgres/leeward",
            "LEEWARD_DATA_DIR": "/var/lib/leeward",
            "LEEWARD_PROCESSES": "4",
            "LEEWARD_THREADS": "16",
            "LEEWARD_LEASE_SECONDS": "2.5",
            "LEEWARD_DRAIN_SECONDS": "0",
            "LEEWARD_HTTP_HOST": "0.0.0.0",
            "LEEWARD_HTTP_PORT": "0",
            "LEEWARD_LOG_FORMAT": "JSON",
            "LEEWARD_LOG_LEVEL": "debug",
            "LEEWARD_JELLYFIN_URL": "https://media.example.org/jellyfin/",
            "LEEWARD_JELLYFIN_TOKEN": SECRET,
            "LEEWARD_JELLYFIN_LIST_LIMIT_BYTES": "300000000",
            "LEEWARD_SMTP_HOST": "mail.example.org",
            "LEEWARD_SMTP_PORT": "2525",
            "LEEWARD_SMTP_USERNAME": "fleet",
            "LEEWARD_SMTP_PASSWORD": SECRET,
            "LEEWARD_SMTP_TLS": "implicit",
            "LEEWARD_SMTP_SENDER": "Fleet <fleet@example.org>",
            "LEEWARD_DOWNLOAD_ROOT": "/srv/downloads",
            "LEEWARD_DOWNLOAD_ALLOW_PRIVATE": "true",
            "LEEWARD_PROBE_SCHEDULE": "*/2 * * * *",
            "LEEWARD_EXPIRY_SCHEDULE": "0 3 * * 6,7",
            "LEEWARD_PRUNE_SCHEDULE": "0 4 * * *",
            "LEEWARD_KEEP_FINISHED": "8w",
            "LEEWARD_KEEP_DISCARDED": "90d",
            "LEEWARD_KEEP_RECOVERED": "12h",
        }
    )

    assert settings.valkey_url is not None
    assert settings.valkey_url.get_secret_value() == f"rediss://user:{SECRET}@valkey:6379/1"
    assert (settings.lease, settings.drain) == (timedelta(seconds=2.5), timedelta(0))
    assert (settings.log_format, settings.log_level) == ("json", "DEBUG")
    assert settings.jellyfin_url == "https://media.example.org/jellyfin"
    assert settings.jellyfin_list_limit_bytes == 300_000_000
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == SECRET
    assert (settings.smtp_tls, settings.smtp_port_in_use) == ("implicit", 2525)
    assert settings.download_root == Path("/srv/downloads")
    assert settings.download_allow_private is True
    assert settings.keep_finished == timedelta(weeks=8)
    assert (settings.keep_discarded, settings.keep_recovered) == (timedelta(days=90), timedelta(hours=12))
    assert SECRET not in repr(settings)


def test_all_problems_are_told_at_once() -> None:
    problems = problems_of(
        THREAD="8",
        PROCESSES="many",
        HTTP_PORT="70000",
        LEASE_SECONDS="soon",
        DRAIN_SECONDS="-1",
        LOG_LEVEL="loud",
        DOWNLOAD_ROOT="downloads",
        JELLYFIN_URL="https://media.example.org",
        PROBE_SCHEDULE="* * * 13 sun",
    )

    assert problems == {
        "THREAD": "is no setting; did you mean LEEWARD_THREADS?",
        "PROCESSES": "is 'many', which cannot be used; write a whole number from 1 to 256.",
        "HTTP_PORT": "is '70000', which cannot be used; write a port from 1 to 65535, or 0 for any free one.",
        "LEASE_SECONDS": "is 'soon', which is no number of seconds; write one, as 15.",
        "DRAIN_SECONDS": "is '-1', which is not between 0 and 3600 seconds; write one that is.",
        "LOG_LEVEL": "is 'loud', which cannot be used; write debug, info, warning, error or critical.",
        "DOWNLOAD_ROOT": "is 'downloads', which is no absolute path; write it from / on, so that it does not depend on "
        "where we are started.",
        "JELLYFIN_URL": "is set without LEEWARD_JELLYFIN_TOKEN; set that to an API key from Jellyfin's dashboard, "
        "or remove this.",
        "PROBE_SCHEDULE": "is '* * * 13 sun', which has an impossible month; write numbers from 1 to 12, "
        "as in */5 * * * *.",
    }


@pytest.mark.parametrize(
    ("variable", "companions"),
    [
        ("JELLYFIN_CA_FILE", {"JELLYFIN_URL": "https://media.example.org", "JELLYFIN_TOKEN": SECRET}),
        ("SMTP_CA_FILE", {"SMTP_HOST": "mail", "SMTP_SENDER": "a@example.org"}),
        ("DOWNLOAD_CA_FILE", {"DOWNLOAD_ROOT": "/srv/downloads"}),
    ],
)
def test_a_file_of_certificates_is_loaded_at_start(variable: str, companions: dict[str, str], tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"

    assert problems_of(**{variable: str(missing)}, **companions) == {
        variable: f"is '{missing}', which cannot be used: {missing} cannot be read (No such file or directory): "
        "give the path of a file of certificates in PEM form."
    }
    assert "is no absolute path" in problems_of(**{variable: "ca.pem"}, **companions)[variable]
    missing.write_bytes(trustme.CA().cert_pem.bytes())
    assert f"is set without LEEWARD_{next(iter(companions))}" in problems_of(**{variable: str(missing)})[variable]


def test_an_empty_variable_counts_as_one_that_is_not_set() -> None:
    assert Settings.load({"LEEWARD_SMTP_HOST": "", "LEEWARD_THREADS": ""}) == Settings.load({})


def test_other_peoples_variables_are_left_alone() -> None:
    assert Settings.load({"PATH": "/bin", "LEEWARDS_THREADS": "x"}) == Settings.load({})


@pytest.mark.parametrize(
    ("group", "lonely", "missing"),
    [
        ({"JELLYFIN_TOKEN": SECRET}, "JELLYFIN_TOKEN", "JELLYFIN_URL"),
        ({"SMTP_HOST": "mail"}, "SMTP_HOST", "SMTP_SENDER"),
        ({"SMTP_PORT": "25"}, "SMTP_PORT", "SMTP_HOST"),
        ({"SMTP_HOST": "mail", "SMTP_SENDER": "a@b", "SMTP_USERNAME": "a"}, "SMTP_USERNAME", "SMTP_PASSWORD"),
        ({"SMTP_HOST": "mail", "SMTP_SENDER": "a@b", "SMTP_PASSWORD": SECRET}, "SMTP_PASSWORD", "SMTP_USERNAME"),
    ],
)
def test_a_half_configured_provider_is_refused(group: dict[str, str], lonely: str, missing: str) -> None:
    problems = problems_of(**group)

    assert f"is set without LEEWARD_{missing}" in problems[lonely]


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("VALKEY_URL", f"http://:{SECRET}@host"),
        ("VALKEY_URL", f"redis://:{SECRET}@host:port"),
        ("VALKEY_URL", f"redis:///{SECRET}"),
        ("DATABASE_URL", f"mysql://user:{SECRET}@host/name"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}@host"),
        ("JELLYFIN_URL", f"https://{SECRET}@host"),
        ("JELLYFIN_URL", f"https://host/?api_key={SECRET}"),
        ("JELLYFIN_URL", f"{SECRET}"),
        ("JELLYFIN_PROXY", f"socks5://fleet:{SECRET}@proxy:1080"),
        ("JELLYFIN_PROXY", f"proxy:{SECRET}"),
        ("DOWNLOAD_PROXY", f"https://fleet:{SECRET}@proxy"),
        ("DOWNLOAD_PROXY", f"http://proxy/{SECRET}"),
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(variable: str, text: str) -> None:
    problems = problems_of(**{variable: text, "JELLYFIN_TOKEN": SECRET})

    assert "; write " in problems[variable] or "percent-encode" in problems[variable]
    assert SECRET not in str(problems)


@pytest.mark.parametrize("sender", ["nobody", "@example.org", "a@example.org\nBcc: b@example.org", "a@"])
def test_a_sender_that_is_no_single_address_is_refused(sender: str) -> None:
    assert "is no mail address" in problems_of(SMTP_HOST="mail", SMTP_SENDER=sender)["SMTP_SENDER"]


@pytest.mark.parametrize(("tls", "port"), [("none", 25), ("starttls", 587), ("implicit", 465)])
def test_the_mail_port_follows_the_way_tls_is_used(tls: str, port: int) -> None:
    environ = {"LEEWARD_SMTP_HOST": "mail", "LEEWARD_SMTP_SENDER": "a@b", "LEEWARD_SMTP_TLS": tls}

    assert Settings.load(environ).smtp_port_in_use == port


@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_a_secret_may_come_from_a_file(secret: str, tmp_path: Path) -> None:
    texts = {
        "VALKEY_URL": "redis://valkey:6379/0",
        "DATABASE_URL": "postgresql://postgres/leeward",
        "JELLYFIN_URL": "https://media.example.org",
        "JELLYFIN_TOKEN": SECRET,
        "JELLYFIN_PROXY": f"http://fleet:{SECRET}@proxy:3128",
        "DOWNLOAD_ROOT": "/srv/downloads",
        "DOWNLOAD_PROXY": f"http://fleet:{SECRET}@proxy:3128",
        "SMTP_HOST": "mail",
        "SMTP_SENDER": "a@b",
        "SMTP_USERNAME": "fleet",
        "SMTP_PASSWORD": SECRET,
    }
    expected = Settings.load({f"LEEWARD_{name}": text for name, text in texts.items()})
    file = tmp_path / "secret"
    file.write_text(texts.pop(secret) + "\n")

    environ = {f"LEEWARD_{name}": text for name, text in texts.items()} | {f"LEEWARD_{secret}_FILE": str(file)}

    assert Settings.load(environ) == expected


def test_a_secret_and_its_file_exclude_each_other() -> None:
    problems = problems_of(VALKEY_URL="redis://valkey", VALKEY_URL_FILE="/run/secrets/valkey")

    assert problems == {"VALKEY_URL_FILE": "and LEEWARD_VALKEY_URL are both set; remove one of them."}


def test_a_file_that_cannot_be_used_is_told_once(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.touch()
    binary.write_bytes(b"\xff\xfe\xfa")

    problems = problems_of(
        VALKEY_URL_FILE="/no/such/file",
        DATABASE_URL_FILE=str(empty),
        JELLYFIN_TOKEN_FILE=str(binary),
        JELLYFIN_URL="https://media.example.org",
    )

    assert problems == {
        "VALKEY_URL_FILE": "names /no/such/file, which cannot be read (No such file or directory); "
        "make it readable for us.",
        "DATABASE_URL_FILE": f"names {empty}, which is empty; write the secret into it.",
        "JELLYFIN_TOKEN_FILE": f"names {binary}, which cannot be read (it is not text); make it readable for us.",
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
    assert VARIABLES.keys() >= {"VALKEY_URL", "LEASE_SECONDS", "DRAIN_SECONDS", "EXPIRY_SCHEDULE"}
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("30", "is '30', which is no period; write 30d, 12h or 8w."),
        ("-1d", "is '-1d', which is no period; write 30d, 12h or 8w."),
        ("0d", "is '0d', which is not between 1h and 3650d; write a period that is."),
        ("3651d", "is '3651d', which is not between 1h and 3650d; write a period that is."),
    ],
)
def test_a_period_that_cannot_be_meant_is_refused(text: str, advice: str) -> None:
    assert problems_of(KEEP_FINISHED=text, KEEP_DISCARDED=text) == {"KEEP_FINISHED": advice, "KEEP_DISCARDED": advice}


@pytest.mark.parametrize(
    ("text", "domains"),
    [("", set()), ("*", {"*"}), ("Example.org, straße.example,", {"example.org", "xn--strae-oqa.example"})],
)
def test_domains_that_do_not_differ_by_case_are_named_in_ascii(text: str, domains: set[str]) -> None:
    settings = Settings.load({"LEEWARD_SMTP_CASE_INSENSITIVE_DOMAINS": text} | RELAY)

    assert settings.smtp_case_insensitive_domains == domains


def test_a_domain_that_is_none_is_refused() -> None:
    assert "'exa mple' is no domain" in str(problems_of(SMTP_CASE_INSENSITIVE_DOMAINS="exa mple", SMTP_HOST="h"))


RELAY = {"LEEWARD_SMTP_HOST": "relay.example", "LEEWARD_SMTP_SENDER": "fleet@example.org"}
