"""`callwright plan`, `apply` and `export`: the organisation as code."""

from callwright.cli.places import JsonOption, OrganisationArgument, Where, placed


@placed
def plan(file: OrganisationArgument, where: Where, as_json: JsonOption = False) -> None:
    """Show what `apply` would change; nothing changes."""
    from callwright.cli import organisation

    organisation.show_plan(file, where, as_json=as_json)


@placed
def apply(file: OrganisationArgument, where: Where, as_json: JsonOption = False) -> None:
    """Make the organisation what the file says; a running server follows within a second."""
    from callwright.cli import organisation

    organisation.apply(file, where, as_json=as_json)


@placed
def export(where: Where) -> None:
    """Print the organisation as a file; applying it again changes nothing."""
    from callwright.cli import organisation

    organisation.export(where)
