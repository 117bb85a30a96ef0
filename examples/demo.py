"""The main job in about a minute: one Chinese sentence and one file become a model, a report and predictions.

Uses only the public face of openglm. At the end it says what openglm itself cannot know: how close the model comes to
the best possible score, because the sample data are simulated and their true probabilities are known.

    python examples/demo.py [--time 60] [--lang en|zh] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from pathlib import Path
from typing import Any

from make_purchase_log import DATA, auc, simulate

SENTENCE = "对用户购买行为进行预测"  # nothing in it names the column `purchased`
SHOWN = 5


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description="Show the main job of openglm on the simulated purchase log.")
    parser.add_argument("--time", type=float, default=60, help="seconds for the whole run (default 60)")
    parser.add_argument(
        "--lang",
        choices=("en", "zh"),
        default="en",
        help="language of all that is printed, and of the report (default en)",
    )
    parser.add_argument("--out", type=Path, help="folder for the run (default: a new one under runs/)")
    given = parser.parse_args()
    say = _Speaker(given.lang)

    import openglm

    say(
        f"openglm: one sentence ({SENTENCE}) and {DATA.name}/purchase_log.csv, {given.time:g} seconds.",
        f"openglm:一句话({SENTENCE})加 {DATA.name}/purchase_log.csv,用时 {given.time:g} 秒。",
    )
    result = openglm.run(
        SENTENCE, DATA / "purchase_log.csv", time_limit=given.time, out=given.out, language=given.lang,
        listener=lambda event: _progress(event, say),
    )  # fmt: skip
    print()
    understood(result, say)
    scores(result, say)
    new_sessions(result.model, say)
    what_next(result, say)


class _Speaker:
    """Prints one of two languages."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, en: str, zh: str) -> None:
        print(self.choose(en, zh), flush=True)

    def choose(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en


STAGES = {
    "load": "读取数据", "understand": "理解句子", "prepare": "准备数据", "plan": "制定计划", "search": "尝试模型",
    "refit": "训练最终模型", "explain": "撰写报告", "done": "完成",
}  # fmt: skip


def _progress(event: dict[str, Any], say: _Speaker) -> None:
    """Print the events that tell a spectator something; of candidates those that were tried to the end."""
    name, text = event.get("event"), ""
    if name == "stage":
        stage = str(event.get("stage"))
        text = f"── {say.choose(stage, STAGES.get(stage, stage))}"
    elif name == "understood":
        target, kind, metric = event.get("target"), event.get("kind"), event.get("metric")
        text = say.choose(f"   target {target} ({kind}), metric {metric}", f"   目标列 {target}({kind}),指标 {metric}")
    elif name == "trial" and event.get("state") != "stopped":
        score = event.get("score")
        ended = f"{score:.4f}" if isinstance(score, float) else str(event.get("state", ""))
        text = f"   {event.get('id', ''):6} {event.get('model', ''):14} {ended}"
    elif name == "model-saved":
        model = event.get("model", "")
        text = say.choose(f"   a usable model is on disk: {model}", f"   磁盘上已有可用模型: {model}")
    if text:
        print(f"{event.get('second', 0):6.1f} {say.choose('s', '秒')} {text}", flush=True)


def understood(result: Any, say: _Speaker) -> None:
    """Say which column was found to be meant, on what evidence, and what else it could have been."""
    goal = result.goal
    slot = goal.slots["target"]
    words = " ".join(f"“{span.text}”" for span in slot.evidence)
    say(
        f"Target:      {result.task.target} ({slot.origin}, sure {slot.score:.0%}) {words}\n"
        f"             {slot.reason.en}",
        f"目标列:      {result.task.target}(把握 {slot.score:.0%}) {words}\n             {slot.reason.zh}",
    )
    if goal.alternatives:
        others = ", ".join(f"{choice.column} {choice.score:.0%}" for choice in goal.alternatives[:3])
        say(f"Not taken:   {others}", f"未采用:      {others}")


def scores(result: Any, say: _Speaker) -> None:
    """Compare with the naive baseline below and the best possible score above, on the sealed rows."""
    metric = result.task.metric
    value, naive = result.metrics[metric], result.baseline.get(metric)
    below = f" (naive baseline {naive:.4f})" if naive is not None else ""
    say(f"Model:       {result.model.title}", f"模型:        {result.model.title}")
    say(
        f"Score:       {metric} {value:.4f} on sealed rows that no choice was made on{below}",
        f"得分:        封存数据(从未用于任何选择)上 {metric} 为 {value:.4f}"
        + (f"(朴素基线 {naive:.4f})" if naive is not None else ""),
    )
    ours, best, rows = against_the_best(result.run.path / "sealed_predictions.csv")
    say(
        f"Best:        AUC {ours:.4f} of the possible {best:.4f} on these {rows} rows: {ours / best:.1%}"
        " (the data are simulated, so the best is known)",
        f"最好可能:    这 {rows} 行上 AUC {ours:.4f},最好可能为 {best:.4f},达到 {ours / best:.1%}"
        "(数据为模拟,故最好值已知)",
    )
    say(f"Report:      {result.run.path / 'report.html'}", f"报告:        {result.run.path / 'report.html'}")


def against_the_best(path: Path) -> tuple[float, float, int]:
    """Return the model's AUC, the best possible one on the same rows, and their number.

    ``path`` is a run's ``sealed_predictions.csv``: the row number in the source, the truth, and the probabilities.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    log = simulate()
    rows = [int(line["row"]) for line in lines]
    truth = log.outcome[rows]
    return auc(truth, [float(line["proba_1"]) for line in lines]), auc(truth, log.probability[rows]), len(rows)


def new_sessions(model: Any, say: _Speaker) -> None:
    """Predict sessions of the following month and show the first ones."""
    path = DATA / "new_sessions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    labels, chances = model.predict(path), model.predict_proba(path)[:, -1]
    say(
        f"\nThe first {SHOWN} of {len(lines)} new sessions (data/new_sessions.csv):",
        f"\n{len(lines)} 个新访问(data/new_sessions.csv)中的前 {SHOWN} 个:",
    )
    say(
        f"  {'session':10} {'visitor':10} {'deepest page':13} {model.task.target}  probability",
        # A Chinese character is two columns wide.
        f"  {'访问':8} {'访客':8} {'最深页面':9} {model.task.target}  概率",
    )
    for line, label, chance in list(zip(lines, labels, chances, strict=True))[:SHOWN]:
        print(f"  {line['session_id']:10} {line['visitor']:10} {line['deepest_page']:13} {label!s:9}  {chance:.3f}")


def what_next(result: Any, say: _Speaker) -> None:
    """Say which commands go on from here."""
    run, openglm = _typed(result.run.path), _command()
    say("\nNext:", "\n接下来:")
    print(f"  {openglm} report {run} --open")
    print(f"  {openglm} predict {run} {_typed(DATA / 'new_sessions.csv')} -o predictions.csv")
    say(
        f'  {openglm} run "predict which …, ten minutes" your.csv',
        f'  {openglm} run "预测……,十分钟内" 您的数据.csv',
    )


def _command() -> str:
    """Return what to type for ``openglm`` here: the word alone where the shell finds this one, else where it lies."""
    ours = shutil.which("openglm", path=str(Path(sys.executable).parent))
    found = shutil.which("openglm")
    if ours is None:
        return "openglm" if found else f"{_typed(Path(sys.executable))} -m openglm"
    return "openglm" if found and Path(found).samefile(ours) else _typed(Path(ours))


def _typed(path: Path) -> str:
    """Return a path as a person would type it in this folder."""
    here = Path.cwd()
    text = str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)
    return f'"{text}"' if " " in text else text


if __name__ == "__main__":  # worker processes import this file again under another name
    main()
