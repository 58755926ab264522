import os
from pathlib import Path

import pytest

from providers.ytdlp.child.refusals import Refusals, Refused

PROXY = frozenset({("192.0.2.7", 3128)})


def _ask(rules: Refusals, event: str, *arguments: object) -> bool:
    """Whether it may happen."""
    try:
        rules(event, arguments)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("address", "may"),
    [
        (("93.184.216.34", 443), True),
        (("2606:2800:220:1::1", 443, 0, 0), True),
        (("127.0.0.1", 80), False),
        (("10.0.0.1", 80), False),
        (("169.254.169.254", 80), False),
        (("::1", 80, 0, 0), False),
        (("::ffff:10.0.0.1", 80, 0, 0), False),
        (("fe80::1%eth0", 80, 0, 2), False),
        (("localhost", 80), False),
        (("example.org", 80), False),
        ("/run/docker.sock", False),
        (b"\0abstract", False),
    ],
)
def test_only_public_addresses_are_connected_to(address: object, may: bool, tmp_path: Path) -> None:
    rules = Refusals(tmp_path, allow_private=False)

    assert _ask(rules, "socket.connect", None, address) is may
    assert _ask(rules, "socket.sendto", None, address) is may


def test_private_addresses_may_be_allowed_and_a_clouds_metadata_never_is(tmp_path: Path) -> None:
    rules = Refusals(tmp_path, allow_private=True)

    assert _ask(rules, "socket.connect", None, ("127.0.0.1", 80))
    assert not _ask(rules, "socket.connect", None, ("169.254.169.254", 80))


def test_with_a_proxy_only_the_proxy_is_connected_to(tmp_path: Path) -> None:
    rules = Refusals(tmp_path, allow_private=False, proxy=PROXY)

    assert _ask(rules, "socket.connect", None, ("192.0.2.7", 3128))
    assert not _ask(rules, "socket.connect", None, ("192.0.2.7", 22))
    assert not _ask(rules, "socket.connect", None, ("93.184.216.34", 443))


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://example.org/a", True),
        ("http://93.184.216.34/a", True),
        ("http://127.0.0.1/a", False),
        ("http://2130706433/a", False),
        ("http://0x7f.1/a", False),
        ("http://[::1]/a", False),
        ("http://localhost/a", False),
        ("http://a.localhost/a", False),
    ],
)
def test_with_a_proxy_hosts_written_as_an_address_are_checked(url: str, may: bool, tmp_path: Path) -> None:
    assert _ask(Refusals(tmp_path, allow_private=False, proxy=PROXY), "urllib.Request", url, None, {}, "GET") is may


def test_it_writes_in_its_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    rules = Refusals(folder, allow_private=False)
    write = os.O_WRONLY | os.O_CREAT

    assert _ask(rules, "open", str(folder / "media.mp4.part"), "ab", write)
    assert _ask(rules, "open", os.devnull, "r+b", os.O_RDWR)
    assert _ask(rules, "open", str(tmp_path / "other"), "rb", os.O_RDONLY)
    assert _ask(rules, "open", "/x/__pycache__/a.cpython-311.pyc", None, write)
    assert _ask(rules, "open", 7, "wb", write)
    for outside in (tmp_path / "other", folder / ".." / "other", folder / "out" / "other", Path(f"{folder}-other")):
        assert not _ask(rules, "open", str(outside), "wb", write)


def test_other_programs_convert_and_do_not_fetch(tmp_path: Path) -> None:
    rules = Refusals(tmp_path, allow_private=False)
    convert = ["ffmpeg", "-i", "file:media.f1.mp4", "-c", "copy", "file:media.temp.mp4"]

    assert _ask(rules, "subprocess.Popen", "ffmpeg", convert, None, None)
    assert not _ask(rules, "subprocess.Popen", "ffmpeg", ["ffmpeg", "-i", "https://h/a.m3u8"], None, None)
    assert not _ask(rules, "subprocess.Popen", "sh", "curl http://h/a", None, None)
    assert not _ask(rules, "os.system", b"true")
    assert not _ask(rules, "os.posix_spawn", "x", [], {})


def test_it_listens_nowhere(tmp_path: Path) -> None:
    assert not _ask(Refusals(tmp_path, allow_private=True), "socket.bind", None, ("127.0.0.1", 0))
