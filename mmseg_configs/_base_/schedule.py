# AdamW with warm-up and cosine decay, down to `decay_to` of the peak. Every architecture names a `recipe` of its own:
#   learning_rate  the peak, for steps of `batch` samples; training scales it to `train.batch_size`, by the square root
#                  of the ratio for Adam's kind (Malladi et al. 2022) and by the ratio for SGD (Goyal et al. 2017)
#   from_scratch   may be absent: factor on the rate where the encoder starts from nothing, for papers tell that of one
#                  that starts from ImageNet; `python -m benchmarks.learning_rates` tries some
#   weight_decay   of matrices and kernels; norms, biases and tables of positions never decay
#   warm_up        share of the steps that warm up, and the rate at their start as a share of the peak
#   rates          factors on the rate, by the beginning of a parameter's name (backbone, decode_head, auxiliary_head)
# `train.learning_rate`, `train.weight_decay` and `train.warm_up` take their place where they are not null.
optim_wrapper = dict(
    constructor="RecipeConstructor",
    optimizer=dict(type="AdamW", betas=(0.9, 0.999)),
    clip_grad=dict(max_norm=5.0),
)
decay_to = 0.01
