"""Databases are read, never written, and their passwords never shown."""

import sqlite3

import pytest

from openglm import _steps
from openglm.core._sql import without_password
from openglm.core.errors import SourceError
from openglm.core.tables import read_table, source_name

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("sqlalchemy")


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE orders (id INTEGER, city TEXT, price REAL)")
        base.executemany("INSERT INTO orders VALUES (?, ?, ?)", [(1, "北京", 1.5), (2, None, 2.5), (3, "上海", None)])
    base.close()
    return path


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite+pysqlite:///{}", "{}"])
def test_sqlite(shop, form):
    read = read_table(form.format(shop))
    assert read["id"].tolist() == [1, 2, 3]
    assert read["city"].tolist()[0] == "北京"
    assert read["city"].isna().tolist() == [False, True, False]
    chosen = read_table(
        form.format(shop), sheet="SELECT city, sum(price) AS total FROM orders GROUP BY city ORDER BY 1"
    )
    assert list(chosen.columns) == ["city", "total"]


def test_several_tables_are_listed(shop):
    with sqlite3.connect(shop) as base:
        base.execute("CREATE TABLE users (id INTEGER)")
    base.close()
    with pytest.raises(SourceError, match=r"2 tables.*orders, users"):
        read_table(shop)
    assert len(read_table(shop, sheet="ORDERS")) == 3
    with pytest.raises(SourceError, match="Did you mean 'orders'"):
        read_table(shop, sheet="order")


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM orders", "DROP TABLE orders", "SELECT 1; DROP TABLE orders", "WITH a AS (DELETE FROM orders RETURNING *) SELECT * FROM a",
     "SELECT * INTO copy FROM orders", "/* x */ UPDATE orders SET id = 1"],
)  # fmt: skip
def test_only_reading(shop, query):
    with pytest.raises(SourceError, match="only read"):
        read_table(shop, sheet=query)
    assert len(read_table(shop)) == 3


def test_words_inside_text_are_no_commands(shop):
    assert len(read_table(shop, sheet="SELECT *, 'drop; delete' AS note FROM orders -- update")) == 3


@pytest.mark.parametrize("form", ["duckdb:///{}", "{}"])
def test_duckdb(tmp_path, form):
    path = tmp_path / "f.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(
            "CREATE TABLE t AS SELECT range AS n, 'x' || range AS name, DATE '2024-01-01' AS day FROM range(5)"
        )
    read = read_table(form.format(path))
    assert read["n"].tolist() == [0, 1, 2, 3, 4]
    assert read_table(form.format(path), sheet="SELECT name FROM t WHERE n > 2")["name"].tolist() == ["x3", "x4"]


def test_sqlalchemy(shop):
    """Any other dialect goes through SQLAlchemy; SQLite under another driver name stands in for it."""
    from openglm.core._sql import _sqlalchemy

    with _sqlalchemy(f"sqlite:///{shop}", "shop") as base:
        assert base.tables == ["orders"]
        read = base.fetch(f"SELECT * FROM {base.quoted('orders')}")
    assert read.names == ["id", "city", "price"]
    assert read.frame[0].tolist() == [1, 2, 3]


SECRETS = {
    "postgresql://ann:s3cr@t/x@host/shop": "postgresql://ann:***@host/shop",
    "mysql+pymysql://ann:s3cr%40t@host/shop?charset=utf8": "mysql+pymysql://ann:***@host/shop?charset=utf8",
    "postgresql://host/shop?user=a&password=s3cret": "postgresql://host/shop?user=a&password=***",
    "mssql+pyodbc:///?odbc_connect=PWD%3Ds3cret": "mssql+pyodbc:///?odbc_connect=***",
    "mysql://ann:s3?cr@host/shop": "mysql://ann:***@host/shop",
    "postgresql://ann:${PW}@host/shop": "postgresql://ann:${PW}@host/shop",
}


@pytest.mark.parametrize("url", SECRETS)
def test_passwords_stay_hidden(url):
    assert without_password(url) == source_name(url) == _steps.path_of(url) == SECRETS[url]


def test_errors_hide_the_password(monkeypatch):
    monkeypatch.setenv("OPENGLM_TEST_PW", "s3cret")
    for url in ("nodb://ann:${OPENGLM_TEST_PW}@localhost/x", "postgresql://ann:s3cret@localhost:1/x"):
        with pytest.raises(SourceError) as caught:
            read_table(url)
        assert "s3cret" not in caught.value.text("en") + caught.value.text("zh")
        assert caught.value.__cause__ is None
    with pytest.raises(SourceError, match="OPENGLM_NOT_SET is not set"):
        read_table("postgresql://ann:${OPENGLM_NOT_SET}@localhost/x")


def test_no_database(tmp_path):
    with pytest.raises(SourceError, match="no file"):
        read_table(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(SourceError, match="in memory"):
        read_table("sqlite://")
    (tmp_path / "bad.db").write_bytes(b"x" * 5000)
    with pytest.raises(SourceError, match="cannot be read"):
        read_table(tmp_path / "bad.db")
