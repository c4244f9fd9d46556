"""How far encoding is: a bar on a terminal, elsewhere a line now and then. Both on stderr."""

import sys
import time

from tqdm import tqdm

LINE_EVERY = 30.0  # seconds between two lines where there is no terminal


class Images:
    """So many images of `total` are encoded by what is called `name`."""

    def __init__(self, total: int, name: str):
        self.total, self.name, self.done = total, name, 0
        self.began = self.said = time.monotonic()
        self.bar = tqdm(total=total, desc=name, unit=" images", leave=False, disable=None)

    def __enter__(self) -> "Images":
        return self

    def __exit__(self, kind, *_) -> None:
        self.bar.close()
        if kind is None:
            self._write(f"{self.total:,} images, {self._rate():,.0f} images/s")

    def more(self, count: int) -> None:
        """So many more are encoded."""
        self.done += count
        self.bar.update(count)
        if self.bar.disable and time.monotonic() - self.said > LINE_EVERY:
            left = tqdm.format_interval(int((self.total - self.done) / self._rate()))
            self._write(f"{self.done:,} of {self.total:,} images, {left} left")

    def _rate(self) -> float:
        """Images a second so far."""
        return self.done / max(time.monotonic() - self.began, 1e-9)

    def _write(self, line: str) -> None:
        self.said = time.monotonic()
        tqdm.write(f"{self.name}: {line}", file=sys.stderr)
