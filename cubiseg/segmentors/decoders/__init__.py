"""Decoders that MMSegmentation lacks; they take an encoder's maps, finest first."""
