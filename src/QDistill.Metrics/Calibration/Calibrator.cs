using System.Text.Json;
using System.Text.Json.Serialization;

namespace QDistill.Metrics;

/// <summary>
/// A monotone map from a predictor's probability to a calibrated one, fitted on validation data only. Its parameters travel as
/// <see cref="CalibrationParameters"/>, in the model contract and in reports.
/// </summary>
public abstract class Calibrator
{
    /// <summary>The name under which parameters are stored: <c>identity</c>, <c>temperature</c>, <c>platt</c> or <c>isotonic</c>.</summary>
    public abstract string Method { get; }

    /// <summary>The fitted parameters, from which <see cref="From"/> makes an equal calibrator.</summary>
    public abstract CalibrationParameters Parameters { get; }

    /// <summary>Calibrates one probability in [0, 1].</summary>
    public abstract double Calibrate(double p);

    /// <summary>Calibrates many; <paramref name="calibrated"/> may be the same memory as <paramref name="p"/>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Calibrate(ReadOnlySpan<double> p, Span<double> calibrated)
    {
        Inputs.CheckLengths(p.Length, calibrated.Length);
        for (int i = 0; i < p.Length; i++)
        {
            calibrated[i] = Calibrate(p[i]);
        }
    }

    /// <summary>The calibrator that the parameters describe.</summary>
    /// <exception cref="ArgumentException">The method is unknown, or a parameter is missing or senseless; the parameter is named.</exception>
    public static Calibrator From(CalibrationParameters parameters)
    {
        return parameters.Method switch
        {
            "identity" => IdentityCalibration.Instance,
            "temperature" => new TemperatureScaling(Need(parameters.Temperature, "temperature")),
            "platt" => new PlattScaling(Need(parameters.Slope, "slope"), Need(parameters.Intercept, "intercept")),
            "isotonic" => new IsotonicRegression(
                parameters.Inputs ?? throw Missing("inputs"), parameters.Outputs ?? throw Missing("outputs")),
            _ => throw new ArgumentException($"calibration method '{parameters.Method}' is unknown; known are identity, temperature, platt, isotonic"),
        };

        double Need(double? value, string name) => value ?? throw Missing(name);
        ArgumentException Missing(string name) => new($"calibration '{parameters.Method}' lacks its parameter '{name}'");
    }
}

/// <summary>Parameters of a <see cref="Calibrator"/>, ready for JSON (snake_case; only the method's own fields are written).</summary>
public sealed record CalibrationParameters
{
    /// <summary>See <see cref="Calibrator.Method"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Temperature T &gt; 0 of <c>σ(z / T)</c>.</summary>
    public double? Temperature { get; init; }

    /// <summary>Slope a of <c>σ(a z + b)</c>.</summary>
    public double? Slope { get; init; }

    /// <summary>Intercept b of <c>σ(a z + b)</c>.</summary>
    public double? Intercept { get; init; }

    /// <summary>Rising knots of the isotonic map, probabilities before calibration.</summary>
    public double[]? Inputs { get; init; }

    /// <summary>Calibrated probabilities at the knots.</summary>
    public double[]? Outputs { get; init; }

    /// <summary>As one line of JSON; numbers keep their every bit.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CalibrationJson.Default.CalibrationParameters);

    /// <summary>Reads <see cref="ToJson"/>'s line.</summary>
    /// <exception cref="ArgumentException">The text is not that; the reason is told.</exception>
    public static CalibrationParameters FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CalibrationJson.Default.CalibrationParameters) ?? throw new ArgumentException("calibration parameters are null");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"calibration parameters cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Source-generated JSON: no reflection, so that it survives trimming.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CalibrationParameters))]
internal sealed partial class CalibrationJson : JsonSerializerContext;

/// <summary>No calibration: the predictor's own probabilities.</summary>
public sealed class IdentityCalibration : Calibrator
{
    private IdentityCalibration()
    {
    }

    /// <summary>The one instance.</summary>
    public static IdentityCalibration Instance { get; } = new();

    /// <inheritdoc/>
    public override string Method => "identity";

    /// <inheritdoc/>
    public override CalibrationParameters Parameters => new() { Method = Method };

    /// <inheritdoc/>
    public override double Calibrate(double p) => p;
}
