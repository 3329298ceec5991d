# SegFormer with the mit-b0 encoder (Xie et al. 2021).
_base_ = [
    "mmseg::_base_/models/segformer_mit-b0.py",
    "./_base_/dataset.py",
    "./_base_/schedule.py",
    "./_base_/runtime.py",
]
model = dict(
    type="StartedEncoderDecoder",
    checkpoint="checkpoints/mit_b0.pth",  # optional: ImageNet weights of mit-b0 as MMSegmentation names them
    data_preprocessor=dict(bgr_to_rgb=False),
    decode_head=dict(norm_cfg=dict(type="BN")),
)
# The paper's (4.1) and NVlabs/SegFormer's (segformer.b0.512x512.ade.160k.py): head times 10, warm-up 1,500 of 160,000.
recipe = dict(
    learning_rate=0.00006,
    from_scratch=10.0,
    batch=16,
    weight_decay=0.01,
    warm_up=dict(share=0.01, start=1e-6),
    rates=dict(decode_head=10.0),
)
