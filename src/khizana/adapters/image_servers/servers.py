"""Images of other libraries, asked for politely and taken with suspicion."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urljoin

from khizana.adapters.image_servers.address import WebAddress, resolved, web_address
from khizana.adapters.image_servers.connection import RUN, Limits, Patience, TooSlow, answer_of
from khizana.core.errors import Away, BadInput, Unreadable
from khizana.core.ports import Fetched, Restartable

REDIRECTS = 5
PAUSES = (1.0, 4.0, 15.0)
"""Seconds before a server that did not answer is asked again."""
PACE = 0.5
"""Seconds between an answer of a server and the next thing that it is asked."""
LONGEST_PAUSE = 120.0
"""Seconds that a server may ask us to wait."""
_MOVED = frozenset({301, 302, 303, 307, 308})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_BUSY = frozenset({408, 425, 429, 502, 503, 504})
"""Those of them that speak of the server, and not of what it was asked for."""
_IMAGE = re.compile(r"image/.*|(?:application|binary)/octet-stream|")


class _Again(Exception):
    """The server may answer otherwise in a while."""

    def __init__(self, problem: str, status: int = 0, pause: float = 0) -> None:
        super().__init__(problem)
        self.problem, self.status, self.pause = problem, status, pause


class HttpImageServers:
    """Servers on the web; *nearby* allows those of this machine and its network, too.

    *agent* says who asks, so that a library whose server we burden can write to us.
    """

    def __init__(
        self,
        *,
        agent: str,
        nearby: bool = False,
        pace: float = PACE,
        pauses: Sequence[float] = PAUSES,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._headers = {"User-Agent": agent, "Accept": "image/*, */*;q=0.1", "Accept-Encoding": "identity"}
        self._nearby, self._pace, self._pauses = nearby, pace, tuple(pauses)
        self._limits, self._sleep = limits or Limits(), sleep
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._next: dict[str, float] = {}

    def fetch(self, addresses: Sequence[str], into: Restartable, *, name: str) -> Fetched:
        """Write the first image that *addresses* give into *into*."""
        first: Unreadable | None = None
        for address in addresses:
            try:
                return self._asked_patiently(address, into, name)
            except Away:
                raise
            except Unreadable as error:
                # It has no such size, or no such address: the next one may be what it knows.
                first = first or error
        raise first or BadInput("FETCH_NOT_OF_THE_WEB", name=name, address="")

    def _asked_patiently(self, address: str, into: Restartable, name: str) -> Fetched:
        for pause in (*self._pauses, None):
            try:
                into.restart()
                return self._asked(address, into, name)
            except _Again as error:
                if pause is not None:
                    self._sleep(error.pause or pause)
                    continue
                if error.status and error.status not in _BUSY:
                    raise Unreadable("FETCH_REFUSED", name=name, address=address, status=error.status) from error
                host = web_address(address, name=name).host
                raise Away("FETCH_NO_ANSWER", name=name, host=host, problem=error.problem) from error
        raise AssertionError("the last pause is None")

    def _asked(self, address: str, into: Restartable, name: str) -> Fetched:
        place = web_address(address, name=name)
        for _ in range(REDIRECTS + 1):
            led = self._turn(place, into, name)
            if isinstance(led, int):
                return Fetched(address, place.text, led)
            place = web_address(urljoin(place.text, led), name=name)
        raise BadInput("FETCH_REDIRECTED", name=name, address=address, count=REDIRECTS)

    def _turn(self, place: WebAddress, into: Restartable, name: str) -> int | str:
        """Ask for *place* when it is this server's turn; return how many bytes came, or where it leads on to."""
        with self._lock:
            turn = self._turns.setdefault(place.host, threading.Lock())
        with turn:
            if (wait := self._next.get(place.host, 0.0) - time.monotonic()) > 0:
                self._sleep(wait)
            try:
                return self._answered(place, into, name)
            except (OSError, http.client.HTTPException) as error:
                raise _Again(_problem(error)) from error
            except TooSlow as error:
                raise BadInput("FETCH_TOO_SLOW", name=name, address=place.text) from error
            finally:
                self._next[place.host] = time.monotonic() + self._pace

    def _answered(self, place: WebAddress, into: Restartable, name: str) -> int | str:
        numbers = resolved(place, nearby=self._nearby, name=name)
        with answer_of(place, numbers, self._headers, self._limits) as (answer, patience):
            status = answer.status
            if status in _MOVED and (goal := answer.headers.get("Location")):
                return str(goal)
            if status in _AGAIN:
                raise _Again(f"HTTP {status}", status, _asked_to_wait(answer))
            if status != http.client.OK:
                raise Unreadable("FETCH_REFUSED", name=name, address=place.text, status=status)
            self._look_at(answer, place, name)
            return self._taken(answer, patience, into, place, name)

    def _look_at(self, answer: http.client.HTTPResponse, place: WebAddress, name: str) -> None:
        """Refuse by its head alone what would be refused in the end."""
        packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if packed not in ("identity", ""):
            # It was asked to come as it is; what would come out of it has no bound.
            raise BadInput("FETCH_PACKED", name=name, address=place.text, kind=packed[:40])
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if not _IMAGE.fullmatch(kind):
            raise Unreadable("FETCH_NOT_IMAGE", name=name, address=place.text, kind=kind[:80])
        if (answer.length or 0) > self._limits.largest:
            raise BadInput("FETCH_TOO_LARGE", name=name, address=place.text, largest=self._limits.largest)

    def _taken(
        self, answer: http.client.HTTPResponse, patience: Patience, into: Restartable, place: WebAddress, name: str
    ) -> int:
        stated = answer.length
        buffer = memoryview(bytearray(RUN))
        while length := answer.readinto(buffer):
            patience.received += length
            if patience.received > self._limits.largest:
                raise BadInput("FETCH_TOO_LARGE", name=name, address=place.text, largest=self._limits.largest)
            into.write(buffer[:length])
        if stated is not None and patience.received != stated:
            raise _Again(f"{patience.received} / {stated} bytes")
        return patience.received


def _asked_to_wait(answer: http.client.HTTPResponse) -> float:
    stated = answer.headers.get("Retry-After", "").strip()
    return min(float(stated), LONGEST_PAUSE) if re.fullmatch("[0-9]{1,9}", stated) else 0.0


def _problem(error: Exception) -> str:
    """Return a few words of *error*, on one line."""
    if isinstance(error, TimeoutError):
        return "timeout"
    told = getattr(error, "strerror", None) or getattr(error, "verify_message", None) or str(error)
    return " ".join(str(told).split())[:120] or type(error).__name__
