"""A liar between a store and a real S3 server: it passes requests on, and spoils what it is told to spoil.

Signatures stay good, because the ``Host`` that was signed is passed on as it came.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    body: bytes
    number: int
    """How many requests came before it."""
    range: str
    """Which bytes it is for; nothing for all of them."""


@dataclass
class Answer:
    """One answer, as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut_after: int | None = None
    """Bytes of the body after which the connection is closed."""
    stall: float = 0
    """Seconds before it goes out."""


Forward = Callable[[bytes], Answer]
Lie = Callable[[Asked, Forward], Answer]


def honest(asked: Asked, forward: Forward) -> Answer:
    """Pass the request on, and the answer back."""
    return forward(asked.body)


@dataclass
class Liar:
    """A running proxy; set ``lie`` to what it should do."""

    port: int
    lie: Lie = honest
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def lying_server(upstream: int) -> Iterator[Liar]:
    """Stand before the server at port *upstream* until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.upstream = upstream  # type: ignore[attr-defined] # read by the handler
    server.liar = liar = Liar(server.server_port)  # type: ignore[attr-defined] # the same
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        liar: Liar = self.server.liar  # type: ignore[attr-defined] # put there above
        asked = Asked(self.command, self.path, body, len(liar.asked), self.headers.get("Range") or "")
        liar.asked.append(asked)
        answer = liar.lie(asked, self._forward)
        time.sleep(answer.stall)
        self._send(answer)

    do_PUT = do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def _forward(self, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(
            "127.0.0.1",
            self.server.upstream,  # type: ignore[attr-defined] # put there above
            timeout=60,
        )
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in {"content-length", "connection"}:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            kept = {
                name: value
                for name, value in answer.getheaders()
                if name.lower() not in {"transfer-encoding", "connection"}
            }
            return Answer(answer.status, kept, content)
        finally:
            connection.close()

    def _send(self, answer: Answer) -> None:
        try:
            self.send_response_only(answer.status)
            stated = {name.lower() for name in answer.headers}
            for name, value in answer.headers.items():
                if name.lower() == "content-length" and self.command != "HEAD":
                    value = str(len(answer.body))  # noqa: PLW2901 - the body may have been spoilt
                self.send_header(name, value)
            if "content-length" not in stated:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: answer.cut_after])
            if answer.cut_after is not None:
                self.wfile.flush()
                self.close_connection = True
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def refusal(status: int, code: str) -> Answer:
    """Return the answer by which a server refuses."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>no</Message></Error>'
    return Answer(status, {"Content-Type": "application/xml"}, text.encode())
