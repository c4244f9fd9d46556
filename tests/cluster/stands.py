"""What stands where Slurm's programs and Ray should be: they answer what they are told to."""

import importlib.machinery
import types

PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> {folder}/calls
test ! -f {folder}/$(basename "$0").fails || {{ cat {folder}/$(basename "$0").fails >&2; exit 1; }}
cat {folder}/$(basename "$0").says 2>/dev/null || true
"""


class RayError(Exception):
    pass


class Stand(types.ModuleType):
    """Where Ray should be. Tasks that are in `over` have ended, with that error or with None."""

    def __init__(self):
        super().__init__("ray")
        self.__spec__ = importlib.machinery.ModuleSpec("ray", None)
        self.exceptions = types.SimpleNamespace(RayError=RayError)
        self.started, self.over = [], {}
        self.there = [{"Alive": True, "Resources": {"CPU": 8.0, "GPU": 1.0}}]

    def init(self, address, **_):
        if address != "auto":
            raise ConnectionError("Could not find\n any running Ray instance")

    def nodes(self):
        return self.there

    def get_runtime_context(self):
        return types.SimpleNamespace(gcs_address="127.0.0.2:6379")

    def remote(self, **given):
        def start(*arguments):
            self.started.append((given, arguments))
            return len(self.started) - 1

        task = types.SimpleNamespace(remote=start)
        task.options = lambda **more: given.update(more) or task
        return lambda function: task

    def wait(self, tasks, num_returns, timeout):
        assert (num_returns, timeout) == (len(tasks), 0)
        return [t for t in tasks if t in self.over], [t for t in tasks if t not in self.over]

    def get(self, task):
        if self.over[task]:
            raise self.over[task]
