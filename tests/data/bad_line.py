"""A bad line between a store and a server: it is cut after so many bytes, and carries only so many in a second.

It knows nothing of what it carries. What is lied about is for ``data.lying_server``.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

PIECE = 4096  # bytes
RESET = struct.pack("ii", 1, 0)  # closed at once, whatever has not been sent yet


class BadLine:
    """A running line to the port *upstream* of this machine; it is a good one until it is told otherwise."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._turn = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._cuts: dict[str, Iterator[int]] = {"up": iter(()), "down": iter(())}
        self._left: dict[str, int | None] = {"up": None, "down": None}
        self.port: int = self._listening.getsockname()[1]
        self.times_cut = 0
        self.rate: int | None = None
        """Bytes a second in each direction of each connection."""

    def cut(self, *, up: Iterable[int] = (), down: Iterable[int] = ()) -> None:
        """Cut every connection when so many bytes have gone up or down in all; then the next number counts from 0."""
        with self._turn:
            self._cuts = {"up": iter(up), "down": iter(down)}
            self._left = {way: next(cuts, None) for way, cuts in self._cuts.items()}

    def serve(self) -> None:
        """Carry until the line is closed."""
        while True:
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._upstream), timeout=60)
            except OSError:
                return
            for end in (client, server):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._turn:
                self._open |= {client, server}
            for way, source, goal in (("up", client, server), ("down", server, client)):
                threading.Thread(target=self._carry, args=(way, source, goal), daemon=True).start()

    def close(self) -> None:
        """End every connection, and take no new one."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._turn:
            self._hang_up()

    def _carry(self, way: str, source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                goal.sendall(self._let_through(way, piece))
                if self.rate is not None:
                    time.sleep(len(piece) / self.rate)
        with self._turn:
            _end(source, goal)
            self._open -= {source, goal}

    def _let_through(self, way: str, piece: bytes) -> bytes:
        with self._turn:
            left = self._left[way]
            if left is None:
                return piece
            if len(piece) < left:
                self._left[way] = left - len(piece)
                return piece
            self._left[way] = next(self._cuts[way], None)
            self.times_cut += 1
            self._hang_up()
            raise ConnectionResetError

    def _hang_up(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        _end(*self._open)
        self._open.clear()


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
        end.close()


@contextmanager
def bad_line(upstream: int) -> Iterator[BadLine]:
    """Stand before the server at port *upstream* until the block ends."""
    line = BadLine(upstream)
    serving = threading.Thread(target=line.serve, daemon=True)
    serving.start()
    try:
        yield line
    finally:
        line.close()
        serving.join()
