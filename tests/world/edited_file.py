"""The demo organisation's file with small edits, as calls see it."""

import tempfile
from pathlib import Path

from tests.unit.operations.contoso_file import contoso_text, read_text

from callwright.operations.organisation_file import build_snapshot
from callwright.routing.snapshot import Snapshot


def edited(*edits: tuple[str, str]) -> Snapshot:
    """Returns the snapshot after replacing, once each, the first text of a pair."""
    with tempfile.TemporaryDirectory(prefix="callwright-file-") as folder:
        organisation = read_text(Path(folder), contoso_text(*edits))
    return build_snapshot(organisation, revision=1, base=None)
