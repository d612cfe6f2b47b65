/// The registered encodings: the same gates, in the same order, as QDistill.Quantum's FeatureEncoding class.
namespace QDistill.Encodings {
    import Std.Math.MaxI;

    /// # Summary
    /// Feature k mod d turns qubit k mod n, about Y in even rounds and about X in odd ones.
    operation Angles(x : Double[], qs : Qubit[]) : Unit is Adj + Ctl {
        let n = Length(qs);
        let d = Length(x);
        for k in 0..MaxI(n, d) - 1 {
            if (k / n) % 2 == 0 {
                Ry(x[k % d], qs[k % n]);
            } else {
                Rx(x[k % d], qs[k % n]);
            }
        }
    }

    /// # Summary
    /// Whether an encoding is repeated before every layer of the ansatz.
    function Reuploads(name : String) : Bool {
        name == "reuploading"
    }

    /// # Summary
    /// Applies the encoding of that name.
    operation Encode(name : String, x : Double[], qs : Qubit[]) : Unit {
        if name == "angle" or name == "reuploading" {
            Angles(x, qs);
        } else {
            fail $"unknown encoding '{name}'";
        }
    }
}
