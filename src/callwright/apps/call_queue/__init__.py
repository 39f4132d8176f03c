"""Call queues: who waits, which agents ring for whom, and what becomes of every caller (SPEC 5).

visit       a caller's way through a queue, from the door to an agent or to an exception's target
floor       owner of every waiting line and every offer: gives callers agents, agents callers
ticket      a caller's place in a line
agent_desk  owner of what agents chose (opted out, paused) and of their wrap-up
ringing     agents' phones that ring for one caller; the first to answer wins
exceptions  overflow, timeout, nobody there
notes       what a visit's record will say
roster      what the floor asks of the world: who has a phone, who talks
"""
