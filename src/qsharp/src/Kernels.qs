/// Kernel values by measurement, and gradients by shifted circuits.
namespace QDistill.Kernels {
    import Std.Arrays.*;
    import Std.Convert.*;
    import Std.Math.*;
    import Std.Measurement.*;
    import QDistill.Encodings.*;
    import QDistill.Teacher.*;

    /// # Summary
    /// How often y's encoding, undone after x's, leaves every qubit at 0: the fidelity is that over the shots.
    operation OverlapZeros(encoding : String, n : Int, x : Double[], y : Double[], shots : Int) : Int {
        mutable zeros = 0;
        for _ in 1..shots {
            use qs = Qubit[n];
            Encode(encoding, [], x, qs);
            Adjoint Encode(encoding, [], y, qs);
            if All(r -> r == Zero, MResetEachZ(qs)) {
                set zeros += 1;
            }
        }
        zeros
    }

    /// # Summary
    /// How often the swap test of the two encodings reads 0: the fidelity is twice that over the shots, less 1.
    operation SwapTestZeros(encoding : String, n : Int, x : Double[], y : Double[], shots : Int) : Int {
        mutable zeros = 0;
        for _ in 1..shots {
            use (a, b, control) = (Qubit[n], Qubit[n], Qubit());
            Encode(encoding, [], x, a);
            Encode(encoding, [], y, b);
            H(control);
            for q in 0..n - 1 {
                Controlled SWAP([control], (a[q], b[q]));
            }
            H(control);
            if MResetZ(control) == Zero {
                set zeros += 1;
            }
            ResetAll(a + b);
        }
        zeros
    }

    /// # Summary
    /// One of the two for every pair.
    operation PairsBatch(swapTest : Bool, encoding : String, n : Int, xs : Double[][], ys : Double[][], shots : Int) : Int[] {
        mutable zeros = [];
        for (x, y) in Zipped(xs, ys) {
            set zeros += [swapTest ? SwapTestZeros(encoding, n, x, y, shots) | OverlapZeros(encoding, n, x, y, shots)];
        }
        zeros
    }

    /// # Summary
    /// The derivative of ⟨Z⟩ of one qubit by weight k, where that turns a single Pauli rotation, from shots at w_k ± π/2.
    operation ShiftGradient(encoding : String, ansatz : String, n : Int, layers : Int, w : Double[], x : Double[], k : Int, qubit : Int, shots : Int) : Double {
        mutable sums = [0, 0];
        for s in 0..1 {
            let shifted = w w/ k <- w[k] + (s == 0 ? PI() / 2.0 | -PI() / 2.0);
            for _ in 1..shots {
                use qs = Qubit[n];
                Prepare(encoding, ansatz, layers, shifted, x, qs);
                set sums w/= s <- sums[s] + (MResetZ(qs[qubit]) == Zero ? 1 | -1);
                ResetAll(qs);
            }
        }
        IntAsDouble(sums[0] - sums[1]) / (2.0 * IntAsDouble(shots))
    }
}
