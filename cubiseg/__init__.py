"""Anime illustrations to labelled data, to a segmentation model, to Live2D-ready layers."""

__version__ = "0.1.0"
