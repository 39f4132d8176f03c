"""Bounds of SIP: messages, connections, challenges, transactions, session timers."""

SIP_MESSAGE_BYTES_MAX = 65_535
"""A UDP datagram cannot hold more; TCP framing uses the same bound."""
SIP_HEADERS_MAX = 256
SIP_HEADER_BYTES_MAX = 8_192
SIP_PARAMETERS_MAX = 64
"""Of one Via, address or URI; a dozen is much, thousands are an attempt to keep us busy."""
SDP_MEDIA_MAX = 32
SDP_FORMATS_MAX = 64
"""m-lines of one description and payload types of one m-line; real ones have a handful."""
SDP_ATTRIBUTES_MAX = 64
SDP_CRYPTO_MAX = 16
"""Of one stream: lines about how it is carried, and keys among them; real ones have a dozen."""
DIGEST_NONCE_S = 300.0
"""How long a client may use one challenge before it is told ``stale`` (RFC 7616 §5.4)."""
DIGEST_NONCES_MAX = 20_000
"""Nonces whose counts are remembered against replay; what falls out is stale."""
SIP_TCP_CONNECTIONS_MAX = 4_096
SIP_TCP_IDLE_S = 3_600.0
SIP_TCP_UNPROVEN_IDLE_S = 60.0
"""The same where the peer has proven nothing: no registration, no call, no SBC."""
SIP_TLS_HANDSHAKE_S = 10.0
SIP_TCP_PARTIAL_MESSAGE_S = 10.0
"""A peer that has not finished a message by then is slow on purpose (slow-loris)."""
SIP_TCP_FIRST_REQUEST_S = 30.0
"""Who connects has something to ask; a connection without a SIP request by then is closed."""
SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX = 512
"""One address (IPv6: /64) takes an eighth of the table at most; many phones may stand behind one
NAT."""
TRANSACTIONS_MAX = 100_000
TRANSACTIONS_CROWDED_SHARE = 0.8
"""From here on new transactions are for SBCs, registered phones and emergency calls only."""
TRANSACTIONS_LAST_SHARE = 2.0
"""Beyond TRANSACTIONS_MAX: for emergency calls, and for those who talk and want to end."""
HOPS_MAX = 70
"""Max-Forwards of a call that begins here (RFC 3261 §8.1.1.6)."""
REOFFER_ATTEMPTS_MAX = 5
"""Tries of one re-INVITE that meets one of the peer's each time (RFC 3261 §14.1 names no bound)."""
FORKED_ANSWERS_MAX = 20
"""Answers of other forks to one INVITE that are taken down politely; more are a flood."""
SESSION_EXPIRES_S = 1_800
"""The session timer that we offer (RFC 4028 §4 recommends it)."""
SESSION_EXPIRES_S_MIN = 90
"""RFC 4028 §5: nobody may ask for less."""
SESSION_EXPIRES_S_MAX = 86_400
"""A peer's wish for more is granted with this; without an end a timer would be none."""
SESSION_INTERVAL_ATTEMPTS_MAX = 3
"""Tries of one request that is answered 422 each time, with an ever longer Min-SE."""
KEYS_WAITING_MAX = 64
"""Keys on their way in INFO requests, one at a time; of more the oldest go."""
CHALLENGES_MAX = 16
"""Challenges of one response that are looked at."""
DIGEST_REALMS_MAX = 8
"""Realms of one peer that we keep a nonce of."""
AUTHENTICATION_ATTEMPTS_MAX = 3
"""Sendings of one request: without proof, with one too old, with a fresh one."""
