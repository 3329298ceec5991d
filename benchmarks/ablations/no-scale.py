# The default with pictures that always fill the crop.
from mmengine import Config

_base_ = ["../../mmseg_configs/anime-unet.py"]
train_pipeline = Config.fromfile("{{ fileDirname }}/../../mmseg_configs/anime-unet.py").train_pipeline
next(step for step in train_pipeline if step["type"] == "RandomScale")["factors"] = (1.0, 1.0)
del Config
