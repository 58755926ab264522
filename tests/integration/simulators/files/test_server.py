"""The simulated file host over its sockets, as a downloader and as somebody at the control port see it."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from simulators.files.content import content, sha256_of
from simulators.files.server import FilesSimulator
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

SIZE = 200_000


@pytest.fixture
def host() -> Iterator[FilesSimulator]:
    with FilesSimulator() as simulator:
        yield simulator


def _get(host: FilesSimulator, path: str, **headers: str) -> httpx.Response:
    return httpx.get(host.url + path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def _bytes(seed: str, first: int, length: int) -> bytes:
    return b"".join(content(seed, first, length))


def test_a_seed_and_a_size_say_what_the_bytes_are(host: FilesSimulator) -> None:
    answer = _get(host, f"/bytes/{SIZE}/a")

    assert answer.content == _bytes("a", 0, SIZE)
    assert hashlib.sha256(answer.content).hexdigest() == sha256_of("a", SIZE)
    assert _get(host, f"/bytes/{SIZE}/b").content != answer.content


def test_no_two_blocks_are_alike() -> None:
    whole = _bytes("a", 0, 1_000_000)
    blocks = {whole[at : at + 65536] for at in range(0, 983_040, 65536)}

    assert len(blocks) == 15


@pytest.mark.parametrize(
    ("asked", "first", "length"), [("0-9", 0, 10), ("150000-", 150_000, 50_000), ("-7", SIZE - 7, 7)]
)
def test_a_range_is_cut_from_the_file(host: FilesSimulator, asked: str, first: int, length: int) -> None:
    answer = _get(host, f"/bytes/{SIZE}/a", range=f"bytes={asked}")

    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{first + length - 1}/{SIZE}"
    assert answer.content == _bytes("a", first, length)


def test_a_range_beyond_the_end_is_not_satisfiable(host: FilesSimulator) -> None:
    answer = _get(host, f"/bytes/{SIZE}/a", range=f"bytes={SIZE}-")

    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(("if_range", "status"), [('"a-200000"', 206), ('"b-200000"', 200), ('W/"a-200000"', 200)])
def test_if_range_needs_the_same_strong_tag(host: FilesSimulator, if_range: str, status: int) -> None:
    assert _get(host, f"/bytes/{SIZE}/a", range="bytes=5-", if_range=if_range).status_code == status


def test_a_weak_tag_never_gets_a_range(host: FilesSimulator) -> None:
    path = f"/bytes/{SIZE}/a?validator=weak"
    etag = _get(host, path).headers["etag"]

    assert etag.startswith("W/")
    assert _get(host, path, range="bytes=5-", if_range=etag).status_code == 200


def test_a_file_changes_from_one_request_to_the_next(host: FilesSimulator) -> None:
    host.publish("/a", size=SIZE, versions=["x", "y"])

    assert [_get(host, "/a").content[:9] for _ in range(3)] == [_bytes(seed, 0, 9) for seed in "xyy"]


def test_an_unknown_path_is_not_found(host: FilesSimulator) -> None:
    assert _get(host, "/nothing").status_code == 404


def test_what_was_sent_is_recorded(host: FilesSimulator) -> None:
    _get(host, f"/bytes/{SIZE}/a?token=1", range="bytes=100000-")
    wait_until(lambda: not host.in_flight, description="the answer is recorded")

    (entry,) = host.record.entries("request")
    assert (entry["path"], entry["query"], entry["status"]) == (f"/bytes/{SIZE}/a", "token=1", 206)
    assert (entry["sent"], entry["end"], entry["headers"]["range"]) == (100_000, "whole", "bytes=100000-")


def test_a_short_body_ends_in_an_orderly_way(host: FilesSimulator) -> None:
    host.publish("/a", size=SIZE, close_after_bytes=1000)

    with pytest.raises(httpx.RemoteProtocolError, match="received 1000 bytes, expected 200000"):
        _get(host, "/a")


@pytest.fixture
def process(tmp_path: Path, start_process: Callable[..., RunningProcess]) -> dict[str, str]:
    """The host as a process; where it listens."""
    record = tmp_path / "record.jsonl"
    started = start_process([sys.executable, "-m", "simulators", "files", "--port", "0", "--record", str(record)])
    return {**orjson.loads(started.wait_for_output('"control"', timeout=60)), "record": str(record)}


def test_it_runs_as_a_process_that_is_told_what_to_do(process: dict[str, str]) -> None:
    control, url = process["control"], process["url"]
    httpx.post(f"{control}/__control/settings", json={"files": {"/a": {"size": 10, "seed": "z"}}}).raise_for_status()
    rule = {"operation": "GET /a", "effect": "status", "status": 503, "retry_after": "1", "times": 1}
    httpx.post(f"{control}/__control/faults", json={"rules": [rule]}).raise_for_status()

    answers = [httpx.get(f"{url}/a") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[1].content == _bytes("z", 0, 10)
    record = Path(process["record"])

    def two_lines() -> list[str] | None:
        lines = record.read_text().splitlines()
        return lines if len(lines) == 2 else None

    lines = wait_until(two_lines, description="two lines")
    assert [orjson.loads(line)["status"] for line in lines] == [503, 200]
    assert httpx.get(f"{control}/__control/state").json()["requests"] == {"/a": 1}
