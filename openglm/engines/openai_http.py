"""Any server that speaks the OpenAI chat protocol: vLLM, llama.cpp, SGLang, Ollama, a cloud. One request, one streamed answer.

The deadline is total: it also holds against a server that sends a byte now and then, in headers and TLS too, because the
talking is done in a thread whose connection is shut when the time is up. Redirects are not followed, compressed and endless
answers are refused, and the key goes to the configured address only and into no message. It does not check what is answered.

Protocol: OpenAI API reference, "Chat Completions" and "Streaming"; server-sent events: WHATWG HTML standard, section 9.2.
"""

from __future__ import annotations

import contextlib
import importlib
import ipaddress
import json
import os
import queue
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from openglm.core.budget import Clock
from openglm.core.errors import EngineError, InputError, MissingExtraError
from openglm.core.parts import Card, Chunk, EngineOptions, Message
from openglm.core.words import Said

KEY, MODEL = "OPENGLM_ENGINE_KEY", "OPENGLM_ENGINE_MODEL"
_OTHER_KEY = "OPENAI_API_KEY"
MOST_BYTES = 2**20
"""Of one answer on the wire. 4096 tokens, each in an event of some 250 bytes, are one MiB."""
_WAIT_S = 0.2  # before the one retry, unless the server names a longer wait; long enough for a worker to be replaced
_AGAIN = frozenset({429, 502, 503, 504})  # "try later" of RFC 9110, sections 15.6.3 to 15.6.5, and RFC 6585, section 4


class OpenAIHTTP:
    """A language model behind a URL.

    Parameters
    ----------
    url : str
        Base of the API, usually ending in ``/v1``: ``http`` or ``https``, without user name, query or fragment.
    model : str or None, default=None
        As the server calls it; by default the environment's ``OPENGLM_ENGINE_MODEL``, else the first of ``GET /models``.

    Raises
    ------
    InputError
        If the URL or the key cannot be used.
    MissingExtraError
        If ``httpx`` is not installed.

    Notes
    -----
    The key is read from ``OPENGLM_ENGINE_KEY``, else from ``OPENAI_API_KEY``; the latter, which was not set for us, is only
    sent over https or to this machine.

    Examples
    --------
    >>> OpenAIHTTP("http://127.0.0.1:8000/v1/", model="glm-4-9b-chat")
    OpenAIHTTP('http://127.0.0.1:8000/v1', model='glm-4-9b-chat')
    """

    card: ClassVar[Card] = Card(
        id="openai_http",
        title=Said(en="OpenAI-compatible server", zh="OpenAI 兼容服务"),
        source="OpenAI API reference, Chat Completions, https://platform.openai.com/docs/api-reference/chat",
        package="httpx",
        extra="llm",
    )

    def __init__(self, url: str, *, model: str | None = None) -> None:
        self.url = _base(url)
        self.model = model or os.environ.get(MODEL) or None
        self._key = _key(self.url)
        self._format = 0  # position in _formats that this server takes
        try:
            importlib.import_module("httpx")
        except ImportError as error:
            raise MissingExtraError("httpx", "llm", purpose="A language model behind a URL") from error

    def __repr__(self) -> str:
        return f"OpenAIHTTP({self.url!r}, model={self.model!r})"

    def count(self, text: str) -> int:
        """Return a guess that is rather too high: a token for 3 ASCII characters or for one of any other script.

        OpenAI's rule of thumb is 4 English characters, those of GLM, Qwen and DeepSeek 1.5 or more Chinese ones.
        """
        plain = sum(letter.isascii() for letter in text)
        return -(-plain // 3) + len(text) - plain

    def stream(self, messages: Sequence[Message], options: EngineOptions) -> Iterator[Chunk]:
        """Ask, and return the answer as it comes.

        Raises
        ------
        EngineError
            If there is no complete answer by the deadline.
        """
        clock = Clock(options.deadline_s)
        talk = _Talk(self, messages, options, clock)
        threading.Thread(target=talk.run, name="openglm-engine", daemon=True).start()
        try:
            yield from talk.chunks()
        finally:
            talk.hang_up()


class _Talk:
    """One question and its answer, spoken in a thread and heard in another."""

    def __init__(self, engine: OpenAIHTTP, messages: Sequence[Message], options: EngineOptions, clock: Clock) -> None:
        self.engine = engine
        self.messages = messages
        self.options = options
        self.clock = clock
        self._heard: queue.SimpleQueue[Chunk | EngineError | None] = queue.SimpleQueue()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._wires: list[socket.socket] = []

    # -- the listener's side ---------------------------------------------------------------------------------------

    def chunks(self) -> Iterator[Chunk]:
        """Yield what is heard until the end of the answer.

        Raises
        ------
        EngineError
            What went wrong on the other side, or that the time is up.
        """
        while True:
            try:
                item = self._heard.get(timeout=max(0.0, self.clock.remaining()))
            except queue.Empty:
                item = _too_late(self.options.deadline_s)
            if item is None:
                return
            if isinstance(item, EngineError):
                raise item
            yield item

    def hang_up(self) -> None:
        """End the talk at once, wherever it is: a shut socket wakes the thread that reads from it."""
        with self._lock:
            self._over.set()
            for wire in self._wires:
                with contextlib.suppress(OSError):
                    wire.shutdown(socket.SHUT_RDWR)
                wire.close()
            self._wires.clear()

    # -- the speaker's side ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Talk, and put every chunk, then the error or the end into the queue."""
        import httpx

        try:
            with httpx.Client(
                follow_redirects=False,  # another host must not get the key, nor the sentence
                timeout=self.options.deadline_s,
                verify=self.engine.url.startswith(
                    "https:"
                ),  # loading certificates takes 25 ms, and plain http needs none
                trust_env=not _is_here(self.engine.url),  # a proxy, but not on the way to this machine
                headers={"Accept-Encoding": "identity", "User-Agent": "openglm"},
            ) as client:
                self._ask(client)
            self._heard.put(None)
        except EngineError as error:
            self._heard.put(error)
        except Exception as error:  # httpx, ssl, unicode: whatever it is, the listener must not wait
            self._heard.put(_unreachable(self.engine.url, error))

    def _ask(self, client: Any) -> None:
        """Ask in the most constrained form that the server takes, once more where it says "later"."""
        model = self.engine.model or self._first_model(client)
        body = {"model": model, "messages": [message.model_dump() for message in self.messages], "stream": True}
        formats = _formats(self.options)
        for number in range(min(self.engine._format, len(formats) - 1), len(formats)):
            with self._send(client, "POST", "/chat/completions", {**body, **formats[number]}) as response:
                if response.status_code in (400, 422) and number + 1 < len(formats):
                    continue
                self._check(response)
                self.engine._format = number
                self._read_answer(response)
                return

    def _first_model(self, client: Any) -> str:
        with self._send(client, "GET", "/models", None) as response:
            self._check(response)
            try:
                return str(json.loads(b"".join(self._bytes(response)))["data"][0]["id"])
            except (ValueError, LookupError, TypeError, RecursionError) as error:
                raise EngineError(
                    Said(en="The engine does not list its models.", zh="引擎没有返回模型列表。"),
                    hint=Said(en="Name one with --engine-model.", zh="请用 --engine-model 指定模型名。"),
                ) from error

    @contextlib.contextmanager
    def _send(self, client: Any, method: str, path: str, body: dict[str, Any] | None) -> Iterator[Any]:
        """Send a request; of a lost connection or a "later", once more."""
        import httpx

        headers = {"Authorization": f"Bearer {self.engine._key}"} if self.engine._key else {}
        request = client.build_request(
            method, self.engine.url + path, json=body, headers=headers, extensions={"trace": self._trace}
        )
        for last in (False, True):
            if self._over.is_set():
                raise _too_late(self.options.deadline_s)
            try:
                response = client.send(request, stream=True)
            except httpx.TransportError:
                if last:
                    raise
                self._over.wait(_WAIT_S)
                continue
            if response.status_code in _AGAIN and not last:
                wait = _seconds(response.headers.get("Retry-After"))
                if wait < self.clock.remaining():
                    response.close()
                    self._over.wait(wait)
                    continue
            break
        try:
            yield response
        finally:
            response.close()

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep a handle on every new connection (httpcore's trace extension), so that it can be shut from outside."""
        if event != "connection.connect_tcp.complete":
            return
        with self._lock:
            if self._over.is_set():
                raise _too_late(self.options.deadline_s)
            wire = info["return_value"].get_extra_info("socket")
            if wire is not None:
                self._wires.append(wire.dup())  # of its own: TLS takes the first one over

    def _check(self, response: Any) -> None:
        """Turn every status but success into one sentence."""
        status = response.status_code
        if status == 200:
            return
        hints = {
            401: Said(en=f"Put a valid key into {KEY}.", zh=f"请在环境变量 {KEY} 中设置有效密钥。"),
            403: Said(en=f"Put a valid key into {KEY}.", zh=f"请在环境变量 {KEY} 中设置有效密钥。"),
            404: Said(en="Check the URL and the model's name.", zh="请检查 URL 与模型名。"),
            429: Said(en="It has too much to do; try later.", zh="服务繁忙,请稍后再试。"),
        }
        if 300 <= status < 400:
            hint = Said(en="It sends us elsewhere: give the final URL.", zh="服务要求跳转: 请直接给出最终 URL。")
        else:
            hint = hints.get(status, Said(en="Look at the server's log.", zh="请查看服务端日志。"))
        raise EngineError(
            Said(en=f"The engine answered with status {status}.", zh=f"引擎返回状态码 {status}。"), hint=hint
        )

    def _bytes(self, response: Any) -> Iterator[bytes]:
        """Yield the body as it comes, up to the limit."""
        if response.headers.get("Content-Encoding", "identity").strip().casefold() not in ("", "identity"):
            raise _garbled("compressed", "压缩内容")
        size = 0
        for piece in response.iter_raw():
            size += len(piece)
            if size > MOST_BYTES:
                raise EngineError(
                    Said(en="The engine's answer is too long.", zh="引擎的回答过长。"),
                    hint=Said(en=f"At most {MOST_BYTES >> 20} MiB are read.", zh=f"最多读取 {MOST_BYTES >> 20} MiB。"),
                )
            yield piece

    def _read_answer(self, response: Any) -> None:
        """Put the chunks of a streamed answer, or of one in one piece, into the queue."""
        kind = response.headers.get("Content-Type", "").split(";")[0].strip().casefold()
        if kind == "application/json":
            self._hear(b"".join(self._bytes(response)), "message")
            return
        if kind != "text/event-stream":
            raise _garbled(f"'{kind[:40]}'", f"“{kind[:40]}”")
        finished = False
        for data in _events(self._bytes(response)):
            if data == b"[DONE]":
                break
            finished = self._hear(data, "delta") or finished
        if not finished:
            raise EngineError(
                Said(en="The engine's answer broke off.", zh="引擎的回答中途断开。"),
                hint=Said(en="Look at the server's log.", zh="请查看服务端日志。"),
            )

    def _hear(self, data: bytes, field: str) -> bool:
        """Put the text of one JSON piece into the queue; say whether it was the last one."""
        try:
            said = json.loads(data)
            if said.get("error"):
                raise EngineError(
                    Said(en="The engine reports an error.", zh="引擎报告了错误。"),
                    hint=Said(en="Look at the server's log.", zh="请查看服务端日志。"),
                )
            choices = said["choices"]
            if not choices:  # counts of tokens come so
                return False
            part, finish = choices[0].get(field) or {}, choices[0].get("finish_reason") or ""
            text, declined = part.get("content") or "", part.get("refusal")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise _garbled("no such JSON as the protocol has", "不符合协议的 JSON") from error
        if declined:
            raise EngineError(
                Said(en="The engine declined to answer.", zh="引擎拒绝回答。"),
                hint=Said(en="Use another model.", zh="请换用其他模型。"),
            )
        if not isinstance(text, str) or not isinstance(finish, str):
            raise _garbled("no text", "非文本内容")
        if text or finish:
            self._heard.put(Chunk(text=text, finish=finish))
        return bool(finish)


def _events(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the data of server-sent events; comments and other fields are passed over. Each event is one line here."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def _formats(options: EngineOptions) -> list[dict[str, Any]]:
    """Return ways to ask, the strictest first; servers answer 400 or 422 to those they do not know.

    The last one says nothing at all about the answer: some models refuse a temperature or call ``max_tokens`` otherwise.
    """
    how: dict[str, Any] = {"max_tokens": options.max_tokens, "temperature": options.temperature}
    if options.seed is not None:
        how["seed"] = options.seed
    if options.json_schema is None:
        return [how, {}]
    strict = {"name": "answer", "strict": True, "schema": options.json_schema}
    kinds: list[dict[str, Any]] = [{"type": "json_schema", "json_schema": strict}, {"type": "json_object"}]
    return [*({**how, "response_format": kind} for kind in kinds), {}]


def _base(url: str) -> str:
    """Return the URL without a slash at its end.

    Raises
    ------
    InputError
        If it is none, or could hold a secret: it is written into the run folder.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable:
        raise InputError(
            Said(en="The engine's address is no http or https URL.", zh="引擎地址不是 http 或 https URL。"),
            hint=Said(en="Give e.g. http://127.0.0.1:8000/v1", zh="例如 http://127.0.0.1:8000/v1"),
        )
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            Said(
                en="The engine's URL has a user name, a query or a fragment in it.",
                zh="引擎 URL 中含有用户名、查询参数或片段。",
            ),
            hint=Said(en=f"Put the key into {KEY}.", zh=f"请将密钥放入环境变量 {KEY}。"),
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _key(url: str) -> str:
    key = os.environ.get(KEY, "").strip()
    if not key and (url.startswith("https:") or _is_here(url)):
        key = os.environ.get(_OTHER_KEY, "").strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise InputError(
            Said(en="The engine's key has characters that no key has.", zh="引擎密钥中含有无效字符。"),
            hint=Said(en=f"Set {KEY} again, without blanks.", zh=f"请重新设置 {KEY},不要包含空白。"),
        )
    return key


def _is_here(url: str) -> bool:
    """Say whether the URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(text: str | None) -> float:
    """Return the wait that ``Retry-After`` names in seconds; its other form, a date, is not worth waiting for."""
    return max(_WAIT_S, float(text)) if text and text.isdecimal() else _WAIT_S


def _too_late(seconds: float) -> EngineError:
    return EngineError(
        Said(en=f"The engine gave no answer within {seconds:g} s.", zh=f"引擎在 {seconds:g} 秒内没有答复。"),
        hint=Said(en="Is it busy, or the model too large?", zh="请检查服务是否繁忙或模型过大。"),
    )


def _unreachable(url: str, error: Exception) -> EngineError:
    what = type(error).__name__  # never its text: it may quote a header
    return EngineError(
        Said(en=f"The engine at {url} cannot be reached ({what}).", zh=f"无法连接引擎 {url}({what})。"),
        hint=Said(en="Is the server running?", zh="请确认服务已启动。"),
    )


def _garbled(en: str, zh: str) -> EngineError:
    return EngineError(
        Said(en=f"The engine sent {en} instead of an answer.", zh=f"引擎返回的是{zh},不是回答。"),
        hint=Said(en="Does the URL end in /v1?", zh="请确认 URL 以 /v1 结尾。"),
    )
