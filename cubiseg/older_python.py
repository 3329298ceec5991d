"""What Python 3.10 lacks of 3.11; goes when the light install needs that one.

>>> class Side(StrEnum):
...     LEFT = "left"
>>> f"{Side.LEFT} {Side.LEFT!s}"
'left left'
"""

import sys

if sys.version_info >= (3, 11):
    from enum import StrEnum as StrEnum
else:
    from enum import Enum

    class StrEnum(str, Enum):
        """A member is its value, also where it is printed or formatted."""

        __str__ = str.__str__
