"""What was done to a label map, replayed: the map is a pure function of the first one and the list of actions."""

import base64
import binascii
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg.errors import CubisegError
from cubiseg.studio.runs import Runs

MOST_PATCH = 2**25
"""Characters of one action's patch at most: 3 million runs."""


class Action(BaseModel):
    """One action, as it is sent and as it is kept: a line of the journal.

    Attributes:
        state: number of the state that it leads to: that of the state which it was done on, and one.
        do: ``paint`` changes pixels, ``undo`` and ``redo`` go through the paintings, ``right`` says that a suspicious
            place is right as it is.
        tool: what it was done with, for figures on how people mend.
        runs: the pixels that ``paint`` changes, base64 of :meth:`cubiseg.studio.runs.Runs.pack`.
        place: the suspicious place that it answers.
        time: seconds since 1970, when it was done.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: int = Field(ge=1)
    do: Literal["paint", "undo", "redo", "right"]
    tool: str = Field(default="", pattern=r"^[a-z]{0,16}$")
    runs: str = Field(default="", max_length=MOST_PATCH)
    place: str = Field(default="", pattern=r"^[a-z0-9_:]{0,64}$")
    time: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    def patch(self, pixels: int) -> Runs:
        """The runs of a map of so many pixels.

        Raises:
            CubisegError: they are no runs of such a map.
        """
        try:
            content = base64.b64decode(self.runs, validate=True)
        except (binascii.Error, ValueError):
            raise CubisegError("a patch is no base64; load the page again") from None
        return Runs.parse(content, pixels)


def encoded(runs: Runs) -> str:
    """Runs as an :class:`Action` has them."""
    return base64.b64encode(runs.pack()).decode()


@dataclass
class History:
    """A label map and what was done to it.

    Attributes:
        label: (H, W) uint8, ids of classes and parts; it changes with each action.
        state: number of actions so far.
        steps: of each painting that counts, what does it and what takes it back; those behind ``at`` were undone.
        at: number of paintings that are done.
        right: suspicious places that somebody said are right.
        done: number of actions by tool; undoing, redoing and answers that all is right are tools of their own.
    """

    label: np.ndarray
    state: int = 0
    steps: list[tuple[Runs, Runs]] = field(default_factory=list)
    at: int = 0
    right: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, base: np.ndarray, actions: "list[Action]") -> "History":
        """The history of a first label map, (H, W) uint8, which is copied, after some actions.

        Raises:
            CubisegError: one of them cannot have been done.
        """
        history = cls(base.copy())
        for action in actions:
            history.apply(action)
        return history

    @property
    def can_undo(self) -> bool:
        """Whether there is a painting to take back."""
        return self.at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is one that was taken back."""
        return self.at < len(self.steps)

    def check(self, action: Action) -> Runs | None:
        """What an action would change; None where that is nothing. Nothing is changed here.

        Raises:
            CubisegError: it does not follow this state, has no sense, or does not fit the map.
        """
        if action.state != self.state + 1:
            raise CubisegError(f"action {action.state} does not follow state {self.state}; load the page again")
        if action.do == "paint":
            return action.patch(self.label.size)
        if action.do == "undo":
            if not self.can_undo:
                raise CubisegError("there is nothing to undo")
            return self.steps[self.at - 1][1]
        if action.do == "redo":
            if not self.can_redo:
                raise CubisegError("there is nothing to redo")
            return self.steps[self.at][0]
        return None

    def apply(self, action: Action) -> Runs | None:
        """Do an action; returns what it changed, as :meth:`check` does.

        Raises:
            CubisegError: as :meth:`check`, and then nothing is changed.
        """
        runs = self.check(action)
        self.state = action.state
        self.done[(action.tool if action.do == "paint" else "") or action.do] += 1
        if action.place and action.do in ("paint", "right"):
            self.right.add(action.place)
        if runs is None:
            return None
        back = runs.paint(self.label)
        if action.do == "paint":
            del self.steps[self.at :]
            self.steps.append((runs, back))
        self.at += -1 if action.do == "undo" else 1
        return runs
