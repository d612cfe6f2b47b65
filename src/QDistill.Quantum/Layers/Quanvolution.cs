using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// A quanvolutional layer (Henderson et al., Quantum Mach. Intell. 2, 2 (2020)): one circuit slides over an image; its inputs are the pixels of a patch, its observables the channels of the result. With gradients by weights and pixels.
/// Arrays are row-major: images [batch, height, width], feature maps [batch, m, rows, columns].
/// </summary>
public sealed class Quanvolution : IDisposable
{
    private readonly StateVector engine;
    private readonly int size;
    private readonly int stride;

    /// <summary>Creates the layer.</summary>
    /// <param name="circuit">A circuit with size² inputs.</param>
    /// <param name="size">The side of a patch [pixels].</param>
    /// <param name="stride">The step of the patch [pixels].</param>
    /// <param name="observables">The channels; Z of every qubit when null.</param>
    /// <param name="options">How the simulator runs.</param>
    /// <exception cref="UserErrorException">The circuit's inputs do not fit the patch.</exception>
    public Quanvolution(Circuit circuit, int size, int stride, IReadOnlyList<Observable>? observables = null, StateVectorOptions? options = null)
    {
        if (size < 1 || stride < 1 || circuit.InputCount != size * size)
        {
            throw new UserErrorException($"a patch of {size}×{size} pixels with stride {stride} does not fit a circuit of {circuit.InputCount} inputs");
        }

        engine = new StateVector(circuit, observables, options);
        (this.size, this.stride) = (size, stride);
    }

    /// <summary>The number of channels m.</summary>
    public int Channels => engine.Observables.Count;

    /// <summary>The size of a feature map.</summary>
    public (int Rows, int Columns) OutputSize(int height, int width)
    {
        if (height < size || width < size)
        {
            throw new UserErrorException($"an image of {height}×{width} pixels is smaller than the patch of {size}×{size}");
        }

        return (((height - size) / stride) + 1, ((width - size) / stride) + 1);
    }

    /// <summary>The feature maps of images.</summary>
    public double[] Forward(ReadOnlySpan<double> weights, ReadOnlySpan<double> images, int batch, int height, int width)
    {
        (int rows, int columns) = OutputSize(height, width);
        double[] patches = Patches(images, batch, height, width);
        return ToMaps(engine.Expectations(weights, patches, batch * rows * columns), batch, rows, columns);
    }

    /// <summary>The feature maps, and gradients of a loss whose derivative by the maps is a function of them.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="images">[batch, height, width]</param>
    /// <param name="batch">The number of images.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="mapGradient">dL/dmaps, given the maps.</param>
    /// <param name="weightGradient">Receives dL/dw [p].</param>
    /// <param name="imageGradient">Receives dL/dpixels [batch, height, width]; may be empty.</param>
    public double[] ForwardAndVjp(
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> images,
        int batch,
        int height,
        int width,
        Func<double[], double[]> mapGradient,
        Span<double> weightGradient,
        Span<double> imageGradient = default)
    {
        (int rows, int columns) = OutputSize(height, width);
        int places = rows * columns, m = Channels;
        double[] patches = Patches(images, batch, height, width);
        using ForwardPass pass = engine.Forward(weights, patches, batch * places);
        double[] maps = ToMaps(pass.Expectations, batch, rows, columns), upstream = mapGradient(maps), byPatch = new double[maps.Length], dx = imageGradient.IsEmpty ? [] : new double[patches.Length];
        for (int i = 0; i < batch; i++)
        {
            for (int c = 0; c < m; c++)
            {
                for (int p = 0; p < places; p++)
                {
                    byPatch[(((i * places) + p) * m) + c] = upstream[(((i * m) + c) * places) + p];
                }
            }
        }

        pass.Backward(byPatch, default, weightGradient, dx);
        imageGradient.Clear();
        for (int k = 0; k < dx.Length; k++)
        {
            imageGradient[Pixel(k, rows, columns, height, width)] += dx[k];
        }

        return maps;
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    private double[] Patches(ReadOnlySpan<double> images, int batch, int height, int width)
    {
        (int rows, int columns) = OutputSize(height, width);
        if (images.Length != (long)batch * height * width)
        {
            throw new UserErrorException($"{batch} images of {height}×{width} pixels need {(long)batch * height * width} numbers, but {images.Length} were given");
        }

        double[] patches = new double[batch * rows * columns * size * size];
        for (int k = 0; k < patches.Length; k++)
        {
            patches[k] = images[Pixel(k, rows, columns, height, width)];
        }

        return patches;
    }

    /// <summary>The pixel behind number k of the patches [batch, rows, columns, size, size].</summary>
    private int Pixel(int k, int rows, int columns, int height, int width)
    {
        int dx = k % size, dy = k / size % size, column = k / (size * size) % columns, row = k / (size * size * columns) % rows, image = k / (size * size * columns * rows);
        return (((image * height) + (row * stride) + dy) * width) + (column * stride) + dx;
    }

    private double[] ToMaps(double[] byPatch, int batch, int rows, int columns)
    {
        int places = rows * columns, m = Channels;
        double[] maps = new double[byPatch.Length];
        for (int i = 0; i < batch; i++)
        {
            for (int p = 0; p < places; p++)
            {
                for (int c = 0; c < m; c++)
                {
                    maps[(((i * m) + c) * places) + p] = byPatch[(((i * places) + p) * m) + c];
                }
            }
        }

        return maps;
    }
}
