"""Folding, lexicons, column profiles, linking and step graphs, each alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nlu_tables import PRESET, TABLES, table

from openglm.core.preset import Preset
from openglm.understand import read
from openglm.understand._columns import name_parts, profiles
from openglm.understand._lexicon import WEAK, Drawers, Phrases, load, skeleton
from openglm.understand._linker import Linker
from openglm.understand._normalise import LONGEST, fold, is_typo, language_of, stem, words_of

LEXICON = load(PRESET)


@given(st.text(max_size=80))
def test_folding_keeps_places(sentence: str) -> None:
    """Each folded character knows an original character, in order."""
    text = fold(sentence, LEXICON.characters)
    assert len(text.places) == len(text.folded)
    assert list(text.places) == sorted(text.places)
    whole = text.span(0, len(text.folded))
    assert sentence[whole.start : whole.end] == whole.text


def test_folding_by_hand() -> None:
    """Width, case and script are folded; a span shows the original."""
    text = fold("預測 ＡＵＣ", LEXICON.characters)
    assert text.folded == "预测 auc"
    assert text.span(3, 6).text == "ＡＵＣ"


def test_long_text_keeps_both_ends() -> None:
    """What people paste stands between the request and its end, or before it."""
    text = fold("a" * 5000 + " predict churn", LEXICON.characters)
    assert len(text.folded) <= LONGEST + 1
    assert text.folded.endswith("predict churn")


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("预测房价", "zh"),
        ("predict churn", "en"),
        ("用LightGBM预测一下客户流失", "zh"),
        ("", "en"),
        ("predict the 房价", "en"),
    ],
)
def test_language(sentence: str, language: str) -> None:
    """The script that carries the sentence decides."""
    assert language_of(sentence) == language


def test_stems_and_typos() -> None:
    """Endings are cut, different words stay apart, one slip is forgiven."""
    assert len({stem(word) for word in ("price", "prices", "pricing", "priced")}) == 1
    assert stem("rating") != stem("rate")
    assert is_typo("chrun", "churn")
    assert not is_typo("house", "churn")


def test_lexicon_is_broad_and_sound() -> None:
    """At least 600 concepts, each with words in both languages or identifiers, in files of plain JSON."""
    files = PRESET.read("lexicon/about.json")["concepts"]
    entries = {name: entry for file in files for name, entry in PRESET.read(f"lexicon/{file}.json").items()}
    assert len(entries) == sum(len(PRESET.read(f"lexicon/{file}.json")) for file in files)
    assert len(entries) >= 600
    natures = {"flag", "amount", "class", "entity", "id", "date", "place", "text", "mod", "unit", "noise"}
    for name, entry in entries.items():
        assert set(entry) == {"is", "zh", "en", "ids"}, name
        assert entry["is"] in natures, name
        assert entry["en"] or entry["ids"], name
    table_ = PRESET.read("lexicon/characters.json")
    assert len(table_["traditional"]) == len(table_["simplified"]) == len(set(table_["traditional"]))


def test_a_phrase_is_found_wherever_it_lies() -> None:
    """Phrases are read when a sentence comes near them: by hand for odd beginnings, and every one of the bundled lists."""
    own = Phrases(
        [("e-mail", "a"), ("~24h total", "b"), ("GPU显存", "c"), ("ＡＢ测试", "d"), ("是否流失", "e"), ("Copies", "f")]
    )
    for text, key, weight in (
        ("e-mails", "a", 1.0), ("24h total", "b", WEAK), ("gpu显存", "c", 1.0), ("ab测试", "d", 1.0), ("是否流失", "e", 1.0),
        ("copy", "f", 1.0),
    ):  # fmt: skip
        assert [(hit.key, hit.weight, hit.start, hit.end) for hit in own.find(text)] == [(key, weight, 0, len(text))]
    assert [own.longest.get(sign, 0) for sign in "g是x"] == [5, 4, 0]
    for file in PRESET.read("lexicon/about.json")["concepts"]:
        for name, entry in PRESET.read(f"lexicon/{file}.json").items():
            for phrase in entry["zh"][:3] + entry["en"][:3]:
                folded = fold(phrase.removeprefix("~"), {}).folded
                found = {hit.key for hit in LEXICON.concepts.find(folded)}
                assert name in found or len(words_of(folded)) > 6, phrase  # longer ones are not looked for


def test_most_phrases_stay_unread() -> None:
    """A new lexicon reads no phrase before a sentence comes, and then only those that begin as its words do."""
    read_now: list[str] = []
    drawers: Drawers[str] = Drawers(lambda phrase: read_now.append(phrase) or (phrase,), lambda key: key[:2])  # type: ignore[func-returns-value]
    drawers.put("ch", [("churn", "a"), ("cheap", "b")])
    drawers.put("pr", [("price", "c")])
    assert read_now == []
    assert drawers.get("churn") == [("a", 1.0)] and "chess" not in drawers
    assert read_now == ["churn", "cheap"]


def test_a_preset_may_bring_its_own_lexicon(tmp_path: Path) -> None:
    """A changed metric list in a saved preset is used; the bundled one is not touched."""
    PRESET.save(tmp_path)
    own = tmp_path / "lexicon" / "metrics.json"
    words = json.loads(own.read_text(encoding="utf-8"))
    words["accuracy"].append("trefferquote")
    own.write_text(json.dumps(words), encoding="utf-8")
    goal = read("predict readmission, trefferquote", TABLES["clinic"], preset=Preset.load(tmp_path))
    assert goal.slots["metric"].value == "accuracy"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MonthlyFee", ["monthly", "fee"]),
        ("loanstatus", ["loanstatus"]),
        ("maxhumidity", ["max", "humidity"]),
        ("bill_len_mm", ["bill", "len", "mm"]),
        ("是否退货", ["是否", "退货"]),
    ],
)
def test_names_are_split(name: str, words: list[str]) -> None:
    """Case, underscores, run-together words and Chinese compounds come apart."""
    assert [piece.text for piece in name_parts(name, LEXICON)[0]] == words


def test_abbreviations_by_consonants() -> None:
    """A name without vowels is read by its consonants."""
    assert skeleton("default") == "dflt"
    assert "renewal" in {known.concept for known in name_parts("rnwd", LEXICON)[1]} | {
        known.concept for known in name_parts("renewed", LEXICON)[1]
    }


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("monthly fee", "monthly_fee"),
        ("the complaints", "complaints"),
        ("流失", "is_lost"),
        ("phone numbers", "phone_number"),
        ("monhtly_fee", "monthly_fee"),
        ("basic or family", "plan_name"),
    ],
)
def test_links(text: str, column: str) -> None:
    """Names, parts, concepts, misspellings and values lead to the column."""
    linker = Linker(profiles(TABLES["mobile"], LEXICON), LEXICON)
    assert linker.links(text)[0].column == column


def test_ids_dates_and_constants_are_no_outcome() -> None:
    """Before anything is read, only usable columns look like an outcome."""
    found = {profile.name: profile for profile in profiles(table("k|id", "d|date", "x|float", "y|few|0-1"), LEXICON)}
    assert found["k"].prior == found["d"].prior == 0
    assert found["y"].marked
    assert found["y"].prior > found["x"].prior


def _graph(sentence: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(step.type, step.depends_on) for step in read(sentence, TABLES["mobile"], preset=PRESET).steps]


def test_steps_in_order() -> None:
    """先 … 再 … 最后: a chain; what is not to be done is no step."""
    assert _graph("先清洗数据,再训练流失模型,最后部署") == [
        ("clean_data", ()),
        ("build_model", ("clean_data",)),
        ("deploy", ("build_model",)),
    ]
    assert [kind for kind, _ in _graph("训练流失模型,不要部署")] == ["build_model"]


def test_before_turns_the_order() -> None:
    """Before X, Y: Y comes first."""
    assert [kind for kind, _ in _graph("Before training a churn model, validate the data")] == [
        "validate_data",
        "build_model",
    ]


def test_explaining_is_a_leaf() -> None:
    """Deployment waits for the model, not for its explanation."""
    assert _graph("train a churn model, explain it, then deploy it")[-1] == ("deploy", ("build_model",))


def test_together_share_their_parent() -> None:
    """同时: two steps hang on one, and the report waits for both."""
    graph = dict(_graph("清洗数据,然后同时训练流失模型和评估,最后出报告"))
    assert graph["build_model"] == graph["evaluate"] == ("clean_data",)
    assert set(graph["report"]) == {"build_model", "evaluate"}
