# Where MMEngine looks names up, and the modules that register cubiseg's own.
default_scope = "mmseg"
custom_imports = dict(
    imports=[
        "cubiseg.segmentors.decoders.heads",
        "cubiseg.segmentors.decoders.swin_unet",
        "cubiseg.segmentors.decoders.unetformer",
        "cubiseg.segmentors.encoders.convnext",
        "cubiseg.segmentors.encoders.efficientnet_lite",
        "cubiseg.segmentors.encoders.efficientnet_v2",
        "cubiseg.segmentors.encoders.mmseg",
        "cubiseg.segmentors.encoders.timm",
        "cubiseg.segmentors.losses",
        "cubiseg.segmentors.started",
    ],
    allow_failed_imports=False,
)
env_cfg = dict(cudnn_benchmark=False, mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0))
log_level = "WARNING"

# What an export accepts: any height and width that `multiple` divides, or only the size it was trained for.
export = dict(dynamic=True, multiple=32)
