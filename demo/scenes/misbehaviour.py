"""The failures of the simulated providers."""

from demo import scenario
from demo.pace import Pace
from demo.processes.simulator import Rule, Simulator

_JELLYFIN_TAKES_TIME: Rule = {"operation": "* /Users*", "latency_ms": 60}
_MAIL_TAKES_TIME: Rule = {"operation": "ACCEPT *", "latency_ms": 15}
_LOST_ANSWERS = 3


def everyday(jellyfin: Simulator, mail: Simulator) -> None:
    """Answers take time, three addresses are refused, and two mails never get their answer."""
    jellyfin.misbehave(_JELLYFIN_TAKES_TIME)
    mail.misbehave(
        {"operation": f"ACCEPT {scenario.ACCEPTED_UNANSWERED}", "effect": "hang", "stage": "after"},
        {"operation": f"ACCEPT {scenario.NEVER_ACCEPTED}", "effect": "hang", "stage": "before"},
        *_refusals(),
        _MAIL_TAKES_TIME,
    )


def hanging(mail: Simulator) -> int:
    """How many mails wait for an answer that does not come."""
    return sum(mail.hits()[:2])


def no_more_hanging(mail: Simulator) -> None:
    """Who still waits is cut off."""
    mail.misbehave(*_refusals(), _MAIL_TAKES_TIME)


def accept_every_address(mail: Simulator) -> None:
    mail.misbehave(_MAIL_TAKES_TIME)


def unavailable(jellyfin: Simulator, pace: Pace) -> None:
    """503, and a time to come back."""
    seconds = str(int(pace.retry_after.total_seconds()))
    jellyfin.misbehave({"effect": "status", "status": 503, "retry_after": seconds, "body": "maintenance"})


def refusing(jellyfin: Simulator) -> None:
    """It refuses every connection."""
    jellyfin.misbehave({"effect": "down"})


def back_with_lost_answers(jellyfin: Simulator) -> int:
    """It works again, but a few answers get lost on the way: the account is created, but the answer is lost. Returns how many."""
    lost: Rule = {"operation": "POST /Users/New", "effect": "reset", "stage": "after", "times": _LOST_ANSWERS}
    jellyfin.misbehave(lost, _JELLYFIN_TAKES_TIME)
    return _LOST_ANSWERS


def _refusals() -> list[Rule]:
    return [
        {"operation": f"RCPT {address}", "effect": "status", "status": 550, "body": "5.1.1 No such mailbox"}
        for address in scenario.REFUSED
    ]
