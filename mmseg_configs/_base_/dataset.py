# From a picture and its label map to one training sample. Training puts `train.size` in place of every `size`, the
# network's mean colour in place of every `margin` and `pad_val`, and `train.small_crops` and the chances of
# `train.augmentation` in place of 0; what stays at 0 is left out. The last steps have `train.last_size`.
train_pipeline = [
    dict(type="LoadPicture"),
    dict(type="LoadLabel"),
    # A second look: what it cuts out is scaled and placed like a picture of its own.
    dict(type="SmallCrop", prob=0.0),
    # Factor 1 shows the whole picture as inference does; below it lies in a margin, above it is cut.
    dict(type="RandomScale", size=256, factors=(0.6, 1.5)),
    dict(type="RandomRotate", prob=0.4, degree=15.0, pad_val=(127, 127, 127), seg_pad_val=255),
    dict(type="Warp", prob=0.0, margin=(127, 127, 127)),
    dict(type="FlipSides", prob=0.5),
    dict(type="WeakenLines", prob=0.0),
    dict(type="RecolourParts", prob=0.0),
    dict(type="ReplaceBackground", prob=0.0),
    dict(type="PhotoMetricDistortion"),
    dict(type="Blur", prob=0.0),
    dict(type="Jpeg", prob=0.0),
    dict(type="RandomPlace", size=256, margin=(127, 127, 127)),
    dict(type="CutOut", prob=0.0, margin=(127, 127, 127)),
    dict(type="PackSegInputs", meta_keys=("img_path",)),
]
