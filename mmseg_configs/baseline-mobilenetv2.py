# The MobileNetV2-UNet that cubiseg replaces (siyeong0/Anime-Face-Segmentation), written anew.
_base_ = ["./_base_/dataset.py", "./_base_/schedule.py", "./_base_/runtime.py"]
model = dict(
    type="StartedEncoderDecoder",
    # Optional: ImageNet weights in torchvision's, timm's or OpenMMLab's naming; without the file from scratch.
    checkpoint="checkpoints/mobilenet_v2.pth",
    data_preprocessor=dict(type="SegDataPreProcessor", mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type="MobileNetV2Skips"),
    decode_head=dict(type="MobileUNetHead", in_channels=[16, 24, 32, 96, 160]),
)
# The default's, so that the comparison is of networks; what was published keeps its own.
recipe = dict(learning_rate=0.003, batch=8, weight_decay=0.01, warm_up=dict(share=0.05, start=0.05), rates=dict())
