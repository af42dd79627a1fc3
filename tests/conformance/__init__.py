"""Plays recorded scenarios of another engine against ours."""
