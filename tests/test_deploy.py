"""The files that run Collab elsewhere name what is there.

There is no Docker on every machine, so the image's own steps are taken in a fresh
folder: what is copied is enough to install and run the program.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from bot.cli import main
from bot.config import SETTING_SPECS
from bot.web.app import PROBE_PATHS

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE = ("compose.yaml", "compose.postgres.yaml")
SERVICE = ROOT / "docs" / "deploy" / "collab.service"
KUBERNETES = ROOT / "docs" / "deploy" / "kubernetes.yaml"
PORT = 3000


def instructions(name: str) -> list[str]:
    """Return what follows each instruction of this name."""
    return re.findall(rf"^ *{name} +(.+)$", DOCKERFILE, re.MULTILINE)


def copied_paths() -> list[str]:
    """Return what the image is built from."""
    lines = [line for line in instructions("COPY") if not line.startswith("--from")]
    return [path for line in lines for path in line.split()[:-1]]


def assert_is_command(words: list[str]) -> None:
    """Check that the program has a command of these words."""
    command: click.Command = main
    for word in words:
        assert isinstance(command, click.Group), words
        command = command.commands[word]
    assert not isinstance(command, click.Group), words


def test_the_image_has_pinned_libraries_and_a_user_without_rights() -> None:
    installs = [run for run in instructions("RUN") if "pip install" in run]
    assert any("--require-hashes -r requirements.lock" in run for run in installs)
    assert all("--require-hashes" in run or "--no-deps" in run for run in installs)
    assert {image.split()[0] for image in instructions("FROM")} == {
        "python:3.13-slim-bookworm"
    }
    [user] = instructions("USER")
    assert user.split(":")[0].isdecimal()
    assert int(user.split(":")[0]) > 0
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["collab"]
    assert_is_command(json.loads(instructions("CMD")[-1]))


def test_the_image_asks_a_probe_and_sets_known_settings() -> None:
    [check] = instructions("HEALTHCHECK")
    [path] = re.findall(rf"127\.0\.0\.1:{PORT}(/\w+)", check)
    assert path in PROBE_PATHS
    assert instructions("EXPOSE") == [str(PORT)]
    names = re.findall(r"\b([A-Z_]+)=", " ".join(instructions("ENV")))
    own = {name for name in names if name.startswith(("COLLAB_", "DATABASE_"))}
    assert own <= set(SETTING_SPECS)
    assert f"COLLAB_LISTEN=0.0.0.0:{PORT}" in DOCKERFILE


@pytest.mark.slow
def test_what_is_copied_is_enough_to_install_and_run(tmp_path: Path) -> None:
    source, installed = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for name in copied_paths():
        assert f"!{name.removeprefix('./')}" in ignored, name
        path = ROOT / name
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        copy(path, source / path.name)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(installed), str(source)],
        check=True,
        capture_output=True,
        env=dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1"),
    )
    ran = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "--version"],
        cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=str(installed)),
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("Collab ")
    assert (installed / "templates" / "labels.j2").is_file()


@pytest.mark.parametrize("name", COMPOSE)
def test_the_compose_files_name_commands_and_settings(name: str) -> None:
    content = yaml.safe_load((ROOT / name).read_text())
    ours = [one for one in content["services"].values() if one.get("build") == "."]
    assert ours
    for service in ours:
        assert service["read_only"] is True
        assert set(service.get("environment", {})) <= set(SETTING_SPECS)
        assert_is_command(service.get("command", ["run"]))
        for port in service.get("ports", []):
            assert str(port).endswith(f":{PORT}")
    volumes = {
        volume.partition(":")[0]
        for service in content["services"].values()
        for volume in service.get("volumes", [])
    }
    assert volumes == set(content["volumes"])


def test_several_processes_wait_for_the_upgraded_schema() -> None:
    services = yaml.safe_load((ROOT / COMPOSE[1]).read_text())["services"]
    assert services["upgrade"]["command"] == ["db", "upgrade"]
    wait = services["collab"]["depends_on"]["upgrade"]["condition"]
    assert wait == "service_completed_successfully"
    assert services["collab"]["deploy"]["replicas"] == 2


def test_the_kubernetes_manifests_name_probes_and_settings() -> None:
    documents = list(yaml.safe_load_all(KUBERNETES.read_text()))
    containers: list[dict[str, Any]] = [
        container
        for document in documents
        if "template" in document["spec"]
        for container in document["spec"]["template"]["spec"]["containers"]
    ]
    assert len(containers) == 2
    for container in containers:
        assert_is_command(container["args"])
        assert {one["name"] for one in container.get("env", [])} <= set(SETTING_SPECS)
    [app] = [one for one in containers if "livenessProbe" in one]
    for probe in ("livenessProbe", "readinessProbe"):
        assert app[probe]["httpGet"]["path"] in PROBE_PATHS
        assert app[probe]["httpGet"]["port"] == PORT
    assert app["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_systemd_unit_runs_commands() -> None:
    text = SERVICE.read_text()
    for line in re.findall(r"^ExecStart(?:Pre)?=(.+)$", text, re.MULTILINE):
        program, *words = shlex.split(line)
        assert program == "/opt/collab/bin/collab"
        assert_is_command(words)
    assert "StateDirectoryMode=0700" in text
    assert "DynamicUser=yes" in text
