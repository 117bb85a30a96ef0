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

BESIDE = 0.85  # strength of a name right behind another; less is a part of the first: 候诊 and 时间 in 候诊时间
UNKNOWN = 24  # characters that an input may have which no column stands for

COUNT = "number_of"  # names a column only as its last word: 论文篇数, not 几个算法

WEAK_ITEM, CLEAR = 0.2, 0.6
"""A whole item that only names a thing ("the operator") needs this strength, and the second best at most this share of it."""


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
        self._unusable()
        self._allowed()
        self._inputs()
        self._group(anywhere=grouping)
        names = {link.column for link in self.found.inputs}
        self.found.excluded = [link for link in self.found.excluded if link.column not in names]
        return self.found

    # -- helpers -------------------------------------------------------------------------------------------------

    def _take(self, start: int, end: int) -> None:
        self.found.spans.append((start, end))
        self.text = mask(self.text, [(start, end)])

    def _items(
        self, start: int, *, limit: int | None = None, ties: bool = False, loose: bool = False
    ) -> tuple[list[Link], int]:
        """Read enumerated columns from ``start`` on; return them and where the enumeration ends."""
        stop = p.STOP.search(self.text, start)
        end = min(stop.start() if stop else len(self.text), len(self.text) if limit is None else limit)
        links: list[Link] = []
        at = last = start
        joined = False
        while at < end:
            sep = p.SEPARATOR.search(self.text, at, end)
            piece_end = sep.start() if sep else end
            if links and not joined and p.ASKS.search(self.text[at:piece_end]):
                break  # "根据温度和光照,果子能评上几级": the list is over
            joined = sep is not None and p.CONJUNCTION.search(sep.group(0)) is not None
            link = self._item(at, piece_end, loose=loose or bool(links))
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

    def _item(self, start: int, end: int, *, loose: bool = False) -> Link | None:
        """Return the column that this item begins with; ``loose`` lets a weak link do that is the whole item."""
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
        ends = start + len(piece.rstrip())
        links = [
            link
            for link in links
            if link.how != "value"
            and (link.start - start <= 12 or p.HEADED.fullmatch(self.text, start, link.start))
            and (link.concept != COUNT or link.end == ends)
        ]
        strong = [link for link in links if link.score >= ITEM]
        if strong or not loose or not links:
            return min((link for link in strong if link.score >= strong[0].score), key=lambda x: x.start, default=None)
        alone = p.FILLED.fullmatch(mask(piece, [(s - start, e - start) for s, e in links[0].spans]).replace(GAP, ""))
        clear = len(links) == 1 or links[1].score <= CLEAR * links[0].score
        return links[0] if alone and clear and links[0].score >= WEAK_ITEM else None

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
        explicit = p.FAIR_BY.search(self.text, place[1])
        for at in [place, explicit.span()] if explicit else [place]:
            link = self._treated_alike(*at)
            if link is not None:
                self.found.fair = link
                self._take(link.start, link.end)

    def _treated_alike(self, first: int, last: int) -> Link | None:
        """Return the column of the groups that a word for fairness at this place is about."""
        begin = max((self.text.rfind(mark, 0, first) for mark in ",。;.!?\n"), default=-1) + 1
        ends = [at for at in (self.text.find(mark, last) for mark in ",。;.!?\n") if at >= 0]
        clause_end = min(ends, default=len(self.text))
        after, before = self.text[last:clause_end], self.text[begin:first]
        sides = [(m.group(1), last + m.start(1)) for m in p.FAIR_SIDE.finditer(after)]
        sides += [(m.group(1), begin + m.start(1)) for m in reversed(list(p.FAIR_SIDE.finditer(before)))]
        sides += [(after, last), (before, begin)]
        other: Link | None = None
        for piece, offset in sides:
            for link in self.linker.links(piece):
                profile = self.linker.by_name[link.column]
                if link.score < 0.4 or profile.column.role == "id":
                    continue
                if self._known(link.column) & p.MEMBERS.keys():
                    return _shift(link, offset)
                if other is None and (link.literal or not profile.two_valued):
                    other = _shift(link, offset)
        return self._members(begin, clause_end) or other or self._members(0, len(self.text))

    def _known(self, column: str) -> set[str]:
        return {item.concept for item in self.linker.by_name[column].known}

    def _members(self, start: int, end: int) -> Link | None:
        """Return the column of the group whose members are named: "treat men and women alike" → gender."""
        for concept, pattern in p.MEMBERS.items():
            m = pattern.search(self.text, start, end)
            if m is None:
                continue
            for profile in self.linker.profiles:
                if any(item.concept == concept and item.weight >= 0.9 for item in profile.known):
                    return Link(profile.name, ITEM, "concept", (m.span(),), concept)
        return None

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
            if not self._forward_drop(m) and m.group(0) in p.DROPS and p.DROPPED.match(self.text, m.end()):
                self._backward_drop(m)
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
        for m in _few(p.DROP_AFTER, self.text):
            self._backward_drop(m)
        for m in _few(p.LIKEWISE, self.text) if self.found.excluded else ():
            links, first = self._listed_before(
                self._clause_start(self._sentence_start(m.start()), m.start()), m.start()
            )
            names = mask(self.text[first : m.start()], [(link.start - first, link.end - first) for link in links])
            if links and p.FILLED.fullmatch(names.replace(GAP, "")):  # "扔掉 A;B 也是"
                self.found.excluded.extend(links)
                self._take(first, m.end())

    def _forward_drop(self, m: re.Match[str]) -> bool:
        verb = p.VERB.search(self.text, m.end())
        links, end = self._items(m.end(), limit=verb.start() if verb else None, loose=m.group(0) != "no")
        if not links and verb and not p.SEPARATOR.search(self.text, m.end(), verb.start()):
            links, end = self._items(m.end())  # the verb is a part of the name: "the short-term forecast column"
        if not links and p.PRONOUN.match(self.text, m.end()):
            return self._backward_drop(m)
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
            tail = p.TAIL_NOUN.match(self.text, end)
            self.found.excluded.extend(links)
            self._take(m.start(), tail.end() if tail else end)
            return True
        return False

    def _backward_drop(self, m: re.Match[str]) -> bool:
        """把 A 和 B 都去掉; "A 这一列事后才知道,不要用"; "A is measured later. Leave that out": the list stands before."""
        begin = self._sentence_start(m.start())
        links, first = self._listed_before(begin, m.start())
        lead = self.text[self._clause_start(begin, m.start()) : m.start()]
        refers = p.PRONOUN.match(self.text, m.end()) or p.PRONOUN.search(lead) or p.REFERS.search(lead + m.group(0))
        if not links and begin and refers and p.LINK.fullmatch(self.text[begin : m.start()].strip(" ,，")):
            before = self._sentence_start(len(self.text[:begin].rstrip(" .。;!?\n")))
            if not p.VERB.search(self.text, before, begin):  # "Predict churn. Drop it": of what?
                links, first = self._listed_before(before, len(self.text[:begin].rstrip(" .。;!?\n")))
                links = links if self._others(links, first, m.end()) else []
        if links:
            if not p.ROWS.search(self.text, max(link.end for link in links), m.start()):
                self.found.excluded.extend(links)
            self._take(first, m.end())
        return bool(links)

    def _sentence_start(self, at: int) -> int:
        begin = max((self.text.rfind(mark, 0, at) for mark in "。;!?|\n"), default=-1) + 1
        return max(begin, max((d.end() for d in re.finditer(r"\.\s+", self.text[:at])), default=0))

    def _clause_start(self, begin: int, at: int) -> int:
        return max(self.text.rfind(",", begin, at), self.text.rfind("，", begin, at), begin - 1) + 1

    def _listed_before(self, begin: int, stop: int) -> tuple[list[Link], int]:
        """Return the columns of the nearest clause before ``stop`` that names any, and where they begin."""
        clauses = list(re.finditer(r"[^,，]+", self.text[begin:stop]))
        links: list[Link] = []
        first = stop
        for number, clause in enumerate(reversed(clauses)):
            start, end = begin + clause.start(), begin + clause.end()
            verbs = list(p.VERB.finditer(self.text, start, end))
            if links and verbs:
                break
            start = verbs[-1].end() if verbs else start
            now = self._last_items(start, end)
            names = mask(self.text[start:end], [(link.start - start, link.end - start) for link in now])
            bare = p.FILLED.fullmatch(names.replace(GAP, "")) is not None
            if links and now and number == len(clauses) - 1 and not self._others(now + links, start, stop):
                break  # "急诊费用,体温和年龄都别用": the first names what is wanted
            if not now or (links and not bare):
                if p.LINK.fullmatch(self.text[start:end].strip(" " + GAP)) is None or number > 1:
                    break
                continue
            links = now + links
            first = min(link.start for link in now)
            if not bare or verbs:  # one more clause back only while clauses are bare names: "姓名,手机号都不要"
                break
        return links, first

    def _unusable(self) -> None:
        """Columns known too late, private or useless go out even if no verb says so, unless nothing else is asked for."""
        for pattern in (p.AFTERWARDS, p.PRIVATE, p.USELESS):
            for m in _few(pattern, self.text):
                if pattern is p.AFTERWARDS and p.SOONER.search(self.text):
                    continue
                links, first = self._listed_before(self._sentence_start(m.start()), m.start())
                if self._others(links, first, m.end()):
                    self.found.excluded.extend(links)
                    self._take(first, m.end())

    def _others(self, links: list[Link], start: int, end: int) -> bool:
        """Say whether the text names a column besides these, which could be the target."""
        names = {link.column for link in links}
        return bool(links) and any(
            link.score >= ITEM and link.column not in names and self.linker.by_name[link.column].usable
            for link in self.linker.links(mask(self.text, [(start, end)]))
        )

    def _allowed(self) -> None:
        """X in "X is fair game" may be an input, so that these words are none for the target."""
        for m in _few(p.ALLOWED, self.text):
            links, first = self._listed_before(
                self._clause_start(self._sentence_start(m.start()), m.start()), m.start()
            )
            if links:
                self._take(first, m.end())

    def _last_items(self, start: int, end: int) -> list[Link]:
        links: list[Link] = []
        at = start
        while at < end:
            sep = p.SEPARATOR.search(self.text, at, end)
            piece_end = sep.start() if sep else end
            link = self._item(at, piece_end, loose=True)
            if link is None:
                links = []
            while link is not None:
                links.append(link)
                at = link.end
                if at >= piece_end or not (_HAN_HEAD.match(self.text, at - 1) and _HAN_HEAD.match(self.text, at)):
                    break
                link = self._item(at, piece_end)  # "炉号卷号都不要": names side by side
                link = link if link and link.start == at and link.score >= BESIDE else None
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
                only = p.TAIL_ONLY.match(after)
                if not links and p.LISTING.fullmatch(m.group(0)):
                    self._half_known(m, verb)
                if not links or (p.FED.match(m.group(0)) and len(links) < 2 and not only):
                    continue
                listing = len(links) >= 2 and p.LISTING.fullmatch(m.group(0))
                if pattern is p.FROM_ZH and not listing and not self._leads_to_verb(end):
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
                self._take(m.start(), end + only.end() if only else end)
        for m in _few(p.ENOUGH, self.text) if not self.found.inputs else ():
            links, first = self._listed_before(self._sentence_start(m.start()), m.start())
            if len(links) >= 2 and not p.VERB.search(self.text, first, m.start()):
                self.found.inputs.extend(links)
                self._take(first, m.end())
        only = re.search(r"\b(?:just|only)\s+", self.text)
        if only and not self.found.inputs:
            links, end = self._items(only.end())
            if len(links) >= 2 or (links and p.TAIL_ONLY.match(self.text[end:])):
                self.found.inputs.extend(links)
                self._take(only.start(), end)

    def _half_known(self, m: re.Match[str], verb: re.Match[str] | None) -> None:
        """Columns listed behind an input that no column stands for are none to predict: "using looks, floor and area"."""
        sep = p.SEPARATOR.search(self.text, m.end(), verb.start() if verb else len(self.text))
        if sep and sep.start() - m.end() <= UNKNOWN and not p.STOP.search(self.text, m.end(), sep.start()):
            links, end = self._items(sep.end(), limit=verb.start() if verb else None)
            if len(links) >= 2:
                self._take(m.start(), end)

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

    def _group(self, *, anywhere: bool) -> None:
        for m in _few(p.GROUP_EACH, self.text):
            name = m.lastgroup or ""
            link = self._group_item(m.start(name), m.end(name))
            if link:
                self.found.group = Link(link.column, link.score, link.how, (m.span(),), link.concept)
                return
        for pattern in (p.GROUP_ZH, p.GROUP_EN) if anywhere else ():
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
