"""Parts of a figure, for tests that paint one thing alone."""

from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair import volume
from cubiseg.portraits.head import Head
from cubiseg.portraits.scene import Scene


def head_of(who: Character, view: Scene) -> Head:
    return Head(who.face, view.pose, volume(who))


def torso_of(who: Character, view: Scene) -> Torso:
    return Torso(who, head_of(who, view))
