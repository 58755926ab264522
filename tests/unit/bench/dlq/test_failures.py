from bench.dlq.failures import KINDS, PLACES, failures
from bench.dlq.load import PLACEHOLDERS


def test_every_failure_of_the_loaded_queue_is_a_group_of_its_own() -> None:
    letters = failures()

    assert len({letter.failure.fingerprint for letter in letters}) == len(letters)
    assert len(letters) == sum(len(place.operations) for place in PLACES) * len(KINDS)


def test_nothing_that_differs_from_row_to_row_is_part_of_a_group() -> None:
    for letter in failures():
        said = f"{letter.failure.message} {letter.failure.frame} {letter.failure.operation}"

        assert not any(placeholder in said for placeholder in PLACEHOLDERS), said
