# The baseline with its two published defects: a softmax before the loss, and an input that is not normalised;
# and its learning rate.
_base_ = ["./baseline-mobilenetv2.py"]
model = dict(
    data_preprocessor=dict(mean=[0.0, 0.0, 0.0], std=[255.0, 255.0, 255.0]),
    decode_head=dict(softmax=True),
)
# As in its train.py: Adam's kind at 1e-4, 8 samples, no warm-up.
recipe = dict(learning_rate=0.0001, batch=8, weight_decay=0.00001, warm_up=dict(share=0.0, start=1.0), rates=dict())
