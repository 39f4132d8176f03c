"""Event packages (RFC 6665 §7.2) as documents: what they say, and how it is written and read.

package          the packages that we tell of, and who may be told in which form
message_summary  messages that wait (RFC 3842)
dialog_document  a user's calls (RFC 4235): busy lamps
pidf             whether a user can be reached (RFC 3863, RFC 4480), written
pidf_reader      the same, read from what phones publish
publication      what phones published, and its life (RFC 3903)
reginfo          a user's registrations (RFC 3680)
markup           XML text
"""
