"""Archives of other people's pictures: a share of one becomes your own pictures, with what is known of them.

Archives are untrusted. Names in them decide nothing but what is left readable of them in the names of files; whatever
is no plain picture of bounded size is passed over, counted, and the first of it named:

>>> from cubiseg.archives.names import FileNames
>>> names = FileNames()
>>> names.of("../../etc/cron.d/9331960.jpg"), names.of("立ち絵 01.png")
('9331960.jpg', '01-fd8bdc5376eb.png')
"""
