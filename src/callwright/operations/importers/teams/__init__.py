"""What the cmdlets of Teams say of an organisation, as an organisation file, and what does not fit
into one."""

from callwright.operations.importers.teams.conversion import Converted, converted
from callwright.operations.importers.teams.reading import BadExport, Exported, read_exports

__all__ = ["BadExport", "Converted", "Exported", "converted", "read_exports"]
