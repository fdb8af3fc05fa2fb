"""What a hostile stranger writes on a socket: requests that are none, and image addresses almost right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import quote

PLACES = ("/iiif/3/{image}/full/max/0/default.jpg", "/images/{image}/480.jpg", "/en/", "/en/m/tb-1/", "/static/x", "/")


def requests(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of requests for *path* that no browser would write."""
    p = path.encode()
    host = b"Host: h.example\r\n"

    def head(*lines: bytes, line: bytes = b"GET " + p + b" HTTP/1.1") -> bytes:
        return b"\r\n".join((line, b"Host: h.example", *lines, b"", b""))

    chunked = b"0\r\n\r\n"
    yield "length and chunks", head(b"Content-Length: 5", b"Transfer-Encoding: chunked") + chunked
    yield "chunks and length", head(b"Transfer-Encoding: chunked", b"Content-Length: 5") + chunked
    yield "two lengths", head(b"Content-Length: 3", b"Content-Length: 5") + b"abcde"
    yield "lengths in one", head(b"Content-Length: 3, 5") + b"abcde"
    yield "length below zero", head(b"Content-Length: -1") + b"a"
    yield "length with a sign", head(b"Content-Length: +3") + b"abc"
    yield "length of words", head(b"Content-Length: three")
    yield "length past all", head(b"Content-Length: 99999999999999999999999999")
    yield "post of a petabyte", head(b"Content-Length: 1125899906842624", line=b"POST " + p + b" HTTP/1.1") + b"x"
    yield "chunks of chunks", head(b"Transfer-Encoding: chunked, chunked") + chunked
    yield "chunks, hidden", head(b"Transfer-Encoding : chunked") + chunked
    yield "chunks, tabbed", head(b"Transfer-Encoding:\tchunked") + chunked
    yield "chunks, misspelt", head(b"Transfer-Encoding: xchunked") + chunked
    yield "chunk size too long", head(b"Transfer-Encoding: chunked") + b"fffffffffffffffff\r\nx"
    yield "chunk size is none", head(b"Transfer-Encoding: chunked") + b"zz\r\nx\r\n0\r\n\r\n"
    yield "endless trailer", head(b"Transfer-Encoding: chunked") + b"0\r\n" + b"X: y\r\n" * 20_000
    yield "folded", head(b"X: a\r\n b")
    yield "folded length", head(b"Content-Length:\r\n 5") + b"abcde"
    yield "space before the colon", head(b"X : a")
    yield "no colon", head(b"nothing")
    yield "no name", head(b": a")
    yield "space first", b"GET " + p + b" HTTP/1.1\r\n " + host + b"\r\n"
    yield "bare line feeds", head().replace(b"\r\n", b"\n")
    yield "bare line feed in a value", head(b"X: a\nContent-Length: 5") + b"abcde"
    yield "bare carriage return", head(b"X: a\rContent-Length: 5") + b"abcde"
    yield "nul in a value", head(b"X: a\0b")
    yield "nul in the address", head(line=b"GET " + p + b"\0 HTTP/1.1")
    yield "control in the address", head(line=b"GET " + p + b"\x01\x7f HTTP/1.1")
    yield "bytes in the address", head(line=b"GET " + p + b"\xff\xfe\x80 HTTP/1.1")
    yield "spaces in the address", head(line=b"GET " + p + b" x y HTTP/1.1")
    yield "tabs for spaces", head(line=b"GET\t" + p + b"\tHTTP/1.1")
    yield "two hosts", head(b"Host: other.example")
    yield "no host", b"GET " + p + b" HTTP/1.1\r\n\r\n"
    yield "empty host", b"GET " + p + b" HTTP/1.1\r\nHost:\r\n\r\n"
    yield "a host of nonsense", b"GET " + p + b" HTTP/1.1\r\nHost: <script>:x@\xff\r\n\r\n"
    yield "whole address", head(line=b"GET http://other.example" + p + b" HTTP/1.1")
    yield "whole address, no host", head(line=b"GET http://" + p + b" HTTP/1.1")
    yield "authority", head(line=b"CONNECT other.example:443 HTTP/1.1")
    yield "star", head(line=b"OPTIONS * HTTP/1.1")
    yield "fragment", head(line=b"GET " + p + b"#x HTTP/1.1")
    yield "up and up", head(line=b"GET " + p + b"/../../../../../etc/passwd HTTP/1.1")
    yield "up and up, hidden", head(line=b"GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1")
    yield "nul, hidden", head(line=b"GET " + p + b"%00 HTTP/1.1")
    yield "lines, hidden", head(line=b"GET " + p + b"%0d%0aX:%20y HTTP/1.1")
    yield "broken percents", head(line=b"GET " + p + b"%%%g1%e HTTP/1.1")
    yield "no version", b"GET " + p + b"\r\n" + host + b"\r\n"
    yield "version 0.9", b"GET " + p + b"\r\n"
    yield "version 1.0", head(line=b"GET " + p + b" HTTP/1.0")
    yield "version 1.2", head(line=b"GET " + p + b" HTTP/1.2")
    yield "version 2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(200)
    yield "version 9999", head(line=b"GET " + p + b" HTTP/9999999999.9")
    yield "upgrade to 2", head(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    yield "websocket", head(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", key)
    yield "expects", head(b"Expect: 100-continue", b"Content-Length: 5") + b"abcde"
    yield "expects more", head(b"Expect: the-spanish-inquisition")
    yield "lower case", head(line=b"get " + p + b" http/1.1")
    yield "strange method", head(line=b"G(E)T " + p + b" HTTP/1.1")
    yield "long method", head(line=b"G" * 30_000 + b" " + p + b" HTTP/1.1")
    yield "long address", head(line=b"GET " + p + b"?" + b"x" * 300_000 + b" HTTP/1.1")
    yield "long path", head(line=b"GET " + p + b"/x" * 30_000 + b" HTTP/1.1")
    yield "long value", head(b"X: " + b"y" * 1_000_000)
    yield "long cookie", head(b"Cookie: sessionid=" + b"y" * 7_000)
    yield "cookies of nonsense", head(b'Cookie: sessionid="; ;;=; \xff=\xfe; sessionid=a:b:c')
    yield "many fields", head(*(b"X-%d: y" % n for n in range(5_000)))
    yield "many conditions", head(b"If-None-Match: " + b'"a", ' * 1_000)
    yield "odd conditions", head(b"If-Modified-Since: never", b"Range: bytes=5-1,-0,9-", b'If-Range: "', b"If-Match: x")
    yield "odd wishes", head(b"Accept: ;;q=;,*", b"Accept-Encoding: br;q=x,,;;,*;q=9", b"Accept-Language: \xff-;q=,")
    yield "forwarded", head(b"X-Forwarded-For: 1", b"X-Forwarded-Host: evil.example", b"X-Script-Name: /x", b"Proxy: y")
    yield "tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    yield "nothing but ends", b"\r\n" * 10_000
    yield "noise", random.Random(len(path)).randbytes(5_000)
    yield "half a line", b"GET " + p
    yield "half a head", head()[:-4]


def image_addresses(images: list[str], count: int, seed: int) -> Iterator[str]:
    """Yield *count* image addresses, from nearly right to nonsense, the same for the same *seed*."""
    chance = random.Random(seed)
    numbers = (
        "0",
        "1",
        "-1",
        "00",
        "1.5",
        "100",
        "512",
        "513",
        "699",
        "9" * 9,
        "9" * 30,
        "9" * 400,
        "1e9",
        "nan",
        "inf",
    )
    odd = (
        "",
        "٣",
        "٣٠٠",
        "²",
        "+5",
        "0x10",
        "^",
        "!",
        "^!",
        "%00",
        "%0a",
        "\u202e",
        "\ud7ff",
        "..",
        "%2e%2e%2f",
        "%25",
        "'",
    )

    def number() -> str:
        return chance.choice(numbers) if chance.random() < 0.8 else chance.choice(odd)

    def region() -> str:
        four = ",".join(number() for _ in range(chance.choice((4, 4, 4, 4, 3, 5))))
        return chance.choice(("full", "square", "square", four, four, f"pct:{four}", "Full", number(), ""))

    def size() -> str:
        w, h = number(), number()
        forms = ("max", "full", f"{w},", f",{h}", f"{w},{h}", f"!{w},{h}", f"pct:{w}", ",", w, "Max")
        return chance.choice(("", "", "", "^", "!^", "^^")) + chance.choice(forms)

    def rotation() -> str:
        return chance.choice(("0", "0", "90", "!0", "!180", "45", "359.9", "360", "361", "-90", number(), "!!0", "!"))

    def named() -> str:
        quality = chance.choice(("default", "color", "gray", "bitonal", "native", "Default", "", number()))
        ending = chance.choice(("jpg", "jpg", "png", "webp", "avif", "gif", "tif", "pdf", "jp2", "exe", "", "jpg.png"))
        return f"{quality}.{ending}"

    for _ in range(count):
        door = chance.choice(("/iiif/3", "/iiif/3", "/iiif/2", "/iiif/2", "/iiif/4", "/iiif", "/images"))
        image = chance.choice(
            (*images, *images, "..", "%2e%2e", "tb-1%2F0001", "x" * 300, "%00", "tb-1.9999", number())
        )
        parts = [image, region(), size(), rotation(), named()]
        if chance.random() < 0.15:
            parts = parts[: chance.randrange(5)] + chance.choice(([], ["info.json"], [""], ["480.avif"], ["481.jpg"]))
        if chance.random() < 0.05:
            parts.insert(chance.randrange(len(parts) + 1), number())
        path = "/".join((door, *parts))
        yield quote(path, safe="/%:,!^.+'") + chance.choice(("", "", "", "?", "?x=%00", "#"))
