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


def load(folder, text=TEXT):
    folder.mkdir(exist_ok=True)
    path = folder / "mine.gin"
    path.write_text(text)
    return study.load(str(path), "own")


class Here:
    """`before` is called before each part, with how many times it was started; it may raise.

    `idle`: how often it does nothing when it is asked.
    """

    name, pause = "here", 0.0

    def __init__(self, before=lambda *_: None, limit=1000, idle=0):
        self.before, self.limit, self.idle = before, limit, idle
        self.waiting, self.ended, self.times = [], {}, {}

    def check(self, count):
        if count > self.limit:
            raise InputError(f"{count} parts are too many")

    def start(self, written, parts):
        self.waiting += parts
        for part in parts:
            self.times[part] = self.times.get(part, 0) + 1
        return f"batch {self.times[parts[0]]}"

    def states(self, written):
        if not self.waiting:
            return self.ended
        if self.idle:
            self.idle -= 1
            return self.ended | dict.fromkeys(self.waiting, WAITING)
        part = self.waiting.pop(0)
        self.ended.pop(part, None)
        try:
            self.before(part, self.times[part])
            work(written.path, part)
        except (InputError, RuntimeError, stop.Stopped):
            self.ended[part] = "failed"
        return self.ended | dict.fromkeys(self.waiting, WAITING)

    def left(self, written):
        return "nothing is left"
