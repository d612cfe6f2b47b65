/// The teacher's circuits and the queries on them. Qubit 0 is qs[0].
namespace QDistill.Teacher {
    import QIR.Intrinsic.*;
    import Std.Arrays.*;
    import Std.Convert.*;
    import Std.Diagnostics.*;
    import Std.Math.*;
    import Std.Measurement.*;
    import QDistill.Ansatze.*;
    import QDistill.Encodings.*;

    /// # Summary
    /// One step of the circuit: the encoding where it has its turn, with its scales, then a layer of the ansatz with its weights.
    struct Step { Encodes : Bool, Scales : Double[], Weights : Double[] }

    /// # Summary
    /// The steps of the whole circuit on n qubits and d features: encoding, then the layers of the ansatz, with the encoding again before each layer when it re-uploads.
    /// They are the same for every sample, so a batch makes them once.
    function Steps(encoding : String, ansatz : String, n : Int, d : Int, layers : Int, w : Double[]) : Step[] {
        mutable steps = [];
        mutable used = 0;
        for layer in 0..MaxI(layers, 1) - 1 {
            let encodes = layer == 0 or Reuploads(encoding);
            let scales = encodes ? EncodingWeights(encoding, n, d) | 0;
            let weights = layers > 0 ? LayerWeights(ansatz, n, layer, layers) | 0;
            set steps += [new Step { Encodes = encodes, Scales = w[used..used + scales - 1], Weights = w[used + scales..used + scales + weights - 1] }];
            set used += scales + weights;
        }
        if used != Length(w) {
            fail $"the circuit takes {used} weights, but {Length(w)} were given";
        }
        steps
    }

    /// # Summary
    /// Applies the steps to one sample.
    operation ApplySteps(encoding : String, ansatz : String, layers : Int, steps : Step[], x : Double[], qs : Qubit[]) : Unit {
        let end = Length(steps);
        mutable layer = 0;
        while layer < end {
            let step = steps[layer];
            if step.Encodes {
                Encode(encoding, step.Scales, x, qs);
            }
            if layers > 0 {
                ApplyLayer(ansatz, layer, layers, step.Weights, qs);
            }
            set layer += 1;
        }
    }

    /// # Summary
    /// The whole circuit of one sample.
    operation Prepare(encoding : String, ansatz : String, layers : Int, w : Double[], x : Double[], qs : Qubit[]) : Unit {
        ApplySteps(encoding, ansatz, layers, Steps(encoding, ansatz, Length(qs), Length(x), layers, w), x, qs);
    }

    /// # Summary
    /// Emits the exact state of every sample, one DumpMachine event each.
    operation DumpBatch(encoding : String, ansatz : String, n : Int, layers : Int, w : Double[], xs : Double[][]) : Unit {
        let steps = StepsOf(encoding, ansatz, n, layers, w, xs);
        for x in xs {
            use qs = Qubit[n];
            ApplySteps(encoding, ansatz, layers, steps, x, qs);
            DumpMachine();
            mutable q = 0;
            while q < n {
                __quantum__qis__reset__body(qs[q]);
                set q += 1;
            }
        }
    }

    /// # Summary
    /// The steps of a batch, whose samples all have the same number of features.
    function StepsOf(encoding : String, ansatz : String, n : Int, layers : Int, w : Double[], xs : Double[][]) : Step[] {
        Length(xs) == 0 ? [] | Steps(encoding, ansatz, n, Length(xs[0]), layers, w)
    }

    /// # Summary
    /// Measures every sample `shots` times; outcome k (qubit 0 = lowest bit) is counted in slot k. A basis of 0 measures Z, 1 X, 2 Y.
    operation CountBatch(encoding : String, ansatz : String, n : Int, layers : Int, w : Double[], xs : Double[][], basis : Int[], shots : Int) : Int[][] {
        let steps = StepsOf(encoding, ansatz, n, layers, w, xs);
        mutable rows = [];
        for x in xs {
            mutable counts = [0, size = 1 <<< n];
            for _ in 1..shots {
                use qs = Qubit[n];
                ApplySteps(encoding, ansatz, layers, steps, x, qs);
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
