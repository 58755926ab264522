"""The jobs of a mixed load, and what each of them must have done: counted at the providers, not by the fleet."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.mixed.providers import Site
from leeward import DownloadFile, Job, SendEmail, SyncUser, UserState
from leeward.jobs.notify.telegram import NotifyTelegram
from simulators.files.content import sha256_of

SHARES = {"account": 0.35, "mail": 0.3, "file": 0.15, "message": 0.2}
_SMALLEST_BYTES, _LARGEST_BYTES = 1_000, 60_000


@dataclass(frozen=True, slots=True)
class Effect:
    """One job, and by what its effect is recognised."""

    what: str
    mark: str
    job: Job


def load_of(jobs: int, seed: int, files_url: str) -> list[Effect]:
    """So many jobs of all kinds, in a random order."""
    chance = random.Random(seed)
    numbers = ((what, number) for what, share in SHARES.items() for number in range(round(jobs * share)))
    load = [_effect(what, f"{what}-{number}", files_url, chance) for what, number in numbers]
    chance.shuffle(load)
    return load


def _effect(what: str, mark: str, files_url: str, chance: random.Random) -> Effect:
    match what:
        case "account":
            return Effect(what, mark, SyncUser(user=mark, state=UserState.ENABLED))
        case "mail":
            return Effect(
                what, mark, SendEmail(to=(f"{mark}@example.org",), subject=mark, text="Your request is there.")
            )
        case "message":
            return Effect(what, mark, NotifyTelegram(text=mark, chat=17))
    size = chance.randint(_SMALLEST_BYTES, _LARGEST_BYTES)
    url = f"{files_url}/bytes/{size}/{mark}"
    return Effect(what, mark, DownloadFile(url=url, destination=mark, sha256=sha256_of(mark, size)))


def counted(site: Site, load: Iterable[Effect], folder: Path) -> Counter[str]:
    """How often each effect happened, by its mark."""
    found = Counter[str]()
    found.update(entry["name"] for entry in site.jellyfin.record.entries("user_created"))
    found.update(entry["subject"] for entry in site.mail.record.entries("mail_accepted"))
    found.update(entry["text"] for entry in site.telegram.record.entries("message_sent"))
    found.update(_whole_files(load, folder))
    return found


def _whole_files(load: Iterable[Effect], folder: Path) -> Iterator[str]:
    for effect in load:
        file = folder / effect.mark
        if isinstance(effect.job, DownloadFile) and file.is_file() and _sha256(file) == effect.job.sha256:
            yield effect.mark


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
