# SegFormer with the larger mit-b2 encoder.
_base_ = ["./anime-transformer.py"]
model = dict(
    checkpoint="checkpoints/mit_b2.pth",
    backbone=dict(embed_dims=64, num_layers=[3, 4, 6, 3]),
    decode_head=dict(in_channels=[64, 128, 320, 512]),
)
# As for b0: paper and authors' code (segformer.b2.512x512.ade.160k.py) have one recipe for all sizes.
recipe = dict(
    learning_rate=0.00006,
    from_scratch=10.0,
    batch=16,
    weight_decay=0.01,
    warm_up=dict(share=0.01, start=1e-6),
    rates=dict(decode_head=10.0),
)
