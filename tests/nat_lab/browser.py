"""A page in a browser, spoken to like the lab's phones (see `tests.nat_lab.phone`).

Its server is reached at port 5,443 of the same address; what its certificate says is not looked at.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.browser.chromium import Page, open_page

from callwright.kernel.addresses import HostPort

WSS_PORT = 5_443
SWITCHES = ("--disable-features=WebRtcHideLocalIpsWithMdns",)
DOMAIN = "contoso.test"


class PageVerbs:
    """What can be asked of the page; one call at a time."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.verbs: dict[str, Callable[..., None]] = {
            "register": self.register,
            "dial": self.dial,
            "pick_up": self.pick_up,
            "answered": self.answered,
            "hears": self.hears,
            "hold": self.hold,
            "resume": self.resume,
            "restart": self.restart,
            "hang_up": self.hang_up,
            "is_hung_up": self.is_hung_up,
        }

    def register(self) -> None:
        self._page.says("registered")

    def dial(self, target: str) -> None:
        self._page.tell("dial", f"sip:{target}@{DOMAIN}")

    def pick_up(self) -> None:
        self._page.says("rung")
        self._page.tell("answer")

    def answered(self) -> None:
        self._page.says("answered")

    def hears(self, tone_hz: int) -> None:
        self._page.tell("listen", str(tone_hz))
        self._page.says("heard")

    def hold(self) -> None:
        self._page.tell("hold")
        self._page.says("held")

    def resume(self) -> None:
        self._page.tell("resume")
        self._page.says("resumed")

    def restart(self) -> None:
        self._page.tell("restart_ice")
        self._page.says("restarted")

    def hang_up(self) -> None:
        self._page.tell("hang_up")

    def is_hung_up(self) -> None:
        self._page.says("ended")


def main(user: str, _own_ip: str, server: str, tone_hz: str) -> None:
    settings = {
        "server": f"wss://{HostPort(HostPort.parse(server).host, WSS_PORT)}",
        "domain": DOMAIN,
        "user": user,
        "password": f"{user}-secret",
    }
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory,
        open_page(Path(directory), tone_hz=int(tone_hz), switches=SWITCHES, **settings) as page,
    ):
        verbs = PageVerbs(page).verbs
        while line := sys.stdin.readline():
            verb, *words = json.loads(line)
            try:
                verbs[verb](*words)
            except AssertionError as error:
                print(json.dumps(f"{user}: {verb}: {error}"), flush=True)
            else:
                print("null", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
