"""A headless Chromium, driven by its DevTools protocol over a pipe: no package is needed."""

import json
import os
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
]


def find() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chrome:
    """One page. `events` are what the browser has said so far."""

    def __init__(self, folder, width=1280, height=900):
        # It leaves folders there. Not in `folder`: the path of a socket may have 107 characters.
        self.scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        command = [find(), *FLAGS, f"--user-data-dir={folder}", f"--window-size={width},{height}"]
        # The browser reads file descriptor 3 and writes 4.
        script = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", *command, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": self.scratch.name},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.out, self.into = ours_out, ours_in
        self.count, self.left, self.events, self.session = 0, b"", [], None
        pages = self.call("Target.getTargets")["targetInfos"]
        target = next(page["targetId"] for page in pages if page["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.scratch.cleanup()
        os.close(self.out)
        os.close(self.into)

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self.count:
            self.events.append(answer)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _next(self):
        while b"\0" not in self.left:
            part = os.read(self.into, 1 << 16)
            assert part, "the browser has ended"
            self.left += part
        message, _, self.left = self.left.partition(b"\0")
        return json.loads(message)

    def run(self, script):
        """The value of some JavaScript, when its promise is kept."""
        found = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def open(self, path, ready, seconds=60):
        """Goes to a file and waits until the expression `ready` is true."""
        self.call("Page.navigate", url=path.as_uri())
        until = time.monotonic() + seconds
        while not self.run(f"Boolean(document.body && ({ready}))"):
            assert time.monotonic() < until, "the page was not ready in time"
            time.sleep(0.1)

    def complaints(self):
        """Errors, warnings and exceptions, and what was asked of any network."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        said = [event for event in self.events if event["method"] in kinds]
        requests = [e for e in self.events if e["method"] == "Network.requestWillBeSent"]
        urls = [event["params"]["request"]["url"] for event in requests]
        return said, [url for url in urls if not url.startswith(("file:", "data:"))]
