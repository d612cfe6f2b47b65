/// The teacher's circuits and the queries on them. Qubit 0 is qs[0].
namespace QDistill.Teacher {
    import Std.Arrays.*;
    import Std.Convert.*;
    import Std.Diagnostics.*;
    import Std.Measurement.*;
    import QDistill.Ansatze.*;
    import QDistill.Encodings.*;

    /// # Summary
    /// The whole circuit: encoding, then the layers of the ansatz, with the encoding again before each layer when it re-uploads.
    operation Prepare(encoding : String, ansatz : String, layers : Int, w : Double[], x : Double[], qs : Qubit[]) : Unit {
        mutable used = 0;
        for layer in 0..layers - 1 + (layers == 0 ? 1 | 0) {
            if layer == 0 or Reuploads(encoding) {
                let scales = EncodingWeights(encoding, Length(qs), Length(x));
                Encode(encoding, w[used..used + scales - 1], x, qs);
                set used += scales;
            }
            if layers > 0 {
                let count = LayerWeights(ansatz, Length(qs), layer, layers);
                ApplyLayer(ansatz, layer, layers, w[used..used + count - 1], qs);
                set used += count;
            }
        }
        // Not Fact, whose message would be put together for every sample.
        if used != Length(w) {
            fail $"the circuit takes {used} weights, but {Length(w)} were given";
        }
    }

    /// # Summary
    /// Emits the exact state of every sample, one DumpMachine event each.
    operation DumpBatch(encoding : String, ansatz : String, n : Int, layers : Int, w : Double[], xs : Double[][]) : Unit {
        for x in xs {
            use qs = Qubit[n];
            Prepare(encoding, ansatz, layers, w, x, qs);
            DumpMachine();
            ResetAll(qs);
        }
    }

    /// # Summary
    /// Measures every sample `shots` times; outcome k (qubit 0 = lowest bit) is counted in slot k. A basis of 0 measures Z, 1 X, 2 Y.
    operation CountBatch(encoding : String, ansatz : String, n : Int, layers : Int, w : Double[], xs : Double[][], basis : Int[], shots : Int) : Int[][] {
        mutable rows = [];
        for x in xs {
            mutable counts = [0, size = 1 <<< n];
            for _ in 1..shots {
                use qs = Qubit[n];
                Prepare(encoding, ansatz, layers, w, x, qs);
                for q in 0..n - 1 {
                    if basis[q] == 1 {
                        H(qs[q]);
                    } elif basis[q] == 2 {
                        Adjoint S(qs[q]);
                        H(qs[q]);
                    }
                }
                let k = ResultArrayAsInt(MResetEachZ(qs));
                set counts w/= k <- counts[k] + 1;
            }
            set rows += [counts];
        }
        rows
    }
}
