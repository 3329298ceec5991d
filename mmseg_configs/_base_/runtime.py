# Where MMEngine looks names up, and the modules that register cubiseg's own.
default_scope = "mmseg"
custom_imports = dict(
    imports=[
        "cubiseg.segmentors.augment",
        "cubiseg.segmentors.convnext",
        "cubiseg.segmentors.efficientnet_lite",
        "cubiseg.segmentors.efficientnet_v2",
        "cubiseg.segmentors.encoders",
        "cubiseg.segmentors.heads",
        "cubiseg.segmentors.losses",
        "cubiseg.segmentors.repaint",
        "cubiseg.segmentors.started",
        "cubiseg.segmentors.swin_unet",
        "cubiseg.segmentors.transforms",
        "cubiseg.segmentors.unetformer",
    ],
    allow_failed_imports=False,
)
env_cfg = dict(cudnn_benchmark=False, mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0))
log_level = "WARNING"

# What an export accepts: any height and width that `multiple` divides, or only the size it was trained for.
export = dict(dynamic=True, multiple=32)
