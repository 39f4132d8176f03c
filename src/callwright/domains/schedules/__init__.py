"""Opening hours and holidays, in the zone they were written for."""
