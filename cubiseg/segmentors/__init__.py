"""What cubiseg adds to MMSegmentation: encoders, decoders, losses, transforms, and how a network is built and stored.

The classes are registered in MMSegmentation's registries by the configs' ``custom_imports``; importing this package
alone imports neither torch nor MMSegmentation.
"""
