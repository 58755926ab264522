from workers.relay.pauses import FIRST, LONGEST, Pauses


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_was_refused_waits_longer_each_time_up_to_a_limit() -> None:
    clock = Clock()
    pauses: Pauses[str] = Pauses(clock)
    waits = []
    for _ in range(8):
        pauses.lengthen("jellyfin")
        began = clock.now
        while pauses.holds("jellyfin"):
            clock.now += 0.05
        waits.append(round(clock.now - began, 2))

    assert waits[0] >= FIRST.total_seconds()
    assert waits == sorted(waits)
    assert LONGEST.total_seconds() <= waits[-1] < LONGEST.total_seconds() + 0.1


def test_what_was_accepted_begins_again_with_the_shortest() -> None:
    clock = Clock()
    pauses: Pauses[str] = Pauses(clock)
    for _ in range(5):
        pauses.lengthen("jellyfin")
    pauses.end("jellyfin")
    assert "jellyfin" not in pauses

    pauses.lengthen("jellyfin")
    clock.now += FIRST.total_seconds()
    assert not pauses.holds("jellyfin")
    assert "jellyfin" in pauses


def test_only_what_it_is_too_early_for_is_held() -> None:
    clock = Clock()
    pauses: Pauses[str] = Pauses(clock)
    pauses.lengthen("early")
    clock.now += 1
    pauses.lengthen("late")

    assert pauses.held() == ["late"]
