"""One yt-dlp process in a group of its own: its lines, its end, and the end of everything that it has started."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from providers.ytdlp.child.order import Order

TICK = timedelta(milliseconds=200)
_CHILD = (sys.executable, "-I", "-m", "providers.ytdlp.child")
_PIECE_BYTES = 64 * 1024
_LONGEST_LINE_BYTES = 64 * 1024
_ERRORS_KEPT_BYTES = 64 * 1024
_GRACE = timedelta(seconds=2)
_POLL = timedelta(milliseconds=10)


class YtDlpProcess:
    """Used by one thread. `started` makes one."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._errors = bytearray()
        self._line = bytearray()

    @property
    def errors(self) -> str:
        """The end of its standard error."""
        return self._errors.decode(errors="replace")

    def lines(self) -> Iterator[str | None]:
        """Each line of its standard output, and None about every `TICK` without one. Ends when the process has ended."""
        assert self._process.stdout is not None and self._process.stderr is not None  # noqa: PT018 # pipes, both
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ, self._take_output)
            selector.register(self._process.stderr, selectors.EVENT_READ, self._take_errors)
            while selector.get_map():
                ready = selector.select(TICK.total_seconds())
                for key, _ in ready:
                    piece = os.read(key.fd, _PIECE_BYTES)
                    if not piece:
                        selector.unregister(key.fileobj)
                    yield from key.data(piece)
                yield None
                if not ready and self._has_ended():
                    return  # a program that it has started keeps the pipes open
        while not self._has_ended():
            time.sleep(_POLL.total_seconds())
            yield None

    def end(self) -> int:
        """The exit code of a process that has ended; negative: a signal's number. Ends what it has started."""
        self._signal(signal.SIGKILL)
        return self._process.wait()

    def stop(self) -> None:
        """Ends all of its group, if that has not been done. SIGTERM first: what is downloaded stays, as far as it has been written."""
        self._signal(signal.SIGTERM)
        give_up = time.monotonic() + _GRACE.total_seconds()
        while self._process.returncode is None and not self._has_ended() and time.monotonic() < give_up:
            time.sleep(_POLL.total_seconds())
        self.end()

    def _take_output(self, piece: bytes) -> Iterator[str]:
        self._line += piece
        *whole, rest = self._line.split(b"\n")
        # A line without an end is none of ours.
        self._line = rest if len(rest) <= _LONGEST_LINE_BYTES else bytearray()
        return (line.decode(errors="replace") for line in whole if len(line) <= _LONGEST_LINE_BYTES)

    def _take_errors(self, piece: bytes) -> Iterator[str]:
        self._errors += piece
        del self._errors[:-_ERRORS_KEPT_BYTES]
        return iter(())

    def _has_ended(self) -> bool:
        """Leaves it to be waited for: until then, its process group cannot be another one's."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


@contextmanager
def started(order: Order, *, lock: int, command: Sequence[str] = _CHILD) -> Iterator[YtDlpProcess]:
    """Runs yt-dlp with this order. Whatever ends the block ends all of its processes.

    Args:
        order: what it is to do.
        lock: the descriptor of a locked file. The process inherits it: where its worker is killed, the lock lasts until it has ended, too.
        command: what reads the order, and is yt-dlp.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=order.folder,
        env=_environment(order.folder),
        start_new_session=True,
        pass_fds=(lock,),
        bufsize=0,
    )
    running = YtDlpProcess(process)
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already: its exit code says why
            process.stdin.write(order.line())
        yield running
    finally:
        running.stop()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _environment(folder: Path) -> Mapping[str, str]:
    """Nothing of the worker's own: no secrets of other providers, no proxies, no configuration in a home folder."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
    }
