"""What other systems write, as entities of the organisation: read here, applied like any edit."""
