"""Where a point of the head or the body lands in the picture.

The face is a shallow curved plate on an ellipsoid skull, turned by yaw and pitch about the skull's middle, leaned by
roll about the neck, and seen from far away (orthographic). Head units: x to the picture's right, y down from the eye
line, z to the viewer; 1 is half the face's width.
"""

import numpy as np

from cubiseg.portraits.scene import Pose
from cubiseg.portraits.traits.face import FaceShape

Points = np.ndarray

_PITCH_PIVOT = 0.25


def _rotation(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


class Head:
    """The geometry of one character's head and body in one pose."""

    def __init__(self, face: FaceShape, pose: Pose, volume: float = 1.0) -> None:
        self.face = face
        self.pose = pose
        self.scale = pose.scale
        lift = 0.5 * volume
        self.hair_centre = np.array([0.0, -0.42, -0.2])
        self.hair_radii = np.array([1.28 + 0.32 * lift, face.skull - 0.42 + 0.32 * lift, 1.25 + 0.25 * lift])
        cy, sy, cp, sp = np.cos(pose.yaw), np.sin(pose.yaw), np.cos(pose.pitch), np.sin(pose.pitch)
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        self._turn = pitch @ yaw
        self._pivot = np.array([0.0, face.chin * 0.85])
        self._hang = face.chin * 0.75

    def project(self, points: Points) -> Points:
        """(n, 3) head units to (n, 2) px. What hangs below the jaw falls straight down, however the head leans."""
        p = np.atleast_2d(np.asarray(points, float)).copy()
        below = np.maximum(p[:, 1] - self._hang, 0.0)
        p[:, 1] -= below + _PITCH_PIVOT
        q = (p @ self._turn.T)[:, :2]
        q[:, 1] += _PITCH_PIVOT
        q = (q - self._pivot) @ _rotation(self.pose.roll).T + self._pivot
        q += below[:, None] * (_rotation(self.pose.body_roll) @ np.array([0.0, 1.0]))
        return q * self.scale + (self.pose.x, self.pose.y)

    def face_depth(self, u: Points, v: Points) -> Points:
        """z of the face plate at (u, v)."""
        return (
            0.95
            - 0.42 * np.square(u)
            - 0.1 * np.square(np.maximum(v, 0) / self.face.chin)
            - 0.05 * np.square(np.minimum(v, 0))
        )

    def on_face(self, uv: Points, lift: float = 0.0) -> Points:
        """(n, 2) face coordinates to px."""
        uv = np.atleast_2d(np.asarray(uv, float))
        return self.project(np.column_stack([uv, self.face_depth(uv[:, 0], uv[:, 1]) + lift]))

    def on_hair(self, u: Points, v: Points, lift: float = 0.0) -> Points:
        """(n, 3) points on the front of the hair's ellipsoid (a cylinder below its equator) at frontal (u, v)."""
        u, v = np.asarray(u, float), np.asarray(v, float)
        x0, y0, z0 = self.hair_centre
        rx, ry, rz = self.hair_radii
        inside = 1 - np.square((u - x0) / rx) - np.square(np.minimum(v - y0, 0) / ry)
        return np.column_stack([u, v, z0 + (rz + lift) * np.sqrt(np.maximum(inside, 0.0))])

    def dome(self, n: int = 64, grow: float = 0.0, start: float = 0.0, end: float = 2 * np.pi) -> Points:
        """(n, 2) px: the hair ellipsoid's outline at angles start..end (0 right, pi/2 down), ``grow`` units wider."""
        r2 = np.diag(np.square(self.hair_radii + grow))
        q = (self._turn @ r2 @ self._turn.T)[:2, :2]
        a = np.linspace(start, end, n)
        d = np.stack([np.cos(a), np.sin(a)], 1)
        roll = _rotation(self.pose.roll)
        s = d @ q / np.sqrt(np.einsum("ni,ij,nj->n", d, q, d))[:, None]
        s *= 1 + 0.045 * np.square(np.sin(2 * a))[:, None]  # squarer than an ellipse, as drawn heads are
        centre = self.project(self.hair_centre[None])[0]
        return s @ roll.T * self.scale + centre

    def body(self, points: Points) -> Points:
        """(n, 2) or (n, 3) body coordinates (head units, the origin as for the head) to px."""
        p = np.atleast_2d(np.asarray(points, float))
        z = p[:, 2] if p.shape[1] == 3 else np.zeros(len(p))
        c, s = np.cos(self.pose.body_yaw), np.sin(self.pose.body_yaw)
        q = np.column_stack([p[:, 0] * (0.5 + 0.5 * c) + z * s, p[:, 1]])
        q = (q - self._pivot) @ _rotation(self.pose.body_roll).T + self._pivot
        return q * self.scale + (self.pose.x, self.pose.y)

    @property
    def neck_base(self) -> float:
        """v where the neck meets the chest."""
        return self.face.chin + self.face.neck_length

    def contour(self) -> Points:
        """(k, 3) control points of the face's outline, clockwise from the character's right temple over the top.

        The outline of a turned head is not one line on it: on the far side it runs over brow, cheekbone and mouth, on
        the near side along the jaw to the ear.
        """
        f = self.face
        turn = min(abs(np.sin(self.pose.yaw)) / 0.5, 1.0)
        sides = []
        for side in (-1, 1):
            far = side * self.pose.yaw > 0
            z = 0.22 + (0.28 if far else -0.24) * turn
            dip = (0.03 + 0.03 * min(f.chin - 0.8, 0.6)) * turn if far else 0.0
            jaw = f.jaw_height * f.chin
            zj = 0.3 + (0.24 if far else -0.4) * turn
            chin_z = 0.78 + 0.1 * turn
            low = [
                (
                    np.hypot(f.jaw_width * (1 - t**f.chin_bow) ** f.chin_round, f.chin_width * np.sqrt(1 - t * t)),
                    jaw + (f.chin - jaw) * t,
                    zj + (chin_z - zj) * (t**0.75 if far else t),
                )
                for t in (0.28, 0.52, 0.74, 0.9, 0.975)
            ]
            pts = [
                (0.88, -1.05, z - 0.1),
                (f.cheek - 0.2 * dip, -0.4, z + 0.02),
                (f.cheek - 1.5 * dip, -0.05, z + 0.01),
                (f.cheek * f.cheek_low + 0.3 * dip, 0.3 * f.chin, z + 0.03),
                (f.jaw_width, jaw, zj),
                *low,
            ]
            sides.append(np.array(pts) * (side, 1, 1))
        right, left = sides
        top = np.array([(-0.6, -f.skull * 0.72, 0.2), (0, -f.skull * 0.8, 0.25), (0.6, -f.skull * 0.72, 0.2)])
        return np.concatenate([right[::-1], top, left, [(0.0, f.chin, 0.78 + 0.1 * turn)]])
