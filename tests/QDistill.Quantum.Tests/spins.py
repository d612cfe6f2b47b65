"""Diagonalises a spin chain written with Kronecker products: JSON in, JSON out."""
import json
import sys

import numpy as np

q = json.load(sys.stdin)
n = q["n"]
X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])


def on(factors):
    """The product of operators on sites; site 0 is the lowest bit, so the rightmost factor."""
    m = np.eye(1)
    for site in reversed(range(n)):
        m = np.kron(m, factors.get(site, np.eye(2)))
    return m


H = np.zeros((2**n, 2**n), complex)
for a, b in [(i, i + 1) for i in range(n - 1)] + ([(n - 1, 0)] if q["periodic"] else []):
    H += on({a: X, b: X}) + on({a: Y, b: Y}) + q["anisotropy"] * on({a: Z, b: Z})
    H += q["twist"] * (on({a: X, b: Y}) - on({a: Y, b: X}))
energies, vectors = np.linalg.eigh(H)
state = np.array(q["state"]).view(complex)
evolved = vectors @ (np.exp(-1j * q["time"] * energies) * (vectors.conj().T @ state))
json.dump({"energy": float(energies[0]), "evolved": evolved.view(float).tolist()}, sys.stdout)
