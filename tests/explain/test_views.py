"""The page and the text: whole, escaped, self-contained, in both languages, for any number of classes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from openglm.core.report import Confusion, Importance
from openglm.core.words import Said
from openglm.explain import render_html, render_text, summary_lines
from openglm.explain._charts import width
from openglm.explain._words import LABELS

KINDS = ["binary", "multiclass", "regression"]


class Page(HTMLParser):
    """Collects tags, text and attributes, and insists that what is opened is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.ids: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.links += [found[name] for name in ("href", "src", "xlink:href", "action") if name in found]
        self.links += [name for name in found if name.startswith("on")]
        self.ids += [found["id"]] if "id" in found else []
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data + "\n"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_page_is_well_formed_and_stands_alone(case, kind: str, language: str) -> None:
    """Every tag is closed; there is no script, no handler, and no link but to places of the page and files beside it."""
    text = render_html(case(kind, language=language).explain())
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert all(re.fullmatch(r"#\w+|[\w/]+\.(json|jsonl|csv|yaml|feather)", link) for link in page.links)
    assert "http" not in text
    assert "@import" not in text and "url(" not in text
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in text


@pytest.mark.parametrize("kind", KINDS)
def test_text_from_data_is_escaped(case, kind: str) -> None:
    """Column names, labels, sentences, findings and errors with signs of HTML are shown as they are."""
    text = render_html(case(kind).explain())
    assert "<script" not in text
    assert "<b>churn" not in text
    page = Page(text)
    assert "<script>alert('x')</script> & \"价格\"" in page.text
    assert "6 s <limit>" in page.text


def test_blocks_come_in_reading_order(case) -> None:
    """Metrics, limits asked for, understanding, data, split, models, time, importance, errors, probabilities, limits, use."""
    ids = Page(render_html(case("binary").explain())).ids
    assert ids == [
        "metrics", "promises", "understood", "findings", "split", "leaderboard", "timeline", "importance", "effects",
        "reasons", "surprises", "confusion", "calibration", "roc", "limits", "usage",
    ]  # fmt: skip


def test_regression_has_a_residual_plot(case) -> None:
    """Values have dots instead of a confusion matrix."""
    ids = Page(render_html(case("regression").explain())).ids
    assert "residuals" in ids
    assert not {"confusion", "roc", "calibration"} & set(ids)


def test_words_of_the_sentence_are_marked(case) -> None:
    """The evidence is underlined inside the escaped sentence."""
    assert "predict &lt;b&gt;<mark>churn</mark>&lt;/b&gt; with" in render_html(case("binary").explain())


def test_verdict_follows_the_claim(case) -> None:
    """The band under the answer says what better_than_baseline says."""
    report = case("binary").explain()
    assert '<div class="verdict" role="status">' in render_html(report)
    other = report.model_copy(update={"better_than_baseline": False})
    assert '<div class="verdict no" role="status">' in render_html(other)
    assert render_text(other).count("✗ Not reliably") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_language_can_be_asked_for(case, kind: str) -> None:
    """An English report can be read in Chinese: no fixed English word is left."""
    report = case(kind).explain()
    page = Page(render_html(report, "zh")).text
    text = render_text(report, "zh")
    for key, said in LABELS.items():
        if "{" not in said.en and len(said.en) > 12 and said.en != said.zh:
            assert said.en not in page, key
            assert said.en not in text, key
    assert LABELS["limits"].zh in page
    assert LABELS["limits"].zh in text


@pytest.mark.parametrize("classes", [3, 12, 40, 70])
def test_any_number_of_classes(case, classes: int) -> None:
    """Few or many classes: at most 40 x 40 cells, all inside the drawing."""
    report = case("multiclass", classes=classes, rows=2000).explain(seconds=1.2)
    text = render_html(report)
    heat = text[text.index('id="confusion"') :]
    heat = heat[: heat.index("</svg>")]
    shown = min(classes, 40)
    assert heat.count('class="empty"') == shown**2
    wide, high = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', heat).groups())
    assert wide <= 1000
    cells = re.findall(r'class="empty" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', heat)
    assert all(float(x) + float(w) <= wide and float(y) + float(h) <= high for x, y, w, h in cells)


def test_text_fits_the_terminal(case) -> None:
    """No line is wider than 100 signs, Chinese ones counted twice, except commands to copy."""
    for language in ("en", "zh"):
        report = case("binary", language=language).explain()
        body = render_text(report).split(f"── {LABELS['usage'].text(language)}")[0]
        assert max(width(line) for line in body.splitlines()) <= 100


def test_text_columns_line_up(case) -> None:
    """In the table of metrics every number ends under the one above, also behind Chinese names."""
    text = render_text(case("binary", language="zh").explain())
    block = text.split(LABELS["metrics"].zh)[1].split("\n\n")[0].splitlines()[1:10]
    assert len({width(line) for line in block}) == 1


def test_summary_is_short_and_names_the_danger(case) -> None:
    """A few lines: the answer, the verdict, the columns that count, and the leak."""
    lines = summary_lines(case("binary").explain())
    assert len(lines) <= 12
    text = "\n".join(lines)
    assert "signal" in text
    assert "✓ Better" in text
    assert "! <script>" in text


def test_members_far_down_are_shown_in_the_text(case) -> None:
    """A member of the ensemble is listed even if twenty others scored better alone."""
    report = case("binary").explain()
    row = report.leaderboard[0]
    many = tuple(row.model_copy(update={"id": f"t{i:04d}", "weight": 0.0}) for i in range(30))
    member = row.model_copy(update={"id": "t9999", "weight": 0.4})
    text = render_text(report.model_copy(update={"leaderboard": (*many, member)}))
    assert "t9999" in text
    assert "and 18 more" in text


def test_numbers_that_do_not_exist(case) -> None:
    """Not-a-number is a dash on the page, never the letters nan."""
    report = case("binary").explain()
    holes = {name: float("nan") for name in report.metrics}
    hollow = report.model_copy(
        update={
            "metrics": holes, "baseline": holes, "gain": None, "intervals": {}, "validation_score": None,
            "importance": (Importance(column="a", drop=float("nan"), low=float("nan"), high=float("nan"), repeats=1),),
            "confusion": Confusion(labels=("a", "b"), counts=((0, 0), (0, 0))), "calibration": (), "roc": None,
        }
    )  # fmt: skip
    text = render_html(hollow)
    assert "nan" not in Page(text).text.lower()
    assert 'NaN"' not in text and "nan," not in text
    assert render_text(hollow)


def test_a_bare_report_renders(case) -> None:
    """Every optional part may be absent."""
    report = case("binary").explain()
    bare = report.model_copy(
        update={
            "leaderboard": (), "importance": (), "confusion": None, "roc": None, "calibration": (), "promises": (),
            "findings": (), "timeline": (), "limits": (), "usage": {}, "gain": None, "intervals": {}, "versions": {},
            "answer": Said(en="Done.", zh="完成。"), "budget_s": None,
            "understood": report.understood.model_copy(update={"slots": {}, "sentence": "", "alternatives": ()}),
        }
    )  # fmt: skip
    for language in ("en", "zh"):
        Page(render_html(bare, language))
        assert render_text(bare, language)


def test_numbers_stay_with_their_measure_word() -> None:
    """A line never ends between "336" and "行"."""
    from openglm.explain._text import WIDE, _wrap

    for lead in range(60, 92):
        lines = _wrap("数" * (lead // 2) + "有 336 行缺失,另有 1,200 行重复。" * 2, "")
        assert all(width(line) <= WIDE for line in lines)
        assert not any(re.search(r"\d$", line) for line in lines), lines


def test_slots_and_their_parts_have_names(case) -> None:
    """No raw id in a Chinese page: limits, costs, rules, the split; ids of columns stay as they are."""
    from openglm.core.words import Said as S
    from openglm.explain._page import Page as Drawn

    page = Drawn(case("binary", language="zh").explain(), "zh")
    for name in (
        "fairness_attribute",
        "max_false_positive_rate",
        "cost_false_negative",
        "split",
        "rules",
        "costs",
        "fairness",
    ):
        assert re.search(r"[\u4e00-\u9fff]", page.part(name)), name
    assert page.value({"op": "range", "low": 1.0, "column": "split"}) == "规则：取值范围, 不小于：1, 列：split"
    assert page.say(S(en="", zh="有 336 行")) == "有 336\u00a0行"
