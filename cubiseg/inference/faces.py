"""Whether a picture shows a drawn face, judged by what the network says of it.

A network of drawn characters names the pixels of any picture, a landscape's too. Whether to believe it is decided here,
before anything is made of its label map.
"""

import numpy as np

from cubiseg import taxonomy

FACE = 0.5
"""Least probability at which a picture counts as one that shows a face."""
SIDE = 512
"""Longer side, in pixels, at which label maps are looked at."""
LEAST_FACE, SURE_FACE, FAIR_FACE = 0.004, 0.90, 0.75
LEAST_EYE, FAIR_EYE = 0.0003, 0.60

_FACE, _EYES = taxonomy.ID["face"], taxonomy.ids("eye_left", "eye_right")


def probability(label: np.ndarray, confidence: np.ndarray) -> float:
    """How likely a picture shows a drawn face, 0..1.

    Args:
        label: (H, W) uint8, taxonomy ids, as the network gives them.
        confidence: (H, W) float, 0..1.
    """
    step = -(-max(label.shape) // SIDE)
    label, confidence = label[::step, ::step], confidence[::step, ::step]
    face, eye = ((part.mean(), _mean(confidence, part)) for part in (label == _FACE, np.isin(label, _EYES)))
    (face_share, face_sure), (eye_share, eye_sure) = face, eye
    seeing = face_sure >= FAIR_FACE and eye_share >= LEAST_EYE and eye_sure >= FAIR_EYE
    return float(face_share >= LEAST_FACE and (face_sure >= SURE_FACE or seeing))


def no_face(likely: float) -> str:
    """The warning for a picture that shows none, by its probability, 0..1."""
    return (
        f"no drawn face was found (probability {likely:.2f}), so its parts are guesses;"
        " check that this is the right picture, or name a fallback for such pictures"
    )


def _mean(values: np.ndarray, mask: np.ndarray) -> float:
    return float(values[mask].mean(dtype=np.float64)) if mask.any() else 0.0
