# SegFormer with the larger mit-b2 encoder.
_base_ = ["./anime-transformer.py"]
model = dict(
    checkpoint="checkpoints/mit_b2.pth",
    backbone=dict(embed_dims=64, num_layers=[3, 4, 6, 3]),
    decode_head=dict(in_channels=[64, 128, 320, 512]),
)
