using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Distillation.Data;

/// <summary>
/// Tables whose features are pixels, row by row and in [0, 1], for quanvolutional teachers and convolutional students: the IDX files of MNIST and its relatives, and archives of camera images in one
/// folder for each class. One class is the hazard, another is safe.
/// </summary>
public static partial class ImageTable
{
    private const int ImagesMagic = 0x0803, LabelsMagic = 0x0801;

    /// <summary>Images of two classes from a pair of IDX files, gzipped or not.</summary>
    /// <param name="images">The file of images.</param>
    /// <param name="labels">The file of their classes.</param>
    /// <param name="safe">The class that is safe.</param>
    /// <param name="hazard">The class that is the hazard.</param>
    /// <param name="count">How many images of both, from the beginning; 0 for all.</param>
    /// <param name="size">Rows and columns that images are averaged down to; a divisor of theirs.</param>
    /// <exception cref="UserErrorException">A file is absent or is not such a file, or the size does not divide the images'.</exception>
    public static TeacherDataset FromIdx(string images, string labels, int safe, int hazard, int count, int size)
    {
        byte[] pixels = ReadFile(images), classes = ReadFile(labels);
        (int n, int rows, int columns) = pixels.Length >= 16 && Int(pixels, 0) == ImagesMagic ? (Int(pixels, 4), Int(pixels, 8), Int(pixels, 12)) : throw Wrong(images, "images");
        if (classes.Length < 8 || Int(classes, 0) != LabelsMagic || Int(classes, 4) != n || classes.Length != 8 + n)
        {
            throw Wrong(labels, $"{n} classes");
        }

        if (n < 0 || rows < 1 || columns < 1 || pixels.Length != 16L + ((long)n * rows * columns))
        {
            throw Wrong(images, $"{n} images of {rows}×{columns} pixels");
        }

        if (size < 1 || rows % size != 0 || columns % size != 0)
        {
            throw new UserErrorException($"images of {rows}×{columns} pixels cannot be averaged down to {size}×{size}", images, "choose a size that divides both");
        }

        int[] chosen = [.. Enumerable.Range(0, n).Where(i => classes[8 + i] == safe || classes[8 + i] == hazard).Take(count == 0 ? n : count)];
        float[] features = new float[chosen.Length * size * size];
        for (int i = 0; i < chosen.Length; i++)
        {
            Average(pixels.AsSpan(16 + (chosen[i] * rows * columns), rows * columns), columns, rows / size, columns / size, features.AsSpan(i * size * size, size * size), size);
        }

        return Table([Path.GetFileName(images)], new int[chosen.Length], features, [.. chosen.Select(i => classes[8 + i] == hazard ? Truth.Hazard : Truth.Safe)], size);
    }

    /// <summary>
    /// Camera images from a zip archive with JPEG files in the folders <c>free</c> and <c>blocked</c>. Copies of one picture, which differ in what follows their number, make one bag, so that a split by bag
    /// does not test on a rotated copy of what it trained on.
    /// </summary>
    /// <param name="archive">The archive.</param>
    /// <param name="size">Rows and columns that images are averaged down to.</param>
    /// <exception cref="UserErrorException">The archive is absent, is none, or holds a picture that cannot be read.</exception>
    public static TeacherDataset FromJpegArchive(string archive, int size)
    {
        using ZipArchive zip = Open(archive);
        ZipArchiveEntry[] entries = [.. zip.Entries.Where(e => e.Name.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase)).OrderBy(e => e.FullName, StringComparer.Ordinal)];
        var bags = new List<string>();
        var bagOf = new List<int>();
        var truth = new List<Truth>();
        float[] features = new float[entries.Length * size * size];
        var decoder = new JpegDecoder(size, size);
        var reducer = new ImageReducer(size, size);
        for (int i = 0; i < entries.Length; i++)
        {
            string folder = Path.GetFileName(Path.GetDirectoryName(entries[i].FullName)!), picture = $"{folder} {Number().Match(entries[i].Name).Value}";
            truth.Add(folder switch
            {
                "blocked" => Truth.Hazard,
                "free" => Truth.Safe,
                _ => throw new UserErrorException($"the picture {entries[i].FullName} lies in neither 'free' nor 'blocked'", archive),
            });
            using var bytes = new MemoryStream();
            using (Stream stream = entries[i].Open())
            {
                stream.CopyTo(bytes);
            }

            ImageProblem problem = decoder.Decode(bytes.ToArray(), out ReadOnlySpan<byte> grey, out int width, out int height);
            if (problem != ImageProblem.None)
            {
                throw new UserErrorException($"the picture {entries[i].FullName} cannot be read ({problem.Describe("jpeg", false)})", archive);
            }

            Span<float> row = features.AsSpan(i * size * size, size * size);
            reducer.Reduce(PixelFormat.Of("mono8"), width, height, width, false, grey, row);
            for (int p = 0; p < row.Length; p++)
            {
                row[p] /= 255;
            }

            if (bags.LastOrDefault() != picture)
            {
                bags.Add(picture);
            }

            bagOf.Add(bags.Count - 1);
        }

        return entries.Length > 0 ? Table(bags, [.. bagOf], features, [.. truth], size) : throw new UserErrorException("holds no JPEG picture", archive);
    }

    private static TeacherDataset Table(IReadOnlyList<string> bags, int[] bagOf, float[] features, Truth[] truth, int size)
    {
        string[] names = [.. Enumerable.Range(0, size * size).Select(i => $"pixel.{i / size}_{i % size}")];
        string schema = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names))));
        return new TeacherDataset(schema, names, [WindowTable.Collision], bags, [.. Enumerable.Range(0, truth.Length).Select(i => (long)i)], bagOf, features, truth);
    }

    private static void Average(ReadOnlySpan<byte> image, int columns, int blockRows, int blockColumns, Span<float> into, int size)
    {
        for (int i = 0; i < into.Length; i++)
        {
            int sum = 0;
            for (int r = 0; r < blockRows; r++)
            {
                for (int c = 0; c < blockColumns; c++)
                {
                    sum += image[(((i / size * blockRows) + r) * columns) + (i % size * blockColumns) + c];
                }
            }

            into[i] = sum / (255f * blockRows * blockColumns);
        }
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length < 2 || bytes[0] != 0x1F || bytes[1] != 0x8B)
            {
                return bytes;
            }

            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            return plain.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UserErrorException($"cannot be read ({e.Message.TrimEnd('.')})", path, null, e);
        }
    }

    private static ZipArchive Open(string archive)
    {
        try
        {
            return ZipFile.OpenRead(archive);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UserErrorException($"cannot be read ({e.Message.TrimEnd('.')})", archive, null, e);
        }
    }

    private static int Int(byte[] bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));

    private static UserErrorException Wrong(string path, string what) => new($"is not an IDX file of {what}, or is cut off", path, "download it again");

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
