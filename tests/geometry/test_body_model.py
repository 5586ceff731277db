from __future__ import annotations

import numpy as np
import pytest
import smplx
import torch
from smplx.utils import Struct

from macedance.geometry import Motion
from macedance.geometry.body_model import FRAMES_PER_CHUNK, BodyModel


@pytest.fixture(scope="module")
def body():
    return BodyModel()


def random_motion(num_frames: int = 5, up_axis: str = "y") -> Motion:
    generator = torch.Generator().manual_seed(3)
    poses = torch.randn(num_frames, 24, 3, generator=generator)
    return Motion(poses, torch.randn(num_frames, 3, generator=generator), up_axis=up_axis)


def test_joints_of_the_mesh_are_those_of_forward_kinematics(body):
    motion = random_motion(20)
    torch.testing.assert_close(body.joints(motion), motion.joints(), atol=1e-5, rtol=0)


def test_rest_pose_is_the_template_moved_by_the_translation(body):
    motion = Motion(torch.zeros(1, 24, 3), torch.tensor([[1.0, 2.0, 3.0]]))
    vertices = body.vertices(motion)[0]
    assert vertices.shape == (body.num_vertices, 3)
    assert vertices[:, 1].min().item() == pytest.approx(2.0 + body.floor_height, abs=1e-5)
    assert body.floor_height == pytest.approx(-1.232, abs=1e-3)
    assert body.faces.max() == body.num_vertices - 1


def test_chunks_do_not_show(body):
    motion = random_motion(FRAMES_PER_CHUNK + 3)
    vertices = body.vertices(motion)
    assert vertices.shape == (FRAMES_PER_CHUNK + 3, body.num_vertices, 3)
    last = FRAMES_PER_CHUNK + 2
    torch.testing.assert_close(
        vertices[last], body.vertices(motion.crop(last, last + 1))[0], atol=1e-5, rtol=0
    )


def test_z_up_motions_come_out_y_up(body):
    motion = random_motion(2)
    torch.testing.assert_close(
        body.vertices(motion.to_up_axis("z")), body.vertices(motion), atol=1e-5, rtol=0
    )


def test_betas_reshape_the_mesh(body):
    taller = Motion(torch.zeros(1, 24, 3), torch.zeros(1, 3), betas=2 * torch.eye(10)[0])
    height = np.ptp(body.vertices(taller)[0, :, 1].numpy())
    plain = np.ptp(body.vertices(Motion(torch.zeros(1, 24, 3), torch.zeros(1, 3)))[0, :, 1].numpy())
    assert height == pytest.approx(1.06 * plain, rel=1e-4)


def test_saved_mannequin_is_an_smpl_file_for_this_class_and_for_smplx(body, tmp_path, capsys):
    body.save(tmp_path / "mannequin.npz")
    motion = random_motion()
    expected = body.vertices(motion)
    loaded = BodyModel(tmp_path / "mannequin.npz")
    assert torch.equal(loaded.vertices(motion), expected)
    np.testing.assert_array_equal(loaded.colors, body.colors)
    arrays = np.load(tmp_path / "mannequin.npz", allow_pickle=False)
    face = ["nose", "reye", "leye", "rear", "lear"]
    feet = ["LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel"]
    reference = smplx.SMPL(
        model_path="",
        data_struct=Struct(**arrays),
        vertex_ids=dict.fromkeys([*face, *feet], 0),
        use_hands=False,
        batch_size=5,
    )
    output = reference(
        body_pose=motion.poses[:, 1:].flatten(1), global_orient=motion.poses[:, 0], transl=motion.trans
    )
    capsys.readouterr()
    torch.testing.assert_close(output.vertices.detach(), expected, atol=1e-5, rtol=0)
