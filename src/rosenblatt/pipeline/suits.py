"""Whether a recipe can learn from a challenge's samples: asked before any training."""

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.machines import (
    KernelMachineMember,
    RowTerm,
    SequenceTerm,
    Term,
    VirtualSVMMember,
)
from rosenblatt.challenge.network_member import NetworkMember
from rosenblatt.challenge.recipe import Member, Recipe
from rosenblatt.errors import UserError

MOST_WEIGHTS = 250_000_000  # of a network: 1 GB, and three times that in training


def check_suits(recipe: Recipe, challenge: Challenge) -> None:
    """Raise UserError where a member of the recipe cannot learn from the challenge's samples."""
    student = [recipe.student] if recipe.student else []
    for member in (*recipe.members, *student):
        check_member(member, challenge.train, len(challenge.classes))


def check_member(member: Member, samples: np.ndarray, classes: int) -> None:
    """Raise UserError where a member cannot learn from samples [N, C, H, W], [N, L] or [N, D]."""
    machine = isinstance(member, KernelMachineMember | VirtualSVMMember)
    if not machine and samples.ndim != 4:
        raise UserError(
            f"a {member.kind} learns from images, and these samples are none; "
            "give a recipe of kernel machines, or leave --recipe out."
        )
    if isinstance(member, NetworkMember):
        C, H, W = samples.shape[1:]
        _check_network(member, (H, W, C), classes)
    if isinstance(member, KernelMachineMember) and member.flip and samples.ndim != 4:
        raise UserError("flip = true mirrors images, and these samples are none; leave it out.")
    if isinstance(member, KernelMachineMember | VirtualSVMMember):
        for term in member.kernels:
            _check_term(member, term, samples)


def _check_network(member: NetworkMember, shape: tuple[int, int, int], classes: int) -> None:
    """Raise UserError where poolings leave nothing of images, or the weights fill the memory."""
    H, W, C = shape
    whole = member.architecture == "plain" and not member.global_pooling
    poolings = len(member.blocks) - (0 if whole else 1)
    rows, columns = H >> max(0, poolings), W >> max(0, poolings)
    if min(rows, columns) < 1:
        most = min(H, W).bit_length() - (1 if whole else 0)
        raise UserError(
            f"{member.kind}: blocks = {[list(block) for block in member.blocks]}: a pooling after "
            f"each halves {H} x {W} pixels to nothing; take {most} blocks at most."
        )
    weights, width, area = 0, C, member.kernel_size**2
    for filters in (filters for block in member.blocks for filters in block):
        twice = filters if member.architecture == "residual" else 0
        weights += area * filters * (width + twice)
        width = width + filters if member.architecture == "dense" else filters
    weights += (rows * columns if whole else 1) * width * (member.dense or classes)
    if weights > MOST_WEIGHTS:
        raise UserError(
            f"{member.kind}: blocks and dense = {member.dense} make {weights:,} weights of images "
            f"of {H} x {W}, and more than {MOST_WEIGHTS:,} fill the memory; make them smaller."
        )


def _check_term(
    member: KernelMachineMember | VirtualSVMMember, term: Term, samples: np.ndarray
) -> None:
    """Raise UserError where a term cannot describe samples of this form or size."""
    sequences, images = samples.dtype == np.uint8, samples.ndim == 4
    if isinstance(term, SequenceTerm):
        suits, wanted = sequences, "sequences"
    elif term.kind == "numbers":
        suits, wanted = not sequences, "numbers or images"
    else:
        suits, wanted = images, "images"
    if not suits or (isinstance(member, VirtualSVMMember) and not images):
        raise UserError(
            f"the recipe's kernel {term.kind!r} is one of {wanted}, and does not suit these "
            "samples; choose another, or leave --recipe out."
        )
    if isinstance(term, RowTerm) and images:
        try:
            term.check_size(*samples.shape[2:])
        except UserError as error:
            raise UserError(f"{member.kind}: {term.kind}: {error}") from error
    letters = getattr(term, "letters", 1)
    if sequences and letters > samples.shape[1]:
        raise UserError(
            f"{member.kind}: {term.kind}: letters = {letters}, and the longest sequence has "
            f"{samples.shape[1]}; take shorter words."
        )
