# The default's decoder over ConvNeXt-T (Liu et al. 2022), whose finest map has stride 4.
_base_ = ["./anime-unet.py"]
model = dict(
    # Optional: ImageNet weights in torchvision's, timm's or OpenMMLab's naming; without the file from scratch.
    checkpoint="checkpoints/convnext_tiny.pth",
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type="ConvNeXtT"),
    decode_head=dict(in_channels=[96, 192, 384, 768]),
)
# The paper's for UPerNet on ADE20K (appendix A.3), without its decay of the rate by layer; warm-up is 1 %.
recipe = dict(learning_rate=0.0001, batch=16, weight_decay=0.05, warm_up=dict(share=0.01, start=1e-6), rates=dict())
