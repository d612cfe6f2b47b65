namespace TorchSharp;

/// <summary>Kinds of devices, with libtorch's numbers. This build runs on the CPU.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    CPU = 0,

    /// <summary>An Nvidia card.</summary>
    CUDA = 1,

    /// <summary>An Apple graphics processor.</summary>
    MPS = 13,

    /// <summary>Shapes without data.</summary>
    META = 14,
}

public static partial class torch
{
    /// <summary>The processor.</summary>
    public static readonly Device CPU = new(DeviceType.CPU, -1);

    /// <summary>A device from its description, such as <c>cpu</c> or <c>cuda:0</c>.</summary>
    public static Device device(string description) => new(description);

    /// <summary>A device from its kind and index.</summary>
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    /// <summary>Where a tensor lives.</summary>
    public class Device
    {
        /// <summary>Parses a description such as <c>cpu</c> or <c>cuda:0</c>.</summary>
        /// <exception cref="ArgumentException">Unknown device.</exception>
        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = parts[0] switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                "mps" => DeviceType.MPS,
                "meta" => DeviceType.META,
                _ => throw new ArgumentException($"unknown device {description}", nameof(description)),
            };
            index = parts.Length == 1 ? -1 : int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        /// <summary>A device from its kind and index (-1: the current one).</summary>
        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        /// <summary>The kind.</summary>
        public DeviceType type { get; private set; }

        /// <summary>The index, or -1.</summary>
        public int index { get; private set; }

        /// <summary>Parses a description.</summary>
        public static implicit operator Device(string description) => new(description);

        /// <inheritdoc/>
        public override string ToString() => type.ToString().ToLowerInvariant() + (index < 0 ? string.Empty : $":{index}");
    }

    /// <summary>Graphics cards: none in this build.</summary>
    public static partial class cuda
    {
        /// <summary>False: this build has no CUDA.</summary>
        public static bool is_available() => false;

        /// <summary>0: this build has no CUDA.</summary>
        public static int device_count() => 0;
    }

    /// <summary>False: this build has no CUDA.</summary>
    public static bool cuda_is_available() => false;
}
