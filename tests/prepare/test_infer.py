"""What a column is: roles on tables with known answers, and no exception on any table."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.core.columns import read_column
from openglm.prepare._infer import infer_column, infer_schema

RNG = np.random.default_rng(0)
ROWS = 200
SENTENCES = [f"the {a} {b} of the house number {i} was rather {c}" for i, (a, b, c) in enumerate(
    zip(RNG.choice(["old", "new"], ROWS), RNG.choice(["door", "roof"], ROWS), RNG.choice(["red", "tall"], ROWS), strict=True)
)]  # fmt: skip
GAPS = np.where(np.arange(ROWS) % 10 == 0, np.nan, 1.0)

KNOWN = {
    "customer_id": (RNG.permutation(ROWS) * 7 + 1000, "id", "int"),
    "row": (np.arange(ROWS), "id", "int"),
    "lap": (np.arange(ROWS) + 1, "id", "int"),
    "编号": ([f"K{i:05d}" for i in range(ROWS)], "id", "str"),
    "product": ([f"M{i * 37 + 10000}" for i in range(ROWS)], "id", "str"),
    "phone": (13_000_000_000 + RNG.permutation(10**6)[:ROWS], "id", "int"),
    "host_id": (np.repeat(np.arange(ROWS // 2) * 31, 2), "numeric", "int"),
    "price": (RNG.permutation(5000)[:ROWS] + 100, "numeric", "int"),
    "weight": (RNG.normal(size=ROWS), "numeric", "float"),
    "ratio_id": (RNG.normal(size=ROWS), "numeric", "float"),
    "epoch": (1_600_000_000 + RNG.permutation(10**7)[:ROWS], "numeric", "int"),
    "rating": (RNG.integers(1, 6, ROWS), "numeric", "int"),
    "gaps": (RNG.integers(1, 6, ROWS) * GAPS, "numeric", "int"),
    "money": ([f"${v:,.2f} " for v in RNG.normal(50_000, 9000, ROWS)], "numeric", "float"),
    "charges": ([*(str(v) for v in RNG.normal(50, 9, ROWS - 4).round(2)), " ", "", " ", "?"], "numeric", "float"),
    "area": ([f"{v}平米" for v in RNG.normal(90, 9, ROWS).round(1)], "numeric", "float"),
    "colour": (RNG.choice(["red", "green", "blue"], ROWS), "category", "str"),
    "zip": (RNG.choice(["01234", "02345", "99999"], ROWS), "category", "str"),
    "flag": (RNG.random(ROWS) < 0.5, "category", "bool"),
    "flag_gaps": ([None, True, False, *[True] * (ROWS - 3)], "category", "bool"),
    "only_yes": (["yes", None] * (ROWS // 2), "category", "str"),
    "review": (SENTENCES, "text", "str"),
    "title": ([f"好房出售{'精装' * (i % 3)}{i}号" for i in range(ROWS)], "text", "str"),
    "day": ([str(dt.date(2024, 1, 1) + dt.timedelta(days=i)) for i in range(ROWS)], "date", "date"),
    "moment": (pd.date_range("2024-01-01", periods=ROWS, freq="h"), "date", "datetime"),
    "us_day": ([f"{d.month}/{d.day}/{d:%y}" for d in pd.date_range("2014-01-01", periods=ROWS)], "date", "date"),
    "digits": ([int(f"{d:%Y%m%d}") for d in pd.date_range("2014-01-01", periods=ROWS)], "date", "date"),
    "dates": ([dt.date(2024, 1, 1 + i % 28) for i in range(ROWS)], "date", "date"),
    "same": (["x"] * ROWS, "constant", "str"),
    "same_number": ([1.5] * ROWS, "constant", "float"),
    "nothing": ([None] * ROWS, "empty", "str"),
    "blanks": ([" "] * ROWS, "empty", "str"),
    "nan": ([np.nan] * ROWS, "empty", "float"),
    "decimals": ([Decimal(i) / 4 for i in range(ROWS)], "numeric", "float"),
    "lasting": (pd.to_timedelta(RNG.integers(1, 99, ROWS), unit="s"), "numeric", "float"),
    "mostly_numbers": ([*RNG.normal(size=ROWS - 3).tolist(), "broken", "x", "y"], "numeric", "float"),
    "half_numbers": ([1, "a"] * (ROWS // 2), "category", "str"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_roles_with_known_answers(name):
    """Each column is what a person would call it, and says why."""
    values, role, dtype = KNOWN[name]
    column = infer_column(pd.Series(values), name)
    assert (column.role, column.dtype) == (role, dtype), column.reason
    assert column.reason


def test_schema_of_a_table():
    """Names, order and rows are those of the table; ranges, levels and gaps are counted on all rows."""
    frame = pd.DataFrame({name: pd.Series(values) for name, (values, _, _) in KNOWN.items()})
    schema = infer_schema(frame)
    assert schema.names == tuple(frame.columns)
    assert schema.rows == ROWS
    assert schema["rating"].levels == (1, 2, 3, 4, 5)
    assert schema["colour"].levels == ("blue", "green", "red")
    assert schema["flag"].levels == (False, True)
    assert schema["gaps"].missing == pytest.approx(0.1)
    assert schema["price"].minimum == frame["price"].min()
    assert schema["price"].maximum == frame["price"].max()
    assert schema["day"].minimum == 1704067200.0
    assert schema["charges"].missing == pytest.approx(3 / ROWS)
    assert schema["weight"].levels == ()


def test_small_tables_keep_their_measures():
    """In a handful of rows unique whole numbers are measures unless their name says id."""
    frame = pd.DataFrame({"price": [3, 1, 2, 5, 4], "id": [3, 1, 2, 5, 4]})
    assert [column.role for column in infer_schema(frame).columns] == ["numeric", "id"]


def test_uniqueness_is_never_guessed_from_a_sample():
    """One repeated value late in a long column is seen."""
    values = [f"K{i:06d}" for i in range(20_000)]
    assert infer_column(pd.Series(values), "k").n_unique == 20_000
    values[-1000:] = values[:1000]
    assert infer_column(pd.Series(values), "k").n_unique == 19_000


CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.decimals() | st.dates() | st.datetimes()
    | st.timedeltas() | st.binary(max_size=3) | st.lists(st.integers(), max_size=2) | st.just(pd.NA) | st.just(pd.NaT)
    | st.datetimes(timezones=st.just(dt.UTC)) | st.sampled_from(["1,5", "$3", "007", "5kg", "2024-01-01", "?", "1e999"])
)  # fmt: skip


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=3), st.sampled_from(["id", "x", "金额"]))
def test_any_table_has_a_schema(columns, name):
    """Inference never raises, and what it finds can be read and written as JSON."""
    frame = pd.DataFrame({f"{name}{i}": pd.Series(cells, dtype=object) for i, cells in enumerate(columns)})
    schema = infer_schema(frame)
    assert type(schema).from_json(schema.to_json()) == schema
    for i, column in enumerate(schema.columns):
        assert len(read_column(frame.iloc[:, i], column)) == 4


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=1, max_size=6),
    st.sampled_from(["Int64", "Float64", "object", "category"]),
)
def test_any_numbers_have_a_schema(cells, dtype):
    """Every storage of whole numbers is understood."""
    series = pd.Series(cells, dtype="Int64").astype(dtype)
    column = infer_column(series, "n")
    assert column.n_unique == series.nunique()


def test_rows_of_each_level_are_counted():
    """Of every sort of column with few values, written numbers and blanks around them too."""
    frame = pd.DataFrame({
        "number": [2, 1, 1, 3], "fraction": [0.5, None, 0.5, 2.0], "flag": [True, False, True, True],
        "word": ["b", " a", "a ", None], "written": ["1,000", "2", "2", "2"], "open": [True, None, True, False],
    })  # fmt: skip
    schema = infer_schema(frame)
    assert {c.name: dict(zip(c.levels, c.counts, strict=True)) for c in schema.columns} == {
        "number": {1: 2, 2: 1, 3: 1}, "fraction": {0.5: 2, 2: 1}, "flag": {False: 1, True: 3},
        "word": {"a": 2, "b": 1}, "written": {2: 3, 1000: 1}, "open": {False: 1, True: 2},
    }  # fmt: skip
    assert schema["flag"].rarer is False
    assert schema["number"].rarer is None


def test_many_values_have_no_counts():
    """Levels and counts are empty together."""
    column = infer_schema(pd.DataFrame({"x": np.arange(200) / 7}))["x"]
    assert (column.levels, column.counts) == ((), ())


def test_dates_written_in_many_ways_are_dates():
    """Each cell is read by its own form: year first, day first, with a zone, month in words, digits only."""
    days = pd.date_range("2023-01-01", periods=200)
    forms = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%dT00:00:00+00:00", "%b %d, %Y", "%Y%m%d")
    cells = pd.Series([day.strftime(forms[i % 5]) for i, day in enumerate(days)])
    column = infer_column(cells, "visited")
    assert column.role == "date"
    assert np.array_equal(read_column(cells, column), days.to_numpy().astype("datetime64[s]").astype(np.float64))
    words = pd.Series([f"{i} Elm Road, May {i % 30}" for i in range(200)])
    assert infer_column(words, "place").role != "date"
