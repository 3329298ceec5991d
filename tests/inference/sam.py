"""Small networks of SAM-HQ's own classes with random weights, as a folder and as two ONNX files of the usual kind."""

from pathlib import Path

import pytest

SEEN = 32
"""Side of what the small network sees, in pixels."""


def save_network(folder: Path, rating: float) -> None:
    """Save a small network with random weights, whose masks are sharp and sparse.

    Args:
        rating: about what it predicts as the IoU of its masks.
    """
    transformers = pytest.importorskip("transformers", reason="SAM-HQ is read by transformers")
    import torch

    config = transformers.SamHQConfig(
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": SEEN,
            "patch_size": 8,
            "output_channels": 32,
            "num_pos_feats": 16,
            "window_size": 2,
            "global_attn_indexes": [1],
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": SEEN, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={"hidden_size": 32, "mlp_dim": 64, "num_attention_heads": 2, "vit_dim": 32},
    )
    with torch.random.fork_rng():
        network = transformers.SamHQModel(config)
    generator = torch.Generator().manual_seed(0)
    decoder = network.mask_decoder
    with torch.no_grad():
        for weights in network.parameters():
            if weights.ndim > 1:
                torch.nn.init.xavier_normal_(weights, generator=generator)
        network.shared_image_embedding.positional_embedding.normal_(generator=generator)
        decoder.iou_prediction_head.proj_out.bias.fill_(rating)
        # One channel is the same everywhere and lowers all logits; their size makes masks sharp.
        decoder.upscale_conv2.bias[0] = 10
        for head in decoder.output_hypernetworks_mlps:
            head.proj_out.weight[0], head.proj_out.bias[0] = 0, -0.1
        for head in (*decoder.output_hypernetworks_mlps, decoder.hq_mask_mlp):
            head.proj_out.weight.mul_(1e4)
            head.proj_out.bias.mul_(1e4)
    network.save_pretrained(folder)


def export_pair(folder: Path, encoder: Path, decoder: Path) -> None:
    """Write a saved network as ONNX, as the authors' ``export_onnx_model.py`` names what goes in and comes out."""
    import torch
    from transformers import SamHQModel

    network = SamHQModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager").eval()

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            whole, early = self.network.get_image_embeddings(input_image)
            return whole, torch.stack(list(early))

    class Decoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(
            self,
            image_embeddings: torch.Tensor,
            interm_embeddings: torch.Tensor,
            point_coords: torch.Tensor,
            point_labels: torch.Tensor,
            mask_input: torch.Tensor,
            has_mask_input: torch.Tensor,
            orig_im_size: torch.Tensor,
        ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            out = self.network(
                image_embeddings=image_embeddings,
                intermediate_embeddings=list(interm_embeddings.unbind(0)),
                # The network adds the point that counts for nothing itself.
                input_points=point_coords[None, :, :1],
                input_labels=point_labels[None, :, :1].long(),
            )
            unused = 0 * (mask_input.sum() * has_mask_input.sum() + orig_im_size.sum())
            low = out.pred_masks[0] + unused
            return low * 1.0, out.iou_scores[0], low

    cells = SEEN // 8
    early = len(network.config.vision_config.global_attn_indexes)
    with torch.no_grad():
        torch.onnx.export(
            Encoder(), (torch.zeros(1, 3, SEEN, SEEN),), encoder, input_names=["input_image"],
            output_names=["image_embeddings", "interm_embeddings"], dynamo=False,
        )  # fmt: skip
        torch.onnx.export(
            Decoder(),
            (
                torch.zeros(1, 32, cells, cells),
                torch.zeros(early, 1, cells, cells, 32),
                torch.zeros(1, 2, 2),
                torch.zeros(1, 2),
                torch.zeros(1, 1, 4 * cells, 4 * cells),
                torch.zeros(1),
                torch.tensor([32.0, 32.0]),
            ),
            decoder,
            input_names=[
                "image_embeddings", "interm_embeddings", "point_coords", "point_labels", "mask_input",
                "has_mask_input", "orig_im_size",
            ],
            output_names=["masks", "iou_predictions", "low_res_masks"], dynamo=False,
        )  # fmt: skip
