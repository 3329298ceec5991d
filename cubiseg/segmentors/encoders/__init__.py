"""Encoders that MMSegmentation lacks or has otherwise; ``mmseg_configs`` names them by their registered class."""
