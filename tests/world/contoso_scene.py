"""The demo organisation with changes, read and checked as a file is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

import callwright
from callwright.operations.organisation_file import Organisation, build_snapshot
from callwright.operations.organisation_file.soundness import mistakes
from callwright.routing.snapshot import Snapshot

CONTOSO = Path(callwright.__file__).parent / "examples/contoso.yaml"

File = dict[str, Any]


def contoso(change: Callable[[File], object] = lambda file: None) -> Snapshot:
    """Returns the snapshot after ``change`` to the file, which must be without a mistake."""
    file: File = yaml.safe_load(CONTOSO.read_text(encoding="utf-8"))
    change(file)
    organisation = Organisation.model_validate(file)
    found = list(mistakes(organisation))
    assert not found, found
    return build_snapshot(organisation, revision=1, base=None)
