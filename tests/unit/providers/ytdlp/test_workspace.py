import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leeward.jobs.download.media import DownloadMedia
from providers.downloads.disk.destination import DestinationRefused
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_lock import PartBusy
from providers.ytdlp.records import NAME, Record
from providers.ytdlp.sweep import sweep
from providers.ytdlp.workspace import HOME, Workspace, source_digest

WEEK = timedelta(days=7)


def _names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if HOME not in path.parts and path.is_file())


def test_one_delivery_has_a_destination_and_others_have_theirs(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, "Films/A"):
        with pytest.raises(PartBusy), Workspace.open(tmp_path, "Films/A"):
            pass
        with Workspace.open(tmp_path, "Films/B"):
            pass
    with Workspace.open(tmp_path, "Films/A"):
        pass


def test_what_was_written_is_there_for_the_next_delivery_until_it_is_cleared(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, "A") as work:
        (work.path / "media.mp4.part").write_bytes(b"12345")
    with Workspace.open(tmp_path, "A") as work:
        assert work.size_bytes() == 5
        work.clear()
        assert work.size_bytes() == 0


def test_a_complete_file_replaces_what_is_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "Films").mkdir()
    (tmp_path / "Films/A.mp4").write_bytes(b"old")
    with Workspace.open(tmp_path, "Films/A") as work:
        (work.path / "media.mp4").write_bytes(b"whole")
        assert work.publish("media.mp4", tmp_path, "Films/A.mp4") == 5
        assert list(work.path.iterdir()) == []

    assert (tmp_path / "Films/A.mp4").read_bytes() == b"whole"
    assert _names(tmp_path) == ["Films/A.mp4"]


@pytest.mark.parametrize("published", ["../A.mp4", "/A.mp4", "a/../../A.mp4", ".leeward-x/A.mp4", "a\\b.mp4"])
def test_nothing_is_published_outside_of_the_folder(published: str, tmp_path: Path) -> None:
    with Workspace.open(tmp_path, "A") as work:
        (work.path / "media.mp4").write_bytes(b"whole")
        with pytest.raises(DestinationRefused):
            work.publish("media.mp4", tmp_path, published)


def test_links_are_neither_followed_nor_published(tmp_path: Path) -> None:
    root, outside = tmp_path / "media", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "Films").symlink_to(outside)
    with Workspace.open(root, "Films/A") as work:
        (work.path / "media.mp4").write_bytes(b"whole")
        (work.path / "media.mkv").symlink_to(work.path / "media.mp4")
        with pytest.raises(DestinationRefused):
            work.publish("media.mp4", root, "Films/A.mp4")
        with pytest.raises(DestinationRefused):
            work.publish("media.mkv", root, "A.mkv")
        (root / "A.mp4").mkdir()
        with pytest.raises(DestinationRefused):
            work.publish("media.mp4", root, "A.mp4")

    assert list(outside.iterdir()) == []


def test_a_record_is_read_as_it_was_written_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    record = Record(source="s", file="media.mp4", facts={"title": "A"})
    with Folder.open(tmp_path, ()) as folder:
        assert Record.read(folder) is None
        record.write(folder)
        assert Record.read(folder) == record
        for damaged in ("", "{", "[]", '{"source": "s", "facts": {}, "other": 1}'):
            (tmp_path / NAME).write_text(damaged)
            assert Record.read(folder) is None


def test_another_page_format_or_container_is_another_download() -> None:
    base = {"url": "https://h/a", "destination": "A"}
    jobs = [base, base | {"url": "https://h/b"}, base | {"format": "b"}, base | {"container": "mkv"}]

    assert len({source_digest(DownloadMedia.model_validate(job)) for job in jobs}) == len(jobs)


def test_the_sweep_removes_what_no_job_continues(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for name in ("old", "used", "new"):
        with Workspace.open(tmp_path, name) as work:
            (work.path / "media.mp4.part").write_bytes(b"part")
            _age(work.path.parent, 8 if name != "new" else 6)
    (tmp_path / "A.mp4").write_bytes(b"whole")

    with Workspace.open(tmp_path, "used") as used:
        assert sweep(tmp_path, older_than=WEEK, now=now).folders == 1
        assert used.size_bytes() == 4
    with Workspace.open(tmp_path, "new") as new:
        assert new.size_bytes() == 4
    with Workspace.open(tmp_path, "old") as old:
        assert old.size_bytes() == 0
    assert (tmp_path / "A.mp4").exists()


def test_the_sweep_follows_no_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "media", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "kept").mkdir()
    (outside / "kept/lock").touch()
    (root / HOME).symlink_to(outside)

    assert sweep(root, older_than=timedelta(0), now=datetime.now(UTC) + WEEK).folders == 0
    assert (outside / "kept").is_dir()


def _age(folder: Path, days: float) -> None:
    then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (then, then))
