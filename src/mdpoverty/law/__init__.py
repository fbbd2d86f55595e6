"""The law as a value: what answers may be, the parts with their words, the whole, and files of it."""
