"""Where the `callwright` program begins: a signal ends it in one line, from the first moment.

The commands are imported afterwards, which takes longer than all that stands here.
"""

import atexit
import gc
import os
import signal
import sys
from types import FrameType

SERVERS = ("serve", "demo")
"""Commands that run until they are told to end: to end them is no failure."""


def main() -> None:
    end_quietly_on_signals(sys.argv[1:])
    # The interpreter looks for circles as it ends, 0.6 s for a server. The system frees memory, and
    # files and databases were closed by who opened them.
    atexit.register(gc.freeze)
    from callwright.cli.main import app

    app()


def end_quietly_on_signals(words: list[str]) -> None:
    """``words`` of the command line, without the program. A server takes over when it can."""
    is_server = any(word in SERVERS for word in words[:1])

    def end(number: int, frame: FrameType | None) -> None:
        # print() must not be called while the interrupted code may be inside of one.
        os.write(2, f"callwright: ended by {signal.Signals(number).name}\n".encode())
        raise SystemExit(0 if is_server else 128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
