"""The config."""
