"""``openglm new``: a new part that already works, to be changed into yours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openglm.cli import _options as options


def new(
    part: Annotated[str, typer.Argument(metavar="PART", help="What to write: model. 部件种类。", show_default=False)],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its id and file name: gradient_stumps. 名称。", show_default=False)
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "--folder",
            metavar="FOLDER",
            help="A checkout of openglm, or any folder for a plug-in; made if missing. 写到哪里。",
        ),
    ] = Path(),
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Write a new learner that already works, and its test; then change it into yours. 生成新模型的模板。

    openglm new model gradient_stumps
    openglm new model my_learner --folder ../my-plugin

    In a checkout of openglm the files go to openglm/models and tests/models, and nothing else has to be edited:
    learners are found by scanning. Elsewhere both go into the folder, and an entry point makes the learner known.
    """
    from openglm.cli import _new, _show
    from openglm.cli._language import language_of

    language = language_of(lang)
    made = _new.write(part, name, folder)
    if as_json:
        _show.print_json({"files": [str(path) for path in made.files], "next": made.next_steps.text("en").splitlines()})
        return
    for path in made.files:
        _show.tell(_show.say(language, f"wrote {path}", f"已写入 {path}"))
    _show.tell(made.next_steps.text(language))
