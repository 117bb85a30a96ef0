"""Write predictions for a file of instructions with gold task frames, in the scorer's format, and print how good they are.

    python bench/nlu.py                                            # the project's own sentences and dialogues
    python bench/nlu.py --items FILE --schemas FILE --out pred.jsonl
    python bench/nlu.py --items DIALOGS --schemas FILE --out pred.jsonl --dialogs

Every sentence goes through the public ``openglm.understand.read``, every dialogue through ``openglm.understand.Dialogue``;
only stated slots are written. Scores are printed where the items carry gold frames, the keyword floor is in ``docs/lab.md``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from _frames import Scores

from openglm.core.errors import ColumnError, OpenGLMError
from openglm.core.preset import Preset
from openglm.core.schema import Column, Schema
from openglm.core.task import Goal
from openglm.understand import Dialogue, read

OWN = Path(__file__).resolve().parent.parent / "tests" / "understand" / "sentences"
LISTS = {"excluded": "features_excluded", "inputs": "features_only", "outputs": "outputs", "preferences": "preferences"}
SINGLES = (
    "metric", "positive_class", "time_budget_seconds", "model_ref", "group_column", "time_column", "horizon", "frequency",
)  # fmt: skip
CONSTRAINTS = ("max_latency_ms", "max_model_mb", "interpretable", "no_gpu", "fairness_attribute")


def schema_of(table: dict[str, Any]) -> Schema:
    """Return a schema from names, dtypes, numbers of distinct values and three examples each."""
    return Schema(columns=tuple(_column(item, table["rows"]) for item in table["columns"]), rows=table["rows"])


def _column(item: dict[str, Any], rows: int) -> Column:
    dtype, unique, examples = item["dtype"], item["n_unique"], item["examples"]
    texts = tuple(str(example) for example in examples)
    levels: tuple[Any, ...] = ()
    role = "numeric"
    if dtype in ("date", "datetime"):
        role = "date"
    elif dtype in ("text", "image_path", "audio_path"):
        role = "text"
    elif unique <= 1:
        role = "constant"
    elif dtype == "str":
        numbers = all(text.replace(".", "", 1).isdigit() for text in texts)
        identifier = unique >= 0.9 * rows or (unique > 50 and any(c.isdigit() for c in texts[0]) and not numbers)
        role = "id" if identifier else ("numeric" if numbers else ("category" if unique <= 1000 else "text"))
    elif dtype == "int" and (unique == rows or item["name"].casefold().endswith("id")):
        role = "id"
    elif dtype == "int" and unique == 2:
        role = "category"
    if role == "category" and unique <= 50:
        levels = tuple(sorted(set(examples), key=str))
        if unique == 2 and len(levels) == 1 and levels[0] in (0, 1):
            levels = (0, 1)
    plain = {"text": "str", "image_path": "str", "audio_path": "str"}.get(dtype, dtype)
    return Column(name=item["name"], role=role, dtype=plain, n_unique=unique, levels=levels, examples=texts)


def frame_of(goal: Goal, table: dict[str, Any]) -> dict[str, Any]:
    """Return the scorer's frame of a goal."""
    slots = goal.slots
    stated = {name: slot.value for name, slot in slots.items() if slot.origin == "stated"}
    frame: dict[str, Any] = {
        "coarse_intent": goal.intent,
        "task_type": _task_type(goal, table) if goal.intent != "cancel" else None,
        "target": slots["target"].value if "target" in slots else None,
        "target_score": slots["target"].score if "target" in slots else 0.0,
        "target_has_words": "target" in slots and bool(slots["target"].evidence),
        "needs_clarification": bool(goal.questions) and goal.intent != "other",
        "steps": [{"id": s.task_id, "type": s.type, "depends_on": list(s.depends_on)} for s in goal.steps],
    }
    frame |= {theirs: stated[ours] for ours, theirs in LISTS.items() if ours in stated}
    frame |= {name: stated[name] for name in SINGLES if name in stated}
    for name in ("time_column", "model_ref"):
        if name in slots:
            frame[name] = slots[name].value
    constraints = {name: stated[name] for name in CONSTRAINTS if name in stated}
    if constraints:
        frame["constraints"] = constraints
    return frame


def _task_type(goal: Goal, table: dict[str, Any]) -> str | None:
    if "task_kind" not in goal.slots:
        return None
    kind = str(goal.slots["task_kind"].value)
    modality = goal.slots["modality"].value if "modality" in goal.slots else "tabular"
    if kind in ("binary", "multiclass") and modality != "tabular":
        types = {column["dtype"] for column in table["columns"]}
        if modality != "text" or "text" in types:
            return f"{modality}_classification"
    return kind


class Timer:
    """CPU milliseconds of each call."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    def __call__(
        self, work: Callable[[], Goal], table: dict[str, Any], last: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the frame; an error of the user's is a question when it names a column, and leaves a dialogue as it was."""
        begin = time.process_time()
        try:
            return frame_of(work(), table)
        except OpenGLMError as error:
            asks = isinstance(error, ColumnError)
            return {"coarse_intent": "build_model", **(last or {}), "needs_clarification": asks, "error": str(error)}
        finally:
            self.ms.append((time.process_time() - begin) * 1e3)


def predict(items: Iterable[dict[str, Any]], tables: dict[str, Any], timer: Timer) -> list[dict[str, Any]]:
    """Return one prediction line per item; an item with turns is a dialogue."""
    schemas = {name: schema_of(table) for name, table in tables.items()}
    preset = Preset.load()
    lines = []
    for item in items:
        schema, table = schemas[item["schema"]], tables[item["schema"]]
        if "turns" not in item:
            lines.append(
                {"id": item["id"], "frame": timer(lambda i=item, s=schema: read(i["text"], s, preset=preset), table)}
            )
            continue
        talk, turns, last = Dialogue(schema, preset=preset), [], None
        for turn in item["turns"]:
            last = timer(lambda t=turn, d=talk: d.say(t["text"]), table, last)
            turns.append({"frame": last})
        lines.append({"id": item["id"], "turns": turns})
    return lines


def main() -> None:
    """Read the arguments, write the file, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=Path, help="JSON lines of sentences or dialogues; by default the project's own")
    parser.add_argument("--schemas", type=Path, help="JSON of the tables they speak of")
    parser.add_argument("--out", type=Path, help="where to write the predictions")
    parser.add_argument(
        "--dialogs", nargs="?", const=True, help="the items are dialogues (found by themselves too); or their file"
    )
    parser.add_argument("--errors", type=int, default=0, help="show so many wrong frames")
    args = parser.parse_args()
    if isinstance(args.dialogs, str):
        args.items = Path(args.dialogs)
    if args.items is not None and args.schemas is None:
        args.schemas = args.items.parent / "schemas.json"
    sets = (
        [(args.items, args.schemas)]
        if args.items
        else [(path, OWN / "tables.json") for path in sorted(OWN.glob("*.jsonl"))]
    )
    timer, table, together = Timer(), Scores.header(), Scores()
    for path, schemas in sets:
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        lines = predict(items, json.loads(schemas.read_text(encoding="utf-8")), timer)
        if args.out:
            text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
            args.out.write_text(text + "\n", encoding="utf-8")
        scores = Scores()
        for item, line in zip(items, lines, strict=True):
            scores.add_item(item, line)
            if "turns" not in item:
                together.add_item(item, line)
        if scores.count:
            table += "\n" + scores.row(path.stem)
        for wrong in scores.wrong[: args.errors]:
            print(json.dumps(wrong, ensure_ascii=False))
    print(table)
    if together.chances:
        print(together.calibration())
    ordered = sorted(timer.ms[1:]) or timer.ms
    print(f"{len(timer.ms)} turns; CPU ms: first {timer.ms[0]:.0f}, p50 {ordered[len(ordered) // 2]:.1f}, "
          f"p95 {ordered[int(0.95 * len(ordered))]:.1f}, max {ordered[-1]:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
