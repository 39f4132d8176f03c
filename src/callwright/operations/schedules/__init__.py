"""Where holidays come from, and what people set schedules to for a while."""
