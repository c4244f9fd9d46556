"""The largest numbers that make sense, written once: what is beyond is refused before the work.

Each is far above what a paper has used, and below what overflows, or fills a memory or a year.
What a machine at hand cannot hold is asked in `memory.check`.
"""

STEPS = 100_000_000  # updates of a run; papers have 300,000 to 1,500,000
SEEDS = 100_000
RUNS = 100_000  # of a study; the largest of a paper has 12,600
UPDATES = 10**12  # of all runs of a study: a year, if one takes 30 microseconds
YEAR = 365 * 24 * 3600  # seconds
SPEED = {"cpu": 3e11, "gpu": 2e15}  # operations a second of a device: more than any has
BATCH = 1_000_000  # images
SIDE = 10_000  # pixels of an image, either way
COUNT = 100_000  # latents, units, samples: any other whole number that a model has
REPEATS = 10_000
ROWS = 10_000_000  # images that runs are compared on
NUMBER = 3.4e38  # in size: more is infinite in 32 bits
NAME = 255  # bytes of the name of a file or a folder
PATH = 4_095  # bytes of a path
