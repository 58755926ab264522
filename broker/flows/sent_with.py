"""What `settle.lua` needs of a job's flow when it is done."""

from typing import Any

import orjson

from leeward.flows.follow_up import BATCH, FLOW, MEMBER, THEN

OF_REPLAY = "of_replay"
"""Member of a follow-up whose predecessor replays a dead letter. Those are kept without secrets."""


def sent_with(options: dict[str, Any]) -> dict[str, Any]:
    """The batch and the member that end, and the follow-ups as JSON texts. Empty where the option `flow` is none of ours."""
    flow = options.get(FLOW)
    if not isinstance(flow, dict):
        return {}
    then = flow.get(THEN)
    marked = {OF_REPLAY: True} if options.get("replay_of") else {}
    send = [orjson.dumps({**one, **marked}).decode() for one in then] if isinstance(then, list) else []
    members = {name: flow[name] for name in (BATCH, MEMBER) if isinstance(flow.get(name), str)}
    # An empty list would reach Lua as an object.
    return members | ({"send": send} if send else {})
