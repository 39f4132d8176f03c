"""What tools/openapi.py refuses to write."""

import json

from openapi import dangling


def test_a_reference_to_what_is_not_there_is_named() -> None:
    known, lost = "#/components/schemas/Known", "#/components/schemas/Lost"
    paths = [{"$ref": known}, {"deep": [{"$ref": lost}]}]
    text = json.dumps({"components": {"schemas": {"Known": {}}}, "paths": paths})
    assert dangling(text) == [lost]
