"""Emergency calling: numbers, route, locations, who is told."""
