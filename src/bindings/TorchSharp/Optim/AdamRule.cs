using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Optim;

/// <summary>What Adam and AdamW share, which differ in how weights decay alone.</summary>
/// <typeparam name="TOptions">The rule's options.</typeparam>
public abstract class AdamRule<TOptions> : OptimizerHelper, optim.IBetas
    where TOptions : AdamOptions, new()
{
    private readonly bool decoupled;
    private readonly TOptions defaults;
    private readonly List<(AdamGroup<TOptions> Group, AdamStep Step)> steps = [];

    private protected AdamRule(IEnumerable<AdamGroup<TOptions>> groups, TOptions defaults, bool decoupled)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(defaults.LearningRate!.Value, "lr");
        ArgumentOutOfRangeException.ThrowIfNegative(defaults.eps!.Value, "eps");
        ArgumentOutOfRangeException.ThrowIfNegative(defaults.weight_decay!.Value, "weight_decay");
        if (defaults.beta1 is < 0 or >= 1 || defaults.beta2 is < 0 or >= 1)
        {
            throw new ArgumentException($"beta1 and beta2 must lie in [0, 1): {defaults.beta1}, {defaults.beta2}");
        }

        (this.defaults, this.decoupled) = (defaults, decoupled);
        foreach (AdamGroup<TOptions> g in groups)
        {
            add_param_group(g);
        }
    }

    /// <inheritdoc/>
    public (double, double) Betas
    {
        get => steps[0].Group.Betas;
        set
        {
            foreach ((AdamGroup<TOptions> g, AdamStep _) in steps)
            {
                g.Betas = value;
            }
        }
    }

    /// <inheritdoc/>
    public override Tensor? step(Func<Tensor>? closure = null) => Step(closure);

    /// <inheritdoc/>
    public override void add_param_group(ParamGroup param_group)
    {
        var group = (AdamGroup<TOptions>)param_group;
        TOptions o = group.Options;
        o.LearningRate ??= defaults.LearningRate;
        o.InitialLearningRate = o.LearningRate!.Value;
        o.beta1 ??= defaults.beta1;
        o.beta2 ??= defaults.beta2;
        o.eps ??= defaults.eps;
        o.weight_decay ??= defaults.weight_decay;
        o.amsgrad ??= defaults.amsgrad;
        o.maximize ??= defaults.maximize;
        base.add_param_group(group);
        steps.Add((group, new AdamStep(group.Parameters, o.amsgrad!.Value)));
    }

    private protected static TOptions All(double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad, bool maximize) =>
        new() { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach ((AdamGroup<TOptions> _, AdamStep s) in steps)
        {
            s.Dispose();
        }
    }

    private protected override void StepGroup(ParamGroup group)
    {
        foreach ((AdamGroup<TOptions> g, AdamStep s) in steps)
        {
            if (ReferenceEquals(g, group))
            {
                TOptions o = g.Options;
                s.Run(o.LearningRate!.Value, o.beta1!.Value, o.beta2!.Value, o.eps!.Value, o.weight_decay!.Value, decoupled, o.maximize!.Value);
            }
        }
    }

    private protected override void ZeroGradients(ParamGroup group)
    {
        foreach ((AdamGroup<TOptions> g, AdamStep s) in steps)
        {
            if (ReferenceEquals(g, group))
            {
                s.ZeroGradients();
            }
        }
    }
}

/// <summary>The options of Adam and AdamW; null leaves the optimizer's default.</summary>
public class AdamOptions : OptimizerOptions
{
    /// <summary>The factor of the running mean of gradients.</summary>
    public double? beta1;

    /// <summary>The factor of the running mean of squared gradients.</summary>
    public double? beta2;

    /// <summary>Adam: the weight of the penalty on the squared weights; AdamW: by what share of the learning rate the weights shrink.</summary>
    public double? weight_decay;

    /// <summary>What is added to the denominator.</summary>
    public double? eps;

    /// <summary>Whether the greatest second moment so far is used.</summary>
    public bool? amsgrad;

    /// <summary>Whether the objective is maximised.</summary>
    public bool? maximize;
}

/// <summary>Parameters that share options of Adam or AdamW.</summary>
/// <typeparam name="TOptions">The rule's options.</typeparam>
public class AdamGroup<TOptions> : ParamGroup<TOptions>, optim.IBetas
    where TOptions : AdamOptions, new()
{
    /// <summary>An empty group.</summary>
    public AdamGroup()
    {
    }

    /// <summary>A group with the given options.</summary>
    public AdamGroup(IEnumerable<Parameter> parameters, TOptions options)
        : base(parameters, options)
    {
    }

    /// <inheritdoc/>
    public (double, double) Betas
    {
        get => (Options.beta1!.Value, Options.beta2!.Value);
        set => (Options.beta1, Options.beta2) = value;
    }
}
