"""Groups of failures as JSON and as people read them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from console.cli.commands import commands
from console.cli.dlq.documents import plain
from console.cli.terminal.time_text import span_text

if TYPE_CHECKING:
    from leeward_admin import Attention, FailureGroup, GroupDetail, Rate, Share, Statistics


def group_summary(group: "FailureGroup") -> dict[str, Any]:
    """A list's item."""
    return {
        "fingerprint": group.fingerprint,
        "provider": group.provider,
        "operation": group.operation,
        "error_type": group.error_type,
        "message": group.message,
        "frame": group.frame,
        "open": group.open,
        "total": group.total,
        "states": {state.value: letters for state, letters in group.letters.items()},
        "first_seen": plain(group.first_seen),
        "last_seen": plain(group.last_seen),
        "trend": group.direction.value,
        "deaths_by_hour": list(group.hours),
        "sample": plain(group.sample),
        "reason": group.reason and group.reason.value,
        "status": group.status,
        "suggestion": group.suggestion
        and {
            "cause": group.suggestion.cause.value,
            "next_step": group.suggestion.next_step,
            "commands": commands(group.suggestion.actions),
            "actions": [action.document() for action in group.suggestion.actions],
        },
    }


def group_detail(detail: "GroupDetail") -> dict[str, Any]:
    """Everything about one."""
    tenants = [tenant._asdict() for tenant in detail.tenants]
    owners = [owner._asdict() for owner in detail.owners]
    whom = {"tenants": {"in_all": detail.tenants_in_all, "most_letters": tenants}, "owners": owners}
    return group_summary(detail.group) | whom


def statistics_document(found: "Statistics") -> dict[str, Any]:
    """The statistics; spans are in seconds."""
    return {
        "deaths": [
            {
                "provider": one.provider,
                "operation": one.operation,
                "rates": [_rate_document(rate) for rate in one.rates],
            }
            for one in found.deaths
        ],
        "shares": None if found.shares is None else [_share_document(share) for share in found.shares],
        "open": [
            {
                "state": age.state.value,
                "least_age_seconds": _seconds(age.least),
                "under_age_seconds": None if age.under is None else _seconds(age.under),
                "letters": age.letters,
            }
            for age in found.ages
        ],
        "attention": [_attention_document(one) for one in found.attention],
        "ungrouped": found.ungrouped,
        "healthy_providers": None if found.healthy is None else sorted(found.healthy),
    }


def ungrouped_remark(letters: int) -> str:
    """What a count that leaves some letters out says of them."""
    from leeward_admin import UNGROUPED_LIMIT

    counted = f"{letters:,} or more" if letters == UNGROUPED_LIMIT else f"{letters:,}"
    return f"{counted} dead letters of an older release are in no group yet; worker hosts put them there."


def ago(instant: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that it has one of: `3d`, `12h`, `5m`, `40s`."""
    if instant is None:
        return "-"
    return span_text(now - instant)


def _attention_document(one: "Attention") -> dict[str, Any]:
    return {
        "need": one.need.value,
        "letters": one.letters,
        "fingerprint": one.fingerprint,
        "why": one.why,
        "commands": commands(one.actions),
        "actions": [action.document() for action in one.actions],
    }


def _rate_document(rate: "Rate") -> dict[str, Any]:
    return {
        "span_seconds": _seconds(rate.span),
        "letters": rate.letters,
        "per_hour": rate.per_hour,
        "usual_per_hour": rate.usual_per_hour,
    }


def _share_document(share: "Share") -> dict[str, Any]:
    return {
        "provider": share.provider,
        "operation": share.operation,
        "counted_since": plain(share.counted_since),
        "parts": [
            {"span_seconds": _seconds(part.span), "died": part.died, "ended": part.ended, "share": part.share}
            for part in share.parts
        ],
    }


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)
