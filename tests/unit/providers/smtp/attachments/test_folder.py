"""Files of the attachments' folder, and nothing else."""

import os
from pathlib import Path

import pytest

from leeward.extension.errors import Misconfigured, Permanent
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.attachments.folder import open_in

LIMIT = 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "attachments"
    (found / "deep").mkdir(parents=True)
    (found / "deep" / "plan.pdf").write_bytes(b"plan")
    (tmp_path / "secret").write_bytes(b"secret")
    return found


def _content(attached: AttachedFile) -> bytes:
    try:
        return b"".join(attached.blocks(3))
    finally:
        attached.close()


def test_a_file_is_opened_by_its_path_below_the_folder(folder: Path) -> None:
    assert _content(open_in(folder, "deep/plan.pdf", limit_bytes=LIMIT)) == b"plan"


@pytest.mark.parametrize("name", ["../secret", "deep/../../secret", "/etc/passwd", "..", ".", "", "deep", "missing"])
def test_no_path_leads_out_of_the_folder_or_to_what_is_no_file(folder: Path, name: str) -> None:
    with pytest.raises(Permanent):
        open_in(folder, name, limit_bytes=LIMIT)


@pytest.mark.parametrize("target", ["../secret", "deep/plan.pdf", "/etc/passwd", "loop"])
def test_no_link_is_followed(folder: Path, target: str) -> None:
    (folder / "loop").symlink_to(target)

    with pytest.raises(Permanent, match="links are not followed"):
        open_in(folder, "loop", limit_bytes=LIMIT)


def test_no_linked_folder_is_entered(folder: Path) -> None:
    (folder / "out").symlink_to(folder.parent)

    with pytest.raises(Permanent, match="links are not followed"):
        open_in(folder, "out/secret", limit_bytes=LIMIT)


def test_a_pipe_is_refused_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    with pytest.raises(Permanent, match="is not a file"):
        open_in(folder, "pipe", limit_bytes=LIMIT)


def test_a_file_beyond_the_limit_is_refused_before_anything_is_read(folder: Path) -> None:
    with (folder / "large").open("wb") as large:
        large.truncate(LIMIT + 1)

    with pytest.raises(Permanent, match="1001 bytes, more than the 1000"):
        open_in(folder, "large", limit_bytes=LIMIT)


def test_a_missing_folder_is_for_the_operator(folder: Path) -> None:
    with pytest.raises(Misconfigured):
        open_in(folder / "unmounted", "plan.pdf", limit_bytes=LIMIT)
