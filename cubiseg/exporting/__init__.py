"""Exporting: bare weights to model files that work without the training code."""
