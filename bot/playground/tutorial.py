"""The list of things to try, the same in the README, the terminal and the page, and which of them were done."""

import re
from dataclasses import dataclass
from threading import Lock

from bot.playground.event_stream import EventStream
from bot.playground.workspace import Json

CLOCK_MOVED_SUMMARY = "the clock was moved to what is due next"


@dataclass(frozen=True)
class TutorialStep:
    """Describe one thing to try: who does it, where it is typed, its Markdown, and the sign that it was done."""

    name: str
    user_name: str
    channel_name: str | None
    markdown: str
    done_pattern: re.Pattern[str]


TUTORIAL_STEPS = (
    TutorialStep(
        "invite",
        "ada",
        "acme",
        "As Ada, in #acme, type `/collab invite @carl admin acme`",
        re.compile(r": /collab invite "),
    ),
    TutorialStep(
        "accept",
        "carl",
        None,
        "Act as Carl, open the message from Collab and press **Accept**",
        re.compile(r": accept\b"),
    ),
    TutorialStep(
        "travel",
        "ada",
        "acme",
        "As Ada, type `/collab invite @devi admin acme`, then press **To the next reminder**. "
        "Devi is reminded in her own working hours",
        re.compile(CLOCK_MOVED_SUMMARY),
    ),
)
TUTORIAL_STEPS_WITHOUT_COMPANY = (
    TutorialStep(
        "create",
        "ada",
        "acme",
        "As Ada, in #acme, type `/collab create company Acme`",
        re.compile(r": /collab create "),
    ),
    *TUTORIAL_STEPS,
)


class TutorialProgress:
    """What was done of the list since the playground started."""

    def __init__(self, stream: EventStream) -> None:
        self.steps: tuple[TutorialStep, ...] = TUTORIAL_STEPS
        self._stream = stream
        self._lock = Lock()
        self._done: set[str] = set()

    def mark_done(self, summary: str) -> None:
        """Tick off what this delivery or move of the clock shows to be done, and tell the pages."""
        with self._lock:
            before = len(self._done)
            self._done |= {
                thing.name for thing in self.steps if thing.done_pattern.search(summary)
            }
            is_new = len(self._done) > before
        if is_new:
            self._stream.publish({"type": "tries", "tries": self.list_steps()})

    def list_steps(self) -> list[Json]:
        """Return the list for the page."""
        with self._lock:
            return [
                {
                    "name": thing.name,
                    "person": thing.user_name,
                    "channel": thing.channel_name,
                    "words": thing.markdown,
                    "done": thing.name in self._done,
                }
                for thing in self.steps
            ]
