"""``AutoPipeline``: the front door of the original documents, thin over :mod:`openglm.flow`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, Self

from openglm import flow
from openglm.core.events import Listener
from openglm.core.parts import Engine
from openglm.core.plan import Plan
from openglm.core.preset import BUNDLED, Preset
from openglm.core.result import Result
from openglm.core.task import Goal
from openglm.core.words import Language


class AutoPipeline:
    """One sentence and a table become a model.

    Parameters
    ----------
    time_limit : float or None, default=None
        Seconds, > 0; by default what the sentence says, else 60.
    trials : int or None, default=None
        Candidates to try at most.
    memory_mb : int or None, default=None
        Resident memory of one worker in MiB at most.
    metric, target : str or None, default=None
        Override what the sentence says.
    seed : int, default=0
        Of everything random.
    out : path or None, default=None
        Folder of the run; by default a new one under ``runs/``.
    yes : bool, default=False
        Answer an open question with its first option instead of raising.
    preset : str, default="zhipu/Open-AutoGLM"
        Bundled preset or a local folder.
    language : {"zh", "en"} or None, default=None
        Of the report; by default the sentence's.
    sheet : str or None, default=None
        Of an Excel file; by default the first one.
    engine : Engine, str or None, default=None
        A language model that reads the sentence too, or the URL of a server with the OpenAI protocol.
    split : str or None, default=None
        How rows are kept apart, such as ``group:customer_id``; see :func:`openglm.run`.

    Examples
    --------
    >>> from openglm import AutoPipeline
    >>> pipeline = AutoPipeline.from_pretrained("zhipu/Open-AutoGLM", time_limit=30)
    >>> pipeline
    AutoPipeline(preset='zhipu/Open-AutoGLM', time_limit=30)
    """

    def __init__(  # noqa: PLR0913 - the same settings as run()
        self, *, time_limit: float | None = None, trials: int | None = None, memory_mb: int | None = None,
        metric: str | None = None, target: str | None = None, seed: int = 0, out: str | Path | None = None,
        yes: bool = False, preset: str = BUNDLED, language: Language | None = None, sheet: str | None = None,
        engine: Engine | str | None = None, split: str | None = None,
    ) -> None:  # fmt: skip
        self.time_limit = time_limit
        self.trials = trials
        self.memory_mb = memory_mb
        self.metric = metric
        self.target = target
        self.seed = seed
        self.out = out
        self.yes = yes
        self.preset = preset
        self.language = language
        self.sheet = sheet
        self.engine = engine
        self.split = split

    def __repr__(self) -> str:
        defaults = {item.name: item.default for item in inspect.signature(AutoPipeline).parameters.values()}
        changed = [f"{name}={value!r}" for name in defaults if (value := getattr(self, name)) != defaults[name]]
        named = [item for item in changed if not item.startswith("preset=")]
        return f"{type(self).__name__}({', '.join([f'preset={self.preset!r}', *named])})"

    @classmethod
    def from_pretrained(cls, name: str | Path = BUNDLED, **settings: Any) -> Self:
        """Return a pipeline that uses a preset: the bundled one by name, or a folder that ``save_pretrained`` wrote.

        Raises
        ------
        SourceError
            If there is no such preset.
        """
        return cls(preset=Preset.load(name).name, **settings)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the preset to a folder, to be changed there and loaded with ``from_pretrained``."""
        Preset.load(self.preset).save(Path(folder))

    def __call__(
        self, task: str, data: Any, *, time_limit: float | None = None, plan: Plan | None = None,
        listener: Listener | None = None,
    ) -> Result:  # fmt: skip
        """Do the whole main job; see :func:`openglm.run`. ``time_limit`` goes before the one of the pipeline."""
        return flow.run(
            task, data, plan=plan, listener=listener, time_limit=self.time_limit if time_limit is None else time_limit,
            trials=self.trials, memory_mb=self.memory_mb, metric=self.metric, target=self.target, seed=self.seed,
            out=self.out, yes=self.yes, preset=self.preset, language=self.language, sheet=self.sheet, engine=self.engine,
            split=self.split,
        )  # fmt: skip

    def understand(self, task: str, data: Any) -> Goal:
        """Return what the sentence means for this table, with evidence."""
        return flow.understand_task(
            task,
            data,
            target=self.target,
            metric=self.metric,
            preset=self.preset,
            language=self.language,
            sheet=self.sheet,
            engine=self.engine,
        )

    def plan(self, task: str, data: Any) -> Plan:
        """Return how the task would be solved; a YAML text with ``to_yaml`` that can be edited."""
        return flow.make_plan(
            task, data, time_limit=self.time_limit, trials=self.trials, memory_mb=self.memory_mb, metric=self.metric,
            target=self.target, seed=self.seed, preset=self.preset, yes=self.yes, language=self.language, sheet=self.sheet,
            engine=self.engine, split=self.split,
        )  # fmt: skip

    def run(self, plan: Plan, data: Any, *, listener: Listener | None = None) -> Result:
        """Carry out a plan, edited or not."""
        return self(plan.task.sentence, data, plan=plan, listener=listener)
