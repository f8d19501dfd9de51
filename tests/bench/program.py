"""The program as it is run, `collab run`, against a Slack on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.playground.server import Playground

ROOT = Path(__file__).parents[2]
READY = "Collab is ready"
PATIENCE = 15.0
RUN = (sys.executable, "-c", "from bot.cli import main; main()", "run")


class NotReady(Exception):
    """The program ended before it was ready; carries its last words."""


def environment(
    slack: Playground, url: str, port: int | None, **more: str
) -> dict[str, str]:
    """The settings for a run by HTTP on a port, or in Socket Mode without one."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG")
        if name in os.environ
    }
    way = (
        {"SLACK_APP_TOKEN": slack.app_token}
        if port is None
        else {"COLLAB_LISTEN": f"127.0.0.1:{port}"}
    )
    return {
        **kept,
        **way,
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": f"{slack.url}/api/",
        "DATABASE_URL": url,
        **more,
    }


@contextmanager
def running(
    call: tuple[str, ...], env: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[str]]:
    """A program from its ready line on; stopped, with all that it started, at the end."""
    with (folder / "program.log").open("a") as log:
        program = subprocess.Popen(
            call,
            env=env,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    try:
        wait_ready(program, folder)
        yield program
    finally:
        stop(program)


def wait_ready(program: subprocess.Popen[str], folder: Path) -> None:
    """Read until it says that it is ready."""
    assert program.stdout is not None
    for line in program.stdout:
        if line.startswith(READY):
            return
    raise NotReady((folder / "program.log").read_text()[-2000:])


def stop(program: subprocess.Popen[str]) -> None:
    """Ask it to stop, and make it stop when it does not."""
    program.terminate()
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    if program.stdout:
        program.stdout.close()


def resident_bytes(program: subprocess.Popen[str]) -> int:
    """The memory of a program and of all that it started."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == program.pid:
                pages = int((folder / "statm").read_text().split()[1])
                total += pages * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ProcessLookupError):
            continue  # it has ended
    return total


@contextmanager
def resting(program: subprocess.Popen[str]) -> Iterator[None]:
    """Without it for a while, so that what it does beside its answers costs others nothing."""
    os.killpg(program.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(program.pid, signal.SIGCONT)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
