"""The adapter that CubiAI calls: the backend ``anime-advanced``, plugged into a CubiAI that is left as it is.

``python -m cubiseg.cubiai process art.png -c config/cubiai.yaml -o out`` is CubiAI's own command line with the backend.
CubiAI (https://github.com/JakkuSakura/CubiAI) has no plugins, so :func:`register` sets two attributes of its modules.
It is imported there alone; :func:`segment` needs nothing of it. docs/cubiai.md is the page for its users.

The block of CubiAI's config, as it is where nothing is said:

>>> Settings().fallback, Settings().level
(['sam-hq-local', 'slic'], 'class')
"""

from cubiseg.cubiai.config import BACKEND, Settings
from cubiseg.cubiai.plug import main, register
from cubiseg.cubiai.segmenting import CanvasLayer as Layer
from cubiseg.cubiai.segmenting import Result, segment

__all__ = ["BACKEND", "Layer", "Result", "Settings", "main", "register", "segment"]
