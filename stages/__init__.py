"""The stages of ``dvc.yaml``: thin recipes over the library, one file each."""
