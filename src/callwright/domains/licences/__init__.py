"""What was bought and what it grants."""
