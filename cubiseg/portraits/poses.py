"""How a head is held: turned, nodded and leant."""

from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.rng import Rng, bell, chance, uniform

TURN = axis("turn: how far the head is turned: front 3.5, slight 4, three quarter 2.3, far 0.35")
NOD = axis("nod: how far the head looks up or down: level 6, down 1.6, up 1.2")
AXES = (TURN, NOD)


def head_angles(rng: Rng, mix: Mix) -> tuple[float, float, float]:
    """Yaw, pitch and roll in radians: frontal and slightly turned heads lead."""
    side = 1 if chance(rng, 0.5) else -1
    yaw = {
        "front": abs(rng.normal(0, 0.05)),
        "slight": uniform(rng, 0.08, 0.3),
        "three quarter": uniform(rng, 0.3, 0.58),
        "far": uniform(rng, 0.58, 0.82),
    }[mix.pick(rng, TURN)]
    pitch = {
        "level": bell(rng, 0.02, 0.07, -0.15, 0.18),
        "down": uniform(rng, 0.14, 0.4),
        "up": -uniform(rng, 0.12, 0.36),
    }[mix.pick(rng, NOD)]
    roll = bell(rng, 0, 0.2 if chance(rng, 0.2) else 0.075, -0.42, 0.42)
    return side * float(yaw), float(pitch), roll
