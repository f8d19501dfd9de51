"""Serve the pages beside Socket Mode, in a thread of the same process."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread
from typing import Any
from wsgiref.types import WSGIApplication

from bot.web.app import HEADER_MILLISECONDS, MAX_CONNECTIONS
from bot.web.rsgi import BufferedWsgi

STOP_SECONDS = 10.0  # for open requests to end


class EmbeddedServer:
    """An HTTP server with an event loop of its own."""

    def __init__(
        self, listen_address: tuple[str, int], application: WSGIApplication
    ) -> None:
        self._listen_address = listen_address
        self._application = BufferedWsgi(application)
        self._started: Future[tuple[asyncio.AbstractEventLoop, Any]] = Future()
        self._thread = Thread(target=self._run, name="pages", daemon=True)

    def start(self) -> None:
        """Start to listen."""
        self._thread.start()
        self._started.result()

    def stop(self) -> None:
        """Stop listening, and let open requests end."""
        loop, server = self._started.result()
        loop.call_soon_threadsafe(server.stop)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        # Slow to import, and most installations serve no pages beside Socket Mode.
        from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
        from granian.http import HTTP1Settings  # noqa: PLC0415
        from granian.log import LogLevels  # noqa: PLC0415
        from granian.server.embed import Server  # noqa: PLC0415

        host, port = self._listen_address
        server = Server(
            self._application,
            address=host,
            port=port,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
            backpressure=MAX_CONNECTIONS,
            websockets=False,
            log_level=LogLevels.error,
        )
        self._started.set_result((asyncio.get_running_loop(), server))
        await server.serve()
