"""The stage prepare: pictures of all sources with one manifest.

A source copies or draws pictures into the prepared folder and gives their records; names of files become ids:

>>> from cubiseg.sources.references import slug
>>> slug("alice_01"), slug("Alice 01 (final)")
('ref-alice_01', 'ref-alice-01-final-c2eae30b5d98')
"""
