"""Learn the weights of the choice of the target from the project's own sentences, and write them into the preset.

    python bench/learn_target.py            # cross-validated accuracy, then the weights of all examples

The examples are the tests' sentences that name a target or must be asked about, and those in
``tests/understand/sentences``. Conditional logit with an L2 penalty chosen by ten-fold cross-validation over sentences, and
a logistic regression that says when to ask instead (see ``openglm/understand/_rank.py``).
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import numpy as np
from nlu import OWN, schema_of
from numpy.typing import NDArray
from scipy.optimize import minimize

from openglm.core.preset import Preset
from openglm.core.schema import Schema
from openglm.core.store import write_text
from openglm.understand._lexicon import load
from openglm.understand._normalise import fold
from openglm.understand._rank import Scene, doubt, doubt_features, probabilities
from openglm.understand._reader import look
from openglm.understand._target import DOUBT

sys.path.insert(0, str(OWN.parent))
import test_absent
import test_sentences
import test_sentences_more

PENALTIES = (0.3, 1.0, 3.0, 10.0)
FAR = 0.2  # weight of the examples in targets.jsonl, whose words are further from the headers than people's usual ones
FAR_DOUBT = 0.5  # the same for questions, which depend less on single words
Example = tuple[list[dict[str, float]], list[int], float, Scene]


def sentences() -> list[tuple[Schema, str, list[str | None], float]]:
    """Return (table, sentence, right targets, weight); ``None`` where a question is right."""
    found: list[tuple[Schema, str, list[str | None]]] = []
    one, more = test_sentences, test_sentences_more
    found += [(one.TABLES[table], text, [target]) for table, text, target, _ in one.TARGETS]
    found += [(one.TABLES[table], text, [None]) for table, text in one.ASKS]
    found += [(one.TABLES[table], text, [slots["target"]]) for table, text, slots in one.SLOTS if "target" in slots]
    found += [(more.TABLES[table], text, [slots["target"]]) for table, text, slots in more.CASES if "target" in slots]
    for test, right in (
        (test_absent.test_absent_is_asked, None),
        (test_absent.test_general_words_leave_it_to_habit, "Left"),
    ):
        found += [(test_absent.CLUB, text, [right]) for text in test.pytestmark[0].args[1]]  # type: ignore[attr-defined]
    far: list[tuple[Schema, str, list[str | None]]] = []
    tables = {
        name: schema_of(table) for name, table in json.loads((OWN / "tables.json").read_text(encoding="utf-8")).items()
    }
    for name in ("known", "known_dialogs", "later", "later_dialogs", "unseen", "unseen_dialogs", "targets"):
        for line in (OWN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            first = item if "gold" in item else {**item, **item["turns"][0]}
            gold = first["gold"]
            if gold["coarse_intent"] in ("build_model", "compare", "explain") and gold.get("task_type") not in (
                "clustering",
                "anomaly",
            ):
                right = gold["target"] if isinstance(gold["target"], list) else [gold["target"]]
                if any(right) or gold.get("needs_clarification"):
                    (far if name == "targets" else found).append((tables[item["schema"]], first["text"], right))
    return [(*item, 1.0) for item in found] + [(*item, FAR) for item in far]


def examples() -> tuple[list[Example], list[str]]:
    """Return features and right choices of all sentences whose target is a candidate, and the names of the features."""
    lexicon = load(Preset.load())
    found: list[Example] = []
    for schema, text, right, weight in sentences():
        choices = look(fold(text, lexicon.characters), schema, lexicon).choices
        good = [i for i, (name, _) in enumerate(choices.rows) if (name or None) in right]
        if good:
            found.append(([features for _, features in choices.rows], good, weight, choices.scene))
    names = sorted({name for rows, *_ in found for row in rows for name in row})
    return found, names


def fit(data: list[Example], names: list[str], penalty: float) -> NDArray[np.float64]:
    """Return the weights."""
    place = {name: i for i, name in enumerate(names)}
    matrices = []
    for rows, good, weight, _ in data:
        x = np.zeros((len(rows), len(names)))
        for i, row in enumerate(rows):
            for name, value in row.items():
                x[i, place[name]] = value
        matrices.append((x, good, weight))

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = 0.5 * penalty * float(w @ w), penalty * w
        for x, good, weight in matrices:
            z = x @ w
            p = np.exp(z - z.max())
            p /= p.sum()
            share = p[good].sum()
            total -= weight * float(np.log(share + 1e-12))
            q = np.zeros_like(p)
            q[good] = p[good] / share
            slope = slope + weight * (x.T @ (p - q))
        return total, slope

    return np.asarray(minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x)


def accuracy(data: list[Example], names: list[str], w: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which examples the weights get right."""
    weights = dict(zip(names, w, strict=True))
    sums = [[sum(weights[name] * value for name, value in row.items()) for row in rows] for rows, *_ in data]
    return np.array([int(np.argmax(row)) in good for row, (_, good, _, _) in zip(sums, data, strict=True)])


def doubts(data: list[Example], weights: dict[str, float]) -> tuple[list[dict[str, float]], NDArray[np.bool_]]:
    """Return the features of asking for each example, and whether a question is right."""
    features = [doubt_features(scene, probabilities(rows, weights)) for rows, _, _, scene in data]
    return features, np.array([len(rows) - 1 in good for rows, good, *_ in data])


def fit_doubt(data: list[Example], weights: dict[str, float], penalty: float) -> dict[str, float]:
    """Return the weights of the logistic regression that says when to ask."""
    features, y = doubts(data, weights)
    names = sorted({name for row in features for name in row})
    x = np.array([[row.get(name, 0.0) for name in names] for row in features])
    sizes = np.array([max(weight, FAR_DOUBT) for _, _, weight, _ in data])

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ w
        p = 1 / (1 + np.exp(-z))
        total = float(sizes @ (np.logaddexp(0, z) - y * z)) + 0.5 * penalty * float(w @ w)
        return total, x.T @ (sizes * (p - y)) + penalty * w

    w = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return dict(zip(names, w, strict=True))


def main() -> None:
    """Cross-validate, fit, write."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    data, names = examples()
    order = np.random.default_rng(0).permutation(len(data))
    folds = [
        ([data[i] for i in order[n::10]], [data[i] for k, i in enumerate(order) if k % 10 != n]) for n in range(10)
    ]
    best: tuple[float, float] = (-1.0, 1.0)
    learned: dict[float, list[dict[str, float]]] = {}
    for penalty in PENALTIES:
        hits: list[Any] = []
        learned[penalty] = []
        for test, train in folds:
            w = fit(train, names, penalty)
            hits += list(accuracy(test, names, w))
            learned[penalty].append(dict(zip(names, w, strict=True)))
        share = float(np.mean(hits))
        print(f"penalty {penalty:5}: {share:.3f} of {len(data)} right (ten-fold)")
        best = max(best, (share, penalty))
    w = fit(data, names, best[1])
    print(f"on the examples themselves: {accuracy(data, names, w).mean():.3f}")
    weights = dict(zip(names, w, strict=True))
    chosen = (-1.0, 1.0)
    for penalty in PENALTIES:
        said, right, good = [], [], []
        for (test, train), ours in zip(folds, learned[best[1]], strict=True):
            asks = fit_doubt(train, ours, penalty)
            features, y = doubts(test, ours)
            said += [doubt(row, asks) for row in features]
            right += list(y)
            for rows, goods, *_ in test:
                good.append(int(np.argmax(probabilities(rows, ours)[:-1])) in goods)
        p, y, taken = np.array(said) >= DOUBT, np.array(right), np.array(good)
        whole = float(np.mean(np.where(p, y, taken)))
        print(f"penalty {penalty:5}: questions {p.sum()} of {y.sum()}, precision {y[p].mean():.2f}, recall {p[y].mean():.2f}; "
              f"{whole:.3f} right with them (ten-fold)")  # fmt: skip
        chosen = max(chosen, (whole, penalty))
    weights |= fit_doubt(data, weights, chosen[1])
    about = "learned by bench/learn_target.py from the project's own sentences"
    lines = ",\n".join(f"    {json.dumps(name)}: {round(float(value), 3)}" for name, value in weights.items())
    path = Preset.load().path / "lexicon" / "target.json"
    write_text(path, f'{{\n  "about": "{about}",\n  "weights": {{\n{lines}\n  }}\n}}\n')
    print(f"written: {path.name}")


if __name__ == "__main__":
    main()
