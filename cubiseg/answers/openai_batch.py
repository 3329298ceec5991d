"""Provider ``openai-batch``: asks as ``openai`` does, in bulk (:mod:`cubiseg.answers.batches`) and for less.

Its requests have the same identity, so each reads the other's answers.
"""

from pathlib import Path

from cubiseg.answers.base import AnyAsker
from cubiseg.answers.batches import BatchAsker
from cubiseg.answers.openai import OpenAI
from cubiseg.answers.params import BatchParams, ChatParams
from cubiseg.answers.prices import price_list
from cubiseg.answers.purse import Purse
from cubiseg.answers.store import ResponseStore


class OpenAIBatch(OpenAI):
    """See the module.

    Args:
        params: server, model, decoding and form of pictures.
        batch: limits of a file of requests.
        root: folder of the response store, which remembers what servers can do.
        pictures: folder that keeps encoded pictures.
        max_usd: cap on what all answers in the store may cost together, US dollars; None for no cap.
    """

    name = "openai-batch"

    def __init__(
        self, params: ChatParams, batch: BatchParams, root: Path, pictures: Path | None, max_usd: float | None
    ) -> None:
        super().__init__(params, root, pictures, max_usd)
        self.batch = batch
        self.factor = price_list().batch

    def paying(self, store: ResponseStore, purse: Purse) -> AnyAsker:
        """One that collects requests into files."""
        return BatchAsker(self, self.batch, store, purse)
