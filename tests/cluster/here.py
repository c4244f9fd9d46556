"""An engine that does parts here, one after the other, when it is asked about them; and a study."""

from dbench import study
from dbench.cluster.engine import WAITING
from dbench.cluster.work import work
from dbench.errors import InputError
from dbench.study import stop

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1, 8]}}
Study.metrics = ['mig_histogram', 'udr_spearman']
Study.seeds = 2
Study.steps = 30
Study.chunk = 10
Study.batch_size = 8
Study.options = {'net': 'small', 'latents': 3, 'learning_rate': 1e-3}
"""


TABLES = ("scores.csv", "scores.parquet")


def load(folder, text=TEXT):
    folder.mkdir(exist_ok=True)
    path = folder / "mine.gin"
    path.write_text(text)
    return study.load(str(path), "own")


def tables(folder):
    return {name: (folder / "mine" / name).read_bytes() for name in TABLES}


class Here:
    """`before` is called before each part, with how many times it was started; it may raise.

    `idle`: how often it does nothing when it is asked. Where a study has two plans, `before` gets
    (plan, part) in place of the part, and so does `times`.
    """

    name, pause, ahead = "here", 0.0, False

    def __init__(self, before=lambda *_: None, limit=1000, idle=0, plans=1):
        self.before, self.limit, self.idle, self.plans = before, limit, idle, plans
        self.waiting, self.ended, self.times = {}, {}, {}  # waiting, ended: plan -> parts

    def called(self, written, part):
        return part if self.plans == 1 else (written.number, part)

    def check(self, count, does=None):
        if count > self.limit:
            raise InputError(f"{count} parts are too many")

    def start(self, written, parts, after=None):
        self.waiting.setdefault(written.number, []).extend(parts)
        names = [self.called(written, part) for part in parts]
        for name in names:
            self.times[name] = self.times.get(name, 0) + 1
        return f"batch {self.times[names[0]]}"

    def states(self, written):
        waiting = self.waiting.setdefault(written.number, [])
        ended = self.ended.setdefault(written.number, {})
        if waiting and self.idle:
            self.idle -= 1
        elif waiting:
            part = waiting.pop(0)
            ended.pop(part, None)
            try:
                name = self.called(written, part)
                self.before(name, self.times[name])
                work(written.path, part)
            except (InputError, RuntimeError, stop.Stopped):
                ended[part] = "failed"
        return ended | dict.fromkeys(waiting, WAITING)

    def left(self, written):
        return "nothing is left"
