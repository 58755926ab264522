from providers.downloads.network.reach import LATELY, Reach


def test_a_host_is_to_blame_while_another_answers() -> None:
    now = [0.0]
    reach = Reach(lambda: now[0])
    assert not reach.others_answer("a:80")

    reach.answered("a:80")
    assert not reach.others_answer("a:80")
    assert reach.others_answer("b:80")

    now[0] = LATELY.total_seconds() + 1
    assert not reach.others_answer("b:80")


def test_only_so_many_hosts_are_remembered() -> None:
    reach = Reach(lambda: 0.0)
    for number in range(10_000):
        reach.answered(f"{number}:80")

    assert len(reach._answered) == 256
    assert reach.others_answer("0:80")
