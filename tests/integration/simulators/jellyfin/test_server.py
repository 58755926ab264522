"""The simulated Jellyfin answers as `providers.md` says the real one does; each trap by itself."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from simulators.jellyfin.server import JellyfinSimulator

KEY = {"Authorization": 'MediaBrowser Token="simulated-key"'}


@pytest.fixture
def jellyfin() -> Iterator[JellyfinSimulator]:
    with JellyfinSimulator() as simulator:
        yield simulator


@pytest.fixture
def http(jellyfin: JellyfinSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=jellyfin.url, headers=KEY) as client:
        yield client


def created(http: httpx.Client, name: str = "alice", **fields: Any) -> dict[str, Any]:
    answer = http.post("/Users/New", json={"Name": name, **fields})
    assert answer.status_code == 200
    user: dict[str, Any] = answer.json()
    return user


def policy_of(http: httpx.Client, user_id: str) -> dict[str, Any]:
    policy: dict[str, Any] = http.get(f"/Users/{user_id}").json()["Policy"]
    return policy


def test_ids_are_32_hex_digits_and_read_in_any_form(http: httpx.Client) -> None:
    user_id = created(http)["Id"]
    dashed = "-".join([user_id[:8], user_id[8:12], user_id[12:16], user_id[16:20], user_id[20:]]).upper()

    assert re.fullmatch(r"[0-9a-f]{32}", user_id)
    assert http.get(f"/Users/{dashed}").json()["Id"] == user_id


@pytest.mark.parametrize("name", ["alice", "ALICE", "a/b", " x"])
def test_a_duplicate_and_an_illegal_name_get_the_same_answer(name: str, http: httpx.Client) -> None:
    created(http)

    answer = http.post("/Users/New", json={"Name": name})

    assert (answer.status_code, answer.text) == (400, "Error processing request.")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_policy_is_replaced_and_not_merged(http: httpx.Client) -> None:
    user_id = created(http)["Id"]
    whole = policy_of(http, user_id) | {"EnableAllFolders": False, "IsHidden": False}
    http.post(f"/Users/{user_id}/Policy", json=whole)
    required = {name: whole[name] for name in ("AuthenticationProviderId", "PasswordResetProviderId")}

    answer = http.post(f"/Users/{user_id}/Policy", json=required)

    policy = policy_of(http, user_id)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (policy["EnableAllFolders"], policy["IsHidden"]) == (True, True)


def test_a_policy_without_its_providers_is_refused_as_a_validation_problem(http: httpx.Client) -> None:
    answer = http.post(f"/Users/{created(http)['Id']}/Policy", json={"IsDisabled": True})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_round_trip_clears_lyric_management(jellyfin: JellyfinSimulator, http: httpx.Client) -> None:
    user_id = created(http)["Id"]
    jellyfin.accounts.get(user_id).policy["EnableLyricManagement"] = True

    http.post(f"/Users/{user_id}/Policy", json=policy_of(http, user_id))

    assert not jellyfin.accounts.get(user_id).policy["EnableLyricManagement"]


def test_a_lockout_after_no_attempt_becomes_three(http: httpx.Client) -> None:
    user_id = created(http)["Id"]

    http.post(f"/Users/{user_id}/Policy", json=policy_of(http, user_id) | {"LoginAttemptsBeforeLockout": 0})

    assert policy_of(http, user_id)["LoginAttemptsBeforeLockout"] == 3


def test_a_password_signs_in_until_the_account_is_disabled(http: httpx.Client) -> None:
    user_id = created(http)["Id"]
    http.post("/Users/Password", params={"userId": user_id}, json={"NewPw": "secret"})

    def sign_in(password: str) -> int:
        return http.post("/Users/AuthenticateByName", json={"Username": "Alice", "Pw": password}).status_code

    right, wrong = sign_in("secret"), sign_in("guess")
    http.post(f"/Users/{user_id}/Policy", json=policy_of(http, user_id) | {"IsDisabled": True})

    assert (right, wrong, sign_in("secret")) == (200, 401, 403)


def test_the_last_administrator_stays_one_and_stays_enabled(http: httpx.Client) -> None:
    (admin,) = http.get("/Users").json()
    policy = admin["Policy"]

    demoted = http.post(f"/Users/{admin['Id']}/Policy", json=policy | {"IsAdministrator": False})
    disabled = http.post(f"/Users/{admin['Id']}/Policy", json=policy | {"IsDisabled": True})

    assert (demoted.status_code, "administrative access" in demoted.text) == (403, True)
    assert (disabled.status_code, disabled.text) == (403, "Administrators cannot be disabled.")


def test_missing_users_are_404(http: httpx.Client) -> None:
    answer = http.get(f"/Users/{'f' * 32}")

    assert (answer.status_code, answer.text) == (404, "User not found")
    assert http.get(f"/Users/{'0' * 32}").status_code == 400
    assert http.delete(f"/Users/{'f' * 32}").status_code == 404


def test_a_wrong_key_is_401_with_nothing_but_the_public_info_answers(jellyfin: JellyfinSimulator) -> None:
    with httpx.Client(base_url=jellyfin.url, headers={"Authorization": 'MediaBrowser Token="wrong"'}) as stranger:
        answer = stranger.get("/Users")

        assert (answer.status_code, answer.content) == (401, b"")
        assert stranger.get("/System/Info/Public").status_code == 200


def test_the_legacy_header_works_only_while_it_is_allowed(jellyfin: JellyfinSimulator) -> None:
    with httpx.Client(base_url=jellyfin.url, headers={"X-Emby-Token": "simulated-key"}) as old:
        before = old.get("/Users").status_code
        jellyfin.configure({"legacy_authorization": False})

        assert (before, old.get("/Users").status_code) == (200, 401)


def test_an_api_key_has_no_user_of_its_own(http: httpx.Client) -> None:
    assert http.get("/Users/Me").status_code == 400


def test_the_list_can_be_narrowed(http: httpx.Client) -> None:
    user_id = created(http)["Id"]
    http.post(f"/Users/{user_id}/Policy", json=policy_of(http, user_id) | {"IsDisabled": True})

    assert [user["Name"] for user in http.get("/Users", params={"isDisabled": "true"}).json()] == ["alice"]
    assert [user["Name"] for user in http.get("/Users", params={"isDisabled": "false"}).json()] == ["admin"]


def test_during_migrations_health_lies_and_the_rest_says_when_to_come_back(
    jellyfin: JellyfinSimulator, http: httpx.Client
) -> None:
    jellyfin.configure({"mode": "setup"})

    answer = http.get("/Users")

    assert (http.get("/health").status_code, http.get("/health").text) == (200, "Degraded")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "005")
    assert http.get("/System/Info/Public").json()["StartupWizardCompleted"] is False


def test_changes_are_recorded_as_they_happen(jellyfin: JellyfinSimulator, http: httpx.Client) -> None:
    user_id = created(http, Password="secret")["Id"]
    for disabled in (True, True, False):
        http.post(f"/Users/{user_id}/Policy", json=policy_of(http, user_id) | {"IsDisabled": disabled})
    http.delete(f"/Users/{user_id}")

    assert jellyfin.record.counts() == {
        "user_created": 1,
        "password_set": 1,
        "policy_set": 3,
        "user_disabled": 1,
        "user_enabled": 1,
        "user_deleted": 1,
    }
    assert "secret" not in str(jellyfin.record.entries())
