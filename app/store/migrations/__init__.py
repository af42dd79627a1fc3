"""Alembic migrations: numbered, one thought each."""
