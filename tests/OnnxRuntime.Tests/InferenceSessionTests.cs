using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime.Tests;

public class InferenceSessionTests(Models models) : IClassFixture<Models>
{
    [Fact]
    public void Names_types_shapes_and_metadata_are_the_models()
    {
        using var session = new InferenceSession(models.Mlp);
        Assert.Equal(["x"], session.InputNames);
        Assert.Equal(["p", "logits"], session.OutputNames);
        NodeMetadata x = session.InputMetadata["x"];
        Assert.True(x.IsTensor);
        Assert.Equal(TensorElementType.Float, x.ElementDataType);
        Assert.Equal(typeof(float), x.ElementType);
        Assert.Equal([-1, 8], x.Dimensions);
        Assert.Equal("N", x.SymbolicDimensions[0]);
        Assert.Equal("make_models", session.ModelMetadata.ProducerName);
        Assert.Equal("mlp", session.ModelMetadata.GraphName);
        Assert.Equal("a model of the tests", session.ModelMetadata.Description);
        Assert.Equal("blue", session.ModelMetadata.CustomMetadataMap["colour"]);
        Assert.Equal("größe", session.ModelMetadata.CustomMetadataMap["ünïcode"]);
        Assert.Equal(string.Empty, session.ModelMetadata.CustomMetadataMap["empty"]);
        Assert.Equal(3, session.ModelMetadata.CustomMetadataMap.Count);
    }

    [Fact]
    public void A_run_computes_what_numpy_computes()
    {
        using var session = new InferenceSession(models.Mlp);
        using var options = new RunOptions();
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(models.Expected["x"], [5, 8]);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["logits", "p"]);
        AssertClose(models.Expected["logits"], results[0].GetTensorDataAsSpan<float>());
        AssertClose(models.Expected["p"], results[1].GetTensorDataAsSpan<float>());
        OrtTensorTypeAndShapeInfo info = results[1].GetTensorTypeAndShape();
        Assert.Equal([5, 3], info.Shape);
        Assert.Equal(15, info.ElementCount);
        Assert.Equal(TensorElementType.Float, info.ElementDataType);
    }

    [Fact]
    public void A_bound_run_reads_and_writes_the_callers_memory_and_allocates_nothing()
    {
        using SessionOptions session1 = OneThread();
        using var session = new InferenceSession(File.ReadAllBytes(models.Mlp), session1);
        using var options = new RunOptions();
        using OrtIoBinding binding = session.CreateIoBinding();
        float[] input = new float[8], p = new float[3], logits = new float[3];
        using OrtValue vx = OrtValue.CreateTensorValueFromMemory(input, [1, 8]), vp = OrtValue.CreateTensorValueFromMemory(p, [1, 3]), vl = OrtValue.CreateTensorValueFromMemory(logits, [1, 3]);
        binding.BindInput("x", vx);
        binding.BindOutput("p", vp);
        binding.BindOutput("logits", vl);
        for (int row = 0; row < 5; row++)
        {
            models.Expected["x"].AsSpan(row * 8, 8).CopyTo(input);
            session.RunWithBinding(options, binding);
            AssertClose(models.Expected["p"].AsSpan(row * 3, 3), p);
            AssertClose(models.Expected["logits"].AsSpan(row * 3, 3), logits);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            session.RunWithBinding(options, binding);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Integers_and_booleans_keep_their_types()
    {
        using var session = new InferenceSession(models.Typed);
        using var options = new RunOptions();
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(new long[] { 1, 2, 3, 4, 5, 6 }, [2, 3]), flag = OrtValue.CreateTensorValueFromMemory(new[] { true }, []);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, new Dictionary<string, OrtValue> { ["x"] = x, ["flag"] = flag }, ["s", "no"]);
        Assert.Equal(21L, results[0].GetTensorDataAsSpan<long>()[0]);
        Assert.False(results[1].GetTensorDataAsSpan<bool>()[0]);
        Assert.Throws<OnnxRuntimeException>(() => results[0].GetTensorDataAsSpan<float>().Length);
    }

    [Fact]
    public void Sessions_run_side_by_side_on_many_threads()
    {
        using SessionOptions one = OneThread();
        using var session = new InferenceSession(File.ReadAllBytes(models.Mlp), one);
        Parallel.For(0, 4, _ =>
        {
            using var options = new RunOptions();
            for (int i = 0; i < 50; i++)
            {
                using OrtValue x = OrtValue.CreateTensorValueFromMemory(models.Expected["x"], [5, 8]);
                using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["p"]);
                AssertClose(models.Expected["p"], results[0].GetTensorDataAsSpan<float>());
            }
        });
    }

    [Fact]
    public void What_the_engine_refuses_is_an_exception_with_its_text()
    {
        Assert.Contains("protobuf parsing failed", Assert.Throws<OnnxRuntimeException>(() => new InferenceSession([1, 2, 3])).Message);
        using var session = new InferenceSession(models.Mlp);
        using var options = new RunOptions();
        using OrtValue wrong = OrtValue.CreateTensorValueFromMemory(new float[7], [1, 7]);
        OnnxRuntimeException shape = Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [wrong], ["p"]));
        Assert.Contains("[ErrorCode:InvalidArgument]", shape.Message);
        Assert.Contains("Expected: 8", shape.Message);
        using OrtValue right = OrtValue.CreateTensorValueFromMemory(new float[8], [1, 8]);
        Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["y"], [right], ["p"]));
        Assert.Throws<ArgumentException>(() => session.Run(options, ["x", "y"], [right], ["p"]));
        Assert.Throws<OnnxRuntimeException>(() => OrtValue.CreateTensorValueFromMemory(new float[7], [1, 8]));
        options.Terminate = true;
        Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [right], ["p"]));
    }

    [Fact]
    public void Disposed_things_say_so()
    {
        var session = new InferenceSession(models.Mlp);
        OrtValue x = OrtValue.CreateTensorValueFromMemory(new float[8], [1, 8]);
        OrtIoBinding binding = session.CreateIoBinding();
        x.Dispose();
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => binding.BindInput("x", x));
        session.Dispose();
        session.Dispose();
        using var options = new RunOptions();
        Assert.Throws<ObjectDisposedException>(() => session.RunWithBinding(options, binding));
        binding.Dispose();
    }

    [Fact]
    public void Values_and_sessions_that_nobody_disposes_are_freed_by_the_collector()
    {
        for (int i = 0; i < 20; i++)
        {
            Leak(models.Mlp);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var session = new InferenceSession(models.Mlp);
        Assert.Single(session.InputNames);
    }

    private static void Leak(string path)
    {
        var session = new InferenceSession(path);
        OrtValue x = OrtValue.CreateTensorValueFromMemory(new float[8], [1, 8]);
        session.CreateIoBinding().BindInput("x", x);
    }

    private static SessionOptions OneThread() => new() { IntraOpNumThreads = 1, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, EnableMemoryPattern = true };

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }
}
