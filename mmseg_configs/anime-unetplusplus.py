# UNet++ (Zhou et al. 2018) over the default's encoder.
_base_ = ["./anime-unet.py"]
model = dict(decode_head=dict(type="UNetPlusPlusHead", decoder_channels=[96, 64, 40, 24]))
