"""The inventory of numbers and what each is for."""
