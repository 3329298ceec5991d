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
