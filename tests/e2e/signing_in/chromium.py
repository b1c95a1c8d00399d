"""A real Chromium, driven by its DevTools protocol by two pipes: no port is opened, and nothing else is installed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 180.0
"""Seconds until a page shows what it shall, on a busy machine."""

KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}
PRESSED = "a, button, [role=menuitem], [role=button]"


class BrowserError(Exception):
    """The browser refused something, or a page did not show in time what it shall."""


class Chromium:
    """A headless browser; use it in a ``with`` statement."""

    def __init__(self) -> None:
        self._number = 0
        self._rest = b""

    def __enter__(self) -> Self:
        self._profile = tempfile.mkdtemp(prefix="flowship-chromium-")
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        program = os.environ.get("E2E_BROWSER", "chromium")
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--ignore-certificate-errors",
            "--no-first-run",
            "--remote-debugging-pipe",
            f"--user-data-dir={self._profile}",
        ]
        # It reads from its file 3 and writes to its file 4.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", "bash", "-c", shell, "bash", program, *options, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.send("Browser.close")
            self._process.wait(30)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    @contextmanager
    def person(self, width: int = 1280, height: int = 900, *, dark: bool = False) -> Iterator[Page]:
        """Open a window for somebody who has no cookies yet."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "DOM", "Accessibility"):
            page.send(f"{domain}.enable")
        page.looks(width, height, dark=dark)
        try:
            yield page
        finally:
            self.send("Target.disposeBrowserContext", browserContextId=context)

    def send(self, method: str, session: str = "", /, **parameters: Any) -> Any:
        """Have the browser do something, and give its answer. Raises BrowserError."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == self._number:
                if "error" in said:
                    raise BrowserError(f"{method}: {said['error'].get('message')}")
                return said["result"]

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            got = os.read(self._read, 1 << 20)
            if not got:
                raise BrowserError("the browser has ended")
            self._rest += got
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


@dataclass(frozen=True)
class Shown:
    """What a screen reader says of one thing on a page."""

    role: str
    name: str
    description: str = ""


class Page:
    """One window: what somebody does in it, and sees."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser, self._session = browser, session

    def send(self, method: str, **parameters: Any) -> Any:
        return self._browser.send(method, self._session, **parameters)

    def looks(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        """Make the window this large, for eyes that like it light or dark."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def go(self, url: str) -> None:
        """Go to a page, and return once it has loaded."""
        self.send("Page.navigate", url=url)
        self.until("location.href != 'about:blank' && document.readyState == 'complete'", f"{url} has loaded")

    @property
    def address(self) -> str:
        return str(self.evaluate("location.href"))

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        return str(self.evaluate("document.body ? document.body.innerText : ''"))

    def evaluate(self, expression: str) -> Any:
        """Give the value of an expression of JavaScript in the page, after what it waits for."""
        done = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise BrowserError(str(done["exceptionDetails"].get("exception", {}).get("description")))
        return done["result"].get("value")

    def until(self, expression: str, what: str, limit: float = LIMIT) -> None:
        """Return once an expression is true; a page that is just left has no answer."""
        self._until(lambda: self.evaluate(f"!!({expression})"), what, limit)

    def until_text(self, *texts: str) -> None:
        """Return once the page shows all of it."""
        self._until(lambda: all(text in self.text for text in texts), f"the page shows {texts}", LIMIT)

    def until_at(self, beginning: str) -> None:
        """Return once the window is at an address that begins so, and has loaded."""
        self.until(
            f"location.href.startsWith({json.dumps(beginning)}) && document.readyState == 'complete'",
            f"the window is at {beginning}",
        )

    def type(self, selector: str, text: str) -> None:
        """Write into a field in the place of what is in it, as by the keyboard."""
        place = json.dumps(selector)
        self.until(f"document.querySelector({place})", f"{selector} is there")
        self.evaluate(f"(field => {{ field.focus(); field.select(); }})(document.querySelector({place}))")
        self.send("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Press what a selector finds, by the mouse where it is on the page."""
        self._click(f"document.querySelector({json.dumps(selector)})", selector)

    def click_text(self, text: str) -> None:
        """Press the last and innermost thing that reads so."""
        things = f"[...document.querySelectorAll({json.dumps(PRESSED)})]"
        self._click(f"{things}.filter(each => each.innerText.trim() == {json.dumps(text)}).at(-1)", text)

    def press(self, key: str) -> None:
        """Press a key, such as Tab or Enter."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        typed = {"text": "\r"} if key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **named, **typed)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def picture(self, file: Path) -> None:
        """Write what is to be seen, all of the page, as PNG."""
        taken = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=False)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(taken["data"]))

    def cookies(self) -> dict[str, dict[str, Any]]:
        """Give the cookies that the browser would send to this page."""
        return {str(each["name"]): dict(each) for each in self.send("Network.getCookies")["cookies"]}

    def read_out(self) -> list[Shown]:
        """Give what a screen reader says of the page, from the top to the end."""
        nodes = {node["nodeId"]: node for node in self.send("Accessibility.getFullAXTree")["nodes"]}

        def from_the_top(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
            yield node
            for child in node.get("childIds", []):
                yield from from_the_top(nodes[child])

        read = (
            Shown(*(str(node.get(each, {}).get("value", "")) for each in ("role", "name", "description")))
            for node in from_the_top(next(iter(nodes.values())))
            if not node.get("ignored")
        )
        return [each for each in read if each.role not in ("InlineTextBox", "StaticText", "none", "generic")]

    def focused(self) -> str:
        """Give the role and the name of what has the focus, as a screen reader says them."""
        (node,) = (
            node
            for node in self.send("Accessibility.getFullAXTree")["nodes"][1:]
            if {"name": "focused", "value": {"type": "booleanOrUndefined", "value": True}} in node.get("properties", [])
        )
        return f"{node['role']['value']} {node['name']['value']}"

    def _click(self, found: str, what: str) -> None:
        self.until(f"(e => e && e.getClientRects().length && !e.disabled)({found})", f"{what} can be pressed")
        place = self.evaluate(
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect();"
            f" return [r.x + r.width / 2, r.y + r.height / 2]; }})({found})"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def _until(self, question: Callable[[], object], what: str, limit: float) -> None:
        deadline = time.monotonic() + limit
        while True:
            try:
                if question():
                    return
            except BrowserError:
                if self._browser.has_ended:
                    raise
            if time.monotonic() > deadline:
                raise BrowserError(
                    f"not within {limit:.0f} s: {what}. The page at {self.address} reads:\n{self.text[:2000]}"
                )
            time.sleep(0.2)
