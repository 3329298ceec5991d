# Swin-Unet (Cao et al. 2021) with the deeper encoder Swin-T (Liu et al. 2021), for which there are ImageNet weights.
_base_ = ["./_base_/dataset.py", "./_base_/schedule.py", "./_base_/runtime.py"]
model = dict(
    type="StartedEncoderDecoder",
    # Optional: ImageNet weights in the authors' or OpenMMLab's naming; without the file it starts from scratch.
    checkpoint="checkpoints/swin_tiny_patch4_window7_224.pth",
    data_preprocessor=dict(type="SegDataPreProcessor", mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type="SwinT"),
    decode_head=dict(type="SwinUNetHead", in_channels=[96, 192, 384, 768]),
)
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys=dict(backbone=dict(lr_mult=0.3), relative_position_bias_table=dict(decay_mult=0.0)),
    ),
)
# Windows and their shifts are traced with the sizes of one input.
export = dict(dynamic=False)
