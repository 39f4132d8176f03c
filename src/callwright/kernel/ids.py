"""Identifiers, one type per kind of thing, so that a checker tells them apart."""

from typing import NewType

OrganisationId = NewType("OrganisationId", str)
"""Key of an organisation; today there is one per system, named by its SIP domain."""
UserId = NewType("UserId", str)
"""Key of a user in the organisation file: ``alice``."""
GroupId = NewType("GroupId", str)
SbcId = NewType("SbcId", str)
ResourceAccountId = NewType("ResourceAccountId", str)
CallQueueId = NewType("CallQueueId", str)
AutoAttendantId = NewType("AutoAttendantId", str)
MailboxId = NewType("MailboxId", str)
"""Key of a mailbox: a user's key, or the key of a shared mailbox."""
LocationId = NewType("LocationId", str)
CallId = NewType("CallId", str)
"""Our own id of a call (not the SIP Call-ID): ``call_`` and 26 characters that sort by time."""
LegId = NewType("LegId", int)
"""Number of a leg, unique in one running node; the media engine knows the leg by it."""
RoomId = NewType("RoomId", int)
"""Number of a room in which the media engine mixes legs."""
PromptId = NewType("PromptId", int)
"""Number of a decoded prompt that the media engine holds."""
RecordingId = NewType("RecordingId", str)
"""Of a talk that a queue recorded."""
VoicemailId = NewType("VoicemailId", str)
