"""Ends yt-dlp, and what it has started, together with its worker."""

import os
import signal
import threading


def hang_on(standard_input: int) -> None:
    """Waits in a thread of its own for the end of the standard input, which the worker holds open. A worker that is killed closes it, too.

    The process group is ended as the worker itself would end it: what has been downloaded stays for the next delivery.
    """

    def watch() -> None:
        while os.read(standard_input, 1024):
            pass
        os.killpg(0, signal.SIGTERM)

    threading.Thread(target=watch, name="leeward-lifeline", daemon=True).start()
