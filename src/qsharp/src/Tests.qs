/// Checks that the Q# circuits are what their names say; `make test` runs every @Test operation.
namespace QDistill.Tests {
    import Std.Arrays.*;
    import Std.Diagnostics.*;
    import Std.Math.*;
    import QDistill.Ansatze.*;
    import QDistill.Encodings.*;
    import QDistill.Teacher.*;

    @Test()
    operation AngleEncodingOfPiFlipsItsQubit() : Unit {
        use qs = Qubit[3];
        Angles([], [PI(), 0.0, PI()], qs);
        X(qs[0]);
        X(qs[2]);
        Fact(CheckAllZero(qs), "RY(pi) takes |0> to |1>");
    }

    @Test()
    operation AngleEncodingTakesASecondRoundAboutX() : Unit {
        Fact(CheckOperationsAreEqual(2, qs => Angles([], [0.3, -0.7, 1.1], qs), qs => {
            Ry(0.3, qs[0]);
            Ry(-0.7, qs[1]);
            Rx(1.1, qs[0]);
        }), "feature 2 turns qubit 0 about X");
    }

    @Test()
    operation RingAfterHadamardOnTheFirstQubitMakesGhzUpToTheClosingGate() : Unit {
        use qs = Qubit[4];
        H(qs[0]);
        RotationsAndRing(CNOT, [0.0, size = 8], qs);
        CNOT(qs[3], qs[0]);
        CNOT(qs[2], qs[3]);
        CNOT(qs[1], qs[2]);
        CNOT(qs[0], qs[1]);
        H(qs[0]);
        Fact(CheckAllZero(qs), "undone gate by gate");
    }

    @Test()
    operation RingOfTwoIsOneCnot() : Unit {
        Fact(CheckOperationsAreEqual(2, qs => RotationsAndRing(CNOT, [0.0, size = 4], qs), qs => CNOT(qs[0], qs[1])), "one CNOT");
    }

    @Test()
    operation LayersWithoutEntanglementFactor() : Unit {
        let w = MappedOverRange(k -> 0.1 * IntAsDoubleOf(k), 0..11);
        use qs = Qubit[3];
        Prepare("angle", "no-entanglement", 2, w, [0.4, 0.5, 0.6], qs);
        for q in 0..2 {
            Adjoint Rotations(w[6 + 2 * q..7 + 2 * q], [qs[q]]);
            Adjoint Rotations(w[2 * q..2 * q + 1], [qs[q]]);
            Ry(-0.4 - 0.1 * IntAsDoubleOf(q), qs[q]);
        }
        Fact(CheckAllZero(qs), "each qubit is undone alone");
    }

    @Test()
    function LayerWeightsOfTheHardwareEfficientAnsatz() : Unit {
        Fact(LayerWeights("hardware-efficient", 6, 0, 3) == 12, "2 per qubit");
    }

    @Test()
    operation AmplitudesOfAFlatVectorAreHadamards() : Unit {
        use qs = Qubit[3];
        Amplitudes([0.5, size = 8], qs);
        ApplyToEach(H, qs);
        Fact(CheckAllZero(qs), "flat");
        Amplitudes([0.0, 0.0, 1.0], qs);
        X(qs[1]);
        Fact(CheckAllZero(qs), "index 2 is qubit 1");
    }

    @Test()
    operation GivenStatesKeepThePhasesOfTheirAmplitudes() : Unit {
        use qs = Qubit[2];
        // (|0> + i|1>) (|0> - |1>) / 2: index 1 is qubit 0.
        GivenState([0.5, 0.0, 0.0, 0.5, -0.5, 0.0, 0.0, -0.5], qs);
        Adjoint S(qs[0]);
        H(qs[0]);
        H(qs[1]);
        X(qs[1]);
        Fact(CheckAllZero(qs), "product of turned plus and minus");
    }

    @Test()
    operation BasisEncodingSetsTheBitsAboveOneHalf() : Unit {
        use qs = Qubit[3];
        Basis([0.9, 0.2, 0.51], qs);
        X(qs[0]);
        X(qs[2]);
        Fact(CheckAllZero(qs), "101");
    }

    @Test()
    operation IqpOfZerosIsTheIdentity() : Unit {
        Fact(CheckOperationsAreEqual(3, qs => Iqp([0.0, 0.0, 0.0], qs), qs => {}), "H H = 1");
    }

    @Test()
    operation ConvolutionPoolsOntoQubitZero() : Unit {
        Fact(ActiveQubits(8, 0) == 8 and ActiveQubits(8, 2) == 2 and ActiveQubits(8, 3) == 1 and ActiveQubits(6, 2) == 2, "halved, rounded up");
    }

    @Test()
    operation EqualSamplesOverlapFully() : Unit {
        for name in ["angle", "phase", "iqp", "zz", "amplitude", "basis"] {
            Fact(QDistill.Kernels.OverlapZeros(name, 2, [0.3, 0.8], [0.3, 0.8], 20) == 20, name);
            Fact(QDistill.Kernels.SwapTestZeros(name, 2, [0.3, 0.8], [0.3, 0.8], 20) == 20, name);
        }
        let state = [0.5, 0.0, 0.0, 0.5, -0.5, 0.0, 0.0, -0.5];
        Fact(QDistill.Kernels.OverlapZeros("state", 2, state, state, 20) == 20, "state");
    }

    @Test()
    operation OppositeBasisStatesDoNotOverlap() : Unit {
        Fact(QDistill.Kernels.OverlapZeros("basis", 2, [0.0, 1.0], [1.0, 0.0], 20) == 0, "orthogonal");
    }

    @Test()
    operation CountsAddUpToTheShots() : Unit {
        let rows = CountBatch("reuploading", "hardware-efficient", 2, 1, [0.1, 0.2, 0.3, 0.4], [[0.5, 0.6], [0.7, 0.8]], [0, 1], 20);
        for row in rows {
            Fact(Fold((a, b) -> a + b, 0, row) == 20, "20 shots");
        }
    }

    function IntAsDoubleOf(k : Int) : Double {
        Std.Convert.IntAsDouble(k)
    }
}
