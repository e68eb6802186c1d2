"""A loopback proxy between a client and an embedded cloud: it drops, refuses, cuts and delays what passes, and tells
of every call before it is handed on and after it was answered. Only here do the SDK's retries and parsers take part.

Calls are named by their X-Amz-Target, such as `AmazonSQS.SendMessageBatch`."""

from __future__ import annotations

import asyncio
import json
import threading
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

DELAY_S = 0.05


class Trouble(StrEnum):
    NONE = "none"
    DROP_BEFORE = "drop before"
    DROP_AFTER = "drop after"
    ERROR = "500"
    THROTTLE = "throttle"
    TRUNCATE = "truncate"
    EMPTY = "empty object"
    PARTIAL = "partial failed"
    DELAY = "delay"


class Closed(Exception):
    """The other end is gone."""


@dataclass
class FaultProxy:
    """`choose` says what happens to a call; `watch` hears `before …` with the request and `after …` with the answer,
    and may kill somebody."""

    upstream: str
    choose: Callable[[str], Trouble] = lambda _: Trouble.NONE
    watch: Callable[[str, bytes], None] = lambda _, __: None
    done: Counter[str] = field(default_factory=Counter)
    """How often what happened to which call."""
    endpoint: str = ""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _connected: int = 0
    _left: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> FaultProxy:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        self._thread.join(10)

    def wait_until_left(self, seconds: float = 60) -> None:
        """Return when nobody is connected and all that was asked was answered: what somebody who is killed asked last
        still reaches the cloud, and takes effect there. Raises TimeoutError."""
        with self._left:
            if not self._left.wait_for(lambda: self._connected == 0, seconds):
                raise TimeoutError(f"{self._connected} are still connected after {seconds} s")

    def _count(self, more: int) -> None:
        with self._left:
            self._connected += more
            self._left.notify_all()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = urlsplit(self.upstream)
        self._count(+1)
        try:
            await self._carried(reader, writer, *await asyncio.open_connection(address.hostname, address.port))
        finally:
            self._count(-1)

    async def _carried(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                       up_reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _message(reader)
                answer = await self._passed(request, up_reader, up_writer)
                writer.write(answer)
                await writer.drain()
        except (Closed, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            up_writer.close()
            writer.close()

    async def _passed(self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """The answer the client gets. Raises Closed when it gets none."""
        call = _header(request, b"x-amz-target") or "other"
        trouble = self.choose(call)
        self.done[f"{trouble} {call}"] += 1
        self.watch(f"before {call}", request)
        if trouble is Trouble.DROP_BEFORE:
            raise Closed
        if trouble in (Trouble.ERROR, Trouble.THROTTLE):
            return _refusal(trouble, call)
        if trouble is Trouble.DELAY:
            await _passing(DELAY_S)
        failed: list[str] = []
        if trouble is Trouble.PARTIAL and call.startswith("AmazonSQS") and call.endswith("Batch"):
            request, failed = _without_some(request)
        writer.write(request)
        await writer.drain()
        answer = _with_failed(await _message(reader), failed)
        self.watch(f"after {call}", answer)
        if trouble is Trouble.DROP_AFTER:
            raise Closed
        return _cut(answer, trouble, call)


def receipts(answer: bytes) -> list[str]:
    """The receipt handles in an answer to ReceiveMessage."""
    told = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    return [one["ReceiptHandle"] for one in told.get("Messages", [])]


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, whole. Raises Closed at the end of the stream."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        raise Closed from error
    if _header(head, b"transfer-encoding") == "chunked":
        return head + await _chunks(reader)
    return head + await reader.readexactly(int(_header(head, b"content-length") or 0))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(line, 16) + 2)
        body += line + chunk
        if line.strip() == b"0":
            return body


def _header(head: bytes, name: bytes) -> str:
    for line in head.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().decode()
    return ""


def _refusal(trouble: Trouble, call: str) -> bytes:
    sqs = call.startswith("AmazonSQS")
    if trouble is Trouble.ERROR:
        status, code = "500 Internal Server Error", "InternalFailure" if sqs else "InternalServerError"
    elif sqs:
        status, code = "403 Forbidden", "RequestThrottled"
    else:
        status, code = "400 Bad Request", "ProvisionedThroughputExceededException"
    kind = f"com.amazonaws.sqs#{code}" if sqs else f"com.amazonaws.dynamodb.v20120810#{code}"
    return _answer(status, json.dumps({"__type": kind, "message": "ordered by the proxy"}).encode(),
                   f"x-amzn-query-error: {code};Sender\r\n" if sqs else "")


def _cut(answer: bytes, trouble: Trouble, call: str) -> bytes:
    """A 200 whose body is half of what it was, or an empty object: both are valid HTTP. DynamoDB sends the checksum
    of the whole one along, and its SDK asks again when it differs; SQS sends none."""
    if trouble not in (Trouble.TRUNCATE, Trouble.EMPTY):
        return answer
    body = answer.split(b"\r\n\r\n", 1)[1]
    checksum = "" if call.startswith("AmazonSQS") else f"x-amz-crc32: {zlib.crc32(body)}\r\n"
    return _answer("200 OK", body[:len(body) // 2] if trouble is Trouble.TRUNCATE else b"{}", checksum)


def _without_some(request: bytes) -> tuple[bytes, list[str]]:
    """A batch without every third of its entries, beginning with the second, and the ids of those."""
    head, body = request.split(b"\r\n\r\n", 1)
    asked = json.loads(body)
    failed = [one["Id"] for one in asked["Entries"][1::3]]
    asked["Entries"] = [one for one in asked["Entries"] if one["Id"] not in failed]
    body = json.dumps(asked).encode()
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join([*kept, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body, failed


def _with_failed(answer: bytes, failed: list[str]) -> bytes:
    """What SQS answers, under a 200, when it took only the other entries."""
    if not failed:
        return answer
    told = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    told["Failed"] = [{"Id": one, "Code": "InternalError", "SenderFault": False, "Message": "ordered by the proxy"}
                      for one in failed]
    return _answer("200 OK", json.dumps(told).encode())


def _answer(status: str, body: bytes, more: str = "") -> bytes:
    return (f"HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\n{more}"
            f"content-length: {len(body)}\r\n\r\n").encode() + body


async def _passing(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over
