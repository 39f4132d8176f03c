"""What takes a core and memory for seconds is made for few at the same time."""

from contextlib import ExitStack

import pytest
from tests.unit.api.api_client import Api

from callwright.api.at_once import AtOnce
from callwright.api.organisation import EXPORTS
from callwright.api.usage import ARCHIVES
from callwright.kernel.limits.api import EXPORTS_AT_ONCE
from callwright.kernel.limits.reports import USAGE_ARCHIVES_AT_ONCE


@pytest.mark.parametrize(
    ("path", "made", "most"),
    [
        ("/reports/pstn/archive", ARCHIVES, USAGE_ARCHIVES_AT_ONCE),
        ("/organisation/export", EXPORTS, EXPORTS_AT_ONCE),
    ],
)
def test_who_asks_for_one_more_is_told_when_to_come_back(
    api: Api, path: str, made: AtOnce, most: int
) -> None:
    with ExitStack() as others:
        for _ in range(most):
            others.enter_context(made.one())
        refused = api.ask("GET", path)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["remedy"]
    assert api.ask("GET", path).status_code == 200
