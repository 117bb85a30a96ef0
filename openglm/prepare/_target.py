"""The column to predict: labels as codes or numbers, which rows can be used, and whether anything can be learned at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column
from openglm.core.dataset import Raw
from openglm.core.errors import ColumnError, DataError, did_you_mean
from openglm.core.finding import Finding
from openglm.core.schema import Column, Scalar
from openglm.core.task import CLASSIFICATION, Kind, Task
from openglm.core.words import Said, plural

MIN_ROWS = 10  # fewer rows cannot be divided into learning, choosing and judging
MAX_CLASSES = 1000  # more labels than a learner here can hold probabilities for; such targets are names, not classes
MISSING_WARNING = 0.3  # our own: with a third of the answers gone, why they are gone may bias the model
DISTINCT_SHARE, DISTINCT_CLASSES = 0.5, 20  # nearly every row its own class, and not just because the table is small
REGRESSION_LEVELS = 20  # whole numbers with more values are a quantity unless the task says otherwise
UNREADABLE_SHARE = 0.05  # the same share that a column of numbers may hold of other things
_YES = frozenset({"true", "yes", "positive", "pos", "是", "有"})
_NO = frozenset({"0", "0.0", "-1", "-1.0", "false", "no", "none", "negative", "neg", "否", "无", "没有"})
_PAIRS = ({"n", "y"}, {"f", "t"})  # letters that mean yes and no only side by side


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Parameters
    ----------
    name : str
        Column.
    kind : Kind
        binary, multiclass or regression.
    y : ndarray of shape (usable rows,)
        Class codes (int64) or float64 values.
    rows : ndarray of shape (usable rows,), int64
        Their places in the table.
    classes : tuple of scalar
        Labels in code order, the positive one last; empty for regression.
    findings : tuple of Finding
        What was done to get here.
    """

    name: str
    kind: Kind
    y: NDArray[Any]
    rows: NDArray[np.int64]
    classes: tuple[Scalar, ...]
    findings: tuple[Finding, ...]


def read_target(raw: Raw, task: Task) -> Target:
    """Return the target of ``task`` in a table.

    Raises
    ------
    ColumnError
        If there is no such column, or no such positive class.
    DataError
        If nothing can be learned from it.
    """
    assert task.target is not None
    name = raw.schema.resolve(task.target)
    column = raw.schema[name]
    if len(raw.schema.columns) < 2:
        raise DataError(
            Said(
                en=f"The table has only the column '{name}' and nothing to learn from.",
                zh=f"表中只有“{name}”一列,没有可供学习的特征。",
            ),
            hint=Said(en="Add at least one other column.", zh="请至少再提供一列。"),
        )
    cells = raw.frame.iloc[:, raw.schema.names.index(name)]
    if task.kind in CLASSIFICATION:
        return _classes(cells, column, task)
    return _values(cells, column)


def guess_kind(column: Column) -> Kind:
    """Return what sort of problem a target column poses when nobody says."""
    if column.role == "numeric" and (column.dtype == "float" or column.n_unique > REGRESSION_LEVELS):
        return "regression"
    return "binary" if column.n_unique <= 2 else "multiclass"


# ── numbers ──


def _values(cells: Any, column: Column) -> Target:
    as_number = column.model_copy(update={"role": "numeric", "dtype": "float"})
    known = _filled(cells, column)
    if not known.any():
        raise _all_missing(column.name)
    y = read_column(cells, as_number)
    readable = np.isfinite(y)
    if (known & ~readable).sum() > UNREADABLE_SHARE * known.sum():
        example = str(cells[(known & ~readable)].iloc[0])[:50]
        raise DataError(
            Said(
                en=f"The target '{column.name}' cannot be read as numbers, for example '{example}'.",
                zh=f"目标列“{column.name}”无法读作数值,例如“{example}”。",
            ),
            hint=Said(
                en="Ask for classification, or choose a numeric target with --target.",
                zh="请改为分类任务,或用 --target 指定数值列。",
            ),
        )
    rows = np.flatnonzero(readable)
    _enough(column.name, len(rows))
    if len(np.unique(y[rows])) == 1:
        raise _constant(column.name, y[rows[0]])
    return Target(column.name, "regression", y[rows], rows, (), _missing_rows(column.name, len(cells), len(rows)))


# ── classes ──


def _classes(cells: Any, column: Column, task: Task) -> Target:
    if not _filled(cells, column).any():
        raise _all_missing(column.name)
    labels = labels_in(cells, column)
    known = np.array([label is not None for label in labels], dtype=bool)
    rows = np.flatnonzero(known)
    classes, y = _coded([labels[i] for i in rows])
    _enough(column.name, len(rows))
    if len(classes) == 1:
        raise _constant(column.name, classes[0])
    _not_names(column, classes, len(rows))
    findings = list(_missing_rows(column.name, len(cells), len(rows)))
    counts = np.bincount(y, minlength=len(classes))
    if counts.min() < 2:
        y, rows, classes = _without_singles(column.name, y, rows, classes, counts, findings)
    if task.kind == "binary" and len(classes) > 2:
        shown = ", ".join(map(str, classes[:6])) + (" …" if len(classes) > 6 else "")
        raise DataError(
            Said(
                en=f"The target '{column.name}' has {plural(len(classes), 'value')} ({shown}), but the task "
                "asks for two classes.",
                zh=f"目标列“{column.name}”有 {len(classes)} 个取值({shown}),而任务要求二分类。",
            ),
            hint=Said(
                en="Ask for several classes, or choose another target.", zh="请改为多分类任务,或选择其他目标列。"
            ),
        )
    if len(classes) == 2:
        positive = _usual_positive(column, classes) if task.positive_class is None else task.positive_class
        classes, y = _positive_last(column.name, classes, y, positive)
    kind: Kind = "binary" if len(classes) == 2 else "multiclass"
    findings.extend(_imbalance(column.name, classes, y))
    return Target(column.name, kind, y, rows, classes, tuple(findings))


def labels_in(cells: Any, column: Column) -> list[Scalar | None]:
    """Return the labels of a column in their own type: bool, int, float that is whole as int, else str."""
    as_label = column.model_copy(update={"role": "category"})
    texts: list[str | None] = read_column(cells, as_label).tolist()
    if column.dtype == "bool" and set(texts) <= {"True", "False", None}:
        return [None if text is None else text == "True" for text in texts]
    if column.dtype in ("int", "float") and column.reason != "numbers written as text":
        table = {text: _scalar(text) for text in set(texts) if text is not None}
        if all(not isinstance(label, str) for label in table.values()):
            return [None if text is None else table[text] for text in texts]
    return list(texts)


def _scalar(text: str) -> Scalar:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _coded(labels: list[Any]) -> tuple[tuple[Scalar, ...], NDArray[np.int64]]:
    classes = tuple(sorted(set(labels), key=lambda label: (isinstance(label, str), label)))
    codes = {label: code for code, label in enumerate(classes)}
    return classes, np.array([codes[label] for label in labels], dtype=np.int64)


def _usual_positive(column: Column, classes: tuple[Scalar, ...]) -> Scalar:
    """Return the class that is asked about when nobody says: the one that says yes, else the rarer, else the last."""
    names = [str(label).strip().casefold() for label in classes]
    if set(names) in _PAIRS:
        return classes[1]
    says_yes = [
        label
        for label, name, other in zip(classes, names, reversed(names), strict=True)
        if (name in _YES or other in _NO) and name not in _NO
    ]
    if len(says_yes) == 1:
        return says_yes[0]
    rarer = next((label for label in classes if column.rarer is not None and _same(label, column.rarer)), None)
    return classes[1] if rarer is None else rarer


def _positive_last(
    name: str, classes: tuple[Scalar, ...], y: NDArray[np.int64], positive: Scalar
) -> tuple[tuple[Scalar, ...], NDArray[np.int64]]:
    found = [label for label in classes if _same(label, positive)]
    if not found:
        raise ColumnError(
            Said(en=f"The target '{name}' has no value '{positive}'.", zh=f"目标列“{name}”中没有取值“{positive}”。"),
            hint=did_you_mean(str(positive), [str(label) for label in classes]),
        )
    return (classes, y) if found[0] == classes[1] else (classes[::-1], 1 - y)


def _same(label: Scalar, wanted: Scalar) -> bool:
    if isinstance(label, bool) == isinstance(wanted, bool) and label == wanted:
        return True
    return str(label).strip().casefold() == str(wanted).strip().casefold() or (
        isinstance(label, bool) and str(wanted).strip() in ("1" if label else "0",)
    )


def _without_singles(
    name: str, y: NDArray[np.int64], rows: NDArray[np.int64], classes: tuple[Scalar, ...],
    counts: NDArray[np.int64], findings: list[Finding],
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[Scalar, ...]]:  # fmt: skip
    """Drop rows whose class occurs just once: it cannot be both learned and checked."""
    single = [classes[i] for i in np.flatnonzero(counts < 2)]
    keep = counts[y] >= 2
    renumbered = np.cumsum(counts >= 2) - 1
    shown = ", ".join(f"'{label}'" for label in single[:5]) + (" …" if len(single) > 5 else "")
    left = tuple(label for label, count in zip(classes, counts, strict=True) if count >= 2)
    if len(left) < 2:
        raise DataError(
            Said(
                en=f"Fewer than two classes of '{name}' have two rows or more ({shown} occur once).",
                zh=f"“{name}”中至少有两行的类别不足两个({shown} 仅出现一次)。",
            ),
            hint=Said(en="Give more rows, or choose another target.", zh="请提供更多数据,或选择其他目标列。"),
        )
    findings.append(
        Finding(
            severity="warning", code="class-single-row", column=name, rows=int((~keep).sum()),
            message=Said(
                en=f"{len(single)} class(es) of '{name}' occur in a single row: {shown}.",
                zh=f"“{name}”中有 {len(single)} 个类别仅出现一次: {shown}。",
            ),
            fix=Said(en="These rows are left out; the model will not know them.", zh="已去除这些行,模型不会识别这些类别。"),
        )
    )  # fmt: skip
    return renumbered[y[keep]].astype(np.int64), rows[keep], left


def _not_names(column: Column, classes: tuple[Scalar, ...], rows: int) -> None:
    """Refuse targets that are no classes: too many, or nearly one for each row."""
    many = len(classes) > MAX_CLASSES
    if not many and (len(classes) <= DISTINCT_SHARE * rows or len(classes) <= DISTINCT_CLASSES):
        return
    numeric = column.role == "numeric" or all(not isinstance(label, str) for label in classes)
    raise DataError(
        Said(
            en=f"The target '{column.name}' has {len(classes)} different values in {rows} rows; these are no classes.",
            zh=f"目标列“{column.name}”在 {rows} 行中有 {len(classes)} 个不同取值,不像类别。",
        ),
        hint=Said(
            en="It looks like numbers: ask for regression." if numeric else "Choose a target with fewer values.",
            zh="看起来是数值: 请改为回归任务。" if numeric else "请选择取值较少的目标列。",
        ),
    )


def _imbalance(name: str, classes: tuple[Scalar, ...], y: NDArray[np.int64]) -> list[Finding]:
    """Note classes below a tenth of the rows (of an even share, with more classes): accuracy then says little."""
    counts = np.bincount(y, minlength=len(classes))
    share = counts.min() / counts.sum()
    if share >= 0.1 * 2 / len(classes):  # our own: always answering "no" is then 90 % accurate
        return []
    label = classes[int(np.argmin(counts))]
    return [
        Finding(
            severity="warning" if counts.min() < MIN_ROWS else "note", code="imbalanced-target", column=name,
            rows=int(counts.min()),
            message=Said(
                en=f"'{label}' is rare in '{name}': {plural(int(counts.min()), 'row')}, {share:.1%}.",
                zh=f"“{name}”中“{label}”很少: {counts.min()} 行,占 {share:.1%}。",
            ),
            fix=Said(
                en="The split keeps the class shares; judge by ranking metrics rather than accuracy.",
                zh="划分时保持类别比例;请看排序类指标而不是准确率。",
            ),
        )
    ]  # fmt: skip


# ── what both need ──


def _filled(cells: Any, column: Column) -> NDArray[np.bool_]:
    """Return which cells hold anything; blank text does not."""
    if cells.dtype.kind in "biuf":
        return np.asarray(cells.notna(), dtype=bool)
    words = read_column(cells, column.model_copy(update={"role": "category", "dtype": "str"}))
    return np.array([word is not None for word in words], dtype=bool)


def _missing_rows(name: str, rows: int, usable: int) -> tuple[Finding, ...]:
    lost = rows - usable
    if not lost:
        return ()
    share = lost / rows
    return (
        Finding(
            severity="warning" if share >= MISSING_WARNING else "note", code="target-missing-rows", column=name, rows=lost,
            message=Said(
                en=f"The target '{name}' is missing or unreadable in {plural(lost, 'row')} ({share:.1%}).",
                zh=f"目标列“{name}”有 {lost} 行缺失或无法读取({share:.1%})。",
            ),
            fix=Said(
                en="These rows are left out: there is nothing to learn from or to check against.",
                zh="已去除这些行: 它们无法用于学习或检验。",
            ),
        ),
    )  # fmt: skip


def _enough(name: str, rows: int) -> None:
    if rows < MIN_ROWS:
        raise DataError(
            Said(en=f"Only {rows} rows have a target '{name}'.", zh=f"只有 {rows} 行带有目标“{name}”。"),
            hint=Said(en=f"At least {MIN_ROWS} are needed.", zh=f"至少需要 {MIN_ROWS} 行。"),
        )


def _all_missing(name: str) -> DataError:
    return DataError(
        Said(en=f"The target '{name}' is missing in every row.", zh=f"目标列“{name}”全部缺失。"),
        hint=Said(en="Choose another target with --target.", zh="请用 --target 指定其他目标列。"),
    )


def _constant(name: str, value: Any) -> DataError:
    return DataError(
        Said(en=f"The target '{name}' has only one value ('{value}').", zh=f"目标列“{name}”只有一个取值(“{value}”)。"),
        hint=Said(en="There is nothing to learn; choose another target.", zh="没有可学习的内容,请选择其他目标列。"),
    )
