"""The data set: samples with labels, shared out to train, val and test by group, with a card.

A group (a character, an artist, a cluster of near-duplicates) lies in one split only:

>>> from cubiseg.dataset.params import SplitParams
>>> from cubiseg.dataset.splits import assign
>>> chosen, note = assign({name: True for name in "abcdefgh"}, SplitParams(val=0.1, test=0.2, seed=1))
>>> sorted(split.value for split in chosen.values())
['test', 'test', 'train', 'train', 'train', 'train', 'train', 'val']
"""
