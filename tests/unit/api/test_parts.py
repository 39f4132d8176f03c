"""A command that makes a part of the API finds there what the whole has."""

from collections.abc import Collection, Iterator

from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry
from tests.unit.api.api_client import GATE

from callwright.api.app import API, Health, add_api, make_app
from callwright.api.parts import PARTS

Routes = set[tuple[str, str]]


def test_each_part_has_the_routes_that_the_whole_has_below_its_word() -> None:
    whole = set(_routes(None))
    for word in {_word(path) for path, _ in whole}:
        assert _below(word, set(_routes({word}))) == _below(word, whole)


def test_every_word_of_a_part_begins_a_path() -> None:
    words = {_word(path) for path, _ in _routes(None)}
    assert {word for part in PARTS for word in part.words.split()} <= words


def _routes(words: Collection[str] | None) -> Iterator[tuple[str, str]]:
    app = make_app(health=lambda: Health(True, "ready", None, 0, 0), registry=CollectorRegistry())
    add_api(app, GATE, words=words)
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        if path.startswith(API):
            for method in route.methods or ("GET",):
                yield path, method


def _word(path: str) -> str:
    return path.removeprefix(f"{API}/").partition("/")[0]


def _below(word: str, routes: Routes) -> Routes:
    return {(path, method) for path, method in routes if _word(path) == word}
