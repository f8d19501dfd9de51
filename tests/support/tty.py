"""The command line for tests: a command to its end, in this process or as a program of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import SETTING_SPECS

ROOT = Path(__file__).parents[2]
COLLAB_COMMAND = [
    sys.executable,
    "-c",
    "from bot.cli import main; main(prog_name='collab')",
]


def build_environment(**more: str) -> dict[str, str]:
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG")
        if name in os.environ
    }
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "160",
        **more,
    }


@dataclass(frozen=True)
class CompletedCommand:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run_in_process(folder: Path, env: dict[str, str], *words: str) -> CompletedCommand:
    """A command to its end, in this process; `program` below is the same in one of its own."""
    umask = os.umask(0o022)  # as most users have it; the program sets its own
    handlers = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)
    }
    with chdir(folder), pytest.MonkeyPatch.context() as patch:
        for name in SETTING_SPECS:
            patch.delenv(name, raising=False)
        done = CliRunner().invoke(main, words, env=env, prog_name="collab")
    os.umask(umask)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert done.exception is None or isinstance(done.exception, SystemExit), (
        done.exception
    )
    return CompletedCommand(done.exit_code, done.stdout, done.stderr)


def run_as_program(folder: Path, env: dict[str, str], *words: str) -> CompletedCommand:
    """A command to its end, as a program."""
    done = subprocess.run(
        [*COLLAB_COMMAND, *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return CompletedCommand(done.returncode, done.stdout, done.stderr)
