"""What ties rows together is found in simulated tables; what is an ordinary category or an attribute is left alone."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from openglm.core.errors import ColumnError, InputError
from openglm.core.task import Task
from openglm.prepare import load, prepare
from openglm.prepare._groups import as_asked, find_bonds, group_codes, time_values
from openglm.prepare._target import guess_kind, read_target

DAY = pd.Timestamp("2023-01-01")


def bonds(frame, target="y", **asked):
    """What ties the rows of a frame."""
    raw = load(frame)
    read = read_target(raw, Task(kind=guess_kind(raw.schema[target]), target=target, metric=""))
    return find_bonds(raw, read.name, read.y, read.rows, **asked)


def rng_of(seed=0):
    return np.random.default_rng(seed)


# ── tables whose rows are tied ──


def customers_over_months(rows=600, seed=0):
    """One row per customer and month; region and birth year belong to the customer."""
    rng, many = rng_of(seed), rows // 6
    who = np.repeat(np.arange(many), 6)
    return pd.DataFrame(
        {
            "customer_id": np.char.add("C", (who + 1000).astype(str)),
            "month": pd.to_datetime("2023-01-01") + pd.to_timedelta(np.tile(np.arange(6), many) * 30, unit="D"),
            "region": rng.choice(["north", "south", "west"], many)[who],
            "birth_year": rng.integers(1950, 2000, many)[who],
            "spent": rng.gamma(2, 30, rows).round(2),
            "y": rng.integers(0, 2, rows),
        }
    )


def patients_with_visits(rows=400, seed=0):
    """Two to five visits a patient, in Chinese, the diagnosis the patient's own."""
    rng = rng_of(seed)
    who = np.sort(rng.integers(0, rows // 4, rows))
    sick = rng.integers(0, 2, rows // 4)
    return pd.DataFrame(
        {
            "病历号": who + 50000, "性别": np.array(["男", "女"])[rng.integers(0, 2, rows // 4)][who],
            "年龄": rng.integers(20, 80, rows // 4)[who], "血压": rng.normal(120, 15, rows).round(1),
            "心率": rng.normal(75, 9, rows).round(1), "y": np.where(sick[who] == 1, "阳性", "阴性"),
        }
    )  # fmt: skip


def machines_in_cycles(machines=20, cycles=40, seed=0):
    """Runs of measurements under a bare number: neither a date nor a column that belongs to the machine."""
    rng = rng_of(seed)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(1, machines + 1), cycles), "cycle": np.tile(np.arange(1, cycles + 1), machines),
            "s1": rng.normal(size=machines * cycles), "s2": rng.normal(size=machines * cycles),
            "y": rng.normal(size=machines * cycles),
        }
    )  # fmt: skip


def stations(places=30, each=12, seed=0):
    """The same coordinates again and again."""
    rng, rows = rng_of(seed), places * each
    where = rng.permutation(np.repeat(np.arange(places), each))
    return pd.DataFrame(
        {
            "lat": rng.uniform(30, 40, places).round(4)[where], "lon": rng.uniform(100, 120, places).round(4)[where],
            "wind": rng.gamma(2, 2, rows), "y": rng.normal(size=rows),
        }
    )  # fmt: skip


def sales(rows=500, seed=0, column="order_date", shuffled=True):
    """Orders with a date, a city, a shop and a product."""
    rng = rng_of(seed)
    shop = rng.integers(0, 15, rows)
    made = pd.DataFrame(
        {
            column: DAY + pd.to_timedelta(np.sort(rng.integers(0, 400, rows)), unit="D"),
            "store_id": shop + 1, "city": np.char.add("city", (shop // 3).astype(str)), "state": (shop // 6).astype(str),
            "product_id": rng.integers(0, 40, rows), "y": rng.gamma(2, 20, rows),
        }
    )  # fmt: skip
    return made.sample(frac=1, random_state=seed).reset_index(drop=True) if shuffled else made


@pytest.mark.parametrize(
    ("make", "group"),
    [
        (customers_over_months, ("customer_id",)), (patients_with_visits, ("病历号",)), (machines_in_cycles, ("unit",)),
        (stations, ("lat", "lon")), (sales, ()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("seed", range(3))
def test_groups_are_found(make, group, seed):
    """Customers, patients, machines and places are groups; shops, cities and products are not."""
    assert bonds(make(seed=seed)).group == group


def test_time_is_found():
    """A date named like an event is time in any order of rows, and so is the order of the table itself."""
    assert bonds(customers_over_months()).time == "month"
    assert bonds(sales()).time == "order_date"
    assert bonds(sales(column="成交日期")).time == "成交日期"
    assert bonds(sales(column="d1")).time is None
    assert bonds(sales(column="d1", shuffled=False)).time == "d1"
    both = sales().assign(shipped_at=lambda t: t.order_date + pd.to_timedelta(3, unit="D"))
    assert bonds(both[["shipped_at", "order_date", "city", "y"]]).time == "order_date"


def test_a_target_of_the_group_belongs_to_it():
    """The diagnosis is the patient's; what a customer does next month is not the customer's."""
    assert bonds(patients_with_visits()).belongs
    assert not bonds(customers_over_months()).belongs


# ── tables whose rows are not ──


@pytest.mark.parametrize(
    "name",
    [
        "city",
        "城市",
        "product_id",
        "商品编号",
        "store",
        "门店编号",
        "zip_code",
        "department",
        "model_code",
        "brand_id",
        "employee_count",
        "员工人数",
        "people",
        "unit_price",
        "customer_type",
        "客户类型",
        "user_age",
        "用户年龄",
        "device",
        "设备",
        "card_limit",
        "price_per_unit",
        "engine",
        "family_size",
        "房间号",
        "room_no",
        "flight_number",
        "school_id",
        "job",
        "category_id",
        "machine_temperature",
        "number_of_patients",
    ],
)
@pytest.mark.parametrize("ordered", [False, True])
def test_an_ordinary_category_is_no_group(name, ordered):
    """Neither labels that fix other columns, nor amounts, nor a table that is sorted by them."""
    rng = rng_of(3)
    label = rng.integers(10, 40, 500)
    label = np.sort(label) if ordered else label
    frame = pd.DataFrame(
        {name: label, "kind": label // 5, "letter": np.array(list("abcdefgh"))[label // 5 % 8], "z": rng.normal(size=500)}
    )  # fmt: skip
    found = bonds(frame.assign(y=rng.integers(0, 2, 500)))
    assert found.group == ()
    assert found.time is None


@pytest.mark.parametrize(
    "name",
    [
        "birthday",
        "birth_date",
        "出生日期",
        "生日",
        "hired_since",
        "hire_date",
        "入职日期",
        "join_date",
        "注册时间",
        "registration_date",
        "contract_start_date",
        "合同签订日期",
        "last_purchase_date",
        "expiry_date",
        "到期日",
        "开户日期",
        "成立日期",
        "policy_start_date",
        "account_opened_at",
        "graduation_date",
        "last_review",
        "warranty_date",
        "毕业时间",
    ],
)
def test_a_date_that_describes_is_not_time(name):
    """Birthdays and hiring dates say who somebody is, not when the row happened."""
    rng = rng_of(4)
    when = pd.Timestamp("1990-01-01") + pd.to_timedelta(rng.integers(0, 9000, 400), unit="D")
    frame = pd.DataFrame({name: when, "z": rng.normal(size=400), "y": rng.integers(0, 2, 400)})
    assert bonds(frame).time is None


def test_unique_ids_copies_and_few_groups_tie_nothing():
    """One row per customer, whole rows twice, and five customers in all are no groups."""
    rng = rng_of(5)
    lone = pd.DataFrame({"customer_id": np.arange(300), "z": rng.normal(size=300), "y": rng.integers(0, 2, 300)})
    assert bonds(lone).group == ()
    assert bonds(pd.concat([lone.drop(columns="customer_id")] * 2)).group == ()
    assert bonds(lone.assign(customer_id=lone.customer_id % 5)).group == ()
    assert bonds(lone.assign(customer_id=np.minimum(lone.customer_id, 60))).group == ()  # four fifths are one customer


# ── what the user says ──


def test_what_the_user_says_stands():
    """Named columns are taken as they are, whatever the finder thinks."""
    found = bonds(sales(), group="city", time="order_date")
    assert (found.group, found.time) == (("city",), "order_date")
    assert "as asked" in found.reason.en


def test_the_text_of_a_split():
    """All forms are read, names as the table spells them; anything else is one clear sentence."""
    schema = load(sales()).schema
    assert as_asked(schema, "random") == ("random", (), None)
    assert as_asked(schema, " Group: CITY") == ("group", ("city",), None)
    assert as_asked(schema, "group:city,store_id") == ("group", ("city", "store_id"), None)
    assert as_asked(schema, "time:order_date") == ("time", (), "order_date")
    assert as_asked(schema, "group-time:store_id,order_date") == ("group-time", ("store_id",), "order_date")
    for wrong in ("", "groups", "group:", "time:city,order_date", "group-time:city", "random:city"):
        with pytest.raises(InputError, match="no way to split"):
            as_asked(schema, wrong)
    with pytest.raises(ColumnError, match="no column 'town'"):
        as_asked(schema, "group:town")


def test_codes_and_times():
    """Rows without a value are groups of their own; mixed ways to write a moment are one order; what is no time is missing."""
    frame = pd.DataFrame(
        {
            "who": ["a", "a", None, None, "b", "b"],
            "at": ["2024-01-05", "2024/1/6", "2024年1月7日", "2024-01-08T00:00:00+08:00", "?", "2024-01-09"],
            "y": [0, 1, 0, 1, 0, 1],
        }
    )
    raw, rows = load(frame), np.arange(6)
    codes = group_codes(raw, ("who",), rows)
    assert codes[0] == codes[1]
    assert len(set(codes.tolist())) == 4
    when = time_values(raw, "at", rows)
    assert np.isnan(when).tolist() == [False] * 4 + [True, False]
    assert np.all(np.diff(when[[0, 1, 2, 3, 5]]) > 0)


def test_the_id_of_an_entity_is_no_input_along_time():
    """Customers come back, so time decides; their number is no quantity, and is not the reason of the split."""
    raw = load(customers_over_months())
    task = Task(kind=guess_kind(raw.schema["y"]), target="y", metric="")
    for split in (None, "time:month"):
        data, findings = prepare(raw, task, split=split)
        assert data.split.method == "time"
        assert "customer_id" not in data.train.x
        assert "customer_id" not in data.split.reason.en
        assert "customer_id" in {f.column for f in findings if f.code == "group-dropped"}
    named = task.model_copy(update={"inputs": raw.schema.names[:-1]})
    assert "customer_id" in prepare(raw, named)[0].train.x


def test_to_see_the_order_of_time_takes_no_heavy_library():
    """The first import of scipy.stats alone would take seconds of a short run."""
    code = (
        "import sys, numpy as np; from openglm.prepare._groups import _is_sorted; "
        "assert _is_sorted(np.arange(50.0)); assert 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
