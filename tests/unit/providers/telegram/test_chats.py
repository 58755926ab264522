from datetime import timedelta

from providers.telegram import chats as module
from providers.telegram.chats import Chats


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_group_that_moved_is_known_by_its_new_number() -> None:
    chats = Chats(timedelta(hours=1), Clock())

    chats.moved(-5, -1005)

    assert chats.current(-5) == -1005
    assert chats.current(-6) == -6


def test_a_chat_is_gone_for_a_while() -> None:
    clock = Clock()
    chats = Chats(timedelta(hours=1), clock)
    chats.gone(7)

    assert chats.is_gone(7)
    assert not chats.is_gone(8)
    clock.now = 3600
    assert not chats.is_gone(7)


def test_without_a_time_no_chat_is_gone() -> None:
    chats = Chats(timedelta(0), Clock())
    chats.gone(7)

    assert not chats.is_gone(7)


def test_no_more_is_kept_than_fits(monkeypatch: object) -> None:
    chats = Chats(timedelta(hours=1), Clock())
    for number in range(module.MOST_CHATS + 1):
        chats.gone(number)

    assert not chats.is_gone(0)
    assert chats.is_gone(1)
