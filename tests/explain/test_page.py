"""The page with everything on it: links, drawings, no personal data; and looked at in a real browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from openglm.core.cleaning import CleanStep
from openglm.explain import render_card, render_html, render_markdown
from openglm.explain._page import FILES
from openglm.explain._words import LABELS

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
SECTIONS = [
    "metrics", "promises", "understood", "findings", "cleaning", "leaks", "split", "leaderboard", "timeline", "importance",
    "effects", "reasons", "slices", "surprises", "confusion", "calibration", "roc", "fairness", "label_doubts", "limits", "usage",
]  # fmt: skip
PHONE = "13812345678"
both = pytest.mark.parametrize("language", ["en", "zh"])


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.links += [found["href"]] if "href" in found else []
        self.ids += [found["id"]] if "id" in found else []


@both
def test_every_section_is_there_in_order(case, filled, language: str) -> None:
    """From the answer to how it is used; the contents lead to each section."""
    page = Links(render_html(filled(case("binary").explain()), language))
    assert [name for name in page.ids if name in SECTIONS] == SECTIONS
    assert [link[1:] for link in page.links if link.startswith("#")] == SECTIONS


@both
def test_numbers_name_the_file_they_come_from(case, filled, language: str) -> None:
    """Each section but the last ends with links into the run folder, and no link leads elsewhere."""
    text = render_html(filled(case("binary").explain()), language)
    for name in SECTIONS:
        block = text[text.index(f'<section id="{name}"') :]
        assert 'class="from"' in block[: block.index("</section>")], name
    files = {link for link in Links(text).links if not link.startswith("#")}
    assert files <= set(FILES.values())
    assert 'title="report.json › metrics.roc_auc"' in text


def test_links_lead_to_files_of_a_run(case) -> None:
    """What explain itself writes is linked under its real name."""
    made = case("binary")
    made.explain()
    names = {path.name for path in made.run.path.iterdir()}
    assert {"report.json", "report.html", "report.md", "MODEL_CARD.md", "sealed_predictions.csv"} <= names
    assert {FILES["report"], FILES["sealed"]} <= names


@pytest.mark.parametrize("render", [render_html, render_markdown, render_card])
def test_personal_values_are_shown_nowhere(case, filled, render) -> None:
    """A column that the findings call personal is named, its values are not."""
    report = filled(case("binary").explain())
    assert PHONE in report.to_json()
    for language in ("en", "zh"):
        text = render(report, language)
        assert PHONE not in text
        assert "手机号" in text


@both
def test_reasons_are_words(case, filled, language: str) -> None:
    """因为 合同类型=按月, +0.210."""
    text = render_html(filled(case("binary").explain()), language)
    assert ("因为" if language == "zh" else "because") + " 合同类型=按月, +0.210" in text


@both
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_drawings_are_valid_and_inside_their_frame(case, filled, kind: str, language: str) -> None:
    """Every drawing is well-formed, with a title; no rectangle or word begins outside of it."""
    text = render_html(filled(case(kind).explain()), language)
    charts = re.findall(r'<svg class="chart".*?</svg>', text, re.DOTALL)
    assert len(charts) >= 15
    for chart in charts:
        root = ElementTree.fromstring(chart)
        _, _, wide, high = map(float, root.attrib["viewBox"].split())
        assert root[0].tag == "title"
        for item in root.iter():
            if item.tag in ("rect", "text") and "transform" not in item.attrib:
                x, y = float(item.attrib["x"]), float(item.attrib["y"])
                assert -1 <= x <= wide + 1 and -1 <= y <= high + 1, chart[:300]
                assert x + float(item.attrib.get("width", 0)) <= wide + 1


def test_words_in_both_languages_have_the_same_gaps() -> None:
    """A number that is told in one language is told in the other."""
    for key, said in LABELS.items():
        assert set(re.findall(r"{(\w+)}", said.en)) == set(re.findall(r"{(\w+)}", said.zh)), key


@both
def test_markdown_has_the_parts_and_whole_tables(case, filled, language: str) -> None:
    """All headings in the order of the page, and every line of a table has as many cells as its head."""
    text = render_markdown(filled(case("binary").explain()), language)
    heads = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    shown = [LABELS[name].text(language) for name in SECTIONS]
    assert [head for head in shown if head in heads] == heads
    assert "<script" not in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block


@both
def test_model_card(case, filled, language: str) -> None:
    """The headings of Mitchell et al. (2019), and metadata that hubs can read."""
    report = filled(case("binary").explain())
    text = render_card(report, language)
    _, front, body = text.split("---\n", 2)
    meta = yaml.safe_load(front)
    assert meta["library_name"] == "openglm"
    assert meta["model-index"][0]["results"][0]["metrics"][0]["value"] == pytest.approx(
        report.metrics["roc_auc"], abs=1e-6
    )
    heads = [line for line in body.splitlines() if line.startswith("## ")]
    assert len(heads) == 9
    if language == "en":
        assert heads[0] == "## Model Details" and heads[-1] == "## Caveats and Recommendations"
    assert "<script" not in body


# ── in a browser ──

MEASURE = """<script>addEventListener("load", () => {
const wide = document.documentElement.scrollWidth, out = [];
for (const box of document.querySelectorAll("svg.chart")) {
  const words = [...box.querySelectorAll("text:not([transform])")].map(t => [t.getBoundingClientRect(), t.textContent]);
  for (let i = 0; i < words.length; i++) for (let j = i + 1; j < words.length; j++) {
    const [a, s] = words[i], [b, t] = words[j];
    const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (x > 1.5 && y > 3) out.push(s + " / " + t);
  }
}
document.title = JSON.stringify({wide, window: innerWidth, overlaps: out.length, first: out.slice(0, 3).join("; ")});
const p = document.createElement("pre"); p.id = "measured"; p.textContent = document.title; document.body.append(p);
})</script>"""


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed: the page is not looked at in a browser")
@both
@pytest.mark.parametrize("size", [500, 1100, 1400])
def test_nothing_overflows_or_overlaps(case, filled, tmp_path: Path, language: str, size: int) -> None:
    """The page is never wider than the window, and no two words of a chart lie on each other.

    500 is the least width of a window of headless Chromium.
    """
    import html
    import json

    page = tmp_path / "page.html"
    text = render_html(filled(case("binary", language=language).explain()), language)
    assert "://" not in text
    page.write_text(text.replace("</body>", MEASURE + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}",
         f"--window-size={size},3000", page.as_uri()],
        capture_output=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    found = json.loads(html.unescape(re.search(r'<pre id="measured">(.*?)</pre>', done.stdout)[1]))
    assert found["wide"] <= found["window"] == size
    assert found["overlaps"] == 0, found["first"]


@pytest.mark.parametrize(("language", "words"), [("en", "only values above 0;"), ("zh", "只保留大于 0的值")])
def test_a_strict_range_is_told_by_the_number_that_was_said(case, language: str, words: str) -> None:
    """The end 0 of "must be positive" is named, and named as outside."""
    step = CleanStep(op="range", column="amount", low=0, strict=True, origin="stated")
    report = case("binary").explain().model_copy(update={"cleaning": (step,)})
    assert words in render_markdown(report, language)
    assert words in render_html(report, language)
