"""Nouns and rules, in plain Python: everything else points here."""
