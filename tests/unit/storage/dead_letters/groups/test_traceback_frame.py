import pytest

from storage.dead_letters.groups.traceback_frame import place_of, top_frame


def traceback(*frames: tuple[str, str]) -> str:
    shown = "".join(
        f'  File "{file}", line {number}, in {function}\n    x()\n' for number, (file, function) in enumerate(frames)
    )
    return f"Traceback (most recent call last):\n{shown}ValueError: no\n"


PYTHON = "/usr/lib/python3.11"
INSTALLED = f"{PYTHON}/site-packages"


@pytest.mark.parametrize("root", ["/app", "/srv/leeward/releases/7", INSTALLED, "/home/providers/x", r"C:\leeward"])
def test_a_frame_of_ours_is_named_from_its_package_on(root: str) -> None:
    text = traceback((f"{root}/actors/sync.py", "perform"), (f"{root}/providers/jellyfin/accounts.py", "ensure_user"))

    assert top_frame(text) == "providers/jellyfin/accounts.py:ensure_user"


def test_what_a_library_did_below_us_is_left_out() -> None:
    text = traceback(
        ("/app/providers/smtp/wire.py", "connect"),
        (f"{INSTALLED}/httpx/_client.py", "send"),
        (f"{PYTHON}/socket.py", "create_connection"),
        ("<frozen importlib._bootstrap>", "_load"),
    )

    assert top_frame(text) == "providers/smtp/wire.py:connect"


def test_a_library_that_has_a_folder_named_as_ours_is_a_library() -> None:
    text = traceback(("/app/actors/sync.py", "perform"), (f"{INSTALLED}/faker/providers/person.py", "name"))

    assert top_frame(text) == "actors/sync.py:perform"


def test_the_code_of_a_user_is_named_without_what_deployments_name() -> None:
    found = {
        top_frame(
            traceback((f"{INSTALLED}/dramatiq/worker.py", "process"), (f"/srv/{release}/shop/tasks.py", "charge"))
        )
        for release in ("releases/20260101", "releases/20260202", "current")
    }

    assert found == {"shop/tasks.py:charge"}


def test_a_release_moves_no_frame() -> None:
    one = traceback(("/app/actors/sync.py", "perform"))

    assert top_frame(one) == top_frame(one.replace("line 0", "line 99"))


def test_of_chained_errors_the_last_one_counts() -> None:
    first, last = traceback(("/app/providers/a.py", "deep")), traceback(("/app/actors/b.py", "perform"))

    assert (
        top_frame(f"{first}\nDuring handling of the above exception, another exception occurred:\n\n{last}")
        == "actors/b.py:perform"
    )


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        ("providers/smtp/session.py:connect", "providers:connect"),
        ("providers/smtp/connections/session.py:connect", "providers:connect"),
        ("shop/tasks.py:Charge.<lambda>", "shop:Charge.<lambda>"),
        ("tasks.py:charge", "tasks.py:charge"),
    ],
)
def test_the_place_of_a_frame_is_its_package_and_function(frame: str, place: str) -> None:
    assert place_of(frame) == place


@pytest.mark.parametrize(
    "text",
    ["", "ValueError: no", traceback((f"{INSTALLED}/httpx/_client.py", "send")), 'File "' * 10_000, "\n" * 30_000],
)
def test_no_frame_of_ours_is_none(text: str) -> None:
    assert top_frame(text) is None
