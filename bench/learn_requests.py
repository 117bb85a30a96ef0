"""Learn how requests sound: intent, wishes and kind of problem from n-grams, and write the weights into the preset.

    python bench/learn_requests.py          # ten-fold accuracy, then the weights of all requests

``bench/corpus/requests_*.tsv`` hold requests written for this project over imagined tables: text, intent, flags. The
features are n-grams (``openglm/understand/_ngrams.py``) and the cues of the phrase lists (``_intents.py``), each counted once.
"""

from __future__ import annotations

import argparse
import io
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from openglm.core.preset import Preset
from openglm.core.store import write_bytes
from openglm.understand._intents import cue_names
from openglm.understand._lexicon import load as load_lexicon
from openglm.understand._ngrams import FAINT, pieces
from openglm.understand._normalise import fold

CORPUS = Path(__file__).parent / "corpus"
RAREST = 2  # an n-gram of one request alone teaches nothing about others
STRENGTH = 1.0  # inverse L2 penalty; between 0.3 and 3 the five-fold accuracy differs by two points


def requests() -> list[tuple[str, str, set[str]]]:
    """Return (text, intent, flags)."""
    found = []
    for path in sorted(CORPUS.glob("requests_*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text, intent, flags = (*line.split("\t"), "", "")[:3]
            found.append((text, intent, {flag for flag in flags.split(",") if flag}))
    return found


def main() -> None:
    """Cross-validate, fit, write."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    items = requests()
    lexicon = load_lexicon(Preset.load())
    bags = []
    for text, _, _ in items:
        folded = fold(text, lexicon.characters).folded
        bags.append({gram for gram, _, _ in pieces(folded)} | cue_names(folded, lexicon))
    counts = Counter(gram for bag in bags for gram in bag)
    grams = sorted(gram for gram, count in counts.items() if count >= RAREST)
    place = {gram: i for i, gram in enumerate(grams)}
    rows, columns, values = [], [], []
    for i, bag in enumerate(bags):
        known = sorted(place[gram] for gram in bag if gram in place)
        rows += [i] * len(known)
        columns += known
        values += [1.0 if "#" in grams[row] else FAINT for row in known]
    x = csr_matrix((values, (rows, columns)), shape=(len(items), len(grams)))
    intents = np.array([intent for _, intent, _ in items])
    flags = sorted({flag for _, _, found in items for flag in found})
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = LogisticRegression(C=STRENGTH, max_iter=3000)
    said = cross_val_predict(model, x, intents, cv=folds, n_jobs=2)
    names = sorted(set(intents))
    recall = {name: float(np.mean(said[intents == name] == name)) for name in names}
    print(f"{len(items)} requests, {len(grams)} n-grams and cues; five-fold intent accuracy {np.mean(said == intents):.3f}, "
          f"macro recall {np.mean(list(recall.values())):.3f}")  # fmt: skip
    print("  " + ", ".join(f"{name} {value:.2f}" for name, value in recall.items()))
    model.fit(x, intents)
    weights, bias, outputs = [model.coef_], [model.intercept_], [f"intent:{name}" for name in model.classes_]
    for flag in flags:
        y = np.array([flag in found for _, _, found in items])
        one = LogisticRegression(C=STRENGTH, max_iter=3000)
        p = cross_val_predict(one, x, y, cv=folds, method="predict_proba", n_jobs=2)[:, 1] > 0.5
        print(f"  {flag:18s} {y.sum():4d}  precision {np.mean(y[p]) if p.any() else 0:.2f}  recall {np.mean(p[y]):.2f}")
        one.fit(x, y)
        weights.append(one.coef_)
        bias.append(one.intercept_)
        outputs.append(flag)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, grams=np.frombuffer("\n".join(grams).encode(), dtype=np.uint8), weights=np.vstack(weights).T.astype(np.float16),
        bias=np.concatenate(bias).astype(np.float32), outputs=np.frombuffer("\n".join(outputs).encode(), dtype=np.uint8),
    )  # fmt: skip
    path = Preset.load().path / "lexicon" / "requests.npz"
    write_bytes(path, buffer.getvalue())
    print(f"written: {path.name}, {len(buffer.getvalue()) / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
