# The default's decoder over ConvNeXt-T (Liu et al. 2022), whose finest map has stride 4.
_base_ = ["./anime-unet.py"]
model = dict(
    # Optional: ImageNet weights in torchvision's, timm's or OpenMMLab's naming; without the file from scratch.
    checkpoint="checkpoints/convnext_tiny.pth",
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type="ConvNeXtT"),
    decode_head=dict(in_channels=[96, 192, 384, 768]),
)
# The authors' for UPerNet on ADE20K (facebookresearch/ConvNeXt, upernet_convnext_tiny_512_160k_ade20k_ms.py), warm-up
# 1,500 of 160,000 steps; without its decay of the rate by stage.
recipe = dict(
    learning_rate=0.0001,
    from_scratch=100.0,
    batch=16,
    weight_decay=0.05,
    warm_up=dict(share=0.01, start=1e-6),
    rates=dict(),
)
