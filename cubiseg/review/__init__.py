"""What reviews say of a data set: samples drawn for a spot-check, figures, and what corrections teach.

Which samples are drawn depends on the seed alone, and more are drawn without losing those that were:

>>> from cubiseg.review.sampling import draw_order
>>> strata = {f"p{i}": "simulated/test/low" for i in range(9)}
>>> draw_order(strata, seed=1)[:3] == draw_order(dict(reversed(strata.items())), seed=1)[:3]
True
"""
