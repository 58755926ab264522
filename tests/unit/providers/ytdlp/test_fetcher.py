import errno
from pathlib import Path

import pytest

from leeward.extension.errors import Misconfigured, Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.download.media import DownloadMedia
from providers.ytdlp import fetcher
from providers.ytdlp.arguments import COOKIES
from providers.ytdlp.fetcher import Fetcher
from providers.ytdlp.settings import YtDlpSettings
from providers.ytdlp.workspace import Workspace

JOB = DownloadMedia(url="https://example.org/page?token=s3cret", destination="Films/A")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, Misconfigured),
        (errno.EDQUOT, Misconfigured),
        (errno.EROFS, Misconfigured),
        (errno.EIO, Misconfigured),
        (errno.EMFILE, Transient),
        (errno.EACCES, TargetUnavailable),
        (errno.ENOTDIR, TargetUnavailable),
        (errno.ENAMETOOLONG, Permanent),
        (errno.EFBIG, Permanent),
    ],
)
def test_what_the_system_refuses_is_of_the_folder_or_of_one_destination(
    number: int, kind: type[ProviderError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "open", _refused(number))

    with pytest.raises(ProviderError) as raised:
        Fetcher(YtDlpSettings(root=tmp_path, free_disk_reserve_bytes=0)).fetch(JOB)

    assert type(raised.value) is kind
    assert "s3cret" not in str(raised.value)


def test_a_folder_that_is_missing_is_no_matter_of_one_destination(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="the media folder refuses: No such file or directory"):
        Fetcher(YtDlpSettings(root=tmp_path / "missing")).fetch(JOB)


def test_a_session_that_cannot_be_read_is_said_to_be_the_problem(tmp_path: Path) -> None:
    settings = YtDlpSettings(root=tmp_path, free_disk_reserve_bytes=0, cookies_file=tmp_path / "none.txt")

    with pytest.raises(Misconfigured, match="`cookies_file` cannot be read"):
        Fetcher(settings).fetch(JOB)


def test_nobody_else_can_read_the_copy_of_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = tmp_path / "session.txt"
    cookies.write_text("# Netscape HTTP Cookie File\n")
    monkeypatch.setattr(fetcher, "started", _refused(errno.EMFILE))

    with pytest.raises(Transient):
        Fetcher(YtDlpSettings(root=tmp_path, free_disk_reserve_bytes=0, cookies_file=cookies)).fetch(JOB)

    (copy,) = tmp_path.rglob(COOKIES)
    assert copy.read_bytes() == cookies.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600


def _refused(number: int) -> object:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused")

    return refuse
