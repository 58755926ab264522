"""`python -m workers.processes.worker_start FOLDER`: imports what a worker process needs, and runs it.

Imports are most of a start. Nothing of what they make is ever garbage, so the collector does not look for any meanwhile; afterwards it
leaves it alone for as long as the process lives.
"""

import gc


def main() -> None:
    gc.disable()
    from workers.processes.worker import main as work

    gc.freeze()
    gc.enable()
    work()


if __name__ == "__main__":
    main()
