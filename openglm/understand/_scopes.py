"""Which words are under which condition: left out, used only, grouped by, treated alike, the positive one, the target itself.

Each scope starts at a cue (不要用, except, 根据, per …) and takes the columns enumerated beside it, item by item, until an
item names no column. Words inside a scope are no evidence for the target. Long-range scope (a condition stated two
sentences away) is not attempted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from openglm.understand import _patterns as p
from openglm.understand._linker import Link, Linker
from openglm.understand._normalise import GAP, mask

MOST = 12
"""Cues of one sort that are followed up; a sentence has one or two, a pasted page hundreds."""

ITEM = 0.42
"""An enumerated item must link at least this strongly: a shared concept does, a passing similarity does not."""


@dataclass
class Scopes:
    """What was found under conditions.

    Parameters
    ----------
    excluded, inputs : list of Link
        Columns to leave out; the only columns to use.
    group, time, fair, target : Link or None
        Columns in these parts.
    unknown : (text, start, end) or None
        A name given as the target that fits no column.
    positive : list of (text, start, end)
        Values said to be the positive one; the first that is a level of the target counts.
    spans : list of (int, int)
        Words that are spoken for.
    """

    excluded: list[Link] = field(default_factory=list)
    inputs: list[Link] = field(default_factory=list)
    group: Link | None = None
    time: Link | None = None
    fair: Link | None = None
    target: Link | None = None
    unknown: tuple[str, int, int] | None = None
    positive: list[tuple[str, int, int]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)


class Scoper:
    """Reads the scopes of one text.

    Parameters
    ----------
    text : str
        Folded; metrics, learners and quantities masked.
    linker : Linker
        For the table.
    """

    def __init__(self, text: str, linker: Linker) -> None:
        self.text = text
        self.linker = linker
        self.found = Scopes()

    def read(self, *, fair: tuple[int, int] | None, cleaning: bool, grouping: bool) -> Scopes:
        """Return all scopes.

        Parameters
        ----------
        fair : (int, int) or None
            Place of a word that asks for fairness.
        cleaning : bool
            Whether the sentence asks only for cleaning, where "remove" does not mean columns to leave out.
        grouping : bool
            Whether "per", "每个" and "by" may split a series; elsewhere "by" leads to the target or an input.
        """
        self._corrections()
        self._target()
        self._positive()
        if fair:
            self._fair(fair)
        self._time()
        self._only_besides()
        self._drop(cleaning)
        self._inputs()
        if grouping:
            self._group()
        names = {link.column for link in self.found.inputs}
        self.found.excluded = [link for link in self.found.excluded if link.column not in names]
        return self.found

    # -- helpers -------------------------------------------------------------------------------------------------

    def _take(self, start: int, end: int) -> None:
        self.found.spans.append((start, end))
        self.text = mask(self.text, [(start, end)])

    def _items(self, start: int, *, limit: int | None = None, ties: bool = False) -> tuple[list[Link], int]:
        """Read enumerated columns from ``start`` on; return them and where the enumeration ends."""
        stop = p.STOP.search(self.text, start)
        end = min(stop.start() if stop else len(self.text), len(self.text) if limit is None else limit)
        links: list[Link] = []
        at = last = start
        while at < end:
            sep = p.SEPARATOR.search(self.text, at, end)
            piece_end = sep.start() if sep else end
            if links and p.ASKS.search(self.text[at:piece_end]):
                break  # "根据温度和光照,果子能评上几级": the list is over
            link = self._item(at, piece_end)
            if link is None and sep and at == piece_end:
                at = sep.end()  # ", and": two separators in a row
                continue
            if link is None:
                break
            named = [link, *(self._ties(link, at, piece_end) if ties else ())]
            links += [new for new in named if all(new.column != other.column for other in links)]
            last = link.end
            at = sep.end() if sep and link.end >= piece_end - 10 else end
        return links, last

    def _ties(self, first: Link, start: int, end: int) -> list[Link]:
        """Return further columns that the same words name equally well: "bill" for bill_length and bill_depth."""
        if first.how == "name":
            return []
        links = [_shift(link, start) for link in self.linker.links(self.text[start:end])]
        return [
            link
            for link in links
            if link.column != first.column and link.score >= first.score - 0.03 and link.spans == first.spans
        ]

    def _item(self, start: int, end: int) -> Link | None:
        """Return the column that this item begins with."""
        piece = self.text[start:end].lstrip(" \"'`“”「」《》")
        named = any(link.start == 0 for link in self.linker.exact(piece).values())
        while not named and (m := p.FILLER.match(self.text[start:end])):
            if m.end() == 0:
                break
            start += m.end()
        start += len(self.text[start:end]) - len(self.text[start:end].lstrip(" \"'`“”「」《》"))
        piece = self.text[start:end]
        if not piece.strip() or piece.startswith(GAP):
            return None
        links = [_shift(link, start) for link in self.linker.links(piece)]
        # The item must begin with the column: three words or six characters may stand before it.
        links = [link for link in links if link.score >= ITEM and link.how != "value" and link.start - start <= 12]
        return links[0] if links else None

    # -- scopes --------------------------------------------------------------------------------------------------

    def _corrections(self) -> None:
        for m in _few(p.NOT_BUT, self.text):
            number = next(i for i, value in enumerate(m.groups(), 1) if value)
            if self.linker.best(m.group(number), at_least=ITEM):
                self._take(m.start(), m.end(number))
        for m in _few(p.CORRECTION, self.text):
            after = self._item(
                m.end() + len(self.text[m.end() :]) - len(self.text[m.end() :].lstrip(" ,:，是应该我要想说的")),
                min(len(self.text), m.end() + 30),
            )
            if after is None:
                continue
            plain = self.text.replace("...", ",,,")
            begin = max((plain.rfind(mark, 0, m.start()) for mark in "。;.!?\n"), default=-1) + 1
            before = [_shift(link, begin) for link in self.linker.links(self.text[begin : m.start()])]
            before = [link for link in before if link.score >= ITEM and link.column != after.column]
            if before:
                wrong = max(before, key=lambda link: link.end)
                self._take(wrong.start, wrong.end)

    def _target(self) -> None:
        for m in _few(p.TARGET, self.text):
            rest = self.text[m.end() : m.end() + 60]
            lead = len(rest) - len(rest.lstrip(" \"'`“”「」"))
            name = re.match(r"[^\s,;。，!?\"'`”」)|]+", rest[lead:])
            if not name:
                continue
            start = m.end() + lead
            link = self._item(start, min(len(self.text), start + 40))
            if link and link.start - start <= 4:
                self.found.target = link
                return
            explicit = bool(re.search(r"[是为叫:=]\s*$|\bis (?:called|named)\s*$", m.group(0)))
            if (
                explicit
                and re.fullmatch(r"[a-z][\w.]*_\w+|[\w.]*\d\w*|[a-z]{3,}", name.group(0))
                and self.found.unknown is None
            ):
                self.found.unknown = (name.group(0), start, start + name.end())

    def _positive(self) -> None:
        for pattern in p.POSITIVE:
            m = pattern.search(self.text)
            if m and m.group(1).strip():
                value = m.group(1).strip().rstrip(".")
                self.found.positive.append((value, m.start(1), m.start(1) + len(value)))
        for pattern in p.POSITIVE[1:]:
            m = pattern.search(self.text)
            if m and m.group(1).strip():
                self._take(m.start(), m.end())

    def _fair(self, place: tuple[int, int]) -> None:
        begin = max((self.text.rfind(mark, 0, place[0]) for mark in ",。;.!?\n"), default=-1) + 1
        ends = [at for at in (self.text.find(mark, place[1]) for mark in ",。;.!?\n") if at >= 0]
        clause_end = min(ends, default=len(self.text))
        after, before = self.text[place[1] : clause_end], self.text[begin : place[0]]
        sides = [(m.group(1), place[1] + m.start(1)) for m in p.FAIR_SIDE.finditer(after)]
        sides += [(m.group(1), begin + m.start(1)) for m in reversed(list(p.FAIR_SIDE.finditer(before)))]
        sides += [(after, place[1]), (before, begin)]
        for piece, offset in sides:
            links = [_shift(link, offset) for link in self.linker.links(piece)]
            links = [
                link for link in links if link.score >= 0.4 and self.linker.by_name[link.column].column.role != "id"
            ]
            if links:
                self.found.fair = links[0]
                self._take(links[0].start, links[0].end)
                return

    def _time(self) -> None:
        for pattern in (p.TIME_ZH, p.TIME_EN):
            m = pattern.search(self.text)
            link = self.linker.best(m.group(1), at_least=0.4) if m else None
            if m and link and self.linker.by_name[link.column].column.role == "date":
                self.found.time = _shift(link, m.start(1))
                self._take(m.start(), m.end())
                return

    def _only_besides(self) -> None:
        """除了 A 和 B(之外)…: left out, or kept while all others go."""
        for m in _few(p.APART_ZH, self.text):
            besides = p.BESIDES.search(self.text, m.end())
            links, end = self._items(m.end(), limit=besides.start() if besides else None)
            if not links:
                continue
            off = p.OTHERS_OFF.search(self.text, end)
            (self.found.inputs if off else self.found.excluded).extend(links)
            self._take(m.start(), off.end() if off else end)
        for m in _few(p.BESIDES, self.text):
            begin = max((self.text.rfind(mark, 0, m.start()) for mark in ",。;|\n"), default=-1) + 1
            lead = re.match(r"\s*(?:使用|用|拿|以|把)?", self.text[begin : m.start()])
            start = begin + (lead.end() if lead else 0)
            links, end = self._items(start, limit=m.start())
            if links and m.group(0) != "外":
                self.found.excluded.extend(links)
                self._take(begin, m.end())

    def _drop(self, cleaning: bool) -> None:
        if cleaning:
            return
        for m in _few(p.ALL_BUT, self.text):
            self._forward_drop(m)
        for m in _few(p.DROP_EN, self.text):
            self._forward_drop(m)
        for m in _few(p.DROP_SPLIT, self.text):
            links, end = self._items(m.end())
            tail = p.DROP_SPLIT_END.match(self.text, end) if links else None
            if tail:
                self.found.excluded.extend(links)
                self._take(m.start(), tail.end())
        for m in _few(p.DROP_ZH, self.text):
            if self.text[m.start()] == GAP:
                continue
            ends = p.SEPARATOR.match(self.text, m.end()) or p.BACK_END.match(self.text[m.end() :])
            if (ends and not p.PRONOUN.match(self.text, m.end())) or not self._forward_drop(m):
                self._backward_drop(m)
        for m in _few(p.DROP_AFTER_EN, self.text):
            self._backward_drop(m)

    def _forward_drop(self, m: re.Match[str]) -> bool:
        verb = p.VERB.search(self.text, m.end())
        links, end = self._items(m.end(), limit=verb.start() if verb else None)
        pronoun = p.PRONOUN.match(self.text, m.end())
        if pronoun and not links:
            begin = max((self.text.rfind(mark, 0, m.start()) for mark in "。;!?\n"), default=-1) + 1
            begin = max(begin, max((d.end() for d in re.finditer(r"\.\s", self.text[: m.start()])), default=0))
            links, _ = self._items(begin)
            end = pronoun.end()
        if (
            m.group(0) == "no"
            and links
            and links[0].how not in ("name", "part")
            and not p.LIST_END.match(self.text, end)
        ):
            return False
        if links and not re.match(
            r"\s*(?:重复|空|缺失|异常|duplicate|missing|null|empty|outlier)", self.text[m.end() :]
        ):
            self.found.excluded.extend(links)
            self._take(m.start(), end)
            return True
        return False

    def _backward_drop(self, m: re.Match[str]) -> None:
        """把 A 和 B 都去掉; "A 这一列事后才知道,不要用": the list stands before, perhaps one clause earlier."""
        begin = max((self.text.rfind(mark, 0, m.start()) for mark in "。;!?|\n"), default=-1) + 1
        clauses = list(re.finditer(r"[^,，]+", self.text[begin : m.start()]))
        links: list[Link] = []
        first = m.start()
        for number, clause in enumerate(reversed(clauses)):
            start, end = begin + clause.start(), begin + clause.end()
            verbs = list(p.VERB.finditer(self.text, start, end))
            if links and verbs:
                break
            start = verbs[-1].end() if verbs else start
            now = self._last_items(start, end)
            names = mask(self.text[start:end], [(link.start - start, link.end - start) for link in now])
            bare = p.FILLED.fullmatch(names.replace(GAP, "")) is not None
            if not now or (links and not bare):
                if self.text[start:end].strip(" 都也就一律," + GAP) or number > 1:
                    break
                continue
            links = now + links
            first = min(link.start for link in now)
            if not bare or verbs:  # one more clause back only while clauses are bare names: "姓名,手机号都不要"
                break
        if links:
            self.found.excluded.extend(links)
            self._take(first, m.end())

    def _last_items(self, start: int, end: int) -> list[Link]:
        links: list[Link] = []
        at = start
        while at < end:
            sep = p.SEPARATOR.search(self.text, at, end)
            link = self._item(at, sep.start() if sep else end)
            if link is None:
                links = []
            else:
                links.append(link)
            at = sep.end() if sep else end
        if not links:  # the name may stand in the middle of the clause
            links = [_shift(link, start) for link in self.linker.exact(self.text[start:end]).values()]
        return links

    def _inputs(self) -> None:
        for pattern, strict in ((p.ONLY_ZH, True), (p.FROM_ZH, False), (p.FROM_EN, False)):
            for m in _few(pattern, self.text):
                if self.text[m.start()] == GAP:
                    continue
                verb = p.VERB.search(self.text, m.end())
                links, end = self._items(m.end(), limit=verb.start() if verb else None, ties=True)
                after = self.text[end:]
                if not links or (pattern is p.FROM_ZH and not self._leads_to_verb(end)):
                    continue
                if p.IS_MODEL.match(after) or p.IS_MODEL.match(self.text, m.end()):
                    continue
                broken = re.match(
                    r"\s*(?:、|和|与|及|,?\s*and\b|&)\s*(?!predict|forecast|use|then)[\w\u4e00-\u9fff]+", after
                )
                if (p.TAIL_VAGUE.match(after) or (broken and not self._cut_off(end, verb))) and not strict:
                    self.found.spans.append((m.start(), end))
                    self.text = mask(self.text, [(m.start(), end)])
                    continue
                self.found.inputs.extend(links)
                self._take(m.start(), end)
        only = re.search(r"\b(?:just|only)\s+", self.text)
        if only and not self.found.inputs:
            links, end = self._items(only.end())
            if len(links) >= 2 or (links and p.TAIL_ONLY.match(self.text[end:])):
                self.found.inputs.extend(links)
                self._take(only.start(), end)

    def _cut_off(self, end: int, verb: re.Match[str] | None) -> bool:
        """Say whether the enumeration ended because the verb came, not because an item named no column."""
        return verb is not None and verb.start() <= end + 1

    def _leads_to_verb(self, end: int) -> bool:
        """A Chinese "用 …" names inputs only if a verb of learning follows in the sentence or the list was strict."""
        return bool(p.VERB.search(self.text, end)) or bool(
            re.match(
                r"\s*(?:这|几|三|两|四|五|作为|做|当|来|字段|特征|列|去?看|算|[,，][^。]*(?:能|会|几|多少|吗|哪|什么|怎))",
                self.text[end:],
            )
        )

    def _group(self) -> None:
        for pattern in (p.GROUP_ZH, p.GROUP_EN):
            for m in _few(pattern, self.text):
                if self.text[m.start()] == GAP:
                    continue
                piece = re.match(r"[^,。;.!?的|]{1,24}", self.text[m.end() :])
                link = self._group_item(m.end(), m.end() + piece.end()) if piece else None
                if link:
                    self.found.group = link
                    return

    def _group_item(self, start: int, end: int) -> Link | None:
        if re.match(
            r"\s*(?:天|日|周|月|年|小时|分钟|季度|day|week|month|year|hour|minute|quarter)", self.text[start:end]
        ):
            return None  # "per day" is the step of the series
        lead = len(self.text[start:end]) - len(self.text[start:end].lstrip())
        links = [_shift(link, start) for link in self.linker.links(self.text[start:end])]
        for link in links:
            profile = self.linker.by_name[link.column]
            if (
                link.score >= 0.25
                and link.start - start <= lead + 6
                and profile.column.role in ("category", "id")
                and profile.column.n_unique > 1
            ):
                return link
        begins = _HAN_HEAD.match(self.text, start)
        for profile in self.linker.profiles:
            if begins is None:
                break
            if profile.column.role in ("category", "id") and profile.folded.startswith(begins.group(1)):
                return Link(profile.name, ITEM, "part", ((begins.start(1), begins.end(1)),))  # 每个班 → 班级
        shared = self.linker.sharing(self.text[start:end])
        return _shift(shared, start) if shared and shared.start <= lead + 6 else None


_HAN_HEAD = re.compile(r"\s*([\u4e00-\u9fff])")


def _shift(link: Link, by: int) -> Link:
    return Link(link.column, link.score, link.how, tuple((s + by, e + by) for s, e in link.spans), link.concept)


def _few(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return list(islice(pattern.finditer(text), MOST))
