"""What is done to licences, and what that does to numbers."""
