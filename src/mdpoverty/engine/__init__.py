"""How a rule meets data: numpy arrays, one household, rosters and any dataframe."""
