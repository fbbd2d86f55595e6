"""A rule, a unit and a law in words."""
