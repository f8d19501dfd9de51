"""Run the playground by itself until Ctrl-C: `python -m bot.playground [PORT]`."""

import logging
import sys
from contextlib import suppress
from threading import Event

from bot.playground.server import Playground


def main() -> None:
    """Start the playground, log its address and wait."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    playground = Playground(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    with playground, suppress(KeyboardInterrupt):
        Event().wait()


if __name__ == "__main__":
    main()
