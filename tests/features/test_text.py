"""Topics of short texts."""

import numpy as np

from openglm.features._text import MAX_CHARACTERS, tokens_of
from openglm.features.text import Text

ABOUT = (
    "很好 推荐 购买",
    "质量不错 推荐",
    "good phone, fast",
    "very good camera",
    "太差 退货",
    "退货 太慢",
    "bad battery",
    "bad and slow",
)


def column(*values):
    return {"t": np.array(values, dtype=object)}


def test_words_and_pieces():
    """Words with their triples; East Asian runs as characters and pairs; full width becomes half width."""
    assert tokens_of("Ａb1 好的!") == ["ab1", "#<ab", "#ab1", "#b1>", "好", "的", "好的"]
    assert tokens_of("…,!") == []


def test_counts_of_characters_and_words():
    """A Chinese character counts as a word."""
    part = Text(columns=("t",)).fit(column(*ABOUT), None)
    assert [output.name for output in part.outputs][-2:] == ["t[characters]", "t[words]"]
    assert part.transform(column("学区房 near metro", ""))[:, -2:].tolist() == [[14, 5], [0, 0]]
    assert np.isnan(part.transform(column(None))).all()


def test_like_texts_are_near():
    """Texts that share pieces are nearer to each other than texts that share none, in both languages."""
    part = Text(columns=("t",), topics=4).fit(column(*ABOUT * 3), None)
    shown = part.transform(column("推荐 不错", "很好 推荐", "bad slow", "slow, bad battery"))[:, :-2]
    like = shown @ shown.T
    assert like[0, 1] > 2 * abs(like[0, 2]) and like[2, 3] > 2 * abs(like[2, 0])


def test_unknown_words_have_no_topic():
    """Nothing known: all topics are 0, the length is not."""
    shown = Text(columns=("t",)).fit(column(*ABOUT), None).transform(column("zzz qqq"))
    assert not shown[0, :-2].any() and shown[0, -2] == 7


def test_too_little_text_has_no_topics():
    """Without a token in two rows there is only the length."""
    part = Text(columns=("t",)).fit(column("one", "two", None), None)
    assert [output.name for output in part.outputs] == ["t[characters]", "t[words]"]


def test_a_long_text_is_read_up_to_the_limit():
    """What stands behind the limit changes the length only."""
    part = Text(columns=("t",)).fit(column(*ABOUT), None)
    long = "good " * MAX_CHARACTERS
    shown = part.transform(column(long, long + "bad"))
    assert np.array_equal(shown[0, :-2], shown[1, :-2])
