"""Scene 1: a new fleet, and another service enqueues several hundred jobs."""

from console.cli.exit_code import Failed
from demo import scenario
from demo.accounting.orders import Family
from demo.media_server import MediaServer
from demo.processes import producer_process
from demo.run import Run
from demo.scenes import misbehaviour

_OUR_OWN = "leeward-fleet"


def play(performance: Run) -> None:
    """Raises: Failed: the producer could not enqueue, or has more than the wheel."""
    stage, screen = performance.stage, performance.screen
    with MediaServer(stage.jellyfin.url) as server:
        for name in scenario.leaving(performance.pace):
            server.create(name)
    misbehaviour.everyday(stage.jellyfin, stage.mail)
    orders = producer_process.enqueue_all(stage, performance.pace)
    if _OUR_OWN in orders.installed or "leeward" not in orders.installed:
        raise Failed(
            f"the producer should have the `leeward` wheel and nothing of the fleet, but has {orders.installed}"
        )
    performance.orders += orders
    screen.say(f"a producer, in an environment of its own with only: {', '.join(orders.installed)}")
    jobs = orders.jobs
    screen.say(
        f"it enqueued {sum(jobs.values())} jobs: {jobs[Family.SYNC]} accounts, {jobs[Family.EMAIL]} mails"
        f" ({len(orders.effects) - sum(jobs.values())} more recipients), {jobs[Family.DOWNLOAD]} downloads;"
        " a third with a delay, in three priorities"
    )
    screen.say(
        f"it asked again for {orders.outcomes('duplicate')} of them, which added nothing, and"
        f" {orders.outcomes('conflict')} times used a key for other work, which was refused"
    )
