/// The registered ansätze: the same gates and weights, in the same order, as QDistill.Quantum's Ansatz class.
namespace QDistill.Ansatze {
    import QIR.Intrinsic.*;
    import Std.Math.*;

    /// # Summary
    /// RY then RZ on every qubit; 2n weights.
    operation Rotations(w : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        for q in 0..Length(qs) - 1 {
            Ry(w[2 * q], qs[q]);
            Rz(w[2 * q + 1], qs[q]);
        }
    }

    /// # Summary
    /// RY on every qubit; n weights.
    operation TurnAll(w : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        for q in 0..Length(qs) - 1 {
            Ry(w[q], qs[q]);
        }
    }

    /// # Summary
    /// RY and RZ on every qubit and a gate from each to the next, closing the ring; two qubits get one gate, one qubit none; 2n weights.
    /// A gate comes as soon as both its qubits are turned, not after all rotations: it commutes with those in between, and there is one loop less to run.
    /// Most of a small circuit's time goes to the interpreter, so this layer has the instructions that Ry, Rz and CNOT stand for, which saves a call for each gate,
    /// and `while`, whose turns cost half of those of `for`.
    operation RotationsAndRing(gate : ((Qubit, Qubit) => Unit), w : Double[], qs : Qubit[]) : Unit {
        let n = Length(qs);
        let first = qs[0];
        __quantum__qis__ry__body(w[0], first);
        __quantum__qis__rz__body(w[1], first);
        mutable last = first;
        mutable q = 1;
        mutable k = 2;
        while q < n {
            let next = qs[q];
            __quantum__qis__ry__body(w[k], next);
            __quantum__qis__rz__body(w[k + 1], next);
            gate(last, next);
            set last = next;
            set q += 1;
            set k += 2;
        }
        if n > 2 {
            gate(last, first);
        }
    }

    /// # Summary
    /// RY on every qubit and CNOTs in a chain; after the last layer RY again.
    operation RealAmplitudes(last : Bool, w : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        TurnAll(w[0..n - 1], qs);
        for q in 0..n - 2 {
            CNOT(qs[q], qs[q + 1]);
        }
        if last {
            TurnAll(w[n..2 * n - 1], qs);
        }
    }

    /// # Summary
    /// RZ RY RZ on every qubit, then CNOTs that reach (layer mod (n − 1)) + 1 qubits on.
    operation StronglyEntangling(layer : Int, w : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        for q in 0..n - 1 {
            Rz(w[3 * q], qs[q]);
            Ry(w[3 * q + 1], qs[q]);
            Rz(w[3 * q + 2], qs[q]);
        }
        if n > 1 {
            for q in 0..n - 1 {
                CNOT(qs[q], qs[(q + layer % (n - 1) + 1) % n]);
            }
        }
    }

    /// # Summary
    /// RY on every qubit first; each layer: CZ and two RY on the even pairs, then on the odd ones.
    operation SimplifiedTwoDesign(layer : Int, w : Double[], qs : Qubit[]) : Unit {
        let n = Length(qs);
        mutable k = 0;
        if layer == 0 {
            TurnAll(w[0..n - 1], qs);
            set k = n;
        }
        for start in 0..1 {
            for q in start..2..n - 2 {
                CZ(qs[q], qs[q + 1]);
                Ry(w[k], qs[q]);
                Ry(w[k + 1], qs[q + 1]);
                set k += 2;
            }
        }
    }

    /// # Summary
    /// U3(θ, φ, λ) with its phases as diag(1, e^{iφ}) RY(θ) diag(1, e^{iλ}).
    operation AnyTurn(w : Double[], q : Qubit) : Unit is Adj + Ctl {
        R1(w[2], q);
        Ry(w[0], q);
        R1(w[1], q);
    }

    /// # Summary
    /// Blocks that reach any two-qubit unitary, on the even pairs, then on the odd ones.
    operation Universal(w : Double[], qs : Qubit[]) : Unit {
        let n = Length(qs);
        if n == 1 {
            AnyTurn(w, qs[0]);
        }
        mutable k = 0;
        for start in 0..1 {
            for q in start..2..n - 2 {
                AnyTurn(w[k..k + 2], qs[q]);
                AnyTurn(w[k + 3..k + 5], qs[q + 1]);
                Rxx(w[k + 6], qs[q], qs[q + 1]);
                Ryy(w[k + 7], qs[q], qs[q + 1]);
                Rzz(w[k + 8], qs[q], qs[q + 1]);
                AnyTurn(w[k + 9..k + 11], qs[q]);
                AnyTurn(w[k + 12..k + 14], qs[q + 1]);
                set k += 15;
            }
        }
    }

    /// # Summary
    /// The qubits still active in a layer of the convolutional network.
    function ActiveQubits(n : Int, layer : Int) : Int {
        let stride = 1 <<< MinI(layer, 30);
        (n + stride - 1) / stride
    }

    /// # Summary
    /// Convolution with shared weights on neighbouring active qubits, then pooling onto every second one.
    operation Qcnn(layer : Int, w : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let stride = 1 <<< MinI(layer, 30);
        let active = ActiveQubits(Length(qs), layer);
        if active <= 1 {
            Ry(w[0], qs[0]);
            Rz(w[1], qs[0]);
        } else {
            for start in 0..1 {
                for k in start..2..active - 2 {
                    let (a, b) = (qs[k * stride], qs[(k + 1) * stride]);
                    Ry(w[0], a);
                    Ry(w[1], b);
                    CZ(a, b);
                    Ry(w[2], a);
                    Ry(w[3], b);
                }
            }
            for k in 0..2..active - 2 {
                let (keep, drop) = (qs[k * stride], qs[(k + 1) * stride]);
                Controlled Rz([drop], (w[4], keep));
                X(drop);
                Controlled Rx([drop], (w[5], keep));
                X(drop);
            }
        }
    }

    /// # Summary
    /// The number of weights one layer takes.
    function LayerWeights(name : String, n : Int, layer : Int, layers : Int) : Int {
        if name == "hardware-efficient" or name == "no-entanglement" or name == "ry-rz-cz" {
            2 * n
        } elif name == "real-amplitudes" {
            layer == layers - 1 ? 2 * n | n
        } elif name == "strongly-entangling" {
            3 * n
        } elif name == "simplified-two-design" {
            2 * (n - 1) + (layer == 0 ? n | 0)
        } elif name == "universal-two-qubit" {
            n == 1 ? 3 | 15 * (n - 1)
        } elif name == "qcnn" {
            ActiveQubits(n, layer) <= 1 ? 2 | 6
        } else {
            fail $"unknown ansatz '{name}'"
        }
    }

    /// # Summary
    /// Applies one layer with its own weights.
    operation ApplyLayer(name : String, layer : Int, layers : Int, w : Double[], qs : Qubit[]) : Unit {
        if name == "hardware-efficient" {
            RotationsAndRing(__quantum__qis__cx__body, w, qs);
        } elif name == "no-entanglement" {
            Rotations(w, qs);
        } elif name == "ry-rz-cz" {
            RotationsAndRing(__quantum__qis__cz__body, w, qs);
        } elif name == "real-amplitudes" {
            RealAmplitudes(layer == layers - 1, w, qs);
        } elif name == "strongly-entangling" {
            StronglyEntangling(layer, w, qs);
        } elif name == "simplified-two-design" {
            SimplifiedTwoDesign(layer, w, qs);
        } elif name == "universal-two-qubit" {
            Universal(w, qs);
        } elif name == "qcnn" {
            Qcnn(layer, w, qs);
        } else {
            fail $"unknown ansatz '{name}'";
        }
    }
}
