"""Write predictions for a file of instructions with gold task frames, in the scorer's format.

    python bench/nlu.py --items FILE --schemas FILE --out pred.jsonl

Every sentence goes through the public ``openglm.understand.read``; only stated slots are written. Prints the CPU time.
Dialogs are not read yet: each turn would stand alone.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from openglm.core.errors import ColumnError, OpenGLMError
from openglm.core.preset import Preset
from openglm.core.schema import Column, Schema
from openglm.core.task import Goal
from openglm.understand import read

LISTS = {"excluded": "features_excluded", "inputs": "features_only", "outputs": "outputs", "preferences": "preferences"}
SINGLES = (
    "metric",
    "positive_class",
    "time_budget_seconds",
    "model_ref",
    "group_column",
    "time_column",
    "horizon",
    "frequency",
)
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
        "task_type": _task_type(goal, table) if goal.intent in ("build_model", "compare") else None,
        "target": slots["target"].value if "target" in slots else None,
        "needs_clarification": bool(goal.questions) and goal.intent != "other",
        "steps": [{"id": s.task_id, "type": s.type, "depends_on": list(s.depends_on)} for s in goal.steps],
    }
    frame |= {theirs: stated[ours] for ours, theirs in LISTS.items() if ours in stated}
    frame |= {name: stated[name] for name in SINGLES if name in stated}
    if "time_column" in slots:
        frame["time_column"] = slots["time_column"].value
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


def main() -> None:
    """Read the arguments and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--schemas", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    tables = json.loads(args.schemas.read_text(encoding="utf-8"))
    schemas = {name: schema_of(table) for name, table in tables.items()}
    preset = Preset.load()
    seconds, lines = [], []
    for line in args.items.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        begin = time.process_time()
        try:
            frame = frame_of(read(item["text"], schemas[item["schema"]], preset=preset), tables[item["schema"]])
        except OpenGLMError as error:
            frame = {
                "coarse_intent": "build_model",
                "needs_clarification": isinstance(error, ColumnError),
                "error": str(error),
            }
        seconds.append(time.process_time() - begin)
        lines.append(json.dumps({"id": item["id"], "frame": frame}, ensure_ascii=False))
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ordered = sorted(seconds[1:])
    print(f"{len(lines)} sentences; CPU ms: first {seconds[0] * 1e3:.0f}, p50 {ordered[len(ordered) // 2] * 1e3:.1f}, "
          f"p95 {ordered[int(0.95 * len(ordered))] * 1e3:.1f}, max {ordered[-1] * 1e3:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
