"""Messages over a pipe: a kind, a length that is checked before anything is read, and that many bytes. Never a pickle."""

from __future__ import annotations

import json
import os
import select
import struct
import time

HEADER = struct.Struct(">cI")
MAX_BYTES = 96 * 2**20  # one response: 64 MB of arrays in base64
MESSAGE, OUTPUT, DONE = b"m", b"o", b"d"


class Closed(Exception):
    """The other side is gone."""


class Late(Exception):
    """Nothing whole arrived before the deadline."""


class TooLong(Exception):
    """A message longer than is allowed."""


def send(fd: int, message, kind: bytes = MESSAGE) -> None:
    """Write one message: anything JSON takes, or bytes as they are. Raises Closed."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    rest = memoryview(HEADER.pack(kind, len(body)) + body)
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError as error:
        raise Closed(str(error)) from error


def receive(fd: int, deadline: float = float("inf"), limit: int = MAX_BYTES, watch=None) -> tuple[bytes, bytes]:
    """The next message as (kind, body); deadline in time.monotonic(). Raises Closed, Late or TooLong.

    `watch` is called every 50 ms while nothing comes.
    """
    kind, length = HEADER.unpack(_exactly(fd, HEADER.size, deadline, watch))
    if length > limit:
        raise TooLong(f"a message of {length} bytes")
    return kind, _exactly(fd, length, deadline, watch)


def _exactly(fd, length, deadline, watch) -> bytes:
    parts, poll = [], select.poll()
    poll.register(fd, select.POLLIN)
    while length:
        wait = deadline - time.monotonic()
        if wait <= 0:
            raise Late
        if not poll.poll(1000 * min(wait, 0.05 if watch else 3600.0)):
            if watch:
                watch()
            continue
        part = os.read(fd, min(length, 2**20))
        if not part:
            raise Closed("the pipe was closed")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
