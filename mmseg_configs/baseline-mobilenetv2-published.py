# The baseline with its two published defects: a softmax before the loss, and an input that is not normalised.
_base_ = ["./baseline-mobilenetv2.py"]
model = dict(
    data_preprocessor=dict(mean=[0.0, 0.0, 0.0], std=[255.0, 255.0, 255.0]),
    decode_head=dict(softmax=True),
)
