# MMSegmentation's own UNet, at half its width: no pretrained encoder, every block at full price.
_base_ = [
    "mmseg::_base_/models/fcn_unet_s5-d16.py",
    "./_base_/dataset.py",
    "./_base_/schedule.py",
    "./_base_/runtime.py",
]
model = dict(
    type="StartedEncoderDecoder",
    data_preprocessor=dict(bgr_to_rgb=False),
    backbone=dict(base_channels=32, norm_cfg=dict(type="BN")),
    decode_head=dict(in_channels=32, channels=32, norm_cfg=dict(type="BN")),
    auxiliary_head=dict(in_channels=64, channels=32, norm_cfg=dict(type="BN")),
    test_cfg=dict(_delete_=True, mode="whole"),
)
# OpenMMLab's for this network (unet-s5-d16_fcn_4xb4-160k_cityscapes-512x1024.py): SGD, 4 x 4 samples, no warm-up.
optim_wrapper = dict(optimizer=dict(_delete_=True, type="SGD", momentum=0.9))
recipe = dict(
    learning_rate=0.01, from_scratch=10, batch=16, weight_decay=5e-4, warm_up=dict(share=0, start=1), rates={}
)
