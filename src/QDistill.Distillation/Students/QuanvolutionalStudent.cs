using QDistill.Configuration;
using QDistill.Distillation.QuantumLayers;
using QDistill.Distillation.Training;
using QDistill.Numerics;
using QDistill.Quantum;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>
/// A quanvolution (Henderson et al., Quantum Mach. Intell. 2, 2 (2020)) with a trained filter (Piperno et al. 2024): the pixels of every patch, as angles π/4·z with z within ±3 deviations, enter one
/// circuit; its ⟨Z⟩ values are the channels, and a linear layer reads all of them.
/// </summary>
public sealed class QuanvolutionalStudent : StudentNetwork
{
    private readonly QuantumLayer circuit;
    private readonly Linear leave;
    private readonly Tensor pixels;
    private readonly PatchGrid grid;

    /// <summary>Creates a freshly initialised student.</summary>
    /// <exception cref="UserErrorException">The image has another number of pixels than there are features.</exception>
    public QuanvolutionalStudent(int features, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(QuanvolutionalStudent), spec)
    {
        grid = new PatchGrid(spec.Image[0], spec.Image[1], spec.Patch, spec.Stride);
        if (grid.Pixels != features)
        {
            throw new UserErrorException($"a quanvolution over {spec.Image[0]}×{spec.Image[1]} pixels needs {grid.Pixels} features, but the data have {features}", null, "set image to the data's rows and columns, or choose another kind");
        }

        circuit = new QuantumLayer(
            TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, spec.Patch * spec.Patch), seed: seed, spread: 0.5, options: new StateVectorOptions { Threads = 1 });
        leave = nn.Linear((long)spec.Qubits * grid.Places, outputs);
        register_module(nameof(circuit), circuit);
        register_module(nameof(leave), leave);
        var rng = new Philox(seed, MlpStudent.InitialisationStream);
        Fill(leave.weight, Bound("tanh", true, (long)spec.Qubits * grid.Places), ref rng);
        Fill(leave.bias!, 0, ref rng);
        pixels = tensor([.. grid.Indices.Select(i => (long)i)]).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override long HiddenWidth => leave.weight.shape[1];

    /// <inheritdoc/>
    public override StudentPass Pass(Tensor input)
    {
        long b = input.shape[0], places = grid.Places;
        Tensor patches = (input.clamp(-3, 3) * (Math.PI / 4)).index_select(1, pixels).reshape(b * places, Spec.Patch * Spec.Patch);
        Tensor map = circuit.forward(patches).reshape(b, places, Spec.Qubits).transpose(1, 2).contiguous(), flat = map.flatten(1);
        return new StudentPass(leave.forward(flat), flat, flat, map.reshape(b, Spec.Qubits, grid.Rows, grid.Columns));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pixels.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>Where the patches of an image lie.</summary>
/// <param name="height">Rows of pixels.</param>
/// <param name="width">Columns of pixels.</param>
/// <param name="patch">Rows and columns of a patch.</param>
/// <param name="stride">Pixels from one patch to the next.</param>
internal sealed class PatchGrid(int height, int width, int patch, int stride)
{
    /// <summary>Pixels of the image.</summary>
    public int Pixels => height * width;

    /// <summary>Rows of patches.</summary>
    public int Rows => ((height - patch) / stride) + 1;

    /// <summary>Columns of patches.</summary>
    public int Columns => ((width - patch) / stride) + 1;

    /// <summary>Patches.</summary>
    public int Places => Rows * Columns;

    /// <summary>The pixel behind every entry of [places, patch · patch].</summary>
    public int[] Indices
    {
        get
        {
            int[] indices = new int[Places * patch * patch];
            for (int i = 0; i < indices.Length; i++)
            {
                int within = i % (patch * patch), place = i / (patch * patch);
                indices[i] = (((place / Columns * stride) + (within / patch)) * width) + (place % Columns * stride) + (within % patch);
            }

            return indices;
        }
    }
}
