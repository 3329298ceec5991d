"""The stage annotate: label maps from regions that a vision model names.

A protocol asks about a picture and reads the answer; a provider answers; the codebook says what belongs to a class:

>>> from cubiseg.annotation.protocols.regions import read_answer
>>> answer = read_answer('{"hair": [1, "3-4"], "face": [2], "unsure": [4]}', shown=4)
>>> answer["hair"], answer["face"], answer["unsure"]
([1, 3, 4], [2], [4])
"""
