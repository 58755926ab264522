from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from leeward.extension.errors import Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.faults import Effect, Rule, Stage
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, last_headers, own_files, part, record, sha256

Wanted = Callable[..., DownloadFile]
SIZE = 600_000
KEPT = 200_000


@pytest.fixture
def break_off(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> Callable[..., None]:
    """Publishes a file and lets one delivery end in the middle of it."""

    def run(job: DownloadFile | None = None, **properties: Any) -> None:
        host.publish("/a.iso", size=SIZE, close_after_bytes=KEPT, **properties)
        with pytest.raises(Transient):
            downloader.fetch(job or wanted())

    return run


def test_a_delivery_goes_on_where_the_last_one_broke_off(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    assert not (root / "a.iso").exists()
    file = host.publish("/a.iso", size=SIZE)

    found = downloader.fetch(wanted())

    assert found.resumed_from == KEPT
    assert found.sha256 == file.sha256() == sha256(root / "a.iso")
    assert asked(host) == [(None, 200), (f"bytes={KEPT}-", 206)]
    assert last_headers(host)["if-range"] == file.etag("0")
    assert own_files(root) == []


def test_a_reset_in_the_middle_keeps_what_had_come(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    host.faults.set(Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=KEPT, times=1))
    with pytest.raises(Transient) as failed:
        downloader.fetch(wanted())
    kept = part(root).stat().st_size

    found = downloader.fetch(wanted())

    assert failed.value.unreachable
    assert 0 < kept <= KEPT
    assert found.resumed_from == kept
    assert found.sha256 == file.sha256()


@pytest.mark.parametrize("validator", ["weak", "none"])
def test_without_a_strong_tag_a_delivery_begins_again(
    host: FilesSimulator,
    downloader: Downloader,
    wanted: Wanted,
    root: Path,
    break_off: Callable[..., None],
    validator: str,
) -> None:
    break_off(validator=validator)
    assert own_files(root) == []
    file = host.publish("/a.iso", size=SIZE, validator=validator)

    found = downloader.fetch(wanted())

    assert (found.resumed_from, found.etag, found.sha256) == (0, None, file.sha256())
    assert asked(host) == [(None, 200), (None, 200)]


@pytest.mark.parametrize(
    ("properties", "statuses"),
    [
        ({"seed": "new"}, [200]),
        ({"seed": "new", "heeds_if_range": False}, [206, 200]),
        ({"seed": "new", "heeds_if_range": False, "tags_pieces": False}, [206, 200]),
        ({"tags_pieces": False}, [206, 200]),
        ({"ranges": "ignored"}, [200]),
        ({"ranges": "shifted"}, [206, 200]),
        ({"ranges": "unlabelled"}, [206, 200]),
        ({"ranges": "refused"}, [416, 200]),
    ],
    ids=str,
)
def test_a_part_that_cannot_be_continued_is_begun_again_in_the_same_delivery(
    host: FilesSimulator,
    downloader: Downloader,
    wanted: Wanted,
    root: Path,
    break_off: Callable[..., None],
    properties: dict[str, Any],
    statuses: list[int],
) -> None:
    break_off()
    file = host.publish("/a.iso", size=SIZE, **properties)

    found = downloader.fetch(wanted())

    assert found.resumed_from == 0
    assert found.sha256 == file.sha256() == sha256(root / "a.iso")
    assert [status for _, status in asked(host)[1:]] == statuses


def test_a_file_that_became_shorter_is_begun_again(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    file = host.publish("/a.iso", size=KEPT // 2, heeds_if_range=False)

    assert downloader.fetch(wanted()).sha256 == file.sha256() == sha256(root / "a.iso")
    assert [status for _, status in asked(host)[1:]] == [416, 200]


def test_pieces_smaller_than_asked_for_are_put_together(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    file = host.publish("/a.iso", size=SIZE, piece_bytes=150_000)

    found = downloader.fetch(wanted())

    assert found.resumed_from == KEPT
    assert found.sha256 == file.sha256() == sha256(root / "a.iso")
    assert [bytes_range for bytes_range, _ in asked(host)[1:]] == ["bytes=200000-", "bytes=350000-", "bytes=500000-"]


def test_an_unknown_total_is_found_out_by_asking_beyond_the_end(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off(framing="chunked")
    file = host.publish("/a.iso", size=SIZE, ranges="totalless")

    found = downloader.fetch(wanted())

    assert found.sha256 == file.sha256() == sha256(root / "a.iso")
    assert asked(host)[1:] == [("bytes=200000-", 206), ("bytes=600000-", 416)]


def test_more_bytes_than_the_range_promised_are_not_taken(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off(framing="chunked")
    host.publish("/a.iso", size=SIZE, framing="chunked", piece_bytes=100_000, surplus_bytes=5_000)

    with pytest.raises(Transient, match="more than"):
        downloader.fetch(wanted())

    assert part(root).stat().st_size <= KEPT + 100_000


def test_fewer_bytes_than_the_range_promised_are_kept_but_not_the_end(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off(framing="chunked")
    host.publish("/a.iso", size=SIZE, framing="chunked", surplus_bytes=-1000)

    with pytest.raises(Transient, match="399000 of 400000"):
        downloader.fetch(wanted())

    assert part(root).stat().st_size == SIZE - 1000
    assert not (root / "a.iso").exists()


def test_a_host_that_never_sends_the_whole_file_is_given_up(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, ranges="unasked")

    with pytest.raises(Transient, match="cannot be continued or begun again"):
        downloader.fetch(wanted())

    assert len(asked(host)) == 3
    assert own_files(root) == []


def test_the_same_destination_from_another_url_is_begun_again(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    file = host.publish("/b.iso", size=SIZE)

    found = downloader.fetch(wanted("/b.iso"))

    assert (found.resumed_from, found.sha256) == (0, file.sha256())
    assert last_headers(host).get("range") is None


@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 50, b'{"version":2}'])
def test_a_damaged_record_means_begin_again(
    host: FilesSimulator,
    downloader: Downloader,
    wanted: Wanted,
    root: Path,
    break_off: Callable[..., None],
    content: bytes,
) -> None:
    break_off()
    record(root).write_bytes(content)
    file = host.publish("/a.iso", size=SIZE)

    assert downloader.fetch(wanted()).resumed_from == 0
    assert sha256(root / "a.iso") == file.sha256()


def test_a_part_shorter_than_its_record_means_begin_again(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    with part(root).open("r+b") as handle:
        handle.truncate(KEPT - 1)
    file = host.publish("/a.iso", size=SIZE)

    assert downloader.fetch(wanted()).resumed_from == 0
    assert sha256(root / "a.iso") == file.sha256()


def test_bytes_after_the_last_checkpoint_are_not_trusted(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    with part(root).open("ab") as handle:
        handle.write(b"\0" * 1000)  # as a power cut may leave it
    file = host.publish("/a.iso", size=SIZE)

    assert downloader.fetch(wanted()).resumed_from == KEPT
    assert sha256(root / "a.iso") == file.sha256()


def test_a_part_that_was_complete_is_finished_without_a_request(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off()
    known = orjson.loads(record(root).read_bytes())
    record(root).write_bytes(orjson.dumps(known | {"total": KEPT}))

    found = downloader.fetch(wanted())

    assert (found.size_bytes, found.resumed_from) == (KEPT, KEPT)
    assert len(asked(host)) == 1
    assert (root / "a.iso").stat().st_size == KEPT


def test_connections_that_break_off_after_a_good_deal_are_one_delivery(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=20_000_000)
    host.faults.set(Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=6_000_000, times=2))

    found = downloader.fetch(wanted())

    assert found.resumed_from == 0
    assert found.sha256 == file.sha256() == sha256(root / "a.iso")
    assert [status for _, status in asked(host)] == [200, 206, 206]


@pytest.mark.parametrize("properties", [{"validator": "weak"}, {"ranges": "ignored"}], ids=str)
def test_a_host_that_cannot_continue_is_not_asked_again_at_once(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, properties: dict[str, Any]
) -> None:
    host.publish("/a.iso", size=20_000_000, **properties)
    host.faults.set(
        Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=6_000_000, times=1),
        Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=18_000_000),
    )

    with pytest.raises(Transient):
        downloader.fetch(wanted())

    assert len(asked(host)) == (1 if "validator" in properties else 2)


def test_the_record_keeps_neither_the_url_nor_its_secrets(
    host: FilesSimulator, wanted: Wanted, root: Path, break_off: Callable[..., None]
) -> None:
    break_off(wanted("/a.iso?token=secret"))

    assert b"secret" not in record(root).read_bytes()
    assert b"a.iso" not in record(root).read_bytes()
