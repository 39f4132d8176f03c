"""The JSON Schema for editors takes what the program takes, by a validator that is not ours."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from typer.testing import CliRunner

import callwright
from callwright.cli.main import app
from callwright.operations.json_schema import file_schema

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"
COMMITTED = Path(__file__).parents[3] / "docs/reference/organisation.schema.json"


@pytest.fixture
def tree() -> Any:
    return yaml.safe_load(CONTOSO.read_text())


def mistakes(tree: Any) -> list[str]:
    validator = jsonschema_rs.validator_for(file_schema())
    return ["/".join(map(str, error.instance_path)) for error in validator.iter_errors(tree)]


def test_contoso_is_valid(tree: Any) -> None:
    assert mistakes(tree) == []
    assert mistakes(tree | {"include": ["users.yaml"]}) == []


def test_misspelt_keys_and_wrong_types_are_found(tree: Any) -> None:
    tree["users"]["bob"]["extention"] = "102"
    tree["call_queues"]["support"]["alert_s"] = "fifteen"
    assert sorted(mistakes(tree)) == ["call_queues/support/alert_s", "users/bob"]


def test_examples_are_values() -> None:
    user = file_schema()["$defs"]["UserSettings"]["properties"]
    assert user["name"]["examples"] == ["Alice Adams"]


def test_the_committed_schema_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(app, ["schema"]).stdout
    assert json.loads(COMMITTED.read_text()) == json.loads(printed)
