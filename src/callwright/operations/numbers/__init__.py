"""What is done to numbers: assigned, blocked, tagged, ordered, uploaded, released and ported."""
