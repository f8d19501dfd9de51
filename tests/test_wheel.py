"""A wheel of the project, installed elsewhere, carries all that it needs and runs from any folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from bot.playground.server import Playground
from tests.support.app_harness import ACK_TIMEOUT_SECONDS, new_traffic_path

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment in which only the wheel is new; libraries are those of this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    wheel = next(folder.glob("*.whl"))
    venv.create(folder / "venv", with_pip=False)
    target = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    folders = [p for p in map(Path, sys.path) if p.name == "site-packages"]
    libraries = {
        library.name: library
        for each in reversed(folders)
        for library in each.iterdir()
    }
    # The editable install of this project must not serve in the wheel's place.
    links = target / "_libraries"
    links.mkdir()
    for name, library in libraries.items():
        if "collab" not in name.lower():
            (links / name).symlink_to(library)
    (target / "libraries.pth").write_text(str(links))
    return folder / "venv" / "bin"


def test_the_wheel_and_nothing_else_serves(installed: Path, tmp_path: Path) -> None:
    where = "import bot, collab, storage, templates; print(*(p.__file__ for p in (bot, collab, storage, templates)))"
    asked: list[str | Path] = [installed / "python", "-c", where]
    found = subprocess.run(
        asked, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.count("elsewhere") == 4


def test_the_wheel_speaks_every_language(installed: Path, tmp_path: Path) -> None:
    said = "from bot.rendering import renderer_for_language; print(renderer_for_language('de').render_label('accept'))"
    run = subprocess.run(
        [installed / "python", "-c", said],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "Annehmen\n"


def test_the_demo_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [
            installed / "python",
            "-c",
            "from bot.cli import main; main(['demo', '--no-browser'])",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        lines = [demo.stdout.readline() for _ in range(3)]
        demo.send_signal(signal.SIGINT)
        rest = demo.communicate(timeout=20)[0]
    assert "Collab is ready" in "".join(lines), "".join(lines) + rest
    assert demo.returncode == 0, rest
    assert list(tmp_path.iterdir()) == []


def test_run_without_settings_names_the_first_missing_one(
    installed: Path, tmp_path: Path
) -> None:
    run = subprocess.run(
        [installed / "python", "-c", "from bot.cli import main; main(['run'])"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "SLACK_BOT_TOKEN" in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_run_answers_from_any_folder(
    installed: Path, tmp_path: Path, transport: str
) -> None:
    with (
        Playground(traffic_path=new_traffic_path()) as playground,
        socket.socket() as probe,
    ):
        playground.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        token = (
            {"SLACK_APP_TOKEN": playground.app_token} if transport == "socket" else {}
        )
        settings = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            "SLACK_BOT_TOKEN": playground.bot_token,
            "SLACK_SIGNING_SECRET": playground.signing_secret,
            "SLACK_API_URL": f"{playground.url}/api/",
            "COLLAB_LISTEN": f"127.0.0.1:{port}",
            **token,
        }
        playground.request_url = (
            None if token else f"http://127.0.0.1:{port}/slack/events"
        )
        program: list[str | Path] = [
            installed / "python",
            "-c",
            "from bot.cli import main; main(['run'])",
        ]
        with subprocess.Popen(
            program, cwd=tmp_path, env=settings, stdout=subprocess.PIPE, text=True
        ) as run:
            assert run.stdout is not None
            assert "Collab is ready" in run.stdout.readline()
            answer = playground.get_user("ada").type_text("/collab help")
            run.send_signal(signal.SIGTERM)
            run.wait(20)
    assert "What would you like to do?" in str(answer)
    assert run.returncode == 0
