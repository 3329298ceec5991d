"""Evaluation: how good a model is on labelled pictures, as figures and as pictures."""
