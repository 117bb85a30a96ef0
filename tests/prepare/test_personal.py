"""Personal data: found by checksums, prefixes and names, masked at the source, left out unless named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from openglm.core.task import Task
from openglm.prepare import check, load, prepare
from openglm.prepare._personal import is_bank_card, is_id_card, mask, personal_kind, scrub

RNG = np.random.default_rng(0)
ROWS = 240


def id_card(i):
    body = f"{110101 + i % 7}{1950 + i % 50}{1 + i % 12:02d}{1 + i % 28:02d}{i % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(c) for w, c in zip(weights, body, strict=True)) % 11]


def bank_card(i):
    body = f"62220{i:010d}"
    return next(body + str(k) for k in range(10) if is_bank_card(body + str(k)))


FAMILY, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静强磊洋艳勇"
PERSONAL = {
    "id_card": ("证件", [id_card(i) for i in range(ROWS)]),
    "phone": ("c1", [f"1{(38, 59, 86, 77, 50)[i % 5]}{10_000_000 + i * 37:08d}" for i in range(ROWS)]),
    "phone number": ("c2", [int(f"1{(38, 59, 86)[i % 3]}{10_000_000 + i * 37:08d}") for i in range(ROWS)]),
    "phone abroad": ("c3", [f"+44 20 7946 {i:04d}" for i in range(ROWS)]),
    "phone america": ("c4", [f"({201 + i % 99}) 555-{i:04d}" for i in range(ROWS)]),
    "phone by name": ("联系电话", [f"010-{62_000_000 + i}" for i in range(ROWS)]),
    "email": ("c5", [f"user{i}@example.{'com' if i % 2 else 'org'}" for i in range(ROWS)]),
    "bank_card": ("c6", [bank_card(i) for i in range(ROWS)]),
    "name": ("客户姓名", [FAMILY[i % 10] + GIVEN[i % 9] + GIVEN[i % 7] for i in range(ROWS)]),
    "name plain": ("name", [FAMILY[i % 10] + GIVEN[i % 9] + GIVEN[i % 7] for i in range(ROWS)]),
    "name titled": ("Name", [f"Smith{chr(97 + i % 26)}, Mr. John{chr(97 + i // 26)}" for i in range(ROWS)]),
    "name english": ("last_name", [f"Mc{chr(65 + i % 26)}ly{'n' * (i // 26)}" for i in range(ROWS)]),
    "address": ("home_address", [f"{i + 1} Long Street, Springfield" for i in range(ROWS)]),
    "address chinese": ("收货地址", [f"北京市朝阳区建国路{i}号" for i in range(ROWS)]),
    "ip": ("c7", [f"10.{i % 9}.{i}.{i % 200}" for i in range(ROWS)]),
    "plate": ("c8", [f"京A{10_000 + i * 11}" for i in range(ROWS)]),
    "id_card american": ("c9", [f"{123 + i % 400}-45-{1000 + i}" for i in range(ROWS)]),
}
PLAIN = {
    "price": RNG.normal(50_000, 9000, ROWS), "order_id": 10_000_000_000 + 7 * RNG.permutation(10**5)[:ROWS],
    "running": 13_800_000_000 + np.arange(ROWS), "epoch": 1_600_000_000 + 1000 * RNG.permutation(10**4)[:ROWS],
    "epoch_ms": 1_600_000_000_000 + 9973 * RNG.permutation(10**5)[:ROWS], "address": RNG.choice(["U", "R"], ROWS),
    "PhoneService": RNG.choice(["Yes", "No"], ROWS), "name": [f"Model {chr(65 + i % 26)}{i}" for i in range(ROWS)],
    "product_name": [f"steel bolt M{i % 40}" for i in range(ROWS)], "version": [f"1.{i % 9}.{i}.0" for i in range(ROWS)],
    "phone_calls": RNG.integers(0, 90, ROWS), "city": RNG.choice(["北京市", "上海市", "广州市"], ROWS),
    "名称": [f"惠民超市{i}店" for i in range(ROWS)], "serial": [f"{10**17 + i * 7919}" for i in range(ROWS)],
    "day": [f"{20200101 + i % 28}" for i in range(ROWS)], "mobile": RNG.choice([0, 1], ROWS),
    "email": RNG.choice(["yes", "no"], ROWS), "ratio": [f"{v:.3f}" for v in RNG.random(ROWS)],
    "car": [f"{a} {i}" for i, a in enumerate(RNG.choice(["Ford Fiesta", "Fiat Panda"], ROWS))],
}  # fmt: skip


@pytest.mark.parametrize("case", PERSONAL)
def test_personal_data_are_found(case):
    """Each sort, by values alone or with a name of the column that says so."""
    name, values = PERSONAL[case]
    assert personal_kind(name, values) == case.split(" ")[0]


@pytest.mark.parametrize("case", PLAIN)
def test_other_columns_are_not_accused(case):
    """Order numbers, times, codes, goods, versions and towns are no personal data."""
    assert personal_kind(case, list(dict.fromkeys(np.asarray(PLAIN[case]).tolist()))) == ""


def test_checksums():
    """The example of GB 11643 and a test number of Visa; one digit changed breaks both."""
    assert is_id_card("11010519491231002X") and not is_id_card("11010519491231003X")
    assert not is_id_card("110105194913310021")  # no thirteenth month
    assert is_bank_card("4111111111111111") and not is_bank_card("4111111111111112")


@pytest.mark.parametrize("case", PERSONAL)
def test_a_masked_value_tells_nobody(case):
    """No mask holds its value, nor six characters of it in a row besides the host of a mail address."""
    _, values = PERSONAL[case]
    for value in values[:50]:
        hidden = mask(case.split(" ")[0], value)
        assert str(value) not in hidden and "*" in hidden
        text = hidden.split("@")[0]
        assert not any(text[i : i + 6] in str(value) for i in range(len(text) - 5))


def test_free_text_is_scrubbed():
    """Numbers and addresses inside a sentence are masked, prices and dates stay."""
    text = "call 13812345678 or mail li.lei@example.com, id 11010519491231002X, price 12999.50 on 20240105"
    assert scrub(text) == ("call 138****5678 or mail l***@example.com, id 110***********2X, price 12999.50 on 20240105")


@pytest.fixture(scope="module")
def frame():
    columns = {
        f"{name}{i}" if name.startswith("c") else name: values for i, (name, values) in enumerate(PERSONAL.values())
    }
    return pd.DataFrame({**columns, "amount": RNG.normal(size=ROWS), "bought": RNG.choice(["yes", "no"], ROWS)})


def test_they_are_left_out_and_shown_nowhere(frame):
    """With a finding for each; neither profile, findings nor the typed rows hold a value."""
    raw = load(frame)
    data, findings = prepare(raw, Task(kind="binary", target="bought", metric="roc_auc"))
    assert data.schema.names == ("amount",)
    assert {f.column for f in findings if f.code == "personal-excluded"} == set(frame.columns) - {"amount", "bought"}
    text = raw.schema.to_json() + "".join(f.to_json() for f in findings) + "".join(f.to_json() for f in check(raw))
    for name in set(frame.columns) - {"amount", "bought"}:
        assert raw.schema[name].levels == () and raw.schema[name].minimum is None
        assert not any(str(value) in text for value in frame[name]), name


def test_named_inputs_are_used_and_stay_masked(frame):
    """Who names a column among the inputs gets it, with a warning."""
    data, findings = prepare(
        load(frame), Task(kind="binary", target="bought", metric="roc_auc", inputs=("amount", "客户姓名"))
    )
    assert set(data.schema.names) == {"amount", "客户姓名"}
    (warned,) = [f for f in findings if f.code == "personal-used"]
    assert warned.column == "客户姓名" and "*" in warned.message.zh
    assert data.schema["客户姓名"].personal == "name"
