"""Stands in for CubiAI: its names, signatures, defaults, file names and faults, as far as the adapter touches them."""
