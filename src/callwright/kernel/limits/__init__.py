"""Every bound of the system with its source, by subject; nothing else names a number as a limit."""
