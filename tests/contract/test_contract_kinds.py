"""What is written of the contract's kinds beside their models is what the models say, and costs no model."""

import json
import subprocess
import sys

import pytest

from leeward.jobs.contract_kinds import CONTRACT_KINDS, ContractKind
from leeward.jobs.kinds import KINDS, Kinds


@pytest.mark.parametrize("known", CONTRACT_KINDS, ids=lambda known: known.kind)
def test_a_kind_is_what_its_model_says(known: ContractKind) -> None:
    job = known.load()

    said = (job.kind, job.version, job.family, job.idempotent, job.marks_effect)
    assert (known.kind, known.version, known.family, known.idempotent, known.marks_effect) == said


def test_kinds_are_sorted_and_there_once() -> None:
    names = [(known.kind, known.version) for known in CONTRACT_KINDS]

    assert names == sorted(set(names))
    assert {(job.kind, job.version) for job in KINDS} >= set(names)


def test_a_model_is_imported_when_it_is_looked_up() -> None:
    source = """
import json, sys
from leeward.jobs.kinds import KINDS
def models(): return sorted(name for name in sys.modules if name.startswith("leeward.jobs.") and name.count(".") == 3)
before = (KINDS.names(), len(KINDS.facts()), models())
KINDS.get("sync.user", 1)
print(json.dumps([before, models()]))
"""
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)

    (names, facts, before), after = json.loads(ran.stdout)
    assert names == sorted({known.kind for known in CONTRACT_KINDS})
    assert facts == len(list(CONTRACT_KINDS))
    assert before == []
    assert after == ["leeward.jobs.sync.user"]


def test_what_is_added_for_a_kind_of_the_contract_is_its_model() -> None:
    (known,) = [one for one in CONTRACT_KINDS if one.kind == "sync.user"]
    kinds, model = Kinds(contract=[known]), known.load()

    kinds.add([type("SyncUser", (model,), {})])

    assert kinds.get("sync.user", 1) is model
    assert kinds.facts() == (model,)
