"""A body's mesh for every frame of a motion, by linear blend skinning.

B frames of a chunk, T frames, V vertices, F triangles, J joints (24).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from smplx.lbs import lbs
from torch import Tensor

from macedance.geometry.mannequin import build_mannequin
from macedance.geometry.motion import Motion
from macedance.geometry.npz_files import save_npz
from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.smpl_files import read_smpl_file

FRAMES_PER_CHUNK = 64


class BodyModel:
    """A skinned body in the SMPL format (Loper et al., "SMPL", SIGGRAPH Asia 2015).

    Args:
        path: An SMPL file of your own, `.npz` or `.pkl`; None takes this project's mannequin.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not an SMPL body, or holds more than plain arrays.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._take(build_mannequin() if path is None else read_smpl_file(path))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> BodyModel:
        """The body of arrays named as in an SMPL file, which :attr:`arrays` are."""
        body = cls.__new__(cls)
        body._take(arrays)
        return body

    def _take(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays
        """As in an SMPL file; treat them as read-only."""
        self.faces: np.ndarray = self.arrays["f"].astype(np.int64)
        """Triangles (F, 3), counter-clockwise from outside."""
        self.colors: np.ndarray | None = self.arrays.get("colors")
        """RGB of each vertex (V, 3) in 0..1, or None where the file has none."""
        self._template = self._tensor("v_template")
        self._shape_directions = self._tensor("shapedirs")[..., :10]
        self._pose_directions = self._tensor("posedirs").flatten(0, 1).T.contiguous()
        self._joint_regressor = self._tensor("J_regressor")
        self._weights = self._tensor("weights")
        self._parents = torch.as_tensor(self.arrays["kintree_table"][0].astype(np.int64))
        self._parents[0] = -1

    @property
    def num_vertices(self) -> int:
        """How many vertices the mesh has."""
        return len(self._template)

    @property
    def rest_vertices(self) -> np.ndarray:
        """The vertices (V, 3) in the rest pose with no translation, in metres."""
        return self._template.numpy()

    @property
    def skin_weights(self) -> np.ndarray:
        """How much each joint moves each vertex (V, 24); rows sum to 1."""
        return self._weights.numpy()

    @property
    def floor_height(self) -> float:
        """Height of the lowest vertex in the rest pose with no translation, in metres."""
        return float(self._template[:, 1].min())

    @torch.no_grad()
    def vertices(self, motion: Motion) -> Tensor:
        """Vertices (T, V, 3) in metres, y up whatever the motion's up axis, on the CPU."""
        motion = motion.to_up_axis("y")
        rotations = axis_angle_to_matrix(motion.poses).cpu()
        betas = motion.betas.cpu()
        chunks = [self._skin(chunk, betas)[0] for chunk in rotations.split(FRAMES_PER_CHUNK)]
        return torch.cat(chunks) + motion.trans.cpu()[:, None]

    @torch.no_grad()
    def joints(self, motion: Motion) -> Tensor:
        """The joints (T, 24, 3) that this body has with the motion's betas, in metres, y up."""
        motion = motion.to_up_axis("y")
        rotations = axis_angle_to_matrix(motion.poses).cpu()
        chunks = [self._skin(chunk, motion.betas.cpu())[1] for chunk in rotations.split(FRAMES_PER_CHUNK)]
        return torch.cat(chunks) + motion.trans.cpu()[:, None]

    def save(self, path: str | Path) -> None:
        """Write the body as an npz file in the SMPL format."""
        save_npz(path, **self.arrays)

    def _skin(self, rotations: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
        """Vertices (B, V, 3) and joints (B, 24, 3), not yet translated."""
        return lbs(
            betas[None, : self._shape_directions.shape[-1]].expand(len(rotations), -1),
            rotations,
            self._template,
            self._shape_directions,
            self._pose_directions,
            self._joint_regressor,
            self._parents,
            self._weights,
            pose2rot=False,
        )

    def _tensor(self, name: str) -> Tensor:
        return torch.as_tensor(self.arrays[name], dtype=torch.float32)
