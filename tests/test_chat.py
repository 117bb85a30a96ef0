"""A conversation trains, explains, compares, predicts and exports; every model in these stories is really trained."""

import importlib.util
import json
import sys
from pathlib import Path

import pandas as pd
import pytest

import openglm
from openglm import Chat
from openglm.core import store
from openglm.core.errors import BundleError, ColumnError, InputError, PlanError, SourceError
from openglm.core.parts import Card, Chunk
from openglm.core.run import Run
from openglm.core.words import Said
from openglm.flow import make_plan

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A folder with 500 simulated sessions, and 60 later ones without the outcome."""
    spec = importlib.util.spec_from_file_location("purchase_log_for_chat", EXAMPLES / "make_purchase_log.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    folder = tmp_path_factory.mktemp("shop")
    (folder / "log.csv").write_bytes(made.to_csv(made.simulate(500, 3)))
    (folder / "new.csv").write_bytes(made.to_csv(made.simulate(60, 4), outcome=False))
    return folder


@pytest.fixture
def chat(shop, tmp_path):
    return Chat(shop / "log.csv", trials=1, out=tmp_path / "chat")


@pytest.fixture(scope="module")
def trained(shop, tmp_path_factory):
    """A chat with one model, for turns that train nothing."""
    chat = Chat(shop / "log.csv", trials=1, out=tmp_path_factory.mktemp("trained") / "chat")
    chat.say("predict purchased")
    chat.say("go")
    return chat


def folders(chat):
    return sorted(path.name for path in chat.out.iterdir() if path.is_dir())


def changed(reply):
    return {item.slot: (item.before, item.after) for item in reply.changes}


def test_a_story_in_chinese(shop, tmp_path):
    """Eight turns lead from a wish to a trained, explained, compared and exported model."""
    chat = Chat(shop / "log.csv", trials=2, out=tmp_path / "chat")
    said = chat.say("预测是否购买")
    assert chat.goal.slots["target"].value == "purchased" and chat.is_pending
    assert "“purchased”" in said.text and "session_id" in said.text and "开始" in said.text
    assert not folders(chat)

    metric = chat.say("指标换成F1")
    assert changed(metric) == {"metric": ("roc_auc", "f1")}
    assert metric.text.splitlines()[0] == "指标: AUC → F1"
    out = chat.say("不要用 page_value")
    assert changed(out) == {"excluded": (None, ["page_value"])} and "purchased" not in out.text
    faster = chat.say("快一点")
    assert "最多 2 个候选 → 最多 1 个候选" in faster.text and not folders(chat)

    go = chat.say("开始")
    assert go.error is None and go.result is not None and folders(chat) == ["01-purchased"]
    task = go.result.task
    assert (task.metric, task.excluded, task.target) == ("f1", ("page_value",), "purchased")
    assert go.result.run.plan.budget.trials == 1 and "report.html" in [path.name for path in go.files]
    assert "F1" in go.text and "基线" in go.text
    assert task.sentence == "预测是否购买 · 指标换成F1 · 不要用 page_value · 快一点"

    why = chat.say("为什么?哪些因素最重要")
    first = go.result.report.importance[0]
    assert first.column in why.text and go.result.report.answer.zh in why.text
    assert why.result.run.path == go.result.run.path

    against = chat.say("和上一个模型对比")
    assert "基线" in against.text and "01-purchased" in against.text
    assert [path.name for path in against.files] == ["leaderboard.csv"]

    export = chat.say("导出")
    names = {path.name: path for path in export.files}
    assert set(names) == {"model", "model.zip"}
    assert len(openglm.load(names["model"]).predict(shop / "new.csv")) == 60
    assert folders(chat) == ["01-purchased"]
    kinds = [item.type for item in Run(chat.out / "01-purchased").outcomes]
    assert kinds == ["build_model", "compare", "export"]


def test_a_story_in_english(chat, shop):
    """A question answered by "the second one", an edit taken back, a second model, and new rows predicted."""
    question = chat.say("build a model")
    assert question.question is not None and "  2. " in question.text
    second = question.question.options[1].column
    answered = chat.say("the second one")
    assert chat.goal.slots["target"].value == second and second in answered.text
    assert chat.say("predict purchased instead").goal.slots["target"].value == "purchased"
    chat.say("use f1")
    undone = chat.say("undo")
    assert changed(undone) == {"metric": ("f1", "roc_auc")} and undone.text.startswith("Taken back.")

    first = chat.say("go").result
    assert first.task.metric == "roc_auc"
    assert chat.say("train").result.run.path == first.run.path and len(folders(chat)) == 1
    scores = chat.say("how good is it?")
    assert "95 %" in scores.text and "baseline" in scores.text

    both = chat.say("use f1 instead and go")
    assert both.result.run.path.name == "02-purchased" and both.text.startswith("Metric: ROC AUC → F1")
    against = chat.say("compare it with the previous one")
    assert "01-purchased" in against.text and "Against 01-purchased: " in against.text
    predicted = chat.say("predict new.csv")
    table = pd.read_csv(predicted.files[0])
    assert predicted.files[0].name == "predictions-new.csv" and len(table) == 60
    assert chat.say("undo").goal.slots["metric"].value == "roc_auc" and not chat.is_pending


def test_a_step_that_needs_a_model_trains_it_first(chat):
    """Explaining at once trains; a named column gets its place and its direction."""
    chat.say("predict purchased")
    reply = chat.say("which factors matter, above all deepest_page?")
    assert reply.result is not None and "Trained 01-purchased" in reply.text
    assert "deepest_page (place " in reply.text and "probability of purchased = 1 goes from" in reply.text


def test_several_steps_at_once(chat):
    """Check, train, explain and export in one sentence; each leaves its line."""
    reply = chat.say("先检查数据,再训练模型预测是否购买,然后解释,导出")
    assert reply.error is None and {path.name for path in reply.files} == {"report.html", "model", "model.zip"}
    assert reply.text.index("session_id") < reply.text.index("已训练 01-purchased") < reply.text.index("模型主要依据")


def test_a_chat_goes_on(shop, tmp_path):
    """Words, frame and models are there again, and the same frame is not trained twice; another table is refused."""
    chat = Chat(shop / "log.csv", trials=1, out=tmp_path / "chat", seed=5)
    chat.say("预测是否购买")
    chat.say("去掉 foo_bar 这一列")
    model = chat.say("开始").result.run
    chat.say("换成F1")
    again = Chat.open(tmp_path / "chat")
    assert (again.turns, again.seed, again.trials, again.spoken) == (4, 5, 1, "zh")
    assert again.goal == chat.goal and again.is_pending
    assert [item.run.path for item in again.results] == [model.path]
    before = (model.path / "report.json").stat().st_mtime_ns
    back = again.say("撤销")
    assert back.result.run.path == model.path and not again.is_pending
    assert again.say("开始").result.run.path == model.path
    assert (model.path / "report.json").stat().st_mtime_ns == before

    lines = store.read_lines(tmp_path / "chat" / "chat.jsonl")
    assert [line["sentence"] for line in lines[1:]] == [
        "预测是否购买",
        "去掉 foo_bar 这一列",
        "开始",
        "换成F1",
        "撤销",
        "开始",
    ]
    assert lines[1]["goal"]["slots"]["target"]["value"] == "purchased" and lines[3]["files"]
    with pytest.raises(InputError, match="another table"):
        Chat(shop / "new.csv", out=tmp_path / "chat").say("predict device")
    with pytest.raises(BundleError, match="no chat"):
        Chat.open(tmp_path)


def test_a_training_that_was_cut_off_goes_on_in_its_folder(chat):
    """As after kill -9 in the search; the same frame finishes it where it lies, although another sentence asks."""
    chat.say("predict purchased")
    run = chat.say("go").result.run
    run.mark("running", pid=0)
    for name in ("report.json", "board.json"):
        (run.path / name).unlink()
    assert chat.is_pending
    reply = chat.say("开始")
    assert reply.error is None and reply.result.run.path == run.path and folders(chat) == ["01-purchased"]
    assert Run(run.path).state.status == "finished"


def test_mistakes_are_replies(trained, shop):
    """An unknown column or a missing file says what is there instead; frame and folders stay as they were."""
    goal, there = trained.goal.slots, folders(trained)
    column = trained.say("leave out margin_pct")
    assert isinstance(column.error, ColumnError) and "'margin_pct'" in column.text and "region" in column.text
    file = trained.say("predict nwe.csv")
    assert isinstance(file.error, SourceError) and "'new.csv'" in file.text
    words = trained.say("predict device as a number, by regression")
    assert isinstance(words.error, InputError)
    assert trained.goal.slots["target"] == goal["target"] and folders(trained) == there
    with pytest.raises(SourceError):
        Chat(shop / "nothing.csv").say("predict purchased")


@pytest.mark.parametrize(
    ("turn", "words", "fits"),
    [
        ("换成 accuracy", "不适用", "均方根误差 RMSE"),
        ("use accuracy instead", "does not fit", "RMSE"),
        ("judge by AUC", "does not fit", "RMSE"),
    ],
)
def test_a_metric_that_does_not_fit_is_refused(tmp_path, turn, words, fits):
    """It is said which ones fit, nothing is trained, and a column left out in the same breath stays left out."""
    rows = {
        "visits": [i % 17 for i in range(60)],
        "age": [i % 7 for i in range(60)],
        "price": [i * 1.5 for i in range(60)],
    }
    chat = Chat(rows, trials=1, out=tmp_path / "chat")
    chat.say("predict price")
    reply = chat.say(turn)
    assert isinstance(reply.error, PlanError) and words in reply.text and fits in reply.text
    assert chat.goal.slots["metric"].value == "rmse" and not folders(chat)
    both = chat.say(f"{turn}, leave out age, go")
    assert isinstance(both.error, PlanError) and changed(both) == {"excluded": (None, ["age"])} and not folders(chat)
    assert chat.say("use mae instead").error is None and chat.goal.slots["metric"].value == "mae"


@pytest.mark.parametrize(
    ("sentence", "given", "seconds"),
    [
        ("predict bought", None, 60),
        ("predict bought, train faster", None, 30),
        ("预测bought,快一点", None, 30),
        ("predict bought, as accurate as possible", None, 120),
        ("predict bought, as accurate as possible, train for 20 seconds", None, 20),
        ("predict bought, train faster", 50, 50),
    ],
)
def test_a_wish_paces_the_minute_of_one_sentence_too(sentence, given, seconds):
    """The rule of a conversation, in ``openglm run``: half or double a time that nobody has named."""
    rows = {"visits": [i % 17 for i in range(100)], "bought": [int(i % 17 > 11) for i in range(100)]}
    assert make_plan(sentence, rows, time_limit=given).budget.seconds == seconds


def test_what_is_not_done_is_said(trained):
    """Deploying points to what works today; feedback is kept with the model it is about; a joke is refused kindly."""
    deploy = trained.say("deploy it")
    assert "not built yet" in deploy.text and "openglm predict" in deploy.text
    feedback = trained.say("this prediction is wrong for mobile users")
    kept = store.read_lines(feedback.files[0])
    assert kept[-1]["run"] == "01-purchased" and kept[-1]["sentence"] == feedback.sentence
    assert "tables" in trained.say("tell me a joke").text
    assert folders(trained) == ["01-purchased"]


def test_a_look_at_the_table(chat):
    """Needs no target and trains nothing."""
    reply = chat.say("describe the data")
    assert "500 rows" in reply.text and "bounce_rate" in reply.text and reply.error is None
    assert "campaign" in chat.say("检查数据质量").text
    assert folders(chat) == ["table"] and not chat.is_pending
    assert "预测" in chat.say("").text


def test_more_time_is_another_model_and_cancelling_keeps_the_first(trained):
    """The budget is part of what is trained; after a cancellation the last model still answers."""
    assert trained.say("within 20 minutes").text.startswith("at most 1 candidate → training time 1200 s")
    assert trained.is_pending
    trained.say("undo")
    assert not trained.is_pending
    trained.say("never mind")
    assert trained.goal is None
    assert trained.say("why? which factors matter most").result.run.path.name == "01-purchased"
    trained.say("predict purchased")
    assert not trained.is_pending


def test_a_reply_is_plain_json(trained):
    """What --json prints can be written and read without loss, an error included."""
    reply = trained.say("leave out margin_pct")
    plain = json.loads(json.dumps(reply.plain(), allow_nan=False))
    assert plain["error"]["exit_code"] == 2 and plain["sentence"] == "leave out margin_pct"


class Speaker:
    """An engine without a server: says one thing."""

    card = Card(id="speaker", title=Said(en="Speaker", zh="说话者"), source="this test")

    def count(self, text):
        return len(text) // 3

    def stream(self, messages, options):
        yield Chunk(text='{"target": {"value": "q7", "evidence": ["fly the coop"]}}', finish="stop")


def test_a_language_model_answers_an_open_question(tmp_path):
    """It says so, its answer is a turn of the dialogue, and going on needs no language model."""
    rows = {
        "fee": [i % 37 * 1.5 for i in range(120)],
        "q7": [i % 2 for i in range(120)],
        "q8": [int(i % 3 == 0) for i in range(120)],
        "months": [i % 70 for i in range(120)],
    }
    sentence = "build a model: which folks are about to fly the coop to the competition"
    assert Chat(rows, out=tmp_path / "alone").say(sentence).question is not None
    reply = Chat(rows, out=tmp_path / "chat", engine=Speaker()).say(sentence)
    assert reply.question is None and reply.goal.slots["target"].value == "q7" and "q7" in reply.text.splitlines()[0]
    assert Chat.open(tmp_path / "chat", rows).goal.slots["target"].value == "q7"
    with pytest.raises(SourceError, match="in memory"):
        Chat.open(tmp_path / "chat")
