"""Compares task frames: intent, kind, target, questions, slots and step graphs, as shares and F1 over a set of sentences.

A list in a single-valued field of the gold frame means that any of its values is right. Horizons are compared as
durations with 5 % tolerance, other amounts with 1 %. Slots hold only what a sentence states.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

_LISTS = ("features_excluded", "features_only", "outputs", "preferences")
_SINGLES = ("group_column", "positive_class", "metric", "time_budget_seconds", "model_ref")
_LIMITS = ("max_latency_ms", "max_model_mb", "interpretable", "no_gpu", "fairness_attribute")
_ONLY_IF_GOLD = ("time_column", "id_columns")
_MINUTES = {"min": 1, "15min": 15, "30min": 30, "H": 60, "D": 1440, "W": 10080, "M": 43830, "Q": 131490, "Y": 525960}
_COLUMNS = ("frames", "intent", "kind", "target", "ask P", "ask R", "slot F1", "step F1", "frame")


def _options(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _slots(frame: dict[str, Any]) -> list[tuple[str, Any]]:
    found = [(name, item) for name in (*_LISTS, "id_columns") for item in _options(frame.get(name) or [])]
    found += [(name, frame[name]) for name in (*_SINGLES, "time_column") if frame.get(name) not in (None, "", [])]
    if frame.get("horizon") is not None:
        found.append(("horizon", frame["horizon"] * _MINUTES.get(str(frame.get("frequency")), 1e9)))
    limits = frame.get("constraints") or {}
    return found + [(name, limits[name]) for name in _LIMITS if limits.get(name) not in (None, False, "")]


def _equal(name: str, gold: Any, said: Any) -> bool:
    if name in ("horizon", "time_budget_seconds", "max_latency_ms", "max_model_mb"):
        tolerance = 0.05 if name == "horizon" else 0.01
        return isinstance(said, int | float) and abs(gold - said) <= tolerance * max(abs(gold), abs(said), 1e-9)
    if name == "positive_class":
        return str(gold) == str(said)
    return said in _options(gold)


def _graph(steps: list[dict[str, Any]]) -> Counter[str]:
    kinds = {step["id"]: step["type"] for step in steps}
    found = Counter(step["type"] for step in steps)
    found.update(f"{kinds.get(parent)} > {step['type']}" for step in steps for parent in step.get("depends_on") or ())
    return found


class Scores:
    """Counts over a set of frames."""

    def __init__(self) -> None:
        self.count = 0
        self.right: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.intents: dict[str, list[bool]] = {}
        self.wrong: list[dict[str, Any]] = []
        self.chances: list[tuple[float, bool]] = []

    def add_item(self, item: dict[str, Any], line: dict[str, Any]) -> None:
        """Add a sentence or all turns of a dialogue."""
        if "turns" in item:
            for turn, said in zip(item["turns"], line["turns"], strict=True):
                if "gold" in turn:
                    self.add(turn["text"], turn["gold"], said["frame"])
        elif "gold" in item:
            self.add(item["text"], item["gold"], line["frame"])

    def add(self, text: str, gold: dict[str, Any], said: dict[str, Any]) -> None:
        """Compare one frame with its gold."""
        self.count += 1
        intents = _options(gold["coarse_intent"])
        good = {"intent": said.get("coarse_intent") in intents}
        self.intents.setdefault(intents[0], []).append(good["intent"])
        models = bool({"build_model", "compare"} & set(intents))
        for name, key, counts in (
            ("kind", "task_type", models),
            ("target", "target", models or gold.get("target") is not None),
        ):
            good[name] = not counts or said.get(key) in _options(gold.get(key))
            determined = counts and (name == "kind" or any(value is not None for value in _options(gold.get(key))))
            self.asked[name] += determined
            self.right[name] += determined and good[name]
        if models and said.get("target") is not None and "target_score" in said:
            right = said["target"] in _options(gold.get("target"))
            self.chances.append((said["target_score"], right))
            words = "with words" if said["target_has_words"] else "without words"
            self.asked[words] += 1
            self.right[words] += right
        asks, asked = _options(gold.get("needs_clarification", False)), bool(said.get("needs_clarification"))
        good["ask"] = asked in asks
        if len(asks) == 1:
            self.right["ask"] += asked and asks[0]
            self.asked["ask said"] += asked
            self.asked["ask gold"] += asks[0]
        missing, extra = self._slots(gold, said)
        good["slots"] = not missing and not extra
        if gold.get("steps"):
            ours, theirs = _graph(said.get("steps") or []), _graph(gold["steps"])
            self.right["steps"] += 2 * (ours & theirs).total()
            self.asked["steps"] += ours.total() + theirs.total()
        self.right["frame"] += all(good.values())
        if not all(good.values()):
            bad = [name for name, fine in good.items() if not fine]
            self.wrong.append(
                {"text": text, "wrong": bad, "missing": missing, "extra": extra, "gold": gold, "said": said}
            )

    def _slots(self, gold: dict[str, Any], said: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        wanted = _slots(gold)
        names = {name for name, _ in wanted}
        extra = [(name, value) for name, value in _slots(said) if name in names or name not in _ONLY_IF_GOLD]
        total = len(wanted) + len(extra)
        missing = []
        for name, value in wanted:
            match = next((item for item in extra if item[0] == name and _equal(name, value, item[1])), None)
            if match is None:
                missing.append((name, value))
            else:
                extra.remove(match)
        self.right["slots"] += total - len(missing) - len(extra)
        self.asked["slots"] += total
        return missing, extra

    @staticmethod
    def header() -> str:
        """Return the head of the table."""
        return f"{'set':28s}" + "".join(f"{name:>9s}" for name in _COLUMNS)

    def row(self, name: str) -> str:
        """Return one line of the table; ``-`` where nothing of the kind is in the set."""
        macro = sum(sum(hits) / len(hits) for hits in self.intents.values()) / len(self.intents)
        shares = [
            macro, self._share("kind"), self._share("target"), self._ratio(self.right["ask"], self.asked["ask said"]),
            self._ratio(self.right["ask"], self.asked["ask gold"]), self._share("slots"), self._share("steps"),
            self._ratio(self.right["frame"], self.count),
        ]  # fmt: skip
        cells = "".join(f"{'-' if share is None else f'{share:.3f}':>9s}" for share in shares)
        return f"{name:28s}{self.count:9d}{cells}"

    def calibration(self) -> str:
        """Return how far the score of a target is from the share of right ones: expected calibration error over five bins."""
        bins: dict[int, list[tuple[float, bool]]] = {}
        for chance, right in self.chances:
            bins.setdefault(min(int(chance * 5), 4), []).append((chance, right))
        parts = {
            number: (sum(c for c, _ in item) / len(item), sum(r for _, r in item) / len(item), len(item))
            for number, item in bins.items()
        }
        error = sum(abs(said - right) * n for said, right, n in parts.values()) / max(len(self.chances), 1)
        shown = ", ".join(f"{said:.2f} → {right:.2f} ({n})" for _, (said, right, n) in sorted(parts.items()))
        taken = "; ".join(
            f"{self.right[words]} of {self.asked[words]} targets right {words} for them"
            for words in ("with words", "without words")
        )
        return f"score of the target → share right (targets): {shown}; expected calibration error {error:.3f}\n{taken}"

    def _share(self, name: str) -> float | None:
        return self._ratio(self.right[name], self.asked[name])

    @staticmethod
    def _ratio(part: int, whole: int) -> float | None:
        return part / whole if whole else None
