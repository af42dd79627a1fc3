"""Verbs: one function for each intention, one file for each word. `ports` is the map."""
