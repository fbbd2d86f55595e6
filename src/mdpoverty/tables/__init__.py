"""Tables in and out: one reader of any dataframe, and one maker."""
