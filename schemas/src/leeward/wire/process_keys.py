"""Where the processes of a fleet say what they do.

| key | type | holds | bounded by |
|---|---|---|---|
| `leeward:depths` | list | JSON: how many jobs waited in each queue, the newest first (`broker/fleet/depths.py`) | its TTL, five minutes |
| `leeward:depths:turn` | string | there while a sample need not be taken | its TTL, half a minute |
| `leeward:processes` | hash | `<role> <host>:<pid>` -> what it says about itself (`broker/fleet/processes.py`) | `report.lua` |
| `leeward:machines` | hash | host -> JSON: what it found of itself and the servers (`broker/fleet/health/machines.py`) | `record` there |
| `leeward:dependencies` | hash | name -> JSON, those added at run time (`broker/fleet/dependencies/added.py`) | those added |
| `leeward:dependencies:health` | hash | name -> JSON, its health (`broker/fleet/dependencies/findings.py`) | dependencies |
| `leeward:deadlines:turn` | string | there while late jobs need not be looked for (`broker/fleet/unserved.py`) | its TTL, ten seconds |

Of the fleet's recovery actions (`broker/fleet/recovery/`), below `leeward:{recovery}:`:

| key | type | holds | bounded by |
|---|---|---|---|
| `history` | list | JSON: attempts, the newest first | the latest thousand |
| `totals` | hash | `recovered <action>`, `failed <action>` -> how often; `took_ms <action>` | actions |
| `under_way` | hash | provider -> id of the attempt whose outcome is not known yet | providers |
| `pause:<action>:<of>` | string | there while the action is not repeated | its TTL |
"""

DEPTHS = "leeward:depths"
"""List of how many jobs waited in each queue, in the last minutes."""

PROCESSES = "leeward:processes"
"""Hash of what workers and schedulers say about themselves."""

MACHINES = "leeward:machines"
"""Hash of what machines have found of themselves and of the servers."""
