"""Servers that lie, stall, throttle and break off: nothing counts that was not read back, and each has its sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import pytest

from data.lying_server import Answer, Asked, Forward, Liar, honest, lying_server, refusal
from data.memory_store import MemoryStore
from data.s3_server import KEY, SECRET, S3Server, s3_server
from khizana.adapters.s3.address import Keys, find_keys, parse
from khizana.adapters.s3.store import S3Store
from khizana.core.errors import (
    AlreadyThere,
    Away,
    BadInput,
    Busy,
    Damaged,
    KhizanaError,
    NoSpace,
    NotFound,
    Unreadable,
)
from khizana.core.findings import LANGUAGES
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.copy import put_checked
from khizana.core.preservation.replicas.outcome import Altered, Intact
from khizana.core.preservation.replicas.reading import Reader
from khizana.core.preservation.replicas.sites import read_mark

MIB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3") / "buckets") as running:
        yield running


@pytest.fixture
def liar(server: S3Server) -> Iterator[Liar]:
    with lying_server(server.port) as running:
        yield running


@pytest.fixture
def bucket(server: S3Server) -> Path:
    return server.bucket(f"b-{len(list(server.root.iterdir()))}")


def opened(
    server: S3Server, bucket: Path, *, port: int | None = None, secret: str = SECRET, lease: float = 120, **more: str
) -> S3Store:
    address = server.address(bucket.name, port=port, **{"patience": "3", **more})
    return S3Store(parse(address.removeprefix("s3:")), Keys(KEY, secret), lease=lease)


def is_file(asked: Asked, *methods: str) -> bool:
    """Whether a request is about the file *victim*."""
    return asked.method in methods and "victim" in asked.path


def truncated(asked: Asked, forward: Forward) -> Answer:
    """Keep less than was sent, and say that all is well."""
    if is_file(asked, "PUT"):
        return Answer(200, {"ETag": '"5d41402abc4b2a76b9719d911017c592"'}, b"")
    return forward(asked.body)


def flipped(asked: Asked, forward: Forward) -> Answer:
    """Give back another byte than was kept."""
    answer = forward(asked.body)
    if is_file(asked, "GET") and answer.body:
        answer.body = bytes([answer.body[0] ^ 1]) + answer.body[1:]
    return answer


def shortened(asked: Asked, forward: Forward) -> Answer:
    """Give back less than was kept, as if that were all."""
    answer = forward(asked.body)
    if is_file(asked, "GET"):
        answer.body = answer.body[:-1]
    return answer


@pytest.mark.parametrize("size", [10, 6 * MIB])
@pytest.mark.parametrize("lie", [truncated, flipped, shortened])
def test_nothing_counts_that_was_not_read_back(
    server: S3Server,
    liar: Liar,
    bucket: Path,
    lie: Callable[[Asked, Forward], Answer],
    size: int,
) -> None:
    content = os.urandom(size)
    source = MemoryStore({"victim": content})
    store = opened(server, bucket, port=liar.port)
    liar.lie = lie
    with pytest.raises(KhizanaError) as raised:
        put_checked(source, store, "victim", digest_of(content), {"victim": size}, stamp="1")
    assert isinstance(raised.value, Damaged | Unreadable)
    assert not isinstance(Reader(store).outcome("victim", digest_of(content)), Intact)
    liar.lie = honest
    # Whatever lies there now, an honest server takes it again.
    if [each.name for each in store.names()] == ["victim"]:
        store.set_aside("victim", "aside/2/victim")
    put_checked(source, store, "victim", digest_of(content), {"victim": size}, stamp="3")


def test_a_connection_that_is_cut_is_taken_up_again(server: S3Server, liar: Liar, bucket: Path) -> None:
    content = os.urandom(3 * MIB)
    store = opened(server, bucket, port=liar.port, patience="20")
    store.put("victim", [content], size=len(content))
    cuts = iter([100_000, 1_000_000])

    def cut(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked.body)
        if is_file(asked, "GET"):
            answer.cut_after = next(cuts, None)
        return answer

    liar.lie = cut
    try:
        found = b"".join(store.read("victim"))
    except Unreadable:
        pass  # said so, rather than taken for the whole
    else:
        assert found == content


def test_a_connection_that_is_always_cut_is_unreadable(server: S3Server, liar: Liar, bucket: Path) -> None:
    store = opened(server, bucket, port=liar.port)
    store.put("victim", [b"1" * 1000], size=1000)

    def cut(asked: Asked, forward: Forward) -> Answer:
        answer = forward(asked.body)
        if is_file(asked, "GET"):
            answer.cut_after = 10
        return answer

    liar.lie = cut
    with pytest.raises(Unreadable):
        b"".join(store.read("victim"))


def test_however_many_threads_no_more_is_sent_at_once_than_a_slow_line_carries(
    server: S3Server, liar: Liar, bucket: Path
) -> None:
    turn, under_way, most, many = threading.Lock(), 0, 0, threading.Event()

    def counted(asked: Asked, forward: Forward) -> Answer:
        nonlocal under_way, most
        with turn:
            under_way += len(asked.body)
            most = max(most, under_way)
        if most > 10 * MIB:
            many.set()
        many.wait(0.3 if asked.body else 0)  # for as long as this, others may come
        with turn:
            under_way -= len(asked.body)
        return forward(asked.body)

    liar.lie = counted
    store = opened(server, bucket, port=liar.port, patience="60")
    sizes = {f"a/{number}": size * MIB for number, size in enumerate([4, 4, 4, 12, 4, 12, 5, 1, 1])}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.put(name, repeat(bytes(MIB), sizes[name] // MIB), size=sizes[name]), sizes))
        list(pool.map(lambda name: store.replace(name, bytes(sizes[name])), sizes))
    assert {each.name: each.size for each in store.names()} == sizes
    assert most <= 10 * MIB


@pytest.mark.parametrize("given", [0, 900, 3 * MIB])
def test_a_file_shorter_than_the_server_says_is_altered_and_can_be_set_aside(
    server: S3Server, liar: Liar, bucket: Path, given: int
) -> None:
    content = os.urandom(given + 100)
    store = opened(server, bucket, port=liar.port)
    store.put("victim", [content], size=len(content))

    def shorter(asked: Asked, forward: Forward) -> Answer:
        if is_file(asked, "GET") and asked.range:
            return refusal(416, "InvalidRange")
        answer = forward(asked.body)
        if is_file(asked, "GET"):
            answer.cut_after = given
        return answer

    liar.lie = shorter
    with pytest.raises(Damaged) as raised:
        b"".join(store.read("victim"))
    assert raised.value.code == "S3_OTHER_SIZE"
    assert str(len(content)) in raised.value.sentence()
    assert isinstance(Reader(store).outcome("victim", digest_of(content)), Altered)
    store.set_aside("victim", "aside/1/victim")
    assert [each.name for each in store.names()] == ["aside/1/victim"]
    assert (bucket / "khizana" / "aside" / "1" / "victim").read_bytes() == content


def test_what_cannot_be_read_is_not_set_aside_by_a_copy_of_another_size(
    server: S3Server, liar: Liar, bucket: Path
) -> None:
    store = opened(server, bucket, port=liar.port)
    store.put("victim", [b"as it is"], size=8)

    def badly(asked: Asked, forward: Forward) -> Answer:
        if asked.method == "PUT" and "aside" in asked.path:
            (bucket / "khizana" / "aside").mkdir()
            (bucket / "khizana" / "aside" / "victim").write_bytes(b"as it i")
            return Answer(200, {}, b"<CopyObjectResult><ETag>1</ETag></CopyObjectResult>")
        return refusal(500, "InternalError") if is_file(asked, "GET") else forward(asked.body)

    liar.lie = badly
    with pytest.raises(Damaged):
        store.set_aside("victim", "aside/victim")
    assert (bucket / "khizana" / "victim").read_bytes() == b"as it is"


def test_a_few_refusals_of_a_busy_server_are_waited_out(server: S3Server, liar: Liar, bucket: Path) -> None:
    left = [4]

    def busy(asked: Asked, forward: Forward) -> Answer:
        if left[0]:
            left[0] -= 1
            return refusal(503, "SlowDown")
        return forward(asked.body)

    liar.lie = busy
    store = opened(server, bucket, port=liar.port, patience="20")
    store.put("victim", [b"1"], size=1)
    assert b"".join(store.read("victim")) == b"1"
    assert left == [0]


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (503, "SlowDown", Away, "S3_TOO_MANY_REQUESTS"),
        (403, "RequestTimeTooSkewed", Away, "S3_CLOCK_WRONG"),
        (403, "InvalidAccessKeyId", Away, "S3_KEYS_REFUSED"),
        (403, "SignatureDoesNotMatch", Away, "S3_KEYS_REFUSED"),
        (403, "AccessDenied", Away, "S3_KEYS_REFUSED"),
        (404, "NoSuchBucket", Away, "S3_NO_BUCKET"),
        (403, "QuotaExceeded", NoSpace, "S3_FULL"),
        (500, "InternalError", Away, "S3_NO_ANSWER"),
    ],
)
def test_a_server_that_always_refuses_is_told_in_one_sentence(  # noqa: PLR0917 - the table above and three fixtures
    server: S3Server, liar: Liar, bucket: Path, status: int, code: str, kind: type[KhizanaError], said: str
) -> None:
    store = opened(server, bucket, port=liar.port)
    store.put("victim", [b"1"], size=1)

    def refuse(asked: Asked, _: Forward) -> Answer:
        # As real servers do: an answer to HEAD has no body, so that only its status tells.
        return Answer(status, {}, b"") if asked.method == "HEAD" else refusal(status, code)

    liar.lie = refuse
    start = time.monotonic()
    calls: list[Callable[[], object]] = [
        lambda: list(store.names()),
        lambda: store.put("other", [b"1"], size=1),
        lambda: store.put("other", [bytes(6 * MIB)], size=6 * MIB),
        lambda: store.set_aside("victim", "aside"),
        lambda: store.replace("victim", b"2"),
    ]
    for call in calls[: 3 if status >= 500 else None]:
        with pytest.raises(kind) as raised:
            call()
        assert raised.value.code == said
        for language in LANGUAGES:
            sentence = raised.value.sentence(language)
            assert bucket.name in sentence
            assert SECRET not in sentence
            assert "\n" not in sentence
    assert time.monotonic() - start < 60
    liar.lie = honest
    assert b"".join(store.read("victim")) == b"1"
    assert [each.name for each in store.names()] == ["victim"]


def test_a_server_that_never_answers_is_away_within_our_patience(server: S3Server, liar: Liar, bucket: Path) -> None:
    liar.lie = lambda *_: Answer(200, {}, b"", stall=30)
    store = opened(server, bucket, port=liar.port, patience="1")
    start = time.monotonic()
    with pytest.raises(Away) as raised:
        list(store.names())
    assert raised.value.code == "S3_NO_ANSWER"
    assert time.monotonic() - start < 20


def test_one_file_that_a_server_cannot_read_says_nothing_of_the_others(
    server: S3Server, liar: Liar, bucket: Path
) -> None:
    store = opened(server, bucket, port=liar.port)
    for name in ("victim", "good"):
        store.put(name, [name.encode()], size=len(name))
    liar.lie = lambda asked, forward: (
        refusal(500, "InternalError") if is_file(asked, "GET") and "list" not in asked.path else forward(asked.body)
    )
    with pytest.raises(Unreadable) as raised:
        b"".join(store.read("victim"))
    assert not isinstance(raised.value, Away)
    assert b"".join(store.read("good")) == b"good"


FACTS = "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>1</ETag><Size>1</Size>"


@pytest.mark.parametrize(("order", "endless"), [("abc", True), ("acb", False), ("aa", False)])
def test_a_server_that_lists_out_of_order_or_for_ever_is_found_out(
    server: S3Server,
    liar: Liar,
    bucket: Path,
    order: str,
    endless: bool,  # noqa: FBT001 - a parameter of the table above
) -> None:
    store = opened(server, bucket, port=liar.port)

    def again(asked: Asked, forward: Forward) -> Answer:
        if "list-type" not in asked.path:
            return forward(asked.body)
        names = "".join(f"<Contents><Key>khizana/{name}</Key>{FACTS}</Contents>" for name in order)
        more = "<IsTruncated>true</IsTruncated><NextContinuationToken>1</NextContinuationToken>" if endless else ""
        return Answer(200, {}, f"<ListBucketResult>{names}{more}</ListBucketResult>".encode())

    liar.lie = again
    with pytest.raises(Away) as raised:
        list(store.names())
    assert raised.value.code == "S3_OUT_OF_ORDER"


def test_more_names_than_one_page_holds_are_listed_in_order(server: S3Server, bucket: Path) -> None:
    for number in range(2100):
        place = bucket / "khizana" / f"{number % 7}" / f"{number:04}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"1")
    names = [each.name for each in opened(server, bucket, patience="20").names()]
    assert names == sorted(names)
    assert len(names) == 2100


def test_a_page_of_a_hotel_instead_of_the_site_is_no_site(server: S3Server, liar: Liar, bucket: Path) -> None:
    liar.lie = lambda *_: Answer(200, {}, b"<html>Welcome to our hotel. Please sign in.</html>")
    with pytest.raises(KhizanaError) as raised:
        read_mark(opened(server, bucket, port=liar.port))
    assert raised.value.code in {"SITE_MARK_UNREADABLE", "S3_NO_ANSWER", "SITE_UNREADABLE"}


def test_a_copy_that_the_server_makes_badly_costs_no_bytes(server: S3Server, liar: Liar, bucket: Path) -> None:
    store = opened(server, bucket, port=liar.port)
    store.put("victim", [b"as it is"], size=8)

    def badly(asked: Asked, forward: Forward) -> Answer:
        if asked.method == "PUT" and "aside" in asked.path:
            (bucket / "khizana" / "aside").mkdir()
            (bucket / "khizana" / "aside" / "victim").write_bytes(b"as it isn't")
            return Answer(200, {}, b"<CopyObjectResult><ETag>1</ETag></CopyObjectResult>")
        return forward(asked.body)

    liar.lie = badly
    with pytest.raises(KhizanaError):
        store.set_aside("victim", "aside/victim")
    assert (bucket / "khizana" / "victim").read_bytes() == b"as it is"


def test_an_answer_that_was_lost_is_no_other_file(server: S3Server, liar: Liar, bucket: Path) -> None:
    """The server kept it, the answer was lost, and the second try is told that the name exists."""
    seen: list[int] = []

    def lost(asked: Asked, forward: Forward) -> Answer:
        if is_file(asked, "PUT"):
            seen.append(1)
            if len(seen) > 1:
                return refusal(412, "PreconditionFailed")
            forward(asked.body)
            return refusal(503, "SlowDown")
        return forward(asked.body)

    liar.lie = lost
    store = opened(server, bucket, port=liar.port)
    store.put("victim", [b"mine"], size=4)
    liar.lie = lambda asked, forward: (
        refusal(412, "PreconditionFailed") if asked.method == "PUT" else forward(asked.body)
    )
    (bucket / "khizana" / "victim").unlink()
    with pytest.raises((AlreadyThere, NotFound)):
        store.put("victim", [b"mine"], size=4)


@pytest.mark.parametrize("size", [10, 12 * MIB])
def test_a_bucket_is_filled_from_another(server: S3Server, bucket: Path, size: int) -> None:
    content = os.urandom(size)
    source, goal = opened(server, bucket, prefix="one"), opened(server, bucket, prefix="two")
    source.put("a", [content], size=size)
    put_checked(source, goal, "a", digest_of(content), {"a": size}, stamp="1")
    (bucket / "one" / "a").write_bytes(content[:-1])
    with pytest.raises(KhizanaError):
        put_checked(source, goal, "b", digest_of(content), {"a": size, "b": size}, stamp="1")
    assert [each.name for each in goal.names()] == ["a"]


def test_wrong_keys_and_no_bucket_are_told_by_a_real_server(server: S3Server, bucket: Path) -> None:
    with pytest.raises(Away) as raised:
        list(opened(server, bucket, secret="wrong").names())  # noqa: S106 - it opens nothing
    assert raised.value.code == "S3_KEYS_REFUSED"
    bucket.rmdir()
    with pytest.raises(Away) as raised:
        list(opened(server, bucket).names())
    assert raised.value.code == "S3_NO_BUCKET"


def test_a_lease_is_renewed_runs_out_and_is_noticed_when_lost(server: S3Server, bucket: Path) -> None:
    store, other = opened(server, bucket, lease=3), opened(server, bucket, lease=3)
    lock = bucket / "khizana" / "khizana-site.lock"
    with store.held():
        time.sleep(4)
        with pytest.raises(Busy), other.held():
            pass
        assert lock.exists()
        lock.write_bytes(b"another")
        time.sleep(1.5)
        with pytest.raises(Busy) as raised:
            store.put("a", [b"1"], size=1)
        assert raised.value.code == "SITE_LEASE_LOST"
    assert lock.read_bytes() == b"another", "what another holds is not given back"
    time.sleep(4)
    with other.held():
        other.put("a", [b"1"], size=1)
    assert not lock.exists()


HOLDER = """
import sys, time
from khizana.adapters.s3.address import Keys, parse
from khizana.adapters.s3.store import S3Store
with S3Store(parse(sys.argv[1]), Keys(*sys.argv[2:])).held():
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lease_of_a_process_of_this_machine_that_was_killed_is_taken_at_once(
    server: S3Server, bucket: Path
) -> None:
    address = server.address(bucket.name).removeprefix("s3:")
    with subprocess.Popen([sys.executable, "-c", HOLDER, address, KEY, SECRET], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(Busy), opened(server, bucket).held():
            pass
        process.kill()
    with opened(server, bucket).held():
        pass
    assert list(bucket.rglob("*.lock")) == []


def test_the_environment_neither_moves_the_server_nor_adds_to_the_keys(
    server: S3Server, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_SESSION_TOKEN": "of another key",
        "AWS_ACCESS_KEY_ID": "another",
        "AWS_SKIP_SIGNATURE": "true",
    }.items():
        monkeypatch.setenv(name, value)
    opened(server, bucket).put("a", [b"1"], size=1)


@pytest.mark.parametrize(
    "rest",
    [
        *("", "/", "b?endpoint=ftp://x", "b?endpoint=http://user:secret@host", "b?secret_access_key=1", "b/../c"),
        *("b?patience=0", "b?patience=x", "b?endpoint=http://h:99999", "b?region=a b", "B*", "b/\n"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_a_secret(rest: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse(rest)
    assert "secret" not in str(raised.value.facts)


def test_an_address_may_be_written_as_a_uri_and_amazon_is_where_no_server_is_named() -> None:
    assert parse("//b/c/d/").prefix == parse("b/c/d").prefix == "c/d"
    assert parse("b?region=af-south-1").endpoint == "https://s3.af-south-1.amazonaws.com"


def test_keys_come_from_the_bucket_s_own_table_and_else_from_the_environment(tmp_path: Path) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "e", "AWS_SECRET_ACCESS_KEY": "f", "AWS_SESSION_TOKEN": "g"}
    assert find_keys("b", tmp_path, environment) == Keys("e", "f", "g")
    (tmp_path / "s3.toml").write_text('[b]\naccess_key_id = "k"\nsecret_access_key = "s"\n')
    assert find_keys("b", tmp_path, environment) == Keys("k", "s")
    assert find_keys("c", tmp_path, environment) == Keys("e", "f", "g")
    with pytest.raises(NotFound) as raised:
        find_keys("c", tmp_path, {})
    assert "s3.toml" in str(raised.value)
    (tmp_path / "s3.toml").write_text("b = 1")
    with pytest.raises(BadInput):
        find_keys("b", tmp_path, environment)
    assert "s" not in repr(Keys("k", "s")).removeprefix("Keys(key=")
