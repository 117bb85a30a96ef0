"""Databases → table: one table or one ``SELECT``, read only, in pieces; passwords are never shown or kept.

SQLite is read with the standard library, DuckDB with its own package, every other database through SQLAlchemy.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from openglm.core._files import DATABASES
from openglm.core._objects import from_python
from openglm.core._opened import Opened, from_arrow, plain
from openglm.core.errors import MissingExtraError, OpenGLMError, SourceError, did_you_mean
from openglm.core.words import Said

PIECE = (
    50_000  # rows fetched at a time: Python values of a piece are turned into typed columns before the next one comes
)
_ADDRESS = re.compile(r"([a-z][a-z0-9]*)(?:\+([a-z0-9_]+))?://", re.IGNORECASE)
_NOT_SQL = frozenset(
    {"http", "https", "ftp", "ftps", "sftp", "s3", "gs", "hdfs", "file", "az", "abfs", "oss", "ssh", "git"}
)
_SECRET = re.compile(
    r"(?i)((?:^|[?&;])(?:[a-z_]*(?:password|passwd|pwd|passphrase|token|secret)|odbc_connect)=)[^&;#]*"
)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MASK = "***"
# Text, names and comments of SQL: what is inside them is no keyword.
_QUOTED = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\$([A-Za-z_]*)\$.*?\$\1\$", re.DOTALL
)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|upsert|drop|alter|create|truncate|grant|revoke|attach|detach|copy|call|exec|execute|into|vacuum|"
    r"pragma|install|load|export|import)\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\s*(insert|update|delete|merge|drop|alter|create|truncate|grant|revoke|attach|detach|copy|call|exec|execute|vacuum|pragma|set|"
    r"begin|replace|install|load|use)\s+\S",
    re.IGNORECASE,
)
_QUERY = re.compile(r"\s*(?:select|with|\(\s*select)\b", re.IGNORECASE)


# ── addresses ──


def is_address(source: str | Path) -> bool:
    """Say whether a source is written as the address of a database."""
    found = _ADDRESS.match(str(source)) if isinstance(source, str) else None
    return bool(found) and found[1].lower() not in _NOT_SQL  # type: ignore[index]


def is_database(source: str | Path) -> bool:
    """Say whether a source is the address of a database or a file that is one."""
    return is_address(source) or _engine_of(Path(source)) != ""


def _engine_of(path: Path) -> str:
    """Return "sqlite" or "duckdb" by the first bytes of a file, empty for any other file."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError):
        return ""
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    return path.suffix.lower().strip(".") if path.suffix.lower() in DATABASES else ""


def without_password(url: str) -> str:
    """Return the address with "***" for a password; names of environment variables stay.

    Examples
    --------
    >>> without_password("postgresql://ann:s3cret@host/shop")
    'postgresql://ann:***@host/shop'
    >>> without_password("mysql+pymysql://ann:${DB_PASSWORD}@host/shop")
    'mysql+pymysql://ann:${DB_PASSWORD}@host/shop'
    """
    found = _ADDRESS.match(url)
    if not found:
        return url
    scheme, rest = url[: found.end()], url[found.end() :]
    # The last @ ends the login: passwords are written with @ and / in them, whatever the standard says.
    before, cut, query = rest.partition("?")
    login, at, place = before.rpartition("@")
    if not at and "@" in query and ":" in before.split("/")[0]:  # a question mark inside the password
        login, at, place = rest.rpartition("@")
        cut, query = "", ""
    if at:
        user, colon, word = login.partition(":")
        before = f"{user}{colon}{_masked(word)}@{place}" if colon else f"{login}@{place}"
    return scheme + before + cut + _SECRET.sub(lambda one: one[1] + _masked(one[0][len(one[1]) :]), query)


def _masked(word: str) -> str:
    return word if not word or _VARIABLE.fullmatch(word) else _MASK


def _secrets(url: str) -> list[str]:
    """Return the passwords in an address, as written and decoded, to be kept out of other programs' messages."""
    rest = _ADDRESS.sub("", url, count=1)
    login = rest.rpartition("@")[0]
    words = [login.partition(":")[2], rest.partition("?")[0].rpartition("@")[0].partition(":")[2]]
    words += [one[0][len(one[1]) :] for one in _SECRET.finditer(rest.partition("?")[2])]
    return sorted(
        {form for word in words if word for form in (word, unquote(word), unquote_plus(word))}, key=len, reverse=True
    )


def _expanded(url: str) -> str:
    """Return the address with the values of environment variables in it, escaped where they stand in the login.

    Raises
    ------
    SourceError
        If a variable is not set.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in os.environ:
            raise SourceError(
                Said(en=f"The environment variable {name} is not set.", zh=f"环境变量 {name} 未设置。"),
                hint=Said(en=f"Set it before the call: export {name}=…", zh=f"请先设置: export {name}=…"),
            )
        is_whole = found.start() == 0 and found.end() == len(url)
        return os.environ[name] if is_whole or "://" in os.environ[name] else quote(os.environ[name], safe="")

    return _VARIABLE.sub(value, url)


# ── connections ──


@dataclass
class _Open:
    """What reading needs of an open database.

    Parameters
    ----------
    tables : list of str
        Tables and views as people write them, those of other schemas with ``schema.`` before.
    quoted : callable
        Name → how SQL says it.
    fetch : callable
        Query → table.
    """

    tables: list[str]
    quoted: Callable[[str], str]
    fetch: Callable[[str], Opened]


def read_sql(source: str, table: str | int | None) -> Opened:
    """Return a table of a database, or the result of a ``SELECT`` in it.

    Parameters
    ----------
    source : str
        SQLAlchemy URL, or path of an SQLite or DuckDB file.
    table : str, int or None
        Name of a table or view, or a query that reads; the only table by default.

    Raises
    ------
    SourceError
        If there is no such table, the query would write, or the database says no; never with the password.
    MissingExtraError
        If its driver is not installed.
    """
    shown = without_password(source)
    if f":{_MASK}@" in source or f"={_MASK}" in source:
        raise SourceError(
            Said(en=f"The password of {source} was not kept.", zh=f"{source} 的密码未保存。"),
            hint=Said(
                en="Make the same call again, or write '${NAME}' for it: an environment variable.",
                zh="请重新执行同一命令,或将密码写成环境变量 '${NAME}'。",
            ),
        )
    query = _query(table, shown)
    url = _expanded(source)
    secrets = _secrets(url) if is_address(source) else []
    try:
        with _connected(url, shown) as base:
            return base.fetch(query or f"SELECT * FROM {base.quoted(_table(base.tables, table, shown))}")
    except OpenGLMError:
        raise
    except Exception as error:  # every driver has errors of its own
        reason = " ".join(str(getattr(error, "orig", None) or error).split()) or type(error).__name__
    for secret in secrets:
        reason = reason.replace(secret, _MASK)
    # Without the driver's error as its cause: that one may hold the address with the password.
    raise SourceError(
        Said(
            en=f"{shown} cannot be read: {reason[:300]}.".replace("..", "."), zh=f"无法读取 {shown}: {reason[:300]}。"
        ),
        hint=Said(
            en="Check address, user, password and the query; '${NAME}' in the address stands for an environment variable.",
            zh="请检查地址、用户、密码和查询语句;地址中的 '${NAME}' 表示环境变量。",
        ),
    )


def _query(table: str | int | None, shown: str) -> str:
    """Return the query that the caller wrote, empty where it is a name or nothing.

    Raises
    ------
    SourceError
        If it is SQL that does more than read.
    """
    text = str(table or "").strip().rstrip(";").strip()
    bare = _QUOTED.sub(lambda found: " " if found[0][:2] in ("--", "/*") else " '' ", text)
    is_query = bool(_QUERY.match(bare))
    if not is_query and not _VERB.match(bare):
        return ""
    if not is_query or ";" in bare or _WRITES.search(bare):
        raise SourceError(
            Said(en=f"{shown} is only read: '{text[:60]}' is not one SELECT.",
                 zh=f"{shown} 只供读取: “{text[:60]}”不是单个 SELECT 语句。"),
            hint=Said(en="Give the name of a table, or one SELECT or WITH … SELECT.",
                      zh="请给出表名,或单个 SELECT / WITH … SELECT 语句。"),
        )  # fmt: skip
    return text


def _table(tables: Sequence[str], table: str | int | None, shown: str) -> str:
    """Return the table that is meant."""
    if table is None and len(tables) == 1:
        return tables[0]
    if not tables:
        raise SourceError(
            Said(en=f"{shown} holds no tables.", zh=f"{shown} 中没有表。"),
            hint=Said(en="Check the path or the name of the database.", zh="请检查路径或数据库名。"),
        )
    if table is None:
        raise SourceError(
            Said(en=f"{shown} holds {len(tables)} tables: say which one with --table (sheet=…).",
                 zh=f"{shown} 中有 {len(tables)} 个表: 请用 --table(sheet=…)指定其中一个。"),
            hint=did_you_mean("", tables),
        )  # fmt: skip
    name = str(table).strip()
    if name in tables:
        return name
    alike = [item for item in tables if item.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    raise SourceError(
        Said(en=f"{shown} has no table '{name}'.", zh=f"{shown} 中没有表“{name}”。"), hint=did_you_mean(name, tables)
    )


@contextlib.contextmanager
def _connected(url: str, shown: str) -> Iterator[_Open]:
    """Open for reading and close again."""
    kind, path = _own_reader(url)
    if kind in ("sqlite", "duckdb"):
        if not path or path == ":memory:":
            raise SourceError(
                Said(
                    en=f"{shown} is a database in memory: there is nothing in it.",
                    zh=f"{shown} 是内存数据库,其中没有数据。",
                ),
                hint=Said(en="Give the path of a file: sqlite:///shop.db", zh="请给出文件路径: sqlite:///shop.db"),
            )
        if not Path(path).is_file():
            from openglm.core._files import neighbours

            raise SourceError(
                Said(en=f"There is no file {path}.", zh=f"文件 {path} 不存在。"), hint=neighbours(Path(path))
            )
        with _sqlite(path) if kind == "sqlite" else _duckdb(path, shown) as base:
            yield base
    else:
        with _sqlalchemy(url, shown) as base:
            yield base


def _own_reader(url: str) -> tuple[str, str]:
    """Return "sqlite" or "duckdb" with the path, where SQLAlchemy is not needed."""
    found = _ADDRESS.match(url)
    if not found:
        kind = _engine_of(Path(url))
        return ("duckdb" if kind in ("duckdb", "ddb") else "sqlite"), url
    kind = found[1].lower()
    if kind not in ("sqlite", "duckdb") or (kind == "sqlite" and (found[2] or "pysqlite") != "pysqlite"):
        return "", ""
    path = url[found.end() :].partition("?")[0]
    return kind, unquote(path.removeprefix("/"))


@contextlib.contextmanager
def _sqlite(path: str) -> Iterator[_Open]:
    import sqlite3

    base = sqlite3.connect(f"file:{quote(str(Path(path).resolve()))}?mode=ro", uri=True)
    base.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        base.execute("PRAGMA query_only = ON")
        found = base.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
        )
        tables = [str(row[0]) for row in found]

        def fetch(query: str) -> Opened:
            answer = base.execute(query)
            titles = [str(item[0]) for item in answer.description or ()]
            return _collected(titles, iter(lambda: answer.fetchmany(PIECE), []))

        yield _Open(tables, lambda name: '"' + name.replace('"', '""') + '"', fetch)
    finally:
        base.close()


@contextlib.contextmanager
def _duckdb(path: str, shown: str) -> Iterator[_Open]:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("duckdb", "sql", purpose=shown) from error

    base = duckdb.connect(path, read_only=True)
    try:
        rows = base.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = current_database() ORDER BY 1, 2"
        ).fetchall()
        tables = [name if schema == "main" else f"{schema}.{name}" for schema, name in rows]

        def quoted(name: str) -> str:
            schema, dot, bare = name.partition(".")
            parts = [schema, bare] if dot and (schema, bare) in rows else [name]
            return ".".join('"' + part.replace('"', '""') + '"' for part in parts)

        def fetch(query: str) -> Opened:
            answer: Any = base.sql(query)
            return from_arrow(_as_table(answer))

        yield _Open(tables, quoted, fetch)
    finally:
        base.close()


def _as_table(answer: Any) -> Any:
    """Return DuckDB's answer as an Arrow table; the name of the method changed with its versions."""
    for method in ("to_arrow_table", "fetch_arrow_table", "arrow"):
        if hasattr(answer, method):
            found = getattr(answer, method)()
            return found.read_all() if hasattr(found, "read_all") else found
    raise SourceError(Said(en="This version of DuckDB gives no Arrow tables.", zh="该版本的 DuckDB 不支持 Arrow 表。"))


@contextlib.contextmanager
def _sqlalchemy(url: str, shown: str) -> Iterator[_Open]:
    try:
        import sqlalchemy as sa
    except ImportError as error:
        raise MissingExtraError("sqlalchemy", "sql", purpose=shown) from error
    try:
        engine = sa.create_engine(url)
    except sa.exc.NoSuchModuleError:
        raise _no_driver(shown, _ADDRESS.match(url)) from None
    except ImportError as error:
        raise _no_driver(shown, None, str(getattr(error, "name", "") or "")) from None
    try:
        readonly: dict[str, Any] = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
        with engine.connect().execution_options(**readonly) as link:
            seen = sa.inspect(link)
            main = seen.default_schema_name
            schemas = [main, *(s for s in seen.get_schema_names() if s != main and s.casefold() not in _SYSTEM)]
            named: dict[str, tuple[str | None, str]] = {}
            for schema in schemas:
                for name in sorted([*seen.get_table_names(schema=schema), *seen.get_view_names(schema=schema)]):
                    named[name if schema == main else f"{schema}.{name}"] = (schema if schema != main else None, name)

            def quoted(name: str) -> str:
                schema, bare = named[name]
                marks = engine.dialect.identifier_preparer
                return (f"{marks.quote(schema)}." if schema else "") + str(marks.quote(bare))

            def fetch(query: str) -> Opened:
                answer = link.execution_options(stream_results=True, yield_per=PIECE).exec_driver_sql(query)
                return _collected([str(key) for key in answer.keys()], answer.partitions(PIECE))  # noqa: SIM118

            yield _Open(list(named), quoted, fetch)
            link.rollback()
    finally:
        engine.dispose()


_SYSTEM = frozenset({"information_schema", "pg_catalog", "sys", "mysql", "performance_schema", "guest", "system"})


def _no_driver(shown: str, found: re.Match[str] | None, package: str = "") -> SourceError:
    name = package or (found[2] or found[1] if found else "")
    return SourceError(
        Said(
            en=f"{shown} needs a database driver that is not installed: '{name}'.",
            zh=f"{shown} 需要的数据库驱动“{name}”未安装。",
        ),
        hint=Said(
            en="Install the driver that SQLAlchemy names for this database, for example: pip install psycopg2-binary, pymysql.",
            zh="请安装 SQLAlchemy 为该数据库指定的驱动,例如: pip install psycopg2-binary、pymysql。",
        ),
    )


def _collected(titles: list[str], pieces: Any) -> Opened:
    """Return rows that come in pieces as a table; the Python values of a piece are gone before the next one comes."""
    import pandas as pd

    parts: list[list[pd.Series]] = [[] for _ in titles]
    for rows in pieces:
        for column, cells in zip(parts, zip(*rows, strict=True), strict=True):
            column.append(plain([_cell(cell) for cell in cells]))
    if not parts or not parts[0]:
        return from_python({title: [] for title in titles}) if titles else Opened([], pd.DataFrame())
    joined = [_joined(column) for column in parts]
    return Opened(titles, pd.concat(joined, axis=1, keys=range(len(joined))))


def _cell(cell: Any) -> Any:
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).hex()
    return cell


def _joined(pieces: list[Any]) -> Any:
    """Return the pieces of a column as one; a piece without any value takes the type of the others."""
    import pandas as pd

    if len(pieces) == 1:
        return pieces[0]
    filled = [piece for piece in pieces if not piece.isna().all()]
    kinds = {piece.dtype for piece in filled}
    if len(kinds) == 1 and len(filled) < len(pieces):
        like = kinds.pop()
        like = like if like.kind in "fOM" else "float64" if like.kind == "i" else object
        pieces = [piece if not piece.isna().all() else pd.Series([None] * len(piece), dtype=like) for piece in pieces]
    return pd.concat(pieces, ignore_index=True)
