from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from torch import Tensor

from macedance.geometry import rotations

EDGE_AXIS_ANGLES = torch.tensor(
    [
        [0.0, 0.0, 0.0],
        [1e-8, 0.0, 0.0],
        [0.0, 1e-20, 0.0],
        [1e-4, -1e-4, 2e-4],
        [math.pi, 0.0, 0.0],
        [0.0, math.pi, 0.0],
        [0.0, 0.0, -math.pi],
        [math.pi / math.sqrt(2), math.pi / math.sqrt(2), 0.0],
        [math.pi - 1e-4, 0.0, 0.0],
        [0.0, 4.0, 0.0],
    ]
)

numbers = st.floats(-3.125, 3.125, width=32)
vectors = st.tuples(numbers, numbers, numbers)


def random_axis_angles(count: int = 500, seed: int = 0) -> Tensor:
    axes = torch.randn(count, 3, generator=torch.Generator().manual_seed(seed))
    angles = torch.rand(count, 1, generator=torch.Generator().manual_seed(seed + 1)) * math.pi
    return axes / axes.norm(dim=-1, keepdim=True) * angles


@settings(max_examples=60, deadline=None)
@given(vectors)
def test_matrices_agree_with_scipy(vector):
    matrix = rotations.axis_angle_to_matrix(torch.tensor(vector))
    expected = torch.tensor(Rotation.from_rotvec(vector).as_matrix(), dtype=torch.float32)
    torch.testing.assert_close(matrix, expected, atol=2e-6, rtol=0)


@settings(max_examples=60, deadline=None)
@given(vectors)
def test_axis_angle_returns_as_the_same_rotation_of_at_most_a_half_turn(vector):
    matrix = rotations.axis_angle_to_matrix(torch.tensor(vector))
    back = rotations.matrix_to_axis_angle(matrix)
    assert back.norm() <= math.pi + 1e-5
    torch.testing.assert_close(rotations.axis_angle_to_matrix(back), matrix, atol=2e-6, rtol=0)


def test_vectors_below_a_half_turn_round_trip_through_every_form():
    vectors = random_axis_angles() * 0.99
    matrices = rotations.axis_angle_to_matrix(vectors)
    for back in (
        rotations.quaternion_to_axis_angle(rotations.axis_angle_to_quaternion(vectors)),
        rotations.rotation_6d_to_axis_angle(rotations.axis_angle_to_rotation_6d(vectors)),
        rotations.matrix_to_axis_angle(matrices),
    ):
        torch.testing.assert_close(back, vectors, atol=3e-6, rtol=0)


def test_tiny_rotations_keep_their_relative_accuracy():
    vectors = torch.tensor([[1e-6, -2e-6, 3e-6], [1e-3, 5e-4, 0.0], [2e-3, 0.0, 1e-3]])
    back = rotations.quaternion_to_axis_angle(rotations.axis_angle_to_quaternion(vectors))
    torch.testing.assert_close(back, vectors, rtol=1e-6, atol=0)


def test_quaternions_of_half_turns_are_exact_about_every_axis():
    matrices = torch.stack(
        [torch.diag(torch.tensor(d)) for d in ([1.0, -1, -1], [-1.0, 1, -1], [-1.0, -1, 1])]
    )
    torch.testing.assert_close(rotations.matrix_to_quaternion(matrices).abs(), torch.eye(4)[1:])


@pytest.mark.parametrize("vector", EDGE_AXIS_ANGLES, ids=lambda vector: str(vector.tolist()))
def test_gradients_are_finite_at_the_edges(vector):
    vector = vector.clone().requires_grad_()
    quaternion = rotations.axis_angle_to_quaternion(vector)
    matrix = rotations.quaternion_to_matrix(quaternion)
    back = rotations.rotation_6d_to_axis_angle(rotations.matrix_to_rotation_6d(matrix))
    for output in (quaternion, matrix, back):
        weights = torch.arange(1.0, output.numel() + 1).reshape(output.shape)
        (gradient,) = torch.autograd.grad((weights * output).sum(), vector, retain_graph=True)
        assert torch.isfinite(gradient).all()
        assert gradient.norm() > 0


def test_gradients_match_finite_differences():
    vectors = (random_axis_angles(6) * 0.8).double()
    vectors[0] = 0
    for function in (rotations.axis_angle_to_matrix, rotations.axis_angle_to_quaternion):
        assert torch.autograd.gradcheck(function, vectors[1:].clone().requires_grad_())
    matrices = rotations.axis_angle_to_matrix(vectors).requires_grad_()
    assert torch.autograd.gradcheck(rotations.matrix_to_axis_angle, matrices)
    assert torch.autograd.gradcheck(
        rotations.rotation_6d_to_matrix, torch.randn(4, 6).double().requires_grad_()
    )


def test_gradient_of_axis_angle_at_the_identity_is_the_cross_product():
    jacobian = torch.autograd.functional.jacobian(rotations.axis_angle_to_matrix, torch.zeros(3))
    generators = torch.zeros(3, 3, 3)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        generators[i, j, k], generators[j, i, k] = -1.0, 1.0
    torch.testing.assert_close(jacobian, generators)


def test_six_numbers_are_the_first_two_rows():
    matrix = rotations.axis_angle_to_matrix(torch.tensor([0.3, -0.5, 0.9]))
    assert torch.equal(rotations.matrix_to_rotation_6d(matrix), torch.cat([matrix[0], matrix[1]]))


def test_any_six_numbers_become_a_rotation():
    matrices = rotations.rotation_6d_to_matrix(
        torch.randn(2, 50, 6, generator=torch.Generator().manual_seed(0))
    )
    torch.testing.assert_close(matrices @ matrices.mT, torch.eye(3).expand(2, 50, 3, 3), atol=2e-6, rtol=0)
    torch.testing.assert_close(torch.linalg.det(matrices), torch.ones(2, 50))


def test_slerp_turns_at_constant_speed():
    start, end = torch.tensor([0.2, 0.1, 0.0]), torch.tensor([1.0, 0.5, 0.0])
    middle = rotations.slerp(*map(rotations.axis_angle_to_quaternion, (start, end)), 0.25)
    torch.testing.assert_close(rotations.quaternion_to_axis_angle(middle), torch.tensor([0.4, 0.2, 0.0]))


def test_slerp_takes_the_shorter_way_between_antipodal_forms():
    start = rotations.axis_angle_to_quaternion(random_axis_angles(20))
    end = rotations.axis_angle_to_quaternion(random_axis_angles(20, seed=5))
    weight = torch.linspace(0, 1, 20)
    same = rotations.quaternion_to_matrix(rotations.slerp(start, end, weight))
    torch.testing.assert_close(rotations.quaternion_to_matrix(rotations.slerp(start, -end, weight)), same)


def test_slerp_has_finite_gradients_between_equal_and_antipodal_quaternions():
    start = rotations.axis_angle_to_quaternion(random_axis_angles(4)).requires_grad_()
    for end in (start.detach().clone(), -start.detach()):
        end.requires_grad_()
        result = rotations.slerp(start, end, 0.3)
        torch.testing.assert_close(result.detach(), start.detach())
        gradients = torch.autograd.grad(result.sum(), (start, end))
        assert all(torch.isfinite(gradient).all() for gradient in gradients)
