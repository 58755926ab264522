"""The process around yt-dlp, with programs of a few lines in its place."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from providers.ytdlp.child.order import Order
from providers.ytdlp.process import YtDlpProcess, started
from tests.support.waiting import wait_until

Start = Callable[[str], AbstractContextManager[YtDlpProcess]]


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def start(tmp_path: Path, lock: int) -> Start:
    def make(program: str) -> AbstractContextManager[YtDlpProcess]:
        order = Order(arguments=("--", "https://h/a?token=s3cret"), folder=tmp_path)
        return started(order, lock=lock, command=(sys.executable, "-I", "-S", "-c", program))

    return make


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _said(process: YtDlpProcess) -> list[str]:
    return [line for line in process.lines() if line is not None]


def test_its_lines_its_errors_and_its_code_are_read(start: Start) -> None:
    program = "import sys; print('a\\nb', flush=True); sys.stderr.write('ERROR: x\\n'); sys.exit(3)"

    with start(program) as process:
        assert _said(process) == ["a", "b"]
        assert process.end() == 3
        assert process.errors == "ERROR: x\n"


def test_the_order_comes_over_its_standard_input_and_not_as_an_argument(start: Start) -> None:
    program = (
        "import sys; print(sys.stdin.readline(), end=''); print(open('/proc/self/cmdline').read().count('s3' + 'cret'))"
    )

    with start(program) as process:
        order, in_arguments = _said(process)
    assert Order.read(order.encode()).arguments == ("--", "https://h/a?token=s3cret")
    assert in_arguments == "0"


def test_nothing_of_the_workers_environment_reaches_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "LEEWARD_SMTP_PASSWORD", "PYTHONPATH", "SSL_CERT_FILE", "NETRC"):
        monkeypatch.setenv(name, "trap")

    with start("import os; print('trap' in os.environ.values())") as process:
        assert _said(process) == ["False"]


def test_endless_lines_and_endless_errors_take_no_memory(start: Start) -> None:
    program = (
        "import sys\n"
        "for _ in range(64):\n"
        "    sys.stdout.write('x' * 65536); sys.stderr.write('y' * 65536)\n"
        "print('\\nlast'); sys.stderr.write('ERROR: z')\n"
    )

    with start(program) as process:
        assert _said(process)[-1] == "last"
        assert len(process.errors) == 65536
        assert process.errors.endswith("ERROR: z")


def test_whatever_ends_the_block_ends_it_and_all_that_it_has_started(start: Start) -> None:
    program = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()']).pid, flush=True)\n"
        "signal.pause()\n"
    )

    with suppress(KeyboardInterrupt), start(program) as process:
        grandchild = next(int(line) for line in process.lines() if line)
        raise KeyboardInterrupt

    wait_until(lambda: not _is_alive(grandchild), description="the grandchild has ended")


def test_a_program_that_outlives_it_and_keeps_the_pipes_open_is_not_waited_for(start: Start) -> None:
    program = (
        "import subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()']).pid, flush=True)\n"
        "sys.exit(1)\n"
    )

    with start(program) as process:
        (grandchild,) = map(int, _said(process))
        assert process.end() == 1

    wait_until(lambda: not _is_alive(grandchild), description="the grandchild has ended")


def test_a_signal_is_a_negative_code(start: Start) -> None:
    with start("import os, signal; os.kill(os.getpid(), signal.SIGKILL)") as process:
        assert _said(process) == []
        assert process.end() == -9
