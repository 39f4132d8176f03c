"""Writes stored entities as an organisation file again, which reads back to the same entities."""

import io
import re
from typing import Any

import yaml
from pydantic import JsonValue

from callwright.operations.organisation_file.entities import Entities, from_entities

_HEAD = "# The organisation file: one file sets up a phone system in the seven steps.\n"
_STEPS = {
    "organisation": "",
    "licences": "Step 1 - licences: seats bought, by SKU. Users hold them below.",
    "users": "",
    "groups": "",
    "policies": "",
    "pstn": "Step 2 - PSTN connectivity",
    "dial_plans": "",
    "numbers": "Steps 3 and 4 - numbers for users and for services",
    "unassigned_numbers": "",
    "contacts": "",
    "resource_accounts": "",
    "call_queues": "Step 5 - call queues",
    "shared_voicemail": "",
    "auto_attendants": "Step 6 - auto attendants",
    "credits": "Step 7 - communications credits",
    "emergency": "",
    "shield": "",
}
_NUMBER_LIKE = re.compile(r"[-+0-9:*#]+|\+?[0-9.]+(\.\.\+[0-9]+)?")
_FLOW_WIDTH = 96
"""A list or mapping that fits into one line stands in one, as in { }."""
_UNFOLDED = 1_000_000
"""A prompt stays on its line, however long it is."""


class _Dumper(yaml.SafeDumper):
    """Writes text that looks like a number in double quotes, as readers of the file expect it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if _NUMBER_LIKE.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def export_organisation(entities: Entities) -> str:
    """Returns the YAML text, sections and keys in the file's order, passwords included.

    Raises ValueError on entities that no version of this program wrote.
    """
    organisation = from_entities(entities)
    tree = organisation.model_dump(mode="json", exclude_unset=True)
    parts = [_HEAD]
    for section, comment in _STEPS.items():
        if section in tree:
            heading = f"# {comment}\n" if comment else ""
            parts.append(heading + _written({section: tree[section]}))
    return "\n".join(parts)


def _written(tree: JsonValue) -> str:
    text = io.StringIO()
    dumper = _Dumper(text, sort_keys=False, allow_unicode=True, width=_UNFOLDED)
    try:
        dumper.open()
        root = dumper.represent_data(tree)
        assert isinstance(root, yaml.MappingNode), "a section is a mapping with one key"
        root.flow_style = False
        section = root.value[0][1]
        _choose_style(section, indent=2, is_section=True)
        dumper.serialize(root)
        dumper.close()
    finally:
        dumper.dispose()
    return text.getvalue()


def _choose_style(node: yaml.Node, *, indent: int, is_section: bool = False) -> None:
    """Puts what fits into one line; entries of the same shape are all in one line or none."""
    if not isinstance(node, yaml.CollectionNode):
        return
    node.flow_style = not node.value or (not is_section and _fits(node, indent))
    if node.flow_style:
        return
    children = _children(node)
    same_shape = len({type(child) for child in children}) == 1
    in_lines = not same_shape or all(_fits(child, indent) for child in children)
    for child in children:
        is_entry = not in_lines and len(child.value) > 1
        _choose_style(child, indent=indent + 2, is_section=is_entry)


def _children(node: yaml.CollectionNode) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return list(node.value)


def _fits(node: yaml.Node, indent: int) -> bool:
    return indent + _length(node) <= _FLOW_WIDTH


def _length(node: yaml.Node) -> int:
    """About as many characters as the node takes in one line."""
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 4
    if isinstance(node, yaml.MappingNode):
        return 4 + sum(_length(key) + _length(value) for key, value in node.value)
    return 4 + sum(map(_length, node.value))
