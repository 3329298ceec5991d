# UNetFormer (Wang et al. 2022) over the default's encoder, which starts from ImageNet; the paper's is ResNet18.
_base_ = ["./anime-unet.py"]
model = dict(
    decode_head=dict(
        _delete_=True,
        type="UNetFormerHead",
        in_channels=[24, 40, 112, 192],
        dropout_ratio=0.1,
    ),
)
# The authors' (WangLibo1995/GeoSeg, config/vaihingen/unetformer.py): the encoder at a tenth, no warm-up; without its
# Lookahead and restarts, and at ten times the rate, which learns twice as much of 1,600 samples
# (metrics/learning_rates.json).
recipe = dict(
    learning_rate=0.006,
    batch=8,
    weight_decay=0.01,
    warm_up=dict(share=0.0, start=1.0),
    rates=dict(backbone=0.1),
)
# The number of windows is traced with the size of one input.
export = dict(dynamic=False)
