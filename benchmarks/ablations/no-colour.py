# The default without changes of brightness, contrast, hue and saturation.
from mmengine import Config

_base_ = ["../../mmseg_configs/anime-unet.py"]
train_pipeline = Config.fromfile("{{ fileDirname }}/../../mmseg_configs/anime-unet.py").train_pipeline
train_pipeline = [step for step in train_pipeline if step["type"] != "PhotoMetricDistortion"]
del Config
