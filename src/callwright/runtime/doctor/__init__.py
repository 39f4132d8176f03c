"""The reachability doctor: looks at where a server listens, and says what would keep calls out.

finding        what a check found: a verdict, a reason, a remedy
exchange       one question over UDP, asked again until it is answered
stun ntp       the clients of these protocols, as small as they can be
sip_question   OPTIONS, of any size

Each of the others is one check: what it saw, how it looks, and a pure function from one to the
other.

listeners public_address rtp_range hairpin path certificate_dates wall_clock self_call

examination    all of them, one after the other
"""
