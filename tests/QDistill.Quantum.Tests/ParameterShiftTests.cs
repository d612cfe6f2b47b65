namespace QDistill.Quantum.Tests;

/// <summary>Shift rules against the adjoint method (itself held to finite differences) and against dense matrices; their cost; their behaviour under shots.</summary>
public class ParameterShiftTests
{
    private static readonly Observable[] Some = [Observable.Z(0), Observable.Parse("X0 + 0.3*Y0")];

    [Fact]
    public void TheRulesAreThePublishedOnes()
    {
        ShiftTerm[] two = [new(0.5, Math.PI / 2), new(-0.5, -Math.PI / 2)];
        Assert.Equal(two.Select(Rounded), ShiftRule.TwoTerm.Terms.Select(Rounded));
        double plus = (Math.Sqrt(2) + 1) / (4 * Math.Sqrt(2)), minus = (Math.Sqrt(2) - 1) / (4 * Math.Sqrt(2));
        ShiftTerm[] four = [new(plus, Math.PI / 2), new(-minus, 3 * Math.PI / 2), new(minus, -3 * Math.PI / 2), new(-plus, -Math.PI / 2)];
        Assert.Equal(four.Select(Rounded), ShiftRule.FourTerm.Terms.Select(Rounded));

        static ShiftTerm Rounded(ShiftTerm t) => new(Math.Round(t.Coefficient, 12), Math.Round(t.Shift, 12));
    }

    [Fact]
    public void EquidistantRulesDifferentiateEveryFourierSumOfTheirFrequencies()
    {
        for (int r = 1; r <= 6; r++)
        {
            double[] c = RandomCircuits.Vector(2 * r, (ulong)r);
            double F(double t) => Enumerable.Range(1, r).Sum(k => (c[k - 1] * Math.Cos(0.7 * k * t)) + (c[r + k - 1] * Math.Sin(0.7 * k * t))) + 3;
            double exact = Enumerable.Range(1, r).Sum(k => 0.7 * k * ((-c[k - 1] * Math.Sin(0.7 * k * 1.1)) + (c[r + k - 1] * Math.Cos(0.7 * k * 1.1))));
            Assert.Equal(exact, ShiftRule.Equidistant(r, 0.7).Terms.Sum(t => t.Coefficient * F(1.1 + t.Shift)), 1e-11);
        }
    }

    [Fact]
    public void EveryKindOfGateHasItsRuleAgainstDenseMatrices()
    {
        foreach (GateKind kind in RandomCircuits.Kinds)
        {
            Circuit turning = RandomCircuits.Make(3, 3, 5, only: kind);
            Circuit circuit = new CircuitBuilder(3).H(0).RY(1, 0.4).RX(2, 1.1).CNOT(0, 2).Build().Then([.. turning.Gates, .. new CircuitBuilder(3).RX(0, 0.7).RY(1, 0.2).CNOT(1, 0).Build().Gates]);
            circuit = new Circuit(3, 3, 5, circuit.Gates, StatePreparation.Zero, null);
            double[] w = RandomCircuits.Vector(5, 1), x = RandomCircuits.Vector(3, 2);
            using var backend = new StateVectorBackend();
            ShiftJacobian shift = new ParameterShift(circuit, inputGradients: true).Jacobian(backend, w, x, 1, Some);
            for (int j = 0; j < 8; j++)
            {
                double[] variables = j < 5 ? w : x;
                int at = j < 5 ? j : j - 5;
                double value = variables[at];
                for (int k = 0; k < 2; k++)
                {
                    const double H = 2e-3;
                    double At(double v)
                    {
                        variables[at] = v;
                        double e = DenseReference.Expectation(Some[k], DenseReference.Run(circuit, w, x));
                        variables[at] = value;
                        return e;
                    }

                    double slope = ((8 * (At(value + H) - At(value - H))) - At(value + (2 * H)) + At(value - (2 * H))) / (12 * H);
                    Assert.Equal(slope, j < 5 ? shift.ByWeights[(k * 5) + at] : shift.ByInputs[(k * 3) + at], 1e-7 * Math.Max(1, Math.Abs(slope)));
                }
            }
        }
    }

    [Fact]
    public void RandomCircuitsWithAnglesOfAllFormsHaveTheAdjointGradient()
    {
        for (ulong seed = 0; seed < 12; seed++)
        {
            CheckAdjoint(RandomCircuits.Make(1 + (int)(seed % 5), 25, seed), ShiftTarget.Automatic, seed, inputs: true);
        }
    }

    [Fact]
    public void EveryNamedTeacherHasTheAdjointGradientByGatesAndWherePossibleByVariables()
    {
        int byVariables = 0;
        foreach (FeatureEncoding e in FeatureEncoding.All)
        {
            foreach (Ansatz a in Ansatz.All)
            {
                bool inputs = e.Name != "amplitude";
                Circuit circuit = TeacherCircuit.Build(e.Name, a.Name, 3, 2, Math.Min(4, e.MaxFeatures(3)));
                CheckAdjoint(circuit, ShiftTarget.Gates, 3, inputs);
                CheckAdjoint(circuit, ShiftTarget.Automatic, 4, inputs);
                byVariables += new ParameterShift(circuit, inputs).Target == ShiftTarget.Variables ? 1 : 0;
            }
        }

        // iqp, zz and reuploading-scaled multiply variables.
        Assert.Equal(5 * Ansatz.All.Count, byVariables);
    }

    [Fact]
    public void TheCostIsTwoCircuitsForARotationAndFourForAControlledOne()
    {
        Circuit circuit = new CircuitBuilder(2).RX(0, Angle.Input(0)).RY(0, Angle.Weight(0)).CRX(0, 1, Angle.Weight(1)).U3(1, Angle.Weight(2), 0.3, Angle.Weight(0)).RZ(1, 0.4).Build();
        Assert.Equal(2 + 4 + 2 + 2, new ParameterShift(circuit).CircuitsPerSample);
        Assert.Equal(2 + 2 + 4 + 2 + 2, new ParameterShift(circuit, inputGradients: true).CircuitsPerSample);

        // A weight on three gates makes three frequencies: six shifts either way.
        Circuit thrice = new CircuitBuilder(1).RX(0, Angle.Weight(0)).RZ(0, Angle.Weight(0, -1)).RY(0, Angle.Weight(0)).Build();
        Assert.Equal(6, new ParameterShift(thrice, target: ShiftTarget.Variables).CircuitsPerSample);
        using var backend = new StateVectorBackend();
        ShiftJacobian j = new ParameterShift(thrice, target: ShiftTarget.Variables).Jacobian(backend, [0.3], [], 1);
        Assert.Equal(6, backend.Ledger.Circuits);
        Assert.Equal((6, 0), (j.Circuits, j.Shots));
    }

    [Fact]
    public void ShotsAreUnbiasedWithinTheirStatedVariancesAndRepeat()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "qcnn", 4, 2, 4);
        double[] w = circuit.RandomWeights(3), x = RandomCircuits.Vector(2 * 4, 1);
        using var exact = new StateVectorBackend();
        foreach (ShiftTarget target in new[] { ShiftTarget.Gates, ShiftTarget.Variables })
        {
            var rule = new ParameterShift(circuit, inputGradients: true, target);
            ShiftJacobian truth = rule.Jacobian(exact, w, x, 2, Some);
            using var sampled = new SampledBackend(2000, 5);
            ShiftJacobian noisy = rule.Jacobian(sampled, w, x, 2, Some, 7);
            double chi = 0;
            int count = 0;
            foreach ((double[] a, double[] b, double[] v) in new[] { (truth.ByWeights, noisy.ByWeights, noisy.WeightVariances), (truth.ByInputs, noisy.ByInputs, noisy.InputVariances) })
            {
                for (int i = 0; i < a.Length; i++)
                {
                    if (v[i] > 1e-9)
                    {
                        chi += (a[i] - b[i]) * (a[i] - b[i]) / v[i];
                        count++;
                    }
                }
            }

            // The entries of one measurement basis share shots, so the spread is wider than that of independent ones.
            Assert.InRange(chi / count, 0.3, 2.2);
            Assert.Equal(sampled.Ledger.Shots, noisy.Shots);
            using var again = new SampledBackend(2000, 5);
            Assert.Equal(noisy.ByWeights, rule.Jacobian(again, w, x, 2, Some, 7).ByWeights);
        }
    }

    [Fact]
    public void VjpIsThatOfTheAdjointMethod()
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "strongly-entangling", 3, 2, 3);
        double[] w = circuit.RandomWeights(1), x = RandomCircuits.Vector(5 * 3, 2), de = RandomCircuits.Vector(5 * 3, 3);
        using var backend = new StateVectorBackend();
        using var engine = new StateVector(circuit);
        double[] dw = new double[circuit.WeightCount], dx = new double[15], sw = new double[dw.Length], sx = new double[15];
        engine.ExpectationsAndVjp(w, x, 5, de, dw, dx);
        new ParameterShift(circuit, inputGradients: true).Jacobian(backend, w, x, 5).Vjp(de, sw, sx);
        AssertClose(dw, sw, 1e-10);
        AssertClose(dx, sx, 1e-10);
    }

    [Fact]
    public void WhatCannotBeShiftedIsSaid()
    {
        Circuit amplitude = TeacherCircuit.Build("amplitude", "hardware-efficient", 2, 1, 4);
        CircuitTests.Refused(() => new ParameterShift(amplitude, inputGradients: true), "amplitude encoding has no shift rule");
        Circuit zz = TeacherCircuit.Build("zz", "hardware-efficient", 2, 1, 2);
        CircuitTests.Refused(() => new ParameterShift(zz, true, ShiftTarget.Variables), "not linear", "shift its gates");
        Circuit odd = new CircuitBuilder(1).RX(0, Angle.Weight(0)).RY(0, Angle.Weight(0, Math.Sqrt(2))).Build();
        CircuitTests.Refused(() => new ParameterShift(odd, target: ShiftTarget.Variables), "no common measure");
        using var backend = new StateVectorBackend();
        CircuitTests.Refused(() => new ParameterShift(odd).Jacobian(backend, [1, 2], [], 1), "takes 1 weights");
        CircuitTests.Refused(() => new ParameterShift(odd).Jacobian(backend, [double.NaN], [], 1), "not a finite number");
    }

    private static void CheckAdjoint(Circuit circuit, ShiftTarget target, ulong seed, bool inputs)
    {
        const int Batch = 3;
        int p = circuit.WeightCount, d = circuit.InputCount;
        double[] w = RandomCircuits.Vector(p, seed, 2), x = RandomCircuits.Vector(Batch * d, seed + 1, 2);
        using var backend = new StateVectorBackend();
        ShiftJacobian shift = new ParameterShift(circuit, inputs, target).Jacobian(backend, w, x, Batch, Some);
        using var engine = new StateVector(circuit, Some);
        for (int row = 0; row < Batch * 2; row++)
        {
            double[] de = new double[Batch * 2], dw = new double[p], dx = new double[Batch * d];
            de[row] = 1;
            engine.ExpectationsAndVjp(w, x, Batch, de, dw, dx);
            AssertClose(dw, shift.ByWeights[(row * p)..((row + 1) * p)], 1e-9);
            if (inputs)
            {
                AssertClose(dx[(row / 2 * d)..((row / 2 * d) + d)], shift.ByInputs[(row * d)..((row + 1) * d)], 1e-9);
            }
        }
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
    }
}
