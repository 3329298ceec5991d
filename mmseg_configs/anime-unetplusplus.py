# UNet++ (Zhou et al. 2018) over the default's encoder.
_base_ = ["./anime-unet.py"]
model = dict(
    decode_head=dict(
        _delete_=True,
        type="UNetPlusPlusHead",
        in_channels=[16, 24, 40, 112, 192],
        decoder_channels=[96, 64, 40, 24],
        dropout_ratio=0.0,
        norm_cfg=dict(type="BN"),
    ),
)
# The paper's: Adam at 3e-4, without weight decay or warm-up; it names no batch.
recipe = dict(learning_rate=0.0003, batch=8, weight_decay=0.0, warm_up=dict(share=0.0, start=1.0), rates=dict())
