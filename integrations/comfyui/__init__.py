"""Cubiseg in ComfyUI: a picture goes in; a PSD of named layers, a label map and masks come out."""

from .nodes import CubisegLayers

NODE_CLASS_MAPPINGS = {"CubisegLayers": CubisegLayers}
NODE_DISPLAY_NAME_MAPPINGS = {"CubisegLayers": "Cut into layers (cubiseg)"}

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
