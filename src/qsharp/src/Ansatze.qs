/// The registered ansätze: the same gates and weights, in the same order, as QDistill.Quantum's Ansatz class.
namespace QDistill.Ansatze {
    /// # Summary
    /// RY then RZ on every qubit; 2n weights.
    operation Rotations(w : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        for q in 0..Length(qs) - 1 {
            Ry(w[2 * q], qs[q]);
            Rz(w[2 * q + 1], qs[q]);
        }
    }

    /// # Summary
    /// CNOT from each qubit to the next, closing the ring; two qubits get one CNOT, one qubit none.
    operation Ring(qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        let last = n == 1 ? -1 | (n == 2 ? 0 | n - 1);
        for q in 0..last {
            CNOT(qs[q], qs[(q + 1) % n]);
        }
    }

    /// # Summary
    /// The number of weights one layer takes.
    function LayerWeights(name : String, n : Int, layer : Int, layers : Int) : Int {
        if name == "hardware-efficient" or name == "no-entanglement" {
            2 * n
        } else {
            fail $"unknown ansatz '{name}'"
        }
    }

    /// # Summary
    /// Applies one layer with its own weights.
    operation ApplyLayer(name : String, layer : Int, layers : Int, w : Double[], qs : Qubit[]) : Unit {
        if name == "hardware-efficient" {
            Rotations(w, qs);
            Ring(qs);
        } elif name == "no-entanglement" {
            Rotations(w, qs);
        } else {
            fail $"unknown ansatz '{name}'";
        }
    }
}
