"""Which rows are not exchangeable: rows of one customer, patient or machine, rows of one place, rows along time.

A score from a random split is honest only when the rows that come later are like a random part of the table. Where the same
entity is seen again and again a model can learn it by heart, and where time passes it can look into the future. The finder is
careful: it needs a name that says so, or values that behave so, and an ordinary category (a city, a product group) is never
a group. What it found, and why, stands in the plan; the plan, ``split=`` or the sentence can say otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column
from openglm.core.dataset import Raw
from openglm.core.schema import Column, Schema
from openglm.core.words import Said
from openglm.prepare._lone import ranks
from openglm.prepare._shapes import is_id_name

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]

FEWEST_GROUPS = (
    10  # with fewer, a sealed part of a fifth is one or two groups, and its score says little; our own choice
)
ROWS_PER_GROUP = 1.3  # on average, for an entity by name; below, the copies are few and cost little. Our own choice
LARGEST_SHARE = 0.5  # of the rows in one group: beyond, there is nothing to hold out against
PLACE_ROWS = 2.0  # mean rows per pair of coordinates from which it is a place that is measured again, not an address
FEWEST_TIMES = 5  # distinct points in time: the last fifth can be sealed. Below, a column of dates is a category
SORTED = (
    0.99  # Spearman correlation with the row number from which a table is in order of time, give or take late entries
)
SAME_TARGET = 0.9  # share of the target's variance between groups from which its value belongs to the group
ALIKE_ROWS = 20_000  # rows looked at for what is constant within a group: enough for shares to 1 %
COUNTED = 0.95  # of the steps within groups that must be equal where a column counts on; gaps are forgiven
MANY_LEVELS = 50  # a category of more is a list of names, as in _infer
PIECES = 20  # of neighbouring rows that these rows are taken from

_ENTITIES = frozenset({
    "customer", "client", "user", "usr", "patient", "pat", "subject", "player", "student", "pupil", "employee",
    "emp", "driver", "participant", "speaker", "respondent", "borrower", "applicant", "policyholder", "cust",
    "individual", "visitor", "specimen", "mrn", "imei", "imsi", "vin", "msisdn", "uid",
})  # fmt: skip
_PERHAPS = frozenset({  # an entity when numbered ("unit_id"), else a kind or an amount ("engine", "people")
    "person", "people", "member", "account", "acct", "card", "staff", "machine", "device", "dev", "unit",
    "equipment", "engine", "turbine", "vehicle", "truck", "sensor", "household", "family", "animal", "entity",
    "owner", "asset", "motor", "pump", "battery", "well",
})  # fmt: skip
_NUMBERED = frozenset({
    "id", "ids", "no", "nr", "num", "number", "code", "key", "name", "hash", "ref", "uuid",
})  # fmt: skip
_AMOUNT = frozenset({
    "per", "of", "count", "n", "num", "nb", "total", "sum", "mean", "avg", "max", "min", "has", "is", "any", "new",
    "by",
})  # fmt: skip
_GLUED = re.compile(r"([a-z]+?)(?:id|no|number|code|key)")
_ENTITY_ZH = re.compile(
    r"(?:客户|用户|顾客|患者|病人|学生|学员|司机|受试者|被试|玩家|说话人|主播|业主|借款人|投保人|被保险人)(?:编号|号码?|代码|编码|标识|姓名|名称|名|ID)?$|"
    r"(?:会员|员工|设备|机器|机台|机组|车辆|账户|账号|帐号|住户|家庭|个体|动物|传感器|病历|病案|住院|就诊|就诊卡|牛|猪|井)"
    r"(?:编号|号码?|代码|编码|标识|姓名|名称|名|ID)$|"
    r"(?:工号|学号|账号|帐号|卡号|车牌号?|身份证号?|身份证号码|手机号码?)$",
    re.I,
)
_PERHAPS_ZH = re.compile(r"(?:会员|员工|设备|机器|机台|机组|车辆|住户|家庭|个体|动物|传感器)$")
_ORDINARY = re.compile(
    r"(?:^|_)(?:product|item|sku|goods|store|shop|branch|city|county|state|region|district|area|zip|postal|street|room|floor|"
    r"house|category|type|kind|class|group|segment|brand|model|make|merchant|seller|vendor|supplier|department|dept|job|"
    r"industry|sector|route|flight|airport|station|line|school|hospital|bank|movie|book|song|genre|team|campaign|channel|"
    r"page|status|reason|color|colour|size|clothing)(?:_|$)|商品|产品|货号|门店|店铺|城市|地区|区域|邮编|类别|类型|品牌|型号|部门|科室|线路|航班|"
    r"车站|学校|医院|银行|渠道|状态|商家|供应商|楼层|房间|小区|街道",
    re.I,
)
_EVENT = re.compile(
    r"(?:^|[_\W])(?:date|time|datetime|timestamp|ts|dt|day|month|week|period|at|on)$|timestamp|datetime|"
    r"^(?:date|time|event|trans|order|purchase|created|recorded|measured|sale)[_\W]?",
    re.I,
)
_EVENT_ZH = re.compile(r"日期|时间|时刻|月份|年月|日$|采集|交易|下单|发生|记录|成交|测量")
_ATTRIBUTE = re.compile(
    r"birth|born|\bdob\b|since|hire|join|regist|sign_?up|signup|review|updat|modif|enrol|expir|due|until|valid|manufact|built|"
    r"last|first|label|close|end|finish|customer|member|open|contract|policy|subscri|licen|warrant|found|establish|graduat|"
    r"married|wedding|death|renovat|construct|account|install|purchased|maintenance|inspect",
    re.I,
)
_ATTRIBUTE_ZH = re.compile(
    r"出生|生日|入职|注册|入会|到期|签约|合同|更新|最近|最后|首次|有效|截止|建成|出厂|结束|完成|离职|关闭|标签|会员|客户|"
    r"开户|开业|成立|上市|毕业|工作时间|投产|生产|结婚|入学|起保|安装|装修|建成|竣工|检修|保养|账户"
)
_LATITUDE = re.compile(r"(?:^|[_\W])lat(?:itude)?(?:$|[_\W])|纬度", re.I)
_LONGITUDE = re.compile(r"(?:^|[_\W])(?:lon|lng|long)(?:gitude)?(?:$|[_\W])|经度", re.I)


@dataclass(frozen=True)
class Bonds:
    """What ties rows together.

    Parameters
    ----------
    group : tuple of str
        Columns that name the entity or the place; empty for none.
    time : str or None
        Column that orders the rows.
    belongs : bool
        Whether the target is (nearly) the same for all rows of a group, or the user named both group and time: groups then
        stay whole along time too.
    reason : Said
        How it was found.
    """

    group: tuple[str, ...] = ()
    time: str | None = None
    belongs: bool = False
    reason: Said = field(default_factory=lambda: Said(en="", zh=""))


def find_bonds(
    raw: Raw, target: str, y: NDArray[Any], rows: Ints, *, group: str | None = None, time: str | None = None
) -> Bonds:
    """Return what ties the rows together.

    Parameters
    ----------
    raw : Raw
        The table.
    target : str
        Its name; never a group.
    y : ndarray of shape (len(rows),)
        Class codes or values.
    rows : ndarray of int64
        Usable rows of the table.
    group, time : str or None
        Columns that the user named; they are taken as they are.
    """
    others = [column for column in raw.schema.columns if column.name != target]
    groups: tuple[str, ...] = (group,) if group else ()
    said: list[Said] = []
    if group:
        said.append(Said(en=f"the groups are '{group}', as asked", zh=f"按要求以“{group}”分组"))
    else:
        found = _entity(raw, others, rows) or _place(raw, others, rows)
        if found is not None:
            groups, why = found
            said.append(why)
    if time:
        said.append(Said(en=f"time runs along '{time}', as asked", zh=f"按要求以“{time}”为时间顺序"))
    elif not group:  # who names the groups means them, not a time that the finder might see
        hit = _clock(raw, others, rows)
        if hit is not None:
            time, why = hit
            said.append(why)
    both = group is not None and time is not None
    belongs = both or (bool(groups) and _belongs(group_codes(raw, groups, rows), y))
    if groups and time and not belongs:  # time alone decides
        said = said[1:]
    reason = Said(en="; ".join(s.en for s in said), zh=";".join(s.zh for s in said))
    return Bonds(groups, time, belongs, reason)


def entity_column(raw: Raw, target: str, rows: Ints) -> Column | None:
    """Return the column that names the entity of a row and is no quantity: a number, or a category of many levels."""
    found = _entity(raw, [column for column in raw.schema.columns if column.name != target], rows)
    column = None if found is None else raw.schema[found[0][0]]
    return column if column is not None and (column.role == "numeric" or column.n_unique > MANY_LEVELS) else None


def group_codes(raw: Raw, names: tuple[str, ...], rows: Ints) -> Ints:
    """Return a number for each row, equal for rows of one group; a row without a value is a group of its own."""
    total = np.zeros(len(rows), dtype=np.int64)
    unknown = np.zeros(len(rows), dtype=bool)
    for name in names:
        codes = _codes(raw, raw.schema[name], rows)
        unknown |= codes < 0
        total = total * (int(codes.max(initial=0)) + 1) + np.maximum(codes, 0)
    made: Ints = np.unique(total, return_inverse=True)[1].astype(np.int64)
    made[unknown] = made.max(initial=0) + 1 + np.arange(int(unknown.sum()))
    return made


def time_values(raw: Raw, name: str, rows: Ints) -> NDArray[np.float64]:
    """Return the order of time as numbers: seconds for dates, the values of a numeric column; missing NaN."""
    column = raw.schema[name]
    if column.role not in ("date", "numeric"):
        column = column.model_copy(update={"role": "date" if column.role != "id" else "numeric", "dtype": "float"})
    values: NDArray[np.float64] = read_column(_cells(raw, name).iloc[rows], column)
    return values


def _cells(raw: Raw, name: str) -> pd.Series:
    return raw.frame.iloc[:, raw.schema.names.index(name)]


def _codes(raw: Raw, column: Column, rows: Ints) -> Ints:
    import pandas as pd

    label = column.model_copy(update={"role": "category"})
    codes: Ints = pd.factorize(read_column(_cells(raw, column.name).iloc[rows], label))[0].astype(np.int64)
    return codes


# ── entities and places ──


def _entity(raw: Raw, others: list[Column], rows: Ints) -> tuple[tuple[str, ...], Said] | None:
    """Return the column that names the entity of a row, when the same ones come back: the finest that is sure.

    A name that says so counts 2 (1 where the word may also be a kind of thing), an id's name 1, other columns that never differ
    within a group 1, or 2 below a sure name, groups in one piece 1, and a column that counts on within them 2. It takes 3;
    without a sure name 4, which only runs of measurements under one number reach. Our own choice, set so that no table in
    the tests and benchmarks is split by an ordinary category.
    """
    best: tuple[int, int, Column, Said] | None = None
    some = _blocks(rows)
    coded: dict[str, Ints] = {}
    for column in others:
        named, entity = is_id_name(column.name), _entity_name(column.name)
        if not (entity or (named and not _ORDINARY.search(_spaced(column.name)))) or not _repeats(column, len(rows)):
            continue
        every = _codes(raw, column, rows)
        if not _usable(every):
            continue
        if not coded:  # only now: most tables have no such column
            coded = {c.name: _codes(raw, c, some) for c in others if c.role in ("category", "numeric", "id", "text")}
        fixed = _fixed_within(coded, column.name, others)
        sure = (
            entity
            + named
            + min(fixed, max(entity, 1))
            + _in_runs(every)
            + 2 * _counted_within(raw, every, column, others, rows)
        )
        if sure < (3 if entity == 2 else 4):
            continue
        mean = len(rows) / max(len(np.unique(every)), 1)
        why = Said(
            en=f"'{column.name}' comes back {mean:.1f} times on average"
            + (f" and fixes {fixed} other column{'s' if fixed > 1 else ''}" if fixed else ""),
            zh=f"“{column.name}”平均出现 {mean:.1f} 次" + (f",并决定另外 {fixed} 列" if fixed else ""),
        )
        if best is None or (sure, column.n_unique) > best[:2]:
            best = sure, column.n_unique, column, why
    return None if best is None else ((best[2].name,), best[3])


def _entity_name(name: str) -> int:
    """Return 2 for an entity's name ("customerID", "设备编号"), 1 for one that may be a kind ("engine"), else 0."""
    if _ENTITY_ZH.search(name.strip()):
        return 2
    if _PERHAPS_ZH.search(name.strip()):
        return 1
    words = [word for word in re.split(r"[_\W\d]+", _spaced(name).casefold()) if word]
    if not words:
        return 0
    numbered = False
    while len(words) > 1 and words[-1] in _NUMBERED:
        words.pop()
        numbered = True
    if len(words) == 1 and (glued := _GLUED.fullmatch(words[0])) and glued[1] in _ENTITIES | _PERHAPS:
        return 2
    if _AMOUNT & set(words):
        return 0
    if words[-1] in _ENTITIES:
        return 2
    return (2 if numbered else 1) if words[-1] in _PERHAPS else 0


def _blocks(rows: Ints) -> Ints:
    """Return ``ALIKE_ROWS`` of the rows, in pieces from all over the table: neighbours stay neighbours."""
    if len(rows) <= ALIKE_ROWS:
        return rows
    starts = np.linspace(0, len(rows) - ALIKE_ROWS // PIECES, PIECES).astype(np.int64)
    found: Ints = rows[(starts[:, None] + np.arange(ALIKE_ROWS // PIECES)).ravel()]
    return found


def _spaced(name: str) -> str:
    """Return a name with its parts apart: "customerID" → "customer_ID"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())


def _repeats(column: Column, rows: int) -> bool:
    return column.role in ("category", "numeric", "id", "text") and (
        FEWEST_GROUPS <= column.n_unique <= rows / ROWS_PER_GROUP and column.dtype not in ("float", "bool")
    )


def _usable(codes: Ints) -> bool:
    counts = np.bincount(codes[codes >= 0])
    return len(counts) >= FEWEST_GROUPS and counts.max() <= LARGEST_SHARE * len(codes)


def _fixed_within(coded: dict[str, Ints], name: str, others: list[Column]) -> int:
    """Count columns of some variety that are the same in all rows of a group: they describe the entity, not the event."""
    own = coded[name]
    known = own >= 0
    order = np.argsort(own[known], kind="stable")
    groups = own[known][order]
    same_group = groups[1:] == groups[:-1]
    if same_group.mean() < 0.05:  # hardly any pair to judge by
        return 0
    fixed = 0
    for column in others:
        values = coded.get(column.name)
        if column.name == name or values is None or column.n_unique < 3:
            continue
        v = values[known][order]
        within = (v[1:] == v[:-1])[same_group].mean()
        counts = np.bincount(v[v >= 0])
        chance = float(((counts / max(counts.sum(), 1)) ** 2).sum())  # two random rows agree
        fixed += bool(within > 0.99 and chance < 0.9)
    return fixed


def _in_runs(codes: Ints) -> bool:
    """Say whether rows of a group lie next to each other, as in a file that was written entity by entity."""
    if len(codes) < 2:
        return False
    counts = np.bincount(codes[codes >= 0])
    chance = float(((counts / max(counts.sum(), 1)) ** 2).sum())
    return float((codes[1:] == codes[:-1]).mean()) > max(10 * chance, 0.3)


def _counted_within(raw: Raw, codes: Ints, column: Column, others: list[Column], rows: Ints) -> bool:
    """Say whether another column counts on within each group, in the order of the file: cycles, visits, weeks."""
    same = codes[1:] == codes[:-1]
    if same.mean() < 0.3:
        return False
    for other in others:
        if other.name == column.name or other.role not in ("numeric", "id", "date") or other.n_unique < 3:
            continue
        steps = np.diff(time_values(raw, other.name, rows))[same]
        step = float(np.median(steps)) if np.isfinite(steps).all() else 0.0
        if step > 0 and float(np.isclose(steps, step).mean()) > COUNTED:
            return True
    return False


def _place(raw: Raw, others: list[Column], rows: Ints) -> tuple[tuple[str, ...], Said] | None:
    """Return latitude and longitude when the same places come back."""
    numeric = [c for c in others if c.role == "numeric" and c.minimum is not None and c.maximum is not None]
    lats = [
        c for c in numeric if _LATITUDE.search(_spaced(c.name)) and -90 <= (c.minimum or 0) <= (c.maximum or 0) <= 90
    ]
    lons = [
        c for c in numeric if _LONGITUDE.search(_spaced(c.name)) and -180 <= (c.minimum or 0) <= (c.maximum or 0) <= 360
    ]
    if not lats or not lons:
        return None
    names = lats[0].name, lons[0].name
    codes = group_codes(raw, names, rows)
    places = int(codes.max(initial=-1)) + 1
    if len(rows) < PLACE_ROWS * places or not _usable(codes):
        return None
    why = Said(
        en=f"{places} places ('{names[0]}', '{names[1]}') come back {len(rows) / places:.1f} times on average",
        zh=f"{places} 个地点(“{names[0]}”“{names[1]}”)平均出现 {len(rows) / places:.1f} 次",
    )
    return names, why


def _belongs(codes: Ints, y: NDArray[Any]) -> bool:
    """Say whether the target belongs to the group: nearly all of its variance lies between groups that have several rows.

    The share is one-way analysis of variance's adjusted eta squared (epsilon squared; Kelley 1935), so that chance alone gives 0.
    """
    counts = np.bincount(codes)
    several = counts[codes] > 1
    if several.sum() < 2 * FEWEST_GROUPS:
        return False
    values = y[several].astype(np.float64)
    if values.dtype.kind == "f" and len(np.unique(values)) <= 1:
        return False
    own = np.unique(codes[several], return_inverse=True)[1]
    sizes = np.bincount(own)
    within = values - (np.bincount(own, values) / sizes)[own]
    inner, whole = float(within @ within), float(((values - values.mean()) ** 2).sum())
    freedom = len(values) - len(sizes)
    return freedom > 0 and 1 - (inner / freedom) / (whole / (len(values) - 1)) >= SAME_TARGET


# ── time ──


def _clock(raw: Raw, others: list[Column], rows: Ints) -> tuple[str, Said] | None:
    """Return the column along which the rows happened: named like an event's time, or the table is in its order."""
    found: list[tuple[bool, float, Column]] = []
    for column in others:
        if column.role != "date" or column.n_unique < FEWEST_TIMES or column.missing > 0.2:
            continue
        name = _spaced(column.name)
        if _ATTRIBUTE.search(name) or _ATTRIBUTE_ZH.search(column.name):
            continue
        values = time_values(raw, column.name, rows)
        ordered = _is_sorted(values)
        if ordered or _EVENT.search(name) or _EVENT_ZH.search(column.name):
            found.append((ordered, -float(np.nanmedian(values)), column))
    if not found:
        return None
    ordered, _, column = max(found, key=lambda item: item[:2])
    why = (
        Said(en=f"the table is in the order of '{column.name}'", zh=f"数据按“{column.name}”排序")
        if ordered
        else Said(en=f"'{column.name}' says when each row happened", zh=f"“{column.name}”是每行发生的时间")
    )
    return column.name, why


def _is_sorted(values: NDArray[np.float64]) -> bool:
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST_TIMES:
        return False
    places = ranks(values[known])
    if np.ptp(places) == 0:
        return False
    return abs(float(np.corrcoef(places, np.arange(len(places)))[0, 1])) >= SORTED


def as_asked(schema: Schema, text: str) -> tuple[str, tuple[str, ...], str | None]:
    """Return method, group columns and time column.

    ``text`` is ``random``, ``stratified``, ``group:A`` (several: ``group:A,B``), ``time:T`` or ``group-time:A,T``.

    Raises
    ------
    InputError, ColumnError
        If the text is none of these, or names no column.
    """
    from openglm.core.errors import InputError

    method, _, rest = text.strip().partition(":")
    names = tuple(schema.resolve(name.strip()) for name in rest.split(",") if name.strip())
    method = method.strip().casefold()
    if method in ("random", "stratified") and not names:
        return method, (), None
    if method == "group" and names:
        return method, names, None
    if method == "time" and len(names) == 1:
        return method, (), names[0]
    if method == "group-time" and len(names) >= 2:
        return method, names[:-1], names[-1]
    raise InputError(
        Said(en=f"'{text}' is no way to split rows.", zh=f"“{text}”不是有效的划分方式。"),
        hint=Said(
            en="Say random, group:COLUMN, time:COLUMN or group-time:COLUMN,TIME_COLUMN.",
            zh="可用 random、group:列名、time:列名 或 group-time:列名,时间列名。",
        ),
    )
