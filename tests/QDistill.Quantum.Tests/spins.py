"""Diagonalises a spin chain written with Kronecker products, or reads and writes files of states: JSON in, JSON out."""
import json
import sys

import numpy as np

q = json.load(sys.stdin)
if "read" in q:
    a, folder = np.load(q["read"]), q["folder"] + "/"
    assert a.dtype == np.complex128 and a.shape == (2, 8)
    for name, b in {
        "c16": a, "c8": a.astype(np.complex64), "f8": a.real.copy(), "f4": a.real.astype(np.float32), "one": a[0],
        "integers": np.ones((2, 8), int), "fortran": np.asfortranarray(a), "seven": a[:, :7].copy(),
    }.items():
        np.save(folder + name + ".npy", b)
    with open(folder + "version2.npy", "wb") as f:
        np.lib.format.write_array(f, a, version=(2, 0))
    json.dump({}, sys.stdout)
    sys.exit()
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
