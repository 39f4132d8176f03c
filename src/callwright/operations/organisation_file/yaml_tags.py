"""What YAML 1.1 takes a value for: its tag, written or by its looks."""

from typing import Any

import yaml

PREFIX = "tag:yaml.org,2002:"
TEXT = f"{PREFIX}str"
_FORMS: dict[str, list[tuple[str, Any]]] = yaml.resolver.Resolver.yaml_implicit_resolvers
"""What plain text may mean, by its first character."""
MEANINGS = {
    "bool": "true or false",
    "float": "a number",
    "int": "a number",
    "merge": "a merge",
    "null": "nothing",
    "timestamp": "a date",
    "value": "a default value",
}
OWN_TAGS = frozenset({None, "!", f"{PREFIX}map", f"{PREFIX}seq"})
"""Of collections that were written without a tag, or with one that says nothing new."""


def tag_of(scalar: Any) -> str:
    if scalar.implicit[0]:
        return tag_of_plain(scalar.value)
    return TEXT if scalar.tag in (None, "!") else str(scalar.tag)


def tag_of_plain(text: str) -> str:
    """What YAML 1.1 takes text without quotes for."""
    for tag, form in _FORMS.get(text[:1], ()):
        if form.match(text):
            return tag
    return TEXT


def shown_tag(event: Any) -> str:
    return str(event.tag).replace(PREFIX, "!!")
