"""Dances to songs: a vocabulary of moves, how styles put them together, and a body that dances them."""

from macedance.data.choreography.choreographer import choreograph

__all__ = ["choreograph"]
