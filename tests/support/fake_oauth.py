"""Slack's side of OAuth over HTTP: codes and refresh tokens that are used up, and how often."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs

CLIENT_ID, CLIENT_SECRET = "1234.5678", "the-secret-of-the-client"


@dataclass
class FakeOAuth:
    """Grants what `codes` say, and renews tokens by the newest refresh token alone."""

    url: str = ""
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    refresh_token: str = "xoxe-1-0"
    lifetime_seconds: int = 43_200
    delay_seconds: float = 0.0
    failure: str = ""
    renewals: int = 0
    refused_renewals: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @property
    def api_url(self) -> str:
        """Return the address of the Web API."""
        return f"{self.url}/api/"

    def answer(self, method: str, form: dict[str, str]) -> dict[str, Any]:
        """Return the next of the method's `answers`, or what oauth.v2.access answers."""
        self.forms.append(form)
        if method in self.answers:
            return {"ok": True, **self.answers[method].pop(0)}
        time.sleep(self.delay_seconds)
        if self.failure:
            return {"ok": False, "error": self.failure}
        if (form.get("client_id"), form.get("client_secret")) != (
            CLIENT_ID,
            CLIENT_SECRET,
        ):
            return {"ok": False, "error": "bad_client_secret"}
        if form.get("grant_type") == "refresh_token":
            return self.renew(form["refresh_token"])
        granted = self.codes.pop(form.get("code", ""), None)
        return granted or {"ok": False, "error": "invalid_code"}

    def renew(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token, which is dead afterwards."""
        with self.lock:
            if refresh_token != self.refresh_token:
                self.refused_renewals += 1
                return {"ok": False, "error": "invalid_refresh_token"}
            self.renewals += 1
            self.refresh_token = f"xoxe-1-{self.renewals}"
            return {
                "ok": True,
                "access_token": f"xoxe.xoxb-{self.renewals}",
                "refresh_token": self.refresh_token,
                "expires_in": self.lifetime_seconds,
                "scope": "chat:write,commands",
                "bot_user_id": "UBOT",
                "team": {"id": "TACME", "name": "Acme HQ"},
                "enterprise": None,
                "is_enterprise_install": False,
            }


def build_grant(
    team: str | None = "TACME",
    title: str = "Acme HQ",
    *,
    organisation: str | None = None,
    scopes: str = "chat:write,commands",
    token: str = "xoxb-acme",
) -> dict[str, Any]:
    """Return what a code stands for; without a team, for a whole organisation."""
    return {
        "ok": True,
        "app_id": "ACOLLAB",
        "access_token": token,
        "token_type": "bot",
        "scope": scopes,
        "bot_user_id": "UBOT",
        "authed_user": {"id": "UADA"},
        "team": {"id": team, "name": title} if team else None,
        "enterprise": {"id": organisation, "name": title} if organisation else None,
        "is_enterprise_install": team is None,
    }


@contextmanager
def serve_fake_oauth(**options: Any) -> Iterator[FakeOAuth]:
    """Serve Slack's side on a free port."""
    fake = FakeOAuth(**options)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fake.paths.append(self.path)
            form = {name: values[-1] for name, values in parse_qs(body).items()}
            content = json.dumps(
                fake.answer(self.path.rpartition("/")[2], form)
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
