"""How much memory there is, so that what cannot fit is said before the work."""

import os
from pathlib import Path

from dbench.errors import InputError


def free() -> int:
    """Bytes of the host's memory that are free for this process, its container's limit included."""
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        machine = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):  # no Linux: half of what is built in
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())
        stats = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return max(0, min(machine, limit - int(stats["anon"])))
    except (OSError, ValueError, KeyError):  # no limit
        return machine


def check(size: int, what: str) -> None:
    """An InputError if so many bytes are more than there are."""
    if size > 2**24 and size > (there := free()):
        raise InputError(
            f"{what} takes {size / 1e9:,.1f} GB of memory, and {there / 1e9:,.1f} GB are free: "
            "give less at a time, or take a larger machine"
        )
