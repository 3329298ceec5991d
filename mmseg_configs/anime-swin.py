# Swin-T (Liu et al. 2021) under UPerNet, its head narrowed from 512 to 128 channels.
_base_ = [
    "mmseg::_base_/models/upernet_swin.py",
    "./_base_/dataset.py",
    "./_base_/schedule.py",
    "./_base_/runtime.py",
]
model = dict(
    type="StartedEncoderDecoder",
    # Optional: ImageNet weights of Swin-T in MMSegmentation's naming; without the file the encoder starts from scratch.
    checkpoint="checkpoints/swin_tiny_patch4_window7_224.pth",
    data_preprocessor=dict(bgr_to_rgb=False),
    decode_head=dict(channels=128, norm_cfg=dict(type="BN")),
    auxiliary_head=dict(channels=64, norm_cfg=dict(type="BN")),
)
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.3))))
# Window shifts are traced with the sizes of one input.
export = dict(dynamic=False)
