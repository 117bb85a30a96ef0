"""Bytes → text: which encoding a file is written in, or one sentence that it is none.

A byte order mark decides; else valid UTF-8 is UTF-8; else the East Asian and the Western encoding that gives the most everyday
characters. A wrong guess is worse than an error: what stays unclear is refused.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from openglm.core._opened import remark
from openglm.core.errors import SourceError
from openglm.core.finding import Finding
from openglm.core.words import Said

SAMPLE_CHARS = 1_000_000  # bounds the sample when records are long
_PIECE = 1 << 24  # bytes checked at a time: 16 MiB, so that the check needs no copy of the file
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_MAGIC = {
    b"\x89PNG": "PNG", b"PK\x03\x04": "zip", b"%PDF": "PDF", b"\x1f\x8b": "gzip", b"GIF8": "GIF", b"\xff\xd8\xff": "JPEG",
    b"\xd0\xcf\x11\xe0": "old Office (.xls, .doc)", b"PAR1": "Parquet", b"ARROW1": "Arrow", b"SQLite format 3": "SQLite",
    b"\x7fELF": "ELF", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x80\x04": "pickle", b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"\x93NUMPY": "NumPy", b"\x89HDF": "HDF5",
}  # fmt: skip
# Control characters that do stand in text: tab, line ends, form feed, Ctrl-A (Hive), the ASCII separators, Ctrl-Z (DOS end).
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HARMLESS = frozenset("\t\n\r\x0b\x0c\x01\x02\x1a\x1c\x1d\x1e\x1f")
_WESTERN_SIGNS = "€£¥§°²³µ·ºª–—‘’“”…«»©®™¿¡\xa0"
_EVERYDAY = 0.9  # share of everyday characters in text decoded rightly; wrong guesses stay below, see the tests
_POSSIBLE = 0.6  # traditional characters and rare names lie outside the everyday part


@dataclass(frozen=True)
class Coding:
    """How bytes are text: the codec, the bytes of its mark to pass over, how to treat errors, and what is to be said."""

    codec: str
    skip: int = 0
    errors: str = "strict"
    findings: tuple[Finding, ...] = ()


def decode(data: bytes, name: str) -> str:
    """Return the text of ``data``.

    Raises
    ------
    SourceError
        If it is a binary file or the encoding is not clear.
    """
    coding = find_coding(data, name)
    return without_nulls(data[coding.skip :].decode(coding.codec, coding.errors))


def without_nulls(text: str) -> str:
    """Return the text without null characters, which mean nothing in it."""
    return text.replace("\0", "") if "\0" in text else text


def find_coding(data: bytes, name: str) -> Coding:
    """Return how to decode ``data``: by byte order mark, else UTF-8, UTF-16 without mark, GB18030, Big5, Shift-JIS or cp1252.

    Raises
    ------
    SourceError
        If it is a binary file or the encoding is not clear.
    """
    for mark, codec in _BOMS:
        if data.startswith(mark):
            if not is_valid(data, codec, len(mark)):
                raise _undecodable(name)
            return Coding(codec, len(mark))
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise binary(name, f"a {kind} file", f"{kind} 文件")
    findings: list[Finding] = []
    if b"\0" in data:
        wide = _wide(data)
        if wide:
            return Coding(wide)
        nulls = data.count(b"\0")
        # Our own choice: exports from mainframes pad with a few; in a binary file they come with other control characters.
        if nulls > 0.3 * len(data) or _is_binary(data.replace(b"\0", b"")):
            raise binary(name, "binary, not text (it holds null bytes)", "二进制文件而不是文本(含有空字节)")
        findings.append(
            remark(
                "null-bytes", f"{name} holds {nulls} null bytes between its text.", f"{name} 的文本中夹有 {nulls} 个空字节。",
                fix=("They are left out.", "已忽略这些空字节。"),
            )
        )  # fmt: skip
    elif _is_binary(data):
        raise binary(name, "binary, not text", "二进制文件而不是文本")
    if is_valid(data, "utf-8"):
        return Coding("utf-8", findings=tuple(findings))
    guess = _guess(data)
    if guess is None and (broken := _nearly_utf8(data)):
        findings.append(
            remark(
                "broken-characters", f"{name} is UTF-8 apart from {broken} broken characters.",
                f"{name} 为 UTF-8 编码,但有 {broken} 个字符损坏。", severity="warning",
                fix=("They are read as '\ufffd'.", "已读作“\ufffd”。"),
            )
        )  # fmt: skip
        return Coding("utf-8", errors="replace", findings=tuple(findings))
    if guess is None:
        raise _undecodable(name)
    return Coding(guess, findings=tuple(findings))


def is_valid(data: bytes, codec: str, start: int = 0) -> bool:
    """Say whether the bytes from ``start`` are text in that encoding, without keeping the text."""
    if codec == "utf-8" and data.isascii():
        return True
    reader = codecs.getincrementaldecoder(codec)()
    view = memoryview(data)
    try:
        for at in range(start, len(data), _PIECE):
            reader.decode(bytes(view[at : at + _PIECE]))
        reader.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(data: bytes) -> bool:
    """Say whether control characters that no text has are more than one in a thousand; our own choice."""
    sample = data[:SAMPLE_CHARS].decode("latin-1")
    odd = sum(1 for found in _CONTROL.findall(sample) if found not in _HARMLESS)
    return odd > len(sample) / 1000


def _wide(data: bytes) -> str | None:
    """Return UTF-16 without its mark: line ends and separators are two bytes with a zero, always on one side."""
    if len(data) % 2:
        return None
    sample = data[: SAMPLE_CHARS // 10 * 2]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if max(low, high) < 0.05 * len(sample) / 2 or min(low, high) > 0.1 * max(low, high):
        return None
    codec = "utf-16-le" if high > low else "utf-16-be"
    if not is_valid(data, codec):
        return None
    text = sample.decode(codec, "ignore")
    printable = sum(character.isprintable() or character in _HARMLESS for character in text)
    return codec if printable >= 0.95 * len(text) else None


def _guess(data: bytes) -> str | None:
    """Return the likeliest legacy encoding, or ``None`` where none is likely."""
    asian = {}
    for codec in ("gb18030", "big5", "cp932"):
        text = _try(data, codec)
        if text is not None:
            asian[codec] = _everyday_share(text, codec)
    best = max(asian, key=lambda codec: asian[codec], default=None)
    if (
        best is not None and asian[best] >= _EVERYDAY
    ):  # mistaken Western text rarely falls into everyday characters at all
        return best
    western = _try(data, "cp1252")
    if western is not None and _is_western(western):
        return "cp1252"
    return best if best is not None and asian[best] >= _POSSIBLE else None


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _foreign(text: str) -> Counter[str]:
    """Count the characters beyond ASCII; a million of them say enough."""
    sample = text[: 10 * SAMPLE_CHARS] if not text[:SAMPLE_CHARS].isascii() else text
    return Counter(c for c in sample if c > "\x7f")


def _everyday_share(text: str, codec: str) -> float:
    """Return the share of characters beyond ASCII from the part of the encoding that everyday text is written in."""
    counts = _foreign(text)
    everyday = sum(n for c, n in counts.items() if _is_everyday(c, codec))
    return everyday / max(1, sum(counts.values()))


@lru_cache(maxsize=50_000)  # more than all characters of these encodings
def _is_everyday(character: str, codec: str) -> bool:
    """Say whether it is a sign, a kana or a character of the first level of its standard.

    GB 2312 rows 16-55, Big5 0xA440-0xC67E (both: frequently used characters), JIS X 0208 rows 16-47; signs of both before them.
    """
    try:
        code = character.encode({"gb18030": "gb2312"}.get(codec, codec))
    except UnicodeEncodeError:
        return False
    if len(code) != 2:
        return False  # half-width katakana: what other encodings look like in Shift-JIS
    lead = code[0]
    if codec == "gb18030":
        return 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)
    if codec == "big5":
        return 0xA4 <= lead <= 0xC6 or lead in (0xA1, 0xA2)
    return 0x88 <= lead <= 0x98 or 0x81 <= lead <= 0x83


def _is_western(text: str) -> bool:
    """Say whether the characters beyond ASCII are letters or signs of Western text, and mostly stand alone in a word."""
    counts = _foreign(text)
    total = sum(counts.values())
    fitting = sum(n for c, n in counts.items() if (c.isalpha() and c < "\u0180") or c in _WESTERN_SIGNS)
    pairs = sum(1 for a, b in pairwise(text[: 10 * SAMPLE_CHARS]) if a > "\x7f" and b > "\x7f")
    # "naïve café": no pairs; Chinese or Cyrillic bytes read as cp1252: nearly all are pairs.
    return fitting >= 0.95 * total and pairs <= 0.2 * total


def _nearly_utf8(data: bytes) -> int:
    """Return the number of broken characters of text that is UTF-8 but for at most one in a hundred foreign ones, else 0."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    foreign = sum(_foreign(text).values())
    return broken if foreign >= 100 * broken else 0


def _undecodable(name: str) -> SourceError:
    return SourceError(
        Said(en=f"The text encoding of {name} is not clear.", zh=f"无法确定 {name} 的文本编码。"),
        hint=Said(
            en="Save it as UTF-8 (Excel: 'CSV UTF-8') and try again.",
            zh="请另存为 UTF-8 编码(Excel 中选择“CSV UTF-8”)后重试。",
        ),
    )


def binary(name: str, en: str, zh: str) -> SourceError:
    """Return the error for a file that is no text; ``en`` as in "a PNG file"."""
    return SourceError(
        Said(en=f"{name} is {en}.", zh=f"{name} 是{zh}。"),
        hint=Said(
            en="Give a CSV, TSV, Excel (.xlsx), Parquet, Feather or JSON-lines table, with the fitting suffix.",
            zh="请提供 CSV、TSV、Excel (.xlsx)、Parquet、Feather 或 JSON-lines 表格,并使用相应的扩展名。",
        ),
    )
