"""Hashing and syncing beside the thread that receives: the same result as in turn, and no error lost."""

import hashlib
import threading
from collections.abc import Iterator

import pytest

from providers.downloads.disk.beside import Beside, RunningHash, RunningSync


@pytest.fixture
def beside() -> Iterator[Beside]:
    threads = Beside()
    yield threads
    threads.close()


def test_pieces_of_any_size_are_hashed_in_their_order_though_two_buffers_take_turns(beside: Beside) -> None:
    running, plain = RunningHash(beside), hashlib.sha256()
    buffers = [bytearray(200_000), bytearray(200_000)]
    for number in range(200):
        buffer = buffers[number % 2]
        buffer[:] = bytes([number]) * len(buffer)
        piece = memoryview(buffer)[: 200_000 if number % 3 else 100]
        plain.update(piece)
        running.update(piece)

    assert running.hexdigest() == plain.hexdigest()


def test_only_one_sync_runs_and_it_stands_for_the_size_it_began_with(beside: Beside) -> None:
    may_end, syncs = threading.Event(), []

    def sync() -> None:
        syncs.append(1)
        may_end.wait()

    running = RunningSync(beside, sync)
    running.begin(100)
    running.begin(200)
    under_way = running.ended()
    may_end.set()

    assert under_way is None
    assert running.ended(wait=True) == 100
    assert running.ended(wait=True) is None
    assert len(syncs) == 1


def test_a_sync_that_the_system_refuses_is_told_to_whoever_asks(beside: Beside) -> None:
    def sync() -> None:
        raise OSError(5, "Input/output error")

    running = RunningSync(beside, sync)
    running.begin(100)

    with pytest.raises(OSError, match="Input/output"):
        running.ended(wait=True)
    assert running.ended() is None
