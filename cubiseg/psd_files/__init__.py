"""Reading PSDs that others wrote, which are not to be trusted, and what the names of their layers mean.

Names in Japanese, Chinese, Korean and Russian become English words, and words tell parts:

>>> from cubiseg.psd_files.meaning import meaning_of
>>> meaning_of(("髪", "前")).name, meaning_of(("Eye_L", "highlight")).name, meaning_of(("レイヤー 3",)).name
('hair_front', 'eye_left_iris', None)
"""
