"""A browser behind a NAT reaches a server with a public or a 1:1 NATed address, and is reached."""

import pytest
from tests.browser.chromium import needs_chromium
from tests.nat_lab.browser_scenes import SCENES
from tests.nat_lab.test_nat_lab import SCENE_S, run

pytestmark = [needs_chromium, pytest.mark.timeout(SCENE_S + 20)]


@pytest.mark.parametrize("name", SCENES)
def test_page_and_phone_are_heard_through(name: str) -> None:
    done = run("tests.nat_lab.browser_scenes", name)
    assert done.stdout == "heard\n", done.stderr
