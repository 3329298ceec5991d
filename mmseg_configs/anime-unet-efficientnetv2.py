# The default's decoder over EfficientNetV2-S (Tan & Le 2021): seven times the encoder's parameters.
_base_ = ["./anime-unet.py"]
model = dict(
    # Optional: ImageNet weights in torchvision's naming; without the file the encoder starts from scratch.
    checkpoint="checkpoints/efficientnet_v2_s.pth",
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type="EfficientNetV2S"),
    decode_head=dict(in_channels=[24, 48, 64, 160, 256]),
)
# The paper's for transfer (section 5.2): 0.001 for 512 samples, cosine, without weight decay. Warm-up: one epoch of
# CIFAR in 10,000 steps (google/automl, efficientnetv2/datasets.py, class Cifar10Ft; its optimizer is RMSProp, with a
# weight decay of 1e-5). What is new learns ten times as fast, as SegFormer's decoder does.
recipe = dict(
    learning_rate=0.001,
    from_scratch=10.0,
    batch=512,
    weight_decay=0.0,
    warm_up=dict(share=0.01, start=1e-6),
    rates=dict(decode_head=10.0),
)
