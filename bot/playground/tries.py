"""The list of things to try, the same in the README, the terminal and the page, and which of them were done."""

import re
from dataclasses import dataclass
from threading import Lock

from bot.playground.stream import Stream
from bot.playground.world import Json

CLOCK_MOVED = "the clock was moved to what is due next"


@dataclass(frozen=True)
class Thing:
    """Describe one thing to try: who does it, where it is typed, its Markdown, and the sign that it was done."""

    name: str
    person: str
    channel: str | None
    words: str
    sign: re.Pattern[str]


THINGS = (
    Thing(
        "invite",
        "ada",
        "acme",
        "As Ada, in #acme, type `/collab invite @carl admin acme`",
        re.compile(r": /collab invite "),
    ),
    Thing(
        "accept",
        "carl",
        None,
        "Act as Carl, open the message from Collab and press **Accept**",
        re.compile(r": accept\b"),
    ),
    Thing(
        "travel",
        "ada",
        "acme",
        "As Ada, type `/collab invite @devi admin acme`, then press **To the next reminder**. "
        "Devi is reminded in her own working hours",
        re.compile(CLOCK_MOVED),
    ),
)
THINGS_WITHOUT_COMPANY = (
    Thing(
        "create",
        "ada",
        "acme",
        "As Ada, in #acme, type `/collab create company Acme`",
        re.compile(r": /collab create "),
    ),
    *THINGS,
)


class Tries:
    """What was done of the list since the playground started."""

    def __init__(self, stream: Stream) -> None:
        self.things: tuple[Thing, ...] = THINGS
        self._stream = stream
        self._lock = Lock()
        self._done: set[str] = set()

    def notice(self, summary: str) -> None:
        """Tick off what this delivery or move of the clock shows to be done, and tell the pages."""
        with self._lock:
            before = len(self._done)
            self._done |= {thing.name for thing in self.things if thing.sign.search(summary)}
            is_new = len(self._done) > before
        if is_new:
            self._stream.tell({"type": "tries", "tries": self.listed()})

    def listed(self) -> list[Json]:
        """Return the list for the page."""
        with self._lock:
            return [
                {
                    "name": thing.name,
                    "person": thing.person,
                    "channel": thing.channel,
                    "words": thing.words,
                    "done": thing.name in self._done,
                }
                for thing in self.things
            ]
