"""An empty Bolt app behind the same guard in the same server; `python -m tests.bench.empty_server PORT WORKERS`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from bot.web import serve, web_app
from tests.bench.apps import empty_app


def load() -> Any:
    """A worker's application."""
    secret = os.environ["SLACK_SIGNING_SECRET"]
    return web_app(empty_app(secret), secret, lambda: True)


if __name__ == "__main__":
    click.echo("Collab is ready: an empty app")
    serve(("127.0.0.1", int(sys.argv[1])), int(sys.argv[2]), load)
