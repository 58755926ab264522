import json

from demo.accounting.orders import Answer, Effect, Family, Orders, read


def line(job_id: str, manner: str, outcome: str, *effects: dict[str, str]) -> str:
    return json.dumps({"job_id": job_id, "kind": "any", "manner": manner, "outcome": outcome, "effects": effects})


def test_the_producers_lines_become_answers_and_effects() -> None:
    orders = read(
        [
            json.dumps({"installed": ["leeward"], "python": "3.11"}),
            line("1", "first", "enqueued", {"family": "sync", "user": "alice", "state": "enabled"}),
            line("2", "first", "enqueued", *({"family": "email", "subject": "Hi", "recipient": one} for one in "ab")),
            line("1", "again", "duplicate"),
        ]
    )

    assert orders.installed == ("leeward",)
    assert orders.effects == (
        Effect(Family.SYNC, ("alice", "enabled"), "1"),
        Effect(Family.EMAIL, ("Hi", "a"), "2"),
        Effect(Family.EMAIL, ("Hi", "b"), "2"),
    )
    assert orders.jobs == {"sync": 1, "email": 1, "download": 0}
    assert orders.outcomes("duplicate") == 1
    assert orders.problems() == []


def test_a_repeated_enqueue_that_made_a_second_job_is_a_problem() -> None:
    orders = Orders(answers=(Answer("1", "first", "enqueued"), Answer("2", "again", "enqueued")))

    assert len(orders.problems()) == 1


def test_a_duplicate_that_names_a_job_nobody_enqueued_is_a_problem() -> None:
    orders = Orders(answers=(Answer("1", "first", "enqueued"), Answer("9", "again", "duplicate")))

    assert len(orders.problems()) == 1


def test_a_used_key_that_was_taken_for_other_work_is_a_problem() -> None:
    orders = Orders(answers=(Answer("1", "first", "enqueued"), Answer("1", "other", "duplicate")))

    assert len(orders.problems()) == 1
