"""Answers that are paid for: a request is put to a provider once, its answer kept for ever, its cost held under a cap.

Knows nothing of what is asked about; whoever asks brings prompt, pictures and a check of the answer.

>>> import tempfile
>>> from pathlib import Path
>>> from cubiseg.answers.free import FreeProvider
>>> from cubiseg.answers.requests import Outcome, Request, Response
>>> from cubiseg.answers.store import ResponseStore
>>> class Parrot(FreeProvider):
...     name = "parrot"
...     def fingerprint(self, request=None):
...         return {"name": self.name}
...     def annotate(self, request):
...         return Response(outcome=Outcome.OK, text=request.prompt)
>>> request = Request(sample="a", image=Path("a.png"), pixels="0" * 64, prompt="Hello", protocol="greeting-1")
>>> with tempfile.TemporaryDirectory() as folder:
...     store = ResponseStore(Path(folder))
...     with Parrot().asker(store) as asker:
...         print(asker.ask(request).response.text, len(list(store.records())))
Hello 1
"""
