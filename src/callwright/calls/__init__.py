"""Call control: a call owns its legs and who talks to whom; voice apps script it.

leg         one party's dialog and media inside a call
call        the aggregate: legs, timeline, outcome; gives the verbs that apps use
fork        parallel targets of one ring; the first to answer wins
talk        two parties that hear each other, maybe of two calls, and how that ends
story       what the record will say
sip_*       the adapter to SIP: the leg, its offers and answers, REFERs, keys and texts
key_relay   keys from one party to the other where the audio cannot carry them
media_leg   one leg's audio as verbs
ports       RTP ports
metering    pays for a call while it runs
record      what is left of a call when it is over
live_calls  the calls of this node
"""
