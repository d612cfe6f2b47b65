/// The registered encodings: the same gates, in the same order, as QDistill.Quantum's FeatureEncoding class.
namespace QDistill.Encodings {
    import QIR.Intrinsic.*;
    import Std.Arrays.*;
    import Std.Convert.*;
    import Std.Math.*;
    import Std.StatePreparation.*;

    /// # Summary
    /// Feature k mod d, times its scale, turns qubit k mod n, about Y in even rounds and about X in odd ones.
    operation Angles(scales : Double[], x : Double[], qs : Qubit[]) : Unit is Adj {
        body ... {
            let n = Length(qs);
            if Length(scales) == 0 and Length(x) == n {
                // The usual case, written for speed as the usual layer is (RotationsAndRing).
                mutable q = 0;
                while q < n {
                    __quantum__qis__ry__body(x[q], qs[q]);
                    set q += 1;
                }
            } else {
                Rounds(Turns(scales, x, n), qs);
            }
        }
        adjoint ... {
            Adjoint Rounds(Turns(scales, x, Length(qs)), qs);
        }
    }

    /// # Summary
    /// Angle k turns qubit k mod n, about Y in even rounds and about X in odd ones.
    operation Rounds(angles : Double[], qs : Qubit[]) : Unit is Adj {
        let n = Length(qs);
        for first in 0..n..Length(angles) - 1 {
            let last = MinI(n, Length(angles) - first) - 1;
            if (first / n) % 2 == 0 {
                for q in 0..last {
                    Ry(angles[first + q], qs[q]);
                }
            } else {
                for q in 0..last {
                    Rx(angles[first + q], qs[q]);
                }
            }
        }
    }

    /// # Summary
    /// The angles of `Angles`, at least one for each of n qubits. Unscaled features that suffice are returned as they are.
    function Turns(scales : Double[], x : Double[], n : Int) : Double[] {
        let d = Length(x);
        if Length(scales) == 0 and d >= n {
            return x;
        }
        mutable angles = [];
        for k in 0..MaxI(n, d) - 1 {
            set angles += [Length(scales) == 0 ? x[k % d] | x[k % d] * scales[k]];
        }
        angles
    }

    /// # Summary
    /// Rounds of H on every qubit and RZ(x) on each.
    operation Phases(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        for k in 0..MaxI(n, Length(x)) - 1 {
            if k % n == 0 {
                ApplyToEachCA(H, qs);
            }
            Rz(x[k % Length(x)], qs[k % n]);
        }
    }

    /// # Summary
    /// Twice: H on every qubit, RZ(x_i), RZZ(x_i x_j) on every pair.
    operation Iqp(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        let d = Length(x);
        for _ in 1..2 {
            ApplyToEachCA(H, qs);
            for q in 0..n - 1 {
                Rz(x[q % d], qs[q]);
            }
            for a in 0..n - 2 {
                for b in a + 1..n - 1 {
                    Rzz(x[a % d] * x[b % d], qs[a], qs[b]);
                }
            }
        }
    }

    /// # Summary
    /// Twice: H on every qubit, phase 2x_i, and on every pair CNOT, phase 2(π − x_i)(π − x_j), CNOT.
    operation ZZ(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        let d = Length(x);
        for _ in 1..2 {
            ApplyToEachCA(H, qs);
            for q in 0..n - 1 {
                R1(2.0 * x[q % d], qs[q]);
            }
            for a in 0..n - 2 {
                for b in a + 1..n - 1 {
                    CNOT(qs[a], qs[b]);
                    R1(2.0 * (PI() - x[a % d]) * (PI() - x[b % d]), qs[b]);
                    CNOT(qs[a], qs[b]);
                }
            }
        }
    }

    /// # Summary
    /// The features, padded with zeros and normalised, as amplitudes; qubit 0 is the lowest bit of their index.
    operation Amplitudes(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        PreparePureStateD(Padded(-(1 <<< Length(qs)), 0.0, x), Reversed(qs));
    }

    /// # Summary
    /// A given state: the real and imaginary parts of its amplitudes alternate; qubit 0 is the lowest bit of their index.
    operation GivenState(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        ApproximatelyPreparePureStateCP(0.0, Polar(x), Reversed(qs));
    }

    /// # Summary
    /// Complex numbers, listed as alternating real and imaginary parts, in polar form.
    function Polar(x : Double[]) : ComplexPolar[] {
        mutable polar = [];
        for k in 0..2..Length(x) - 2 {
            set polar += [ComplexAsComplexPolar(Complex(x[k], x[k + 1]))];
        }
        polar
    }

    /// # Summary
    /// A half turn about Y of qubit i where feature i exceeds 0.5.
    operation Basis(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        for q in 0..Length(x) - 1 {
            if x[q] > 0.5 {
                Ry(PI(), qs[q]);
            }
        }
    }

    /// # Summary
    /// Whether an encoding is repeated before every layer of the ansatz.
    function Reuploads(name : String) : Bool {
        name == "reuploading" or name == "reuploading-scaled"
    }

    /// # Summary
    /// The number of weights the encoding takes each time.
    function EncodingWeights(name : String, n : Int, d : Int) : Int {
        name == "reuploading-scaled" ? MaxI(n, d) | 0
    }

    /// # Summary
    /// Applies the encoding of that name.
    operation Encode(name : String, w : Double[], x : Double[], qs : Qubit[]) : Unit is Adj {
        if name == "angle" or name == "reuploading" or name == "reuploading-scaled" {
            Angles(w, x, qs);
        } elif name == "phase" {
            Phases(x, qs);
        } elif name == "iqp" {
            Iqp(x, qs);
        } elif name == "zz" {
            ZZ(x, qs);
        } elif name == "amplitude" {
            Amplitudes(x, qs);
        } elif name == "state" {
            GivenState(x, qs);
        } elif name == "basis" {
            Basis(x, qs);
        } else {
            fail $"unknown encoding '{name}'";
        }
    }
}
