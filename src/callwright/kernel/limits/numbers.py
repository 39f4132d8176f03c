"""Bounds of numbers: lists, uploads, orders, porting."""

NUMBERS_PER_RANGE_MAX = 1_000_000
NUMBER_TAGS_MAX = 50
NUMBER_TAG_CHARS_MAX = 50
"""SPEC 3.5; row 37."""
NUMBER_BLOCK_DAYS_RANGE = (1, 365)
"""SPEC 3.5 (AssignmentBlockedDays)."""
NUMBERS_PER_PAGE_DEFAULT = 500
NUMBERS_PER_PAGE_MAX = 1_000
"""SPEC 3.5 (Get-CsPhoneNumberAssignment)."""
NUMBERS_PER_UPLOAD_MAX = 10_000
"""SPEC 3.4; row 38."""
NUMBERS_PER_RELEASE_MAX = 1_000
"""SPEC 3.4; row 39."""
NUMBERS_PER_ORDER_MAX = 1_500
"""The largest quota of service numbers (SPEC 3.3): no order could hold more of them."""
NUMBER_RESERVATION_S = 600
"""SPEC 3.4: found numbers are kept for ten minutes; row 15."""
NUMBER_ATTEMPTS_MAX = 20
"""Of one act on numbers, when others write the same; each that fails means that one of theirs
went through."""
NUMBER_ORDERS_KEPT_MAX = 200
NUMBER_UPLOADS_KEPT_MAX = 50
"""What is over stays for people to look at; the oldest go first."""
UPLOAD_MISTAKES_KEPT_MAX = 1_000
UPLOAD_BYTES_MAX = 4 * 1024 * 1024
"""400 characters for each of 10,000 numbers."""
REMARK_CHARS_MAX = 500
NUMBER_ORDERS_OPEN_MAX = 20
"""Searches of one organisation whose numbers are kept at the same time."""
PORT_NUMBERS_MAX = 999
"""SPEC 3.11: user numbers of one port order; row 41."""
PORT_ORDERS_OPEN_MAX = 100
"""Of one organisation, neither completed nor cancelled: each new one is compared with them."""
PORT_ORGANISATION_CHARS_MAX = 25
PORT_AUTHORISER_CHARS_MAX = 15
"""SPEC 3.11."""
PORT_PENDING_S = 86_400
"""SPEC 3.11: less than 24 hours before the move an order cannot be cancelled."""
