"""What ``cubiseg doctor --remote`` asks of DVC: whether a remote holds what the lock names, object by object.

It lies beside the stages, since the library does not know DVC, and is a command: ``python -m stages.remote``.
"""
