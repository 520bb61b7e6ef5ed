"""A real, headless Chromium, driven over the pipe of its DevTools protocol: no driver, no port, no network."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, wanted in zip(ends, (3, 4)):
    os.dup2(end, wanted)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads commands from descriptor 3 and answers on 4."""

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "End": 35, "Home": 36, "Escape": 27}
KEYS |= {"Tab": 9, "Enter": 13, " ": 32}


def find_chromium() -> str | None:
    """The browser on the path, or the one that ``$CHROMIUM`` names."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *NAMES)))), None)


class Browser:
    """One page of a browser; a context manager. What went wrong in the page gathers in ``complaints``."""

    def __init__(self, executable: str) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="regretta-browser-", ignore_cleanup_errors=True)
        theirs_in, self.to_browser = os.pipe()
        self.from_browser, theirs_out = os.pipe()
        options = (
            "--headless", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
            "--no-sandbox", "about:blank",  # no sandbox: containers have none, and only our own page is opened
        )  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), executable, *options],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.buffer, self.session = 0, b"", ""
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def __enter__(self) -> Browser:
        targets = self.do("Target.getTargets")["targetInfos"]
        page = next(found["targetId"] for found in targets if found["type"] == "page")
        self.session = self.do("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self.session = ""
        self.do("Browser.close")
        os.close(self.to_browser)
        os.close(self.from_browser)
        self.process.wait(timeout=30)
        self.profile.cleanup()

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Issue a command and wait for its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self.number:
            self._observe(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            received = os.read(self.from_browser, 1 << 20)
            if not received:
                raise RuntimeError("the browser has ended")
            self.buffer += received
        message, _, self.buffer = self.buffer.partition(b"\0")
        return dict(json.loads(message))

    def _observe(self, event: dict[str, Any]) -> None:
        method, details = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(details["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Log.entryAdded":
            self.complaints.append(details["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"console.{details['type']}: {details['args']}")
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append(f"a dialog: {details['message']}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])

    def open(self, file: Path, hash_: str = "") -> None:
        """Open a file at a hash, and wait until it is loaded."""
        self.complaints, self.requests = [], []
        self.do("Page.navigate", url=file.resolve().as_uri() + hash_)
        while not self.value("document.readyState === 'complete' && location.protocol === 'file:'"):
            pass
        self.settle()

    def value(self, expression: str) -> Any:
        """Evaluate an expression in the page."""
        answer = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", expression))
        return answer["result"].get("value")

    def settle(self) -> None:
        """Wait until the page has been laid out and drawn."""
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def size(self, width: int, height: int = 900, dark: bool = False, media: str = "") -> None:
        """Set the size of the window, light or dark, and ``media="print"``."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", media=media, features=[feature])
        self.settle()

    def mouse(self, kind: str, x: float, y: float) -> None:
        """Send an event of the mouse: ``mouseMoved``, ``mousePressed`` or ``mouseReleased``."""
        button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, **button)

    def click(self, expression: str) -> None:
        """Click with the mouse on the middle of the element that an expression gives."""
        self.value(f"({expression}).scrollIntoView({{block: 'center'}})")
        self.settle()
        box = self.value(f"({expression}).getBoundingClientRect().toJSON()")
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.mouse(kind, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.settle()

    def press(self, key: str) -> None:
        """Press and release a key."""
        code = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": {"Enter": "\r", " ": " "}[key]} if key in ("Enter", " ") else {}
        self.do("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.do("Input.dispatchKeyEvent", type="keyUp", **code)
        self.settle()

    def pdf(self) -> bytes:
        """Print the page on A4 paper."""
        return base64.b64decode(self.do("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])

    def picture(self, file: Path) -> None:
        """Write a picture of the whole page."""
        answer = self.do("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))
