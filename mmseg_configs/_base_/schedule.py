# AdamW with warm-up and cosine decay. Training puts in `train.learning_rate`, `train.weight_decay`, `train.max_iters`
# and `train.precision`; an architecture sets multipliers of its own with `paramwise_cfg`.
optim_wrapper = dict(
    optimizer=dict(type="AdamW", betas=(0.9, 0.999)),
    clip_grad=dict(max_norm=5.0),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
)
# Share of the iterations that warm up, and the learning rate at both ends as a share of its peak.
warm_up = dict(share=0.05, start=0.05, end=0.01)
