"""Call control: a call owns its legs and who talks to whom; voice apps script it.

leg         one party's dialog and media inside a call
call        the aggregate: legs, timeline, outcome; gives the verbs that apps use
fork        parallel targets of one ring; the first to answer wins
sip_leg     the adapter to SIP, the only one that knows signalling
media_leg   one leg's audio as verbs
ports       RTP ports
metering    pays for a call while it runs
record      what is left of a call when it is over
live_calls  the calls of this node
"""
