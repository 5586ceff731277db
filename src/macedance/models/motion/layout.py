"""How the numbers of a frame stand for a body: as in this package, or as the published network has them.

Both have the channels of :mod:`macedance.geometry.representation` in that order, in metres. Networks work in one
layout; all that is outside of them is in this package's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from macedance.geometry.representation import CONTACT_CHANNELS, PELVIS_CHANNELS, ROTATION_CHANNELS
from macedance.geometry.rotations import matrix_to_rotation_6d, rotation_6d_to_matrix
from macedance.geometry.skeleton import rest_pelvis

_ROOT_ROTATION = slice(ROTATION_CHANNELS.start, ROTATION_CHANNELS.start + 6)
_OTHER_ROTATIONS = slice(_ROOT_ROTATION.stop, ROTATION_CHANNELS.stop)
_SECOND_ROOT_ROW = slice(_ROOT_ROTATION.start + 3, _ROOT_ROTATION.stop)
_SWAP = [0, 2, 1]


class OwnLayout(nn.Module):
    """This package's layout, y up with the pelvis joint as the root: nothing is changed."""

    def encode(self, features: Tensor) -> Tensor:
        """Return features (..., 151) as they are."""
        return features

    def decode(self, features: Tensor) -> Tensor:
        """Return features (..., 151) as they are."""
        return features

    def encode_range(self, minimum: Tensor, maximum: Tensor) -> tuple[Tensor, Tensor]:
        """Return the smallest and largest features (151,) as they are."""
        return minimum, maximum


class PublishedLayout(nn.Module):
    """The published layout: z up, with SMPL's model translation as the root.

    Published training turns SMPL's translation and root rotation by +90° about x, which takes (x, y, z) to
    (x, -z, y). SMPL's pelvis joint lies beside the translation by an offset that no rotation turns, so it is left out
    before the turn and added after turning back. The signs are a buffer, so that weights of one layout do not load
    into an expert of the other, and nothing is multiplied as matrices, which autocast would round.
    """

    z_up_signs: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("z_up_signs", torch.tensor([1.0, -1.0, 1.0]))

    def encode(self, features: Tensor) -> Tensor:
        """Return features (..., 151) in the published layout, of features in this package's."""
        trans = features[..., PELVIS_CHANNELS] - rest_pelvis(features)
        rows = _root_rows(features)[..., _SWAP, :] * self.z_up_signs[:, None]
        return _with_root(features, trans[..., _SWAP] * self.z_up_signs, rows)

    def decode(self, features: Tensor) -> Tensor:
        """Return features (..., 151) in this package's layout, of features in the published one."""
        trans = (features[..., PELVIS_CHANNELS] * self.z_up_signs)[..., _SWAP]
        rows = (_root_rows(features) * self.z_up_signs[:, None])[..., _SWAP, :]
        return _with_root(features, trans + rest_pelvis(features), rows)

    def encode_range(self, minimum: Tensor, maximum: Tensor) -> tuple[Tensor, Tensor]:
        """Return the smallest and largest features (151,) in the published layout.

        They follow from those in this package's, but for the second row of the root's rotation, which is the third
        one here and is not among them: it gets the widest range that there is, -1 to 1.
        """
        offset = rest_pelvis(minimum)
        corners = [
            (corner[PELVIS_CHANNELS] - offset)[_SWAP] * self.z_up_signs for corner in (minimum, maximum)
        ]
        minimum, maximum = minimum.clone(), maximum.clone()
        minimum[PELVIS_CHANNELS], maximum[PELVIS_CHANNELS] = torch.minimum(*corners), torch.maximum(*corners)
        minimum[_SECOND_ROOT_ROW], maximum[_SECOND_ROOT_ROW] = -1, 1
        return minimum, maximum


def build_layout(name: str) -> OwnLayout | PublishedLayout:
    """The layout of that name: ``own`` or ``published``.

    Raises:
        ValueError: There is no such layout.
    """
    match name:
        case "own":
            return OwnLayout()
        case "published":
            return PublishedLayout()
    raise ValueError(f"motion_layout must be 'own' or 'published', got {name!r}")


def _root_rows(features: Tensor) -> Tensor:
    return rotation_6d_to_matrix(features[..., _ROOT_ROTATION])


def _with_root(features: Tensor, position: Tensor, rows: Tensor) -> Tensor:
    """The features with the root at another position, and turned as a matrix (..., 3, 3) says."""
    rotation = matrix_to_rotation_6d(rows)
    contacts, others = features[..., CONTACT_CHANNELS], features[..., _OTHER_ROTATIONS]
    return torch.cat([contacts, position, rotation, others], dim=-1)
