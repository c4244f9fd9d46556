"""A film of an episode: the image that an agent sees, the codes of it, what it does, its return."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from dbench import files
from dbench.agents.environments.task import Task
from dbench.agents.episode import Episode
from dbench.base import Dataset

ZOOM = 256  # pixels, height and width of the image in the film
MOST = 32  # codes that are shown, the first ones
PACE = 350  # milliseconds a step
LAST = 1_500  # of the last one
INK, UP, DOWN, PAPER = (40, 40, 40), (40, 110, 200), (210, 90, 40), (250, 250, 250)


def write(path: Path, dataset: Dataset, task: Task, codes: np.ndarray, found: Episode) -> None:
    """The film as a .gif; codes [n, d] of all images."""
    frames = draw(dataset, task, codes, found)
    with files.replacing(path) as temporary:
        frames[0].save(
            temporary,
            format="gif",
            save_all=True,
            append_images=frames[1:],
            duration=[PACE] * (len(frames) - 1) + [LAST],
            loop=0,
        )


def draw(dataset: Dataset, task: Task, codes: np.ndarray, found: Episode) -> list[Image.Image]:
    """A frame a step."""
    shown = codes[:, :MOST]
    reach = float(np.abs(shown - shown.mean(axis=0)).max()) or 1.0
    heights = (shown[found.rows] - shown.mean(axis=0)) / reach  # [t, d] in [-1, 1]
    total = np.cumsum(found.rewards)
    said = [
        f"step {at + 1}: {task.actions[action]}" + (f", reward {reward:+.0f}" if reward else "")
        for at, (action, reward) in enumerate(zip(found.actions, found.rewards, strict=True))
    ]
    ends = [f"return {x:g} of {task.best:g}" for x in total]
    pixels = (255 * dataset.images(found.rows)).round().astype(np.uint8)
    return [_frame(*each) for each in zip(pixels, heights, said, ends, strict=True)]


def _frame(pixels: np.ndarray, heights: np.ndarray, said: str, end: str) -> Image.Image:
    frame = Image.new("RGB", (2 * ZOOM + 36, ZOOM + 48), PAPER)
    image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[..., 0]).convert("RGB")
    frame.paste(image.resize((ZOOM, ZOOM), Image.Resampling.NEAREST), (12, 12))
    pen = ImageDraw.Draw(frame)
    left, middle, half = ZOOM + 24, 12 + ZOOM // 2, ZOOM // 2 - 8
    step = ZOOM / len(heights)
    pen.line((left, middle, left + ZOOM, middle), fill=INK)
    for at, height in enumerate(heights):
        x, y = left + at * step, middle - height * half
        box = (x + step / 8, min(y, middle), x + step * 7 / 8, max(y, middle))
        pen.rectangle(box, fill=UP if height > 0 else DOWN)
    pen.text((12, ZOOM + 24), said, fill=INK)
    pen.text((left, ZOOM + 24), f"codes, less their means; {end}", fill=INK)
    return frame
