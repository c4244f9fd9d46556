"""A real Slurm of one node in a folder, for tests: two cores, two GPUs that are none.

As root and without systemd; nothing of it lies outside the folder. By hand:

    python -m tests.cluster.one_node FOLDER     # until Ctrl-C; says what to export
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo")
CONFIG = """
ClusterName=dbench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A job that is queued again waits until its credential is void: two minutes by default.
AuthInfo=socket={folder}/munge/socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# No cgroups, no accounts: a container has neither.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,requeue_delay=1
ReturnToService=2
MaxArraySize=101
KillWait=60
SlurmdTimeout=60
MessageTimeout=30
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 Port={node} CPUs=2 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
"""


def lacks() -> str:
    """What keeps it from being started here; "" for nothing."""
    if os.geteuid():
        return "a Slurm of one's own needs root"
    missing = [name for name in PROGRAMS if not shutil.which(name, path=_path())]
    return f"no {missing[0]} (Debian: slurmctld slurmd slurm-client munge)" if missing else ""


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """Starts it; yields the environment in which its commands find it."""
    host = socket.gethostname().partition(".")[0]
    (folder / "munge").mkdir(parents=True)
    for path in (folder / "state", folder / "spool"):
        path.mkdir()
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    ports = {"port": _free_port(), "node": _free_port()}
    config = folder / "slurm.conf"
    config.write_text(CONFIG.format(folder=folder, host=host, **ports))
    for gpu in (0, 1):  # /dev/null by another name
        os.mknod(folder / f"gpu{gpu}", 0o20666, os.makedev(1, 3))
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File={folder}/gpu[0-1]\n")
    (folder / "cgroup.conf").write_text("CgroupAutomount=no\nConstrainCores=no\n")
    environ = {**os.environ, "SLURM_CONF": str(config), "PATH": _path()}
    try:
        _run(_munged(folder), environ)
        _run(["slurmctld", "-f", str(config)], environ)
        _run(["slurmd", "-f", str(config)], environ)
        _wait_for_node(environ)
        yield environ
    finally:
        for name in ("slurmd.pid", "slurmctld.pid", "munge/pid"):
            _end(folder / name)


def _munged(folder: Path) -> list[str]:
    files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log"}
    files |= {"seed-file": "seed"}
    return ["munged", "--force", *(f"--{k}={folder}/munge/{v}" for k, v in files.items())]


def _run(command: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"


def _wait_for_node(environ: dict[str, str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        done = subprocess.run(["sinfo", "-h", "-o", "%T"], env=environ, capture_output=True)
        if b"idle" in done.stdout:
            return
        time.sleep(0.1)
    raise AssertionError("the node of Slurm did not come up")


def _end(path: Path) -> None:
    """Ends a daemon by its pid file, and waits for it."""
    with contextlib.suppress(OSError, ValueError):
        number = int(path.read_text())
        os.kill(number, signal.SIGTERM)
        for _ in range(100):
            os.kill(number, 0)  # an error when it is gone
            time.sleep(0.1)
        os.kill(number, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


if __name__ == "__main__":
    with slurm(Path(sys.argv[1]).resolve()) as given:
        print(f"export SLURM_CONF={given['SLURM_CONF']}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
