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
# The encoder's: Liu et al. for UPerNet on ADE20K (appendix A2.3; MMSegmentation's configs/swin has the same), warm-up
# 1,500 of 160,000 steps. Swin-Unet's own is SGD at 0.05 for 24 samples (HuCaoFighting/Swin-Unet, train.sh).
recipe = dict(
    learning_rate=0.00006,
    from_scratch=10.0,
    batch=16,
    weight_decay=0.01,
    warm_up=dict(share=0.01, start=1e-6),
    rates=dict(),
)
# Windows and their shifts are traced with the sizes of one input.
export = dict(dynamic=False)
