"""A network and its description as a function of pictures."""

import numpy as np
import torch

from cubiseg.letterbox import class_logits, from_logits, part_map, to_input
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.build import Network


class Predictor:
    """Label pictures with a network, the way the exported model is used.

    Args:
        network: in evaluation mode.
        info: its description.
    """

    def __init__(self, network: Network, info: ModelInfo) -> None:
        self.network = network
        self.info = info

    def __call__(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Label (H, W) uint8 and confidence (H, W) float32 in 0..1 of a picture (H, W, 3) uint8, sRGB."""
        label, confidence, _ = self.at_both_levels(rgb, parts=False)
        return label, confidence

    @torch.inference_mode()
    def at_both_levels(
        self, rgb: np.ndarray, *, parts: bool = True
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Classes, confidence and parts of a picture.

        Args:
            rgb: (H, W, 3) uint8, sRGB.
            parts: whether parts are wanted.

        Returns:
            label (H, W) uint8, confidence (H, W) float32 in 0..1, and the map of parts (H, W) uint8, of the label's
            classes; None where the network tells none, or none are wanted.
        """
        values, placement = to_input(rgb, self.info)
        device = next(self.network.parameters()).device
        logits = self.network(torch.from_numpy(values).to(device))[0].float().cpu().numpy()
        if self.info.parts is None:
            return *from_logits(logits, placement), None
        label, confidence = from_logits(class_logits(logits), placement)
        return label, confidence, part_map(logits, placement, label) if parts else None
