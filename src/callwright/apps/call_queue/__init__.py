"""Call queues: who waits, which agents ring for whom, and what becomes of every caller (SPEC 5).

visit          a caller's way through a queue, from the door to an agent or to an exception's target
waiting_room   what the caller hears meanwhile
floor          owner of every waiting line and every offer: gives callers agents, agents callers
ticket         a caller's place in a line
agent_desk     owner of what agents chose (opted out, paused) and of their wrap-up
agent_acts     what agents, and others for them, may do about that
ringing        agents' phones that ring for one caller; the first to answer wins
outside        agents who are reached through a trunk
exceptions     overflow, timeout, nobody there
callback_desk  owner of what callers were promised who hung up and keep their place
recording      a talk that is recorded
notes          what a visit's record will say
roster         what the floor asks of the world: who has a phone, who talks
reconciler     keeps watch over lines and offers
"""
