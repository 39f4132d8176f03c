"""Every bound of the system with its source; nothing else names a number as a limit."""

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
SIP_TLS_HANDSHAKE_S = 10.0
CERTIFICATES_MAX = 1_000
CERTIFICATES_LOOK_S = 60.0
"""How often certificate files are looked at for new ones."""
CERTIFICATE_WARNING_DAYS = 30
SIP_TCP_PARTIAL_MESSAGE_S = 10.0
"""A peer that has not finished a message by then is slow on purpose (slow-loris)."""
SIP_TCP_FIRST_REQUEST_S = 30.0
"""Who connects has something to ask; a connection without a SIP request by then is closed."""
SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX = 512
"""One address takes an eighth of the table at most; many phones may stand behind one NAT."""
TRANSACTIONS_MAX = 100_000
TRANSACTIONS_CROWDED_SHARE = 0.8
"""From here on new transactions are for SBCs, registered phones and emergency calls only."""
TRANSACTIONS_LAST_SHARE = 2.0
"""Beyond TRANSACTIONS_MAX: for emergency calls, and for those who talk and want to end."""
HOPS_MAX = 70
"""Max-Forwards of a call that begins here (RFC 3261 §8.1.1.6)."""
STRANGER_RECORDS_S = 60.0
STRANGER_RECORDS_MAX = 60
STRANGER_RECORDS_PER_ADDRESS_MAX = 10
"""Calls of strangers that leave a record in each such span; the others are only counted."""
TEXT_MESSAGE_BYTES_MAX = 8_192
"""Of one text between users; RFC 3428 §8 has a UDP path carry 1,300."""
CALLS_MAX = 10_000
FORWARDS_MAX = 10
"""Hops of forwarding before a call is called a loop (SPEC 2.4, 510482)."""
ATTENDANT_CHAIN_MAX = 10
BINDINGS_PER_USER_MAX = 20
REGISTRATION_EXPIRES_S_DEFAULT = 3_600
REGISTRATION_EXPIRES_S_MIN = 60
REGISTRATION_EXPIRES_S_MAX = 86_400
REGISTRATION_NAT_EXPIRES_S_MAX = 600
"""Of a UDP phone behind NAT: a NAT box that restarts makes it unreachable for no longer."""
INSTANCE_CHARS_MAX = 128
"""Of ``+sip.instance``; a UUID as a URN has 45."""
NAT_KEEP_ALIVE_S = 28.0
"""How often a phone behind NAT hears of us over UDP; boxes that forget after 30 s are common."""
NAT_KEEP_ALIVE_SLOTS = 100
"""The pings of one round are spread over so many turns, 500 of 50,000 phones in each."""
PHONE_FLOW_SILENCE_S = 3.0
"""A phone with several flows is tried over the next one when nothing at all came so long."""
SUBSCRIPTIONS_PER_USER_MAX = 500
"""A desk with three key modules watches 180 colleagues; some have two such phones."""
SUBSCRIPTIONS_MAX = 100_000
SUBSCRIPTION_EXPIRES_S_MIN = 60
SUBSCRIPTION_EXPIRES_S_MAX = 86_400
SUBSCRIPTION_LOOK_S = 5.0
"""How long somebody who asks once waits for a state that has to be fetched."""
NOTIFY_INTERVAL_S = 0.5
"""Between two NOTIFYs of one subscription; what happens meanwhile is told as its last state."""
NOTIFY_RETRY_S = 5.0
NOTIFY_FAILURES_MAX = 3
"""NOTIFYs in a row that were answered with an error before the subscription is given up."""
NOTIFIES_PER_TURN_MAX = 50
NOTIFY_TURN_S = 0.01
"""News of a much watched user goes out in turns of so many, for calls to go on between them."""
PUBLICATIONS_PER_USER_MAX = 20
PUBLICATION_BYTES_MAX = 16_384
XML_ELEMENTS_MAX = 1_000
XML_DEPTH_MAX = 32
REFER_SUBSCRIPTION_S = 180
"""How long the sender of a REFER is promised news of it; longer than any of our calls rings."""
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
TEXT_UDP_BYTES_MAX = 1_300
"""RFC 3428 §8: more goes over connections only."""
TEXT_WAIT_S = 24.0
"""How long the phones have for a text; its sender gives up after 32 s (RFC 3261 timer F)."""
TEXTS_WAITING_PER_USER_MAX = 50
"""Of one sender, on their way to phones that said nothing yet."""
KEYS_WAITING_MAX = 64
"""Keys on their way in INFO requests, one at a time; of more the oldest go."""

ANSWERING_DELAYS_S = (5, 10, 15, 20, 30, 40, 50, 60)
"""SPEC 8.2 (UnansweredDelay)."""
ANSWERING_DELAY_S_DEFAULT = 20
"""SPEC 8.2."""
OUTBOUND_RING_S_MAX = 180.0
"""How long a gateway may ring; RFC 3261 timer C asks proxies for more than 180 s."""
GATEWAY_FAILOVER_S_DEFAULT = 10.0
"""SPEC 2.3 (FailoverTimeSeconds)."""
GATEWAY_FAILOVER_CODES_DEFAULT = (408, 503, 504)
"""SPEC 2.3 (FailoverResponseCodes)."""
GATEWAY_SESSIONS_MAX = 100_000
"""SPEC 2.3."""
OVERLOAD_LOW_S, OVERLOAD_HIGH_S = 0.1, 0.2
"""Behind with what sockets hold for longer: calls of strangers, then all new calls are refused.
Half of T1 (RFC 3261 §17.1.1.1) at most, so that nobody sends again what is served."""
OPTIONS_INTERVAL_S = 60.0
"""SPEC 2.5."""
OPTIONS_HEALTHY_S = 180.0
"""SPEC 2.5: three intervals without an answer demote a gateway."""

QUEUE_ALERT_S_DEFAULT = 30
QUEUE_ALERT_S_RANGE = (15, 180)
QUEUE_WAITING_DEFAULT = 50
QUEUE_WAITING_RANGE = (0, 1_000)
"""SPEC 5.2 stops at 200; five hundred waiting callers are measured, and twice that is the bound."""
QUEUE_TIMEOUT_S_DEFAULT = 1_200
QUEUE_TIMEOUT_S_RANGE = (0, 2_700)
QUEUE_TIMEOUT_S_STEP = 15
QUEUE_INDIVIDUAL_AGENTS_MAX = 20
QUEUE_GROUP_AGENTS_MAX = 200
"""The queue limits are SPEC 5.2's."""
PROMPT_TEXT_CHARS_MAX = 1_000
"""SPEC 5.2, 6.4."""
AUDIO_FILE_BYTES_MAX = 5 * 1024 * 1024
"""SPEC 6.14."""
PROMPT_S_MAX = 600.0
"""Keeps one decoded prompt below 10 MB."""
PROMPT_RENDERS_AT_ONCE = 4
PROMPT_FETCH_S = 5.0
"""A caller waits so long for a greeting that nobody heard yet; the built-in voice takes 0.1 s."""
PROMPT_IDLE_BYTES_MAX = 64 * 1024 * 1024
"""Decoded greetings that are kept beside what every call may need: 500 of 8 s."""
PROMPT_CACHE_FILES_MAX = 2_000
"""At 20 kB to 1 MB each; the longest unused go first."""
SPEECH_TIMEOUT_S = 20.0
"""The longest text takes the built-in voice 0.2 s."""
SPEECH_ATTEMPTS_MAX = 2
"""The second has a fresh worker: the first may have died of what came before."""
SPEECH_CRASHES_MAX = 10
"""In a row; then the voice is taken for broken until the next start."""
ATTENDANT_ROUNDS = 3
"""SPEC 6.7."""
ATTENDANT_ROUND_WAIT_S = 4.0
"""What a round waits after its prompt, unless the file says otherwise."""
ATTENDANT_AMBIGUOUS_KEY_S = 1.0
"""How long a pressed key that also begins an extension waits for the next digit."""
ATTENDANT_INTERDIGIT_S = 3.0
ATTENDANT_HOLIDAYS_MAX = 20
"""SPEC 6.3."""
ATTENDANT_SESSION_S_MAX = 1_800.0
ATTENDANT_ACTIONS_MAX = 300
"""Of one caller in one attendant; who does more is no human, and fills the record."""
DELEGATES_MAX = 20
"""Of one resource account: as many phones ring at once (SPEC 6.12)."""
DELEGATES_RING_S_DEFAULT = 20
DELEGATES_RING_S_RANGE = (5, 60)
DIRECTORY_LISTED_MAX = 5
"""SPEC 6.9: more are too many names to read out."""
DIRECTORY_MATCHES_MAX = 100
"""SPEC 6.9: before the dial scope; more fail at once."""
DIRECTORY_KEYS_MAX = 64
"""Keys of one name; then the search begins."""
DIRECTORY_NAME_WORDS_MAX = 6
"""Of one name, in any order; further ones are not typed."""
DIRECTORY_NAMES_REMEMBERED = 131_072
"""Names whose keys are kept, so that nobody computes them for each search."""
DIRECTORY_SEARCHED_INLINE_MAX = 2_000
"""People who are searched in 4 ms; among more a thread searches, so that no call waits for it."""
DIRECTORY_SPOKEN_MAX = 350
"""With more people in scope names are typed, not said (SPEC 6.9, which allows 80,000): a menu has
400 phrases at most, and its options are among them."""
ATTENDANT_SPEECH_SURE = 0.7
"""How sure of a phrase the recogniser must be, or else the caller is asked whether it was meant."""
CALL_PRIORITY_RANGE = (1, 5)
CALL_PRIORITY_DEFAULT = 3
"""Of a call in a queue; 1 comes first (SPEC 6.6)."""

VOICEMAIL_S_DEFAULT = 300
VOICEMAIL_S_RANGE = (30, 600)
"""SPEC 8.9 (MaximumRecordingLength)."""
VOICEMAIL_SILENCE_S = 5.0
VOICEMAIL_MESSAGES_MAX = 1_000
VOICEMAIL_ORPHAN_S = 86_400
"""A recording without a message is left alone for so long: somebody may be speaking it."""
VOICEMAIL_FILES_WALKED_MAX = 100_000
"""At a start; it takes about a second."""
VOICEMAIL_FILES_SOUGHT_AT_ONCE = 500
NAME_CHARS_MAX = 64
PATTERN_CHARS_MAX = 1_024
"""SPEC 2.7 (trunk translation)."""
PATTERN_WAYS_MAX = 1_000_000
"""In which a pattern may match 64 characters; trying them all takes 0.2 s."""
DIAL_RULES_MAX = 50
"""SPEC 2.7."""
EMERGENCY_CALLBACK_S = 3_600.0
"""SPEC 3.12: an ELIN leads back to its caller for 60 minutes."""
MEDIA_TIMEOUT_S = 600.0
"""A party that sent nothing for so long has vanished; a muted phone may suppress silence."""
MEDIA_TIMEOUT_HOLD_S = 3_600.0
SHUTDOWN_GRACE_S = 10.0

DATABASE_BUSY_S = 10.0
"""How long a writer waits for another process that writes."""
DATABASE_CONNECTIONS_MAX = 32
SCHEMA_CONNECTIONS_MAX = 8
"""Of one organisation beside others in PostgreSQL, which takes 100 in all unless told otherwise."""
LEGS_RECORDED_MAX = 64
"""Of one call: whose audio its record tells of. Phones that only rang are not among them."""
LEG_NOTES_S = 10.0
"""A running call's quality is stored so often, so that others may read it."""
LEG_NOTES_SLOTS = 10
"""Not all of them at the same moment."""
STORAGE_GROUP_S = 0.05
"""What nobody waits for is collected so long, then written with one commit."""
STORAGE_GROUP_MAX = 500
STORAGE_WAITING_MAX = CALLS_MAX * 4
"""A start and an end of each call, twice; what comes on top while the disk is full is lost."""
STORAGE_RETRY_S = 1.0
VOICEMAIL_ATTEMPTS_MAX = 30
"""Of listing a message while the database refuses, a STORAGE_RETRY_S apart."""
ORGANISATION_FILE_BYTES_MAX = 32 * 1024 * 1024
"""A user takes about 300 bytes: room for 100,000."""
ORGANISATION_NODES_MAX = 2_000_000
"""Keys, values and list items after aliases are followed; stops files that unfold without end."""
ORGANISATION_DEPTH_MAX = 50
APPLY_ATTEMPTS_MAX = 3
"""When two people apply at once, the later one compares again."""
GATEWAY_FAILOVER_S_RANGE = (1, 120)
TRANSLATION_CHARS_MAX = 256
TRANSLATION_RULES_MAX = 400
"""Of all SBCs together."""
TRANSLATION_NAME_CHARS_MAX = 100
"""SPEC 2.7 (trunk translation)."""
SECRET_CHARS_MAX = 128
EMAIL_CHARS_MAX = 254
"""RFC 5321 §4.5.3.1.3, without the brackets."""
POSTAL_ADDRESS_CHARS_MAX = 256
NUMBERS_PER_RANGE_MAX = 1_000_000
AMOUNT_UNITS_MAX = 1_000_000_000
"""Whole currency units in one amount; micro-units stay far below 64 bits."""
ATTENDANT_HOLIDAY_DATES_MAX = 50
"""SPEC 6.3."""
ATTENDANT_ROUND_WAIT_S_RANGE = (1, 60)

MAIL_WAITING_MAX = 10_000
"""Mails in the outbox; more are dropped with an error in the log."""
MAIL_BATCH_MAX = 100
MAIL_SET_ASIDE_MAX = 1_000
"""Mails that no server will ever take, kept for a person to look at; the oldest go first."""
MAIL_RETRY_S = 60.0
CREDITS_LOW_AGAIN_S = 86_400.0
"""Low credits that nobody tops up are told once a day."""
CONFIGURATION_POLL_S = 0.25
"""How often a node asks for a new revision; an apply holds within a second (ADR 0003)."""
CONFIGURATION_FOLLOWED_MAX = 5_000
"""Changed entities that a running node takes over one by one; of more it reads the whole."""
NARROW_EDIT_USERS_MAX = 1_000
"""An edit of more users than this is checked as if all had changed."""
UNDO_DAYS = 30
"""How long an edit of the configuration can be taken back (ADR 0025)."""
CONFIGURATION_RETRY_S = 2.0
"""How soon a revision is tried again that could not be taken over."""
ORGANISATIONS_MAX = 100
"""On one system; each has a node of its own, with a thread that writes (ADR 0026)."""
ORGANISATIONS_POLL_S = 0.25
"""How often a server looks for organisations that were made or removed."""
ORGANISATION_LEAVES_S = 30.0
"""How long the command that removes one waits for a server to let it go: its calls are given
SHUTDOWN_GRACE_S."""
REGISTRATIONS_SWEEP_S = 60.0
REGISTRATIONS_GROUP_S = 0.1
"""Phones that registered are written together after so long; a crash forgets them until their next
registration."""
REGISTRATION_CHANGES_MAX = 2_000
"""Of one write."""
LEGS_PER_RTP_PAIR_MAX = 2_000
"""On one pair of ports; more would be lost in its socket's buffer in a moment of delay."""
LEGS_PER_RTP_PAIR_USUAL = 64
"""While pairs are free: what so many send in 100 ms fits into the buffer that Linux grants a socket
by default (net.core.rmem_max, 208 KiB: 500 packets of G.711)."""
RTP_PAIRS_FOR_EMERGENCIES = 8
"""Port pairs that only emergency calls may take, four calls' worth; at most a quarter of them."""
GATEWAY_PROGRESS_S = 40.0
"""A gateway that said 100 and nothing more for so long is passed over."""
EMERGENCY_PROGRESS_S = 8.0
"""The same for emergency calls: nobody waits long for help."""
SHUTDOWN_EMERGENCY_S = 1_800.0
"""A stopping node lets an emergency call go on for so long."""
TRANSFERS_PER_CALL_MAX = 50
EMERGENCY_CALLBACK_RING_S = 60.0
PRIVATE_LINE_RING_S = 60.0
"""SPEC 3.7: without voicemail, a private line that nobody answers is busy after a minute."""
ALTERNATE_NUMBERS_MAX = 20
"""Further lines of one user; an office has a handful."""
UNASSIGNED_TREATMENTS_MAX = 200
"""Each call out is compared with all of them; 200 patterns take 0.05 ms."""
SHARED_CALLING_EMERGENCY_NUMBERS_MAX = 100
"""Of one policy: as many people may be called back within the same hour."""
CONTACTS_MAX = 50_000
CONTACT_PHONES_MAX = 10
HISTORY_ENTRIES_MAX = 20
"""Entries of History-Info or Diversion that are read and written; more are a loop or a flood."""
PASSPORT_CHARS_MAX = 4_096
"""Of one PASSporT; real ones take about 500."""
IDENTITIES_MAX = 4
"""Identity fields of one INVITE that are looked at; more are made to keep us busy."""
PASSPORT_AGE_S_MAX = 60
"""How far its ``iat`` may be from now (RFC 8224 §6.2.2 step 4, ATIS-1000074 §5.3.1)."""
CERTIFICATES_MAX = 1_000
"""Certificates of callers' networks that are read from the folder of ``verify``."""
CERTIFICATE_BYTES_MAX = 65_536
ATTESTATION_LOOK_S = 10.0
"""How soon a changed key or certificate file is noticed."""
LOCATION_TARGETS_MAX = 16
"""Addresses of one server that are kept (RFC 3263); further ones of its DNS answer are dropped."""
LOCATION_TRIES_MAX = 4
"""Addresses of one SBC that one call tries."""
LOCATION_TTL_S_MIN = 5.0
LOCATION_TTL_S_MAX = 900.0
"""A name is looked up at least every 15 minutes, whatever its TTL is."""
LOCATION_RETRY_S = 30.0
"""After a look-up that failed; what was known last holds meanwhile."""
RESOLVER_ENTRIES_MAX = 1_024
RESOLVER_QUERY_S = 5.0
RESOLVER_QUESTIONS_MAX = 64
"""Questions to the DNS for one name: NAPTR, SRV, addresses of each server."""
TARGET_REST_S_MAX = 600.0
"""An address that answered 503 with a longer Retry-After is tried last for so long only."""
CHALLENGES_MAX = 16
"""Challenges of one response that are looked at."""
DIGEST_REALMS_MAX = 8
"""Realms of one peer that we keep a nonce of."""
AUTHENTICATION_ATTEMPTS_MAX = 3
"""Sendings of one request: without proof, with one too old, with a fresh one."""
TRUNK_EXPIRES_S_RANGE = (60, 86_400)
TRUNK_EXPIRES_S_DEFAULT = 3_600
TRUNK_RETRY_S_MIN = 30.0
TRUNK_RETRY_S_MAX = 1_800.0
"""Between attempts to register with a carrier; doubled after each that fails."""
TRUNK_CALLS_PER_S_RANGE = (0.1, 1_000.0)
TRUNK_RETRY_AFTER_S = 1
"""What a carrier is told whose call comes above a limit."""
REDIRECTS_MAX = 5
"""Contacts of one 3xx that are followed."""
HEADER_RULES_MAX = 50
"""Of one SBC in one direction."""
HEADER_VALUE_CHARS_MAX = 256
SHIELD_WRONG_SHORT = (20, 600.0)
"""Wrong credentials of one source and in how many seconds: a phone with a wrong password tries
twice a minute at most, a program that guesses twenty times a second."""
SHIELD_WRONG_LONG = (60, 86_400.0)
"""The same for who tries several names and takes his time."""
SHIELD_WRONG_ONE_NAME = (300, 86_400.0)
"""The same for one name only: a phone that was forgotten with its old password, every 5 minutes."""
SHIELD_WRONG_NETWORK = (100, 86_400.0)
"""Of a whole /24 (IPv6: /48) that changes its address with each guess."""
SHIELD_NETWORK_SOURCES_MIN = 3
"""A network is blocked as a whole only when so many of its sources guessed."""
SHIELD_WRONG_NAME = (50, 86_400.0)
"""For one user name, wherever from: then each unknown address that failed has to wait."""
SHIELD_NAME_PAUSE_S = 30.0
SHIELD_UNPROVEN_SHORT = (1_000, 600.0)
"""INVITEs of one source that never bring a proof: far more than an office that starts."""
SHIELD_MALFORMED_SHORT = (1_000, 600.0)
SHIELD_BLOCK_S = (600.0, 3_600.0, 86_400.0)
"""The first block of a source, the second, and each one after that."""
SHIELD_MEMORY_S = 604_800.0
"""How long after its end a block makes the next one longer."""
SHIELD_SOURCES_MAX = 20_000
"""Sources, networks and names, each, whose failures are counted; 30 MB when all are full."""
SHIELD_BLOCKS_MAX = 10_000
SHIELD_VERDICTS_MAX = 65_536
SHIELD_NAMES_KEPT = 5
SHIELD_HELP_CALLS_MAX = 1_000
SHIELD_HELP_PER_MINUTE = 10
"""Emergency INVITEs of a blocked source that are looked at; more are no call for help."""
SHIELD_NEVER_MAX = 1_000
SHIELD_POLL_S = 0.25
"""How often a server asks what `callwright shield` told it; that holds within a second."""
CIRCLES_LOOK_S = 15.0
CIRCLES_EVERY_S = 600.0
"""How often dead objects that refer to each other are looked for where nobody is disturbed."""
CIRCLES_LATEST_S = 3_600.0
"""After so long a busy node does it, too."""
CIRCLES_GROWTH_MAX = 500_000
"""Objects more than at the last look, about 60 MB; then it is done at once."""
CIRCLES_QUIET_TRANSACTIONS = 8
"""Transactions stay for 32 s: with fewer hardly anybody is calling."""
TRACE_BATCH_S = 0.25
TRACE_WAITING_BYTES_MAX = 64 * 1024 * 1024
"""What a slow disk makes us keep; more is not traced."""
TRACE_SEGMENT_BYTES = 16 * 1024 * 1024
TRACE_BYTES_MAX = 1024 * 1024 * 1024
"""About 100,000 calls; the oldest segments go first."""
TRACE_AGE_S_MAX = 30 * 86_400.0
"""Row 274: 30 days."""
TRACE_CALL_IDS_MAX = CALLS_MAX * 4
"""Dialogs of running calls, by whose Call-ID messages are known; the oldest call goes first."""
TRACE_MESSAGES_SHOWN_MAX = 10_000
"""Of one call."""
TRACE_STRANGE_DIALOGS_MAX = 2_048
"""INVITEs that belong to no call yet: challenged, or refused. The oldest are forgotten, so that
scanners fill neither memory nor disk."""
TRACE_STRANGE_MESSAGES_MAX = 16
"""Of one of them; the newest."""
TRACE_STRANGE_BYTES_MAX = 4 * 1024 * 1024
"""Of all of them together."""
TRACE_LINGER_S = 40.0
"""Messages of a call that is over still belong to it: retransmissions end after 32 s."""
TRACE_RETRY_S = 60.0
"""How soon tracing is tried again after the disk refused it."""
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
