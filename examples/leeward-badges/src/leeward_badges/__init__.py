"""Issues and revokes door badges: an extension of a Leeward fleet."""

from leeward.extension import Extension
from leeward_badges.actors import badge_lost, issue_badge, lock_out, restart, revoke_badge, revoke_expired
from leeward_badges.doors import Doors
from leeward_badges.jobs import IssueBadge, RevokeBadge

extension = Extension(
    "badges",
    api=1,
    providers=[Doors],
    actors=[issue_badge, revoke_badge],
    periodic=[revoke_expired],
    handlers=[lock_out],
    webhooks=[badge_lost],
    recovery=[restart],
    events={
        "badge.revoked": "A door controller confirmed that a badge opens nothing any more. Data: provider, person."
    },
)

__all__ = ["Doors", "IssueBadge", "RevokeBadge", "extension"]
