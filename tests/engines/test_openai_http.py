"""The engine for OpenAI-compatible servers, against a real one that behaves in every way."""

import subprocess
import sys
import threading

import pytest

from openglm.core.errors import EngineError, InputError, MissingExtraError
from openglm.core.parts import EngineOptions, Message
from openglm.core.registry import part, parts
from openglm.engines.openai_http import OpenAIHTTP
from openglm.testing.chat import GOOD, MANNERS, ChatServer

ASK = [Message(role="user", content="预测什么?")]
SHORT = EngineOptions(deadline_s=0.3, json_schema={"type": "object"})
SLOW = {"hang", "hang_after_head", "hang_midway", "drip", "drip_head"}
SPOKEN = {
    "truncated",
    "refusal_in_words",
    "empty",
    "lone_surrogates",
    "deep",
    "fenced",
}  # the protocol is kept; what is said is not


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for name in ("OPENGLM_ENGINE_KEY", "OPENAI_API_KEY", "OPENGLM_ENGINE_MODEL"):
        monkeypatch.delenv(name, raising=False)


def _say(server, options=None, **how):
    engine = OpenAIHTTP(server.url, **how)
    return "".join(chunk.text for chunk in engine.stream(ASK, options or EngineOptions(deadline_s=20)))


def test_it_is_found_in_its_pantry():
    """Nothing lists it."""
    assert list(parts("engines")) == ["openai_http"]
    assert part("engines", "openai_http") is OpenAIHTTP


@pytest.mark.parametrize("manner", ["well", "plain", "no_done"])
def test_a_good_answer_arrives_whole(manner):
    """As a stream, in one piece, and without the last line that some servers forget."""
    with ChatServer("回答 🙂 \u2028 done", manner=manner) as server:
        assert _say(server, model="m") == "回答 🙂 \u2028 done"
    assert server.requests[0][3]["messages"] == [{"role": "user", "content": "预测什么?"}]


@pytest.mark.parametrize("manner", sorted(set(MANNERS) - {*GOOD, *SPOKEN, "length", "redirect"}))
def test_every_broken_answer_is_one_sentence(manner):
    """Broken in protocol or in time: an error of ours in both languages, and the slow ones while the server still talks."""
    with ChatServer('{"a": 1}' * 50, manner=manner) as server:
        with pytest.raises(EngineError) as caught:
            _say(server, SHORT if manner in SLOW else None, model="m")
        assert manner not in SLOW or server.completed == 0
    assert caught.value.message.en.endswith(".")
    assert caught.value.message.zh.endswith("。")


@pytest.mark.parametrize("status", [401, 403, 404, 418, 429, 500, 503])
def test_every_status_is_one_sentence(status):
    """Only "later" is asked again, and once."""
    with ChatServer(status=status) as server, pytest.raises(EngineError, match=str(status)):
        _say(server, model="m")
    assert len(server.requests) == (2 if status in (429, 503) else 1)


def test_nobody_there():
    """A port where nobody listens."""
    with ChatServer() as server:
        url = server.url
    with pytest.raises(EngineError, match="cannot be reached"):
        list(OpenAIHTTP(url, model="m").stream(ASK, EngineOptions()))


def test_a_redirect_is_not_followed():
    """Neither key nor sentence goes to another address."""
    with ChatServer("stolen") as thief, ChatServer(manner="redirect", elsewhere=thief.url) as server:
        with pytest.raises(EngineError, match="307"):
            _say(server, model="m")
        with pytest.raises(EngineError, match="307"):
            _say(server)
    assert thief.requests == []


@pytest.mark.parametrize(
    ("refuses", "forms"),
    [
        ((), ["json_schema"]),
        (("json_schema",), ["json_schema", "json_object"]),
        (("json_schema", "json_object"), ["json_schema", "json_object", None]),
    ],
)
def test_the_strictest_form_that_the_server_takes(refuses, forms):
    """It steps down on 400 and remembers what was taken."""
    with ChatServer("{}", refuses=refuses) as server:
        engine = OpenAIHTTP(server.url, model="m")
        for _ in range(2):
            assert (
                "".join(chunk.text for chunk in engine.stream(ASK, EngineOptions(json_schema={"type": "object"})))
                == "{}"
            )
    asked = [body.get("response_format", {}).get("type") for _, _, _, body in server.requests]
    assert asked == [*forms, forms[-1]]


def test_the_model_is_named_or_the_first_one(monkeypatch):
    """Argument, environment, first of the list, in this order."""
    with ChatServer("hi") as server:
        _say(server)
        monkeypatch.setenv("OPENGLM_ENGINE_MODEL", "from-env")
        _say(server)
        _say(server, model="named")
    assert [body["model"] for *_, body in server.requests if body] == ["first-model", "from-env", "named"]
    assert [method for method, *_ in server.requests] == ["GET", "POST", "POST", "POST"]


@pytest.mark.parametrize("name", ["OPENGLM_ENGINE_KEY", "OPENAI_API_KEY"])
@pytest.mark.parametrize("manner", ["well", "html", "hang_up", "unicode_garbage"])
def test_the_key_is_sent_and_never_shown(monkeypatch, capfd, name, manner):
    """In the header of every request, in no message, no representation, no output."""
    monkeypatch.setenv(name, "sk-secret-123")
    with ChatServer("sk-secret-123", manner=manner) as server:
        engine = OpenAIHTTP(server.url)
        shown = repr(engine)
        try:
            list(engine.stream(ASK, EngineOptions()))
        except EngineError as error:
            shown += error.text("en") + error.text("zh") + repr(error)
    assert all(headers["Authorization"] == "Bearer sk-secret-123" for _, _, headers, _ in server.requests)
    assert "secret" not in shown + "".join(capfd.readouterr())


def test_a_strangers_key_stays_at_home(monkeypatch):
    """A key that was set for somebody else does not travel in the clear."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-123")
    assert OpenAIHTTP("http://llm.example.com/v1")._key == ""
    assert OpenAIHTTP("https://llm.example.com/v1")._key == "sk-secret-123"


@pytest.mark.parametrize("key", ["sk secret", "sk-secret\nX-Evil: 1", "密钥secret"])
def test_a_broken_key_is_refused_unshown(monkeypatch, key):
    """A key that would break the header is named, not quoted."""
    monkeypatch.setenv("OPENGLM_ENGINE_KEY", key)
    with pytest.raises(InputError) as caught:
        OpenAIHTTP("http://127.0.0.1:1/v1")
    assert "secret" not in caught.value.text("en") + caught.value.text("zh")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpt-4",
        "ftp://a/v1",
        "http://",
        "http://[::1",
        "http://a:99999/v1",
        "http://u:p@a/v1",
        "https://a/v1?key=s",
        "http://a/#x",
    ],
)
def test_a_url_that_cannot_be_used(url):
    """Not a URL, or one with a place for secrets: it is written into the run folder."""
    with pytest.raises(InputError):
        OpenAIHTTP(url)


def test_without_httpx(monkeypatch):
    """One sentence with the command."""
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtraError, match=r'pip install "openglm\[llm\]"'):
        OpenAIHTTP("http://127.0.0.1:1/v1")


def test_the_module_does_not_load_httpx():
    """The pantry can be scanned without the extra."""
    code = "import sys, openglm.engines.openai_http; print('httpx' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_count_is_rather_too_high():
    """English words and Chinese characters."""
    engine = OpenAIHTTP("http://127.0.0.1:1/v1")
    assert engine.count("predict which customers will churn") >= 6
    assert engine.count("预测客户流失") == 6
    assert engine.count("") == 0


def test_an_answer_left_halfway_ends_the_talk():
    """Who stops listening closes the connection."""
    with ChatServer("word", manner="hang_midway") as server:
        stream = OpenAIHTTP(server.url, model="m").stream(ASK, EngineOptions(deadline_s=20))
        assert next(stream).text == "w"
        stream.close()
        assert list(stream) == []
        assert server.completed == 0
    assert not [
        thread
        for thread in threading.enumerate()
        if thread.name == "openglm-engine" and (thread.join(5) or thread.is_alive())
    ]
