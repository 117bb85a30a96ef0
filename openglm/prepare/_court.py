"""The leak court: a suspect is judged by small boosted models with all columns, without it, and of it alone.

Nothing is accused for being good. The verdict ``leak`` needs certainty (a copy of the target), or two witnesses: the column
alone is nearly perfect, or its name, time or order says that it is known only afterwards *and* it is strong; and without it
the score falls far, by more than chance between folds. One witness makes it ``doubtful``: kept, and the user is asked.

LightGBM is used as a library, not as one of the learners: one thread, few trees, the same answer for the same seed. How much is
looked at follows from the seconds allowed and the size of the table, never from a clock, so that a run can be repeated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.evidence import Suspect, Verdict
from openglm.core.finding import Finding
from openglm.core.parts import Columns
from openglm.core.schema import Column
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.prepare._leaks import (
    EXACT,
    MIN_CLASS,
    NEAR_GINI,
    NEAR_SKILL,
    Seen,
    is_strong,
    look,
    order_alone,
)
from openglm.prepare._lone import Floats, Ints, Lone, Truth, joined, ranks, truth_of
from openglm.prepare._sight import repeats

FALL = 0.1  # of the way from knowing nothing to perfect that is lost without the column; our own choice
SURE = 2.0  # standard errors over folds that the loss must exceed
SURE_EXACT = (
    1.0  # the same for a column that orders the classes without any error, which is no chance itself; our own choice
)
FOLDS_USED = 3  # enough for a standard error; five cost twice as much
PARTS = 5  # of a single hold-out part, for its standard error
ROWS = 5000  # rows of the small models; more hardly change a verdict
TREES, LEAVES, RATE = 60, 15, 0.15
MODEL_CLASSES, CLASS_TREES = (
    8,
    20,
)  # the rarest classes count as one; rounds with many of them, a tree for each in every round
MODEL_COLUMNS = 40  # beside the suspects, the best ones alone: what all columns know is nearly what these know
MOST_COLUMNS = 1500  # looked at closely; of more, those that go along with the target, and those without numbers first
NATIVE_LEVELS = 200  # more levels of a category are joined, the rarest first
MOST_JUDGED = 6  # suspects that get models of their own; the others keep what the screening measured
LEAD_CELLS = 2_000_000  # rows x columns screened in a second on one core. measured: 2 to 3 million
SCREEN_ROWS, FEWEST_ROWS = 20_000, 1000
FEWEST_SECONDS, SECONDS = 0.1, 2.0  # whatever is allowed, and by default; more rows would hardly change a verdict
RARE_TIMES = (
    3  # so many times the rows of the rarer class that a sign needs are drawn: fewer come by chance once in 100,000
)
MODEL_SHARE = 0.5  # of the seconds for models, the rest for screening
TREE_CELLS = 40_000_000  # rows x columns x trees fitted in a second on one core. measured: 45 million
ORDER_SKILL, ORDER_GINI = 0.5, 0.8  # from which the order of the rows is worth a word


def court(  # noqa: PLR0913 - each is a word of its own
    x: Columns, y: NDArray[Any], folds: NDArray[Any], *, columns: tuple[Column, ...], kind: Kind, target: str,
    named: tuple[str, ...], keys: Columns, times: NDArray[np.float64] | None, forward: bool, order: Ints,
    seconds: float | None = None, seed: int = 0,
) -> tuple[Suspect, ...]:  # fmt: skip
    """Return every suspect with its verdict, in the order of the columns.

    Parameters
    ----------
    x, y : Columns and ndarray of shape (rows,)
        Training rows, typed; class codes or values. Sealed rows are none of the court's business.
    folds : ndarray of shape (rows,)
        The data set's own folds, -1 for rows that are always learned from.
    columns : tuple of Column
        Of the schema, for roles and types.
    kind, target
        Of the task.
    named : tuple of str
        Inputs the user asked for by name: judged and kept.
    keys : Columns
        Columns that are no inputs and may be the key of a group statistic.
    times : ndarray of shape (rows,) or None
        When each row happened.
    forward : bool
        Whether a fold is judged by what the folds before it teach.
    order : ndarray of shape (rows,)
        Row numbers of the source.
    seconds : float or None
        About as much CPU time as may be used; 2 by default and at most. Of a table too large for it fewer rows are looked at.
        Where a column copies or orders the target exactly, it is judged as by default: a short budget spares no certain leak.
    seed : int
        Of row samples and models.
    """
    if not x or len(y) < 2:
        return ()
    allowed = SECONDS if seconds is None else float(np.clip(seconds, FEWEST_SECONDS, SECONDS))
    rng = np.random.default_rng(seed)
    names = _likely(x, y, rng)
    most = int((1 - MODEL_SHARE) * allowed * LEAD_CELLS / len(names))
    rows = _sample(len(y), max(FEWEST_ROWS, most, _rows_for_rare(y, kind)), rng)
    truth = truth_of(y[rows], kind, folds[rows], forward)
    part = {name: x[name][rows] for name in names}
    seen = look(
        part, y[rows], truth, columns=columns, kind=kind, target=target,
        keys={name: values[rows] for name, values in keys.items() if name not in x},
        times=None if times is None else times[rows], order=order[rows],
    )  # fmt: skip
    worth = {name: one for name, one in seen.items() if _worth_judging(one)}
    if not worth:
        return ()
    if allowed < SECONDS and any(sign.code in EXACT for one in worth.values() for sign in one.signs):
        return court(
            x, y, folds, columns=columns, kind=kind, target=target, named=named, keys=keys, times=times, forward=forward,
            order=order, seed=seed,
        )  # fmt: skip
    able = sorted((n for n in seen if n not in worth), key=lambda n: -max(seen[n].alone.skill, seen[n].alone.gini))
    used = {*worth, *able[:MODEL_COLUMNS]}
    part = {name: values for name, values in part.items() if name in used}
    trial = _Trial(part, truth, worth, allowed * MODEL_SHARE, seed, rng)
    return tuple(_suspect(name, one, trial, name in named, kind) for name, one in worth.items())


def _likely(x: Columns, y: NDArray[Any], rng: np.random.Generator) -> list[str]:
    """Return the columns to look at: all, or of a very wide table those whose values or gaps go along with the target."""
    if len(x) <= MOST_COLUMNS:
        return list(x)
    rows = _sample(len(y), FEWEST_ROWS, rng)
    goal = y[rows].astype(np.float64)
    goal = (goal - goal.mean()) / (goal.std() or 1.0)
    score = {}
    for name, values in x.items():
        part = values[rows]
        if part.dtype == object:
            score[name] = 1.0
            continue
        known = np.isfinite(part)
        filled = np.where(known, part, part[known].mean() if known.any() else 0.0)
        both = [abs(float((v - v.mean()) @ goal)) / (float(v.std()) * len(rows) or 1.0) for v in (filled, known * 1.0)]
        score[name] = max(both)
    kept = set(sorted(score, key=lambda name: -score[name])[:MOST_COLUMNS])
    return [name for name in x if name in kept]


def _sample(rows: int, most: int, rng: np.random.Generator) -> Ints:
    """Return some rows; of one seed a smaller sample is a part of a larger one, so that what is exact there is exact here."""
    most = min(most, SCREEN_ROWS)
    return np.arange(rows) if rows <= most else np.sort(rng.permutation(rows)[:most])


def _rows_for_rare(y: NDArray[Any], kind: Kind) -> int:
    """Return how many rows a sample needs to hold enough of the rarer of two classes."""
    if kind != "binary":
        return 0
    return math.ceil(RARE_TIMES * MIN_CLASS * len(y) / max(1, int(np.bincount(y, minlength=2).min())))


def _worth_judging(one: Seen) -> bool:
    """Say whether there is more than a name or an order that nothing else speaks for."""
    return any(sign.certain or sign.near or (sign.hint and one.strong) for sign in one.signs)


# ── the small models ──


@dataclass(frozen=True)
class _Judged:
    """Loss of each fold beside that of knowing nothing, 1 being perfect; and the column's lone score by the same model."""

    folds: Floats
    lone: Lone


class _Trial:
    """Models with all columns, without some, and of one alone, on one sample of rows; of a wide table with its best columns."""

    def __init__(
        self, x: Columns, truth: Truth, worth: dict[str, Seen], seconds: float, seed: int, rng: np.random.Generator
    ) -> None:
        k = min(truth.classes, MODEL_CLASSES)
        self.rounds = TREES if k <= 2 else max(CLASS_TREES, 2 * TREES // k)
        ranked = sorted(worth, key=lambda name: -max(worth[name].alone.skill, worth[name].alone.gini))
        self.judged = ranked[:MOST_JUDGED]
        fits = FOLDS_USED * (len(self.judged) + 2)
        most = int(seconds * TREE_CELLS / (self.rounds * max(1, k if k > 2 else 1) * fits * (len(x) + 3)))
        rows = _sample(len(truth.y), min(ROWS, max(most, FEWEST_ROWS)), rng)
        self.truth = truth.take(rows)
        if truth.classes:
            codes = joined(self.truth.y, MODEL_CLASSES)
            self.truth = Truth(codes, int(codes.max()) + 1, self.truth.folds, self.truth.forward)
        self.seed = seed
        self.columns: dict[str, list[Floats]] = {}
        self.native: set[str] = set()
        for name, values in x.items():
            self.columns[name] = [_numbers(values[rows])]
            self.columns[name] += [extra[rows] for extra in (worth[name].extra.values() if name in worth else ())]
            if values.dtype == object:
                self.native.add(name)
        everything = list(x)
        self.strong = [name for name in worth if any(s.certain or s.near or s.hint for s in worth[name].signs)]
        self.whole = self._fit(everything)
        self.rest = self._fit([name for name in everything if name not in self.strong])
        self.alone = {name: self._fit([name]) for name in self.judged}
        single = len(self.strong) == 1
        self.without = {
            name: self.rest if single and name in self.strong else self._fit([n for n in everything if n != name])
            for name in self.judged
        }

    def _fit(self, names: list[str]) -> _Judged | None:
        """Return the scores of a model of these columns on each fold; ``None`` where there is nothing to learn from."""
        import lightgbm

        if not names:
            return None
        matrix = np.column_stack([values for name in names for values in self.columns[name]])
        places = np.cumsum([0, *(len(self.columns[name]) for name in names)])
        native = [int(place) for name, place in zip(names, places, strict=False) if name in self.native]
        truth, k = self.truth, self.truth.classes
        settings: dict[str, Any] = {
            "objective": "regression" if not k else "binary" if k == 2 else "multiclass",
            "num_leaves": LEAVES, "learning_rate": RATE, "min_data_in_leaf": int(np.clip(len(truth.y) // 50, 3, 20)),
            "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": self.seed, "verbosity": -1,
            "max_bin": 127, "cat_smooth": 5.0, "min_data_per_group": 5, "max_cat_to_onehot": 4,
            **({"num_class": k} if k > 2 else {}),
        }  # fmt: skip
        scores: list[float] = []
        answers: list[tuple[Floats, NDArray[Any], Floats]] = []
        for fold in truth.judged[-FOLDS_USED:]:
            learn, held = np.flatnonzero(truth.learned(fold)), np.flatnonzero(truth.folds == fold)
            known = truth.y[learn]
            if k and len(np.unique(known)) < k:
                continue
            data = lightgbm.Dataset(matrix[learn], known, categorical_feature=native or "auto", free_raw_data=True)
            model = lightgbm.train(settings, data, num_boost_round=self.rounds)
            out = np.asarray(model.predict(matrix[held], num_threads=1), dtype=np.float64)
            prior = np.bincount(known, minlength=k) / len(known) if k else np.array([known.mean()])
            wide = np.column_stack([1 - out, out]) if k == 2 else out if k else out[:, None]
            answers.append((wide, truth.y[held], prior))
        if not answers:
            return None
        if len(answers) == 1:  # one hold-out part: its standard error comes from parts of it
            wide, y, prior = answers[0]
            cut = np.arange(len(y)) % PARTS
            answers = [(wide[cut == i], y[cut == i], prior) for i in range(PARTS) if (cut == i).sum() > 1]
        scores = [_explained(*answer, k) for answer in answers]
        return _Judged(np.array(scores), _lone(answers, k))

    def fall(self, name: str) -> tuple[float, float]:
        """Return what is lost without the column, and without all strong suspects; and its standard error over folds.

        The error is corrected for folds that share training rows (Nadeau & Bengio 2003, equation 9).
        """
        whole, best = self.whole, (0.0, 1.0)
        if whole is None:
            return best
        alone = len(self.columns) == len(self.strong)  # nothing else is left: all is lost
        for other in (self.without.get(name), self.rest if name in self.strong else None):
            if other is None and not alone:
                continue
            lost = whole.folds if other is None else whole.folds - other.folds
            k = len(lost)
            error = float(np.std(lost, ddof=1) * np.sqrt(1 / k + 1 / max(k, 4))) if k > 1 else 0.0
            if float(lost.mean()) > best[0]:
                best = float(lost.mean()), error
        return best


def _numbers(values: NDArray[Any]) -> Floats:
    """Return a column as LightGBM reads it: categories as codes by frequency, the rarest joined."""
    import pandas as pd

    if values.dtype != object:
        return values.astype(np.float64)
    codes, found = pd.factorize(values)
    known = codes >= 0
    made = np.full(len(values), np.nan)
    if len(found):
        made[known] = joined(codes[known].astype(np.int64), NATIVE_LEVELS)
    return made


def _explained(proba: Floats, y: NDArray[Any], prior: Floats, k: int) -> float:
    """Return 1 - squared error over that of knowing nothing: R² for numbers, the Brier skill score for classes."""
    truth = np.eye(k)[y] if k else y[:, None]
    whole = float(((truth - prior) ** 2).sum())
    return 1 - float(((truth - proba) ** 2).sum()) / whole if whole > 0 else 0.0


def _lone(answers: list[tuple[Floats, NDArray[Any], Floats]], k: int) -> Lone:
    if not k:
        return Lone(float(np.mean([_explained(*answer, k) for answer in answers])))
    rows = sum(len(y) for _, y, _ in answers)
    right = sum(int((proba.argmax(1) == y).sum()) for proba, y, _ in answers)
    chance = sum(int((y == prior.argmax()).sum()) for _, y, prior in answers)
    skill = 1 - (rows - right) / (rows - chance) if rows > chance else 0.0
    return Lone(skill, 2 * _area(answers) - 1 if k == 2 else 0.0)


def _area(answers: list[tuple[Floats, NDArray[Any], Floats]]) -> float:
    """Return the mean area under the ROC curve of the folds that hold both classes."""
    found = []
    for proba, y, _ in answers:
        n1 = int((y == 1).sum())
        if 0 < n1 < len(y):
            places = ranks(proba[:, 1])
            found.append((float(places[y == 1].sum()) - n1 * (n1 + 1) / 2) / (n1 * (len(y) - n1)))
    return float(np.mean(found)) if found else 0.5


# ── the verdict ──


def _suspect(name: str, one: Seen, trial: _Trial, named: bool, kind: Kind) -> Suspect:
    judged = trial.alone.get(name)
    lone = judged.lone if judged is not None else Lone()
    best = one.alone.best(lone)
    sure = any(sign.certain for sign in one.signs)
    near = any(sign.near for sign in one.signs) or best.skill >= NEAR_SKILL or best.gini >= NEAR_GINI
    hint = any(sign.hint for sign in one.signs) and is_strong(best)
    lost, error = trial.fall(name)
    exact = any(sign.code in EXACT for sign in one.signs)
    far = lost >= FALL and lost >= (SURE_EXACT if exact else SURE) * error
    verdict: Verdict = "cleared"
    if sure or (far and (exact or not one.key) and (near or hint)):  # what orders the classes is a quantity and no key
        verdict = "leak"
    elif near or hint:
        verdict = "doubtful"
    whole, without = trial.whole, trial.without.get(name)
    return Suspect(
        column=name, codes=tuple(sign.code for sign in one.signs), signs=tuple(sign.said for sign in one.signs),
        alone=_shown(judged), with_it=_shown(whole), without_it=_shown(without), chance=0.0 if whole else None,
        metric="r2" if kind == "regression" else "brier_skill", verdict=verdict, kept=named or verdict != "leak",
    )  # fmt: skip


def _shown(judged: _Judged | None) -> float | None:
    return None if judged is None else round(float(judged.folds.mean()), 6)


# ── what is said ──

KEPT = Said(
    en="Kept, because it was named as an input or nothing else is left; if it is not known in advance, the scores mean nothing.",
    zh="因被明确指定为输入或没有其他列而保留;若预测时无法事先得知,分数将毫无意义。",
)
ONLY_SIGNAL = 0.02  # of the way to perfect: with less left, the other columns know nothing


def findings_of(suspects: tuple[Suspect, ...], rows: int) -> tuple[Finding, ...]:
    """Return what is said about the suspects that were not cleared.

    Parameters
    ----------
    suspects : tuple of Suspect
        As judged.
    rows : int
        Training rows.
    """
    return tuple(_finding(suspect, rows) for suspect in suspects if suspect.verdict != "cleared")


def _finding(suspect: Suspect, rows: int) -> Finding:
    name, leak = suspect.column, suspect.verdict == "leak"
    en = f"'{name}' {suspect.signs[0].en}" + "".join(f"; it {sign.en}" for sign in suspect.signs[1:])
    zh = f"“{name}”" + ";".join(sign.zh for sign in suspect.signs)
    if suspect.alone is not None and suspect.with_it is not None and suspect.without_it is not None:
        en += f" (score alone {suspect.alone:.2f}, all columns {suspect.with_it:.2f}, without it {suspect.without_it:.2f}; "
        en += "0 is chance, 1 perfect)"
        zh += f"(单独得分 {suspect.alone:.2f},全部列 {suspect.with_it:.2f},去除后 {suspect.without_it:.2f};0 为随机,1 为完美)"
    if leak and suspect.without_it is not None and suspect.without_it <= ONLY_SIGNAL:
        en += ". It is the whole signal: no other column predicts the target"
        zh += "。它是全部信号所在:其他列都无法预测目标"
    if not leak:
        fix = Said(
            en=f"Kept, since it may be honest. Is it known before the prediction? If not: excluded=['{name}', …].",
            zh=f"可能是正常的强特征,已保留。预测时能事先得知它吗?若不能,请排除: excluded=['{name}', …]。",
        )
    elif suspect.kept:
        fix = KEPT
    else:
        fix = Said(
            en=f"Left out. If it is known before the prediction, name it among the inputs: inputs=['{name}', …].",
            zh=f"已去除。若预测前确实已知该列,请在输入中明确列出以保留: inputs=['{name}', …]。",
        )
    return Finding(
        severity="warning", code=f"leak-{'' if leak else 'doubtful-'}{suspect.codes[0]}", column=name, rows=rows, fix=fix,
        message=Said(en=f"{en}.", zh=f"{zh}。"),
    )  # fmt: skip


def table_findings(
    x: Columns, y: NDArray[Any], folds: NDArray[Any], *, kind: Kind, times: NDArray[np.float64] | None, forward: bool,
    order: Ints,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return what speaks of leaks without accusing a column: the order of the rows, and copies of rows with other answers.

    Parameters are those of :func:`court`. Where time passes along the rows their order says nothing that time does not.
    """
    found = []
    alone = order_alone(order, truth_of(y, kind, folds, forward)) if times is None and len(y) else Lone()
    if alone.skill >= ORDER_SKILL or alone.gini >= ORDER_GINI:
        found.append(
            Finding(
                severity="note", code="leak-row-order",
                message=Said(
                    en="The rows are ordered by the target: the row number alone tells it.",
                    zh="数据按目标排序:仅凭行号就能知道目标。",
                ),
                fix=Said(
                    en="Row numbers are not used, and rows are shuffled before they are divided; mind ids given in this order.",
                    zh="行号不用于建模,划分前会打乱各行;请留意按此顺序编排的编号列。",
                ),
            )
        )  # fmt: skip
    conflicts = _conflicts(x, y, kind)
    if conflicts:
        found.append(
            Finding(
                severity="warning" if conflicts > len(y) / 100 else "note", code="duplicates-disagree", rows=conflicts,
                message=Said(
                    en=f"{conflicts} training rows have a copy, equal in every input, with another answer.",
                    zh=f"训练数据中有 {conflicts} 行存在输入完全相同、目标却不同的副本。",
                ),
                fix=Said(
                    en="Kept as they are: no model can be right about both; look at how they came about.",
                    zh="按原样保留:任何模型都无法同时答对,请核实其来源。",
                ),
            )
        )  # fmt: skip
    return tuple(found)


WIDE_ENOUGH = 3  # with fewer inputs equal rows are natural and say nothing


def _conflicts(x: Columns, y: NDArray[Any], kind: Kind) -> int:
    """Return how many rows equal another in all inputs and differ in the target."""
    if len(x) < WIDE_ENOUGH or len(y) < MIN_CLASS:
        return 0
    same = repeats(x, np.zeros(len(y)))
    if int(same.max()) + 1 == len(y):
        return 0
    low = np.full(int(same.max()) + 1, np.inf)
    high = np.full(len(low), -np.inf)
    np.minimum.at(low, same, y.astype(np.float64))
    np.maximum.at(high, same, y.astype(np.float64))
    return int((low < high)[same].sum())
