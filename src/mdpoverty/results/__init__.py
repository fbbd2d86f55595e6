"""What is found of households: of many, of one, the reasons, and what it was computed from."""
