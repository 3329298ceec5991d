"""YAML to ``AppConfig``, a global of this module."""

from pathlib import Path

import yaml

from cubiai.config.models import AppConfig


def load_config(config_path: Path) -> AppConfig:
    return AppConfig.model_validate(yaml.safe_load(config_path.read_text()) or {})
