"""An empty Bolt app behind the same guard in the same server; `python -m tests.bench.empty_server PORT WORKERS`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from bot.health import Probes
from bot.web.app import build_web_app, serve_http
from tests.bench.apps import empty_app

PROBES = Probes(lambda: True, lambda: (), lambda: None)


def load() -> Any:
    """A worker's application."""
    secret = os.environ["SLACK_SIGNING_SECRET"]
    return build_web_app(empty_app(secret), secret, PROBES)


if __name__ == "__main__":
    click.echo("Collab is ready: an empty app")
    serve_http(("127.0.0.1", int(sys.argv[1])), int(sys.argv[2]), load)
