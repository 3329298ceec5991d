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
# Ten times the paper's (section 3), Adam at 3e-4, which learns a third as much of 1,600 samples
# (metrics/learning_rates.json); it names no batch, weight decay or warm-up. The authors' code has an L2 loss of 1e-4
# (MrGiovanni/UNetPlusPlus, keras/helper_functions.py), which is no decay apart from the gradient: left out.
recipe = dict(learning_rate=0.003, batch=8, weight_decay=0.0, warm_up=dict(share=0.0, start=1.0), rates=dict())
