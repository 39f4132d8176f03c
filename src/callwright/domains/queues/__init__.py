"""Call queues: settings and which agent rings next."""
