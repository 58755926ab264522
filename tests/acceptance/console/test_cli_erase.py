"""A person's data is erased from the command line."""

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import Command

ALICE = "alice@example.org"


def test_what_names_a_person_is_shown_then_erased_and_recorded(leeward: Command) -> None:
    job = leeward("enqueue", "sync.user", "--set", f"user={ALICE}", "--json").json()["job"]

    shown = leeward("erase", "--subject", ALICE)
    assert job in shown.out
    assert "--yes" in shown.err
    left = leeward("erase", "--subject", ALICE, "--yes", "--json", expect=ExitCode.FAILED).json()
    assert [(one["what"], one["id"]) for one in left["left"]] == [("waiting job", job)]

    done = leeward("erase", "--subject", "-", "--cancel-jobs", "--yes", "--json", stdin=ALICE).json()
    assert (done["counts"]["cancelled jobs"], done["left"]) == (1, [])
    found = leeward("erase", "--records", "--subject", ALICE, "--json").json()["erasures"]
    assert [record["id"] for record in found] == [done["record"], left["record"]]
    assert ALICE not in str(found)


def test_a_subject_is_needed_and_must_name_one_person(leeward: Command) -> None:
    assert "Give --subject" in leeward("erase", expect=ExitCode.USAGE).err
    assert "3 to 254 characters" in leeward("erase", "--subject", "al", expect=ExitCode.USAGE).err
