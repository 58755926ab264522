"""Apache: ranges with its tags, compression that is forced on everyone."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leeward.extension.errors import Permanent
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.integration.providers.downloads.real.conftest import LONG_AGO, Site, content
from tests.support.real_servers.web import apache

Begin = Callable[..., int]


@pytest.fixture
def url(site: Site) -> Iterator[str]:
    directives = f"""
Alias /forced {site.files}
<Location /forced>
SetOutputFilter DEFLATE
SetEnv force-gzip 1
</Location>
"""
    with apache(site.folder, site.files, directives=directives) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_file_is_continued_and_a_replaced_one_begun_again(
    url: str, site: Site, begin: Begin, downloader: Downloader
) -> None:
    job = DownloadFile(url=f"{url}/a.bin", destination="a.bin")
    begun = begin(job)
    assert downloader.fetch(job).resumed_from == begun

    begin(job)
    new = site.write("a.bin", content(2), modified=LONG_AGO + 9)
    found = downloader.fetch(job)

    assert (found.resumed_from, found.sha256) == (0, new)


def test_text_that_is_compressed_for_everyone_arrives_as_text(url: str, downloader: Downloader, root: Path) -> None:
    text = b"a line\n" * 1000

    downloader.fetch(DownloadFile(url=f"{url}/forced/text.txt", destination="a.txt"))
    downloader.fetch(
        DownloadFile(url=f"{url}/forced/text.txt", destination="b.txt", sha256=hashlib.sha256(text).hexdigest())
    )

    assert (root / "a.txt").read_bytes() == (root / "b.txt").read_bytes() == text


def test_what_is_not_there_is_not_asked_for_again(url: str, downloader: Downloader) -> None:
    with pytest.raises(Permanent, match="404"):
        downloader.fetch(DownloadFile(url=f"{url}/missing", destination="a.bin"))
