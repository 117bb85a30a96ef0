"""A server that speaks the OpenAI chat protocol over a real socket, well or badly: for tests of engines, without a model.

Each way of misbehaving is one function with the name it is asked for by; all of them answer with valid HTTP unless breaking
it is the point. Nothing here is for production.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_LONGEST_S = 30.0  # a hanging answer ends after this, so that a broken deadline fails a test instead of stopping it
_DRIP_S = 0.02  # between two bytes of a dripping answer: a thousand bytes are twenty seconds


class ChatServer:
    """A language-model server on 127.0.0.1 that says what the test wants.

    Parameters
    ----------
    answer : str or callable
        Text of every answer, or a function that makes it from the body of a request.
    manner : str, default="well"
        How it behaves; one of ``MANNERS``.
    status : int, default=200
        With another one than 200, all it answers, and a page of HTML.
    refuses : tuple of str, default=()
        ``response_format`` types that are answered with 400.
    elsewhere : str, default=""
        Where the manner ``redirect`` leads.

    Attributes
    ----------
    requests : list of (method, path, headers, body)
        Everything that was asked.
    completed : int
        Answers that were sent to the end.

    Examples
    --------
    >>> import json, urllib.request
    >>> with ChatServer("hello", manner="plain") as server:
    ...     body = json.dumps({"messages": []}).encode()
    ...     with urllib.request.urlopen(server.url + "/chat/completions", data=body) as response:
    ...         print(json.load(response)["choices"][0]["message"]["content"])
    hello
    """

    def __init__(
        self, answer: str | Callable[[dict[str, Any]], str] = "", *, manner: str = "well", status: int = 200,
        refuses: tuple[str, ...] = (), elsewhere: str = "",
    ) -> None:  # fmt: skip
        self.answer = answer
        self.manner = manner
        self.status = status
        self.refuses = refuses
        self.elsewhere = elsewhere
        self.requests: list[tuple[str, str, dict[str, str], dict[str, Any]]] = []
        self.completed = 0
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Base URL, as an engine takes it."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._http = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_of": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server_of: ChatServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        """List the models, or do as with every request."""
        self._serve({})

    def do_POST(self) -> None:
        """Answer a conversation."""
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, body: dict[str, Any]) -> None:
        owner = self.server_of
        owner.requests.append((self.command, self.path, dict(self.headers), body))
        asked = body.get("response_format", {}).get("type", "")
        if owner.status != 200:
            self.whole(owner.status, "text/html", b"<html><body>error</body></html>")
        elif asked in owner.refuses:
            self.whole(400, "application/json", b'{"error": {"message": "unknown response_format"}}')
        elif self.path.endswith("/models") and owner.manner != "redirect":
            self.whole(200, "application/json", b'{"data": [{"id": "first-model"}, {"id": "second"}]}')
        else:
            text = owner.answer if isinstance(owner.answer, str) else owner.answer(body)
            with contextlib.suppress(OSError):
                MANNERS[owner.manner](self, text)
                owner.completed += 1

    # -- what the manners are made of --

    def whole(self, status: int, kind: str, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send one complete response."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(data)

    def begin(self) -> None:
        """Send the head of a stream of events."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()

    def event(self, text: str, finish: str | None = None) -> None:
        """Send one event with a piece of the answer."""
        self.wfile.write(_event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}))

    def drip(self, data: bytes) -> None:
        """Send byte after byte, slowly, until everything is sent or the server closes."""
        for at in range(len(data)):
            if self.server_of.closing.wait(_DRIP_S):
                raise ConnectionAbortedError
            self.wfile.write(data[at : at + 1])


def _event(value: Any) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def _pieces(text: str) -> list[str]:
    return [text[i : i + 7] for i in range(0, len(text), 7)]


def _well(to: _Handler, text: str) -> None:
    to.begin()
    to.wfile.write(b": a comment\n\n")
    to.wfile.write(_event({"choices": [{"index": 0, "delta": {"role": "assistant"}}]}))
    for piece in _pieces(text):
        to.event(piece)
    to.event("", "stop")
    to.wfile.write(_event({"choices": [], "usage": {"total_tokens": 9}}))
    to.wfile.write(b"data: [DONE]\n\n")


def _plain(to: _Handler, text: str) -> None:
    message = {"role": "assistant", "content": text}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    to.whole(200, "application/json", json.dumps(whole).encode())


def _no_done(to: _Handler, text: str) -> None:
    to.begin()
    to.event(text, "stop")


def _no_end(to: _Handler, text: str) -> None:
    to.begin()
    to.event(text)


def _hang(to: _Handler, text: str) -> None:
    if not to.server_of.closing.wait(_LONGEST_S):
        _well(to, text)


def _hang_midway(to: _Handler, text: str) -> None:
    to.begin()
    to.event(text[:1])
    if not to.server_of.closing.wait(_LONGEST_S):
        to.event(text[1:], "stop")


def _hang_after_head(to: _Handler, text: str) -> None:
    to.begin()
    if not to.server_of.closing.wait(_LONGEST_S):
        to.event(text, "stop")


def _drip(to: _Handler, text: str) -> None:
    to.begin()
    to.drip(_event({"choices": [{"delta": {"content": text}, "finish_reason": "stop"}], "padding": "." * 1000}))


def _drip_head(to: _Handler, text: str) -> None:
    to.drip(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"." * 1000 + b"\r\nContent-Type: text/event-stream\r\n\r\n")
    to.event(text, "stop")


def _close_mid_stream(to: _Handler, text: str) -> None:
    to.send_response(200)
    to.send_header("Content-Type", "text/event-stream")
    to.send_header("Content-Length", "100000")
    to.end_headers()
    to.event(text[: len(text) // 2])


def _hang_up(to: _Handler, text: str) -> None:
    to.connection.close()


def _html(to: _Handler, text: str) -> None:
    to.whole(200, "text/html", b"<!doctype html><title>Welcome</title>")


def _html_as_json(to: _Handler, text: str) -> None:
    to.whole(200, "application/json", b"<!doctype html><title>Welcome</title>")


def _fenced(to: _Handler, text: str) -> None:
    _well(to, f"<think>\nLet me see.\n</think>\n```json\n{text}\n```")


def _truncated(to: _Handler, text: str) -> None:
    _well(to, text[: len(text) // 2])


def _length(to: _Handler, text: str) -> None:
    to.begin()
    to.event(text, "length")
    to.wfile.write(b"data: [DONE]\n\n")


def _huge(to: _Handler, text: str) -> None:
    to.begin()
    for _ in range(50):  # MB
        to.event("x" * 10**6)
    to.event(text, "stop")


def _one_huge_line(to: _Handler, text: str) -> None:
    to.begin()
    for _ in range(50):  # MB
        to.wfile.write(b"data: " + b"x" * 10**6)


def _compressed(to: _Handler, text: str) -> None:
    to.whole(200, "application/json", b"\x1f\x8b\x08", {"Content-Encoding": "gzip"})


def _refusal(to: _Handler, text: str) -> None:
    to.begin()
    to.wfile.write(_event({"choices": [{"delta": {"refusal": "I cannot help with that."}}]}))
    to.event(text, "stop")


def _refusal_in_words(to: _Handler, text: str) -> None:
    _well(to, "I'm sorry, but I cannot help with that. 抱歉,我无法回答。")


def _empty(to: _Handler, text: str) -> None:
    _well(to, "")


def _no_choices(to: _Handler, text: str) -> None:
    to.whole(200, "application/json", b'{"object": "chat.completion"}')


def _wrong_shape(to: _Handler, text: str) -> None:
    to.whole(200, "application/json", json.dumps({"choices": [{"message": {"content": [{"text": text}]}}]}).encode())


def _list_for_object(to: _Handler, text: str) -> None:
    to.whole(200, "application/json", b"[1, 2, 3]")


def _unicode_garbage(to: _Handler, text: str) -> None:
    to.begin()
    to.wfile.write(b'data: {"choices": [{"delta": {"content": "\xff\xfe\xed\xa0\x80"}}]}\n\n')
    to.event(text, "stop")


def _lone_surrogates(to: _Handler, text: str) -> None:
    to.begin()
    to.wfile.write(b'data: {"choices": [{"delta": {"content": "{\\"target\\": \\"\\ud83d\\u0000\\""}}]}\n\n')
    to.event("\u202e\x00}", "stop")


def _deep(to: _Handler, text: str) -> None:
    _well(to, "[" * 15_000)


def _deep_protocol(to: _Handler, text: str) -> None:
    to.whole(200, "application/json", b"[" * 100_000)


def _error_event(to: _Handler, text: str) -> None:
    to.begin()
    to.wfile.write(_event({"error": {"message": "out of memory"}}))
    to.event(text, "stop")


def _redirect(to: _Handler, text: str) -> None:
    to.whole(307, "text/html", b"", {"Location": to.server_of.elsewhere + to.path.removeprefix("/v1")})


MANNERS: dict[str, Callable[[_Handler, str], None]] = {
    function.__name__.removeprefix("_"): function
    for function in (
        _well, _plain, _no_done, _fenced, _no_end, _hang, _hang_after_head, _hang_midway, _drip, _drip_head, _close_mid_stream,
        _hang_up,
        _html, _html_as_json, _truncated, _length, _huge, _one_huge_line, _compressed, _refusal, _refusal_in_words, _empty,
        _no_choices, _wrong_shape, _list_for_object, _unicode_garbage, _lone_surrogates, _deep, _deep_protocol, _error_event,
        _redirect,
    )
}  # fmt: skip
"""All ways to answer, by name; the first four are good ones."""
GOOD = ("well", "plain", "no_done", "fenced")
