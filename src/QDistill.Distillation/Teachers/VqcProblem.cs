using System.Diagnostics;
using QDistill.Features;
using QDistill.Metrics;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>The binary cross-entropy of a set of windows and its gradient by all parameters of a variational quantum classifier.</summary>
internal sealed class VqcProblem(StateVector engine, Ledger ledger, double[] z, Truth[] truth, int n, int k, double decay, bool balanced = false)
{
    private readonly double[] angles = new double[z.Length];
    private readonly double[] logits = new double[n * k];
    private readonly double known = Math.Max(1, truth.Count(t => t != Truth.Unknown));
    private readonly (double Safe, double Hazard)[] classWeight = [.. Enumerable.Range(0, k).Select(j => ClassWeight(truth, j, k, balanced))];

    /// <summary>Logits [n, k]; the array is used again by the next call.</summary>
    public double[] Logits(VqcParameters p)
    {
        long start = Stopwatch.GetTimestamp();
        p.Angles(z, angles);
        p.Logits(engine.Expectations(p.Weight, angles, n), logits);
        Count(start);
        return logits;
    }

    /// <summary>Mean negative log-likelihood [nats] of the collision output over windows of known truth.</summary>
    public double CollisionNll(VqcParameters p)
    {
        double[] scores = Logits(p);
        double sum = 0;
        int count = 0;
        for (int i = 0; i < n; i++)
        {
            if (truth[i * k] is var t and not Truth.Unknown)
            {
                sum += Logit.Softplus(t == Truth.Hazard ? -scores[i * k] : scores[i * k]);
                count++;
            }
        }

        return sum / Math.Max(1, count);
    }

    /// <summary>The gradient of mean BCE + decay/2·|head|² with respect to all parameters.</summary>
    public void Gradient(VqcParameters p, double[] gradient)
    {
        int m = p.Observables, inputs = p.Inputs;
        var into = new GradientView(p, gradient);
        gradient.AsSpan().Clear();
        long start = Stopwatch.GetTimestamp();
        p.Angles(z, angles);
        using ForwardPass pass = engine.Forward(p.Weight, angles, n);
        p.Logits(pass.Expectations, logits);

        double[] upstream = new double[n * m];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < k; j++)
            {
                Truth t = truth[(i * k) + j];
                if (t == Truth.Unknown)
                {
                    continue;
                }

                double g = (t == Truth.Hazard ? classWeight[j].Hazard * (Logit.Sigmoid(logits[(i * k) + j]) - 1) : classWeight[j].Safe * Logit.Sigmoid(logits[(i * k) + j])) / known;
                into.HeadBias[j] += g;
                for (int o = 0; o < m; o++)
                {
                    into.HeadWeight[(j * m) + o] += g * pass.Expectations[(i * m) + o];
                    upstream[(i * m) + o] += g * p.HeadWeight[(j * m) + o];
                }
            }
        }

        double[] inputGradient = new double[n * inputs];
        pass.Backward(upstream, [], into.Weight, inputGradient);
        Count(start);
        for (int i = 0; i < inputGradient.Length; i++)
        {
            into.InputScale[i % inputs] += inputGradient[i] * z[i];
            into.InputShift[i % inputs] += inputGradient[i];
        }

        for (int i = 0; i < into.HeadWeight.Length; i++)
        {
            into.HeadWeight[i] += decay * p.HeadWeight[i];
        }
    }

    // n/(2 n_class) where balanced, so that both classes weigh alike.
    private static (double Safe, double Hazard) ClassWeight(Truth[] truth, int output, int k, bool balanced)
    {
        double safe = 0, hazard = 0;
        for (int i = output; i < truth.Length; i += k)
        {
            safe += truth[i] == Truth.Safe ? 1 : 0;
            hazard += truth[i] == Truth.Hazard ? 1 : 0;
        }

        return balanced ? ((safe + hazard) / (2 * Math.Max(1, safe)), (safe + hazard) / (2 * Math.Max(1, hazard))) : (1, 1);
    }

    private void Count(long start) =>
        ledger.Record(n, 0, engine.Circuit.Depth, engine.Circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);

    /// <summary>The parts of a gradient vector, laid out as <see cref="VqcParameters"/>.</summary>
    private readonly ref struct GradientView(VqcParameters p, double[] gradient)
    {
        public Span<double> Weight { get; } = gradient.AsSpan(0, p.Weights);

        public Span<double> InputScale { get; } = gradient.AsSpan(p.Weights, p.Inputs);

        public Span<double> InputShift { get; } = gradient.AsSpan(p.Weights + p.Inputs, p.Inputs);

        public Span<double> HeadWeight { get; } = gradient.AsSpan(p.Weights + (2 * p.Inputs), p.Outputs * p.Observables);

        public Span<double> HeadBias { get; } = gradient.AsSpan(p.Weights + (2 * p.Inputs) + (p.Outputs * p.Observables), p.Outputs);
    }
}
