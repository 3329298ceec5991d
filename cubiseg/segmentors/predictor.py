"""A network and its description as a function of pictures."""

import numpy as np
import torch

from cubiseg.letterbox import decoded, to_input
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

    @torch.inference_mode()
    def forward(self, values: np.ndarray) -> np.ndarray:
        """Logits (N, outputs, H, W) float32 of inputs (N, 3, H, W) float32: what an exported file does."""
        device = next(self.network.parameters()).device
        return self.network(torch.from_numpy(values).to(device)).float().cpu().numpy()

    def __call__(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Label a picture.

        Args:
            rgb: (H, W, 3) uint8, sRGB.

        Returns:
            label (H, W) uint8, ids of classes, or of parts where the network tells them; and the class's confidence (H,
            W) float32 in 0..1.
        """
        values, placement = to_input(rgb, self.info)
        return decoded(self.forward(values)[0], placement)
